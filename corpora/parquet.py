"""Parquet: each row a document, one of its columns the text.

Read row group by row group and in each by batches: memory is a batch of the columns that are
asked for. A batch has few rows, for a dictionary or a shared prefix lets every row be as long as
all that its row group holds. A damaged row group costs itself. https://parquet.apache.org/docs/file-format/
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from corpora.arrow_rows import GivenText, batch_records
from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable, find_files
from corpora.json_records import file_key
from corpora.text_columns import Columns, require_columns, row_document

_BATCH_BYTES: Final = 1 << 24
#: What a batch may take should each of its values be as long as its whole column.
_WORST_BATCH_BYTES: Final = 1 << 31
#: More are hardly faster: reading rows costs less than making records of them.
_MOST_ROWS: Final = 100
_BUFFER_BYTES: Final = 1 << 20
_FAULTS: Final = (pa.ArrowException, OSError, ValueError, KeyError)


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a row. Its id is the row's own, where the source names a column for it, else the
    file's stem and key with the row's number.

    Raises RecordUnreadable for a file that is no Parquet, is cut short or lacks a column.
    """
    return rows(path, options.own(Columns))


def rows(path: Path, columns: Columns | None) -> Iterator[Record]:
    """The rows of a file as records of these columns, or of all; raises as `records` does."""
    try:
        file = _opened(path)
    except _FAULTS as error:
        raise RecordUnreadable("not a Parquet file", f"{path.name}: {error}") from None
    with file:
        names = tuple(file.schema_arrow.names)
        if not names:
            raise RecordUnreadable("no column", path.name)
        if columns is None:
            columns = Columns(text=names[0], metadata=names[1:])
        require_columns(columns, names, path.name)
        prefix = f"{path.stem}-{file_key(path)}"
        given = GivenText(path)
        first = 0
        for group in range(file.num_row_groups):
            described = file.metadata.row_group(group)
            try:
                row = first
                for batch in _batches(file, group, described, columns.names()):
                    yield from batch_records(batch, columns, prefix, path.name, row, given)
                    row += batch.num_rows
            except _FAULTS as error:
                fault = RecordUnreadable("damaged row group", f"row group {group}: {error}")
                position = f"{path.name}: row group {group}, from row {row + 1}"
                yield Record(f"{prefix}:group-{group}", position, fault, 0)
            first += described.num_rows


def _opened(path: Path) -> Any:
    """The file, its texts in lists and structures left in their dictionaries.

    One row of them may name a value of the dictionary a million times.
    """
    # Without the buffer a whole column of a row group is read at once.
    file = pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    columns = (file.schema.column(index) for index in range(len(file.schema)))
    nested = [c.path for c in columns if "." in c.path and c.physical_type == "BYTE_ARRAY"]
    if not nested:
        return file
    file.close()
    return pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False, read_dictionary=nested)


def _batches(
    file: Any, group: int, described: Any, columns: tuple[str, ...]
) -> Iterator[pa.RecordBatch]:
    chunks = (described.column(index) for index in range(described.num_columns))
    held = sum(
        chunk.total_uncompressed_size
        for chunk in chunks
        if chunk.path_in_schema.partition(".")[0] in columns
    )
    usual = _BATCH_BYTES * described.num_rows // max(1, held)
    rows = max(1, min(_MOST_ROWS, usual, _WORST_BATCH_BYTES // max(1, held)))
    yield from file.iter_batches(
        batch_size=rows, row_groups=[group], columns=list(columns), use_threads=False
    )


def read(record: Record, options: ReadOptions) -> Document:
    """One row. Raises RecordDropped where its text is null, empty or no string."""
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    return row_document(record, record.payload, options.own(Columns))


FORMAT: Final = Format(
    name="parquet",
    summary="Parquet: the text of one column, `text` unless options.text names it",
    find=find_files(".parquet", ".parq"),
    records=records,
    read=read,
    options=Columns,
)
