"""Pages of PUG View, what PubChem's web pages give for download: headings inside headings.

Format: pubchem.ncbi.nlm.nih.gov/docs/pug-view. A heading (`TOCHeading`) has sections below it and
values (`Information`); those that say what an SDF record says are taken, the others are not.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from corpora.documents import JSON, RecordDropped
from corpora.pubchem.fields import FIELD_OF_ROW

# Heading -> SDF data item, or `SMILES`; of two headings of one item the first here is taken.
_HEADINGS: Final = {
    "Isomeric SMILES": "SMILES",
    "SMILES": "SMILES",
    "Canonical SMILES": "SMILES",
    "IUPAC Name": "PUBCHEM_IUPAC_NAME",
    "InChI": "PUBCHEM_IUPAC_INCHI",
    "InChIKey": "PUBCHEM_IUPAC_INCHIKEY",
    "InChI Key": "PUBCHEM_IUPAC_INCHIKEY",
    "Molecular Formula": "PUBCHEM_MOLECULAR_FORMULA",
    "MeSH Entry Terms": "PUBCHEM_COMPOUND_SYNONYM",
    "Depositor-Supplied Synonyms": "PUBCHEM_SUBSTANCE_SYNONYM",
    **FIELD_OF_ROW,
}
_LISTS: Final = ("PUBCHEM_COMPOUND_SYNONYM", "PUBCHEM_SUBSTANCE_SYNONYM")
#: The pages are four headings deep.
_MAX_DEPTH: Final = 8


def view_fields(record: Mapping[str, Any]) -> dict[str, str]:
    """The data items of a compound's page, its title among them.

    Raises RecordDropped for a page about anything else: a substance, a gene, a patent.
    """
    if record.get("RecordType") != "CID":
        raise RecordDropped("a page of PUG View, of no compound")
    found: dict[str, list[str]] = {}
    for heading, values in _values(record.get("Section"), 0):
        found.setdefault(heading, values)
    fields: dict[str, str] = {}
    for heading, item in _HEADINGS.items():
        if heading in found:
            values = found[heading]
            fields.setdefault(item, "\n".join(values) if item in _LISTS else values[0])
    title, number = record.get("RecordTitle"), record.get("RecordNumber")
    if isinstance(title, str):
        fields["TITLE"] = title
    if isinstance(number, int):
        fields["PUBCHEM_COMPOUND_CID"] = str(number)
    return fields


def _values(sections: JSON, depth: int) -> Iterator[tuple[str, list[str]]]:
    """Each known heading with its values as text."""
    if not isinstance(sections, list) or depth > _MAX_DEPTH:
        return
    for section in sections:
        if not isinstance(section, dict):
            continue
        heading = section.get("TOCHeading")
        if isinstance(heading, str) and heading in _HEADINGS:
            values = [text for text in _texts(section.get("Information")) if text]
            if values:
                yield heading, values
        yield from _values(section.get("Section"), depth + 1)


def _texts(information: JSON) -> Iterator[str]:
    for entry in information if isinstance(information, list) else ():
        value = entry.get("Value") if isinstance(entry, dict) else None
        if not isinstance(value, dict):
            continue
        numbers, strings = value.get("Number"), value.get("StringWithMarkup")
        for number in numbers if isinstance(numbers, list) else ():
            if isinstance(number, int | float):
                yield str(number)
        for string in strings if isinstance(strings, list) else ():
            text = string.get("String") if isinstance(string, dict) else None
            if isinstance(text, str):
                yield text.strip()
