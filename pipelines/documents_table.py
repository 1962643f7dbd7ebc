"""Documents on disk: Parquet with the columns every stage shares, and quarantined records."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from corpora.documents import Citation
from tokenization.manifests import atomic_file

SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        ("source", pa.string()),
        ("category", pa.string()),
        ("split", pa.string()),
        ("text", pa.string()),
        ("metadata", pa.string()),
        ("num_bytes", pa.int64()),
    ]
)
#: Rows are gathered up to this much text before they are written as one row group.
ROW_GROUP_BYTES = 16_000_000
TRAIN, VALIDATION = "train", "validation"


class DocumentRow(NamedTuple):
    """One row: `text` is marked text, `metadata` JSON, `num_bytes` the UTF-8 size of the text.

    `split` is `train` or `validation`, and empty before the documents are split.
    """

    doc_id: str
    source: str
    category: str
    split: str
    text: str
    metadata: str
    num_bytes: int


def write_documents(path: Path, rows: Iterable[DocumentRow]) -> int:
    """Write rows to one Parquet file (zstd) in bounded memory, and return how many they were."""
    written = 0
    with (
        atomic_file(path) as temporary,
        pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer,
    ):
        group: list[DocumentRow] = []
        size = 0
        for row in rows:
            group.append(row)
            size += row.num_bytes + len(row.metadata)
            if size >= ROW_GROUP_BYTES:
                writer.write_batch(_batch(group))
                written += len(group)
                group, size = [], 0
        if group or not written:
            writer.write_batch(_batch(group))
            written += len(group)
    return written


def _batch(rows: list[DocumentRow]) -> Any:
    columns = [[row[index] for row in rows] for index in range(len(SCHEMA))]
    return pa.record_batch(
        [pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )


def read_documents(path: Path) -> Iterator[DocumentRow]:
    """The rows of one Parquet file, in order and in bounded memory."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=256):
            columns = [column.to_pylist() for column in batch.columns]
            yield from map(DocumentRow._make, zip(*columns, strict=True))


def read_column(path: Path, name: str) -> list[Any]:
    """One column of a Parquet file of documents."""
    return list(pq.read_table(path, columns=[name]).column(0).to_pylist())


def metadata_json(metadata: dict[str, Any]) -> str:
    """Metadata as the text of its column: sorted, and always valid UTF-8."""
    text = json.dumps(metadata, sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def citations_from(metadata: dict[str, Any]) -> tuple[Citation, ...]:
    """The citation entries stored in a document's metadata."""
    return tuple(Citation(**entry) for entry in metadata.get("citations", []))


def write_quarantine(path: Path, records: Iterable[dict[str, str]]) -> None:
    """Write quarantined records, one JSON object a line."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for record in records:
            line = json.dumps(record, sort_keys=True, ensure_ascii=False)
            stream.write(line.encode("utf-8", "replace").decode("utf-8") + "\n")
