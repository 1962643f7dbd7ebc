"""The licence of a repository or package folder: where it lies, and which well-known text it is.

The matcher is small and honest: it knows the fixed phrases of common licences and says
`unrecognized` for every other text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

UNRECOGNIZED: Final = "unrecognized"

_READ_BYTES: Final = 400_000
_FILE_NAME: Final = re.compile(
    r"(?:(?:un)?licen[cs]es?|copying)(?:[-_.](?!.*third)[^/]*)?", re.IGNORECASE
)
_NOT_TEXT: Final = (".py", ".pyi", ".js", ".ts", ".go", ".rs", ".c", ".h", ".html", ".json", ".xml")
_WORD: Final = re.compile(r"[a-z0-9]+")

# SPDX identifier -> phrases that its text holds, in lower case without punctuation.
_PHRASES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Apache-2.0", ("apache license version 2 0",)),
    ("AGPL-3.0", ("gnu affero general public license version 3 19 november 2007",)),
    ("LGPL-3.0", ("gnu lesser general public license version 3 29 june 2007",)),
    ("LGPL-2.1", ("gnu lesser general public license version 2 1 february 1999",)),
    ("LGPL-2.0", ("gnu library general public license version 2 june 1991",)),
    ("GPL-3.0", ("gnu general public license version 3 29 june 2007",)),
    ("GPL-2.0", ("gnu general public license version 2 june 1991",)),
    ("GPL-2.0", ("gnu general public license gpl version 2 june 1991",)),
    ("MPL-2.0", ("mozilla public license version 2 0",)),
    ("PSF-2.0", ("python software foundation license version 2",)),
    (
        "MIT",
        (
            "permission is hereby granted free of charge to any person obtaining a copy of this "
            "software and associated documentation files",
            "the above copyright notice and this permission notice shall be included in all copies",
        ),
    ),
    (
        "ISC",
        (
            "distribute this software for any purpose with or without fee is hereby granted "
            "provided that the above copyright notice and this permission notice appear in all",
        ),
    ),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
)
_BSD: Final = "redistribution and use in source and binary forms with or without modification are"
_BSD_4: Final = "all advertising materials mentioning"
_BSD_3: Final = ("endorse or promote products",)


@dataclass(frozen=True, slots=True)
class Licence:
    """SPDX identifiers of the licence texts found (or `unrecognized`), and their files."""

    names: tuple[str, ...]
    files: tuple[str, ...]


def spdx_of(text: str) -> str:
    """The SPDX identifier of the first well-known licence in a text, or `unrecognized`.

    >>> spdx_of("This is free and unencumbered software released into the\\npublic domain.")
    'Unlicense'
    >>> spdx_of("All rights reserved.")
    'unrecognized'
    """
    words = " ".join(_WORD.findall(text.lower()))
    found: list[tuple[int, str]] = []
    for name, phrases in _PHRASES:
        places = [words.find(phrase) for phrase in phrases]
        if min(places) >= 0:
            found.append((places[0], name))
    bsd = words.find(_BSD)
    if bsd >= 0:
        clauses = words[bsd : bsd + 2500]
        if _BSD_4 in clauses:
            name = "BSD-4-Clause"
        elif any(phrase in clauses for phrase in _BSD_3):
            name = "BSD-3-Clause"
        else:
            name = "BSD-2-Clause"
        found.append((bsd, name))
    return min(found)[1] if found else UNRECOGNIZED


def is_licence_file(path: PurePosixPath) -> bool:
    """Whether a path inside a repository is where its own licence lies: the root, or `LICENSES/`.

    >>> [is_licence_file(PurePosixPath(p)) for p in ("COPYING.LESSER", "LICENSES/MIT.txt")]
    [True, True]
    >>> [is_licence_file(PurePosixPath(p)) for p in ("licences.py", "src/LICENSE", "LICENSE_3rd")]
    [False, False, True]
    """
    if path.suffix.lower() in _NOT_TEXT:
        return False
    if len(path.parts) == 2:
        return path.parts[0] in ("LICENSES", "LICENCES")
    return len(path.parts) == 1 and _FILE_NAME.fullmatch(path.name) is not None


def licence_of(files: Iterable[tuple[str, bytes]]) -> Licence | None:
    """The licence that the contents of licence files state; None where none says anything."""
    return merged(
        Licence((spdx_of(content[:_READ_BYTES].decode("utf-8", "replace")),), (name,))
        for name, content in files
        if content.strip()
    )


def merged(licences: Iterable[Licence]) -> Licence | None:
    """The licences of several files of one folder as one."""
    parts = list(licences)
    names = {name for part in parts for name in part.names}
    files = {file for part in parts for file in part.files}
    known = tuple(sorted(names - {UNRECOGNIZED})) or (UNRECOGNIZED,)
    return Licence(known, tuple(sorted(files))) if parts else None


def find_licence(folder: Path) -> Licence | None:
    """The licence of a folder: a file in its root, or where an installed package keeps it.

    An installed package has it in the `.dist-info` folder beside; Python's own library in or
    beside its folder, or where the Linux distribution documents it.
    """
    licence = licence_inside(folder, PurePosixPath())
    if licence is not None:
        return licence
    for path in _elsewhere(folder):
        licence = licence_of(_contents([(f"{path.parent.name}/{path.name}", path)]))
        if licence is not None:
            return licence
    return None


def licence_files(folder: Path) -> list[Path]:
    """The files that `find_licence` reads."""
    files = [path for _, path in _inside(folder)]
    if licence_inside(folder, PurePosixPath()) is None:
        files += _elsewhere(folder)
    return [path for path in files if path.is_file()]


def licence_inside(folder: Path, name: PurePosixPath) -> Licence | None:
    """The licence that lies in a folder itself; `name` is the folder's path in its repository."""
    return licence_of(_contents([(str(name / inner), path) for inner, path in _inside(folder)]))


def _inside(folder: Path) -> list[tuple[PurePosixPath, Path]]:
    """The licence files in a folder, with their paths from it on."""
    paths = [
        (PurePosixPath(path.relative_to(folder).as_posix()), path)
        for path in (*_entries(folder), *_entries(folder / "LICENSES"))
    ]
    return [(inner, path) for inner, path in paths if is_licence_file(inner)]


def _elsewhere(folder: Path) -> list[Path]:
    return _python_licences(folder) if _is_python_library(folder) else _beside(folder)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _contents(files: Iterable[tuple[str, Path]]) -> list[tuple[str, bytes]]:
    contents = []
    for name, path in files:
        try:
            if path.is_file():
                with path.open("rb") as file:
                    contents.append((name, file.read(_READ_BYTES)))
        except OSError:
            continue
    return contents


def _is_python_library(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("__future__.py", "abc.py", "os.py"))


def _python_licences(folder: Path) -> list[Path]:
    return [
        folder.parent / "LICENSE.txt",
        folder.parent / "LICENSE",
        Path("/usr/share/doc", folder.name, "copyright"),
        Path("/usr/share/doc", f"lib{folder.name}-stdlib", "copyright"),
        Path("/usr/share/licenses", f"{folder.name}-libs", "LICENSE"),
        Path("/usr/share/licenses/python3-libs/LICENSE"),
    ]


def _beside(folder: Path) -> list[Path]:
    """Licence files of the distribution that an installed package folder belongs to."""
    distributions = [path for path in _entries(folder.parent) if path.suffix == ".dist-info"]
    return [
        path
        for information in distributions
        if _installs(information, folder.name)
        for path in (*_entries(information), *_entries(information / "licenses"))
        if is_licence_file(PurePosixPath(path.name))
    ]


def _installs(information: Path, package: str) -> bool:
    """Whether the list of files of a distribution has files in a package of this name."""
    try:
        with (information / "RECORD").open(encoding="utf-8", errors="replace") as lines:
            return any(line.startswith(f"{package}/") for line in lines)
    except OSError:
        return False
