"""Names of residues as letters: three-letter codes of proteins, `DA` and `A` of nucleic acids.

Biopython's tables of the chemical components, with the parents of modified residues.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from Bio.Data import PDBData

from corpora.sequences import Kind

_PROTEIN: Final = {
    name.strip(): letter for name, letter in PDBData.protein_letters_3to1_extended.items() if letter
}
_STANDARD: Final = {name.strip(): letter for name, letter in PDBData.protein_letters_3to1.items()}
_NUCLEIC: Final = {
    name.strip(): letter for name, letter in PDBData.nucleic_letters_3to1_extended.items() if letter
}
_BASES: Final = {
    **{base: base for base in "ACGTUIN"},
    **{f"D{base}": base for base in "ACGTUIN"},
    **{f"+{base}": base for base in "ACGTUI"},
}
#: Groups at the ends of a chain, which stand among its residues.
CAPS: Final = {
    "NH2": "an amide at its end",
    "NME": "a methylamide at its end",
    "ACE": "an acetyl group at its beginning",
    "FOR": "a formyl group at its beginning",
}
_UNKNOWN: Final = {"UNK": "X", "ASX": "B", "GLX": "Z", "SEC": "U", "PYL": "O"}


def letters_of(names: Sequence[str], parents: Mapping[str, str]) -> tuple[Kind, str, list[str]]:
    """The kind of a polymer, its letters, and the names of those residues that are modified.

    `parents` are standard residues of modified ones, as the file says.

    >>> letters_of(["MSE", "ASP", "ILE"], {"MSE": "MET"})
    ('protein', 'MDI', ['MSE'])
    >>> letters_of(["DG", "DC", "5CM"], {})
    ('DNA', 'GCC', ['5CM'])
    """
    bases = sum(name in _BASES for name in names)
    # One residue that is a base (U, N) is none among amino acids.
    if bases * 2 > len(names):
        letters = [_nucleotide(name, parents) for name in names]
        ribose = any(name == "U" or (name in _BASES and len(name) == 1) for name in names)
        deoxy = any(name.startswith("D") for name in names) or "T" in letters
        kind: Kind = "RNA" if ribose and not deoxy else "DNA"
        return kind, "".join(letters), [name for name in names if name not in _BASES]
    letters = [_amino_acid(name, parents) for name in names]
    plain = _STANDARD.keys() | _UNKNOWN.keys()
    return "protein", "".join(letters), [name for name in names if name not in plain]


def _amino_acid(name: str, parents: Mapping[str, str]) -> str:
    found = _STANDARD.get(name) or _UNKNOWN.get(name) or _STANDARD.get(parents.get(name, ""))
    return found or _PROTEIN.get(name, "X")


def _nucleotide(name: str, parents: Mapping[str, str]) -> str:
    letter = _BASES.get(name) or _BASES.get(parents.get(name, "")) or _NUCLEIC.get(name, "N")
    # Inosine has no letter of its own in the IUPAC code.
    return letter if letter in "ACGTUN" else "N"
