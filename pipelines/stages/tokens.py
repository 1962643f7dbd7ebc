"""Tokens: finished documents to token ids, with the key that shuffles them.

Column by column: a row group of the part (`ROW_GROUP_BYTES` of text, or one longer document)
becomes one record batch, so memory is bounded by the longest document, and no row is a Python
object but the id that is hashed.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.execution import BuildError, Outcome
from tokenization import ScienceTokenizer
from tokenization.manifests import atomic_file, fingerprint_file
from tokenization.shards import token_dtype
from tokenization.tokenizer import TOKENIZER_FILE


@dataclass(frozen=True, slots=True)
class TokensArgument:
    """One part of documents to one Arrow file of token ids."""

    documents: Path
    tokenizer: Path
    seed: int
    tokens: Path


def shuffle_keys(seed: int, doc_ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    """A 64-bit key for each document: modulo, it decides the shard; its order, the place there.

    >>> shuffle_keys(0, ["paper/1", "paper/2"])
    array([15509888296783033605,  7930834659840154786], dtype=uint64)
    """
    begun = hashlib.blake2b(f"shuffle\0{seed}\0".encode(), digest_size=8)
    digests = bytearray()
    for doc_id in doc_ids:
        digest = begun.copy()
        digest.update(doc_id.encode())
        digests += digest.digest()
    return np.frombuffer(bytes(digests), ">u8").astype(np.uint64)


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
    """Encode every document of the part, `</s>` at its end.

    Raises BuildError for a document that the tokenizer cannot encode, a marker it has no entry for
    or more ids than an Arrow list array holds (2^31 - 1).
    """
    file = argument.tokenizer / TOKENIZER_FILE
    tokenizer = _load_tokenizer(file, fingerprint_file(file))
    schema = tokens_schema(tokenizer.vocabulary_size)
    num_tokens: Counter[str] = Counter()
    documents = 0
    with (
        pq.ParquetFile(argument.documents) as parquet,
        atomic_file(argument.tokens) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(
                group,
                columns=["doc_id", "source", "split", "text"],
                use_threads=False,  # every core has a worker of its own
            )
            for rows in table.to_batches():
                try:
                    tokens = tokenizer.encode_arrow(rows.column("text"))
                except ValueError as error:
                    raise BuildError(
                        f"tokens: {argument.documents}: after {documents} documents: {error}"
                    ) from error
                keys = shuffle_keys(argument.seed, rows.column("doc_id").to_pylist())
                columns = [rows.column(name) for name in ("doc_id", "source", "split")]
                writer.write_batch(
                    pa.record_batch([*columns, pa.array(keys), tokens], schema=schema)
                )
                num_tokens.update(_tokens_by_value(rows.column("split"), tokens))
                documents += rows.num_rows
    return Outcome(
        outputs=[argument.tokens],
        read=documents,
        wrote=documents,
        facts={"tokens_by_split": dict(sorted(num_tokens.items()))},
    )


@lru_cache(maxsize=1)
def _load_tokenizer(file: Path, fingerprint: str) -> ScienceTokenizer:
    """Loaded once in a worker for all its tasks: its tables cost as much as 50 MB of text.

    `fingerprint`, of the file's content, keeps one that has changed from being taken for it.
    """
    return ScienceTokenizer.from_pretrained(file)


def _tokens_by_value(names: pa.Array, tokens: pa.ListArray) -> dict[str, int]:
    """The number of tokens of the rows of each name."""
    encoded = names.dictionary_encode()
    lengths = np.diff(tokens.offsets.to_numpy())
    rows = encoded.indices.to_numpy()
    return {
        name: int(lengths[rows == index].sum(dtype=np.int64))
        for index, name in enumerate(encoded.dictionary.to_pylist())
    }
