"""Templates of numbers: {{val}}, {{frac}}, dates.

https://en.wikipedia.org/wiki/Template:Val, Template:Frac, Template:Start_date.
"""

import re
from typing import Final

from corpora.mediawiki.arguments import Arguments
from tokenization.wrappers import subscript, superscript

_BETWEEN: Final = {"-": "–", "–": "–", "to": " to ", "and": " and ", "or": " or ", "by": " by ",
                   "x": " × ", "×": " × "}  # fmt: skip
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


def exponent(power: str) -> str:
    """Ten to a power, as {{e|6}} prints it after a number."""
    return f"×10{superscript(power.replace('-', '−'), marked=True)}" if power else ""


def val(given: Arguments) -> str:
    """{{val|1.23|0.04|e=5|u=m}}: a number with uncertainty, power of ten and unit."""
    number, plus, minus = given.at(1), given.at(2), given.at(3)
    words = number.replace("-", "−") if re.fullmatch(r"-[\d.,]+", number) else number
    words = f"{int(words):,}" if given.get("fmt") == "commas" and words.isdigit() else words
    if plus in _BETWEEN and minus:
        words += _BETWEEN[plus] + minus
    elif plus and minus:
        words += superscript(f"+{plus.lstrip('+')}", marked=True)
        words += subscript(f"−{minus.lstrip('-−')}", marked=True)
    elif plus:
        words += plus if plus.startswith("(") else f" ± {plus.lstrip('±+')}"
    power, unit, per = given.get("e"), given.get("u", "ul"), given.get("up", "upl")
    if power and plus and plus not in _BETWEEN and not plus.startswith("(") and not minus:
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


def table_date(given: Arguments) -> str:
    """{{dts|1843|5|2}}; the German one gives the day first."""
    day, month, year = (given.at(number) for number in (1, 2, 3))
    if re.fullmatch(r"\d{4}", year) and not re.fullmatch(r"\d{4}", day):
        return ".".join(part for part in (day, month, year) if part)
    return month_date(given)


def as_of(given: Arguments) -> str:
    """{{as of|2015|6|30}}, the start of a sentence unless `lc` is set."""
    alternative = given.get("alt")
    if alternative:
        return alternative
    word = "since" if given.get("since") else "as of"
    word = word if given.get("lc") else word.capitalize()
    return f"{word} {month_date(given)}{given.get('post')}"
