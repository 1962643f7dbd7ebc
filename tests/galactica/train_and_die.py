"""Trains, and is killed at a step or within a save: run as a program, also under torchrun.

    train_and_die.py RUN_DIR '{"epochs": 2, ...}' [--die-after STEP | --die-in-save STEP:WHERE]

WHERE is `before` the files are written, `after` them (not yet renamed), or `removing` old ones.
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from galactica import checkpoints
from galactica.settings import ModelSettings, TrainingSettings
from galactica.training import TrainingProgress, pretrain

MODEL = ModelSettings(
    num_layers=2, hidden_size=32, num_attention_heads=2, max_position_embeddings=32
)
TRAINING: dict[str, Any] = {
    "epochs": 2.5,
    "sequence_length_tokens": 32,
    "global_batch_size_samples": 8,
    "micro_batch_size_samples": 2,
    "learning_rate": 1e-2,
    "checkpoint_interval_steps": 4,
}


def die() -> None:
    """End as a power failure would: no handler runs, nothing is flushed."""
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_save(step: int, where: str) -> None:
    name = {"before": "dist_checkpointing", "after": "write_atomically", "removing": "shutil"}[
        where
    ]
    method = {"before": "save", "after": None, "removing": "rmtree"}[where]
    target: Any = getattr(checkpoints, name) if method else checkpoints
    original = getattr(target, method or name)

    def call(*args: Any, **options: Any) -> Any:
        if any(f"{step:07d}" in str(argument) for argument in args):
            die()
        return original(*args, **options)

    setattr(target, method or name, call)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("changes", type=json.loads)
    parser.add_argument("--die-after", type=int)
    parser.add_argument("--die-in-save")
    arguments = parser.parse_args()
    changes = arguments.changes
    model = MODEL.model_copy(update=changes.pop("model", {}))
    if arguments.die_in_save:
        step, where = arguments.die_in_save.split(":")
        die_in_save(int(step), where)

    def progress(done: TrainingProgress) -> None:
        if done.step == arguments.die_after:
            die()

    pretrain(
        model,
        TrainingSettings.model_validate(TRAINING | changes),
        run_dir=arguments.run_dir,
        seed=5,
        vocabulary_size=97,
        progress=progress,
    )


if __name__ == "__main__":
    main()
