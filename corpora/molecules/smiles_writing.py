"""SMILES as PubChem writes them: kekulized, canonical, with stereo and isotopes or without."""

import re
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem import rdqueries

from corpora.molecules.kekule_smiles import kekule_smiles
from corpora.molecules.parsing import Molecule

# Chirality, double-bond geometry and isotopes, as SMILES spells them.
_ISOMERIC: Final = re.compile(r"[@/\\]|\[\d")
# A labelled hydrogen is an atom of its own, which the connectivity has not.
_LABELLED_HYDROGEN: Final = re.compile(r"\[\d+H")
_AROMATIC: Final = rdqueries.IsAromaticQueryAtom()


def smiles_pair(molecule: Molecule) -> tuple[str, str]:
    """The isomeric and the connectivity-only SMILES, both kekulized and canonical.

    The second leaves out stereo and isotopes; the two are equal where there is neither.

    >>> from corpora.molecules import from_smiles
    >>> smiles_pair(from_smiles("N[C@@H](C)c1ccccc1"))
    ('C[C@H](N)C1=CC=CC=C1', 'CC(N)C1=CC=CC=C1')
    """
    with rdBase.BlockLogs():
        isomeric = str(Chem.MolToSmiles(molecule))
        if not _ISOMERIC.search(isomeric):
            kekulized = _kekulized(isomeric, molecule)
            return kekulized, kekulized
        plain = molecule
        if _LABELLED_HYDROGEN.search(isomeric):
            plain = Chem.Mol(molecule)
            for atom in plain.GetAtoms():
                atom.SetIsotope(0)
            plain = Chem.RemoveHs(plain)
        connectivity = str(Chem.MolToSmiles(plain, isomericSmiles=False))
        return _kekulized(isomeric, molecule), _kekulized(connectivity, molecule)


def _kekulized(canonical: str, molecule: Molecule) -> str:
    """Canonical aromatic SMILES rewritten with alternating bonds.

    Starting from the canonical string fixes which of the Kekulé forms is taken. A string RDKit
    cannot read back (rare metal complexes) keeps the form it has.
    """
    written = kekule_smiles(canonical)
    if written is not None:
        return written
    if not molecule.GetAtomsMatchingQuery(_AROMATIC):
        return canonical
    again: Molecule = Chem.MolFromSmiles(canonical)
    if again is None:
        return canonical
    Chem.Kekulize(again, clearAromaticFlags=True)
    return str(Chem.MolToSmiles(again, kekuleSmiles=True))
