"""Documents that are nearly one of higher rank."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.deduplication.removals import Removal
from pipelines.deduplication.word_shingles import word_shingles
from pipelines.stages.deduplication import missing_for_near_duplicates
from tests.pipelines.deduplication.small_corpora import (
    Deduplicated,
    Text,
    deduplicated,
    held_out,
    recipe_of,
)

WORDS = [f"{first}{last}" for first in "bcdfghklmnprst" for last in ("a", "eno", "ira", "olu")]


def prose(seed: int, words: int = 400) -> str:
    """Random words; no 100 bytes of two seeds are equal."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def edited(text: str, every: int) -> str:
    """The text with another word in place of every so many."""
    return " ".join(
        "other" if number % every == 1 else word for number, word in enumerate(text.split(" "))
    )


def near(tmp_path: Path, corpus: dict[str, list[Text]], **settings: Any) -> Deduplicated:
    settings["near_duplicates"] = {"enabled": True, **settings.pop("options", {})}
    return deduplicated(tmp_path / "corpus", corpus, **settings)


def test_a_document_goes_that_is_nearly_one_of_a_higher_source(tmp_path: Path) -> None:
    text = prose(1)
    # One word in 100 is another: 5 of 100 shingles, so a similarity of 95 / 105. One in 12: 7 / 17.
    corpus: dict[str, list[Text]] = {
        "high": [text, prose(2)],
        "low": [edited(text, 100), edited(text, 12), prose(3), text.upper().replace(" ", ",\n\n")],
    }
    found = near(tmp_path, corpus)
    assert found.left["high"] == [text, prose(2)]
    assert found.left["low"] == ["", edited(text, 12), prose(3), ""]
    assert found.removals["low"][0] == [Removal(0, len(edited(text, 100)), "high", True)]
    assert [
        (row["kept_in"], row["removed_from"], row["documents"]) for row in found.duplicates
    ] == [("high", "low", 2)]
    kept = near(tmp_path, corpus, options={"threshold": 0.97})
    assert kept.left["low"] == [edited(text, 100), edited(text, 12), prose(3), ""]


def test_nothing_of_it_goes_unless_it_is_asked_for(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {"high": [prose(1)], "low": [edited(prose(1), 10)]}
    found = deduplicated(tmp_path / "corpus", corpus)
    assert found.left["low"] == corpus["low"]
    assert len(found.results) == 5


def test_ranks_are_those_of_content(tmp_path: Path) -> None:
    one, two, three = (edited(prose(1), every) for every in (150, 110, 90))
    corpus: dict[str, list[Text]] = {"a": [one, two], "b": [three, prose(5)]}
    assert near(tmp_path, corpus).left == {"a": [one, two], "b": ["", prose(5)]}
    corpus = {"a": [one, prose(4)], "b": [held_out(two), three, prose(5)]}
    assert near(tmp_path, corpus).left == {"a": ["", prose(4)], "b": [two, "", prose(5)]}
    found = near(tmp_path, {"a": [one], "b": [two]}, excluded=("b",))
    assert found.left == {"a": [one], "b": [two]}
    found = near(tmp_path, {"a": [one], "b": [two]}, excluded=("a",))
    assert found.left == {"a": [one], "b": [two]}


def test_what_goes_as_a_near_duplicate_takes_nothing_from_others(tmp_path: Path) -> None:
    own = prose(7, 30)
    corpus: dict[str, list[Text]] = {
        "a": [prose(1, 2000)],
        "b": [prose(1, 2000) + "\n\n" + own],
        "c": ["Title\n\n" + own],
    }
    assert near(tmp_path, corpus).left["c"] == ["Title\n\n" + own]
    assert deduplicated(tmp_path / "exact", corpus).left["c"] == ["Title"]


def test_texts_without_a_shingle_are_left_alone(tmp_path: Path) -> None:
    corpus: dict[str, list[Text]] = {"a": ["", "two words", "..."], "b": ["", "two words", "..."]}
    assert near(tmp_path, corpus).left == corpus


def test_neither_partitions_nor_parts_change_what_goes(tmp_path: Path) -> None:
    choice = random.Random(2)
    corpus: dict[str, list[Text]] = {"a": [], "b": [], "c": []}
    for number in range(45):
        text = edited(prose(number % 9, 150), choice.choice((20, 40, 80, 150, 10_000)))
        corpus[choice.choice("abc")].append(text)
    found = near(tmp_path, corpus, documents_per_part=5)
    assert 8 < sum(text == "" for texts in found.left.values() for text in texts) < 40
    cut = near(tmp_path, corpus, memory_bytes=20_000, documents_per_part=11)
    assert len(cut.results[1].manifests) > 3
    assert cut.left == found.left


@pytest.mark.parametrize(
    ("text", "same"),
    [("One two, THREE", "one two three"), ("a  b\n\nc", "A-b.c"), ("é 1 x", " é;1 x ")],
)
def test_shingles_are_of_words(text: str, same: str) -> None:
    both = [t.encode() for t in (text, same, "one two four")]
    data = np.frombuffer(bytearray(b"".join(both)), np.uint8)
    hashes, begins = word_shingles(data, np.cumsum([len(t) for t in both]), 3)
    assert begins.tolist() == [0, 1, 2, 3]
    assert hashes[0] == hashes[1] != hashes[2]


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="threshold"):
        recipe_of(["a"], near_duplicates={"threshold": 1.5})


def test_the_package_is_asked_for_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = recipe_of(["a"], near_duplicates={"enabled": True})
    assert missing_for_near_duplicates(asking) == []
    monkeypatch.setattr("pipelines.stages.deduplication.find_spec", lambda name: None)
    (line,) = missing_for_near_duplicates(asking)
    assert "pip install 'galactica[near-duplicates]'" in line
    assert missing_for_near_duplicates(recipe_of(["a"])) == []
