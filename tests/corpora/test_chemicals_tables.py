"""The reader of the `chemicals` package's tables: rows, checks, measured properties."""

from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest

from corpora.chemicals_tables import FORMAT, IDENTIFIER_TABLES
from corpora.documents import Document, ReadOptions, RecordUnreadable
from corpora.molecules import element_counts, formula, from_smiles
from tokenization.markers import pairing_fault, reveal

OPTIONS = ReadOptions()
BENZENE = (
    "241\t71-43-2\tC6H6\t78.11184\tC1=CC=CC=C1\tC6H6/c1-2-4-6-5-3-1/h1-6H\t"
    "UHOVQNZJYSORNB-UHFFFAOYSA-N\tbenzene\tbenzene\tbenzol\t71-43-2\tBENZOL\tunm-1234\n"
)


def package(folder: Path, *rows: str) -> Path:
    """A folder laid out like the package, with measured properties of benzene."""
    tables = {
        f"Identifiers/{IDENTIFIER_TABLES[0]}": "".join(rows),
        "Misc/Physical Constants of Organic Compounds.csv": (
            "CAS\tName\tTm\tTb\trho\tRI\n71-43-2\tBenzene\t278.64\t353.23\t876.5\t1.5\n"
            "50-00-0\tFormaldehyde\tbad\t\t\t\n"
        ),
        "Critical Properties/IUPACOrganicCriticalProps.tsv": (
            "CAS\tChemical\tMW\tTc\tPc\tVc\tZc\tReference\n"
            "71-43-2\tbenzene\t78.1\t562.05\t4895000\t\t\t1\n"
        ),
    }
    for name, text in tables.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def read_all(folder: Path) -> list[Document | str]:
    outcomes: list[Document | str] = []
    for path in FORMAT.find(folder):
        for record in FORMAT.records(path, OPTIONS):
            try:
                outcomes.append(FORMAT.read(record, OPTIONS))
            except RecordUnreadable as error:
                outcomes.append(error.reason)
    return outcomes


def test_a_row_becomes_a_compound_document(tmp_path: Path) -> None:
    (document,) = read_all(package(tmp_path, BENZENE))
    assert isinstance(document, Document)
    text = reveal(document.text)
    assert text.startswith(
        "[START_I_SMILES]C1=CC=CC=C1[END_I_SMILES]\n\n### Molecular Formula\n\nC6H6"
    )
    assert "### Synonyms\n\n- benzol\n\n## Chemical and Physical Properties\n\n" in text
    assert "The following are chemical properties for benzene.\n" in text
    assert text.endswith(
        "### Experimental Properties\n\n| Property Name | Property Value |\n| --- | --- |\n"
        "| Melting Point | 278.64 K |\n| Normal Boiling Point | 353.23 K |\n"
        "| Critical Temperature | 562.05 K |\n| Critical Pressure | 4.895 MPa |"
    )
    assert document.record_id == "CID241"
    assert document.metadata["cas"] == "71-43-2"
    assert document.metadata["inchi"] == "InChI=1S/C6H6/c1-2-4-6-5-3-1/h1-6H"


def test_bad_rows_are_refused_one_by_one(tmp_path: Path) -> None:
    rows = (
        BENZENE.replace("C6H6\t78", "C6H8\t78"),
        BENZENE.replace("C6H6\t78", "\t78"),
        BENZENE.replace("\tC1=CC=CC=C1\t", "\t\t"),
        BENZENE.replace("C1=CC=CC=C1", "C(C)(C)(C)(C)C"),
        "241\t71-43-2\n",
        "x" * 10_000_000 + "\n",
        "\ue000" + BENZENE.replace("benzol", "[START_REF]</s>\ue001"),
        BENZENE,
    )
    outcomes = read_all(package(tmp_path, *rows))
    assert outcomes[:6] == [
        "formula disagrees with structure",
        "formula disagrees with structure",
        "no structure",
        "RDKit refuses the structure",
        "too few columns",
        "record too large",
    ]
    hostile, last = outcomes[6:]
    assert isinstance(hostile, Document)
    assert isinstance(last, Document)
    assert "- [START_REF]</s>\n" in hostile.text
    assert pairing_fault(hostile.text) is None
    assert sum(hostile.cleaned.values()) == 2


def test_a_compound_without_a_cid_goes_by_its_cas_number(tmp_path: Path) -> None:
    (document,) = read_all(package(tmp_path, BENZENE.replace("241\t", "-1\t")))
    assert isinstance(document, Document)
    assert document.record_id == "CAS 71-43-2"
    assert document.metadata["cid"] is None


def test_a_folder_that_is_not_the_packages_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pip install chemicals"):
        FORMAT.find(tmp_path)


def test_the_installed_package() -> None:
    spec = find_spec("chemicals")
    if spec is None or spec.origin is None:
        pytest.skip("the PyPI package chemicals is not installed")
    tables = list(FORMAT.find(Path(spec.origin).parent))
    assert tables[0].name == IDENTIFIER_TABLES[0]
    measured = 0
    for record in islice(FORMAT.records(tables[0], OPTIONS), 0, 300):
        document = FORMAT.read(record, OPTIONS)
        assert pairing_fault(document.text) is None
        again = from_smiles(str(document.metadata["smiles"]))
        assert element_counts(formula(again)) == element_counts(str(document.metadata["formula"]))
        measured += "### Experimental Properties" in document.text
    assert measured > 50
