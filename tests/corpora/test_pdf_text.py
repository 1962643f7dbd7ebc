"""What a PDF's text loses at line ends, and gets back."""

import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.pdf_characters import printed_characters
from corpora.pdf_spaces import spaced
from corpora.pdf_words import rejoined, vocabulary_of

#: A paper on bees: it hyphenates some compounds, and has some words whole.
WORDS = vocabulary_of(
    "The bee-keeping hive, bee-keeping men, bee-keeping and wax. A significant field was defined "
    "and defined. The honeycomb, the honeycomb, honeycombbased, beebased. In-flight data "
    "of SciBee and of SciBee. Beekeeping. A wellstudied wellness."
)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("honey- comb", "honeycomb"),
        ("the honey-comb", "the honeycomb"),
        ("bee- keeping", "bee-keeping"),
        ("Beekeeping is old", "Bee-keeping is old"),
        ("SciB- ee", "SciBee"),
        ("well- known", "well-known"),
        ("pre- and post-war", "pre- and post-war"),
        ("graph- Based", "graph- Based"),
        ("signifi cant", "significant"),
        ("a fi rst, diffi cult fl ight", "a first, difficult flight"),
        ("a wi-fi network, staff members off duty", "a wi-fi network, staff members off duty"),
        ("stateof-the-art", "state-of-the-art"),
        ("beebased, honeycombbased hives", "beebased, honeycomb-based hives"),
        ("interrelated, unrelated, correlated", "interrelated, unrelated, correlated"),
        ("wellstudied wellness", "well-studied wellness"),
        ("a real-time system", "a real-time system"),
    ],
)
def test_words_that_a_line_end_broke(broken: str, whole: str) -> None:
    assert rejoined(broken, WORDS) == whole


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("three tools -search, answer", "three tools – search, answer"),
        ("(Byron, 1843) -which was early", "(Byron, 1843) – which was early"),
        ("with -verbose, the -ase suffix", "with -verbose, the -ase suffix"),
        ("x -y and 10 -3 M", "x -y and 10 -3 M"),
        ("in 1998 -1999", "in 1998–1999"),
        ("(range 1 -50 mm)", "(range 1–50 mm)"),
        ("[9 -11]", "[9–11]"),
        ("| 81.2 -132.0 | 96.5 -138.9 |", "| 81.2 -132.0 | 96.5 -138.9 |"),
        ("10.1371 - 10.1372", "10.1371 - 10.1372"),
        ("intra-and inter-observer", "intra- and inter-observer"),
        ("bi-or monopolar", "bi- or monopolar"),
        ("CO2-and N2-rich air", "CO2- and N2-rich air"),
        ("from 3 -4 to 1998 -1999, 7 -5", "from 3–4 to 1998–1999, 7 -5"),
        ("Table12shows, Table 3on, Tables 2-3", "Table 12 shows, Table 3 on, Tables 2-3"),
        ("the bee ' s wing, the “ hive ” of", "the bee's wing, the “hive” of"),
        ("state-of-the-art and rough-and-ready", "state-of-the-art and rough-and-ready"),
        ("bees were tired-and they slept", "bees were tired—and they slept"),
        ("Table3shows it. Figure9Throughput", "Table 3 shows it. Figure 9 Throughput"),
        ("Figure 3a and Table 4", "Figure 3a and Table 4"),
        ("flew home.We saw it", "flew home. We saw it"),
        ("Byron [77].Bees fly", "Byron [77]. Bees fly"),
        ("torch.Tensor is a class, bees.Hive too", "torch.Tensor is a class, bees.Hive too"),
        ("bees [3] , hives , and wax .", "bees [3], hives, and wax."),
        ("a, . . . , z", "a, . . . , z"),
        ("b = )0.68 mm", "b = −0.68 mm"),
        ("f(x = )", "f(x = )"),
        ('a bee \' s wing of " once-only " use', 'a bee\'s wing of "once-only" use'),
        ('the " quoted word', 'the " quoted word'),
        ("delivered 8 -28 minutes, 10 -11 metres", "delivered 8–28 minutes, 10 -11 metres"),
        ("( Figure 4b) and ( 3)", "(Figure 4b) and (3)"),
        ("¿Vuelan?¿Pican?", "¿Vuelan? ¿Pican?"),
        ("the hive * byron@bees.org of wax", "the hive of wax"),
        ("write to byron@bees.org now", "write to byron@bees.org now"),
        ("a 300-to 700-fold gain", "a 300- to 700-fold gain"),
        ("beyond search-they thrive", "beyond search—they thrive"),
        ("at −80 • C and 37 ∘C", "at −80 °C and 37 °C"),
        ("{1 • Cx}", "{1 • Cx}"),
        (
            "at http:// hives.org/bees, a scheme http:// is",
            "at http://hives.org/bees, a scheme http:// is",
        ),
        ("as in Fig.1(b) and FIG.S2, Config.2", "as in Fig. 1(b) and FIG. S2, Config.2"),
    ],
)
def test_blanks_and_dashes(text: str, printed: str) -> None:
    assert spaced(text) == printed


@given(st.text(alphabet="abZé-ßİ²٣_ 1.\u00ad\u2009\n", max_size=60))
def test_words_are_counted_as_letters_between_anything_else(text: str) -> None:
    whole = re.sub(r"-\s+[^\W\d_]+", " ", printed_characters(text)).casefold()
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", whole)
    assert vocabulary_of(text).counts == Counter(words)


def test_compounds_are_hyphenated_where_they_stand_alone() -> None:
    text = "Beekeeping, BEEKEEPING; beekeeping2 and xbeekeeping, bee_beekeeping: İ beekeeping"
    assert rejoined(text.replace("İ ", ""), WORDS) == (
        "Bee-keeping, BEE-KEEPING; beekeeping2 and xbeekeeping, bee_beekeeping: bee-keeping"
    )
    assert rejoined("İ beekeeping", WORDS) == "İ bee-keeping"


def test_many_compounds_take_time_in_proportion() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    halves = [a + b + c + d for a in letters[:12] for b in letters for c in letters for d in "xy"]
    pairs = list(zip(halves[::2], halves[1::2], strict=True))
    text = " ".join(f"{a}-{b} {a}-{b} {a}-{b} {a}{b}" for a, b in pairs)
    began = time.process_time()
    mended = rejoined(text, vocabulary_of(text))
    assert time.process_time() - began < 3
    assert mended == " ".join(" ".join([f"{a}-{b}"] * 4) for a, b in pairs)


def test_compounds_of_three_words_lose_one_hyphen() -> None:
    words = vocabulary_of("out-of-balance out-of-balance out-ofbalance Outof-balance off-hive")
    assert rejoined("Out-ofbalance outof-balance", words) == "Out-of-balance out-of-balance"


def test_a_document_cut_at_its_ligatures() -> None:
    cut = vocabulary_of("a fi rst fi eld, a fl ow, effi cient")
    text = "defi ned, Forty-fi ve benefi ts of the staff members, a fl u-like off day"
    whole = "defined, Forty-five benefits of the staff members, a flu-like off day"
    assert rejoined(text, cut) == whole
    assert rejoined("defi ned", WORDS) == "defined"
    assert rejoined("benefi ts", WORDS) == "benefi ts"


def test_signs_of_fonts() -> None:
    text = "n \u03ed 5 \u03ee 1, p \u03fd 0.05, TNF-\u2423, H5\u2423 5\u0408 3 \u242em"
    assert printed_characters(text) == "n = 5 ± 1, p < 0.05, TNF-α, H5α 5′ 3 μm"
    text = "P \u00bc .05, n \u00bc 78; CD4 \u00fe cells, 10 \u00c06, (\u00c080), 1.5 \u00c2 10"
    assert printed_characters(text) == "P = .05, n = 78; CD4 + cells, 10 −6, (−80), 1.5 × 10"
    text = "\u00c0 20 ans, 5 \u00bc hours, \u00fea\u00f0, \u00c2ge. \u00c0 5 heures"
    assert printed_characters(text) == text
    text = shown = "\u0532\u0545\u0546, a\u2423b, \u0408a"
    assert printed_characters(text) == shown


def test_ligatures_and_soft_hyphens() -> None:
    assert (
        printed_characters("\ufb01eld, e\ufb03cient, con\u00ad tent") == "field, efficient, content"
    )


@given(st.text(alphabet="ab-fi.,;)([1290 TheTable\x02–", max_size=80))
def test_letters_and_digits_are_never_lost(text: str) -> None:
    kept = spaced(rejoined(printed_characters(text), vocabulary_of(text)))
    assert "".join(filter(str.isalnum, kept)) == "".join(filter(str.isalnum, text))


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000 + " flag", " -" + "a" * 200_000 + " flag", "- " * 100_000, "fi " * 70_000,
     "a-" * 100_000, "1 -" * 70_000, "(" * 200_000, "and-" * 50_000, ". . " * 50_000],
)  # fmt: skip
def test_time_grows_with_the_text(hostile: str) -> None:
    began = time.process_time()
    spaced(rejoined(hostile, vocabulary_of(hostile)))
    assert time.process_time() - began < 3
