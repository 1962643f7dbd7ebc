"""Cutting the files of the OEIS into sequences.

`stripped` (number and terms a line) is read together with `names`, and with `keywords` and
`offsets` of the LODA project where they lie beside it; entries of the internal format are cut at
their numbers; a b-file is one sequence; a search's JSON is a list of entries. What a file is, its
first lines say.
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

from corpora.compressed_streams import ARCHIVE_SUFFIXES, COMPRESSED_SUFFIXES, Stream, open_streams
from corpora.documents import ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.json_records import Piece, pieces
from corpora.text_lines import Line, text_lines

#: The longest entry has half a megabyte.
MAX_ENTRY_BYTES: Final = 1 << 24
#: The longest b-files have some ten megabytes.
MAX_TABLE_BYTES: Final = 1 << 26

_SUFFIXES: Final = (".seq", ".txt", ".json", "stripped", "names")
_LAYER: Final = re.compile(r"(?:\.txt)?(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_INTERNAL: Final = re.compile(rb"%([A-Za-z]) (A\d{6,9})(?: |$)")
_NUMBERED: Final = re.compile(rb"(A\d{6,9}):?[ \t]*(.*)", re.DOTALL)
_TERMS: Final = re.compile(rb"\s*,?\s*-?\d+\s*(?:,\s*-?\d*\s*)*")
_TABLE_ROW: Final = re.compile(rb"\s*([-+]?\d{1,18})\s+([-+]?\d+)\s*(?:#.*)?")
_TABLE_NAME: Final = re.compile(r"(?:^|/)[abAB](\d{6,9})(?:\.txt)?(?:\.\w+)?$")
_SEQUENCE_FILE: Final = re.compile(
    r"(?:[ab]?\d{6,9}\.(?:seq|txt)|.*\.seq|.*\.json|stripped.*|names.*)(?:\.(?:gz|bz2|xz|zst))?$",
    re.IGNORECASE,
)
#: A file tells what it is within so many lines.
_LINES_LOOKED_AT: Final = 200
#: Names read ahead of their sequences, in files that are not in one order: five times all of OEIS.
_MOST_READ_AHEAD: Final = 2_000_000
_LINES_THAT_SHOW_THE_ORDER: Final = 10_000


@dataclass(frozen=True, slots=True)
class Joined:
    """A line of `stripped` or `names` with what lies beside it, raw bytes."""

    terms: Line | None = None
    beside: dict[str, Line] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a b-file, and the number that its file is named by."""

    number: str
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Internal:
    """The lines of an entry in the internal format."""

    data: bytes


def find_sequences(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder the files of sequences, without what is read beside others."""
    if not path.is_dir():
        return [path]
    found = []
    for file in sorted(path.rglob("*")):
        if not file.is_file() or file.name.startswith("."):
            continue
        packed = file.name.lower().endswith(ARCHIVE_SUFFIXES)
        if packed or (_SEQUENCE_FILE.match(file.name) and not _is_read_beside(file)):
            found.append(file)
    return found


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a sequence; its id is the number. Raises RecordDropped for a file of names that is
    read together with the terms beside it."""
    if _is_read_beside(path):
        raise RecordDropped("names that are read with their terms")
    if re.search(r"\.json(?:\.\w+)?$", path.name, re.IGNORECASE):
        yield from _unique(_of_json(pieces(path)))
        return
    yield from _unique(
        record for stream in open_streams(path, *_SUFFIXES) for record in _of_stream(stream, path)
    )


def _unique(found: Iterable[Record]) -> Iterator[Record]:
    seen: dict[str, int] = {}
    for record in found:
        times = seen.get(record.record_id, 0)
        seen[record.record_id] = times + 1
        identifier = record.record_id + (f"#{times + 1}" if times else "")
        yield Record(identifier, record.position, record.payload, record.num_bytes)


def files_beside(file: Path, _: ReadOptions) -> list[Path]:
    """The files whose lines are joined to those of `stripped`."""
    if _LAYER.sub("", file.name).lower() != "stripped":
        return []
    found = (_beside(file, kind) for kind in ("names", "keywords", "offsets"))
    return [other for other in found if other is not None]


def _is_read_beside(file: Path) -> bool:
    kind = _LAYER.sub("", file.name).lower()
    return kind in ("names", "keywords", "offsets") and _beside(file, "stripped") is not None


def _beside(file: Path, kind: str) -> Path | None:
    for suffix in ("", ".txt"):
        for layer in ("", *COMPRESSED_SUFFIXES):
            if (candidate := file.parent / f"{kind}{suffix}{layer}").is_file():
                return candidate
    return None


def _of_stream(stream: Stream, path: Path) -> Iterator[Record]:
    lines = text_lines(stream.file)
    head = list(islice(lines, _LINES_LOOKED_AT))
    everything = chain(head, lines)
    first = next((line for line in head if line.fault is None and _telling(line.data)), None)
    if first is None:
        fault = next((line.fault for line in head if line.fault is not None), None)
        reason = "empty file" if not any(line.data.strip() for line in head) else "not an OEIS file"
        fault = fault or RecordUnreadable(reason, stream.name)
        yield Record(stream.name, f"{stream.name}: line 1", fault, 0)
    elif _INTERNAL.match(first.data):
        yield from _of_entries(everything, stream.name)
    elif _NUMBERED.match(first.data):
        yield from _of_numbered(everything, stream.name, path)
    else:
        yield _of_table(everything, stream.name)


def _telling(data: bytes) -> bool:
    return bool(_INTERNAL.match(data) or _NUMBERED.match(data) or _TABLE_ROW.fullmatch(data))


def _of_entries(lines: Iterable[Line], name: str) -> Iterator[Record]:
    """Entries of the internal format: each begins where the number changes, or with `%I`."""
    kept: list[bytes] = []
    number, start, size = b"", 0, 0

    def finished() -> Record:
        payload: Internal | RecordUnreadable = Internal(b"\n".join(kept))
        if size > MAX_ENTRY_BYTES:
            payload = RecordUnreadable("record too large", f"{size} bytes")
        return Record(number.decode("ascii"), f"{name}: line {start}", payload, size)

    for line in lines:
        match = _INTERNAL.match(line.data)
        if line.fault is not None:
            yield Record(f"{name}:{line.number}", f"{name}: line {line.number}", line.fault, 0)
            continue
        if match is None and not line.data.startswith(b"%"):
            # Blank lines, and what a search says before its entries.
            continue
        if match and (match[2] != number or match[1] == b"I") and kept:
            yield finished()
            kept, size, number = [], 0, b""
        if match is None and not kept:
            fault = RecordUnreadable("broken line", line.data[:40].decode("utf-8", "replace"))
            yield Record(f"{name}:{line.number}", f"{name}: line {line.number}", fault, 0)
            continue
        if not kept and match:
            number, start = match[2], line.number
        size += line.num_bytes
        if size <= MAX_ENTRY_BYTES or not kept:
            kept.append(line.data)
    if kept:
        yield finished()


def _of_numbered(lines: Iterable[Line], name: str, path: Path) -> Iterator[Record]:
    """Lines of `stripped`, each with what lies beside; or those of `names` alone."""
    kind = _LAYER.sub("", name.rpartition("/")[2]).lower()
    beside = {}
    if "/" not in name:
        for other in ("names", "keywords", "offsets"):
            companion = _beside(path, other)
            if kind == "stripped" and companion is not None:
                beside[other] = _Beside(companion)
    for line in lines:
        position = f"{name}: line {line.number}"
        match = _NUMBERED.match(line.data)
        if line.fault is not None or (line.data.strip() and not line.data.startswith(b"#")):
            if match is None:
                fault = line.fault or RecordUnreadable("no number", repr(line.data[:40]))
                yield Record(f"{name}:{line.number}", position, fault, line.num_bytes)
                continue
            number = match[1].decode("ascii")
            rest = Line(match[2], line.number, line.num_bytes, line.fault)
            if kind != "names" and _TERMS.fullmatch(match[2]):
                found = {key: it for key, other in beside.items() if (it := other.line(number))}
                payload = Joined(rest, found)
            elif kind == "stripped":
                payload = Joined(rest)
            else:
                payload = Joined(None, {"names": rest})
            yield Record(number, position, payload, line.num_bytes)


class _Beside:
    """The lines of a file by their numbers, read once and no further than is asked for.

    Where both files are in the same order nothing is kept; what is read ahead of an order that
    differs is, up to `_MOST_READ_AHEAD` lines.
    """

    def __init__(self, path: Path) -> None:
        self._lines: Iterator[Line] = (
            line for stream in open_streams(path, *_SUFFIXES) for line in text_lines(stream.file)
        )
        self._ahead: dict[str, Line] = {}
        self._last = -1
        self._ascending = True
        self._pending: tuple[str, Line] | None = None
        self._first: deque[tuple[str, Line]] = deque()
        while len(self._first) < _LINES_THAT_SHOW_THE_ORDER and (found := self._read()):
            self._first.append(found)

    def line(self, number: str) -> Line | None:
        """The line of a number without it, None where there is none."""
        while number not in self._ahead:
            if self._pending is None:
                self._pending = self._next()
            if self._pending is None:
                return None
            found, line = self._pending
            if found != number and self._ascending and int(found[1:]) > int(number[1:]):
                # In ascending order the number would have come by now.
                return None
            self._pending = None
            if len(self._ahead) >= _MOST_READ_AHEAD:
                self._ahead.pop(next(iter(self._ahead)))
            self._ahead[found] = line
        return self._ahead.pop(number)

    def _next(self) -> tuple[str, Line] | None:
        return self._first.popleft() if self._first else self._read()

    def _read(self) -> tuple[str, Line] | None:
        try:
            for line in self._lines:
                match = _NUMBERED.match(line.data)
                if match and line.fault is None:
                    number = match[1].decode("ascii")
                    self._ascending = self._ascending and int(number[1:]) > self._last
                    self._last = int(number[1:])
                    return number, Line(match[2], line.number, line.num_bytes)
        except RecordUnreadable:
            # A broken file of names: the terms are read without them.
            self._lines = iter(())
        return None


def _of_table(lines: Iterable[Line], name: str) -> Record:
    match = _TABLE_NAME.search(name)
    payload: Table | RecordUnreadable
    if match is None:
        payload = RecordUnreadable(
            "not an OEIS file", "a table without a number in its file's name"
        )
        return Record(name, f"{name}: line 1", payload, 0)
    number = f"A{match[1]}"
    rows: list[Line] = []
    size = 0
    for line in lines:
        size += line.num_bytes
        if line.fault is not None:
            return Record(number, f"{name}: line {line.number}", line.fault, size)
        if size > MAX_TABLE_BYTES:
            fault = RecordUnreadable("record too large", f"more than {MAX_TABLE_BYTES} bytes")
            return Record(number, f"{name}: line {line.number}", fault, size)
        if line.data.strip() and not line.data.lstrip().startswith(b"#"):
            rows.append(line)
    return Record(number, f"{name}: line 1", Table(number, tuple(rows)), size)


def _of_json(found: Iterable[Piece]) -> Iterator[Record]:
    """Each result of a search, in the list or in the object around it."""
    for piece in found:
        if piece.fault is not None:
            yield Record(piece.position, piece.position, piece.fault, piece.num_bytes)
            continue
        try:
            value = json.loads(piece.data)
        except (ValueError, RecursionError) as error:
            fault = RecordUnreadable("not JSON", f"{piece.position}: {error}")
            yield Record(piece.position, piece.position, fault, piece.num_bytes)
            continue
        results = value.get("results", value) if isinstance(value, dict) else value
        results = results if isinstance(results, list) else [results]
        if not results:
            yield Record(piece.position, piece.position, RecordUnreadable("no results"), 0)
        for number, result in enumerate(results, start=1):
            position = f"{piece.position}, result {number}"
            numbered = result.get("number") if isinstance(result, dict) else None
            usable = isinstance(numbered, int) and 0 < numbered < 10**9
            identifier = f"A{numbered:06}" if usable else position
            size = piece.num_bytes // len(results)
            yield Record(identifier, position, result, size)
