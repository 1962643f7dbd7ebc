import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galactica.checkpoints.folders import latest_checkpoint, list_checkpoints
from galactica.checkpoints.training_state import read_training_state
from galactica.training import TrainingProgress
from tests.edited_manifests import manifest_content
from tests.galactica.short_runs import MODEL, VOCABULARY_SIZE, metrics, start


def test_it_has_a_pulse(run_dir: Path) -> None:
    told: list[TrainingProgress] = []
    summary = start(run_dir, MODEL.model_copy(update={"dropout": 0.0}), told.append, epochs=20)
    assert told[0].validation_loss is not None
    assert told[0].validation_loss["odd"] == pytest.approx(math.log(VOCABULARY_SIZE), abs=0.2)
    assert summary.loss is not None
    assert summary.loss < 1.5
    assert summary.validation_loss is not None
    assert summary.validation_loss["odd"] < 1.5
    assert [step.step for step in told] == list(range(summary.steps + 1))


def test_metrics_and_state_account_for_every_sample(run_dir: Path) -> None:
    summary = start(run_dir, keep_checkpoints=2, checkpoint_interval_steps=5)
    lines = metrics(run_dir)
    steps = [line for line in lines if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, summary.steps + 1))
    assert steps[-1]["consumed_samples"] == summary.consumed_samples
    assert summary.consumed_samples % 8, "the last batch is to be a smaller one"
    assert steps[-1]["consumed_tokens"] == 32 * summary.consumed_samples
    # 1 % of the learning rate's way up is the first step; 10 % of the peak is the last.
    rates = [line["learning_rate"] for line in steps]
    assert max(rates) == pytest.approx(1e-2, rel=0.1)
    assert rates[-1] == pytest.approx(1e-3)
    assert 0 < rates[0] < rates[1]
    validations = [line["epoch"] for line in lines if "validation_loss" in line]
    assert len(validations) == 6
    assert validations == [pytest.approx(0.5 * n, abs=0.2) for n in range(6)]
    assert set(lines[0]["validation_loss"]) == {"even", "odd"}

    last = summary.steps // 5 * 5
    assert [path.name for path in list_checkpoints(run_dir)] == [
        f"step-{last:07d}",
        f"step-{summary.steps:07d}",
    ]
    assert latest_checkpoint(run_dir) == summary.checkpoint
    assert summary.checkpoint is not None
    state = read_training_state(summary.checkpoint)
    assert state.finished
    assert state.model_settings == MODEL
    assert state.vocabulary_size == VOCABULARY_SIZE
    assert set(state.fingerprints) == {"shards/train", "shards/validation"}


def test_a_finished_run_is_left_alone(run_dir: Path) -> None:
    first = start(run_dir, epochs=1)
    before = {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}
    again = start(run_dir, epochs=1)
    assert again.already_finished
    assert not first.already_finished
    assert (again.steps, again.checkpoint) == (first.steps, first.checkpoint)
    assert before == {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}


def test_the_same_run_gives_the_same_metrics(new_run: Callable[[str], Path]) -> None:
    runs = [new_run("one"), new_run("two")]
    for run in runs:
        start(run, epochs=1)
    first, second = ((run / "logs" / "metrics.jsonl").read_bytes() for run in runs)
    assert first == second


def test_micro_batches_change_nothing_but_rounding(new_run: Callable[[str], Path]) -> None:
    losses = []
    for micro_batch in (2, 8):
        run = new_run(f"run-{micro_batch}")
        model = MODEL.model_copy(update={"dropout": 0.0, "attention_dropout": 0.0})
        start(run, model, epochs=1, micro_batch_size_samples=micro_batch)
        losses.append([line["loss"] for line in metrics(run) if "loss" in line])
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 2e-2}, r"training.learning_rate: 0.01 -> 0.02"),
        ({"epochs": 2}, r"training.epochs: 1.0 -> 2.0"),
    ],
)
def test_another_run_is_not_resumed(run_dir: Path, changes: dict[str, Any], message: str) -> None:
    start(run_dir, epochs=1)
    with pytest.raises(ValueError, match=f"(?s)step-.* cannot be resumed.*{message}"):
        start(run_dir, **{"epochs": 1, **changes})


def test_changed_shards_are_not_resumed(run_dir: Path, new_run: Callable[[str], Path]) -> None:
    start(run_dir, epochs=1)
    manifest = run_dir / "shards" / "validation" / "manifest.json"
    content = manifest_content(manifest)
    content["shards"]["fingerprint"] = "of other shards"
    manifest.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"fingerprints.shards/validation: .* -> of other shards"):
        start(run_dir, epochs=1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sequence_length_tokens": 64}, "sequence_length_tokens 64 is longer than .*32"),
        ({"global_batch_size_samples": 4000}, "fewer than one batch of 4000: lower"),
        ({"tensor_parallel": 2}, "needs a multiple of 2 processes, but there is 1: take as many"),
        ({"pipeline_parallel": 4}, "num_layers 2 is not a multiple of"),
        ({"source_epochs": {"latex": 2}}, "source_epochs names 'latex'.* even, odd"),
        ({"warmup_tokens": 10**9, "warmup_fraction": None}, "the run has only"),
    ],
)
def test_what_cannot_be_trained_is_refused(
    run_dir: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        start(run_dir, **changes)
    assert not (run_dir / "checkpoints").exists()


def test_a_run_without_shards_says_how_to_make_them(run_dir: Path) -> None:
    shutil.rmtree(run_dir / "shards" / "train")
    with pytest.raises(ValueError, match=r"has no shards to train on .* run `galactica build`"):
        start(run_dir)


def test_a_loss_that_is_no_number_stops_the_run(run_dir: Path) -> None:
    with pytest.raises(ValueError, match=r"stopped at step \d+: the loss is nan.* train/\d+"):
        start(run_dir, learning_rate=1e30, gradient_clip=1e30, epochs=20)
