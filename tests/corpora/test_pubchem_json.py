"""PUG JSON: structures from atoms, bonds and parities; properties; lists, lines and broken ones."""

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.pubchem import FORMAT
from corpora.pubchem.pug_json import PugObject
from corpora.pubchem.pug_structure import molecule_of
from tokenization.markers import reveal

OPTIONS = ReadOptions()
_SIDES = ("center", "above", "top", "bottom", "below", "parity")
_PLANE = ("left", "ltop", "lbottom", "right", "rtop", "rbottom", "parity")


def compound(elements: list[Any], bonds: list[tuple[Any, ...]], **more: Any) -> dict[str, Any]:
    """A compound record; a bond is two atom numbers and, where it is not single, its order."""
    atoms = {"aid": list(range(1, len(elements) + 1)), "element": elements}
    return {
        "id": {"id": {"cid": 7}},
        "atoms": atoms | more.pop("atoms", {}),
        "bonds": {
            "aid1": [bond[0] for bond in bonds],
            "aid2": [bond[1] for bond in bonds],
            "order": [bond[2] if len(bond) > 2 else 1 for bond in bonds],
        },
        **more,
    }


def smiles_of(found: dict[str, Any]) -> str:
    return str(Chem.MolToSmiles(molecule_of(found)))


def outcomes(raw: str | bytes, folder: Path, name: str = "a.json") -> list[Document | str]:
    path = folder / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    found: list[Document | str] = []
    for record in FORMAT.records(path, OPTIONS):
        try:
            found.append(FORMAT.read(record, OPTIONS))
        except (RecordUnreadable, RecordDropped) as error:
            found.append(error.reason)
    return found


def prop(label: str, value: object, name: str | None = None) -> dict[str, Any]:
    kind = "sval" if isinstance(value, str) else "ival" if isinstance(value, int) else "fval"
    urn = {"label": label} | ({} if name is None else {"name": name})
    return {"urn": urn, "value": {kind: value}}


ETHANOL = compound(
    [8, 6, 6, 1, 1, 1, 1, 1, 1],
    [(1, 2), (2, 3), (1, 4), (2, 5), (2, 6), (3, 7), (3, 8), (3, 9)],
    charge=0,
    props=[
        prop("Compound", 1, "Canonicalized"),
        prop("Compound Complexity", 2.8),
        prop("IUPAC Name", "ethanol", "Preferred"),
        prop("IUPAC Name", "ethyl alcohol", "Traditional"),
        prop("InChIKey", "LFQSCWFLJHTTHZ-UHFFFAOYSA-N", "Standard"),
        prop("Log P", -0.1, "XLogP3"),
        prop("Molecular Formula", "C2H6O"),
        prop("Molecular Weight", 46.07),
        prop("Topological", 20.2, "Polar Surface Area"),
        prop("Weight", "46.041864811", "MonoIsotopic"),
    ],
    count={"heavy_atom": 3, "atom_chiral_def": 0, "covalent_unit": 1, "tautomers": -1},
)


def test_a_compound_record_becomes_a_document(tmp_path: Path) -> None:
    (document,) = outcomes(json.dumps({"PC_Compounds": [ETHANOL]}), tmp_path)
    assert isinstance(document, Document)
    assert document.record_id == "CID7"
    text = reveal(document.text)
    assert text.startswith("[START_I_SMILES]CCO[END_I_SMILES]\n\n### Molecular Formula\n\nC2H6O\n")
    assert "### Synonyms\n\n- ethyl alcohol\n" in text
    assert "chemical properties for ethanol.\n" in text
    for row in (
        "Molecular Weight | 46.07 g/mol",
        "XLogP3 | -0.1",
        "Monoisotopic Mass | 46.041864811 g/mol",
        "Topological Polar Surface Area | 20.2 Å²",
        "Complexity | 2.8",
        "Compound Is Canonicalized | Yes",
    ):
        assert f"| {row} |\n" in text + "\n"
    computed: Any = document.metadata["computed_by_rdkit"]
    assert "Exact Mass" in computed
    assert not {"Heavy Atom Count", "Formal Charge", "Molecular Formula"} & set(computed)


def test_morphine_has_the_configuration_that_its_inchikey_names() -> None:
    """CID 5288826: five centres, listed by PubChem with parities of both kinds."""
    found = compound(
        [8, 8, 8, 7] + [6] * 17 + [1] * 19,
        [(1, 8), (1, 16), (2, 14), (2, 39), (3, 20), (3, 40), (4, 7), (4, 12), (4, 18), (5, 6),
         (5, 8), (5, 9), (5, 10), (6, 7), (6, 15), (6, 22), (7, 11), (7, 23), (8, 14), (8, 24),
         (9, 12), (9, 25), (9, 26), (10, 13, 2), (10, 16), (11, 13), (11, 27), (11, 28), (12, 29),
         (12, 30), (13, 19), (14, 17), (14, 31), (15, 17, 2), (15, 32), (16, 20, 2), (17, 33),
         (18, 34), (18, 35), (18, 36), (19, 21, 2), (19, 37), (20, 21), (21, 38)],
        stereo=[
            {"tetrahedral": dict(zip(_SIDES, sides, strict=True))}
            for sides in ((5, 6, 8, 9, 10, 1), (6, 5, 15, 7, 22, 2), (7, 4, 6, 11, 23, 1),
                          (8, 1, 14, 5, 24, 2), (14, 2, 17, 8, 31, 2))
        ],
    )  # fmt: skip
    assert Chem.MolToInchiKey(molecule_of(found)) == "BQJCRHHNABKAKU-KBQPJGBKSA-N"
    unknown = found | {"stereo": [{"tetrahedral": s["tetrahedral"] | {"parity": 3}}
                                  for s in found["stereo"]]}  # fmt: skip
    assert "@" not in smiles_of(unknown)


@pytest.mark.parametrize("order", itertools.permutations((2, 3, 4, 5)))
def test_a_hydrogen_that_is_no_atom_changes_no_configuration(order: tuple[int, ...]) -> None:
    bonds = [(1, 2), (1, 3), (1, 4), (1, 5)]
    sides = dict(zip(_SIDES, (1, *order, 1), strict=True))
    explicit = compound([6, 9, 17, 35, 1], bonds, stereo=[{"tetrahedral": sides}])
    hidden = {side: -1 if atom == 5 else atom for side, atom in sides.items()}
    implicit = compound([6, 9, 17, 35], bonds[:3], stereo=[{"tetrahedral": hidden}])
    inversions = sum(a > b for a, b in itertools.combinations(order, 2))
    expected = Chem.CanonSmiles("F[C@@](Cl)(Br)[H]")
    mirrored = Chem.CanonSmiles("F[C@](Cl)(Br)[H]")
    assert smiles_of(explicit) == smiles_of(implicit)
    assert smiles_of(explicit) == (mirrored if inversions % 2 else expected)


@pytest.mark.parametrize(
    ("plane", "smiles"),
    [
        ((3, 2, 5, 4, 6, 1, "opposite"), "Cl/C=C/Cl"),
        ((3, 2, 5, 4, 1, 6, 1), r"Cl/C=C\Cl"),
        ((4, 1, 6, 3, 2, 5, "same"), r"Cl/C=C\Cl"),
        ((3, 2, 5, 4, 1, 6, "any"), "ClC=CCl"),
    ],
)
def test_double_bonds_have_the_geometry_of_their_sides(plane: tuple[Any, ...], smiles: str) -> None:
    """1,2-Dichloroethene; words for elements and orders, as older servers wrote them."""
    found = compound(
        ["cl", "cl", "c", "c", "h", "h"],
        [(1, 4, "single"), (2, 3, "single"), (3, 4, "double"), (3, 5, "single"), (4, 6, "single")],
        stereo=[{"planar": dict(zip(_PLANE, plane, strict=True))}],
    )
    assert smiles_of(found) == Chem.CanonSmiles(smiles)


def test_a_hydrogen_that_tells_the_geometry_stays() -> None:
    """Acetaldehyde imine, E: the hydrogen of nitrogen is the only atom beside the double bond."""
    plane = dict(zip(_PLANE, (1, 3, -1, 2, 4, 5, 1), strict=True))
    found = compound(
        [7, 6, 1, 1, 6, 1, 1, 1],
        [(1, 2, 2), (1, 3), (2, 4), (2, 5), (5, 6), (5, 7), (5, 8)],
        stereo=[{"planar": plane}],
    )
    assert smiles_of(found) == Chem.CanonSmiles(r"[H]/N=C/C")


def test_charges_isotopes_radicals_and_loose_bonds_keep_their_meaning() -> None:
    salt = compound(
        [6, 6, 8, 8, 11],
        [(1, 2), (2, 3, 2), (2, 4), (4, 5, 7)],
        atoms={"charge": [{"aid": 4, "value": -1}, {"aid": 5, "value": 1}]},
    )
    assert smiles_of(salt) == "CC(=O)[O-].[Na+]"
    labelled = compound([6, 8], [(1, 2)], atoms={"isotope": [{"aid": 1, "value": 13}]})
    assert smiles_of(labelled) == "[13CH3]O"
    radical = compound([6, 6], [(1, 2)], atoms={"radical": [{"aid": 1, "type": 2}]})
    assert smiles_of(radical) == "[CH2]C"
    dative = compound([28, 7, 7], [(1, 2, 5), (1, 3, "dative")])
    assert smiles_of(dative) == "N.N.[Ni]"


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (compound([6], [(1, 2)]), "broken structure: no atom 2"),
        (compound([6, 6], [(1, 1)]), "broken structure: bond 1-1"),
        (compound([6, 6], [(1, 2), (2, 1, 2)]), "broken structure: bond 2-1"),
        (compound([6, "xx"], []), "broken structure: element 'xx'"),
        (compound([6, -3], []), "broken structure: element -3"),
        (compound([6], [], atoms={"aid": [1, 2]}), "broken structure: 2 atom numbers"),
        (compound([6], []) | {"bonds": {"aid1": [1]}}, "lists of bonds"),
        (compound([6], [], atoms={"charge": [{"aid": 1, "value": "x"}]}), "broken structure"),
        (compound([9] + [6] * 2, [(1, 2), (1, 3)]), "RDKit refuses the structure: Explicit val"),
        (compound([6], [], atoms={"isotope": [{"aid": 1, "value": 99}]}), "unknown isotope: 99C"),
        (compound([6, 255], [(1, 2)]), "undefined atoms"),
        (compound([], []), "no structure"),
    ],
)
def test_a_broken_structure_is_refused_with_its_reason(
    broken: dict[str, Any], complaint: str
) -> None:
    with pytest.raises((RecordUnreadable, RecordDropped), match=complaint):
        molecule_of(broken)


def test_compounds_of_a_list_are_cut_one_by_one(tmp_path: Path) -> None:
    other = ETHANOL | {"id": {"id": {"cid": 8}}}
    broken = compound([6], [(1, 2)], id={"id": {"cid": 9}})
    whole = {"PC_Compounds": [ETHANOL, other, broken]}
    lines = "".join(json.dumps({"PC_Compounds": [one]}) + "\n" for one in whole["PC_Compounds"])
    for raw, name in (
        (json.dumps(whole), "a.json"),
        ("\ufeff" + json.dumps(whole, indent=2), "b.json"),
        (gzip.compress(json.dumps(whole).encode()), "c.json.gz"),
        (json.dumps(whole["PC_Compounds"]), "d.json"),
        (lines, "e.jsonl"),
    ):
        found = outcomes(raw, tmp_path, name)
        ids = [one.record_id if isinstance(one, Document) else one for one in found]
        assert ids == ["CID7", "CID8", "broken structure"], name


def test_a_property_table(tmp_path: Path) -> None:
    rows = [
        {"CID": 241, "MolecularFormula": "C6H6", "MolecularWeight": "78.11", "XLogP": 2.1,
         "ConnectivitySMILES": "C1=CC=CC=C1", "IUPACName": "benzene", "Title": "Benzene",
         "TPSA": 0, "Charge": 0},
        {"CID": 5950, "IsomericSMILES": "C[C@@H](C(=O)O)N", "CanonicalSMILES": "CC(C(=O)O)N"},
        {"CID": 6},
    ]  # fmt: skip
    first, second, third = outcomes(
        json.dumps({"PropertyTable": {"Properties": rows}}, indent=1), tmp_path
    )
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert first.record_id == "CID241"
    assert "| Topological Polar Surface Area | 0 Å² |" in first.text
    assert "| XLogP3 | 2.1 |" in first.text
    assert first.metadata["name"] == "benzene"
    assert second.metadata["smiles"] == "C[C@H](N)C(=O)O"
    assert third == "no structure"


def heading(name: str, *values: Any, sections: list[Any] | None = None) -> dict[str, Any]:
    texts = [value for value in values if isinstance(value, str)]
    numbers = [value for value in values if not isinstance(value, str)]
    information = [{"Value": {"StringWithMarkup": [{"String": text}]}} for text in texts]
    information += [{"Value": {"Number": [number], "Unit": "x"}} for number in numbers]
    return {"TOCHeading": name, "Information": information, "Section": sections or []}


def test_a_page_of_pug_view(tmp_path: Path) -> None:
    descriptors = [
        heading("IUPAC Name", "ethanol"), heading("SMILES", "CCO"), heading("InChIKey", "LFQ-N"),
    ]  # fmt: skip
    computed = [
        heading("Molecular Weight", "46.07"), heading("XLogP3", -0.1),
        heading("Hydrogen Bond Donor Count", 1), heading("Complexity", 2.8),
    ]  # fmt: skip
    page = {
        "Record": {
            "RecordType": "CID",
            "RecordNumber": 702,
            "RecordTitle": "Ethanol",
            "Section": [
                heading("Names and Identifiers", sections=[
                    heading("Computed Descriptors", sections=descriptors),
                    heading("Molecular Formula", "C2H6O"),
                    heading("Synonyms", sections=[heading("MeSH Entry Terms", "Grain Alcohol")]),
                ]),
                heading("Chemical and Physical Properties", sections=[
                    heading("Computed Properties", sections=computed)
                ]),
                heading("Safety", "flammable"),
            ],
            "Reference": [{"SourceName": "x", "cid": 9}],
        }
    }  # fmt: skip
    (document,) = outcomes(json.dumps(page, indent=1), tmp_path)
    assert isinstance(document, Document)
    assert document.record_id == "CID702"
    assert document.metadata["name"] == "ethanol"
    assert "- Grain Alcohol\n" in document.text
    assert "| XLogP3 | -0.1 |\n" in document.text
    assert "| Complexity | 2.8 |" in document.text
    assert document.metadata["inchikey"] == "LFQ-N"
    (bare,) = outcomes(json.dumps(page["Record"]), tmp_path)
    assert isinstance(bare, Document)
    assert (bare.record_id, bare.text) == (document.record_id, document.text)
    page["Record"]["RecordType"] = "SID"
    assert outcomes(json.dumps(page), tmp_path) == ["a page of PUG View, of no compound"]


def test_lists_that_are_no_compounds_are_dropped(tmp_path: Path) -> None:
    names = {"InformationList": {"Information": [{"CID": 4, "Synonym": ["x"]}]}}
    assert outcomes(json.dumps(names), tmp_path) == ["no structure"]
    assert outcomes("", tmp_path) == ["empty file"]
    assert outcomes('{"PC_Compounds": []}', tmp_path) == ["empty file"]


_LEAVES = st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=4) | st.floats()
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_compound_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    found: Any = json.loads(
        json.dumps(
            ETHANOL
            | {"stereo": [{"tetrahedral": dict.fromkeys(_SIDES, 1)},
                          {"planar": dict.fromkeys(_PLANE, 1)}]}
        )
    )  # fmt: skip
    found["atoms"] |= {"charge": [{"aid": 1, "value": 0}], "radical": [{"aid": 1, "type": 255}]}
    place = found
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            place[key] = data.draw(_VALUES)
            break
        place = inner
    record_data = json.dumps(found).encode()
    try:
        FORMAT.read(Record("id", "test", PugObject(record_data), len(record_data)), OPTIONS)
    except (RecordUnreadable, RecordDropped):
        return
