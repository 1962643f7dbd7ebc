"""The rows of `galactica tokenizer show`."""

from tokenization import ScienceTokenizer
from tokenization.show import readable, render, token_rows


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
