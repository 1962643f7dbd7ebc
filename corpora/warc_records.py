"""Cutting WARC files into their records, in bounded memory.

A record is a line `WARC/1.0`, header lines, a blank line, `Content-Length` bytes and two line ends
(ISO 28500; versions 0.17 to 1.1, https://iipc.github.io/warc-specifications/). The length is
checked against what stands after it: where it is wrong, the record is given with that fault, and
the next one is the next line `WARC/1.0` with a header line under it.

The framing is here and not in warcio or FastWARC: a length that is too short ends the reading of
both, one that is too long swallows records unseen, and either must cost no more than one record.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from corpora.compressed_streams import Stream
from corpora.documents import RecordUnreadable

#: CommonCrawl keeps 1 MiB of a page, 5 MiB since 2025; the text taken from it is shorter.
MAX_BLOCK_BYTES: Final = 16 * 1024 * 1024
#: The longest part of a header is the address, of some kilobytes at most.
MAX_HEADER_BYTES: Final = 1 << 16
BROKEN_HEADER: Final = "broken WARC header"
WRONG_LENGTH: Final = "wrong Content-Length"

_CHUNK_BYTES: Final = 1 << 18
#: Blank space after a record that is looked through for the next.
_TAIL_BYTES: Final = 1 << 12
#: A stream that only breaks has ended.
_MOST_BREAKS_TOGETHER: Final = 100
_BLANKS: Final = b" \t\r\n"
_BLANK_SPACE: Final = re.compile(rb"[ \t\r\n]+")
_RECORD_END: Final = b"\r\n\r\n"
_VERSION: Final = re.compile(rb"WARC/[0-9]\.[0-9]{1,3}[ \t]{0,8}\r?\n")
_START: Final = re.compile(
    rb"\nWARC/[0-9]\.[0-9]{1,3}[ \t]{0,8}\r?\n[A-Za-z][A-Za-z0-9-]{0,60}[ \t]{0,8}:"
)
_LONGEST_START: Final = 128
_NAME: Final = re.compile(rb"[!-9;-~]{1,80}[ \t]{0,8}")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: its headers by their names in lower case, and its block as it is in the file.

    `number` counts from 1 in the file `stream`; `num_bytes` is its whole size. With a `fault` there
    is no block, and the headers are those that could be read.
    """

    stream: str
    number: int
    headers: Mapping[str, str]
    block: bytes
    num_bytes: int
    fault: RecordUnreadable | None = None


def warc_records(stream: Stream) -> Iterator[WarcRecord]:
    """The records of a stream; what is no record is one with its fault, and so is what is lost
    where the stream breaks off. A file with a gzip member for each record goes on after it.

    Memory: the largest block that is allowed.

    >>> import io
    >>> page = b"WARC/1.0\\r\\nContent-Length: 4\\r\\n\\r\\nIce.\\r\\n\\r\\n"
    >>> stream = Stream("a.wet", io.BytesIO(page * 2))
    >>> [(record.number, record.block) for record in warc_records(stream)]
    [(1, b'Ice.'), (2, b'Ice.')]
    """
    window = _Window(stream.file)
    number = 0
    is_there = window.skip_blanks()
    while is_there:
        number += 1
        headers, block, num_bytes, fault = _cut(window)
        is_there = window.skip_blanks()
        yield WarcRecord(stream.name, number, headers, block, num_bytes, fault)
        for broken in window.passed_breaks():
            number += 1
            yield WarcRecord(stream.name, number, {}, b"", 0, broken)
    if not number:
        for fault in window.passed_breaks() or [RecordUnreadable("empty file")]:
            yield WarcRecord(stream.name, number + 1, {}, b"", 0, fault)


class _Window:
    """The bytes of a stream that are being looked at; those before them are let go."""

    def __init__(self, file: BinaryIO) -> None:
        self.held = bytearray()
        self._file = file
        self._ended = False
        #: Bytes let go so far.
        self._passed = 0
        #: Where the stream was broken, and why.
        self._breaks: list[tuple[int, RecordUnreadable]] = []
        self._breaks_together = 0

    def reach(self, num_bytes: int) -> bool:
        """Whether so many bytes are there; they are read if they are."""
        # `read` would lose what it has where the stream breaks off.
        read = getattr(self._file, "read1", self._file.read)
        while len(self.held) < num_bytes and not self._ended:
            try:
                chunk = read(_CHUNK_BYTES)
            except RecordUnreadable as fault:
                # Of a file of gzip members, the next sound one follows.
                self._break(fault)
                continue
            if self._breaks_together:
                # A record begins at a line.
                self.held += b"\n"
            self._ended, self._breaks_together = not chunk, 0
            self.held += chunk
        return len(self.held) >= num_bytes

    def _break(self, fault: RecordUnreadable) -> None:
        position = self._passed + len(self.held)
        if not self._breaks_together or str(self._breaks[-1][1]) != str(fault):
            self._breaks.append((position, fault))
        self._breaks_together += 1
        self._ended = self._breaks_together > _MOST_BREAKS_TOGETHER

    def is_broken_before(self, end: int) -> bool:
        """Whether the stream was broken before that place in what is looked at."""
        return any(position < self._passed + end for position, _ in self._breaks)

    def passed_breaks(self) -> list[RecordUnreadable]:
        """Why the stream was broken before what is looked at, each told once."""
        passed = [fault for position, fault in self._breaks if position <= self._passed]
        del self._breaks[: len(passed)]
        return passed

    def drop(self, num_bytes: int) -> None:
        """Let go of the first bytes."""
        self._passed += num_bytes
        del self.held[:num_bytes]

    def skip_blanks(self) -> bool:
        """Let go of blank space. False at the end of the stream."""
        while self.reach(1):
            blanks = _BLANK_SPACE.match(self.held)
            self.drop(blanks.end() if blanks else 0)
            if self.held:
                return True
        return False


def _cut(window: _Window) -> tuple[Mapping[str, str], bytes, int, RecordUnreadable | None]:
    """The headers, block, size and fault of the record that the window begins with."""
    headers: Mapping[str, str] = {}
    try:
        headers, start = _headers(window)
        length = _length(headers)
    except RecordUnreadable as broken:
        num_bytes, _ = _skip_record(window, 1)
        return headers, b"", num_bytes, broken
    end = start + length
    whole = window.reach(end)
    if whole and not window.is_broken_before(end) and _is_end(window, end):
        block = bytes(memoryview(window.held)[start:end])
        window.drop(end)
        return headers, block, end, None
    there = len(window.held) - start
    num_bytes, is_followed = _skip_record(window, start)
    if whole or is_followed:
        fault = RecordUnreadable(WRONG_LENGTH, f"{length} bytes do not end at a record's end")
    else:
        fault = RecordUnreadable("record not terminated", f"{there} of {length} bytes are there")
    return headers, b"", num_bytes, fault


def _headers(window: _Window) -> tuple[Mapping[str, str], int]:
    """The headers of a record and where its block begins. A line that begins with a blank goes on
    with the one before it; of headers of one name the first counts."""
    window.reach(MAX_HEADER_BYTES)
    version = _VERSION.match(window.held)
    if version is None:
        raise RecordUnreadable("not a WARC record", "it does not begin with WARC/ and a version")
    at = version.end()
    fields: list[tuple[str, str]] = []
    while (line_end := window.held.find(b"\n", at, MAX_HEADER_BYTES)) >= 0:
        line = bytes(window.held[at:line_end])
        at = line_end + 1
        bare = line.strip(_BLANKS)
        if not bare:
            return dict(reversed(fields)), at
        name, colon, value = bare.partition(b":")
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {bare.decode('utf-8', 'replace')}")
        elif colon and _NAME.fullmatch(name):
            written = value.strip(_BLANKS).decode("utf-8", "replace")
            fields.append((name.strip().lower().decode("ascii"), written))
        else:
            raise RecordUnreadable(BROKEN_HEADER, f"line {len(fields) + 2} has no name and colon")
    raise RecordUnreadable(BROKEN_HEADER, f"no blank line ends it in {MAX_HEADER_BYTES} bytes")


def _length(headers: Mapping[str, str]) -> int:
    written = headers.get("content-length")
    if written is None:
        raise RecordUnreadable(BROKEN_HEADER, "no Content-Length")
    if not _LENGTH.fullmatch(written):
        raise RecordUnreadable(BROKEN_HEADER, f"Content-Length: {written[:40]!r}")
    if int(written) > MAX_BLOCK_BYTES:
        detail = f"{written} bytes; the limit is {MAX_BLOCK_BYTES}"
        raise RecordUnreadable("record too large", detail)
    return int(written)


def _is_end(window: _Window, end: int) -> bool:
    """Whether a block ends here: two line ends follow, or the next record, or nothing."""
    window.reach(end + _TAIL_BYTES)
    tail = bytes(window.held[end : end + _TAIL_BYTES])
    # The text of pages has `\n` only, so that two line ends of this kind are the record's own.
    if tail.startswith(_RECORD_END):
        return True
    bare = tail.lstrip(_BLANKS)
    return not bare or _VERSION.match(bare) is not None


def _skip_record(window: _Window, at: int) -> tuple[int, bool]:
    """Let go of all that stands before the next record that begins at `at` or after.

    How many bytes that were, and whether there is a next record.
    """
    skipped = 0
    while True:
        following = _START.search(window.held, at - 1)
        if following is not None:
            start = following.start() + 1
            window.drop(start)
            return skipped + start, True
        # The beginning of a record may be cut at the window's end.
        passed = max(len(window.held) - _LONGEST_START, 0)
        window.drop(passed)
        skipped += passed
        at = max(at - passed, 1)
        if not window.reach(len(window.held) + 1):
            skipped += len(window.held)
            window.drop(len(window.held))
            return skipped, False
