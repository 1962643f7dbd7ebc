"""The files of a packed repository or package as records, streamed and bounded.

An archive is gone through twice: its licence and README may lie at its end. What streams it
(`corpora.compressed_streams`) leaves out links, devices and names that point out of it, and stops
what is a bomb.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from corpora import compressed_streams
from corpora.compressed_streams import Stream, open_streams
from corpora.documents import Record, RecordUnreadable
from corpora.source_code.files import (
    MAX_FILE_BYTES,
    NOT_WALKED,
    SourceFile,
    is_framed,
    path_drop,
    printable,
    size_limit,
    source_record,
)
from corpora.source_code.licences import Licence, is_licence_file, licence_of, merged
from corpora.source_code.programming_languages import is_readme

#: Any archive, and the packages of Python and Rust, which are zip and tar.gz files.
ARCHIVE_SUFFIXES: Final = (*compressed_streams.ARCHIVE_SUFFIXES, ".whl", ".crate")
#: Where a wheel keeps what describes its package, the licences of the whole among it (PEP 639).
_WHEEL_DESCRIPTION: Final = ".dist-info"


def is_archive(path: Path) -> bool:
    """Whether a file's name says that it is an archive."""
    return path.name.lower().endswith(ARCHIVE_SUFFIXES)


def archive_stem(path: Path) -> str:
    """The name of an archive without its suffixes; of a wheel, package and version.

    >>> archive_stem(Path("downloads/tool-1.0.tar.gz")), archive_stem(Path("a-2-py3-none-any.whl"))
    ('tool-1.0', 'a-2')
    """
    lowered = path.name.lower()
    suffix = max((s for s in ARCHIVE_SUFFIXES if lowered.endswith(s)), key=len)
    stem = path.name[: -len(suffix)]
    return "-".join(stem.split("-")[:2]) if suffix == ".whl" else stem


def archive_records(archive: Path) -> Iterator[Record]:
    """One record a file of an archive, README first, the others in the archive's order.

    An archive that cannot be read to its end gives one last record with the reason.
    """
    repository = printable(archive_stem(archive))
    seen: set[PurePosixPath] = set()
    try:
        overview = _overview(archive)
        top = overview.top
        repository = printable(top) or repository
        for path, data in overview.readmes:
            seen.add(path)
            yield _record(repository, path, len(data), overview.licence(path), data)
        for stream, inside in _members(archive):
            path = inside.relative_to(top) if top else inside
            if not is_framed(path) or path in seen or any(p in NOT_WALKED for p in path.parts):
                continue
            if any(part.startswith(".") for part in path.parts):
                continue
            seen.add(path)
            licence = overview.licence(path)
            size = stream.num_bytes or 0
            try:
                dropped = path_drop(path, size, licence) is not None
                data = b"" if dropped else stream.file.read(size_limit(path) + 1)
            except RecordUnreadable as error:
                source = SourceFile(printable(str(path)), licence, fault=str(error))
                yield source_record(repository, size, source)
                continue
            yield _record(repository, path, max(size, len(data)), licence, data)
    except RecordUnreadable as error:
        fault = str(error) if archive.name in str(error) else f"{archive.name}: {error}"
        left = SourceFile(f"(after {len(seen)} files)", None, fault=fault)
        yield source_record(repository, 0, left)


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
    for stream, path in _members(archive):
        tops.add(path.parts[0] if len(path.parts) > 1 else "")
        if len(path.parts) <= 2 and is_readme(path.name):
            readmes[path] = _read(stream)
        holder, folder = _licence_holder(path)
        if is_licence_file(path.relative_to(holder)):
            licence = licence_of([(str(path), _read(stream))])
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


def _licence_holder(path: PurePosixPath) -> tuple[PurePosixPath, PurePosixPath]:
    """The folder that a licence file may stand in, and the one whose files it licenses."""
    folder = path.parent.parent if path.parent.name == "LICENSES" else path.parent
    description = path.parent.parent if path.parent.name == "licenses" else path.parent
    if description.name.endswith(_WHEEL_DESCRIPTION):
        return path.parent, description.parent
    return folder, folder


def _members(archive: Path) -> Iterator[tuple[Stream, PurePosixPath]]:
    for stream in open_streams(archive, ""):
        if stream.inside is None:
            stream.file.read(1)
            raise RecordUnreadable("not an archive", archive.name)
        yield stream, stream.inside


def _read(stream: Stream) -> bytes:
    """A README or a licence; nothing of one that cannot be read, which the second pass reports."""
    try:
        return stream.file.read(MAX_FILE_BYTES + 1)
    except RecordUnreadable:
        return b""


def _record(
    repository: str, path: PurePosixPath, size: int, licence: Licence | None, data: bytes
) -> Record:
    source = SourceFile(printable(str(path)), licence, data, path_drop(path, size, licence))
    return source_record(repository, size, source)
