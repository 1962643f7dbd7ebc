"""Rows of JSON lines, JSON, CSV, TSV and Parquet files as objects: what tables of records share.

A `.json` file may be lines, a list of objects, one object, or one object of objects, whose names
then stand in each row under `KEY`. Files may be compressed or packed; Parquet is inside itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from corpora import json_records, parquet
from corpora.compressed_streams import Stream, find_streamed, open_streams, stem_of
from corpora.delimited_records import rows_of
from corpora.documents import Record, RecordUnreadable
from corpora.json_records import file_key, parse_object

#: The field of a row that holds its name in an object of objects.
KEY: Final = "@key"
DELIMITED_SUFFIXES: Final = (".csv", ".tsv")
_DELIMITED: Final = re.compile(r"\.(?:csv|tsv)(?:\.\w+)?$", re.IGNORECASE)
SUFFIXES: Final = (*json_records.SUFFIXES, *DELIMITED_SUFFIXES)

PARQUET_SUFFIXES: Final = (".parquet", ".parq")
find: Final = find_streamed(*SUFFIXES, *PARQUET_SUFFIXES)


def row_records(path: Path) -> Iterator[Record]:
    """One record a row; its id is the file's stem and key with the row's number or name.

    The payload is for `row_of`.
    """
    if path.name.lower().endswith(PARQUET_SUFFIXES):
        yield from parquet.rows(path, None)
        return
    key = file_key(path)
    streams = open_streams(path, *SUFFIXES)
    while True:
        try:
            stream = next(streams, None)
        except RecordUnreadable as fault:
            yield Record(f"{path.name}-{key}:end", path.name, fault, 0)
            return
        if stream is None:
            return
        yield from rows_of_stream(stream, f"{stem_of(stream.name)}-{key}")


def rows_of_stream(stream: Stream, prefix: str, columns: Sequence[str] = ()) -> Iterator[Record]:
    """The rows of one stream, as `row_records` gives them; `prefix` begins their ids.

    `columns` are those of a delimited file that does not name its own.
    """
    if _DELIMITED.search(stream.name):
        for row in rows_of(stream, columns):
            position = f"{stream.name}: line {row.line}"
            yield Record(f"{prefix}:{row.line}", position, row.fault or row.cells, row.num_bytes)
        return
    for piece in json_records.pieces_of(stream, keyed=True):
        payload = piece.fault or (piece.data if piece.key is None else (piece.key, piece.data))
        yield Record(f"{prefix}:{piece.number}", piece.position, payload, piece.num_bytes)


def choice_key(record_id: str) -> str:
    """What seeds the choices of a row: its file's own name and its number.

    So a row has the same words whether its file is packed or not, and whatever the other rows hold.

    >>> choice_key("RACE.tar.gz/RACE/train/12-0a1b2c3d:1")
    '12:1'
    """
    return re.sub(r"-[0-9a-f]{8}(?=:)", "", record_id, count=1).rpartition("/")[2]


def row_of(record: Record) -> dict[str, object]:
    """The row of a record. Raises RecordUnreadable where there is none to be read."""
    match record.payload:
        case RecordUnreadable():
            raise record.payload
        case bytes() as data:
            return dict(parse_object(data, record.position))
        case (str() as key, bytes() as data):
            return {KEY: key, **parse_object(data, record.position)}
        case Mapping() as row:
            return dict(row)
        case other:
            raise AssertionError(f"no payload of a row: {type(other)}")
