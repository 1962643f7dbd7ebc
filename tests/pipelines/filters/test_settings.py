"""The section `filters`: what a source changes, what is needed for it, and what mistakes say."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from pipelines.filters.lists import MetadataList
from pipelines.filters.settings import FilterSettings
from pipelines.recipe import Recipe, RecipeError, load_recipe
from tests.pipelines.filters.measured_parts import recipe


def _settings(content: Any) -> FilterSettings:
    return FilterSettings.model_validate(content)


def test_by_default_little_is_set_and_nothing_dear_is_measured() -> None:
    assert [each.reason for each in FilterSettings().thresholds()] == [
        "character mix: unreadable",
        "repetition: duplicate line characters",
    ]
    assert FilterSettings().groups() == ()


@pytest.mark.parametrize(
    ("content", "groups"),
    [
        ({"length": {"minimum_words": 10}}, ()),
        ({"language": {"include": ["en"]}}, ("language",)),
        ({"repetition": {"maximum_duplicate_lines": 0.3}}, ()),
        ({"repetition": {"maximum_top_3_grams": 0.18}}, ("ngrams",)),
        ({"quality": {"minimum_stop_words": 2}}, ("quality",)),
        ({"personal": {"maximum_ip_addresses": 0}}, ("personal",)),
        ({"measure": ["personal", "language"]}, ("language", "personal")),
    ],
)
def test_dear_scores_are_measured_only_where_they_are_needed(
    content: Any, groups: tuple[str, ...]
) -> None:
    assert _settings(content).groups() == groups


def test_a_source_changes_fields_and_leaves_the_others() -> None:
    common = {
        "length": {"minimum_words": 10, "maximum_words": 100},
        "language": {"include": ["en"]},
        "lists": {"journal": {"exclude_words": ["law"]}, "site": {"include": ["a"]}},
    }
    own = {
        "length": {"minimum_words": 2},
        "language": {"include": []},
        "characters": {"maximum_unreadable": None},
        "lists": {"site": {"include": ["b"]}},
    }
    made = recipe({"papers": {}, "code": own}, common)
    papers, code = (made.filters_of(source) for source in made.sources)
    assert papers == made.filters
    assert (code.length.minimum_words, code.length.maximum_words) == (2, 100)
    assert code.language.include == ()
    assert code.characters.maximum_unreadable is None
    assert code.repetition == papers.repetition
    assert code.lists["journal"] == papers.lists["journal"]
    assert code.lists["site"].include == ("b",)


_PAGE = Path(__file__).resolve().parents[3] / "docs" / "filters.md"
_BLOCKS = [block.split("```")[0] for block in _PAGE.read_text("utf-8").split("```yaml\n")[1:]]


@pytest.mark.parametrize("block", _BLOCKS)
def test_what_the_page_shows_is_valid(block: str) -> None:
    content = yaml.safe_load(block)
    sources = {source["name"]: source["filters"] for source in content.get("sources", [])}
    made = recipe(sources or {"any": {}}, content.get("filters", {}))
    assert all(made.filters_of(source) != FilterSettings() for source in made.sources)


def test_the_recipe_of_the_paper_has_its_filters() -> None:
    """Section A.7: nine fields out, 43 sites in; what it says of journals."""
    made = load_recipe(_PAGE.parents[1] / "recipes" / "galactica.yaml")
    filters = {source.name: made.filters_of(source) for source in made.sources}
    papers = filters["semantic_scholar"]
    assert papers.language.include == ("en",)
    assert len(papers.lists["fields"].exclude) == 9
    assert papers.journals.minimum_citations_per_paper == 1
    sites = MetadataList.of("site", filters["stackexchange"].lists["site"])
    assert len(filters["stackexchange"].lists["site"].include) == 43
    for site in ("math.stackexchange.com", "mathoverflow.net", "or.stackexchange.com"):
        assert sites.reason(site) is None
    for site in ("cooking.stackexchange.com", "math.meta.stackexchange.com", "stackoverflow.com"):
        assert sites.reason(site) is not None


def test_the_page_names_every_score() -> None:
    page = _PAGE.read_text("utf-8")
    for section, model in FilterSettings():
        for field in type(model).model_fields if isinstance(model, BaseModel) else ():
            score = field.removeprefix("minimum_").removeprefix("maximum_")
            if not (section == "repetition" and score.endswith("_grams")):
                assert f"`{score}`" in page, score


def test_the_page_says_which_thresholds_there_are() -> None:
    page = " ".join(_PAGE.read_text("utf-8").split())
    said = page.partition("There are both for ")[2].partition(" the minimum")[0]
    both, _, minimum = said.partition("; of ")
    thresholds = [
        (section, *field.split("_", 1))
        for section, model in FilterSettings()
        for field in (type(model).model_fields if isinstance(model, BaseModel) else ())
        if field.startswith(("minimum_", "maximum_"))
    ]
    kinds: dict[str, set[str]] = {}
    for section, kind, score in thresholds:
        kinds.setdefault("the lengths" if section == "length" else f"`{score}`", set()).add(kind)
    expected = {name: {"maximum"} for name in kinds}
    expected |= {name: {"minimum"} for name in re.findall(r"`\w+`", minimum)}
    expected |= {name: {"minimum", "maximum"} for name in both.split(" and ")}
    assert kinds == expected


def _load(folder: Path, filters: Any, own: Any) -> Recipe:
    content = {
        "name": "r",
        "filters": filters,
        "sources": [
            {"name": "s", "format": "jsonl", "category": "papers", "paths": ["x"], "filters": own}
        ],
    }
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return load_recipe(path)


@pytest.mark.parametrize(
    ("filters", "own", "said"),
    [
        ({"lenght": {}}, {}, ["filters.lenght: no such field", "length"]),
        ({"length": {"minimum": 1}}, {}, ["filters.length.minimum", "minimum_words"]),
        ({"characters": {"maximum_symbols": 1.5}}, {}, ["filters.characters.maximum_symbols"]),
        ({"length": {"minimum_words": -1}}, {}, ["filters.length.minimum_words", "given: -1"]),
        ({"language": {"include": ["english"]}}, {}, ["filters.language.include", "'english'"]),
        ({"language": {"include": ["en", False]}}, {}, ["filters.language.include", '"no"']),
        ({"lists": {"journal": ["law"]}}, {}, ["filters.lists.journal", "section of fields"]),
        ({"lists": {"journal": {}}}, {}, ["filters.lists.journal", "no entries"]),
        ({"measure": ["smell"]}, {}, ["filters.measure.0", "'language'"]),
        ({}, {"length": {"minimum": 1}}, ["sources.s.filters.length.minimum", "minimum_words"]),
        ({}, {"language": {"include": ["xx"]}}, ["sources.s.filters.language.include", "'xx'"]),
        ({}, {"length": 3}, ["sources.s.filters.length"]),
        ({"length": {"minimum_words": 1}}, {"length": None}, ["sources.s.filters.length"]),
        ({}, [1], ["sources.s.filters"]),
    ],
)
def test_a_mistake_names_the_source_the_field_and_the_choices(
    tmp_path: Path, filters: Any, own: Any, said: list[str]
) -> None:
    with pytest.raises(RecipeError) as caught:
        _load(tmp_path, filters, own)
    for words in said:
        assert words in str(caught.value)
