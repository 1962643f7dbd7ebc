"""Protein Data Bank: the polymers of a structure, from legacy files or mmCIF.

One document a file. In: `.pdb` and `.ent` files, their `SEQRES` records; `.cif` files, their
`entity_poly`; compressed or packed. Out: what was solved and how, each polymer with its chains,
organism and sequence, and the paper. Coordinates are not read.

Formats: wwPDB, "Protein Data Bank Contents Guide" 3.30; PDBx/mmCIF dictionary, mmcif.wwpdb.org.
"""

from corpora.compressed_streams import find_streamed
from corpora.documents import Format
from corpora.pdb.document import read_structure
from corpora.pdb.framing import SUFFIXES, structure_records

FORMAT = Format(
    name="pdb",
    summary="Protein Data Bank files, legacy or mmCIF: the sequences of their polymers",
    find=find_streamed(*SUFFIXES),
    records=structure_records,
    read=read_structure,
)

__all__ = ["FORMAT"]
