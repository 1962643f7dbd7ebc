"""Compressed and packed files as streams: gzip, bzip2, xz, zstandard, and members of tar and zip.

What a file is, its first bytes say, whatever its name says. Nothing is unpacked to disk and no more
is held in memory than a decoder's window. A stream that breaks off, or that gives more than any
honest file holds (a decompression bomb), raises `RecordUnreadable` with the position it had come
to; what stands before that position has been given.

>>> import gzip, tempfile
>>> with tempfile.TemporaryDirectory() as folder:
...     path = Path(folder, "words.jsonl.gz")
...     _ = path.write_bytes(gzip.compress(b'{"text": "one"}\\n'))
...     [(stream.name, stream.file.read()) for stream in open_streams(path, ".jsonl")]
[('words.jsonl.gz', b'{"text": "one"}\\n')]
"""

import bz2
import contextlib
import io
import lzma
import posixpath
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, NamedTuple, Self, TypeVar, cast

import pyarrow as pa

from corpora.archive_bombs import BOMB, ArchiveBudget, overlapping_members
from corpora.documents import NOT_A_FILE, RecordUnreadable, find_files
from corpora.forward_files import ForwardFile
from corpora.gzip_members import GzipMembers

COMPRESSED_SUFFIXES: Final = (".gz", ".bz2", ".xz", ".zst")
ARCHIVE_SUFFIXES: Final = (
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".zip",
)  # fmt: skip

#: Above any real file: the pages of the English Wikipedia with their histories are 30 TB in
#: hundreds of files; the largest single file of a Stack Exchange dump is 0.1 TB.
MAX_BYTES: Final = 1 << 40
#: Dumps of XML and JSON shrink 4 to 30 times, the most repetitive tables some 100 times.
MAX_RATIO: Final = 300
#: What may come out before the ratio is looked at: a short file may be all blanks.
RATIO_FREE_BYTES: Final = 1 << 26
_BUFFER_BYTES: Final = 1 << 20
_READ_BYTES: Final = 1 << 16
#: A tar file is told by its first 512 bytes.
_MAGIC_BYTES: Final = 512
#: Compressed files in compressed files.
_MAX_LAYERS: Final = 3

_DAMAGE: Final = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError,
                  tarfile.TarError, zipfile.BadZipFile, NotImplementedError)  # fmt: skip


_Known = TypeVar("_Known")


@dataclass(frozen=True, slots=True)
class Stream:
    """One file's bytes. `name` is the file's name; in an archive, with the path inside it after a
    slash (`dump.zip/part/a.jsonl`). `file` is valid until the next stream is asked for. `inside` is
    the path inside an archive, `num_bytes` what the archive says of its size; None for a file that
    is no archive's member."""

    name: str
    file: BinaryIO
    inside: PurePosixPath | None = None
    num_bytes: int | None = None


class _Member(NamedTuple):
    """A member of an archive; with no path, the whole of a file that is no archive."""

    inside: PurePosixPath | None
    file: BinaryIO
    num_bytes: int | None = None


def stem_of(name: str) -> str:
    """A file's name without the suffixes of compression and the one before them.

    >>> stem_of("papers.jsonl.gz"), stem_of("dump.zip/a/b.json"), stem_of("v1.2.xml.zst")
    ('papers', 'dump.zip/a/b', 'v1.2')
    """
    lowered = name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        if lowered.endswith(suffix):
            name = name[: -len(suffix)]
            break
    head, dot, tail = name.rpartition(".")
    return head if dot and head and "/" not in tail and not head.endswith("/") else name


def blocks_of(file: BinaryIO, num_bytes: int) -> Iterator[bytes]:
    """What a file holds, in blocks of this size but for the last.

    Raises RecordUnreadable where the file is damaged, after what stands before that is given: a
    `read` of as many bytes would lose it.
    """
    read1: Callable[[int], bytes] = getattr(file, "read1", file.read)
    while True:
        pieces: list[bytes] = []
        wanted = num_bytes
        try:
            while wanted and (piece := read1(wanted)):
                pieces.append(piece)
                wanted -= len(piece)
        except RecordUnreadable:
            if pieces:
                yield b"".join(pieces)
            raise
        if not pieces:
            return
        yield b"".join(pieces)


def find_streamed(*suffixes: str) -> Callable[[Path], Iterable[Path]]:
    """A `Format.find` for files of these suffixes, plain or compressed, and for archives."""
    packed = tuple(suffix + layer for suffix in suffixes for layer in ("", *COMPRESSED_SUFFIXES))
    return find_files(*packed, *ARCHIVE_SUFFIXES)


def open_streams(path: Path, *suffixes: str) -> Iterator[Stream]:
    """The decompressed bytes of a file; of an archive, those of each member of these suffixes.

    The suffixes are without compression: `.jsonl` takes a member `a.jsonl.gz` too. Links and
    devices are left out. Reading a stream raises `RecordUnreadable` where it is damaged or a bomb;
    so does asking for the next, where the archive is, and where more of its members are bombs, or
    all of them together give more, than in any honest archive. A path that is no regular file is
    refused: opening a pipe could wait for ever.
    """
    if not path.is_file():
        raise RecordUnreadable(NOT_A_FILE, path.name)
    with path.open("rb") as raw:
        with _FaultsOf(path.name, lambda: raw.tell()):
            is_zip = raw.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
            raw.seek(0)
        num_bytes = path.stat().st_size
        budget = ArchiveBudget(path.name, num_bytes, RATIO_FREE_BYTES + MAX_RATIO * num_bytes)
        opened = _zip_members(raw, path.name, budget) if is_zip else _tar_or_file(raw, path.name)
        for inside, file, size in opened:
            if inside is None:
                yield Stream(path.name, file)
            elif _is_wanted(inside, suffixes):
                budget.check()
                name = f"{path.name}/{inside}"
                yield Stream(name, _decompressed(file, name, budget), inside, size)


def _is_wanted(name: PurePosixPath, suffixes: tuple[str, ...]) -> bool:
    lowered = name.name.lower()
    layer = next((suffix for suffix in COMPRESSED_SUFFIXES if lowered.endswith(suffix)), "")
    # Finder's copies of a file's attributes, `._a.xml`, and hidden files are no data.
    hidden = name.name.startswith(".") or "__MACOSX" in name.parts
    return lowered.removesuffix(layer).endswith(suffixes) and not hidden


def _tar_or_file(raw: BinaryIO, name: str) -> Iterator[_Member]:
    stream = _decompressed(raw, name)
    try:
        head = stream.peek(_MAGIC_BYTES)[:_MAGIC_BYTES]
    except RecordUnreadable as fault:
        yield _Member(None, cast(BinaryIO, _after(fault, stream, name)))
        return
    if len(head) < _MAGIC_BYTES or head[257:262] != b"ustar":
        yield _Member(None, cast(BinaryIO, stream))
        return
    with (
        _FaultsOf(name, stream.tell),
        # "r:" and not "r|": that mode reads a header of any size at once.
        tarfile.open(fileobj=cast(BinaryIO, ForwardFile(stream)), mode="r:") as tar,
    ):
        while (member := tar.next()) is not None:
            # Else every member of a long archive stays in memory.
            tar.members = []  # type: ignore[attr-defined]
            inside = inside_path(member.name)
            if member.isreg() and inside is not None and not member.issparse():
                file = tar.extractfile(member)
                assert file is not None
                yield _Member(inside, cast(BinaryIO, file), member.size)


def _zip_members(raw: BinaryIO, name: str, budget: ArchiveBudget) -> Iterator[_Member]:
    with _FaultsOf(name, raw.tell), zipfile.ZipFile(raw) as opened:
        overlapping = overlapping_members(opened.infolist())
        for number, member in enumerate(opened.infolist()):
            inside = inside_path(member.filename)
            if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16) or inside is None:
                continue
            # Opened when it is first read: a broken member costs only itself.
            opening = cast(Callable[[], BinaryIO], partial(opened.open, member))
            if number in overlapping:
                fault = RecordUnreadable(BOMB, f"{name}/{inside}: overlaps another member")
                opening = partial(_refuse, fault)
            consumed = partial(_itself, member.compress_size)
            guarded = _Guarded(opening, consumed, f"{name}/{inside}", budget=budget)
            yield _Member(inside, cast(BinaryIO, guarded), member.file_size)


def inside_path(name: str) -> PurePosixPath | None:
    """A member's path inside its archive, whose root no name leads out of; None for the root.

    Nothing is unpacked, so that such a name costs no record: `tar -P` writes absolute ones.

    >>> str(inside_path("/data/a.jsonl")), str(inside_path("b/../../c.jsonl")), inside_path("..")
    ('data/a.jsonl', 'c.jsonl', None)
    """
    path = posixpath.normpath(f"/./{name}").removeprefix("/")
    return PurePosixPath(path) if path else None


def _decompressed(
    file: BinaryIO, name: str, budget: ArchiveBudget | None = None
) -> io.BufferedReader:
    """A file without its layers of compression, as their first bytes tell them."""
    stream: io.BufferedReader = io.BufferedReader(
        _Guarded(lambda: file, file.tell, name, bounded=False), _BUFFER_BYTES
    )
    for _ in range(_MAX_LAYERS):
        try:
            opened = _decoder(stream)
        except RecordUnreadable as fault:
            # Told to who reads it, so that the next member of an archive can be asked for.
            return _refusing(fault, name)
        if opened is None:
            break
        inner = _Guarded(partial(_itself, opened), stream.tell, name, budget=budget)
        stream = io.BufferedReader(inner, _BUFFER_BYTES)
    return stream


def _itself(known: _Known) -> _Known:
    return known


def _refusing(fault: RecordUnreadable, name: str) -> io.BufferedReader:
    """A stream that raises `fault` whenever it is read."""
    return io.BufferedReader(_Guarded(partial(_refuse, fault), lambda: 0, name))


def _after(fault: RecordUnreadable, stream: io.BufferedReader, name: str) -> io.BufferedReader:
    """A stream that raises `fault` when it is first read."""
    guarded = _Guarded(partial(_itself, cast(BinaryIO, stream)), stream.tell, name, bounded=False)
    guarded.raise_first(fault)
    return io.BufferedReader(guarded)


def _refuse(fault: RecordUnreadable) -> BinaryIO:
    raise fault


def _decoder(stream: io.BufferedReader) -> BinaryIO | None:
    magic = stream.peek(8)[:8]
    if magic.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, GzipMembers(cast(BinaryIO, stream)))
    if magic.startswith(b"BZh") and magic[3:4].isdigit():
        return cast(BinaryIO, bz2.BZ2File(stream))
    if magic.startswith(b"\xfd7zXZ\x00"):
        return cast(BinaryIO, lzma.LZMAFile(stream))
    # A frame of data, or one to be skipped, which pzstd and seekable files begin with.
    if magic.startswith(b"\x28\xb5\x2f\xfd") or re.match(rb"[\x50-\x5f]\x2a\x4d\x18", magic):
        return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd"))
    return None


class _Guarded(io.RawIOBase):
    """A stream that counts what it gives, and says where and why it cannot go on.

    `consumed` is how many compressed bytes it came from.
    """

    def __init__(
        self,
        opening: Callable[[], BinaryIO],
        consumed: Callable[[], int],
        name: str,
        *,
        bounded: bool = True,
        budget: ArchiveBudget | None = None,
    ) -> None:
        self._opening = opening
        self._stream: BinaryIO | None = None
        self._consumed = consumed
        self._name = name
        self._bounded = bounded
        self._budget = budget
        self._bomb: RecordUnreadable | None = None
        self._later: Exception | None = None
        self._given = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The number of bytes given."""
        return self._given

    def raise_first(self, fault: Exception) -> None:
        """What the next read raises."""
        self._later = fault

    def readinto(self, buffer: Any) -> int:
        """The next bytes. Raises RecordUnreadable where the stream is damaged or a bomb."""
        if self._bomb is not None:
            # Who reads on is given no more of it.
            raise self._bomb
        try:
            return self._read(memoryview(buffer))
        except RecordUnreadable as fault:
            if fault.reason == BOMB:
                self._bomb = fault
                if self._budget is not None:
                    self._budget.refused(fault)
            raise

    def _read(self, view: memoryview) -> int:
        with _FaultsOf(self._name, lambda: self._given):
            if self._stream is None:
                self._stream = self._opening()
            if self._later is not None:
                later, self._later = self._later, None
                raise later
            data = self._some(self._stream, min(len(view), _READ_BYTES))
        view[: len(data)] = data
        self._given += len(data)
        if self._budget is not None:
            self._budget.give(len(data))
        if self._bounded and self._given > RATIO_FREE_BYTES:
            consumed = max(1, self._consumed())
            if self._given > min(MAX_BYTES, consumed * MAX_RATIO):
                raise RecordUnreadable(
                    BOMB, f"{self._name}: {consumed} compressed bytes hold more than {self._given}"
                )
        return len(data)

    def _some(self, stream: BinaryIO, size: int) -> bytes:
        """What the next read gives: asking for more would lose it where the stream is damaged.

        The first bytes must tell what the stream is, so that of them there are enough; where it is
        damaged in these, that is told by the read after them.
        """
        read1: Callable[[int], bytes] = getattr(stream, "read1", None) or stream.read
        data = read1(size)
        try:
            while not self._given and 0 < len(data) < min(size, _MAGIC_BYTES):
                more = read1(size - len(data))
                if not more:
                    break
                data += more
        except (*_DAMAGE, RecordUnreadable) as error:
            self._later = error
        return data


class _FaultsOf(contextlib.AbstractContextManager["_FaultsOf"]):
    """What a decoder raises, as `RecordUnreadable` with the position that was reached.

    A class, not a generator: an error thrown in by the caller of `open_streams` is no fault here.
    """

    def __init__(self, name: str, position: Callable[[], int]) -> None:
        self._name = name
        self._position = position

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _DAMAGE):
            raise RecordUnreadable(
                "damaged compressed stream",
                f"{self._name}: after {self._position()} bytes: {error or type(error).__name__}",
            ) from error
