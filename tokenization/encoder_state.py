"""The array of numbers and addresses that the compiled functions of the encoder work on."""

from enum import IntEnum, auto
from typing import Final

import numpy as np


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

#: Zero bytes after the last document of a text: words are read beyond its end.
PADDING_BYTES: Final = 64

#: An odd number whose multiples differ in their top bits: what keys are hashed by.
MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
