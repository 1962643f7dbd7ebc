"""A run that ends when the mean validation loss has ceased to fall, killed and resumed or not."""

import itertools
import logging
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from galactica.checkpoints.folders import list_checkpoints
from galactica.checkpoints.training_state import read_training_state
from galactica.logs.progress import TrainingProgress
from galactica.settings import TrainingSettings
from galactica.validation.early_stop import LossWatch
from tests.galactica.marked_run import texts, write_marked_run
from tests.galactica.short_runs import MODEL, metrics, start
from tokenization import ScienceTokenizer

SETTINGS = TrainingSettings(
    epochs=3,
    global_batch_size_samples=1,
    micro_batch_size_samples=1,
    learning_rate=1,
    early_stop_patience=2,
)
#: A run that overfits in no time: a large learning rate, and few documents seen often.
OVERFITTING = {
    "epochs": 40,
    "learning_rate": 1e-1,
    "validation_interval_epochs": 0.5,
    "early_stop_patience": 2,
    "checkpoint_interval_steps": 8,
    "asynchronous_checkpoints": False,
}


def watched(losses: list[float], settings: TrainingSettings = SETTINGS) -> LossWatch:
    watch = LossWatch()
    for step, loss in enumerate(losses):
        watch = watch.after(step, step / 10, loss, settings)
    return watch


def test_a_loss_that_falls_again_is_forgiven() -> None:
    assert not watched([3, 2, 2.5, 1.9, 2.0]).stopped
    stopped = watched([3, 2, 2.5, 1.9, 2.0, 1.9])
    assert stopped.stopped
    assert (stopped.lowest, stopped.lowest_step) == (1.9, 3)
    assert stopped.reason is not None
    assert "below 1.9000 of step 3 in 2 validations" in stopped.reason


def test_without_patience_nothing_is_watched() -> None:
    never = SETTINGS.model_copy(update={"early_stop_patience": None})
    assert watched([1, 2, 3, 4], never) == LossWatch()
    assert watched([1, 2, 3, 4], never).reason is None


def test_the_first_epochs_are_not_looked_at() -> None:
    later = SETTINGS.model_copy(update={"early_stop_after_epochs": 0.3})
    watch = watched([1, 2, 3, 4, 3.5, 3.6], later)
    assert (watch.lowest, watch.lowest_step, watch.validations_since) == (3.5, 4, 1)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_has_not_fallen(loss: float) -> None:
    assert watched([2, loss, loss]).stopped
    assert watched([loss, loss]).stopped


def test_a_run_that_overfits_stops_with_a_checkpoint_and_stays_stopped(
    run_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "galactica")
    summary = start(run_dir, MODEL, **OVERFITTING)
    assert summary.stopped_early is not None
    assert summary.epochs < 39
    (line,) = [record for record in caplog.records if "stopped early" in record.message]
    assert "the mean validation loss has not fallen below" in line.message
    assert summary.checkpoint is not None
    state = read_training_state(summary.checkpoint)
    assert state.finished
    assert state.step == summary.steps
    assert state.consumed_samples < state.total_samples
    means = [line["mean_validation_loss"] for line in metrics(run_dir) if "split" in line]
    assert min(means) == means[-3]
    assert state.loss_watch.lowest == pytest.approx(means[-3], abs=1e-6)

    caplog.clear()
    again = start(run_dir, MODEL, **OVERFITTING)
    assert again.already_finished
    assert again.stopped_early == summary.stopped_early
    assert again.epochs == summary.epochs
    assert "stopped early: the mean validation loss" in caplog.text


class Killed(Exception):
    """What ends a run from within."""


def killer(steps: int) -> Callable[[TrainingProgress], None]:
    """Ends a run after it has told so many times how far it is."""
    told = itertools.count(1)

    def progress(_: TrainingProgress) -> None:
        if next(told) == steps:
            raise Killed

    return progress


def steps_kept(run_dir: Path) -> list[int]:
    return [read_training_state(path).step for path in list_checkpoints(run_dir)]


def lowest_step(run_dir: Path) -> int:
    means = {
        line["step"]: line["mean_validation_loss"]
        for line in metrics(run_dir)
        if "split" in line and line["step"]
    }
    return min(means, key=lambda step: means[step])


def test_the_best_checkpoint_outlives_the_last_ones(run_dir: Path) -> None:
    summary = start(run_dir, MODEL, **OVERFITTING | {"keep_checkpoints": 1})
    best = lowest_step(run_dir)
    assert best < summary.steps
    assert steps_kept(run_dir) == [best, summary.steps]
    assert summary.best_checkpoint == list_checkpoints(run_dir)[0]
    # What is over stays over, and keeps its best.
    assert start(run_dir, MODEL, **OVERFITTING).best_checkpoint == summary.best_checkpoint


def test_the_best_checkpoint_is_kept_without_early_stop_too(
    new_run: Callable[[str], Path],
) -> None:
    settings = OVERFITTING | {
        "epochs": 20,
        "early_stop_patience": None,
        "checkpoint_interval_steps": None,
        "keep_checkpoints": 1,
        "asynchronous_checkpoints": True,
    }
    plain, keeping = new_run("plain"), new_run("keeping")
    summary = start(plain, MODEL, **settings)
    assert (steps_kept(plain), summary.best_checkpoint) == ([summary.steps], None)

    best = lowest_step(plain)
    assert best < summary.steps - 2

    with pytest.raises(Killed):
        start(keeping, MODEL, killer(summary.steps), **settings, keep_best_checkpoint=True)
    assert steps_kept(keeping) == [best]
    resumed = start(keeping, MODEL, **settings, keep_best_checkpoint=True)
    assert resumed.resumed_from_step == best
    assert steps_kept(keeping) == [best, summary.steps]
    assert metrics(keeping) == metrics(plain)


def test_weights_that_a_run_began_with_are_not_its_best() -> None:
    watch = watched([1, 2, 1.5])
    assert (watch.lowest_step, watch.best_step) == (0, 2)


def test_a_resumed_run_stops_where_an_unbroken_one_does(new_run: Callable[[str], Path]) -> None:
    whole, broken = new_run("whole"), new_run("broken")
    summary = start(whole, MODEL, **OVERFITTING)

    for steps in (12, 6):
        with pytest.raises(Killed):
            start(broken, MODEL, killer(steps), **OVERFITTING)
    resumed = start(broken, MODEL, **OVERFITTING)
    assert resumed.resumed_from_step
    assert resumed.stopped_early == summary.stopped_early
    assert resumed.steps == summary.steps
    logs = [(run / "logs" / "metrics.jsonl").read_bytes() for run in (whole, broken)]
    assert logs[0] == logs[1]


def test_a_watch_on_nothing_is_refused(tmp_path: Path) -> None:
    splits = {"train": texts(0, 12), "validation": {"sentences": [""]}}
    run_dir = write_marked_run(tmp_path, splits)
    vocabulary_size = ScienceTokenizer.from_pretrained(run_dir / "tokenizer").vocabulary_size
    with pytest.raises(ValueError, match=r"early_stop_patience watches .*: raise split\."):
        start(run_dir, vocabulary_size=vocabulary_size, **OVERFITTING)
    unwatched = {"epochs": 1, "validation_interval_epochs": 0.5}
    assert start(run_dir, vocabulary_size=vocabulary_size, **unwatched).validation_loss == {}
    assert all("split" not in line for line in metrics(run_dir))
