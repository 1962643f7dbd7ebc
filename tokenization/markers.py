"""The table of markers: spelling, code point, released id, and how the text inside is read.

A marker stands in a document as ONE code point of the reserved range U+E000-U+E0FF: U+E000 plus
its row in the table. Only the wrappers of `tokenization.wrappers` put it there, and
`tokenization.marked_text.clean` removes every such character from outside text, so no input can
forge one. People see the bracket spelling (`reveal`), and type it (`conceal`).

`BUILT_IN` holds the markers that every tokenizer may have. A recipe's own markers
(`tokenization.own_markers`) take the rows from 128 on, in the table of its tokenizer.

Spellings and ids of the first 19 rows: Galactica, section 3.1, and its released tokenizer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np


class Reading(StrEnum):
    """How the tokenizer reads what follows an opening marker, up to the next marker.

    `text`: as it reads all text. `characters`: one token a character. `symbols`: one token for
    each bracketed symbol that the vocabulary holds (`[=Branch1]`), else one a character.
    """

    TEXT = "text"
    CHARACTERS = "characters"
    SYMBOLS = "symbols"


@dataclass(frozen=True, slots=True)
class Marker:
    """One row of a marker table.

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

    @property
    def name(self) -> str:
        """What recipes call it, the same for both of a pair.

        >>> [BY_SPELLING[s].name for s in ("[START_REF]", "[END_REF]", "[IMAGE]", "</work>")]
        ['REF', 'REF', 'IMAGE', '<work>']
        """
        opening = self.closes or self.spelling
        if opening.startswith("<"):
            return opening
        return opening[1:-1].removeprefix("START_")


#: Spans of text inside each other that are seen to pair without a look at each marker.
_DEEPEST_SEEN: Final = 3


@dataclass(frozen=True)
class MarkerTable:
    """The markers of one tokenizer, or all the built-in ones, in the order of their rows.

    Raises ValueError where two rows share a number or a spelling.
    """

    rows: tuple[Marker, ...]

    def __post_init__(self) -> None:
        if len(self.by_spelling) < len(self.rows) or len(self.by_code_point) < len(self.rows):
            raise ValueError("two markers of a table share a row or a spelling")

    @cached_property
    def by_spelling(self) -> dict[str, Marker]:
        """The marker of each bracket spelling."""
        return {marker.spelling: marker for marker in self.rows}

    @cached_property
    def by_code_point(self) -> dict[str, Marker]:
        """The marker of each reserved character."""
        return {marker.code_point: marker for marker in self.rows}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of every pair and lone marker."""
        return tuple(marker.name for marker in self.rows if marker.closes is None)

    def named(self, name: str) -> tuple[Marker, Marker | None]:
        """The opening marker of a name, and its closing one where it has one.

        Raises ValueError, with the choices, for a name that the table lacks.

        >>> opening, closing = BUILT_IN.named("DNA")
        >>> opening.spelling, closing.spelling
        ('[START_DNA]', '[END_DNA]')
        """
        for marker in self.rows:
            if marker.closes is None and marker.name == name:
                return marker, self.by_spelling[marker.closed_by] if marker.closed_by else None
        raise ValueError(f"no marker named {name!r}; choices: {', '.join(self.names)}")

    @cached_property
    def _innermost(self) -> tuple[re.Pattern[str], re.Pattern[str], str]:
        """Spans of symbols with no marker inside, spans of text with lone ones, the lone ones."""
        lone = "".join(m.code_point for m in self.rows if m.closes is None and m.closed_by is None)
        spans = [
            (m, self.by_spelling[m.closed_by]) for m in self.rows if m.closed_by in self.by_spelling
        ]
        inside = f"[{lone}]*+" if lone else ""
        strict, text = (
            re.compile(
                "|".join(
                    f"{opening.code_point}{between}{closing.code_point}"
                    for opening, closing in spans
                    if (opening.reading is Reading.TEXT) == is_text
                )
                or "(?!)"
            )
            for is_text, between in ((False, ""), (True, inside))
        )
        return strict, text, lone

    def _pairs_evenly(self, markers: str) -> bool:
        """Whether the markers of a text, without the text, pair: False where it is not seen soon.

        Nearly all texts have a hundred pairs of one kind, which a pattern takes out at once.
        """
        strict, spans_of_text, lone = self._innermost
        markers = strict.sub("", markers)
        for _ in range(_DEEPEST_SEEN):
            markers = spans_of_text.sub("", markers)
        return not markers.strip(lone)

    def only(self, names: Iterable[str]) -> "MarkerTable":
        """The markers of these names, both of each pair; ValueError for a name that it lacks."""
        wanted = [marker for name in dict.fromkeys(names) for marker in self.named(name)]
        return MarkerTable(tuple(marker for marker in wanted if marker is not None))

    def with_rows(self, rows: Iterable[Marker]) -> "MarkerTable":
        """This table with more rows."""
        return MarkerTable((*self.rows, *rows))

    @cached_property
    def _to_spelling(self) -> dict[int, str]:
        return {ord(marker.code_point): marker.spelling for marker in self.rows}

    @cached_property
    def _any_spelling(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(marker.spelling) for marker in self.rows) or "(?!)")


RESERVED_FIRST: Final = 0xE000
RESERVED_LAST: Final = 0xE0FF

#: Control tokens, in the order of their ids 0-3. They have no code point: no text can hold one.
CONTROL_TOKENS: Final = ("<s>", "<pad>", "</s>", "<unk>")
PAD_ID: Final = 1
END_OF_DOCUMENT_ID: Final = 2

#: Opening or lone spelling, closing spelling, how the text inside is read.
Spelt = tuple[str, str | None, Reading]

_RELEASED: Final[tuple[Spelt, ...]] = (
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
)
# Not in the paper. LaTeX: each formula in markers of its own, read as ordinary text. The others
# are for recipes that ask for them.
_ADDED: Final[tuple[Spelt, ...]] = (
    ("[START_LATEX]", "[END_LATEX]", Reading.TEXT),
    ("[START_RNA]", "[END_RNA]", Reading.CHARACTERS),
    ("[START_SELFIES]", "[END_SELFIES]", Reading.SYMBOLS),
    ("[START_MATERIAL]", "[END_MATERIAL]", Reading.CHARACTERS),
)


def marker_rows(spelt: Iterable[Spelt], first_row: int) -> tuple[Marker, ...]:
    """Markers in consecutive rows, each closing one after its opening one."""
    rows: list[Marker] = []
    for opening, closing, reading in spelt:
        rows.append(Marker(first_row + len(rows), opening, reading, closed_by=closing))
        if closing is not None:
            rows.append(Marker(first_row + len(rows), closing, closes=opening))
    return tuple(rows)


def _built_in() -> MarkerTable:
    rows = marker_rows((*_RELEASED, *_ADDED), first_row=0)
    num_released = len(marker_rows(_RELEASED, first_row=0))
    released = (
        Marker(m.row, m.spelling, m.reading, m.closes, m.closed_by, len(CONTROL_TOKENS) + m.row)
        for m in rows[:num_released]
    )
    return MarkerTable((*released, *rows[num_released:]))


#: Every marker that needs no words in a recipe but its name.
BUILT_IN: Final = _built_in()
MARKERS: Final[tuple[Marker, ...]] = BUILT_IN.rows
BY_SPELLING: Final[dict[str, Marker]] = BUILT_IN.by_spelling
BY_CODE_POINT: Final[dict[str, Marker]] = BUILT_IN.by_code_point

#: The markers that every tokenizer has, with the ids of the released one.
RELEASED_MARKERS: Final = tuple(marker for marker in MARKERS if marker.released_id is not None)
LATEX_MARKERS: Final = tuple(marker for marker in MARKERS if marker.name == "LATEX")
#: The names of the built-in markers that a recipe lists under `tokenizer.markers` to have them.
OPTIONAL_NAMES: Final = ("RNA", "SELFIES", "MATERIAL")

_RESERVED: Final = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")
#: Longer texts are searched faster as an array of their UTF-16 units.
_SHORT: Final = 1000


def code_point(spelling: str, table: MarkerTable = BUILT_IN) -> str:
    """The reserved character of the marker with this bracket spelling (KeyError if unknown).

    >>> hex(ord(code_point("[END_REF]")))
    '0xe001'
    """
    return table.by_spelling[spelling].code_point


def reveal(marked_text: str, table: MarkerTable = BUILT_IN) -> str:
    """Marked text with every marker in its bracket spelling: for people, never encoded as corpus.

    >>> reveal("water, " + code_point("[START_SMILES]") + "O" + code_point("[END_SMILES]"))
    'water, [START_SMILES]O[END_SMILES]'
    """
    return marked_text.translate(table._to_spelling)


def conceal(text: str, table: MarkerTable = BUILT_IN) -> str:
    """The reverse of `reveal`, for prompts that a person types: spellings become markers.

    Never used on corpus text, where a literal spelling is ordinary text, but for the markers that
    a recipe says a source spells.

    >>> conceal("[START_AMINO]MKV") == code_point("[START_AMINO]") + "MKV"
    True
    """
    by_spelling = table.by_spelling
    return table._any_spelling.sub(lambda match: by_spelling[match.group()].code_point, text)


def reserved_characters(text: str) -> str:
    """The characters U+E000-U+E0FF of a text, in order: its markers, without what is between.

    >>> reserved_characters("a \ue000 b \ue001") == "\ue000\ue001"
    True
    """
    if text.isascii():
        return ""
    if len(text) < _SHORT:
        return "".join(_RESERVED.findall(text))
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    # Of a smaller number the difference is a large one.
    reserved = units[units - np.uint16(RESERVED_FIRST) <= RESERVED_LAST - RESERVED_FIRST]
    return reserved.tobytes().decode("utf-16-le")


def pairing_fault(marked_text: str, table: MarkerTable = BUILT_IN) -> str | None:
    """Why the markers of a text do not pair, or None when they do.

    Spans nest properly; a span of characters or symbols holds no other marker. A reserved
    character that is no marker of the table is a fault too: no tokenizer of that table reads it.

    >>> pairing_fault(code_point("[START_REF]") + " a title")
    '[START_REF] at character 0 is never closed'
    >>> pairing_fault("plain") is None
    True
    """
    if table._pairs_evenly(reserved_characters(marked_text)):
        return None
    open_spans: list[tuple[Marker, int]] = []
    for match in _RESERVED.finditer(marked_text):
        marker = table.by_code_point.get(match.group())
        position = match.start()
        if marker is None:
            stranger = BY_CODE_POINT.get(match.group())
            what = stranger.spelling if stranger else f"U+{ord(match.group()):04X}"
            return f"{what} at character {position} is no marker of this tokenizer"
        inside = open_spans[-1][0] if open_spans else None
        if marker.closes is not None:
            if inside is None or inside.spelling != marker.closes:
                holder = inside.spelling if inside else "no span"
                return f"{marker.spelling} at character {position} closes {holder}"
            open_spans.pop()
            continue
        if inside is not None and inside.reading is not Reading.TEXT:
            return f"{marker.spelling} at character {position} stands inside {inside.spelling}"
        if marker.closed_by is not None:
            open_spans.append((marker, position))
    if open_spans:
        marker, position = open_spans[-1]
        return f"{marker.spelling} at character {position} is never closed"
    return None
