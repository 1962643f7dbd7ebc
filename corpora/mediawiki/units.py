# ruff: noqa: E501 - a row a unit
"""Units of measurement as {{convert}} knows them: data.

https://en.wikipedia.org/wiki/Module:Convert/data: codes, symbol, name in the singular and plural,
size in the SI's unit of its kind, and what it is converted to where the article does not say.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; `offset` is its zero in kelvins for temperatures, else 0."""

    kind: str
    symbol: str
    singular: str
    plural: str
    size: float
    into: str = ""
    offset: float = 0.0


#: Kind, then rows of `codes; symbol; singular; plural; size; into`. A plural `-` is the singular
#: and s; a name that is missing is the symbol.
_TABLE: Final = {
    "length": """
        m; m; metre; -; 1; ft
        km; km; kilometre; -; 1000; mi
        cm; cm; centimetre; -; .01; in
        mm; mm; millimetre; -; .001; in
        um μm µm; μm; micrometre; -; 1e-6
        nm; nm; nanometre; -; 1e-9
        pm; pm; picometre; -; 1e-12
        dm; dm; decimetre; -; .1
        Å angstrom; Å; ångström; -; 1e-10
        ft foot feet; ft; foot; feet; .3048; m
        in inch inches; in; inch; inches; .0254; mm
        yd; yd; yard; -; .9144; m
        mi mile miles; mi; mile; -; 1609.344; km
        nmi; nmi; nautical mile; -; 1852; km mi
        fathom; fathom; fathom; -; 1.8288; ft m
        furlong; furlong; furlong; -; 201.168
        chain; chain; chain; -; 20.1168
        Mm; Mm; megametre; -; 1e6
        Gm; Gm; gigametre; -; 1e9; mi
        AU au; AU; astronomical unit; -; 149597870700
        ly; ly; light-year; -; 9.4607304725808e15
        pc; pc; parsec; -; 3.0856775814913673e16
        kpc; kpc; kiloparsec; -; 3.0856775814913673e19
        Mpc; Mpc; megaparsec; -; 3.0856775814913673e22""",
    "mass": """
        kg; kg; kilogram; -; 1; lb
        g; g; gram; -; .001; oz
        mg; mg; milligram; -; 1e-6
        ug μg µg; μg; microgram; -; 1e-9
        t tonne MT; t; tonne; -; 1000
        lb lbs pound; lb; pound; -; .45359237; kg
        oz; oz; ounce; -; .028349523125; g
        ozt; ozt; troy ounce; -; .0311034768
        st stone; st; stone; stone; 6.35029318; lb kg
        LT long_ton L/T; long ton; long ton; -; 1016.0469088
        ST short_ton S/T; short ton; short ton; -; 907.18474
        gr; gr; grain; -; .00006479891""",
    "area": """
        m2 sqm; m2; square metre; -; 1; sqft
        km2 sqkm; km2; square kilometre; -; 1e6; sqmi
        cm2 sqcm; cm2; square centimetre; -; 1e-4; sqin
        mm2 sqmm; mm2; square millimetre; -; 1e-6; sqin
        ha hectare; ha; hectare; -; 1e4; acre
        acre acres; acre; acre; -; 4046.8564224; ha
        sqmi mi2; sq mi; square mile; -; 2589988.110336; km2
        sqft ft2; sq ft; square foot; square feet; .09290304; m2
        sqin in2; sq in; square inch; square inches; .00064516; cm2
        sqyd; sq yd; square yard; -; .83612736; m2""",
    "volume": """
        m3; m3; cubic metre; -; 1; cuft
        cm3 cc ccm; cm3; cubic centimetre; -; 1e-6; cuin
        km3; km3; cubic kilometre; -; 1e9; cumi
        L l; L; litre; -; .001; impgal USgal
        mL ml; mL; millilitre; -; 1e-6; impfloz USfloz
        cuft ft3; cu ft; cubic foot; cubic feet; .028316846592; m3
        cuin; cu in; cubic inch; cubic inches; 1.6387064e-5; cm3
        cuyd; cu yd; cubic yard; -; .764554857984; m3
        cumi; cu mi; cubic mile; -; 4168181825.44058; km3
        USgal usgal U.S.gal gal; US gal; US gallon; -; .003785411784; L impgal
        impgal; imp gal; imperial gallon; -; .00454609; L USgal
        USqt; US qt; US quart; -; .000946352946
        USfloz; US fl oz; US fluid ounce; -; 2.95735295625e-5; mL
        impfloz; imp fl oz; imperial fluid ounce; -; 2.84130625e-5; mL
        acre.ft acre·ft; acre⋅ft; acre-foot; acre-feet; 1233.48183754752; m3
        oilbbl; bbl; barrel; -; .158987294928; m3""",
    "speed": """
        m/s; m/s; metre per second; metres per second; 1; ft/s
        km/h kph; km/h; kilometre per hour; kilometres per hour; .27777777777777778; mph
        km/s; km/s; kilometre per second; kilometres per second; 1000; mi/s
        mph; mph; mile per hour; miles per hour; .44704; km/h
        mi/s; mi/s; mile per second; miles per second; 1609.344; km/s
        ft/s; ft/s; foot per second; feet per second; .3048; m/s
        kn knot knots; kn; knot; -; .51444444444444444; km/h mph""",
    "temperature": """
        C °C; °C; °C; °C; 1; F
        F °F; °F; °F; °F; .55555555555555556; C
        K; K; K; K; 1; C F""",
    "difference of temperatures": """
        C-change; °C; °C; °C; 1; F-change
        F-change; °F; °F; °F; .55555555555555556; C-change""",
    "power": """
        W; W; watt; -; 1; hp
        kW; kW; kilowatt; -; 1000; hp
        MW; MW; megawatt; -; 1e6; hp
        GW; GW; gigawatt; -; 1e9; hp
        hp; hp; horsepower; horsepower; 745.69987158227; kW
        PS; PS; metric horsepower; metric horsepower; 735.49875; kW""",
    "energy": """
        J; J; joule; -; 1
        kJ; kJ; kilojoule; -; 1000
        MJ; MJ; megajoule; -; 1e6
        kcal; kcal; kilocalorie; -; 4184; kJ
        cal; cal; calorie; -; 4.184; J
        kWh; kWh; kilowatt-hour; -; 3.6e6; MJ
        MWh; MWh; megawatt-hour; -; 3.6e9; GJ
        GJ; GJ; gigajoule; -; 1e9
        eV; eV; electronvolt; -; 1.602176634e-19
        BTU; BTU; British thermal unit; -; 1055.05585262; kJ""",
    "pressure": """
        Pa; Pa; pascal; -; 1; psi
        hPa; hPa; hectopascal; -; 100; inHg
        kPa; kPa; kilopascal; -; 1000; psi
        MPa; MPa; megapascal; -; 1e6; ksi
        GPa; GPa; gigapascal; -; 1e9
        bar; bar; bar; -; 1e5; kPa
        mbar; mbar; millibar; -; 100; inHg
        psi; psi; pound per square inch; pounds per square inch; 6894.757293168361; kPa
        ksi; ksi; kilopound per square inch; kilopounds per square inch; 6894757.293168361; MPa
        atm; atm; standard atmosphere; -; 101325; kPa
        inHg; inHg; inch of mercury; inches of mercury; 3386.388640341; kPa
        mmHg; mmHg; millimetre of mercury; millimetres of mercury; 133.322387415; kPa
        Torr; Torr; torr; torr; 133.322368421; kPa""",
    "force": """
        N; N; newton; -; 1; lbf
        kN; kN; kilonewton; -; 1000; lbf
        lbf; lbf; pound-force; pounds-force; 4.4482216152605; N
        kgf; kgf; kilogram-force; kilograms-force; 9.80665; N lbf""",
    "density": """
        kg/m3; kg/m3; kilogram per cubic metre; kilograms per cubic metre; 1; lb/cuyd
        g/cm3; g/cm3; gram per cubic centimetre; grams per cubic centimetre; 1000; oz/cuin
        lb/cuyd; lb/cu yd; pound per cubic yard; pounds per cubic yard; .593276421257783; kg/m3
        oz/cuin; oz/cu in; ounce per cubic inch; ounces per cubic inch; 1729.99404438816; g/cm3""",
    "population density": """
        PD/sqkm PD/km2; /km2; inhabitant per square kilometre; inhabitants per square kilometre; 1; /sqmi
        PD/sqmi; /sq mi; inhabitant per square mile; inhabitants per square mile; .38610215854245; /km2
        /km2; /km2; per square kilometre; per square kilometre; 1; /sqmi
        /sqmi; /sq mi; per square mile; per square mile; .38610215854245; /km2
        /ha; /ha; per hectare; per hectare; 100; /acre
        /acre; /acre; per acre; per acre; 247.10538146717; /ha""",
    "flow": """
        m3/s; m3/s; cubic metre per second; cubic metres per second; 1; cuft/s
        cuft/s; cu ft/s; cubic foot per second; cubic feet per second; .028316846592; m3/s""",
    "frequency": """
        Hz; Hz; hertz; hertz; 1
        kHz; kHz; kilohertz; kilohertz; 1000
        MHz; MHz; megahertz; megahertz; 1e6
        GHz; GHz; gigahertz; gigahertz; 1e9""",
}
#: Zeros of the scales of temperature, in kelvins.
_OFFSETS: Final = {"C": 273.15, "°C": 273.15, "F": 459.67 / 1.8, "°F": 459.67 / 1.8}


def _units() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for kind, rows in _TABLE.items():
        for row in rows.strip().split("\n"):
            codes, symbol, singular, plural, size, into = (
                part.strip() for part in (row + ";").split(";")[:6]
            )
            plural = singular + "s" if plural == "-" else plural
            for code in codes.split():
                offset = _OFFSETS.get(code, 0.0)
                unit = Unit(kind, symbol, singular, plural, float(size), into, offset)
                found[code.replace("_", " ")] = unit
    return found


UNITS: Final = _units()
