# ruff: noqa: E501  (one case a line reads better than one case in five)
"""JATS articles: one small article word for word, then every kind of citation and block."""

import gzip
import re
import zipfile
from pathlib import Path

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, Record, RecordDropped
from corpora.jats import FORMAT
from tokenization.markers import reveal

REFERENCES = "".join(
    f'<ref id="r{n}"><label>{n}.</label><element-citation publication-type="journal">'
    f"<person-group><name><surname>Author{n}</surname></name></person-group>"
    f"<article-title>Work {n}.</article-title><year>200{n}</year></element-citation></ref>"
    for n in range(1, 9)
) + (
    '<ref id="u"><label>9</label><mixed-citation>Personal communication.</mixed-citation></ref>'
    '<ref id="two"><label>10</label><element-citation id="twoa"><article-title>First</article-title>'
    "</element-citation><element-citation><article-title>Second</article-title></element-citation>"
    "</ref>"
    '<ref id="both"><label>11</label><mixed-citation>DOE, J. On both. Acta.</mixed-citation>'
    "<element-citation><name><surname>Doe</surname></name><article-title>On both</article-title>"
    "</element-citation></ref>"
)


def cited(number: int | str, printed: str | None = None) -> str:
    target = f"r{number}" if isinstance(number, int) else number
    return f'<xref ref-type="bibr" rid="{target}">{number if printed is None else printed}</xref>'


def read(xml: str, options: ReadOptions | None = None) -> Document:
    return FORMAT.read(Record("x", "x.xml", xml, len(xml)), options or ReadOptions())


def body(content: str, back: str = "", front: str = "") -> str:
    """The revealed final text of an article with this body."""
    document = read(
        f"<article>{front}<body>{content}</body><back><ref-list>{REFERENCES}</ref-list>{back}"
        "</back></article>"
    )
    return reveal(resolve(document)[0].text)


def spans(*numbers: int) -> str:
    return ", ".join(f"[START_REF] Work {n}, Author{n}[END_REF]" for n in numbers)


ARTICLE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) v1.2//EN" "JATS.dtd">
<article article-type="research-article" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:mml="http://www.w3.org/1998/Math/MathML">
<front>
<journal-meta><journal-title-group><journal-title>Journal of Tests</journal-title></journal-title-group></journal-meta>
<article-meta>
<article-id pub-id-type="pmc">123</article-id><article-id pub-id-type="doi">10.5555/12345</article-id>
<article-categories><subj-group><subject>Physics</subject></subj-group></article-categories>
<title-group><article-title>Uptake of CO<sub>2</sub> by <italic>Chlorella</italic><xref ref-type="fn" rid="n9">*</xref></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Okafor</surname><given-names>Ada B.</given-names></name>
<xref ref-type="aff" rid="a1"><sup>1</sup></xref></contrib>
<contrib contrib-type="author"><collab>The Algae Consortium<contrib-group><contrib><name><surname>No</surname></name></contrib></contrib-group></collab></contrib></contrib-group>
<contrib-group><contrib contrib-type="editor"><name><surname>Editor</surname></name></contrib></contrib-group>
<pub-date pub-type="epub"><year>2021</year></pub-date>
<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>CC BY</license-p></license></permissions>
<abstract><sec><title>Background</title><p>Algae fix carbon.</p></sec><sec><title>Results</title><p>At 25&nbsp;&deg;C they do.</p></sec></abstract>
<abstract abstract-type="graphical"><p>A picture.</p></abstract>
<kwd-group><kwd>algae</kwd></kwd-group>
</article-meta></front>
<body><sec><label>1</label><title>Introduction</title>
<p>Photosynthesis fixes carbon [<xref ref-type="bibr" rid="b1">1</xref>,<xref ref-type="bibr" rid="b2">2</xref>]
(<xref ref-type="fig" rid="f1">Fig. 1</xref>)<xref ref-type="fn" rid="n1"><sup>a</sup></xref>. The rate is
<disp-formula id="e1"><label>(1)</label><mml:math><mml:mi>v</mml:mi><mml:mo>=</mml:mo><mml:mfrac><mml:mrow><mml:msub><mml:mi>V</mml:mi><mml:mtext>max</mml:mtext></mml:msub><mml:mi>S</mml:mi></mml:mrow><mml:mrow><mml:msub><mml:mi>K</mml:mi><mml:mi>m</mml:mi></mml:msub><mml:mo>+</mml:mo><mml:mi>S</mml:mi></mml:mrow></mml:mfrac></mml:math></disp-formula>, where
<inline-formula><alternatives><tex-math>\\documentclass{minimal}\\begin{document}$$S$$\\end{document}</tex-math><mml:math><mml:mi>S</mml:mi></mml:math></alternatives></inline-formula> is the substrate.
<fig id="f1"><label>Figure 1.</label><caption><title>Growth</title><p>Optical density in 3 h.</p></caption><graphic xlink:href="f1.tif"/></fig> Growth was fast.</p>
<list list-type="order"><list-item><p>Grow.</p></list-item><list-item><p>Measure.</p></list-item></list>
<table-wrap><label>Table 1</label><caption><p>Rates.</p></caption><table><thead><tr><th rowspan="2">Strain</th><th colspan="2">Dose</th></tr><tr><th>low</th><th>high</th></tr></thead>
<tbody><tr><td>wild|type</td><td>1</td><td>2<xref ref-type="table-fn" rid="t1">b</xref></td></tr><tr><td colspan="3">Mutants</td></tr><tr><td rowspan="2">m</td><td>3</td><td>4</td></tr><tr><td>5</td><td>6</td></tr></tbody></table>
<table-wrap-foot><fn id="t1"><label>b</label><p>Once.</p></fn></table-wrap-foot></table-wrap>
</sec></body>
<back><ack><p>We thank the pond.</p></ack>
<sec><title>Funding</title><p>Money.</p></sec>
<fn-group><fn fn-type="conflict"><p>None.</p></fn><fn id="n1"><p>In light.</p></fn></fn-group>
<app-group><app><title>Appendix A</title><p>More.</p></app></app-group>
<ref-list><ref id="b1"><label>1</label><mixed-citation publication-type="journal"><name><surname>Calvin</surname><given-names>M</given-names></name>. <article-title>The path of <italic>carbon</italic>.</article-title> <source>Science</source> <year>1948</year> <pub-id pub-id-type="pmid">17</pub-id></mixed-citation></ref>
<ref id="b2"><label>2</label><element-citation publication-type="book"><person-group><collab>Pond Society</collab></person-group><source>Ponds</source><year>1999</year></element-citation></ref></ref-list></back>
<sub-article><front-stub/><body><p>Decision letter.</p></body></sub-article></article>"""

GOLDEN = """Title: Uptake of CO[START_SUB]2[END_SUB] by Chlorella

Authors: Ada B. Okafor, The Algae Consortium

# Abstract

## Background

Algae fix carbon.

## Results

At 25 °C they do.

# 1 Introduction

Photosynthesis fixes carbon [START_REF] The path of carbon, Calvin[END_REF], [START_REF] Ponds, Pond Society[END_REF] (Fig. 1) (In light). The rate is

[START_LATEX]\\[v = \\frac{V_{\\text{max}}S}{K_{m} + S}\\][END_LATEX],

where [START_LATEX]\\(S\\)[END_LATEX] is the substrate. Growth was fast.

[IMAGE]

Figure 1. Growth. Optical density in 3 h.

1. Grow.
2. Measure.

Table 1. Rates.

| Strain | Dose: low | Dose: high |
| --- | --- | --- |
| wild\\|type | 1 | 2[START_SUP]b[END_SUP] |
| Mutants |  |  |
| m | 3 | 4 |
| m | 5 | 6 |

[START_SUP]b[END_SUP] Once.

# Acknowledgements

We thank the pond.

# Appendix A

More."""


def test_an_article_word_for_word() -> None:
    document = read(ARTICLE)
    assert reveal(document.text) == GOLDEN
    assert document.metadata == {
        "title": "Uptake of CO2 by Chlorella",
        "doi": "10.5555/12345",
        "pmcid": "PMC123",
        "journal": "Journal of Tests",
        "year": "2021",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "keywords": ["algae"],
        "subjects": ["Physics"],
        "article_type": "research-article",
        "sub_articles": 1,
    }
    first = document.citations[0]
    assert (first.title, first.surname, first.year, first.pmid, first.as_written) == (
        "The path of carbon", "Calvin", "1948", "17", "[1]",
    )  # fmt: skip


def test_formulas_without_markers() -> None:
    text = read(ARTICLE, ReadOptions(latex_markers=False)).text
    assert "where \\(S\\) is" in reveal(text)
    assert "LATEX" not in reveal(text)


CITED = {
    f"A [{cited(3)}, {cited(5)}].": f"A {spans(3, 5)}.",
    f"A [{cited(3)}–{cited(5)}].": f"A {spans(3, 4, 5)}.",
    f"A [{cited(3)}]–[{cited(5)}].": f"A {spans(3, 4, 5)}.",
    f"A {cited(2, '[2]')}–{cited(4, '[4]')}, {cited(7, '[7]')}.": f"A {spans(2, 3, 4, 7)}.",
    f"A [1–{cited(3)}].": f"A {spans(1, 2, 3)}.",
    f"A {cited(2, '[2–4]')}.": f"A {spans(2, 3, 4)}.",
    f"A [{cited('r1 r2', '1,2')}].": f"A {spans(1, 2)}.",
    f"Word.<sup>{cited(1)},{cited(2)}</sup> Next.": f"Word {spans(1, 2)}. Next.",
    f"Word<sup>{cited(1)}</sup><sup>–</sup><sup>{cited(3)}</sup> on.": f"Word {spans(1, 2, 3)} on.",
    f"Lee et al.<sup>{cited(1)}</sup> say": f"Lee et al. {spans(1)} say",
    f"Lee et al. [{cited(1)}] say": f"Lee et al. {spans(1)} say",
    f"As {cited(1, 'Lee et al. (2001)')} say": f"As Lee et al. {spans(1)} say",
    f"Lee ({cited(1, '2001')}) says": f"Lee {spans(1)} says",
    f"It is ({cited(1, 'Lee, 2001')}; {cited(2, 'Wu, 2002')}).": f"It is {spans(1, 2)}.",
    f"It is (see {cited(1, 'Lee, 2001')}; {cited(2, 'Wu, 2002')}).": f"It is (see {spans(1, 2)}).",
    f"cells[{cited(1)}] grow": f"cells {spans(1)} grow",
    f"x<sup>a,{cited(2)}</sup>": f"x[START_SUP]a[END_SUP] {spans(2)}",
    f"A [{cited('u', '9')}] and ({cited('u', 'Doe, 2009')}).": "A [9] and (Doe, 2009).",
    f"By {cited('u', 'Doe (2009)')}.": "By Doe (2009).",
    f"A [{cited('gone', '77')}].": "A [77].",
    f"It is so (Doe et al., {cited('u', '2009')}).": "It is so (Doe et al., 2009).",
    f"iron,{cited(1, '<sup>1</sup>')} zinc.{cited(2, '<sup>2</sup>')} So": f"iron {spans(1)}, zinc {spans(2)}. So",
    f"As {cited(1, 'Lee and Wu (2001')}, p. 5) and {cited(2, 'Wu (2002')}) say": f"As Lee and Wu {spans(1)} (p. 5) and Wu {spans(2)} say",
    f"A [{cited(1)}] b [{cited(2)}] c [{cited(3)}] by Lee et al. [4, 5] d [6]. On [1, 2] or [7] x[8], [99].": f"A {spans(1)} b {spans(2)} c {spans(3)} by Lee et al. {spans(4, 5)} d {spans(6)}. On [1, 2] or [7] x[8], [99].",
    f"A<sup>{cited(1)}</sup> b<sup>{cited(2)}</sup> c<sup>{cited(3)}</sup> d,<sup>4–5</sup> e m<sup>2</sup>": f"A {spans(1)} b {spans(2)} c {spans(3)} d {spans(4, 5)}, e m[START_SUP]2[END_SUP]",
    f"A [{cited(1)}] d,<sup>4</sup> by Lee et al. [5].": f"A {spans(1)} d,[START_SUP]4[END_SUP] by Lee et al. [5].",
    f"So it is.{cited(1)} And,{cited(2)}–{cited(4)} here.{cited('u', '9')} by al.,{cited(3, '2003')} x": f"So it is {spans(1)}. And {spans(2, 3, 4)}, here [9]. by al., {spans(3)} x",
    f"A [{cited('both', '11')}].": "A [START_REF] On both, Doe[END_REF].",
    f"A [{cited(1)}, {cited('gone', '77')}].": f"A {spans(1)}, [77].",
    f"A [{cited('two', '10')}].": "A [START_REF] First[END_REF], [START_REF] Second[END_REF].",
    f"A [{cited('twoa', '10a')}].": "A [START_REF] First[END_REF].",
}  # fmt: skip


@pytest.mark.parametrize(("xml", "expected"), CITED.items())
def test_a_kind_of_citation(xml: str, expected: str) -> None:
    assert body(f"<p>{xml}</p>") == expected


def test_citations_that_no_one_linked() -> None:
    names = {"Lee": 2001, "Wu": 2002, "Diaz": 2003, "van Os": 2004}
    references = "".join(
        f'<ref id="{name}"><mixed-citation><name><surname>{name}</surname></name> <year>{year}</year>'
        f"<article-title>On {year}</article-title></mixed-citation></ref>"
        for name, year in names.items()
    )
    text = (
        "So Lee et al. (2001) and (Wu and Os, 2002; In Diaz, 2003), but (Lee, 2009); see also "
        "(e.g. van Os et al. 2004a, p. 5) and Lee in 2001. The Wu group did (Roe, 2002)."
    )
    document = read(
        f"<article><body><p>{text}</p></body><back><ref-list>{references}</ref-list></back></article>"
    )
    assert re.sub(
        r"\[START_REF\] On (\d+)(?:, [\w ]+)?\[END_REF\]", r"<\1>", reveal(document.text)
    ) == (
        "So Lee et al. <2001> and (<2002>; In <2003>), but (Lee, 2009); see also "
        "(e.g. <2004>, p. 5) and Lee in 2001. The Wu group did (Roe, 2002)."
    )
    habit = "".join(f"{cited(n, f'{n} {y}')}; " for n, y in names.items() if " " not in n)
    taxon = read(
        f"<article><body><p>Aus bus Wu, 2002 ({habit}Lee 2001).</p></body>"
        f"<back><ref-list>{references}</ref-list></back></article>"
    )
    assert reveal(taxon.text).startswith("Aus bus Wu, 2002 [START_REF]")
    assert reveal(taxon.text).count("On 2001") == 2
    numbers = "<p>A [1, 2], b [3–5] and c [7]; x[8] in [99].</p>"
    assert body(numbers) == f"A {spans(1, 2)}, b {spans(3, 4, 5)} and c {spans(7)}; x[8] in [99]."
    assert body("<p>In [1, 2] and [3] only.</p>") == "In [1, 2] and [3] only."


def test_a_citation_without_entry_is_counted() -> None:
    assert read(f"<article><body><p>A [{cited('gone', '7')}].</p></body></article>").metadata[
        "citations_unresolved"
    ] == {"no entry": 1}


BLOCKS = {
    "<p>1<sup>st</sup> 10<sup>5</sup> H<sub>2</sub>O<sup>®</sup></p>": "1st 10[START_SUP]5[END_SUP] H[START_SUB]2[END_SUB]O®",
    "<p><bold>a</bold><italic>b</italic> <monospace>c</monospace> <code>d</code></p>": "ab c `d`",
    "<p><italic>T</italic>\n<sub>max</sub> SO<sub>4</sub> <sup>2−</sup>; <italic>R</italic> <sup>2</sup>, of <italic>all</italic> <sup>13</sup>C</p>":
    "T[START_SUB]max[END_SUB] SO[START_SUB]4[END_SUB][START_SUP]2−[END_SUP]; R[START_SUP]2[END_SUP], of all [START_SUP]13[END_SUP]C",
    "<p><bold>b</bold> <sub>4</sub>e</p>": "b[START_SUB]4[END_SUB]e",
    "<p>9.8 m/s\n\t<sup>2</sup>, 6 × 10 <sup>−3</sup>, d\n\t<sub>90</sub>; the <sup>2</sup> of <sub>L</sub>-x and <sub>92</sub>U</p>":
    "9.8 m/s[START_SUP]2[END_SUP], 6 × 10[START_SUP]−3[END_SUP], d[START_SUB]90[END_SUB]; the [START_SUP]2[END_SUP] of [START_SUB]L[END_SUB]-x and [START_SUB]92[END_SUB]U",
    "<p>as <inline-formula><tex-math>x</tex-math></inline-formula> .</p>": "as [START_LATEX]\\(x\\)[END_LATEX].",
    f"<p>The pond<sup>(P) is a {'very ' * 20}deep one, of 4 m<sup>2</sup>.</sup></p>": f"The pond (P) is a {'very ' * 20}deep one, of 4 m[START_SUP]2[END_SUP].",
    "<p>25 <sup>∘</sup>C, 4<sup>o</sup>C, N<sup>o</sup> 3</p>": "25 °C, 4°C, N[START_SUP]o[END_SUP] 3",
    "<p>as ( <xref rid='f'>Figure 1</xref> ) , here .</p>": "as (Figure 1), here.",
    "<p>so ( ) yes ( ) no f(x )</p>": "so ( ) yes ( ) no f(x)",
    "<p>see <xref ref-type='fig' rid='f9'/> and <xref ref-type='fig' rid='none'/>.</p><fig id='f9'><label>Fig. 9.</label></fig>": "see Fig. 9 and.\n\n[IMAGE]\n\nFig. 9.",
    "<sec><title>T</title><p>. So</p></sec>": "# T\n\nSo",
    "<p>x</p><disp-formula><tex-math>y</tex-math></disp-formula><p>, where z</p>": "x\n\n[START_LATEX]\\[y\\][END_LATEX],\n\nwhere z",
    "<p><person-group><name><surname>Doe</surname><given-names>J</given-names></name><name><surname>Wu</surname><given-names>L</given-names></name></person-group>, <year>2014</year></p>": "J Doe, L Wu, 2014",
    "<p><supplementary-material><label>S1</label></supplementary-material>.</p>": "S1.",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>.</td><td>5</td></tr></table>": "| a | b |\n| --- | --- |\n| . | 5 |",
    "<new-part><title>T</title><p>a</p><p>b</p></new-part>": "# T\n\na\n\nb",
    "<tp:taxon-treatment xmlns:tp='t'><tp:treatment-meta><kwd>Animalia</kwd></tp:treatment-meta><tp:nomenclature><tp:taxon-name>"
    "<tp:taxon-name-part>Aus</tp:taxon-name-part><tp:taxon-name-part>bus</tp:taxon-name-part></tp:taxon-name><tp:taxon-status>sp. n.</tp:taxon-status>"
    "<xref ref-type='fig' rid='f'>Figs 1</xref>\n<xref ref-type='fig' rid='g'>, 2</xref><tp:nomenclature-citation-list><tp:nomenclature-citation>"
    "<tp:taxon-name><tp:taxon-name-part reg='A'/></tp:taxon-name><comment>Bus aus Doe, 1900</comment></tp:nomenclature-citation></tp:nomenclature-citation-list>"
    "</tp:nomenclature><tp:treatment-sec><title>Diagnosis</title><p>Like <italic><tp:taxon-name><tp:taxon-name-part>A.</tp:taxon-name-part>"
    "<tp:taxon-name-part>cus</tp:taxon-name-part></tp:taxon-name></italic><bold>sp. n.</bold>, pale.</p></tp:treatment-sec></tp:taxon-treatment>":
    "# Aus bus sp. n. Figs 1, 2\n\nBus aus Doe, 1900\n\n## Diagnosis\n\nLike A. cus sp. n., pale.",
    '<code language="R">x &lt;- 1\ny</code><code language="a `b`">x\ny</code>': "```r\nx <- 1\ny\n```\n\n```\nx\ny\n```",
    "<p>a</p><code>x = 1\n  y</code><p>run <code>b\nc</code></p>": "a\n\n```\nx = 1\n  y\n```\n\nrun `b c`",
    "<disp-formula-group><label>(3)</label><disp-formula><tex-math>a</tex-math></disp-formula></disp-formula-group>": "[START_LATEX]\\[a\\][END_LATEX]",
    "<verse-group><title>Ode</title><verse-line>Oh</verse-line><verse-line>ah</verse-line><attrib>Me</attrib></verse-group>": "Ode\nOh\nah\n— Me",
    "<chem-struct-wrap><label>1</label><chem-struct>CO</chem-struct></chem-struct-wrap>": "1.\n\nCO",
    "<list list-type='alpha-lower'><list-item><p>x</p></list-item><list-item><p>y</p></list-item></list>": "- a. x\n- b. y",
    "<list list-type='roman-upper'><list-item><p>x</p></list-item><list-item><p>y</p></list-item></list>": "- I. x\n- II. y",
    "<list list-type='order'><list-item><label>1</label><p>x</p></list-item></list>": "1. x",
    "<table-wrap><table><tr><td>a<table><tr><td>b</td></tr></table></td></tr></table></table-wrap>": "| a b |\n| --- |",
    "<table><thead><tr><th>Age</th><th>All</th></tr><tr><th>(yr)</th><th>Men</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>": "| Age (yr) | All: Men |\n| --- | --- |\n| 1 | 2 |",
    "<disp-quote><p>Be.</p><attrib>W. S.</attrib></disp-quote>": "> Be.\n\n> — W. S.",
    "<def-list><def-item><term>DNA</term><def><p>An acid.</p></def></def-item></def-list>": "- DNA: An acid.",
    "<list><list-item><p>a</p><list><list-item><p>b</p></list-item></list></list-item></list>": "- a\n  - b",
    "<list><list-item><label>(i)</label><p>a</p></list-item></list>": "- (i) a",
    "<preformat>x = 1\n  y</preformat>": "```\nx = 1\n  y\n```",
    "<boxed-text><caption><title>Box 1</title></caption><p>In.</p></boxed-text>": "# Box 1\n\nIn.",
    "<statement><label>Theorem 1</label><p>True.</p></statement>": "Theorem 1. True.",
    "<disp-formula><graphic href='x'/><label>(2)</label></disp-formula>": "[IMAGE]",
    "<p>A<fn><label>1</label><p>Aside.</p></fn> b.</p>": "A (Aside) b.",
    "<p>A<xref ref-type='fn' rid='n'> <sup>5</sup> </xref> <fn id='n'><label>5</label><p>Aside.</p></fn> b.</p>": "A (Aside) b.",
    "<p>A<xref ref-type='fn' rid='n'>5</xref> b.</p><fn id='n'><label>5</label><p>Aside.</p></fn><p>c</p>": "A (Aside) b.\n\nc",
    "<p>A b.</p><fn id='n'><label>5</label><p>Aside.</p></fn><p>c</p>": "A b.\n\n(Aside)\n\nc",
    "<p>A ﬁeld of <italic>ﬂow</italic>ers, e&#xFB03;cient &#64256;.</p>": "A field of flowers, efficient ff.",
    "<p>See <ext-link href='http://a.b'/>.</p>": "See http://a.b.",
    "<p>a <named-content>b</named-content><!-- no --> <styled-content>c</styled-content></p>": "a b c",
    "<supplementary-material><label>S1 Fig</label><caption><p>More.</p><p>(TIF)</p></caption></supplementary-material>": "S1 Fig. More.",
    "<supplementary-material><label>Additional file 1:</label><media><caption><p>Ponds. (XLSX 12 kb)</p></caption></media></supplementary-material>": "Additional file 1.\n\nPonds.",
    "<ack><title>Acknowledgements</title><p>Thanks.</p><sec><title>Availability of data</title><p>On request.</p></sec></ack>":
    "# Acknowledgements\n\nThanks.\n\n# Availability of data\n\nOn request.",
    "<ack><title>Acknowledgements</title><p>Not applicable.</p><sec><title>Ethics</title><p>All fish were wild.</p></sec></ack>":
    "# Ethics\n\nAll fish were wild.",
    "<table-wrap><graphic href='x'/></table-wrap>": "[IMAGE]",
    "<table-wrap><table><tr><td>a</td></tr><tr><td><p>b</p><p>c</p></td></tr></table></table-wrap>": "| a |\n| --- |\n| b c |",
    "<table-wrap><oasis:table xmlns:oasis='o'><oasis:tgroup><colspec colname='1'/><colspec colname='2'/><thead>"
    "<row><entry namest='1' nameend='2'>h</entry></row></thead><tbody><row><entry>a</entry><entry>b</entry></row></tbody>"
    "</oasis:tgroup></oasis:table></table-wrap>": "| h | h |\n| --- | --- |\n| a | b |",
    "<p>x <inline-formula><tex-math>$$\\alpha$$</tex-math></inline-formula></p>": "x [START_LATEX]\\(\\alpha\\)[END_LATEX]",
}  # fmt: skip


@pytest.mark.parametrize(("xml", "expected"), BLOCKS.items())
def test_a_kind_of_block(xml: str, expected: str) -> None:
    assert body(xml) == expected


def test_a_collaboration_is_an_author_without_its_parentheses() -> None:
    front = (
        "<front><article-meta><contrib-group><contrib contrib-type='author'><name><surname>Wu"
        "</surname></name></contrib><contrib contrib-type='collaboration'><collab>(Pond "
        "Collaboration)</collab></contrib></contrib-group></article-meta></front>"
    )
    assert body("<p>x</p>", front=front).startswith("Authors: Wu, Pond Collaboration\n")


def test_a_note_stands_once_and_floats_follow_their_first_mention() -> None:
    text = body(
        '<p>A<xref ref-type="fn" rid="n">1</xref> B<xref ref-type="fn" rid="n">1</xref> in '
        '<xref ref-type="fig" rid="f">Fig. 1</xref>.</p><p>Last.</p>',
        back='<fn-group><fn id="n"><p>Note.</p></fn></fn-group></back><floats-group><fig id="f">'
        "<label>Fig. 1</label><caption><p>Cap.</p></caption></fig></floats-group><back>",
    )
    assert text == "A (Note) B in Fig. 1.\n\n[IMAGE]\n\nFig. 1. Cap.\n\nLast."


def test_a_list_of_definitions_inside_another_is_read_once() -> None:
    item = "<def-item><term>{}</term><def><p>{}</p>{}</def></def-item>"
    inner = f"<def-list>{item.format('B', 'two', '')}</def-list>"
    xml = f"<def-list>{item.format('A', 'one', inner)}{inner}</def-list>"
    assert body(xml) == "- A: one\n  - B: two\n\n- B: two"


def test_declarations_are_judged_each_by_its_title() -> None:
    sections = "".join(
        f"<sec><title>{title}</title><p>{title} is stated.</p></sec>"
        for title in ("Ethics approval", "Competing interests", "Consent for publication")
    )
    back = (
        "<ack><sec><title>Acknowledgements</title><p>Thanks.</p></sec></ack>"
        "<sec><title>Informed consent</title><p>Not applicable.</p></sec>"
        "<sec><title>Supplementary Material</title><supplementary-material><media><caption>"
        "<p>Click here for additional data file.</p></caption></media></supplementary-material></sec>"
        f'<notes notes-type="COI-statement">{sections}</notes>'
        '<notes notes-type="COI-statement"><p>Nobody gains.</p></notes>'
        "<notes><title>Funding</title><sec><title>Grants</title><p>Money.</p></sec></notes>"
        "<fn-group><fn><p><bold>Electronic supplementary material</bold></p><p>Online.</p></fn>"
        "</fn-group>"
    )
    declared = "<sec><title>Declarations</title><sec><title>Funding</title><p>y</p></sec></sec>"
    assert body(f"<p>x</p>{declared}", back) == (
        "x\n\n# Acknowledgements\n\nThanks.\n\n# Ethics approval\n\nEthics approval is stated."
    )


def test_an_abstract_in_another_language_stays_out() -> None:
    abstracts = "".join(
        f'<abstract xml:lang="{language}"><label>Resumo</label><title>Resumo</title><p>{text}</p>'
        "</abstract>"
        for language, text in (("pt-BR", "Um."), ("en", "One."))
    )
    abstracts += '<abstract abstract-type="key-image"><p>Picture.</p></abstract>'
    front = f"<front><article-meta>{abstracts}</article-meta></front>"
    article = '<article xml:lang="{}">{}<body><sec><title>T</title><p>x</p></sec></body></article>'
    assert read(article.format("pt", front)).text == "# Resumo\n\nUm.\n\n# T\n\nx"
    assert "One." in read(article.format("en", front)).text
    assert read(article.format("fr", front)).text.count("# Resumo") == 2


def test_a_note_loses_the_number_by_which_it_is_called() -> None:
    call = '<xref ref-type="fn" rid="{}"><sup>{}</sup></xref>'
    note = '<fn id="{}"><p>{}</p></fn>'
    text = body(
        f"<p>A{call.format('n1', 1)} b{call.format('n2', 2)} c<sup>{call.format('n3', 3)}</sup>.</p>",
        "<fn-group>"
        + note.format("n1", "<sup>1</sup>In light.")
        + note.format("n2", "2 In the dark.")
        + note.format("n3", f"By Lee ({cited(1, '2001')}).")
        + "</fn-group>",
    )
    assert text == f"A (In light) b (In the dark) c (By Lee {spans(1)})."


def test_an_untagged_reference_of_vancouver_form_has_a_title() -> None:
    document = read(
        "<article><body><p>[<xref ref-type='bibr' rid='a'>1</xref>]</p></body><back><ref-list>"
        "<ref id='a'><mixed-citation>Samet H, Lee K (2006) Foundations of data structures. "
        "Kaufmann.</mixed-citation></ref></ref-list></back></article>"
    )
    assert reveal(document.text) == ("[START_REF] Foundations of data structures, Samet[END_REF]")


def test_surnames_in_capitals_are_spelt_where_the_list_prints_them_so() -> None:
    def surnames(*printed: str) -> list[str | None]:
        entries = "".join(
            f'<ref id="s{n}"><element-citation><name><surname>{name}</surname></name>'
            f"<article-title>On {n}</article-title></element-citation></ref>"
            for n, name in enumerate(printed)
        )
        calls = "".join(f"<p>{cited(f's{n}', str(n))}</p>" for n in range(len(printed)))
        document = read(
            f"<article><body>{calls}</body><back><ref-list>{entries}</ref-list></back></article>"
        )
        return [citation.surname for citation in document.citations]

    capitals = ("WU", "DA SILVA", "O'NEIL", "DÍAZ-ROE", "LEE")
    assert surnames(*capitals) == ["Wu", "da Silva", "O'Neil", "Díaz-Roe", "Lee"]
    assert surnames("FAO", "Wu", "Roe", "Diaz", "Lee") == ["FAO", "Wu", "Roe", "Diaz", "Lee"]


def test_a_journal_is_no_title_and_a_doi_in_a_comment_is_found() -> None:
    document = read(
        "<article><body><p>[<xref ref-type='bibr' rid='a'>1</xref>]</p></body><back><ref-list>"
        "<ref id='a'><label>1</label><mixed-citation publication-type='journal'><string-name>"
        "K. G. Wilson</string-name>, <source>Phys. Rev. B</source> <volume>4</volume>, 3174 "
        "(<year>1971</year>). doi:10.1103/PhysRevB.4.3174. arXiv:0704.0001</mixed-citation></ref>"
        "</ref-list></back></article>"
    )
    (citation,) = document.citations
    assert citation.title is None
    assert (citation.surname, citation.year) == ("Wilson", "1971")
    assert (citation.doi, citation.arxiv) == ("10.1103/PhysRevB.4.3174", "0704.0001")


def test_a_book_is_one_document_with_its_parts_as_sections() -> None:
    def part(name: str, title: str, body: str) -> str:
        return (
            f"<{name}><book-part-meta><title-group><label>1</label><title>{title}</title>"
            f"</title-group></book-part-meta>{body}</{name}>"
        )

    chapter = part(
        "book-part",
        "Ponds",
        "<body><p>See [<xref ref-type='bibr' rid='a'>1</xref>].</p><sec><title>Frogs</title>"
        "<p>Green.</p></sec></body><back><ref-list><ref id='a'><label>1</label><element-citation>"
        "<name><surname>Lee</surname></name><article-title>On frogs</article-title>"
        "</element-citation></ref></ref-list></back>",
    )
    foreword = part(
        "foreword", "Foreword", "<named-book-part-body><p>Dear reader.</p></named-book-part-body>"
    )
    book = read(
        "<book><book-meta><book-id book-id-type='doi'>10.5555/book</book-id><book-title-group>"
        "<book-title>Still Water</book-title></book-title-group><contrib-group><contrib "
        "contrib-type='author'><name><surname>Wu</surname><given-names>Ana</given-names></name>"
        f"</contrib></contrib-group></book-meta><front-matter><toc><p>1</p></toc>{foreword}"
        f"</front-matter><book-body>{chapter}</book-body></book>"
    )
    assert reveal(book.text) == (
        "Title: Still Water\n\nAuthors: Ana Wu\n\n# 1 Foreword\n\nDear reader.\n\n# 1 Ponds\n\n"
        "See [START_REF] On frogs, Lee[END_REF].\n\n## Frogs\n\nGreen."
    )
    assert (book.metadata["doi"], book.metadata["article_type"]) == ("10.5555/book", "book")
    alone = read(f"<book-part-wrapper>{chapter}</book-part-wrapper>")
    assert reveal(alone.text).startswith("Title: Ponds\n\nSee [START_REF] On frogs")


def test_ethics_among_additional_information_stay_unless_the_body_says_them() -> None:
    def article(said: str) -> str:
        return (
            f"<article><body><sec><title>Methods</title><p>{said}</p></sec></body><back>"
            "<sec sec-type='additional-information'><title>Additional information</title>"
            "<fn-group content-type='competing-interest'><title>Competing interests</title>"
            "<fn id='c'><p>None.</p></fn></fn-group>"
            "<fn-group content-type='ethics-information'><title>Ethics</title><fn fn-type='other'>"
            "<p>Frogs: The pond board approved all work. None was harmed.</p></fn></fn-group></sec></back></article>"
        )

    assert read(article("We counted frogs.")).text == (
        "# Methods\n\nWe counted frogs.\n\n# Additional information\n\n## Ethics\n\n"
        "Frogs: The pond board approved all work. None was harmed."
    )
    assert read(article("We counted. The pond board approved all work.")).text == (
        "# Methods\n\nWe counted. The pond board approved all work.\n\n"
        "# Additional information\n\n## Ethics\n\nFrogs: None was harmed."
    )
    said = "The pond board approved all work. None was harmed."
    assert read(article(said)).text == f"# Methods\n\n{said}"


def test_a_table_without_a_marked_head_has_the_rows_of_its_first_groups_as_head() -> None:
    rows = (
        "<tr><td rowspan='2'>Pond</td><td colspan='2'>Depth (m)</td></tr>"
        "<tr><td>May</td><td>June</td></tr><tr><td>North</td><td>2</td><td>3</td></tr>"
    )
    document = read(
        f"<article><body><table-wrap><table>{rows}</table></table-wrap></body></article>"
    )
    assert document.text == (
        "| Pond | Depth (m): May | Depth (m): June |\n| --- | --- | --- |\n| North | 2 | 3 |"
    )
    rows = "<tr><td rowspan='2'>Test</td><td>Wet</td></tr><tr><td>24</td></tr><tr><td>a</td></tr>"
    document = read(
        f"<article><body><table-wrap><table>{rows}</table></table-wrap></body></article>"
    )
    assert document.text == "| Test | Wet |\n| --- | --- |\n| Test | 24 |\n| a |  |"


def test_a_manuscript_package_gives_its_article(tmp_path: Path) -> None:
    package = tmp_path / "0a1b.meca"
    with zipfile.ZipFile(package, "w") as members:
        members.writestr("mimetype", "application/meca")
        members.writestr(
            "manifest.xml", '<manifest xmlns="urn:meca" version="1.0"><item/></manifest>'
        )
        members.writestr("directives.xml", "<PMCProcessing><delay/></PMCProcessing>")
        members.writestr("content/1.xml", ARTICLE)
    (found,) = FORMAT.find(tmp_path)
    records = list(FORMAT.records(found, ReadOptions()))
    assert [record.record_id for record in records] == [
        "0a1b.meca/manifest",
        "0a1b.meca/directives",
        "0a1b.meca/content/1",
    ]
    for record in records[:2]:
        with pytest.raises(RecordDropped, match="a file about its package"):
            FORMAT.read(record, ReadOptions())
    assert FORMAT.read(records[2], ReadOptions()).text.startswith("Title: ")


def test_a_set_gives_one_record_an_article_and_loses_only_the_bad_one(tmp_path: Path) -> None:
    path = tmp_path / "set.xml.gz"
    path.write_bytes(
        gzip.compress(
            b'<pmc-articleset xmlns:x="http://www.w3.org/1999/xlink"><!-- <article> -->'
            b'<article><body><p>one <ext-link x:href="http://a"/></p></body></article>\n'
            b"<article><body><p>two</body></article>"
            b"<article><front/></article><article><body><p>four</p></body></article>"
            b"</pmc-articleset>"
        )
    )
    records = list(FORMAT.records(path, ReadOptions()))
    assert [record.record_id for record in records] == ["set#1", "set#2", "set#3", "set#4"]
    assert records[1].position == "set.xml.gz: article 2 (line 2)"
    assert FORMAT.read(records[0], ReadOptions()).text == "one http://a"
    assert FORMAT.read(records[3], ReadOptions()).text == "four"
    with pytest.raises(RecordDropped, match="no text"):
        FORMAT.read(records[2], ReadOptions())


EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "jats").glob("*.xml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_reads_whole(path: Path) -> None:
    """The bundled articles: every citation a title, formulas, a table and a figure in each."""
    (record,) = FORMAT.records(path, ReadOptions())
    document, counts = resolve(FORMAT.read(record, ReadOptions()))
    text = reveal(document.text)
    assert set(counts) == {"resolved"}
    assert text.startswith("Title: ")
    assert all(part in text for part in ("# Abstract", "\\[", "| --- |", "[IMAGE]"))
    assert 2_500 < len(text) < 9_000


def test_there_are_enough_examples_to_hold_one_out() -> None:
    assert len(EXAMPLES) >= 5
