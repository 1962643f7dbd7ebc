"""What the compiled loop works on: a vocabulary as hash tables, and each thread's own memory.

`Vocabulary` is made once from a tokenizer and never changes, so threads share it. `Memory` is one
thread's: the tables of results, which start as copies of the vocabulary's, the scratch for merges,
and the `State` array that holds the addresses of it all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt

from tokenization.character_tables import OTHER, Bytes, CharacterTables
from tokenization.encoder_state import (
    PADDING_BYTES,
    READ_CHARACTERS,
    READ_SYMBOLS,
    READ_TEXT,
    State,
)
from tokenization.markers import (
    CONTROL_TOKENS,
    RESERVED_FIRST,
    RESERVED_LAST,
    Marker,
    Reading,
)
from tokenization.piece_merging import (
    FILTER_BYTES,
    ID_BITS,
    NO_RANK,
    PAIRS_PADDING,
    RANK_BITS,
    SCRATCH_BYTES_PER_BYTE,
    fill_pairs,
)
from tokenization.pretokenizer import BYTE_OF_CHARACTER, CHARACTER_OF_BYTE, NUM_BYTES
from tokenization.remembered_pieces import LONGEST_WORD, fill_phrases, fill_words

_READINGS: Final = {
    Reading.TEXT: READ_TEXT,
    Reading.CHARACTERS: READ_CHARACTERS,
    Reading.SYMBOLS: READ_SYMBOLS,
}
#: Tables of results are this many times as large as the vocabulary, and at most 3/4 full.
_ROOM: Final = 4
_SMALLEST_TABLE: Final = 1 << 15
_FULLEST: Final = 0.75
_STORE_BYTES: Final = 4 << 20
#: Pieces of more bytes are not remembered (a vocabulary entry is, however long).
_LONGEST_REMEMBERED: Final = 512
_SCRATCH_PIECE_BYTES: Final = 1 << 12
_OUTPUT_IDS: Final = 1 << 18
_NUM_ASCII: Final = 128
_EMPTY_PAIR: Final = 0xFFFFFFFFFFFFFFFF

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Table:
    """A hash table: `entries`, uint64[power of two, 4], and how many more may be entered."""

    entries: Words
    free: int

    @property
    def shift(self) -> int:
        """What a 64-bit hash is shifted by to give a row."""
        return _shift(len(self.entries))


class Vocabulary:
    """The tables of one tokenizer."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        merges: Sequence[tuple[str, str]],
        markers: Sequence[Marker],
        symbols: Sequence[str],
        characters: CharacterTables,
        id_bytes: int,
    ) -> None:
        """Build the tables: some 0.1 s for 50,000 entries.

        `vocabulary` and `merges` as the tokenizer file spells them; `markers` and `symbols` are
        those of its entries that no ordinary text gives; `id_bytes` is 2 or 4.
        """
        if len(vocabulary) >= 1 << ID_BITS or len(merges) >= 1 << RANK_BITS:
            raise ValueError(
                f"a vocabulary of {len(vocabulary):,} entries: the compiled encoder takes at most "
                f"{(1 << ID_BITS) - 1:,}"
            )
        self.id_bytes = id_bytes
        self.kinds = characters.kinds
        self.first_kinds = np.full(NUM_BYTES, OTHER, np.uint8)
        self.first_kinds[:_NUM_ASCII] = characters.kinds[:_NUM_ASCII]
        self.byte_ids = np.array([vocabulary[c] for c in CHARACTER_OF_BYTE], np.uint32)
        self.masks = _masks()
        self.marker_ids = np.full(RESERVED_LAST - RESERVED_FIRST + 1, -1, np.int64)
        self.marker_readings = np.zeros_like(self.marker_ids)
        for marker in markers:
            self.marker_ids[marker.row] = vocabulary[marker.spelling]
            self.marker_readings[marker.row] = _READINGS[marker.reading]
        left = np.array([vocabulary[pair[0]] for pair in merges], np.uint64)
        right = np.array([vocabulary[pair[1]] for pair in merges], np.uint64)
        self.pairs, self.pairs_shift = _pairs(left, right)
        self.byte_ranks = _byte_ranks(left, right, self.byte_ids)
        self.merged = np.array([vocabulary[a + b] for a, b in merges], np.uint32)
        apart = {marker.spelling for marker in markers}.union(symbols, CONTROL_TOKENS)
        tokens = [token for token in vocabulary if token not in apart]
        spelt = {
            piece: vocabulary[token]
            for token, piece in zip(tokens, _spelt_bytes(tokens), strict=True)
            if piece
        }
        short = {piece: id_ for piece, id_ in spelt.items() if 1 < len(piece) <= LONGEST_WORD}
        short |= {bytes([byte]): int(id_) for byte, id_ in enumerate(self.byte_ids)}
        long = {piece: id_ for piece, id_ in spelt.items() if len(piece) > LONGEST_WORD}
        self.longest_remembered = max([_LONGEST_REMEMBERED, *map(len, long)])
        self.words = _word_table(short, id_bytes)
        self.phrases, self.store = _phrase_table(long, self.masks)
        symbol_ids = {symbol.encode(): vocabulary[symbol] for symbol in symbols}
        self.symbols, self.symbol_store = _phrase_table(symbol_ids, self.masks)
        self.longest_symbol = max(map(len, symbol_ids), default=0)


class Memory:
    """One thread's tables of results and scratch. `state` is what the compiled functions take."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._words = np.empty_like(vocabulary.words.entries)
        self._phrases = np.empty_like(vocabulary.phrases.entries)
        self._store = np.empty(len(vocabulary.store) + _STORE_BYTES, np.uint8)
        #: Where ids are written before they are copied out, uint16 or uint32.
        self.output = np.empty(_OUTPUT_IDS, f"u{vocabulary.id_bytes}")
        self.state = np.zeros(len(State), np.int64)
        for place, array in (
            (State.KINDS_AT, vocabulary.kinds),
            (State.FIRST_KINDS_AT, vocabulary.first_kinds),
            (State.BYTE_IDS_AT, vocabulary.byte_ids),
            (State.MARKER_IDS_AT, vocabulary.marker_ids),
            (State.MARKER_READINGS_AT, vocabulary.marker_readings),
            (State.PAIRS_AT, vocabulary.pairs),
            (State.BYTE_RANKS_AT, vocabulary.byte_ranks),
            (State.MERGED_AT, vocabulary.merged),
            (State.MASKS_AT, vocabulary.masks),
            (State.SYMBOLS_AT, vocabulary.symbols.entries),
            (State.SYMBOLS_STORE_AT, vocabulary.symbol_store),
            (State.WORDS_AT, self._words),
            (State.PHRASES_AT, self._phrases),
            (State.STORE_AT, self._store),
        ):
            self.state[place] = array.ctypes.data
        self.state[State.ID_BYTES_LOG2] = vocabulary.id_bytes.bit_length() - 1
        self.state[State.PAIRS_SHIFT] = vocabulary.pairs_shift
        self.state[State.SYMBOLS_SHIFT] = vocabulary.symbols.shift
        self.state[State.LONGEST_SYMBOL] = vocabulary.longest_symbol
        self.state[State.WORDS_SHIFT] = vocabulary.words.shift
        self.state[State.PHRASES_SHIFT] = vocabulary.phrases.shift
        self.state[State.STORE_SIZE] = len(self._store)
        self.state[State.LONGEST_REMEMBERED] = vocabulary.longest_remembered
        self.make_scratch(_SCRATCH_PIECE_BYTES)
        self.forget()

    def __reduce__(self) -> NoReturn:
        raise TypeError("the memory of an encoder holds addresses: it cannot be copied")

    def forget(self) -> None:
        """Put the tables of results back to the vocabulary."""
        self._words[:] = self._vocabulary.words.entries
        self._phrases[:] = self._vocabulary.phrases.entries
        self._store[: len(self._vocabulary.store)] = self._vocabulary.store
        self.state[State.STORE_USED] = len(self._vocabulary.store)
        self.state[State.WORDS_FREE] = self._vocabulary.words.free
        self.state[State.PHRASES_FREE] = self._vocabulary.phrases.free

    def make_scratch(self, piece_bytes: int) -> None:
        """Room for the merges of a piece of this many bytes: 40 bytes for each."""
        scratch = np.empty(piece_bytes * SCRATCH_BYTES_PER_BYTE, np.uint8)
        # In this order an interrupt at any moment leaves addresses of memory that is there.
        self.state[State.SCRATCH_PIECE_BYTES] = 0
        self.state[State.SCRATCH_AT] = scratch.ctypes.data
        self._scratch = scratch
        self.state[State.SCRATCH_PIECE_BYTES] = piece_bytes

    def shrink(self, piece_bytes: int) -> None:
        """Give back a scratch that a piece of more bytes needed."""
        if self.state[State.SCRATCH_PIECE_BYTES] > piece_bytes:
            self.make_scratch(_SCRATCH_PIECE_BYTES)


def _spelt_bytes(tokens: Sequence[str]) -> list[bytes | None]:
    """The bytes of vocabulary entries, None for one that is not in the byte-level spelling."""
    byte_of = np.full(max(map(ord, BYTE_OF_CHARACTER)) + 2, -1, np.int16)
    byte_of[[ord(character) for character in BYTE_OF_CHARACTER]] = list(BYTE_OF_CHARACTER.values())
    code_points = np.frombuffer("".join(tokens).encode("utf-32-le"), np.uint32)
    spelt = byte_of[np.minimum(code_points, len(byte_of) - 1)]
    ends = np.cumsum([len(token) for token in tokens])
    strange = set(np.searchsorted(ends, np.flatnonzero(spelt < 0), side="right").tolist())
    data = spelt.astype(np.uint8).tobytes()
    return [
        None if number in strange else data[start:end]
        for number, (start, end) in enumerate(pairwise([0, *ends.tolist()]))
    ]


def _masks() -> Words:
    """For each length up to 16, the bits that a piece of that many bytes has in its two words."""
    ones = [(1 << 8 * length) - 1 for length in range(17)]
    return np.array([[one & (1 << 64) - 1, one >> 64] for one in ones], np.uint64)


def _slots(entries: int, room: int) -> int:
    return 1 << max(entries * room, _SMALLEST_TABLE).bit_length()


def _shift(rows: int) -> int:
    """What a 64-bit hash is shifted by to give one of so many rows, a power of two."""
    return 65 - rows.bit_length()


def _pairs(left: Words, right: Words) -> tuple[Words, int]:
    """The merges as `piece_merging.fill_pairs` enters them, and the shift of their hashes."""
    keys = left << np.uint64(ID_BITS) | right
    rows = _slots(len(keys), 2)
    while True:
        num_filter_words = FILTER_BYTES // 8
        table = np.full(num_filter_words + 4 + rows + PAIRS_PADDING, _EMPTY_PAIR, np.uint64)
        table[:num_filter_words] = 0
        if fill_pairs(keys.ctypes.data, len(keys), table.ctypes.data, _shift(rows)):
            return table, _shift(rows)
        rows *= 2


def _byte_ranks(
    left: Words, right: Words, byte_ids: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint32]:
    """The rank of the merge of each pair of bytes, `NO_RANK` where there is none."""
    byte_of_id = {int(id_): byte for byte, id_ in enumerate(byte_ids)}
    ranks = np.full((NUM_BYTES, NUM_BYTES), NO_RANK, np.uint32)
    of_bytes = np.flatnonzero(np.isin(left, byte_ids) & np.isin(right, byte_ids))
    for rank in of_bytes.tolist():
        ranks[byte_of_id[int(left[rank])], byte_of_id[int(right[rank])]] = rank
    return ranks


def _word_table(pieces: Mapping[bytes, int], id_bytes: int) -> Table:
    """A table of pieces of up to 15 bytes: two words of key, two of ids with their number."""
    table = np.zeros((_slots(len(pieces), _ROOM), 4), np.uint64)
    keys = b"".join(piece.ljust(LONGEST_WORD, b"\0") + bytes([len(piece)]) for piece in pieces)
    ids = np.array(list(pieces.values()), np.uint32)
    room = int(len(table) * _FULLEST)
    state = np.zeros(len(State), np.int64)
    state[State.WORDS_AT] = table.ctypes.data
    state[State.WORDS_SHIFT] = _shift(len(table))
    state[State.WORDS_FREE] = room
    state[State.ID_BYTES_LOG2] = id_bytes.bit_length() - 1
    key_words = np.frombuffer(keys, np.uint64)
    fill_words(key_words.ctypes.data, ids.ctypes.data, len(ids), state.ctypes.data)
    return Table(table, room - len(pieces))


def _phrase_table(pieces: Mapping[bytes, int], masks: Words) -> tuple[Table, Bytes]:
    """A table of pieces of any length, and the store of their bytes and ids."""
    table = np.zeros((_slots(len(pieces), _ROOM), 4), np.uint64)
    starts = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    ids = np.array(list(pieces.values()), np.uint32)
    text = np.frombuffer(b"".join(pieces) + bytes(PADDING_BYTES), np.uint8)
    store = np.zeros(int(starts[-1]) + ids.nbytes, np.uint8)
    room = int(len(table) * _FULLEST)
    state = np.zeros(len(State), np.int64)
    state[State.MASKS_AT] = masks.ctypes.data
    state[State.PHRASES_AT] = table.ctypes.data
    state[State.PHRASES_SHIFT] = _shift(len(table))
    state[State.PHRASES_FREE] = room
    state[State.STORE_AT] = store.ctypes.data
    state[State.STORE_SIZE] = len(store)
    fill_phrases(text.ctypes.data, starts.ctypes.data, ids.ctypes.data, len(ids), state.ctypes.data)
    return Table(table, room - len(pieces)), store
