"""The compiled search: words of marked text as hashes, and the n-grams of them that are wanted.

A word is hashed letter by letter in normal form, an n-gram from the hashes of its words by
differences of one running sum, so that the work is the same for any n. Nearly all n-grams are told
by one bit of a filter to be in no evaluation; what is left is looked up in a sorted array. The text
is walked over once; besides the results memory is a block of words.
"""

from typing import Final

import numpy as np
from numba import njit

from pipelines.decontamination.normal_form import (
    ENDS_WORD,
    IS_SEVERAL,
    IS_WORD,
    OPENS_SEQUENCE,
    VANISHES,
)
from tokenization.raw_memory import OPTIONS, compiled

#: Words cut before they are looked at: their arrays stay in the nearest cache.
BLOCK_WORDS: Final = 1024
#: What one character may add to a block: the longest decomposition has 18 letters.
BLOCK_PADDING: Final = 40
#: Words of the block before: as many as the longest n-gram has.
_CARRIED: Final = 64

#: Texts are memory of Arrow or of `bytes`, which nobody writes to.
_TEXT: Final = "Array(uint8, 1, 'C', True)"

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_LETTER: Final = np.uint64(0x100000001B3)
_START: Final = np.uint64(0xCBF29CE484222325)
_SEQUENCE_START: Final = np.uint64(0x84222325CBF29CE4)
_MIX_1: Final = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2: Final = np.uint64(0xC4CEB9FE1A85EC53)
_33: Final = np.uint64(33)


@njit(**OPTIONS)
def _mix(value):
    value ^= value >> _33
    value *= _MIX_1
    value ^= value >> _33
    value *= _MIX_2
    return value ^ (value >> _33)


@njit(**OPTIONS)
def _cut_words(text, place, end, codes, several, hashes, starts, ends, half):
    """Words from `place` on, until `end` or until the block is full: their number, and where to
    go on.

    `half` is the word that the block before has begun: whether there is one, its hash, and where it
    begins and ends. Bounds are checked where the text's last character may be cut short.
    """
    count = np.int64(0)
    is_open = half[0] != 0
    hash_ = np.uint64(half[1])
    first = half[2]
    last = half[3]
    half[0] = 0
    while place < end:
        if count + BLOCK_PADDING > BLOCK_WORDS:
            half[0], half[1], half[2], half[3] = np.int64(is_open), np.int64(hash_), first, last
            return count, place
        begin = place
        point = np.int64(text[place])
        place += 1
        if point >= 0x80:
            if point < 0xE0:
                size, point = 1, point & 0x1F
            elif point < 0xF0:
                size, point = 2, point & 0x0F
            else:
                size, point = 3, point & 0x07
            for _ in range(min(size, end - place)):
                point = point << 6 | np.int64(text[place]) & 0x3F
                place += 1
        entry = np.int64(codes[point])
        number = np.int64(1)
        at = np.int64(0)
        if entry >= IS_SEVERAL and entry < IS_WORD:
            at = entry - IS_SEVERAL
            number = np.int64(several[at])
        for k in range(number):
            code = entry if at == 0 and number == 1 else np.int64(several[at + 1 + k])
            if code == VANISHES:
                continue
            if code > OPENS_SEQUENCE and code < IS_WORD:
                if not is_open:
                    is_open = True
                    hash_ = _START
                    first = begin
                hash_ = (hash_ ^ np.uint64(code)) * _LETTER
                last = place
                continue
            if is_open:
                hashes[count] = _mix(hash_)
                starts[count] = first
                ends[count] = last
                count += 1
                is_open = False
            if code == ENDS_WORD:
                continue
            hash_ = _START
            if code == OPENS_SEQUENCE:
                hash_ = _SEQUENCE_START
                # To the closing marker: no other stands in a sequence. U+E000-U+E0FF in UTF-8.
                while place < end:
                    byte = text[place]
                    if byte == 0xEE and place + 2 < end and text[place + 1] < 0x84:
                        place += 3
                        break
                    hash_ = (hash_ ^ np.uint64(byte)) * _LETTER
                    place += 1
            else:
                hash_ = (hash_ ^ np.uint64(code)) * _LETTER
            hashes[count] = _mix(hash_)
            starts[count] = begin
            ends[count] = place
            count += 1
    if is_open:
        hashes[count] = _mix(hash_)
        starts[count] = first
        ends[count] = last
        count += 1
    return count, place


@njit(**OPTIONS)
def _ngram_hash(sums, end, words, power):
    """The hash of the words `end - words` to `end`, from the running sums before each word."""
    return _mix(sums[end] - sums[end - words] * power + np.uint64(words))


@njit(**OPTIONS)
def _power(words):
    power = np.uint64(1)
    for _ in range(words):
        power *= _BASE
    return power


@njit(**OPTIONS)
def _candidates(sums, first, end, words, bits, shift, places):
    """The n-grams of `words` words that the filter knows, by their ends: their number.

    Without a branch, so that the processor waits for many words of the filter at a time.
    """
    power = _power(words)
    count = np.int64(0)
    for i in range(first, end):
        bit = _ngram_hash(sums, i, words, power) >> shift
        word = bits[bit >> np.uint64(6)]
        places[count] = i
        count += np.int64((word >> (bit & np.uint64(63))) & np.uint64(1))
    return count


@njit(**OPTIONS)
def _rank(hash_, known, buckets, shift):
    """Where a hash stands among the known ones, which rise; -1 where it does not."""
    bucket = hash_ >> shift
    for i in range(np.int64(buckets[bucket]), np.int64(buckets[bucket + np.uint64(1)])):
        if known[i] == hash_:
            return np.int64(i)
    return np.int64(-1)


@compiled(
    f"int64({_TEXT}, int64, uint32[::1], uint32[::1], uint64[::1], int64[::1], int64[::1],"
    " int64[::1], int64[::1])"
)
def cut_words(text, place, codes, several, hashes, starts, ends, half, resume):
    """A block of words of a text from `place` on; `resume[0]` becomes where the next begins.

    `half` is four zeros for the first block, and what it was left as for the next ones.
    """
    count, resume[0] = _cut_words(
        text, place, len(text), codes, several, hashes, starts, ends, half
    )
    return count


@compiled("void(uint64[::1], int64, uint64[::1])")
def hash_ngrams(words, length, ngrams):
    """The hash of each n-gram of `length` words, in order: `len(words) - length + 1` of them."""
    sums = np.zeros(len(words) + 1, np.uint64)
    power = _power(length)
    for i in range(len(words)):
        sums[i + 1] = sums[i] * _BASE + words[i]
    for i in range(len(ngrams)):
        ngrams[i] = _ngram_hash(sums, i + length, length, power)


@compiled("void(uint64[::1], uint64[::1], int64)")
def set_bits(hashes, bits, shift):
    """Enter hashes in a filter of `len(bits)` words of 64 bits."""
    for i in range(len(hashes)):
        bit = hashes[i] >> np.uint64(shift)
        bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled(
    f"int64({_TEXT}, int64[::1], uint32[::1], uint32[::1], int64, int64, int64[::1],"
    " uint64[::1], int64, uint64[::1], uint32[::1], int64, int64[:, ::1])"
)
def find_ngrams(
    text, offsets, codes, several, length, anchor, shorter, bits, bits_shift, known, buckets,
    buckets_shift, found,
):  # fmt: skip
    """The known n-grams in documents: how many; those that fit are written to `found`.

    Document k is `text[offsets[k]:offsets[k + 1]]`. N-grams have `length` words or one of `shorter`
    (rising): of the shorter ones the last `anchor` words are in the filter too. `found` gets the
    document, the rank among `known`, and the bytes of the document where it begins and ends.
    """
    # Before the words of a block stand the last ones of the block before it.
    hashes = np.empty(BLOCK_WORDS, np.uint64)
    starts = np.empty(_CARRIED + BLOCK_WORDS, np.int64)
    ends = np.empty(_CARRIED + BLOCK_WORDS, np.int64)
    sums = np.zeros(_CARRIED + BLOCK_WORDS + 1, np.uint64)
    places = np.empty(BLOCK_WORDS, np.int64)
    half = np.zeros(4, np.int64)
    bits_shift_ = np.uint64(bits_shift)
    buckets_shift_ = np.uint64(buckets_shift)
    power = _power(length)
    num_found = np.int64(0)
    for document in range(len(offsets) - 1):
        begin = offsets[document]
        place = begin
        carried = np.int64(0)
        sums[_CARRIED] = np.uint64(0)
        while place < offsets[document + 1]:
            num_words, place = _cut_words(
                text,
                place,
                offsets[document + 1],
                codes,
                several,
                hashes,
                starts[_CARRIED:],
                ends[_CARRIED:],
                half,
            )
            for i in range(num_words):
                sums[_CARRIED + i + 1] = sums[_CARRIED + i] * _BASE + hashes[i]
            end = _CARRIED + num_words + 1
            first = max(_CARRIED + 1, _CARRIED - carried + length)
            count = _candidates(sums, first, end, length, bits, bits_shift_, places)
            for k in range(count):
                i = places[k]
                hash_ = _ngram_hash(sums, i, length, power)
                rank = _rank(hash_, known, buckets, buckets_shift_)
                if rank >= 0:
                    if num_found < len(found):
                        found[num_found, 0] = document
                        found[num_found, 1] = rank
                        found[num_found, 2] = starts[i - length] - begin
                        found[num_found, 3] = ends[i - 1] - begin
                    num_found += 1
            if len(shorter) > 0:
                first = max(_CARRIED + 1, _CARRIED - carried + anchor)
                count = _candidates(sums, first, end, anchor, bits, bits_shift_, places)
                for k in range(count):
                    i = places[k]
                    for words in shorter:
                        if i - words < _CARRIED - carried:
                            break
                        hash_ = _ngram_hash(sums, i, words, _power(words))
                        rank = _rank(hash_, known, buckets, buckets_shift_)
                        if rank >= 0:
                            if num_found < len(found):
                                found[num_found, 0] = document
                                found[num_found, 1] = rank
                                found[num_found, 2] = starts[i - words] - begin
                                found[num_found, 3] = ends[i - 1] - begin
                            num_found += 1
            carried = min(carried + num_words, _CARRIED)
            for i in range(_CARRIED - carried, _CARRIED):
                starts[i] = starts[i + num_words]
                ends[i] = ends[i + num_words]
            for i in range(_CARRIED - carried, _CARRIED + 1):
                sums[i] = sums[i + num_words]
    return num_found
