"""Shingles of words, as hashes: what MinHash compares of two documents."""

import numpy as np

from pipelines.deduplication.window_kernels import Bytes, Hashes, Places
from tokenization.raw_memory import compiled


def word_shingles(text: Bytes, ends: Places, words: int) -> tuple[Hashes, Places]:
    """The hash of every `words` words in a row of each document, and where each one's hashes begin.

    A word is a run of letters, digits and bytes beyond ASCII; capitals are as small letters. The
    second array has one entry more than there are documents.
    """
    hashes = np.empty(len(text) // 2 + 1, np.uint64)
    begins = np.zeros(len(ends) + 1, np.int64)
    count = find_word_shingles(text, ends, words, hashes, begins)
    return hashes[:count], begins


@compiled("int64(uint8[::1], int64[::1], int64, uint64[::1], int64[::1])")
def find_word_shingles(text, ends, words, hashes, begins):
    """Write the hashes of all shingles, and where those of each document begin; returns all."""
    recent = np.zeros(words, np.uint64)
    count = np.int64(0)
    place = np.int64(0)
    for document in range(len(ends)):
        begins[document] = count
        num_words = np.int64(0)
        word = np.uint64(0)
        length = np.int64(0)
        while place <= ends[document]:
            byte = text[place] if place < ends[document] else np.uint8(0x20)
            if 0x41 <= byte <= 0x5A:
                byte += np.uint8(0x20)
            if 0x61 <= byte <= 0x7A or 0x30 <= byte <= 0x39 or byte >= 0x80:
                word = (word ^ np.uint64(byte)) * np.uint64(0x9E3779B97F4A7C15)
                word ^= word >> np.uint64(29)
                length += 1
            elif length:
                recent[num_words % words] = word
                num_words += 1
                word = np.uint64(0)
                length = 0
                if num_words >= words:
                    shingle = np.uint64(0)
                    for number in range(num_words - words, num_words):
                        shingle = (shingle ^ recent[number % words]) * np.uint64(0xBF58476D1CE4E5B9)
                        shingle ^= shingle >> np.uint64(31)
                    hashes[count] = shingle
                    count += 1
            place += 1
        place = ends[document]
    begins[len(ends)] = count
    return count
