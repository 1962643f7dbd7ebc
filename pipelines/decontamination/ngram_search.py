"""Words and n-grams of a text as numbers, and the search for known ones in a column of texts."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipelines.decontamination.ngram_kernel import (
    BLOCK_WORDS,
    cut_words,
    find_ngrams,
    hash_ngrams,
    set_bits,
)
from pipelines.decontamination.normal_form import NormalForm

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

#: Of 16 bits for each n-gram one is set: 15 of 16 n-grams of a text are told by it to be unknown.
_FILTER_BITS: Final = 16
_SMALLEST_FILTER_LOG2: Final = 16
_SMALLEST_BUCKETS_LOG2: Final = 8
#: Room for what is found in most columns of texts; where it is too little they are gone through
#: again.
_ROOM: Final = 1 << 12
_TYPES: Final = {"string": np.int32, "large_string": np.int64}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text: `hashes` uint64, and the bytes of UTF-8 where each begins and ends."""

    hashes: Hashes
    starts: Places
    ends: Places


def words_of(text: str, form: NormalForm) -> Words:
    """The words of a text in normal form."""
    data = np.frombuffer(text.encode(), np.uint8)
    blocks: list[tuple[Hashes, Places, Places]] = []
    half, resume = np.zeros(4, np.int64), np.zeros(1, np.int64)
    while resume[0] < len(data):
        hashes = np.empty(BLOCK_WORDS, np.uint64)
        starts, ends = np.empty(BLOCK_WORDS, np.int64), np.empty(BLOCK_WORDS, np.int64)
        count = cut_words(
            data, resume[0], form.codes, form.several, hashes, starts, ends, half, resume
        )
        blocks.append((hashes[:count], starts[:count], ends[:count]))
    if not blocks:
        return Words(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    return Words(*(np.concatenate(column) for column in zip(*blocks, strict=True)))


def ngrams_of(words: Hashes, length: int) -> Hashes:
    """The hash of each n-gram of so many words, in order."""
    ngrams = np.empty(max(0, len(words) - length + 1), np.uint64)
    hash_ngrams(np.ascontiguousarray(words), length, ngrams)
    return ngrams


def distinct(hashes: Hashes) -> Hashes:
    """Hashes, each once, rising: by sorting, which is ten times as fast as NumPy's hash table."""
    ordered = np.sort(hashes)
    return ordered[np.append(np.ones(min(1, len(ordered)), np.bool_), ordered[1:] != ordered[:-1])]


class NgramSearch:
    """Finds known n-grams in texts.

    `hashes` are theirs, uint64, rising and distinct, of n-grams of `length` words or of one of the
    lengths `shorter`; `anchors` are the hashes of the last `anchor` words of the shorter ones.
    Memory: some 14 bytes a known n-gram.
    """

    def __init__(
        self,
        form: NormalForm,
        hashes: Hashes,
        length: int,
        anchors: Hashes,
        anchor: int,
        shorter: Places,
    ) -> None:
        self.hashes = hashes
        self._form = form
        self._length = length
        self._anchor = anchor
        self._shorter = np.ascontiguousarray(np.sort(shorter), np.int64)
        entries = max(1, len(hashes) + len(anchors))
        bits_log2 = max(_SMALLEST_FILTER_LOG2, (entries * _FILTER_BITS - 1).bit_length())
        self._bits = np.zeros(1 << (bits_log2 - 6), np.uint64)
        self._bits_shift = 64 - bits_log2
        set_bits(np.ascontiguousarray(hashes), self._bits, self._bits_shift)
        set_bits(np.ascontiguousarray(anchors), self._bits, self._bits_shift)
        buckets_log2 = max(_SMALLEST_BUCKETS_LOG2, len(hashes).bit_length())
        self._buckets_shift = 64 - buckets_log2
        firsts = np.arange(1 << buckets_log2, dtype=np.uint64) << np.uint64(self._buckets_shift)
        self._buckets = np.append(np.searchsorted(hashes, firsts), len(hashes)).astype(np.uint32)

    def find(self, texts: Any) -> Places:
        """The known n-grams of an Arrow column of strings, in order of text and place.

        Columns of the result, int64: text, rank of the n-gram in `hashes`, and the bytes of the
        text where it begins and ends.
        """
        assert texts.null_count == 0, "documents have texts"
        _, offsets, data = texts.buffers()
        kind = _TYPES[str(texts.type)]
        places = np.frombuffer(offsets, kind)[texts.offset : texts.offset + len(texts) + 1]
        text = np.frombuffer(data if data is not None else b"", np.uint8)
        found = np.empty((_ROOM, 4), np.int64)
        while True:
            count = find_ngrams(
                text,
                places.astype(np.int64),
                self._form.codes,
                self._form.several,
                self._length,
                self._anchor,
                self._shorter,
                self._bits,
                self._bits_shift,
                self.hashes,
                self._buckets,
                self._buckets_shift,
                found,
            )
            if count <= len(found):
                return found[:count]
            found = np.empty((count, 4), np.int64)
