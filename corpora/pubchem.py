"""Reader of SDF files: PubChem Compound, and those of ChEBI, DrugBank, ZINC and others.

Format: MDL CTfile (a molfile, then data items `> <NAME>`, each record ended by `$$$$`); the data
items are PubChem's `PUBCHEM_*`. A file without them still gives documents: name and identifier come
from the fields such files use or from the title line, the properties from RDKit.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast

from corpora import molecules
from corpora.compounds import Compound, compound_text, distinct_synonyms
from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
    find_files,
)
from corpora.terminated_records import RawRecord, cut
from tokenization.marked_text import clean

# Row of the table -> the field that holds it, the pattern of a good value, its unit.
_NUMBER: Final = r"[+-]?\d{1,12}(?:\.\d{1,12})?"
_COUNT: Final = r"[+-]?\d{1,9}"
_FIELDS: Final = {
    "Molecular Weight": ("PUBCHEM_MOLECULAR_WEIGHT", _NUMBER, " g/mol"),
    "XLogP3": ("PUBCHEM_XLOGP3", _NUMBER, ""),
    "XLogP3-AA": ("PUBCHEM_XLOGP3_AA", _NUMBER, ""),
    "Hydrogen Bond Donor Count": ("PUBCHEM_CACTVS_HBOND_DONOR", _COUNT, ""),
    "Hydrogen Bond Acceptor Count": ("PUBCHEM_CACTVS_HBOND_ACCEPTOR", _COUNT, ""),
    "Rotatable Bond Count": ("PUBCHEM_CACTVS_ROTATABLE_BOND", _COUNT, ""),
    "Exact Mass": ("PUBCHEM_EXACT_MASS", _NUMBER, " g/mol"),
    "Monoisotopic Mass": ("PUBCHEM_MONOISOTOPIC_WEIGHT", _NUMBER, " g/mol"),
    "Topological Polar Surface Area": ("PUBCHEM_CACTVS_TPSA", _NUMBER, " Å²"),
    "Heavy Atom Count": ("PUBCHEM_HEAVY_ATOM_COUNT", _COUNT, ""),
    "Formal Charge": ("PUBCHEM_TOTAL_CHARGE", _COUNT, ""),
    "Complexity": ("PUBCHEM_CACTVS_COMPLEXITY", _NUMBER, ""),
    "Isotope Atom Count": ("PUBCHEM_ISOTOPIC_ATOM_COUNT", _COUNT, ""),
    "Defined Atom Stereocenter Count": ("PUBCHEM_ATOM_DEF_STEREO_COUNT", _COUNT, ""),
    "Undefined Atom Stereocenter Count": ("PUBCHEM_ATOM_UDEF_STEREO_COUNT", _COUNT, ""),
    "Defined Bond Stereocenter Count": ("PUBCHEM_BOND_DEF_STEREO_COUNT", _COUNT, ""),
    "Undefined Bond Stereocenter Count": ("PUBCHEM_BOND_UDEF_STEREO_COUNT", _COUNT, ""),
    "Covalently-Bonded Unit Count": ("PUBCHEM_COMPONENT_COUNT", _COUNT, ""),
}
# Identifiers: the field (upper case) and what its value begins with in a record id.
_IDENTIFIERS: Final = {
    "PUBCHEM_COMPOUND_CID": "CID",
    "PUBCHEM_SUBSTANCE_ID": "SID",
    "CHEBI ID": "",
    "DRUGBANK_ID": "",
    "DATABASE_ID": "",
    "CHEMBL_ID": "",
    "ZINC_ID": "",
    "LM_ID": "",
    "HMDB_ID": "",
}
_NAMES: Final = (
    "PUBCHEM_IUPAC_NAME",
    "PUBCHEM_IUPAC_SYSTEMATIC_NAME",
    "PUBCHEM_IUPAC_CAS_NAME",
    "PUBCHEM_IUPAC_OPENEYE_NAME",
    "IUPAC NAMES",
    "IUPAC_NAME",
    "JCHEM_IUPAC",
    "SYSTEMATIC_NAME",
    "CHEBI NAME",
    "GENERIC_NAME",
    "COMMON_NAME",
    "NAME",
    "PUBCHEM_IUPAC_TRADITIONAL_NAME",
    "JCHEM_TRADITIONAL_IUPAC",
)
_SYNONYMS: Final = (
    "PUBCHEM_COMPOUND_SYNONYM",
    "PUBCHEM_SUBSTANCE_SYNONYM",
    "SYNONYMS",
    "SYNONYM",
    "BRAND NAMES",
    "INN",
)

#: The molfile's title line holds 80 characters.
MAX_TITLE: Final = 80

_HEADER: Final = re.compile(r">.*?<([^<>]*)>.*")
_IDENTIFIER_LINES: Final = re.compile(
    rb"^>.*?<(" + b"|".join(re.escape(n).encode() for n in _IDENTIFIERS) + rb")>[^\n]*\n([^\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]{2}")


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a `$$$$`; its id is the first identifier of `_IDENTIFIERS`, else the title line.

    A file whose records have titles only may repeat one: each later gets `#` and its number.
    """
    seen: set[str] = set()
    for raw in cut(path, b"$$$$"):
        identifier = _identifier(raw)
        if identifier is None:
            title = clean(raw.data.split(b"\n", 1)[0].decode("utf-8", "replace")).strip()
            identifier = title if 0 < len(title) <= MAX_TITLE else path.name
            if identifier in seen or identifier == path.name:
                identifier += f"#{raw.number}"
            seen.add(identifier)
        yield Record(identifier, f"{path.name}: record {raw.number}", raw, raw.num_bytes)


def read(record: Record, options: ReadOptions) -> Document:
    """One compound as a document of `corpora.compounds`.

    Raises RecordUnreadable where RDKit refuses the structure or the PubChem formula is not that of
    the structure; RecordDropped for records without a structure or with undefined atoms (R groups).
    """
    cleaned: Counter[str] = Counter()
    text = cast(RawRecord, record.payload).text(cleaned)
    block, fields = split_record(text)
    molecule = molecules.from_mol_block(block)
    if not molecule.GetNumAtoms():
        raise RecordDropped("no structure")
    if any(atom.GetAtomicNum() == 0 for atom in molecule.GetAtoms()):
        raise RecordDropped("undefined atoms (R groups) in the structure")
    written = fields.get("PUBCHEM_MOLECULAR_FORMULA")
    if written:
        _check_formula(written, molecules.formula(molecule))

    title = " ".join(block.split("\n", 1)[0].split())
    names = [name for field in _NAMES if (name := _first_line(fields.get(field)))]
    if _WORD.search(title):
        names.append(title)
    name = names[0] if names else _unnamed(fields, molecule)
    synonyms = names[1:] + [
        # DrugBank and LIPID MAPS write them on one line, PubChem and ChEBI one a line.
        synonym
        for field in _SYNONYMS
        for synonym in re.split(r"\n|; ", fields.get(field, ""))
    ]
    body, metadata = compound_text(
        Compound(
            molecule,
            name=name,
            formula=written,
            given=_given(fields),
            synonyms=distinct_synonyms(synonyms, name),
        )
    )
    for key, field in (
        ("cid", "PUBCHEM_COMPOUND_CID"),
        ("inchi", "PUBCHEM_IUPAC_INCHI"),
        ("inchikey", "PUBCHEM_IUPAC_INCHIKEY"),
    ):
        metadata[key] = _first_line(fields.get(field))
    return Document(record.record_id, body, metadata, cleaned=cleaned)


def split_record(text: str) -> tuple[str, dict[str, str]]:
    """The molfile of an SDF record and its data items, names in upper case.

    >>> split_record("water\\n...\\nM  END\\n> <Name> (1)\\nwater\\n\\n")[1]
    {'NAME': 'water'}
    """
    lines = text.split("\n")
    end = next(
        (i for i, line in enumerate(lines) if line.startswith(("M  END", ">  <", "> <"))),
        len(lines),
    )
    if end < len(lines) and lines[end].startswith("M  END"):
        end += 1
    fields: dict[str, str] = {}
    name, values = "", list[str]()
    for line in (*lines[end:], ""):
        header = _HEADER.match(line) if line.startswith(">") and not name else None
        if header:
            name, values = header[1].strip().upper(), []
        elif name and line.strip():
            values.append(line.strip())
        elif name:
            fields.setdefault(name, "\n".join(values))
            name = ""
    return "\n".join(lines[:end]) + "\n", fields


def _identifier(raw: RawRecord) -> str | None:
    found = {
        field.decode("ascii").upper(): clean(value.decode("utf-8", "replace")).strip()
        for field, value in _IDENTIFIER_LINES.findall(raw.data)
    }
    for field, prefix in _IDENTIFIERS.items():
        value = found.get(field, "")
        if value and len(value) <= MAX_TITLE and (not prefix or value.isdecimal()):
            return prefix + value
    return None


def _check_formula(written: str, of_structure: str) -> None:
    if molecules.element_counts(written) != molecules.element_counts(of_structure):
        raise RecordUnreadable(
            "formula disagrees with structure", f"{written} written, {of_structure} drawn"
        )


def _given(fields: Mapping[str, str]) -> dict[str, str]:
    """The table rows a record brings; a value that is no number is left for RDKit to compute."""
    rows = {}
    for label, (field, pattern, unit) in _FIELDS.items():
        value = fields.get(field, "")
        if re.fullmatch(pattern, value):
            rows[label] = value + unit
    canonicalized = fields.get("PUBCHEM_COMPOUND_CANONICALIZED")
    if canonicalized in ("0", "1"):
        rows["Compound Is Canonicalized"] = "Yes" if canonicalized == "1" else "No"
    return rows


def _unnamed(fields: Mapping[str, str], molecule: molecules.Molecule) -> str:
    cid = _first_line(fields.get("PUBCHEM_COMPOUND_CID"))
    return f"PubChem compound {cid}" if cid else molecules.formula(molecule)


def _first_line(value: str | None) -> str | None:
    return value.split("\n", 1)[0] if value else None


FORMAT: Final = Format(
    name="pubchem",
    summary="PubChem compounds and other SDF files",
    find=find_files(".sdf", ".sdf.gz", ".sd", ".sd.gz"),
    records=records,
    read=read,
)
