"""Reader of the compound tables in the PyPI package `chemicals` (PubChem compounds with names).

A row: CID (-1 where there is none), CAS number, formula, molecular weight, SMILES, InChI without
its prefix, InChIKey, IUPAC name, common name, then synonyms, separated by tabs. Boiling and melting
points (CRC Handbook) and critical constants (IUPAC's recommended values for organic compounds;
Mathews 1972 for inorganic ones) come from the tables of the same package, where they lie beside.
"""

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from corpora import molecules
from corpora.chemical_names import with_capitals
from corpora.compounds import Compound, compound_text, distinct_synonyms
from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.terminated_records import RawRecord, cut_lines

IDENTIFIER_TABLES: Final = (
    "chemical identifiers pubchem large.tsv",
    "chemical identifiers pubchem small.tsv",
    "chemical identifiers example user db.tsv",
    "Anion db.tsv",
    "Cation db.tsv",
    "Inorganic db.tsv",
)
_FIXED_COLUMNS: Final = 9

# Table of the package -> its columns, each with the row it gives. Earlier tables go before later.
_ORGANIC_CRITICAL: Final = "Critical Properties/IUPACOrganicCriticalProps.tsv"
_MEASURED_TABLES: Final = {
    "Misc/Physical Constants of Organic Compounds.csv": ("Tm", "Tb"),
    "Misc/Physical Constants of Inorganic Compounds.csv": ("Tm", "Tb"),
    _ORGANIC_CRITICAL: ("Tc", "Pc"),
    "Critical Properties/Mathews1972InorganicCriticalProps.tsv": ("Tc", "Pc"),
}
_MEASURED_ROWS: Final = {
    "Tm": "Melting Point",
    "Tb": "Normal Boiling Point",
    "Tc": "Critical Temperature",
    "Pc": "Critical Pressure",
}


@dataclass(frozen=True, slots=True)
class _Row:
    line: RawRecord
    measured: Mapping[str, str]


def find(path: Path) -> Iterable[Path]:
    """The identifier tables of the package's folder; a file is taken as it is.

    Raises FileNotFoundError where the folder holds none: it is not that of `chemicals`.
    """
    if not path.is_dir():
        return [path]
    folder = path / "Identifiers" if (path / "Identifiers").is_dir() else path
    tables = [folder / name for name in IDENTIFIER_TABLES if (folder / name).is_file()]
    if not tables:
        raise FileNotFoundError(
            f"{path}: no {IDENTIFIER_TABLES[0]!r} here or in its folder 'Identifiers'; give the "
            "folder of the installed package (`package:chemicals` in a recipe; pip install "
            "chemicals)"
        )
    return tables


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a row; its id is `CID7`, or `CAS 100-59-4` for a compound without a CID."""
    measured = _measured_properties(_measured_tables(path))
    for raw in cut_lines(path):
        number, registry = (
            column.decode("ascii", "replace").strip()
            for column in [*raw.data.split(b"\t", 2), b""][:2]
        )
        if number.isdecimal():
            identifier = f"CID{number}"
        else:
            identifier = f"CAS {registry}" if registry else f"{path.name}#{raw.number}"
        yield Record(
            identifier[:80],
            f"{path.name}: line {raw.number}",
            _Row(raw, measured.get(registry, {})),
            raw.num_bytes,
        )


def read(record: Record, options: ReadOptions) -> Document:
    """One row as a document of `corpora.compounds`.

    Raises RecordUnreadable for a row with too few columns, a structure RDKit refuses, or a formula
    that is not that of the structure.
    """
    row = cast(_Row, record.payload)
    cleaned: Counter[str] = Counter()
    columns = [column.strip() for column in row.line.text(cleaned).split("\t")]
    if len(columns) < _FIXED_COLUMNS:
        raise RecordUnreadable("too few columns", f"{len(columns)} of {_FIXED_COLUMNS}")
    cid, cas, written, _, smiles, inchi, inchikey, iupac_name, common_name = columns[:9]
    if not smiles:
        raise RecordUnreadable("no structure", "the SMILES column is empty")
    molecule = molecules.from_smiles(smiles)
    of_structure = molecules.formula(molecule)
    counts = molecules.element_counts(written)
    if counts is None or counts != molecules.element_counts(of_structure):
        raise RecordUnreadable(
            "formula disagrees with structure", f"{written} written, {of_structure} by RDKit"
        )
    # The tables have all names in small letters.
    iupac_name = with_capitals(iupac_name)
    synonyms = (with_capitals(name, is_systematic=False) for name in columns[8:])
    name = iupac_name or common_name or of_structure
    text, metadata = compound_text(
        Compound(
            molecule,
            name=name,
            measured=row.measured,
            synonyms=distinct_synonyms(synonyms, name),
        )
    )
    metadata |= {
        "cid": cid if cid.isdecimal() else None,
        "cas": cas or None,
        "inchi": f"InChI=1S/{inchi}" if inchi else None,
        "inchikey": inchikey or None,
    }
    return Document(record.record_id, text, metadata, cleaned=cleaned)


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The tables of measured properties of the package that an identifier table is of."""
    return list(_measured_tables(path).values())


def _measured_tables(path: Path) -> dict[str, Path]:
    package = path.resolve().parent.parent
    return {name: file for name in _MEASURED_TABLES if (file := package / name).is_file()}


def _measured_properties(tables: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """CAS number -> rows of measured properties, from the tables that are there.

    Raises RecordUnreadable for one that is no such table.
    """
    properties: dict[str, dict[str, str]] = {}
    for table, path in tables.items():
        columns = _MEASURED_TABLES[table]
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            rows = csv.DictReader(stream, delimiter="\t")
            if "CAS" not in (rows.fieldnames or ()):
                raise RecordUnreadable("no column CAS", f"in {table}")
            try:
                for row in rows:
                    for column in columns:
                        shown = _with_unit(column, row.get(column) or "")
                        if shown:
                            known = properties.setdefault(row["CAS"] or "", {})
                            known.setdefault(_MEASURED_ROWS[column], shown)
            except csv.Error as error:
                raise RecordUnreadable("broken table", f"{table}: {error}") from None
    return properties


def _with_unit(column: str, value: str) -> str | None:
    """A temperature in kelvins as written; a pressure, in pascals there, in megapascals."""
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return f"{number / 1e6:.6g} MPa" if column == "Pc" else f"{value} K"


FORMAT: Final = Format(
    name="chemicals",
    summary="compounds of the PyPI package chemicals",
    find=find,
    records=records,
    read=read,
    beside=files_beside,
)
