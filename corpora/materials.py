"""Formulas of materials: alloys, doped oxides, hydrates, with fractions and unknown amounts.

`LiNi0.8Mn0.1Co0.1O2`, `(Ba0.5Sr0.5)TiO3`, `YBa2Cu3O7-δ`, `La2-xSrxCuO4`, `CuSO4·5H2O`. A formula is
checked and kept as written: the order of its elements says what is on which site.
"""

import re
from dataclasses import dataclass
from typing import Final

from rdkit import Chem

from corpora.documents import RecordUnreadable

NO_FORMULA: Final = "no formula of a material"
#: The longest formulas of minerals and high-entropy alloys have some 150.
MAX_CHARACTERS: Final = 500

ELEMENTS: Final = frozenset(
    Chem.GetPeriodicTable().GetElementSymbol(number) for number in range(1, 119)
) | {"D", "T"}

_CLOSING: Final = {")": "(", "]": "[", "}": "{"}
_NUMBER: Final = r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})"
_TERM: Final = rf"(?:{_NUMBER}?[xyzunmδ]|{_NUMBER})"
#: `2`, `0.5`, `x`, `1-x`, `7-δ`, `1-x-y`, `2-2x`.
_AMOUNT: Final = re.compile(rf"{_TERM}(?:[+-]{_TERM})*")
_SYMBOL: Final = re.compile("[A-Z][a-z]?")
_COEFFICIENT: Final = re.compile(rf"{_NUMBER}|[xyzunm]")
_ZERO: Final = re.compile(r"[0.]+")

# What fonts and typesetting write for the same characters.
_PLAIN: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋−–•∙⋅", "0123456789+---···", "\u200b\u2060")


@dataclass(frozen=True, slots=True)
class Material:
    """A checked formula, and the elements in it, each once, in their order."""

    formula: str
    elements: tuple[str, ...]


def parse_material(written: str) -> Material:
    """A formula checked: known elements, balanced brackets, an amount that is not zero.

    Blanks are taken out, and subscripts, minus signs and dots become the plain ones; no more is
    changed. Raises RecordUnreadable, with the place, for anything that is no formula.

    >>> parse_material("(Ba0.5Sr0.5)TiO₃")
    Material(formula='(Ba0.5Sr0.5)TiO3', elements=('Ba', 'Sr', 'Ti', 'O'))
    >>> parse_material("La2-xSrxCuO4").elements
    ('La', 'Sr', 'Cu', 'O')
    """
    formula = "".join(written.split()).translate(_PLAIN)
    if not formula or len(formula) > MAX_CHARACTERS:
        raise RecordUnreadable(NO_FORMULA, f"{len(formula)} characters; 1 to {MAX_CHARACTERS}")
    elements: dict[str, None] = {}
    open_brackets: list[str] = []
    position = 0
    group_is_empty = True

    def refuse(why: str) -> RecordUnreadable:
        return RecordUnreadable(NO_FORMULA, f"{why} at position {position} of {formula!r}")

    while position < len(formula):
        character = formula[position]
        if character in "([{":
            open_brackets.append(character)
            position += 1
            group_is_empty = True
            continue
        if character == "·":
            if open_brackets or group_is_empty:
                raise refuse("a dot that joins nothing")
            position += 1
            if coefficient := _COEFFICIENT.match(formula, position):
                position = coefficient.end()
            group_is_empty = True
            continue
        if character in _CLOSING:
            if group_is_empty or not open_brackets or open_brackets.pop() != _CLOSING[character]:
                raise refuse(f"a {character} that closes nothing")
            position += 1
        else:
            element = _element(formula, position)
            if element is None:
                raise refuse("no element")
            elements[element] = None
            position += len(element)
        group_is_empty = False
        if amount := _AMOUNT.match(formula, position):
            if _ZERO.fullmatch(amount.group()):
                raise refuse("none of something")
            position = amount.end()
    if open_brackets:
        raise refuse(f"a {open_brackets[-1]} never closed,")
    if group_is_empty:
        raise refuse("nothing after the dot,")
    return Material(formula, tuple(elements))


def _element(formula: str, position: int) -> str | None:
    """The element there, of two letters where there is one: `Co` is cobalt, `Ox` is x oxygen."""
    symbol = _SYMBOL.match(formula, position)
    if symbol is None:
        return None
    candidates = (symbol.group(), symbol.group()[0])
    return next((candidate for candidate in candidates if candidate in ELEMENTS), None)
