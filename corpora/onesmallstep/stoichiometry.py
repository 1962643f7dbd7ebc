"""Problems of chemistry about amounts: masses, solutions, gases, titrations.

Atomic weights are the IUPAC 2021 abridged values.
"""

import re
from fractions import Fraction
from typing import Final

from corpora.onesmallstep.amounts import Amount, given, quantity, shown
from corpora.onesmallstep.constants import AVOGADRO, GAS_CONSTANT
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
            f"Calculate how many {units} are contained in <mass> of {name}, "
            f"${_formula_tex(formula)}$.",
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
            f"How many grams of {name} (${_formula_tex(formula)}$) does one need for <v> of a <c> "
            "solution?",
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
            f"A stock of {acid} has a concentration of <stock>. How much of it has to be diluted "
            f"to get <v> at <c>?",
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
            f"How much carbon dioxide, by mass, does <mass> of {name} (${_formula_tex(formula)}$) "
            f"give when it burns completely?",
        ),
        [
            "The balanced equation is",
            rf"$${coefficient}{_formula_tex(formula)} + {b}\,\mathrm{{O_{{2}}}} \rightarrow "
            rf"{product}\mathrm{{CO_{{2}}}} + {d}\,\mathrm{{H_{{2}}O}}.$$",
            r"$$n = \frac{<mass>}{<fuel>} = <moles>$$",
            f"of {name} gives ${ratio}$ times this amount of carbon dioxide, with $M = <dioxide>$:"
            if ratio > 1
            else f"of {name} gives the same amount of carbon dioxide, with $M = <dioxide>$:",
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
            f"Calculate the volume of <n> of {gas} at {celsius} °C under a pressure of <p>, as an "
            f"ideal gas.",
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
            f"In a titration, <acid> of {name} needs <used> of <base> sodium hydroxide to reach "
            f"the end point. Calculate the concentration of the acid.",
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


TEMPLATES: Final[dict[str, Template]] = {
    template.__name__: template
    for template in (
        molecules_in_a_sample,
        mass_for_a_solution,
        dilution,
        combustion_mass,
        ideal_gas_volume,
        strong_base_titration,
    )
}
