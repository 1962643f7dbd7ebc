"""SMILES as PubChem writes them: kekulized, canonical, with stereo and isotopes or without."""

import re
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem import rdqueries

from corpora.molecules.parsing import Molecule

# Chirality, double-bond geometry and isotopes, as SMILES spells them.
_ISOMERIC: Final = re.compile(r"[@/\\]|\[\d")
_AROMATIC: Final = rdqueries.IsAromaticQueryAtom()


def smiles_pair(molecule: Molecule) -> tuple[str, str]:
    """The isomeric and the connectivity-only SMILES, both kekulized and canonical.

    The second leaves out stereo and isotopes; the two are equal where there is neither.

    >>> from corpora.molecules import from_smiles
    >>> smiles_pair(from_smiles("N[C@@H](C)c1ccccc1"))
    ('C[C@H](N)C1=CC=CC=C1', 'CC(N)C1=CC=CC=C1')
    """
    with rdBase.BlockLogs():
        isomeric = _kekulized(Chem.MolToSmiles(molecule))
        if not _ISOMERIC.search(isomeric):
            return isomeric, isomeric
        plain = Chem.Mol(molecule)
        for atom in plain.GetAtoms():
            atom.SetIsotope(0)
        plain = Chem.RemoveHs(plain)
        return isomeric, _kekulized(Chem.MolToSmiles(plain, isomericSmiles=False))


def _kekulized(canonical: str) -> str:
    """Canonical aromatic SMILES rewritten with alternating bonds.

    Starting from the canonical string fixes which of the Kekulé forms is taken. A string RDKit
    cannot read back (rare metal complexes) keeps the form it has.
    """
    molecule: Molecule = Chem.MolFromSmiles(canonical)
    if molecule is None or not molecule.GetAtomsMatchingQuery(_AROMATIC):
        return str(canonical)
    Chem.Kekulize(molecule, clearAromaticFlags=True)
    return str(Chem.MolToSmiles(molecule, kekuleSmiles=True))
