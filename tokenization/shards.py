"""Arrow shards: token ids of whole documents, written once and memory-mapped for ever after.

A shard folder holds `data-00000-of-00004.arrow` and so on, `state.json` and `dataset_info.json`
(so that `datasets.load_from_disk` opens it) and the `manifest.json` of whoever wrote it, whose key
`shards` holds the facts of `shard_facts`. Each file is Arrow IPC in the stream format,
uncompressed:

    doc_id: string    source: dictionary<int32, string>    tokens: list<uint16>

and `list<uint32>` where the vocabulary exceeds 65,536 entries. A stream that was cut between two
record batches opens without an error, so `open_shards` compares bytes and rows with the manifest.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenization.manifests import atomic_file, fingerprint_json, write_atomically
from tokenization.shard_reader import ShardFolder, open_shards, shard_schema

__all__ = [
    "ShardColumns",
    "ShardDocument",
    "ShardFile",
    "ShardFolder",
    "finish_shard_folder",
    "open_shards",
    "shard_facts",
    "shard_name",
    "token_dtype",
    "write_shard_columns",
    "write_shard_file",
]

UINT16_ENTRIES: Final = 65_536
#: A record batch holds at most this many tokens (8 MiB of uint16) unless one document is longer,
#: and at most this many documents. Arrow's list offsets are int32.
BATCH_TOKENS: Final = 1 << 22
BATCH_DOCUMENTS: Final = 1 << 16
LONGEST_DOCUMENT: Final = (1 << 31) - 1


class ShardDocument(NamedTuple):
    """One document to write: its id, its source, and its token ids, 1-D, `</s>` last."""

    doc_id: str
    source: str
    tokens: npt.NDArray[np.integer[Any]]


class ShardColumns(NamedTuple):
    """Documents to write, column by column: no Python object a document but a view of its tokens.

    `doc_ids` is an Arrow array of large_string; `sources` int32, indices into the names of the
    sources; `tokens` has the ids of each document, uint16 or uint32, 1-D, `</s>` last.
    """

    doc_ids: Any
    sources: npt.NDArray[np.int32]
    tokens: Sequence[npt.NDArray[np.integer[Any]]]


@dataclass(frozen=True, slots=True)
class ShardFile:
    """What is in one written file. `fingerprint` is the BLAKE2b-128 of its bytes, in hex.

    The counts by source are in the order of `sources` and leave out the sources without documents.
    """

    name: str
    rows: int
    num_tokens: int
    num_bytes: int
    fingerprint: str
    token_dtype: str
    documents_by_source: Mapping[str, int]
    tokens_by_source: Mapping[str, int]


def token_dtype(vocabulary_size: int) -> str:
    """The name of the smallest token type that holds every id of a vocabulary.

    >>> token_dtype(65_536), token_dtype(65_537)
    ('uint16', 'uint32')
    """
    return "uint16" if vocabulary_size <= UINT16_ENTRIES else "uint32"


def shard_name(index: int, count: int) -> str:
    """The name of file `index` of `count`.

    >>> shard_name(0, 4)
    'data-00000-of-00004.arrow'
    """
    return f"data-{index:05d}-of-{count:05d}.arrow"


def write_shard_file(
    path: Path, documents: Iterable[ShardDocument], vocabulary_size: int, sources: Sequence[str]
) -> ShardFile:
    """Write documents to one Arrow file, in bounded memory; it appears whole or not at all.

    The same documents and `sources` give the same bytes. `sources` names every source that may
    come, in the order of the dictionary, which is fixed beforehand so that the stream holds it
    once. No documents give a valid file of one empty batch.

    Raises ValueError, naming the document, for an unknown source, a document without tokens, and
    a token id outside the vocabulary.
    """
    source_index = {source: index for index, source in enumerate(sources)}
    groups = _groups(_checked(documents, source_index))
    return _write(path, groups, vocabulary_size, sources)


def write_shard_columns(
    path: Path,
    columns: ShardColumns,
    order: npt.NDArray[np.int64],
    vocabulary_size: int,
    sources: Sequence[str],
) -> ShardFile:
    """Write documents as `write_shard_file` does, to the same bytes, from columns.

    `order` has the row of each document to write, in the order of writing: int64[documents].
    """
    lengths = np.fromiter(map(len, columns.tokens), np.int64, len(columns.tokens))[order]
    return _write(path, _ordered_groups(columns, order, lengths), vocabulary_size, sources)


def shard_facts(files: Sequence[ShardFile]) -> dict[str, Any]:
    """What the folder's `manifest.json` holds under `shards`: each file, and the totals."""
    if not files:
        raise ValueError("a shard folder holds at least one file, if need be without documents")
    dtypes = {file.token_dtype for file in files}
    if len(dtypes) > 1:
        raise ValueError(f"shards of one folder hold tokens of {' and '.join(sorted(dtypes))}")
    documents: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for file in files:
        documents.update(file.documents_by_source)
        tokens.update(file.tokens_by_source)
    return {
        "files": [
            {
                "name": file.name,
                "rows": file.rows,
                "num_tokens": file.num_tokens,
                "num_bytes": file.num_bytes,
                "fingerprint": file.fingerprint,
            }
            for file in files
        ],
        "rows": documents.total(),
        "num_tokens": tokens.total(),
        "num_bytes": sum(file.num_bytes for file in files),
        "token_dtype": files[0].token_dtype,
        "fingerprint": fingerprint_json([file.fingerprint for file in files]),
        "sources": {
            source: {"documents": documents[source], "tokens": tokens[source]}
            for source in sorted(documents)
        },
    }


def finish_shard_folder(folder: Path, files: Sequence[ShardFile], split: str) -> dict[str, Any]:
    """Write `state.json` and `dataset_info.json`, and return `shard_facts(files)`.

    With them `datasets.load_from_disk(folder)` opens the folder as the split of this name.
    `files` are all the files of the folder, in order; ValueError where their names do not say so.
    """
    facts = shard_facts(files)
    names = [shard_name(index, len(files)) for index in range(len(files))]
    if [file.name for file in files] != names:
        raise ValueError(
            f"{folder}: files are named {', '.join(file.name for file in files)}; "
            f"expected {', '.join(names)}"
        )
    value = {"dtype": "string", "_type": "Value"}
    state = {
        "_data_files": [{"filename": name} for name in names],
        "_fingerprint": facts["fingerprint"],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": split,
    }
    information = {
        "citation": "",
        "description": "",
        "features": {
            "doc_id": value,
            # `datasets` has no dictionary type: it decodes the column when it opens the file.
            "source": value,
            "tokens": {
                "feature": {"dtype": facts["token_dtype"], "_type": "Value"},
                "_type": "Sequence",
            },
        },
        "homepage": "",
        "license": "",
    }
    write_atomically(folder / "state.json", _json(state))
    write_atomically(folder / "dataset_info.json", _json(information))
    return facts


class _HashingSink:
    """A binary file that hashes and counts what is written to it: no second pass over the data."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hash = hashlib.blake2b(digest_size=16)
        self.num_bytes = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        self.num_bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _write(
    path: Path, groups: Iterable[ShardColumns], vocabulary_size: int, sources: Sequence[str]
) -> ShardFile:
    """Write each group as a record batch, whole or not at all."""
    if len(set(sources)) != len(sources):
        raise ValueError(f"sources are named twice: {', '.join(sources)}")
    dtype = np.dtype(token_dtype(vocabulary_size))
    dictionary = pa.array(list(sources), pa.string())
    schema = shard_schema(dtype.name)
    options = pa.ipc.IpcWriteOptions(compression=None, emit_dictionary_deltas=False)
    documents_by_source = np.zeros(len(sources), np.int64)
    tokens_by_source = np.zeros(len(sources), np.int64)
    with atomic_file(path) as unfinished, unfinished.open("wb") as file:
        sink = _HashingSink(file)
        with pa.ipc.new_stream(sink, schema, options=options) as writer:
            for group in groups:
                lengths = np.fromiter(map(len, group.tokens), np.int64, len(group.tokens))
                np.add.at(documents_by_source, group.sources, 1)
                np.add.at(tokens_by_source, group.sources, lengths)
                offsets = np.zeros(len(lengths) + 1, np.int32)
                np.cumsum(lengths, out=offsets[1:])
                values = np.concatenate([np.zeros(0, dtype), *group.tokens])
                _check_ids(values, group, lengths, vocabulary_size)
                values = values.astype(dtype, copy=False)
                writer.write_batch(
                    pa.record_batch(
                        [
                            group.doc_ids.cast(pa.string()),
                            pa.DictionaryArray.from_arrays(pa.array(group.sources), dictionary),
                            pa.ListArray.from_arrays(pa.array(offsets), pa.array(values)),
                        ],
                        schema=schema,
                    )
                )
    counted = [index for index in range(len(sources)) if documents_by_source[index]]
    return ShardFile(
        name=path.name,
        rows=int(documents_by_source.sum()),
        num_tokens=int(tokens_by_source.sum()),
        num_bytes=sink.num_bytes,
        fingerprint=sink.hash.hexdigest(),
        token_dtype=dtype.name,
        documents_by_source={sources[index]: int(documents_by_source[index]) for index in counted},
        tokens_by_source={sources[index]: int(tokens_by_source[index]) for index in counted},
    )


def _check_ids(
    values: npt.NDArray[np.integer[Any]],
    group: ShardColumns,
    lengths: npt.NDArray[np.int64],
    vocabulary_size: int,
) -> None:
    """ValueError, naming the first document, where the tokens of a group cannot be stored."""
    if len(lengths) and not 1 <= lengths.min() <= lengths.max() <= LONGEST_DOCUMENT:
        row = int(np.flatnonzero((lengths < 1) | (lengths > LONGEST_DOCUMENT))[0])
        raise _bad_shape(group.doc_ids[row].as_py(), group.tokens[row])
    if len(values) and (values.min() < 0 or values.max() >= vocabulary_size):
        place = int(np.flatnonzero((values < 0) | (values >= vocabulary_size))[0])
        row = int(np.searchsorted(np.cumsum(lengths), place, side="right"))
        tokens = group.tokens[row]
        raise ValueError(
            f"document {group.doc_ids[row].as_py()!r}: token ids {tokens.min()} to "
            f"{tokens.max()} leave the vocabulary of {vocabulary_size} entries"
        )


def _bad_shape(doc_id: str, tokens: npt.NDArray[np.integer[Any]]) -> ValueError:
    return ValueError(
        f"document {doc_id!r}: tokens of shape {tokens.shape}; expected one "
        f"dimension of 1 to {LONGEST_DOCUMENT} ids"
    )


def _ordered_groups(
    columns: ShardColumns, order: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> Iterator[ShardColumns]:
    """The groups that `_groups` would make of the documents in `order`."""
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    start = 0
    while True:
        full = int(np.searchsorted(ends, ends[start] + BATCH_TOKENS, side="right")) - 1
        end = min(max(full, start + 1), start + BATCH_DOCUMENTS, len(order))
        rows = order[start:end]
        yield ShardColumns(
            columns.doc_ids.take(pa.array(rows)),
            columns.sources[rows],
            [columns.tokens[row] for row in rows.tolist()],
        )
        if end == len(order):
            return
        start = end


def _checked(
    documents: Iterable[ShardDocument], source_index: Mapping[str, int]
) -> Iterator[tuple[ShardDocument, int]]:
    """Each document with the index of its source; its ids are looked at in `_check_ids`."""
    for document in documents:
        index = source_index.get(document.source)
        if index is None:
            raise ValueError(
                f"document {document.doc_id!r}: source {document.source!r} is none of "
                f"{', '.join(source_index)}"
            )
        tokens = document.tokens
        if tokens.ndim != 1 or not 1 <= len(tokens) <= LONGEST_DOCUMENT:
            raise _bad_shape(document.doc_id, tokens)
        yield document, index


def _groups(documents: Iterable[tuple[ShardDocument, int]]) -> Iterator[ShardColumns]:
    """Documents within the limits of a record batch; at least one group, if need be empty."""
    group: list[tuple[ShardDocument, int]] = []
    num_tokens = 0
    empty = True
    for document, index in documents:
        empty = False
        full = len(group) == BATCH_DOCUMENTS or num_tokens + len(document.tokens) > BATCH_TOKENS
        if group and full:
            yield _columns(group)
            group, num_tokens = [], 0
        group.append((document, index))
        num_tokens += len(document.tokens)
    # `datasets` cannot open a stream without a batch.
    if group or empty:
        yield _columns(group)


def _columns(group: Sequence[tuple[ShardDocument, int]]) -> ShardColumns:
    return ShardColumns(
        pa.array([document.doc_id for document, _ in group], pa.large_string()),
        np.array([index for _, index in group], np.int32),
        [document.tokens for document, _ in group],
    )


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"
