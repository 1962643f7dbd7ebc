"""Ribosome: pairs of coding nucleotides and proteins from both formats, and what is left out."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest
from Bio.Seq import Seq
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.ribosome import FORMAT, RibosomeOptions
from tests.corpora.test_genbank import GENE, OTHERS, SELENO, SEQUENCE, TOXIN, cds, record
from tokenization.markers import pairing_fault, reveal

SPANS = re.compile(r"\[START_(DNA|AMINO)\](.*?)\[END_")


def read(text: str, folder: Path, name: str = "a.gb", seed: int = 0) -> list[Document | str]:
    """The documents of a file, and the reasons of the records that gave none."""
    path = folder / name
    path.write_text(text)
    options = ReadOptions(seed=seed)
    found: list[Document | str] = []
    for raw in FORMAT.records(path, options):
        try:
            document = FORMAT.read(raw, options)
            assert pairing_fault(document.text) is None
            found.append(document)
        except (RecordDropped, RecordUnreadable) as error:
            found.append(error.reason)
    return found


def spans(document: Document | str) -> dict[str, str]:
    assert isinstance(document, Document)
    return dict(SPANS.findall(reveal(document.text)))


def test_the_coding_regions_of_a_record(tmp_path: Path) -> None:
    documents = read(record(SEQUENCE, TOXIN, OTHERS), tmp_path)
    assert [spans(document) for document in documents] == [{"DNA": GENE, "AMINO": "MAKWC"}] * 2
    first = documents[0]
    assert isinstance(first, Document)
    assert first.record_id == "TEST_1.2/1"
    assert first.metadata == {
        "identifier": "TP_1.1",
        "organism": "Inventia mirabilis",
        "gene": "tox",
        "genetic_code": 11,
        "bases": 18,
        "residues": 5,
    }


def test_every_phrasing_and_both_ways_round_come_up(tmp_path: Path) -> None:
    texts = Counter(
        reveal(document.text)
        for seed in range(120)
        for document in read(record(SEQUENCE, TOXIN), tmp_path, seed=seed)
        if isinstance(document, Document)
    )
    assert len(texts) == 6
    dna_first = sum(n for text, n in texts.items() if text.index("_DNA") < text.index("_AMINO"))
    assert 40 < dna_first < 80
    assert (
        "# Toxin of plasmids\n\nThe coding sequence of toxin of plasmids (gene tox) from Inventia "
        f"mirabilis has 18 bases.\n\n[START_DNA]{GENE}[END_DNA]\n\nTranslated by genetic code 11 "
        "(bacterial), it gives a protein of 5 amino acids.\n\n[START_AMINO]MAKWC[END_AMINO]"
    ) in texts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (cds("1..18", GENE, 'translation="MAKWY"'), "translation disagrees with the bases"),
        (cds("1..18", GENE, "pseudo"), "pseudogene"),
        (cds("1..30", GENE, 'translation="MAKWC"'), "bases in another record"),
        (cds("join(1..18,X1.1:1..3)", GENE), "bases in another record"),
        (cds("6..18", GENE), "no translation"),
        (cds("1..18", GENE, 'exception="RNA editing"', 'translation="MAKWY"'), "no translation"),
        (cds("1..18", SELENO, "transl_except=(pos:10..12,aa:Sec)"), "exceptional translation"),
        (record(SEQUENCE), "no coding region"),
        (cds("1..18", GENE).replace("ggctaa", "gg!taa"), "not a nucleotide sequence"),
        (record(SEQUENCE, TOXIN, OTHERS).partition("ORIGIN")[0], "record not terminated"),
        ("words\n", "not a GenBank or EMBL record"),
    ],
)
def test_what_is_left_out_of_flat_files(text: str, reason: str, tmp_path: Path) -> None:
    assert read(text, tmp_path) == [reason]


@pytest.mark.parametrize(
    ("header", "bases", "outcome"),
    [
        ("x [gene=tox] [protein=toxin] [protein_id=NP_1.1]", GENE, "MAKWC"),
        ("x", "GTG" + GENE[3:], "MAKWC"),
        ("x [partial=5'] [protein_id=NP_1.1]", "GTG" + GENE[3:], "VAKWC"),
        ("ENST00000641515.2 cds chromosome:GRCh38:1:1:18:1 gene:ENSG00000186092.7",
         "GTG" + GENE[3:], "VAKWC"),
        ("x [frame=3] [partial=5',3'] [protein_id=NP_1.1]", "AA" + GENE[3:-1], "AKWC"),
        ("x", GENE[:-3], "MAKWC"),
        ("x", GENE.replace("T", "U"), "MAKWC"),
        ("x", GENE[:-1], "not a multiple of three bases"),
        ("x", SELENO, "a stop codon inside"),
        ("x [pseudo=true] [protein_id=NP_1.1]", GENE, "pseudogene"),
        ("x [exception=RNA editing] [protein_id=NP_1.1]", GENE, "exceptional translation"),
        ("x", "ATG" + "NNN" * 5, "unknown residues"),
        ("x", "MKVLLE", "not a nucleotide sequence"),
        ("x", "TAA", "no translation"),
    ],
)  # fmt: skip
def test_coding_sequences_in_fasta(header: str, bases: str, outcome: str, tmp_path: Path) -> None:
    (document,) = read(f">{header}\n{bases}\n", tmp_path, "a.fna")
    if isinstance(document, str):
        assert document == outcome
    else:
        assert spans(document)["AMINO"] == outcome


def test_another_genetic_code(tmp_path: Path) -> None:
    path = tmp_path / "a.fna"
    path.write_text(f">x\n{SELENO}\n")
    options = ReadOptions(source=RibosomeOptions(genetic_code=4))
    (raw,) = FORMAT.records(path, options)
    assert spans(FORMAT.read(raw, options))["AMINO"] == "MAKWC"
    with pytest.raises(ValueError, match="genetic_code: Value error, no genetic code 99"):
        FORMAT.source_options({"genetic_code": 99}, tmp_path)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ACGTN", min_size=3, max_size=3), min_size=1, max_size=60))
def test_the_protein_is_that_of_biopython(
    tmp_path_factory: pytest.TempPathFactory, codons: list[str]
) -> None:
    bases = "ATG" + "".join(codons)
    expected = str(Seq(bases).translate(table=11)).removesuffix("*")
    (document,) = read(f">x\n{bases}\n", tmp_path_factory.mktemp("ribosome"), "a.fna")
    if isinstance(document, str):
        assert "*" in expected or expected.count("X") * 10 > len(expected)
    else:
        assert spans(document) == {"DNA": bases, "AMINO": expected}


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="needs real files in $REALDATA")
def test_real_records() -> None:
    folder = Path(os.environ["REALDATA"]) / "genbank"
    pairs = [
        spans(FORMAT.read(raw, ReadOptions()))
        for path in FORMAT.find(folder)
        for raw in FORMAT.records(path, ReadOptions())
    ]
    assert len(pairs) == 16
    for pair in pairs:
        translated = str(Seq(pair["DNA"]).translate(table=11)).removesuffix("*")
        assert translated[1:] == pair["AMINO"][1:]
