"""A killed run continues bit for bit: weights, moments, step counters, generators, metrics."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from megatron.core import dist_checkpointing
from megatron.core.dist_checkpointing.serialization import load_sharded_metadata

from galactica.checkpoints import latest_checkpoint, list_checkpoints
from galactica.parallel import parallel_groups
from galactica.settings import TrainingSettings

PROGRAM = Path(__file__).with_name("train_and_die.py")
ONE_PROCESS = TrainingSettings(
    epochs=1, global_batch_size_samples=1, micro_batch_size_samples=1, learning_rate=1
)


def launch(
    run_dir: Path, *arguments: str, processes: int = 1, **changes: Any
) -> subprocess.CompletedProcess[str]:
    program = [str(PROGRAM), str(run_dir), json.dumps(changes), *arguments]
    python = [sys.executable, "-W", "ignore"]
    if processes > 1:
        python += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
        python.append(str(processes))
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CC": "/bin/false", "CXX": "/bin/false"}
    return subprocess.run(
        python + program, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def train(run_dir: Path, **options: Any) -> None:
    finished = launch(run_dir, **options)
    assert finished.returncode == 0, finished.stderr[-3000:]


def train_and_die(run_dir: Path, *arguments: str, **options: Any) -> None:
    killed = launch(run_dir, *arguments, **options)
    if options.get("processes", 1) == 1:
        assert killed.returncode == -signal.SIGKILL, killed.stderr[-3000:]
    else:
        assert killed.returncode != 0
        assert "SIGKILL" in killed.stderr


def contents(run_dir: Path) -> dict[str, Any]:
    """All that the last checkpoint holds: weights, moments, step counters, random states."""
    checkpoint = latest_checkpoint(run_dir)
    assert checkpoint is not None
    with parallel_groups(ONE_PROCESS):
        # As plain tensors, with the step counter among the optimizer's common part.
        plain = dist_checkpointing.load_plain_tensors(str(checkpoint))
        parts = load_sharded_metadata(str(checkpoint))
        objects = {key: value for key, value in parts.items() if "random_states" in key}
        random_states = dist_checkpointing.load(objects, str(checkpoint))
    return plain | {key: random_states[key] for key in objects}


def assert_equal(one: Any, two: Any, where: str = "") -> None:
    assert type(one) is type(two), where
    if isinstance(one, dict):
        assert one.keys() == two.keys(), where
        for key in one:
            assert_equal(one[key], two[key], f"{where}/{key}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(two), where
        for index, pair in enumerate(zip(one, two, strict=True)):
            assert_equal(*pair, f"{where}/{index}")
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, two), where
    else:
        assert one == two, where


def assert_same_run(first: Path, second: Path) -> None:
    metrics = [(run / "logs" / "metrics.jsonl").read_bytes() for run in (first, second)]
    assert metrics[0] == metrics[1]
    assert metrics[0].count(b"\n") > 20
    one, two = contents(first), contents(second)
    assert sum("exp_avg_sq" in key for key in one) > 5
    assert any("random_states" in key for key in one)
    assert "step" in repr(one["optimizer"])
    assert_equal(one, two)


def test_a_killed_run_continues_bit_for_bit(new_run: Callable[[str], Path]) -> None:
    whole, killed = new_run("whole"), new_run("killed")
    train(whole)
    train_and_die(killed, "--die-after", "6")
    assert [path.name for path in list_checkpoints(killed)] == ["step-0000004"]
    assert (killed / "logs" / "metrics.jsonl").read_text().count("\n") > 6
    train_and_die(killed, "--die-in-save", "8:after")
    assert [path.name for path in list_checkpoints(killed)] == ["step-0000004"]
    train(killed)
    assert_same_run(whole, killed)
    assert not list((killed / "checkpoints").glob(".*"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"distributed_optimizer": True},
        {"precision": "bf16"},
        {"precision": "bf16", "distributed_optimizer": True, "recompute": True},
    ],
    ids=["distributed optimizer", "bf16", "bf16, distributed optimizer, recompute"],
)
def test_every_kind_of_optimizer_continues_bit_for_bit(
    new_run: Callable[[str], Path], changes: dict[str, Any]
) -> None:
    whole, killed = new_run("whole"), new_run("killed")
    train(whole, **changes)
    train_and_die(killed, "--die-after", "3", **changes)
    train_and_die(killed, "--die-after", "11", **changes)
    train_and_die(killed, "--die-in-save", "12:before", **changes)
    # The third checkpoint is whole by now, the first is being removed.
    train_and_die(killed, "--die-in-save", "4:removing", **changes)
    train(killed, **changes)
    assert_same_run(whole, killed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"distributed_optimizer": True},
        {"tensor_parallel": 2},
        {"tensor_parallel": 2, "sequence_parallel": True},
        {"pipeline_parallel": 2},
    ],
    ids=["DP2", "DP2, distributed optimizer", "TP2", "TP2, sequence parallel", "PP2"],
)
def test_two_processes_continue_bit_for_bit(
    new_run: Callable[[str], Path], changes: dict[str, Any]
) -> None:
    whole, killed = new_run("whole"), new_run("killed")
    train(whole, processes=2, **changes)
    train_and_die(killed, "--die-after", "6", processes=2, **changes)
    train(killed, processes=2, **changes)
    assert_same_run(whole, killed)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"distributed_optimizer": True},
        {"tensor_parallel": 2, "sequence_parallel": True},
        {"pipeline_parallel": 2},
    ],
    ids=["DP2", "DP2, distributed optimizer", "TP2", "PP2"],
)
def test_two_processes_learn_what_one_does(
    new_run: Callable[[str], Path], changes: dict[str, Any]
) -> None:
    """Split or not, the numbers are the same but for rounding; so is a run that changes over."""
    without_dropout = {"model": {"dropout": 0.0, "attention_dropout": 0.0}}
    start_alike = {"checkpoint_interval_steps": 1, "keep_checkpoints": 1}
    alone, split = new_run("alone"), new_run("split")
    train(alone, **without_dropout, **start_alike)
    # From the same first step, because split models draw other random weights.
    own = {key: value for key, value in changes.items() if key == "distributed_optimizer"}
    train_and_die(split, "--die-after", "2", **without_dropout, **start_alike, **own)
    train(split, processes=2, **without_dropout, **start_alike, **changes)
    losses = []
    for run in (alone, split):
        lines = (run / "logs" / "metrics.jsonl").read_text().splitlines()
        losses.append([json.loads(line).get("loss", 0.0) for line in lines])
    assert losses[0] == pytest.approx(losses[1], abs=2e-4)
