"""Token ids back to marked text: what the ids of a document say, byte for byte.

A marker's id gives its reserved character again, so that a marker is told from a literal spelling
of it, which `ScienceTokenizer.decode` cannot do.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from tokenization import ScienceTokenizer
from tokenization.markers import CONTROL_TOKENS, END_OF_DOCUMENT_ID, MarkerTable
from tokenization.pretokenizer import BYTE_OF_CHARACTER, NORMALIZERS
from tokenization.tokenizer_file import normalizer_of

#: Ids that are decoded at once: an output byte takes 24 bytes of memory meanwhile.
_IDS_AT_ONCE: Final = 1 << 16


class MarkedTextDecoder:
    """The bytes that each id of a tokenizer file stands for.

    Raises ValueError where the file is none of this project.
    """

    def __init__(self, path: Path) -> None:
        file = Tokenizer.from_file(str(path))
        tokenizer = ScienceTokenizer(file)
        self.markers = MarkerTable(tokenizer.markers)
        self.vocabulary_size = tokenizer.vocabulary_size
        as_they_read = {marker.spelling: marker.code_point for marker in tokenizer.markers}
        as_they_read |= {symbol: symbol for symbol in tokenizer.symbols}
        as_they_read |= dict.fromkeys(CONTROL_TOKENS, "")
        entries = [_bytes_of(token, as_they_read) for token in _entries(tokenizer)]
        self._bytes = np.frombuffer(b"".join(entries), np.uint8)
        self._lengths = np.array([len(entry) for entry in entries], np.int64)
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._normalizer = NORMALIZERS[normalizer_of(file)]

    def decode(
        self, ids: npt.NDArray[np.unsignedinteger[Any]], ends: npt.NDArray[np.int64]
    ) -> tuple[bytes, npt.NDArray[np.int64]]:
        """The UTF-8 of documents, end to end, and where each ends.

        `ids` are those of all documents, every one in the vocabulary; `ends` int64[documents],
        where the ids of each end.
        """
        parts = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            chosen = ids[start : start + _IDS_AT_ONCE]
            lengths = self._lengths[chosen]
            shifts = self._starts[chosen] - (np.cumsum(lengths) - lengths)
            parts.append(self._bytes[np.repeat(shifts, lengths) + np.arange(lengths.sum())])
        sizes = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._lengths[ids])])
        return b"".join(part.tobytes() for part in parts), sizes[ends]

    def expected(self, text: str) -> bytes:
        """What the ids of a document's text should decode to: the text as it is normalized."""
        if self._normalizer is not None and not text.isascii():
            text = self._normalizer.normalize_str(text)
        return text.encode("utf-8", "surrogatepass")


def ids_fault(
    ids: npt.NDArray[np.unsignedinteger[Any]],
    ends: npt.NDArray[np.int64],
    vocabulary_size: int,
) -> tuple[int, str] | None:
    """The first document whose ids cannot be, and why: outside the vocabulary, or not ended."""
    if len(ids) != (ends[-1] if len(ends) else 0):
        return 0, "token ids that belong to no document"
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if len(ends) else ends
    if (starts >= ends).any():
        return int(np.flatnonzero(starts >= ends)[0]), "no token ids"
    wrong = np.flatnonzero(ids >= vocabulary_size)
    if len(wrong):
        document = int(np.searchsorted(ends, wrong[0], side="right"))
        return document, f"id {ids[wrong[0]]} is outside the vocabulary of {vocabulary_size}"
    control = np.flatnonzero(ids < len(CONTROL_TOKENS))
    last = ids[ends - 1] != END_OF_DOCUMENT_ID
    if last.any():
        return int(np.flatnonzero(last)[0]), "does not end in </s>"
    if len(control) != len(ends):
        place = int(np.setdiff1d(control, ends - 1)[0])
        document = int(np.searchsorted(ends, place, side="right"))
        return document, f"holds {CONTROL_TOKENS[int(ids[place])]} before its end"
    return None


def _entries(tokenizer: ScienceTokenizer) -> list[str]:
    return [tokenizer.id_to_token(id_) or "" for id_ in range(tokenizer.vocabulary_size)]


def _bytes_of(token: str, as_they_read: dict[str, str]) -> bytes:
    if token in as_they_read:
        return as_they_read[token].encode()
    return bytes(BYTE_OF_CHARACTER[character] for character in token)
