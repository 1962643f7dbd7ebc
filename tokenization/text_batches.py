"""Documents as the compiled encoder reads them: UTF-8 end to end, a newline after each.

The newline is no part of a document. It is there so that no piece of text runs on from one document
into the next: a newline always is a piece of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenization.encoder_state import PADDING_BYTES

#: Documents are encoded in batches of about this many characters, which stay in a core's cache.
BATCH_CHARACTERS: Final = 1 << 19
#: A batch holds at most this many documents, however short.
BATCH_DOCUMENTS: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class TextBatch:
    """`text`, uint8, padded; `ends`, int64, where each document ends; whether all is ASCII."""

    text: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]
    is_ascii: bool


def batches_of_strings(texts: Iterable[str]) -> Iterator[list[str]]:
    """Documents in groups of about `BATCH_CHARACTERS`, in order; one larger than that stays alone.

    Raises TypeError for what is no string.
    """
    batch: list[str] = []
    characters = 0
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"document {number} is {type(text).__name__}, not str")
        is_full = characters + len(text) > BATCH_CHARACTERS or len(batch) == BATCH_DOCUMENTS
        if batch and is_full:
            yield batch
            batch, characters = [], 0
        batch.append(text)
        characters += len(text)
    if batch:
        yield batch


def from_strings(texts: list[str]) -> TextBatch:
    """Raises UnicodeEncodeError for a lone surrogate, which UTF-8 cannot hold."""
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(document) + 1 for document in encoded], dtype=np.int64) - 1
    encoded.append(bytes(PADDING_BYTES))
    return TextBatch(
        np.frombuffer(b"\n".join(encoded), np.uint8),
        ends,
        all(map(str.isascii, texts)),
    )


def batches_of_arrow(texts: pa.Array) -> Iterator[pa.Array]:
    """Slices of a string array of about `BATCH_CHARACTERS` bytes, in order."""
    offsets = _offsets(texts)
    start = 0
    while start < len(texts):
        limit = offsets[start] + BATCH_CHARACTERS
        stop = int(np.searchsorted(offsets, limit, side="right")) - 1
        stop = min(max(stop, start + 1), start + BATCH_DOCUMENTS, len(texts))
        yield texts.slice(start, stop - start)
        start = stop


def from_arrow(texts: pa.Array) -> TextBatch:
    """A string or large string array that holds no null and valid UTF-8 (the caller checks)."""
    offsets = _offsets(texts)
    data = texts.buffers()[2]
    source = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    ends = (offsets[1:] - offsets[0]) + np.arange(len(texts), dtype=np.int64)
    size = int(ends[-1]) + 1 if len(texts) else 0
    text = np.empty(size + PADDING_BYTES, np.uint8)
    text[size:] = 0
    place = 0
    for start, end in pairwise(offsets.tolist()):
        text[place : place + end - start] = source[start:end]
        place += end - start + 1
    text[ends] = ord("\n")
    stretch = source[int(offsets[0]) : int(offsets[-1])]
    return TextBatch(text, ends, not (stretch & 0x80).any())


def _offsets(texts: pa.Array) -> npt.NDArray[np.int64]:
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    buffer = texts.buffers()[1]
    if buffer is None or not len(texts):
        return np.zeros(1, np.int64)
    item = np.dtype(kind).itemsize
    stretch = np.frombuffer(buffer, kind, len(texts) + 1, texts.offset * item)
    return stretch.astype(np.int64)
