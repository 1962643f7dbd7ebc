"""Train, validation and test by scaffold or by chance, one molecule never in two of them.

By scaffold: DeepChem's `ScaffoldSplitter`. Molecules of one Bemis-Murcko scaffold (1996,
doi:10.1021/jm9602928), stereo left out, stay together; the sets of molecules, largest first and of
equal ones the later first, fill train up to 80 % of the molecules, then validation up to 90 %, and
what does not fit is test. By chance: a number of the molecule's skeleton, the same on every machine
and in every file, so that what is held out never depends on a recipe's seed.
"""

import hashlib
from array import array
from collections.abc import Iterable
from typing import Final

from rdkit import Chem, rdBase
from rdkit.Chem.Scaffolds import MurckoScaffold

from corpora import molecules
from corpora.documents import RecordUnreadable
from corpora.seeded_choices import chance

TRAIN, VALIDATION, TEST = "train", "validation", "test"
TRAIN_FRACTION: Final = 0.8
VALIDATION_FRACTION: Final = 0.1
#: A scaffold takes time by the cube of the atoms: 0.1 s for 500.
MAX_SCAFFOLD_ATOMS: Final = 1_000

_NO_SCAFFOLD: Final = 0
#: Of the splits by chance, whatever a recipe's seed is.
_SEED: Final = 0


def scaffold_key(smiles: str) -> int:
    """A 63-bit hash of a molecule's scaffold, never 0; 0 where RDKit refuses the molecule."""
    try:
        molecule = molecules.from_smiles(smiles)
    except RecordUnreadable:
        return _NO_SCAFFOLD
    if molecule.GetNumAtoms() > MAX_SCAFFOLD_ATOMS:
        return _NO_SCAFFOLD
    with rdBase.BlockLogs():
        try:
            scaffold = MurckoScaffold.MurckoScaffoldSmiles(mol=molecule, includeChirality=False)
        except (RuntimeError, ValueError):
            return _NO_SCAFFOLD
    digest = hashlib.blake2b(scaffold.encode(), digest_size=8, person=b"moleculenet").digest()
    return (int.from_bytes(digest, "big") >> 1) or 1


def scaffold_splits(keys: Iterable[int]) -> tuple["array[int]", dict[int, str]]:
    """The scaffold keys as they come, and the split of each key.

    Memory: 8 bytes a molecule, and each scaffold once.

    >>> _, splits = scaffold_splits([5, 5, 5, 5, 5, 5, 5, 5, 7, 9])
    >>> splits
    {5: 'train', 9: 'validation', 7: 'test'}
    """
    listed: array[int] = array("q")
    counts: dict[int, int] = {}
    first: dict[int, int] = {}
    for place, key in enumerate(keys):
        listed.append(key)
        if key != _NO_SCAFFOLD:
            counts[key] = counts.get(key, 0) + 1
            first.setdefault(key, place)
    # As DeepChem calculates them, so that rounding gives the same splits.
    train_limit = TRAIN_FRACTION * sum(counts.values())
    validation_limit = (TRAIN_FRACTION + VALIDATION_FRACTION) * sum(counts.values())
    splits: dict[int, str] = {}
    train = validation = 0
    for key in sorted(counts, key=lambda key: (counts[key], first[key]), reverse=True):
        size = counts[key]
        if train + size <= train_limit:
            splits[key] = TRAIN
            train += size
        elif train + validation + size <= validation_limit:
            splits[key] = VALIDATION
            validation += size
        else:
            splits[key] = TEST
    return listed, splits


def random_split(molecule: molecules.Molecule) -> str:
    """The split of a molecule by a hash of the first block of its InChIKey, which no version of
    RDKit changes: stereoisomers, tautomers and ions of one skeleton stay together."""
    with rdBase.BlockLogs():
        skeleton = Chem.MolToInchiKey(molecule).partition("-")[0]
        # InChI refuses some complexes of metals.
        skeleton = skeleton or Chem.MolToSmiles(molecule, isomericSmiles=False)
    drawn = chance(_SEED, skeleton, "moleculenet: split")
    if drawn < TRAIN_FRACTION:
        return TRAIN
    return VALIDATION if drawn < TRAIN_FRACTION + VALIDATION_FRACTION else TEST
