"""The reader of Reactome: tables of a release joined, hierarchies, summaries, participants."""

import gzip
import shutil
import zipfile
from pathlib import Path

import pytest

from corpora.documents import Document, ReadOptions
from corpora.reactome import FORMAT
from corpora.reactome.article import QUESTION_PROBABILITY
from corpora.reactome.tables import MOST_PARTICIPANTS
from corpora.seeded_choices import chance
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

GOLDEN = Path(__file__).parent / "golden" / "reactome"
#: With this seed no summary of the pathways here is posed as a question.
PLAIN = next(
    seed
    for seed in range(1000)
    if all(
        chance(seed, f"R-HSA-{number}", "reactome: question") >= QUESTION_PROBABILITY
        for number in (900001, 900003, 1, 2, 3)
    )
)


def outcomes(path: Path, seed: int = PLAIN) -> list[Document | Refusal]:
    options = ReadOptions(seed=seed)
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(path: Path, seed: int = PLAIN) -> list[str]:
    return [
        reveal(found.text) if isinstance(found, Document) else found.reason
        for found in outcomes(path, seed)
    ]


def written(folder: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_the_tables_of_a_release_are_one_input() -> None:
    assert [path.name for path in FORMAT.find(GOLDEN)] == ["ReactomePathways.txt"]
    found = texts(GOLDEN)
    assert found[3] == (
        "# Ca2+ pathway\n\nCa2+ pathway is a pathway of Homo sapiens in Reactome (R-HSA-900003). "
        "It is part of Platelet activation, as told here, which is part of Hemostasis of an "
        "invented kind.\n\n## Summary\n\nCalcium ions leave their store when the concentration of "
        "IP3 rises (p < 0.05) and return later.\n\n## Participants\n\n2 proteins take part in it: "
        "PLC in the cytosol (UniProt P99901), IP3R in the endoplasmic reticulum membrane (UniProt "
        "P99902).\n\nOne small molecule takes part in it: CHEBI:29108."
    )
    assert "both need Ca[START_SUP]2+[END_SUP].\n\nThe first is quick" in found[1]


def test_a_summary_may_be_an_answer() -> None:
    asked = {
        text
        for seed in range(30)
        for text in texts(GOLDEN, seed)
        if "\n\nQuestion: What happens in the pathway “Ca2+ pathway” in Homo sapiens?\n\n"
        "Answer: Calcium ions leave" in text
    }
    assert len(asked) == 1


def test_other_tables_of_the_release_are_read_with_the_first() -> None:
    (refusal,) = outcomes(GOLDEN / "pathway2summation.txt")
    assert isinstance(refusal, Refusal)
    assert not refusal.quarantined


def test_packed_and_compressed_releases(tmp_path: Path) -> None:
    plain = texts(GOLDEN)
    squeezed = tmp_path / "squeezed"
    squeezed.mkdir()
    for file in GOLDEN.iterdir():
        (squeezed / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert texts(squeezed) == plain
    packed = tmp_path / "packed"
    packed.mkdir()
    with zipfile.ZipFile(packed / "release.zip", "w") as archive:
        for file in sorted(GOLDEN.iterdir()):
            archive.write(file, f"current/{file.name}")
    assert sorted(texts(packed)) == sorted(plain)


@pytest.mark.parametrize("left_out", ["ReactomePathways", "pathway2summation"])
def test_tables_that_are_missing(tmp_path: Path, left_out: str) -> None:
    release = tmp_path / "release"
    shutil.copytree(GOLDEN, release)
    (release / f"{left_out}.txt").unlink()
    found = texts(release)
    assert any(text.startswith("# Ca2+ pathway\n") for text in found)
    for file in release.iterdir():
        file.unlink() if file.name != "UniProt2Reactome_PE_Pathway.txt" else None
    (alone,) = texts(release)
    assert alone.startswith("# Ca2+ pathway\n\nCa2+ pathway is a pathway of Homo sapiens in")


def test_a_hierarchy_that_goes_round_ends(tmp_path: Path) -> None:
    written(
        tmp_path,
        ReactomePathways="R-HSA-1\tOne\tHomo sapiens\nR-HSA-2\tTwo\tHomo sapiens\n",
        ReactomePathwaysRelation="R-HSA-1\tR-HSA-2\nR-HSA-2\tR-HSA-1\nR-HSA-3\tR-HSA-3\nbroken\n",
    )
    assert texts(tmp_path) == [
        "no pair of pathways",
        "# One\n\nOne is a pathway of Homo sapiens in Reactome (R-HSA-1). It is part of Two. "
        "It has one subpathway.\n\n## Subpathways\n\n- Two",
        "# Two\n\nTwo is a pathway of Homo sapiens in Reactome (R-HSA-2). It is part of One. "
        "It has one subpathway.\n\n## Subpathways\n\n- One",
        "a pathway without a name",
    ]


def test_a_pathway_with_several_parents(tmp_path: Path) -> None:
    written(
        tmp_path,
        ReactomePathways="R-HSA-3\tThree\tHomo sapiens\nR-HSA-1\tOne\tx\nR-HSA-2\tTwo\tx\n",
        ReactomePathwaysRelation="R-HSA-1\tR-HSA-3\nR-HSA-2\tR-HSA-3\nR-HSA-2\tR-HSA-3\n",
    )
    assert texts(tmp_path)[0].endswith("It is part of One. It is also part of Two.")


def test_many_participants_are_counted(tmp_path: Path) -> None:
    rows = "".join(f"P{n:05}\tR-HSA-1.2\thttps://x\tOne\tTAS\tHomo sapiens\n" for n in range(60))
    written(tmp_path, UniProt2Reactome=rows + rows[:400])
    (text,) = texts(tmp_path)
    assert "60 proteins take part in it: UniProt P00000, UniProt P00001," in text
    assert text.endswith(f"and {60 - MOST_PARTICIPANTS} more.")


def test_genes_of_a_gene_set_file(tmp_path: Path) -> None:
    written(tmp_path, ReactomePathways="R-HSA-1\tOne\tHomo sapiens\n")
    with zipfile.ZipFile(tmp_path / "ReactomePathways.gmt.zip", "w") as archive:
        archive.writestr("ReactomePathways.gmt", "One\tR-HSA-1\tTP53\tMDM2\nTwo\tR-HSA-2\tATM\n")
    one, two = texts(tmp_path)
    assert one.endswith("## Participants\n\n2 genes take part in it: TP53, MDM2.")
    assert two == (
        "# Two\n\nTwo is a pathway of Homo sapiens in Reactome (R-HSA-2).\n\n## Participants\n\n"
        "One gene takes part in it: ATM."
    )
    assert [path.name for path in FORMAT.find(tmp_path)] == ["ReactomePathways.txt"]


def test_gene_sets_under_a_dated_name(tmp_path: Path) -> None:
    (tmp_path / "ReactomePathways_2024-09-18.gmt").write_text(
        "One\tR-HSA-1\tReactome Pathway\tTP53\tMDM2\n"
    )
    (text,) = texts(tmp_path)
    assert text.endswith("2 genes take part in it: TP53, MDM2.")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "no pathways"), (b"\n\n", "no pathways"), (b"R-HSA-1\tOn\xff\tx\n", "not UTF-8"),
     (b"words\nand words\n", "no pathway"),
     (b"R-HSA-1\tOne\tTP53\tATM\n", "not three columns"), (b"\x00\x00", "not text")],
)  # fmt: skip
def test_what_is_no_release(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "ReactomePathways.txt").write_bytes(content)
    assert texts(tmp_path) == [reason]
