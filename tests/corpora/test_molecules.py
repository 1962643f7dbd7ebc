"""Molecules: canonical kekulized SMILES that keep the structure, formulas, masses, no noise."""

import random
from pathlib import Path

import pytest
from rdkit import Chem, rdBase

from corpora.documents import RecordUnreadable
from corpora.molecules import (
    MAX_ATOMS,
    element_counts,
    exact_mass,
    formula,
    from_mol_block,
    from_smiles,
    properties,
    smiles_pair,
    stereo_notes,
)
from corpora.molecules.kekule_smiles import kekule_smiles

STRUCTURES = {
    "aspirin": "CC(=O)Oc1ccccc1C(=O)O",
    "alanine": "C[C@@H](C(=O)O)N",
    "glucose": "OC[C@H]1OC(O)[C@H](O)[C@@H](O)[C@@H]1O",
    "fumaric acid": "OC(=O)/C=C/C(=O)O",
    "o-xylene": "Cc1ccccc1C",
    "azulene": "c1ccc2cccc2cc1",
    "indole": "c1ccc2[nH]ccc2c1",
    "pyridinium": "C[n+]1ccccc1",
    "sodium acetate": "CC(=O)[O-].[Na+]",
    "heavy water": "[2H]O[2H]",
    "labelled glycine": "[15NH2][13CH2]C(=O)O",
    "hydrogen": "[H][H]",
    "proton": "[H+]",
    "methyl radical": "[CH3]",
    "nitric oxide": "[N]=O",
    "cisplatin": "N[Pt](N)(Cl)Cl",
    "ferrocene": "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1",
    "allene": "CC=[C@]=CC",
    "C60": "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1"
    "c1c6c6c%11c2c2c7c3c3c8c4c4c9c5c1c1c6c2c3c41",
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_smiles_keep_the_structure_and_do_not_depend_on_the_order_of_atoms(name: str) -> None:
    molecule = from_smiles(STRUCTURES[name])
    isomeric, connectivity = smiles_pair(molecule)
    again = from_smiles(isomeric)
    assert Chem.MolToSmiles(again) == Chem.MolToSmiles(molecule)
    assert Chem.MolToInchiKey(again) == Chem.MolToInchiKey(molecule)
    assert (
        Chem.MolToInchiKey(from_smiles(connectivity))[:14] == (Chem.MolToInchiKey(molecule)[:14])
    ), "the first block of an InChIKey hashes the connectivity"
    order = list(range(molecule.GetNumAtoms()))
    for seed in range(5):
        random.Random(seed).shuffle(order)
        shuffled = Chem.RenumberAtoms(molecule, order)
        assert smiles_pair(shuffled) == (isomeric, connectivity)
    assert smiles_pair(again)[0] == isomeric


def test_smiles_are_kekulized_as_in_pubchem() -> None:
    for smiles in STRUCTURES.values():
        for written in smiles_pair(from_smiles(smiles)):
            assert not any(
                atom.GetIsAromatic()
                for atom in Chem.MolFromSmiles(written, sanitize=False).GetAtoms()
            )
    assert smiles_pair(from_smiles("c1ccccc1")) == ("C1=CC=CC=C1", "C1=CC=CC=C1")


def test_the_connectivity_smiles_has_neither_stereo_nor_isotopes() -> None:
    assert smiles_pair(from_smiles("[2H]O[2H]")) == ("[2H]O[2H]", "O")
    assert smiles_pair(from_smiles("[2H]C(Cl)(Cl)Cl"))[1] == "ClC(Cl)Cl"
    assert smiles_pair(from_smiles("OC(=O)/C=C/C(=O)O")) == (
        "O=C(O)/C=C/C(=O)O",
        "O=C(O)C=CC(=O)O",
    )


@pytest.mark.parametrize(
    ("smiles", "complaint"),
    [
        ("C(C)(C)(C)(C)C", "Explicit valence for atom # 0 C, 5, is greater than permitted"),
        ("C1CC(", "syntax error while parsing: C1CC("),
        ("c1cccc1", "Can't kekulize mol"),
        ("[999CH4]", "unknown isotope: 999C"),
        ("C" * (4 * MAX_ATOMS + 1), "molecule too large"),
        ("C" * (MAX_ATOMS + 1), "molecule too large"),
    ],
)
def test_a_refusal_gives_rdkits_reason_and_no_noise(
    smiles: str, complaint: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RecordUnreadable) as caught:
        from_smiles(smiles)
    assert complaint in str(caught.value)
    with pytest.raises(RecordUnreadable, match=r"RDKit refuses the structure: ."):
        from_mol_block("junk\n\n\nxx\n")
    assert capfd.readouterr() == ("", "")


def test_warnings_of_rdkit_stay_silent(capfd: pytest.CaptureFixture[str]) -> None:
    properties(from_smiles("[H+].[Cl-]"))
    smiles_pair(from_smiles("[2H][H]"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", STRUCTURES)
def test_formula_and_masses_agree_with_the_atoms(name: str) -> None:
    molecule = Chem.AddHs(from_smiles(STRUCTURES[name]))
    counts = element_counts(formula(molecule))
    assert counts is not None
    assert sum(counts.values()) == molecule.GetNumAtoms()
    table = Chem.GetPeriodicTable()
    if not any(atom.GetIsotope() for atom in molecule.GetAtoms()):
        weight = sum(table.GetAtomicWeight(e) * n for e, n in counts.items())
        assert float(properties(molecule)["Molecular Weight"].split()[0]) == pytest.approx(
            weight, abs=0.01
        )


# PubChem's exact and monoisotopic masses of hexachlorobenzene, tetrabromomethane, heavy water.
@pytest.mark.parametrize(
    ("smiles", "exact", "monoisotopic"),
    [
        ("Clc1c(Cl)c(Cl)c(Cl)c(Cl)c1Cl", 283.810167, 281.813116),
        ("BrC(Br)(Br)Br", 331.669259, 327.673352),
        ("[2H]O[2H]", 20.023118, 20.023118),
        ("[Na+]", 22.989221, 22.989221),
    ],
)
def test_exact_mass_is_that_of_the_likeliest_isotopes(
    smiles: str, exact: float, monoisotopic: float
) -> None:
    molecule = from_smiles(smiles)
    assert exact_mass(molecule) == pytest.approx(exact, abs=2e-5)
    written = properties(molecule)["Monoisotopic Mass"]
    assert float(written.split()[0]) == pytest.approx(monoisotopic, abs=2e-5)


def test_stereo_centres_are_counted_by_what_is_known_of_them() -> None:
    found = properties(from_smiles("C/C=C/C(O)[C@H](F)Cl"))
    assert found["Defined Atom Stereocenter Count"] == "1"
    assert found["Undefined Atom Stereocenter Count"] == "1"
    assert found["Defined Bond Stereocenter Count"] == "1"
    assert found["Undefined Bond Stereocenter Count"] == "0"


def test_formulas_of_other_spelling_count_the_same_atoms() -> None:
    assert element_counts("H2SO4") == element_counts("H2O4S")
    assert element_counts("C12[13C]H10O") == element_counts("C13H10O")
    assert element_counts("C2H3O2-") == element_counts("C2H3O2")
    for no_formula in ("", "water", "C6H6.HCl", "C" + "9" * 5000):
        assert element_counts(no_formula) is None


@pytest.mark.parametrize(
    ("smiles", "notes"),
    [
        ("C[C@H](O)F", []),
        ("C[C@H](O)F |a:1|", []),
        (
            "C[C@H](O)F |o1:1|",
            ["The substance is either the stereoisomer shown or the one with the opposite "
             "configuration at one stereocentre; which of them is not known."],
        ),
        (
            "C[C@H](O)[C@H](F)[C@@H](Cl)Br |&1:1,3,&2:5|",
            ["The substance is a mixture of the stereoisomer shown and the one with the opposite "
             "configuration at 2 stereocentres and, independently of these, at 1 other."],
        ),
    ],
)  # fmt: skip
def test_stereo_that_smiles_cannot_say_is_said(smiles: str, notes: list[str]) -> None:
    assert stereo_notes(from_smiles(smiles)) == notes


def test_atropisomers_are_told() -> None:
    molecule = from_smiles("Cc1cccc(Cl)c1-c1c(C)cccc1Cl |wU:7.7|")
    (bond,) = (b for b in molecule.GetBonds() if not b.IsInRing() and b.GetBeginAtomIdx() == 7)
    bond.SetStereoAtoms(1, 9)
    bond.SetStereo(Chem.BondStereo.STEREOATROPCW)
    assert stereo_notes(molecule) == []
    assert stereo_notes(molecule, may_have_axes=True) == [
        "It is one atropisomer: the configuration about a hindered single bond is not written in "
        "the SMILES."
    ]


AROMATIC = (
    "Cc1ccccc1C", "c1ccc2[nH]ccc2c1", "C[n+]1ccccc1", "[O-][n+]1ccccc1", "O=c1cc[nH]cc1",
    "c1ccc(-c2ccccc2)cc1", "[13cH]1ccccc1", "c1cc[se]c1", "[nH+]1ccccc1", "c1ccc2ccccc2c1",
    "c1cc2ccc3cccc4ccc(c1)c2c34", "[cH-]1cccc1.[cH-]1cccc1.[Fe+2]", "C1=Cc2cccc3cccc1c23",
    "c1ccc2c(c1)c1ccccc1c1ccccc21", "O=c1[nH]c(=O)c2[nH]cnc2[nH]1", "[o+]1ccccc1", "c1ccsc1",
    "F/C=C/c1ccc(/C=C/Cl)cc1", "N[C@@H](Cc1c[nH]cn1)C(=O)O", "c1cc(Br)c2nsnc2c1", "[cH+]1cccccc1",
    "c1cc#ccc1",
)  # fmt: skip


@pytest.mark.parametrize("smiles", [*AROMATIC, STRUCTURES["C60"], STRUCTURES["azulene"]])
def test_text_is_kekulized_as_rdkit_reads_it(smiles: str) -> None:
    canonical = Chem.CanonSmiles(smiles)
    written = kekule_smiles(canonical)
    assert written is not None
    parsed = Chem.MolFromSmiles(written, sanitize=False)
    assert not any(atom.GetIsAromatic() for atom in parsed.GetAtoms())
    assert Chem.CanonSmiles(written) == canonical


@pytest.mark.parametrize("smiles", ["c1ccpcc1", "[c-]1ccccc1.[Li+]", "c1cccc1", "c1:c:c:c:c:c1"])
def test_what_is_beyond_the_rules_is_left_to_rdkit(smiles: str) -> None:
    assert kekule_smiles(smiles) is None


@pytest.mark.slow
def test_every_compound_of_chemicals_is_kekulized_as_rdkit_reads_it() -> None:
    chemicals = pytest.importorskip("chemicals")
    table = Path(chemicals.__file__).parent / "Identifiers/chemical identifiers pubchem large.tsv"
    beyond = 0
    with table.open(encoding="utf-8") as rows, rdBase.BlockLogs():
        for row in rows:
            molecule = Chem.MolFromSmiles(row.split("\t")[4])
            if molecule is None:
                continue
            canonical = Chem.MolToSmiles(molecule)
            written = kekule_smiles(canonical)
            beyond += written is None
            if written is not None and Chem.CanonSmiles(written) != canonical:
                # RDKit's own string is not always what it gives for that string.
                assert Chem.CanonSmiles(written) == Chem.CanonSmiles(canonical)
    assert beyond < 100


def test_water_gives_and_takes_a_hydrogen_bond() -> None:
    for smiles, expected in (("O", "1"), ("[2H]O[2H]", "1"), ("O.O.O.[Cu+2]", "3"), ("C", "0")):
        found = properties(from_smiles(smiles))
        assert found["Hydrogen Bond Donor Count"] == expected
        assert found["Hydrogen Bond Acceptor Count"] == expected


def test_a_count_at_which_rdkit_stops_is_not_printed() -> None:
    found = properties(from_smiles("C" + "OCC" * 1200 + "O"))
    assert found["Hydrogen Bond Donor Count"] == "1"
    assert "Hydrogen Bond Acceptor Count" not in found
    assert "Rotatable Bond Count" not in found


@pytest.mark.parametrize(
    ("smiles", "written"),
    [
        # As PubChem prints them.
        ("N.N.Cl[Pt]Cl", "Cl2H6N2Pt"), ("Cl", "ClH"), ("[Na+].[OH-]", "HNaO"), ("O", "H2O"),
        ("[NH4+]", "H4N+"), ("[NH4+].[Cl-]", "ClH4N"), ("OP(=O)(O)O", "H3O4P"), ("[BH4-]", "BH4-"),
        ("[Hg]", "Hg"), ("[H][H]", "H2"), ("[H+]", "H+"), ("O.[Ca+2]", "CaH2O+2"),
        ("CCl", "CH3Cl"), ("C(=O)([O-])O.[Na+]", "CHNaO3"), ("Cl[Pt](Cl)(N)N", "Cl2H4N2Pt"),
    ],
)  # fmt: skip
def test_formulas_are_in_hill_order(smiles: str, written: str) -> None:
    assert formula(from_smiles(smiles)) == written
