"""The compiled loop: UTF-8 documents with markers to ids, by Numba.

One pass over the bytes. At each place the loop decides what piece starts there (the rules of
`tokenization.pretokenizer`, as a table of character kinds), finds where it ends, and looks the
piece up among those whose ids are known (`tokenization.remembered_pieces`). What is not there goes
through byte-pair merges (`tokenization.piece_merging`) once and is then remembered. Letters are
counted sixteen bytes at a time, so an ordinary word costs one step, not one a letter; a digit, a
bracket or an operator costs a load and a store.

The text is UTF-8, valid, a newline after every document (so that no piece runs on) and
`PADDING_BYTES` after the last.
"""

from typing import Final

import numpy as np
from numba import njit

from tokenization.character_tables import ALONE, OPERATOR, RESERVED, SPACE
from tokenization.encoder_state import (
    DONE,
    OUTPUT_FULL,
    READ_CHARACTERS,
    READ_TEXT,
    RESULTS_FULL,
    STRANGER,
    State,
)
from tokenization.raw_memory import (
    OPTIONS,
    character_size,
    code_point_at,
    compiled,
    letters_at,
    load8,
    load32,
    load64,
    loadi64,
    store16,
    store32,
    store64,
    storei64,
    trailing_zeros,
)
from tokenization.remembered_pieces import LONGEST_WORD, encode_piece, find_symbol, hash_word

_SPACES: Final = np.uint64(0x2020202020202020)


@njit(**OPTIONS)
def _spaces(word):
    """The number of U+0020 that a word of eight bytes begins with."""
    difference = word ^ _SPACES
    return trailing_zeros(difference) >> 3


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
            is_new = False
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
                    slot = np.int64(hash_word(key0, key1) >> words_shift)
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
                        is_new = True
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
                    entry = find_symbol(place, end, state) if byte == 0x5B else np.int64(0)
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
            count = encode_piece(place, length, out, state, is_new)
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
