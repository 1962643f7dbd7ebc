"""What is measured of a document, on texts small enough to count by hand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from datatrove.data import Document
from datatrove.pipeline.filters import (
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.formatters.pii import PIIFormatter
from datatrove.utils.word_tokenizers import WordTokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.filters.languages import LANGUAGES, _detector, language_scores
from pipelines.filters.personal_data import personal_scores
from pipelines.filters.prose import code_points, opaque_rows, prose_of
from pipelines.filters.quality import quality_scores
from pipelines.filters.repetition import DUPLICATE_N_GRAMS, TOP_N_GRAMS, ngram_scores
from tests.pipelines.filters.measured_parts import GROUPS, scores
from tokenization.markers import BUILT_IN, Marker, MarkerTable, Reading, conceal


def _prose(spelt: str, table: MarkerTable = BUILT_IN) -> str:
    return prose_of(code_points(conceal(spelt, table)), opaque_rows(table))


@pytest.mark.parametrize(
    ("spelt", "prose"),
    [
        ("plain text", "plain text"),
        ("a [START_AMINO]MKV[END_AMINO] b", "a   b"),
        ("[START_SMILES]CCO[END_SMILES]", " "),
        ("m[START_SUP]2[END_SUP] and H[START_SUB]2[END_SUB]O", "m2 and H2O"),
        ("as [START_REF]Ein Titel, Meier[END_REF] said", "as   said"),
        ("x [START_LATEX]\\( \\alpha \\)[END_LATEX] y", "x   y"),
        ("x \\( \\alpha \\) y \\[ z \\] .", "x   y   ."),
        ("an open \\( stays \\] here", "an open \\( stays \\] here"),
        ("a\n```python\nx = 1\n```\nb", "a\n\nb"),
        ("a\n````\n```\nin it\n```\n````\nb", "a\n\nb"),
        ("a\n```\nnever closed", "a\n"),
        ("a ```b``` c", "a ```b``` c"),
        ("1<work>[START_LATEX]x[END_LATEX] 2</work>3", "1  3"),
        ("[IMAGE] seen", " seen"),
        ("", ""),
    ],
)
def test_what_has_a_nature_of_its_own_is_no_prose(spelt: str, prose: str) -> None:
    assert _prose(spelt) == prose


def test_own_markers_are_prose_where_they_hold_text() -> None:
    rows = (
        Marker(128, "<think>", Reading.TEXT, closed_by="</think>"),
        Marker(129, "</think>", closes="<think>"),
        Marker(130, "[START_P]", Reading.CHARACTERS, closed_by="[END_P]"),
        Marker(131, "[END_P]", closes="[START_P]"),
    )
    table = BUILT_IN.with_rows(rows)
    assert _prose("<think>so it is</think> [START_P]abc[END_P]!", table) == "so it is  !"


def test_length_is_of_the_whole_document() -> None:
    found = scores(conceal("The peptide [START_AMINO]MKV LL[END_AMINO]é\n\n"))
    assert (found["bytes"], found["characters"], found["words"]) == (28, 16, 5)
    assert scores(conceal("[START_DNA] [END_DNA]"))["characters"] == 0


def test_the_characters_of_prose_add_up() -> None:
    found = scores("ab3 é-. \n")
    assert found["letters"] == 3 / 6
    assert found["digits"] == 1 / 6
    assert found["symbols"] == 2 / 6
    assert found["non_ascii"] == 1 / 6
    assert found["white_space"] == 3 / 9
    assert found["unreadable"] == 0


def test_unreadable_characters_stand_for_nothing() -> None:
    found = scores("ab\ufffd\x07\uf8ff\U000e1234 \t")
    assert found["unreadable"] == 4 / 6


def test_marks_are_letters_and_formats_are_not_seen() -> None:
    assert scores("e\u0301\u200b\u00ad")["letters"] == 1
    assert scores("e\u0301\u200b\u00ad")["characters"] == 2


def test_a_sequence_has_no_prose_to_judge() -> None:
    found = scores(conceal("[START_DNA]ACGTACGT[END_DNA]"), *GROUPS)
    assert not {"letters", "symbols", "language", "stop_words"} & found.keys()
    assert found["characters"] == 8


def test_lines_and_paragraphs_that_stood_before() -> None:
    found = scores("one\n\none\n\nthree\nfour!")
    assert found["duplicate_lines"] == 1 - 3 / 4
    assert found["duplicate_line_characters"] == pytest.approx(3 / 16)
    assert found["duplicate_paragraphs"] == pytest.approx(1 / 3)
    assert found["duplicate_paragraph_characters"] == pytest.approx(3 / 17)


def test_lines_that_differ_in_a_formula_differ() -> None:
    lines = (f"we have [START_LATEX]\\( x_{n} \\)[END_LATEX] there" for n in range(20))
    assert scores(conceal("\n".join(lines)))["duplicate_lines"] == 0


def test_ngrams_counted_by_hand() -> None:
    found = ngram_scores("a b a b a c")
    # `a b` and `b a` stand twice, as three characters each of eleven.
    assert found["top_2_grams"] == 6 / 11
    assert found["top_3_grams"] == 10 / 11
    assert found["top_4_grams"] == 0
    assert ngram_scores("a a a a a a a")["top_2_grams"] == 1
    assert ngram_scores(" \n") == {}


class _Words(WordTokenizer):
    """The words of the paper, where datatrove would load a model of another library."""

    def word_tokenize(self, text: str) -> list[str]:
        return text.split()

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


_WORDS = _Words()
_PIECES = ("the", "of", "and", "with", "cells", "-", "#", "...", "x…", "12", "a.", "•", "growth?")
# A word with a letter comes first: datatrove divides by the words that are no punctuation.
_TEXTS = st.lists(
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=8
).map(lambda lines: "\n".join(["growth", *lines]))
#: Of each score: the filter of datatrove, what turns its other rules off, and its own rule.
_GOPHER_OFF = {
    "min_doc_words": None,
    "max_doc_words": None,
    "min_avg_word_length": None,
    "max_avg_word_length": None,
    "max_symbol_word_ratio": None,
    "max_bullet_lines_ratio": None,
    "max_ellipsis_lines_ratio": None,
    "max_non_alpha_words_ratio": None,
    "min_stop_words": None,
}
_FINEWEB_OFF = {
    "line_punct_thr": 0.0,
    "short_line_thr": 1.0,
    "char_duplicates_ratio": 1.0,
    "new_line_ratio": 1e9,
}
_RULES = [
    (GopherQualityFilter, _GOPHER_OFF, "min_avg_word_length", "mean_word_length", 3),
    (GopherQualityFilter, _GOPHER_OFF, "max_avg_word_length", "mean_word_length", 3),
    (GopherQualityFilter, _GOPHER_OFF, "max_bullet_lines_ratio", "bullet_lines", 0.2),
    (GopherQualityFilter, _GOPHER_OFF, "max_ellipsis_lines_ratio", "ellipsis_lines", 0.3),
    (GopherQualityFilter, _GOPHER_OFF, "max_non_alpha_words_ratio", "alphabetic_words", 0.8),
    (GopherQualityFilter, _GOPHER_OFF, "min_stop_words", "stop_words", 2),
    (FineWebQualityFilter, _FINEWEB_OFF, "line_punct_thr", "punctuated_lines", 0.12),
    (FineWebQualityFilter, _FINEWEB_OFF, "short_line_thr", "short_lines", 0.67),
    (FineWebQualityFilter, _FINEWEB_OFF, "new_line_ratio", "lines_per_word", 0.3),
]
_AT_LEAST = {"min_avg_word_length", "max_non_alpha_words_ratio", "min_stop_words", "line_punct_thr"}


@pytest.mark.parametrize(("rules", "off", "rule", "score", "bound"), _RULES)
@given(text=_TEXTS)
@settings(max_examples=60, deadline=None)
def test_quality_scores_decide_as_datatrove_does(
    rules: type, off: dict[str, float], rule: str, score: str, bound: float, text: str
) -> None:
    theirs = rules(**{**off, rule: bound}, language=_WORDS).filter(Document(text=text, id="1"))
    ours = quality_scores(text).get(score)
    if ours is None:
        return
    passes = ours >= bound if rule in _AT_LEAST else ours <= bound
    assert (theirs is True) == passes


@given(text=_TEXTS)
@settings(max_examples=60, deadline=None)
def test_symbols_per_word_decide_as_datatrove_does(text: str) -> None:
    found = quality_scores(text)
    rules = GopherQualityFilter(**{**_GOPHER_OFF, "max_symbol_word_ratio": 0.1}, language=_WORDS)
    passes = found["hashes_per_word"] <= 0.1 and found["ellipses_per_word"] <= 0.1
    assert (rules.filter(Document(text=text, id="1")) is True) == passes


@given(text=_TEXTS.map(lambda text: " ".join(text.split())), n=st.sampled_from(range(2, 11)))
@settings(max_examples=200, deadline=None)
def test_ngram_scores_decide_as_datatrove_does(text: str, n: int) -> None:
    rule = {"top_n_grams": ((n, 0.3),)} if n in TOP_N_GRAMS else {"dup_n_grams": ((n, 0.1),)}
    theirs = GopherRepetitionFilter(
        **{
            "dup_line_frac": None,
            "dup_para_frac": None,
            "dup_line_char_frac": None,
            "dup_para_char_frac": None,
            "top_n_grams": (),
            "dup_n_grams": (),
            "language": _WORDS,
            **rule,
        }
    ).filter(Document(text=text, id="1"))
    found = ngram_scores(text)
    if n in DUPLICATE_N_GRAMS:
        assert (theirs is True) == (found[f"duplicate_{n}_grams"] <= 0.1)
        return
    # A short text has one n-gram for much of it: theirs calls it repeated, ours does not.
    ngrams = [tuple(text.split()[i : i + n]) for i in range(len(text.split()) - n + 1)]
    if len(set(ngrams)) == len(ngrams):
        assert found[f"top_{n}_grams"] == 0
    else:
        assert (theirs is True) == (found[f"top_{n}_grams"] <= 0.3)


_ADDRESS_PIECES = st.sampled_from(
    ["a", "-", ".", "@", "b.org", " ", "é", "x1", "+", "[1.2.3.4]", "_"]
)


@given(text=st.lists(_ADDRESS_PIECES, max_size=25).map("".join))
@settings(max_examples=500, deadline=None)
def test_addresses_are_those_that_datatrove_replaces(text: str) -> None:
    theirs = PIIFormatter(remove_ips=False, email_replacement="\0").format(text).count("\0")
    assert personal_scores(text)["email_addresses"] == theirs


@pytest.mark.parametrize(
    ("text", "addresses", "networks"),
    [
        ("write to jane.doe@example.org, or to j@x.co.uk.", 2, 0),
        ("5 mg @ 20 C; a@b; @handle", 0, 0),
        ("8.8.8.8 is public, 10.0.0.1 and 127.0.0.1 are not", 0, 1),
        ("x" * 400 + " a@b.org " + "y" * 400 + " c@d.org", 2, 0),
        ("a@b.org, " * 300, 300, 0),
        ("", 0, 0),
    ],
)
def test_addresses_are_counted(text: str, addresses: int, networks: int) -> None:
    found = personal_scores(text)
    assert found == {"email_addresses": addresses, "ip_addresses": networks}


_SAMPLES = {
    "en": "The temperature dependence of the viscosity was measured between 20 and 80 degrees.",
    "de": "Die Temperaturabhängigkeit der Viskosität wurde zwischen 20 und 80 Grad gemessen.",
    "fr": "La dépendance de la viscosité à la température a été mesurée entre 20 et 80 degrés.",
    "es": "Se midió la dependencia de la viscosidad con la temperatura entre 20 y 80 grados.",
    "ru": "Зависимость вязкости от температуры измерена в интервале от 20 до 80 градусов.",
    "zh": "在二十到八十度之间测量了水的粘度随温度的变化，" * 2,
    "ja": "水の粘度の温度依存性を二十度から八十度の範囲で測定した。" * 2,
}


@pytest.mark.parametrize("language", _SAMPLES)
def test_the_language_of_a_sentence(language: str) -> None:
    found = language_scores(_SAMPLES[language])
    assert found["language"] == language
    assert float(found["language_confidence"]) > 0.7


def test_formulas_sequences_and_code_change_no_language() -> None:
    text = conceal(
        _SAMPLES["en"]
        + " [START_LATEX]\\( \\sum_i x_i^2 \\)[END_LATEX]" * 200
        + " [START_AMINO]" + "MKVLAADE" * 200 + "[END_AMINO]"
        + "\n```\n" + "pour chaque élément faire quelque chose\n" * 50 + "```\n"
    )  # fmt: skip
    assert scores(text, "language")["language"] == "en"


def test_a_document_almost_without_letters_has_no_language() -> None:
    assert language_scores("Fig. 2: a = b, c = d") == {}


def test_a_long_document_is_judged_by_all_of_it() -> None:
    foreign_start = _SAMPLES["de"] * 20 + _SAMPLES["en"] * 1000
    assert language_scores(foreign_start)["language"] == "en"


def test_the_languages_are_those_of_the_model() -> None:
    found = _detector().detect(_SAMPLES["en"], model="lite", k=len(LANGUAGES) + 1, threshold=-1.0)
    assert {each["lang"] for each in found} == LANGUAGES


_OFFLINE = """
import socket
from tests.pipelines.filters.measured_parts import GROUPS, scores

def refuse(*_):
    raise AssertionError("a connection")

socket.socket.connect = socket.getaddrinfo = refuse
print(sorted(scores("The temperature of the water was measured again and again.", *GROUPS)))
"""


def test_nothing_is_downloaded(tmp_path: Path) -> None:
    """In a process that has loaded nothing, with no home folder that could hold a model."""
    root = Path(__file__).resolve().parents[3]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _OFFLINE],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "language" in done.stdout
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
