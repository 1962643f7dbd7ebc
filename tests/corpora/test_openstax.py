"""CNXML: each element's form, numbers and references, old versions, and modules that are broken."""

import os
import re
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.mathml.pieces import balanced
from corpora.openstax import FORMAT
from corpora.openstax.framing import RawModule
from tokenization.markers import pairing_fault, reveal

PAPER = ReadOptions(latex_markers=False)
HEAD = (
    '<document xmlns="http://cnx.rice.edu/cnxml" xmlns:m="http://www.w3.org/1998/Math/MathML">'
    "<title>On Bridges</title>"
)
MATH = "<m:math><m:mi>x</m:mi></m:math>"


def module(content: str, metadata: str = "", glossary: str = "") -> bytes:
    mdml = '<metadata xmlns:md="http://cnx.rice.edu/mdml"><md:content-id>m1</md:content-id>'
    return (
        f"{HEAD}{mdml}{metadata}</metadata><content>{content}</content>{glossary}</document>"
    ).encode()


def read(raw: bytes, options: ReadOptions = PAPER) -> Document:
    return FORMAT.read(Record("m1", "m1", RawModule(raw, None), len(raw)), options)


def body(content: str) -> str:
    return reveal(read(module(content)).text).removeprefix("# On Bridges\n\n")


FORMS = {
    "<note class='x theorem'><title>Arches</title><para>a</para></note>"
    "<note class='checkpoint'><para>b</para></note><note class='try'><title>Try It Now</title>"
    "<para>c</para></note><note class='odd'><para>d</para></note>":
        "Theorem: Arches: a\n\nCheckpoint: b\n\nTry It Now: c\n\nd",
    "<section class='section-exercises'><para>a</para></section>": "## Exercises\n\na",
    f"<para>the bright {MATH} , slightly moved <sub>1</sub> . 2, ... , 4</para>":
        "the bright \\(x\\), slightly moved [START_SUB]1[END_SUB]. 2, ... , 4",
    "<para>A <emphasis effect='bold'>b</emphasis> <term>c</term>\n d.</para>": "A b c d.",
    f"<para>so {MATH}, H<sub>2</sub>O, F<sub>6.</sub> x<sup>2</sup></para>":
        "so \\(x\\), H[START_SUB]2[END_SUB]O, F[START_SUB]6[END_SUB]. x[START_SUP]2[END_SUP]",
    f"<para>Thus\n<equation id='e'>{MATH}</equation>, so</para>": "Thus\n\n\\[x\\],\n\nso",
    f"<para>See <link target-id='e'/>.</para><equation id='e'>{MATH}</equation>":
        "See Equation 1.\n\n\\[x\\]",
    "<section><title>S</title><para>a</para><section><title>T</title><para>b</para></section>"
    "</section>": "## S\n\na\n\n### T\n\nb",
    "<list><item>a</item><item>b<list list-type='enumerated' number-style='lower-alpha'><item>c"
    "</item></list></item></list>": "- a\n\n- b\n\n  a. c",
    "<list list-type='labeled-item'><item><label>Step 1.</label>a</item><item><label>Step 2:"
    "</label>b</item><item><label>Then</label>c</item></list>":
        "- Step 1. a\n- Step 2: b\n- Then: c",
    "<list list-type='enumerated' start-value='3'><title>Steps</title><item>a</item><item>b"
    "</item></list>": "Steps:\n\n3. a\n4. b",
    "<list list-type='labeled-item'><item><label>Iron</label>a metal</item></list>":
        "- Iron: a metal",
    "<para>take <list display='inline'><item>a</item><item>b</item></list></para>":
        "take\n\na; b",
    "<note><title>Answer:</title><para>4</para></note>": "Answer: 4",
    "<note class='tip'><para>Mind.</para></note>": "Mind.",
    "<example><para><title>Loads</title>What?</para><para><title>Solution</title></para>"
    "<list><item>a</item></list></example>": "Example 1: Loads\n\nWhat?\n\nSolution:\n\n- a",
    "<exercise><problem><para>Why?</para></problem><solution><para>So.</para></solution>"
    "</exercise><exercise><problem><para>How?</para></problem></exercise>":
        "Exercise 1: Why?\n\nSolution: So.\n\nExercise 2: How?",
    "<rule type='theorem'><title>Euler</title><statement><para>a</para></statement><proof><para>b"
    "</para></proof></rule>": "Theorem 1 (Euler): a\n\nProof: b",
    "<figure id='f'><media alt='An arch of great width'><image src='x'/></media><caption>Arch."
    "</caption></figure><para>In <link target-id='f'/> it is.</para>":
        "[IMAGE]\n\nFigure 1. Arch.\n\nDescription: An arch of great width\n\nIn Figure 1 it is.",
    "<para>a (see <link target-id='q' document='m2'/>), as in <link document='m3'/>. b</para>":
        "a. b",
    f"<example><exercise><problem><title>The load {MATH}</title><para>What?</para></problem>"
    "<solution><para>Four.</para></solution></exercise></example>":
        "Example 1: The load \\(x\\)\n\nWhat?\n\nSolution: Four.",
    "<para>In <link document='m2' target-id='q'/>(a) it bends; <link document='m3'/> and <link "
    "document='m4'/> say why. (See <link document='m2'/>.) It breaks, as shown in <link "
    "document='m2' target-id='q'/>(b). <link document='m3'/> (such as in <link document='m2'/>) "
    "helps.</para>":
        "In another section it bends; other sections say why. It breaks. Another section (such as "
        "in another section) helps.",
    "<para>the <link url='https://example.org'>site</link> and "
    "<link document='m2'>Appendix G</link></para>": "the site and Appendix G",
    "<para>word<footnote id='n'>A remark.</footnote> more</para>": "word (A remark) more",
    "<para>a<newline/>\nb</para>": "a\nb",
    "<para>run <code>a  b</code></para><code display='block' lang='c'>int x;\n  y</code>":
        "run `a b`\n\n```c\nint x;\n  y\n```",
    "<quote><para>a</para><para>b</para></quote><para><quote display='inline'>c</quote></para>":
        "> a\n>\n> b\n\n“c”",
    "<table id='t'><title>Spans</title><tgroup cols='2'><thead><row><entry>a</entry><entry>b|c"
    "</entry></row></thead><tbody><row><entry>1</entry><entry>2</entry></row></tbody></tgroup>"
    "</table>": "Table 1. Spans\n\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 |",
    "<table class='unnumbered'><tgroup cols='2'><colspec colname='c1'/><colspec colname='c2'/>"
    "<thead><row><entry namest='c1' nameend='c2'>All</entry></row><row><entry>a</entry><entry>b"
    "</entry></row></thead><tbody><row><entry>1</entry><entry>2</entry></row></tbody></tgroup>"
    "</table>": "All\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    f"<table class='unnumbered'><tgroup cols='1'><tbody><row><entry>{MATH}</entry></row></tbody>"
    "</tgroup></table>": "\\(x\\)",
    "<definition><term>span</term><meaning>a part</meaning></definition>": "- span: a part",
    "<definition><term/><term>span</term><meaning>a part</meaning></definition>": "- span: a part",
    "<unknown><para>kept</para></unknown>": "kept",
}  # fmt: skip


@pytest.mark.parametrize("content", FORMS)
def test_a_form(content: str) -> None:
    assert body(content) == FORMS[content]


def test_a_module_in_order_with_its_metadata() -> None:
    document = read(
        module(
            "<para>Text.</para>",
            metadata=(
                "<md:title>On Bridges</md:title><md:abstract>By the end you can:<list><item>build"
                "</item></list></md:abstract><md:revised>2016/05/02</md:revised>"
                "<md:license url='https://creativecommons.org/licenses/by/4.0/'/>"
                "<md:actors><md:person userid='u1'><md:firstname>Ada</md:firstname>"
                "<md:surname>Stone</md:surname><md:fullname>Ada Stone</md:fullname></md:person>"
                "<md:person userid='u2'><md:fullname>Bo Plank</md:fullname></md:person></md:actors>"
                "<md:roles><md:role type='author'>u1</md:role><md:role type='licensor'>u2</md:role>"
                "</md:roles><md:keywordlist><md:keyword>arch</md:keyword></md:keywordlist>"
                "<md:language>en</md:language>"
            ),
            glossary=(
                "<glossary><definition><term>arch</term><meaning>a curve</meaning></definition>"
                "<definition><term>span</term><meaning>a part</meaning></definition></glossary>"
            ),
        )
    )
    assert document.text == (
        "# On Bridges\n\nBy the end you can:\n\n- build\n\nText.\n\n"
        "## Glossary\n\n- arch: a curve\n- span: a part"
    )
    assert document.metadata == {
        "title": "On Bridges",
        "module": "m1",
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "authors": ["Ada Stone"],
        "keywords": ["arch"],
        "language": "en",
        "year": "2016",
    }


def test_a_module_of_cnxml_0_5() -> None:
    raw = (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n<!DOCTYPE document PUBLIC '
        '"-//CNX//DTD CNXML 0.5 plus MathML//EN" "http://cnx.rice.edu/x.dtd" [<!ENTITY e "<x>">]>\n'
        '<document xmlns="http://cnx.rice.edu/cnxml" id="m7"><name>Caf\xe9 &alpha;</name>'
        '<content><section id="s"><name>Part</name><para id="p">a&nbsp;b <cnxn target="s"/>, '
        '<cnxn document="m9">that</cnxn></para></section></content></document>'
    ).encode("iso-8859-1")
    assert read(raw).text == "# Café α\n\n## Part\n\na b Part, that"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty file"),
        (b"<document><title>cut", "not well-formed XML"),
        (b"<html><p>other</p></html>", "no module"),
        (b"<document>\xff\xfe</document>", "wrong encoding"),
        (HEAD.encode() + b"<content>" + b"<section>" * 5000, "not well-formed XML"),
        (module("<section>" * 200 + "x" + "</section>" * 200), "too deep"),
        (module("<para>&undefined;</para>"), "not well-formed XML"),
        (b'<!DOCTYPE d [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + module("<para>&c;</para>"),
         "not well-formed XML"),
        (b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + module("<para>&a;</para>"),
         "not well-formed XML"),
    ],
)  # fmt: skip
def test_what_is_no_module_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(RecordUnreadable, match=reason):
        read(raw)


def test_a_doctype_in_a_comment_hides_none() -> None:
    doctype = b'<!DOCTYPE document [<!ENTITY a "boom">]>'
    for content in ("<para>&a;</para>", "<para>x<link url='&a;'/></para>"):
        raw = b"<!-- " + doctype + b" -->" + doctype + module(content)
        with pytest.raises(RecordUnreadable, match=r"not well-formed|entity"):
            read(raw)


@pytest.mark.parametrize(
    "name", ["example", "note", "exercise", "list", "table", "figure", "equation", "definition"]
)
def test_elements_deep_inside_each_other_cost_little(name: str) -> None:
    inner = {"list": ("<list><item>", "</item></list>"),
             "table": ("<table><tgroup><tbody><row><entry>", "</entry></row></tbody></tgroup>"
                       "</table>"),
             "definition": ("<definition><term>t</term><meaning>", "</meaning></definition>"),
             }.get(name, (f"<{name}><para><title>t</title>", f"</para></{name}>"))  # fmt: skip
    depth = 110 // inner[0].count("<")
    start = time.monotonic()
    read(module(inner[0] * depth + "x" + inner[1] * depth))
    assert time.monotonic() - start < 2


def test_a_module_without_text_is_dropped() -> None:
    with pytest.raises(RecordDropped, match="no text"):
        read(module("<para> </para>"))


def test_links_into_other_modules_of_the_book(tmp_path: Path) -> None:
    links = (
        "<para>Use <link document='m2' target-id='f'/>(a), <link document='m2' target-id='s'/>, "
        "<link document='m2'/> (see <link document='m2' target-id='none'/>), "
        "<link document='' target-id='g'/> (see <link document='m3' target-id='f'/>), as in "
        "<link document='../m2'/>.</para><figure id='g'><media><image/></media></figure>"
    )
    other = "<section id='s'><title>Arches</title><para>a</para></section><figure id='f'/>"
    for name, content in {"m1": links, "m2": other}.items():
        path = tmp_path / "book" / "modules" / name / "index.cnxml"
        path.parent.mkdir(parents=True)
        path.write_bytes(module(content))
    first, _ = FORMAT.find(tmp_path)
    (record,) = FORMAT.records(first, PAPER)
    assert record.record_id == "m1"
    assert FORMAT.read(record, PAPER).text.split("\n\n")[1] == (
        "Use Figure 1(a) of “On Bridges”, Arches of “On Bridges”, On Bridges (see On Bridges), "
        "Figure 1."
    )


def test_ids_and_links_do_not_depend_on_where_a_book_stands(tmp_path: Path) -> None:
    content = module("<para>See <link document='m2'/>, <link document='../m2'/>, m3.</para>")
    read_as = set()
    for above in ("a", "a/modules", "b/physics/modules"):
        for name in ("m1", "m2", "m3"):
            path = tmp_path / above / name / "index.cnxml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        first = tmp_path / above / "m1" / "index.cnxml"
        assert FORMAT.beside is not None
        # Its title is in the text, so that a change of it is a change of the input.
        assert list(FORMAT.beside(first, PAPER)) == [first.parent.parent / "m2" / "index.cnxml"]
        (record,) = FORMAT.records(first, PAPER)
        read_as.add((record.record_id, FORMAT.read(record, PAPER).text))
    assert len(read_as) == 1


def test_modules_come_in_the_order_of_the_collection(tmp_path: Path) -> None:
    for name in ("m1", "m2", "m3"):
        path = tmp_path / "book" / name / "index.cnxml"
        path.parent.mkdir(parents=True)
        path.write_bytes(module(f"<para>{name}</para>"))
    collection = tmp_path / "book" / "collection.xml"
    collection.write_text(
        '<col:collection xmlns:col="http://cnx.rice.edu/collxml"><col:content>'
        '<col:module document="m3"/><col:subcollection><col:content><col:module document="m1"/>'
        "</col:content></col:subcollection></col:content></col:collection>"
    )
    found = list(FORMAT.find(tmp_path))
    assert [path.parent.name for path in found] == ["m3", "m1", "m2"]
    assert [record.record_id for path in found for record in FORMAT.records(path, PAPER)] == [
        "m3", "m1", "m2",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="give the folder"):
        list(FORMAT.find(collection))
    collection.write_text("broken <")
    assert len(list(FORMAT.find(tmp_path))) == 3


def test_a_book_in_a_zip(tmp_path: Path) -> None:
    archive = tmp_path / "book.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("col1/m5/index.cnxml", module("<para>five</para>"))
        opened.writestr("col1/m5/picture.jpg", b"x")
    (record,) = FORMAT.records(archive, PAPER)
    assert record.record_id == "m5"
    assert FORMAT.read(record, PAPER).text.endswith("five")


_PIECES = st.sampled_from(
    ["<para>", "</para>", "<list>", "</list>", "<item>", "</item>", "<media alt='a b c d e'/>",
     "<figure>", "</figure>", "<table><tgroup>", "</tgroup></table>", "<row>", "</row>", "<entry>",
     "</entry>", "<exercise>", "</exercise>", "<solution/>", "<equation>", "</equation>", MATH,
     "<newline/>", "<link target-id='x'/>", "<link/>", "<sub>", "</sub>", "<note>", "</note>",
     "<title>t</title>", "<label/>", "<term>", "</term>", "<definition>", "</definition>", "word ",
     "&#xE000;", ".", "(", ")", "<example>", "</example>", "<code>", "</code>", "<caption/>"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=40).map("".join))
def test_any_elements_inside_each_other(content: str) -> None:
    parser = etree.XMLParser(recover=True)
    root = etree.fromstring(module(content), parser)
    sound = etree.tostring(root, encoding="utf-8")
    try:
        document = read(sound, ReadOptions())
    except (RecordDropped, RecordUnreadable):
        return
    assert pairing_fault(document.text) is None
    assert not re.search(r" $|\n\n\n|\A\s|\s\Z|[\x00-\x08]", document.text, re.MULTILINE)


ROOT = os.environ.get("REALDATA")
REAL = sorted(Path(ROOT, "openstax").rglob("*.cnxml")) if ROOT else []


@pytest.mark.realdata
@pytest.mark.skipif(not REAL, reason="REALDATA does not name a folder with openstax/*.cnxml")
class TestRealModules:
    @pytest.mark.parametrize("path", REAL, ids=lambda path: path.parent.name)
    def test_words_formulas_and_leaks(self, path: Path) -> None:
        (record,) = FORMAT.records(path, ReadOptions())
        document = FORMAT.read(record, ReadOptions())
        assert pairing_fault(document.text) is None
        text = reveal(document.text)
        assert not re.search(r"</?[a-z:]+[ >]|&[a-z]+;|target-id| \(\)", text)
        formulas = re.findall(r"\[START_LATEX\](.*?)\[END_LATEX\]", text, re.DOTALL)
        root = etree.fromstring(path.read_bytes())
        assert all(balanced(formula) for formula in formulas)
        assert len(formulas) == sum(1 for _ in root.iter("{*}math"))
        kept = set(re.findall(r"\w+", text))
        paragraphs = root.iter("{*}para", "{*}item", "{*}entry", "{*}caption", "{*}meaning")
        words = [
            word
            for paragraph in paragraphs
            for piece in [paragraph.text or "", *(child.tail or "" for child in paragraph)]
            for word in re.findall(r"\w+", piece)
        ]
        lost = [word for word in words if word not in kept]
        assert len(lost) <= len(words) * 0.001, lost

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_mutated_modules(self, data: st.DataObject) -> None:
        content = bytearray(data.draw(st.sampled_from(REAL)).read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            position = data.draw(st.integers(0, len(content) - 1))
            match data.draw(st.sampled_from(["flip", "cut", "double", "tag"])):
                case "flip":
                    content[position] ^= data.draw(st.integers(1, 255))
                case "cut":
                    del content[position : position + data.draw(st.integers(1, 3000))]
                case "double":
                    content[position:position] = content[position : position + 300]
                case _:
                    names = [b"para", b"list", b"table", b"link", b"note", b"m:math", b"media"]
                    old, new = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
                    content = bytearray(bytes(content).replace(old, new))
            content = content or bytearray(b" ")
        # As it is, and as a parser that mends makes it well-formed again.
        mended = etree.fromstring(bytes(content), etree.XMLParser(recover=True))
        for raw in (bytes(content), etree.tostring(mended) if mended is not None else b""):
            try:
                document = read(raw, ReadOptions())
            except (RecordDropped, RecordUnreadable):
                continue
            assert pairing_fault(document.text) is None
