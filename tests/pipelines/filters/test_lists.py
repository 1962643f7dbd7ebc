"""Include and exclude lists: what an entry matches, and what a document without the key does."""

from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.filters.lists import ListSettings, MetadataList


def _reason(key: str, value: Any, **settings: Any) -> str | None:
    return MetadataList.of(key, ListSettings.model_validate(settings)).reason(value)


@pytest.mark.parametrize(
    ("value", "entries", "goes"),
    [
        ("Harvard Law Review", ["law"], True),
        ("LAW & society", ["Law"], True),
        ("Lawson's Journal", ["law"], False),
        ("Journal of Flaws", ["law"], False),
        ("Political  Science\tQuarterly", ["political science"], True),
        ("Zeitschrift für Straße", ["STRASSE"], True),
        ("C++ today", ["c++"], True),
        ("Nature", ["law", "nature"], True),
    ],
)
def test_words_stand_in_a_value_as_whole_words(value: str, entries: list[str], goes: bool) -> None:
    expected = "journal excluded" if goes else None
    assert _reason("journal", value, exclude_words=entries) == expected


@pytest.mark.parametrize(
    ("value", "entry", "stays"),
    [
        ("math.stackexchange.com", "math.stackexchange.com", True),
        ("Math.StackExchange.com", "math.*", True),
        ("mathoverflow.net", "math.*", False),
        ("math.stackexchange.com", "math", False),
        ("a.b.c", "*b*", True),
        ("anything", "*", True),
        ("a.c", "a?c", False),
        ("axb", "a.b", False),
    ],
)
def test_entries_are_whole_values_with_stars(value: str, entry: str, stays: bool) -> None:
    expected = None if stays else "site not included"
    assert _reason("site", value, include=[entry]) == expected


def test_one_of_several_values_is_enough() -> None:
    fields = ["Medicine", "Art"]
    assert _reason("fields", fields, exclude=["art"]) == "fields excluded"
    assert _reason("fields", fields, include=["medicine"]) is None
    assert _reason("fields", fields, include=["physics"]) == "fields not included"


def test_every_licence_has_to_be_included() -> None:
    assert _reason("licence", "MIT, Apache-2.0", include=["mit", "apache-*"]) is None
    assert _reason("licence", "MIT, GPL-3.0", include=["MIT"]) == "licence not included"
    assert _reason("licence", "MIT, GPL-3.0", exclude=["GPL-*"]) == "licence excluded"
    assert _reason("licence", "MIT-0", include=["MIT"]) == "licence not included"
    assert _reason("licence", ["MIT", "X11"], include=["MIT"]) == "licence not included"


def test_what_is_excluded_goes_although_it_is_included() -> None:
    found = _reason("site", "math.meta.x", include=["math.*"], exclude=["*.meta.*"])
    assert found == "site excluded"


@pytest.mark.parametrize("value", [None, "", "  ", [], [None], {"a": 1}])
def test_a_document_without_the_key_stays_unless_told(value: Any) -> None:
    assert _reason("journal", value, include=["x"]) is None
    assert _reason("journal", value, include=["x"], unknown="drop") == "journal unknown"


def test_numbers_are_values() -> None:
    assert _reason("year", 1999, exclude=["19*"]) == "year excluded"


def test_a_value_of_any_length_takes_no_time() -> None:
    assert _reason("journal", "a" * 5_000_000, include=["*a*b*c*"]) == "journal not included"


@pytest.mark.parametrize("settings", [{}, {"include": [""]}, {"unknown": "perhaps"}, {"in": ["x"]}])
def test_lists_that_say_nothing_are_mistakes(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ListSettings.model_validate(settings)
