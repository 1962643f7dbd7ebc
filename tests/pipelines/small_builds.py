"""What tests of small builds share: the least training a recipe may name, and a build of it."""

from pathlib import Path

from pipelines.build import BuildSummary, build
from pipelines.recipe import load_recipe
from pipelines.run_directory import RunDirectory

TRAINING = {
    "epochs": 1,
    "sequence_length_tokens": 32,
    "global_batch_size_samples": 2,
    "micro_batch_size_samples": 1,
    "learning_rate": 0.001,
}


def build_run(raw: Path, run: Path, *overrides: str, workers: int = 1) -> BuildSummary:
    """A build of `recipe.yaml` in the folder `raw`, whose paths are beside it, into `run`."""
    recipe = load_recipe(raw / "recipe.yaml", overrides)
    return build(recipe, raw, RunDirectory(run), workers=workers)
