"""docs/recipes.md says of every field of a recipe what it is, with the default that it has."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from corpora.settings import SourceSettings
from galactica.presets import PRESETS
from galactica.settings import ModelSettings, TrainingSettings
from pipelines.decontamination.settings import DecontaminationSettings, EvaluationSettings
from pipelines.deduplication.settings import DeduplicationSettings, NearDuplicateSettings
from pipelines.identity.settings import HoldOutSettings, SplitSettings
from pipelines.recipe import BuildSettings, Recipe, ShardSettings, load_recipe
from tokenization.settings import MarkerSettings, TokenizerSettings

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "The recipe": Recipe,
    "`sources`": SourceSettings,
    "`split`": SplitSettings,
    "`hold_outs`": HoldOutSettings,
    "`deduplication`": DeduplicationSettings,
    "`deduplication.near_duplicates`": NearDuplicateSettings,
    "`decontamination`": DecontaminationSettings,
    "`decontamination.evaluations`": EvaluationSettings,
    "`tokenizer`": TokenizerSettings,
    "`tokenizer.markers`": MarkerSettings,
    "`shards`": ShardSettings,
    "`build`": BuildSettings,
    "`model`": ModelSettings,
    "`training`": TrainingSettings,
}


def fields_shown(title: str) -> dict[str, str]:
    """The rows of a section's table: a field and what stands for its default."""
    section = TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|", section, re.MULTILINE)
    return {name: default.strip() for name, default in rows}


@pytest.mark.parametrize("title", SECTIONS)
def test_a_section_has_every_field_with_its_default(title: str) -> None:
    model, shown = SECTIONS[title], fields_shown(title)
    assert list(shown) == list(model.model_fields)
    for name, default in shown.items():
        field = model.model_fields[name]
        assert (default == "needed") is field.is_required(), name
        if default.startswith("`"):
            assert yaml.safe_load(default.strip("`")) == plain(field.default), name
        elif not field.is_required():
            # A word stands for nothing, or for a section of its own.
            assert field.default in (None, (), {}) or isinstance(field.default, BaseModel), name


def plain(default: Any) -> Any:
    return getattr(default, "value", default)


def test_every_section_of_a_recipe_is_on_the_page() -> None:
    assert set(fields_shown("The recipe")) == set(Recipe.model_fields)
    assert re.findall(r"^## (.*)$", TEXT, re.MULTILINE) == list(SECTIONS)


def test_every_preset_is_named() -> None:
    assert all(f"`{name}`" in TEXT for name in PRESETS)


def test_the_example_is_a_recipe_of_what_a_checkout_has(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(TEXT.split("```yaml\n")[1].split("```")[0])
    sources = load_recipe(path).sources
    assert [source.name for source in sources] == ["problems", "papers"]
    assert all((PAGE.parents[1] / path).is_dir() for source in sources for path in source.paths)
