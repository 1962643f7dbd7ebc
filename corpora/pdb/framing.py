"""One record a file of the Protein Data Bank: the text without the coordinates.

Coordinates are nine tenths of a file. In legacy files nothing of use comes after the first of them;
in mmCIF the rows of `_atom_site` are passed over as they are read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import Stream, open_streams, stem_of
from corpora.documents import ReadOptions, Record, RecordUnreadable

SUFFIXES: Final = (".pdb", ".ent", ".cif", ".mmcif", ".pdbx", ".pdb1")

#: Text beside the coordinates: the largest entries have a few megabytes.
_MOST_BYTES: Final = 1 << 25
_LONGEST_LINE: Final = 1 << 20
_COORDINATES: Final = (b"ATOM  ", b"HETATM", b"MODEL ")


def structure_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a file; its id is the file's name."""
    for stream in open_streams(path, *SUFFIXES):
        name = stem_of(stream.name).rpartition("/")[2]
        try:
            text = _without_coordinates(stream)
        except RecordUnreadable as error:
            yield Record(name, stream.name, error, 0)
            continue
        if text.strip():
            yield Record(name, stream.name, text, len(text))


def _without_coordinates(stream: Stream) -> bytes:
    lines: list[bytes] = []
    size = 0
    in_atoms = False
    while line := stream.file.readline(_LONGEST_LINE):
        if line.startswith(_COORDINATES):
            if not in_atoms and not any(kept.startswith(b"data_") for kept in lines):
                break
            continue
        if line.startswith((b"_atom_site.", b"_atom_site_anisotrop.")):
            in_atoms = True
        elif in_atoms and line.startswith((b"#", b"_", b"loop_", b"data_")):
            in_atoms = False
        elif in_atoms:
            continue
        size += len(line)
        if size > _MOST_BYTES:
            raise RecordUnreadable("too large", f"more than {_MOST_BYTES} bytes of text")
        lines.append(line)
    return b"".join(lines)
