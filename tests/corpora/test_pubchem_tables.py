"""Tables of compounds: PubChem's downloads, PUG REST's CSV, tables of others, `CID-SMILES`."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.pubchem import FORMAT
from corpora.pubchem.columns import PubChemOptions
from tokenization.markers import pairing_fault, reveal

DOWNLOAD = (
    "cid,cmpdname,cmpdsynonym,mw,mf,polararea,complexity,xlogp,heavycnt,hbonddonor,hbondacc,"
    "rotbonds,inchikey,iupacname,isosmiles,canonicalsmiles,charge,definedatomstereocnt\n"
    '5950,Alanine,"L-alanine|56-41-7|L-2-aminopropionic acid|alanine",89.09,C3H7NO2,63.3,61.8,'
    "-3,6,2,3,1,QNAYBMKLOCPYGJ-REOHCLBHSA-N,(2S)-2-aminopropanoic acid,C[C@@H](C(=O)O)N,"
    "CC(C(=O)O)N,0,1\n"
)


def outcomes(
    raw: str | bytes, folder: Path, file: str = "a.csv", **own: Any
) -> list[Document | str]:
    path = folder / file
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    options = ReadOptions(source=PubChemOptions(**own) if own else None)
    found: list[Document | str] = []
    for record in FORMAT.records(path, options):
        try:
            document = FORMAT.read(record, options)
        except (RecordUnreadable, RecordDropped) as error:
            found.append(error.reason)
        else:
            assert pairing_fault(document.text) is None
            found.append(document)
    return found


def test_a_row_of_pubchems_download(tmp_path: Path) -> None:
    (document,) = outcomes(DOWNLOAD, tmp_path)
    assert isinstance(document, Document)
    assert document.record_id == "CID5950"
    text = reveal(document.text)
    assert text.startswith("[START_I_SMILES]C[C@H](N)C(=O)O[END_I_SMILES]\n")
    assert "### Synonyms\n\n- Alanine\n- L-alanine\n- L-2-aminopropionic acid\n\n" in text
    assert "properties for (2S)-2-aminopropanoic acid.\n" in text
    for row in ("XLogP3 | -3", "Topological Polar Surface Area | 63.3 Å²", "Complexity | 61.8",
                "Defined Atom Stereocenter Count | 1"):  # fmt: skip
        assert f"| {row} |\n" in text
    assert document.metadata["inchikey"] == "QNAYBMKLOCPYGJ-REOHCLBHSA-N"
    assert "Exact Mass" in str(document.metadata["computed_by_rdkit"])


@pytest.mark.parametrize(
    "header",
    ["Compound_CID\tName\tSMILES\tMolecular_Formula", "CID\tTitle\tConnectivitySMILES\tMF",
     " pubchem cid \tcompound name\tCanonical SMILES\tMolecularFormula"],
)  # fmt: skip
def test_columns_are_known_by_any_of_their_names(header: str, tmp_path: Path) -> None:
    (document,) = outcomes(f"{header}\n241\tBenzene\tc1ccccc1\tC6H6\n", tmp_path, "a.tsv")
    assert isinstance(document, Document)
    assert document.record_id == "CID241"
    assert document.metadata["name"] == "Benzene"
    assert document.metadata["smiles"] == "C1=CC=CC=C1"
    assert "Molecular Formula" not in str(document.metadata["computed_by_rdkit"])


def test_numbers_of_other_tables_are_not_pubchems(tmp_path: Path) -> None:
    (document,) = outcomes("smiles;charge;complexity;mw\nCCO;7;9;1.5\n", tmp_path)
    assert isinstance(document, Document)
    assert "| Formal Charge | 0 |" in document.text
    assert "| Molecular Weight | 46.07 g/mol |" in document.text
    assert document.record_id == "a.csv#2"


def test_a_source_names_its_columns(tmp_path: Path) -> None:
    table = "key,mol,label,other names\nx1,C1=CC=CC=C1,benzol,phene; cyclohexatriene\nx2,,,\n"
    assert outcomes(table, tmp_path) == ["missing column", "missing column"]
    options = {"smiles": "mol", "name": "label", "synonyms": "other names", "id": "key"}
    document, second = outcomes(table, tmp_path, **options)
    assert isinstance(document, Document)
    assert document.record_id == "x1"
    assert document.metadata["name"] == "benzol"
    assert "- phene\n- cyclohexatriene\n" in document.text
    assert second == "no structure"
    chosen = FORMAT.source_options({"smiles": "mol"}, tmp_path)
    assert chosen == PubChemOptions(smiles="mol")
    with pytest.raises(ValueError, match="its options: smiles, name, iupac_name, synonyms, id"):
        FORMAT.source_options({"smile": "mol"}, tmp_path)


def test_rows_that_are_none_cost_themselves(tmp_path: Path) -> None:
    table = (
        "smiles,name\nC(C)(C)(C)(C)C,a\nnull,b\nC*,c\n[Na+].[Cl-],salt\nCCO,d,e,f\n"
        "[2H]O[2H],heavy water\n"
    )
    found = outcomes(table, tmp_path)
    assert [one if isinstance(one, str) else one.metadata["name"] for one in found] == [
        "RDKit refuses the structure",
        "no structure",
        "undefined atoms (R groups) in the structure",
        "salt",
        "more cells than columns",
        "heavy water",
    ]
    assert outcomes("", tmp_path, "empty.csv") == ["empty file"]
    assert outcomes(DOWNLOAD.replace("C3H7NO2", "C3H8NO2"), tmp_path) == [
        "formula disagrees with structure"
    ]


def test_rows_of_one_cid_stay_apart(tmp_path: Path) -> None:
    found = outcomes("cid,smiles\n7,C\n7,CC\n8,CCC\n,CCCC\n", tmp_path)
    assert [one.record_id for one in found if isinstance(one, Document)] == [
        "CID7", "CID7#3", "CID8", "a.csv#5",
    ]  # fmt: skip


def test_files_of_smiles(tmp_path: Path) -> None:
    raw = "smiles name\nCCO ethanol\n[13CH4]\n\nC[C@H](O)F |&1:1|\trac-1-fluoroethanol\nC(( x\n"
    found = outcomes(raw, tmp_path, "a.smi")
    ids = [one if isinstance(one, str) else one.record_id for one in found]
    assert ids == ["ethanol", "a.smi#3", "rac-1-fluoroethanol", "RDKit refuses the structure"]
    racemate = found[2]
    assert isinstance(racemate, Document)
    assert "### Stereochemistry\n\nThe substance is a mixture" in racemate.text
    assert "properties for rac-1-fluoroethanol.\n" in racemate.text


def test_files_of_smiles_may_have_the_name_first(tmp_path: Path) -> None:
    found = outcomes("# made by hand\nid1 CCO\nid2 C[C@H](O)F |o1:1|\nid3\n", tmp_path, "a.smi")
    ids = [one if isinstance(one, str) else one.record_id for one in found]
    assert ids == ["id1", "id2", "no structure"]


def test_cid_smiles_takes_its_names_from_the_files_beside_it(tmp_path: Path) -> None:
    extras = {
        "CID-IUPAC": "1\tmethane\n3\tpropane\n",
        "CID-Title": "1\tMethane\n2\tEthane\n4\tButane\n",
        "CID-Synonym-filtered": "1\tmarsh gas\n1\tmethyl hydride\n2\tbimethyl\n4\tn-butane\n",
    }
    for name, rows in extras.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(rows.encode()))
    smiles = gzip.compress(b"1\tC\n2\tCC\nno number\n3\tCCC\n4\tCCCC\n")
    found = outcomes(smiles, tmp_path, "CID-SMILES.gz")
    assert [path.name for path in FORMAT.find(tmp_path)] == ["CID-SMILES.gz"]
    names = [one if isinstance(one, str) else one.metadata["name"] for one in found]
    assert names == ["methane", "Ethane", "no CID", "propane", "Butane"]
    first = found[0]
    assert isinstance(first, Document)
    assert first.record_id == "CID1"
    assert "### Synonyms\n\n- marsh gas\n- methyl hydride\n" in first.text


def test_a_file_of_names_that_is_damaged_is_told_and_costs_the_names(tmp_path: Path) -> None:
    (tmp_path / "CID-Title").write_text("1\tMethane\n5\tPentane\n2\tEthane\n")
    found = outcomes("1\tC\n2\tCC\n5\tCCCCC\n", tmp_path, "CID-SMILES")
    names = [one if isinstance(one, str) else one.metadata["name"] for one in found]
    assert names == ["Methane", "PubChem compound 2", "Pentane", "not ordered by CID"]


def test_a_folder_gives_its_compounds_in_any_form(tmp_path: Path) -> None:
    for name in ("a.sdf", "b.sdf.gz", "c.json", "d.csv.xz", "e.txt", "f.tar.gz", "CID-SMILES"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in FORMAT.find(tmp_path)] == [
        "CID-SMILES", "a.sdf", "b.sdf.gz", "c.json", "d.csv.xz", "f.tar.gz",
    ]  # fmt: skip
