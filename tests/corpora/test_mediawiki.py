"""MediaWiki dumps: exact texts of small pages, one construct of wikitext at a time."""

import bz2
import gzip
import lzma
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.mediawiki import FORMAT
from tokenization.markers import reveal

OPTIONS = ReadOptions(seed=1)


def dump(*pages: str) -> str:
    return (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en"><siteinfo>'
        '<sitename>Invented</sitename><namespaces><namespace key="6">Bildnis</namespace>'
        f'<namespace key="0" /></namespaces></siteinfo>{"".join(pages)}</mediawiki>'
    )


def page(text: str, title: str = "Tin", number: int = 7, extra: str = "<ns>0</ns>") -> str:
    return (
        f"<page><title>{escape(title)}</title>{extra}<id>{number}</id><revision><id>8</id>"
        "<timestamp>2020-01-01T00:00:00Z</timestamp><model>wikitext</model>"
        f'<text xml:space="preserve">{escape(text)}</text></revision></page>'
    )


def documents(folder: Path, content: str | bytes, name: str = "w.xml") -> list[Document]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [FORMAT.read(record, OPTIONS) for record in FORMAT.records(path, OPTIONS)]


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    """The final text of a page with this wikitext, without its title line."""

    def text(wikitext: str) -> str:
        (document,) = documents(tmp_path, dump(page(wikitext)))
        return reveal(resolve(document)[0].text).removeprefix("Title: Tin\n\n")

    return text


CASES = {
    "a formula with a tag of its own": (
        r":<math>\begin{align}x &= y \tag{3}\\ &= z\notag\end{align}</math>",
        r"[START_LATEX]\[\begin{aligned}x &= y \\ &= z\end{aligned}\][END_LATEX]",
    ),
    "a numbered formula and its reference": (
        "{{NumBlk|:|<math>x</math>|{{EquationRef|1}}}}\nBy eq. ({{EquationNote|1}})\n"
        "{{Numbered block||<math display=block>y</math>.|{{EquationRef|Eq. 2}}}}",
        "[START_LATEX]\\[x\\][END_LATEX]\n\nBy eq. (1)\n\n"
        "[START_LATEX]\\[y\\][END_LATEX].",
    ),
    "an indented picture": (
        "React so:\n:[[File:a.png]]\nand [[File:b.png|20px]] so.",
        "React so:\n\n[IMAGE]\n\nand so.",
    ),
    "conditions": (
        "{{#ifeq:1|1.0|a|b}} {{#switch:tin|ore=1|tin|lead=2|3}} {{#expr:2+3*4}} {{#if: |c|d}}",
        "a 2 14 d",
    ),
    "units of astronomy and time": (
        "3 {{Solar mass}}, {{mya|5|3}}, {{dts|1843|5|2}}, {{dts|||1843}}, {{val|1|-|3|u=cm}}",
        "3 M[START_SUB]☉[END_SUB], 5–3 million years ago, 2 May 1843, 1843, 1–3 cm",
    ),
    "chemistry by its package": ("a {{ce|SO4^2-}}", "a [START_LATEX]\\(\\ce{SO4^2-}\\)[END_LATEX]"),
    "formulas in galleries": (
        "<gallery>\na.png|Mode <math>u_1</math>\n</gallery>",
        "[IMAGE]\n\nMode [START_LATEX]\\(u_1\\)[END_LATEX]",
    ),
    "brackets and equals signs in formulas": (
        "<math>[[Co]]^{3+}</math> is <math>a\n== b\n\\ne c</math>",
        "[START_LATEX]\\([[Co]]^{3+}\\)[END_LATEX] is [START_LATEX]\\(a == b \\ne c\\)[END_LATEX]",
    ),
    "French dates and ordinals": (
        "Né le {{date|11|mai|1843}} au {{s-|XX|e}}, {{XVIe siècle}}, {{2e|éd.}}",
        "Né le 11 mai 1843 au XX[START_SUP]e[END_SUP] siècle, XVI[START_SUP]e[END_SUP] siècle, "
        "2[START_SUP]e[END_SUP] éd.",
    ),
    "pictures in other languages": (
        "[[Файл:a.jpg|мини|150пкс|слева|Олово]] c",
        "[IMAGE]\n\nОлово\n\nc",
    ),
    "items of nothing": ("* a\n* {{cite web|url=x}}\n* b", "- a\n- b"),
    "attributes of a cell before a template": (
        '{|\n! a !! b\n|-\n|colspan="2" {{n/a}}\n|-\n| rowspan=1 | x = 1 || bgcolor=red {{odd}}'
        "\n|}",
        "| a | b |\n| --- | --- |\n| N/A |  |\n| x = 1 |  |",
    ),
    "blanks before points": (
        "Tin  . Ore&nbsp;, {{oeis|id=A1}}",
        "Tin. Ore, (sequence A1 in the OEIS)",
    ),
    "unknown templates between words": (
        "Ores such as {{odd|tin}}, {{odd|lead}} and {{odd-x|la|aes}}; alloys ({{odd|1|2}}), as "
        "{{odd}}, {{odd}} and more ({{odd|a=1}}; grey).\n\n{{odd|A banner}} Then.",
        "Ores such as tin, lead and aes; alloys, as and more (grey).\n\nThen.",
    ),
    "a picture with a caption of two paragraphs": (
        "Soft [[Dosiero:a.png|thumb|One\n\n[[two]]]] tin.",
        "Soft tin.\n\n[IMAGE]\n\nOne two",
    ),
    "tables beside each other in a table": (
        "{|\n|valign=top|\n{| class=w\n! Ore\n|-\n| tin\n|-\n| lead\n|}\n|\n{|\n! Use\n|-\n| cans\n"
        "|-\n| roofs\n|}\n|}",
        "| Ore |\n| --- |\n| tin |\n| lead |\n\n| Use |\n| --- |\n| cans |\n| roofs |",
    ),
    "a small table in a cell": (
        "{|\n! Ore !! Use\n|-\n| tin\n{|\n| bgcolor=red width=9 | soft || bgcolor=blue | grey\n"
        "|}\n| cans\n|}",
        "| Ore | Use |\n| --- | --- |\n| tin soft grey | cans |",
    ),
    "blanks at the ends of a formula": (
        "a<math>\\,~n~</math>photon, <math>\\ x\\,</math>, <math>\\quad y</math>z",
        "a [START_LATEX]\\(n\\)[END_LATEX] photon, [START_LATEX]\\(x\\)[END_LATEX], "
        "[START_LATEX]\\(y\\)[END_LATEX]z",
    ),
    "formulas that end in blanks": (
        "<math>\\ A=5%\\ </math> and <math>b\\,\\!</math>, <math>c \\\\</math>",
        "[START_LATEX]\\(A=5\\%\\)[END_LATEX] and [START_LATEX]\\(b\\)[END_LATEX], "
        "[START_LATEX]\\(c\\)[END_LATEX]",
    ),
    "emphasis": ("'''Tin''' is ''a'' metal; it's '''''soft'''''.", "Tin is a metal; it's soft."),
    "links": (
        "[[Metal]]s, [[ore|an ore]], [[:Category:X|all]], [[#Use|use]], [https://x.org a site] "
        "[https://x.org]. [[Category:Metals]] [[fr:Étain]]",
        "Metals, an ore, all, use, a site.",
    ),
    "entities once": ("a&nbsp;b &lt;ref&gt; &amp;lt; &minus;3 &#91;[", "a b <ref> &lt; −3 [["),
    "comments": ("a<!-- b\n\n -->c <!-- never closed", "ac never closed"),
    "nowiki": ("<nowiki>[[a|b]] {{c}} ''d''</nowiki>", "[[a|b]] {{c}} ''d''"),
    "scripts": (
        "H<sub>2</sub>O, 10<sup>−3</sup>, 1<sup>st</sup>, {{chem|SO|4|2-}}, {{chem2|NH4+}}",
        "H[START_SUB]2[END_SUB]O, 10[START_SUP]−3[END_SUP], 1st, "
        "SO[START_SUB]4[END_SUB][START_SUP]2−[END_SUP], NH[START_SUB]4[END_SUB][START_SUP]+[END_SUP]",  # noqa: E501
    ),
    "numbers": (
        "{{val|1.5|0.2|e=-3|u=kg}} {{frac|1|2}} {{convert|10|km|mi}} {{cvt|5|-|7|°C}} {{circa|1900}}",  # noqa: E501
        "(1.5 ± 0.2)×10[START_SUP]−3[END_SUP] kg 1/2 10 kilometres (6.2 mi) "
        "5–7 °C (41–45 °F) c. 1900",
    ),
    "language": (
        "{{lang|de|''Zinn''}}, {{lang-fr|étain}}, {{IPAc-en|t|ɪ|n}}, {{nowrap|1=a = b}}",
        "Zinn, French: étain, /tɪn/, a = b",
    ),
    "unknown templates": ("a {{strange thing|b|{{c}}}} d", "a d"),
    "formulas": (
        "The <math>x^2</math> and {{math|''E'' {{=}} ''mc''<sup>2</sup>}}.\n\n"
        ":<math>a < b \\,</math>.\n\nSo <math display=\"block\">c</math>, where",
        "The [START_LATEX]\\(x^2\\)[END_LATEX] and [START_LATEX]\\(E = mc^{2}\\)[END_LATEX].\n\n"
        "[START_LATEX]\\[a < b\\][END_LATEX].\n\n"
        "So\n\n[START_LATEX]\\[c\\][END_LATEX],\n\nwhere",
    ),
    "formulas of several lines": (
        "So <math>\\begin{align*}a &= b\\\\ c &= d\\end{align*}</math>.",
        "So\n\n[START_LATEX]\\[\\begin{aligned}a &= b\\\\ c &= d\\end{aligned}\\]"
        "[END_LATEX].",
    ),
    "lists": (
        "* a\n** b\n** c\n* d\n# e\n## f\n# g\n; Ion : charged\n; Atom\n: neutral\n:: still",
        "- a\n  - b\n  - c\n- d\n1. e\n   1. f\n2. g\n- Ion: charged\n- Atom: neutral\n  still",
    ),
    "lists that go on": (
        "* a\n*: more\n*:* b\n# one\n#* c\n# two\n#: more\n; Term\n: first\n: second",
        "- a\n  more\n  - b\n1. one\n   - c\n2. two\n   more\n- Term: first\n  second",
    ),
    "particles": (
        "{{subatomic particle|Electron}} or {{SubatomicParticle|electron neutrino}} {{cn}}.",
        "e[START_SUP]−[END_SUP] or ν[START_SUB]e[END_SUB].",
    ),
    "headings": (
        "Lead.\n\n== Uses ==\n=== Alloys ===\nBronze.\n== Empty ==\n{{main|X}}\n== See also ==\n"
        "* [[Lead]]\n=== Under ===\nx\n== End ==\nLast.",
        "Lead.\n\n# Uses\n\n## Alloys\n\nBronze.\n\n# End\n\nLast.",
    ),
    "table": (
        '{| class="wikitext" style="x"\n|+ Alloys\n! rowspan=2 | Name !! colspan="2" | Parts\n|-\n'
        '! Tin !! Copper\n|-\n| align=right | Bronze || 1 | 2 \n| <math>|x|</math>\n|}',
        "Alloys\n\n| Name | Parts: Tin | Parts: Copper |\n| --- | --- | --- |\n"
        "| Bronze | 1 \\| 2 | [START_LATEX]\\(\\vert x\\vert\\)[END_LATEX] |",
    ),
    "infobox table": ('{| class="infobox"\n| a\n|}\nText.', "Text."),
    "figures": (
        "[[File:a.jpg|thumb|200px|alt=x|A [[tin|tin can]].]]\nText with [[File:i.png|20px]] icon.\n"
        "<gallery>\nFile:b.jpg|Ore\nc.png\n</gallery>",
        "[IMAGE]\n\nA tin can.\n\nText with icon.\n\n[IMAGE]\n\nOre\n\n[IMAGE]",
    ),
    "code": (
        "<syntaxhighlight lang=\"python\">\nif a < b:\n    '''x'''\n</syntaxhighlight>\nand "
        "<code>[[a]]</code>",
        "```python\nif a < b:\n    '''x'''\n```\n\nand `a`",
    ),
    "quotation": (
        "{{quote|Soft metal.|Ada Byron|Notes}}\n<blockquote>a\n\nb</blockquote>\nc",
        "> Soft metal.\n\n> — Ada Byron, Notes\n\n> a\n\n> b\n\nc",
    ),
    "magic words": ("__NOTOC__{{PAGENAME}} {{formatnum:1234}} {{DEFAULTSORT:X}}", "Tin 1234"),
    "html lists": ("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_constructs(read, case: str) -> None:  # type: ignore[no-untyped-def]
    wikitext, expected = CASES[case]
    assert read(wikitext) == expected


CITED = {
    "template": (
        "Soft.<ref>{{cite journal |last=Byron |first=Ada |title=On ''tin'' |year=1843}}</ref> Yes.",
        "Soft [START_REF] On tin, Byron[END_REF]. Yes.",
    ),
    "named": (
        'Soft.<ref name="x"/> Grey.<ref name=x>{{cite book|author=Ada Byron|title=Tin}}</ref>',
        "Soft [START_REF] Tin, Byron[END_REF]. Grey [START_REF] Tin, Byron[END_REF].",
    ),
    "in the list": (
        "Soft.<ref name=x/>\n==References==\n<references>\n<ref name=x>{{cite web|title=Ore}}</ref>\n"  # noqa: E501
        "</references>",
        "Soft [START_REF] Ore[END_REF].",
    ),
    "two": (
        "A<ref>{{cite web|title=Ore}}</ref><ref>{{cite web|title=Tin}}</ref>, b",
        "A [START_REF] Ore[END_REF], [START_REF] Tin[END_REF], b",
    ),
    "author and year": (
        "Soft.{{sfn|Byron|1843|p=3}} {{harvtxt|Byron|1843}} says, {{harv|Unseen|1900}}.\n"
        "== Sources ==\n* {{cite book|last=Byron|title=Tin|date=May 1843}}",
        "Soft [START_REF] Tin, Byron[END_REF]. Byron [START_REF] Tin, Byron[END_REF] says, "
        "(Unseen 1900).",
    ),
    "in words": (
        "Soft.<ref>Byron, A. (1843). \"On tin\". ''J. Tin'' 3: 4.</ref>",
        "Soft [START_REF] On tin, Byron[END_REF].",
    ),
    "in words without quotes": (
        "A<ref>Byron, A. (1843): Notes on engines, Ore University Press.</ref> b<ref>Byron A, Ore "
        "BC. A survey of cold tin. Met Lett. 1843;2:1. Review.</ref> c<ref>Ada L. Byron ''Cold "
        "tin'', 1843.</ref> d",
        "A [START_REF] Notes on engines, Byron[END_REF] b [START_REF] A survey of cold tin, "
        "Byron[END_REF] c [START_REF] Cold tin, Byron[END_REF] d",
    ),
    "found in a list in words": (
        "A<ref>Byron (1843), p. 3.</ref> b<ref>Ore, pp. 4–5.</ref> c<ref>Ore (1850, Section 3: "
        "What a furnace of bricks costs a town in its first year of use)</ref>\n"
        "== References ==\n* Byron, Ada (1843). ''Cold tin''.\n* Ore, B. (1850). ''Furnaces''.",
        "A [START_REF] Cold tin, Byron[END_REF] b [START_REF] Furnaces, Ore[END_REF] c "
        "[START_REF] Furnaces, Ore[END_REF]",
    ),
    "a dictionary is no author": (
        "A<ref>Oxbridge English Dictionary, 2nd ed.: [http://x.org cold tin], 1843</ref> b",
        "A [START_REF] cold tin[END_REF] b",
    ),
    "a page is no title": (
        "A<ref>A. Byron, ''Cold tin'', 1843, [http://x.org p. 469]</ref> b",
        "A [START_REF] Cold tin, Byron[END_REF] b",
    ),
    "an archived page": (
        'It is "soft".<ref>{{wayback|url=http://x.org|title=Tin pages|date=1843}}</ref> And '
        "<ref>{{cite web|title=Ore}} {{webarchive|url=http://x.org}}</ref>.",
        'It is "soft" [START_REF] Tin pages[END_REF]. And [START_REF] Ore[END_REF].',
    ),
    "a template in Russian": (
        "A<ref>{{книга|автор=Байрон А.|заглавие=Олово|год=1843}}</ref> b",
        "A [START_REF] Олово, Байрон[END_REF] b",
    ),
    "a picture in a title": (
        "A<ref>{{cite web|title=[[File:a.png|thumb|b]] Tin}}</ref>",
        "A [START_REF] Tin[END_REF]",
    ),
    "templates of one work": (
        "A<ref>{{RubberBible86th|page=3}}</ref> b<ref>{{MathWorld|title=Tin|urlname=T}}</ref>",
        "A [START_REF] CRC Handbook of Chemistry and Physics, Lide[END_REF] b [START_REF] Tin, "
        "Weisstein[END_REF]",
    ),
    "what a source says is no title": (
        'A<ref>"The loom weaves as it is told, and no thread of it knows the pattern that it '
        "makes. We who thread it do.\" Byron, Ada. ''The Loom \"Ore\"'', Met Press (1843), p 27."
        "</ref> b<ref>Ben Ore, ''Cold tin'', 3 Met Lett. 4 (1850) (\"The tin of this furnace was "
        "twice as cold as that of the one before\").</ref> c<ref>Byron, ''Ibid'', p. 3.</ref>",
        'A [START_REF] The Loom "Ore"[END_REF] b [START_REF] Cold tin, Ore[END_REF] c',
    ),
    "a title before its edition, and italics left open": (
        "A<ref>Handbook of Tin, 3rd ed., Met Press, 2003, ISBN 0-00-000000-0</ref> b<ref>Ore, Ben. "
        "''Furnaces and Ovens (Vol. 1). Ore: Met Press, 1850.</ref> c<ref>Byron, ''Looms,'' pg. 9."
        "</ref>",
        "A [START_REF] Handbook of Tin[END_REF] b [START_REF] Furnaces and Ovens, Ore[END_REF] c "
        "[START_REF] Looms, Byron[END_REF]",
    ),
    "a blank before a reference": (
        "It melts. <ref>{{cite web|title=Tin}}</ref> Then 3. <ref>{{cite web|title=Ore}}</ref> kg.",
        "It melts [START_REF] Tin[END_REF]. Then 3. [START_REF] Ore[END_REF] kg.",
    ),
    "a first author of another parameter, a degree": (
        "At 4 °C.<ref>{{cite web|author1=Byron|first1=A.|last2=Ore|first2=B.|title=Tin}}</ref> b",
        "At 4 °C [START_REF] Tin, Byron[END_REF]. b",
    ),
    "names in parentheses": (
        "A<ref>{{cite journal|vauthors=((Byron A-L)), Ore B|title=Tin}}</ref>",
        "A [START_REF] Tin, Byron[END_REF]",
    ),
    "note": (
        "A{{efn|Not the alloy<ref>{{cite web|title=Ore}}</ref>.}} b",
        "A (Not the alloy [START_REF] Ore[END_REF]) b",
    ),
    "missing brace": (
        "Soft.<ref>{{cite web|title=Ore}</ref> b",
        "Soft [START_REF] Ore[END_REF]. b",
    ),
    "nothing known": ("Soft.<ref>ibid., p. 3</ref> b", "Soft. b"),
}


@pytest.mark.parametrize("case", CITED)
def test_citations(read, case: str) -> None:  # type: ignore[no-untyped-def]
    wikitext, expected = CITED[case]
    assert read(wikitext) == expected


UNBALANCED = (
    "{{", "[[", "{|", "<ref>", "<!--", "<math>", "<nowiki>", "''", "'''", "[http://x.org ",
    "|}", "}}",
    "]]", "{{{", "<div", "<div>", "<table>", "{{cite web|title=", "[[File:x.jpg|thumb|",
    "<gallery>",
    "</ref>", "<references>", "<blockquote>", "{{efn|", "{|\n| a", "<ref name=x", "<sup>", "<code>",
)  # fmt: skip


@pytest.mark.parametrize("markup", UNBALANCED)
def test_what_is_left_open_swallows_nothing(  # type: ignore[no-untyped-def]
    read,
    markup: str,
) -> None:
    text = read(f"First words. {markup} middle words.\n\nSecond part.\n\n== Heading ==\nLast.")
    for words in ("First words.", "middle words.", "Second part.", "# Heading", "Last."):
        assert words in text


DROPPED = {
    "redirect": page("#REDIRECT [[Ore]]", extra='<ns>0</ns><redirect title="Ore" />'),
    "not in the namespace of articles": page("x", "File:x", extra="<ns>6</ns>"),
    "disambiguation page": page("Tin may be {{disambiguation}}"),
    "empty page": page(""),
    "no text": page("{{Infobox metal|a=b}}\n[[Category:Metals]]"),
}


@pytest.mark.parametrize("reason", DROPPED)
def test_pages_that_are_no_articles(tmp_path: Path, reason: str) -> None:
    with pytest.raises(RecordDropped) as dropped:
        documents(tmp_path, dump(DROPPED[reason]))
    assert dropped.value.reason == reason


def test_the_latest_revision_is_read(tmp_path: Path) -> None:
    revisions = "".join(
        f"<revision><timestamp>{year}-01-01T00:00:00Z</timestamp><text>of {year}</text></revision>"
        for year in (2001, 2019, 2010)
    )
    (document,) = documents(tmp_path, dump(f"<page><title>T</title><ns>0</ns>{revisions}</page>"))
    assert document.text == "Title: T\n\nof 2019"


@pytest.mark.parametrize(
    ("name", "pack"),
    [("w.xml.bz2", bz2.compress), ("w.xml.gz", gzip.compress), ("w.xml.xz", lzma.compress)],
)
def test_compressed_dumps(tmp_path: Path, name: str, pack) -> None:  # type: ignore[no-untyped-def]
    content = dump(page("one", number=1), page("two", number=2)).encode()
    found = documents(tmp_path, pack(content), name)
    assert [document.record_id for document in found] == ["w/1", "w/2"]
    with pytest.raises(RecordUnreadable, match="to its end"):
        documents(tmp_path, pack(content)[:-12], name)


def test_seven_zip_and_parts_of_large_dumps(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr")
    content = dump(page("one", number=1), page("two", number=2)).encode()
    with py7zr.SevenZipFile(tmp_path / "w-history.xml.7z", "w") as archive:
        archive.writestr(content, "w-history.xml")
    (tmp_path / "w-articles1.xml-p1p41.bz2").write_bytes(bz2.compress(content))
    (tmp_path / "w-articles-index.txt.bz2").write_bytes(bz2.compress(b"1:2:Tin"))
    found = list(FORMAT.find(tmp_path))
    assert [path.name for path in found] == ["w-articles1.xml-p1p41.bz2", "w-history.xml.7z"]
    for path, name in zip(found, ("w-articles1", "w-history"), strict=True):
        read = [FORMAT.read(record, OPTIONS) for record in FORMAT.records(path, OPTIONS)]
        assert [document.record_id for document in read] == [f"{name}/1", f"{name}/2"]


def test_utf_16_inside_bzip2(tmp_path: Path) -> None:
    packed = bz2.compress(dump(page("Олово")).encode("utf-16"))
    (document,) = documents(tmp_path, packed, "w.xml.bz2")
    assert document.text == "Title: Tin\n\nОлово"


def test_a_wiki_of_another_language(tmp_path: Path) -> None:
    content = dump(page("Олово ({{lang-la|stannum}}).\n== Посилання ==\n* a"), page("#ПЕРЕН [[a]]"))
    path = tmp_path / "w.xml"
    path.write_text(content.replace('xml:lang="en"', 'xml:lang="uk"'))
    article, redirect = FORMAT.records(path, OPTIONS)
    assert FORMAT.read(article, OPTIONS).text == "Title: Tin\n\nОлово (stannum)."
    with pytest.raises(RecordDropped, match="redirect"):
        FORMAT.read(redirect, OPTIONS)


def test_a_broken_page_costs_no_other(tmp_path: Path) -> None:
    broken = page("x").replace("</title>", "")
    path = tmp_path / "w.xml"
    path.write_text(dump(page("one", number=1), broken, page("two", number=2)) + "<page><title>")
    records = list(FORMAT.records(path, OPTIONS))
    assert FORMAT.read(records[0], OPTIONS).text == "Title: Tin\n\none"
    assert FORMAT.read(records[2], OPTIONS).text == "Title: Tin\n\ntwo"
    for number, reason in ((1, "not well-formed XML"), (3, "page without an end")):
        with pytest.raises(RecordUnreadable) as unreadable:
            FORMAT.read(records[number], OPTIONS)
        assert unreadable.value.reason == reason


@pytest.mark.parametrize("content", [b"", b"no page", b"\xff\xfe", b"BZh91AY"])
def test_files_without_pages(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RecordUnreadable):
        documents(tmp_path, content)


def test_spelt_markers_stay_text(tmp_path: Path) -> None:
    (document,) = documents(
        tmp_path, dump(page("[START_REF] \ue000 &#xE004; <nowiki>&#xE001;</nowiki>"))
    )
    assert document.text == "Title: Tin\n\n[START_REF]"


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    (document,) = documents(
        tmp_path, dump(page("a {{odd}} {{Odd}} <ref>ibid., p. 3</ref> <score>c</score>"))
    )
    assert document.metadata["templates_unknown"] == {"odd": 2}
    assert document.metadata["citations_unresolved"] == {"reference without a work": 1}
    assert document.metadata["left_out"] == {"<score> left out": 1}
