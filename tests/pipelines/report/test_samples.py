"""Coloured documents: nested as the spans are, cut without breaking them, and never trusted."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.documents_table import TRAIN, VALIDATION, DocumentRow, write_documents
from pipelines.report.samples import (
    MODALITIES,
    SHOWN_CHARACTERS,
    UNFOLDED_CHARACTERS,
    coloured,
    render,
    sample_document,
)
from tokenization import wrappers as w
from tokenization.markers import BY_CODE_POINT, MARKERS, reveal


class Shown(HTMLParser):
    """The text that HTML shows; fails on elements that are not ours or are not balanced."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.depth = 0
        self.deepest = 0
        self.feed(str(html))
        self.close()
        assert self.depth == 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert (tag, [name for name, _ in attrs]) in [("span", ["class"]), ("b", [])]
        self.depth += tag == "span"
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
    first, open_spans = coloured(text[:cut])
    second, _ = coloured(text[cut:], open_spans)
    assert Shown(first).text + Shown(second).text == reveal(text)


def test_spans_nest() -> None:
    inner = w.latex("x^2")
    html, open_spans = coloured(w.work(f"so {inner} is H{w.subscript('2')}", marked=True))
    assert not open_spans
    assert html == (
        '<span class="m m-work"><b>&lt;work&gt;</b>so '
        '<span class="m m-latex"><b>[START_LATEX]</b>\\(x^2\\)<b>[END_LATEX]</b></span> is H'
        '<span class="m m-script"><b>[START_SUB]</b>2<b>[END_SUB]</b></span>'
        "<b>&lt;/work&gt;</b></span>"
    )


def test_a_spelling_that_is_no_marker_has_no_colour() -> None:
    html, _ = coloured("literal [START_REF] and </s>")
    assert html == "literal [START_REF] and &lt;/s&gt;"


def test_control_characters_are_made_visible() -> None:
    assert coloured("a\0b\rc\td\n")[0] == "a␀b␍c\td\n"


def test_a_long_document_is_folded_at_a_paragraph() -> None:
    text = "\n\n".join(["word " * 50] * 40)
    sample = render(_row(text))
    assert 0 < sample.rest_characters < len(text)
    assert len(sample.beginning) <= SHOWN_CHARACTERS
    assert str(sample.beginning) + "\n\n" + str(sample.rest) == text
    assert sample.hidden_characters == 0


def test_a_span_longer_than_the_page_shows_is_cut_and_counted() -> None:
    sample = render(_row(w.amino("M" * 100_000)))
    assert Shown(sample.beginning).depth == Shown(sample.rest).depth == 0
    assert 'class="m m-amino seq"' in sample.rest
    assert len(Shown(sample.rest).text) == sample.rest_characters
    assert sample.hidden_characters == 100_002 - UNFOLDED_CHARACTERS


def test_the_choice_is_seeded_readable_and_of_the_training_split(tmp_path: Path) -> None:
    rows = [_row("short", "s/short"), _row("word " * 10_000, "s/long")]
    rows += [_row("word " * 400, f"s/{number}") for number in range(30)]
    rows += [_row(w.image() + "word " * 400, "s/held-out", VALIDATION)]
    write_documents(tmp_path / "s" / "part-00000.parquet", rows)
    chosen = set()
    for seed in range(20):
        sample = sample_document(tmp_path, "s", seed)
        assert sample is not None
        assert sample == sample_document(tmp_path, "s", seed)
        chosen.add(sample.doc_id)
    assert len(chosen) > 3
    assert not chosen & {"s/short", "s/long", "s/held-out"}


def test_of_a_few_documents_the_one_with_most_kinds_of_markers_is_shown(tmp_path: Path) -> None:
    filler = "word " * 400
    rows = [_row(filler, "s/none"), _row(w.image() + filler + w.latex("x"), "s/two")]
    write_documents(tmp_path / "s" / "part-00000.parquet", rows)
    for seed in range(5):
        sample = sample_document(tmp_path, "s", seed)
        assert sample is not None
        assert sample.doc_id == "s/two"


def test_empty_parts_are_passed_over(tmp_path: Path) -> None:
    assert sample_document(tmp_path, "s", 0) is None
    for number in range(4):
        rows = [_row("only one")] if number == 2 else []
        write_documents(tmp_path / "s" / f"part-{number:05d}.parquet", rows)
    sample = sample_document(tmp_path, "s", 0)
    assert sample is not None
    assert sample.doc_id == "s/1"


@pytest.mark.parametrize("text", ["", "\n\n", "x" * SHOWN_CHARACTERS, "\n" * 9_999])
def test_odd_lengths_lose_nothing(text: str) -> None:
    sample = render(_row(text))
    assert len(text) == len(text[: len(text) - sample.rest_characters]) + sample.rest_characters
    assert sample.num_characters == len(text)
