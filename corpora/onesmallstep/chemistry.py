"""Problems of chemistry: amounts, solutions, gases, equilibria, kinetics, electrochemistry.

Atomic weights are the IUPAC 2021 abridged values; thermodynamic data are those of the CRC Handbook.
"""

import math
import re
from fractions import Fraction
from typing import Final

from corpora.onesmallstep.amounts import Amount, given, quantity, shown
from corpora.onesmallstep.constants import AVOGADRO, FARADAY, GAS_CONSTANT
from corpora.onesmallstep.problems import Draw, Problem, Template

_ATOMIC_WEIGHTS: Final = {
    "H": "1.008", "C": "12.011", "N": "14.007", "O": "15.999", "Na": "22.990", "Mg": "24.305",
    "S": "32.06", "Cl": "35.45", "K": "39.098", "Ca": "40.078", "Fe": "55.845",
}  # fmt: skip
_COMPOUNDS: Final = {
    "glucose": "C6H12O6", "sodium chloride": "NaCl", "calcium carbonate": "CaCO3",
    "urea": "CH4N2O", "ethanol": "C2H6O", "potassium nitrate": "KNO3",
    "magnesium sulfate": "MgSO4", "sodium hydroxide": "NaOH", "benzene": "C6H6",
    "caffeine": "C8H10N4O2",
}  # fmt: skip
#: Solutes that are weighed out for solutions.
_SOLUTES: Final = ("glucose", "potassium nitrate", "sodium chloride", "sodium hydroxide", "urea")
#: Fuels: formula, coefficients of fuel, O2, CO2 and H2O in the balanced equation.
_FUELS: Final = {
    "methane": ("CH4", 1, 2, 1, 2), "propane": ("C3H8", 1, 5, 3, 4),
    "butane": ("C4H10", 2, 13, 8, 10), "octane": ("C8H18", 2, 25, 16, 18),
    "ethanol": ("C2H6O", 1, 3, 2, 3),
}  # fmt: skip
#: Acid dissociation constants at 25 °C.
_WEAK_ACIDS: Final = {
    "acetic acid": "1.8e-5", "formic acid": "1.8e-4", "propionic acid": "1.3e-5",
    "hypochlorous acid": "4.0e-8", "lactic acid": "1.4e-4",
}  # fmt: skip
#: Standard reduction potentials at 25 °C in volts and the charge of the ion.
_ELECTRODES: Final = {
    "Zn": ("-0.76", 2), "Fe": ("-0.45", 2), "Ni": ("-0.26", 2), "Sn": ("-0.14", 2),
    "Cu": ("0.34", 2),
}  # fmt: skip
_METALS: Final = {
    "copper": ("Cu", 2, "63.546"), "silver": ("Ag", 1, "107.868"), "nickel": ("Ni", 2, "58.693"),
    "zinc": ("Zn", 2, "65.38"), "gold": ("Au", 3, "196.967"),
}  # fmt: skip


def _atoms(formula: str) -> dict[str, int]:
    return {e: int(n or 1) for e, n in re.findall(r"([A-Z][a-z]?)(\d*)", formula)}


def _formula_tex(formula: str) -> str:
    return r"\mathrm{" + re.sub(r"(\d+)", r"_{\1}", formula) + "}"


def _molar_mass(formula: str) -> Amount:
    exact = sum(n * Fraction(_ATOMIC_WEIGHTS[e]) for e, n in _atoms(formula).items())
    return given(f"{float(exact):.2f}", "g/mol")


def _molar_mass_steps(formula: str) -> str:
    parts = [
        rf"{n} \times {_ATOMIC_WEIGHTS[e]}" if n > 1 else _ATOMIC_WEIGHTS[e]
        for e, n in _atoms(formula).items()
    ]
    return " + ".join(parts)


def molecules_in_a_sample(draw: Draw) -> Problem:
    """By the mole, checked by the mass of one molecule in atomic mass units."""
    name = draw.choice(sorted(_COMPOUNDS))
    formula = _COMPOUNDS[name]
    units = "formula units" if formula[:2] in ("Na", "Ca", "KN", "Mg") else "molecules"
    mass, molar = draw.amount(0.50, 90.0, "g", 2), _molar_mass(formula)
    moles = shown(mass.q / molar.q, "mol", 5)
    avogadro = AVOGADRO.printed
    count = shown(moles.q * avogadro.q, "")
    one = sum(n * float(_ATOMIC_WEIGHTS[e]) for e, n in _atoms(formula).items())
    return Problem(
        draw.phrase(
            f"How many {units} are there in <mass> of {name}, ${_formula_tex(formula)}$?",
            f"A sample of {name} (${_formula_tex(formula)}$) has a mass of <mass>. Calculate the "
            f"number of {units} in it.",
        ),
        [
            "The molar mass follows from the atomic weights:",
            rf"$$M = ({_molar_mass_steps(formula)})\ \mathrm{{g/mol}} = <molar>$$",
            "The amount of substance and the number are",
            r"$$n = \frac{m}{M} = \frac{<mass>}{<molar>} = <moles>,$$",
            r"$$N = n N_A = <moles> \times <avogadro> = <count>.$$",
        ],
        f"<count> {units}",
        {"mass": mass, "molar": molar, "moles": moles, "avogadro": avogadro, "count": count},
        [(count, mass.q / quantity(one, "amu"))],
    )


def mass_for_a_solution(draw: Draw) -> Problem:
    """Concentration times volume, checked by titrating portions of one millilitre."""
    name = draw.choice(_SOLUTES)
    formula = _COMPOUNDS[name]
    c, volume = draw.amount(0.050, 2.000, "mol/L", 3), draw.whole(100, 1000, 50)
    v, molar = given(str(volume), "mL"), _molar_mass(formula)
    litres = given(f"{volume / 1000:.3f}", "L")
    mass = shown(c.q * litres.q * molar.q, "g")
    per_millilitre = c.q * molar.q * quantity(1, "mL")
    return Problem(
        draw.phrase(
            f"What mass of {name}, ${_formula_tex(formula)}$, is needed to prepare <v> of a "
            "solution with a concentration of <c>?",
            f"A chemist wants <v> of a <c> solution of {name} (${_formula_tex(formula)}$). What "
            "mass of the solid has to be weighed out?",
        ),
        [
            "The solution contains the amount",
            r"$$n = cV = <c> \times <litres>.$$",
            "The molar mass is",
            rf"$$M = ({_molar_mass_steps(formula)})\ \mathrm{{g/mol}} = <molar>,$$",
            r"$$m = cVM = <c> \times <litres> \times <molar> = <mass>.$$",
        ],
        "<mass>",
        {"c": c, "v": v, "litres": litres, "molar": molar, "mass": mass},
        [(mass, volume * per_millilitre)],
    )


def dilution(draw: Draw) -> Problem:
    """Equal amounts before and after, checked by the factor of dilution."""
    stock = draw.amount(2.0, 12.0, "mol/L", 1)
    c = draw.amount(0.10, 1.00, "mol/L", 2)
    v = given(str(draw.whole(100, 1000, 50)), "mL")
    acid = draw.choice(("hydrochloric acid", "nitric acid", "sulfuric acid"))
    needed = shown(c.q * v.q / stock.q, "mL")
    water = v.q - v.q * (1 - c.q / stock.q)
    return Problem(
        draw.phrase(
            f"What volume of <stock> {acid} must be diluted to prepare <v> of a <c> solution?",
            f"To make <v> of <c> {acid}, how much of a <stock> stock solution is needed?",
        ),
        [
            "Dilution changes the volume, and not the amount of the acid:",
            r"$$c_1 V_1 = c_2 V_2 \quad\Rightarrow\quad V_1 = \frac{c_2 V_2}{c_1} = "
            r"\frac{<c> \times <v>}{<stock>} = <needed>$$",
            "This volume of acid is added slowly to water, which is then filled up to <v>.",
        ],
        "<needed>",
        {"stock": stock, "c": c, "v": v, "needed": needed},
        [(needed, water)],
    )


def combustion_mass(draw: Draw) -> Problem:
    """Moles by the balanced equation, checked by the mass of carbon."""
    name = draw.choice(sorted(_FUELS))
    formula, a, b, c, d = _FUELS[name]
    mass = draw.amount(1.00, 60.00, "g", 2)
    fuel, dioxide = _molar_mass(formula), _molar_mass("CO2")
    moles = shown(mass.q / fuel.q, "mol", 5)
    ratio = c // a
    result = shown(moles.q * ratio * dioxide.q, "g")
    share = (
        _atoms(formula)["C"]
        * 12.011
        / (sum(n * float(_ATOMIC_WEIGHTS[e]) for e, n in _atoms(formula).items()))
    )
    coefficient = "" if a == 1 else rf"{a}\,"
    product = "" if c == 1 else rf"{c}\,"
    return Problem(
        draw.phrase(
            f"What mass of carbon dioxide is formed by the complete combustion of <mass> of "
            f"{name}, ${_formula_tex(formula)}$?",
            f"<mass> of {name} (${_formula_tex(formula)}$) burns completely in oxygen. Calculate "
            "the mass of the carbon dioxide.",
        ),
        [
            "The balanced equation is",
            rf"$${coefficient}{_formula_tex(formula)} + {b}\,\mathrm{{O_{{2}}}} \rightarrow "
            rf"{product}\mathrm{{CO_{{2}}}} + {d}\,\mathrm{{H_{{2}}O}}.$$",
            r"$$n = \frac{<mass>}{<fuel>} = <moles>$$",
            f"of {name} gives ${ratio}$ times as much carbon dioxide, of $M = <dioxide>$:"
            if ratio > 1
            else f"of {name} gives as much carbon dioxide, of $M = <dioxide>$:",
            rf"$$m = {ratio} \times <moles> \times <dioxide> = <result>$$"
            if ratio > 1
            else r"$$m = <moles> \times <dioxide> = <result>$$",
        ],
        "<result>",
        {"mass": mass, "fuel": fuel, "dioxide": dioxide, "moles": moles, "result": result},
        [(result, mass.q * share * (12.011 + 2 * 15.999) / 12.011)],
    )


def ideal_gas_volume(draw: Draw) -> Problem:
    """The ideal gas law, checked from the molar volume at 0 °C and 100 kPa."""
    gas = draw.choice(("nitrogen", "oxygen", "helium", "argon", "methane"))
    n, p = draw.amount(0.200, 5.000, "mol", 3), draw.amount(80.0, 250.0, "kPa", 1)
    celsius = draw.whole(10, 90)
    t, r = given(f"{celsius + 273.15:.2f}", "K"), GAS_CONSTANT.printed
    v = shown(n.q * r.q * t.q / p.q, "L")
    molar = quantity(22.710_95, "L/mol")
    return Problem(
        draw.phrase(
            f"What volume does <n> of {gas} occupy at {celsius} °C and <p>? Treat the gas as "
            f"ideal.",
            f"A container holds <n> of {gas} at a temperature of {celsius} °C and a pressure of "
            "<p>. Find its volume, assuming ideal behaviour.",
        ),
        [
            rf"The absolute temperature is $T = ({celsius} + 273.15)\ \mathrm{{K}} = <t>$. By the "
            "ideal gas law,",
            r"$$V = \frac{nRT}{p} = \frac{<n> \times <r> \times <t>}{<p>} = <v>,$$",
            "since $1\\ \\mathrm{J} = 1\\ \\mathrm{kPa\\,L}$.",
        ],
        "<v>",
        {"n": n, "p": p, "t": t, "r": r, "v": v},
        [(v, n.q * molar * (t.value / 273.15) * (quantity(100, "kPa") / p.q))],
    )


def weak_acid_ph(draw: Draw) -> Problem:
    """Bisection by program, checked by the quadratic formula."""
    name = draw.choice(sorted(_WEAK_ACIDS))
    k, c = given(_WEAK_ACIDS[name]), draw.amount(0.0010, 0.5000, "mol/L", 4)
    low, high = 0.0, c.value
    for _ in range(200):
        x = (low + high) / 2
        low, high = (low, x) if x * x > k.value * (c.value - x) else (x, high)
    ph = given(f"{-math.log10(low):.2f}")
    exact = (-k.value + math.sqrt(k.value**2 + 4 * k.value * c.value)) / 2
    program = f"""
import math

K = {k.value}
c = {c.number}  # mol/L
low, high = 0.0, c
while high - low > 1e-12:
    x = (low + high) / 2
    if x**2 > K * (c - x):
        high = x
    else:
        low = x
print(f"pH = {{-math.log10(x):.2f}}")
"""
    return Problem(
        draw.phrase(
            f"What is the pH of a <c> solution of {name} at 25 °C? Its acid dissociation constant "
            "is $K_a = <k>$.",
            f"Calculate the pH at 25 °C of {name} in water at a concentration of <c>. "
            "($K_a = <k>$)",
        ),
        [
            "Let $x$ be the concentration of $\\mathrm{H_3O^+}$ in mol/L. As much of the acid has "
            "dissociated, and the ions from water itself are negligible:",
            r"$$K_a = \frac{x^2}{c - x}$$",
            "The left-hand side of $x^2 - K_a(c - x) = 0$ grows with $x$; its root between 0 and "
            "$c$ is found by bisection.",
        ],
        r"$\mathrm{pH} = <ph>$",
        {"c": c, "k": k, "ph": ph},
        [(ph, quantity(-math.log10(exact)))],
        program,
    )


def strong_base_titration(draw: Draw) -> Problem:
    """Equal amounts at the end point, checked drop by drop."""
    acid = given(f"{draw.whole(10, 50, 5)}.0", "mL")
    base = draw.amount(0.0500, 0.2500, "mol/L", 4)
    used = draw.amount(8.00, 40.00, "mL", 2)
    name, protons = draw.choice(
        (("hydrochloric acid", 1), ("nitric acid", 1), ("sulfuric acid", 2))
    )
    c = shown(base.q * used.q / (protons * acid.q), "mol/L")
    drops = round(used.value / 0.01) * 0.01
    spent = quantity(base.value * drops * 1e-3 / protons, "mol")
    equation = (
        r"\mathrm{H_2SO_4} + 2\,\mathrm{NaOH} \rightarrow \mathrm{Na_2SO_4} + 2\,\mathrm{H_2O}"
        if protons == 2
        else r"\mathrm{H_3O^+} + \mathrm{OH^-} \rightarrow 2\,\mathrm{H_2O}"
    )
    return Problem(
        draw.phrase(
            f"<acid> of {name} is titrated with sodium hydroxide of concentration <base>. The end "
            "point is reached after <used>. What is the concentration of the acid?",
            f"It takes <used> of <base> sodium hydroxide to neutralize <acid> of {name} "
            f"completely. Find the concentration of the acid.",
        ),
        [
            rf"The reaction is ${equation}$. "
            + (
                "Each mole of the acid takes two moles of the base:"
                if protons == 2
                else "Acid and base react one to one:"
            ),
            r"$$c_a V_a = \tfrac{1}{2} c_b V_b \quad\Rightarrow\quad "
            r"c_a = \frac{<base> \times <used>}{2 \times <acid>} = <c>$$"
            if protons == 2
            else r"$$c_a V_a = c_b V_b \quad\Rightarrow\quad "
            r"c_a = \frac{<base> \times <used>}{<acid>} = <c>$$",
        ],
        "<c>",
        {"acid": acid, "base": base, "used": used, "c": c},
        [(c, spent / acid.q)],
    )


def nernst_potential(draw: Draw) -> Problem:
    """The Nernst equation in logarithms to 10, checked by the Gibbs energy in full."""
    anode, cathode = draw.sample(sorted(_ELECTRODES), 2)
    if float(_ELECTRODES[anode][0]) > float(_ELECTRODES[cathode][0]):
        anode, cathode = cathode, anode
    low, high = given(_ELECTRODES[anode][0], "V"), given(_ELECTRODES[cathode][0], "V")
    ca, cc = draw.amount(0.010, 1.000, "", 3), draw.amount(0.010, 1.000, "", 3)
    standard = given(f"{high.value - low.value:.2f}", "V")
    slope = given("0.05916", "V")
    e = shown(standard.q - slope.q / 2 * math.log10(ca.value / cc.value), "V")
    rt = GAS_CONSTANT.full * quantity(298.15, "K")
    gibbs = -2 * FARADAY.full * standard.q + rt * math.log(ca.value / cc.value)
    return Problem(
        draw.phrase(
            f"A galvanic cell at 25 °C consists of {anode} in <ca.n> mol/L "
            f"$\\mathrm{{{anode}^{{2+}}}}$ and {cathode} in <cc.n> mol/L "
            f"$\\mathrm{{{cathode}^{{2+}}}}$. The standard reduction potentials are <low> "
            f"({anode}) and <high> ({cathode}). What is its voltage?",
            f"Calculate the voltage at 25 °C of the cell {anode} | $\\mathrm{{{anode}^{{2+}}}}$ "
            f"(<ca.n> mol/L) || $\\mathrm{{{cathode}^{{2+}}}}$ (<cc.n> mol/L) | {cathode}, with "
            f"$E^\\circ = <low>$ for {anode} and $E^\\circ = <high>$ for {cathode}.",
        ),
        [
            f"{cathode} has the higher standard potential and is the cathode. The reaction is "
            f"$\\mathrm{{{anode} + {cathode}^{{2+}} \\rightarrow {anode}^{{2+}} + {cathode}}}$, "
            "with $z = 2$ electrons.",
            r"$$E^\circ = <high> - <low.p> = <standard>$$",
            r"$$E = E^\circ - \frac{<slope>}{z}\log_{10}\frac{[\mathrm{" + anode
            + r"^{2+}}]}{[\mathrm{" + cathode + r"^{2+}}]} = <standard> - \frac{<slope>}{2}"
            r"\log_{10}\frac{<ca>}{<cc>} = <e>$$",
        ],
        "<e>",
        {"low": low, "high": high, "ca": ca, "cc": cc, "standard": standard, "slope": slope,
         "e": e},
        [(e, -gibbs / (2 * FARADAY.full))],
    )  # fmt: skip


def first_order_kinetics(draw: Draw) -> Problem:
    """The exponential law, checked by halving and Newton's cooling of the logarithm."""
    half = draw.amount(5.0, 90.0, "minutes", 1)
    time = draw.amount(0.3 * half.value, 5 * half.value, "minutes", 1)
    c = draw.amount(0.100, 2.000, "mol/L", 3)
    k = shown(quantity(math.log(2), "") / half.q, "1/minute", 5)
    left = shown(c.q * math.exp(-k.value * time.value), "mol/L")
    return Problem(
        draw.phrase(
            "A compound decomposes in a reaction of first order with a half-life of <half>. Its "
            "initial concentration is <c>. What concentration is left after <time>?",
            "The decomposition of a drug in solution is first order, with a half-life of <half>. "
            "If the concentration is <c> at the start, what is it <time> later?",
        ),
        [
            "The rate constant of a first-order reaction follows from the half-life:",
            r"$$k = \frac{\ln 2}{t_{1/2}} = \frac{0.69315}{<half.n>\ \mathrm{min}} = "
            r"<k.n>\ \mathrm{min^{-1}}$$",
            r"$$[A] = [A]_0\,e^{-kt} = <c> \times e^{-<k.n> \times <time.n>} = <left>$$",
        ],
        "<left>",
        {"half": half, "time": time, "c": c, "k": k, "left": left},
        [(left, c.q * 0.5 ** (time.value / half.value))],
    )


def equilibrium_constant(draw: Draw) -> Problem:
    """From the Gibbs energy, checked by way of van 't Hoff's separate factors."""
    enthalpy, entropy = draw.amount(-60.0, -20.0, "kJ/mol", 1), draw.amount(-120, -20, "J/(mol*K)")
    t, r = given(str(draw.whole(300, 400, 5)), "K"), GAS_CONSTANT.printed
    gibbs = shown(enthalpy.q - t.q * entropy.q, "kJ/mol", 5)
    exponent = shown(-gibbs.q / (r.q * t.q), "", 5)
    k = shown(quantity(math.exp(exponent.value)), "", 2)
    rt = GAS_CONSTANT.full * t.q
    parts = math.exp((-enthalpy.q / rt).to("").magnitude) * math.exp(
        (entropy.q / GAS_CONSTANT.full).to("").magnitude
    )
    return Problem(
        draw.phrase(
            "For a reaction, $\\Delta H^\\circ = <enthalpy>$ and $\\Delta S^\\circ = <entropy>$. "
            "What is its equilibrium constant at <t>?",
            "Calculate the equilibrium constant at <t> of a reaction with the standard enthalpy "
            "<enthalpy> and the standard entropy <entropy>, taken as independent of temperature.",
        ),
        [
            r"$$\Delta G^\circ = \Delta H^\circ - T\Delta S^\circ = <enthalpy> - <t> \times "
            r"<entropy.p> = <gibbs>$$",
            r"$$\ln K = -\frac{\Delta G^\circ}{RT} = -\frac{<gibbs>}{<r> \times <t>} = "
            r"<exponent>$$",
            r"$$K = e^{<exponent>} = <k>$$",
        ],
        "$K = <k>$",
        {"enthalpy": enthalpy, "entropy": entropy, "t": t, "r": r, "gibbs": gibbs,
         "exponent": exponent, "k": k},
        [(k, quantity(parts))],
    )  # fmt: skip


def electrolysis_mass(draw: Draw) -> Problem:
    """Faraday's law by moles, checked ion by ion."""
    name = draw.choice(sorted(_METALS))
    symbol, z, weight = _METALS[name]
    current, minutes = draw.amount(0.50, 6.00, "A", 2), draw.whole(10, 120, 5)
    seconds = given(str(minutes * 60), "s")
    molar, f = given(weight, "g/mol"), FARADAY.printed
    charge = shown(current.q * seconds.q, "C", 5)
    mass = shown(charge.q * molar.q / (z * f.q), "g")
    ions = charge.q / (z * quantity(1.602_176_634e-19, "C"))
    electrons = {1: "one electron", 2: "two electrons", 3: "three electrons"}[z]
    divisor = f"{z} \\times " if z > 1 else ""
    return Problem(
        draw.phrase(
            f"A current of <current> flows for {minutes} minutes through a solution of "
            f"$\\mathrm{{{symbol}^{{{z if z > 1 else ''}+}}}}$ ions. What mass of {name} is "
            f"deposited at the cathode?",
            f"In electroplating, <current> is passed for {minutes} min through a bath of "
            f"$\\mathrm{{{symbol}^{{{z if z > 1 else ''}+}}}}$. Calculate the mass of {name} that "
            "plates out.",
        ),
        [
            r"The charge is $Q = It = <current> \times <seconds> = <charge>$.",
            f"Each ion takes up {electrons}, so that",
            rf"$$m = \frac{{Q M}}{{zF}} = \frac{{<charge> \times <molar>}}{{{divisor}<f>}} = "
            r"<mass>.$$",
        ],
        "<mass>",
        {"current": current, "seconds": seconds, "charge": charge, "molar": molar, "f": f,
         "mass": mass},
        [(mass, ions * quantity(float(weight), "amu"))],
    )  # fmt: skip


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        molecules_in_a_sample, mass_for_a_solution, dilution, combustion_mass, ideal_gas_volume,
        weak_acid_ph, strong_base_titration, nernst_potential, first_order_kinetics,
        equilibrium_constant, electrolysis_mass,
    )
}  # fmt: skip
