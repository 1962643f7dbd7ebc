"""Where text is cut before any merge, against the rules of the released tokenizer."""

import pytest
from tokenizers import pre_tokenizers

from tokenization.pretokenizer import CHARACTER_OF_BYTE, pre_tokenizer, spell_bytes

OPENINGS = ["[START_DNA]", "[START_AMINO]", "[START_SMILES]", "[START_I_SMILES]"]


def pieces(text: str, openings: list[str] = OPENINGS) -> list[str]:
    return [piece for piece, _ in pre_tokenizer(openings).pre_tokenize_str(text)]


@pytest.mark.parametrize("openings", [OPENINGS, []])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in 1024 ways", ["in", "Ġ", "1", "0", "2", "4", "Ġways"]),
        ("f((x))", ["f", "(", "(", "x", ")", ")"]),
        ("a == b", ["a", "Ġ", "==", "Ġb"]),
        ("->", ["-", ">"]),
        ("a\n\n  b", ["a", "Ċ", "Ċ", "Ġ", "Ġb"]),
        ("x^{-1}", ["x", "^", "{", "-", "1", "}"]),
        ("don't", ["don", "'", "t"]),
        ("\\alpha_i", ["\\", "alpha", "_", "i"]),
        ("½ ²", ["Â½", "Ġ", "Â²"]),
        ("", []),
    ],
)
def test_text_is_cut_as_the_released_tokenizer_cuts_it(
    text: str, expected: list[str], openings: list[str]
) -> None:
    assert pieces(text, openings) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[START_AMINO]MKV", ["[START_AMINO]", "M", "K", "V"]),
        ("a [START_DNA]AT\nG 1", ["a", "Ġ", "[START_DNA]", "A", "T", "Ċ", "G", "Ġ", "1"]),
        ("[START_SMILES]C==(Cl", ["[START_SMILES]", "C", "=", "=", "(", "C", "l"]),
        ("[START_DNA]", ["[START_DNA]"]),
        ("[START_DNA][START_AMINO]MK", ["[START_DNA]", "[START_AMINO]", "M", "K"]),
        ("[START_DNA]AC[START_AMINO]MK", ["[START_DNA]", "A", "C", "[START_AMINO]", "M", "K"]),
        ("[START_SMILES]α∙ b", ["[START_SMILES]", "Î±", "âĪĻ", "Ġ", "b"]),
    ],
)
def test_every_character_of_a_span_is_a_piece(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_spelling_is_ordinary_text_where_there_are_no_openings() -> None:
    assert pieces("[START_DNA]AC", []) == ["[", "START", "_", "DNA", "]", "AC"]


def test_pieces_keep_their_places_in_the_text() -> None:
    text = "Naïve [START_SMILES]C#N is 10 µm"
    found = pre_tokenizer(OPENINGS).pre_tokenize_str(text)
    assert [text[start:end] for _, (start, end) in found] == [
        *(
            "Naïve",
            " ",
            "[START_SMILES]",
            "C",
            "#",
            "N",
            " ",
            "i",
            "s",
            " ",
            "1",
            "0",
            " ",
            "µ",
            "m",
        )
    ]


def test_the_spelling_of_bytes_is_that_of_tokenizers() -> None:
    assert set(CHARACTER_OF_BYTE) == set(pre_tokenizers.ByteLevel.alphabet())
    text = "".join(map(chr, [*range(0x3000), *range(0xE000, 0xE100), 0x1F600]))
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    assert whole.pre_tokenize_str(text)[0][0] == spell_bytes(text)
