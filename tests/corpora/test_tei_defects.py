"""What other people's TEI had wrong in it when it was read: each defect as small as it can be."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordDropped
from corpora.tei import FORMAT
from tokenization.markers import pairing_fault, reveal

TEI = '<TEI xmlns="http://www.tei-c.org/ns/1.0">{header}<text>{text}</text></TEI>'


def read(folder: Path, content: str) -> Document:
    path = folder / "bees.tei.xml"
    path.write_text(content)
    [record] = FORMAT.records(path, ReadOptions())
    document, _ = resolve(FORMAT.read(record, ReadOptions()))
    return document


def text_of(folder: Path, body: str, back: str = "") -> str:
    text = f"<body>{body}</body><back>{back}</back>"
    return reveal(read(folder, TEI.format(header="<teiHeader/>", text=text)).text)


def entry(number: int, title: str, names: str, date: str = "", more: str = "") -> str:
    authors = "".join(
        f"<author><persName><surname>{name}</surname></persName></author>"
        for name in names.split(", ")
        if name
    )
    dated = f'<date when="{date[:4]}">{date}</date>' if date else ""
    return (
        f'<biblStruct xml:id="b{number}"><analytic><title level="a">{title}</title>{authors}'
        f"</analytic><monogr><imprint>{dated}{more}</imprint></monogr></biblStruct>"
    )


LIST = (
    '<div type="references"><listBibl>'
    + entry(0, "Wings", "Byron, Gauss, Noether", "1843")
    + entry(1, "Stings", "Byron, Euler, Noether", "1843")
    + entry(2, "Wax", "Byron, Euler", "1843")
    + entry(3, "Honey", "Fry", more='<biblScope unit="page">1901</biblScope>')
    + entry(4, "Hives of the world", "", "1950", "<publisher>Hive Research</publisher>")
    + entry(5, "Drones", "Ito, Jung, Kato", "2001b")
    + entry(6, "Queens", "Ito, Jung, Lund", "2001a")
    + entry(7, "Swarms", "Moss")
    + "</listBibl></div>"
)
CITED = {
    "(Byron et al., 1843a)": "[START_REF] Wings, Byron[END_REF]",
    "Byron et al. (1843b)": "Byron et al. [START_REF] Stings, Byron[END_REF]",
    "(Byron and Euler, 1843)": "(Byron and Euler, 1843)",
    "(Byron et al., 1843c)": "(Byron et al., 1843c)",
    "(Byron, Gauss, and Noether 1843)": "[START_REF] Wings, Byron[END_REF]",
    "(Fry, 1901)": "[START_REF] Honey, Fry[END_REF]",
    "(Fry, 1901, 12)": "[START_REF] Honey, Fry[END_REF]",
    "(Hive Research, 1950)": "[START_REF] Hives of the world[END_REF]",
    "(Ito et al., 2001a)": "[START_REF] Queens, Ito[END_REF]",
    "(Moss, 2020)": "[START_REF] Swarms, Moss[END_REF]",
    "the model of Fry (1901)": "the model of Fry [START_REF] Honey, Fry[END_REF]",
}


@pytest.mark.parametrize("printed", CITED)
def test_unlinked_citations_by_author_and_year(printed: str, tmp_path: Path) -> None:
    body = f'<p>as <ref type="bibr">{printed}</ref> has</p>'
    assert text_of(tmp_path, body, LIST) == f"as {CITED[printed]} has"


@pytest.mark.parametrize("printed", ["[and]", "(3.2)", "design:", "GPT-4"])
def test_what_a_parser_takes_for_citations_stays_as_words(printed: str, tmp_path: Path) -> None:
    body = f'<p>as <ref type="bibr">{printed}</ref> has</p>'
    document = read(
        tmp_path,
        TEI.format(header="<teiHeader/>", text=f"<body>{body}</body><back>{LIST}</back>"),
    )
    assert document.text == f"as {printed} has"
    assert "citations_unresolved" not in document.metadata


def numbered(count: int) -> str:
    entries = "".join(entry(n, f"Work {n}", f"Name{chr(65 + n)}", "1900") for n in range(count))
    return f"<listBibl>{entries}</listBibl>"


def test_a_list_that_lacks_entries_answers_no_number(tmp_path: Path) -> None:
    body = '<p>as <ref type="bibr">[1]</ref> and <ref type="bibr">[9]</ref></p>'
    assert text_of(tmp_path, body, numbered(4)) == "as [1] and [9]"
    assert "Work 0" in text_of(tmp_path, body, numbered(9))


def test_numbers_between_two_that_are_linked(tmp_path: Path) -> None:
    linked = "".join(
        f' <ref type="bibr" target="#b{place}">[{place + shift}]</ref>'
        for place, shift in ((0, 1), (1, 2), (3, 2), (4, 2))
    )
    body = f'<p>as{linked} and <ref type="bibr">[4]</ref>, <ref type="bibr">[2]</ref></p>'
    text = text_of(tmp_path, body, numbered(6))
    assert text.endswith("and [START_REF] Work 2, NameC[END_REF], [2]")


def test_numbers_each_in_its_bracket_in_one_reference(tmp_path: Path) -> None:
    body = '<p>as <ref type="bibr">[1] [2] [3]</ref>.</p>'
    spans = ", ".join(f"[START_REF] Work {n}, Name{chr(65 + n)}[END_REF]" for n in range(3))
    assert text_of(tmp_path, body, numbered(3)) == f"as {spans}."


def test_a_cell_over_columns_is_written_once_or_divided(tmp_path: Path) -> None:
    rows = (
        '<row><cell>Bee</cell><cell cols="2">Speed</cell><cell cols="2">Weight</cell></row>'
        '<row><cell>one</cell><cell cols="4">1.5 2.0 -3 (0.1)</cell></row>'
        '<row><cell cols="4">of all the bees here</cell><cell>7</cell></row>'
    )
    assert text_of(tmp_path, f'<figure type="table"><table>{rows}</table></figure>') == (
        "| Bee | Speed | Speed | Weight | Weight |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| one | 1.5 | 2.0 | -3 | (0.1) |\n"
        "| of all the bees here |  |  |  | 7 |"
    )


BODIES = {
    "<p>They are (1) fast,</p><p>(2) small.</p>": "They are (1) fast, (2) small.",
    "<p>Then</p><formula>v = s/t</formula><p>, where v is the speed.</p>": (
        "Then\n\nv = s/t,\n\nwhere v is the speed."
    ),
    "<p>See</p><formula>a = b</formula><p>.</p><p>So it is.</p>": "See\n\na = b.\n\nSo it is.",
    "<div><head>Methods:</head><p>x</p></div>": "# Methods\n\nx",
    "<div><head>I N T R O D U C T I O N</head><p>x</p></div><div><head>M E T H O D S</head><p>y</p>"
    "</div>": "# INTRODUCTION\n\nx\n\n# METHODS\n\ny",
    "<div><head>A B C D</head><p>It takes CO 2and NH3or water.</p></div>": (
        "# A B C D\n\nIt takes CO 2 and NH3 or water."
    ),
    '<div><head n="2">Bees</head><p>x</p></div><div><head>B Proofs</head><p>y</p></div>'
    "<div><head>B.1 Lemmas</head><p>z</p></div><div><head>C A new world</head><p>w</p></div>": (
        "# 2 Bees\n\nx\n\n# B Proofs\n\ny\n\n## B.1 Lemmas\n\nz\n\n# C A new world\n\nw"
    ),
    '<div><head n="2">Bees</head><p>x</p></div><div><head>A new world</head><p>y</p></div>': (
        "# 2 Bees\n\nx\n\n## A new world\n\ny"
    ),
    '<div><head n="I.">BEES</head><p>x</p></div>'
    '<div><head n="II.">HIVES A. Of wood</head><p>y</p></div>': (
        "# I. BEES\n\nx\n\n# II. HIVES\n\n## A. Of wood\n\ny"
    ),
    "<p>of KNO\n   <hi rend='subscript'>3</hi>\n   , m\n   <hi rend='superscript'>2</hi>\n   and\n"
    "<hi rend='superscript'>13</hi>C (Fig 1 )</p>": (
        "of KNO[START_SUB]3[END_SUB], m[START_SUP]2[END_SUP] and [START_SUP]13[END_SUP]C (Fig 1)"
    ),
    "<figure><trash>K D of bees 1.2</trash></figure>": "K D of bees 1.2",
    "<formula>U $YHUDJH )) \\[ 7</formula>": "U $YHUDJH )) \\[ 7",
    "<p>three tools -search -are in Table3and the fi rst one.We say</p>": (
        "three tools – search – are in Table 3 and the first one. We say"
    ),
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies(body: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, body) == BODIES[body]


@pytest.mark.parametrize("identifier", ["0", "a b", "b0"])
def test_an_xml_id_that_is_no_name_or_stands_twice(identifier: str, tmp_path: Path) -> None:
    body = f'<p xml:id="{identifier}">as <ref type="bibr" target="#b0">[1]</ref></p>'
    text = text_of(tmp_path, body, numbered(1))
    assert text == "as [START_REF] Work 0, NameA[END_REF]"


def test_ends_of_printed_lines_are_blanks(tmp_path: Path) -> None:
    body = "<div><head>On<lb/>bees</head><p>wax and<lb/> honey-<lb/>\n comb<lb />of bees</p></div>"
    assert text_of(tmp_path, body) == "# On bees\n\nwax and honeycomb of bees"
    shown = "<p>The tag <![CDATA[<lb/>]]> ends<lb/>a line.</p>"
    assert text_of(tmp_path, shown) == "The tag <lb/> ends a line."


def test_a_table_of_labels_spans_and_a_table_inside(tmp_path: Path) -> None:
    inside = "<table><row><cell>in</cell><cell>side</cell></row></table>"
    body = (
        "<p>The hives.</p><table><row role='label'><cell rows='2'>Hive</cell>"
        "<cell cols='2'>Wax</cell></row><row role='label'><cell>dark</cell><cell>pale</cell></row>"
        f"<row><cell>A|1</cell><cell>0.5</cell><cell>{inside}</cell></row></table>"
    )
    assert text_of(tmp_path, body).splitlines()[2:] == [
        "| Hive | Wax: dark | Wax: pale |",
        "| --- | --- | --- |",
        "| A\\|1 | 0.5 | in side |",
    ]


def test_running_heads_are_no_notes(tmp_path: Path) -> None:
    notes = (
        "© The Hive 2019", "J. Bees (2011). F67, 344-348", "Bees | https://bees.org/1 3 / 15",
        "Bees | https://bees.org/1 4 / 15", "H I V E S O F T H E W O R L D 2 0 1 7", "----- 4 5",
        "We thank the queen.",
    )  # fmt: skip
    body = "<p>x</p>" + "".join(f'<note place="foot">{note}</note>' for note in notes)
    assert text_of(tmp_path, body) == "x\n\n# Notes\n\nWe thank the queen."


def header(title: str, *authors: str) -> str:
    listed = "".join(f"<author><persName>{author}</persName></author>" for author in authors)
    return (
        f"<teiHeader><fileDesc><titleStmt><title>{title}</title></titleStmt><sourceDesc><biblStruct>"
        f"<analytic>{listed}</analytic></biblStruct></sourceDesc></fileDesc></teiHeader>"
    )


def test_what_stands_beside_names_and_titles(tmp_path: Path) -> None:
    names = (
        "<forename>Ada</forename><surname>Byron *†</surname>",
        "<forename>Carl</forename><surname>Gauss Correspondence</surname>",
        "<forename>Emmy</forename><surname>Noether 2</surname>",
        "<surname>O&amp;apos;Brien</surname>",
    )
    text = read(
        tmp_path, TEI.format(header=header("On bees *", *names), text="<body>x</body>")
    ).text
    assert text == "Title: On bees\n\nAuthors: Ada Byron, Carl Gauss, Emmy Noether, O'Brien\n\nx"


def test_headings_alone_are_no_text(tmp_path: Path) -> None:
    with pytest.raises(RecordDropped, match="no text"):
        text_of(tmp_path, "<div><head>Bees</head><div><head>Wings</head></div></div>")


def test_names_in_small_letters_and_no_body(tmp_path: Path) -> None:
    content = (
        '<tei xmlns="http://www.tei-c.org/ns/1.0"><teiheader><filedesc><titlestmt>'
        "<title>On bees</title></titlestmt><sourcedesc><biblstruct><analytic><author><persname>"
        "<surname>Byron</surname></persname></author></analytic></biblstruct></sourcedesc>"
        "</filedesc></teiheader><text><div>Flight <p>Bees fly.</p></div>"
        "<figure type='table'>Table 1<figdesc>Speed.</figdesc>"
        "<row><cell>a</cell><cell>b</cell></row><table></table></figure>"
        "<back><div><p>Thanks.</p></div></back></text></tei>"
    )
    assert read(tmp_path, content).text == (
        "Title: On bees\n\nAuthors: Byron\n\n# Flight\n\nBees fly.\n\nTable 1: Speed.\n\n"
        "| a | b |\n| --- | --- |\n\nThanks."
    )


def test_a_work_that_is_described_in_the_text(tmp_path: Path) -> None:
    work = (
        "<biblFull><titleStmt><title>On bees</title><author><persName><surname>Byron</surname>"
        "</persName></author></titleStmt><sourceDesc/><profileDesc><abstract>Bees fly.</abstract>"
        "</profileDesc></biblFull>"
    )
    exported = "<teiHeader><fileDesc><titleStmt><title>An export</title></titleStmt></fileDesc>"
    text = (
        f"<body><listBibl>{work}</listBibl></body>"
        "<back><listOrg><org><orgName>Hive</orgName></org></listOrg></back>"
    )
    content = TEI.format(header=f"{exported}</teiHeader>", text=text)
    document = read(tmp_path, content)
    assert document.text == "Title: On bees\n\nAuthors: Byron\n\n# Abstract\n\nBees fly."


def test_a_header_that_holds_the_document_is_lent_to_nobody(tmp_path: Path) -> None:
    inner = "<TEI><text><body><p>Bees dance in the dark of the hive.</p></body></text></TEI>"
    around = f"<teiHeader><fileDesc>{inner}</fileDesc></teiHeader>"
    document = read(
        tmp_path, f'<teiCorpus xmlns="http://www.tei-c.org/ns/1.0">{around}</teiCorpus>'
    )
    assert reveal(document.text) == "Bees dance in the dark of the hive."


def test_a_corpus_of_one_lends_its_header(tmp_path: Path) -> None:
    around = "<teiHeader><titleStmt><title>On bees</title></titleStmt></teiHeader>"
    inner = TEI.format(header="<teiHeader/>", text="<body><p>Bees fly.</p></body>")
    corpus = f'<teiCorpus xmlns="http://www.tei-c.org/ns/1.0">{around}{inner}</teiCorpus>'
    assert read(tmp_path, corpus).text == "Title: On bees\n\nBees fly."


TEXTS = st.sampled_from(
    ["Bees fly", "(Byron, 1843a)", "[1, 2", "3]", "Table3shows -a fi rst", "\ue001[START_REF]",
     "a- b", "$x$ \\( ", "Byron et al., 1843", " ", "\n ", "1", "J O U R N A L", "x" * 200]
).map(lambda text: text.replace("&", "&amp;"))  # fmt: skip
NAMES = st.sampled_from(
    "p div head ref figure table row cell formula note hi list item label figDesc s quote "
    "listBibl biblStruct author surname date title trash lb choice cit".split()
)
ATTRIBUTES = st.sampled_from(
    ["", ' type="bibr"', ' type="bibr" target="#b0"', ' xml:id="b0"', ' cols="3"', ' cols="-1"',
     ' place="foot" n="1"', ' rend="superscript"', ' type="table" target="#b1"', ' n="A.1"',
     ' type="figure" target="#b0"', ' level="a"', ' when="1843"', ' rows="99999999"']
)  # fmt: skip


def element(parts: tuple[str, str, list[str]]) -> str:
    name, attributes, children = parts
    return f"<{name}{attributes}>{''.join(children)}</{name}>"


TREES = st.recursive(
    TEXTS,
    lambda inside: st.tuples(NAMES, ATTRIBUTES, st.lists(inside, max_size=5)).map(element),
    max_leaves=40,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TREES, max_size=6), st.lists(TREES, max_size=3))
def test_any_tree_of_its_elements_is_read_or_dropped(
    tmp_path: Path, body: list[str], back: list[str]
) -> None:
    path = tmp_path / "bees.tei.xml"
    text = f"<body>{''.join(body)}</body><back>{''.join(back)}{LIST}</back>"
    path.write_text(TEI.format(header="<teiHeader/>", text=text))
    for record in FORMAT.records(path, ReadOptions()):
        try:
            document, _ = resolve(FORMAT.read(record, ReadOptions()))
        except RecordDropped:
            continue
        assert pairing_fault(document.text) is None
        # The placeholders of citations are gone.
        assert not re.search("[\x00-\x08]", document.text)


def test_captions_that_a_parser_took_for_headings(tmp_path: Path) -> None:
    body = "<div><head>Hives</head><p>Bees fly.</p></div><div><head>Figure 2.</head><p>A hive.</p>"
    assert text_of(tmp_path, body + "</div>") == (
        "# Hives\n\nBees fly.\n\n[IMAGE]\n\nFigure 2: A hive."
    )
    body = '<div><head n="3">Table 2</head><p>Wings of bees.</p></div>'
    assert text_of(tmp_path, body) == "Table 2: Wings of bees."


@pytest.mark.parametrize(
    ("head", "text", "caption"),
    [
        ("Table 3 '", "Wings' of bees.", "Table 3: 'Wings' of bees."),
        ("Table 4 (", "continued)", "Table 4 (continued)"),
        ("2 FIG. S9 .", "FIG.S9. Wings of bees.", "FIG. S9. Wings of bees."),
        ("FIG. 2 .", "FIG. 2.Wings of bees.", "FIG. 2. Wings of bees."),
    ],
)
def test_captions_cut_in_their_number(head: str, text: str, caption: str, tmp_path: Path) -> None:
    body = f'<figure type="table"><head>{head}</head><figDesc>{text}</figDesc></figure>'
    assert text_of(tmp_path, f"<p>Bees.</p>{body}") == f"Bees.\n\n{caption}"


def test_a_figure_stands_after_its_own_number(tmp_path: Path) -> None:
    figure = (
        '<figure xml:id="f"><head>Figure 2</head><label>2</label>'
        "<figDesc>Figure 2: A hive.</figDesc></figure>"
    )
    body = (
        '<p>In <ref target="#f">S2</ref> is wax.</p><p>In <ref target="#f">2a</ref> is a bee.</p>'
        "<p>Bees fly.</p>"
    )
    assert text_of(tmp_path, body + figure) == (
        "In S2 is wax.\n\nIn 2a is a bee.\n\n[IMAGE]\n\nFigure 2: A hive.\n\nBees fly."
    )


def test_the_articles_own_line_is_on_each_page(tmp_path: Path) -> None:
    own = (
        "<teiHeader><fileDesc><sourceDesc><biblStruct><monogr><imprint>"
        '<biblScope unit="volume">67</biblScope><biblScope unit="page" from="463" to="470"/>'
        "</imprint></monogr></biblStruct></sourceDesc></fileDesc></teiHeader>"
    )
    body = (
        "<p>Bees fly.</p><figure><head/><figDesc>. (2011). F67, 463-470 Byron et al. Wings 469"
        '</figDesc></figure><note place="foot" n="1">hive papers 468 Byron et al. Wings Acta Bee '
        '(2011). F67, 463-470</note><note place="foot" n="2">See Acta Bee (2010). F66, 3-9.</note>'
    )
    document = read(tmp_path, TEI.format(header=own, text=f"<body>{body}</body>"))
    assert document.text == "Bees fly.\n\n# Notes\n\n2. See Acta Bee (2010). F66, 3-9."


def test_a_list_without_titles_has_none(tmp_path: Path) -> None:
    lists = (
        '<div type="references"><listBibl><biblStruct xml:id="b0"><analytic><title/><author>'
        "<persName><surname>Byron</surname></persName></author></analytic><monogr>"
        '<title level="j">Hives</title><imprint><biblScope unit="page">486</biblScope>'
        '<date when="2008"/></imprint></monogr>'
        '<note type="raw_reference">Byron, A., Gauss, C. (2008). Hives (London), 454, 486-491.'
        '</note></biblStruct><biblStruct xml:id="b1"><monogr><author><persName><surname>Fry'
        '</surname></persName></author><title level="m">Proc. Natl Acad. Bees. USA</title><imprint>'
        '<biblScope unit="page" from="7" to="9"/><date when="1993"/></imprint></monogr>'
        '<note type="raw_reference">Fry, A. (1993). Proc. Natl Acad. Bees. USA, 90, 7-9.</note>'
        "</biblStruct></listBibl></div>"
    )
    body = '<p>as <ref type="bibr" target="#b0">(Byron, 2008)</ref> and '
    body += '<ref type="bibr" target="#b1">(Fry, 1993)</ref> has</p>'
    assert text_of(tmp_path, body, lists) == ("as (Byron, 2008) and (Fry, 1993) has")


@pytest.mark.parametrize(
    "body",
    [
        "<p>As {}, the speed is</p><formula>v = s/t,<label>(1)</label></formula>"
        "<p>where s is the way.</p>",
        "<p>As {}, bees need</p><list><item>wax and</item><item>time.</item></list>",
        "<p>As {}, bees are</p><p>small.</p>",
    ],
)
def test_a_figure_comes_after_the_sentence_that_refers_to_it(tmp_path: Path, body: str) -> None:
    reference = '<ref type="figure" target="#f">Fig. 1</ref> says'
    figure = '<figure xml:id="f"><head>Fig. 1.</head><figDesc>A hive.</figDesc></figure>'
    content = body.format(reference)
    text = text_of(tmp_path, f"<div>{content}<p>Then more.</p></div>{figure}")
    before, after = text.split("[IMAGE]\n\nFig. 1: A hive.")
    assert "is the way." in before or "time." in before or "bees are small." in before
    assert after.strip() == "Then more."
