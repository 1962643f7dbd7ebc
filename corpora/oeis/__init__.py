"""Reader of the OEIS: `stripped` with `names`, single entries, b-files and the JSON of a search.

Formats: https://oeis.org/wiki/Download (stripped, names), https://oeis.org/eishelp1.html (internal
format), https://oeis.org/SubmitB.html (b-files), https://oeis.org/wiki/JSON_Format.
"""

import re
from collections import Counter
from typing import Final

from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordUnreadable,
)
from corpora.oeis.article import entry_document, table_document
from corpora.oeis.entry import (
    A_NUMBER,
    Entry,
    check,
    from_json,
    keywords_of,
    parse_internal,
    terms_of,
)
from corpora.oeis.framing import (
    Internal,
    Joined,
    Table,
    files_beside,
    find_sequences,
    records,
)
from corpora.text_columns import json_value
from corpora.text_lines import Line, decoded
from tokenization.marked_text import clean

_FIRST_OFFSET: Final = re.compile(r"\s*(-?\d{1,40})\b")


def read(record: Record, options: ReadOptions) -> Document:
    """One sequence.

    Raises RecordUnreadable for what is none, and for a table whose indices leave one out;
    RecordDropped for reserved numbers and sequences that were taken back.
    """
    cleaned: Counter[str] = Counter()
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    if isinstance(payload, Table):
        return _table(record, payload)
    if isinstance(payload, Internal):
        entry = parse_internal(clean(decoded(payload.data), cleaned))
    elif isinstance(payload, Joined):
        entry = _joined(record.record_id, payload, cleaned)
    elif isinstance(payload, dict):
        fields = json_value(payload, record.position)
        assert isinstance(fields, dict)
        entry = from_json(fields)
    else:
        raise RecordUnreadable("not an OEIS entry", type(payload).__name__)
    check(entry)
    if not entry.terms and not entry.name:
        raise RecordUnreadable("neither name nor terms", entry.number)
    return entry_document(record.record_id, entry, options, cleaned)


def _joined(record_id: str, payload: Joined, cleaned: Counter[str]) -> Entry:
    def text(line: Line | None) -> str:
        return clean(line.text(), cleaned).strip() if line is not None else ""

    beside = payload.beside
    offset = _FIRST_OFFSET.match(text(beside.get("offsets")))
    number = A_NUMBER.match(record_id)
    assert number is not None
    terms = terms_of(text(payload.terms))
    if payload.terms is not None and not terms:
        raise RecordUnreadable("no terms", record_id)
    return Entry(
        number.group(),
        name=" ".join(text(beside.get("names")).split()),
        terms=terms,
        offset=int(offset[1]) if offset else None,
        keywords=keywords_of(text(beside.get("keywords"))),
    )


def _table(record: Record, table: Table) -> Document:
    first, terms = None, list[str]()
    for row in table.rows:
        columns = row.text().split("#", 1)[0].split()
        if len(columns) != 2:
            raise RecordUnreadable("not two columns", f"line {row.number}")
        (term,) = terms_of(columns[1])
        if not re.fullmatch(r"[-+]?\d{1,18}", columns[0]):
            raise RecordUnreadable("an index is no integer", f"line {row.number}")
        index = int(columns[0])
        first = index if first is None else first
        if index != first + len(terms):
            raise RecordUnreadable("an index is left out", f"line {row.number}: {index}")
        terms.append(term)
    if first is None:
        raise RecordUnreadable("no terms", table.number)
    return table_document(record.record_id, table.number, first, terms)


FORMAT: Final = Format(
    name="oeis",
    summary="integer sequences of the OEIS: stripped and names, entries, b-files, JSON",
    find=find_sequences,
    records=records,
    read=read,
    beside=files_beside,
)
