"""The two stages over parts: verdicts, counts, what runs again, and the same bytes on all workers.

The texts are short, and so are the thresholds.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipelines.execution import StageResult
from pipelines.filters.decisions import reason_against
from pipelines.filters.settings import (
    CharacterSettings,
    FilterSettings,
    LengthSettings,
    PersonalSettings,
    QualitySettings,
    RepetitionSettings,
)
from pipelines.parts import read_verdict
from pipelines.stages.filters import missing_packages
from tests.pipelines.filters.measured_parts import GROUPS, Filtered, filter_by_hand, recipe, scores

ENGLISH = "The temperature dependence of the viscosity was measured with the new method."
GERMAN = "Die Temperaturabhängigkeit der Viskosität wurde mit dem neuen Verfahren gemessen."


def _reasons(filtered: Filtered, part: str) -> list[str | None]:
    return read_verdict(filtered[1][part][0])["reason"]


def _verdicts(folder: Path, texts: list[str], filters: Mapping[str, Any]) -> list[str | None]:
    part = "s/part-00000"
    return _reasons(filter_by_hand(folder, {part: [(t, {}) for t in texts]}, filters), part)


SECTIONS = {
    "length": LengthSettings,
    "characters": CharacterSettings,
    "repetition": RepetitionSettings,
    "quality": QualitySettings,
    "personal": PersonalSettings,
}
THRESHOLDS = [(name, field) for name, model in SECTIONS.items() for field in model.model_fields]
#: One text in which every score is more than nothing, and no part is all.
_RICH = (
    "# The first paragraph of a kind… with ünusual words ### 12 and 3\n"
    "a b c d e f g h i j k a b c d e f g h i j k\n- a bullet...\n- a bullet...\n"
    "Write to a@b.org from 8.8.8.8 for more than thirty characters here.\n\n"
    "Again\n\nAgain\n\nbroken \ufffd text"
)


@pytest.mark.parametrize(("section", "field"), THRESHOLDS)
def test_each_threshold_from_both_sides(section: str, field: str) -> None:
    kind, _, score = field.partition("_")
    found = scores(_RICH, *GROUPS)
    value = float(found[score])
    assert value > 0
    beyond = value * 1.01 if kind == "minimum" else value * 0.99
    if isinstance(found[score], int) or value.is_integer():
        beyond = value + 1 if kind == "minimum" else value - 1
        value = int(value)
        beyond = int(beyond)
    for bound, drops in ((value, False), (beyond, True)):
        settings = FilterSettings.model_validate({section: {field: bound}})
        reason = reason_against(found, {}, settings, tuple(settings.thresholds()), [])
        assert (reason is not None) == drops, (bound, reason)
        if drops and section != "length":
            assert reason is not None
            assert reason.endswith(f": {score.replace('_', ' ')}")
        elif drops:
            assert reason == ("too short" if kind == "minimum" else "too long")


def test_the_defaults_drop_what_is_certainly_nothing(tmp_path: Path) -> None:
    texts = [
        ENGLISH,
        "\ue006\ue007\n \t\u200b",
        "\x00\x01\ufffd" * 20 + "abc",
        "Page not found\n" * 40,
        "short",
        GERMAN,
        "0 0 0 0\n" * 3,
    ]
    assert _verdicts(tmp_path, texts, {}) == [
        None,
        "empty",
        "character mix: unreadable",
        "repetition: duplicate line characters",
        None,
        None,
        None,
    ]


def test_language_goes_by_the_confidence(tmp_path: Path) -> None:
    mixed = f"{ENGLISH} {GERMAN}"
    found = scores(mixed, "language")
    other = ["fr"]
    for confidence, reason in (
        (float(found["language_confidence"]), "language"),
        (min(1.0, float(found["language_confidence"]) + 0.001), None),
    ):
        filters = {"language": {"include": other, "confidence": confidence}}
        assert _verdicts(tmp_path / str(confidence), [mixed], filters) == [reason]
    assert _verdicts(
        tmp_path / "en", [ENGLISH, GERMAN, "x = 1"], {"language": {"include": ["en"]}}
    ) == [None, "language", None]


def test_the_filters_of_the_paper(tmp_path: Path) -> None:
    """Section A.7: fields and journals of Semantic Scholar out, sites of Stack Exchange in."""
    filters = {
        "language": {"include": ["en"]},
        "lists": {
            "fields": {"exclude": ["psychology", "business", "political science"]},
            "journal": {"exclude_words": ["law", "history", "politics", "business", "religion"]},
            "site": {"include": ["academia.stackexchange.com", "mathoverflow.net"]},
        },
    }
    rows: list[tuple[str, dict[str, Any]]] = [
        (ENGLISH, {"fields": ["Medicine"], "journal": "The Lancet"}),
        (ENGLISH, {"fields": ["Political Science"]}),
        (ENGLISH, {"fields": ["Physics"], "journal": "Archive for History of Exact Sciences"}),
        (GERMAN, {"fields": ["Physics"]}),
        (ENGLISH, {}),
        (ENGLISH, {"site": "mathoverflow.net"}),
        (ENGLISH, {"site": "cooking.stackexchange.com"}),
    ]
    result, verdicts = filter_by_hand(tmp_path, {"s/part-00000": rows}, filters)
    assert _reasons((result, verdicts), "s/part-00000") == [
        None,
        "fields excluded",
        "journal excluded",
        "language",
        None,
        None,
        "site not included",
    ]
    assert result[1].account() == (
        "read 7 = wrote 3 + dropped 4 (fields excluded: 1, journal excluded: 1, language: 1, "
        "site not included: 1)"
    )


def test_scores_stand_in_the_verdict_whatever_was_decided(tmp_path: Path) -> None:
    part = "s/part-00000"
    filters = {"length": {"minimum_words": 5}, "measure": ["language"]}
    _, verdicts = filter_by_hand(tmp_path, {part: [(ENGLISH, {}), ("Two words", {})]}, filters)
    columns = read_verdict(verdicts[part][0], "scores")
    long, short = map(json.loads, columns["scores"])
    assert columns["reason"] == [None, "too short"]
    assert (long["words"], long["language"]) == (12, "en")
    assert short["words"] == 2
    assert "language" not in short
    assert "stop_words" not in long


def _runs(results: list[StageResult]) -> dict[str, int]:
    return {result.stage: result.num_run for result in results}


def test_a_changed_threshold_measures_nothing_again(tmp_path: Path) -> None:
    documents = {
        "a/part-00000": [(ENGLISH, {"journal": "Law"}), (GERMAN, {})],
        "a/part-00001": [(ENGLISH, {})],
        "b/part-00000": [("Two words", {})],
    }
    first: dict[str, Any] = {
        "language": {"include": ["en"]},
        "repetition": {"maximum_top_2_grams": 0.2},
    }
    results, verdicts = filter_by_hand(tmp_path, documents, first)
    assert _runs(results) == {"scores": 3, "filter": 3}
    assert results[1].dropped == {"language": 1}

    again, same = filter_by_hand(tmp_path, documents, first)
    assert (_runs(again), same) == ({"scores": 0, "filter": 0}, verdicts)

    changed = {
        "language": {"include": ["en"], "confidence": 1.0},
        "repetition": {"maximum_top_2_grams": 0.5, "maximum_duplicate_lines": 0.1},
        "lists": {"journal": {"exclude": ["law"]}},
    }
    results, _ = filter_by_hand(tmp_path, documents, changed)
    assert _runs(results) == {"scores": 0, "filter": 3}
    assert results[1].dropped == {"journal excluded": 1}

    # A threshold of one source decides of its own parts only.
    results, _ = filter_by_hand(
        tmp_path, documents, changed, {"b": {"length": {"minimum_words": 3}}}
    )
    assert _runs(results) == {"scores": 0, "filter": 1}
    assert results[1].dropped == {"journal excluded": 1, "too short": 1}

    # A score that was not measured is, for the source that asks for it.
    results, _ = filter_by_hand(
        tmp_path, documents, changed, {"b": {"personal": {"maximum_email_addresses": 0}}}
    )
    assert _runs(results) == {"scores": 1, "filter": 1}


def test_measuring_first_leaves_nothing_to_measure_later(tmp_path: Path) -> None:
    documents = {"a/part-00000": [(ENGLISH, {})]}
    filter_by_hand(tmp_path, documents, {"measure": ["quality"]})
    results, _ = filter_by_hand(tmp_path, documents, {"quality": {"minimum_stop_words": 2}})
    assert _runs(results) == {"scores": 0, "filter": 1}


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (folder / "stages").rglob("*")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if path.is_file()}


def test_the_bytes_are_the_same_on_all_workers(tmp_path: Path) -> None:
    documents = {
        f"{source}/part-{number:05d}": [(f"{ENGLISH} {number}", {}), (GERMAN, {}), ("", {})]
        for source in ("a", "b")
        for number in range(3)
    }
    filters = {"language": {"include": ["en"]}, "measure": list(GROUPS)}
    results, _ = filter_by_hand(tmp_path / "one", documents, filters)
    filter_by_hand(tmp_path / "two", documents, filters, workers=2)
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")
    assert (results[1].read, results[1].wrote) == (18, 6)
    assert results[1].dropped == {"empty": 6, "language": 6}


def test_a_part_without_documents(tmp_path: Path) -> None:
    results, verdicts = filter_by_hand(tmp_path, {"a/part-00000": []}, {"measure": list(GROUPS)})
    assert (results[1].read, results[1].wrote) == (0, 0)
    assert read_verdict(verdicts["a/part-00000"][0], "scores") == {"reason": [], "scores": []}


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.stages.filters.find_spec", lambda name: None)
    assert missing_packages(recipe({"a": {}}, {})) == []
    (line,) = missing_packages(recipe({"a": {}, "b": {}}, {"language": {"include": ["en"]}}))
    assert re.search(r"source a.*'language'.*galactica\[filters\]", line)
