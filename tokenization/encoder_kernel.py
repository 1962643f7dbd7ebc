"""The compiled loop: UTF-8 documents with markers to ids, by Numba.

One pass over the bytes. At each place the loop decides what piece starts there (the rules of
`tokenization.pretokenizer`, as a table of character kinds), finds where it ends, and looks the
piece up. Three things make it fast:

- A piece of up to 15 bytes is its own key: two 64-bit words, the length in the top byte. Letters
  are found eight bytes at a time, so an ordinary word costs one step, not one a letter.
- A table entry is 32 bytes, half a cache line: the key and up to seven ids (three where ids have
  four bytes) with their number. They are copied to the output whole and the place moves on by the
  number: no loop over ids.
- A piece that is not in the table goes through byte-pair merges once and is then entered. The table
  starts with the whole vocabulary (`ignore_merges`: an entry found whole wins over its merges),
  and goes back to it when it is full. It is a memory of results: what it holds changes no id.

All memory is addressed through `State`, an array of addresses and numbers; `tokenization.
encoder_tables` lays it out. The text is UTF-8, valid, a newline after every document (so that no
piece runs on) and `PADDING_BYTES` after the last. Every function is in this one module because
Numba's cache notices a change of the module only.
"""

from enum import IntEnum, auto
from typing import Final

import numpy as np
from numba import njit

from tokenization.character_tables import (
    ALONE,
    OPERATOR,
    RESERVED,
    SPACE,
)
from tokenization.raw_memory import (
    OPTIONS,
    character_size,
    code_point_at,
    compiled,
    leading_zeros,
    least_of_16,
    letters_at,
    load8,
    load32,
    load64,
    loadi64,
    store8,
    store16,
    store32,
    store64,
    storei64,
    trailing_zeros,
)


class State(IntEnum):
    """Places in the int64 array that the compiled functions work on. `*_AT` are addresses."""

    # The text and what is done of it.
    PLACE_AT = 0  #: the next byte to read
    DOCUMENT = auto()  #: the document it belongs to, counted from 0
    NUM_DOCUMENTS = auto()
    ENDS_AT = auto()  #: int64 for each document: where its text ends, counted from TEXT_AT
    TEXT_AT = auto()
    READING = auto()  #: how text is read here: `READ_TEXT`, `READ_CHARACTERS` or `READ_SYMBOLS`
    # The output.
    OUTPUT_AT = auto()  #: where the next id goes
    OUTPUT_END_AT = auto()
    COUNT_BASE = auto()  #: ids given out before this output
    OUTPUT_START_AT = auto()
    COUNTS_AT = auto()  #: int64 for each document: ids up to its end
    END_OF_DOCUMENT = auto()  #: id after each document, -1 for none
    ID_BYTES_LOG2 = auto()  #: 1 for uint16, 2 for uint32
    # The vocabulary.
    KINDS_AT = auto()  #: uint8 for each code point
    FIRST_KINDS_AT = auto()  #: uint8 for each byte: the kind of an ASCII character, else `OTHER`
    BYTE_IDS_AT = auto()  #: uint32 for each byte
    MARKER_IDS_AT = auto()  #: int64 for each of the 256 reserved characters, -1 for none
    MARKER_READINGS_AT = auto()  #: int64 for each of them
    PAIRS_AT = auto()  #: merges: a filter, an empty row, entries left << 44 | right << 24 | rank
    PAIRS_SHIFT = auto()
    BYTE_RANKS_AT = auto()  #: uint32 for each pair of bytes: the rank of their merge
    MERGED_AT = auto()  #: uint32 for each rank: the id that the merge gives
    MASKS_AT = auto()  #: two words for each length up to 16
    # The memory of results.
    WORDS_AT = auto()  #: pieces of up to 15 bytes
    WORDS_SHIFT = auto()
    WORDS_FREE = auto()  #: entries that may still be made
    PHRASES_AT = auto()  #: longer pieces: 32-byte entries
    PHRASES_SHIFT = auto()
    PHRASES_FREE = auto()
    STORE_AT = auto()  #: bytes and ids of the longer pieces
    STORE_USED = auto()
    STORE_SIZE = auto()
    LONGEST_REMEMBERED = auto()  #: pieces of more bytes are not remembered
    # Bracketed symbols: a table like that of the longer pieces, which never changes.
    SYMBOLS_AT = auto()
    SYMBOLS_SHIFT = auto()
    SYMBOLS_STORE_AT = auto()
    LONGEST_SYMBOL = auto()  #: bytes; 0 where there is none
    # For merges of one piece.
    SCRATCH_AT = auto()
    SCRATCH_PIECE_BYTES = auto()  #: the longest piece it has room for
    NEEDED = auto()  #: what a status asks for: bytes of a piece, or ids of room


READ_TEXT: Final = 0
READ_CHARACTERS: Final = 1
READ_SYMBOLS: Final = 2

# What `encode` returns. It can be called again after each but the last.
DONE: Final = 0
OUTPUT_FULL: Final = 1  #: NEEDED ids of room, then call again
SCRATCH_SMALL: Final = 2  #: scratch for a piece of NEEDED bytes, then call again
RESULTS_FULL: Final = 3  #: put the tables back to the vocabulary, then call again
STRANGER: Final = 4  #: PLACE_AT is at a reserved character that is no marker here

PADDING_BYTES: Final = 64
#: The longest piece that is its own key.
LONGEST_WORD: Final = 15
#: Up to here the lowest rank is found by vector instructions, above by a heap.
LONGEST_NAIVE: Final = 32
#: Scratch for a piece: ids, next, previous, rank (4 bytes each) and three heap entries of 8.
SCRATCH_BYTES_PER_BYTE: Final = 40

#: Bits of an id and of a rank in an entry of the table of merges.
ID_BITS: Final = 20
RANK_BITS: Final = 24

#: Entries of the table of merges after the last that a hash gives: runs of entries end there.
PAIRS_PADDING: Final = 256

#: Before the table of merges: a bit for each value of the top bits of a hash, 32 KiB of them.
FILTER_BYTES: Final = 1 << 15
_FILTER_SHIFT: Final = np.uint64(64 - 18)

_RANK_SHIFT: Final = np.uint64(RANK_BITS)
_RANK_MASK: Final = (1 << RANK_BITS) - 1
#: A rank that no merge has, one that has its place beside it, and an id that no entry has.
NO_RANK: Final = (1 << 27) - 1
_NO_PLACED_RANK: Final = NO_RANK << 5
_NO_ID: Final = (1 << ID_BITS) - 1
_IDS_IN_SCRATCH: Final = 256
_NO_KEY: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_ALL_BUT_ONE: Final = np.uint64(0xFFFFFFFFFFFFFFFE)
_SPACES: Final = np.uint64(0x2020202020202020)


@njit(**OPTIONS)
def _spaces(word):
    """The number of U+0020 that a word of eight bytes begins with."""
    difference = word ^ _SPACES
    return trailing_zeros(difference) >> 3


@njit(**OPTIONS)
def _hash(key0, key1):
    return key0 * _MULTIPLIER + key1 * _MULTIPLIER_2


@njit(**OPTIONS)
def _end_of_kind(place, kind, kinds):
    """Where a run of characters of one kind that begins at `place` ends."""
    while load8(kinds + code_point_at(place)) == kind:
        place += character_size(load8(place))
    return place


@njit(**OPTIONS)
def _end_of_piece(place, kinds):
    """Where the piece of ordinary text that begins at `place` ends, by GPT-2's pattern.

    For any character that is no marker. Pieces end at digits, brackets, operators, newlines and
    markers, because the pattern runs on what those leave.
    """
    kind = load8(kinds + code_point_at(place))
    after = place + character_size(load8(place))
    if kind == ALONE:
        return after
    if kind == OPERATOR:
        operator = load8(place)
        while load8(after) == operator:
            after += 1
        return after
    if kind != SPACE:
        return _end_of_kind(after, kind, kinds)
    last = place
    while load8(kinds + code_point_at(after)) == SPACE:
        last = after
        after += character_size(load8(after))
    following = load8(kinds + code_point_at(after))
    if following in (ALONE, OPERATOR, RESERVED):
        return after  # `\s+(?!\S)` at the end of what is left: all of it
    if last != place:
        return last  # all but the last, which the next piece takes
    if load8(place) == 0x20:
        return _end_of_kind(after, following, kinds)
    return after


@njit(**OPTIONS)
def _end_of_ascii(place, byte, kinds):
    """As `_end_of_piece`, for an ASCII character that is no letter: quick for runs of spaces."""
    if byte == 0x20:
        run = _spaces(load64(place))
        after = load8(place + run)
        if run < 8 and after < 0x80:
            kind = load8(kinds + after)
            if kind in (ALONE, OPERATOR):
                return place + run
            if kind != SPACE and run > 1:
                return place + run - 1
    return _end_of_piece(place, kinds)


@njit(**OPTIONS)
def _rank(left, right, pairs, shift):
    """The rank of the merge of two ids, `NO_RANK` if they do not merge."""
    key = np.uint64(left << ID_BITS | right)
    hashed = key * _MULTIPLIER
    # Most pairs do not merge, and the filter, which stays in the nearest cache, knows most of
    # those. They are looked for in an empty row: no branch, since none could be foreseen.
    bit = np.int64(hashed >> _FILTER_SHIFT)
    known = load64(pairs + (bit >> 6 << 3)) >> np.uint64(bit & 63) & np.uint64(1)
    place = pairs + FILTER_BYTES
    place += (np.int64(hashed >> np.uint64(shift)) << 3) + 32 if known else 0
    rank = np.int64(NO_RANK)
    while True:
        # Four entries at a time: nearly always enough.
        entry0 = load64(place)
        entry1 = load64(place + 8)
        entry2 = load64(place + 16)
        entry3 = load64(place + 24)
        rank = np.int64(entry0) & _RANK_MASK if entry0 >> _RANK_SHIFT == key else rank
        rank = np.int64(entry1) & _RANK_MASK if entry1 >> _RANK_SHIFT == key else rank
        rank = np.int64(entry2) & _RANK_MASK if entry2 >> _RANK_SHIFT == key else rank
        rank = np.int64(entry3) & _RANK_MASK if entry3 >> _RANK_SHIFT == key else rank
        if rank != NO_RANK or entry3 == _NO_KEY:
            return rank
        place += 32


@njit(**OPTIONS)
def _merge_short(place, length, state):
    """Merge the pair of lowest rank, leftmost first, until none merges. Returns how many are left.

    For a piece of up to 32 bytes. The symbols that still stand are the bits of one word, and the
    rank and place of each pair one number (rank << 5 | place), so that nothing is moved, no loop
    depends on the piece, and a symbol beyond either end merges with none.
    """
    byte_ids = loadi64(state + 8 * State.BYTE_IDS_AT)
    byte_ranks = loadi64(state + 8 * State.BYTE_RANKS_AT)
    pairs = loadi64(state + 8 * State.PAIRS_AT)
    shift = loadi64(state + 8 * State.PAIRS_SHIFT)
    merged = loadi64(state + 8 * State.MERGED_AT)
    # Room for place -1 (before all) and 64 (after all) of both.
    ids = loadi64(state + 8 * State.SCRATCH_AT) + _IDS_IN_SCRATCH
    ranks = ids + 4 * 66
    for i in range(0, LONGEST_NAIVE, 2):
        store64(ranks + 4 * i, _NO_KEY)
    store32(ids - 4, _NO_ID)
    store32(ids + 4 * 64, _NO_ID)
    byte = load8(place)
    for i in range(length - 1):
        following = load8(place + i + 1)
        store32(ids + 4 * i, load32(byte_ids + 4 * byte))
        store32(ranks + 4 * i, load32(byte_ranks + 4 * (byte << 8 | following)) << 5 | i)
        byte = following
    store32(ids + 4 * length - 4, load32(byte_ids + 4 * byte))
    standing = ~np.uint64(0) >> np.uint64(64 - length)
    while True:
        least = least_of_16(ranks)
        if length > 16:
            least = min(least, least_of_16(ranks + 64))
        if least >= _NO_PLACED_RANK:
            break
        here = least & 0x1F
        id_ = load32(merged + 4 * (least >> 5))
        store32(ids + 4 * here, id_)
        above = standing & (_ALL_BUT_ONE << np.uint64(here))
        right = trailing_zeros(above)
        store32(ranks + 4 * right, _NO_PLACED_RANK)
        standing &= ~(np.uint64(1) << np.uint64(right))
        after = trailing_zeros(above & (above - np.uint64(1)))
        rank = _rank(id_, load32(ids + 4 * after), pairs, shift)
        store32(ranks + 4 * here, rank << 5 | here)
        before = 63 - leading_zeros(standing & ((np.uint64(1) << np.uint64(here)) - np.uint64(1)))
        rank = _rank(load32(ids + 4 * before), id_, pairs, shift)
        store32(ranks + 4 * before, rank << 5 | before)
    left = np.int64(0)
    while standing:
        store32(ids - _IDS_IN_SCRATCH + 4 * left, load32(ids + 4 * trailing_zeros(standing)))
        left += 1
        standing &= standing - np.uint64(1)
    return left


@njit(**OPTIONS)
def _sift_down(heap, place, size):
    """Restore the heap of uint64 below `place` (children of k are 2k + 1 and 2k + 2)."""
    value = load64(heap + 8 * place)
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        least = load64(heap + 8 * child)
        if child + 1 < size and load64(heap + 8 * child + 8) < least:
            child += 1
            least = load64(heap + 8 * child)
        if value <= least:
            break
        store64(heap + 8 * place, least)
        place = child
    store64(heap + 8 * place, value)


@njit(**OPTIONS)
def _push(heap, size, value):
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        above = load64(heap + 8 * parent)
        if above <= value:
            break
        store64(heap + 8 * place, above)
        place = parent
    store64(heap + 8 * place, value)


@njit(**OPTIONS)
def _merge_long(place, count, state):
    """As `_merge_short`, with a heap of (rank, place): n log n for a piece of any length.

    The scratch holds the ids, the rank of the pair that begins at each, the links to the next and
    the previous symbol, and the heap.
    """
    byte_ids = loadi64(state + 8 * State.BYTE_IDS_AT)
    byte_ranks = loadi64(state + 8 * State.BYTE_RANKS_AT)
    pairs = loadi64(state + 8 * State.PAIRS_AT)
    shift = loadi64(state + 8 * State.PAIRS_SHIFT)
    merged = loadi64(state + 8 * State.MERGED_AT)
    ids = loadi64(state + 8 * State.SCRATCH_AT)
    ranks = ids + 4 * count
    byte = load8(place)
    for i in range(count - 1):
        second = load8(place + i + 1)
        store32(ids + 4 * i, load32(byte_ids + 4 * byte))
        store32(ranks + 4 * i, load32(byte_ranks + 4 * (byte << 8 | second)))
        byte = second
    store32(ids + 4 * count - 4, load32(byte_ids + 4 * byte))
    store32(ranks + 4 * count - 4, NO_RANK)
    following = ranks + 4 * count
    previous = following + 4 * count
    heap = previous + 4 * count
    size = np.int64(0)
    for i in range(count):
        store32(following + 4 * i, i + 1)
        store32(previous + 4 * i, i - 1)
        rank = load32(ranks + 4 * i)
        if rank != NO_RANK:
            store64(heap + 8 * size, np.uint64(rank << 32 | i))
            size += 1
    for i in range((size >> 1) - 1, -1, -1):
        _sift_down(heap, i, size)
    while size > 0:
        top = np.int64(load64(heap))
        size -= 1
        store64(heap, load64(heap + 8 * size))
        _sift_down(heap, 0, size)
        place = top & 0xFFFFFFFF
        lowest = top >> 32
        if load32(ranks + 4 * place) != lowest:
            continue  # the pair has changed since
        id_ = load32(merged + 4 * lowest)
        store32(ids + 4 * place, id_)
        right = load32(following + 4 * place)
        store32(ranks + 4 * right, NO_RANK)
        after = load32(following + 4 * right)
        store32(following + 4 * place, after)
        rank = np.int64(NO_RANK)
        if after < count:
            store32(previous + 4 * after, place)
            rank = _rank(id_, load32(ids + 4 * after), pairs, shift)
            if rank != NO_RANK:
                _push(heap, size, np.uint64(rank << 32 | place))
                size += 1
        store32(ranks + 4 * place, rank)
        if place > 0:
            before = load32(previous + 4 * place)
            rank = _rank(load32(ids + 4 * before), id_, pairs, shift)
            if rank != NO_RANK:
                _push(heap, size, np.uint64(rank << 32 | before))
                size += 1
            store32(ranks + 4 * before, rank)
    left = np.int64(0)
    place = np.int64(0)
    while place < count:
        store32(ids + 4 * left, load32(ids + 4 * place))
        left += 1
        place = load32(following + 4 * place)
    return left


@njit(**OPTIONS)
def _merge(place, length, state):
    """The ids of a piece that is no vocabulary entry, at the start of the scratch; their number."""
    if length <= LONGEST_NAIVE:
        return _merge_short(place, length, state)
    return _merge_long(place, length, state)


@njit(**OPTIONS)
def _hash_bytes(place, length, masks):
    """A hash of the bytes of a piece, never 0."""
    mixed = np.uint64(length) * _MULTIPLIER_2
    while length > 0:
        word = load64(place)
        if length < 8:
            word &= load64(masks + 16 * length)
        mixed = (mixed ^ word) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(32)
        place += 8
        length -= 8
    return mixed | np.uint64(1)


@njit(**OPTIONS)
def _find_phrase(place, length, hashed, table, shift, store):
    """The address of a piece's entry: hash, length, number of ids, where its bytes and ids lie.

    Where there is none, the address of the free entry it would take, negated.
    """
    mask = (np.int64(1) << (np.int64(64) - shift)) - 1
    slot = np.int64(hashed >> np.uint64(shift))
    while True:
        entry = table + (slot << 5)
        found = load64(entry)
        if found == np.uint64(0):
            return -entry
        if found == hashed and load32(entry + 8) == length:
            stored = store + loadi64(entry + 16)
            i = np.int64(0)
            while i < length and load8(stored + i) == load8(place + i):
                i += 1
            if i == length:
                return entry
        slot = (slot + 1) & mask


@njit(**OPTIONS)
def _enter_phrase(entry, place, length, hashed, ids, count, state):
    """Fill a free entry; without room the piece is not remembered, and the tables count as full."""
    used = loadi64(state + 8 * State.STORE_USED)
    needed = length + 4 * count
    free = loadi64(state + 8 * State.PHRASES_FREE)
    if free == 0 or used + needed > loadi64(state + 8 * State.STORE_SIZE):
        storei64(state + 8 * State.PHRASES_FREE, 0)
        return
    stored = loadi64(state + 8 * State.STORE_AT) + used
    for i in range(length):
        store8(stored + i, load8(place + i))
    for i in range(count):
        store32(stored + length + 4 * i, load32(ids + 4 * i))
    store64(entry, hashed)
    store32(entry + 8, length)
    store32(entry + 12, count)
    storei64(entry + 16, used)
    storei64(state + 8 * State.STORE_USED, used + needed)
    storei64(state + 8 * State.PHRASES_FREE, free - 1)


@njit(**OPTIONS)
def _find_word(key0, key1, state):
    """The address of the entry of a piece of up to 15 bytes, 0 if there is none."""
    words = loadi64(state + 8 * State.WORDS_AT)
    shift = loadi64(state + 8 * State.WORDS_SHIFT)
    mask = (np.int64(1) << (np.int64(64) - shift)) - 1
    slot = np.int64(_hash(key0, key1) >> np.uint64(shift))
    while True:
        entry = words + (slot << 5)
        found1 = load64(entry + 8)
        if found1 == key1 and load64(entry) == key0:
            return entry
        if found1 == np.uint64(0):
            return np.int64(0)
        slot = (slot + 1) & mask


@njit(**OPTIONS)
def _enter_word(key0, key1, ids, count, state):
    """Enter a piece of up to 15 bytes, unless it has more ids than an entry holds."""
    wide = loadi64(state + 8 * State.ID_BYTES_LOG2) == 2
    if count > (3 if wide else 7):
        return
    free = loadi64(state + 8 * State.WORDS_FREE)
    if free <= 0:
        return
    bits = np.int64(32) if wide else np.int64(16)
    per_value = np.int64(2) if wide else np.int64(4)
    value0 = np.uint64(0)
    value1 = np.uint64(count) << np.uint64(64 - bits)
    for i in range(count):
        id_ = np.uint64(load32(ids + 4 * i))
        if i < per_value:
            value0 |= id_ << np.uint64(bits * i)
        else:
            value1 |= id_ << np.uint64(bits * (i - per_value))
    words = loadi64(state + 8 * State.WORDS_AT)
    shift = loadi64(state + 8 * State.WORDS_SHIFT)
    mask = (np.int64(1) << (np.int64(64) - shift)) - 1
    slot = np.int64(_hash(key0, key1) >> np.uint64(shift))
    while load64(words + (slot << 5) + 8) != np.uint64(0):
        slot = (slot + 1) & mask
    entry = words + (slot << 5)
    store64(entry, key0)
    store64(entry + 8, key1)
    store64(entry + 16, value0)
    store64(entry + 24, value1)
    storei64(state + 8 * State.WORDS_FREE, free - 1)


@njit(**OPTIONS)
def _encode_piece(place, length, out, state):
    """Encode a piece, remembered or not. Returns the number of ids, or -status."""
    wide = loadi64(state + 8 * State.ID_BYTES_LOG2) == 2
    id_bytes = np.int64(4) if wide else np.int64(2)
    if out + id_bytes * length > loadi64(state + 8 * State.OUTPUT_END_AT):
        storei64(state + 8 * State.NEEDED, length)
        return -OUTPUT_FULL
    masks = loadi64(state + 8 * State.MASKS_AT)
    ids = loadi64(state + 8 * State.SCRATCH_AT)
    count = np.int64(0)
    entry = np.int64(0)
    hashed = np.uint64(0)
    remembered = length <= loadi64(state + 8 * State.LONGEST_REMEMBERED)
    if length > LONGEST_WORD and remembered:
        store = loadi64(state + 8 * State.STORE_AT)
        hashed = _hash_bytes(place, length, masks)
        entry = _find_phrase(
            place,
            length,
            hashed,
            loadi64(state + 8 * State.PHRASES_AT),
            loadi64(state + 8 * State.PHRASES_SHIFT),
            store,
        )
        if entry > 0:
            count = load32(entry + 12)
            ids = store + loadi64(entry + 16) + length
    key0 = np.uint64(0)
    key1 = np.uint64(0)
    if length <= LONGEST_WORD:
        key0 = load64(place) & load64(masks + 16 * length)
        key1 = load64(place + 8) & load64(masks + 16 * length + 8)
        key1 |= np.uint64(length) << np.uint64(56)
        entry = _find_word(key0, key1, state)
        if entry:
            value1 = load64(entry + 24)
            store64(out, load64(entry + 16))
            store64(out + 8, value1)
            return np.int64(value1 >> (np.uint64(32) if wide else np.uint64(48)))
    if count == 0:
        if length > loadi64(state + 8 * State.SCRATCH_PIECE_BYTES):
            storei64(state + 8 * State.NEEDED, length)
            return -SCRATCH_SMALL
        count = _merge(place, length, state)
        if length <= LONGEST_WORD:
            _enter_word(key0, key1, ids, count, state)
        elif remembered:
            _enter_phrase(-entry, place, length, hashed, ids, count, state)
    if wide:
        for i in range(count):
            store32(out + 4 * i, load32(ids + 4 * i))
    else:
        for i in range(count):
            store16(out + 2 * i, load32(ids + 4 * i))
    return count


@njit(**OPTIONS)
def _symbol(place, end, state):
    """The address of the table entry of the symbol that begins at `place`, 0 if there is none."""
    longest = loadi64(state + 8 * State.LONGEST_SYMBOL)
    length = np.int64(1)
    while length < longest and place + length < end and load8(place + length) != 0x5D:
        length += 1
    length += 1
    if length > longest or place + length > end:
        return np.int64(0)
    entry = _find_phrase(
        place,
        length,
        _hash_bytes(place, length, loadi64(state + 8 * State.MASKS_AT)),
        loadi64(state + 8 * State.SYMBOLS_AT),
        loadi64(state + 8 * State.SYMBOLS_SHIFT),
        loadi64(state + 8 * State.SYMBOLS_STORE_AT),
    )
    return max(entry, np.int64(0))


@compiled("int64(int64)")
def encode(state):
    """Encode documents until one of the statuses above. `state` is the address of the array."""
    place = loadi64(state + 8 * State.PLACE_AT)
    document = loadi64(state + 8 * State.DOCUMENT)
    num_documents = loadi64(state + 8 * State.NUM_DOCUMENTS)
    ends = loadi64(state + 8 * State.ENDS_AT)
    text = loadi64(state + 8 * State.TEXT_AT)
    reading = loadi64(state + 8 * State.READING)
    out = loadi64(state + 8 * State.OUTPUT_AT)
    # An entry of the table is copied whole, and a document's end needs room for an id.
    out_end = loadi64(state + 8 * State.OUTPUT_END_AT) - 32
    out_start = loadi64(state + 8 * State.OUTPUT_START_AT)
    base = loadi64(state + 8 * State.COUNT_BASE)
    counts = loadi64(state + 8 * State.COUNTS_AT)
    end_id = loadi64(state + 8 * State.END_OF_DOCUMENT)
    id_log2 = loadi64(state + 8 * State.ID_BYTES_LOG2)
    kinds = loadi64(state + 8 * State.KINDS_AT)
    first_kinds = loadi64(state + 8 * State.FIRST_KINDS_AT)
    byte_ids = loadi64(state + 8 * State.BYTE_IDS_AT)
    marker_ids = loadi64(state + 8 * State.MARKER_IDS_AT)
    marker_readings = loadi64(state + 8 * State.MARKER_READINGS_AT)
    masks = loadi64(state + 8 * State.MASKS_AT)
    words = loadi64(state + 8 * State.WORDS_AT)
    words_shift = np.uint64(loadi64(state + 8 * State.WORDS_SHIFT))
    words_mask = (np.int64(1) << (np.int64(64) - np.int64(words_shift))) - 1
    count_shift = np.uint64(48) if id_log2 == 1 else np.uint64(32)
    status = np.int64(DONE)

    while document < num_documents:
        end = text + loadi64(ends + 8 * document)
        while place < end:
            # No piece has more ids than bytes, so up to here there is room for all that comes.
            stop = min(end, place + ((out_end - out) >> id_log2))
            if place >= stop:
                storei64(state + 8 * State.NEEDED, 0)
                status = np.int64(OUTPUT_FULL)
                break
            # Each of the following loops leaves a piece, or a length of 0 where there is no ASCII
            # character: a marker, or the character that is a piece of a span.
            length = np.int64(0)
            if reading == READ_TEXT:
                while place < stop:
                    byte = load8(place)
                    kind = load8(first_kinds + byte)
                    if kind == ALONE or (kind == OPERATOR and load8(place + 1) != byte):
                        store32(out, load32(byte_ids + 4 * byte))
                        out += np.int64(1) << id_log2
                        place += 1
                        continue
                    blank = np.int64(byte == 0x20)
                    letters = letters_at(place + blank)
                    length = blank + letters
                    if letters == 0:
                        if byte >= 0x80:
                            length = np.int64(0)
                            break
                        length = _end_of_ascii(place, byte, kinds) - place
                        if length > LONGEST_WORD:
                            break
                    elif length > LONGEST_WORD or load8(place + length) >= 0x80:
                        length = _end_of_piece(place, kinds) - place
                        if length > LONGEST_WORD:
                            break
                    key0 = load64(place) & load64(masks + 16 * length)
                    key1 = load64(place + 8) & load64(masks + 16 * length + 8)
                    key1 |= np.uint64(length) << np.uint64(56)
                    slot = np.int64(_hash(key0, key1) >> words_shift)
                    entry = words + (slot << 5)
                    found0 = load64(entry)
                    found1 = load64(entry + 8)
                    while found1 != np.uint64(0) and (found0 ^ key0 | found1 ^ key1) != np.uint64(
                        0
                    ):
                        slot = (slot + 1) & words_mask
                        entry = words + (slot << 5)
                        found0 = load64(entry)
                        found1 = load64(entry + 8)
                    if found1 == np.uint64(0):
                        break
                    value1 = load64(entry + 24)
                    store64(out, load64(entry + 16))
                    store64(out + 8, value1)
                    out += np.int64(value1 >> count_shift) << id_log2
                    place += length
                    length = np.int64(0)
            elif reading == READ_CHARACTERS:
                byte = load8(place)
                if id_log2 == 1:
                    while byte < 0x80 and place < stop:
                        store16(out, load32(byte_ids + 4 * byte))
                        out += 2
                        place += 1
                        byte = load8(place)
                else:
                    while byte < 0x80 and place < stop:
                        store32(out, load32(byte_ids + 4 * byte))
                        out += 4
                        place += 1
                        byte = load8(place)
            else:
                byte = load8(place)
                while byte < 0x80 and place < stop:
                    entry = _symbol(place, end, state) if byte == 0x5B else np.int64(0)
                    if entry:
                        size = load32(entry + 8)
                        stored = loadi64(state + 8 * State.SYMBOLS_STORE_AT) + loadi64(entry + 16)
                        store32(out, load32(stored + size))
                        place += size
                    else:
                        store32(out, load32(byte_ids + 4 * byte))
                        place += 1
                    out += np.int64(1) << id_log2
                    byte = load8(place)
            if place >= stop:
                continue
            if length == 0:
                byte = load8(place)
                if byte == 0xEE and load8(place + 1) < 0x84:
                    row = (load8(place + 1) & 0x3) << 6 | load8(place + 2) & 0x3F
                    id_ = loadi64(marker_ids + 8 * row)
                    if id_ < 0:
                        status = np.int64(STRANGER)
                        break
                    reading = loadi64(marker_readings + 8 * row)
                    store32(out, id_)
                    out += np.int64(1) << id_log2
                    place += 3
                    continue
                if reading == READ_TEXT:
                    length = _end_of_piece(place, kinds) - place
                else:
                    length = character_size(byte)
            count = _encode_piece(place, length, out, state)
            if count < 0:
                status = -count
                break
            place += length
            out += count << id_log2
            if (
                loadi64(state + 8 * State.WORDS_FREE) == 0
                or loadi64(state + 8 * State.PHRASES_FREE) == 0
            ):
                status = np.int64(RESULTS_FULL)
                break
        if status != DONE:
            break
        if end_id >= 0:
            if out > out_end:
                storei64(state + 8 * State.NEEDED, 0)
                status = np.int64(OUTPUT_FULL)
                break
            store32(out, end_id)
            out += np.int64(1) << id_log2
        storei64(counts + 8 * document, base + ((out - out_start) >> id_log2))
        document += 1
        reading = np.int64(READ_TEXT)
        place = end + 1
    storei64(state + 8 * State.PLACE_AT, place)
    storei64(state + 8 * State.DOCUMENT, document)
    storei64(state + 8 * State.READING, reading)
    storei64(state + 8 * State.OUTPUT_AT, out)
    return status


@compiled("boolean(int64, int64, int64, int64)")
def fill_pairs(keys, count, pairs, shift):
    """Enter merges, in order of rank: left << 20 | right for each.

    `pairs` holds the filter (all zero bits), an empty row of four entries, and the table (all
    empty). Of two merges that are the same the later counts, as in `tokenizers`. Returns whether
    all found a place before `PAIRS_PADDING` entries beyond the last that a hash gives.
    """
    table = pairs + FILTER_BYTES + 32
    end = table + (((np.int64(1) << (np.int64(64) - shift)) + PAIRS_PADDING - 4) << 3)
    for rank in range(count):
        key = load64(keys + 8 * rank)
        hashed = key * _MULTIPLIER
        bit = np.int64(hashed >> _FILTER_SHIFT)
        word = pairs + (bit >> 6 << 3)
        store64(word, load64(word) | np.uint64(1) << np.uint64(bit & 63))
        place = table + (np.int64(hashed >> np.uint64(shift)) << 3)
        entry = load64(place)
        while entry != _NO_KEY and entry >> _RANK_SHIFT != key:
            place += 8
            if place == end:
                return False
            entry = load64(place)
        store64(place, key << _RANK_SHIFT | np.uint64(rank))
    return True


@compiled("void(int64, int64, int64, int64)")
def fill_words(keys, ids, count, state):
    """Enter pieces of up to 15 bytes (two words of key each) with one id (4 bytes) each."""
    for i in range(count):
        _enter_word(load64(keys + 16 * i), load64(keys + 16 * i + 8), ids + 4 * i, 1, state)


@compiled("void(int64, int64, int64, int64, int64)")
def fill_phrases(pieces, starts, ids, count, state):
    """Enter longer pieces, or symbols: their bytes end to end, where each starts, one id each."""
    masks = loadi64(state + 8 * State.MASKS_AT)
    table = loadi64(state + 8 * State.PHRASES_AT)
    shift = loadi64(state + 8 * State.PHRASES_SHIFT)
    store = loadi64(state + 8 * State.STORE_AT)
    for i in range(count):
        place = pieces + loadi64(starts + 8 * i)
        length = loadi64(starts + 8 * i + 8) - loadi64(starts + 8 * i)
        hashed = _hash_bytes(place, length, masks)
        entry = _find_phrase(place, length, hashed, table, shift, store)
        if entry < 0:
            _enter_phrase(-entry, place, length, hashed, ids + 4 * i, 1, state)
