"""Where papers are: folders, .tex files, e-prints, folders full of e-prints, arXiv's bulk archives.

An e-print of arXiv is a tar file or a single file, compressed, and its name often has no suffix:
`0301001`, `hep-th9901001.gz`, `1706.03762v5`. What it is, its first bytes say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora.compressed_streams import (
    ARCHIVE_SUFFIXES,
    COMPRESSED_SUFFIXES,
    Stream,
    open_streams,
)
from corpora.documents import ReadOptions, RecordUnreadable
from corpora.latex.project import (
    ARXIV_ID,
    TEX_SUFFIXES,
    TOO_LARGE,
    are_papers,
    beside,
    is_tar,
    walk,
)
from corpora.latex.tokens import words

_PACKED: Final = tuple(sorted({*ARCHIVE_SUFFIXES, *COMPRESSED_SUFFIXES}, key=len, reverse=True))
#: Compressed files that are no paper: `figure.eps.gz`.
_OTHER: Final = re.compile(
    r"\.(?:e?ps|pdf|png|jpe?g|bib|bst|sty|cls|txt|md|csv|dat|xml|html?|json|log|dtx|mps|svg|fits|py)$"
)
_FOLDER_DEPTH: Final = 6
_MEMBER_BYTES: Final = 128 << 20
_GENERIC_NAMES: Final = frozenset(
    words("""
    main ms paper article manuscript document src source sources latex tex root template
""")
)
_COMPRESSED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04")
#: A member of arXiv's bulk archives: `0001/hep-th0001001.gz`.
_BULK_MEMBER: Final = re.compile(rf"(?:.*/)?(?:{ARXIV_ID.pattern})\.(?:gz|pdf)")


@dataclass(frozen=True, slots=True)
class Packed:
    """An e-print inside a bulk archive, decompressed."""

    name: str
    data: bytes


def find(path: Path) -> list[Path]:
    """The inputs under a path: a file, a paper's folder, or the papers of a folder of such."""
    return list(_find(path, _FOLDER_DEPTH))


def _find(path: Path, depth: int) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
    sources = [c for c in children if c.suffix.lower() in TEX_SUFFIXES and c.is_file()]
    if are_papers(source.name for source in sources):
        yield from sources
    elif sources:
        yield path
        return
    for child in children:
        if child.is_symlink():
            continue
        if child.is_dir():
            if depth:
                yield from _find(child, depth - 1)
        elif not child.is_file():
            # Opening a pipe waits for its other end, without end.
            continue
        elif child.name.lower().endswith(_PACKED):
            if not _OTHER.search(_unpacked_name(child.name.lower())):
                yield child
        elif _is_eprint(child):
            yield child


def _unpacked_name(name: str) -> str:
    return name[: -len(next(suffix for suffix in _PACKED if name.endswith(suffix)))]


def _is_eprint(file: Path) -> bool:
    """Whether a file without a suffix is compressed, packed, or TeX under an arXiv name."""
    named = ARXIV_ID.fullmatch(file.name) is not None
    if not named and "." in file.name:
        return False
    try:
        with file.open("rb") as stream:
            head = stream.read(4096)
    except OSError:
        return False
    return head.startswith(_COMPRESSED) or is_tar(head[:512]) or (named and b"\\" in head)


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The files that a .tex file by itself is read with: parts of it, styles, bibliographies."""
    if path.suffix.lower() not in TEX_SUFFIXES or not path.is_file():
        return []
    return [file for _, file in beside(path) if file != path]


def record_name(path: Path) -> str:
    """The record's id: the folder's or the file's name; with its folder where that is `main`."""
    name = path.name
    if path.is_file():
        for suffixes in (_PACKED, TEX_SUFFIXES):
            suffix = next((s for s in suffixes if name.lower().endswith(s)), "")
            name = name[: len(name) - len(suffix)] or name
    parent = path.resolve().parent.name
    if name.lower() in _GENERIC_NAMES and parent:
        return f"{parent}/{name}" if path.is_dir() else parent
    return name or path.resolve().name


def size_in_bytes(path: Path) -> int:
    """The bytes of an input: of the file, or of the text files of the folder."""
    if path.is_dir():
        return sum(file.stat().st_size for _, file in walk(path))
    return path.stat().st_size


def bulk_members(path: Path) -> Iterator[Packed | RecordUnreadable]:
    """The e-prints of an archive that holds nothing else, as arXiv gives them out in bulk.

    An e-print that is damaged is given as the error that it raised; nothing is given for any other
    file.
    """
    if not path.is_file() or not path.name.lower().endswith(ARCHIVE_SUFFIXES):
        return
    given = False
    try:
        for stream in open_streams(path, ""):
            inside = stream.name[len(path.name) + 1 :]
            if _BULK_MEMBER.fullmatch(inside) is not None:
                given = True
                yield _member(inside, stream)
            elif not given:
                return
    except RecordUnreadable as fault:
        # Of an archive that is no bulk, reading it tells the fault.
        if given:
            yield fault


def _member(inside: str, stream: Stream) -> Packed | RecordUnreadable:
    try:
        data = stream.file.read(_MEMBER_BYTES + 1)
    except RecordUnreadable as fault:
        return RecordUnreadable(fault.reason, f"{inside}: {fault.detail}")
    if len(data) > _MEMBER_BYTES:
        return RecordUnreadable(TOO_LARGE, f"{inside} has over {_MEMBER_BYTES} bytes")
    return Packed(re.sub(r"\.\w+$", "", inside.rsplit("/", 1)[-1]), data)
