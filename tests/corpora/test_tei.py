"""TEI of GROBID and of others: exact texts, citations of every kind, and files that are broken."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.tei import FORMAT
from tokenization.markers import pairing_fault, reveal

TEI = (
    '<TEI xml:space="preserve" xmlns="http://www.tei-c.org/ns/1.0"><teiHeader xml:lang="en">'
    "<fileDesc><titleStmt/></fileDesc></teiHeader><text><body>{body}</body><back>{back}</back>"
    "</text></TEI>"
)

PAPER = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xml:space="preserve" xmlns="http://www.tei-c.org/ns/1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink">
 <teiHeader xml:lang="en"><fileDesc>
  <titleStmt><title level="a" type="main">On the &#xfb02;ight of bees</title></titleStmt>
  <publicationStmt><publisher/><availability status="unknown">
   <licence target="https://example.org/by"/></availability>
   <date type="published" when="2019-05-02">2 May 2019</date></publicationStmt>
  <sourceDesc><biblStruct><analytic>
   <author><persName><forename type="first">Ada</forename><forename type="middle">K</forename>
    <surname>Byron</surname></persName><email>ada@example.org</email></author>
   <author><persName><forename type="first">Carl</forename><surname>Gauss</surname></persName>
   </author><author><affiliation><orgName>Hive</orgName></affiliation></author>
   <title level="a" type="main">On the flight of bees</title></analytic>
   <monogr><title level="j">Journal of Bees</title><imprint/></monogr>
   <idno type="MD5">0123</idno><idno type="DOI">10.5555/flight</idno>
   <idno type="arXiv">arXiv:1905.00001v2[q-bio]</idno></biblStruct></sourceDesc></fileDesc>
  <encodingDesc><appInfo><application version="0.8.0" ident="GROBID"/></appInfo></encodingDesc>
  <profileDesc><textClass><keywords><term>bees</term></keywords></textClass>
   <abstract><div><p><s>Bees fly.</s><s>We say why.</s></p></div></abstract></profileDesc>
 </teiHeader>
 <text xml:lang="en"><body>
<div><head n="1">Introduction</head><p>Bees fly <ref type="bibr" target="#b0">(Byron, 1843;</ref>
<ref type="bibr" target="#b1">Gauss et al., 1801)</ref>, as <ref type="bibr" target="#b1">Gauss et
al. (1801)</ref> found <ref type="foot" target="#foot_0">1</ref>. The informa- tion is in
Figure <ref type="figure" target="#fig_0">1</ref> and Table
<ref type="table" target="#tab_0">1</ref>.
</p><p>It was said before <ref type="bibr">(Noether and Byron, 1918)</ref>, and by Euler (1760).</p>
<formula xml:id="formula_0">v = s / t<label>(1)</label></formula><p>where v is the speed.</p></div>
<div><head n="1.1">Wings</head><p>Wings of the<note place="headnote">J. Bees 4</note> bee,</p>
<p>which are four.</p></div>
<div><head n="2">Methods</head></div>
<div><head n="2.1">Cages</head><list><item>wood</item><item>wire</item></list></div>
<div><head>Conclusion</head><p>They fly.</p></div>
<figure xml:id="fig_0"><head>Figure 1 :</head><label>1</label><figDesc>Figure 1: A bee.</figDesc>
<graphic url="bee.png"/></figure>
<figure type="table" xml:id="tab_0"><head>Table 1 .</head><label>1</label>
<figDesc>Speeds of bees.</figDesc><table><row><cell>Bee</cell><cell cols="2">Speed</cell></row>
<row><cell>one</cell><cell>1 | 2</cell><cell>3</cell></row></table><note>In metres.</note></figure>
<note place="foot" n="1" xml:id="foot_0">1 In a letter.</note>
</body><back>
<div type="acknowledgement"><div><head>Acknowledgements</head><p>We thank the bees.</p></div></div>
<div type="funding"><div><p>The Hive paid.</p></div></div>
<div type="annex"><div><head n="A">Proof</head><p>Trivial.</p></div></div>
<div type="references"><listBibl>
<biblStruct xml:id="b0"><analytic><title level="a" type="main">Notes on the infor-
mation of bees.</title><author><persName><forename type="first">A</forename><surname>Byron</surname>
</persName></author><idno type="DOI">10.5555/b0</idno></analytic><monogr>
<title level="j">Journal</title><imprint><date type="published" when="1843-09">1843</date></imprint>
</monogr></biblStruct>
<biblStruct xml:id="b1"><monogr><title level="m">Disquisitiones</title><author><persName>
<forename type="first">C</forename><surname>Gauss</surname></persName></author><imprint>
<date type="published" when="1801">1801</date></imprint></monogr></biblStruct>
<biblStruct xml:id="b2"><analytic><title level="a">Invariants of hives</title><author><persName>
<surname>Noether</surname></persName></author><author><persName><surname>Byron</surname></persName>
</author><ptr target="https://arxiv.org/abs/1911.00002"/></analytic><monogr><imprint>
<date when="1918"/></imprint></monogr></biblStruct>
<biblStruct xml:id="b3"><analytic><title/><author><persName><surname>Euler</surname></persName>
</author></analytic><monogr><title level="j">Acta</title><imprint><date when="1760"/></imprint>
</monogr>
<note type="raw_reference">Leonhard Euler. 1760. On the motion of small animals. Acta.</note>
</biblStruct>
</listBibl></div></back></text></TEI>"""

TEXT = """Title: On the flight of bees

Authors: Ada K Byron, Carl Gauss

# Abstract

Bees fly. We say why.

# 1 Introduction

Bees fly [START_REF] Notes on the information of bees, Byron[END_REF], \
[START_REF] Disquisitiones, Gauss[END_REF], as Gauss et al. \
[START_REF] Disquisitiones, Gauss[END_REF] found (In a letter). The information is in Figure 1 and \
Table 1.

[IMAGE]

Figure 1: A bee.

Table 1: Speeds of bees.

| Bee | Speed | Speed |
| --- | --- | --- |
| one | 1 \\| 2 | 3 |

In metres.

It was said before [START_REF] Invariants of hives, Noether[END_REF], and by Euler \
[START_REF] On the motion of small animals, Euler[END_REF].

v = s / t

where v is the speed.

## 1.1 Wings

Wings of the bee, which are four.

# 2 Methods

## 2.1 Cages

- wood
- wire

# Conclusion

They fly.

# Acknowledgements

We thank the bees.

# A Proof

Trivial."""


def read(folder: Path, content: bytes | str, name: str = "x.tei.xml") -> Document:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (record,) = FORMAT.records(path, ReadOptions())
    return FORMAT.read(record, ReadOptions())


def text_of(folder: Path, body: str, back: str = "") -> str:
    return reveal(resolve(read(folder, TEI.format(body=body, back=back)))[0].text)


def test_paper(tmp_path: Path) -> None:
    document = read(tmp_path, PAPER, "bees.grobid.tei.xml")
    assert reveal(document.text) == TEXT
    assert document.record_id == "bees"
    assert document.metadata == {
        "title": "On the flight of bees",
        "doi": "10.5555/flight",
        "arxiv": "1905.00001",
        "journal": "Journal of Bees",
        "year": "2019",
        "language": "en",
        "keywords": ["bees"],
        "licence": "https://example.org/by",
        "producer": "GROBID 0.8.0",
    }
    assert [c.as_written for c in document.citations] == [
        "(Byron, 1843)",
        "(Gauss et al., 1801)",
        "(1801)",
        "(Noether and Byron, 1918)",
        "(1760)",
    ]
    assert [c.doi for c in document.citations] == ["10.5555/b0", None, None, None, None]
    assert document.citations[3].arxiv == "1911.00002"


REFERENCES = "<listBibl>{}</listBibl>".format(
    "".join(
        f'<biblStruct xml:id="b{n}"><analytic><title level="a">Work {name}</title><author>'
        f"<persName><surname>{name}</surname></persName></author></analytic><monogr><imprint>"
        f'<date when="190{n}"/></imprint></monogr></biblStruct>'
        for n, name in enumerate(("Arbo", "Brun", "Cato", "Dunn", "Ekel"))
    )
)
A, B, C, D, E = (f"[START_REF] Work {n}, {n}[END_REF]" for n in "Arbo Brun Cato Dunn Ekel".split())


def ref(printed: str, *targets: int, kind: str = "bibr") -> str:
    named = " ".join(f"#b{target}" for target in targets)
    return f'<ref type="{kind}"{f" target={named!r}" if targets else ""}>{printed}</ref>'


NUMBERED = {
    f"as {ref('[1]', 0)} and {ref('[2]', 1)}.": f"as {A} and {B}.",
    f"as {ref('[1]', 0)}, {ref('[2]', 1)}.": f"as {A}, {B}.",
    f"as {ref('[1,', 0)}{ref('3]', 2)}.": f"as {A}, {C}.",
    f"as {ref('[1]', 0)}-{ref('[4]', 3)}.": f"as {A}, {B}, {C}, {D}.",
    f"as {ref('[1-3]', 0)}.": f"as {A}, {B}, {C}.",
    f"as {ref('[1]', 0)} and {ref('[5]')}.": f"as {A} and {E}.",
    f"as {ref('[1]', 0)} and {ref('[9]')}.": f"as {A} and [9].",
    f"bees.{ref('1,', 0)}{ref('2', 1)} They": f"bees {A}, {B}. They",
    f"bees.{ref('[1,', 0)}{ref('2]', 1)} They": f"bees {A}, {B}. They",
    f"as (1) and {ref('[1]', 0)}. {ref('[2]', 1)} told": f"as (1) and {A}. {B} told",
    f"as {ref('(1)', 0)} x": f"as {A} x",
    f"as {ref('[1', 0)}, p. 3] x {ref('[2]', 1)}": f"as [{A}, p. 3] x {B}",
    f"{ref('[1]', 0)} {ref('Fig. 1', kind='figure')}": f"{A} Fig. 1",
    f'{ref("[1]", 0)} <ptr type="bibr" target="#b1"/>.': f"{A}, {B}.",
}


@pytest.mark.parametrize("body", NUMBERED)
def test_citations_by_number(body: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, f"<p>{body}</p>", REFERENCES) == NUMBERED[body]


NAMED = {
    f"as {ref('(Arbo, 1900;', 0)}. Then": f"as {A}. Then",
    f"as (e.g., {ref('Arbo, 1900)', 0)}, x": f"as (e.g., {A}), x",
    f"as (e.g., {ref('Arbo, 1900', 0)}, x": f"as (e.g., {A}), x",
    f"as (see {ref('Arbo 1900', 0)}; {ref('Brun 1901', 1)}) x": f"as (see {A}, {B}) x",
    f"as {ref('(see Arbo, 1900)', 0)} x": f"as (see {A}) x",
    f"{ref('Arbo, 1900', 0)} (Brun et al., 1901; Cato and Dunn, 1902).": f"{A}, {B}, {C}.",
    f"{ref('Arbo, 1900', 0)} by Brun (1901) in May 1902.": f"{A} by Brun {B} in May 1902.",
    f"{ref('Arbo, 1900', 0)} in (Arbo, 1901).": f"{A} in (Arbo, 1901).",
    f"{ref('Arbo, 1900', 0)} May 1900.{ref('7')} It": f"{A} May 1900.[START_SUP]7[END_SUP] It",
    f"{ref('Arbo, 1900', 0)} is {ref('(Fry, 1905)')}.": f"{A} is (Fry, 1905).",
    f"{ref('(Arbo, 1900)', 0)} in [{ref('5,')}{ref('10]')}": f"{A} in [5, 10]",
}


@pytest.mark.parametrize("body", NAMED)
def test_citations_by_author_and_year(body: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, f"<p>{body}</p>", REFERENCES) == NAMED[body]


def test_what_names_two_works_is_not_resolved(tmp_path: Path) -> None:
    twice = REFERENCES.replace("surname>Brun<", "surname>Arbo<").replace("1901", "1900")
    assert text_of(tmp_path, "<p>as Arbo (1900) has.</p>", twice) == "as Arbo (1900) has."


def test_unresolved_citations_are_counted(tmp_path: Path) -> None:
    body = f"<p>{ref('(Arbo, 1900)', 0)} and {ref('(Fry, 1905)')}</p>"
    document = read(tmp_path, TEI.format(body=body, back=REFERENCES))
    assert document.metadata["citations_unresolved"] == {"no entry": 1}


BODIES = {
    # Formulas.
    r'<formula notation="TeX">$x^{2}$</formula>': r"[START_LATEX]\[x^{2}\][END_LATEX]",
    r"<p>Let <formula>\alpha_1</formula> be.</p>": r"Let [START_LATEX]\(\alpha_1\)[END_LATEX] be.",
    r"<formula>\frac{a}{b}<label>(3)</label></formula>": (
        r"[START_LATEX]\[\frac{a}{b}\][END_LATEX]"
    ),
    "<formula>a = b<label>(3)</label></formula>": "a = b",
    "<formula>a = b. (<label>3</label></formula>": "a = b.",
    "<formula>a = b<label>for all c</label></formula>": "a = b for all c",
    '<p>A <formula><m:math xmlns:m="m"><m:mi>x</m:mi></m:math></formula></p>': (
        r"A [START_LATEX]\(x\)[END_LATEX]"
    ),
    # Sections.
    '<div><head n="I.">ONE</head></div><div><head n="A.">Two</head><p>x</p></div>'
    '<div><head n="B.">Three</head><p>x</p></div><div><head n="II.">Four</head><p>x</p></div>': (
        "# I. ONE\n\n## A. Two\n\nx\n\n## B. Three\n\nx\n\n# II. Four\n\nx"
    ),
    '<div><head n="2">Model 2.1 Overview</head><p>x</p></div>': "# 2 Model\n\n## 2.1 Overview\n\nx",
    "<div><head>Part</head><div><head>Chapter</head><p>x</p></div></div>": (
        "# Part\n\n## Chapter\n\nx"
    ),
    '<div><head n="1">One</head><p>x</p></div><div><head>Aside</head><p>y</p></div>': (
        "# 1 One\n\nx\n\n## Aside\n\ny"
    ),
    # Other producers.
    '<p>x<hi rend="sup">2</hi> <hi rend="italic">y</hi><hi rend="subscript">i</hi></p>': (
        "x[START_SUP]2[END_SUP] y[START_SUB]i[END_SUB]"
    ),
    "<p>a<pb n='3'/>b <fw>page 4</fw>c<lb/>d <q>e</q> <choice><sic>f</sic><corr>g</corr></choice>"
    "</p>": "ab c d “e” g",
    '<p>Said<note place="foot" n="2"><p>2. Or not.</p></note>.</p>': "Said (Or not).",
    "<p>a</p><quote><p>b</p><p>c</p></quote>": "a\n\n> b\n>\n> c",
    "<cit><quote>b</quote><bibl>B. 1843</bibl></cit>": "> b\n\nB. 1843",
    "<lg><l>one</l><l>two</l></lg>": "one\ntwo",
    '<list type="ordered"><item>a</item><item><p>b</p><p>c</p></item></list>': "1. a\n2. b\n\n   c",
    "<p>a <list><item>b</item></list> c</p>": "a\n\n- b\n\nc",
    '<p>See <ref target="https://example.org"/>.</p>': "See https://example.org.",
    # PDF text.
    "<p>re\u00ad trieval of the e\ufb03cient</p>": "retrieval of the efficient",
    "<p>graph- based, pre- and post-war, state-of- the-art, self- made</p>": (
        "graph-based, pre- and post-war, state-of-the-art, self-made"
    ),
    "<p>a stateof-the-art cita-tions, citations and citations .</p>": (
        "a state-of-the-art citations, citations and citations."
    ),
    # Figures.
    "<figure><head/><label/><figDesc/></figure><p>x</p>": "x",
    "<figure><figDesc>A bee.</figDesc></figure>": "[IMAGE]\n\nA bee.",
    '<figure type="table"><head>Table 2 :</head><figDesc/><table/><note>Of bees.</note></figure>': (
        "Table 2: Of bees."
    ),
    "<figure><head>Figure 2 . A bee.</head></figure>": "[IMAGE]\n\nFigure 2. A bee.",
    "<figure><head>Fig. 2 M</head><figDesc>-waves</figDesc></figure>": "[IMAGE]\n\nFig. 2 M-waves",
    "<figure><head>Fig. 3</head><figDesc>Fig. 4. A bee.</figDesc></figure>": (
        "[IMAGE]\n\nFig. 4. A bee."
    ),
    "<div><head>dIscussIon</head><p>x</p></div>": "# Discussion\n\nx",
    '<figure type="table"><table><row><cell>a</cell></row></table></figure>': "| a |\n| --- |",
    '<note place="foot" n="4">Alone.</note><p>x</p>': "x\n\n# Notes\n\n4. Alone.",
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies(body: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, body) == BODIES[body]


def test_a_corpus_is_its_documents(tmp_path: Path) -> None:
    one, two = (TEI.format(body=f"<p>{n}</p>", back="") for n in ("one", "two"))
    path = tmp_path / "c.xml"
    path.write_text(f'<teiCorpus xmlns:x="x"><teiHeader/>{one}{two}</teiCorpus>')
    records = list(FORMAT.records(path, ReadOptions()))
    assert [record.record_id for record in records] == ["c#1", "c#2"]
    assert [FORMAT.read(record, ReadOptions()).text for record in records] == ["one", "two"]


def test_only_an_abstract(tmp_path: Path) -> None:
    header = (
        '<TEI><teiHeader><fileDesc><titleStmt><title xml:lang="fr">Abeilles</title>'
        '<title xml:lang="en">Bees</title><author><persName><surname>Byron</surname></persName>'
        '</author></titleStmt></fileDesc><profileDesc><langUsage><language ident="fr"/></langUsage>'
        '<abstract xml:lang="en"><p>Fly.</p></abstract><abstract xml:lang="fr"><p>Volent.</p>'
        "</abstract></profileDesc></teiHeader><text/></TEI>"
    )
    assert read(tmp_path, header).text == (
        "Title: Abeilles\n\nAuthors: Byron\n\n# Abstract\n\nVolent."
    )


def test_no_text_is_dropped(tmp_path: Path) -> None:
    with pytest.raises(RecordDropped, match="no text"):
        read(tmp_path, TEI.format(body="", back=REFERENCES))


BOMB = '<!DOCTYPE TEI [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
REFUSED = {
    "empty": (b"", "empty file"),
    "no XML": (b"hello", "not well-formed XML"),
    "HTML": (b"<html/>", "no TEI document: the root element is <html>"),
    "truncated": (PAPER.encode()[:-20], "not well-formed XML"),
    "entities": (BOMB.encode() + TEI.format(body="<p>&b;</p>", back="").encode(), "not expanded"),
    "deep": (TEI.format(body="<div>" * 200 + "</div>" * 200, back="").encode(), "too deep"),
    "deeper": (TEI.format(body="<b>" * 9999, back="").encode(), "not well-formed XML"),
    "broken gzip": (gzip.compress(PAPER.encode())[:300], "damaged compressed stream"),
    "wrong encoding": (PAPER.replace("bees", "b\xebes").encode("latin-1"), "wrong encoding"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(RecordUnreadable, match=reason):
        read(tmp_path, content)


def test_archives(tmp_path: Path) -> None:
    path = tmp_path / "papers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/one.tei.xml", TEI.format(body="<p>one</p>", back=""))
        archive.writestr("a/two.tei.xml.gz", gzip.compress(PAPER.encode()))
        archive.writestr("readme.txt", "hello")
    records = list(FORMAT.records(path, ReadOptions()))
    assert [record.record_id for record in records] == ["papers.zip/a/one", "papers.zip/a/two"]
    assert reveal(FORMAT.read(records[1], ReadOptions()).text) == TEXT


def test_gzip(tmp_path: Path) -> None:
    packed = read(tmp_path, gzip.compress(PAPER.encode()), "bees.tei.xml.gz")
    assert reveal(packed.text) == TEXT


HEAVY = {
    "citations": ref("(Arbo, 1900;", 0) * 5_000,
    "bare numbers": ref("7") * 5_000,
    "brackets": "(" * 50_000 + ref("(Arbo, 1900)", 0),
    "names": "Arbo and " * 10_000,
    "commas": "Arbo" + ", a" * 20_000,
    "no year": ref("a and " * 60) + ref("Arbo and " * 2_000),
    "one word": "a" * 200_000 + "-",
    "spaces": "a" + " " * 100_000 + "b",
    "hyphens": "ab- cd" * 30_000,
    "years": ref("Arbo, 1900" + ", 1900" * 2_000),
    "notes": "".join(
        f'x<note xml:id="n{n}" n="{n}"><ref type="foot" target="#n{n + 1}">1</ref></note>'
        for n in range(3_000)
    ),
    "cells": '<table><row><cell cols="99999999" rows="99999999">x</cell></row>'
    + "<row/>" * 20_000
    + "</table>",
    "paragraphs": "<p>x</p>" * 20_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HEAVY)
def test_bounded_time(name: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, f"<p>a {HEAVY[name]}</p>", REFERENCES)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 255)), max_size=6),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 9000)), max_size=3),
)
def test_mutated_files_are_read_or_refused(
    tmp_path: Path, flips: list[tuple[int, int]], cuts: list[tuple[int, int]]
) -> None:
    content = bytearray(PAPER.encode())
    for position, byte in flips:
        content[position % len(content)] = byte
    # Whole elements taken out, doubled and moved: what is left stays well-formed.
    pieces = bytes(content).split(b"\n<")
    for one, other in cuts:
        pieces.insert(one % len(pieces), pieces[other % len(pieces)])
    for mutated in (bytes(content), b"\n<".join(pieces)):
        path = tmp_path / "x.xml"
        path.write_bytes(mutated)
        for record in FORMAT.records(path, ReadOptions()):
            try:
                document = FORMAT.read(record, ReadOptions())
            except (RecordDropped, RecordUnreadable):
                continue
            resolve(document)
            assert pairing_fault(document.text) is None


@pytest.mark.realdata
def test_real_papers() -> None:
    root = os.environ.get("REALDATA")
    files = sorted(Path(root, "tei").glob("*.xml")) if root else []
    if not files:
        pytest.skip("REALDATA does not name a folder with tei/*.xml")
    for path in files:
        (record,) = FORMAT.records(path, ReadOptions())
        document = FORMAT.read(record, ReadOptions())
        assert pairing_fault(document.text) is None
        _, counts = resolve(document)
        assert counts["resolved"] == len(document.citations) > 20
        text = reveal(document.text)
        assert text.startswith("Title: ")
        assert "\n# Abstract\n" in text
        assert "\n# 1 Introduction\n" in text
        paragraphs = [block for block in text.split("\n\n") if len(block) > 60]
        assert len(set(paragraphs)) == len(paragraphs)
