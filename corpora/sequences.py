"""Protein and nucleotide sequences through Biopython: cleaning, mass, checksum.

The wrappers `tokenization.wrappers.amino`, `dna` and `rna` put the markers; this module says what a
sequence is before they do.
"""

import re
from typing import Final

from Bio.Data import IUPACData
from Bio.Seq import Seq
from Bio.SeqUtils import molecular_weight
from Bio.SeqUtils.CheckSum import crc64

#: The 20 amino acids, selenocysteine U, pyrrolysine O, the ambiguous B, J, X, Z; `*` is a stop.
PROTEIN_LETTERS: Final = frozenset(IUPACData.extended_protein_letters + "*")
#: IUPAC nucleotide code with uracil; `-` is a gap.
NUCLEOTIDE_LETTERS: Final = frozenset(IUPACData.ambiguous_dna_letters + "U-")

_SPACE_AND_NUMBERS: Final = re.compile(r"[\s\d]+")


def protein(raw: str) -> Seq:
    """The residues of a raw block: upper case, without the spaces and numbers of flat files.

    Raises ValueError on an empty sequence and on a letter that is no amino acid.

    >>> str(protein("MTPHTHVRGP gdil   14"))
    'MTPHTHVRGPGDIL'
    """
    return _sequence(raw, PROTEIN_LETTERS, "amino acid")


def nucleotides(raw: str) -> Seq:
    """The bases of a raw block in IUPAC code, upper case; raises like `protein`.

    >>> str(nucleotides("1 acgt nnry"))
    'ACGTNNRY'
    """
    return _sequence(raw, NUCLEOTIDE_LETTERS, "nucleotide")


def ribonucleotides(raw: str) -> Seq:
    """The bases of a raw block of RNA, or of DNA transcribed: IUPAC code, U for T.

    Raises like `protein`, and where T and U stand beside each other: the block is neither.

    >>> str(ribonucleotides("1 atgc nnry"))
    'AUGCNNRY'
    """
    bases = nucleotides(raw)
    if "T" in bases and "U" in bases:
        raise ValueError("both T and U: neither DNA nor RNA")
    return bases.transcribe()


def protein_mass(residues: Seq) -> float | None:
    """The average mass of an unmodified chain in daltons, None where a residue is ambiguous.

    >>> round(protein_mass(Seq("GIVEQCCTSICSLYQLENYCN")))
    2384
    """
    if not set(residues) <= IUPACData.protein_weights.keys():
        return None
    return float(molecular_weight(residues, "protein"))


def protein_checksum(residues: Seq) -> str:
    """The CRC64 of ISO 3309, as the SQ line of a UniProt entry gives it."""
    return crc64(residues).removeprefix("CRC-")


def _sequence(raw: str, letters: frozenset[str], kind: str) -> Seq:
    joined = _SPACE_AND_NUMBERS.sub("", raw).upper()
    if not joined:
        raise ValueError(f"no {kind} at all")
    strangers = sorted(set(joined) - letters)
    if strangers:
        position = joined.index(strangers[0])
        raise ValueError(f"{strangers[0]!r} at position {position + 1} is no {kind}")
    return Seq(joined)
