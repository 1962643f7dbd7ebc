"""What several processes decide, they decide alike; and none waits for ever for one that failed."""

import socket
import subprocess
from pathlib import Path

import pytest

from galactica.checkpoints.folders import list_checkpoints, list_damaged
from galactica.parallelism.process_groups import launched_processes
from tests.galactica.short_runs import environment, python_program, run_program

AGREEING = """
import os, sys
from pathlib import Path
import torch
from galactica.parallelism.agreement import (
    SharedError, agreed, from_rank_zero, gathered, highest, raise_together
)

torch.distributed.init_process_group("gloo")
rank = torch.distributed.get_rank()
told = []

def fails():
    raise FileNotFoundError(2, "No such file", "of-rank-zero")

def raised(call):
    try:
        call()
    except SharedError as error:
        told.append(str(error))

told.append(from_rank_zero(lambda: rank + 10))
raised(lambda: from_rank_zero(fails))
told.append(gathered(rank))
told.append(highest([rank, -rank]))
raise_together(None)
raised(lambda: raise_together("mine" if rank == 1 else None))

def read(*missing):
    if rank in missing:
        raise ValueError("a mistake in the recipe")
    return "read"

told.append(agreed(lambda: read()))
raised(lambda: agreed(lambda: read(0)))
raised(lambda: agreed(lambda: read(1)))
raised(lambda: agreed(lambda: read(0, 1)))
raised(lambda: raise_together(f"of {rank}"))
Path(sys.argv[1], f"told-{rank}").write_text(repr(told))
torch.distributed.destroy_process_group()
"""


def test_both_processes_decide_and_raise_the_same(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    program = run_program(AGREEING, tmp_path / "out", processes=2)
    assert program.returncode == 0, program.stderr[-3000:]
    told = [(tmp_path / "out" / f"told-{rank}").read_text() for rank in (0, 1)]
    assert told[0] == told[1]
    assert told[0] == repr(
        [
            10,
            "[Errno 2] No such file: 'of-rank-zero'",
            [0, 1],
            [1, 0],
            "mine (process 1 of 2)",
            "read",
            "a mistake in the recipe (process 0 of 2)",
            "a mistake in the recipe (process 1 of 2)",
            "a mistake in the recipe",
            "of 0 (process 0 of 2)\nof 1 (process 1 of 2)",
        ]
    )


TRAINING = """
import os, sys
from pathlib import Path
from tests.galactica.short_runs import start
from galactica.checkpoints import writing as checkpoint_writing
from galactica.trainer import run as training_run
from galactica import training
run_dir, what = Path(sys.argv[1]), sys.argv[2]
rank = os.environ["RANK"]
if what == "alone" and rank == "1":
    compute = training_run.run_micro_batches
    def computes(*arguments, **options):
        if training_steps.append(1) or len(training_steps) == 3:
            raise MemoryError("of process 1 alone")
        return compute(*arguments, **options)
    training_steps = []
    training_run.run_micro_batches = computes
if what == "full" and rank == "1":
    record = checkpoint_writing.file_record
    def full(path):
        if "step-0000004" in str(path):
            raise OSError(28, "No space left on device", str(path))
        return record(path)
    checkpoint_writing.file_record = full
if what == "other shards" and rank == "1":
    from galactica.data import training_data
    real = training.open_training_data
    def opened(*arguments):
        data = real(*arguments)
        data.fingerprints["shards/train"] = "others"
        return data
    training.open_training_data = opened
summary = start(run_dir, epochs=1, checkpoint_interval_steps=2, keep_checkpoints=99)
print("resumed from", summary.resumed_from_step, flush=True)
"""


def run_without_torchrun(run_dir: Path, what: str) -> list[subprocess.CompletedProcess[str]]:
    """Two processes that find each other, and nobody who ends one where the other fails."""
    command = python_program(TRAINING, run_dir, what)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    names = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    processes = [
        subprocess.Popen(
            command,
            env=environment() | names | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    try:
        texts = [process.communicate(timeout=150) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [
        subprocess.CompletedProcess(command, process.returncode, *text)
        for process, text in zip(processes, texts, strict=True)
    ]


@pytest.mark.slow
def test_no_process_waits_for_ever_for_one_that_failed_alone(run_dir: Path) -> None:
    first, second = run_without_torchrun(run_dir, "alone")
    assert "MemoryError: of process 1 alone" in second.stderr
    assert (first.returncode, second.returncode) == (1, 1), first.stderr[-3000:]
    assert "ValueError: another process of this run ended while this one waited" in first.stderr


@pytest.mark.slow
def test_two_processes_fail_and_resume_together(run_dir: Path) -> None:
    """One cannot write its file; then one finds a file damaged that it is to look at."""
    both = run_without_torchrun(run_dir, "full")
    for process in both:
        assert process.returncode == 1
        assert "the checkpoint of step 4 could not be written" in process.stderr
        assert "No space left on device" in process.stderr
        assert "(process 1 of 2)" in process.stderr
    assert [path.name for path in (run_dir / "checkpoints").iterdir()] == ["step-0000002"]
    both = run_without_torchrun(run_dir, "plain")
    assert [p.stdout for p in both] == ["resumed from 2\n"] * 2, both[0].stderr[-3000:]

    *_, before, last = list_checkpoints(run_dir)
    for file in last.glob("__1_*.distcp"):
        file.write_bytes(bytes(file.stat().st_size))
    both = run_without_torchrun(run_dir, "plain")
    step = int(before.name.removeprefix("step-"))
    assert [p.stdout for p in both] == [f"resumed from {step}\n"] * 2, both[0].stderr[-3000:]
    assert [path.name for path in list_damaged(run_dir)] == [f"damaged-{last.name}"]
    # The warning comes once, from the first process.
    assert [p.stderr.count("has other content than was written") for p in both] == [1, 0]


@pytest.mark.slow
def test_processes_that_see_other_shards_do_not_train_together(run_dir: Path) -> None:
    for process in run_without_torchrun(run_dir, "other shards"):
        assert process.returncode == 1
        assert "process 1 would train another run than process 0: fingerprints.shards/train" in (
            process.stderr
        )
    assert not list_checkpoints(run_dir)


def test_a_number_of_processes_without_ranks_is_one_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert launched_processes() == 1
    monkeypatch.setenv("RANK", "1")
    assert launched_processes() == 2
