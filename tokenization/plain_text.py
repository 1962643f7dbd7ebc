"""Plain text to train a tokenizer on: the blocks between blank lines, cleaned, in bounded memory.

A block, not a file, is the document that `tokenization.training.in_sample` takes or leaves, by its
own content: how text is cut into files, what these are named and in which order they come changes
nothing, and of one long file 2 % is still sampled. No merge is lost at the seams, since every
newline is a piece of its own.
"""

import io
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import pyarrow.parquet as pq

from tokenization.marked_text import clean
from tokenization.markers import BUILT_IN, MarkerTable, reveal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: What a folder is searched for; a file that is named itself may have any name.
TEXT_SUFFIXES: Final = (".txt", ".text", ".md", ".markdown", ".rst", ".tex", ".jsonl", ".parquet")
#: A block of more characters than this is cut, at a line's end where there is one.
BLOCK_CHARACTERS: Final = 1 << 20

INVALID_REPLACED: Final = "bytes that are no UTF-8, or lone surrogates, replaced"
LINES_WITHOUT_TEXT: Final = "JSON lines without text left out"
ROWS_WITHOUT_TEXT: Final = "rows without text left out"

#: How much of a file is looked at to tell text from other data.
_HEAD_BYTES: Final = 8192
_BUFFER_BYTES: Final = 1 << 20
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def find_text_files(written: Iterable[str], column: str) -> list[Path]:
    """The files that paths, folders and glob patterns name, each once, sorted.

    A folder stands for its files of `TEXT_SUFFIXES`, at any depth, hidden ones left out. Raises
    FileNotFoundError for what names no file, and ValueError for a file that is no text or, as
    Parquet, has no text column of this name: before anything is read, not an hour later.
    """
    found: dict[Path, Path] = {}
    for name in written:
        path = Path(name).expanduser()
        roots = [path] if path.exists() else [Path(match) for match in glob(name, recursive=True)]
        files = [file for root in roots for file in _files_under(root)]
        if not files:
            raise FileNotFoundError(
                f"no text file at {name}: expected a file, a glob pattern, or a folder of "
                f"{', '.join(TEXT_SUFFIXES)} files"
            )
        found |= {file.resolve(): file for file in files}
    files = [found[path] for path in sorted(found)]
    for file in files:
        _refuse_other_data(file, column)
    return files


def _files_under(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = Path(folder, name)
            if name.endswith(TEXT_SUFFIXES) and not name.startswith(".") and file.is_file():
                yield file


def _refuse_other_data(path: Path, column: str) -> None:
    if path.suffix == ".parquet":
        schema = _parquet(path).schema_arrow
        if column not in schema.names or str(schema.field(column).type) not in (
            "string",
            "large_string",
        ):
            raise ValueError(
                f"{path}: no column of text named {column!r}; its columns: "
                f"{', '.join(schema.names)}"
            )
        return
    with path.open("rb") as stream:
        if b"\0" in stream.read(_HEAD_BYTES):
            raise ValueError(
                f"{path}: holds NUL bytes, so it is no plain text in UTF-8 (a text in UTF-16 must "
                "be converted first)"
            )


def _parquet(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except ValueError as error:  # pyarrow's own errors are ValueErrors
        raise ValueError(f"{path}: not a Parquet file: {error}") from error


def read_blocks(
    path: Path, column: str, counts: Counter[str], advanced: Callable[[int], None]
) -> Iterator[str]:
    """The blocks of one file, cleaned (`tokenization.clean`), in order.

    `.jsonl` is read as one JSON object a line and `.parquet` by rows, of each its text in `column`;
    every other file is UTF-8 text, where a byte that is none becomes U+FFFD. What was replaced,
    removed or left out is added to `counts`; `advanced` is called with the bytes of the file read.
    """
    if path.suffix in _ROWS:
        rows = _ROWS[path.suffix](path, column, counts, advanced)
        streams: Iterator[TextIO] = (io.StringIO(text, newline=None) for text in rows)
    else:
        streams = _whole_file(path, advanced)
    for stream in streams:
        for block in blocks(stream):
            yield clean(_valid(block, counts), counts)


def read_texts(
    path: Path,
    column: str,
    counts: Counter[str],
    advanced: Callable[[int], None],
    table: MarkerTable = BUILT_IN,
) -> Iterator[str]:
    """The texts of one file whole and not cleaned, markers in bracket spelling, to compare on.

    A text file is one text; the rows of a run's documents are revealed with the markers of `table`.
    Otherwise as `read_blocks`.
    """
    if path.suffix not in _ROWS:
        data = path.read_bytes()
        advanced(len(data))
        yield _valid(data.decode("utf-8-sig", "surrogateescape"), counts)
        return
    marked = is_of_a_run(path)
    for text in _ROWS[path.suffix](path, column, counts, advanced):
        yield reveal(text, table) if marked else _valid(text, counts)


def is_of_a_run(path: Path) -> bool:
    """Whether a file is a Parquet file of the documents of a run, in marked text."""
    return path.suffix == ".parquet" and {"doc_id", "split", "text"} <= set(
        _parquet(path).schema_arrow.names
    )


def _valid(text: str, counts: Counter[str]) -> str:
    """Text without the surrogates that stand for undecodable bytes, or that JSON escapes spell."""
    text, invalid = _SURROGATE.subn("\ufffd", text)
    if invalid:
        counts[INVALID_REPLACED] += invalid
    return text


def blocks(stream: TextIO) -> Iterator[str]:
    r"""The stretches between blank lines, without their last newline.

    >>> list(blocks(io.StringIO("a\nb\n \n\n  c\n", newline=None)))
    ['a\nb', '  c']
    """
    lines: list[str] = []
    size = 0
    while line := stream.readline(BLOCK_CHARACTERS):
        blank = not line.strip()
        if not blank:
            lines.append(line)
            size += len(line)
        if lines and (blank or size >= BLOCK_CHARACTERS):
            yield "".join(lines).removesuffix("\n")
            lines, size = [], 0
    if lines:
        yield "".join(lines).removesuffix("\n")


def _whole_file(path: Path, advanced: Callable[[int], None]) -> Iterator[TextIO]:
    with path.open("rb", buffering=0) as raw:
        counted = io.BufferedReader(_Counted(raw, advanced), _BUFFER_BYTES)
        yield io.TextIOWrapper(counted, encoding="utf-8-sig", errors="surrogateescape")


class _Counted(io.RawIOBase):
    """A binary stream that says how much of it was read."""

    def __init__(self, raw: io.FileIO, advanced: Callable[[int], None]) -> None:
        self._raw = raw
        self._advanced = advanced

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        size = self._raw.readinto(buffer)
        self._advanced(size)
        return size


def _json_texts(
    path: Path, column: str, counts: Counter[str], advanced: Callable[[int], None]
) -> Iterator[str]:
    with path.open("rb") as raw:
        for line in raw:
            advanced(len(line))
            if not line.strip():
                continue
            try:
                content = json.loads(line.decode("utf-8-sig", "surrogateescape"))
            except (ValueError, RecursionError):
                content = None
            text = content.get(column) if isinstance(content, dict) else None
            if isinstance(text, str):
                yield text
            else:
                counts[LINES_WITHOUT_TEXT] += 1


def _parquet_texts(
    path: Path, column: str, counts: Counter[str], advanced: Callable[[int], None]
) -> Iterator[str]:
    with _parquet(path) as file:
        bytes_a_row = path.stat().st_size / max(1, file.metadata.num_rows)
        for batch in file.iter_batches(batch_size=256, columns=[column]):
            advanced(int(batch.num_rows * bytes_a_row))
            for text in batch.column(0).to_pylist():
                if text is None:
                    counts[ROWS_WITHOUT_TEXT] += 1
                else:
                    yield text


#: How files of many texts are read, by their suffix.
_ROWS: Final = {".jsonl": _json_texts, ".parquet": _parquet_texts}
