"""One file of a repository before it is read: what its path and size say, and its record."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from corpora.documents import Record
from corpora.source_code.licences import Licence
from corpora.source_code.programming_languages import is_source
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
NOT_WALKED: Final = frozenset(("__pycache__", "site-packages", "dist-packages"))
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


def is_framed(path: PurePosixPath) -> bool:
    """Whether a file is a record at all: build products and binaries are none."""
    return not _BINARY.fullmatch(path.suffix)


def size_limit(path: PurePosixPath) -> int:
    """The most bytes that a file of this name may have."""
    return MAX_NOTEBOOK_BYTES if path.suffix == ".ipynb" else MAX_FILE_BYTES


def path_drop(path: PurePosixPath, size: int, licence: Licence | None) -> str | None:
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
    return TOO_LARGE if size > size_limit(path) else None


def printable(name: str) -> str:
    """A file name as one line of cleaned text; bytes that are no UTF-8 become escapes."""
    text = clean(name.encode("utf-8", "backslashreplace").decode())
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def source_record(repository: str, num_bytes: int, source: SourceFile) -> Record:
    """The record of a file; its id is the repository and the path inside it."""
    name = f"{repository}/{source.path}"
    return Record(record_id=name, position=name, payload=source, num_bytes=num_bytes)
