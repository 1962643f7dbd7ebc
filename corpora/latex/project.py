"""The files of a LaTeX paper in memory: from a folder, a .tex file or an e-print in any container.

Nothing is written to disk; links and paths that leave the project are never followed; sizes are
bounded before they are read, so that neither a bomb nor a disk image can be swallowed.
"""

import io
import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from corpora.compressed_streams import open_streams
from corpora.documents import NOT_A_FILE, RecordUnreadable
from corpora.latex.dialects.overlays import is_slides, without_overlays
from corpora.latex.source_encoding import declared_encoding, decode, without_wide_characters

#: `0301001`, `hep-th9901001`, `math.AG_0301001`, `1706.03762v5`.
ARXIV_ID: Final = re.compile(
    r"(?:[a-z-]+(?:\.[A-Z]{2})?[_-]?)?\d{7}(?:v\d+)?|\d{4}\.\d{4,5}(?:v\d+)?"
)
TEX_SUFFIXES: Final = (".tex", ".ltx", ".latex")
_KEPT_SUFFIXES: Final = (*TEX_SUFFIXES, ".bib", ".bbl", ".sty", ".cls", ".def", ".txt", ".inc")
_DIRECTIVES: Final = ("00readme.xxx", "00readme.json", "00readme.yaml", "00readme.yml", "00readme")
_FILE_LIMIT_BYTES: Final = 32 << 20
_UNNAMED_LIMIT_BYTES: Final = 4 << 20
_PROJECT_LIMIT_BYTES: Final = 128 << 20
_MEMBER_LIMIT: Final = 20_000
_FOLDER_DEPTH: Final = 6

NOT_LATEX: Final = "not LaTeX"
BROKEN_ARCHIVE: Final = "broken archive"
TOO_LARGE: Final = "too large"
#: A file without a suffix is TeX where it says so early.
_LOOKS_LIKE_TEX: Final = re.compile(
    rb"\\(?:documentstyle|documentclass|begin\s*\{document\}|magnification|bye\b|input\s|def\\)"
)
_OTHER_KINDS: Final = (
    (b"%PDF", "a PDF"), (b"%!PS", "PostScript"), (b"<!DOCTYPE", "HTML"), (b"<html", "HTML"),
    (b"<HTML", "HTML"), (b"\x89PNG", "a picture"), (b"{\\rtf", "RTF"),
)  # fmt: skip


@dataclass
class Project:
    """The text files of one paper by POSIX path, and the main one once it is known.

    `unnamed` are files without a suffix that are TeX all the same; `refusal` says what a source
    that is no TeX is instead.
    """

    name: str
    files: Mapping[str, bytes]
    main: str = ""
    cleaned: Counter[str] = field(default_factory=Counter)
    unnamed: frozenset[str] = frozenset()
    refusal: str = ""

    @cached_property
    def declared(self) -> str | None:
        """The encoding that the main file declares, for the files it includes."""
        return declared_encoding(self.files[self.main]) if self.main in self.files else None

    @property
    def slides(self) -> bool:
        """Whether the main file is of slides."""
        return self.main in self.files and is_slides(self.files[self.main])

    def text(self, path: str) -> str:
        """The decoded text of a file of the project."""
        text = decode(self.files[path], self.cleaned, self.declared)
        return without_overlays(text) if self.slides and path.endswith(TEX_SUFFIXES) else text

    def resolve(self, name: str, folder: str, suffixes: Iterable[str]) -> str | None:
        r"""The path that `\\input{name}` means in `folder`, or None: never outside the project."""
        name = name.strip().strip('"').replace("\\", "/")
        for base in dict.fromkeys((folder, str(PurePosixPath(self.main).parent), "")):
            path = normal_path(f"{base}/{name}")
            if path is None:
                continue
            for suffix in suffixes:
                if path + suffix in self.files:
                    return path + suffix
        return None


def normal_path(path: str) -> str | None:
    """A relative POSIX path without `.` and `..`; None where it would leave the project."""
    parts: list[str] = []
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def load(path: Path, name: str) -> Project:
    """The project of a folder or a file. Raises RecordUnreadable where it is damaged."""
    if path.is_dir():
        return _project(name, _contents(walk(path)))
    if not path.is_file():
        raise RecordUnreadable(NOT_A_FILE, path.name)
    if path.suffix.lower() in TEX_SUFFIXES:
        with path.open("rb") as file:
            data = _bounded(file, path.name, _PROJECT_LIMIT_BYTES)
        if data[:2] != b"\x1f\x8b" and not is_tar(data):
            project = _project(name, {**_contents(beside(path)), path.name: data})
            project.main = path.name
            return project
    files: dict[str, bytes] = {}
    total = 0
    for number, stream in enumerate(open_streams(path, "")):
        inside = stream.name[len(path.name) + 1 :]
        if number >= _MEMBER_LIMIT:
            raise RecordUnreadable(TOO_LARGE, f"over {_MEMBER_LIMIT} archive members")
        if not inside:
            return load_bytes(name, _bounded(stream.file, path.name, _PROJECT_LIMIT_BYTES))
        if is_kept(inside):
            data = _bounded(stream.file, stream.name, _FILE_LIMIT_BYTES)
            total += len(data)
            if total > _PROJECT_LIMIT_BYTES:
                raise RecordUnreadable(TOO_LARGE, "archive members exceed the limit")
            files[inside] = data
    return _project(name, files)


def load_bytes(name: str, data: bytes) -> Project:
    """The project of an e-print's decompressed bytes: a tar file, or a paper of one file."""
    if is_tar(data):
        return _project(name, _tar(data))
    for magic, kind in _OTHER_KINDS:
        if data[:200].lstrip().startswith(magic):
            return Project(name, {}, refusal=kind)
    return _project(name, {f"{name.rsplit('/', 1)[-1]}.tex": data})


def _project(name: str, files: Mapping[str, bytes]) -> Project:
    texts = {path: without_wide_characters(data) for path, data in sorted(files.items())}
    unnamed = [path for path in texts if not path.lower().endswith(_KEPT_SUFFIXES)]
    tex = [path for path in unnamed if _LOOKS_LIKE_TEX.search(texts[path][:20_000])]
    for path in unnamed:
        if path not in tex and not path.lower().endswith(_DIRECTIVES):
            del texts[path]
    return Project(name, texts, unnamed=frozenset(tex))


def _bounded(stream: BinaryIO, name: str, limit: int) -> bytes:
    """All of a stream. Raises RecordUnreadable past the limit, and where the stream is damaged."""
    try:
        data = stream.read(limit + 1)
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise RecordUnreadable(BROKEN_ARCHIVE, f"{name}: {error}") from error
    if len(data) > limit:
        raise RecordUnreadable(TOO_LARGE, f"{name} has over {limit} bytes")
    return data


def walk(root: Path) -> Iterator[tuple[str, Path]]:
    """The kept files under a folder, without links, hidden files or backups, in order."""
    stack, seen = [(root, "")], 0
    while stack:
        folder, prefix = stack.pop()
        try:
            children = sorted(folder.iterdir(), reverse=True)
        except OSError:
            continue
        for child in children:
            seen += 1
            if seen > _MEMBER_LIMIT:
                return
            if child.name.startswith(".") or child.is_symlink():
                continue
            if child.is_dir():
                if prefix.count("/") < _FOLDER_DEPTH:
                    stack.append((child, f"{prefix}{child.name}/"))
            elif child.is_file() and is_kept(child.name):
                yield prefix + child.name, child


def is_kept(name: str) -> bool:
    """Whether a file can be a part of a paper's source: no picture, no backup, no hidden file."""
    base = name.rsplit("/", 1)[-1]
    if base.startswith((".", "#")) or base.endswith("~") or "__MACOSX/" in name:
        return False
    lowered = base.lower()
    return lowered.endswith((*_KEPT_SUFFIXES, *_DIRECTIVES)) or "." not in base


def are_papers(names: Iterable[str]) -> bool:
    """Whether the .tex files of a folder are papers of one file each: arXiv's numbers name them."""
    stems = [name.rpartition(".")[0] for name in names if name.lower().endswith(TEX_SUFFIXES)]
    return len(stems) > 1 and all(map(ARXIV_ID.fullmatch, stems))


def beside(file: Path) -> Iterator[tuple[str, Path]]:
    """The files that a .tex file may include, as `walk` gives them: those of its folder, or those
    of its own name alone where it is one of several papers."""
    if not _holds_papers(file.parent, file.parent.stat().st_mtime_ns):
        yield from walk(file.parent)
        return
    for suffix in _KEPT_SUFFIXES:
        own = file.with_suffix(suffix)
        if own.is_file() and not own.is_symlink():
            yield own.name, own


@lru_cache(maxsize=8)
def _holds_papers(folder: Path, _changed: int) -> bool:
    return are_papers(name for name in os.listdir(folder) if not name.startswith("."))


def _contents(listed: Iterable[tuple[str, Path]]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for name, file in listed:
        size = file.stat().st_size
        if "." not in file.name and (size > _UNNAMED_LIMIT_BYTES or not _starts_as_tex(file)):
            continue
        total += size
        if size > _FILE_LIMIT_BYTES or total > _PROJECT_LIMIT_BYTES:
            continue
        files[name] = file.read_bytes()
    return files


def _starts_as_tex(file: Path) -> bool:
    with file.open("rb") as stream:
        return _LOOKS_LIKE_TEX.search(stream.read(20_000)) is not None


def is_tar(data: bytes) -> bool:
    """Whether bytes are a tar file, of today or of before 1988, which only its checksum tells."""
    return data[257:262] == b"ustar" or (len(data) >= 512 and not any(data[500:512]) and _sum(data))


def _sum(data: bytes) -> bool:
    """Whether the first block's checksum is that of an old tar header."""
    header = data[:512]
    try:
        said = int(header[148:156].strip(b" \x00") or b"-1", 8)
    except ValueError:
        return False
    return said == sum(header[:148]) + 32 * 8 + sum(header[156:])


def _tar(data: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = members = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                members += 1
                if members > _MEMBER_LIMIT:
                    raise RecordUnreadable(TOO_LARGE, f"over {_MEMBER_LIMIT} archive members")
                path = normal_path(member.name.replace("\\", "/"))
                if not member.isreg() or path is None or member.name.startswith("/"):
                    continue
                if not is_kept(path) or member.size > _FILE_LIMIT_BYTES:
                    continue
                total += member.size
                if total > _PROJECT_LIMIT_BYTES:
                    raise RecordUnreadable(TOO_LARGE, "archive members exceed the limit")
                opened = archive.extractfile(member)
                if opened is not None:
                    files[path] = opened.read()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise RecordUnreadable(BROKEN_ARCHIVE, str(error)) from error
    return files
