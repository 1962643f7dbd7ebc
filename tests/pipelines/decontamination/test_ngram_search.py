"""Words in normal form, and known n-grams found in columns of texts, against plain Python."""

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.decontamination.ngram_kernel import BLOCK_WORDS
from pipelines.decontamination.ngram_search import NgramSearch, ngrams_of, words_of
from pipelines.decontamination.normal_form import folded, is_word_sign, normal_form
from tokenization.markers import BUILT_IN, conceal

FORM = normal_form(BUILT_IN)


def spelt(text: str) -> list[str]:
    """The words of a text as they stand in it."""
    words, data = words_of(text, FORM), text.encode()
    return [data[a:b].decode() for a, b in zip(words.starts, words.ends, strict=True)]


def hashes(text: str) -> list[int]:
    return words_of(text, FORM).hashes.tolist()


def reference(text: str) -> list[str]:
    """The words of a text without markers, in normal form."""
    for sign in set(folded(text)):
        if sign != " " and is_word_sign(sign):
            text = folded(text).replace(sign, f" {sign} ")
    return folded(text).split()


def search(texts: list[str], length: int, short: int) -> NgramSearch:
    """A search for all n-grams of these texts, and for the shorter texts as a whole."""
    known, anchors, shorter = [], [], set()
    for text in texts:
        words = words_of(text, FORM).hashes
        known += ngrams_of(words, length).tolist()
        if short <= len(words) < length:
            known += ngrams_of(words, len(words)).tolist()
            anchors.append(int(ngrams_of(words, short)[-1]))
            shorter.add(len(words))
    return NgramSearch(
        FORM,
        np.unique(np.array(known, np.uint64)),
        length,
        np.array(anchors, np.uint64),
        short,
        np.array(sorted(shorter), np.int64),
    )


def found(known: NgramSearch, texts: list[str]) -> list[tuple[int, str]]:
    rows = known.find(pa.array(texts, pa.string())).tolist()
    return [(row, texts[row].encode()[begin:end].decode()) for row, _, begin, end in rows]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The CAT", "the cat"),
        ("Straße", "STRASSE"),
        ("café", "cafe\u0301"),
        ("naïve", "naive"),
        ("ﬁnd", "find"),
        ("H₂O", "H2O"),
        ("so\u00adft\u200bly", "softly"),
        ("don’t, well—known", "don't well-known"),
        ("\\frac{x}{2}", "frac x 2"),
        ("f(a,b)", "f( a, b )"),
        ("ｆｕｌｌ１２", "full12"),
        ("한국어", unicodedata.normalize("NFD", "한국어")),
        ("½", "1/2"),
        ("中文，字", "中 文 字"),
        (conceal("H[START_SUB]2[END_SUB]O"), "h2o"),
        (conceal("see [START_REF] A title, Kim[END_REF]."), "See a title Kim"),
        (conceal("[START_LATEX]\\(x^{2}\\)[END_LATEX]"), "x^2"),
    ],
)
def test_what_is_the_same_words(one: str, other: str) -> None:
    assert hashes(one) == hashes(other)


def test_words_as_they_stand() -> None:
    assert spelt("It's 3.14 m/s; 漢字かな test") == "It s 3 14 m s 漢 字 か な test".split()
    assert spelt("") == spelt(" .,;\n") == []


def test_a_sequence_is_one_word_known_by_identity() -> None:
    text = conceal("of [START_AMINO]MKV LL\n[END_AMINO] or [START_SMILES]C(=O)O[END_SMILES].")
    assert len(spelt(text)) == 4
    same = conceal("of [START_AMINO]MKV LL\n[END_AMINO] or [START_SMILES]C(=O)O[END_SMILES]")
    other = conceal("of [START_AMINO]mkv LL\n[END_AMINO] or [START_SMILES]C(=O)o[END_SMILES]")
    assert hashes(text) == hashes(same)
    differ = [a != b for a, b in zip(hashes(text), hashes(other), strict=True)]
    assert differ == [False, True, False, True]
    assert len(spelt(conceal("an open [START_DNA]ACGT and to its end"))) == 3


_LETTERS = st.characters(
    exclude_categories=("Cs",), exclude_characters=map(chr, range(57344, 57600))
)
_TEXTS = st.text(st.one_of(st.sampled_from("aB 1,\n\u0301中½ß"), _LETTERS), max_size=60)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_words_are_those_of_the_definition(text: str) -> None:
    words, expected = hashes(text), reference(text)
    assert len(words) == len(expected)
    assert len(set(zip(words, expected, strict=True))) == len(set(words)) == len(set(expected))


_WORDS = st.lists(st.sampled_from(["a", "b", "c", "Á", "b,", "c\n\n"]), max_size=40)


@settings(max_examples=200, deadline=None)
@given(st.lists(_WORDS, max_size=3), st.lists(_WORDS, max_size=4), st.integers(2, 6), st.data())
def test_what_is_found_is_what_is_there(
    known: list[list[str]], documents: list[list[str]], length: int, data: st.DataObject
) -> None:
    short = data.draw(st.integers(2, length))
    known_texts, texts = [" ".join(k) for k in known], [" ".join(d) for d in documents]
    wanted = set()
    for text in known_texts:
        words = reference(text)
        wanted |= {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}
        if short <= len(words) < length:
            wanted.add(tuple(words))
    expected = sorted(
        (row, tuple(words[i : i + size]))
        for row, words in enumerate(map(reference, texts))
        for size in range(short, length + 1)
        for i in range(len(words) - size + 1)
        if tuple(words[i : i + size]) in wanted
    )
    got = sorted(
        (r, tuple(reference(t))) for r, t in found(search(known_texts, length, short), texts)
    )
    assert got == expected


def test_twelve_words_are_not_thirteen() -> None:
    quote = "one two three four five six seven eight nine ten eleven twelve thirteen"
    twelve = quote.rsplit(" ", 1)[0]
    known = search([quote], 13, 13)
    assert found(known, [twelve, f"x {twelve} x thirteen", f"x {quote}, y"]) == [(2, quote)]


def test_an_ngram_is_found_across_every_border_of_blocks() -> None:
    quote = " ".join(f"word{number}" for number in range(13))
    for before in range(BLOCK_WORDS - 60, BLOCK_WORDS + 20):
        assert found(search([quote], 13, 13), ["y " * before + quote + " y" * 50]) == [(0, quote)]


def test_a_document_does_not_go_on_in_the_next_one() -> None:
    quote = " ".join(f"word{number}" for number in range(13))
    cut = quote.index("word6")
    column = pa.array(["ignored", quote[:cut], quote[cut:], quote]).slice(1)
    known = search([quote], 13, 13)
    assert known.find(column)[:, [0, 2, 3]].tolist() == [[2, 0, len(quote)]]
    assert not len(known.find(pa.array([], pa.string())))
    assert not len(known.find(pa.array(["", ""])))


def test_more_is_found_than_was_expected() -> None:
    assert len(found(search(["a a a"], 3, 3), ["a " * 20_000])) == 19_998


@pytest.mark.parametrize("piece", ["x", "中", "\u0301", "\ue00d", "\ufdfa", "a b ", "1", "\x00"])
def test_ten_megabytes_without_blanks(piece: str) -> None:
    text = piece * (10_000_000 // len(piece.encode()))
    quote = " ".join(f"word{number}" for number in range(13))
    known = search([quote], 13, 8)
    places = known.find(pa.array([text + " . " + quote, quote]))
    assert places[-1, 0] == 1
    swallowed = piece == "\ue00d"  # the marker of a sequence, opened again and again
    assert len(places) == (1 if swallowed else 2)
