"""Recipes: what a mistake says, and what an override changes."""

from pathlib import Path

import pytest
import yaml

from pipelines.recipe import RecipeError, load_recipe
from tests.pipelines.small_builds import TRAINING

RECIPE = {
    "name": "small",
    "sources": [
        {"name": "sums", "format": "gsm8k", "category": "reasoning", "paths": ["sums.jsonl"]}
    ],
    "model": "tiny",
    "training": TRAINING,
}


@pytest.fixture
def recipe_path(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(RECIPE))
    return path


def test_shipped_recipes_are_valid() -> None:
    recipes = sorted(Path(__file__).parents[2].glob("recipes/*.yaml"))
    assert recipes
    for path in recipes:
        load_recipe(path)


def test_overrides_reach_fields_and_sources_by_name(recipe_path: Path) -> None:
    recipe = load_recipe(
        recipe_path,
        ["training.epochs=2.5", "sources.sums.epochs=3", "model={preset: tiny, num_layers: 3}"],
    )
    assert recipe.training.epochs == 2.5
    assert recipe.sources[0].epochs == 3
    assert recipe.model.num_layers == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs=-1", "training.epochs: Input should be greater than 0 (given: -1)"),
        ("sources.sums.format=jat", "no reader named 'jat'; choices: chemicals, code"),
        ("sources.sum.format=jats", "no entry 'sum'; choices: ['sums']"),
        ("training.epoch=1", "training.epoch: no such field; choices: epochs, source_epochs"),
        ("model=large-ish", "no model preset is named 'large-ish'; there are mini"),
        ("nonsense", "expected key.path=value"),
        ("name.x=1", "name holds no fields"),
        ("seed=[", "not valid YAML"),
    ],
)
def test_a_mistake_names_field_value_and_choices(
    recipe_path: Path, override: str, message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_path, [override])
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["- a list", "{", "\x00", "a: &a [*a]"])
def test_what_is_no_recipe_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    with pytest.raises(RecipeError, match=r"odd\.yaml"):
        load_recipe(path)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot read the recipe: No such file"):
        load_recipe(tmp_path / "none.yaml")
