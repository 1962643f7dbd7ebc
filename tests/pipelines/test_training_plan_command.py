"""`galactica plan` as it is typed."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.commands import program
from pipelines.recipe_errors import RecipeError
from tokenization import TokenizerSettings
from tokenization.training import train_tokenizer

RECIPES = Path(__file__).parents[2] / "recipes"


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(program, ["plan", *arguments], catch_exceptions=True)


def test_a_preset_is_given_a_layout_that_its_recipe_can_say() -> None:
    done = plan("--preset", "huge", "--gpus", "1024")
    assert done.exit_code == 0
    for line in (
        "huge: 121,330,903,040 parameters, 96 layers of width 10,240 with 80 heads",
        "1,024 GPUs: tensor 4 x pipeline 8 x data 32, micro-batch 1, no recomputation",
        "fits in 72: 80 less 10% for CUDA, NCCL and fragmentation",
        "9.66 days  for 450 billion tokens at 40%",
        "    tensor_parallel: 4\n    pipeline_parallel: 8\n    sequence_parallel: true",
    ):
        assert line in done.stdout


def test_options_fix_the_layout_and_change_the_hardware() -> None:
    done = plan(
        *("--preset", "huge", "--gpus", "1024", "--tensor-parallel", "8", "--recompute", "full"),
        *("--pipeline-parallel", "8", "--micro-batch", "2", "--gpu-memory-gb", "40"),
        *("--peak-tflops", "312", "--utilisation", "0.5", "--tokens", "106e9"),
    )
    assert "tensor 8 x pipeline 8 x data 16, micro-batch 2, full recomputation" in done.stdout
    assert "fits in 36: 40 less 10%" in done.stdout
    # 752.007 GFLOPs x 106 x 10^9 tokens / (1,024 x 312 x 10^12 x 0.5) seconds.
    assert "5.78 days  for 106 billion tokens at 50%" in done.stdout


def test_a_recipe_is_planned_as_it_is_laid_out() -> None:
    done = plan(str(RECIPES / "galactica.yaml"), "--gpus", "1024")
    assert done.exit_code == 0
    assert "galactica: 121,330,903,040 parameters" in done.stdout


@pytest.mark.parametrize(
    "option", ["--tokens", "--gpu-memory-gb", "--peak-tflops", "--nvlink", "--infiniband"]
)
@pytest.mark.parametrize("value", ["inf", "nan", "0"])
def test_what_is_no_amount_is_refused_by_its_option(option: str, value: str) -> None:
    done = plan("--preset", "mini", option, value)
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.stderr


def test_a_micro_batch_that_does_not_divide_is_named() -> None:
    error = plan("--preset", "mini", "--gpus", "1", "--micro-batch", "3").exception
    assert str(error).startswith("1 GPU cannot be divided: ")
    assert "data x micro-batch 3 a divisor of the batch, 256 samples" in str(error)


def test_the_plan_of_a_small_recipe_is_no_column_of_zeros() -> None:
    recipe = str(RECIPES / "four_epochs.yaml")
    done = plan(recipe, "--gpus", "1", "--tokens", "146304", "--peak-tflops", "1")
    for words in (
        "weights       0.0008  fp32",  # 4 x 196,928 bytes
        "0.0016 with the distributed optimizer, 0.0016 without",
        "1.18 M  each token",  # 6 (12 x 2 x 64^2 + 64 x 1,024) + 12 x 2 x 64 x 128
        "0.431 s  for 146,304 tokens at 40%",
    ):
        assert words in done.stdout


def test_a_recipe_that_takes_a_tokenizer_has_its_entries(tmp_path: Path) -> None:
    text = (RECIPES / "demo.yaml").read_text()
    taken = "tokenizer: {start_from: first, markers: [{name: STEP}]}\n\nshards:"
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(re.sub(r"tokenizer:.*?shards:", taken, text, flags=re.DOTALL))

    missing = plan(str(recipe), "--gpus", "1")
    assert missing.exit_code == 1
    assert "first holds no tokenizer.json" in str(missing.exception)
    assert "vocabulary 700" in plan(str(recipe), "--gpus", "1", "--vocabulary-size", "700").stdout

    settings = TokenizerSettings(vocabulary_size=300)
    tokenizer = train_tokenizer(["Water is wet."] * 9, settings, latex_markers=True)
    tokenizer.save_pretrained(tmp_path / "first")
    # Two more: the marker that the recipe adds, and the one that closes it.
    assert f"vocabulary {tokenizer.vocabulary_size + 2}" in plan(str(recipe), "--gpus", "1").stdout


def test_a_recipe_that_does_not_fit_is_told_what_does() -> None:
    layout = ("training.tensor_parallel=1", "training.pipeline_parallel=1")
    done = plan(
        *(str(RECIPES / "galactica.yaml"), "--gpus", "512"),
        *(part for field in layout for part in ("--set", field)),
    )
    assert done.exit_code == 1
    assert "DOES NOT FIT in 72" in done.stdout
    assert "It does not fit. What does: tensor " in done.stdout


def test_without_a_name_every_preset_has_its_row() -> None:
    lines = plan("--gpus", "8").stdout.splitlines()
    names = ["mini", "base", "standard", "large", "huge", "pubmed", "tiny"]
    assert [line.split()[1] for line in lines[2:]] == names
    assert "does not fit" in lines[6]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--preset", "small"), "no preset is named 'small'; there are mini, base"),
        (("--preset", "huge", "recipe.yaml"), "a recipe or --preset, not both"),
        (("--preset", "huge", "--set", "training.epochs=1"), "--set is for a recipe"),
        (("--preset", "huge", "--gpus", "8"), "no layout on 8 GPUs fits"),
        (("--preset", "mini", "--gpus", "7"), "7 GPUs cannot be divided"),
        ((str(RECIPES / "galactica.yaml"), "--gpus", "24"), "multiple of 64 processes"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], message: str) -> None:
    done = plan(*arguments)
    assert done.exit_code == 1
    assert isinstance(done.exception, RecipeError | ValueError)
    assert message in str(done.exception)
