"""Texts that nobody wrote to be read: what is measured of them is right, and takes linear time.

Each would take minutes, or for ever, by a pattern that goes back over what it has seen.
"""

import pytest

from tests.hostile_text import HOSTILE
from tests.pipelines.filters.measured_parts import GROUPS, scores
from tokenization.markers import code_point

_SIZE = 1_000_000
_HOSTILE_LOCAL_PART, _HOSTILE_DOMAIN = "a-" * 32, "b-" * 127

LARGE = {
    "one line without blanks": "a" * _SIZE,
    "one line of dashes": "a-" * (_SIZE // 2),
    "one word again and again": "a " * (_SIZE // 2),
    "combining characters alone": "\u0301" * _SIZE,
    "signs of addresses": "a@" * (_SIZE // 2),
    "almost addresses": f"{_HOSTILE_LOCAL_PART}@{_HOSTILE_DOMAIN}" * (_SIZE // 319),
    "almost networks": "255." * (_SIZE // 4),
    "formulas opened": "\\(" * (_SIZE // 2),
    "formulas closed by another": "\\(\\]" * (_SIZE // 4),
    "fences opened": "```x\n" * (_SIZE // 5),
    "nothing but line ends": "\n" * _SIZE,
    "opened markers": code_point("[START_DNA]") * _SIZE,
    "closed markers": code_point("[END_DNA]") * _SIZE,
    "spans of nothing": (code_point("[START_DNA]") + code_point("[END_DNA]")) * (_SIZE // 2),
}
_EMPTY = {"nothing but line ends", "opened markers", "closed markers", "spans of nothing"}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.timeout(60)
def test_a_large_text_is_measured(name: str) -> None:
    found = scores(LARGE[name], *GROUPS)
    assert (found["characters"] == 0) == (name in _EMPTY)
    assert found["bytes"] == len(LARGE[name].encode())


@pytest.mark.parametrize("name", HOSTILE)
def test_all_scores_of_a_hostile_text_are_parts_or_counts(name: str) -> None:
    found = scores(HOSTILE[name], *GROUPS)
    for score, value in found.items():
        if score in ("letters", "symbols", "digits", "unreadable", "duplicate_lines"):
            assert 0 <= float(value) <= 1, score


def test_known_scores_of_large_texts() -> None:
    assert scores(LARGE["one word again and again"], "ngrams")["top_2_grams"] == 1
    assert scores(LARGE["one line without blanks"])["words"] == 1
    assert scores(LARGE["almost addresses"], "personal")["email_addresses"] == 0
    assert scores("\ud7ff" * 10)["unreadable"] == 1
