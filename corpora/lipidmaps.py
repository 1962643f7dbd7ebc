"""Reader of the LIPID MAPS Structure Database (LMSD): its SDF, and tables with the same columns.

Format: https://www.lipidmaps.org/databases/lmsd/download; the data items LM_ID, NAME (COMMON_NAME
until 2020), SYSTEMATIC_NAME, CATEGORY, MAIN_CLASS, SUB_CLASS, CLASS_LEVEL4, ABBREVIATION, SYNONYMS,
FORMULA, EXACT_MASS, SMILES and the identifiers of other databases.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpora import molecules
from corpora.compounds import COMPUTED_PROPERTIES, Compound, compound_text, distinct_synonyms
from corpora.compressed_streams import Stream, find_streamed, open_streams
from corpora.delimited_records import rows_of
from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.english_lists import listed
from corpora.pubchem.sdf import split_record
from corpora.terminated_records import RawRecord, cut_stream
from tokenization.marked_text import clean

_SDF: Final = (".sdf", ".sd")
_TABLES: Final = (".csv", ".tsv")
_TABLE: Final = re.compile(r"\.[ct]sv(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_LM_ID: Final = re.compile(r"LM[A-Z]{2}[A-Z0-9]{4,12}")
_LM_ID_ITEM: Final = re.compile(
    rb"^>.*?<LM_ID>[^\n]*\n[ \t]*(LM[A-Z]{2}[A-Z0-9]{4,12})", re.M | re.I
)
#: `Fatty Acyls [FA]`
_CODED: Final = re.compile(r"(.+?) ?\[([A-Z]{2}[0-9A-Z]{0,10})\]")
_LEVELS: Final = (
    ("CATEGORY", "category"),
    ("MAIN_CLASS", "main class"),
    ("SUB_CLASS", "subclass"),
    ("CLASS_LEVEL4", "class"),
)
#: Items with an identifier -> how it is written in a sentence.
_OTHERS: Final = (
    (("PUBCHEM_CID", "PUBCHEM_COMPOUND_CID"), "PubChem CID {}"),
    (("CHEBI_ID",), "CHEBI:{}"),
    (("KEGG_ID",), "KEGG {}"),
    (("HMDB_ID", "HMDBID"), "{}"),
    (("SWISSLIPIDS_ID",), "SwissLipids {}"),
    (("LIPIDBANK_ID",), "LipidBank {}"),
    (("PLANTFA_ID",), "PlantFA {}"),
    (("CAS_NUMBER", "CAS"), "CAS {}"),
)
_ABSENT: Final = frozenset(("", "-", "na", "n/a", "none", "null", "nan", "0"))
#: Masses of LMSD have four decimals at least; an electron, which ions may lack, is 0.0005 Da.
_MASS_TOLERANCE: Final = 0.01
_MASS: Final = re.compile(r"\d{1,6}\.\d{1,12}")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table, raw, its columns in capitals."""

    cells: Mapping[str, str]


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a lipid; its id is the LM_ID."""
    seen: Counter[str] = Counter()
    for stream in open_streams(path, *_SDF, *_TABLES):
        is_table = bool(_TABLE.search(stream.name))
        given = False
        for record in _rows(stream) if is_table else _structures(stream):
            given = True
            seen[record.record_id] += 1
            times = seen[record.record_id]
            identifier = record.record_id + (f"#{times}" if times > 1 else "")
            yield Record(identifier, record.position, record.payload, record.num_bytes)
        if not given:
            fault = RecordUnreadable("empty file", stream.name)
            yield Record(stream.name, f"{stream.name}: record 1", fault, 0)


def _structures(stream: Stream) -> Iterator[Record]:
    for raw in cut_stream(stream, b"$$$$"):
        position = f"{stream.name}: record {raw.number}"
        found = _LM_ID_ITEM.search(raw.data)
        identifier = found[1].decode("ascii") if found else position
        yield Record(identifier, position, raw, raw.num_bytes)


def _rows(stream: Stream) -> Iterator[Record]:
    for row in rows_of(stream):
        position = f"{stream.name}: line {row.line}"
        cells = {name.strip().upper(): value for name, value in row.cells.items()}
        identifier = cells.get("LM_ID", "").strip()
        known = _LM_ID.fullmatch(identifier)
        yield Record(
            identifier if known else position, position, row.fault or _Row(cells), row.num_bytes
        )


def read(record: Record, options: ReadOptions) -> Document:
    """One lipid as a document of `corpora.compounds` with its classification.

    Raises RecordUnreadable where RDKit refuses the structure, or where formula or mass are not
    those of the structure; RecordDropped for a lipid without a structure or with R groups.
    """
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    cleaned: Counter[str] = Counter()
    if isinstance(payload, _Row):
        block, raw = "", payload.cells
    else:
        assert isinstance(payload, RawRecord)
        block, raw = split_record(payload.text(cleaned))
    lipid = {name: " ".join(clean(value, cleaned).split()) for name, value in raw.items()}
    lipid = {name: value for name, value in lipid.items() if value.lower() not in _ABSENT}
    if "LM_ID" not in lipid:
        raise RecordUnreadable("no LM_ID", record.position)
    molecule = _molecule(block, lipid.get("SMILES", ""))
    formula = lipid.get("FORMULA")
    monoisotopic = _check(molecule, formula, lipid.get("EXACT_MASS"))

    common = lipid.get("NAME") or lipid.get("COMMON_NAME")
    systematic = lipid.get("SYSTEMATIC_NAME")
    name = systematic or common or lipid.get("ABBREVIATION") or lipid["LM_ID"]
    names = [common or "", *re.split(r"; ?", lipid.get("SYNONYMS", ""))]
    given = {"Monoisotopic Mass": f"{monoisotopic} g/mol"} if monoisotopic else {}
    text, metadata = compound_text(
        Compound(
            molecule,
            name=name,
            formula=formula if formula and molecules.element_counts(formula) else None,
            given=given,
            synonyms=distinct_synonyms(names, name),
        )
    )
    if "*" in str(metadata["smiles"]):
        raise RecordDropped("undefined atoms (R groups) in the structure")
    classes = [(level, _coded(lipid[item])) for item, level in _LEVELS if item in lipid]
    sections = [text, "## Classification", _classification(common or name, lipid, classes)]
    metadata |= {
        "lm_id": lipid["LM_ID"],
        "inchikey": lipid.get("INCHI_KEY") or lipid.get("INCHIKEY"),
        "abbreviation": lipid.get("ABBREVIATION"),
        "classification": [f"{words} [{code}]" if code else words for _, (words, code) in classes],
    }
    return Document(record.record_id, "\n\n".join(sections), metadata, cleaned=cleaned)


def _molecule(block: str, smiles: str) -> molecules.Molecule:
    """The structure drawn, or the one of the SMILES where none is."""
    if block.strip():
        molecule = molecules.from_mol_block(block)
        if molecule.GetNumAtoms():
            return molecule
    if not smiles:
        raise RecordDropped("no structure")
    return molecules.from_smiles(smiles)


def _check(molecule: molecules.Molecule, formula: str | None, mass: str | None) -> str | None:
    """The monoisotopic mass given, where it is one."""
    of_structure = molecules.formula(molecule)
    if "*" in of_structure:
        raise RecordDropped("undefined atoms (R groups) in the structure")
    counts = molecules.element_counts(formula) if formula else None
    if counts is not None and counts != molecules.element_counts(of_structure):
        raise RecordUnreadable(
            "formula disagrees with structure", f"{formula} written, {of_structure} drawn"
        )
    if mass is None or not _MASS.fullmatch(mass) or float(mass) == 0:
        return None
    others = set(COMPUTED_PROPERTIES) - {"Monoisotopic Mass"}
    shown = molecules.properties(molecule, known=others)["Monoisotopic Mass"]
    computed = float(shown.split()[0])
    if abs(computed - float(mass)) > _MASS_TOLERANCE:
        raise RecordUnreadable(
            "mass disagrees with structure", f"{mass} written, {computed:.4f} by RDKit"
        )
    return mass


def _coded(written: str) -> tuple[str, str]:
    """A class and its code, "" where it has none."""
    match = _CODED.fullmatch(written)
    return (match[1], match[2]) if match else (written, "")


def _classification(
    name: str, lipid: Mapping[str, str], classes: list[tuple[str, tuple[str, str]]]
) -> str:
    """What kind of lipid it is, its shorthand, and its identifiers, in sentences."""
    number = lipid["LM_ID"]
    sentences = [f"{name} ({number} in LIPID MAPS) is a lipid."]
    if classes:
        told = [
            f"the {level} {words} ({code})" if code else f"the {level} {words}"
            for level, (words, code) in classes
        ]
        sentences = [f"{name} ({number} in LIPID MAPS) is a lipid of {listed(told)}."]
    shorthand, chains = lipid.get("ABBREVIATION"), lipid.get("ABBREVIATION_CHAINS")
    if shorthand:
        with_chains = f", with its chains {chains}" if chains and chains != shorthand else ""
        sentences.append(f"Its shorthand notation is {shorthand}{with_chains}.")
    others = []
    for items, form in _OTHERS:
        value = next((lipid[item] for item in items if item in lipid), None)
        if value:
            # Identifiers may come with their database's prefix.
            others.append(form.format(re.sub(r"^(?:CHEBI:|CID:? ?)", "", value)))
    if others:
        sentences.append(f"In other databases it is {listed(others)}.")
    return " ".join(sentences)


FORMAT: Final = Format(
    name="lipidmaps",
    summary="lipids of the LIPID MAPS Structure Database",
    find=find_streamed(*_SDF, *_TABLES),
    records=records,
    read=read,
)
