"""The one table of markers: spelling, code point, released id, and how the text inside is read.

A marker stands in a document as ONE code point of the reserved range U+E000-U+E0FF: U+E000 plus
its row in this table. Only the wrappers of `tokenization.wrappers` put it there, and
`tokenization.marked_text.clean` removes every such character from outside text, so no input can
forge one. People see the bracket spelling (`reveal`), and type it (`conceal`).

Spellings and ids of the first 19 rows: Galactica, section 3.1, and its released tokenizer.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reading(StrEnum):
    """How the tokenizer reads what follows an opening marker, up to the next marker."""

    TEXT = "text"
    CHARACTERS = "characters"


@dataclass(frozen=True, slots=True)
class Marker:
    """One row of the marker table.

    `closes` is the spelling of the opening marker that this one closes; `closed_by` the reverse;
    a marker with neither stands alone (`[IMAGE]`). `released_id` is its id in the released
    50,000-entry tokenizer, None for a marker that tokenizer lacks (those take the last ids).
    """

    row: int
    spelling: str
    reading: Reading = Reading.TEXT
    closes: str | None = None
    closed_by: str | None = None
    released_id: int | None = None

    @property
    def code_point(self) -> str:
        """The single reserved character that stands for this marker in marked text."""
        return chr(RESERVED_FIRST + self.row)


RESERVED_FIRST: Final = 0xE000
RESERVED_LAST: Final = 0xE0FF

#: Control tokens, in the order of their ids 0-3. They have no code point: no text can hold one.
CONTROL_TOKENS: Final = ("<s>", "<pad>", "</s>", "<unk>")
PAD_ID: Final = 1
END_OF_DOCUMENT_ID: Final = 2

_PAIRS: Final[tuple[tuple[str, str | None, Reading], ...]] = (
    ("[START_REF]", "[END_REF]", Reading.TEXT),
    ("[IMAGE]", None, Reading.TEXT),
    ("<fragments>", "</fragments>", Reading.TEXT),
    ("<work>", "</work>", Reading.TEXT),
    ("[START_SUP]", "[END_SUP]", Reading.TEXT),
    ("[START_SUB]", "[END_SUB]", Reading.TEXT),
    ("[START_DNA]", "[END_DNA]", Reading.CHARACTERS),
    ("[START_AMINO]", "[END_AMINO]", Reading.CHARACTERS),
    ("[START_SMILES]", "[END_SMILES]", Reading.CHARACTERS),
    ("[START_I_SMILES]", "[END_I_SMILES]", Reading.CHARACTERS),
    # Not in the paper: each formula in markers of its own, read as ordinary text.
    ("[START_LATEX]", "[END_LATEX]", Reading.TEXT),
)
_RELEASED_ROWS: Final = 19


def _table() -> tuple[Marker, ...]:
    rows: list[Marker] = []
    for opening, closing, reading in _PAIRS:
        for spelling in (opening, closing):
            if spelling is None:
                continue
            row = len(rows)
            rows.append(
                Marker(
                    row=row,
                    spelling=spelling,
                    reading=reading if spelling == opening else Reading.TEXT,
                    closes=opening if spelling == closing else None,
                    closed_by=closing if spelling == opening else None,
                    released_id=len(CONTROL_TOKENS) + row if row < _RELEASED_ROWS else None,
                )
            )
    return tuple(rows)


MARKERS: Final[tuple[Marker, ...]] = _table()
BY_SPELLING: Final[dict[str, Marker]] = {marker.spelling: marker for marker in MARKERS}
BY_CODE_POINT: Final[dict[str, Marker]] = {marker.code_point: marker for marker in MARKERS}

#: The four openings after which every character is one token.
CHARACTER_MARKERS: Final = tuple(m for m in MARKERS if m.reading is Reading.CHARACTERS)
#: The rows beyond the released ones: they take the last ids of a vocabulary.
ADDED_MARKERS: Final = MARKERS[_RELEASED_ROWS:]

_TO_SPELLING: Final = {ord(marker.code_point): marker.spelling for marker in MARKERS}
_ANY_SPELLING: Final = re.compile("|".join(re.escape(marker.spelling) for marker in MARKERS))
_ANY_CODE_POINT: Final = re.compile("[" + "".join(m.code_point for m in MARKERS) + "]")


def code_point(spelling: str) -> str:
    """The reserved character of the marker with this bracket spelling (KeyError if unknown).

    >>> hex(ord(code_point("[END_REF]")))
    '0xe001'
    """
    return BY_SPELLING[spelling].code_point


def reveal(marked_text: str) -> str:
    """Marked text with every marker in its bracket spelling: for people, never encoded as corpus.

    >>> reveal("water, " + code_point("[START_SMILES]") + "O" + code_point("[END_SMILES]"))
    'water, [START_SMILES]O[END_SMILES]'
    """
    return marked_text.translate(_TO_SPELLING)


def conceal(text: str) -> str:
    """The reverse of `reveal`, for prompts that a person types: spellings become markers.

    Never used on corpus text, where a literal spelling is ordinary text.

    >>> conceal("[START_AMINO]MKV") == code_point("[START_AMINO]") + "MKV"
    True
    """
    return _ANY_SPELLING.sub(lambda match: BY_SPELLING[match.group()].code_point, text)


def pairing_fault(marked_text: str) -> str | None:
    """Why the markers of a text do not pair, or None when they do.

    Spans nest properly; a sequence span (one token a character) holds no other marker.

    >>> pairing_fault(code_point("[START_REF]") + " a title")
    '[START_REF] at character 0 is never closed'
    >>> pairing_fault("plain") is None
    True
    """
    open_spans: list[tuple[Marker, int]] = []
    for match in _ANY_CODE_POINT.finditer(marked_text):
        marker = BY_CODE_POINT[match.group()]
        position = match.start()
        inside = open_spans[-1][0] if open_spans else None
        if marker.closes is not None:
            if inside is None or inside.spelling != marker.closes:
                holder = inside.spelling if inside else "no span"
                return f"{marker.spelling} at character {position} closes {holder}"
            open_spans.pop()
            continue
        if inside is not None and inside.reading is Reading.CHARACTERS:
            return f"{marker.spelling} at character {position} stands inside {inside.spelling}"
        if marker.closed_by is not None:
            open_spans.append((marker, position))
    if open_spans:
        marker, position = open_spans[-1]
        return f"{marker.spelling} at character {position} is never closed"
    return None
