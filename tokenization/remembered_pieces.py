"""The memory of results: pieces whose ids are known, compiled.

A piece of up to 15 bytes is its own key: two 64-bit words, the length in the top byte. Its entry is
32 bytes, half a cache line: the key and up to seven ids (three where ids have four bytes) with
their number, which are copied to the output whole. Longer pieces, and the symbols of spans of
symbols, are found by a hash and compared with the bytes in a store.

The tables start with the whole vocabulary (`ignore_merges`: an entry found whole wins over its
merges) and go back to it when they are full. What they hold besides changes no id.
"""

from typing import Final

import numpy as np
from numba import njit

from tokenization.encoder_state import MULTIPLIER, OUTPUT_FULL, SCRATCH_SMALL, State
from tokenization.piece_merging import merge
from tokenization.raw_memory import (
    OPTIONS,
    compiled,
    load8,
    load32,
    load64,
    loadi64,
    store8,
    store16,
    store32,
    store64,
    storei64,
)

#: The longest piece that is its own key.
LONGEST_WORD: Final = 15

_MULTIPLIER_2: Final = np.uint64(0xC2B2AE3D27D4EB4F)


@njit(**OPTIONS)
def hash_word(key0, key1):
    """The hash of a key: its top bits are the slot of the piece."""
    return key0 * MULTIPLIER + key1 * _MULTIPLIER_2


@njit(**OPTIONS)
def _hash_bytes(place, length, masks):
    """A hash of the bytes of a piece, never 0."""
    mixed = np.uint64(length) * _MULTIPLIER_2
    while length > 0:
        word = load64(place)
        if length < 8:
            word &= load64(masks + 16 * length)
        mixed = (mixed ^ word) * MULTIPLIER
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
    slot = np.int64(hash_word(key0, key1) >> np.uint64(shift))
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
    slot = np.int64(hash_word(key0, key1) >> np.uint64(shift))
    while load64(words + (slot << 5) + 8) != np.uint64(0):
        slot = (slot + 1) & mask
    entry = words + (slot << 5)
    store64(entry, key0)
    store64(entry + 8, key1)
    store64(entry + 16, value0)
    store64(entry + 24, value1)
    storei64(state + 8 * State.WORDS_FREE, free - 1)


@njit(**OPTIONS)
def encode_piece(place, length, out, state, is_new):
    """Encode a piece, remembered or not (`is_new`). Returns the number of ids, or -status."""
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
        entry = np.int64(0) if is_new else _find_word(key0, key1, state)
        if entry:
            value1 = load64(entry + 24)
            store64(out, load64(entry + 16))
            store64(out + 8, value1)
            return np.int64(value1 >> (np.uint64(32) if wide else np.uint64(48)))
    if count == 0:
        if length > loadi64(state + 8 * State.SCRATCH_PIECE_BYTES):
            storei64(state + 8 * State.NEEDED, length)
            return -SCRATCH_SMALL
        count = merge(place, length, state)
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
def find_symbol(place, end, state):
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
