"""Translation of coding regions by the genetic codes of NCBI, as Biopython has them.

Codons of plain bases go through an array of Biopython's table; a codon with an ambiguous base
through `Bio.Seq.translate` itself. A code has several start codons, and the first codon of a
complete region is read as methionine where it is one of them.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from Bio.Data import CodonTable
from Bio.Seq import translate as translate_with_biopython

#: Residues that stand for several or any, and may differ from what a translation says.
_AMBIGUOUS: Final = frozenset("XBZJ")
_BASES: Final = b"TCAG"
_COMPLEMENT: Final = bytes.maketrans(
    b"ACGTUNRYSWKMBDHVacgtunryswkmbdhv", b"TGCAANYRSWMKVHDBtgcaanyrswmkvhdb"
)


class Code(NamedTuple):
    """A genetic code: the residues of the 64 codons by their bases' numbers, and its starts."""

    residues: np.ndarray
    starts: frozenset[str]
    name: str


@cache
def genetic_code(number: int) -> Code:
    """A code by its number at NCBI. Raises ValueError for a number that has none.

    >>> genetic_code(11).name, sorted(genetic_code(1).starts)
    ('Bacterial', ['ATG', 'CTG', 'TTG'])
    """
    table = CodonTable.unambiguous_dna_by_id.get(number)
    if table is None:
        raise ValueError(f"no genetic code {number}")
    # 125 places: the fifth base is any that is not plain, and has the residue 0.
    residues = np.zeros(125, np.uint8)
    for codon, residue in table.forward_table.items():
        residues[_place(codon)] = ord(residue)
    for codon in table.stop_codons:
        # Codes 27, 28 and 31 read some codons as a residue, except at the end.
        if codon not in table.forward_table:
            residues[_place(codon)] = ord("*")
    return Code(residues, frozenset(table.start_codons), table.names[0])


def _place(codon: str) -> int:
    first, second, third = (_BASES.index(ord(base)) for base in codon)
    return 25 * first + 5 * second + third


_NUMBER_OF_BASE: Final = bytes(
    {**{base: number for number, base in enumerate(_BASES)}, ord("U"): 0}.get(byte, 4)
    for byte in range(256)
)


def reverse_complement(bases: bytes) -> bytes:
    """The other strand, read in its own direction.

    >>> reverse_complement(b"AACGT")
    b'ACGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


def translated(bases: bytes, number: int) -> str:
    """Upper-case bases as residues, codon by codon; what is left of a codon at the end is not read.

    The same as `Bio.Seq.translate`.

    >>> translated(b"ATGGCNTGA", 1)
    'MA*'
    """
    code = genetic_code(number)
    whole = len(bases) - len(bases) % 3
    numbers = np.frombuffer(bases.translate(_NUMBER_OF_BASE), np.uint8, whole)
    residues = code.residues[25 * numbers[::3] + 5 * numbers[1::3] + numbers[2::3]].tobytes()
    if b"\0" not in residues:
        return residues.decode("ascii")
    read = residues.decode("ascii")
    return "".join(
        residue if residue != "\0" else _ambiguous(bases[3 * at : 3 * at + 3], number)
        for at, residue in enumerate(read)
    )


def _ambiguous(codon: bytes, number: int) -> str:
    try:
        return str(translate_with_biopython(codon.decode("latin-1"), table=number))
    except (CodonTable.TranslationError, KeyError):
        return "X"


def coded_protein(
    bases: bytes,
    number: int,
    *,
    begins_before: bool = False,
    exceptions: tuple[tuple[int, str], ...] = (),
) -> str:
    """The residues that a coding region has in its frame, stop included where there is one.

    The first codon is methionine where it is a start codon of the code and the region is not known
    to begin before. `exceptions` are residues of codons by their number from 0. Bases of an
    incomplete codon at the end count where they tell a residue, or a stop that the tail of the
    messenger completes (an exception says so).
    """
    protein = translated(bases, number)
    left = bases[len(bases) - len(bases) % 3 :]
    if left:
        last = _ambiguous(left + b"N" * (3 - len(left)), number)
        protein += "" if last == "X" else last
        if last == "X" and any(at == len(protein) for at, _ in exceptions):
            protein += "X"
    residues = list(protein)
    for at, residue in exceptions:
        if at < len(residues):
            residues[at] = residue
    if (
        residues
        and not begins_before
        and bases[:3].decode("latin-1") in genetic_code(number).starts
    ):
        residues[0] = "M"
    return "".join(residues)


def agrees(computed: str, stated: str) -> bool:
    """Whether a translation is the one stated; residues that stand for several agree with any.

    The stop is not part of a protein, nor need the residue of an incomplete last codon be.

    >>> agrees("MKX*", "MKV"), agrees("MKV", "MKVL"), agrees("MKVL", "MKV")
    (True, False, True)
    """
    computed = computed.removesuffix("*")
    stated = stated.removesuffix("*")
    if computed == stated:
        return True
    if len(computed) not in (len(stated), len(stated) + 1):
        return False
    return all(
        one == other or one in _AMBIGUOUS or other in _AMBIGUOUS
        for one, other in zip(computed, stated, strict=False)
    )
