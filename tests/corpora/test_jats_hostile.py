# ruff: noqa: E501  (one case a line reads better than one case in five)
"""JATS that is broken or hostile: one clear refusal, in bounded time, and no forged marker."""

import gzip
from pathlib import Path

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordUnreadable
from corpora.jats import FORMAT
from tokenization.markers import pairing_fault, reveal

ARTICLE = "<article><body><p>{}</p></body></article>"
DECLARED = '<?xml version="1.0" encoding="{}"?>' + ARTICLE
DTD = '<!DOCTYPE article PUBLIC "-//NLM//DTD" "x.dtd" [{}]>\n' + ARTICLE
BOMB = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)


def read(folder: Path, content: bytes) -> Document:
    path = folder / "x.xml"
    path.write_bytes(content)
    (record,) = FORMAT.records(path, ReadOptions())
    return FORMAT.read(record, ReadOptions())


REFUSED = {
    "empty": (b"", "empty file"),
    "white space": (b" \n", "empty file"),
    "no XML": (b"hello", "not well-formed XML: .*line 1"),
    "HTML": (b"<html><body/></html>", "no article: the root element is <html>"),
    "no prefix declared and an open tag": (
        b"<a:article><body><p>x</body></a:article>",
        "not well-formed XML: Opening and ending tag mismatch: p",
    ),
    "another DTD": (
        b"<article><fm><atl>T</atl></fm><bdy><p>x</p></bdy></article>",
        "not JATS: the article holds <fm>, <bdy>",
    ),
    "truncated": (ARTICLE.format("text").encode()[:-20], "not well-formed XML: .*line 1"),
    "wrong encoding": (
        DECLARED.format("UTF-8", "caf\xe9").encode("latin-1"),
        "wrong encoding: byte 0xe9 at offset .* is not utf-8",
    ),
    "unknown encoding": (DECLARED.format("rot13", "x").encode(), "unknown encoding: .*'rot13'"),
    "other encoding": (DECLARED.format("UTF-16", "x").encode(), "not well-formed XML|wrong encod"),
    "bomb": (DTD.format(BOMB, "&l9;").encode(), "entity not expanded: &l9; at line 2"),
    "external entity": (
        DTD.format('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;").encode(),
        "entity not expanded: &e; at line 2",
    ),
    "deep": (ARTICLE.format("<b>" * 100_000).encode(), "not well-formed XML: .*depth"),
    "control character": (ARTICLE.format("&#1;").encode(), "not well-formed XML"),
    "null": (ARTICLE.format("\x00").encode(), "not well-formed XML"),
    "damaged compressed stream": (
        gzip.compress(ARTICLE.encode())[:30],
        "damaged compressed stream",
    ),
    "open comment": (b"<!--" * 100_000, "not well-formed XML"),
    "open sections": (b"<article><body>" + b"<![CDATA[" * 100_000, "not well-formed XML"),
    "open tags": (b"<article " * 100_000, "not well-formed XML"),
    "open instructions": (b"<?a " * 100_000, "not well-formed XML"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_its_reason(name: str, tmp_path: Path) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(RecordUnreadable, match=reason):
        read(tmp_path, content)


READ = {
    "latin-1": (DECLARED.format("ISO-8859-1", "caf\xe9").encode("latin-1"), "caf\xe9"),
    "UTF-8 that says latin-1": (DECLARED.format("ISO-8859-1", "caf\xe9").encode(), "caf\xe9"),
    "UTF-16": (DECLARED.format("UTF-16", "caf\xe9").encode("utf-16"), "caf\xe9"),
    "byte order mark": (DECLARED.format("UTF-8", "x").encode("utf-8-sig"), "x"),
    "gzip": (gzip.compress(ARTICLE.format("x").encode()), "x"),
    "named characters": (
        ARTICLE.format("a&nbsp;&alpha;&agr;&lt;&hellip;2&fdg;5").encode(),
        "a αα<…2°.5",
    ),
    "unknown entity": (ARTICLE.format("a &publisher; b").encode(), "a &publisher; b"),
    "its own entities": (
        DTD.format('<!ENTITY co "Acme"><!ENTITY x "&#x3B1;">', "&co; &x;").encode(),
        "Acme α",
    ),
    "parameter entity": (DTD.format('<!ENTITY % p SYSTEM "p"> %p;', "x").encode(), "x"),
    "entity in a CDATA section": (
        ARTICLE.format("<![CDATA[&nbsp; &lt;]]>").encode(),
        "&nbsp; &lt;",
    ),
    "prefixes that nothing declares": (
        b'<a:article><a:body><p>x <ext-link xlink:href="http://a.b"/></p></a:body></a:article>',
        "x http://a.b",
    ),
    "a namespace that is no address": (
        ARTICLE.replace("<article>", '<article xmlns:x="http://a b">').format("x").encode(),
        "x",
    ),
    "ASCII by another name": (DECLARED.format("ISO646-US", "caf\xe9").encode(), "caf\xe9"),
    "prefixed": (b'<j:article xmlns:j="j"><j:body><j:p>x</j:p></j:body></j:article>', "x"),
    "deep emphasis": (ARTICLE.format("<b>" * 240 + "x" + "</b>" * 240).encode(), "x"),
    "close to too deep": (ARTICLE.format("<sec>" * 140 + "x" + "</sec>" * 140).encode(), "x"),
}


@pytest.mark.parametrize("name", READ)
def test_read_all_the_same(name: str, tmp_path: Path) -> None:
    content, text = READ[name]
    assert read(tmp_path, content).text == text


def test_unknown_entities_are_counted(tmp_path: Path) -> None:
    document = read(tmp_path, ARTICLE.format("&publisher;&publisher;").encode())
    assert document.metadata["entities_unknown"] == {"publisher": 2}


def test_no_marker_can_be_forged(tmp_path: Path) -> None:
    """Literal spellings stay text; the code points of markers vanish, wherever they are written."""
    document = read(
        tmp_path,
        (
            "<article><front><article-meta><title-group><article-title>&#xE000;T</article-title>"
            "</title-group></article-meta></front><body><p>a&#xE004;b&#xE001; [START_REF] x[END_REF] "
            "&lt;/s&gt; <![CDATA[\ue000]]><math><mi>&#xE005;x</mi></math> "
            '<xref ref-type="bibr" rid="&#xE001;r">&#xE000;3</xref><ext-link href="&#xE002;"/>'
            "<inline-formula><tex-math>&#xE015;y</tex-math></inline-formula></p></body><back>"
            '<ref-list><ref id="r"><mixed-citation><article-title>&#xE001;Work</article-title>'
            "</mixed-citation></ref></ref-list></back></article>"
        ).encode(),
    )
    assert document.cleaned == {"reserved characters removed": 10}
    assert document.text.startswith("Title: T\n\nab [START_REF] x[END_REF] </s> ")
    assert pairing_fault(document.text) is None
    assert reveal(resolve(document)[0].text).count("[START_REF]") == 2
    assert document.text.count("\ue000") == 1


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "content",
    [
        '<table-wrap><table><tr><td colspan="99999999" rowspan="99999999">x</td></tr>'
        + "<tr/>" * 20_000
        + "</table></table-wrap>",
        '[<xref ref-type="bibr" rid="a">1</xref>' * 5_000,
        "[" + "1" * 60 + '<xref ref-type="bibr" rid="a">1</xref>!]',
        "[" + "1," * 30_000 + '<xref ref-type="bibr" rid="a">1</xref>!]',
        f'<xref ref-type="bibr" rid="a">{"a" * 100_000}</xref>',
        "(" * 50_000,
        f"<inline-formula><tex-math>{'$' * 20_000}</tex-math></inline-formula>",
        "<def-list><def-item><term>t</term><def>" * 40 + "x" + "</def></def-item></def-list>" * 40,
        f"<math>{'<mo>{</mo>' * 10_000}</math>",
        f"<math>{'<mtext>a b</mtext>' * 10_000}</math>",
    ],
)
def test_bounded_time(content: str, tmp_path: Path) -> None:
    assert read(tmp_path, ARTICLE.format(content).encode()).text


@pytest.mark.timeout(30)
def test_notes_and_floats_that_call_each_other_do_not_recurse(tmp_path: Path) -> None:
    notes = "".join(
        f'<fn id="n{k}"><p>note {k}<xref ref-type="fn" rid="n{k + 1}">x</xref></p></fn>'
        for k in range(2_000)
    )
    floats = "".join(
        f'<fig id="f{k}"><caption><p>{k} <xref ref-type="fig" rid="f{k + 1}">next</xref></p></caption></fig>'
        for k in range(2_000)
    )
    document = read(
        tmp_path,
        (
            '<article><body><p>a<xref ref-type="fn" rid="n0">1</xref> <xref ref-type="fig" '
            f'rid="f0">b</xref></p></body><back><fn-group>{notes}</fn-group></back>'
            f"<floats-group>{floats}</floats-group></article>"
        ).encode(),
    )
    assert reveal(document.text).count("[IMAGE]") == 2_000
    assert all(reveal(document.text).count(f"note {k} ") <= 1 for k in range(0, 2_000, 97))


def test_depth_is_read_alike_from_any_stack(tmp_path: Path) -> None:
    nested = "<glossary>" * 250 + "<p>x</p>" + "</glossary>" * 250
    content = ARTICLE.format(nested).encode()

    def from_below(frames: int) -> str:
        return from_below(frames - 1) if frames else read(tmp_path, content).text

    assert from_below(0) == from_below(800)
