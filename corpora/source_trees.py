"""The files of a repository, in a folder or an archive, as records: names and sizes, no parsing.

Links are never followed and nothing is unpacked to disk. What is left out on purpose but is a text
somebody wrote (vendored code, test data, data files) is a record with its reason, so that it is
counted; build products, binaries, hidden folders and installed packages are no records at all.
"""

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from corpora.documents import Record
from corpora.licences import (
    Licence,
    find_licence,
    is_licence_file,
    licence_inside,
    licence_of,
    merged,
)
from corpora.programming_languages import is_readme, is_source
from corpora.source_archives import ARCHIVE_ERRORS, archive_members, archive_stem
from tokenization.marked_text import clean

MAX_FILE_BYTES: Final = 1_000_000
#: Notebooks hold their figures; the text of one is much smaller than its file.
MAX_NOTEBOOK_BYTES: Final = 20_000_000

NO_LICENCE: Final = "no licence"
NOT_SOURCE: Final = "not source code"
TOO_LARGE: Final = "too large"

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


def folder_records(root: Path) -> Iterator[Record]:
    """One record a file below a repository's root: READMEs, then files, then folders, by name.

    A file has the licence nearest above it.
    """
    repository = _printable(root.resolve().name)
    pending = [(root, find_licence(root))]
    while pending:
        folder, licence = pending.pop()
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
        for inner in reversed(folders):
            if inner.name not in _NOT_WALKED:
                name = _printable(inner.relative_to(root).as_posix())
                pending.append((inner, licence_inside(inner, PurePosixPath(name)) or licence))


def file_record(file: Path, root: Path) -> Record:
    """The record of one file of a repository."""
    pure = PurePosixPath(file.resolve().relative_to(root.resolve()).as_posix())
    size, licence = file.stat().st_size, find_licence(root)
    source = SourceFile(_printable(str(pure)), licence, file, _drop(pure, size, licence))
    return _record(_printable(root.resolve().name), size, source)


def archive_records(archive: Path) -> Iterator[Record]:
    """One record a file of an archive, README first, the others in the archive's order.

    The archive is gone through twice: a licence may lie at its end. An archive that cannot be
    read to its end gives one last record with the reason.
    """
    repository = _printable(archive_stem(archive))
    seen: set[PurePosixPath] = set()
    try:
        overview = _overview(archive)
        top = overview.top
        repository = _printable(top) or repository
        for path, data in overview.readmes:
            seen.add(path)
            yield _archived(repository, path, len(data), overview.licence(path), data)
        for member in archive_members(archive):
            path = member.path.relative_to(top) if top else member.path
            hidden = any(part.startswith(".") or part in _NOT_WALKED for part in path.parts)
            if hidden or not _is_framed(path) or path in seen:
                continue
            seen.add(path)
            licence = overview.licence(path)
            dropped = _drop(path, member.size, licence) is not None
            data = b"" if dropped else member.content(_limit(path) + 1)
            yield _archived(repository, path, member.size, licence, data)
    except ARCHIVE_ERRORS as error:
        fault = f"{archive.name}: {type(error).__name__}: {error}"
        yield _record(repository, 0, SourceFile(f"(after {len(seen)} files)", None, fault=fault))


@dataclass(frozen=True, slots=True)
class _Overview:
    """What the first pass over an archive finds; paths are those below its one top folder."""

    top: str
    readmes: list[tuple[PurePosixPath, bytes]]
    licences: dict[PurePosixPath, Licence]

    def licence(self, path: PurePosixPath) -> Licence | None:
        """The licence nearest above a file."""
        return next((self.licences[p] for p in path.parents if p in self.licences), None)


def _overview(archive: Path) -> _Overview:
    tops: set[str] = set()
    readmes: dict[PurePosixPath, bytes] = {}
    licences: list[tuple[PurePosixPath, Licence]] = []
    for member in archive_members(archive):
        path = member.path
        tops.add(path.parts[0] if len(path.parts) > 1 else "")
        if len(path.parts) <= 2 and is_readme(path.name):
            readmes[path] = member.content(MAX_FILE_BYTES + 1)
        folder = path.parent.parent if path.parent.name == "LICENSES" else path.parent
        if is_licence_file(path.relative_to(folder)):
            licence = licence_of([(str(path), member.content(MAX_FILE_BYTES))])
            if licence is not None:
                licences.append((folder, licence))
    top = tops.pop() if len(tops) == 1 else ""
    by_folder: dict[PurePosixPath, list[Licence]] = {}
    for folder, licence in licences:
        files = tuple(str(PurePosixPath(file).relative_to(top)) for file in licence.files)
        by_folder.setdefault(folder.relative_to(top), []).append(Licence(licence.names, files))
    return _Overview(
        top,
        [
            (path.relative_to(top), data)
            for path, data in sorted(readmes.items())
            if len(path.relative_to(top).parts) == 1
        ],
        {folder: found for folder, parts in by_folder.items() if (found := merged(parts))},
    )


def _archived(
    repository: str, path: PurePosixPath, size: int, licence: Licence | None, data: bytes
) -> Record:
    drop = _drop(path, size, licence)
    return _record(repository, size, SourceFile(_printable(str(path)), licence, data, drop))


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
