"""Cut: one large file to pieces of raw records, so that every core reads it.

A file of Swiss-Prot or of PubChem is one stream, often compressed, that can only be followed from
its beginning. Framing it is cheap and parsing it is not: one task frames it and writes the records
into pieces, and each piece is then ingested by a task of its own. The records, their ids and their
positions are those that ingest would have seen.

A piece is a stream of pickles, zstd-compressed. It is ours, but it lies in a folder that may have
been copied from anywhere: reading one makes instances of the readers' own records and of nothing
else.
"""

import builtins
import io
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from corpora.catalogue import load_format
from corpora.documents import ReadOptions, Record
from pipelines.execution import Outcome
from pipelines.inputs import Input
from pipelines.reading import Refusal, frame_records
from tokenization.manifests import atomic_file

#: Records that are pickled together: what they share is written once.
_TOGETHER: Final = 64
#: Python 3.13 has paths in a module of its own.
_MODULES_OF_PATHS: Final = ("pathlib", "pathlib._local")
_BUILTINS: Final = frozenset({"bytearray", "complex", "frozenset", "range", "set", "slice"})


@dataclass(frozen=True, slots=True)
class CutArgument:
    """One input to pieces of about `piece_bytes` of raw records: `FOLDER/NAME-NNNNN.records`."""

    format: str
    input: Input
    options: ReadOptions
    piece_bytes: int
    folder: Path
    name: str


def piece_path(folder: Path, name: str, number: int) -> Path:
    """Where a piece lies."""
    return folder / f"{name}-{number:05d}.records"


def cut(argument: CutArgument) -> Outcome:
    """Write the pieces of an input. The fact `pieces` has the raw bytes of each."""
    reader = load_format(argument.format)
    argument.folder.mkdir(parents=True, exist_ok=True)
    outputs: list[Path] = []
    sizes: list[int] = []
    read = 0
    with argument.input.local(argument.folder / f"{argument.name}.fetched") as path:
        entries = frame_records(reader, path, argument.input.name, argument.options)
        while True:
            piece = piece_path(argument.folder, argument.name, len(outputs))
            count, size, is_last = _write_piece(piece, entries, argument.piece_bytes)
            read += count
            if count or not outputs:
                outputs.append(piece)
                sizes.append(size)
            else:
                piece.unlink()
            if is_last:
                break
    return Outcome(outputs=outputs, read=read, wrote=read, facts={"pieces": sizes})


def _write_piece(
    path: Path, entries: Iterator[Record | Refusal], piece_bytes: int
) -> tuple[int, int, bool]:
    """The number and raw bytes of the records written, and whether the entries are at an end."""
    count = size = 0
    is_last = False
    with (
        atomic_file(path) as temporary,
        pa.CompressedOutputStream(str(temporary), "zstd") as stream,
    ):
        while size < piece_bytes and not is_last:
            together: list[Record | Refusal] = []
            while len(together) < _TOGETHER and size < piece_bytes:
                entry = next(entries, None)
                if entry is None:
                    is_last = True
                    break
                together.append(entry)
                size += max(1, entry.num_bytes) if isinstance(entry, Record) else 1
            if together:
                stream.write(pickle.dumps(together, protocol=5))
                count += len(together)
    return count, size, is_last


def read_piece(path: Path) -> Iterator[Record | Refusal]:
    """The records of a piece, in order. Raises ValueError where it is not one."""
    with pa.CompressedInputStream(str(path), "zstd") as stream:
        unpickler_of = io.BufferedReader(stream, buffer_size=1 << 20)
        while unpickler_of.peek(1):
            try:
                together = _Unpickler(unpickler_of).load()
            except (pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
                raise ValueError(f"{path} is no piece of records: {error}") from error
            yield from together


class _Unpickler(pickle.Unpickler):
    """Makes instances of classes of `corpora`, of `Refusal` and of plain built-in types only."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "builtins" and name in _BUILTINS:
            return getattr(builtins, name)
        if module in _MODULES_OF_PATHS and name in ("PosixPath", "Path", "PurePosixPath"):
            return Path
        if module.split(".")[0] == "corpora" or (module, name) == (Refusal.__module__, "Refusal"):
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"a piece may not hold {module}.{name}")
