"""The flow from raw records to shards, and the lengths: numbers drawn where they belong."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pipelines.report.coloured_text import Modality
from pipelines.report.corpus_facts import Duplicates, Passage
from pipelines.report.duplicate_matrix import duplicate_matrix
from pipelines.report.flow_chart import NAMED_REASONS, flow_chart, reasons_of
from pipelines.report.length_charts import length_charts
from pipelines.report.token_facts import ModalityTokens, SourceTokens


def parsed(drawing: Markup) -> list[ElementTree.Element]:
    """The drawings of a chart as elements; what is no XML fails."""
    root = ElementTree.fromstring(f"<page>{drawing}</page>")
    return list(root)


def bars(drawing: ElementTree.Element, css_class: str) -> list[float]:
    return [float(e.attrib["width"]) for e in drawing.iter("rect") if e.get("class") == css_class]


FLOW = (
    Passage("ingest", 1_100, 800, {"broken": 100, "not in the sample": 100, "twice": 100}),
    Passage("filter", 800, 500, {"too short": 300}),
)


def test_widths_are_to_scale_and_the_sample_is_not_drawn() -> None:
    for drawing, stream in zip(parsed(flow_chart(FLOW, {"train": 500})), (560, 112), strict=True):
        kept = bars(drawing, "kept")
        assert kept == pytest.approx([stream * 0.8, stream * 0.5], abs=0.02)
        assert bars(drawing, "kept stream") == kept
        assert bars(drawing, "split split0")[0] == pytest.approx(stream * 0.5, abs=0.02)
        losses = [e for e in drawing.iter("path") if e.get("class") == "lost"]
        titles = [loss.findtext("title") for loss in losses]
        assert titles == ["−100 broken", "−100 twice", "−300 too short"]
        label = drawing.get("aria-label") or ""
        assert "1,100 records" in label
        assert "ingest dropped 300; filter dropped 300" in label


def test_every_label_fits_its_drawing() -> None:
    flow = [Passage("ingest", 10, 5, {"a reason of very many words " * 9: 5})]
    for drawing in parsed(flow_chart(flow, {"train": 5, "validation": 0})):
        _, _, width, height = map(float, (drawing.get("viewBox") or "").split())
        for text in drawing.iter("text"):
            assert float(text.attrib["x"]) + 6 * len(text.text or "") <= width + 6
            assert float(text.attrib["y"]) <= height
        assert "0 validation" not in ElementTree.tostring(drawing, encoding="unicode")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12),
            st.dictionaries(st.text("a<&\"'", min_size=1), st.integers(0, 9)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_flow_is_drawn(stages: list[tuple[int, dict[str, int]]]) -> None:
    flow = [
        Passage(f"stage {number}", kept + sum(dropped.values()), kept, dropped)
        for number, (kept, dropped) in enumerate(stages)
    ]
    for drawing in parsed(flow_chart(flow, {"train": stages[-1][0]})):
        assert not re.search("nan|inf", ElementTree.tostring(drawing, encoding="unicode"))


def test_rare_reasons_are_taken_together() -> None:
    dropped = {f"reason {number}": number for number in range(12)}
    named = reasons_of(Passage("filter", 66, 0, dropped))
    assert len(named) == NAMED_REASONS
    assert named[0] == ("reason 11", 11)
    assert named[-1] == ("6 other reasons", sum(range(1, 7)))
    assert sum(count for _, count in named) == 66


def test_the_matrix_follows_the_recipe_and_keeps_strangers() -> None:
    pairs = [
        Duplicates("b", "a", 1, 0, 0, 0),
        Duplicates("gone", "c", 0, 1, 1_000, 9),
        Duplicates("b (held out)", "c", 1, 0, 0, 0),
    ]
    matrix = duplicate_matrix(pairs, ["a", "b", "c"])
    assert matrix.columns == ["a", "c"]
    assert [name for name, _ in matrix.rows] == ["b (held out)", "b", "gone"]
    _, (first, nothing), (_, second) = (cells for _, cells in matrix.rows)
    assert nothing is None
    assert first is not None
    assert second is not None
    assert 8 < first.heat < second.heat == 40
    assert duplicate_matrix([], ["a"]) == ([], [])


def test_histograms_share_their_axis() -> None:
    text = {"text": ModalityTokens(Modality("m-text", "text"), 1, 1)}
    sources = [
        SourceTokens("short", text, {3: 10, 4: 20}, {}),
        SourceTokens("long", text, {12: 1}, {}),
        SourceTokens("none", {}, {}, {}),
    ]
    charts = length_charts(sources)
    assert [(chart.source, chart.median) for chart in charts] == [
        ("short", "16 to 31"),
        ("long", "4,096 to 8,191"),
    ]
    drawings = [parsed(chart.drawing)[0] for chart in charts]
    titles = [[e.findtext("title") for e in d.iter("rect")] for d in drawings]
    assert titles[0] == [
        "8 to 15 tokens: 10 of the documents",
        "16 to 31 tokens: 20 of the documents",
    ]
    assert titles[1] == ["4,096 to 8,191 tokens: 1 of the documents"]
    assert [t.text for t in drawings[0].iter("text")] == [t.text for t in drawings[1].iter("text")]
    heights = [float(e.attrib["height"]) for e in drawings[0].iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.1)
