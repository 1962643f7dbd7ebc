"""Reader of the JSON dumps of Papers with Code: papers, methods, data sets, tasks, links to code.

Format: https://github.com/paperswithcode/paperswithcode-data. Each file is a list of objects; which
of them it holds, their keys say. A task holds its subtasks: each is a document of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora.compressed_streams import stem_of
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordUnreadable,
)
from corpora.json_records import Piece, find, parse_object, pieces
from corpora.paperswithcode import pages
from corpora.paperswithcode.works import Fields
from corpora.text_columns import json_value

_PAGE: Final = re.compile(
    rb'"(?:paper_url|url)"\s*:\s*"https?:\\?/\\?/(?:www\.)?paperswithcode\.com\\?/'
    rb'(paper|method|dataset|task)\\?/([A-Za-z0-9_.%-]{1,200})"'
)
_LINK: Final = re.compile(rb'"repo_url"\s*:')
_TASK: Final = re.compile(rb'"(?:subtasks|categories)"\s*:')
_MAX_DEPTH: Final = 12
#: No paper has as many repositories.
_MOST_LINKS: Final = 500


@dataclass(frozen=True, slots=True)
class _Links:
    """The rows of one paper's repositories, raw."""

    rows: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """A task or subtask, parsed, without its own subtasks' results."""

    fields: dict[str, JSON]


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an object, a paper's run of links, or a task of any depth; its id is that of its
    page (`method/resnet`), or its place in the file."""
    seen: Counter[str] = Counter()
    for record in _records(pieces(path)):
        seen[record.record_id] += 1
        times = seen[record.record_id]
        identifier = record.record_id + (f"#{times}" if times > 1 else "")
        yield Record(identifier, record.position, record.payload, record.num_bytes)


def _records(found: Iterable[Piece]) -> Iterator[Record]:
    run: list[Piece] = []
    run_id = ""
    for piece in found:
        page = _PAGE.search(piece.data)
        identifier = f"{stem_of(piece.stream)}:{piece.number}"
        if page:
            identifier = f"{page[1].decode()}/{page[2].decode()}"
        if _LINK.search(piece.data):
            if run and (run_id != identifier or len(run) >= _MOST_LINKS):
                yield _links(run_id, run)
                run = []
            run_id = identifier
            run.append(piece)
            continue
        if run:
            yield _links(run_id, run)
            run = []
        if piece.fault is None and _TASK.search(piece.data) and not page:
            yield from _tasks(piece, identifier)
            continue
        yield Record(identifier, piece.position, piece.fault or piece, piece.num_bytes)
    if run:
        yield _links(run_id, run)


def _links(identifier: str, run: list[Piece]) -> Record:
    size = sum(piece.num_bytes for piece in run)
    return Record(f"code/{identifier}", run[0].position, _Links(tuple(run)), size)


def _tasks(piece: Piece, identifier: str) -> Iterator[Record]:
    try:
        outermost = parse_object(piece.data, piece.position)
    except RecordUnreadable as fault:
        yield Record(identifier, piece.position, fault, piece.num_bytes)
        return
    pending: list[tuple[JSON, int]] = [(outermost, 0)]
    number = 0
    while pending:
        fields, depth = pending.pop()
        if not isinstance(fields, dict):
            continue
        number += 1
        inner = fields.get("subtasks")
        below: list[JSON] = inner if isinstance(inner, list) else []
        if depth < _MAX_DEPTH:
            pending += [(task, depth + 1) for task in reversed(below)]
        names: list[JSON] = [{"task": task.get("task")} for task in below if isinstance(task, dict)]
        yield Record(
            f"{identifier}.{number}" if number > 1 else identifier,
            f"{piece.position}, task {number}",
            _Task({**fields, "subtasks": names}),
            piece.num_bytes if number == 1 else 0,
        )


def read(record: Record, options: ReadOptions) -> Document:
    """One page. Raises RecordUnreadable for what is none, RecordDropped for one without a text."""
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    cleaned: Counter[str] = Counter()
    if isinstance(payload, _Links):
        rows = [_parsed(piece, record) for piece in payload.rows if piece.fault is None]
        return pages.code(record.record_id, rows, cleaned)
    if isinstance(payload, _Task):
        fields = _clean(payload.fields, record)
        return pages.task(record.record_id, fields, options, cleaned)
    assert isinstance(payload, Piece)
    fields = _parsed(payload, record)
    return _reader_of(fields)(record.record_id, fields, options, cleaned)


def _reader_of(fields: Fields) -> pages.Reader:
    if "abstract" in fields:
        return pages.paper
    if "task" in fields and "name" not in fields:
        return pages.task
    address = str(fields.get("url"))
    if "/dataset/" in address or "modalities" in fields or "introduced_date" in fields:
        return pages.dataset
    if "name" in fields or "full_name" in fields:
        return pages.method
    raise RecordUnreadable(
        "no page of Papers with Code", f"keys {', '.join(list(fields)[:8])}"[:200]
    )


def _parsed(piece: Piece, record: Record) -> Fields:
    return _clean(parse_object(piece.data, piece.position), record)


def _clean(fields: dict[str, JSON], record: Record) -> Fields:
    value = json_value(fields, record.position)
    assert isinstance(value, dict)
    return value


FORMAT: Final = Format(
    name="paperswithcode",
    summary="papers, methods, data sets, tasks and code links of Papers with Code (JSON)",
    find=find,
    records=records,
    read=read,
)
