"""Planets of the Open Exoplanet Catalogue: its XML systems, and the tables made of them.

Format: https://github.com/OpenExoplanetCatalogue, open_exoplanet_catalogue/README.md, "Data
Structure", and oec_tables/FIELDS.md. Masses and radii of planets are in
those of Jupiter, of stars in those of the Sun; distances in parsecs, ages in Gyr.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from corpora.documents import RecordUnreadable
from corpora.exoplanet.planets import Body, Planet
from corpora.exoplanet.quantities import Quantity, measured, number

CATALOGUE: Final = "Open Exoplanet Catalogue"

#: Tags of a planet, in the table too, and the characteristics that they are.
_PLANET: Final = {
    "mass": "mass",
    "radius": "radius",
    "period": "period",
    "semimajoraxis": "semi_major_axis",
    "separation": "separation",
    "eccentricity": "eccentricity",
    "inclination": "inclination",
    "periastron": "longitude_of_periastron",
    "longitude": "longitude",
    "meananomaly": "mean_anomaly",
    "ascendingnode": "ascending_node",
    "temperature": "temperature",
    "age": "age",
    "impactparameter": "impact_parameter",
    "spinorbitalignment": "spin_orbit_angle",
    "tilt": "tilt",
}
_TIMES: Final = {
    "transittime": "transit_time",
    "periastrontime": "periastron_time",
    "maximumrvtime": "velocity_maximum_time",
}
_STAR: Final = {
    "mass": "mass",
    "radius": "radius",
    "temperature": "temperature",
    "metallicity": "metallicity",
    "age": "age",
    **{f"mag{band}": f"magnitude_{band}" for band in "UBVRIJHK"},
}
_UNITS_OF_SEPARATION: Final = {"arcsec": "angular_separation", "mas": "separation_mas"}
#: Lists that a planet is on -> the noun phrase that it is; the first that fits.
_KINDS: Final = (
    ("Retracted planet candidate", "a retracted exoplanet candidate"),
    ("Controversial", "a controversial exoplanet candidate"),
    ("Solar System", "a planet of the Solar System"),
    ("Kepler Objects of Interest", "an exoplanet candidate (a Kepler Object of Interest)"),
    ("Orphan planets", "a free-floating planet"),
)
_REMARKS: Final = (
    ("P-type", "It is a circumbinary planet: it orbits both stars of a binary."),
    ("S-type", "Its star is a member of a binary or multiple star system."),
    ("globular clusters", "It belongs to a globular cluster."),
    ("open clusters", "It belongs to an open cluster."),
)
#: Kaggle's copy of the tables has columns of its own names.
COLUMN_NAMES: Final = {
    "PlanetIdentifier": "name", "TypeFlag": "binaryflag", "PlanetaryMassJpt": "mass",
    "RadiusJpt": "radius", "PeriodDays": "period", "SemiMajorAxisAU": "semimajoraxis",
    "Eccentricity": "eccentricity", "PeriastronDeg": "periastron", "LongitudeDeg": "longitude",
    "AscendingNodeDeg": "ascendingnode", "InclinationDeg": "inclination",
    "SurfaceTempK": "temperature", "AgeGyr": "age", "DiscoveryMethod": "discoverymethod",
    "DiscoveryYear": "discoveryyear", "LastUpdated": "lastupdate",
    "RightAscension": "system_rightascension", "Declination": "system_declination",
    "DistFromSunParsec": "system_distance", "HostStarMassSlrMass": "hoststar_mass",
    "HostStarRadiusSlrRad": "hoststar_radius", "HostStarMetallicity": "hoststar_metallicity",
    "HostStarTempK": "hoststar_temperature", "HostStarAgeGyr": "hoststar_age",
    "ListsPlanetIsOn": "list",
}  # fmt: skip
#: Tables before 2021 describe their columns in comments, in this order, and have no first row.
OLD_COLUMNS: Final = tuple(COLUMN_NAMES.values())


def planet_of_row(cells: Mapping[str, str]) -> Planet:
    """The planet of a table's row. Raises RecordUnreadable where it has no name."""
    name = cells.get("name", "")
    if not name:
        raise RecordUnreadable("no planet's name")
    quantities = {
        key: quantity for tag, key in _PLANET.items() if (quantity := measured(cells.get(tag)))
    }
    star = {
        key: quantity
        for tag, key in _STAR.items()
        if (quantity := measured(cells.get(f"hoststar_{tag}")))
    }
    if _is_either_mass(cells.get("discoverymethod", ""), quantities):
        quantities["either_mass"] = quantities.pop("mass")
    lists, flag = cells.get("list", ""), cells.get("binaryflag", "")
    lists += {"1": " P-type", "2": " S-type", "3": " Orphan planets"}.get(flag.strip(), "")
    return Planet(
        Body((name,), quantities),
        kind=_kind(lists),
        stars=(Body(quantities=star),) if star else (),
        method=cells.get("discoverymethod", ""),
        year=cells.get("discoveryyear", ""),
        remarks=tuple(_remarks(lists)),
        system=Body(quantities={"distance": measured(cells.get("system_distance"))}),
        right_ascension=cells.get("system_rightascension", ""),
        declination=cells.get("system_declination", ""),
        catalogue=CATALOGUE,
    )


def planet_elements(system: etree._Element) -> list[etree._Element]:
    """The planets of a system, in the order of the file."""
    return list(system.iter("planet"))


def planet_of_element(planet: etree._Element, system: etree._Element) -> Planet:
    """A planet of a system's XML. Raises RecordUnreadable where it has no name."""
    names = _names(planet)
    if not names:
        raise RecordUnreadable("no planet's name")
    host = planet.getparent()
    stars: tuple[etree._Element, ...] = ()
    orbits = None
    if host is not None and host.tag == "star":
        stars = (host,)
        orbits = f"the star {_names(host)[0]}" if _names(host) else None
    elif host is not None and host.tag == "binary":
        stars = tuple(host.iter("star"))
        orbits = f"the binary star {_names(host)[0]}" if _names(host) else "a binary star"
    lists = ", ".join(_texts(planet, "list"))
    kind = _kind(lists)
    quantities = dict(_quantities(planet))
    if _is_either_mass(_text(planet, "discoverymethod"), quantities):
        quantities["either_mass"] = quantities.pop("mass")
    return Planet(
        Body(names, quantities, dict(_words(planet))),
        kind=kind,
        stars=tuple(_star(star) for star in stars),
        orbits=orbits,
        method=_text(planet, "discoverymethod"),
        year=_text(planet, "discoveryyear"),
        remarks=(*_remarks(lists), *_transits(planet)),
        descriptions=tuple(_texts(planet, "description")),
        system=Body(quantities={"distance": _quantity(system.find("distance"))}),
        right_ascension=_text(system, "rightascension"),
        declination=_text(system, "declination"),
        constellation=_text(system, "constellation"),
        num_stars=str(len(list(system.iter("star")))),
        num_planets=str(sum(map(_is_known, planet_elements(system)))),
        catalogue=CATALOGUE,
    )


def _is_either_mass(method: str, quantities: Mapping[str, Quantity]) -> bool:
    """Whether a mass may be m sin i: for planets found by radial velocities no tag tells."""
    return method.strip() == "RV" and "mass" in quantities and "inclination" not in quantities


def _is_known(planet: etree._Element) -> bool:
    """Whether a planet is neither in doubt nor a mere candidate."""
    return "candidate" not in _kind(", ".join(_texts(planet, "list")))


def _kind(lists: str) -> str:
    return next((phrase for name, phrase in _KINDS if name in lists), "an exoplanet")


def _remarks(lists: str) -> Iterator[str]:
    for name, sentence in _REMARKS:
        if name in lists:
            yield sentence


def _transits(planet: etree._Element) -> Iterator[str]:
    if _text(planet, "istransiting") == "1":
        yield "It transits its star."


def _texts(element: etree._Element, tag: str) -> list[str]:
    found = (
        " ".join("".join(map(str, child.itertext())).split()) for child in element.iterfind(tag)
    )
    return [text for text in found if text]


def _text(element: etree._Element, tag: str) -> str:
    return next(iter(_texts(element, tag)), "")


def _names(element: etree._Element) -> tuple[str, ...]:
    """The names of an object, each once, the primary one first."""
    named = [
        (child.get("type") != "pri", " ".join((child.text or "").split()))
        for child in element.iterfind("name")
    ]
    return tuple(dict.fromkeys(name for _, name in sorted(named, key=lambda it: it[0]) if name))


def _quantity(element: etree._Element | None) -> Quantity:
    if element is None:
        return Quantity()
    lower, upper = number(element.get("lowerlimit")), number(element.get("upperlimit"))
    if number(element.text) is None:
        return Quantity(lower=lower, upper=upper)
    return measured(element.text, element.get("errorplus"), element.get("errorminus"))


def _quantities(planet: etree._Element) -> Iterator[tuple[str, Quantity]]:
    for child in planet:
        key = _PLANET.get(str(child.tag))
        quantity = _quantity(child) if key else Quantity()
        if not key or not quantity:
            continue
        if key == "mass" and child.get("type") == "msini":
            key = "minimum_mass"
        elif key == "separation":
            key = _UNITS_OF_SEPARATION.get(child.get("unit") or "AU", key)
        yield key, quantity


def _words(planet: etree._Element) -> Iterator[tuple[str, str]]:
    spectral_type = _text(planet, "spectraltype")
    if spectral_type:
        yield "spectral_type", spectral_type
    for tag, key in _TIMES.items():
        element = planet.find(tag)
        quantity = _quantity(element)
        if element is None or quantity.value is None:
            continue
        errors = ""
        if quantity.plus and quantity.minus:
            same = quantity.plus == quantity.minus
            errors = f" ± {quantity.plus}" if same else f" +{quantity.plus}/-{quantity.minus}"
        yield (
            key,
            f"{element.get('unit') or 'BJD'} {quantity.value}{errors}{' days' * bool(errors)}",
        )


def _star(star: etree._Element) -> Body:
    quantities = {
        key: quantity for tag, key in _STAR.items() if (quantity := _quantity(star.find(tag)))
    }
    spectral_type = _text(star, "spectraltype")
    return Body(_names(star), quantities, {"spectral_type": spectral_type} if spectral_type else {})
