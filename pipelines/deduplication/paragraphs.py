"""Paragraphs: what of a document goes or stays as one, and a document without some of them.

Paragraphs are what two or more newlines part. Those that a span of markers holds together (a
citation, a working, a formula that opens in one and closes in another) are one.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from pipelines.deduplication.window_kernels import Bytes, Places
from tokenization.markers import BUILT_IN, RESERVED_FIRST, MarkerTable, Reading
from tokenization.raw_memory import compiled

_REF: Final = BUILT_IN.named("REF")[0].code_point
#: What a marker does, by its row: nothing known, opens, closes, opens a sequence.
UNKNOWN, OPENS, CLOSES, OPENS_SEQUENCE = range(4)


def marker_kinds(table: MarkerTable) -> bytes:
    """What the marker of each row does to the spans around it, 256 bytes."""
    kinds = bytearray(256)
    for marker in table.rows:
        if marker.closes is not None:
            kinds[marker.row] = CLOSES
        elif marker.closed_by is not None:
            kinds[marker.row] = OPENS if marker.reading is Reading.TEXT else OPENS_SEQUENCE
    assert RESERVED_FIRST == 0xE000
    return bytes(kinds)


class Remaining(NamedTuple):
    """What is left of a document, and which of its citations went: 0 is its first REF span."""

    text: str
    removed_citations: list[int]


def remove_paragraphs(text: str, ranges: Sequence[tuple[int, int]]) -> Remaining:
    """A text without some of its paragraphs, given as ascending ranges of characters.

    Where paragraphs went, one blank line stands between what stays; all else is as it was.

    >>> remove_paragraphs("a\\n\\nb\\n\\nc\\n\\nd", [(3, 4), (6, 7)]).text
    'a\\n\\nd'
    """
    if not ranges:
        return Remaining(text, [])
    pieces: list[str] = []
    citations: list[int] = []
    seen = place = 0
    for begin, end in ranges:
        pieces.append(text[place:begin])
        seen += text.count(_REF, place, begin)
        gone = text.count(_REF, begin, end)
        citations.extend(range(seen, seen + gone))
        seen += gone
        place = end
    pieces.append(text[place:])
    last = len(pieces) - 1
    for number, piece in enumerate(pieces):
        # Only the newlines beside what went are touched.
        piece = piece.lstrip("\n") if number else piece
        pieces[number] = piece.rstrip("\n") if number < last else piece
    return Remaining("\n\n".join(filter(None, pieces)), citations)


def paragraphs_of(
    text: Bytes, begins: Places, ends: Places, kinds: bytes
) -> tuple[Places, Places, Places]:
    """The paragraphs of documents that stand between `begins` and `ends` in a text.

    Returns where each begins and ends, and the number of its document, in order.
    """
    table = np.frombuffer(bytearray(kinds), np.uint8)
    nothing = np.empty((0, 3), np.int64)
    count = find_paragraphs(text, begins, ends, table, nothing)
    found = np.empty((count, 3), np.int64)
    find_paragraphs(text, begins, ends, table, found)
    return found[:, 0], found[:, 1], found[:, 2]


@compiled("int64(uint8[::1], int64[::1], int64[::1], uint8[::1], int64[:, ::1])")
def find_paragraphs(text, begins, ends, kinds, found):
    """The number of paragraphs; as many as there is room for are written, a row each."""
    count = np.int64(0)
    for document in range(len(begins)):
        end = ends[document]
        place = begins[document]
        begin = place
        depth = np.int64(0)
        while place <= end:
            byte = text[place] if place < end else np.uint8(0x0A)
            if byte == 0x0A:
                stop = place
                while place < end and text[place] == 0x0A:
                    place += 1
                if stop < end and (depth > 0 or place - stop < 2):
                    continue
                if stop > begin:
                    if count < len(found):
                        found[count, 0] = begin
                        found[count, 1] = stop
                        found[count, 2] = document
                    count += 1
                begin = place
                if stop == end:
                    break
                continue
            if byte == 0xEE and place + 2 < end and text[place + 1] < 0x84:
                row = (np.int64(text[place + 1]) - 0x80) << 6 | (np.int64(text[place + 2]) - 0x80)
                kind = kinds[row]
                if kind in (OPENS, OPENS_SEQUENCE):
                    depth += 1
                elif kind == CLOSES and depth > 0:
                    depth -= 1
                place += 3
                continue
            place += 1
    return count
