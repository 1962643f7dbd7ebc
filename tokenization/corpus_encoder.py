"""Marked text to ids, by the compiled loop: the corpus path of `ScienceTokenizer`.

Documents are grouped into batches, normalized where that changes something, and encoded. A batch
is encoded by one thread with memory of its own; several batches at once by several threads, which
the interpreter's lock does not hold up. Ids come out in the order of the documents, whatever the
number of threads.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from tokenizers import Tokenizer

from tokenization.character_tables import character_tables
from tokenization.encoder_kernel import encode
from tokenization.encoder_state import (
    DONE,
    OUTPUT_FULL,
    PADDING_BYTES,
    RESULTS_FULL,
    SCRATCH_SMALL,
    State,
)
from tokenization.encoder_tables import Memory, Vocabulary
from tokenization.markers import (
    BY_CODE_POINT,
    END_OF_DOCUMENT_ID,
    RESERVED_FIRST,
    RESERVED_LAST,
    Marker,
)
from tokenization.normalization import normalize
from tokenization.pretokenizer import NORMALIZERS
from tokenization.text_batches import (
    TextBatch,
    batches_of_arrow,
    batches_of_strings,
    from_arrow,
    from_strings,
)
from tokenization.tokenizer_file import normalizer_of, vocabulary_and_merges

#: A run of text without any cut (one word, one stretch of white space) of more bytes is refused:
#: merging it would take 40 bytes of memory for each.
LONGEST_PIECE_BYTES: Final = 1 << 24
_SCRATCH_KEPT_BYTES: Final = 1 << 16

Ids = npt.NDArray[np.unsignedinteger]
Counts = npt.NDArray[np.int64]
_Batch = TypeVar("_Batch")


@dataclass(frozen=True, slots=True)
class EncodedBatch:
    """The ids of some documents end to end, and their number up to the end of each (int64)."""

    ids: Ids
    ends: Counts


class _Refused(Exception):
    """A document of a batch that cannot be encoded, counted from the batch's first."""

    def __init__(self, document: int, reason: str) -> None:
        super().__init__(reason)
        self.document = document
        self.reason = reason


class CorpusEncoder:
    """Encodes documents in marked text with the vocabulary of a self-contained tokenizer file.

    Threads may share one.
    """

    def __init__(
        self,
        file: Tokenizer,
        markers: tuple[Marker, ...],
        symbols: tuple[str, ...],
        dtype: npt.DTypeLike,
    ) -> None:
        """Take a file that `tokenizer_file.fault` finds none in, and the type of the ids."""
        vocabulary, merges = vocabulary_and_merges(file)
        characters = character_tables()
        name = normalizer_of(file)
        self._dtype = np.dtype(dtype)
        self._normalizer = NORMALIZERS[name]
        self._normalization = characters.normalization(name)
        self._vocabulary = Vocabulary(
            vocabulary, merges, markers, symbols, characters, self._dtype.itemsize
        )
        self._idle: list[Memory] = []
        known = "".join(marker.code_point for marker in markers)
        self._stranger = re.compile(
            f"(?![{known}])[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}\ud800-\udfff]"
        )

    def encode_strings(
        self, texts: Iterable[str], *, end_of_document: bool, threads: int
    ) -> Iterator[EncodedBatch]:
        """Encode documents batch by batch, reading no further ahead than the threads need.

        Raises ValueError for a document that holds a lone surrogate, a reserved character that is
        no marker of the vocabulary, or a run of more than `LONGEST_PIECE_BYTES` without a cut.
        """

        def encode_batch(texts: list[str]) -> EncodedBatch:
            try:
                return self._encode(from_strings(texts), end_of_document)
            except UnicodeEncodeError:
                surrogates = (re.search("[\ud800-\udfff]", text) for text in texts)
                first = next(number for number, found in enumerate(surrogates) if found)
                raise _Refused(first, "a lone surrogate") from None

        return self._in_order(
            batches_of_strings(texts), encode_batch, lambda batch, number: batch[number], threads
        )

    def encode_arrow(
        self, texts: pa.Array, *, end_of_document: bool, threads: int, first_document: int = 0
    ) -> Iterator[EncodedBatch]:
        """As `encode_strings`, for a string or large string array without nulls, valid UTF-8.

        `first_document` is the number that errors give the first.
        """

        def encode_batch(texts: pa.Array) -> EncodedBatch:
            return self._encode(from_arrow(texts), end_of_document)

        return self._in_order(
            batches_of_arrow(texts),
            encode_batch,
            lambda batch, i: batch[i].as_py(),
            threads,
            first_document,
        )

    def _in_order(
        self,
        batches: Iterator[_Batch],
        encode_batch: Callable[[_Batch], EncodedBatch],
        document_of: Callable[[_Batch, int], str],
        threads: int,
        first_document: int = 0,
    ) -> Iterator[EncodedBatch]:
        num_before = first_document

        def finished(batch: _Batch, result: Callable[[], EncodedBatch]) -> EncodedBatch:
            nonlocal num_before
            try:
                encoded = result()
            except _Refused as refusal:
                text = document_of(batch, refusal.document)
                raise ValueError(
                    self._explanation(text, num_before + refusal.document, refusal.reason)
                ) from None
            num_before += len(encoded.ends)
            return encoded

        if threads == 1:
            for batch in batches:
                yield finished(batch, lambda: encode_batch(batch))  # noqa: B023  called at once
            return
        with ThreadPoolExecutor(threads) as pool:
            waiting: deque[tuple[_Batch, Future[EncodedBatch]]] = deque()

            def submit(number: int) -> None:
                waiting.extend(
                    (batch, pool.submit(encode_batch, batch)) for batch in islice(batches, number)
                )

            try:
                submit(2 * threads)
                while waiting:
                    batch, future = waiting.popleft()
                    yield finished(batch, future.result)
                    submit(1)
            finally:
                for _, future in waiting:
                    future.cancel()

    def _explanation(self, text: str, document: int, reason: str) -> str:
        found = self._stranger.search(text)
        if found is None:
            return f"document {document} holds {reason}"
        character = found.group()
        marker = BY_CODE_POINT.get(character)
        what = (
            "a lone surrogate; tokenization.clean replaces it"
            if "\ud800" <= character <= "\udfff"
            else f"the marker {marker.spelling}, which this tokenizer has no entry for"
            if marker
            else "no marker of this tokenizer; tokenization.clean takes such characters out"
        )
        return (
            f"document {document} holds U+{ord(character):04X} at character {found.start()}: {what}"
        )

    def _encode(self, batch: TextBatch, end_of_document: bool) -> EncodedBatch:
        text, ends = batch.text, batch.ends
        if self._normalization is not None and not batch.is_ascii:
            assert self._normalizer is not None
            text, ends = normalize(text, ends, PADDING_BYTES, self._normalization, self._normalizer)
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = Memory(self._vocabulary)
        try:
            return self._run(memory, text, ends, end_of_document)
        finally:
            memory.shrink(_SCRATCH_KEPT_BYTES)
            self._idle.append(memory)

    def _run(
        self,
        memory: Memory,
        text: npt.NDArray[np.uint8],
        ends: npt.NDArray[np.int64],
        end_of_document: bool,
    ) -> EncodedBatch:
        state = memory.state
        counts = np.empty_like(ends)
        state[State.PLACE_AT] = state[State.TEXT_AT] = text.ctypes.data
        state[State.DOCUMENT] = state[State.READING] = state[State.COUNT_BASE] = 0
        state[State.NUM_DOCUMENTS] = len(ends)
        state[State.ENDS_AT] = ends.ctypes.data
        state[State.COUNTS_AT] = counts.ctypes.data
        state[State.END_OF_DOCUMENT] = END_OF_DOCUMENT_ID if end_of_document else -1
        parts: list[Ids] = []
        output: Ids = memory.output

        def point(output: Ids) -> None:
            state[State.OUTPUT_AT] = state[State.OUTPUT_START_AT] = output.ctypes.data
            state[State.OUTPUT_END_AT] = output.ctypes.data + output.nbytes

        def flush() -> None:
            written = int(state[State.OUTPUT_AT] - state[State.OUTPUT_START_AT])
            parts.append(output[: written // self._dtype.itemsize].copy())
            state[State.COUNT_BASE] += len(parts[-1])

        point(output)
        while (status := encode(state.ctypes.data)) != DONE:
            needed = int(state[State.NEEDED])
            if status == OUTPUT_FULL:
                flush()
                if needed > len(output) // 2:
                    output = np.empty(2 * needed, self._dtype)
                point(output)
            elif status == RESULTS_FULL:
                memory.forget()
            elif status == SCRATCH_SMALL and needed <= LONGEST_PIECE_BYTES:
                memory.make_scratch(needed)
            elif status == SCRATCH_SMALL:
                raise _Refused(
                    int(state[State.DOCUMENT]),
                    f"a run of {needed:,} bytes of letters or white space without a cut; "
                    f"at most {LONGEST_PIECE_BYTES:,} can be merged",
                )
            else:
                raise _Refused(int(state[State.DOCUMENT]), "a character that is no marker")
        flush()
        return EncodedBatch(parts[0] if len(parts) == 1 else np.concatenate(parts), counts)
