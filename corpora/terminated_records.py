"""Cutting a file into raw records at a terminator line, in bounded memory.

UniProt flat files end each entry by a line `//`, SDF each compound by a line `$$$$`. The file may
be gzip-compressed (known by its first two bytes, not by its name). What has no terminator, is too
large to be a record, or breaks off inside a damaged gzip stream is still given, with its fault, so
that it is counted and quarantined; the records before and after it are kept.
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from corpora.documents import RecordUnreadable
from tokenization.marked_text import clean

#: The largest entries of either database are a few megabytes.
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
#: The longest line that is a row of a table.
MAX_LINE_BYTES: Final = 1024 * 1024
_CHUNK_BYTES: Final = 64 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_FAULTS: Final = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of one record without its terminator line, at most `MAX_RECORD_BYTES` of them.

    `num_bytes` is its whole size in the (decompressed) file, `number` counts from 1; `fault` is
    why it cannot be a record, or None.
    """

    data: bytes
    number: int
    num_bytes: int
    fault: tuple[str, str] | None = None

    def text(self, cleaned: Counter[str]) -> str:
        """The record as clean text with `\\n` line ends; what `clean` changed is added up.

        Raises RecordUnreadable for a record with a fault and for bytes that are no UTF-8 text.
        """
        if self.fault is not None:
            raise RecordUnreadable(*self.fault)
        try:
            decoded = self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise RecordUnreadable("not text", f"no UTF-8 at byte {error.start}") from None
        if "\x00" in decoded:
            raise RecordUnreadable("not text", "it holds NUL bytes")
        return clean(decoded.replace("\r\n", "\n"), cleaned)


def cut(path: Path, terminator: bytes) -> Iterator[RawRecord]:
    """The records of a file, one for each line that is `terminator`, and what is left after it.

    Blank space after the last terminator is no record. Memory: one record.
    """
    with _opened(path) as stream:
        yield from _cut(stream, terminator)


def _cut(stream: BinaryIO, terminator: bytes) -> Iterator[RawRecord]:
    number, size, kept, blank, line_start = 1, 0, 0, True, True
    parts: list[bytes] = []
    fault: tuple[str, str] | None = None
    while True:
        try:
            chunk = stream.readline(_CHUNK_BYTES)
        except _GZIP_FAULTS as error:
            fault, blank = ("damaged gzip stream", str(error)), False
            break
        if not chunk:
            break
        size += len(chunk)
        if line_start and chunk.rstrip() == terminator:
            yield RawRecord(b"".join(parts), number, size, _size_fault(size))
            number, size, kept, blank, line_start = number + 1, 0, 0, True, True
            parts = []
            continue
        line_start = chunk.endswith(b"\n")
        blank = blank and not chunk.strip()
        if kept + len(chunk) <= MAX_RECORD_BYTES:
            parts.append(chunk)
            kept += len(chunk)
    if not blank:
        ending = terminator.decode("ascii")
        fault = fault or ("record not terminated", f"the file ends before a line {ending}")
        yield RawRecord(b"".join(parts), number, size, fault)


def _size_fault(size: int) -> tuple[str, str] | None:
    if size <= MAX_RECORD_BYTES:
        return None
    return "record too large", f"{size} bytes; the limit is {MAX_RECORD_BYTES}"


def _opened(path: Path) -> BinaryIO:
    stream = path.open("rb")
    if stream.read(2) == _GZIP_MAGIC:
        stream.close()
        return cast(BinaryIO, gzip.open(path, "rb"))
    stream.seek(0)
    return stream


def cut_lines(path: Path) -> Iterator[RawRecord]:
    """The lines of a file as records, blank ones left out; a line past the limit has a fault."""
    with _opened(path) as stream:
        number = 0
        while True:
            fault: tuple[str, str] | None = None
            try:
                line = stream.readline(MAX_LINE_BYTES + 1)
                size = len(line)
                while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                    rest = stream.readline(_CHUNK_BYTES)
                    size += len(rest)
                    if not rest or rest.endswith(b"\n"):
                        break
            except _GZIP_FAULTS as error:
                yield RawRecord(b"", number + 1, 0, ("damaged gzip stream", str(error)))
                return
            if not line:
                return
            number += 1
            if size > MAX_LINE_BYTES:
                fault = ("record too large", f"{size} bytes; the limit is {MAX_LINE_BYTES}")
            if line.strip():
                yield RawRecord(line.rstrip(b"\r\n"), number, size, fault)
