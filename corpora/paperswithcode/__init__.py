"""Reader of the dumps of Papers with Code: papers, methods, data sets, tasks, links to code.

Format: https://github.com/paperswithcode/paperswithcode-data, lists of JSON objects; the archive
https://huggingface.co/pwc-archive has the same as Parquet. Which objects a file holds, their keys
say. A task holds its subtasks: each is a document of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora.compressed_streams import find_streamed, stem_of
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordUnreadable,
)
from corpora.json_records import SUFFIXES, Piece, parse_object, pieces
from corpora.paperswithcode import pages
from corpora.paperswithcode.works import Fields
from corpora.table_rows import PARQUET_SUFFIXES, row_records
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
class _Row:
    """One object of a dump, not read yet: raw JSON, or the row of a Parquet file."""

    identifier: str
    has_page: bool
    is_link: bool
    is_task: bool
    position: str
    num_bytes: int
    content: bytes | Mapping[str, object]
    fault: RecordUnreadable | None = None

    def raw(self) -> Mapping[str, object]:
        """The object as it is. Raises RecordUnreadable for what is none."""
        if self.fault is not None:
            raise self.fault
        content = self.content
        return parse_object(content, self.position) if isinstance(content, bytes) else content

    def fields(self) -> Fields:
        """The object, its strings cleaned. Raises RecordUnreadable for what is none."""
        return _cleaned(self.raw(), self.position)


def _cleaned(raw: Mapping[str, object], position: str) -> Fields:
    value = json_value(raw, position)
    assert isinstance(value, dict)
    return value


@dataclass(frozen=True, slots=True)
class _Links:
    """The rows of one paper's repositories."""

    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """A task or subtask, raw, without what its own subtasks hold."""

    raw: Mapping[str, object]


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an object, a paper's run of links, or a task of any depth; its id is that of its
    page (`method/resnet`), or its place in the file."""
    seen: Counter[str] = Counter()
    packed = path.name.lower().endswith(PARQUET_SUFFIXES)
    for record in _records(_parquet_rows(path) if packed else map(_json_row, pieces(path))):
        seen[record.record_id] += 1
        times = seen[record.record_id]
        identifier = record.record_id + (f"#{times}" if times > 1 else "")
        yield Record(identifier, record.position, record.payload, record.num_bytes)


def _json_row(piece: Piece) -> _Row:
    page = _PAGE.search(piece.data)
    place = f"{stem_of(piece.stream)}:{piece.number}"
    return _Row(
        identifier=f"{page[1].decode()}/{page[2].decode()}" if page else place,
        has_page=page is not None,
        is_link=bool(_LINK.search(piece.data)),
        is_task=bool(_TASK.search(piece.data)),
        position=piece.position,
        num_bytes=piece.num_bytes,
        content=piece.data,
        fault=piece.fault,
    )


def _parquet_rows(path: Path) -> Iterator[_Row]:
    for record in row_records(path):
        content = record.payload
        fault = content if isinstance(content, RecordUnreadable) else None
        fields: Mapping[str, object] = content if isinstance(content, Mapping) else {}
        address = f'"url": "{fields.get("paper_url") or fields.get("url") or ""}"'
        page = _PAGE.search(address.encode("utf-8", "replace"))
        yield _Row(
            identifier=f"{page[1].decode()}/{page[2].decode()}" if page else record.record_id,
            has_page=page is not None,
            is_link="repo_url" in fields,
            is_task="subtasks" in fields or "categories" in fields,
            position=record.position,
            num_bytes=record.num_bytes,
            content=fields,
            fault=fault,
        )


def _records(rows: Iterable[_Row]) -> Iterator[Record]:
    run: list[_Row] = []
    for row in rows:
        ended = not row.is_link or row.identifier != run[0].identifier if run else False
        if run and (ended or len(run) >= _MOST_LINKS):
            yield _links(run)
            run = []
        if row.is_link:
            run.append(row)
        elif row.is_task and not row.has_page and row.fault is None:
            yield from _tasks(row)
        else:
            yield Record(row.identifier, row.position, row.fault or row, row.num_bytes)
    if run:
        yield _links(run)


def _links(run: list[_Row]) -> Record:
    size = sum(row.num_bytes for row in run)
    return Record(f"code/{run[0].identifier}", run[0].position, _Links(tuple(run)), size)


def _tasks(row: _Row) -> Iterator[Record]:
    try:
        pending: list[tuple[object, int]] = [(row.raw(), 0)]
    except RecordUnreadable as fault:
        yield Record(row.identifier, row.position, fault, row.num_bytes)
        return
    number = 0
    while pending:
        fields, depth = pending.pop()
        if not isinstance(fields, Mapping):
            continue
        number += 1
        inner = fields.get("subtasks")
        below: list[object] = inner if isinstance(inner, list) else []
        if depth < _MAX_DEPTH:
            pending += [(task, depth + 1) for task in reversed(below)]
        names: list[JSON] = [{"task": task.get("task")} for task in below if isinstance(task, dict)]
        yield Record(
            f"{row.identifier}.{number}" if number > 1 else row.identifier,
            f"{row.position}, task {number}",
            _Task({**fields, "subtasks": names}),
            row.num_bytes if number == 1 else 0,
        )


def read(record: Record, options: ReadOptions) -> Document:
    """One page. Raises RecordUnreadable for what is none, RecordDropped for one without a text."""
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    cleaned: Counter[str] = Counter()
    if isinstance(payload, _Links):
        rows = [row.fields() for row in payload.rows]
        return pages.code(record.record_id, rows, cleaned)
    if isinstance(payload, _Task):
        fields = _cleaned(payload.raw, record.position)
        return pages.task(record.record_id, fields, options, cleaned)
    assert isinstance(payload, _Row)
    fields = payload.fields()
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


FORMAT: Final = Format(
    name="paperswithcode",
    summary="papers, methods, data sets, tasks and code links of Papers with Code",
    find=find_streamed(*SUFFIXES, *PARQUET_SUFFIXES),
    records=records,
    read=read,
)
