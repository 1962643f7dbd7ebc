"""What `galactica pretrain` says while it trains: lines that a person, or a log, can read."""

import errno
import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from galactica.logs.progress import TrainingProgress, TrainingSummary
from galactica.validation.losses import LossSum, SplitLosses
from pipelines.progress import ConsoleProgress
from pipelines.training_command import _ShownProgress

CUT_SHARD = """
import os
from pathlib import Path
import pipelines.training_command as command
from tokenization.mapped_files import map_file

def shard_dataset(recipe, overrides):
    shard = Path("shard")
    shard.write_bytes(bytes(1 << 20))
    mapped = map_file(shard)
    os.truncate(shard, 0)
    return mapped.to_pybytes()

command.load_recipe = shard_dataset
command.pretrain_together(Path("recipe.yaml"), (), None, None)
"""
SPLIT = SplitLosses({"[bold]latex": LossSum(10, 25.0, 40)}, {})


def after(step: int, **values: object) -> TrainingProgress:
    known = {"loss": 4.0, "gradient_norm": 1.0, "tokens_per_second": 500.0, "seconds_left": 90.0}
    return TrainingProgress(
        step, 40, 8 * step, 320, 64 * step, step / 10, 1e-3,
        **((known if step else {}) | values),  # type: ignore[arg-type]
    )  # fmt: skip


def told(terminal: bool, stopped_early: str | None = None) -> str:
    written = io.StringIO()
    console = Console(file=written, width=200, force_terminal=terminal)
    with ConsoleProgress(console) as progress:
        shown = _ShownProgress(progress, console, 10)
        shown.update(after(0, held_out={"validation": SPLIT}))
        for step in range(1, 21):
            shown.update(after(step, held_out={"validation": SPLIT} if step == 15 else None))
        shown.end(
            TrainingSummary(
                20, 160, 1280, 2.0, Path("c"), None, stopped_early=stopped_early, loss=4.0
            )
        )
    return written.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_steps_are_said_at_their_interval_and_validations_always(terminal: bool) -> None:
    text = told(terminal)
    assert re.findall(r"step (\d+)/40  [\d,]+ tokens .* gradient norm", text) == ["10", "20"]
    assert "step 10/40  640 tokens  epoch 1.000  loss 4.0000" in text
    assert "500 tokens/s  90 s left" in text
    # As it is written: a name is no markup of the console's.
    held_out = "validation loss 2.5000, 0.902 bits/byte: [bold]latex 2.5000"
    assert text.count(f"step 0  {held_out}") == text.count(f"step 15  {held_out}") == 1
    assert "20 steps = 160 samples = 1,280 tokens, 2 epochs, loss 4.000" in text


class LostOutput(io.StringIO):
    """A pipe whose reader is gone, or a terminal."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _: str) -> int:
        raise self.error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), OSError(errno.EIO, "Input/output error")]
)
def test_lines_that_nobody_can_read_end_no_training(
    error: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (tmp_path / "stdout").open("w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)  # which rich closes for what is lost
        console = Console(file=LostOutput(error))
        with ConsoleProgress(console) as progress:
            shown = _ShownProgress(progress, console, 1)
            for step in range(3):
                shown.update(after(step, held_out={"validation": SPLIT}))
            shown.end(TrainingSummary(2, 16, 128, 2.0, Path("c"), None, stopped_by="SIGINT"))


def test_the_account_says_why_a_run_ended_early() -> None:
    assert "loss 4.000, stopped early: it rose" in told(False, "it rose")


@pytest.mark.slow
def test_a_shard_that_is_cut_while_it_is_read_is_told_with_who_read_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHARD],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGBUS
    assert "Fatal Python error: Bus error" in done.stderr
    assert "in shard_dataset" in done.stderr
