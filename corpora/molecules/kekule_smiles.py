"""Kekulé SMILES from aromatic SMILES, by rewriting the string.

RDKit's way is to parse its canonical SMILES again, kekulize the molecule and write it, which takes
as long as reading the molecule did. Which bonds are double is a question about the string alone:
the aromatic atoms that lack a double bond are matched in pairs of neighbours. Matched greedily in
the order of the string, and by augmenting paths where that leaves atoms over, the result depends on
nothing but the canonical string, and so is canonical.
"""

import numpy as np

from corpora.molecules.kekule_kernel import kekulize


def kekule_smiles(canonical: str) -> str | None:
    """Canonical aromatic SMILES, as RDKit writes it, with alternating bonds.

    None for what is beyond these rules (atoms that are rarely aromatic, bonds of other kinds), and
    for a string whose bonds cannot alternate.

    >>> kekule_smiles("Cc1ccc2[nH]ccc2c1")
    'CC1=CC=C2NC=CC2=C1'
    """
    text = np.frombuffer(bytearray(canonical, "utf-8"), np.uint8)
    written = np.empty(2 * len(text), np.uint8)
    length = kekulize(text, written)
    return written[:length].tobytes().decode("ascii") if length else None
