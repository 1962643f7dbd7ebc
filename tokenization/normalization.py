"""Unicode normalization of UTF-8 documents, only where it changes something.

Most text is stable under NFKC, and normalizing it costs more than encoding it. A compiled scan
finds the characters that `tokenization.character_tables` says may change. A character with the same
replacement everywhere is replaced from a table. One that may compose or change places with what
stands before it (a combining accent, a Hangul vowel) is handed to `tokenizers` itself with the
character before it: that one is a stable starter, so nothing further left can matter, and the run
ends before the next stable character, which nothing can join.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit
from tokenizers.normalizers import Normalizer

from tokenization.character_tables import INTERACTS, STABLE, Normalization
from tokenization.raw_memory import (
    OPTIONS,
    character_size,
    code_point_at,
    compiled,
    load8,
    load32,
    load64,
    loadi64,
    store8,
    store64,
    storei64,
    trailing_zeros,
)

#: Columns of a change: where it begins and ends in the text, and whether it is one to hand over.
_COLUMNS: Final = 3
#: Room for the changes of most texts, so that these are gone through once.
_FEW_CHANGES: Final = 1 << 12
_HIGH_BITS: Final = np.uint64(0x8080808080808080)

Buffer = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def normalize(
    text: Buffer,
    ends: Places,
    padding: int,
    table: Normalization,
    normalizer: Normalizer,
) -> tuple[Buffer, Places]:
    """The documents of a buffer, normalized, and where each ends.

    `text`: UTF-8, a newline after each document, `padding` bytes (at least 8) after the last;
    `ends`: int64, where each document ends. Returns the arguments where nothing changes.
    """
    size = len(text) - padding
    start = text.ctypes.data
    effects = table.effects.ctypes.data
    changes = np.empty((_FEW_CHANGES, _COLUMNS), np.int64)
    num_changes = find_changes(start, size, effects, changes.ctypes.data, len(changes))
    if not num_changes:
        return text, ends
    if num_changes > len(changes):
        changes = np.empty((num_changes, _COLUMNS), np.int64)
        find_changes(start, size, effects, changes.ctypes.data, len(changes))
    changes = changes[:num_changes]
    handed_over = changes[changes[:, 2] == 1]
    # A newline neither changes nor joins anything, so one call does for all.
    runs = b"\n".join([text[begin:end].tobytes() for begin, end, _ in handed_over.tolist()])
    forms = np.frombuffer(normalizer.normalize_str(runs.decode()).encode() + b"\n", np.uint8)
    arguments = np.array(
        [
            start,
            size,
            changes.ctypes.data,
            num_changes,
            forms.ctypes.data,
            table.replaced.ctypes.data,
            len(table.replaced),
            table.starts.ctypes.data,
            table.replacements.ctypes.data,
            ends.ctypes.data,
            len(ends),
        ],
        np.int64,
    )
    new_size = rewrite(arguments.ctypes.data, 0, 0)
    new_text = np.empty(new_size + padding, np.uint8)
    new_text[new_size:] = 0
    new_ends = np.empty_like(ends)
    rewrite(arguments.ctypes.data, new_text.ctypes.data, new_ends.ctypes.data)
    return new_text, new_ends


@compiled("int64(int64, int64, int64, int64, int64)")
def find_changes(text, size, effects, changes, room):
    """The number of changes in a text; the first `room` of them are written to `changes`."""
    place = text
    end = text + size
    count = np.int64(0)
    while place < end:
        beyond_ascii = load64(place) & _HIGH_BITS
        if beyond_ascii == np.uint64(0):
            place += 8
            continue
        place += trailing_zeros(beyond_ascii) >> 3
        effect = load8(effects + code_point_at(place))
        if effect == STABLE:
            place += character_size(load8(place))
            continue
        begin = place
        interacts = False
        while effect != STABLE and place < end:
            interacts |= effect == INTERACTS
            place += character_size(load8(place))
            effect = load8(effects + code_point_at(place))
        if interacts and begin > text and load8(begin - 1) != 0x0A:
            begin -= 1
            while load8(begin) & 0xC0 == 0x80:
                begin -= 1
        if count < room:
            row = changes + 8 * _COLUMNS * count
            storei64(row, begin - text)
            storei64(row + 8, place - text)
            storei64(row + 16, np.int64(interacts))
        count += 1
    return count


@njit(**OPTIONS)
def _copy(source, size, target):
    i = np.int64(0)
    while i + 8 <= size:
        store64(target + i, load64(source + i))
        i += 8
    while i < size:
        store8(target + i, load8(source + i))
        i += 1


@njit(**OPTIONS)
def _rank(number, replaced, count):
    """The place of a code point among the `replaced` ones, which rise."""
    low = np.int64(0)
    high = count - 1
    while low < high:
        middle = (low + high) >> 1
        if load32(replaced + 4 * middle) < number:
            low = middle + 1
        else:
            high = middle
    return low


@compiled("int64(int64, int64, int64)")
def rewrite(arguments, output, new_ends):
    """Copy a text with its changes made; returns the new size. With `output` 0 only that."""
    text = loadi64(arguments)
    size = loadi64(arguments + 8)
    changes = loadi64(arguments + 16)
    num_changes = loadi64(arguments + 24)
    form = loadi64(arguments + 32)
    replaced = loadi64(arguments + 40)
    num_replaced = loadi64(arguments + 48)
    starts = loadi64(arguments + 56)
    replacements = loadi64(arguments + 64)
    ends = loadi64(arguments + 72)
    num_documents = loadi64(arguments + 80)
    place = np.int64(0)
    written = np.int64(0)
    document = np.int64(0)
    for k in range(num_changes + 1):
        row = changes + 8 * _COLUMNS * k
        begin = loadi64(row) if k < num_changes else size
        while document < num_documents and loadi64(ends + 8 * document) <= begin:
            if output:
                storei64(new_ends + 8 * document, written + loadi64(ends + 8 * document) - place)
            document += 1
        if output:
            _copy(text + place, begin - place, output + written)
        written += begin - place
        place = begin
        if k == num_changes:
            break
        end = loadi64(row + 8)
        if loadi64(row + 16):
            length = np.int64(0)
            while load8(form + length) != 0x0A:
                length += 1
            if output:
                _copy(form, length, output + written)
            written += length
            form += length + 1
        else:
            while place < end:
                rank = _rank(code_point_at(text + place), replaced, num_replaced)
                first = load32(starts + 4 * rank)
                length = load32(starts + 4 * rank + 4) - first
                if output:
                    _copy(replacements + first, length, output + written)
                written += length
                place += character_size(load8(text + place))
        place = end
    return written
