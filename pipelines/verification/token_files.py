"""Files of token ids, those between stages and the shards: their documents, decoded."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.verification.decoding import MarkedTextDecoder, ids_fault
from pipelines.verification.document_sums import DocumentSums


class Documents(NamedTuple):
    """Some documents of a file, column by column.

    `ids` are the token ids of all of them, `ends` int64[documents], where those of each end.
    """

    doc_ids: list[str]
    sources: list[str]
    splits: list[str]
    ids: npt.NDArray[np.unsignedinteger[Any]]
    ends: npt.NDArray[np.int64]

    def tokens_by_split(self) -> Counter[str]:
        """The number of token ids of the documents of each split."""
        counts: Counter[str] = Counter()
        lengths = np.diff(self.ends, prepend=0).tolist()
        for split, length in zip(self.splits, lengths, strict=True):
            counts[split] += length
        return counts


def read_tokens(path: Path) -> Iterator[Documents]:
    """The documents of a token file, a record batch at a time."""
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            yield _documents(batch, batch.column("split").to_pylist())


def read_shard(path: Path, split: str) -> Iterator[Documents]:
    """The documents of a shard, a record batch at a time."""
    with pa.memory_map(str(path)) as source:
        for batch in pa.ipc.open_stream(source):
            yield _documents(batch, [split] * batch.num_rows)


def _documents(batch: Any, splits: list[str]) -> Documents:
    # Before anything is read: a damaged offset would lead outside of the mapped file.
    batch.validate(full=True)
    tokens = batch.column("tokens")
    offsets = tokens.offsets.to_numpy().astype(np.int64)
    return Documents(
        batch.column("doc_id").to_pylist(),
        batch.column("source").to_pylist(),
        splits,
        tokens.values.to_numpy()[offsets[0] : offsets[-1]],
        offsets[1:] - offsets[0],
    )


def sum_up(documents: Documents, decoder: MarkedTextDecoder, sums: DocumentSums) -> Iterator[str]:
    """Count decoded documents in; what cannot be decoded is a fault instead."""
    fault = ids_fault(documents.ids, documents.ends, decoder.vocabulary_size)
    if fault is not None:
        document, reason = fault
        yield f"{documents.doc_ids[document] if documents.doc_ids else 'no document'}: {reason}"
        return
    for doc_id, source, split, text in decoded(documents, decoder):
        sums.add(split, source, doc_id, text)


def decoded(
    documents: Documents, decoder: MarkedTextDecoder
) -> Iterator[tuple[str, str, str, bytes]]:
    """The id, source, split and text of each document, whose ids `ids_fault` finds right."""
    text, ends = decoder.decode(documents.ids, documents.ends)
    start = 0
    for doc_id, source, split, end in zip(
        documents.doc_ids, documents.sources, documents.splits, ends.tolist(), strict=True
    ):
        yield doc_id, source, split, text[start:end]
        start = end
