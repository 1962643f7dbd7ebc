"""A problem and what makes it: variables drawn by a seed, words with places for them, checks."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from corpora.onesmallstep.amounts import Amount, Quantity, given, magnitude, number_tex, rounded

Value = Amount | int | str

_Item = TypeVar("_Item")
_PLACE: Final = re.compile(r"<([a-zA-Z_]\w*)(\.n|\.p)?>")
#: Numbers that are spoken with a vowel first: eight, eighty-five, eleven, eighteen thousand.
_ARTICLE: Final = re.compile(r"\b([Aa]) (\$?(?:8|1[18](?:\d{3})?(?!\d)))")
#: Apart from its own last digit, a result may differ from its check by what rounding the steps in
#: between makes of it.
_TOLERANCE: Final = 0.005


class WrongAnswer(Exception):
    """A template whose result is not what the independent path gives: a defect of the template."""


class Draw:
    """The variables of one problem, all from one seed.

    Only `random()` is used, whose numbers for a seed are the same in every version of Python.
    `drawn` lists what was drawn but for the choice of words: two problems of a template are the
    same where it is.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.drawn: list[str] = []

    def _below(self, number: int) -> int:
        return int(self._random.random() * number)

    def whole(self, low: int, high: int, step: int = 1) -> int:
        """A whole number from `low` to `high`, both among the possible ones."""
        value = low + step * self._below((high - low) // step + 1)
        self.drawn.append(str(value))
        return value

    def amount(
        self, low: float, high: float, unit: str = "", places: int = 0, exponent: int = 0
    ) -> Amount:
        """An amount of so many decimals, times a power of ten, between two numbers."""
        scale = 10**places
        first = round(low * scale)
        value = first + self._below(round(high * scale) - first + 1)
        text = f"{value / scale:.{places}f}" + (f"e{exponent}" if exponent else "")
        self.drawn.append(text)
        return given(text, unit)

    def choice(self, items: Sequence[_Item]) -> _Item:
        """One of some things."""
        index = self._below(len(items))
        self.drawn.append(str(index))
        return items[index]

    def sample(self, items: Sequence[_Item], number: int) -> list[_Item]:
        """Different ones of some things, in a random order."""
        left = list(items)
        return [left.pop(self._index(len(left))) for _ in range(number)]

    def _index(self, number: int) -> int:
        index = self._below(number)
        self.drawn.append(str(index))
        return index

    def phrase(self, *phrases: str) -> str:
        """One of several ways to say the same."""
        return phrases[self._below(len(phrases))]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem with its solution.

    `question`, `steps` and `answer` are LaTeX prose (`corpora.worked_problems.tex_prose`) with
    places `<name>` for `values`. `checks` pairs each result with what an independent path gives for
    it. `program`, where a person would need a computer, is Python that prints the results as they
    are printed in the answer.
    """

    question: str
    steps: Sequence[str]
    answer: str
    values: Mapping[str, Value]
    checks: Sequence[tuple[Amount | int | str, Quantity | int | str]]
    program: str = ""


Template = Callable[[Draw], Problem]


def fill(text: str, values: Mapping[str, Value]) -> str:
    r"""A text with its places filled: in a formula as they are, in words between dollars.

    `<x.n>` is the number of an amount alone, `<x.p>` the amount in parentheses where it needs them.
    `a <x>` becomes `an` where the number is spoken so.

    >>> fill(r"A mass of <m> and $2 \times <m.n>$.", {"m": given("1.5", "kg")})
    'A mass of $1.5\\ \\mathrm{kg}$ and $2 \\times 1.5$.'
    >>> fill("A <m> car", {"m": given("850", "kg")})
    'An $850\\ \\mathrm{kg}$ car'
    """

    def filled(match: re.Match[str]) -> str:
        value = values[match[1]]
        if isinstance(value, str | int):
            written = str(value)
            if match[2] == ".p" and written.startswith("-"):
                written = f"({written})"
            return written if inside or isinstance(value, str) or value >= 0 else f"${written}$"
        tex = {".n": value.number, ".p": value.bracketed}.get(match[2], value.tex)
        return tex if inside else f"${tex}$"

    parts = re.split(r"((?<!\\)\$\$?)", text)
    inside = False
    for index, part in enumerate(parts):
        if index % 2:
            inside = not inside
        else:
            parts[index] = _PLACE.sub(filled, part)
    return _ARTICLE.sub(r"\1n \2", "".join(parts))


def agrees(problem: Problem) -> bool:
    """Whether each result prints as the independent path has it.

    False where the two differ by the rounding of the steps between, and another problem is to be
    drawn; raises WrongAnswer where they differ by more, and pint's DimensionalityError where they
    are not of one kind.
    """
    for result, independent in problem.checks:
        if not isinstance(result, Amount):
            if result != independent:
                raise WrongAnswer(f"{result!r}, not {independent!r}: {problem.question}")
            continue
        value = magnitude(independent, result.unit)
        printed, last_digit = _as_printed(value, result)
        if abs(value - result.value) > _TOLERANCE * abs(value) + 0.6 * last_digit:
            raise WrongAnswer(f"{result.value!r}, not {value!r}: {problem.question}")
        if printed != result.number or printed.strip("-0.") == "":
            # Another last digit, or a zero that was rounded, with or without a sign.
            return False
    return True


def _as_printed(value: float, amount: Amount) -> tuple[str, float]:
    """A value in the form of an amount, and the size of its last digit."""
    if "times" in amount.number or "." not in amount.number:
        return number_tex(value, amount.figures), 10.0 ** (1 - amount.figures) * abs(value)
    decimals = len(amount.number.partition(".")[2])
    return f"{rounded(value, decimals):f}", 10.0**-decimals
