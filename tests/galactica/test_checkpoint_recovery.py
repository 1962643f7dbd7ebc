"""A damaged newest checkpoint is left for the one before; none is ever begun without a word."""

import json
import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from galactica.checkpoints.folders import latest_checkpoint, list_checkpoints, list_damaged
from galactica.checkpoints.training_state import STATE_NAME
from tests.galactica.conftest import write_shards
from tests.galactica.short_runs import start

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, of whose checkpoints the last two are kept."""
    run_dir = write_shards(tmp_path_factory.mktemp("finished") / "run")
    start(run_dir, epochs=1, checkpoint_interval_steps=2)
    return run_dir


@pytest.fixture
def run_dir(finished_run: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished_run, tmp_path / "run")


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a file cut short": (lambda c: cut(c / "__0_0.distcp"), r"__0_0.distcp has [\d,]+ bytes, of"),
    "a file missing": (lambda c: (c / "__0_1.distcp").unlink(), "__0_1.distcp is missing"),
    "a bit": (lambda c: flip_a_bit(c / "__0_1.distcp"), "__0_1.distcp has other content"),
    "the index": (lambda c: flip_a_bit(c / ".metadata"), ".metadata has other content"),
    "the common part": (lambda c: cut(c / "common.pt"), "common.pt has"),
    "no state": (lambda c: (c / STATE_NAME).unlink(), f"{STATE_NAME} is missing"),
    "an empty state": (lambda c: (c / STATE_NAME).write_bytes(b""), "is not a training state"),
    "a state of something else": (
        lambda c: (c / STATE_NAME).write_text('{"step": []}'),
        "is not a training state: ",
    ),
    "an empty folder": (empty, f"{STATE_NAME} is missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_resume_goes_on_from_the_checkpoint_before_a_damaged_one(
    run_dir: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, newest = list_checkpoints(run_dir)
    metrics = (run_dir / "logs" / "metrics.jsonl").read_bytes()
    destroy, message = DAMAGES[damage]
    destroy(newest)
    with caplog.at_level(logging.WARNING, "galactica.checkpoints.recovery"):
        summary = start(run_dir, epochs=1, checkpoint_interval_steps=2)
    assert summary.resumed_from_step == int(before.name.removeprefix("step-"))
    assert not summary.already_finished
    (warning,) = [r for r in caplog.records if r.name == "galactica.checkpoints.recovery"]
    assert f"going on from {before} instead" in warning.getMessage()
    assert re.search(message, warning.getMessage())
    # It is beside the others, not among them, and its place is taken by the same step again.
    assert [path.name for path in list_damaged(run_dir)] == [f"damaged-{newest.name}"]
    assert list_checkpoints(run_dir) == [before, newest]
    assert (run_dir / "logs" / "metrics.jsonl").read_bytes() == metrics


def test_where_no_checkpoint_can_be_read_nothing_begins_again(run_dir: Path) -> None:
    before = {path: path.read_bytes() for path in run_dir.rglob("*") if path.is_file()}
    for checkpoint in list_checkpoints(run_dir):
        cut(checkpoint / "__0_0.distcp")
        before[checkpoint / "__0_0.distcp"] = before[checkpoint / "__0_0.distcp"][:-1]
    with pytest.raises(ValueError, match=r"(?s)no checkpoint .* can be read \(step-.*step-.*bytes"):
        start(run_dir, epochs=1, checkpoint_interval_steps=2)
    assert {path: path.read_bytes() for path in before} == before


def test_only_checkpoints_that_were_moved_aside_do_not_begin_again(run_dir: Path) -> None:
    for checkpoint in list_checkpoints(run_dir):
        checkpoint.rename(checkpoint.with_name(f"damaged-{checkpoint.name}"))
    with pytest.raises(ValueError, match=r"(?s)read \(damaged-step-.*remove the folder"):
        start(run_dir, epochs=1, checkpoint_interval_steps=2)


def test_a_checkpoint_damaged_twice_is_moved_aside_twice(run_dir: Path) -> None:
    for _ in range(2):
        newest = latest_checkpoint(run_dir)
        assert newest is not None
        cut(newest / "common.pt")
        start(run_dir, epochs=1, checkpoint_interval_steps=2)
    assert len(list_damaged(run_dir)) == 2


def test_what_cannot_be_looked_at_is_not_taken_for_damage(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is away for a moment must not cost a checkpoint."""

    def fails(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr("galactica.checkpoints.folders.fingerprint_file", fails)
    with pytest.raises(ValueError, match="Input/output error"):
        start(run_dir, epochs=1, checkpoint_interval_steps=2)
    assert not list_damaged(run_dir)


def test_the_state_names_every_file_of_the_checkpoint(run_dir: Path) -> None:
    newest = latest_checkpoint(run_dir)
    assert newest is not None
    state = json.loads((newest / STATE_NAME).read_text())
    assert set(state["files"]) | {STATE_NAME} == {path.name for path in newest.iterdir()}


def test_other_folders_among_the_checkpoints_are_left_alone(run_dir: Path) -> None:
    (run_dir / "checkpoints" / "step-best").mkdir()
    (run_dir / "checkpoints" / "notes.txt").write_text("mine")
    assert start(run_dir, epochs=1, checkpoint_interval_steps=2).already_finished
    assert (run_dir / "checkpoints" / "step-best").is_dir()
