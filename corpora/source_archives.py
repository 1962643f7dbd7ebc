"""The files of a zip or tar archive, streamed, with bounds that no hostile archive can pass.

Nothing is unpacked to disk, links and devices are left out, and so is a name that points out of
its archive.
"""

import bz2
import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from corpora.compressed_streams import inside_path

ARCHIVE_SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
#: What may come out of one archive: far above any repository, far below what a bomb holds.
MAX_ARCHIVE_BYTES: Final = 2 * 1024**3
_MAX_SINGLE_READ: Final = 64 * 1024**2

#: What opening or reading a broken archive raises.
ARCHIVE_ERRORS: Final = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file: `content(n)` gives its first n bytes, while the archive stands at this file."""

    path: PurePosixPath
    size: int
    content: Callable[[int], bytes]


def is_archive(path: Path) -> bool:
    """Whether a file's name says that it is an archive this module opens."""
    return path.name.lower().endswith(ARCHIVE_SUFFIXES)


def archive_stem(path: Path) -> str:
    """The name of an archive without its suffixes.

    >>> archive_stem(Path("downloads/tool-1.0.tar.gz"))
    'tool-1.0'
    """
    lowered = path.name.lower()
    suffix = next(suffix for suffix in ARCHIVE_SUFFIXES if lowered.endswith(suffix))
    return path.name[: -len(suffix)]


def archive_members(archive: Path) -> Iterator[Member]:
    """Every regular file of a zip or tar archive, in order; raises one of `ARCHIVE_ERRORS`."""
    if archive.name.lower().endswith(".zip"):
        yield from _zip_members(archive)
        return
    with _decompressed(archive) as stream:
        bounded = cast(BinaryIO, _Bounded(stream))
        with tarfile.open(fileobj=bounded, mode="r:") as tar:
            for member in tar:
                inside = inside_path(member.name)
                if member.isreg() and inside is not None:
                    file = tar.extractfile(member)
                    assert file is not None
                    yield Member(inside, member.size, file.read)


def _decompressed(archive: Path) -> BinaryIO:
    name = archive.name.lower()
    if name.endswith((".gz", ".tgz")):
        return cast(BinaryIO, gzip.open(archive))
    if name.endswith((".bz2", ".tbz2")):
        return cast(BinaryIO, bz2.open(archive))
    return cast(BinaryIO, lzma.open(archive)) if name.endswith(".xz") else archive.open("rb")


def _zip_members(archive: Path) -> Iterator[Member]:
    total = 0
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            inside = inside_path(member.filename)
            if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16) or inside is None:
                continue

            def content(limit: int, member: zipfile.ZipInfo = member) -> bytes:
                nonlocal total
                with opened.open(member) as file:
                    data = file.read(limit)
                total += len(data)
                if total > MAX_ARCHIVE_BYTES:
                    raise ValueError(f"holds more than {MAX_ARCHIVE_BYTES} bytes")
                return data

            yield Member(inside, member.file_size, content)


class _Bounded:
    """A decompressing stream for tarfile that gives no more than a repository can need."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.tell = stream.tell

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes. Raises ValueError where a bomb asks for more than is sound."""
        if not 0 <= size <= _MAX_SINGLE_READ or self.tell() + size > MAX_ARCHIVE_BYTES:
            raise ValueError(f"asks for more than {MAX_ARCHIVE_BYTES} bytes, or many at once")
        return self._stream.read(size)

    def seek(self, position: int, whence: int = 0) -> int:
        """To a position, by reading where the stream is compressed."""
        if whence != 0 or position > MAX_ARCHIVE_BYTES:
            raise ValueError(f"holds more than {MAX_ARCHIVE_BYTES} bytes")
        return self._stream.seek(position)
