"""Coloured documents: nested as the spans are, cut without breaking them, and never trusted."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import documents_table
from pipelines.documents_table import TRAIN, VALIDATION, DocumentRow, write_documents
from pipelines.report.coloured_text import MODALITIES, coloured
from pipelines.report.samples import SHOWN_CHARACTERS, choose, render, sample_sources
from tokenization import wrappers as w
from tokenization.markers import BY_CODE_POINT, MARKERS, reveal


class Shown(HTMLParser):
    """The text that HTML shows; fails on elements that are not ours or are not balanced."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.named = 0
        self.depth = 0
        self.deepest = 0
        self.feed(str(html))
        self.close()
        assert self.depth == 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag, [name for name, _ in attrs]) in [("span", ["class"]), ("b", []), ("i", [])]
        self.depth += tag == "span"
        self.named += tag == "i"
        self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "span"
        assert self.depth >= 0

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def _row(
    text: str, doc_id: str = "s/1", split: str = TRAIN, category: str = "papers"
) -> DocumentRow:
    return DocumentRow(doc_id, "s", category, split, text, "{}", len(text.encode()))


def test_every_opening_and_single_marker_has_a_colour() -> None:
    assert set(MODALITIES) == {marker.spelling for marker in MARKERS if marker.closes is None}
    css = (Path(__file__).parents[3] / "pipelines" / "report" / "page.css").read_text()
    for modality in MODALITIES.values():
        assert f".{modality.css_class} {{ --modality:" in css


_PIECES = [*BY_CODE_POINT, *"<>&\"'/-! aé\n[", "<script>", "]]>", "<!--", "&lt;"]
_MARKED = st.lists(st.sampled_from(_PIECES)).map("".join)


@given(_MARKED, st.integers(0, 30))
def test_html_is_balanced_and_shows_the_text_whatever_it_is(text: str, cut: int) -> None:
    assert Shown(coloured(text[:cut])).text + Shown(coloured(text[cut:])).text == reveal(text)


def test_spans_nest() -> None:
    inner = w.latex("x^2")
    html = coloured(w.work(f"so {inner} is H{w.subscript('2')}", marked=True))
    assert html == (
        '<span class="m m-work"><b>&lt;work&gt;</b>so '
        '<span class="m m-latex"><b>[START_LATEX]</b>\\(x^2\\)<b>[END_LATEX]</b></span> is H'
        '<span class="m m-script"><b>[START_SUB]</b>2<b>[END_SUB]</b></span>'
        "<b>&lt;/work&gt;</b></span>"
    )


def test_a_spelling_that_is_no_marker_has_no_colour() -> None:
    html = coloured("literal [START_REF] and </s>")
    assert html == "literal [START_REF] and &lt;/s&gt;"


def test_control_characters_are_made_visible() -> None:
    assert coloured("a\0b\rc\td\n") == "a␀b␍c\td\n"


def test_what_reorders_text_is_named() -> None:
    html = coloured("a\u202eb<\u2066")
    assert html == "a<i>U+202E</i>b&lt;<i>U+2066</i>"
    assert Shown(html).named == 2


def test_a_long_document_is_cut_and_says_so() -> None:
    sample = render(_row("\n\n".join(["word " * 50] * 60)))
    assert len(sample.text) == SHOWN_CHARACTERS
    assert sample.hidden_characters == sample.num_characters - SHOWN_CHARACTERS > 0
    assert sample.opening == "word " * 23 + "word…"


def test_a_span_longer_than_the_page_shows_is_cut_and_counted() -> None:
    sample = render(_row(w.amino("M" * 100_000)))
    assert Shown(sample.text).depth == 0
    assert 'class="m m-amino seq"' in sample.text
    assert sample.hidden_characters == 100_002 - SHOWN_CHARACTERS


@pytest.mark.parametrize(
    "text", ["<" * 20_000, w.superscript("2") * 5_000, "\ue005" * 9_999, "é" * 3_000]
)
def test_html_stays_under_its_share_of_the_page(text: str) -> None:
    sample = render(_row(text), most_bytes=5_000)
    assert 1_000 < len(sample.text.encode()) <= 5_000
    assert 0 < sample.hidden_characters < len(text)


def test_citations_have_what_is_known_of_them() -> None:
    entries = [
        {"title": "On H\ue0092\ue00aO", "surname": "Sea", "year": 1999, "doi": "10.1/x"},
        {"title": None, "as_written": "<b>[3]</b>"},
    ]
    row = _row("text")._replace(metadata=json.dumps({"citations": entries * 6}))
    sample = render(row)
    assert Shown(sample.citations[0]).text == "On H[START_SUB]2[END_SUB]O, Sea, 1999, doi:10.1/x"
    assert sample.citations[1] == "&lt;b&gt;[3]&lt;/b&gt; <small>not resolved</small>"
    assert (len(sample.citations), sample.hidden_citations) == (10, 2)


@pytest.mark.parametrize("metadata", ["", "[]", '{"citations": null}', '{"citations": [1]}'])
def test_odd_metadata_has_no_citations(metadata: str) -> None:
    assert render(_row("text")._replace(metadata=metadata)).citations == ()


def test_the_choice_is_seeded_readable_and_of_the_training_split(tmp_path: Path) -> None:
    rows = [_row("short", "s/short"), _row("word " * 10_000, "s/long")]
    rows += [_row("word " * 400, f"s/{number}") for number in range(30)]
    rows += [_row(w.image() + "word " * 400, "s/held-out", VALIDATION)]
    write_documents(tmp_path / "part-00000.parquet", rows)
    chosen = set()
    for seed in range(20):
        found = choose(tmp_path, seed, 3)
        assert found == choose(tmp_path, seed, 3)
        assert len({row.doc_id for row in found}) == 3
        chosen |= {row.doc_id for row in found}
    assert len(chosen) > 5
    assert not chosen & {"s/short", "s/long", "s/held-out"}


def test_a_source_of_few_documents_shows_all(tmp_path: Path) -> None:
    rows = [_row("short", "s/short"), _row("x " * 900, "s/held-out", VALIDATION)]
    write_documents(tmp_path / "part-00000.parquet", rows)
    assert [row.doc_id for row in choose(tmp_path, 0, 8)] == ["s/short", "s/held-out"]


def test_every_kind_of_marker_is_shown_before_one_twice(tmp_path: Path) -> None:
    filler = "word " * 400
    texts = [filler] * 12 + [w.image() + filler + w.latex("x")] * 3 + [w.amino("M") + filler]
    rows = [_row(text, f"s/{number}") for number, text in enumerate(texts)]
    write_documents(tmp_path / "part-00000.parquet", rows)
    for seed in range(5):
        first, second, *_ = (row.doc_id for row in choose(tmp_path, seed, 4))
        assert first in {"s/12", "s/13", "s/14"}
        assert second == "s/15"


def test_of_a_large_source_some_row_groups_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents_table, "ROW_GROUP_BYTES", 1)
    for part in range(5):
        rows = [_row("word " * 200, f"s/{part}-{number}") for number in range(6)]
        write_documents(tmp_path / f"part-{part:05d}.parquet", rows)
    found = choose(tmp_path, 0, 8)
    assert len(found) == 3  # one row group of each of three parts
    assert len({row.doc_id.partition("-")[0] for row in found}) == 3


def test_empty_parts_are_passed_over(tmp_path: Path) -> None:
    assert choose(tmp_path, 0, 2) == []
    for number in range(4):
        rows = [_row("only one")] if number == 2 else []
        write_documents(tmp_path / f"part-{number:05d}.parquet", rows)
    assert [row.doc_id for row in choose(tmp_path, 0, 2)] == ["s/1"]


def test_many_sources_share_the_page(tmp_path: Path) -> None:
    names = [f"s{number}" for number in range(250)]
    row = _row("<&>" * 5_000)
    write_documents(tmp_path / names[0] / "part-00000.parquet", [row] * 9)
    for name in names[1:]:
        (tmp_path / name).symlink_to(tmp_path / names[0])
    found = sample_sources(tmp_path, names, 0)
    assert {len(samples) for samples in found.values()} == {2}
    size = sum(len(sample.text.encode()) for samples in found.values() for sample in samples)
    assert 1_000_000 < size < 2_000_000


@pytest.mark.parametrize("text", ["", "\n\n", "x" * SHOWN_CHARACTERS, "\n" * 9_999])
def test_odd_lengths_lose_nothing(text: str) -> None:
    sample = render(_row(text))
    assert sample.num_characters == len(text)
    assert sample.hidden_characters == 0
    assert str(sample.text) == text
