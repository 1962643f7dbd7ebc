"""The files of a dump as streams of bytes: `Posts.xml` plain, compressed, or in an archive.

Nothing is unpacked to disk. The `.7z` of a site needs the package py7zr, which gives a member's
bytes in pieces as it decompresses them, 128 MB at the very most.
"""

import queue
import re
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from corpora.compressed_streams import ARCHIVE_SUFFIXES, open_streams
from corpora.documents import RecordUnreadable

#: The reason for an archive that cannot be read to its end, or whose checksum is wrong.
BROKEN_7Z: Final = "broken 7z"

_CHUNK_BYTES: Final = 1 << 20
_POSTS: Final = re.compile(r"posts\.xml(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_POSTS_MEMBER: Final = re.compile(r"(?:^|[/\\_-])posts\.xml$", re.IGNORECASE)
_SEVEN_ZIP: Final = b"7z\xbc\xaf\x27\x1c"
#: Methods whose decoders are Python's own; py7zr's for PPMd ends the process on some archives.
_METHODS: Final = frozenset(("LZMA", "LZMA2", "BZip2", "DEFLATE", "COPY", "DELTA", "BCJ"))
#: The largest sites come as one archive a table.
_OTHER_TABLE: Final = re.compile(
    r"(?:badges|comments|posthistory|postlinks|tags|users|votes)\.7z$", re.IGNORECASE
)


def find_dumps(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder every `Posts.xml`, plain or compressed, and every archive."""
    if not path.is_dir():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and not file.name.startswith(".")
        and (
            _POSTS.search(file.name)
            or (
                file.name.lower().endswith((".7z", *ARCHIVE_SUFFIXES))
                and not _OTHER_TABLE.search(file.name)
            )
        )
    )


def site_name(path: Path) -> str:
    """The site of a dump: the name of its archive, or of the folder that holds `Posts.xml`.

    >>> site_name(Path("dumps/physics.stackexchange.com/Posts.xml"))
    'physics.stackexchange.com'
    >>> site_name(Path("dumps/stackoverflow.com-Posts.7z"))
    'stackoverflow.com'
    """
    stem = re.sub(r"(?i)\.(?:7z|zip|xml|tar|tgz|tbz2|txz)$", "",
                  re.sub(r"(?i)\.(?:gz|bz2|xz|zst)$", "", path.name))  # fmt: skip
    return re.sub(r"(?i)[-_.]?posts$", "", stem) or path.parent.name or "posts"


def is_plain(path: Path) -> bool:
    """Whether the file is XML as it stands, so that its rows can be read again in any order."""
    with path.open("rb") as file:
        start = file.read(512)
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def open_dumps(path: Path) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The site and the bytes of each `Posts.xml` that a file is or holds.

    Raises `RecordUnreadable`, as the bytes do, where the file is damaged or holds none.
    """
    with path.open("rb") as file:
        kind = file.read(len(_SEVEN_ZIP))
    if kind == _SEVEN_ZIP:
        yield site_name(path), _seven_zip_chunks(path)
        return
    found = False
    for stream in open_streams(path, "posts.xml"):
        found = True
        member = stream.name.removeprefix(f"{path.name}/")
        inside = Path(path.stem, member) if member != stream.name else path
        yield site_name(inside), iter(partial(stream.file.read, _CHUNK_BYTES), b"")
    if not found:
        raise RecordUnreadable("no Posts.xml in the archive")


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


def _seven_zip_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of the `Posts.xml` in a 7z archive: py7zr pushes them, from a thread of its own."""
    try:
        import py7zr
    except ModuleNotFoundError:
        raise RecordUnreadable(
            "7z needs the package py7zr", "pip install py7zr, or give Posts.xml (.gz, .bz2)"
        ) from None
    handover = _Handover()

    def decompress() -> None:
        end: RecordUnreadable | None = None
        try:
            # An open file, not a path: py7zr would start threads of its own.
            with path.open("rb") as file, py7zr.SevenZipFile(file) as archive:
                _extract(archive, handover)
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


def _extract(archive: Any, handover: _Handover) -> None:
    others = set(archive.archiveinfo().method_names) - _METHODS
    if others:
        raise RecordUnreadable(
            "7z of another method", f"{', '.join(sorted(others))}; unpack it, or pack it with LZMA2"
        )
    members = [
        member.filename for member in archive.list() if _POSTS_MEMBER.search(member.filename)
    ]
    if len(members) != 1:
        raise RecordUnreadable("no Posts.xml in the archive", f"{len(members)} members of the name")
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
