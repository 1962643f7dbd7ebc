"""Gzip files member by member, going on after a damaged one.

A file of Common Crawl has a member for each record, one of BGZF or pigz one for some of its blocks
(RFC 1952, section 2.2). A damaged member raises once; who reads on is given what follows from the
next sound member on.
"""

import gzip
import re
import zlib
from typing import BinaryIO, Final

#: Magic, the only method, flags without reserved bits.
_BEGINNING: Final = re.compile(rb"\x1f\x8b\x08[\x00-\x1f]")
_BEGINNING_BYTES: Final = 4
_INPUT_BYTES: Final = 1 << 14
#: With header and checksum, as zlib tells them from a bare stream.
_WBITS: Final = 31
#: Of so much can be said that it is no member: bytes in other data that look like one's beginning.
_TRIAL_BYTES: Final = 1 << 12


class GzipMembers:
    """The decompressed bytes of a gzip file.

    `read1` raises zlib.error, gzip.BadGzipFile or EOFError where a member is damaged; the next call
    goes on with the next sound one.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._held = b""
        self._member: zlib._Decompress | None = None
        self._has_begun = False
        self._is_lost = False

    def read1(self, size: int) -> bytes:
        """Some of the next bytes, at most `size`; none at the end."""
        if self._is_lost and not self._found():
            return b""
        while True:
            if not self._held:
                self._held = self._file.read(_INPUT_BYTES)
            if self._member is None and not self._begin():
                return b""
            if not self._held:
                self._is_lost, self._member = True, None
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            given = self._next(size)
            if given:
                return given

    def _begin(self) -> bool:
        """Begins the next member; False where none follows. Zeros may stand between two."""
        while self._has_begun and self._held[:1] == b"\0":
            self._held = self._held.lstrip(b"\0") or self._file.read(_INPUT_BYTES)
        if not self._held:
            return False
        while len(self._held) < _BEGINNING_BYTES and (more := self._file.read(_INPUT_BYTES)):
            self._held += more
        self._has_begun = True
        if not _BEGINNING.match(self._held):
            self._is_lost = True
            raise gzip.BadGzipFile("what follows is no gzip member")
        self._member = zlib.decompressobj(_WBITS)
        return True

    def _next(self, size: int) -> bytes:
        assert self._member is not None
        try:
            given = self._member.decompress(self._held, size)
        except zlib.error:
            # Where the damaged member began here, it is not found again.
            if _BEGINNING.match(self._held):
                self._held = self._held[1:]
            self._is_lost, self._member = True, None
            raise
        if self._member.eof:
            self._held, self._member = self._member.unused_data, None
        else:
            self._held = self._member.unconsumed_tail
        return given

    def _found(self) -> bool:
        """Goes to the next sound member, if there is one."""
        while True:
            match = _BEGINNING.search(self._held)
            self._held = self._held[match.start() if match else 1 - _BEGINNING_BYTES :]
            missing = _TRIAL_BYTES - len(self._held) if match else _INPUT_BYTES
            more = self._file.read(missing) if missing > 0 else b""
            self._held += more
            if match and _is_sound(self._held[:_TRIAL_BYTES]):
                self._is_lost = False
                return True
            if match:
                self._held = self._held[1:]
            elif not more:
                self._held = b""
                return False


def _is_sound(beginning: bytes) -> bool:
    try:
        zlib.decompressobj(_WBITS).decompress(beginning)
    except zlib.error:
        return False
    return True
