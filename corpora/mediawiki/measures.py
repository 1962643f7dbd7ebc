"""{{convert}}: a measure as the article gives it, and what the template converts it to.

https://en.wikipedia.org/wiki/Template:Convert: `{{convert|10|–|20|km|mi}}` is `10–20 kilometres
(6.2–12.4 mi)`. Rounded as Module:Convert does (`default_precision`): to about the precision of what
is given, and to two digits at least. A measure in units that are not known here is not converted.
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Final

from corpora.mediawiki.arguments import Arguments
from corpora.mediawiki.template_numbers import exponent, unit_symbol
from corpora.mediawiki.units import UNITS, Unit

_RANGES: Final = {
    "-": "–", "–": "–", "and": " and ", "&": " and ", "to": " to ", "to(-)": " to ", "by": " by ",
    "x": " by ", "×": " by ", "*": " by ", "xx": " × ", "+/-": " ± ", "±": " ± ", "or": " or ",
    ",": ", ", "by(x)": " by ", "to about": " to about ", "and(-)": " and ", "or(-)": " or ",
    "+": " + ", "/": "/",
}  # fmt: skip
_MOST_PARTS: Final = 12
_NUMBER: Final = re.compile(r"[+−-]?[\d,. ]*\d(?:\+?\d*[./⁄]\d+)?(?:[eE][+-]?\d+)?\.?")
_PLAIN: Final = re.compile(r"(?P<sign>[+−-]?)(?P<whole>\d{0,15})(?:\.(?P<decimals>\d{0,12}))?")
_FRACTION: Final = re.compile(r"(?:(\d{1,9})\+)?(\d{1,6})[/⁄](\d{1,6})")
_PRECISION: Final = re.compile(r"[−-]?\d{1,2}")
_POWERS: Final = {"e3": "thousand", "e6": "million", "e9": "billion", "e12": "trillion"}


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A unit, ten to a power before it (`e6acre`), and its code as written."""

    code: str
    unit: Unit | None
    power: str = ""

    @property
    def factor(self) -> float:
        """What one of it is in units."""
        return float(f"1{self.power}") if self.power else 1.0

    def symbol(self) -> str:
        """What stands after a number."""
        symbol = unit_symbol(self.unit.symbol if self.unit else self.code)
        before = exponent(self.power[1:])
        return f"{before}{symbol}" if symbol[:1] == "/" else f"{before} {symbol}"

    def name(self, *, one: bool, american: bool) -> str:
        """The words after a number; of an unknown unit its symbol."""
        if self.unit is None:
            return self.symbol().lstrip()
        name = self.unit.singular if one else self.unit.plural
        if american:
            name = name.replace("metre", "meter").replace("litre", "liter")
        return f"{_POWERS[self.power]} {name}" if self.power else name


def convert(given: Arguments, *, short: bool = False) -> str:
    """The measure of {{convert}} and its conversion; `short` is {{cvt}}, which writes symbols.

    >>> convert(Arguments(["10", "–", "20", "km", "mi"]))
    '10–20 kilometres (6.2–12.4 mi)'
    >>> convert(Arguments(["5", "ft", "7", "in"])), convert(Arguments(["2", "m"]), short=True)
    ('5 feet 7 inches (1.70 m)', '2 m (6 ft 7 in)')
    """
    arguments = given.positional()
    numbers, ranges, at = _numbers(arguments)
    unit = _scaled(arguments[at] if at < len(arguments) else "")
    rest = arguments[at + 1 :]
    if not unit.code:
        return _written(numbers, ranges)
    style = _Style.of(given, short=short)
    second = None
    if len(rest) > 1 and _NUMBER.fullmatch(rest[0]) and rest[1] in UNITS and len(numbers) == 1:
        # {{convert|5|ft|7|in}}
        second, rest = (rest[0], _scaled(rest[1])), rest[2:]
        style = replace(style, two_parts=True)
    adjective = given.get("adj") in ("on", "1", "mid")
    extra = rest.pop() if given.get("adj") in ("mid", "pre") and len(rest) > 1 else ""
    left = _measure(numbers, ranges, unit, style.input_short, style)
    if second:
        singular = adjective and not style.input_short
        tail = _measure([second[0]], [], second[1], style.input_short, style)
        left = f"{left}-{tail}" if singular else f"{left} {tail}"
    if given.get("adj") == "mid":
        left += extra
    elif given.get("adj") == "pre" and extra:
        number, gap, name = left.partition(" ")
        left = f"{number} {extra}{gap}{name}"
    right = _conversion(numbers, ranges, unit, second, rest, style, given)
    disp = given.get("disp")
    if not right or disp in ("unit", "unit2", "tablecen", "table", "number", "num"):
        if disp in ("number", "num") and right:
            return right.split(" ")[0]
        return _written(numbers, ranges) if disp in ("number", "num") else left
    if given.get("order") == "flip" or disp == "flip":
        left, right = right, left
    match disp:
        case "out" | "output only" | "output":
            return right
        case "or":
            return f"{left} or {right}"
        case "comma":
            return f"{left}, {right}"
        case "sqbr":
            return f"{left} &#91;{right}&#93;"
        case "slash" | "/":
            return f"{left} / {right}"
    return f"{left} ({right})"


@dataclass(frozen=True, slots=True)
class _Style:
    """Symbols or names on either side, spelling, and whether the measure is an adjective."""

    input_short: bool
    output_short: bool
    american: bool
    adjective: bool
    commas: bool
    #: `5 feet 7 inches`
    two_parts: bool = False

    @classmethod
    def of(cls, given: Arguments, *, short: bool) -> "_Style":
        abbr = given.get("abbr") or ("on" if short else "")
        flipped = given.get("order") == "flip"
        words = given.get("disp") == "or"
        first = abbr in ("on", "1", "all", "~", "values") or abbr == "in"
        last = abbr not in ("off", "in", "none") and (not words or abbr in ("on", "1", "out"))
        return cls(
            input_short=last if flipped and abbr not in ("on", "1", "all", "off") else first,
            output_short=first if flipped and abbr not in ("on", "1", "all", "off") else last,
            american=given.get("sp").lower() == "us",
            adjective=given.get("adj") in ("on", "1", "mid"),
            commas=given.get("comma") != "off",
        )


def _numbers(arguments: list[str]) -> tuple[list[str], list[str], int]:
    """The numbers, the words between them, and where the unit stands."""
    numbers, ranges, at = arguments[:1], list[str](), 1
    while at + 1 < len(arguments) and arguments[at] in _RANGES and len(ranges) < _MOST_PARTS:
        ranges.append(arguments[at])
        numbers.append(arguments[at + 1])
        at += 2
    return numbers, ranges, at


def _scaled(code: str) -> _Scaled:
    power = re.match(r"e(?:3|6|9|12)(?=.)", code)
    if code not in UNITS and power:
        inner = code[power.end() :]
        return _Scaled(inner, UNITS.get(inner), power.group())
    return _Scaled(code, UNITS.get(code))


def _written(numbers: list[str], ranges: list[str], *, commas: bool = True) -> str:
    shown = [_number_as_given(number, commas) for number in numbers]
    return shown[0] + "".join(
        _RANGES[between] + number for between, number in zip(ranges, shown[1:], strict=False)
    ) if shown else ""  # fmt: skip


def _number_as_given(number: str, commas: bool) -> str:
    plain = _PLAIN.fullmatch(number)
    if plain and plain["whole"]:
        whole = plain["whole"]
        whole = f"{int(whole):,}" if commas and len(whole) > 3 and whole[0] != "0" else whole
        decimals = f".{plain['decimals']}" if plain["decimals"] else ""
        return plain["sign"].replace("-", "−") + whole + decimals
    return re.sub(r"^-", "−", number).replace("+", " ") if "/" in number else number


def _measure(
    numbers: list[str], ranges: list[str], unit: _Scaled, short: bool, style: _Style
) -> str:
    """Numbers and their unit: `10–20 km`, `10-kilometre`."""
    if short:
        symbol = unit.symbol()
        if ranges and all(word in ("x", "×", "*") for word in ranges):
            each = (_number_as_given(number, style.commas) + symbol for number in numbers)
            return " × ".join(each)
        return _written(numbers, ranges, commas=style.commas) + symbol
    number = _written(numbers, ranges, commas=style.commas)
    one = style.adjective or (len(numbers) == 1 and number in ("1", "−1", "1.0"))
    one = one or re.fullmatch(r"\d{1,6}/\d{1,6}", number) is not None
    name = unit.name(one=one, american=style.american)
    if style.adjective and unit.unit is not None and name[0].isalpha():
        return f"{number}-{name.replace(' ', '-')}"
    return f"{number} {name}"


def _conversion(
    numbers: list[str],
    ranges: list[str],
    unit: _Scaled,
    second: tuple[str, _Scaled] | None,
    rest: list[str],
    style: _Style,
    given: Arguments,
) -> str:
    """The measure in the units that are asked for, or in the usual ones; "" where none is known."""
    if unit.unit is None:
        return ""
    values = [_value(number) for number in numbers]
    if not values or any(value is None for value in values):
        return ""
    base = [value for value in values if value is not None]
    source = unit.unit
    if second is not None and second[1].unit is not None:
        more = _value(second[0])
        if more is None or second[1].unit.kind != source.kind:
            return ""
        # The precision is that of the smaller unit.
        total = base[0][0] * source.size / second[1].unit.size + more[0]
        base, source, unit = [(total, more[1])], second[1].unit, second[1]
    codes = rest[0] if rest and not _PRECISION.fullmatch(rest[0]) else ""
    digits = next((part for part in rest[:2] if _PRECISION.fullmatch(part)), "")
    asked = int(digits.replace("−", "-")) if digits else None
    default = "ftin" if source.symbol == "m" and 0 < base[-1][0] < 3 else source.into
    default = "m" if second is not None and source.symbol == "in" else default
    shown = []
    for code in (codes or default).replace("+", " ").split():
        words = _into(base, ranges, unit, code, asked, style, given)
        if words:
            shown.append(words)
    return "; ".join(shown[:4])


def _value(number: str) -> tuple[float, int] | None:
    """A number, and how many decimals it has; negative for the zeros that end it."""
    number = number.replace(",", "").replace("−", "-").strip()
    fraction = _FRACTION.fullmatch(number)
    if fraction and int(fraction[3]):
        value = int(fraction[1] or 0) + int(fraction[2]) / int(fraction[3])
        return value, max(round(math.log10(int(fraction[3]))), 1)
    plain = _PLAIN.fullmatch(number)
    if plain is None or not (plain["whole"] or plain["decimals"]):
        return None
    decimals = plain["decimals"]
    whole = plain["whole"]
    zeros = len(whole) - len(whole.rstrip("0"))
    return float(number), len(decimals) if decimals is not None else -zeros


def _into(
    base: list[tuple[float, int]],
    ranges: list[str],
    scaled: _Scaled,
    code: str,
    asked: int | None,
    style: _Style,
    given: Arguments,
) -> str:
    source, parts = scaled.unit, code == "ftin"
    target = _scaled("in" if parts else code)
    if source is None or target.unit is None or target.unit.kind != source.kind:
        return ""
    size, offset = source.size * scaled.factor, source.offset - target.unit.offset
    converted = [(value * size + offset) / (target.unit.size * target.factor) for value, _ in base]
    precisions = [
        # Of feet and inches the sum is in inches, and finer than it was written.
        max(0, math.floor(digits + math.log10(target.unit.size) + 2.3))
        if style.two_parts and source.symbol == "in"
        else _default_precision(value, digits, out, source)
        for (value, digits), out in zip(base, converted, strict=True)
    ]
    # The numbers of a range have one precision.
    precision = max(precisions) if asked is None else asked
    figures = given.get("sigfig", "sf")
    if figures.isdigit() and 0 < int(figures) < 15:
        largest = max(abs(out) for out in converted)
        precision = int(figures) - 1 - (math.floor(math.log10(largest)) if largest else 0)
    step = given.get("round")
    if step in ("5", "10", "25", "50", "0.5"):
        numbers = [_rounded(round(out / float(step)) * float(step), 0) for out in converted]
    else:
        numbers = [_rounded(out, precision) for out in converted]
    if parts:
        inches = [int(float(number.replace(",", "").replace("−", "-"))) for number in numbers]
        feet = [divmod(inch, 12) for inch in inches]
        each = [f"{foot} ft {inch} in" if inch else f"{foot} ft" for foot, inch in feet]
        return _RANGES[ranges[0]].join(each) if ranges else each[0]
    return _measure(numbers, ranges, target, style.output_short, style)


def _default_precision(value: float, digits: int, out: float, source: Unit) -> int:
    """Decimals of a converted number (`default_precision` of Module:Convert)."""
    if source.kind == "temperature":
        kelvins = abs(value * source.size + source.offset)
        least = 2 - math.floor(math.log10(kelvins) + 1e-14) if kelvins > 1e-8 else 2
        return max(digits, least)
    if value == 0 or out == 0:
        return 0
    adjust = math.log10(abs(value / out)) + math.log10(2)
    least = 1 - math.floor(math.log10(abs(out)) + 1e-14)
    return max(math.floor(digits + adjust), least)


def _rounded(number: float, precision: int) -> str:
    """A number with so many decimals, halves away from zero; negative ones round tens away."""
    precision = min(max(precision, -15), 15)
    scaled = math.floor(abs(number) * 10.0**precision + 0.5 + 1e-9) / 10.0**precision
    words = f"{scaled:,.{max(precision, 0)}f}"
    return f"−{words}" if number < 0 and scaled else words
