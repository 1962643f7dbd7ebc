r"""Operators of a row: which are infix and have spaces, which are fences and of which pair."""

import re
from collections.abc import Sequence
from typing import Final

from corpora.mathml.pieces import join
from corpora.mathml.symbols import CLOSING, OPENING, SPACED

_SIGNS: Final = frozenset("-−–+±∓")
_MANY_SPACES: Final = re.compile(" {2,}")


def pair(opening: str | None, closing: str | None) -> bool:
    """Whether two operators are the fences of a pair."""
    if opening in OPENING:
        return closing in CLOSING
    return opening is not None and opening == closing and opening in ("|", "‖", "∥", "∣")


def encloses(operators: Sequence[str | None]) -> bool:
    """Whether the first fence of a row is closed by its last, as in `(a)` but not `(a)+(b)`."""
    if operators[0] not in OPENING:
        return operators.count(operators[0]) == 2
    depth = 0
    for i, operator in enumerate(operators):
        depth += (operator in OPENING) - (operator in CLOSING)
        if depth == 0:
            return i == len(operators) - 1
    return False


def infix(parts: Sequence[str], operators: Sequence[str | None]) -> str:
    """Parts side by side, spaces around those that are infix operators."""
    spaced: list[str] = []
    last = len(parts) - 1
    before: str | None = None
    for i, (part, operator) in enumerate(zip(parts, operators, strict=True)):
        if operator is None:
            before = None
            spaced.append(part)
            continue
        # A sign after another operator or an opening fence is no infix: `= -x`, `(-x)`.
        sign = operator in _SIGNS and before is not None and before not in CLOSING
        signs = sign and (before in SPACED or before in OPENING or before == ",")
        before = operator
        if 0 < i < last and operator in SPACED and not signs:
            spaced.append(f" {part} ")
        elif operator in (",", ";") and 0 < i < last:
            spaced.append(f"{part} ")
        elif operator in SPACED and operator not in _SIGNS and last > 0:
            # A line of an aligned set begins or ends with its relation.
            spaced.append(f"{part} " if i == 0 else f" {part}" if i == last else part)
        else:
            spaced.append(part)
    joined = join(spaced)
    return _MANY_SPACES.sub(" ", joined) if "  " in joined else joined
