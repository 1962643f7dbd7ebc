"""The Parquet files of a published split: row groups and files of bounded size, the same bytes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.documents_table import ROW_GROUP_BYTES

SCHEMA = pa.schema(
    [
        ("doc_id", pa.string()),
        ("source", pa.string()),
        ("category", pa.string()),
        ("text", pa.string()),
        ("metadata", pa.string()),
        ("licence", pa.string()),
    ]
)


class PublishedRow(NamedTuple):
    """One row: `text` and `metadata` (JSON) in bracket spelling, `licence` where it is known."""

    doc_id: str
    source: str
    category: str
    text: str
    metadata: str
    licence: str | None

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of all its columns."""
        return sum(len(value.encode()) for value in self if value)


class SplitFiles(AbstractContextManager["SplitFiles"]):
    """Writes the rows of one source and split to `FOLDER/SPLIT-00000.parquet` and so on.

    A file is ended after the row group with which it reaches `file_bytes`. Memory: the rows of one
    row group, about `ROW_GROUP_BYTES`.
    """

    def __init__(self, folder: Path, split: str, file_bytes: int) -> None:
        self.split = split
        self.rows = 0
        self.num_bytes = 0
        self.paths: list[Path] = []
        self._folder = folder
        self._file_bytes = file_bytes
        self._group: list[PublishedRow] = []
        self._group_bytes = 0
        self._sink: Any = None
        self._writer: Any = None

    def add(self, row: PublishedRow) -> None:
        """Write a row, in the order of the calls."""
        self._group.append(row)
        size = row.num_bytes
        self.rows += 1
        self.num_bytes += size
        self._group_bytes += size
        if self._group_bytes >= ROW_GROUP_BYTES:
            self._write_group()

    def _write_group(self) -> None:
        if self._writer is None:
            path = self._folder / f"{self.split}-{len(self.paths):05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            self.paths.append(path)
            self._sink = pa.OSFile(str(path), "wb")
            self._writer = pq.ParquetWriter(self._sink, SCHEMA, compression="zstd")
        columns = zip(*self._group, strict=True)
        arrays = [pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))
        self._group, self._group_bytes = [], 0
        if self._sink.tell() >= self._file_bytes:
            self._end_file()

    def _end_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._sink.close()
            self._writer = self._sink = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and self._group:
            self._write_group()
        self._end_file()


def read_rows(path: Path) -> Iterator[PublishedRow]:
    """The rows of a published file, in order and in bounded memory."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=256):
            columns = [column.to_pylist() for column in batch.columns]
            yield from map(PublishedRow._make, zip(*columns, strict=True))
