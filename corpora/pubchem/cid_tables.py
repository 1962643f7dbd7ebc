"""PubChem's FTP folder `Compound/Extras`: `CID-SMILES` with the names that lie beside it.

Tables without column names, a line a compound, ordered by CID: `CID-SMILES` (CID, isomeric SMILES),
`CID-IUPAC` (the preferred name), `CID-Title`, `CID-Synonym-filtered` (several lines a compound, the
best names first). They are read side by side, so that none of them is ever held in memory.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import COMPRESSED_SUFFIXES, Stream, open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.pubchem.columns import Row
from corpora.terminated_records import RawRecord, lines_of

SMILES_FILE: Final = re.compile(r"CID-SMILES(?:\.(?:tsv|txt))?(?:\.(?:gz|bz2|xz|zst))?$")
_BESIDE: Final = {
    "CID-IUPAC": "PUBCHEM_IUPAC_NAME",
    "CID-Title": "TITLE",
    "CID-Synonym-filtered": "PUBCHEM_COMPOUND_SYNONYM",
}
#: A compound has thousands of synonyms; a document takes ten.
_MAX_SYNONYMS: Final = 50
_MAX_DIGITS: Final = 12


def find_cid_tables(folder: Path) -> Iterable[Path]:
    """The files `CID-SMILES` of a folder."""
    return (path for path in folder.rglob("CID-SMILES*") if SMILES_FILE.match(path.name))


def cid_rows(stream: Stream, path: Path) -> Iterator[tuple[str | None, Record]]:
    """One record a line of `CID-SMILES`, with its names from the files beside it.

    A file of names that breaks off, or is not ordered by CID, leaves the later compounds without
    them, and is a record with that fault.
    """
    beside = {
        item: _Names(file)
        for name, item in _BESIDE.items()
        if (file := _file_beside(path, name)) is not None
    }
    for line in lines_of(stream):
        number, size = str(line.number), line.num_bytes
        position = f"{stream.name}: line {number}"
        try:
            cid, structure = _parted(line)
        except RecordUnreadable as fault:
            yield None, Record(number, position, fault, size)
            continue
        fields = {"PUBCHEM_COMPOUND_CID": str(cid), "SMILES": structure}
        for item, names in beside.items():
            if found := names.of(cid):
                fields[item] = "\n".join(found)
        yield f"CID{cid}", Record(number, position, Row(fields), size)
    for names in beside.values():
        if names.fault is not None:
            yield None, Record(names.file.name, names.file.name, names.fault, 0)


class _Names:
    """The names of compounds in a file ordered by CID, asked for in that order."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.fault: RecordUnreadable | None = None
        self._rows = self._read()
        self._next = next(self._rows, None)

    def of(self, cid: int) -> list[str]:
        """The names of one compound; those of CIDs before it are passed over."""
        names: list[str] = []
        while self._next is not None and self._next[0] <= cid:
            if self._next[0] == cid and len(names) < _MAX_SYNONYMS:
                names.append(self._next[1])
            self._next = next(self._rows, None)
        return names

    def _read(self) -> Iterator[tuple[int, str]]:
        try:
            for stream in open_streams(self.file):
                last = 0
                for line in lines_of(stream):
                    cid, name = _parted(line)
                    if cid < last:
                        detail = f"{stream.name}: line {line.number}: {cid} after {last}"
                        raise RecordUnreadable("not ordered by CID", detail)
                    last = cid
                    yield cid, name
        except RecordUnreadable as fault:
            self.fault = fault


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The tables of names and other things beside a table of structures."""
    if not SMILES_FILE.match(path.name):
        return []
    return [file for name in _BESIDE if (file := _file_beside(path, name)) is not None]


def _file_beside(path: Path, name: str) -> Path | None:
    """The file of a name in the same folder, whatever its compression."""
    found = (path.with_name(name + suffix) for suffix in ("", *COMPRESSED_SUFFIXES))
    return next((file for file in found if file.is_file()), None)


def _parted(line: RawRecord) -> tuple[int, str]:
    """The CID and what follows it. Raises RecordUnreadable for a line that has no CID."""
    if line.fault is not None:
        raise RecordUnreadable(*line.fault)
    cid, _, rest = line.data.partition(b"\t")
    if not cid.strip().isdigit() or len(cid) > _MAX_DIGITS:
        raise RecordUnreadable("no CID", "the line does not begin with a number and a tab")
    return int(cid), rest.decode("utf-8", "replace").strip()
