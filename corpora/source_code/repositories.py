"""The files of a repository's folder as records: names and sizes, no parsing.

Links are never followed. What is left out on purpose but is a text somebody wrote (vendored code,
test data, data files) is a record with its reason, so that it is counted; build products, binaries,
hidden folders and installed packages are no records at all.
"""

import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from corpora.documents import Record
from corpora.source_code.files import (
    NOT_WALKED,
    SourceFile,
    is_framed,
    path_drop,
    printable,
    source_record,
)
from corpora.source_code.licences import find_licence, licence_inside
from corpora.source_code.programming_languages import is_readme


def folder_records(root: Path) -> Iterator[Record]:
    """One record a file below a repository's root: READMEs, then files, then folders, by name.

    A file has the licence nearest above it.
    """
    repository = printable(root.resolve().name)
    pending = [(root, find_licence(root))]
    while pending:
        folder, licence = pending.pop()
        try:
            entries = sorted(folder.iterdir(), key=lambda e: (not is_readme(e.name), e.name))
        except OSError as error:
            name = printable(folder.relative_to(root).as_posix())
            yield source_record(repository, 0, SourceFile(name, licence, fault=str(error.strerror)))
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
                source = SourceFile(printable(str(path)), licence, fault=str(error.strerror))
                yield source_record(repository, 0, source)
                continue
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry)
            elif stat.S_ISREG(status.st_mode) and is_framed(path):
                size = status.st_size
                drop = path_drop(path, size, licence)
                source = SourceFile(printable(str(path)), licence, entry, drop)
                yield source_record(repository, size, source)
        for inner in reversed(folders):
            if inner.name not in NOT_WALKED:
                name = printable(inner.relative_to(root).as_posix())
                pending.append((inner, licence_inside(inner, PurePosixPath(name)) or licence))


def file_record(file: Path, root: Path) -> Record:
    """The record of one file of a repository."""
    pure = PurePosixPath(file.resolve().relative_to(root.resolve()).as_posix())
    size, licence = file.stat().st_size, find_licence(root)
    source = SourceFile(printable(str(pure)), licence, file, path_drop(pure, size, licence))
    return source_record(printable(root.resolve().name), size, source)
