"""The folders of a run's checkpoints: their names, their order, what they hold.

checkpoints/step-0000120            a checkpoint: it got its name when all of it was there
checkpoints/.step-0000130.partial   being written, being removed, or left so by a kill
checkpoints/damaged-step-0000140    was found damaged, and moved aside by a resume
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from galactica.checkpoints.training_state import STATE_NAME, TrainingState, read_training_state
from tokenization.manifests import UNFINISHED_SUFFIX, fingerprint_file

_FOLDER: Final = "checkpoints"
_NAME: Final = re.compile(r"step-(\d+)")
_DAMAGED: Final = "damaged-"


def checkpoint_folder(run_dir: Path, step: int) -> Path:
    """Where the checkpoint of a step lies or will lie."""
    return run_dir / _FOLDER / f"step-{step:07d}"


def unfinished_folder(checkpoint: Path) -> Path:
    """Where a checkpoint lies while it is written, or removed."""
    return checkpoint.with_name(f".{checkpoint.name}{UNFINISHED_SUFFIX}")


def list_checkpoints(run_dir: Path) -> list[Path]:
    """The checkpoints of a run, earliest first."""
    found = [path for path in (run_dir / _FOLDER).glob("step-*") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def latest_checkpoint(run_dir: Path) -> Path | None:
    """The checkpoint of the highest step, or None."""
    checkpoints = list_checkpoints(run_dir)
    return checkpoints[-1] if checkpoints else None


def best_checkpoint(run_dir: Path, state: TrainingState) -> Path | None:
    """The checkpoint of the lowest mean validation loss until `state`, or None: it is not kept."""
    step = state.loss_watch.best_step
    checkpoint = None if step is None else checkpoint_folder(run_dir, step)
    return checkpoint if checkpoint is not None and checkpoint.is_dir() else None


def list_damaged(run_dir: Path) -> list[Path]:
    """The folders that a resume moved aside."""
    return sorted((run_dir / _FOLDER).glob(f"{_DAMAGED}step-*"))


def file_record(path: Path) -> tuple[int, str]:
    """The size of a file in bytes, and the fingerprint of its content."""
    return path.stat().st_size, fingerprint_file(path)


def fault_of(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint by the sizes of its files, or None: no content is read.

    Raises OSError where it cannot be looked at, which is no fault of the checkpoint.
    """
    state_file = checkpoint / STATE_NAME
    try:
        state = read_training_state(checkpoint)
    except FileNotFoundError:
        return f"{state_file} is missing"
    except ValueError as error:
        return str(error)
    for name, (size, _) in state.files.items():
        try:
            found = (checkpoint / name).stat().st_size
        except FileNotFoundError:
            return f"{checkpoint / name} is missing"
        if found != size:
            return f"{checkpoint / name} has {found:,} bytes, of {size:,} that were written"
    return None


def content_fault(checkpoint: Path, files: Mapping[str, tuple[int, str]]) -> str | None:
    """The first of these files whose content is not what was written, or None; reads them whole."""
    for name, (_, fingerprint) in files.items():
        if fingerprint_file(checkpoint / name) != fingerprint:
            return f"{checkpoint / name} has other content than was written"
    return None


def set_aside(checkpoint: Path) -> Path:
    """Move a damaged checkpoint out of the way, to be looked at; returns where it lies now."""
    number = 0
    while True:
        ending = f"-{number}" if number else ""
        aside = checkpoint.with_name(f"{_DAMAGED}{checkpoint.name}{ending}")
        if not aside.exists():
            return checkpoint.rename(aside)
        number += 1


def remove_checkpoint(checkpoint: Path) -> None:
    """Remove a checkpoint so that no half of it is ever taken for a whole one."""
    hidden = unfinished_folder(checkpoint)
    checkpoint.replace(hidden)
    shutil.rmtree(hidden)


def remove_unfinished(run_dir: Path) -> None:
    """Remove what an interrupted save or removal left behind."""
    for path in (run_dir / _FOLDER).glob(f".step-*{UNFINISHED_SUFFIX}"):
        shutil.rmtree(path)


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on the disk, so that they outlast a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
