"""Pretraining as a command: the recipe's settings to the trainer, and its progress to people."""

import faulthandler
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from galactica.logs.progress import TrainingProgress
from galactica.parallelism.agreement import agreed
from galactica.parallelism.process_groups import process_group
from galactica.settings import ModelSettings, TrainingSettings
from galactica.training import TrainingSummary, pretrain
from pipelines.execution import BuildError
from pipelines.progress import ConsoleProgress
from pipelines.recipe import Recipe, load_recipe
from pipelines.run_directory import RunDirectory
from tokenization import ScienceTokenizer
from tokenization.manifests import MANIFEST_NAME, read_manifest

logger = logging.getLogger(__name__)


def pretrain_together(
    recipe: Path, overrides: Sequence[str], run: RunDirectory, console: Console
) -> TrainingSummary:
    """`pretrain_run` on the recipe of a file, by all processes that torchrun started.

    They know each other before anything is read: a mistake is told once, whoever finds it.
    """
    if sys.__stderr__ is not None and not faulthandler.is_enabled():
        # A page of a mapped shard that cannot be read ends the process, with no other word.
        faulthandler.enable(sys.__stderr__, all_threads=False)
    with process_group():
        loaded = agreed(lambda: load_recipe(recipe, overrides))
        return pretrain_run(loaded, run, console, recipe.resolve().parent)


def pretrain_run(
    recipe: Recipe, run: RunDirectory, console: Console, recipe_folder: Path = Path()
) -> TrainingSummary:
    """Pretrain on the run's shards, with a line a step and a validation, and a bar on a terminal.

    `training.start_from` is seen from the folder of the recipe, as other paths are. Under torchrun
    every process calls this; only the first one speaks.
    """
    model, training, vocabulary_size = agreed(
        lambda: _what_to_train(recipe, run), (ValueError, OSError, BuildError)
    )
    speaking = os.environ.get("RANK", "0") == "0"
    console.quiet = not speaking
    with ConsoleProgress(console) as progress:
        shown = _ShownProgress(progress, console, training.log_interval_steps)
        summary = pretrain(
            model,
            training,
            run_dir=run.root,
            seed=recipe.seed,
            vocabulary_size=vocabulary_size,
            paths_from=recipe_folder,
            progress=shown.update,
        )
        shown.end(summary)
    return summary


def _what_to_train(
    recipe: Recipe, run: RunDirectory
) -> tuple[ModelSettings, TrainingSettings, int]:
    """Model, training and the entries of the run's tokenizer."""
    recipe.pretraining()
    model, training = _as_built(recipe, run).pretraining()
    return model, training, ScienceTokenizer.from_pretrained(run.tokenizer).vocabulary_size


def _as_built(recipe: Recipe, run: RunDirectory) -> Recipe:
    """The recipe less the sources that its build left out.

    Raises BuildError where the shards are of another recipe, or there are none.
    """
    advice = "run `galactica build` with this recipe and run directory first"
    try:
        manifest = read_manifest(run.documents / MANIFEST_NAME)
    except FileNotFoundError:
        raise BuildError(f"{run.root} holds no corpus: {advice}") from None
    built = manifest.made_by["recipe"]
    recipe = recipe.without(manifest.facts.get("left_out", ()))
    wanted = recipe.corpus_json()
    differing = sorted(
        key
        for key in wanted
        if _without_epochs(wanted[key]) != _without_epochs(built.get(key)) and key != "name"
    )
    if differing:
        raise BuildError(
            f"{run.root} was built from a recipe that differs in {', '.join(differing)}: {advice}"
        )
    return recipe


def _without_epochs(section: Any) -> Any:
    """A recipe's section less the epochs of sources, which are the training's affair."""
    if not isinstance(section, list):
        return section
    return [{key: value for key, value in entry.items() if key != "epochs"} for entry in section]


class _ShownProgress:
    """Turns the trainer's reports into lines, and on a terminal a bar below them."""

    def __init__(
        self, progress: ConsoleProgress, console: Console, log_interval_steps: int
    ) -> None:
        self._progress = progress
        self._console = console
        self._log_interval_steps = log_interval_steps
        self._shown_samples: int | None = None

    def update(self, report: TrainingProgress) -> None:
        """Called by the trainer before the first step and after every step."""
        with self._to_whoever_reads():
            self._update(report)

    def _update(self, report: TrainingProgress) -> None:
        if self._shown_samples is None:
            # What a run did before it was resumed says nothing of its speed.
            done = report.consumed_samples
            self._progress.stage_started("pretrain", report.total_samples, done=done)
            self._shown_samples = done
        if self._console.is_terminal:
            self._progress.advanced(report.consumed_samples - self._shown_samples)
            self._shown_samples = report.consumed_samples
            if report.loss is not None:
                speed = report.tokens_per_second or 0.0
                self._progress.note(f"loss {report.loss:.3f}, {speed:,.0f} tokens/s")
        if report.loss is not None and report.step % self._log_interval_steps == 0:
            self._print(str(report))
        for line in report.validation_lines():
            self._print(line)

    @contextmanager
    def _to_whoever_reads(self) -> Iterator[None]:
        """A lost terminal, or a pipe whose reader Ctrl-C ended too, costs no training: it goes on
        to its next checkpoint, or to the one it was told to stop with. The logs have every line.
        """
        try:
            yield
        except (OSError, SystemExit):  # the latter is what rich makes of a broken pipe
            self._console.quiet = True

    def _print(self, line: str) -> None:
        self._console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)

    def end(self, summary: TrainingSummary) -> None:
        """The line of counts."""
        with self._to_whoever_reads():
            self._end(summary)

    def _end(self, summary: TrainingSummary) -> None:
        if self._shown_samples is None:
            self._progress.stage_started("pretrain", 1)
        if summary.already_finished:
            account = f"nothing to do: finished at step {summary.steps:,}"
            if summary.stopped_early:
                account += f", stopped early: {summary.stopped_early}"
        else:
            account = (
                f"{summary.steps:,} steps = {summary.consumed_samples:,} samples = "
                f"{summary.consumed_tokens:,} tokens, {summary.epochs:g} epochs"
            )
            if summary.loss is not None:
                account += f", loss {summary.loss:.3f}"
            if summary.stopped_early:
                account += f", stopped early: {summary.stopped_early}"
            if summary.stopped_by:
                account += f", stopped by {summary.stopped_by}"
            if summary.resumed_from_step:
                account += f", resumed from step {summary.resumed_from_step:,}"
        if summary.best_checkpoint is not None:
            account += f", lowest validation loss: {summary.best_checkpoint.name}"
        self._progress.stage_ended("pretrain", account)
