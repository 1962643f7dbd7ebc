"""Conditions and sums of wikitext: {{#if}}, {{#ifeq}}, {{#switch}}, {{#expr}}.

https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions. Sums are of numbers and of the signs
that articles use; any other gives nothing.
"""

import operator
import re
from collections.abc import Callable
from typing import Final

_TOKEN: Final = re.compile(
    r"\s*(?:(\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})|(round|mod|div|[-+*/^()−×]))"
)
_LONGEST: Final = 200
_LARGEST_POWER: Final = 64
_Operation = Callable[[float, float], float]
#: Sign -> how strongly it binds, and what it does.
_BINARY: Final[dict[str, tuple[int, _Operation]]] = {
    "round": (1, lambda a, b: round(a, int(max(-15, min(15, b))))),
    "+": (2, operator.add), "-": (2, operator.sub), "−": (2, operator.sub),
    "*": (3, operator.mul), "×": (3, operator.mul), "/": (3, operator.truediv),
    "div": (3, operator.truediv), "mod": (3, lambda a, b: float(int(a) % int(b))),
    "^": (4, lambda a, b: a**b if abs(b) <= _LARGEST_POWER else float("nan")),
}  # fmt: skip


def if_equal(value: str, arguments: list[str]) -> str:
    """{{#ifeq:value|other|then|else}}; numbers are compared as numbers."""
    other, then, otherwise = ([part.strip() for part in arguments] + ["", "", ""])[:3]
    return then if value == other or _equal_numbers(value, other) else otherwise


def switch(value: str, arguments: list[str]) -> str:
    """{{#switch:value|a=1|b|c=2|#default=3}}: cases without a value fall through to the next.

    >>> [switch(value, ["a=1", "b", "c=2", "3"]) for value in "abz"]
    ['1', '2', '3']
    """
    found, default = False, ""
    for number, part in enumerate(arguments):
        case, equals, result = part.partition("=")
        case = case.strip()
        if not equals:
            if number == len(arguments) - 1:
                return result.strip() if found and result else case
            found = found or case == value or _equal_numbers(case, value)
            continue
        if found or case == value or _equal_numbers(case, value):
            return result.strip()
        if case == "#default":
            default = result.strip()
    return default


def expression(words: str) -> str:
    """{{#expr:2 + 3 * 4}}; "" for what is no such sum.

    >>> expression("2 + 3 * (4 - 1) ^ 2"), expression("10 / 4 round 1"), expression("a + 1")
    ('29', '2.5', '')
    """
    values: list[float] = []
    signs: list[str] = []
    at, operand = 0, True
    words = words.strip()
    if len(words) > _LONGEST:
        return ""
    try:
        while at < len(words):
            token = _TOKEN.match(words, at)
            if token is None:
                return ""
            at = token.end()
            number, sign = token.groups()
            if number is not None:
                values.append(float(number))
                operand = False
            elif sign == "(":
                signs.append(sign)
                operand = True
            elif sign == ")":
                while signs[-1] != "(":
                    _apply(values, signs)
                signs.pop()
                operand = False
            else:
                if operand:
                    values.append(0.0)
                while signs and signs[-1] != "(" and _binds(signs[-1]) >= _binds(sign):
                    _apply(values, signs)
                signs.append(sign)
                operand = True
        while signs:
            _apply(values, signs)
        (result,) = values
        whole = result == int(result)
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
        return ""
    return str(int(result)) if whole else f"{result:.12g}"


def _binds(sign: str) -> int:
    return _BINARY[sign][0]


def _apply(values: list[float], signs: list[str]) -> None:
    second, first = values.pop(), values.pop()
    values.append(_BINARY[signs.pop()][1](first, second))


def _equal_numbers(one: str, other: str) -> bool:
    numbers = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?")
    both = numbers.fullmatch(one) and numbers.fullmatch(other)
    return bool(both) and float(one) == float(other)
