"""Rows of an Arrow record batch as records: the columns of the source, a row at a time.

A value that a file holds once can stand in every row (dictionaries, views), so that what rows give
is counted against the file's size as in any other compressed stream.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from corpora.compressed_streams import MAX_RATIO, RATIO_FREE_BYTES
from corpora.documents import Record, RecordUnreadable
from corpora.text_columns import Columns, row_id


class GivenText:
    """How many bytes of text the rows of a file have given."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._held = max(1, path.stat().st_size)
        self._most = max(RATIO_FREE_BYTES, self._held * MAX_RATIO)
        self._given = 0

    def add(self, size: int) -> None:
        """Counts one row. Raises RecordUnreadable once no honest file of this size gives more."""
        self.check(size)
        self._given += size

    def check(self, size: int) -> None:
        """Raises RecordUnreadable where so much more is no honest file's."""
        given = self._given + size
        if given > self._most:
            raise RecordUnreadable(
                "decompression bomb",
                f"{self._name}: its {self._held} bytes hold more than {given} of text",
            )


def batch_records(
    batch: pa.RecordBatch, columns: Columns, prefix: str, name: str, first: int, given: GivenText
) -> Iterator[Record]:
    """A record for each row of a batch whose first row is the `first`-th (from 0) of its file.

    The payload is the row as a dict, or why it cannot be read. Raises RecordUnreadable where the
    file is a bomb, before the row with which that shows.
    """
    fields = [(column, batch.column(column)) for column in columns.names()]
    beside = [column for column in columns.names() if column != columns.text]
    nested = [values for _, values in fields if pa.types.is_nested(values.type)]
    for index in range(batch.num_rows):
        number = first + index + 1
        position = f"{name}: row {number}"
        record_id = f"{prefix}:{number}"
        payload: dict[str, object] | RecordUnreadable
        for values in nested:
            # Before they are made: one row of lists may repeat a value as often as it likes.
            given.check(_text_bytes(values.slice(index, 1)))
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
            given.add(size + sum([_size(payload[column]) for column in beside]) if beside else size)
        yield Record(record_id, position, payload, size)


def _text_bytes(values: pa.Array) -> int:
    """The bytes of all texts in an array, those of dictionaries as often as they stand there."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(values.dictionary)
        return int(pc.sum(lengths.take(values.indices)).as_py() or 0)
    if pa.types.is_map(kind):
        return _text_bytes(values.keys) + _text_bytes(values.items)
    if pa.types.is_struct(kind):
        return sum(_text_bytes(part) for part in values.flatten())
    if pa.types.is_nested(kind) and hasattr(values, "flatten"):
        return _text_bytes(values.flatten())
    if _is_text(kind):
        return int(pc.sum(pc.binary_length(values)).as_py() or 0)
    return 0


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_kind(kind)
        for is_kind in (
            pa.types.is_string,
            pa.types.is_binary,
            pa.types.is_large_string,
            pa.types.is_large_binary,
        )
    )


def _size(value: object) -> int:
    """The length of the texts in a value, those in its lists and structures included."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else 0
