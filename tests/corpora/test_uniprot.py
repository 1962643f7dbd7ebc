"""The UniProt reader: whole documents, every shape of the format, and broken or hostile input."""

import gzip
import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, Record, RecordUnreadable
from corpora.terminated_records import RawRecord
from corpora.uniprot import FORMAT
from tokenization.markers import code_point, pairing_fault, reveal

EXAMPLES = Path(__file__).parents[2] / "examples" / "uniprot" / "proteins.dat"
MELITTIN = """\
ID   MEL_TEST                Reviewed;          26 AA.
AC   P00000; Q00000;
DT   21-JUL-1986, integrated into UniProtKB/Swiss-Prot.
DE   RecName: Full=Melittin {ECO:0000303|PubMed:1};
DE            Short=MEL;
DE            EC=3.1.1.4 {ECO:0000305};
DE   Flags: Fragment;
GN   Name=MELT {ECO:0000303|PubMed:1}; Synonyms=M1, M2; ORFNames=orf7;
OS   Apis mellifera (Honeybee).
OC   Eukaryota; Metazoa; Arthropoda; Apis.
OX   NCBI_TaxID=7460 {ECO:0000313|EMBL:X1,
OX   ECO:0000313|EMBL:X2};
OH   NCBI_TaxID=6997; Acheta domesticus (House cricket).
RN   [1]
RP   PROTEIN SEQUENCE.
RX   PubMed=4301; DOI=10.1000/xyz;
RA   Van den Berg A.B., Jin D.-Y., Dorris L. III;
RT   "The alpha- and beta-
RT   melittin of bees.";
RL   J. Invented 1:1-9(1970).
RN   [2]
RP   SEQUENCE.
RG   The Bee Consortium;
RA   Smith J.;
RL   Submitted (FEB-2013) to the EMBL/GenBank/DDBJ databases.
CC   -!- FUNCTION: Makes pores in membranes (PubMed:4301, Ref.2). Binds 5-
CC       hydroxytryptamine (PubMed:999) (By similarity). {ECO:0000269|PubMed:4301,
CC       ECO:0000305}.
CC   -!- CATALYTIC ACTIVITY:
CC       Reaction=A = B + 2 H(+); Xref=Rhea:RHEA:1, ChEBI:CHEBI:2; EC=3.1.1.4;
CC         Evidence={ECO:0000255|PROSITE-ProRule:PRU1};
CC       PhysiologicalDirection=left-to-right; Xref=Rhea:RHEA:3;
CC         Evidence={ECO:0000305};
CC   -!- COFACTOR:
CC       Name=Mg(2+); Xref=ChEBI:CHEBI:18420; Evidence={ECO:0000305};
CC       Name=Mn(2+); Xref=ChEBI:CHEBI:29035; Evidence={ECO:0000305};
CC       Note=Binds 2 ions per subunit. {ECO:0000305};
CC   -!- BIOPHYSICOCHEMICAL PROPERTIES:
CC       Kinetic parameters:
CC         KM=1.3 mM for A {ECO:0000305};
CC         Vmax=2 umol/min/mg enzyme {ECO:0000305};
CC         Note=Measured in water.;
CC       pH dependence:
CC         Optimum pH is 7.5. {ECO:0000305};
CC   -!- INTERACTION:
CC       P00000; P12345: GENE; NbExp=2; IntAct=EBI-1, EBI-2;
CC       P00000; P00000: MELT; NbExp=2; IntAct=EBI-1, EBI-1;
CC       P00000; PRO_1 [O92972]; Xeno; NbExp=5; IntAct=EBI-1, EBI-3;
CC   -!- SUBCELLULAR LOCATION: [Isoform 1]: Secreted {ECO:0000305}. Note=In venom.
CC   -!- ALTERNATIVE PRODUCTS:
CC       Event=Alternative splicing; Named isoforms=2;
CC       Name=1;
CC         IsoId=P00000-1; Sequence=Displayed;
CC       Name=2; Synonyms=short;
CC         IsoId=P00000-2; Sequence=VSP_000001;
CC         Note=No experimental confirmation available.;
CC   -!- MASS SPECTROMETRY: Mass=2846; Mass_error=1; Method=MALDI;
CC       Evidence={ECO:0000305};
CC   -!- RNA EDITING: Modified_positions=3, 9; Note=Partial.;
CC   -!- DISEASE: Sting (STG) [MIM:123456]: It hurts. Note=Not caused by variants.
CC   -!- SEQUENCE CAUTION:
CC       Sequence=AAA12345.1; Type=Erroneous initiation; Note=Too short.;
CC         Evidence={ECO:0000305};
CC   -!- WEB RESOURCE: Name=A link; URL="https://example.org";
CC   -!- SIMILARITY: Belongs to the melittin family. {ECO:0000305}.
CC   ---------------------------------------------------------------------------
CC   Copyrighted
CC   ---------------------------------------------------------------------------
DR   Nonsense of a line that nobody needs
PE   1: Evidence at protein level;
KW   Amidation {ECO:0000305}; Direct protein sequencing {ECO:0000305,
KW   ECO:0000269|PubMed:4301}; Secreted.
FT   CHAIN           <1..26
FT                   /note="Melittin"
FT                   /id="PRO_1"
FT   ZN_FING         2..12
FT                   /note="C2H2-type"
FT                   /evidence="ECO:0000255|PROSITE-ProRule:PRU00042"
FT   DISULFID        3..9
FT                   /note="Interchain"
FT   BINDING         5
FT                   /ligand="heme b"
FT                   /ligand_id="ChEBI:CHEBI:1"
FT                   /ligand_part="Fe"
FT                   /note="axial binding residue"
FT   VAR_SEQ         1..9
FT                   /note="GIGAVLKVL -> MKV (in isoform 2)"
FT                   /id="VSP_000001"
FT   CONFLICT        20
FT                   /note="S -> T (in Ref. 1; AA sequence)"
FT   HELIX           2..11
FT   HELIX           13..25
SQ   SEQUENCE   26 AA;  2847 MW;  8B8FD6D2F3A5FF5E CRC64;
     GIGAVLKVLT TGLPALISWI KRKRQQ
//
"""
GOLDEN_BODY = """\
# Melittin (MELT, Apis mellifera)

- Alternative names: MEL
- EC number: 3.1.1.4
- Gene: MELT (synonyms M1, M2; ORF name orf7)
- Organism: Apis mellifera (Honeybee), NCBI taxonomy ID 7460
- Lineage: Eukaryota, Metazoa, Arthropoda, Apis
- Host: Acheta domesticus (House cricket)
- Length: 26 amino acids
- Mass: 2847 Da
- Sequence: fragment
- Protein existence: evidence at protein level

## Function

Makes pores in membranes [START_REF] The alpha- and beta-melittin of bees, Van den Berg[END_REF], \
[START_REF] (Smith 2013)[END_REF]. Binds 5-hydroxytryptamine [START_REF] (PubMed 999)[END_REF] \
(By similarity).

## Catalytic activity

A = B + 2 H(+) (EC 3.1.1.4). The reaction goes from left to right under physiological conditions.

## Cofactor

Mg(2+), Mn(2+). Binds 2 ions per subunit.

## Biophysicochemical properties

Kinetic parameters: KM = 1.3 mM for A; Vmax = 2 umol/min/mg enzyme; Measured in water. \
pH dependence: Optimum pH is 7.5.

## Interactions

Binary interactions were observed with GENE (P12345), itself, O92972 (from another organism).

## Subcellular location

[Isoform 1]: Secreted. In venom.

## Isoforms

Produced by alternative splicing.

- Isoform 1, P00000-1: the sequence given here.
- Isoform 2 (also short), P00000-2: residues 1-9 replaced. No experimental confirmation available.

## Mass spectrometry

Measured mass 2846 Da (error 1 Da) by MALDI.

## RNA editing

Modified positions: 3, 9. Partial.

## Disease

Sting (STG) (MIM 123456): It hurts. Not caused by variants.

## Sequence caution

Sequence AAA12345.1: erroneous initiation. Too short.

## Similarity

Belongs to the melittin family.

## Keywords

Amidation, Direct protein sequencing, Secreted

## Features

- Residues <1-26: Chain, Melittin.
- Residues 2-12: Zinc finger, C2H2-type.
- Residues 3 and 9: Disulfide bond, Interchain.
- Residue 5: Binding site, heme b; Fe; axial binding residue.
- Residues 1-9: Alternative sequence, [START_AMINO]GIGAVLKVL[END_AMINO] -> \
[START_AMINO]MKV[END_AMINO] (in isoform 2).
- Residue 20: Sequence conflict, S -> T (in [START_REF] The alpha- and beta-melittin of bees, \
Van den Berg[END_REF]; AA sequence).
- Helices: residues 2-11, 13-25.

## References

- [START_REF] The alpha- and beta-melittin of bees, Van den Berg[END_REF]"""
SEQUENCE = "[START_AMINO]GIGAVLKVLTTGLPALISWIKRKRQQ[END_AMINO]"


def records_of(raw: bytes, folder: Path, name: str = "entries.dat") -> list[Record]:
    path = folder / name
    path.write_bytes(raw)
    return list(FORMAT.records(path, ReadOptions()))


def entry(text: str) -> Record:
    raw = text.removesuffix("//\n").encode()
    return Record("P00000", "test", RawRecord(raw, 1, len(raw)), len(raw))


def read(text: str, seed: int = 0) -> Document:
    document = FORMAT.read(entry(text), ReadOptions(seed=seed))
    assert pairing_fault(document.text) is None
    resolve(document)
    return document


def plain(text: str) -> Document:
    """The document for a seed that poses no question and puts the sequence first."""
    for seed in range(100):
        document = read(text, seed)
        if (
            document.text.startswith(code_point("[START_AMINO]"))
            and "\n\nQuestion: " not in document.text
        ):
            return document
    raise AssertionError("no such seed in 100")


def refusal(text: str) -> RecordUnreadable:
    with pytest.raises(RecordUnreadable) as caught:
        read(text)
    return caught.value


def test_a_whole_document_and_its_metadata() -> None:
    document = plain(MELITTIN)
    assert reveal(document.text) == f"{SEQUENCE}\n\n{GOLDEN_BODY}"
    assert document.metadata == {
        "accession": "P00000",
        "accessions": ["P00000", "Q00000"],
        "entry_name": "MEL_TEST",
        "protein_name": "Melittin",
        "gene": "MELT",
        "organism": "Apis mellifera (Honeybee)",
        "taxonomy_id": 7460,
        "lineage": ["Eukaryota", "Metazoa", "Arthropoda", "Apis"],
        "length": 26,
        "mass": 2847,
        "checksum_agrees": False,
        "fragment": True,
        "reviewed": True,
        "citations_unresolved": {"no entry": 1},
    }
    assert [(c.title, c.surname, c.year, c.doi, c.pmid) for c in document.citations[:3]] == [
        ("The alpha- and beta-melittin of bees", "Van den Berg", "1970", "10.1000/xyz", "4301"),
        (None, "Smith", "2013", None, None),
        (None, None, None, None, "999"),
    ]


def test_a_citation_without_a_title_ends_as_readable_words() -> None:
    resolved, counts = resolve(plain(MELITTIN))
    assert counts == {"resolved": 3, "no title": 2}
    assert "Van den Berg[END_REF], (Smith 2013). Binds" in reveal(resolved.text)
    assert "hydroxytryptamine (PubMed 999) (By similarity)." in reveal(resolved.text)


def test_sequence_first_in_half_and_a_question_in_a_third_of_the_documents() -> None:
    counts: Counter[str] = Counter()
    for seed in range(600):
        text = reveal(read(MELITTIN, seed).text)
        counts["first"] += text.startswith(SEQUENCE)
        counts["last"] += text.endswith(f"\n\n## Sequence\n\n{SEQUENCE}")
        questions = re.findall(r"^Question: (.*)\n\nAnswer: ", text, re.MULTILINE)
        assert len(questions) <= 1
        if questions:
            assert "Melittin from Apis mellifera" in questions[0]
        counts["question"] += len(questions)
    assert counts["first"] + counts["last"] == 600
    assert 250 < counts["first"] < 350
    assert 160 < counts["question"] < 240
    assert read(MELITTIN, 7) == read(MELITTIN, 7)


def test_a_posed_description_keeps_its_text_and_loses_its_heading() -> None:
    texts = [reveal(read(MELITTIN, seed).text) for seed in range(300)]
    posed = next(t for t in texts if "Question: Where in the cell" in t)
    assert "Answer: [Isoform 1]: Secreted. In venom." in posed
    assert "## Subcellular location" not in posed


OLD = """\
ID   TCMO_TEST      STANDARD;      PRT;    26 AA.
AC   P00001;
DT   01-FEB-1995 (REL. 31, CREATED)
DE   TETRACENOMYCIN SYNTHASE PRECURSOR (EC 2.1.1.-) (PROTEIN (TCMO)) [CONTAINS:
DE   PART ONE; PART TWO] (FRAGMENT).
GN   TCMO OR TCM1.
OS   HOMO SAPIENS (HUMAN).
OC   EUKARYOTA; METAZOA.
RN   [1]
RP   SEQUENCE FROM N.A.
RM   92210543
RA   SUMMERS R.G., LIEW C.F.;
RL   J. BACTERIOL. 174:1810-1820(1992).
CC   -!- THIS COMMENT HAS NO TOPIC.
CC   -!- CATALYTIC ACTIVITY: A = B.
CC   -!- BIOPHYSICOCHEMICAL PROPERTIES: Kinetic parameters: KM=3 mM for A;
CC   -!- COFACTOR: BINDS COPPER.
CC   This SWISS-PROT entry is copyright.
DR   EMBL; M80674; G153505; -.
KW   TRANSFERASE; METHYLTRANSFERASE.
FT   DISULFID      3      9       BY SIMILARITY.
FT   VARSPLIC     10     12       MISSING (IN ISOFORM 2).
SQ   SEQUENCE   26 AA;  2847 MW;  1A2B3C CRC32;
     GIGAVLKVLT TGLPALISWI KRKRQQ
"""


def test_the_format_of_the_nineties() -> None:
    document = plain(OLD)
    text = reveal(document.text)
    assert "# TETRACENOMYCIN SYNTHASE (TCMO, HOMO SAPIENS)" in text
    assert "- Alternative names: PROTEIN (TCMO)\n- EC number: 2.1.1.-\n" in text
    assert "- Contains: PART ONE; PART TWO\n- Gene: TCMO (synonym TCM1)" in text
    assert "- Sequence: precursor, fragment" in text
    assert (
        "## Miscellaneous\n\nTHIS COMMENT HAS NO TOPIC.\n\n## Catalytic activity\n\nA = B.\n\n"
        in text
    )
    assert "Kinetic parameters: KM = 3 mM for A.\n\n## Cofactor\n\nBINDS COPPER.\n\n" in text
    assert "- Residues 10-12: Alternative sequence, MISSING (IN ISOFORM 2)." in text
    assert "copyright" not in text
    assert "## References" not in text, "its one reference has no title"
    assert document.metadata["reviewed"] is True
    assert document.metadata["taxonomy_id"] is None


def test_trembl_names_and_unusual_residues() -> None:
    text = (
        MELITTIN.replace("RecName", "SubName")
        .replace("Reviewed;  ", "Unreviewed;")
        .replace("GIGAVLKVLT", "UOXBZLKVLT")
    )
    document = plain(text)
    assert reveal(document.text).startswith("[START_AMINO]UOXBZLKVLTTGLPALISWIKRKRQQ[END_AMINO]")
    assert document.metadata["reviewed"] is False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("26 AA;", "27 AA;"), "sequence length disagrees"),
        (("26 AA.", "25 AA."), "sequence length disagrees"),
        (("2847 MW", "3847 MW"), "sequence mass disagrees"),
        (("2847 MW", "9" * 400 + " MW"), "malformed entry"),
        (("2847 MW", "many MW"), "malformed entry"),
        (("26 AA;", "9" * 5000 + " AA;"), "malformed entry"),
        (("SQ   SEQUENCE", "ZZ   SEQUENCE"), "no sequence"),
        (("AC   P00000; Q00000;\n", ""), "no accession"),
        (("AC   P00000; Q00000;", "AC"), "no accession"),
        (("KRKRQQ", "KRKR1!"), "no protein sequence"),
        (("RN   [1]", "RN   [one]"), "malformed entry"),
        (("FT   HELIX           2..11", "FT   HELIX           11..2"), "malformed entry"),
        (("ID   MEL", "XX   MEL"), "not a UniProt entry"),
    ],
)
def test_a_bad_entry_is_refused_with_its_reason(change: tuple[str, str], reason: str) -> None:
    assert change[0] in MELITTIN
    assert refusal(MELITTIN.replace(change[0], change[1], 1)).reason == reason


def test_what_a_file_holds_around_a_bad_record_is_kept(tmp_path: Path) -> None:
    good = MELITTIN.encode()
    other = MELITTIN.replace("P00000;", "P00009;").encode()
    junk = bytes(range(256)) * 40 + b"\n//\n"
    records = records_of(good + junk + other + good[:600], tmp_path)
    assert [r.record_id for r in records] == ["P00000", "entries.dat#2", "P00009", "P00000"]
    outcomes = []
    for record in records:
        try:
            outcomes.append(FORMAT.read(record, ReadOptions()).record_id)
        except RecordUnreadable as error:
            outcomes.append(error.reason)
    assert outcomes == [
        "P00000",
        "not a UniProt entry",
        "P00009",
        "record not terminated",
    ]
    assert sum(r.num_bytes for r in records) == len(good + junk + other + good[:600])


@pytest.mark.parametrize("raw", [b"", b"\n \n"])
def test_an_empty_file_has_no_records(raw: bytes, tmp_path: Path) -> None:
    assert records_of(raw, tmp_path) == []


def test_line_ends_compression_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    variants = {
        "crlf.dat": MELITTIN.replace("\n", "\r\n").encode(),
        "packed.dat.gz": gzip.compress(MELITTIN.encode()),
        "marked.txt": b"\xef\xbb\xbf" + MELITTIN.encode(),
    }
    expected = read(MELITTIN).text
    for name, raw in variants.items():
        (record,) = records_of(raw, tmp_path, name)
        assert FORMAT.read(record, ReadOptions()).text == expected, name
    assert [p.name for p in FORMAT.find(tmp_path)] == sorted(variants)


def test_literal_markers_and_reserved_characters_forge_nothing() -> None:
    hostile = MELITTIN.replace(
        "Makes pores", "Makes [START_REF] forged[END_REF] </s> \ue000\ue004 pores"
    ).replace("Full=Melittin", "Full=Mel\ue00ci[START_AMINO]ttin")
    document = plain(hostile)
    assert "Makes [START_REF] forged[END_REF] </s>  pores" not in document.text  # spaces collapse
    assert "Makes [START_REF] forged[END_REF] </s> pores" in document.text
    assert "# Meli[START_AMINO]ttin" in document.text
    assert sum(document.cleaned.values()) == 3
    assert document.text.count("\ue000") == len(document.citations)


@pytest.mark.parametrize(
    "run",
    ["A" * 10_000_000, " " * 5_000_000, ". " * 2_000_000, "(a) " * 500_000, "{ECO:" * 500_000],
)
@pytest.mark.timeout(60)
def test_endless_lines_end(run: str) -> None:
    for place in ("Makes pores", "Full=Melittin", "Apis mellifera", "C2H2-type"):
        with suppress(RecordUnreadable):
            read(MELITTIN.replace(place, "x" + run + "y", 1))


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ('/note="Melittin', "FT                   x\n"),
        ("GN   Name=MELT", "GN   Synonyms=x;\n"),
        ("OS   Apis", "OG   Plasmid.\n"),
        ("CC   -!- FUNCTION", "CC       word\n"),
        ("RT   melittin", "RT   word\n"),
        ("FT   HELIX           2..11", "FT   HELIX           2..11\n"),
        ("DE            Short=MEL", "DE            Short=MEL;\n"),
        ("CC       P00000; P12345", "CC       P00000; P12345: G; NbExp=2; IntAct=EBI-1, EBI-2;\n"),
    ],
)
@pytest.mark.timeout(60)
def test_endlessly_many_lines_end(after: str, line: str) -> None:
    start = MELITTIN.index("\n", MELITTIN.index(after)) + 1
    with suppress(RecordUnreadable):
        read(MELITTIN[:start] + line * 30_000 + MELITTIN[start:])


_LINES = MELITTIN.split("\n")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(_LINES) - 2),
    st.sampled_from(["drop", "repeat", "cut", "swap", "insert"]),
    st.text(alphabet='ACDE;:=.,{}()[]"/-<>?! 0123456789\t\x0b\x85', max_size=30),
    st.integers(0, 60),
)
def test_a_damaged_entry_is_read_or_refused_and_nothing_else(
    number: int, damage: str, inserted: str, column: int
) -> None:
    lines = list(_LINES)
    line = lines[number]
    if damage == "drop":
        del lines[number]
    elif damage == "repeat":
        lines.insert(number, line)
    elif damage == "cut":
        lines[number] = line[:column]
    elif damage == "swap":
        lines[number], lines[number - 1] = lines[number - 1], line
    else:
        lines[number] = line[:column] + inserted + line[column:]
    try:
        document = read("\n".join(lines))
    except RecordUnreadable:
        return
    assert document.metadata["length"] == 26


def test_the_examples_are_right_in_every_sum() -> None:
    records = list(FORMAT.records(EXAMPLES, ReadOptions()))
    documents = [FORMAT.read(record, ReadOptions()) for record in records]
    assert len({d.record_id for d in documents}) == len(documents) == 8
    for document in documents:
        assert document.metadata["checksum_agrees"] is True
        assert pairing_fault(document.text) is None
        assert "{ECO:" not in document.text
        assert "Written for this project" not in document.text


@pytest.mark.realdata
def test_real_entries_give_clean_prose() -> None:
    folder = os.environ.get("REALDATA")
    if not folder:
        pytest.skip("REALDATA names no folder of real files")
    read_entries = 0
    for path in FORMAT.find(Path(folder) / "uniprot"):
        for record in FORMAT.records(path, ReadOptions()):
            document = FORMAT.read(record, ReadOptions())
            read_entries += 1
            assert pairing_fault(document.text) is None
            resolve(document)
            assert document.metadata["checksum_agrees"] is True
            for machinery in ("{ECO:", "PubMed:", "Xref=", "Evidence=", "IntAct=", "Note="):
                assert machinery not in document.text, (path, machinery)
            assert not re.search(r"[ \t]$|\n{3}|\.\.(?!\.)\s", document.text, re.MULTILINE)
    assert read_entries >= 7


def test_which_of_two_ions_is_bound_and_a_residue_that_nobody_knows() -> None:
    labelled = MELITTIN.replace(
        'ligand="heme b"\n', 'ligand="Zn(2+)"\nFT                   /ligand_label="2"\n'
    ).replace("FT   HELIX           2..11", "FT   MOD_RES         ?\nFT   CHAIN           ?..11")
    text = plain(labelled).text
    assert "- Residue 5: Binding site, Zn(2+) 2; Fe; axial binding residue." in text
    assert "- An unknown residue: Modified residue." in text
    assert "- From an unknown position to residue 11: Chain." in text
