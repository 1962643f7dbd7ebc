"""JSON lines, and `.json` files of objects: each object a row, one of its fields the text.

Which field is the text, the source says (`options: {text: body, id: doi, metadata: [year]}`);
`text` unless it says otherwise. https://jsonlines.org/
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import stem_of
from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.json_records import Piece, file_key, find, parse_object, pieces, raw_record
from corpora.text_columns import Columns, row_document, row_id


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a line or object. Its id is the row's own, where the source names a column for
    it, else the file's stem and key with the row's number."""
    key = file_key(path)
    column = options.own(Columns).id
    for piece in pieces(path):
        record_id = _own_id(piece, column)
        yield raw_record(record_id or f"{stem_of(piece.stream)}-{key}:{piece.number}", piece)


def _own_id(piece: Piece, column: str | None) -> str | None:
    if column is None or piece.fault is not None:
        return None
    try:
        return row_id(parse_object(piece.data, piece.position).get(column))
    except RecordUnreadable:
        return None


def read(record: Record, options: ReadOptions) -> Document:
    """One row. Raises RecordUnreadable for what is no JSON object or lacks the column, and
    RecordDropped where its text is null, empty or no string."""
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    row = parse_object(record.payload, record.position)
    return row_document(record, row, options.own(Columns))


FORMAT: Final = Format(
    name="jsonl",
    summary="JSON lines (or .json): the text of one field, `text` unless options.text names it",
    find=find,
    records=records,
    read=read,
    options=Columns,
)
