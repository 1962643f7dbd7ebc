"""One member of a 7z archive as a stream of bytes: nothing is unpacked to disk.

Dumps of Stack Exchange and of wikis with their histories come this way. The package py7zr gives a
member's bytes in pieces as it decompresses them, 128 MB at the very most.
"""

import queue
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from corpora.documents import RecordUnreadable

#: The reason for an archive that cannot be read to its end, or whose checksum is wrong.
BROKEN_7Z: Final = "broken 7z"

_CHUNK_BYTES: Final = 1 << 20
_MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
#: Methods whose decoders are Python's own; py7zr's for PPMd ends the process on some archives.
_METHODS: Final = frozenset(("LZMA", "LZMA2", "BZip2", "DEFLATE", "COPY", "DELTA", "BCJ"))


class _Abandoned(Exception):
    """The consumer of a member's bytes has gone: decompression stops here."""


class _Handover:
    """A few pieces between the thread that decompresses and the one that reads."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes | RecordUnreadable | None] = queue.Queue(maxsize=4)
        self._abandoned = threading.Event()

    def put(self, piece: bytes | RecordUnreadable | None) -> None:
        """Waits for room. Raises `_Abandoned` once nobody reads any more."""
        while not self._abandoned.is_set():
            try:
                self._pieces.put(piece, timeout=0.2)
                return
            except queue.Full:
                continue
        raise _Abandoned

    def pieces(self) -> Iterator[bytes]:
        """What was put, up to None; raises an error that was put."""
        try:
            while (piece := self._pieces.get()) is not None:
                if isinstance(piece, RecordUnreadable):
                    raise piece
                yield piece
        finally:
            self._abandoned.set()


def is_seven_zip(path: Path) -> bool:
    """Whether a file is a 7z archive, as its first bytes say."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def seven_zip_member(path: Path, wanted: re.Pattern[str], name: str) -> Iterator[bytes]:
    """The bytes of the one member of a 7z archive whose path `wanted` finds, in pieces.

    py7zr pushes them, from a thread of its own. Raises `RecordUnreadable` where the archive is
    broken, packed by another method, or does not hold exactly one such member; `name` is what the
    message calls it.
    """
    try:
        import py7zr
    except ModuleNotFoundError:
        raise RecordUnreadable(
            "7z needs the package py7zr", f"pip install py7zr, or give {name} (.gz, .bz2)"
        ) from None
    handover = _Handover()

    def decompress() -> None:
        end: RecordUnreadable | None = None
        try:
            # An open file, not a path: py7zr would start threads of its own.
            with path.open("rb") as file, py7zr.SevenZipFile(file) as archive:
                _extract(archive, wanted, name, handover)
        except _Abandoned:
            return
        except RecordUnreadable as error:
            end = error
        except Exception as error:
            # Damage shows in any of a dozen exceptions of py7zr and of its decoders.
            end = RecordUnreadable(BROKEN_7Z, f"{type(error).__name__}: {error}")
        try:
            handover.put(end)
        except _Abandoned:
            return

    thread = threading.Thread(target=decompress, daemon=True)
    thread.start()
    try:
        yield from handover.pieces()
    finally:
        thread.join()


def _extract(archive: Any, wanted: re.Pattern[str], name: str, handover: _Handover) -> None:
    others = set(archive.archiveinfo().method_names) - _METHODS
    if others:
        raise RecordUnreadable(
            "7z of another method", f"{', '.join(sorted(others))}; unpack it, or pack it with LZMA2"
        )
    members = [member.filename for member in archive.list() if wanted.search(member.filename)]
    if len(members) != 1:
        raise RecordUnreadable(f"no {name} in the archive", f"{len(members)} members of the name")
    archive.extract(targets=members, factory=_writers(handover))


def _writers(handover: _Handover) -> Any:
    from py7zr.io import Py7zIO, WriterFactory

    class Writer(Py7zIO):
        """Hands on what is decompressed."""

        _written = 0

        def write(self, s: bytes | bytearray) -> int:
            """py7zr's chunk, in smaller ones."""
            for start in range(0, len(s), _CHUNK_BYTES):
                handover.put(bytes(s[start : start + _CHUNK_BYTES]))
            self._written += len(s)
            return len(s)

        def read(self, size: int | None = None) -> bytes:
            """Nothing is kept."""
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            """Nothing is kept."""
            return offset

        def flush(self) -> None:
            """Nothing is kept."""

        def size(self) -> int:
            """How much was written."""
            return self._written

    class Writers(WriterFactory):
        """The writer of the one member."""

        def create(self, filename: str) -> Py7zIO:
            """A new one."""
            return Writer()

    return Writers()
