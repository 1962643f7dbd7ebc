"""Cutting files of compounds into records, whatever form they are in, in bounded memory."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import Stream, find_streamed, open_streams
from corpora.delimited_records import rows_of
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.pubchem.cid_tables import SMILES_FILE, cid_rows, find_cid_tables
from corpora.pubchem.columns import PubChemOptions, columns_of, row_of_cells
from corpora.pubchem.pug_json import PugObject, pug_cid, pug_pieces
from corpora.pubchem.sdf import sdf_identifier, sdf_title
from corpora.pubchem.smiles_lines import SMILES_SUFFIXES, smiles_rows
from corpora.terminated_records import cut_stream
from tokenization.marked_text import clean

_SDF: Final = (".sdf", ".sd", ".mol", ".mdl")
_JSON: Final = (".json", ".jsonl", ".ndjson")
_TABLES: Final = (".csv", ".tsv")
SUFFIXES: Final = (*_SDF, *_JSON, *_TABLES, *SMILES_SUFFIXES)
_SUFFIX: Final = re.compile(r"(\.[a-z]+?)(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
#: Some 50 megabytes. PubChem's own files have 500,000 compounds each.
_MAX_REMEMBERED: Final = 500_000
_MAX_ID: Final = 80

_find_files: Final = find_streamed(*SUFFIXES)


def find(path: Path) -> Iterable[Path]:
    """The files of a folder with compounds: by their suffixes, and `CID-SMILES`."""
    found = list(_find_files(path))
    return sorted([*found, *find_cid_tables(path)]) if path.is_dir() else found


def compound_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a compound; its id is the CID or another database's identifier, else its title.

    Where two records of a file have one id, the later gets `#` and its number. What has neither is
    known by its file and number.
    """
    own = options.own(PubChemOptions)
    names = _Names()
    streams = open_streams(path, *SUFFIXES)
    while True:
        try:
            stream = next(streams, None)
        except RecordUnreadable as fault:
            yield Record(f"{path.name}:end", path.name, fault, 0)
            return
        if stream is None:
            return
        for identifier, record in _records_of(stream, path, own):
            name = " ".join(clean(identifier or stream.name).split())[:_MAX_ID]
            if identifier is None or not names.is_new(name):
                name += f"#{record.record_id}"
            yield Record(name, record.position, record.payload, record.num_bytes)


class _Names:
    """Which names of a file's records were there before, in bounded memory.

    Files ordered by CID need none: a CID above all others is new. Of a file of other names the
    first `_MAX_REMEMBERED` are remembered; after these none is known to be new.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._highest = -1

    def is_new(self, name: str) -> bool:
        """Whether no record before had the name, which one has from now on."""
        number = int(name[3:]) if name.startswith("CID") and name[3:].isdecimal() else -1
        fingerprint = hash(name)
        is_full = len(self._seen) >= _MAX_REMEMBERED
        is_new = number > self._highest or not (is_full or fingerprint in self._seen)
        self._highest = max(self._highest, number)
        if not is_full:
            self._seen.add(fingerprint)
        return is_new


def _records_of(
    stream: Stream, path: Path, own: PubChemOptions
) -> Iterator[tuple[str | None, Record]]:
    """Each record with the identifier it has; its `record_id` is its number in the stream."""
    suffix = _SUFFIX.search(stream.name)
    kind = suffix[1].lower() if suffix else ""
    if SMILES_FILE.match(path.name):
        return cid_rows(stream, path)
    if kind in _JSON:
        return _json_records(stream)
    if kind in _TABLES:
        return _table_records(stream, own)
    if kind in SMILES_SUFFIXES:
        return smiles_rows(stream)
    return _sdf_records(stream)


def _sdf_records(stream: Stream) -> Iterator[tuple[str | None, Record]]:
    for raw in cut_stream(stream, b"$$$$"):
        position = f"{stream.name}: record {raw.number}"
        yield (
            sdf_identifier(raw) or sdf_title(raw),
            Record(str(raw.number), position, raw, raw.num_bytes),
        )


def _json_records(stream: Stream) -> Iterator[tuple[str | None, Record]]:
    for piece in pug_pieces(stream):
        cid = pug_cid(piece.data)
        payload = piece.fault or PugObject(piece.data)
        record = Record(str(piece.number), piece.position, payload, piece.num_bytes)
        yield f"CID{cid}" if cid else None, record


def _table_records(stream: Stream, own: PubChemOptions) -> Iterator[tuple[str | None, Record]]:
    columns: dict[str, tuple[str, ...]] | None = None
    for row in rows_of(stream):
        position = f"{stream.name}: line {row.line}"
        if row.fault is not None:
            yield None, Record(str(row.line), position, row.fault, row.num_bytes)
            continue
        if columns is None:
            columns = columns_of(tuple(row.cells), own)
        found = row_of_cells(row.cells, columns)
        cid = found.fields.get("PUBCHEM_COMPOUND_CID", "")
        identifier = f"CID{cid}" if cid.isdecimal() else None
        if own.id is not None:
            identifier = clean(row.cells.get(own.id, "")).strip() or None
        yield identifier, Record(str(row.line), position, found, row.num_bytes)
