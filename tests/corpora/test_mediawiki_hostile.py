"""Wikitext and dumps that are broken on purpose, or by chance: bounded time, known errors only."""

import os
import re
import time
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.mediawiki import FORMAT
from corpora.mediawiki.framing import RawPage, Site, Unframed
from corpora.mediawiki.page import read_page
from tokenization.markers import pairing_fault

OPTIONS = ReadOptions(seed=1)
UNITS = (
    "{{", "}}", "[[", "]]", "{{{", "{|\n", "<ref>", "</ref>", "<ref name=x>", "<!--", "<math>",
    "''",
    "'''", "[http://x.org ", "==", "\n==", "*", "*#:;a\n", "|", "\n|-", "&#", "<sup>", "<sub>", "<",
    "<div ", "<table><tr><td>", "<ul>", "{{nowrap|", "{{cite web|title=", "{{efn|", "<blockquote>",
    "[[File:a.jpg|thumb|b]] ", "[[File:a.jpg|thumb|", "<gallery>", "<code>", "__", " \n", "{{math|",
    "{{#tag:ref|", "<br>", '"a ', "{|\n|rowspan=400 colspan=400|a\n", "{{quote|", "<references>",
    "{{sfn|a|1}}", "{{chem2|H2", "{{r|a}}", "\x0b",
)  # fmt: skip
SAMPLE = (
    "{{Infobox metal|name=[[Tin]]}}\n'''Tin''' is a [[metal|soft ''metal'']].<ref name='a'>{{cite "
    "book|last=Byron|title=On ''tin''|year=1843}}</ref> It melts at {{convert|232|°C}}."
    "{{sfn|Byron|1843}}\n\n== Use ==\n* one<ref name=a/>\n*# two {{efn|a note}}\n; Ion : charged\n"
    ":<math>\\frac{a}{b}</math>\n{| class=wikitext\n! a !! b\n|-\n| colspan=2 | c\n|}\n"
    "[[File:x.png|thumb|A [[b]]]]\n<gallery>\ny.png|z\n</gallery>\n<nowiki>[[</nowiki> <!-- no --> "
    "H<sub>2</sub>O\n x = 1\n{{quote|Soft.|Ada}}\n== References ==\n{{reflist}}\n"
    "[[Category:Metals]]\n"
)


def read_text(wikitext: str) -> Document | None:
    """The document of a page, its spans and markers checked; None where it is refused."""
    raw = f"<page><title>T</title><revision><text>{escape(wikitext)}</text></revision></page>"
    payload = RawPage(Site(), raw.encode("utf-8", "replace"))
    return checked(Record("w/1", "w: page 1", payload, len(raw)))


def checked(record: Record) -> Document | None:
    try:
        document = read_page(record, OPTIONS)
    except (RecordDropped, RecordUnreadable):
        return None
    final, _ = resolve(document)
    assert pairing_fault(final.text) is None
    assert not set(final.text) & set(map(chr, [*range(9), *range(11, 32)]))
    return document


@pytest.mark.parametrize("unit", UNITS)
def test_repeated_markup_takes_bounded_time(unit: str) -> None:
    start = time.perf_counter()
    read_text(unit * (150_000 // len(unit)))
    read_text(f"{unit} x" * (150_000 // len(unit)))
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    "unit",
    [
        "<table/>",
        "<table>",
        "<table>a|\n",
        "{|\n\n",
        "{|\n|a\n\n",
        "{|\n\n{|\n|}\n",
        "{|\n|}{|\n\n",
        "[[File:a.jpg|thumb|b]]{|\n\n",
    ],
)
def test_tables_left_open_take_linear_time(unit: str) -> None:
    # Each was once read to the end of the page: more than a minute.
    start = time.process_time()
    document = read_text(unit * 16_000)
    assert document is None or "{|" not in document.text
    assert time.process_time() - start < 10


def test_what_follows_a_table_left_open_stays() -> None:
    document = read_text("{|\n|a\n\none\n\n{|\n|b\n|}\ntwo\n\n{|\n|c\n\nthree\n==H==\nfour\n")
    assert document is not None
    for word in ("a", "one", "b", "two", "c", "three", "H", "four"):
        assert len(re.findall(rf"\b{word}\b", document.text)) == 1, document.text


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([*UNITS, "}}", "]]", "|}", "</math>", "a", "\n", "="]), max_size=60)
)
def test_any_mixture_of_markup_is_read(parts: list[str]) -> None:
    read_text("word " + "".join(parts))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_cut_or_repeated_page_is_read(data: st.DataObject) -> None:
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(SAMPLE))] * 2)))
    kept = SAMPLE[:first] + SAMPLE[last:]
    repeated = SAMPLE[:last] + SAMPLE[first:]
    for text in (kept, repeated):
        document = read_text(text)
        assert document is None or "{{" not in document.text


def mutated(content: bytes, data: st.DataObject) -> bytes:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(changed) - 1))
        length = data.draw(st.integers(0, 300))
        match data.draw(st.sampled_from("cut double flip".split())):
            case "cut":
                del changed[at : at + length]
            case "double":
                changed[at:at] = changed[at : at + length]
            case "flip":
                changed[at] ^= 1 << data.draw(st.integers(0, 7))
        if not changed:
            break
    return bytes(changed)


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="REALDATA names no folder of real files")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_dump_raises_nothing_else(  # type: ignore[no-untyped-def]
    data: st.DataObject,
    tmp_path_factory,
) -> None:
    for real in sorted(Path(os.environ["REALDATA"], "mediawiki").glob("*.xml")):
        path = tmp_path_factory.mktemp("mutated") / "m.xml"
        path.write_bytes(mutated(real.read_bytes(), data))
        for record in FORMAT.records(path, OPTIONS):
            checked(record)


@pytest.mark.realdata
@pytest.mark.skipif("REALDATA" not in os.environ, reason="REALDATA names no folder of real files")
def test_real_dumps_leak_no_markup() -> None:
    for path in sorted(Path(os.environ["REALDATA"], "mediawiki").glob("*.xml")):
        found = [checked(record) for record in FORMAT.records(path, OPTIONS)]
        texts = [document.text for document in found if document is not None]
        assert texts
        for mark in ("{{", "}}", "[[", "]]", "'''", "</", "&lt;", "==", "{|"):
            assert not any(mark in text for text in texts), mark


def test_bombs_and_entities_are_refused() -> None:
    inside = "<title>T</title><revision><text>&bomb;</text></revision>"
    declared = f'<!DOCTYPE page [<!ENTITY bomb "x">]><page>{inside}</page>'
    for raw in (f"<page>{inside}</page>", declared):
        record = Record("w/1", "w: page 1", RawPage(Site(), raw.encode()), 1)
        assert checked(record) is None


def test_a_page_beyond_the_limit_is_not_gathered(  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch,
) -> None:
    monkeypatch.setattr("corpora.mediawiki.framing.MAX_PAGE_BYTES", 1000)
    path = tmp_path / "w.xml"
    small = "<page><title>A</title><revision><text>a</text></revision></page>"
    path.write_text(f"<mediawiki>{small.replace('>a<', '>' + 'a' * 3000 + '<')}{small}</mediawiki>")
    first, second = FORMAT.records(path, OPTIONS)
    assert isinstance(first.payload, Unframed)
    assert first.payload.reason == "page too large"
    assert checked(second) is not None


def test_tags_cut_by_the_end_of_a_chunk(  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch,
) -> None:
    page = "<page><title>A</title><id>{}</id><revision><text>words</text></revision></page>\n"
    path = tmp_path / "w.xml"
    path.write_text("<mediawiki>" + "".join(page.format(n) for n in range(5)) + "</mediawiki>")
    for size in (70, 71, 83, 97):
        monkeypatch.setattr("corpora.mediawiki.framing._CHUNK_BYTES", size)
        found = [checked(record) for record in FORMAT.records(path, OPTIONS)]
        assert [d.text for d in found if d is not None] == ["Title: A\n\nwords"] * 5


def test_a_table_behind_a_figure_outside_the_cells_of_another() -> None:
    document = read_text(
        "{|\n[[File:a.jpg|thumb|A pond]]{| class=x\n| in\n|}\n|-\n| out\n|}\nend\n"
    )
    assert document is not None
    assert document.text.endswith("A pond\n\n| in |\n| --- |\n\nend"), document.text
