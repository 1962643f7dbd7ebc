r"""Amounts as a problem prints them: a number of some significant figures, and a unit.

Calculations run on `pint` quantities, which refuse to add a length to a time; what is printed is an
`Amount`, whose value is the printed one. A solution that goes on from an amount goes on from the
number that its reader sees.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pint

# pint's quantities are generic in their numbers, which here are floats or whole numbers.
Quantity = Any

REGISTRY: Final["pint.UnitRegistry[Any]"] = pint.UnitRegistry(cache_folder=None)

#: How a unit prints where it is not its name.
_UNIT_TEX: Final = {
    "ohm": r"\Omega", "kohm": r"k\Omega", "Mohm": r"M\Omega", "um": r"\mu m", "uF": r"\mu F",
    "uH": r"\mu H",
    "ug": r"\mu g", "uL": r"\mu L", "uA": r"\mu A", "uT": r"\mu T", "us": r"\mu s", "uC": r"\mu C",
    "degree": r"^\circ", "delta_degC": r"^\circ C", "percent": r"\%", "arcsecond": "''",
    "amu": "u", "minute": "min", "hour": "h", "day": "d",
}  # fmt: skip
#: Units that print as words, with their plural.
_UNIT_WORDS: Final = {
    "year": ("year", "years"), "Myr": ("Myr", "Myr"), "Gyr": ("Gyr", "Gyr"),
    "days": ("day", "days"), "hours": ("hour", "hours"), "minutes": ("minute", "minutes"),
    "ly": ("light-year", "light-years"), "au": ("au", "au"),
}  # fmt: skip
_UNIT_PART: Final = re.compile(r"([A-Za-z_]+)(?:\^(-?\d+))?|([*/()])")
#: Numbers from 0.001 to 99,999 are printed in full, others with a power of ten.
_SMALLEST_EXPONENT, _LARGEST_EXPONENT = -3, 4


def quantity(value: float, unit: str = "") -> Quantity:
    """A pint quantity. Raises pint's UndefinedUnitError for a unit it does not know."""
    return REGISTRY.Quantity(value, unit)


def magnitude(value: Quantity, unit: str) -> float:
    """The number of a quantity in a unit. Raises pint's DimensionalityError where it has none.

    >>> magnitude(quantity(90, "km/hour"), "m/s")
    25.0
    """
    if not isinstance(value, REGISTRY.Quantity):
        value = quantity(value)
    return float(value.to(unit).magnitude)


def rounded(value: float, decimals: int) -> Decimal:
    """A number rounded to decimals (negative: to tens and so on), a half away from zero.

    A half is one in decimals, of thirteen figures: 6.175, which no binary number is, gives 6.18.

    >>> str(rounded(6.175, 2)), str(rounded(-0.5, 0)), str(rounded(1250.0, -2))
    ('6.18', '-1', '1.3E+3')
    """
    written = Decimal(f"{value:.12e}")
    return written.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _to_figures(value: float, figures: int) -> str:
    """A number to so many significant figures, as `6.18e+0`."""
    exponent = Decimal(f"{value:.12e}").adjusted() if value else 0
    return f"{rounded(value, figures - 1 - exponent):.{figures - 1}e}"


def number_tex(value: float, figures: int) -> str:
    r"""A number to so many significant figures, as LaTeX.

    >>> number_tex(0.0123456, 3), number_tex(299792.458, 4), number_tex(2, 3), number_tex(9.995, 3)
    ('0.0123', '2.998 \\times 10^{5}', '2.00', '10.0')
    """
    if value == 0:
        return "0"
    mantissa, _, written = _to_figures(value, figures).partition("e")
    exponent = int(written)
    if _SMALLEST_EXPONENT <= exponent <= _LARGEST_EXPONENT and exponent < figures + 1:
        places = max(figures - 1 - exponent, 0)
        # By way of the rounded mantissa, so that 1234 to three figures is 1230.
        return f"{Decimal(mantissa).scaleb(exponent):.{places}f}"
    return rf"{mantissa} \times 10^{{{exponent}}}"


def unit_tex(unit: str, *, one: bool = False) -> str:
    r"""A unit as it stands after its number in a formula, with the space between them.

    >>> unit_tex("m/s^2"), unit_tex("percent"), unit_tex("year"), unit_tex("J/(kg*K)")
    ('\\ \\mathrm{m/s^{2}}', '\\%', '\\text{ years}', '\\ \\mathrm{J/(kg\\,K)}')
    """
    if not unit:
        return ""
    if unit in _UNIT_WORDS:
        return rf"\text{{ {_UNIT_WORDS[unit][0 if one else 1]}}}"
    if unit in ("percent", "degree", "arcsecond"):
        return _UNIT_TEX[unit]
    parts = []
    for name, power, sign in _UNIT_PART.findall(unit):
        if sign:
            parts.append(r"\," if sign == "*" else sign)
        else:
            parts.append(_UNIT_TEX.get(name, name) + (f"^{{{power}}}" if power else ""))
    return rf"\ \mathrm{{{''.join(parts)}}}"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is printed, its significant figures, and its unit ("" for none)."""

    value: float
    unit: str
    number: str
    figures: int

    @property
    def q(self) -> Quantity:
        """The amount as a quantity to calculate with."""
        return quantity(self.value, self.unit)

    @property
    def tex(self) -> str:
        """Number and unit as LaTeX, without delimiters."""
        return self.number + unit_tex(self.unit, one=self.number == "1")

    @property
    def bracketed(self) -> str:
        """As `tex`, in parentheses where a sign, a unit or a power of ten asks for them."""
        bare = not self.unit and self.value >= 0 and "times" not in self.number
        return self.tex if bare else rf"\left({self.tex}\right)"


def shown(value: Quantity, unit: str = "", figures: int = 3) -> Amount:
    """A result in a unit, rounded to the figures that are printed.

    Raises pint's DimensionalityError where the result is no amount of that unit.

    >>> shown(quantity(2, "m") / quantity(3, "s"), "m/s").tex
    '0.667\\\\ \\\\mathrm{m/s}'
    """
    number = magnitude(value, unit)
    printed = float(_to_figures(number, figures))
    return Amount(printed, unit, number_tex(number, figures), figures)


def given(text: str, unit: str = "") -> Amount:
    """An amount whose number is written in decimals, `"0.250"`, or with a power, `"6.674e-11"`."""
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.replace(".", "").lstrip("-0")
    number = rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa
    return Amount(float(text), unit, number, max(len(digits), 1))
