"""Rows of an Arrow record batch as records: the columns of the source, a row at a time."""

from collections.abc import Iterator

import pyarrow as pa

from corpora.documents import Record, RecordUnreadable
from corpora.settings import Columns
from corpora.text_columns import row_id


def batch_records(
    batch: pa.RecordBatch, columns: Columns, prefix: str, name: str, first: int
) -> Iterator[Record]:
    """A record for each row of a batch whose first row is the `first`-th (from 0) of its file.

    The payload is the row as a dict, or why it cannot be read.
    """
    fields = [(column, batch.column(column)) for column in columns.names()]
    for index in range(batch.num_rows):
        number = first + index + 1
        position = f"{name}: row {number}"
        record_id = f"{prefix}:{number}"
        payload: dict[str, object] | RecordUnreadable
        try:
            payload = {column: values[index].as_py() for column, values in fields}
        except UnicodeDecodeError as error:
            payload = RecordUnreadable("not UTF-8", f"{position}: {error}")
        except (pa.ArrowException, ValueError, OverflowError) as error:
            payload = RecordUnreadable("value cannot be read", f"{position}: {error}")
        size = 0
        if isinstance(payload, dict):
            if columns.id is not None:
                record_id = row_id(payload[columns.id]) or record_id
            text = payload[columns.text]
            size = len(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else 0
        yield Record(record_id, position, payload, size)
