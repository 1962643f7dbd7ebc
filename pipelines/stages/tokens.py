"""Tokens: finished documents to token ids, with the key that shuffles them."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.documents_table import DocumentRow, read_documents
from pipelines.execution import Outcome
from tokenization import ScienceTokenizer
from tokenization.manifests import atomic_file
from tokenization.shards import token_dtype

DOCUMENTS_PER_BATCH = 512


@dataclass(frozen=True, slots=True)
class TokensArgument:
    """One part of documents to one Arrow file of token ids."""

    documents: Path
    tokenizer: Path
    seed: int
    tokens: Path


def shuffle_key(seed: int, doc_id: str) -> int:
    """The 64-bit key that decides the shard of a document (modulo) and its place there (order)."""
    digest = hashlib.blake2b(f"shuffle\0{seed}\0{doc_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def tokens_schema(vocabulary_size: int) -> pa.Schema:
    """The columns of a token file; `tokens` end in `</s>`."""
    return pa.schema(
        [
            ("doc_id", pa.string()),
            ("source", pa.string()),
            ("split", pa.string()),
            ("shuffle_key", pa.uint64()),
            ("tokens", pa.list_(pa.type_for_alias(token_dtype(vocabulary_size)))),
        ]
    )


def tokenize_documents(argument: TokensArgument) -> Outcome:
    """Encode every document of the part, `</s>` at its end."""
    tokenizer = ScienceTokenizer.from_pretrained(argument.tokenizer)
    schema = tokens_schema(tokenizer.vocabulary_size)
    num_tokens: Counter[str] = Counter()
    documents = 0
    rows = read_documents(argument.documents)
    with (
        atomic_file(argument.tokens) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for batch in _batches(rows):
            ids, offsets = tokenizer.encode_documents(
                [row.text for row in batch], end_of_document=True
            )
            for row, count in zip(batch, np.diff(offsets), strict=True):
                num_tokens[row.split] += int(count)
            documents += len(batch)
            writer.write_batch(_record_batch(batch, ids, offsets, argument.seed, schema))
    return Outcome(
        outputs=[argument.tokens],
        read=documents,
        wrote=documents,
        facts={"tokens_by_split": dict(sorted(num_tokens.items()))},
    )


def _batches(rows: Iterator[DocumentRow]) -> Iterator[list[DocumentRow]]:
    while batch := list(islice(rows, DOCUMENTS_PER_BATCH)):
        yield batch


def _record_batch(
    rows: list[DocumentRow],
    ids: npt.NDArray[np.unsignedinteger],
    offsets: npt.NDArray[np.int64],
    seed: int,
    schema: pa.Schema,
) -> pa.RecordBatch:
    values = pa.array(ids, schema.field("tokens").type.value_type)
    return pa.record_batch(
        [
            pa.array([row.doc_id for row in rows], pa.string()),
            pa.array([row.source for row in rows], pa.string()),
            pa.array([row.split for row in rows], pa.string()),
            pa.array([shuffle_key(seed, row.doc_id) for row in rows], pa.uint64()),
            pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values),
        ],
        schema=schema,
    )
