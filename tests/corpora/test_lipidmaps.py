"""The reader of LIPID MAPS: structures with their classes, checked formulas and masses."""

import re
import zipfile
from pathlib import Path

import pytest
from rdkit import Chem
from rdkit.Chem import AllChem, rdMolDescriptors

from corpora.documents import Document, ReadOptions
from corpora.lipidmaps import FORMAT
from corpora.molecules import element_counts
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

PALMITIC = {
    "LM_ID": "LMFA01010001",
    "NAME": "Palmitic acid",
    "SYSTEMATIC_NAME": "hexadecanoic acid",
    "CATEGORY": "Fatty Acyls [FA]",
    "MAIN_CLASS": "Fatty Acids and Conjugates [FA01]",
    "SUB_CLASS": "Straight chain fatty acids [FA0101]",
    "EXACT_MASS": "256.240230",
    "FORMULA": "C16H32O2",
    "ABBREVIATION": "FA 16:0",
    "SYNONYMS": "C16:0; n-hexadecoic acid; palmitic acid",
    "PUBCHEM_CID": "985",
    "CHEBI_ID": "15756",
    "KEGG_ID": "-",
}
SMILES = {
    "LMFA01010001": "CCCCCCCCCCCCCCCC(=O)O",
    "LMST01010001": (
        "C[C@H](CCCC(C)C)[C@H]1CC[C@@H]2[C@@]1(CC[C@H]3[C@H]2CC=C4[C@@]3(CC[C@@H](C4)O)C)C"
    ),
    "LMFA01030001": "CCCCC/C=C\\C/C=C\\CCCCCCCC(=O)O",
    "LMGP01010005": (
        "CCCCCCCCCCCCCCCC(=O)OC[C@H](COP(=O)([O-])OCC[N+](C)(C)C)OC(=O)CCCCCCC/C=C\\CCCCCCCC"
    ),
}


def sdf(items: dict[str, str], smiles: str | None = None) -> str:
    number = items.get("LM_ID", "")
    molecule = Chem.MolFromSmiles(SMILES.get(number, "") if smiles is None else smiles)
    AllChem.Compute2DCoords(molecule)
    data = "".join(f"> <{name}>\n{value}\n\n" for name, value in items.items())
    _, block = Chem.MolToMolBlock(molecule).split("\n", 1)
    return f"{number}\n{block}{data}$$$$\n"


def written(folder: Path, text: str, name: str = "LMSD.sdf") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def outcomes(path: Path) -> list[Document | Refusal]:
    options = ReadOptions()
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(path: Path) -> list[str]:
    return [
        reveal(found.text) if isinstance(found, Document) else found.reason
        for found in outcomes(path)
    ]


CLASSIFICATION = (
    "## Classification\n\nPalmitic acid (LMFA01010001 in LIPID MAPS) is a lipid of the category "
    "Fatty Acyls (FA), the main class Fatty Acids and Conjugates (FA01) and the subclass Straight "
    "chain fatty acids (FA0101). Its shorthand notation is FA 16:0. In other databases it is "
    "PubChem CID 985 and CHEBI:15756."
)


def test_a_lipid(tmp_path: Path) -> None:
    path = written(tmp_path, sdf(PALMITIC))
    (text,) = texts(path)
    assert text.startswith(
        "[START_I_SMILES]CCCCCCCCCCCCCCCC(=O)O[END_I_SMILES]\n\n### Molecular Formula\n\n"
        "C16H32O2\n\n"
        "### Synonyms\n\n- Palmitic acid\n- C16:0\n- n-hexadecoic acid\n\n## Chemical and Physical "
        "Properties\n\nThe following are chemical properties for hexadecanoic acid."
    )
    assert "| Monoisotopic Mass | 256.240230 g/mol |" in text
    assert text.endswith(CLASSIFICATION)
    (document,) = outcomes(path)
    assert isinstance(document, Document)
    assert document.record_id == document.metadata["lm_id"] == "LMFA01010001"
    assert document.metadata["classification"] == [
        "Fatty Acyls [FA]", "Fatty Acids and Conjugates [FA01]",
        "Straight chain fatty acids [FA0101]",
    ]  # fmt: skip


def test_older_names_of_items_and_no_mass(tmp_path: Path) -> None:
    items = dict(PALMITIC)
    items["COMMON_NAME"] = items.pop("NAME")
    items["CATEGORY"] = "Fatty Acyls"
    items.pop("EXACT_MASS")
    items["ABBREVIATION_CHAINS"] = "FA 16:0;O"
    (text,) = texts(written(tmp_path, sdf(items)))
    assert (
        "Palmitic acid (LMFA01010001 in LIPID MAPS) is a lipid of the category Fatty Acyls," in text
    )
    assert "notation is FA 16:0, with its chains FA 16:0;O." in text


def test_a_table_and_a_zip_file_say_the_same(tmp_path: Path) -> None:
    plain = texts(written(tmp_path, sdf(PALMITIC)))
    with zipfile.ZipFile(tmp_path / "LMSD.sdf.zip", "w") as archive:
        archive.writestr("structures.sdf", sdf(PALMITIC))
    assert texts(tmp_path / "LMSD.sdf.zip") == plain
    row = PALMITIC | {"SMILES": SMILES["LMFA01010001"]}
    table = "\t".join(name.lower() for name in row) + "\n" + "\t".join(row.values()) + "\n"
    assert texts(written(tmp_path, table, "lmsd.tsv")) == plain


@pytest.mark.parametrize("number", SMILES)
def test_formula_and_mass_are_those_of_the_smiles_in_the_document(
    tmp_path: Path, number: str
) -> None:
    """From the document's own SMILES back to mass, formula and InChIKey."""
    molecule = Chem.MolFromSmiles(SMILES[number])
    items = {
        "LM_ID": number,
        "FORMULA": rdMolDescriptors.CalcMolFormula(molecule),
        "EXACT_MASS": f"{rdMolDescriptors.CalcExactMolWt(molecule):.5f}",
    }
    (text,) = texts(written(tmp_path, sdf(items)))
    smiles = re.search(r"\[START_I_SMILES\](.+)\[END_I_SMILES\]", text)
    formula = re.search(r"### Molecular Formula\n\n(.+)", text)
    mass = re.search(r"\| Monoisotopic Mass \| ([\d.]+) g/mol \|", text)
    assert smiles
    assert formula
    assert mass
    again = Chem.MolFromSmiles(smiles[1])
    assert Chem.MolToInchiKey(again) == Chem.MolToInchiKey(molecule)
    assert element_counts(formula[1]) == element_counts(rdMolDescriptors.CalcMolFormula(again))
    assert abs(float(mass[1]) - rdMolDescriptors.CalcExactMolWt(again)) < 0.001


@pytest.mark.parametrize(
    ("changes", "smiles", "reason"),
    [
        ({"FORMULA": "C16H30O2"}, None, "formula disagrees with structure"),
        ({"EXACT_MASS": "255.2"}, None, "mass disagrees with structure"),
        ({"LM_ID": "-"}, "CC", "no LM_ID"),
        ({}, "*CC", "undefined atoms (R groups) in the structure"),
        ({}, "", "no structure"),
    ],
)
def test_what_is_no_lipid(
    tmp_path: Path, changes: dict[str, str], smiles: str | None, reason: str
) -> None:
    assert texts(written(tmp_path, sdf(PALMITIC | changes, smiles))) == [reason]


def test_damaged_files_cost_a_record(tmp_path: Path) -> None:
    good = sdf(PALMITIC)
    broken = good.replace("M  END", "M  EDN", 1).replace("LMFA01010001", "LMFA01010002")
    found = outcomes(written(tmp_path, good + broken + good))
    assert [isinstance(outcome, Document) for outcome in found] == [True, False, True]
    assert len({found[0].record_id, found[2].record_id}) == 2  # type: ignore[union-attr]
    assert texts(written(tmp_path, "")) == ["empty file"]
