"""The files of a LaTeX paper: a folder, a .tex file, an arXiv tarball or a gzip, read in memory.

Nothing is written to disk; links and paths that leave the project are never followed; sizes are
bounded before they are read, so that neither a bomb nor a disk image can be swallowed.
"""

import gzip
import io
import re
import tarfile
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.latex.tokens import words
from tokenization.marked_text import clean

TEX_SUFFIXES: Final = (".tex", ".ltx", ".latex")
_KEPT_SUFFIXES: Final = (*TEX_SUFFIXES, ".bib", ".bbl", ".sty", ".cls", ".def", ".txt", ".inc")
_ARCHIVE_SUFFIXES: Final = (".tar", ".tar.gz", ".tgz", ".gz")
_FILE_LIMIT_BYTES: Final = 32 << 20
_PROJECT_LIMIT_BYTES: Final = 128 << 20
_MEMBER_LIMIT: Final = 20_000
_FOLDER_DEPTH: Final = 6
_GENERIC_NAMES: Final = frozenset(
    words("""
    main ms paper article manuscript document src source sources latex tex root template
""")
)

NOT_LATEX: Final = "not LaTeX"


@dataclass
class Project:
    """The text files of one paper by POSIX path, and the main one once it is known."""

    name: str
    files: Mapping[str, bytes]
    main: str = ""
    cleaned: Counter[str] = field(default_factory=Counter)

    def text(self, path: str) -> str:
        """The decoded text of a file of the project."""
        return decode(self.files[path], self.cleaned)

    def resolve(self, name: str, folder: str, suffixes: Iterable[str]) -> str | None:
        r"""The path that `\\input{name}` means in `folder`, or None: never outside the project."""
        name = name.strip().strip('"').replace("\\", "/")
        for base in dict.fromkeys((folder, str(PurePosixPath(self.main).parent), "")):
            path = _normal(f"{base}/{name}")
            if path is None:
                continue
            for suffix in suffixes:
                if path + suffix in self.files:
                    return path + suffix
        return None


def _normal(path: str) -> str | None:
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


def decode(data: bytes, cleaned: Counter[str] | None = None) -> str:
    r"""A source file as text: UTF-8, else the encoding it declares, else Windows-1252.

    Control characters are removed (the reader uses some of them as its own signs), and the text is
    cleaned of reserved characters.

    >>> decode("\\usepackage[latin1]{inputenc} caf\xe9".encode("latin-1"))[-4:]
    'café'
    """
    for bom, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(bom):
            text = data.decode(encoding, "replace").lstrip("\ufeff")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = _legacy(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufeff\u200b\u2028\u2029]", "", text)
    return unicodedata.normalize("NFC", clean(text, cleaned))


def _legacy(data: bytes) -> str:
    declared = re.search(rb"\\usepackage\s*\[([^\]]*)\]\s*\{inputenc\}", data[:20_000])
    names = {
        "latin1": "cp1252", "latin9": "iso8859-15", "latin2": "iso8859-2", "ansinew": "cp1252",
        "cp1252": "cp1252", "applemac": "mac-roman", "cp1250": "cp1250", "koi8-r": "koi8-r",
        "cp1251": "cp1251", "latin5": "iso8859-9", "utf8": "utf-8", "utf8x": "utf-8",
    }  # fmt: skip
    encoding = (
        names.get(declared.group(1).decode("ascii", "replace").strip(), "") if declared else ""
    )
    if encoding == "utf-8":
        # Declared UTF-8 with a few bad bytes: keep the rest rather than misread all of it.
        return data.decode("utf-8", "replace")
    if not encoding:
        as_utf8 = data.decode("utf-8", "replace")
        bad = as_utf8.count("\ufffd")
        good = sum(1 for character in as_utf8 if character > "\x7f") - bad
        return as_utf8 if good > 4 * bad else data.decode("cp1252", "replace")
    return data.decode(encoding, "replace")


def find(path: Path) -> Iterable[Path]:
    """The papers under a path: a file, a folder with .tex files in it, or a folder of such."""
    return list(_find(path, _FOLDER_DEPTH))


def _find(path: Path, depth: int) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    children = sorted(child for child in path.iterdir() if not child.name.startswith("."))
    if any(child.is_file() and child.suffix.lower() in TEX_SUFFIXES for child in children):
        yield path
    elif depth:
        for child in children:
            if child.is_dir() and not child.is_symlink():
                yield from _find(child, depth - 1)
            elif child.is_file() and child.name.lower().endswith(_ARCHIVE_SUFFIXES):
                yield child


def record_name(path: Path) -> str:
    """The record's id: the folder's or the file's name; with its folder where that is `main`."""
    name = path.name
    for suffix in (*sorted(_ARCHIVE_SUFFIXES, key=len, reverse=True), *TEX_SUFFIXES):
        if path.is_file() and name.lower().endswith(suffix) and len(name) > len(suffix):
            name = name[: -len(suffix)]
            break
    if name.lower() in _GENERIC_NAMES and path.resolve().parent.name:
        return (
            f"{path.resolve().parent.name}/{name}" if path.is_dir() else path.resolve().parent.name
        )
    return name or path.resolve().name


def size_in_bytes(path: Path) -> int:
    """The bytes of an input: of the file, or of the text files of the folder."""
    if path.is_dir():
        return sum(file.stat().st_size for _, file in _walk(path))
    return path.stat().st_size


def load(path: Path) -> Project:
    """The project of an input. Raises RecordUnreadable where it holds no LaTeX or is too large."""
    name = record_name(path)
    if path.is_dir():
        return Project(name, _folder(path))
    if path.suffix.lower() in TEX_SUFFIXES or not path.name.lower().endswith(_ARCHIVE_SUFFIXES):
        data = _bounded(path)
        if data[:2] != b"\x1f\x8b" and not _is_tar(data):
            files = dict(_folder(path.parent)) if path.suffix.lower() in TEX_SUFFIXES else {}
            files[path.name] = data
            return Project(name, files, main=path.name)
    else:
        data = _bounded(path)
    return Project(name, _archive(data, name))


def _bounded(path: Path) -> bytes:
    if path.stat().st_size > _PROJECT_LIMIT_BYTES:
        raise RecordUnreadable("too large", f"{path.name} has {path.stat().st_size} bytes")
    return path.read_bytes()


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
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
            elif child.is_file() and _is_kept(child.name):
                yield prefix + child.name, child


def _is_kept(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return base.lower().endswith(_KEPT_SUFFIXES) and not base.startswith((".", "._", "#"))


def _folder(root: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for name, file in _walk(root):
        size = file.stat().st_size
        total += size
        if size > _FILE_LIMIT_BYTES or total > _PROJECT_LIMIT_BYTES:
            continue
        files[name] = file.read_bytes()
    return dict(sorted(files.items()))


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar" or (len(data) >= 512 and not any(data[500:512]) and _sum(data))


def _sum(data: bytes) -> bool:
    """Whether the first block's checksum is that of an old tar header."""
    header = data[:512]
    try:
        said = int(header[148:156].strip(b" \x00") or b"-1", 8)
    except ValueError:
        return False
    return said == sum(header[:148]) + 32 * 8 + sum(header[156:])


def _archive(data: bytes, name: str) -> dict[str, bytes]:
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data)
    if not _is_tar(data):
        return {f"{name.rsplit('/', 1)[-1]}.tex": data}
    files: dict[str, bytes] = {}
    total = members = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                members += 1
                if members > _MEMBER_LIMIT:
                    raise RecordUnreadable("too large", f"over {_MEMBER_LIMIT} archive members")
                path = _normal(member.name.replace("\\", "/"))
                if not member.isreg() or path is None or member.name.startswith("/"):
                    continue
                if not _is_kept(path) or member.size > _FILE_LIMIT_BYTES:
                    continue
                total += member.size
                if total > _PROJECT_LIMIT_BYTES:
                    raise RecordUnreadable("too large", "archive members exceed the limit")
                opened = archive.extractfile(member)
                if opened is not None:
                    files[path] = opened.read()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        if not files:
            raise RecordUnreadable("broken archive", str(error)) from error
    return dict(sorted(files.items()))


def _gunzip(data: bytes) -> bytes:
    """The content of a gzip file, at most the project limit."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(_PROJECT_LIMIT_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordUnreadable("broken archive", str(error)) from error
    if len(content) > _PROJECT_LIMIT_BYTES:
        raise RecordUnreadable("too large", "gzip content exceeds the limit")
    return content


_INPUTS: Final = re.compile(
    rb"\\(?:input|include|subfile|import\s*\{[^{}]{0,300}\}|subimport\s*\{[^{}]{0,300}\})\s*\{?([^{}\s\\%]+)"
)
_SIDE_DOCUMENTS: Final = re.compile(
    r"supp|cover|rebut|response|reply|letter|template|sample|example|si[_-]|[_-]si\b|appendix_only|"
    r"diff|poster|slides|old|backup|copy|highlight",
    re.IGNORECASE,
)
_MAIN_NAMES: Final = ("main", "ms", "paper", "article", "manuscript")


def main_file(project: Project) -> str:
    """The main .tex of a project. Raises RecordUnreadable where no file looks like LaTeX.

    Among the files with a document class and a document: one no other includes, not a supplement,
    a letter or a template, named as papers are or as the folder is, or else the largest.
    """
    sources = {
        path: re.sub(rb"(?<!\\)%[^\n]*", b"", data)
        for path, data in project.files.items()
        if path.lower().endswith((*TEX_SUFFIXES, ".txt"))
    }
    tex = {
        path: data for path, data in sources.items() if path.lower().endswith(TEX_SUFFIXES)
    } or sources
    if not tex:
        raise RecordUnreadable(NOT_LATEX, "no .tex file")
    whole = [p for p, d in tex.items() if re.search(rb"\\document(?:class|style)", d)]
    candidates = [p for p in whole if b"\\begin{document}" in tex[p]] or whole or list(tex)
    included = {
        re.sub(r"\.(tex|ltx)$", "", match.decode("utf-8", "replace").rsplit("/", 1)[-1])
        for path, data in tex.items()
        for match in _INPUTS.findall(data)
        if path in candidates or not whole
    }

    def badness(path: str) -> tuple[int, int, int, int, int, str]:
        stem = PurePosixPath(path).stem.lower()
        name = project.name.lower()
        named = stem in _MAIN_NAMES or stem == name.rsplit("/", 1)[-1]
        prefixed = any(stem.startswith(main) for main in _MAIN_NAMES)
        size = sum(len(tex[p]) for p in _closure(path, tex))
        return (
            int(PurePosixPath(path).stem in included),
            int(bool(_SIDE_DOCUMENTS.search(stem)) and not named),
            path.count("/") if not named else 0,
            0 if named else 1 if prefixed else 2,
            -size,
            path,
        )

    return min(candidates, key=badness)


def _closure(path: str, tex: Mapping[str, bytes]) -> set[str]:
    """A file and the files it includes, to measure how much of a paper hangs on it."""
    by_stem = {PurePosixPath(p).stem: p for p in tex}
    seen, queue = {path}, [path]
    while queue:
        for match in _INPUTS.findall(tex[queue.pop()]):
            name = re.sub(r"\.(tex|ltx)$", "", match.decode("utf-8", "replace").rsplit("/", 1)[-1])
            target = by_stem.get(name)
            if target is not None and target not in seen:
                seen.add(target)
                queue.append(target)
    return seen
