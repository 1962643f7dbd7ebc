"""Cutting files of JSON into raw records: lines, or objects one after another, or one list.

`.jsonl` files are lines. A `.json` file is told by its beginning: lines, a list of objects
(`[{...}, {...}]`), or objects printed over several lines; where the format says so, one object of
objects (`{"21645374": {...}, ...}`) is cut into those. Nothing is parsed here: a record that is
no JSON costs itself when it is read. Files may be compressed or packed (`compressed_streams`).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from corpora.compressed_streams import Stream, find_streamed, open_streams
from corpora.documents import JSON, Record, RecordUnreadable

SUFFIXES: Final = (".jsonl", ".ndjson", ".json")
#: The longest books and the longest parsed papers are some 20 MB.
MAX_RECORD_BYTES: Final = 64 * 1024 * 1024

_CHUNK_BYTES: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"
_STRUCTURE: Final = re.compile(rb'["{}\[\]]')
_STRING_END: Final = re.compile(rb'["\\]')
_HEAD_BYTES: Final = 1 << 16
#: A name of an object of objects, up to the brace of its value.
_MEMBER: Final = re.compile(rb'\s*(?:,\s*)?"(?:[^"\\]|\\.){0,200}"\s*:\s*\{', re.DOTALL)
_ENOUGH_MEMBERS: Final = 3
_KEY: Final = re.compile(rb'[,\s]*"(?:[^"\\]|\\.){0,200}"\s*:', re.DOTALL)

find: Final = find_streamed(*SUFFIXES)


@dataclass(frozen=True, slots=True)
class Piece:
    """One raw record: its bytes, or why they could not be cut out of the file.

    `number` is the line's, or the object's, counted from 1; `unit` says which. `key` is the name of
    an object in an object of objects.
    """

    stream: str
    unit: str
    number: int
    data: bytes
    num_bytes: int
    fault: RecordUnreadable | None = None
    key: str | None = None

    @property
    def position(self) -> str:
        """Where the record stands, for people: `papers.jsonl.gz: line 12`."""
        return f"{self.stream}: {self.unit} {self.number}"


def pieces(path: Path) -> Iterator[Piece]:
    """Every record of a file, or of the members of an archive; blank lines are none, a file of
    nothing else is one piece with that fault.

    A stream that breaks off ends in a piece with its fault; the other members of its archive are
    given.
    """
    streams = open_streams(path, *SUFFIXES)
    while True:
        try:
            stream = next(streams, None)
        except RecordUnreadable as fault:
            yield Piece(path.name, "file", 1, b"", 0, fault)
            return
        if stream is None:
            return
        yield from pieces_of(stream)


def pieces_of(stream: Stream, *, keyed: bool = False) -> Iterator[Piece]:
    """Every record of one stream, as `pieces` gives them; `keyed` cuts objects of objects."""
    unit, number = "line", 0
    try:
        first = stream.file.readline(MAX_RECORD_BYTES + 1)
        bare = first.removeprefix(_BOM).strip()
        while first and not bare and len(first) <= MAX_RECORD_BYTES:
            # Blank lines before the first record.
            number += 1
            first = stream.file.readline(MAX_RECORD_BYTES + 1)
            bare = first.removeprefix(_BOM).strip()
        if keyed and not _named_lines(stream.name) and _is_keyed(first + _peeked(stream.file)):
            yield from _keyed_pieces(stream, first)
            return
        if _is_lines(stream.name, bare):
            cut = _lines(stream.file, first)
        else:
            unit, number, cut = "object", 0, _values(stream.file, first.removeprefix(_BOM))
        given = False
        for data, size in cut:
            number += 1
            fault = None
            if size > MAX_RECORD_BYTES:
                detail = f"{size} bytes; the limit is {MAX_RECORD_BYTES}"
                fault = RecordUnreadable("record too large", detail)
            if data.strip() or fault:
                given = True
                yield Piece(stream.name, unit, number, data.strip(), size, fault)
        if not given:
            yield Piece(stream.name, "line", 1, b"", 0, RecordUnreadable("empty file"))
    except RecordUnreadable as fault:
        yield Piece(stream.name, unit, number + 1, b"", 0, fault)


def _is_lines(name: str, first: bytes) -> bool:
    """Whether each line is a record: as the name says, or as a first line that is whole says."""
    if _named_lines(name):
        return True
    return not first.startswith(b"[") and first.endswith(b"}") and first.startswith(b"{")


def _named_lines(name: str) -> bool:
    return bool(re.search(r"\.(?:jsonl|ndjson)(?:\.\w+)?$", name, re.IGNORECASE))


def _peeked(file: BinaryIO) -> bytes:
    peek: Callable[[int], bytes] = getattr(file, "peek", lambda _: b"")
    return peek(_HEAD_BYTES)[:_HEAD_BYTES]


def _is_keyed(head: bytes) -> bool:
    """Whether a file begins an object whose values are objects: all that can be seen, or three."""
    bare = head[:_HEAD_BYTES].removeprefix(_BOM).lstrip()
    if not bare.startswith(b"{"):
        return False
    member, members = 1, 0
    while match := _MEMBER.match(bare, member):
        depth, at, in_string = 1, match.end(), False
        while depth and (sign := (_STRING_END if in_string else _STRUCTURE).search(bare, at)):
            at = sign.end()
            if in_string:
                in_string = sign.group() == b"\\"
                at += in_string
            elif sign.group() == b'"':
                in_string = True
            else:
                depth += 1 if sign.group() in b"{[" else -1
        members += 1
        if depth or members == _ENOUGH_MEMBERS:
            return True
        member = at
    return members > 0 and bare[member:].strip() in (b"", b"}", b",")


def _keyed_pieces(stream: Stream, first: bytes) -> Iterator[Piece]:
    """The objects of an object of objects, each with its name; what is none has its fault."""
    name, number = b"", 0
    for data, size in _values(stream.file, first.removeprefix(_BOM), keyed=True):
        bare = data.strip()
        if not name and _KEY.fullmatch(bare):
            name = bare
            continue
        number += 1
        key, fault = None, None
        if size > MAX_RECORD_BYTES:
            detail = f"{size} bytes; the limit is {MAX_RECORD_BYTES}"
            fault = RecordUnreadable("record too large", detail)
        elif not name:
            fault = RecordUnreadable("not JSON", f"{stream.name}: no object under a name")
        else:
            key = _key(name)
        name = b""
        yield Piece(stream.name, "object", number, bare, size, fault, key)
    if name:
        fault = RecordUnreadable("not JSON", f"{stream.name}: a name without an object")
        yield Piece(stream.name, "object", number + 1, b"", len(name), fault)


def _key(written: bytes) -> str | None:
    try:
        key = json.loads(written.strip(b", \t\r\n").removesuffix(b":").decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        return None
    return key if isinstance(key, str) else None


def _lines(file: BinaryIO, first: bytes) -> Iterator[tuple[bytes, int]]:
    """Each line and its size; of one past the limit nothing but the size."""
    line = first
    while line:
        size = len(line)
        if size <= MAX_RECORD_BYTES:
            yield line.removeprefix(_BOM), size
        else:
            while not line.endswith(b"\n") and (line := file.readline(_CHUNK_BYTES)):
                size += len(line)
            yield b"", size
        line = file.readline(MAX_RECORD_BYTES + 1)


def _values(file: BinaryIO, first: bytes, *, keyed: bool = False) -> Iterator[tuple[bytes, int]]:
    """Each object of a list, or of a file of objects, by its brackets; the rest as it is.

    What stands outside any object is a piece of its own, unless it is blank or the commas and
    brackets of the list; with `keyed`, so are the names in an object of objects.
    """
    is_list = keyed or first.lstrip().startswith(b"[")
    outside, depth, in_string = (1, 1, False) if is_list else (0, 0, False)
    chunk = first.lstrip()[1:] if is_list else first
    kept: list[bytes] = []
    size = 0
    while chunk:
        start = at = 0
        while at < len(chunk):
            if in_string:
                match = _STRING_END.search(chunk, at)
                if match is None:
                    break
                at = match.end()
                if match.group() == b"\\":
                    if at == len(chunk):
                        # The escaped character is in the next chunk.
                        chunk += file.read(1)
                    at += 1
                else:
                    in_string = False
                continue
            match = _STRUCTURE.search(chunk, at)
            if match is None:
                break
            at = match.end()
            sign = match.group()
            if sign == b'"':
                in_string = True
            elif sign in b"{[":
                if depth == outside:
                    stray = chunk[start : match.start()]
                    yield from _stray(kept, stray, size)
                    kept, size, start = [], 0, match.start()
                depth += 1
            elif depth > outside:
                depth -= 1
                if depth == outside:
                    kept.append(chunk[start:at])
                    size += at - start
                    yield (b"".join(kept) if size <= MAX_RECORD_BYTES else b""), size
                    kept, size, start = [], 0, at
            else:
                # The end of the list, or a bracket that nothing opened.
                yield from _stray(kept, chunk[start : match.start()], size)
                kept, size, start = [], 0, at
                outside = depth = 0
        size += len(chunk) - start
        if size <= MAX_RECORD_BYTES:
            kept.append(chunk[start:])
        chunk = _some(file)
    yield from _stray(kept, b"", size)


def _some(file: BinaryIO) -> bytes:
    """The next bytes: `read` would lose what it has where the stream breaks off."""
    read1: Callable[[int], bytes] = getattr(file, "read1", file.read)
    return read1(_CHUNK_BYTES)


def _stray(kept: list[bytes], last: bytes, size: int) -> Iterator[tuple[bytes, int]]:
    data = b"".join([*kept, last])
    if data.strip(b" \t\r\n,") or size > MAX_RECORD_BYTES:
        yield data if size <= MAX_RECORD_BYTES else b"", max(size, len(data))


def parse_object(data: bytes, position: str) -> dict[str, JSON]:
    """The object of a record. Raises RecordUnreadable for what is no UTF-8 or no JSON object."""
    try:
        value = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"{position}: byte {error.start}") from None
    except RecursionError:
        raise RecordUnreadable("too deep", f"{position}: nested too deeply") from None
    except ValueError as error:
        raise RecordUnreadable("not JSON", f"{position}: {error}") from None
    if not isinstance(value, dict):
        raise RecordUnreadable("not a JSON object", f"{position}: {type(value).__name__}")
    return cast(dict[str, JSON], value)


def raw_record(record_id: str, piece: Piece) -> Record:
    """A piece as the record of a format whose payload is its bytes, or its fault."""
    payload = piece.fault or piece.data
    return Record(record_id, piece.position, payload, piece.num_bytes)


def file_key(path: Path) -> str:
    """Eight characters that tell a file from another of its name, the same on every machine.

    From the file's size and its first 64 KiB: `train/0000.parquet` and `test/0000.parquet` are
    two files.
    """
    with path.open("rb") as file:
        head = file.read(1 << 16)
    digest = hashlib.blake2b(head, digest_size=4, person=b"file key")
    digest.update(path.stat().st_size.to_bytes(8, "little"))
    return digest.hexdigest()
