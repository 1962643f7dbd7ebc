"""The rows of `galactica tokenizer show`."""

from hypothesis import given
from hypothesis import strategies as st

from tokenization import ScienceTokenizer, TokenizerSettings, cite, clean
from tokenization.show import (
    TokenRow,
    corpus_rows,
    printable,
    readable,
    render,
    token_rows,
)
from tokenization.training import with_markers


def test_every_kind_of_token_is_named(tokenizer: ScienceTokenizer) -> None:
    text = "</s>The water\n[IMAGE] [START_REF] On[END_REF]x[START_SMILES]C1[START_DNA]A<work>2"
    rows = [(row.text, row.kind) for row in token_rows(tokenizer, text)]
    assert rows == [
        ("</s>", "control token"),
        ("The", "text"),
        ("␣water", "text"),
        ("\\n", "text"),
        ("[IMAGE]", "marker"),
        ("␣", "text"),
        ("[START_REF]", "opening marker"),
        ("␣On", "text"),
        ("[END_REF]", "closing marker"),
        ("x", "text"),
        ("[START_SMILES]", "opening marker"),
        ("C", "character of [START_SMILES]"),
        ("1", "character of [START_SMILES]"),
        ("[START_DNA]", "opening marker"),
        ("A", "character of [START_DNA]"),
        ("<work>", "opening marker"),
        ("2", "text"),
    ]


def test_rows_hold_the_ids_of_encode(tokenizer: ScienceTokenizer) -> None:
    text = "Wärme 水 \x00\u200b😀 [START_AMINO]MéK[END_AMINO] [START_LATEX]\\(x\\)[END_LATEX]"
    rows = token_rows(tokenizer, text)
    assert [row.id for row in rows] == tokenizer.encode(text)
    assert all(row.text.isprintable() and row.token for row in rows)


def test_plain_rendering_is_one_aligned_line_a_token(tokenizer: ScienceTokenizer) -> None:
    assert render(token_rows(tokenizer, "[START_AMINO]M\n")).splitlines() == [
        " 17  [START_AMINO]  opening marker",
        " 67  M              character of [START_AMINO]",
        r"221  \n             character of [START_AMINO]",
    ]
    assert render([]) == ""


def test_bytes_of_a_character_and_unprintable_characters_are_escaped() -> None:
    assert readable("æ°") == "\\xe6\\xb0"
    assert readable("Ā") == "\\x00"
    assert readable("âĢĭ") == "\\u200b"
    assert readable("ĠĠ") == "␣␣"


def test_the_corpus_path_shows_that_no_text_makes_a_marker(tokenizer: ScienceTokenizer) -> None:
    text = "[START_REF] On[END_REF]</s>［IMAGE］<work>"
    rows = corpus_rows(tokenizer, text)
    assert [row.kind for row in rows[:-1]] == ["text"] * (len(rows) - 1)
    assert (rows[-1].text, rows[-1].kind) == ("</s>", "control token")
    assert {row.kind for row in token_rows(tokenizer, text)} > {"opening marker", "control token"}
    marked = corpus_rows(tokenizer, cite("On"))
    assert [row.kind for row in marked] == [
        "opening marker", "text", "closing marker", "control token",
    ]  # fmt: skip


def test_symbols_of_a_span_are_told_from_its_characters(tokenizer: ScienceTokenizer) -> None:
    markers = TokenizerSettings.model_validate({"markers": ["SELFIES"]}).markers
    rows = token_rows(with_markers(tokenizer, markers, ["[C]"]), "[START_SELFIES][C]N")
    assert [row.kind for row in rows[1:]] == [
        "symbol of [START_SELFIES]",
        "character of [START_SELFIES]",
    ]


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_nothing_that_a_terminal_obeys_is_left(tokenizer: ScienceTokenizer, text: str) -> None:
    assert printable(text).isprintable()
    for rows in (token_rows(tokenizer, text), corpus_rows(tokenizer, clean(text))):
        assert all(row.text.isprintable() and row.kind.isprintable() for row in rows)
        assert render(rows).count("\n") == max(0, len(rows) - 1)


def test_lines_are_aligned_by_columns_and_accents_stand_on_a_circle() -> None:
    rows = [TokenRow(1, "", "水", "text"), TokenRow(22, "", "ab", "text")]
    assert render(rows) == " 1  水  text\n22  ab  text"
    assert readable("Ìģ") == "◌\u0301"
    assert readable("no byte\u20ac\x1b") == "no␣byte€\\x1b"
