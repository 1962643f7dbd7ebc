"""Molecules through RDKit: parsing within bounds, kekulized SMILES, formulas, properties.

SMILES are written as PubChem writes them, kekulized (`C1=CC=CC=C1`), and are canonical: the same
structure gives the same string whatever order its atoms came in. What RDKit refuses keeps RDKit's
own reason, and a structure that it could not finish or would crash on is refused before.
"""

from corpora.molecules.formulas import element_counts, exact_mass, formula
from corpora.molecules.parsing import (
    REFUSED,
    Molecule,
    from_graph,
    from_mol_block,
    from_plain_mol_block,
    from_smiles,
)
from corpora.molecules.properties import properties
from corpora.molecules.size_limits import MAX_ATOMS, MAX_RING_WORK
from corpora.molecules.smiles_writing import smiles_pair
from corpora.molecules.stereo_notes import num_defined_centres, stereo_notes

__all__ = [
    "MAX_ATOMS",
    "MAX_RING_WORK",
    "REFUSED",
    "Molecule",
    "element_counts",
    "exact_mass",
    "formula",
    "from_graph",
    "from_mol_block",
    "from_plain_mol_block",
    "from_smiles",
    "num_defined_centres",
    "properties",
    "smiles_pair",
    "stereo_notes",
]
