"""The prose of a document: what can be judged as language, without what has a nature of its own.

Sequences, structures, formulas, work and cited titles stand in marker spans; formulas also in
`\\( \\)` and `\\[ \\]`, where a recipe has no markers for them; code stands in fences. None of it
counts as prose, so that a paper full of formulas is not one full of symbols.
"""

import re
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from tokenization.markers import RESERVED_FIRST, RESERVED_LAST, MarkerTable, Reading

#: Spans of text that are part of the sentence they stand in; own markers for text are, too.
_PART_OF_SENTENCES: Final = ("SUP", "SUB")
_FIRST_OWN_ROW: Final = 128

_FENCE: Final = re.compile(r"^[ \t]{0,3}(`{3,})[^`\n]*$", re.MULTILINE)
_DELIMITER: Final = re.compile(r"\\[()\[\]]")

CodePoints = npt.NDArray[np.uint32]


def opaque_rows(table: MarkerTable) -> tuple[tuple[int, int], ...]:
    """The rows of the markers, opening and closing, whose spans are no prose.

    >>> from tokenization.markers import BUILT_IN
    >>> (0, 1) in opaque_rows(BUILT_IN)  # [START_REF], [END_REF]
    True
    """
    return tuple(
        (marker.row, table.by_spelling[marker.closed_by].row)
        for marker in table.rows
        if marker.closed_by is not None
        and marker.name not in _PART_OF_SENTENCES
        and not (marker.row >= _FIRST_OWN_ROW and marker.reading is Reading.TEXT)
    )


def code_points(text: str) -> CodePoints:
    """The code points of a text, as an array."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def is_marker(points: CodePoints) -> npt.NDArray[np.bool_]:
    """Where markers stand."""
    return (points >= RESERVED_FIRST) & (points <= RESERVED_LAST)


@cache
def _changes(opaque: tuple[tuple[int, int], ...]) -> npt.NDArray[np.int8]:
    """By how much the row of a marker changes the number of spans that one is in."""
    changes = np.zeros(RESERVED_LAST - RESERVED_FIRST + 1, dtype=np.int8)
    for opening, closing in opaque:
        changes[opening], changes[closing] = 1, -1
    return changes


def prose_of(points: CodePoints, opaque: tuple[tuple[int, int], ...]) -> str:
    """The prose of a marked text; a blank stands where a span was.

    Linear in the text, whatever it holds.
    """
    markers = is_marker(points)
    if markers.any():
        changes = np.zeros(len(points), dtype=np.int8)
        changes[markers] = _changes(opaque)[points[markers] - RESERVED_FIRST]
        opens = changes == 1
        kept = (np.cumsum(changes, dtype=np.int32) <= 0) & ~markers | opens
        points = np.where(opens, np.uint32(0x20), points)[kept]
    text = points.astype("<u4").tobytes().decode("utf-32-le")
    if "```" in text:
        text = _without_code(text)
    if "\\(" in text or "\\[" in text:
        text = _without_formulas(text)
    return text


def _without_code(text: str) -> str:
    kept: list[str] = []
    start = 0
    fence = ""
    for line in _FENCE.finditer(text):
        if not fence:
            kept.append(text[start : line.start()])
            fence, start = line[1], line.start()
        elif len(line[1]) >= len(fence) and line[0].strip() == line[1]:
            fence, start = "", line.end()
    if fence:
        return "".join(kept)  # a fence that nothing closes goes on to the end, as in Markdown
    return "".join([*kept, text[start:]])


def _without_formulas(text: str) -> str:
    kept: list[str] = []
    start = 0
    opened: re.Match[str] | None = None
    for delimiter in _DELIMITER.finditer(text):
        sign = delimiter[0][1]
        if sign in "([":
            opened = delimiter
        elif opened is not None and sign == {"(": ")", "[": "]"}[opened[0][1]]:
            kept.append(text[start : opened.start()])
            start, opened = delimiter.end(), None
    return " ".join([*kept, text[start:]])
