"""Protein and nucleotide sequences through Biopython: cleaning, kind, mass, checksum.

The wrappers `tokenization.wrappers.amino`, `dna` and `rna` put the markers; this module says what a
sequence is before they do.
"""

import re
from functools import cache
from math import isnan
from typing import Final, Literal

import numpy as np
from Bio.Data import IUPACData
from Bio.Seq import Seq

Kind = Literal["protein", "DNA", "RNA"]

#: The 20 amino acids, selenocysteine U, pyrrolysine O, the ambiguous B, J, X, Z; `*` is a stop.
PROTEIN_LETTERS: Final = frozenset(IUPACData.extended_protein_letters + "*")
#: IUPAC nucleotide code with uracil; `-` is a gap.
NUCLEOTIDE_LETTERS: Final = frozenset(IUPACData.ambiguous_dna_letters + "U-")

_SPACE_AND_NUMBERS: Final = re.compile(r"[\s\d]+")
#: A molecule of it leaves with each peptide bond; in daltons, as Biopython has it.
_WATER: Final = 18.0153
#: The mass of each residue by its letter's code, without that water; NaN where it is not known.
_WEIGHTS: Final = np.full(128, np.nan)
for _letter, _weight in IUPACData.protein_weights.items():
    _WEIGHTS[ord(_letter)] = _weight - _WATER
#: Letters of amino acids that are no code of a nucleotide.
_PROTEIN_ALONE: Final = b"EFILOPQJZ*"
#: So large a part of a sequence is plain bases and N where it is nucleotides.
_PLAIN_BASES: Final = 0.6
#: A share of G and C says little of fewer bases.
_FEWEST_BASES: Final = 20
#: In letters: arrays are counted faster from this size on.
_SHORT: Final = 8192
#: What `sum` of an array comes to.
_add: Final = np.add.reduce
#: The polynomial x^64 + x^4 + x^3 + x + 1 of ISO 3309, its bits in the other order.
_CRC64: Final = np.uint64(0xD800000000000000)


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


def protein_mass(residues: Seq | str) -> float | None:
    """The average mass of an unmodified chain in daltons, None where a residue is ambiguous.

    >>> round(protein_mass(Seq("GIVEQCCTSICSLYQLENYCN")))
    2384
    """
    return chain_mass(str(residues).encode("ascii"))


def chain_mass(letters: bytes) -> float | None:
    """The same of upper-case letters.

    >>> chain_mass(b"MKX") is None
    True
    """
    mass = float(_add(_WEIGHTS.take(np.frombuffer(letters, np.uint8))))
    return None if isnan(mass) or not letters else mass + _WATER


def beside_bases(letters: bytes) -> bytes:
    """What of some letters is no plain base: nothing for most nucleotides.

    >>> beside_bases(b"ACGTNNRYU")
    b'NNRY'
    """
    return letters.translate(None, b"ACGTU")


def kind_of(letters: bytes, others: bytes | None = None) -> Kind:
    """What a sequence is by its letters, upper case and without gaps.

    Codes of two or three bases (R, Y, S, W, K, M, B, D, H, V) are amino acids too: most letters of
    nucleotides are plain bases or N. With U and without T it is RNA. `others` is what
    `beside_bases` gives for them, where that is known.

    >>> kind_of(b"ACGTNNRY"), kind_of(b"ACGUUA"), kind_of(b"MKVDSHW"), kind_of(b"GATTACAE")
    ('DNA', 'RNA', 'protein', 'protein')
    """
    others = beside_bases(letters) if others is None else others
    if others:
        codes = others.translate(None, b"N")
        alone = len(codes) - len(codes.translate(None, _PROTEIN_ALONE))
        if alone or len(letters) - len(codes) < _PLAIN_BASES * len(letters):
            return "protein"
    return "RNA" if b"U" in letters and b"T" not in letters else "DNA"


def strong_share(letters: bytes, others: bytes | None = None) -> float | None:
    """The G+C content of upper-case bases, of those that the code tells strong from weak.

    None for fewer than 20 of these. `others` is what `beside_bases` gives for the letters, where
    that is known.

    >>> strong_share(b"ACGTNRS" * 10)
    0.6
    """
    others = beside_bases(letters) if others is None else others
    strong = _strong(letters)
    told = len(letters) - len(others)
    if others:
        ambiguous = others.count(b"S")
        strong += ambiguous
        told += ambiguous + others.count(b"W")
    return None if told < _FEWEST_BASES else strong / told


def _strong(letters: bytes) -> int:
    if len(letters) < _SHORT:
        return len(letters) - len(letters.translate(None, b"CG"))
    codes = np.frombuffer(letters, np.uint8)
    return int(np.count_nonzero(codes == ord("C")) + np.count_nonzero(codes == ord("G")))


def protein_checksum(residues: Seq | str) -> str:
    """The CRC64 of ISO 3309, as the SQ line of a UniProt entry gives it.

    The same as `Bio.SeqUtils.CheckSum.crc64`, which goes through the residues one by one: the sum
    is linear, so that what each residue adds by its distance from the end comes from a table.

    >>> protein_checksum("MKV")
    '72C336F000000000'
    """
    state, letters = 0, str(residues).encode("ascii")
    table, rows = _checksum_table()
    for start in range(0, len(letters), len(rows)):
        block = np.frombuffer(letters, np.uint8, min(len(rows), len(letters) - start), start)
        if state:
            # What came before is added to the first eight bytes.
            block = block.copy()
            carried = np.frombuffer(state.to_bytes(8, "little"), np.uint8)[: len(block)]
            block[: len(carried)] ^= carried
            state = state >> 8 * len(block) if len(block) < 8 else 0
        state ^= int(np.bitwise_xor.reduce(table.take(rows[-len(block) :] + block)))
    return f"{state:016X}"


@cache
def _checksum_table() -> tuple[np.ndarray, np.ndarray]:
    """What a byte adds to the CRC64 by how many bytes follow it, and where each number's row is."""
    first = np.arange(256, dtype=np.uint64)
    one = np.uint64(1)
    for _ in range(8):
        first = np.where(first & one, (first >> one) ^ _CRC64, first >> one)
    rows = [first]
    for _ in range(1023):
        before = rows[-1]
        rows.append(first[before & np.uint64(255)] ^ (before >> np.uint64(8)))
    return np.array(rows).ravel(), np.arange(len(rows) - 1, -1, -1) * 256


def _sequence(raw: str, letters: frozenset[str], kind: str) -> Seq:
    plain = raw.isascii() and raw.isalpha()
    joined = (raw if plain else _SPACE_AND_NUMBERS.sub("", raw)).upper()
    if not joined:
        raise ValueError(f"no {kind} at all")
    strangers = sorted(set(joined) - letters)
    if strangers:
        position = joined.index(strangers[0])
        raise ValueError(f"{strangers[0]!r} at position {position + 1} is no {kind}")
    return Seq(joined)
