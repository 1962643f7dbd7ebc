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


def test_a_name_and_sources_are_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "least.yaml"
    path.write_text(yaml.safe_dump({name: RECIPE[name] for name in ("name", "sources")}))
    recipe = load_recipe(path)
    assert recipe.model_max_length == 2048
    with pytest.raises(RecipeError, match="to pretrain it needs model and training"):
        recipe.pretraining()


def test_overrides_reach_fields_and_sources_by_name(recipe_path: Path) -> None:
    recipe = load_recipe(
        recipe_path,
        ["training.epochs=2.5", "sources.sums.epochs=3", "model={preset: tiny, num_layers: 3}"],
    )
    model, training = recipe.pretraining()
    assert training.epochs == 2.5
    assert training.source_epochs == {"sums": 3}
    assert model.num_layers == 3


def test_overrides_make_sections_and_reach_lists_by_name_and_number(recipe_path: Path) -> None:
    recipe = load_recipe(
        recipe_path,
        [
            "shards.tokens_per_shard=7",
            "model.num_layers=4",
            "hold_outs=[{name: some, sources: [sums], documents: 3}]",
            "hold_outs.some.documents=5",
            "sources.0.paths.0=other.jsonl",
            "sources.sums.options={}",
            "tokenizer.markers=[RNA, {name: GAP}]",
            "tokenizer.markers.GAP.closing=false",
        ],
    )
    assert recipe.shards.tokens_per_shard == 7
    assert recipe.model is not None
    assert recipe.model.num_layers == 4
    assert recipe.hold_outs[0].documents == 5
    assert recipe.sources[0].paths == ("other.jsonl",)
    assert [marker.closing for marker in recipe.tokenizer.markers] == [True, False]


@pytest.mark.parametrize(
    "field",
    [
        'sources.sums.paths=["\\ud800.jsonl"]',
        'decontamination.evaluations=[{name: e, paths: ["\\udc80"]}]',
        'sources.sums.options={"\\ud800": 1}',
    ],
)
def test_half_a_character_is_refused_where_it_stands(recipe_path: Path, field: str) -> None:
    with pytest.raises(RecipeError, match=r"\\ud[8c][08]0 alone is half a character") as told:
        load_recipe(recipe_path, [field])
    assert "line 1, column" in str(told.value)
    assert str(told.value).isascii()


@pytest.mark.parametrize("glob", ["*.xml", "*", "*data/x.xml"])
def test_a_glob_without_quotes_is_told_what_it_needs(recipe_path: Path, glob: str) -> None:
    with pytest.raises(RecipeError, match=r'write a glob in quotes, "\*\.xml"'):
        load_recipe(recipe_path, [f"sources.sums.paths=[{glob}]"])
    recipe_path.write_text(f"name: a\nsources:\n- {{name: b, paths: [{glob}]}}\n")
    with pytest.raises(RecipeError, match="write a glob in quotes"):
        load_recipe(recipe_path)


def test_mistakes_name_the_entry_of_a_list_where_it_has_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    sources = [{"name": name, "format": "jats"} for name in ("one", "two", "two", "a b", 7)]
    path.write_text(yaml.safe_dump({"name": "r", "sources": [*sources, "text"]}))
    with pytest.raises(RecipeError) as told:
        load_recipe(path)
    assert [line.split(": ")[1] for line in str(told.value).splitlines() if "paths" in line] == [
        f"sources.{entry}.paths" for entry in ("one", "1", "2", "3", "4")
    ]


def test_a_recipe_that_is_not_utf_8_says_so_and_where(recipe_path: Path) -> None:
    recipe_path.write_bytes(b"name: x\nsources:\n- {name: caf\xe9}\n")
    with pytest.raises(RecipeError, match="line 3: the byte 0xe9 is not UTF-8"):
        load_recipe(recipe_path)


def test_an_override_fills_a_section_that_is_written_but_empty(recipe_path: Path) -> None:
    recipe_path.write_text(recipe_path.read_text() + "split:\n")
    assert load_recipe(recipe_path, ["split.minimum_documents=9"]).split.minimum_documents == 9


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epochs=-1", "training.epochs: Input should be greater than 0 (given: -1)"),
        ("sources.sums.format=jat", "no reader named 'jat'; choices: chemicals, code"),
        ("sources.sum.format=jats", "no entry 'sum'; choices: sums"),
        ("sources.1.format=jats", "no entry '1'; choices: sums"),
        ("sources.sums.paths.a.b=jats", "no entry 'a'; choices: sums.jsonl"),
        ("sources.sums.paths.0.b=jats", "'sums.jsonl' holds no fields"),
        ("sources..format=jats", "a name between two full stops is missing"),
        ("hold_outs.a.documents=3", "hold_outs: a list is needed here"),
        ("hold_outs=[{nam: a}]", "hold_outs.0.nam: no such field; choices: name, sources"),
        ("tokenizer.markers=[{nam: A}]", "markers.0.nam: no such field; choices: name, closing"),
        ("training={}", "training.epochs: this field is needed"),
        (
            "sources.sums.shares=1",
            "sources.sums.shares: no such field; choices: name, format, paths",
        ),
        ("model.layers=3", "model.layers: no such field; choices: num_layers"),
        ("missing_sources=x", "'refuse' or 'leave_out' (given: 'x')"),
        ("seed=2024-13-45", "not valid YAML"),
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


@pytest.mark.parametrize(
    "content",
    [
        "- a list",
        "{",
        "\x00",
        "a: &a [*a]",
        "a: 2024-13-45",
        "? [a]\n: 1",
        "!!python/name:os.system",
    ],
)
def test_what_is_no_recipe_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(content)
    with pytest.raises(RecipeError, match=r"odd\.yaml"):
        load_recipe(path)


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot read the recipe: No such file"):
        load_recipe(tmp_path / "none.yaml")


def test_a_key_that_stands_twice_is_refused(recipe_path: Path) -> None:
    recipe_path.write_text("seed: 1\nseed: 2\n" + recipe_path.read_text())
    with pytest.raises(RecipeError, match=r"(?s)'seed' stands twice.*line 2"):
        load_recipe(recipe_path)


def test_a_mistake_in_an_entry_is_one_line_and_not_two(recipe_path: Path) -> None:
    with pytest.raises(RecipeError) as raised:
        load_recipe(recipe_path, ["sources.sums.name=A/B"])
    assert str(raised.value).count("\n") == 0
    assert "sources.0.name" in str(raised.value)
    with pytest.raises(RecipeError, match=r"sources: at least one entry is needed here$"):
        load_recipe(recipe_path, ["sources=[]"])


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed={a: 1, a: 2}", "'a' stands twice"),
        ("sources=&s [*s]", "an alias stands inside what it names"),
        (f"sources.sums.name={'a' * 101}", "at most 100 characters"),
        ("sources.sums.paths=['']", "sources.sums.paths.0: .*at least 1 character"),
        ("tokenizer.vocabulary_size=99999999999999", "less than or equal to 4194304"),
    ],
)
def test_values_that_cannot_be_are_named(recipe_path: Path, override: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load_recipe(recipe_path, [override])


@pytest.mark.parametrize("entry", ["[{}]", "{{<<: [{}]}}"])
def test_aliases_that_multiply_are_refused_at_once(recipe_path: Path, entry: str) -> None:
    lines = ["  a0: &a0 {k: v}"]
    for level in range(1, 12):
        aliases = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"  a{level}: &a{level} {entry.format(aliases)}")
    text = yaml.safe_dump(RECIPE).replace("format: gsm8k", "format: gsm8k\n  options: *a11")
    recipe_path.write_text("bomb:\n" + "\n".join(lines) + "\n" + text)
    with pytest.raises(RecipeError, match=r"(?s)more than 100,000 values.*line"):
        load_recipe(recipe_path)
