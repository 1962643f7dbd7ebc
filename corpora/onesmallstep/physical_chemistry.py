"""Problems of chemistry about equilibria, kinetics and electrochemistry.

Thermodynamic and electrochemical data are those of the CRC Handbook.
"""

import math
from typing import Final

from corpora.onesmallstep.amounts import given, quantity, shown
from corpora.onesmallstep.constants import FARADAY, GAS_CONSTANT
from corpora.onesmallstep.problems import Draw, Problem, Template

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
            f"{name[0].upper()}{name[1:]} has $K_a = <k>$ at 25 °C. Find the pH of its aqueous "
            f"solution at a concentration of <c>.",
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
            f"What voltage has a cell at 25 °C whose half-cells are {anode} in "
            f"$\\mathrm{{{anode}^{{2+}}}}$ (<ca.n> mol/L, $E^\\circ = <low>$) and {cathode} in "
            f"$\\mathrm{{{cathode}^{{2+}}}}$ (<cc.n> mol/L, $E^\\circ = <high>$)?",
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
            "A substance with an initial concentration of <c> disappears by first-order kinetics; "
            "its half-life is <half>. Find the concentration after <time>.",
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
            "A reaction has $\\Delta H^\\circ = <enthalpy>$ and $\\Delta S^\\circ = <entropy>$, "
            "nearly constant with "
            "temperature. Find $K$ at <t>.",
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
    charge = given(str(round(current.value * seconds.value)), "C")
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
            f"How much {name} does a current of <current> deposit in {minutes} minutes from a "
            f"solution with $\\mathrm{{{symbol}^{{{z if z > 1 else ''}+}}}}$ ions?",
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
        weak_acid_ph,
        nernst_potential,
        first_order_kinetics,
        equilibrium_constant,
        electrolysis_mass,
    )
}
