"""Cutting files into the records of a template: rows, items of their lists, tagged sentences."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Literal, Self, cast

from pydantic import model_validator

from corpora.compressed_streams import Stream, find_streamed, open_streams, stem_of
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.json_records import file_key
from corpora.prompts.answer_positions import first_position
from corpora.prompts.fields import found
from corpora.prompts.tagged_tokens import abstract_of, blocks_of, layout_of, sentence_of
from corpora.prompts.templates import (
    Template,
    read_template,
    recognized,
    shipped_template,
    shipped_templates,
)
from corpora.splits import Splits
from corpora.table_rows import PARQUET_SUFFIXES, SUFFIXES, row_of, row_records, rows_of_stream

_TEXT_SUFFIXES: Final = (".txt", ".conll", ".iob", ".iob2", ".bio", ".pubtator")
find: Final = find_streamed(*SUFFIXES, *PARQUET_SUFFIXES, *_TEXT_SUFFIXES)
#: Records that one row may hold: the largest files of questions are lists of a million.
MAX_ITEMS: Final = 2_000_000
_HEAD_BYTES: Final = 1 << 14
_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_MAX_ID_FILE_BYTES: Final = 1 << 26


class PromptOptions(Splits):
    """What a source of prompts may set: the name of a shipped `template`, or a `template_file`;
    without either, records are recognized by their fields. `every_split` takes test splits too.
    `first` is what answers are counted from, for sets that are released both ways."""

    template: str | None = None
    template_file: Path | None = None
    first: Literal[0, 1] | None = None

    @model_validator(mode="after")
    def _is_one_template(self) -> Self:
        if self.template is not None:
            if self.template_file is not None:
                raise ValueError("give template or template_file, not both")
            shipped_template(self.template)
        return self


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """The payload of a record: its fields, and the template that reads them.

    `row_id` is the record's place in its file; `first` is what positions of answers are counted
    from, None where that is not known.
    """

    row_id: str
    row: Mapping[str, object]
    name: str
    template: Template
    first: int | None
    held_out: bool


@dataclass(slots=True)
class _File:
    """What is known of the file being read, found out when it is first needed."""

    path: Path
    options: PromptOptions
    named: tuple[str, Template] | None
    firsts: dict[str, int | None] = field(default_factory=dict)
    held_out: dict[str, frozenset[str]] = field(default_factory=dict)

    def template_of(self, row: Mapping[str, object]) -> tuple[str, Template]:
        return self.named or recognized(row)

    def first_of(self, name: str, template: Template) -> int | None:
        """What this file counts the answers of a template from."""
        answer, choices = template.answer, template.choices
        if answer is None or choices is None or answer.first != "unknown":
            return cast(int | None, answer.first) if answer else 0
        if self.options.first is not None:
            return self.options.first
        if name not in self.firsts:
            rows = _readable_rows(self.path, template.columns)
            self.firsts[name] = first_position(rows, template)
        return self.firsts[name]

    def is_held_out(self, name: str, template: Template, row: Mapping[str, object]) -> bool:
        """Whether a record is of the test split: by its number, or as a file beside says."""
        held_out = template.held_out
        if held_out is None or self.options.every_split:
            return False
        written = str(found(row, held_out.id))
        if written.isdecimal() and len(written) < 10:
            number = int(written)
            if any(first <= number <= last for first, last in held_out.ranges):
                return True
        if name not in self.held_out:
            files = (self.path.parent / file for file in held_out.files)
            self.held_out[name] = frozenset().union(*map(_ids_in, files))
        return written in self.held_out[name]


def files_beside(path: Path, options: ReadOptions) -> list[Path]:
    """The files beside one that say which of its records are of the test split."""
    try:
        named = _named(options.own(PromptOptions))
    except ValueError:
        return []  # who reads the records says what is wrong with the template
    templates = shipped_templates().values() if named is None else [named[1]]
    held_out = [template.held_out for template in templates]
    names = sorted({name for each in held_out if each is not None for name in each.files})
    return [file for name in names if (file := path.parent / name) != path and file.is_file()]


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a prompt.

    Raises RecordUnreadable for a template file that holds none.
    """
    own = options.own(PromptOptions)
    try:
        named = _named(own)
    except ValueError as error:
        raise RecordUnreadable("template is wrong", str(error)) from None
    file = _File(path, own, named)
    for record in _rows(path, named[1].columns if named else ()):
        try:
            row = row_of(record)
            name, template = file.template_of(row)
            items = items_of(row, template)
            first = file.first_of(name, template)
            held_out = file.is_held_out(name, template, row)
        except RecordUnreadable as fault:
            yield Record(record.record_id, record.position, fault, record.num_bytes)
            continue
        for number, item in items:
            record_id = f"{record.record_id}{number}"
            payload = PromptRecord(record.record_id + number, item, name, template, first, held_out)
            position = f"{record.position}{number}"
            yield Record(record_id, position, payload, record.num_bytes // len(items))


def _named(own: PromptOptions) -> tuple[str, Template] | None:
    """The template that the options of a source name; ValueError for a file that holds none."""
    if own.template_file is not None:
        return own.template_file.stem, read_template(own.template_file)
    return None if own.template is None else (own.template, shipped_template(own.template))


def items_of(
    row: Mapping[str, object], template: Template
) -> list[tuple[str, Mapping[str, object]]]:
    """The records in a row, each with its place in it (empty where the row is the record).

    Raises RecordUnreadable where the lists of a template are none, or of several lengths.
    """
    items: list[tuple[str, dict[str, object]]] = [("", dict(row))]
    # A release that is a row a question already has no such lists, one that is a row an article
    # lacks the outer ones.
    names = template.each.split(".") if template.each else []
    keys = next((names[k:] for k, name in enumerate(names) if name in row), [])
    for key in keys:
        opened = []
        for place, item in items:
            listed = item.get(key)
            if isinstance(listed, dict) and not template.each.endswith(key):
                opened.append((place, item | listed))
                continue
            if isinstance(listed, dict):
                listed = _listed(listed)
            if not isinstance(listed, list):
                if place:
                    continue  # a paragraph without questions
                raise RecordUnreadable("not a list", f"{key} of {template.each}")
            outer = {name: value for name, value in item.items() if name != key}
            for number, inner in enumerate(listed, start=1):
                if isinstance(inner, dict):
                    opened.append((f"{place or '/'}{'.' if place else ''}{number}", outer | inner))
            if len(opened) > MAX_ITEMS:
                raise RecordUnreadable("too many records", f"more than {MAX_ITEMS} in one row")
        items = opened
    if template.together and template.together[0] in row:
        items = [pair for place, item in items for pair in _together(place, item, template)]
    return cast(list[tuple[str, Mapping[str, object]]], items)


def _listed(items: dict[str, object]) -> list[object]:
    """The items of an object of items, or of the columns in which the Hub gives a list of them."""
    columns = list(items.values())
    if columns and all(isinstance(column, list) for column in columns):
        length = min(len(cast(list[object], column)) for column in columns)
        return [
            {name: cast(list[object], column)[k] for name, column in items.items()}
            for k in range(length)
        ]
    return columns


def _together(
    place: str, item: dict[str, object], template: Template
) -> Iterator[tuple[str, dict[str, object]]]:
    lists = [item.get(name) for name in template.together]
    if not all(isinstance(listed, list) for listed in lists):
        raise RecordUnreadable("not a list", ", ".join(template.together))
    columns = cast(list[list[object]], lists)
    if len({len(column) for column in columns}) != 1:
        raise RecordUnreadable("lists of several lengths", ", ".join(template.together))
    for number, values in enumerate(zip(*columns, strict=True), start=1):
        inner = dict(zip(template.together, values, strict=True))
        yield f"{place or '/'}{'.' if place else ''}{number}", item | inner


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Record]:
    if path.name.lower().endswith(PARQUET_SUFFIXES):
        yield from row_records(path)
        return
    key = file_key(path)
    streams = open_streams(path, *SUFFIXES, *_TEXT_SUFFIXES)
    while True:
        try:
            stream = next(streams, None)
            head = _head(stream.file) if stream else b""
        except RecordUnreadable as fault:
            yield Record(f"{path.name}-{key}:end", path.name, fault, 0)
            return
        if stream is None:
            return
        prefix = f"{stem_of(stream.name)}-{key}"
        layout = layout_of(head)
        if layout is None and _is_text(stream.name) and not _JSON.match(head):
            # The corpora and notes that lie beside data sets.
            refusal = RecordUnreadable("no table of records", "it is text")
            yield Record(prefix, stream.name, refusal, 0)
        elif layout is None:
            yield from rows_of_stream(stream, prefix, columns)
        else:
            yield from _blocks(stream, layout, prefix)


def _is_text(name: str) -> bool:
    """Whether a file's name is that of text, be it compressed."""
    return any(f"{suffix}." in f"{name.lower()}." for suffix in _TEXT_SUFFIXES)


def _blocks(stream: Stream, layout: str, prefix: str) -> Iterator[Record]:
    line = 0
    try:
        for line, block, oversize in blocks_of(stream.file):
            payload: RecordUnreadable | dict[str, object] | None
            try:
                payload = oversize or (sentence_of if layout == "conll" else abstract_of)(block)
            except RecordUnreadable as fault:
                payload = fault
            if payload is not None:
                yield Record(f"{prefix}:{line}", f"{stream.name}: line {line}", payload, len(block))
    except RecordUnreadable as fault:
        yield Record(f"{prefix}:{line}+", f"{stream.name}: after line {line}", fault, 0)


def _head(file: BinaryIO) -> bytes:
    peek = getattr(file, "peek", None)
    head: bytes = peek(_HEAD_BYTES)[:_HEAD_BYTES] if peek else b""
    return head if head.endswith(b"\n") or b"\n" not in head else head[: head.rindex(b"\n") + 1]


def _readable_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Mapping[str, object]]:
    for record in _rows(path, columns):
        with suppress(RecordUnreadable):
            yield row_of(record)


def _ids_in(path: Path) -> frozenset[str]:
    if not path.is_file() or path.stat().st_size > _MAX_ID_FILE_BYTES:
        return frozenset()
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = text.split()
    return frozenset(map(str, content if isinstance(content, dict | list) else ()))
