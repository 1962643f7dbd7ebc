"""PubMed XML: exact texts of small records, what is left out, and files that are broken."""

import bz2
import gzip
import lzma
import os
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.pubmed import FORMAT
from tokenization.markers import pairing_fault, reveal

ARTICLE = """<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM">
<PMID Version="2">90000001</PMID><DateRevised><Year>2020</Year></DateRevised>
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate>
<MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></JournalIssue>
<Title>Journal of invented results</Title></Journal>
<ArticleTitle>Uptake of Ca<sup>2+</sup> by <i>Apis</i> colonies.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/bee.1</ELocationID>
<Abstract><AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Bees drink (P &amp;lt; 0.05)
H<sub>2</sub>O at 5&#xa0;mM.</AbstractText>
<AbstractText Label="MATERIALS AND METHODS" NlmCategory="METHODS">We set <mml:math>
<mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>1</mml:mn></mml:math> <b>twice</b>.</AbstractText>
<AbstractText Label="MRI FINDINGS">None. Copyright 1999 Hive Press. All rights reserved.
</AbstractText><CopyrightInformation>Copyright 1999 Hive Press.</CopyrightInformation></Abstract>
<AuthorList CompleteYN="Y">
<Author ValidYN="Y"><LastName>Byron</LastName><ForeName>Ada K</ForeName><Initials>AK</Initials>
<Suffix>Jr</Suffix><AffiliationInfo><Affiliation>Hive</Affiliation></AffiliationInfo></Author>
<Author ValidYN="N"><LastName>Byrom</LastName></Author>
<Author ValidYN="Y"><LastName>Noether</LastName><Initials>E</Initials></Author>
<Author ValidYN="Y"><CollectiveName>The Hive Study Group.</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType UI="D016441">Retracted Publication
</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Inv. 2001
</RefSource><PMID Version="1">90000009</PMID></CommentsCorrections></CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName UI="D1">Bees</DescriptorName><QualifierName UI="Q1">
physiology</QualifierName></MeshHeading><MeshHeading><DescriptorName UI="D2">Animals
</DescriptorName></MeshHeading></MeshHeadingList>
<KeywordList Owner="NOTNLM"><Keyword MajorTopicYN="N">thirst</Keyword></KeywordList>
<OtherAbstract Type="Publisher" Language="spa"><AbstractText>Las abejas beben.</AbstractText>
</OtherAbstract>
<OtherAbstract Type="plain-language-summary" Language="eng"><AbstractText>Bees drink water.
</AbstractText></OtherAbstract></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">90000001</ArticleId>
<ArticleId IdType="pmc">PMC90001</ArticleId></ArticleIdList><ReferenceList><Reference>
<Citation>Other work.</Citation><ArticleIdList><ArticleId IdType="doi">10.5555/other</ArticleId>
</ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>"""

TEXT = r"""Title: Uptake of Ca[START_SUP]2+[END_SUP] by Apis colonies

Authors: Ada K Byron Jr, E Noether, The Hive Study Group

# Abstract

## Background

Bees drink (P < 0.05) H[START_SUB]2[END_SUB]O at 5 mM.

## Materials and methods

We set [START_LATEX]\(x = 1\)[END_LATEX] twice.

## MRI FINDINGS

None.

# Plain Language Summary

Bees drink water."""

BOOK = """<PubmedBookArticle><BookDocument><PMID Version="1">90000002</PMID><ArticleIdList>
<ArticleId IdType="bookaccession">NBK900</ArticleId></ArticleIdList><Book><Publisher>
<PublisherName>Hive Press</PublisherName></Publisher>
<BookTitle book="b">The Book of Bees</BookTitle>
<PubDate><Year>2011</Year></PubDate><AuthorList Type="editors"><Author><LastName>Gauss</LastName>
<ForeName>Carl</ForeName></Author></AuthorList></Book>{title}
<AuthorList Type="authors"><Author><LastName>Byron</LastName><ForeName>Ada</ForeName></Author>
</AuthorList><Abstract><AbstractText>All of bees.</AbstractText></Abstract><Sections><Section>
<SectionTitle book="b" part="s">Wings</SectionTitle></Section></Sections></BookDocument>
<PubmedBookData><ArticleIdList><ArticleId IdType="pubmed">90000002</ArticleId></ArticleIdList>
</PubmedBookData></PubmedBookArticle>"""

SMALL = (
    '<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}'
    "</ArticleTitle>{abstract}</Article>{more}</MedlineCitation></PubmedArticle>"
)


def small(
    title: str = "On bees.", text: str = "They fly.", pmid: int = 90000003, more: str = ""
) -> str:
    abstract = f"<Abstract><AbstractText>{text}</AbstractText></Abstract>" if text else ""
    return SMALL.format(title=title, abstract=abstract, pmid=pmid, more=more)


def file_of(*records: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet SYSTEM "p.dtd">\n'
        f"<PubmedArticleSet>\n{''.join(records)}\n</PubmedArticleSet>"
    ).encode()


def records_of(folder: Path, content: bytes, name: str = "p.xml") -> list[Record]:
    path = folder / name
    path.write_bytes(content)
    return list(FORMAT.records(path, ReadOptions()))


def read(folder: Path, content: bytes | str, name: str = "p.xml") -> Document:
    raw = content if isinstance(content, bytes) else file_of(content)
    (record,) = records_of(folder, raw, name)
    return FORMAT.read(record, ReadOptions())


def outcome(record: Record) -> str:
    try:
        return FORMAT.read(record, ReadOptions()).text
    except (RecordDropped, RecordUnreadable) as error:
        return error.reason


def test_article(tmp_path: Path) -> None:
    document = read(tmp_path, ARTICLE)
    assert reveal(document.text) == TEXT
    assert document.record_id == "90000001.2"
    assert document.citations == ()
    assert document.metadata == {
        "title": "Uptake of Ca2+ by Apis colonies",
        "pmid": "90000001",
        "pmid_version": "2",
        "doi": "10.5555/bee.1",
        "pmcid": "PMC90001",
        "journal": "Journal of invented results",
        "year": "1998",
        "language": "eng",
        "publication_types": ["Retracted Publication"],
        "keywords": ["thirst"],
        "mesh": ["Bees/physiology", "Animals"],
        "retracted": True,
    }


def test_book_and_chapter(tmp_path: Path) -> None:
    chapter = read(tmp_path, BOOK.format(title='<ArticleTitle book="b">Honey</ArticleTitle>'))
    assert chapter.text == "Title: Honey\n\nAuthors: Ada Byron\n\n# Abstract\n\nAll of bees."
    assert chapter.metadata["book"] == "The Book of Bees"
    assert chapter.metadata["book_accession"] == "NBK900"
    assert chapter.metadata["year"] == "2011"
    book = read(tmp_path, BOOK.format(title=""))
    assert book.text.startswith("Title: The Book of Bees\n\nAuthors: Ada Byron\n")
    assert "book" not in book.metadata


TITLES = {
    "[On bees].": "On bees",
    "[On bees (author's transl)].": "On bees",
    "[18F]FDG in [bees].": "[18F]FDG in [bees]",
    "[The [18F] label].": "The [18F] label",
    "Do bees fly?": "Do bees fly?",
    "And then...": "And then...",
    "[Not Available].<x/></ArticleTitle><VernacularTitle>Von Bienen.</VernacularTitle>"
    "<ArticleTitle>": "Von Bienen",
}


@pytest.mark.parametrize("title", TITLES)
def test_titles(title: str, tmp_path: Path) -> None:
    assert read(tmp_path, small(title)).metadata["title"] == TITLES[title]


ABSTRACTS = {
    "They fly. (ABSTRACT TRUNCATED AT 250 WORDS)": "They fly.",
    "They fly. © 2012 Hive Press. All rights reserved.": "They fly.",
    "They fly. Copyright (c) 2010 by A. Byron.": "They fly.",
    "They fly. (PsycInfo Database Record (c) 2020 APA, all rights reserved).": "They fly.",
    "They fly. https://doi.org/10.5555/hive.": "They fly.",
    "See https://doi.org/10.5555/hive.": "See https://doi.org/10.5555/hive.",
    "of bees.Main results. They fly.": "of bees. Main results. They fly.",
    "by A.Byron (e.g.Bees) with hive.py and Bee.Hive": None,
    "The mark © 2012 is theirs and this goes on. They fly.": None,
    "Line one\n   and two.": "Line one and two.",
    "The 1<sup>st</sup> bee": "The 1st bee",
    "a<sub> </sub>b": "ab",
    "0.4-<u>&lt;</u>4.5 <u>mM</u>, <u>+</u> 2": "0.4-≤4.5 mM, ± 2",
    "A soft\u00adened word": "A softened word",
}


@pytest.mark.parametrize("text", ABSTRACTS)
def test_abstracts(text: str, tmp_path: Path) -> None:
    document = read(tmp_path, small(text=text))
    assert document.text == f"Title: On bees\n\n# Abstract\n\n{ABSTRACTS[text] or text}"
    assert document.metadata.get("abstract_truncated") == ("TRUNCATED" in text or None)


def test_no_blanks_between_a_formula_and_its_brackets(tmp_path: Path) -> None:
    formula = "<mml:math><mml:mi>x</mml:mi></mml:math>"
    written = r"[START_LATEX]\(x\)[END_LATEX]"
    text = reveal(read(tmp_path, small(text=f"uptake ( {formula} ) of {formula} , and")).text)
    assert text.endswith(f"uptake ({written}) of {written}, and")


def test_labels_in_capitals_whose_words_the_abstract_has(tmp_path: Path) -> None:
    parts = (("HIVE CHEMISTRY", "The chemistry of a hive."), ("MRI", "The MRI of bees."))
    texts = "".join(f'<AbstractText Label="{label}">{text}</AbstractText>' for label, text in parts)
    abstract = f"<Abstract>{texts}</Abstract>"
    text = read(tmp_path, SMALL.format(title="x", abstract=abstract, pmid=9, more="")).text
    assert [row for row in text.splitlines() if row.startswith("##")] == [
        "## Hive chemistry",
        "## MRI",
    ]


def test_another_abstract_stands_for_none(tmp_path: Path) -> None:
    others = (
        '<OtherAbstract Type="Publisher" Language="fre"><AbstractText>Volent.</AbstractText>'
        '</OtherAbstract><OtherAbstract Type="PIP"><AbstractText>Fly.</AbstractText>'
        "</OtherAbstract>"
    )
    assert read(tmp_path, small(text="", more=others)).text.endswith("# Abstract\n\nFly.")
    french = others[: others.index("<OtherAbstract", 1)]
    assert read(tmp_path, small(text="", more=french)).text.endswith("# Abstract\n\nVolent.")


DROPPED = {
    "no title": small(title=""),
    "no abstract": small(text=""),
    "no abstract ": small(text="No abstract available."),
    "notice of a correction": small(text="[This corrects the article DOI: 10.5555/bee.1.]."),
}


@pytest.mark.parametrize("reason", DROPPED)
def test_dropped_with_its_reason(reason: str, tmp_path: Path) -> None:
    with pytest.raises(RecordDropped, match=f"^{reason.strip()}$"):
        read(tmp_path, DROPPED[reason])


def test_deleted_citations_are_counted(tmp_path: Path) -> None:
    deleted = (
        '<DeleteCitation><PMID Version="1">7</PMID>\n<PMID Version="2">8</PMID></DeleteCitation>'
    )
    records = records_of(tmp_path, file_of(small(), deleted))
    assert [record.record_id for record in records] == ["90000003.1", "7.1-deleted", "8.2-deleted"]
    assert [outcome(record) for record in records[1:]] == ["deleted citation"] * 2


COMPRESSED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_compressed(suffix: str, tmp_path: Path) -> None:
    content = COMPRESSED[suffix](file_of(ARTICLE))
    assert reveal(read(tmp_path, content, f"p.xml.{suffix}").text) == TEXT


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    name = encoding.removesuffix("-sig").removesuffix("-le")
    text = file_of(small(title="Über Bienen.")).decode().replace("utf-8", name)
    assert read(tmp_path, text.encode(encoding)).metadata["title"] == "Über Bienen"


def test_a_broken_record_costs_itself(tmp_path: Path) -> None:
    broken = small(pmid=2).replace("</Abstract>", "")
    unclosed = small(pmid=3).replace("</PubmedArticle>", "")
    renamed = small(pmid=4).replace("<PubmedArticle>", "<PubmedArtikle>")
    cut = small(pmid=6).replace("</Article></MedlineCitation></PubmedArticle>", "")
    content = file_of(small(pmid=1), broken, unclosed, small(pmid=5), renamed, cut)
    outcomes = [outcome(record) for record in records_of(tmp_path, content)]
    good = "Title: On bees\n\n# Abstract\n\nThey fly."
    assert outcomes == [
        good,
        "not well-formed XML",
        "record not closed",
        good,
        good,  # its citation stands without the article around it
        "record not closed",
    ]


REFUSED = {
    "empty": (b"", "empty file"),
    "text": (b"hello", "no PubMed record: 'hello'"),
    "HTML": (b"<html></html>", "no PubMed record: the file holds none"),
    "an error of Entrez": (
        b"<eFetchResult><ERROR>ID list is empty!</ERROR></eFetchResult>",
        "no PubMed record: 'ID list is empty!'",
    ),
    "no PMID": (file_of(small().replace("PMID", "PMIX")), "no citation: no PMID"),
    "no article": (file_of("<PubmedArticle><PMID>1</PMID></PubmedArticle>"), "no citation"),
    "wrong encoding": (file_of(small("Caf\xe9")).decode().encode("latin-1"), "wrong encoding"),
    "entity": (file_of(small("&lol;")), "not well-formed XML: Entity 'lol'"),
    "deep": (file_of(small(text="<b>" * 200 + "</b>" * 200)), "too deep"),
    "deeper": (file_of(small(text="<b>" * 9999 + "</b>" * 9999)), "not well-formed XML"),
    "control character": (file_of(small("a&#1;")), "not well-formed XML"),
    "broken gzip": (gzip.compress(file_of(ARTICLE))[:300], "damaged compressed stream"),
    "open tags": (b"<PubmedArticle " * 50_000, "record not closed"),
}  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(RecordUnreadable, match=reason):
        FORMAT.read(records_of(tmp_path, content)[0], ReadOptions())


def test_an_empty_set_holds_no_record(tmp_path: Path) -> None:
    assert records_of(tmp_path, file_of()) == []


def test_files_pasted_together_and_pmids_that_come_twice(tmp_path: Path) -> None:
    records = records_of(tmp_path, file_of(small()) + b"\n" + file_of(small(), small("Two.")))
    assert [record.record_id for record in records] == [
        "90000003.1",
        "90000003.1#2",
        "90000003.1#3",
    ]
    assert outcome(records[2]).startswith("Title: Two\n")


def test_a_medline_citation_stands_by_itself(tmp_path: Path) -> None:
    inside = small().removeprefix("<PubmedArticle>").removesuffix("</PubmedArticle>")
    content = f"<MedlineCitationSet>{inside}{inside}</MedlineCitationSet>".encode()
    assert len(records_of(tmp_path, content)) == 2


def test_no_marker_can_be_forged(tmp_path: Path) -> None:
    document = read(tmp_path, small("&#xE000;a [START_REF]", "&amp;#xE001;a&#xE004; &lt;/s&gt;"))
    assert document.text == "Title: a [START_REF]\n\n# Abstract\n\na </s>"
    assert document.cleaned == {"reserved characters removed": 2}
    assert pairing_fault(document.text) is None


@pytest.mark.timeout(60)
def test_memory_is_that_of_one_record(tmp_path: Path) -> None:
    path = tmp_path / "large.xml.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"<PubmedArticleSet>" + b" " * 5_000_000)
        for number in range(8):
            file.write(small(text="bees fly. " * 400_000, pmid=number + 1).encode())
        file.write(b"<PubmedArticle>" + b"<" * 40_000_000 + small(pmid=9).encode())
    tracemalloc.start()
    count = sum(1 for _ in FORMAT.records(path, ReadOptions()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 10
    assert peak < 60_000_000


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 255)), max_size=8),
    st.integers(0, 7000),
    st.integers(0, 7000),
)
def test_mutated_files_are_read_or_refused(
    tmp_path: Path, flips: list[tuple[int, int]], start: int, end: int
) -> None:
    content = bytearray(file_of(ARTICLE, BOOK.format(title=""), small()))
    for position, byte in flips:
        content[position % len(content)] = byte
    for mutated in (
        bytes(content),
        bytes(content[start:end]),
        bytes(content[:end] + content[start:]),
    ):
        for record in records_of(tmp_path, mutated):
            outcome(record)


@pytest.mark.realdata
def test_real_records_are_read() -> None:
    root = os.environ.get("REALDATA")
    files = sorted(Path(root, "pubmed").glob("*.xml")) if root else []
    if not files:
        pytest.skip("REALDATA does not name a folder with pubmed/*.xml")
    for path in files:
        for record in FORMAT.records(path, ReadOptions()):
            text = outcome(record)
            assert text == "no abstract" or text.startswith("Title: "), record.position
            assert pairing_fault(text) is None


@pytest.mark.timeout(20)
def test_time_grows_with_the_file(tmp_path: Path) -> None:
    began = time.monotonic()
    records_of(tmp_path, b"<PubmedArticleSet>" + b"<PMID" * 2_000_000)
    records_of(tmp_path, b"<PubmedArticleSet>" + b"<PubmedArticle>" * 100_000)
    assert time.monotonic() - began < 15
