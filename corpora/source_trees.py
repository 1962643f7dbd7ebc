"""The files of a repository, in a folder or an archive, as records: names and sizes, no parsing.

Links are never followed and nothing is unpacked to disk. What is left out on purpose but is a text
somebody wrote (vendored code, test data, data files) is a record with its reason, so that it is
counted; build products, binaries, hidden folders and installed packages are no records at all.
"""

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, cast

from corpora.documents import Record
from corpora.licences import Licence, find_licence, is_licence_file, licence_of
from corpora.programming_languages import is_readme, is_source
from tokenization.marked_text import clean

MAX_FILE_BYTES: Final = 1_000_000
#: Notebooks hold their figures; the text of one is much smaller than its file.
MAX_NOTEBOOK_BYTES: Final = 20_000_000
#: What may come out of one archive: far above any repository, far below what a bomb holds.
MAX_ARCHIVE_BYTES: Final = 2 * 1024**3
_MAX_SINGLE_READ: Final = 64 * 1024**2

NO_LICENCE: Final = "no licence"
NOT_SOURCE: Final = "not source code"
TOO_LARGE: Final = "too large"

ARCHIVE_SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
_VENDORED: Final = re.compile(
    r"node_modules|bower_components|_?vendor(?:ed)?|third[_-]?party|extern", re.IGNORECASE
)
_TEST_DATA: Final = re.compile(r"test[_-]?data|testfiles|fixtures", re.IGNORECASE)
_NOT_WALKED: Final = frozenset(("__pycache__", "site-packages", "dist-packages"))
_BINARY: Final = re.compile(
    r"\.(?:a|o|so|dylib|dll|exe|lib|py[cdo]|class|jar|wasm|whl|egg|gz|bz2|xz|zip|tar|tgz|7z|"
    r"png|jpe?g|gif|bmp|ico|icns|tiff?|webp|pdf|wav|mp[34]|au|aif[fc]?|ogg|avi|mov|ttf|otf|woff2?|"
    r"np[yz]|h5|hdf5|pkl|pickle|pck|mat|bin|dat|db|sqlite|parquet|feather|pth?|onnx)",
    re.IGNORECASE,
)
_ARCHIVE_ERRORS: Final = (
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
class SourceFile:
    """The payload of a record: a file of a repository, its bytes not yet looked at.

    `drop` is the reason where its path or size already says that it is left out; `fault` says why
    it cannot be read. `content` is where its bytes are, or the bytes themselves.
    """

    path: str
    licence: Licence | None
    content: Path | bytes = b""
    drop: str | None = None
    fault: str | None = None


def is_archive(path: Path) -> bool:
    """Whether a file's name says that it is an archive this module opens."""
    return path.name.lower().endswith(ARCHIVE_SUFFIXES)


def folder_records(root: Path) -> Iterator[Record]:
    """One record a file below a repository's root: READMEs, then files, then folders, by name."""
    licence = find_licence(root)
    repository = _printable(root.resolve().name)
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(folder.iterdir(), key=lambda e: (not is_readme(e.name), e.name))
        except OSError as error:
            name = _printable(folder.relative_to(root).as_posix())
            yield _record(repository, 0, SourceFile(name, licence, fault=str(error.strerror)))
            continue
        if folder != root and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        folders = []
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            path = PurePosixPath(entry.relative_to(root).as_posix())
            try:
                status = entry.stat()
            except OSError as error:
                source = SourceFile(_printable(str(path)), licence, fault=str(error.strerror))
                yield _record(repository, 0, source)
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry)
            elif stat.S_ISREG(status.st_mode) and _is_framed(path):
                yield _record(
                    repository,
                    status.st_size,
                    SourceFile(
                        _printable(str(path)), licence, entry, _drop(path, status.st_size, licence)
                    ),
                )
        pending.extend(f for f in reversed(folders) if f.name not in _NOT_WALKED)


def file_record(file: Path, root: Path) -> Record:
    """The record of one file of a repository."""
    pure = PurePosixPath(file.resolve().relative_to(root.resolve()).as_posix())
    size, licence = file.stat().st_size, find_licence(root)
    source = SourceFile(_printable(str(pure)), licence, file, _drop(pure, size, licence))
    return _record(_printable(root.resolve().name), size, source)


def archive_records(archive: Path) -> Iterator[Record]:
    """One record a file of an archive, README first, the others in the archive's order.

    The archive is gone through twice: the licence may lie at its end. An archive that cannot be
    read to its end gives one last record with the reason.
    """
    stem = archive.name
    for suffix in ARCHIVE_SUFFIXES:
        stem = stem[: -len(suffix)] if stem.lower().endswith(suffix) else stem
    repository, licence = _printable(stem), None
    seen: set[str] = set()
    try:
        tops: set[str] = set()
        with_top = True
        candidates: list[tuple[PurePosixPath, bytes]] = []
        for name, _, content in _members(archive):
            path = PurePosixPath(name)
            tops.add(path.parts[0])
            with_top &= len(path.parts) > 1
            without_top = PurePosixPath(*path.parts[1:])
            at_root = len(path.parts) <= 2 and is_readme(path.name)
            if at_root or is_licence_file(path) or is_licence_file(without_top):
                candidates.append((path, content(MAX_FILE_BYTES + 1)))
        top = tops.pop() if with_top and len(tops) == 1 else ""
        if top:
            repository = _printable(top)
        root = [(path.relative_to(top) if top else path, data) for path, data in candidates]
        licence = licence_of((str(p), data) for p, data in root if is_licence_file(p))
        for path, data in root:
            if is_readme(str(path)) and str(path) not in seen:
                seen.add(str(path))
                yield _archived(repository, path, len(data), licence, data)
        for name, size, content in _members(archive):
            path = PurePosixPath(name).relative_to(top) if top else PurePosixPath(name)
            hidden = any(part.startswith(".") or part in _NOT_WALKED for part in path.parts)
            if not hidden and _is_framed(path) and str(path) not in seen:
                seen.add(str(path))
                drop = _drop(path, size, licence)
                data = b"" if drop else content(_limit(path) + 1)
                yield _archived(repository, path, size, licence, data)
    except _ARCHIVE_ERRORS as error:
        fault = f"{archive.name}: {type(error).__name__}: {error}"
        yield _record(repository, 0, SourceFile(f"(after {len(seen)} files)", licence, fault=fault))


Content = Callable[[int], bytes]


def _archived(
    repository: str, path: PurePosixPath, size: int, licence: Licence | None, data: bytes
) -> Record:
    drop = _drop(path, size, licence)
    return _record(repository, size, SourceFile(_printable(str(path)), licence, data, drop))


def _members(archive: Path) -> Iterator[tuple[str, int, Content]]:
    """Name, size and content (its first so many bytes) of every regular file, in order."""
    if archive.name.lower().endswith(".zip"):
        yield from _zip_members(archive)
        return
    with _decompressed(archive) as stream:
        bounded = cast(BinaryIO, _Bounded(stream))
        with tarfile.open(fileobj=bounded, mode="r:") as tar:
            for member in tar:
                if member.isreg() and (inside := _inside(member.name)):
                    file = tar.extractfile(member)
                    assert file is not None
                    yield inside, member.size, file.read


def _decompressed(archive: Path) -> BinaryIO:
    name = archive.name.lower()
    if name.endswith((".gz", ".tgz")):
        return cast(BinaryIO, gzip.open(archive))
    if name.endswith((".bz2", ".tbz2")):
        return cast(BinaryIO, bz2.open(archive))
    return cast(BinaryIO, lzma.open(archive)) if name.endswith(".xz") else archive.open("rb")


def _zip_members(archive: Path) -> Iterator[tuple[str, int, Content]]:
    total = 0
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            inside = _inside(member.filename)
            if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16) or not inside:
                continue

            def content(limit: int, member: zipfile.ZipInfo = member) -> bytes:
                nonlocal total
                with opened.open(member) as file:
                    data = file.read(limit)
                total += len(data)
                if total > MAX_ARCHIVE_BYTES:
                    raise ValueError(f"holds more than {MAX_ARCHIVE_BYTES} bytes")
                return data

            yield inside, member.file_size, content


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


def _inside(name: str) -> str:
    """A member's path inside its archive; empty where it points out of it or names nothing."""
    path = PurePosixPath(name)
    return "" if path.is_absolute() or ".." in path.parts or not path.parts else str(path)


def _is_framed(path: PurePosixPath) -> bool:
    return not _BINARY.fullmatch(path.suffix)


def _limit(path: PurePosixPath) -> int:
    return MAX_NOTEBOOK_BYTES if path.suffix == ".ipynb" else MAX_FILE_BYTES


def _drop(path: PurePosixPath, size: int, licence: Licence | None) -> str | None:
    """Why a file is left out, as far as its path and size say."""
    if licence is None:
        return NO_LICENCE
    folders = [part.lower() for part in path.parts[:-1]]
    if any(map(_VENDORED.fullmatch, folders)):
        return "vendored"
    in_tests = any(
        folder in ("test", "tests") and "data" in folders[place + 1 :]
        for place, folder in enumerate(folders)
    )
    if in_tests or any(map(_TEST_DATA.fullmatch, folders)):
        return "test data"
    if not is_source(path.name):
        return NOT_SOURCE
    return TOO_LARGE if size > _limit(path) else None


def _printable(name: str) -> str:
    """A file name as one line of cleaned text; bytes that are no UTF-8 become escapes."""
    text = clean(name.encode("utf-8", "backslashreplace").decode())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _record(repository: str, num_bytes: int, source: SourceFile) -> Record:
    name = f"{repository}/{source.path}"
    return Record(record_id=name, position=name, payload=source, num_bytes=num_bytes)
