"""Rows of tables with a column of SMILES, and the names that PubChem gives its columns.

PubChem's download of search results (`cid,cmpdname,...,isosmiles,...`; since 2024
`Compound_CID,Name,...,SMILES,...`), the property tables of PUG REST (`CID,MolecularFormula,...`),
and tables of others, whose columns the source names where they are called otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from corpora import molecules
from corpora.documents import Document, Record, RecordDropped
from corpora.pubchem.fields import compound_document
from corpora.text_columns import missing_column

Column = Annotated[str, Field(min_length=1)]


class PubChemOptions(BaseModel):
    """Columns of tables that are not called as PubChem calls them.

    `smiles`, `name`, `iupac_name` and `synonyms` (parted by bars or semicolons); `id` tells each
    row from all others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    smiles: Column | None = None
    name: Column | None = None
    iupac_name: Column | None = None
    synonyms: Column | None = None
    id: Column | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row that are known, under the names of SDF data items and `SMILES`.

    `columns` are those of the table where it has none of SMILES.
    """

    fields: Mapping[str, str]
    columns: tuple[str, ...] = ()


# Column, in small letters without signs -> SDF data item. Of two the first that is filled is taken.
_COLUMNS: Final = {
    "PUBCHEM_COMPOUND_CID": "cid compoundcid pubchemcid pubchemcompoundcid",
    "SMILES": (
        "isosmiles isomericsmiles smilesisomeric absolutesmiles smiles smilesstring "
        "pubchemsmiles canonicalsmiles connectivitysmiles smilescanonical structure"
    ),
    "PUBCHEM_IUPAC_NAME": "iupacname preferrediupacname iupac",
    "TITLE": (
        "cmpdname name title compoundname compound preferredname prefname commonname chemicalname "
        "genericname moleculename drugname drug"
    ),
    "PUBCHEM_COMPOUND_SYNONYM": "cmpdsynonym synonyms synonym compoundsynonyms",
    "PUBCHEM_MOLECULAR_FORMULA": "mf molecularformula formula",
    "PUBCHEM_IUPAC_INCHI": "inchi standardinchi",
    "PUBCHEM_IUPAC_INCHIKEY": "inchikey standardinchikey",
    "CHEMBL_ID": "chemblid moleculechemblid",
    "ZINC_ID": "zincid",
    "DRUGBANK_ID": "drugbankid",
}
# Numbers of PubChem's own tables; in others a column `charge` or `complexity` may be anything.
_PUBCHEM_COLUMNS: Final = {
    "PUBCHEM_MOLECULAR_WEIGHT": "mw molecularweight",
    "PUBCHEM_XLOGP3": "xlogp",
    "PUBCHEM_CACTVS_HBOND_DONOR": "hbonddonor hbonddonorcount",
    "PUBCHEM_CACTVS_HBOND_ACCEPTOR": "hbondacc hbondacceptorcount",
    "PUBCHEM_CACTVS_ROTATABLE_BOND": "rotbonds rotatablebondcount",
    "PUBCHEM_EXACT_MASS": "exactmass",
    "PUBCHEM_MONOISOTOPIC_WEIGHT": "monoisotopicmass",
    "PUBCHEM_CACTVS_TPSA": "polararea tpsa",
    "PUBCHEM_HEAVY_ATOM_COUNT": "heavycnt heavyatomcount",
    "PUBCHEM_TOTAL_CHARGE": "charge",
    "PUBCHEM_CACTVS_COMPLEXITY": "complexity",
    "PUBCHEM_ISOTOPIC_ATOM_COUNT": "isotopeatomcnt isotopeatomcount",
    "PUBCHEM_ATOM_DEF_STEREO_COUNT": "definedatomstereocnt definedatomstereocount",
    "PUBCHEM_ATOM_UDEF_STEREO_COUNT": "undefinedatomstereocnt undefinedatomstereocount",
    "PUBCHEM_BOND_DEF_STEREO_COUNT": "definedbondstereocnt definedbondstereocount",
    "PUBCHEM_BOND_UDEF_STEREO_COUNT": "undefinedbondstereocnt undefinedbondstereocount",
    "PUBCHEM_COMPONENT_COUNT": "covalentunitcnt covalentunitcount",
}
_OPTIONS: Final = {
    "smiles": "SMILES",
    "name": "TITLE",
    "iupac_name": "PUBCHEM_IUPAC_NAME",
    "synonyms": "PUBCHEM_COMPOUND_SYNONYM",
}
_MISSING: Final = frozenset(("", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a", "NA", "-"))
_SIGNS: Final = re.compile(r"[\W_]+")
_BAR: Final = re.compile(r"\s*\|\s*")


def columns_of(names: tuple[str, ...], options: PubChemOptions) -> dict[str, tuple[str, ...]]:
    """Data item -> the columns of a table that hold it, the best first."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(_SIGNS.sub("", name).casefold(), name)
    # Only a table with CIDs has PubChem's numbers.
    known = _COLUMNS
    if any(key in by_key for key in _COLUMNS["PUBCHEM_COMPOUND_CID"].split()):
        known = _COLUMNS | _PUBCHEM_COLUMNS
    found = {
        item: tuple(by_key[key] for key in keys.split() if key in by_key)
        for item, keys in known.items()
    }
    for option, item in _OPTIONS.items():
        column = getattr(options, option)
        if column is not None:
            found[item] = (column,)
    return {item: columns for item, columns in found.items() if columns}


def row_of_cells(cells: Mapping[str, str], columns: Mapping[str, tuple[str, ...]]) -> Row:
    """A table's row under the names of data items, cells that say nothing left out."""
    fields = {}
    for item, names in columns.items():
        for name in names:
            cell = cells.get(name, "").strip()
            if cell not in _MISSING:
                fields[item] = cell
                break
    synonyms = fields.get("PUBCHEM_COMPOUND_SYNONYM")
    if synonyms and "|" in synonyms:
        fields["PUBCHEM_COMPOUND_SYNONYM"] = _BAR.sub("\n", synonyms)
    has_smiles = any(name in cells for name in columns.get("SMILES", ()))
    return Row(fields, () if has_smiles else tuple(cells))


def read_row(record: Record, row: Row) -> Document:
    """One row as a document of `corpora.compounds`.

    Raises RecordUnreadable for a table without a column of SMILES, which it names the columns of,
    and for a structure that RDKit refuses; RecordDropped for a row without a structure.
    """
    smiles = row.fields.get("SMILES")
    if smiles is None:
        if row.columns:
            raise missing_column("smiles", "options.smiles", row.columns, record.position)
        raise RecordDropped("no structure")
    molecule = molecules.from_smiles(smiles)
    notes = molecules.stereo_notes(molecule)
    return compound_document(record.record_id, molecule, row.fields, notes=notes)
