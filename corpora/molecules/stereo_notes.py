"""What a SMILES string cannot say of a compound's stereochemistry, as sentences.

Groups of enhanced stereochemistry (V3000 `STERAC`, `STEREL`; CXSMILES `&1:`, `o1:`) make what is
drawn one of several stereoisomers; the chirality of a hindered single bond has no sign in SMILES.
"""

from typing import Any, Final

from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from corpora.molecules.parsing import Molecule

_ATROPISOMERS: Final = (Chem.BondStereo.STEREOATROPCW, Chem.BondStereo.STEREOATROPCCW)


def stereo_notes(molecule: Molecule, *, may_have_axes: bool = False) -> list[str]:
    """The sentences, none for most molecules. Bonds are looked at where there `may_have_axes`.

    >>> from corpora.molecules import from_smiles
    >>> stereo_notes(from_smiles("C[C@H](O)CC |&1:1|"))
    ['The substance is a mixture of the stereoisomer shown and the one with the opposite \
configuration at one stereocentre.']
    """
    groups: dict[Any, list[int]] = {
        Chem.StereoGroupType.STEREO_AND: [],
        Chem.StereoGroupType.STEREO_OR: [],
    }
    for group in molecule.GetStereoGroups():
        groups.get(group.GetGroupType(), []).append(len(group.GetAtoms()))
    notes = []
    if mixed := groups[Chem.StereoGroupType.STEREO_AND]:
        notes.append(
            "The substance is a mixture of the stereoisomer shown and the one with the opposite "
            f"configuration at {_centres(mixed)}."
        )
    if unknown := groups[Chem.StereoGroupType.STEREO_OR]:
        notes.append(
            "The substance is either the stereoisomer shown or the one with the opposite "
            f"configuration at {_centres(unknown)}; which of them is not known."
        )
    if may_have_axes:
        axes = sum(1 for bond in molecule.GetBonds() if bond.GetStereo() in _ATROPISOMERS)
        if axes:
            hindered = "a hindered single bond" if axes == 1 else f"{axes} hindered single bonds"
            notes.append(
                f"It is one atropisomer: the configuration about {hindered} is not written in the "
                "SMILES."
            )
    return notes


def num_defined_centres(molecule: Molecule) -> int:
    """The number of stereocentres, atoms, whose configuration is known."""
    every = rdMolDescriptors.CalcNumAtomStereoCenters(molecule)
    return int(every - rdMolDescriptors.CalcNumUnspecifiedAtomStereoCenters(molecule))


def _centres(sizes: list[int]) -> str:
    """The stereocentres of groups that change each as a whole.

    >>> _centres([2, 1])
    '2 stereocentres and, independently of these, at 1 other'
    """
    first, *others = sizes
    text = "one stereocentre" if first == 1 else f"{first} stereocentres"
    for number in others:
        text += f" and, independently of these, at {number} other{'s' if number > 1 else ''}"
    return text
