"""Templates of numbers: {{val}}, {{frac}}, {{convert}}, dates.

https://en.wikipedia.org/wiki/Template:Val, Template:Frac, Template:Convert. A measure is printed as
the article gives it; the conversion that the template computes is not part of its wikitext.
"""

import re
from typing import Final

from corpora.mediawiki.arguments import Arguments
from tokenization.wrappers import subscript, superscript

_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)
_RANGES: Final = {
    "-": "–", "–": "–", "and": " and ", "&": " and ", "to": " to ", "to(-)": " to ", "by": " by ",
    "x": " × ", "×": " × ", "*": " × ", "xx": " × ", "+/-": " ± ", "±": " ± ", "or": " or ",
    ",": ", ", "by(x)": " by ",
    "to about": " to about ", "and(-)": " and ", "or(-)": " or ", "+": " + ", "/": "/",
}  # fmt: skip
_NUMBER: Final = re.compile(r"[+−-]?[\d,. ]*\d(?:[./⁄]\d+)?(?:[eE][+-]?\d+)?\.?")
_UNITS: Final = {
    name: words.strip()
    for name, _, words in (
        entry.strip().partition(":")
        for entry in """
        m: metres; km: kilometres; cm: centimetres; mm: millimetres; um: micrometres; nm:
        nanometres; ft: feet; in: inches; yd: yards; mi: miles; nmi: nautical miles; mile:
        miles; foot: feet; kg: kilograms; g: grams; mg: milligrams; t: tonnes; lb: pounds;
        oz: ounces; st: stone; km2: square kilometres; sqkm: square kilometres; m2: square
        metres; sqm: square metres; sqmi: square miles; mi2: square miles; sqft: square
        feet; sqin: square inches; cm2: square centimetres; ha: hectares; acre: acres; m3:
        cubic metres; cuft: cubic feet; km3: cubic kilometres; cm3: cubic centimetres; cc:
        cubic centimetres; L: litres; l: litres; ml: millilitres; mL: millilitres; gal:
        gallons; USgal: US gallons; impgal: imperial gallons; usgal: US gallons; floz: fluid
        ounces; km/h: kilometres per hour; mph: miles per hour; m/s: metres per second; kn:
        knots; knot: knots; ft/s: feet per second; C: °C; F: °F; K: K; °C: °C; °F: °F; hp:
        horsepower; kW: kilowatts; W: watts; MW: megawatts; GW: gigawatts; J: joules; kJ:
        kilojoules; kcal: kilocalories; kWh: kilowatt-hours; N: newtons; kN: kilonewtons;
        Pa: pascals; kPa: kilopascals; MPa: megapascals; GPa: gigapascals; bar: bars; psi:
        pounds per square inch; atm: atmospheres; ly: light-years; pc: parsecs; kpc:
        kiloparsecs; Mpc: megaparsecs; AU: astronomical units; au: astronomical units; long
        ton: long tons; short ton: short tons; ST: short tons; LT: long tons; MT: tonnes;
        Hz: hertz; kHz: kilohertz; MHz: megahertz; cuyd: cubic yards; cumi: cubic miles;
        acre.ft: acre-feet; m3/s: cubic metres per second; cuft/s: cubic feet per second;
        /km2: per square kilometre; PD/sqkm: inhabitants per square kilometre; PD/sqmi:
        inhabitants per square mile
        """.split(";")
    )
}  # fmt: skip
_SINGULAR: Final = {"feet": "foot", "inches": "inch", "square feet": "square foot"}


def exponent(power: str) -> str:
    """Ten to a power, as {{e|6}} prints it after a number."""
    return f"×10{superscript(power.replace('-', '−'), marked=True)}" if power else ""


def val(given: Arguments) -> str:
    """{{val|1.23|0.04|e=5|u=m}}: a number with uncertainty, power of ten and unit."""
    number, plus, minus = given.at(1), given.at(2), given.at(3)
    words = number.replace("-", "−") if re.fullmatch(r"-[\d.,]+", number) else number
    if plus and minus:
        words += superscript(f"+{plus.lstrip('+')}", marked=True)
        words += subscript(f"−{minus.lstrip('-−')}", marked=True)
    elif plus:
        words += plus if plus.startswith("(") else f" ± {plus.lstrip('±+')}"
    power, unit, per = given.get("e"), given.get("u", "ul"), given.get("up", "upl")
    if power and plus and not plus.startswith("(") and not minus:
        words = f"({words})"
    words += exponent(power) if words else exponent(power).lstrip("×")
    symbol = unit_symbol(unit) + (f"/{unit_symbol(per)}" if per else "")
    words = given.get("p") + words + given.get("s", "end")
    return f"{words}{'' if symbol[:1] in '%°' and symbol[1:2] not in 'CF' else ' '}{symbol}".strip()


def unit_symbol(code: str) -> str:
    """A unit's code as it is printed: `m.s-2` is m⋅s with a superscript.

    >>> from tokenization.markers import reveal
    >>> reveal(unit_symbol("kg.m-3"))
    'kg⋅m[START_SUP]−3[END_SUP]'
    """
    if not re.fullmatch(r"[\wµμΩ°%/.⋅·*-]{1,30}", code):
        return code
    code = re.sub(r"[.*·](?=[^\W\d])", "⋅", code)
    return re.sub(
        r"(?<=[^\W\d_])([−-]?\d)(?![\d.])",
        lambda match: superscript(match.group(1).replace("-", "−"), marked=True),
        code,
    )


def fraction(given: Arguments) -> str:
    """{{frac|a|b}} is a/b, {{frac|n|a|b}} a whole number and a fraction, {{frac|b}} 1/b."""
    parts = given.positional()
    if len(parts) >= 3:
        return f"{parts[0]} {parts[1]}/{parts[2]}"
    return "/".join(["1", *parts] if len(parts) == 1 else parts)


def structured_fraction(given: Arguments) -> str:
    """{{sfrac|a|b}}, with parentheses where a part is a sum."""
    parts = given.positional()
    whole = f"{parts.pop(0)} " if len(parts) >= 3 else ""
    parts = ["1", *parts] if len(parts) == 1 else parts
    return whole + "/".join(
        f"({part})" if re.search(r"\S\s*[+−–⋅·×/-]\s*\S|\s", part) else part for part in parts
    )


def convert(given: Arguments) -> str:
    """The measure of {{convert}}, as it is given: `10–20 kilometres`."""
    arguments = given.positional()
    words: list[str] = []
    at = 0
    while at < len(arguments):
        part = arguments[at]
        if _NUMBER.fullmatch(part) or not words:
            words.append(re.sub(r"^-", "−", part))
        elif part in _RANGES and at + 1 < len(arguments) and len(words) < 12:
            words.append(_RANGES[part])
        else:
            break
        at += 1
    number = "".join(words)
    unit = arguments[at] if at < len(arguments) else ""
    if at + 2 < len(arguments) and _NUMBER.fullmatch(arguments[at + 1]):
        # {{convert|5|ft|7|in}}
        second = arguments[at + 1]
        units = _unit(unit, number, given), _unit(arguments[at + 2], second, given)
        if given.get("adj") == "on":
            return f"{number}-{_one(units[0])}-{second}-{_one(units[1])}"
        return f"{number} {units[0]} {second} {units[1]}"
    name = _unit(unit, number, given)
    if given.get("disp") in ("number", "num") or not name:
        return number
    if given.get("adj") in ("on", "1") and name in _UNITS.values():
        return f"{number}-{_one(name).replace(' ', '-')}"
    if given.get("adj") == "mid" and at + 1 < len(arguments):
        return f"{number}-{_one(name)}"
    return f"{number} {name}"


def _unit(code: str, number: str, given: Arguments) -> str:
    adjective = given.get("adj") in ("on", "1", "mid")
    if given.get("abbr") in ("on", "in", "1", "all", "~") or given.get("sp") == "abbr":
        symbols = {"C": "°C", "F": "°F", "sqmi": "sq mi", "sqft": "sq ft", "cuft": "cu ft",
                   "um": "μm", "km2": "km2", "sqkm": "km2", "sqm": "m2"}  # fmt: skip
        return unit_symbol(symbols.get(code, code)) if code != "sqmi" else "sq mi"
    name = _UNITS.get(code)
    if name is None:
        return unit_symbol(code)
    if given.get("sp") == "us":
        name = name.replace("metre", "meter").replace("litre", "liter")
    return _one(name) if number in ("1", "−1", "1.0") and not adjective else name


def _one(name: str) -> str:
    first, per, rest = name.partition(" per ")
    first = _SINGULAR.get(first) or (
        first[:-1] if first.endswith("s") and first != "hertz" else first
    )
    return first + per + rest


def month_date(given: Arguments, first: int = 1) -> str:
    """{{start date|1969|7|20}}: the date in words, day first where `df` is set."""
    year, month, day = (given.at(first + k) for k in range(3))
    name = _MONTHS[int(month) - 1] if re.fullmatch(r"0?[1-9]|1[0-2]", month) else month
    day = day.lstrip("0")
    if not name:
        return year
    if not day:
        return f"{name} {year}"
    if given.get("mf") or given.get("df", "dmy").lower() in ("us", "n", "no"):
        return f"{name} {day}, {year}"
    return f"{day} {name} {year}"


def as_of(given: Arguments) -> str:
    """{{as of|2015|6|30}}, the start of a sentence unless `lc` is set."""
    alternative = given.get("alt")
    if alternative:
        return alternative
    word = "since" if given.get("since") else "as of"
    word = word if given.get("lc") else word.capitalize()
    return f"{word} {month_date(given)}{given.get('post')}"
