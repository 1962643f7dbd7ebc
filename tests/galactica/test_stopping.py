"""A run that is asked to stop saves after its step, ends in order, and goes on as if it had not."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from galactica import training
from galactica.checkpoints import writing as checkpoint_writing
from galactica.checkpoints.content import load_checkpoint
from galactica.checkpoints.folders import file_record, latest_checkpoint, list_checkpoints
from galactica.checkpoints.training_state import read_training_state
from galactica.trainer.stop_requests import STOP_SIGNALS, stop_request
from tests.galactica.short_runs import environment, metrics, python_program, start

NewRun = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _signals_as_in_a_terminal() -> Iterator[None]:
    """Tests in the background, without job control, have Ctrl-C ignored; under nohup, SIGHUP."""
    before = (
        signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.signal(signal.SIGHUP, signal.SIG_DFL),
    )
    yield
    signal.signal(signal.SIGINT, before[0])
    signal.signal(signal.SIGHUP, before[1])


def signal_at(step: int, number: int) -> Callable[[Any], None]:
    """Sends the signal to this process while a step is being reported."""

    def progress(done: Any) -> None:
        if done.step == step:
            os.kill(os.getpid(), number)

    return progress


def test_a_signal_in_the_last_step_stops_nothing(run_dir: Path) -> None:
    steps: list[int] = []

    def progress(done: Any) -> None:
        if done.step == done.total_steps - 1:
            signal_at(done.step, signal.SIGTERM)(done)
        steps.append(done.step)

    summary = start(run_dir, progress=progress, epochs=1)
    assert summary.stopped_by is None
    assert summary.steps == steps[-1] == len(steps) - 1
    assert start(run_dir, epochs=1).already_finished


@pytest.mark.parametrize("number", STOP_SIGNALS, ids=lambda number: number.name)
def test_a_signal_saves_after_the_step_and_a_resume_goes_on_bit_for_bit(
    new_run: NewRun, number: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    stopped, whole = new_run("stopped"), new_run("whole")
    summary = start(stopped, progress=signal_at(3, number), epochs=1)
    assert summary.stopped_by == number.name
    # The signal came while step 3 was being reported; step 4 is done before anybody looks.
    assert (summary.steps, summary.checkpoint) == (4, latest_checkpoint(stopped))
    assert f"stopped by {number.name} after step 4" in caplog.text
    assert f"the same command goes on from {summary.checkpoint}" in caplog.text
    assert start(stopped, epochs=1).resumed_from_step == 4
    start(whole, epochs=1)
    assert metrics(stopped) == metrics(whole)


def test_a_signal_before_the_first_step_leaves_nothing_to_save(
    run_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    summary = start(run_dir, progress=signal_at(0, signal.SIGTERM), epochs=1)
    assert (summary.stopped_by, summary.steps, summary.checkpoint) == ("SIGTERM", 0, None)
    assert "stopped by SIGTERM after step 0" in caplog.text
    assert "nothing was to be saved" in caplog.text
    assert not list_checkpoints(run_dir)
    assert start(run_dir, epochs=1).resumed_from_step is None


def test_a_signal_before_the_first_step_of_a_resume_saves_nothing_anew(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start(run_dir, progress=signal_at(3, signal.SIGTERM), epochs=1)
    (checkpoint,) = list_checkpoints(run_dir)
    before = checkpoint.stat().st_mtime_ns
    load = load_checkpoint

    def sends(*arguments: Any) -> None:
        load(*arguments)
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(training, "load_checkpoint", sends)
    again = start(run_dir, epochs=1)
    assert (again.steps, again.checkpoint) == (first.steps, checkpoint)
    assert checkpoint.stat().st_mtime_ns == before


def test_a_signal_during_a_save_leaves_both_checkpoints_whole(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = file_record

    def sends(path: Path) -> tuple[int, str]:
        if "step-0000002" in str(path):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.05)
        return record(path)

    monkeypatch.setattr(checkpoint_writing, "file_record", sends)
    summary = start(run_dir, epochs=1, checkpoint_interval_steps=2, keep_checkpoints=9)
    assert summary.stopped_by == "SIGTERM"
    steps = [read_training_state(path).step for path in list_checkpoints(run_dir)]
    assert steps == sorted({2, summary.steps})
    assert not list((run_dir / "checkpoints").glob(".*"))


def test_ctrl_c_twice_ends_at_once(run_dir: Path) -> None:
    def progress(done: Any) -> None:
        if done.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        start(run_dir, progress=progress, epochs=1)
    assert not list_checkpoints(run_dir)


def test_handlers_are_as_before_when_the_run_is_over(run_dir: Path) -> None:
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    start(run_dir, epochs=0.5)
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with stop_request() as request:
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(0.01)
            assert request.signal == 0
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_in_another_thread_no_signal_is_asked_for() -> None:
    requests = []

    def enter() -> None:
        with stop_request() as request:
            requests.append(request.signal)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert requests == [0]


PROGRAM = """
import os, sys, time
from pathlib import Path
from tests.galactica.short_runs import start
run_dir = Path(sys.argv[1])
rank = os.environ.get("RANK", "0")
(run_dir / f"rank-{rank}").write_text(str(os.getpid()))
def progress(done):
    if done.step == 2:
        (run_dir / "running").touch()
        while not (run_dir / "go").exists():
            time.sleep(0.01)
summary = start(run_dir, progress=progress, epochs=2.5)
# In one piece, since the other process writes too.
os.write(1, f"stopped by {summary.stopped_by} after {summary.steps}.\\n".encode())
"""


@pytest.mark.slow
@pytest.mark.parametrize("to", ["one of the two", "torchrun"])
def test_resume_of_two_processes_of_which_one_or_both_were_told_to_stop(
    run_dir: Path, to: str
) -> None:
    """A signal that reaches a single process stops all, at one step."""
    command = python_program(PROGRAM, run_dir, processes=2)
    with subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=run_dir,
    ) as program:
        deadline = time.monotonic() + 100
        while not (run_dir / "running").exists():
            assert program.poll() is None, program.communicate()[1][-3000:]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        if to == "torchrun":
            program.send_signal(signal.SIGTERM)
        else:
            os.kill(int((run_dir / "rank-1").read_text()), signal.SIGTERM)
        time.sleep(0.2)
        (run_dir / "go").touch()
        out, error = program.communicate(timeout=100)
    # torchrun ends with an error where it was told to end itself, whatever its processes do.
    assert (program.returncode == 0) == (to != "torchrun"), error[-3000:]
    checkpoint = latest_checkpoint(run_dir)
    assert checkpoint is not None
    step = read_training_state(checkpoint).step
    assert out.count(f"stopped by SIGTERM after {step}.") == 2
    assert 2 < step < 10
