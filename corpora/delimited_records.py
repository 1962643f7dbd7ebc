"""Rows of CSV and TSV files as records: RFC 4180 quoting, streamed, a row by itself.

The first row names the columns. The delimiter is the one of comma, tab, semicolon and bar that the
first row holds most of, outside quotes. A quote that nothing closes costs its own line, never the
rest of the file.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from corpora.compressed_streams import Stream
from corpora.documents import RecordUnreadable

#: A row of the longest papers as text; a quoted field may have line breaks.
MAX_ROW_BYTES: Final = 16 * 1024 * 1024
#: How far a quote may run before it is taken for a character: a row with a text of many lines.
_MAX_QUOTED_LINES: Final = 5_000
_DELIMITERS: Final = ",\t;|"
_BOM: Final = b"\xef\xbb\xbf"

csv.field_size_limit(MAX_ROW_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """One row under its columns. `line` is the number of its first line, from 1.

    Cells that a row lacks are empty; `fault` is why it cannot be read, and then there are none.
    """

    line: int
    cells: dict[str, str]
    num_bytes: int
    fault: RecordUnreadable | None = None


def rows_of(stream: Stream, named: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of one file after its first, which names the columns; blank lines are none.

    `named` are the columns of a file that does not name them: its first row is one like the others,
    unless it does name most of these.

    A file without any row is one with that fault. Memory: a row, or the lines that a quote which
    is not closed could be about.
    """
    columns: list[str] | None = None
    delimiter = ","
    given = False
    number = 0
    try:
        for number, data, size in _quoted_lines(stream.file):
            if columns is None:
                if number == 1:
                    data = data.removeprefix(_BOM)
                delimiter = delimiter_of(data)
            try:
                found = _cells(data, size, delimiter)
            except RecordUnreadable as fault:
                given = True
                yield Row(number, {}, size, fault)
                if columns is None:
                    return
                continue
            for line, cells in found:
                if columns is None and named and not _are_names(cells, named):
                    columns = list(named)
                if columns is None:
                    columns = _distinct(cells)
                elif any(cells):
                    given = True
                    yield _row(number + line, cells, columns, size // len(found))
    except RecordUnreadable as fault:
        yield Row(number + 1, {}, 0, fault)
        return
    if not given:
        yield Row(1, {}, 0, RecordUnreadable("empty file", f"{stream.name}: no row"))


def _are_names(cells: list[str], named: Sequence[str]) -> bool:
    """Whether a first row has the names of columns: each once, and most of those that are expected.

    A single one may be a value: an answer `A` is the name of a column of MMLU too.

    >>> _are_names(["Which?", "1", "2", "3", "4", "A"], ["question", *"ABCD", "answer"])
    False
    >>> _are_names(["Which?", "A", "B", "C", "D", "A"], ["question", *"ABCD", "answer"])
    False
    >>> _are_names(["premise", "hypothesis", "gold_label"], ["premise", "hypothesis", "label"])
    True
    """
    names = [cell.strip().lower() for cell in cells if cell.strip()]
    expected = {name.lower() for name in named}
    return len(set(names)) == len(names) and 2 * len(expected.intersection(names)) > len(expected)


def _row(line: int, cells: list[str], columns: list[str], size: int) -> Row:
    if any(cells[len(columns) :]):
        detail = f"line {line}: {len(cells)} cells, {len(columns)} columns"
        return Row(line, {}, size, RecordUnreadable("more cells than columns", detail))
    cells += [""] * (len(columns) - len(cells))
    return Row(line, dict(zip(columns, cells, strict=False)), size)


def delimiter_of(first_row: bytes) -> str:
    r"""The delimiter of a row of column names: the likeliest, comma where there is none.

    >>> delimiter_of(b'"Neoplasms benign, malignant"\tsmiles\tid\n')
    '\t'
    """
    outside = b"".join(first_row.split(b'"')[::2]).decode("utf-8", "replace")
    return max(_DELIMITERS, key=outside.count)


def _distinct(names: list[str]) -> list[str]:
    """Column names as keys: stripped; of two that are the same the later gets its number."""
    seen: set[str] = set()
    columns = []
    for position, raw in enumerate(names, start=1):
        name = raw.strip()
        if name in seen:
            name = f"{name}.{position}"
        seen.add(name)
        columns.append(name)
    return columns


def _cells(data: bytes, size: int, delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows in some lines, each with the number of lines before it: one, but where quotes inside
    of cells had seemed to belong together."""
    if size > MAX_ROW_BYTES:
        raise RecordUnreadable("row too large", f"{size} bytes; the limit is {MAX_ROW_BYTES}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"byte {error.start}") from None
    if "\x00" in text:
        raise RecordUnreadable("not text", "it holds NUL bytes")
    closed = text.count('"') % 2 == 0
    # newline="": line breaks inside quotes are the field's own.
    lines = io.StringIO(text, newline="")
    if closed:
        rows = csv.reader(lines, delimiter=delimiter)
    else:
        rows = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    found: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in rows:
            found.append((before, cells))
            before = rows.line_num
    except csv.Error as error:
        raise RecordUnreadable("broken row", str(error)) from None
    return found


def _quoted_lines(file: BinaryIO) -> Iterator[tuple[int, bytes, int]]:
    """Each row's first line number, bytes and size: lines are joined while a quote is open."""
    number = 1
    waiting: list[bytes] = []  # lines read ahead for a quote that was never closed
    while True:
        line = waiting.pop() if waiting else file.readline(MAX_ROW_BYTES + 1)
        if not line:
            return
        size = len(line)
        if size > MAX_ROW_BYTES:
            while not line.endswith(b"\n") and (line := file.readline(1 << 20)):
                size += len(line)
            yield number, b"", size
            number += 1
            continue
        lines = [line]
        is_open = line.count(b'"') % 2 == 1
        while is_open and len(lines) < _MAX_QUOTED_LINES and size <= MAX_ROW_BYTES:
            more = waiting.pop() if waiting else file.readline(MAX_ROW_BYTES + 1)
            if not more:
                break
            lines.append(more)
            size += len(more)
            is_open ^= more.count(b'"') % 2 == 1
        if is_open:
            # The quote is a character of its line: the others are rows of their own.
            waiting.extend(reversed(lines[1:]))
            lines = lines[:1]
        data = b"".join(lines)
        yield number, data, len(data)
        number += len(lines)
