"""Content that a source of higher priority holds, in cases that can be read."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.deduplication.removals import Removal
from tests.pipelines.deduplication.small_corpora import Text, deduplicated, held_out
from tokenization.markers import code_point

SHELLS = (
    "The shells of snails grow in logarithmic spirals, which keep their form while "
    "the animal inside gets larger from year to year."
)
TIDES = (
    "Tides follow the moon with a delay of some hours, because the basins of the sea have "
    "periods of their own in which they swing."
)
OWN = "This paragraph is of one document only and says so."
REF, END_REF = code_point("[START_REF]"), code_point("[END_REF]")
WORK, END_WORK = code_point("<work>"), code_point("</work>")
AMINO, END_AMINO = code_point("[START_AMINO]"), code_point("[END_AMINO]")


def left(tmp_path: Path, corpus: dict[str, list[Text]], **settings: Any) -> dict[str, list[str]]:
    return deduplicated(tmp_path / "corpus", corpus, **settings).left


def joined(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def digits(count: int) -> str:
    """Text of so many bytes in which no five bytes repeat."""
    return "".join(f"{number:04d}," for number in range(count // 5 + 1))[:count]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_paragraph_that_a_higher_source_holds_goes(tmp_path: Path, place: int) -> None:
    paragraphs = [OWN, "Another one, as short."]
    paragraphs.insert(place, SHELLS)
    found = left(tmp_path, {"high": [joined(TIDES, SHELLS)], "low": [joined(*paragraphs)]})
    paragraphs.remove(SHELLS)
    assert found == {"high": [joined(TIDES, SHELLS)], "low": [joined(*paragraphs)]}


def test_it_goes_though_the_higher_source_has_it_inside_a_longer_paragraph(tmp_path: Path) -> None:
    high = f"As was said before: {SHELLS} So much for snails."
    assert left(tmp_path, {"high": [high], "low": [joined(OWN, SHELLS)]})["low"] == [OWN]


def test_a_longer_paragraph_around_it_stays(tmp_path: Path) -> None:
    low = joined(OWN, f"As was said before: {SHELLS} So much for snails.")
    assert left(tmp_path, {"high": [SHELLS], "low": [low]})["low"] == [low]


def test_halves_that_two_sources_hold_make_a_whole(tmp_path: Path) -> None:
    whole = f"{SHELLS} {TIDES}"
    corpus: dict[str, list[Text]] = {
        "first": [f"{SHELLS} And no more of it."],
        "second": [f"Not so the water. {TIDES}"],
        "low": [joined(OWN, whole), joined(f"{SHELLS} Not so: {TIDES}", OWN)],
    }
    found = left(tmp_path, corpus)
    assert found["low"] == [OWN, joined(f"{SHELLS} Not so: {TIDES}", OWN)]


@pytest.mark.parametrize(("gap", "goes"), [("", True), ("1234", True), ("12345", False)])
def test_spans_at_most_four_bytes_apart_are_one(tmp_path: Path, gap: str, goes: bool) -> None:
    low = f"{SHELLS}{gap}{TIDES}"
    found = left(tmp_path, {"high": [SHELLS, TIDES], "low": [low]})
    assert found["low"] == ["" if goes else low]


@pytest.mark.parametrize(("size", "goes"), [(99, False), (100, True)])
def test_content_counts_from_100_bytes_on(tmp_path: Path, size: int, goes: bool) -> None:
    text = digits(size)
    found = left(tmp_path, {"high": [f"<{text}>"], "low": [joined(text, OWN)]})
    assert found["low"] == [OWN if goes else joined(text, OWN)]


def test_short_paragraphs_count_together(tmp_path: Path) -> None:
    short = joined(*(f"Step {number} of the method." for number in range(1, 9)))
    low = joined(OWN, short, "An end of its own.")
    found = left(tmp_path, {"high": [joined("Method", short)], "low": [low]})
    assert found["low"] == [joined(OWN, "An end of its own.")]


def test_short_paragraphs_in_another_order_stay(tmp_path: Path) -> None:
    steps = [f"Step {number} of the method." for number in range(1, 9)]
    low = joined(*steps[::-1])
    assert left(tmp_path, {"high": [joined(*steps)], "low": [low]})["low"] == [low]


def test_repeats_inside_one_source_are_kept(tmp_path: Path) -> None:
    texts: list[Text] = [SHELLS, joined(SHELLS, OWN), joined(SHELLS, SHELLS), joined(TIDES, SHELLS)]
    assert left(tmp_path, {"only": texts, "other": ["Nothing."]})["only"] == texts


def test_sources_lose_to_those_before_them_only(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {name: [joined(SHELLS, name)] for name in ("a", "b", "c")}
    assert left(tmp_path, corpus) == {"a": [joined(SHELLS, "a")], "b": ["b"], "c": ["c"]}
    assert left(tmp_path, corpus, priorities={"a": 2, "b": 1, "c": 1}) == {
        "a": ["a"],
        "b": [joined(SHELLS, "b")],
        "c": ["c"],
    }


def test_held_out_documents_keep_all_and_everything_else_loses_what_they_hold(
    tmp_path: Path,
) -> None:
    corpus: dict[str, list[Text]] = {
        "high": [joined(SHELLS, "high"), joined(TIDES, "high")],
        "low": [
            held_out(joined(SHELLS, "held out")),
            joined(SHELLS, "low"),
            held_out(joined(SHELLS, TIDES)),
            joined(TIDES, "low again"),
        ],
    }
    found = deduplicated(tmp_path / "corpus", corpus)
    assert found.left == {
        "high": ["high", "high"],
        "low": [joined(SHELLS, "held out"), "low", joined(SHELLS, TIDES), "low again"],
    }
    assert found.removals["high"][0] == [Removal(0, len(SHELLS), "low (held out)")]


def test_training_documents_of_an_excluded_source_take_no_part(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {
        "first": [joined(SHELLS, "first")],
        "excluded": [joined(SHELLS, TIDES), held_out(joined(digits(120), "held out"))],
        "last": [joined(TIDES, "last"), joined(digits(120), "last")],
    }
    found = left(tmp_path, corpus, excluded=("excluded",))
    assert found["excluded"] == [joined(SHELLS, TIDES), joined(digits(120), "held out")]
    assert found["last"] == [joined(TIDES, "last"), "last"]


def test_a_document_that_is_duplicated_altogether_is_empty(tmp_path: Path) -> None:
    text = joined("# Snails", SHELLS, TIDES)
    found = deduplicated(tmp_path / "corpus", {"high": [text], "low": [text, "", OWN]})
    assert found.left["low"] == ["", "", OWN]
    assert found.duplicates == [
        {
            "kept_in": "high",
            "removed_from": "low",
            "documents": 1,
            "paragraphs": 3,
            "bytes": len(text) - 4,
        }
    ]


def test_duplicates_are_told_by_who_holds_them(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {
        "a": [SHELLS],
        "b": [held_out(TIDES), OWN],
        "c": [joined(SHELLS, TIDES), joined(SHELLS, OWN)],
    }
    found = deduplicated(tmp_path / "corpus", corpus)
    assert found.left["c"] == ["", OWN]
    assert found.duplicates == [
        {
            "kept_in": "a",
            "removed_from": "c",
            "documents": 2,
            "paragraphs": 2,
            "bytes": 2 * len(SHELLS),
        },
        {
            "kept_in": "b (held out)",
            "removed_from": "c",
            "documents": 1,
            "paragraphs": 1,
            "bytes": len(TIDES),
        },
    ]


def test_paragraphs_inside_a_span_go_or_stay_with_it(tmp_path: Path) -> None:
    working = f"{WORK}\n\n{SHELLS}\n\n{TIDES}\n\n{END_WORK}"
    other_working = f"{WORK}\n\n{SHELLS}\n\nAnother way to see it.\n\n{END_WORK}"
    corpus: dict[str, list[Text]] = {
        "high": [joined(OWN, working)],
        "low": [joined("Answer 1", working), joined("Answer 2", other_working, TIDES)],
    }
    assert left(tmp_path, corpus)["low"] == ["Answer 1", joined("Answer 2", other_working)]


def test_a_citation_that_opens_in_one_paragraph_and_closes_in_another_holds_both(
    tmp_path: Path,
) -> None:
    torn = f"{SHELLS} {REF} A title\n\nof two lines, Ammon{END_REF}. {TIDES}"
    for other, goes in ((TIDES, False), (torn, True)):
        corpus: dict[str, list[Text]] = {"high": [joined(SHELLS, other)], "low": [torn]}
        assert left(tmp_path, corpus)["low"] == ["" if goes else torn]


def test_citations_that_go_are_named_by_their_number(tmp_path: Path) -> None:
    def cite(name: str) -> str:
        return f"{REF} {name}{END_REF}"

    copied = f"{SHELLS} {cite('B')} and {cite('C')}"
    low = joined(f"First {cite('A')}", copied, f"Last {cite('D')}")
    found = deduplicated(tmp_path / "corpus", {"high": [copied], "low": [low]})
    assert found.left["low"] == [joined(f"First {cite('A')}", f"Last {cite('D')}")]
    assert found.citations["low"] == [[1, 2]]


def test_sequences_are_compared_by_identity_alone(tmp_path: Path) -> None:
    sequence = "MKVLAAGIVGLLLAQPSFAADVKEWTNRYH" * 8
    whole = f"{AMINO}{sequence}{END_AMINO}"
    part = f"{AMINO}{sequence[:-1]}{END_AMINO}"
    corpus: dict[str, list[Text]] = {
        "high": [joined("A protein", whole)],
        "low": [
            joined("A prompt", whole),
            joined("A part", part),
            joined("Residues in a text", sequence),
            f"What is {whole}?",
        ],
    }
    assert left(tmp_path, corpus)["low"] == [
        "A prompt",
        joined("A part", part),
        joined("Residues in a text", sequence),
        f"What is {whole}?",
    ]


def test_a_short_sequence_in_copied_text_is_no_gap(tmp_path: Path) -> None:
    def of(residues: str) -> str:
        return f"{SHELLS} {AMINO}{residues}{END_AMINO} {TIDES}"

    corpus: dict[str, list[Text]] = {"high": [of("MKV")], "low": [of("MKV"), of("MKL"), of("")]}
    assert left(tmp_path, corpus)["low"] == ["", of("MKL"), of("")]


def test_a_sequence_moves_the_paragraphs_after_it(tmp_path: Path) -> None:
    for residues in ("M" * 3, "M" * 700, "MK\n\nV" * 30):
        low = joined(f"One {AMINO}{residues}{END_AMINO}", "é" * 7, SHELLS, OWN)
        corpus: dict[str, list[Text]] = {"high": [SHELLS], "low": [low, joined(OWN, low)]}
        rest = joined(f"One {AMINO}{residues}{END_AMINO}", "é" * 7, OWN)
        assert left(tmp_path, corpus)["low"] == [rest, joined(OWN, rest)]


def test_lengths_are_of_bytes_and_ranges_of_characters(tmp_path: Path) -> None:
    accents = "".join(chr(number) for number in range(0x101, 0x101 + 50))
    low = joined("ÀÉÎ𝄞", accents, "Ö")
    found = deduplicated(tmp_path / "corpus", {"high": [accents], "low": [low]})
    assert found.left["low"] == [joined("ÀÉÎ𝄞", "Ö")]
    assert found.removals["low"] == [[Removal(6, 56, "high")]]
    shorter = accents[:-1]
    corpus: dict[str, list[Text]] = {"high": [shorter], "low": [joined(shorter, "Ö")]}
    assert left(tmp_path, corpus)["low"] == [joined(shorter, "Ö")]


def test_what_stays_is_parted_by_one_blank_line(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {
        "high": [SHELLS],
        "low": [f"A\n\n\nB\n\n\n{SHELLS}\n\n\n\nC\n", f"\n\n{SHELLS}\n\n\nA", f"A\n\n{SHELLS}\n\n"],
    }
    assert left(tmp_path, corpus)["low"] == ["A\n\n\nB\n\nC\n", "A", "A"]


def test_text_of_one_repeated_byte(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {
        "high": ["a" * 150, "-" * 99],
        "low": [joined("a" * 5000, OWN), joined("a" * 100, OWN), joined("-" * 5000, OWN)],
    }
    assert left(tmp_path, corpus)["low"] == [OWN, OWN, joined("-" * 5000, OWN)]


def test_windows_do_not_reach_from_one_document_into_the_next(tmp_path: Path) -> None:
    half = len(SHELLS) // 2
    corpus: dict[str, list[Text]] = {
        "high": [SHELLS[:half], SHELLS[half:]],
        "low": [SHELLS],
    }
    assert left(tmp_path, corpus)["low"] == [SHELLS]


def test_no_parts_and_no_documents(tmp_path: Path) -> None:
    assert left(tmp_path, {"high": [], "low": []}) == {"high": [], "low": []}
    assert left(tmp_path, {"high": [""], "low": ["", "a"]}) == {"high": [""], "low": ["", "a"]}


def test_other_lengths_of_windows_and_gaps(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {"high": ["x" + digits(40)], "low": [joined(digits(40), "y")]}
    assert left(tmp_path, corpus, minimum_bytes=40)["low"] == ["y"]
    assert left(tmp_path, corpus, minimum_bytes=41)["low"] == [joined(digits(40), "y")]
    gap: dict[str, list[Text]] = {"high": [SHELLS, TIDES], "low": [f"{SHELLS}+{TIDES}"]}
    assert left(tmp_path, gap, gap_bytes=0)["low"] == [f"{SHELLS}+{TIDES}"]
