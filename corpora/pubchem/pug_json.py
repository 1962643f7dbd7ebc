"""PUG JSON: compound records (`PC_Compounds`), property tables and pages of PUG View.

Format: PubChem's data specification, ftp.ncbi.nlm.nih.gov/pubchem/specifications/pubchem.xsd, whose
`PC-Compound` the JSON is; PUG REST, pubchem.ncbi.nlm.nih.gov/docs/pug-rest. Older servers wrote
words where there are numbers now (`"element": ["c"]`, `"order": ["single"]`); both are read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from corpora import json_records
from corpora.compressed_streams import Stream
from corpora.documents import JSON, Document, Record, RecordDropped
from corpora.json_records import Piece
from corpora.pubchem.columns import PubChemOptions, Row, columns_of, read_row, row_of_cells
from corpora.pubchem.fields import compound_document
from corpora.pubchem.pug_structure import molecule_of
from corpora.pubchem.pug_view import view_fields

_HEAD_BYTES: Final = 4096
#: Where the list of compounds begins: everything before its bracket is one file's frame.
_FRAME: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:PC[_-]Compounds|PropertyTable"\s*:\s*\{\s*"Properties)"\s*:\s*(?=\[)'
)
_LINES: Final = re.compile(r"\.(?:jsonl|ndjson)(?:\.\w+)?$", re.IGNORECASE)
_CID: Final = re.compile(rb'"cid"\s*:\s*"?(\d{1,12})', re.IGNORECASE)
_PAGE: Final = re.compile(
    rb'\s*\{\s*(?:"Record"\s*:\s*\{)?[^\[\]{}]{0,4096}?"RecordNumber"\s*:\s*(\d{1,12})'
)

# Label and name of a property -> the SDF data item that holds the same.
_PROPERTIES: Final = {
    ("Compound", "Canonicalized"): "PUBCHEM_COMPOUND_CANONICALIZED",
    ("Compound Complexity", ""): "PUBCHEM_CACTVS_COMPLEXITY",
    ("Count", "Hydrogen Bond Acceptor"): "PUBCHEM_CACTVS_HBOND_ACCEPTOR",
    ("Count", "Hydrogen Bond Donor"): "PUBCHEM_CACTVS_HBOND_DONOR",
    ("Count", "Rotatable Bond"): "PUBCHEM_CACTVS_ROTATABLE_BOND",
    ("IUPAC Name", "Preferred"): "PUBCHEM_IUPAC_NAME",
    ("IUPAC Name", "Systematic"): "PUBCHEM_IUPAC_SYSTEMATIC_NAME",
    ("IUPAC Name", "CAS-like Style"): "PUBCHEM_IUPAC_CAS_NAME",
    ("IUPAC Name", "Allowed"): "PUBCHEM_IUPAC_OPENEYE_NAME",
    ("IUPAC Name", "Traditional"): "PUBCHEM_IUPAC_TRADITIONAL_NAME",
    ("InChI", "Standard"): "PUBCHEM_IUPAC_INCHI",
    ("InChIKey", "Standard"): "PUBCHEM_IUPAC_INCHIKEY",
    ("Log P", "XLogP3"): "PUBCHEM_XLOGP3",
    ("Log P", "XLogP3-AA"): "PUBCHEM_XLOGP3_AA",
    ("Mass", "Exact"): "PUBCHEM_EXACT_MASS",
    ("Molecular Formula", ""): "PUBCHEM_MOLECULAR_FORMULA",
    ("Molecular Weight", ""): "PUBCHEM_MOLECULAR_WEIGHT",
    ("Topological", "Polar Surface Area"): "PUBCHEM_CACTVS_TPSA",
    ("Weight", "MonoIsotopic"): "PUBCHEM_MONOISOTOPIC_WEIGHT",
}
_COUNTS: Final = {
    "heavy_atom": "PUBCHEM_HEAVY_ATOM_COUNT",
    "atom_chiral_def": "PUBCHEM_ATOM_DEF_STEREO_COUNT",
    "atom_chiral_undef": "PUBCHEM_ATOM_UDEF_STEREO_COUNT",
    "bond_chiral_def": "PUBCHEM_BOND_DEF_STEREO_COUNT",
    "bond_chiral_undef": "PUBCHEM_BOND_UDEF_STEREO_COUNT",
    "isotope_atom": "PUBCHEM_ISOTOPIC_ATOM_COUNT",
    "covalent_unit": "PUBCHEM_COMPONENT_COUNT",
}
_LISTS: Final = ("PC_Compounds", "PC-Compounds", "Properties")


@dataclass(frozen=True, slots=True)
class PugObject:
    """The bytes of one JSON object, not parsed yet."""

    data: bytes


def pug_pieces(stream: Stream) -> Iterator[Piece]:
    """Each compound of a file's list, or each object of a list or line."""
    peek = getattr(stream.file, "peek", lambda _: b"")
    head = peek(_HEAD_BYTES)[:_HEAD_BYTES]
    if not _LINES.search(stream.name) and (frame := _FRAME.match(head)) is not None:
        # What is left of the frame after the list are closing braces.
        stream.file.read(frame.end())
    yield from json_records.pieces_of(stream)


def pug_cid(data: bytes) -> str | None:
    """The CID of a compound that is not parsed yet."""
    found = _PAGE.match(data) or _CID.search(data)
    return found[1].decode() if found else None


def read_pug_object(record: Record, found: PugObject) -> Document:
    """One compound, row of a property table or page of PUG View as a document of
    `corpora.compounds`.

    Raises RecordUnreadable for what is no JSON object and for a structure that is broken or that
    RDKit refuses; RecordDropped for an object without a structure, and for pages of other things.
    """
    compound = json_records.parse_object(found.data, record.position)
    for name in _LISTS:
        # A line, or a file, of a list with one compound.
        table = compound.get("PropertyTable")
        inner = (table if isinstance(table, dict) else compound).get(name)
        if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict):
            compound = inner[0]
            break
    if isinstance(compound.get("atoms"), dict):
        return compound_document(record.record_id, molecule_of(compound), compound_fields(compound))
    page = compound.get("Record", compound)
    if isinstance(page, dict) and "RecordType" in page:
        return read_row(record, Row(view_fields(page)))
    cells = {
        name: str(value)
        for name, value in compound.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    row = row_of_cells(cells, columns_of(tuple(cells), PubChemOptions()))
    if "SMILES" not in row.fields:
        raise RecordDropped("no structure")
    return read_row(record, row)


def compound_fields(compound: Mapping[str, JSON]) -> dict[str, str]:
    """The properties and counts of a `PC-Compound` as SDF data items."""
    fields: dict[str, str] = {}
    identifier = cast(Any, compound.get("id"))
    cid = identifier.get("id") if isinstance(identifier, dict) else None
    if isinstance(cid, dict) and isinstance(cid.get("cid"), int):
        fields["PUBCHEM_COMPOUND_CID"] = str(cid["cid"])
    for found in _dicts(compound.get("props")):
        urn, value = found.get("urn"), found.get("value")
        if not isinstance(urn, dict) or not isinstance(value, dict):
            continue
        label, name = urn.get("label"), urn.get("name", "")
        named = isinstance(label, str) and isinstance(name, str)
        item = _PROPERTIES.get((str(label), str(name))) if named else None
        written = next(
            (v for k in ("sval", "ival", "fval") if (v := value.get(k)) is not None), None
        )
        if item and isinstance(written, str | int | float):
            fields.setdefault(item, str(written))
    charge = compound.get("charge")
    if isinstance(charge, int):
        fields["PUBCHEM_TOTAL_CHARGE"] = str(charge)
    counts = compound.get("count")
    for count, item in _COUNTS.items():
        number = counts.get(count) if isinstance(counts, dict) else None
        if isinstance(number, int) and number >= 0:
            fields[item] = str(number)
    return fields


def _dicts(value: JSON) -> Iterator[dict[str, JSON]]:
    yield from (v for v in value if isinstance(v, dict)) if isinstance(value, list) else ()
