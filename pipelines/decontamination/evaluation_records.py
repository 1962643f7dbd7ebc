"""The records of an evaluation's files: of each its texts, or why it cannot be read."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from corpora.compressed_streams import COMPRESSED_SUFFIXES, Stream, find_streamed, open_streams
from corpora.documents import Record, RecordUnreadable
from corpora.table_rows import PARQUET_SUFFIXES, SUFFIXES, row_of, row_records, rows_of_stream
from corpora.text_lines import text_lines
from pipelines.decontamination.settings import EvaluationSettings
from pipelines.inputs import Input
from pipelines.reading import printable

TEXT_SUFFIXES: Final = (".txt", ".md", ".tex", ".py")
find_evaluations: Final = find_streamed(*SUFFIXES, *TEXT_SUFFIXES, *PARQUET_SUFFIXES)

#: A text file of more without a blank line is no list of records.
_MOST_BLOCK_BYTES: Final = 1 << 26
_NAMES_SHOWN: Final = 20
_URL: Final = re.compile(r"\s*[a-z]+://\S*\s*", re.IGNORECASE)


class EvaluationRecord(NamedTuple):
    """One record: `name` tells it from the others; `fault` is why it has no texts."""

    name: str
    texts: tuple[str, ...]
    fault: RecordUnreadable | None = None


def read_evaluation(
    inputs: tuple[Input, ...], settings: EvaluationSettings, scratch: Path
) -> Iterator[EvaluationRecord]:
    """Every record of the files. What cannot be read is a record with its fault.

    Files in a store are fetched into `scratch`, one at a time; OSError where one cannot be.
    """
    for entry in inputs:
        with entry.local(scratch) as path:
            try:
                yield from _records(path, entry.name, settings)
            except RecordUnreadable as fault:
                yield EvaluationRecord(entry.name, (), fault)


def _records(
    path: Path, full_name: str, settings: EvaluationSettings
) -> Iterator[EvaluationRecord]:
    name = printable(path.name)
    if name.lower().endswith(PARQUET_SUFFIXES) and settings.format in (None, "rows"):
        for row in row_records(path):
            yield _of_row(row, _placed(row.position, name, full_name), settings)
        return
    for stream in open_streams(path, *SUFFIXES, *TEXT_SUFFIXES):
        place = _placed(printable(stream.name), name, full_name)
        try:
            if settings.format == "rows" or (settings.format is None and _has_rows(stream.name)):
                yield from _of_rows(stream, place, settings)
            else:
                yield from _of_text(stream, place, by_line=settings.format == "lines")
        except RecordUnreadable as fault:
            yield EvaluationRecord(place, (), fault)


def _placed(position: str, name: str, full_name: str) -> str:
    """A position that begins with the name of its file, with where the file stands before it."""
    return full_name + position[len(name) :] if position.startswith(name) else position


def _has_rows(name: str) -> bool:
    lowered = name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        lowered = lowered.removesuffix(suffix)
    return lowered.endswith(SUFFIXES)


def _of_rows(
    stream: Stream, place: str, settings: EvaluationSettings
) -> Iterator[EvaluationRecord]:
    seen_names = bool(settings.columns)
    for row in rows_of_stream(stream, place, settings.columns):
        if not seen_names and isinstance(row.payload, dict):
            # Columns without names: the first record was taken for them.
            seen_names = True
            names = tuple(str(column) for column in row.payload)
            if not settings.fields and any(" " in column for column in names):
                yield EvaluationRecord(f"{place}: column names", names)
        position = _placed(printable(row.position), printable(stream.name), place)
        yield _of_row(row, position, settings)


def _of_row(record: Record, position: str, settings: EvaluationSettings) -> EvaluationRecord:
    try:
        row = row_of(record)
        name = row.get(settings.id) if settings.id is not None else None
        texts = tuple(_chosen(row, settings))
    except RecordUnreadable as fault:
        return EvaluationRecord(position, (), fault)
    return EvaluationRecord(str(name) if isinstance(name, str | int) else position, texts)


def _chosen(row: Mapping[str, object], settings: EvaluationSettings) -> Iterator[str]:
    """The texts of a row, in order. Raises RecordUnreadable where a field that is named is not."""
    if not settings.fields:
        yield from _texts({k: v for k, v in row.items() if k != settings.id}, with_numbers=False)
        return
    for field in settings.fields:
        value: object = row
        for step in [field] if field in row else field.split("."):
            if not isinstance(value, Mapping) or step not in value:
                names = ", ".join(str(name) for name in list(row)[:_NAMES_SHOWN])
                raise RecordUnreadable("no such field", f"{field!r}; its fields are {names}")
            value = value[step]
        yield from _texts(value, with_numbers=True)


def _texts(value: object, *, with_numbers: bool) -> Iterator[str]:
    """All texts in a value, in order; addresses of pages are none."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                if not _URL.fullmatch(text):
                    yield text
            case bool():
                pass
            case int() | float() as number if with_numbers:
                yield str(number)
            case Mapping() as inner:
                waiting.extend(reversed(list(inner.values())))
            case list() | tuple() as inner:
                waiting.extend(reversed(inner))
            case _:
                pass


def _of_text(stream: Stream, place: str, *, by_line: bool) -> Iterator[EvaluationRecord]:
    """A record for each line that is not blank, or for each block of such lines."""
    block: list[str] = []
    first = size = 0
    for line in text_lines(stream.file, _MOST_BLOCK_BYTES):
        try:
            text = line.text()
        except RecordUnreadable as fault:
            yield EvaluationRecord(f"{place}: line {line.number}", (), fault)
            continue
        if block and (by_line or not text.strip() or size > _MOST_BLOCK_BYTES):
            yield EvaluationRecord(f"{place}: line {first}", ("\n".join(block),))
            block = []
        if text.strip():
            if not block:
                first, size = line.number, 0
            block.append(text)
            size += len(text)
    if block:
        yield EvaluationRecord(f"{place}: line {first}", ("\n".join(block),))
