"""SELFIES from SMILES: the same molecule or a refusal, and one token a symbol."""

import random

import pytest
import selfies
from rdkit import Chem

from corpora.documents import RecordUnreadable
from corpora.molecules import from_smiles
from corpora.selfies_strings import selfies_from_smiles, selfies_of
from tests.corpora.test_molecules import STRUCTURES
from tokenization import reveal
from tokenization.wrappers import selfies as wrapped


@pytest.mark.parametrize("name", sorted(STRUCTURES.keys()))
def test_structures_are_said_exactly_in_any_order_of_atoms(name: str) -> None:
    molecule = from_smiles(STRUCTURES[name])
    string = selfies_of(molecule)
    assert reveal(wrapped(string)) == f"[START_SELFIES]{string}[END_SELFIES]"
    order = list(range(molecule.GetNumAtoms()))
    random.Random(1).shuffle(order)
    assert selfies_of(Chem.RenumberAtoms(molecule, order)) == string


def test_golden_strings() -> None:
    assert selfies_from_smiles("CC(=O)Oc1ccccc1C(=O)O") == (
        "[C][C][=Branch1][C][=O][O][C][=C][C][=C][C][=C][Ring1][=Branch1][C][=Branch1][C][=O][O]"
    )
    assert selfies_from_smiles("[Na+].[Cl-]") == "[Cl-1].[Na+1]"
    assert selfies_from_smiles("[13CH4]") == "[13CH4]"
    assert selfies_from_smiles("C[C@@H](C(=O)O)N").startswith("[C][C@")


@pytest.mark.parametrize("written", ["*C", "C(C)(C)(C)(C)C", "C1CC", "FCl(F)F", "C.[C", "", " "])
def test_what_cannot_be_said_is_refused(written: str) -> None:
    with pytest.raises(RecordUnreadable):
        selfies_from_smiles(written)


def test_a_string_that_says_another_molecule_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfies, "decoder", lambda string: "CCC")
    with pytest.raises(RecordUnreadable, match="CCO would become CCC"):
        selfies_from_smiles("OCC")
