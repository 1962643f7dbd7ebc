"""SMILES files (`.smi`, `.smiles`): a line a compound, its SMILES, a blank and its name.

Some programs write the name first; the first line whose words RDKit can tell apart decides.

Format: Daylight, "SMILES files"; after the SMILES may stand extensions between bars (CXSMILES). A
first line that names its columns is none, nor is a comment (`#`).
"""

import re
from collections.abc import Iterator
from typing import Final

from corpora.compressed_streams import Stream
from corpora.documents import Record, RecordUnreadable
from corpora.molecules import from_smiles
from corpora.pubchem.columns import Row
from corpora.terminated_records import lines_of

SMILES_SUFFIXES: Final = (".smi", ".smiles", ".ism", ".can", ".cxsmiles")
_LINE: Final = re.compile(r"(\S+(?:[ \t]+\|[^|\n]*\|)?)[ \t,;]*(.*)")
_HEADER: Final = re.compile(r"\bsmiles\b|_smiles\b", re.IGNORECASE)


def smiles_rows(stream: Stream) -> Iterator[tuple[str | None, Record]]:
    """One record a line, known by its name."""
    name_first: bool | None = None
    for line in lines_of(stream):
        number, position = str(line.number), f"{stream.name}: line {line.number}"
        try:
            text = line.raw_text().strip()
        except RecordUnreadable as fault:
            yield None, Record(number, position, fault, line.num_bytes)
            continue
        if text.startswith("#") or (line.number == 1 and _HEADER.search(text)):
            continue
        if name_first is None:
            name_first = _is_name_first(text)
        name = ""
        if name_first:
            name, _, text = text.partition("\t") if "\t" in text else text.partition(" ")
        found = _LINE.match(text.strip())
        fields = {} if found is None else {"SMILES": found[1], "TITLE": name or found[2].strip()}
        yield fields.get("TITLE") or None, Record(number, position, Row(fields), line.num_bytes)


def _is_name_first(text: str) -> bool | None:
    """Whether the second word is the structure and not the first; None where neither is one."""
    words = text.split(None, 2)[:2]
    readable = [_is_structure(word) for word in words]
    return None if not any(readable) else not readable[0]


def _is_structure(word: str) -> bool:
    try:
        from_smiles(word)
    except RecordUnreadable:
        return False
    return True
