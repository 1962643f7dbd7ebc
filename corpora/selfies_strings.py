"""SELFIES of a molecule, through RDKit and the `selfies` package (arXiv:1905.13741).

Every string is read back and compared: SELFIES has no wildcard atoms and few hypervalent ones, and
what it cannot say exactly is refused instead of changed.
"""

from typing import Final

import selfies
from rdkit import Chem

from corpora.documents import RecordUnreadable
from corpora.molecules import Molecule, from_smiles, smiles_pair

NOT_SAID: Final = "SELFIES cannot say the structure"


def selfies_from_smiles(written: str) -> str:
    """The SELFIES of a SMILES string, stereo and isotopes kept, from its canonical form.

    Raises RecordUnreadable where RDKit refuses the SMILES, or where SELFIES, with the valences that
    its package allows by default, would say another molecule.

    >>> selfies_from_smiles("OCC")
    '[C][C][O]'
    """
    return selfies_of(from_smiles(written))


def selfies_of(molecule: Molecule) -> str:
    """The SELFIES of an RDKit molecule; raises like `selfies_from_smiles`."""
    isomeric, _ = smiles_pair(molecule)
    try:
        string = str(selfies.encoder(isomeric))
        again = from_smiles(selfies.decoder(string))
    except (selfies.EncoderError, selfies.DecoderError) as error:
        raise RecordUnreadable(NOT_SAID, " ".join(str(error).split())[:300]) from error
    if smiles_pair(again)[0] != isomeric:
        raise RecordUnreadable(NOT_SAID, f"{isomeric} would become {Chem.MolToSmiles(again)}")
    return string
