"""No reader, whatever a record's text spells and however its format escapes it, makes a marker.

Each reader has a small valid record whose texts are a slot. It is read with harmless words in the
slot and with every hostile text in every escaped form of the format: both must be read, the words
arrive as often, and the markers of the documents are the same ones in the same order.
"""

import csv
import io
import json
import re
import textwrap
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from corpora.catalogue import READERS, load_format
from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordDropped
from tests.hostile_text import HOSTILE
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.markers import (
    BY_CODE_POINT,
    CONTROL_TOKENS,
    END_OF_DOCUMENT_ID,
    RESERVED_FIRST,
    RESERVED_LAST,
    pairing_fault,
)
from tokenization.training import train_tokenizer

#: Stands before and after a hostile text: that it arrives shows that the text was read.
WITNESS = "zeugma"
#: As long as a hostile text, and with its kinds of characters: what a reader leaves out for these
#: (a comment of a program, a name too long for the list of synonyms) it leaves out of both.
HARMLESS = "water [of] the <sea> in_the south " * 12

Files = dict[str, bytes]
#: Readers that take no text from their files.
WITHOUT_TEXT = frozenset({"onesmallstep"})
_RESERVED = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")


def by_character(pattern: str) -> Callable[[str], str]:
    """Every character but plain letters, digits and blanks by its number."""
    return lambda text: "".join(
        c if c.isascii() and (c.isalnum() or c == " ") else pattern.format(ord(c)) for c in text
    )


def in_utf16_units(text: str) -> str:
    units = text.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02X}{units[i + 1]:02X}" for i in range(0, len(units), 2))


# LaTeX


def latex_files(written: str) -> Files:
    body = r"""\documentclass{article}
\newcommand{\said}[1]{\emph{#1}}
\def\kept{SLOT}
\title{On SLOT}
\author{A. Author}
\begin{document}
\maketitle
\begin{abstract}Abstract SLOT.\end{abstract}
\section{Section SLOT}
Prose SLOT, \emph{SLOT}, \said{SLOT}, {\bf SLOT}, \kept{} and \textsuperscript{SLOT}.\footnote{SLOT}
See \cite{k} and \cite[{SLOT}]{m}, \href{https://example.org}{SLOT}.
\begin{itemize}\item SLOT\item[{SLOT}] last\end{itemize}
\begin{figure}\includegraphics{x.png}\caption{SLOT}\end{figure}
\begin{table}\caption{SLOT}\begin{tabular}{ll}a & SLOT\\ b & c\end{tabular}\end{table}
\begin{verbatim}
SLOT
\end{verbatim}
A formula $x$ and \begin{equation} y \end{equation}
\bibliography{refs}
\begin{thebibliography}{9}
\bibitem{k} A. Author. \newblock Of SLOT words. \newblock Journal, 2001.
\end{thebibliography}
\end{document}
"""
    database = "@article{m, author={Byron, Ada}, title={The SLOT title}, journal={J}, year={1843}}"
    return {
        "paper/main.tex": body.replace("SLOT", written).encode(),
        "paper/refs.bib": database.replace("SLOT", written).encode(),
    }


def latex_formula_files(written: str) -> Files:
    body = r"""\documentclass{article}\begin{document}
Words $x SLOT y$ and \(a_{SLOT}\), \[ \frac{SLOT}{2} \] and $\text{SLOT}$ and
\begin{align} u &= SLOT \\ v &= \mathrm{SLOT} \tag{SLOT} \end{align} end.
\end{document}
"""
    return {"paper/main.tex": body.replace("SLOT", written).encode()}


def latex_characters(text: str) -> str:
    """As an author writes them."""
    special = {"_": r"\_", "\\": r"\textbackslash{}", "<": r"\textless{}", "[": r"{[}", "]": r"{]}"}
    return "".join(special.get(c, c) for c in text)


def carets(text: str) -> str:
    r"""In TeX's own notation: `^^5b`, `^^^^e000`, `^^^^^^0fe000`."""
    return "".join(
        c
        if c.isascii() and (c.isalnum() or c == " ")
        else f"^^{ord(c):02x}"
        if ord(c) < 0x100
        else f"^^^^{ord(c):04x}"
        if ord(c) < 0x10000
        else f"^^^^^^{ord(c):06x}"
        for c in text
    )


_LATEX = {
    "as it is": str,
    "escaped": latex_characters,
    "carets": carets,
    **{
        pattern: by_character(pattern)
        for pattern in (
            r'\char"{:X} ',
            r"\char{} ",
            r"\char'{:o} ",
            r"\symbol{{{}}}",
            r'\symbol{{"{:X}}}',
            r'\unichar{{"{:X}}}',
            r"\unichar{{{}}}",
            r"\unicode{{x{:X}}}",
            r'\Uchar"{:X} ',
            r'{{\char"{:x}}}',
        )
    },
}

# JATS


def jats_files(written: str, doctype: str = "") -> Files:
    article = """<?xml version="1.0" encoding="UTF-8"?>DOCTYPE<article><front><article-meta>
<title-group><article-title>On SLOT</article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Byron</surname></name></contrib>
</contrib-group><abstract><p>Abstract SLOT.</p></abstract></article-meta></front>
<body><sec><title>Section SLOT</title><p>Prose SLOT, <italic>SLOT</italic>,
x<sup>SLOT</sup>, <ext-link href="https://example.org">SLOT</ext-link> and
<xref ref-type="bibr" rid="r">1</xref>.</p>
<list><list-item><p>SLOT</p></list-item></list><preformat>SLOT</preformat>
<p>A formula <inline-formula><mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>x
</mml:mi></mml:math></inline-formula>.<fn id="f"><p>SLOT</p></fn></p>
<fig id="g"><label>Figure 1</label><caption><p>SLOT</p></caption><graphic/></fig>
<table-wrap><caption><p>SLOT</p></caption><table><tr><td>a</td><td>SLOT</td></tr></table>
</table-wrap></sec></body><back><ref-list><ref id="r"><element-citation><person-group><name>
<surname>Author</surname></name></person-group><article-title>Work SLOT</article-title>
<year>2001</year></element-citation></ref></ref-list></back></article>"""
    text = article.replace("DOCTYPE", doctype).replace("SLOT", written)
    return {"article.xml": text.encode("utf-8")}


def mathml_files(written: str) -> Files:
    article = """<article><body><p>Words <inline-formula>
<math><mi>x</mi><mtext>SLOT</mtext><mo>=</mo><mi>SLOT</mi><mrow><mo>SLOT</mo></mrow>
<mfenced open="SLOT" close="SLOT"><mn>1</mn></mfenced><mn>SLOT</mn><ms>SLOT</ms>
<mfrac><mi mathvariant="bold">SLOT</mi><mn>2</mn></mfrac></math></inline-formula> and
<inline-formula><tex-math>y \\text{SLOT}</tex-math></inline-formula> end.</p></body></article>"""
    return {"article.xml": article.replace("SLOT", written).encode()}


def xml_characters(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


#: Not in attributes, which `mathml_files` has.
_ELEMENTS = {"CDATA": lambda text: f"<![CDATA[{text}]]>"}

_ENTITIES = {"[": "lsqb", "]": "rsqb", "<": "lt", ">": "gt", "_": "lowbar", "/": "sol"}


def xml_entities(text: str) -> str:
    return "".join(f"&{_ENTITIES[c]};" if c in _ENTITIES else c for c in text)


def jats_declared(text: str) -> Files:
    """Every character an entity of the article's own DOCTYPE."""
    declared = "".join(f'<!ENTITY c{ord(c)} "&#{ord(c)};">' for c in sorted(set(text)))
    return jats_files("".join(f"&c{ord(c)};" for c in text), f"<!DOCTYPE article [{declared}]>")


_XML = {
    "as it is": xml_characters,
    "decimal references": by_character("&#{};"),
    "hexadecimal references": by_character("&#x{:X};"),
    "padded references": by_character("&#x{:08x};"),
    "named entities": xml_entities,
    "references of references": by_character("&amp;#x{:X};"),
    "escapes of TeX": by_character(r"\char{} "),
}

# PubMed


def pubmed_files(written: str) -> Files:
    article = """<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">90000001</PMID>
<Article><Journal><Title>Journal SLOT</Title></Journal><ArticleTitle>On SLOT</ArticleTitle>
<Abstract><AbstractText Label="SLOT">Abstract SLOT, <i>SLOT</i> and x<sup>SLOT</sup>.</AbstractText>
<AbstractText>A formula <math xmlns="http://www.w3.org/1998/Math/MathML"><mi>x</mi>
<mtext>SLOT</mtext></math>.</AbstractText></Abstract><AuthorList><Author><LastName>SLOT</LastName>
<ForeName>Ada</ForeName></Author><Author><CollectiveName>SLOT</CollectiveName></Author></AuthorList>
<Language>SLOT</Language></Article><MeshHeadingList><MeshHeading><DescriptorName>SLOT
</DescriptorName></MeshHeading></MeshHeadingList><KeywordList><Keyword>SLOT</Keyword></KeywordList>
<OtherAbstract Type="plain-language-summary"><AbstractText>SLOT</AbstractText></OtherAbstract>
</MedlineCitation></PubmedArticle></PubmedArticleSet>"""
    return {"p.xml": article.replace("SLOT", written).encode()}


# Stack Exchange


def stackexchange_files(written: str) -> Files:
    """`written` is HTML, which XML then escapes once more."""
    body = """<h1>SLOT</h1><p>Prose SLOT, <em>SLOT</em>, x<sup>SLOT</sup>, <a href="SLOT">SLOT</a>
<code>SLOT</code> and $x_1 \\text{SLOT}$.</p><p>$$y = \\text{SLOT}$$</p><ul><li>SLOT</li></ul>
<pre><code>SLOT</code></pre><blockquote>SLOT</blockquote><table><tr><td>SLOT</td></tr></table>
<img alt="SLOT" src="x">"""
    inside = escape(body.replace("SLOT", written), {'"': "&quot;"})
    title = escape(written, {'"': "&quot;"})
    tags = by_character("&#{};")(WITNESS)
    return {
        "Posts.xml": (
            '<?xml version="1.0" encoding="utf-8"?><posts>\n'
            f'<row Id="1" PostTypeId="1" Score="2" Title="{title}" Tags="{tags}" Body="{inside}"/>'
            f'\n<row Id="2" PostTypeId="2" ParentId="1" Score="2" Body="{inside}"/>\n</posts>'
        ).encode("utf-8", "replace")
    }


# OpenStax


def openstax_files(written: str, formula: str = "<m:mi>x</m:mi>") -> Files:
    module = """<document xmlns="http://cnx.rice.edu/cnxml"
xmlns:m="http://www.w3.org/1998/Math/MathML"><title>On SLOT</title>
<metadata xmlns:md="http://cnx.rice.edu/mdml"><md:content-id>SLOT</md:content-id>
<md:abstract>Abstract SLOT.</md:abstract><md:license url="SLOT"/><md:keywordlist><md:keyword>SLOT
</md:keyword></md:keywordlist></metadata><content><section id="s"><title>Section SLOT</title>
<para>Prose SLOT, <emphasis>SLOT</emphasis>, x<sup>SLOT</sup>, <link url="SLOT"/>, <link
target-id="s"/> and <m:math>FORMULA</m:math>.<footnote>SLOT</footnote><code>SLOT</code></para>
<list><title>SLOT</title><item>SLOT</item></list><code display="block">SLOT</code>
<figure id="f"><media alt="a b c SLOT"><image src="SLOT"/></media><caption>SLOT</caption></figure>
<table><tgroup><tbody><row><entry>a</entry><entry>SLOT</entry></row></tbody></tgroup></table>
<exercise><problem><para>SLOT</para></problem><solution><para>SLOT</para></solution></exercise>
<note><title>SLOT</title><para>SLOT</para></note><equation><m:math>FORMULA</m:math></equation>
</section></content><glossary><definition><term>SLOT</term><meaning>SLOT</meaning></definition>
</glossary></document>"""
    text = module.replace("FORMULA", formula).replace("SLOT", written)
    return {"book/m1/index.cnxml": text.encode()}


# TEI


def tei_files(written: str) -> Files:
    text = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt>
<title>On SLOT</title></titleStmt><sourceDesc><biblStruct><analytic><author><persName><surname>SLOT
</surname></persName></author><idno type="DOI">10.5555/SLOT</idno></analytic></biblStruct>
</sourceDesc>
</fileDesc><profileDesc><textClass><keywords><term>SLOT</term></keywords></textClass><abstract>
<p>Abstract SLOT.</p></abstract></profileDesc></teiHeader><text><body><div><head n="1">Section SLOT
</head><p>Prose SLOT, <hi rend="sup">SLOT</hi>, <ref type="bibr" target="#b0">(SLOT, 2001)</ref> and
<ref type="bibr">SLOT</ref>, <ref target="SLOT">SLOT</ref>.<note place="foot" n="SLOT">SLOT</note>
</p><formula xml:id="f">x SLOT y<label>SLOT</label></formula><formula notation="TeX">x</formula>
<list><head>SLOT</head><item>SLOT</item></list><quote>SLOT</quote><eg>SLOT</eg>
<figure><head>Figure 1</head><figDesc>SLOT</figDesc><graphic/></figure><figure type="table">
<table><row><cell>a</cell><cell>SLOT</cell></row></table></figure></div></body><back><listBibl>
<biblStruct xml:id="b0"><analytic><title level="a">Work SLOT</title><author><persName><surname>Byron
</surname></persName></author></analytic><note type="raw_reference">SLOT</note></biblStruct>
</listBibl></back></text></TEI>"""
    return {"x.tei.xml": text.replace("SLOT", written).encode()}


# MediaWiki


def mediawiki_files(written: str) -> Files:
    """`written` is wikitext; the dump escapes it as MediaWiki does."""
    page = """Prose SLOT, ''SLOT'', [[Target|SLOT]], [https://example.org SLOT] and
<code>SLOT</code>. {{quote|1=SLOT}} {{lang|la|2=SLOT}}, x<sup>SLOT</sup>{{efn|1=Note SLOT.}} and
cited.<ref>{{cite book |title=Work SLOT |last=Author SLOT |year=2001}}</ref>
<ref name="SLOT" group="note">The SLOT note.</ref>
== Section SLOT ==
* SLOT
# SLOT
; term SLOT : meaning SLOT
{| class="wikitext"
|+ SLOT
! a !! SLOT
|-
| b || SLOT
|}
[[File:x.png|thumb|Caption SLOT]]
<gallery>
File:y.png|Other SLOT
</gallery>
A formula <math>x + \\text{SLOT}</math>.
<blockquote>SLOT</blockquote>
"""
    return dump_files(page.replace("SLOT", written), written)


def dump_files(wikitext: str, title: str) -> Files:
    page = f"""<mediawiki xml:lang="en"><siteinfo><sitename>Invented</sitename></siteinfo><page>
<title>{xml_characters(title)}</title><ns>0</ns><id>7</id><revision><id>8</id>
<timestamp>2020-01-01T00:00:00Z</timestamp>
<text>{xml_characters(wikitext)}</text></revision></page></mediawiki>"""
    return {"wiki.xml": page.encode()}


def nowiki(text: str) -> str:
    return f"<nowiki>{text}</nowiki>"


_WIKITEXT = {
    "character references": by_character("&#{};"),
    "hexadecimal references": by_character("&#x{:X};"),
    "padded references": by_character("&#x{:08x};"),
    "named entities": xml_entities,
    "nowiki": lambda text: nowiki(text.replace("<", "&lt;")),
    "references in nowiki": lambda text: nowiki(by_character("&#x{:X};")(text)),
}

# OEIS


def oeis_files(written: str) -> Files:
    """The files of names and terms, and an entry of the internal format."""
    entry = """%I A900002
%S A900002 1,2,3
%N A900002 Name SLOT
%C A900002 From _Ada Byron_: (Start)
%C A900002 Comment SLOT (End)
%D A900002 A. Byron, Work SLOT
%H A900002 A. Byron, <a href="https://example.org">Link SLOT</a>, in SLOT
%H A900002 SLOT
%F A900002 a(n) = SLOT
%e A900002   SLOT
%p A900002 SLOT
%t A900002 SLOT
%o A900002 (PARI) SLOT
%o A900002 (Sage)
%o A900002   SLOT
%Y A900002 Cf. SLOT
%K A900002 nonn,SLOT
%A A900002 Ada Byron, SLOT, 2001
"""
    return {
        "a/stripped": b"A900001 ,1,2,3,\n",
        "a/names": f"A900001 {written}\n".encode(),
        "b/A900002.seq": entry.replace("SLOT", written).encode(),
    }


def oeis_json_files(written: str) -> Files:
    """`written` is the inside of a JSON string."""
    results = """[{"number": 900003, "data": "1,2", "name": "SLOT", "comment": ["SLOT"],
"reference": ["SLOT"], "link": ["A. Byron, <a href=\\"x\\">SLOT</a>, SLOT"],
"formula": ["SLOT"], "example": ["SLOT"], "maple": ["SLOT"], "mathematica": ["SLOT"],
"program": ["(PARI) SLOT"], "xref": ["SLOT"], "author": "SLOT", "keyword": "SLOT"}]"""
    return {"s.json": results.replace("SLOT", written).encode()}


# Exoplanets


def exoplanet_table_files(text: str) -> Files:
    """Two rows of a planet in the archive's table, and a row of the Open Catalogue's."""
    columns = ["pl_name", "hostname", "default_flag", "disc_facility", "discoverymethod",
               "st_spectype", "pl_orbper", "pl_refname"]  # fmt: skip
    archive, other = io.StringIO(), io.StringIO()
    writer = csv.writer(archive)
    writer.writerow(columns)
    for default in "01":
        link = f"<a href=x>Byron et al. {text}</a>"
        writer.writerow([f"Z {text}", text, default, text, text, text, "3.1", link])
    writer = csv.writer(other)
    writer.writerow(["name", "mass", "discoverymethod", "hoststar_mass", "system_distance", "list"])
    writer.writerow([text, "1.5", text, "1", "2", text])
    return {
        "ps.csv": archive.getvalue().encode(),
        "oec.txt": other.getvalue().encode(),
        "koi.csv": _one_row({"kepoi_name": text, "kepid": text, "kepler_name": f"{text} b",
                             "koi_disposition": "CONFIRMED", "ra_str": text, "koi_period": "3"}),
        "toi.csv": _one_row({"toi": text, "tid": text, "tfopwg_disp": text, "pl_orbper": "3"}),
    }  # fmt: skip


def _one_row(cells: dict[str, str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([cells.keys(), cells.values()])
    return written.getvalue().encode()


def exoplanet_xml_files(written: str) -> Files:
    system = """<system><name>SLOT</name><star><name>SLOT</name><spectraltype>SLOT</spectraltype>
<planet><name>Z SLOT</name><name>SLOT</name><list>SLOT</list><period>3.1</period>
<discoverymethod>SLOT</discoverymethod><description>SLOT</description>
<transittime unit="SLOT">3.5</transittime></planet></star>
<constellation>SLOT</constellation></system>"""
    return {"Z.xml": system.replace("SLOT", written).encode()}


# Reactome


def reactome_files(text: str, summary: str = "") -> Files:
    pathways = f"R-HSA-1\tOne {text}\tHomo {text}\nR-HSA-2\tTwo {text}\tHomo sapiens\n"
    proteins = f"P1\tR-HSA-9\t{text} [{text}]\tR-HSA-1\tx\tOne\tTAS\tHomo sapiens\n"
    return {
        "ReactomePathways.txt": pathways.encode(),
        "ReactomePathwaysRelation.txt": b"R-HSA-1\tR-HSA-2\n",
        "pathway2summation.txt": f"R-HSA-1\tOne\t{summary or text}\n".encode(),
        "UniProt2Reactome_PE_Pathway.txt": proteins.encode(),
    }


def reactome_html_files(written: str) -> Files:
    return reactome_files("words", f"<p>{written}, <i>{written}</i> and x<sub>{written}</sub></p>")


# The Gold Book


def goldbook_files(written: str, definition: str = "SLOT") -> Files:
    """`written` is the inside of a JSON string."""
    term = """{"entries": {"1": {"code": "X00001", "term": "On SLOT", "status": "SLOT",
"definition": [["DEFINITION", "SLOT"]], "doi": "10.1351/SLOT", "notes": {"1": "SLOT"},
"sources": ["PAC, 2021, 93, 997. 'SLOT'", "SLOT"], "links": [{"term": "SLOT"}],
"identifiers": {"synonym": ["SLOT"], "symbol": "SLOT"}}}}"""
    text = term.replace("DEFINITION", definition).replace("SLOT", written)
    return {"g.json": text.encode("utf-8", "replace")}


def goldbook_html_files(written: str) -> Files:
    html = f"<p>{written}, <i>{written}</i> and x<sub>{written}</sub></p>"
    return goldbook_files("words", json_characters(html))


# Papers with Code


def paperswithcode_files(written: str) -> Files:
    """`written` is the inside of a JSON string."""
    dumps = {
        "papers": """{"paper_url": "x", "title": "On SLOT", "abstract": "Abstract SLOT $x$",
"authors": ["SLOT"], "tasks": ["SLOT"], "methods": [{"name": "SLOT"}], "arxiv_id": "SLOT"}""",
        "methods": """{"url": "SLOT", "name": "Net SLOT", "full_name": "SLOT",
"description": "**Words** SLOT\\n\\n- SLOT\\n\\n$$x$$ SLOT", "source_title": "Work SLOT",
"collections": [{"collection": "SLOT", "area": "SLOT"}]}""",
        "datasets": """{"name": "Set SLOT", "description": "Words SLOT", "modalities": ["SLOT"],
"languages": ["SLOT"], "tasks": [{"task": "SLOT"}], "license_name": "SLOT",
"homepage": "https://SLOT", "paper": {"title": "Work SLOT"}, "introduced_date": "2001"}""",
        "tasks": """{"task": "Task SLOT", "categories": ["SLOT"], "description": "Words SLOT",
"synonyms": ["SLOT"], "subtasks": [{"task": "Inner SLOT", "description": "SLOT"}],
"datasets": [{"dataset": "SLOT", "sota": {"metrics": ["m"], "rows": [{"model_name": "SLOT",
"metrics": {"m": "SLOT", "SLOT": 1}, "paper_title": "Work SLOT"}]}}]}""",
        "links": """{"repo_url": "https://SLOT", "paper_title": "Work SLOT",
"framework": "SLOT"}""",
    }
    return {
        f"{name}.json": f"[{dump.replace('SLOT', written)}]".encode()
        for name, dump in dumps.items()
    }


# LIPID MAPS


def lipidmaps_files(text: str) -> Files:
    molecule = Chem.MolFromSmiles("CCO")
    AllChem.Compute2DCoords(molecule)
    items = {
        "LM_ID": "LMFA05000001", "NAME": text, "SYSTEMATIC_NAME": text, "CATEGORY": text,
        "MAIN_CLASS": f"{text} [FA01]", "ABBREVIATION": text, "ABBREVIATION_CHAINS": f"{text} x",
        "SYNONYMS": "; ".join(synonyms(text)), "KEGG_ID": text, "FORMULA": text, "EXACT_MASS": text,
    }  # fmt: skip
    data = "".join(f"> <{name}>\n{value}\n\n" for name, value in items.items())
    return {"lmsd.sdf": f"{text}{Chem.MolToMolBlock(molecule)}{data}$$$$\n".encode()}


# The other formats


def uniprot_files(written: str) -> Files:
    entry = """ID   MEL_TEST                Reviewed;           3 AA.
AC   P00000;
DE   RecName: Full=Protein SLOT;
DE            Short=SLOT;
GN   Name=SLOT; Synonyms=other SLOT;
OS   Apis SLOT (SLOT).
OC   Eukaryota; SLOT.
OX   NCBI_TaxID=7460;
RN   [1]
RP   PROTEIN SEQUENCE.
RX   PubMed=4301;
RA   Byron A.;
RT   "The title SLOT.";
RL   J. Invented 1:1-9(1970).
CC   -!- FUNCTION: Makes SLOT pores (PubMed:4301). {ECO:0000305}.
CC   -!- SUBCELLULAR LOCATION: Secreted. Note=SLOT.
CC   -!- DISEASE: SLOT (STG) [MIM:123456]: It hurts SLOT.
KW   Amidation; SLOT.
FT   CHAIN           1..3
FT                   /note="SLOT"
SQ   SEQUENCE   3 AA;  376 MW;  B3A2D00000000000 CRC64;
     MKV
//
"""
    return {"proteins.dat": entry.replace("SLOT", written).encode()}


def uniprot_xml_files(written: str) -> Files:
    entry = """<?xml version="1.0" encoding="UTF-8"?>
<uniprot xmlns="http://uniprot.org/uniprot">
<entry dataset="Swiss-Prot"><accession>P00000</accession><name>MEL_TEST</name>
<protein><recommendedName><fullName>Protein SLOT</fullName></recommendedName></protein>
<gene><name type="primary">SLOT</name></gene>
<organism><name type="scientific">Apis SLOT</name></organism>
<reference key="1"><citation date="1970"><title>The title SLOT</title>
<authorList><person name="Byron A."/></authorList><dbReference type="PubMed" id="4301"/>
</citation></reference>
<comment type="function"><text>Makes SLOT pores (PubMed:4301).</text></comment>
<comment type="cofactor"><cofactor><name>SLOT</name></cofactor></comment>
<keyword id="KW-1">SLOT</keyword>
<feature type="chain" description="SLOT"><location><position position="2"/></location></feature>
<sequence length="3" mass="376" checksum="B3A2D">MKV</sequence>
</entry></uniprot>
"""
    return {"proteins.xml": entry.replace("SLOT", written).encode("utf-8", "surrogatepass")}


def fasta_files(written: str) -> Files:
    entries = (
        f">sp|P00000|MEL_TEST {written} OS=Apis {written} OX=7460 GN={written} PE=1 SV=2\nMKV\n"
        f">NP_995567.1 {written} [Yersinia {written}x]\nMVTFETVMEI\n"
        f">x1 [gene={written.replace('[', '(').replace(']', ')')}] [protein_id=NP_1.1]\nATGAAATAA\n"
        f">{written}\nACGTACGTAAUUGG\n".replace("UU", "TT")
    )
    return {"proteins.fasta": entries.encode("utf-8", "surrogatepass")}


def genbank_files(written: str) -> Files:
    record = """LOCUS       TEST_1                    12 bp    DNA     circular BCT 01-JAN-2020
DEFINITION  Inventia SLOT plasmid.
ACCESSION   TEST_1
KEYWORDS    SLOT.
SOURCE      SLOT
  ORGANISM  Inventia SLOT
            Bacteria; SLOT.
REFERENCE   1  (bases 1 to 12)
  AUTHORS   Byron,A.B.
  TITLE     The title SLOT
  JOURNAL   J. Invent. 3 (1), 1-9 (2001)
  REMARK    GeneRIF: found SLOT
COMMENT     A comment SLOT
FEATURES             Location/Qualifiers
     source          1..12
                     /organism="Inventia SLOT"
                     /strain="SLOT"
     misc_feature    SLOT
                     /note="SLOT"
     CDS             1..12
                     /gene="SLOT"
                     /product="SLOT"
                     /note="SLOT"
                     /translation="MKV"
ORIGIN
        1 atgaaagttt aa
//
"""
    return {"plasmid.gb": record.replace("SLOT", written).encode("utf-8", "surrogatepass")}


def ribosome_files(written: str) -> Files:
    inside = written.replace("[", "(").replace("]", ")")
    entries = (
        f">lcl|x1 [gene={inside}] [protein={inside}] [protein_id=NP_1.1]\nATGAAATAA\n"
        f">NM_1.1 {written}\nATGAAATAA\n"
    )
    return {"coding.fna": entries.encode("utf-8", "surrogatepass")}


def pdb_files(written: str) -> Files:
    wrapped = textwrap.wrap(written, 60)
    title = "".join(f"TITLE   {n:>2} {line}\n" for n, line in enumerate(wrapped, 1))
    names = "".join(
        f"COMPND  {n:>2} {line}\n"
        for n, line in enumerate(textwrap.wrap(written.replace(";", ","), 60), 4)
    )
    return {
        "a.pdb": (
            f"HEADER    PROTEIN                                 27-MAR-98   1XYZ\n{title}"
            f"COMPND    MOL_ID: 1;\nCOMPND   2 CHAIN: A;\nCOMPND   3 MOLECULE:\n{names}"
            "SEQRES   1 A    3  MET LYS VAL\n"
        ).encode("utf-8", "surrogatepass")
    }


def mmcif_files(written: str) -> Files:
    lines = written.replace("\n;", "\n ")
    text = f"""data_1XYZ
_entry.id 1XYZ
_struct.title
;{lines}
;
_entity.id 1
_entity.pdbx_description
;{lines}
;
_entity_poly.entity_id 1
_entity_poly.type 'polypeptide(L)'
_entity_poly.pdbx_seq_one_letter_code_can MKV
_entity_poly.pdbx_strand_id A
"""
    return {"a.cif": text.encode("utf-8", "surrogatepass")}


def synonyms(written: str) -> list[str]:
    """A text in several lines, as a list of names: long ones are left out."""
    return [f"{n} {part}" for n, part in enumerate(textwrap.wrap(written, 200))]


def pubchem_files(written: str) -> Files:
    molecule = Chem.MolFromSmiles("O")
    AllChem.Compute2DCoords(molecule)
    fields = {
        "PUBCHEM_IUPAC_NAME": written,
        "PUBCHEM_COMPOUND_SYNONYM": "\n".join(synonyms(written)),
    }
    items = "".join(f"> <{name}>\n{value}\n\n" for name, value in fields.items())
    return {"c.sdf": f"{written}{Chem.MolToMolBlock(molecule)}{items}$$$$\n".encode()}


def pug_json_files(written: str) -> Files:
    """Water as a compound record and as a row of a table; `written` is the inside of a string."""
    names = "".join(
        '{"urn": {"label": "IUPAC Name", "name": "STYLE"}, "value": {"sval": "SLOT"}},'.replace(
            "STYLE", style
        )
        for style in ("Preferred", "SLOT")
    )
    compound = (
        '{"id": {"id": {"cid": 962}}, "atoms": {"aid": [1], "element": [8]}, "props": [NAMES'
        '{"urn": {"label": "InChIKey", "name": "Standard"}, "value": {"sval": "SLOT"}}]}'
    )
    row = '{"CID": 962, "SMILES": "O", "IUPACName": "SLOT", "InChI": "SLOT"}'
    texts = {
        "c.json": f'{{"PC_Compounds": [{compound.replace("NAMES", names)}]}}',
        "t.json": f'{{"PropertyTable": {{"Properties": [{row}]}}}}',
    }
    return {
        name: text.replace("SLOT", written).encode("utf-8", "replace")
        for name, text in texts.items()
    }


def compound_table_files(text: str) -> Files:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["cid", "iupacname", "cmpdsynonym", "isosmiles", "inchikey", text])
    writer.writerow(["962", text, "|".join(synonyms(text)), "O", text, text])
    line = " ".join(text.split())
    names = "".join(f"962\t{name}\n" for name in synonyms(line))
    return {
        "c.csv": table.getvalue().encode("utf-8", "surrogatepass"),
        "CID-SMILES": b"962\tO\n",
        "CID-IUPAC": f"962\t{line}\n".encode("utf-8", "replace"),
        "CID-Synonym-filtered": names.encode("utf-8", "replace"),
    }


def chemicals_files(written: str) -> Files:
    identifiers = "962 7732-18-5 H2O 18.015 O H2O/h1H2 XLYOFNOQVPJJNP-UHFFFAOYSA-N".split()
    row = "\t".join([*identifiers, f"name {written}", *synonyms(written)])
    measured = io.StringIO()
    writer = csv.writer(measured, delimiter="\t", quoting=csv.QUOTE_ALL)
    writer.writerow(["CAS", "Name", "Tm", "Tb"])
    writer.writerow(["7732-18-5", written, "273.15", written])
    writer.writerow([written, written, written, "373.1"])
    return {
        "Identifiers/chemical identifiers pubchem large.tsv": f"{row}\n".encode(),
        "Misc/Physical Constants of Organic Compounds.csv": measured.getvalue().encode(),
    }


def gsm8k_files(written: str) -> Files:
    """`written` is the inside of a JSON string."""
    return {
        "p.jsonl": (
            '{"question": "How many SLOT?", "answer": "SLOT # are 2*3 = <<2*3=6>>6 eggs. SLOT.\\n'
            'Then SLOT # <<6+1=7>>7. SLOT.\\n#### 7 SLOT"}\n'
        ).replace("SLOT", written).encode()
    }  # fmt: skip


def math_files(written: str) -> Files:
    """`written` is the inside of a JSON string: a worked solution, hints, lines."""
    table = r"\\begin{tabular}{ll}a & SLOT\\\\b & $c$\\end{tabular}"
    return {
        "train/algebra/1.json": (
            r'{"problem": "What SLOT? $x$ \\textbf{SLOT} ' + table + r'", "type": "SLOT", '
            r'"level": "Level 2", "solution": "SLOT $y$ so $\\boxed{2}$."}'
        ).replace("SLOT", written).encode(),
        "hints.jsonl": (
            r'{"problem": "What SLOT?", "hints": ["SLOT", "It is $3$.", "So SLOT."]}' + "\n"
            r'{"problem": "What SLOT?", "solution": "SLOT", "answer": "the SLOT"}' + "\n"
        ).replace("SLOT", written).encode(),
    }  # fmt: skip


def onesmallstep_files(text: str) -> Files:
    """A specification of problems has no place for a text but its comments."""
    comment = json.dumps(text)
    return {"set.yaml": f"# {comment}\ntemplates: [physics]\nproblems: 15\n".encode()}


def json_characters(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


_JSON = {"as it is": json_characters, "escapes": in_utf16_units}


def s2orc_files(written: str) -> Files:
    """`written` is the inside of a JSON string: papers of each generation of the schema."""
    paragraph = """{"text": "[1] and x SLOT", "section": "Part SLOT", "sec_num": "SLOT",
"cite_spans": [{"start": 0, "end": 3, "ref_id": "b"}],
"eq_spans": [{"start": 8, "end": 9, "latex": "x SLOT"}]}"""
    parsed = f"""{{"paper_id": "1 SLOT", "metadata": {{"title": "On SLOT", "venue": "SLOT",
"authors": [{{"first": "Ada", "last": "SLOT"}}], "abstract": "Abstract SLOT", "doi": "SLOT"}},
"latex_parse": {{"body_text": [{paragraph}], "bib_entries": {{"b": {{"title": "Work SLOT",
"authors": [{{"last": "SLOT"}}], "other_ids": {{"DOI": ["10.1234/SLOT"]}}}}}},
"ref_entries": {{"FIGREF0": {{"type": "figure", "text": "Caption SLOT"}},
"TABREF0": {{"type": "table", "text": "SLOT", "html":
"<table><tr><td>a SLOT</td><td>SLOT</td></tr></table>"}}}}}}}}"""
    annotated = """{"corpusid": 2, "title": "On SLOT", "content": {"text": "[1] SLOT words SLOT",
"annotations": {"paragraph": [{"start": 0, "end": 9}], "bibref": "[{\\"start\\": 0,
\\"end\\": 3, \\"attributes\\": {\\"ref_id\\": \\"b\\"}}]", "bibentry":
[{"start": 0, "end": 10, "attributes": {"id": "b"}}], "bibtitle": [{"start": 4, "end": 9}]}}}"""
    return {
        f"{number}.json": record.replace("SLOT", written).replace("\n", " ").encode()
        for number, record in enumerate((parsed, annotated))
    }


def prompts_files(written: str) -> Files:
    """`written` is the inside of a JSON string: a record of each kind of prompt."""
    rows = (
        """{"question": "Q SLOT", "correct_answer": "a SLOT", "distractor1": "b SLOT",
"distractor2": "c SLOT", "distractor3": "d SLOT", "support": "SLOT"}""",
        """{"id": "SLOT", "question": {"stem": "SLOT", "choices": [{"text": "a SLOT", "label": "A"},
{"text": "b SLOT", "label": "B"}]}, "answerKey": "B"}""",
        """{"pubid": "SLOT", "question": "SLOT", "context": {"contexts": ["SLOT", "SLOT"]},
"long_answer": "SLOT", "final_decision": "yes"}""",
        """{"question": "SLOT", "passage": "SLOT", "answer": true}""",
        """{"question": "SLOT", "answer": "2*3 = <<2*3=6>>6 SLOT\\n#### 6 SLOT"}""",
        """{"tokens": ["SLOT", "gene"], "tags": ["B-SLOT", "O"]}""",
        """{"source": ["SLOT", "SLOT"], "target": ["SLOT"]}""",
        """{"prompt": "def SLOT", "canonical_solution": "SLOT", "entry_point": "SLOT"}""",
        """{"context": "SLOT", "cited_title": "On SLOT", "cited_author": "SLOT"}""",
        """{"smiles": "CCO", "question": "SLOT", "value": "SLOT", "target_sequence": "MKV"}""",
        """{"messages": [{"role": "user", "content": "SLOT"},
{"role": "x SLOT", "content": "SLOT"}], "topic": "SLOT"}""",
        """{"sentence1": "SLOT", "sentence2": "SLOT", "gold_label": "entails"}""",
    )
    lines = [row.replace("\n", " ").replace("SLOT", written) for row in rows]
    return {"prompts.jsonl": "\n".join(lines).encode()}


def tagged_files(text: str) -> Files:
    """Tokens with their tags in columns, and an abstract of PubTator."""
    words = re.sub(r"[\s\x1c-\x1e\x85\u2028\u2029]+", " ", text)
    columns = f"{words}\tB-DNA\ngene\tO\n\n{words}\tO\n.\tO\n"
    abstract = f"7|t|{words}\n7|a|{words}\n7\t0\t5\t{words}\tChemical\tD0\n\n"
    return {
        "tokens.conll": columns.encode("utf-8", "surrogatepass"),
        "abstract.txt": abstract.encode("utf-8", "surrogatepass"),
    }


def moleculenet_files(written: str) -> Files:
    """Names are printed of proteins only; of structures and labels nothing as it is written."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["num", "name", "logSolubility", "smiles", "target_sequence", "target_name"])
    writer.writerow(["1", written, "1", "C", "MKV", written])
    return {"esol.csv": table.getvalue().encode("utf-8", "surrogatepass")}


def preferences_files(written: str) -> Files:
    """`written` is the inside of a JSON string: a pair of each dialect."""
    rows = (
        r"""{"chosen": "\n\nHuman: SLOT\n\nAssistant: a SLOT",
"rejected": "\n\nHuman: SLOT\n\nAssistant: b SLOT"}""",
        """{"prompt": "SLOT", "system": "SLOT", "chosen": [{"role": "user", "content": "SLOT"},
{"role": "x SLOT", "content": "a SLOT"}], "rejected": [{"role": "user", "content": "SLOT"},
{"role": "assistant", "content": "b SLOT"}]}""",
        """{"history": "SLOT", "human_ref_A": "a SLOT", "human_ref_B": "b SLOT", "labels": 1}""",
    )
    lines = [row.replace("\n", " ").replace("SLOT", written) for row in rows]
    return {"pairs.jsonl": "\n".join(lines).encode()}


def dialogue_files(written: str) -> Files:
    """`written` is the inside of a JSON string: a conversation of each dialect."""
    rows = (
        """{"messages": [{"role": "user", "content": [{"type": "text", "text": "SLOT"}]},
{"role": "SLOT", "content": "SLOT"}], "system": "SLOT"}""",
        """{"topic": "SLOT", "conversations": [{"from": "human", "value": "SLOT"},
{"from": "gpt", "value": "SLOT"}]}""",
        r"""{"text": "\n\nHuman: SLOT\n\nAssistant: SLOT"}""",
        """{"prompt": {"text": "SLOT", "role": "prompter", "replies": [{"text": "SLOT",
"role": "assistant"}]}}""",
        """{"system": "SLOT", "instruction": "SLOT", "input": "SLOT", "output": "SLOT",
"history": [["SLOT", "SLOT"]], "tools": "SLOT"}""",
        """{"images": ["x"], "messages": [{"role": "user", "content": [{"type": "image"},
{"type": "text", "text": "SLOT"}, {"type": "tool_result", "content": "SLOT"}]},
{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "SLOT",
"arguments": {"a": "SLOT"}}}]}, {"role": "tool", "content": {"SLOT": "SLOT"}}]}""",
        r"""{"text": "### Human: SLOT\n### Assistant: SLOT"}""",
    )
    lines = [row.replace("\n", " ").replace("SLOT", written) for row in rows]
    return {"talk.jsonl": "\n".join(lines).encode()}


def jsonl_files(written: str) -> Files:
    return {"t.jsonl": f'{{"text": "{written}", "id": "a"}}\n'.encode()}


def arrow_rows(text: str) -> pa.Table:
    return pa.table({"text": [text]})


def parquet_files(text: str) -> Files:
    sink = io.BytesIO()
    pq.write_table(arrow_rows(text), sink)
    return {"t.parquet": sink.getvalue()}


def huggingface_files(text: str) -> Files:
    sink = io.BytesIO()
    table = arrow_rows(text)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    state = b'{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}'
    return {"saved/state.json": state, "saved/data-00000-of-00001.arrow": sink.getvalue()}


_LICENCE = b"MIT License\n\nPermission is hereby granted, free of charge, to any person"


def short_lines(text: str) -> str:
    """A text in lines of 40 characters: longer ones look like minified code."""
    inside = text.replace(WITNESS, "")
    lines = [inside[start : start + 40] for start in range(0, len(inside), 40)]
    return "\n".join([WITNESS, *lines, WITNESS])


def code_files(written: str) -> Files:
    return {
        "tree/LICENSE": _LICENCE + written.encode(),
        "tree/README.md": f"# {written}\n\n{written} &#xE000; &lsqb;IMAGE]\n".encode(),
        "tree/a.py": f'"""{short_lines(written)}"""\n\n\nx = 1\n'.encode(),
        "tree/b.c": f"/* {short_lines(written)} */ int x = 1;\n".encode(),
    }


def code_names(text: str) -> Files:
    """Folders and files named so, sixty characters each."""
    names = text.replace("/", "\N{DIVISION SLASH}").replace(WITNESS, "")
    files = {"tree/LICENSE": _LICENCE, f"tree/{WITNESS}.py": b"x = 1\n"}
    for start in range(0, len(names), 60):
        name = names[start : start + 60]
        files[f"tree/x{name}x/{name}x.py"] = b"x = 1\n"
    return files


def python_files(text: str, encoding: str, cookie: bool = True) -> Files:
    """A Python file in an encoding that it declares, or shows by its first bytes."""
    source = f'{f"# coding: {encoding}" if cookie else ""}\nx = """{short_lines(text)}"""\n'
    return {"tree/LICENSE": _LICENCE, "tree/a.py": source.encode(encoding)}


def notebook_files(written: str) -> Files:
    notebook = """{"nbformat": 4, "metadata": {"language_info": {"name": "python"}}, "cells": [
{"cell_type": "markdown", "source": ["# SLOT\\n", "words SLOT"]},
{"cell_type": "code", "source": "x = 1  # SLOT", "outputs": [
  {"output_type": "stream", "text": ["SLOT"]},
  {"output_type": "execute_result", "data": {"text/plain": "SLOT"}},
  {"output_type": "error", "ename": "SLOT", "evalue": "SLOT"},
  {"output_type": "display_data", "data": {"image/png": "SLOT"}}]},
{"cell_type": "raw", "source": "SLOT"}]}"""
    return {
        "tree/LICENSE": _LICENCE,
        "tree/n.ipynb": notebook.replace("SLOT", written).encode(),
    }


def commoncrawl_files(text: str) -> Files:
    """A page whose first line, paragraph and headers hold the text, and one of a line."""
    words = " ".join(text.split())
    headers = f"WARC-Target-URI: https://example.org/{words}\r\nWARC-Date: {words}\r\n"
    headers += f"WARC-Identified-Content-Language: eng,{words}\r\n"
    records = []
    for page in (f"On {words}\n{text}\nThe end.\n", f"Ice\n{text}"):
        block = page.encode()
        head = f"WARC/1.0\r\nWARC-Type: conversion\r\n{headers}Content-Length: {len(block)}\r\n\r\n"
        records.append(head.encode() + block + b"\r\n\r\n")
    return {"pages.warc.wet": b"".join(records)}


Forms = dict[str, Callable[[str], Files]]


def escaped(files: Callable[[str], Files], forms: dict[str, Callable[[str], str]]) -> Forms:
    return {
        form: (lambda text, escape=escape: files(escape(text))) for form, escape in forms.items()
    }


#: For each reader and each form in which its format can write a text: the files of a record.
CASES: dict[str, Forms] = {
    "latex": {
        **escaped(latex_files, _LATEX),
        **{f"formula, {form}": f for form, f in escaped(latex_formula_files, _LATEX).items()},
    },
    "jats": {
        **escaped(jats_files, _XML | _ELEMENTS),
        **{f"formula, {form}": f for form, f in escaped(mathml_files, _XML).items()},
        "declared entities": jats_declared,
    },
    "pubmed": escaped(pubmed_files, _XML),
    "stackexchange": escaped(stackexchange_files, _XML),
    "openstax": {
        **escaped(openstax_files, _XML),
        **{
            f"formula, {form}": partial(
                lambda text, escape: openstax_files(
                    escape(text), "<m:mtext>SLOT</m:mtext><m:mo>=</m:mo><m:mi>SLOT</m:mi>"
                ),
                escape=escape,
            )
            for form, escape in _XML.items()
        },
    },
    "tei": escaped(tei_files, _XML),
    "mediawiki": escaped(mediawiki_files, _WIKITEXT),
    "exoplanet": {
        "tables": exoplanet_table_files,
        **{f"XML, {form}": f for form, f in escaped(exoplanet_xml_files, _XML).items()},
    },
    "reactome": {
        "as it is": reactome_files,
        **{f"HTML, {form}": f for form, f in escaped(reactome_html_files, _XML).items()},
    },
    "goldbook": {
        **escaped(goldbook_files, _JSON),
        **{f"HTML, {form}": f for form, f in escaped(goldbook_html_files, _XML).items()},
    },
    "paperswithcode": escaped(paperswithcode_files, _JSON),
    "lipidmaps": {"as it is": lipidmaps_files},
    "oeis": {
        "as it is": oeis_files,
        **{f"JSON, {form}": f for form, f in escaped(oeis_json_files, _JSON).items()},
    },
    "uniprot": {
        "as it is": uniprot_files,
        **{f"XML, {form}": f for form, f in escaped(uniprot_xml_files, _XML).items()},
    },
    "fasta": {"as it is": fasta_files},
    "genbank": {"as it is": genbank_files},
    "ribosome": {"as it is": genbank_files, "FASTA": ribosome_files},
    "pdb": {"as it is": pdb_files, "mmCIF": mmcif_files},
    "pubchem": {
        "as it is": pubchem_files,
        "table": compound_table_files,
        **{f"JSON, {form}": f for form, f in escaped(pug_json_files, _JSON).items()},
    },
    "chemicals": {"as it is": chemicals_files},
    "gsm8k": escaped(gsm8k_files, _JSON),
    "math": escaped(math_files, _JSON),
    "onesmallstep": {"as it is": onesmallstep_files},
    "s2orc": escaped(s2orc_files, _JSON),
    "prompts": {**escaped(prompts_files, _JSON), "tagged tokens": tagged_files},
    "moleculenet": {"as it is": moleculenet_files},
    "preferences": escaped(preferences_files, _JSON),
    "dialogue": escaped(dialogue_files, _JSON),
    "jsonl": escaped(jsonl_files, _JSON),
    "parquet": {"as it is": parquet_files},
    "huggingface": {"as it is": huggingface_files},
    "commoncrawl": {"as it is": commoncrawl_files},
    "code": {
        "as it is": code_files,
        "names of files": code_names,
        **{f"notebook, {form}": f for form, f in escaped(notebook_files, _JSON).items()},
        **{
            f"in {encoding}": partial(python_files, encoding=encoding)
            for encoding in ("utf-8", "utf-7", "unicode_escape")
        },
        "in utf-16": partial(python_files, encoding="utf-16", cookie=False),
    },
}


@pytest.fixture(scope="module")
def tokenizers() -> list[ScienceTokenizer]:
    """Tokenizers with every built-in marker; NFKC makes the most of a text."""
    texts = [f"START END work fragments {WITNESS} SMILES AMINO pad unk s"] * 3
    return [
        train_tokenizer(
            texts,
            TokenizerSettings.model_validate(
                {
                    "vocabulary_size": 400,
                    "normalizer": normalizer,
                    "markers": ["RNA", "SELFIES", "MATERIAL"],
                }
            ),
            latex_markers=True,
        )
        for normalizer in ("nfkc", "none")
    ]


def documents(reader: str, folder: Path, files: Files) -> list[Document]:
    """The documents of these files, as read and with their citations in final form."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    format_ = load_format(reader)
    options = ReadOptions(seed=1)
    read = []
    for path in format_.find(folder):
        for record in format_.records(path, options):
            with suppress(RecordDropped):  # a licence is no source code
                read.append(format_.read(record, options))
    return [form for document in read for form in (document, resolve(document)[0])]


def markers_in(found: Iterable[Document]) -> list[str]:
    return [marker for document in found for marker in _RESERVED.findall(document.text)]


def num_witnesses(found: Iterable[Document]) -> int:
    return sum(document.text.lower().count(WITNESS) for document in found)


def test_every_reader_is_tried() -> None:
    assert CASES.keys() == READERS.keys(), "a new reader needs a hostile record here"


@pytest.mark.parametrize(
    ("reader", "form"), [(reader, form) for reader, forms in CASES.items() for form in forms]
)
def test_no_text_of_a_record_makes_a_marker(
    tokenizers: list[ScienceTokenizer], tmp_path: Path, reader: str, form: str
) -> None:
    files = CASES[reader][form]
    harmless = documents(reader, tmp_path / "harmless", files(f"{WITNESS} {HARMLESS} {WITNESS}"))
    assert (num_witnesses(harmless) > 0) == (reader not in WITHOUT_TEXT)
    for number, (kind, text) in enumerate(HOSTILE.items()):
        hostile = documents(reader, tmp_path / str(number), files(f"{WITNESS} {text} {WITNESS}"))
        assert num_witnesses(hostile) == num_witnesses(harmless), kind
        assert markers_in(hostile) == markers_in(harmless), kind
        for document in hostile:
            assert pairing_fault(document.text) is None, kind
            entries = [citation.to_json() for citation in document.citations]
            beside = json.dumps([document.metadata, entries], ensure_ascii=False)
            assert not _RESERVED.search(document.record_id + beside), kind
            for tokenizer in tokenizers:
                assert special_ids(tokenizer, document.text) == [
                    *(tokenizer.token_to_id(BY_CODE_POINT[c].spelling)
                      for c in _RESERVED.findall(document.text)),
                    END_OF_DOCUMENT_ID,
                ], kind  # fmt: skip


def special_ids(tokenizer: ScienceTokenizer, marked_text: str) -> list[int]:
    """The ids of markers and control tokens among those of a document."""
    special = {tokenizer.token_to_id(marker.spelling) for marker in tokenizer.markers}
    special.update(range(len(CONTROL_TOKENS)))
    ids, _ = tokenizer.encode_documents([marked_text])
    return [id_ for id_ in ids.tolist() if id_ in special]
