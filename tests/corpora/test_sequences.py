"""Sequences: cleaning, and masses against values of UniProt."""

import pytest
from Bio.SeqUtils import molecular_weight
from Bio.SeqUtils.CheckSum import crc64
from hypothesis import given
from hypothesis import strategies as st

from corpora.sequences import (
    NUCLEOTIDE_LETTERS,
    PROTEIN_LETTERS,
    nucleotides,
    protein,
    protein_checksum,
    protein_mass,
    ribonucleotides,
)
from tokenization import reveal, rna

INSULIN = (
    "MALWMRLLPL LALLALWGPD PAAAFVNQHL CGSHLVEALY LVCGERGFFY TPKTRREAED "
    "LQVGQVELGG GPGAGSLQPL ALEGSLQKRG IVEQCCTSIC SLYQLENYCN"
)


def test_mass_and_checksum_of_human_insulin() -> None:
    residues = protein(INSULIN)
    assert len(residues) == 110
    assert protein_mass(residues) == pytest.approx(11981, abs=1)
    assert protein_checksum(residues) == "C2C3B23B85E520E5"


def test_selenocysteine_has_a_mass_and_an_unknown_residue_has_none() -> None:
    assert protein_mass(protein("AU")) == pytest.approx(239.13, abs=0.05)
    assert protein_mass(protein("AX")) is None


@given(st.text(alphabet=sorted(PROTEIN_LETTERS), min_size=1, max_size=200), st.integers(1, 20))
def test_layout_of_a_block_does_not_matter(residues: str, width: int) -> None:
    pieces = [residues[i : i + width] for i in range(0, len(residues), width)]
    block = "\n".join(f"{n * width + 1} {piece.lower()}" for n, piece in enumerate(pieces))
    assert str(protein(block)) == residues


@given(st.text(alphabet=sorted(NUCLEOTIDE_LETTERS), min_size=1))
def test_nucleotides_keep_every_base(bases: str) -> None:
    assert str(nucleotides(bases)) == bases


@pytest.mark.parametrize("raw", ["", " 12\n", "AC!D", "AC-D", "Aé"])
def test_what_is_no_protein_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="amino acid"):
        protein(raw)


def test_a_protein_is_no_nucleotide_sequence() -> None:
    with pytest.raises(ValueError, match="'E' at position 3 is no nucleotide"):
        nucleotides("ACEF")


def test_dna_is_transcribed_and_rna_is_kept() -> None:
    assert str(ribonucleotides("ATGC NNRY")) == "AUGCNNRY"
    assert str(ribonucleotides("1 augc 5 gg-a")) == "AUGCGG-A"
    assert reveal(rna(str(ribonucleotides("atg")))) == "[START_RNA]AUG[END_RNA]"
    with pytest.raises(ValueError, match="both T and U"):
        ribonucleotides("AUT")
    with pytest.raises(ValueError, match="'E' at position 3 is no nucleotide"):
        ribonucleotides("AUE")


@given(
    st.text(alphabet=sorted(PROTEIN_LETTERS), max_size=40), st.sampled_from([0, 1016, 1024, 2040])
)
def test_the_checksum_is_that_of_biopython(residues: str, before: int) -> None:
    whole = "A" * before + residues
    assert f"CRC-{protein_checksum(whole)}" == crc64(whole)


@given(st.text(alphabet="ACDEFGHIKLMNPQRSTVWYUO", min_size=1, max_size=200))
def test_the_mass_is_that_of_biopython(residues: str) -> None:
    assert protein_mass(residues) == pytest.approx(molecular_weight(residues, "protein"))
