"""Terms, polynomials and fractions as LaTeX, with signs as people write them."""

from fractions import Fraction


def signed_tex(value: int, symbol: str = "", *, first: bool = False) -> str:
    """A term of a sum: ` + 3x`, ` - x`, nothing for zero."""
    if value == 0:
        return ""
    sign = ("-" if value < 0 else "") if first else (" - " if value < 0 else " + ")
    size = abs(value)
    return sign + (str(size) if size != 1 or not symbol else "") + symbol


def polynomial_tex(*coefficients: int) -> str:
    """Coefficients of the powers of x, from the highest down.

    >>> polynomial_tex(2, -1, 0, 5)
    '2x^{3} - x^{2} + 5'
    """
    degree = len(coefficients) - 1
    written = ""
    for index, value in enumerate(coefficients):
        power = degree - index
        name = "" if power == 0 else "x" if power == 1 else f"x^{{{power}}}"
        written += signed_tex(value, name, first=not written)
    return written or "0"


def fraction_tex(value: Fraction) -> str:
    """A fraction, or the whole number that it is, its sign before it."""
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
