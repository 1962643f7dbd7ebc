"""Byte-pair merges of one piece, compiled.

The pair of lowest rank is merged first, the leftmost of equals, until none merges: what
`tokenizers` does. A piece of up to 32 bytes, nearly every one, has no branch that cannot be
foreseen; a longer one goes through a heap.
"""

from typing import Final

import numpy as np
from numba import njit

from tokenization.encoder_state import MULTIPLIER, State
from tokenization.raw_memory import (
    OPTIONS,
    compiled,
    leading_zeros,
    least_of_16,
    load8,
    load32,
    load64,
    loadi64,
    store32,
    store64,
    trailing_zeros,
)

#: Up to here the lowest rank is found by looking at all, above by a heap.
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
_ALL_BUT_ONE: Final = np.uint64(0xFFFFFFFFFFFFFFFE)


@njit(**OPTIONS)
def _rank(left, right, pairs, shift):
    """The rank of the merge of two ids, `NO_RANK` if they do not merge."""
    key = np.uint64(left << ID_BITS | right)
    hashed = key * MULTIPLIER
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
def merge(place, length, state):
    """The ids of a piece that is no vocabulary entry, at the start of the scratch; their number."""
    if length <= LONGEST_NAIVE:
        return _merge_short(place, length, state)
    return _merge_long(place, length, state)


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
        hashed = key * MULTIPLIER
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
