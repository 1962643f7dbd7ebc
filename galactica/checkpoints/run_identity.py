"""What makes a run the same run: what a resume refuses, and what it only mentions."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from galactica.checkpoints.training_state import TrainingState, read_training_state
from galactica.parallelism.agreement import from_rank_zero, gathered, raise_together
from galactica.settings import TrainingSettings

logger = logging.getLogger(__name__)

#: Settings that change in which order numbers are added and masks are drawn: a resumed run may
#: change them, and goes on within rounding, but with other dropout masks.
ROUNDING_SETTINGS: Final = frozenset(
    {
        "micro_batch_size_samples",
        "tensor_parallel",
        "pipeline_parallel",
        "sequence_parallel",
        "transformer_engine",
        "compile",
        "deterministic",
    }
)
#: Settings that change no number of the training: how to compute, when to save, what to tell.
EXECUTION_SETTINGS: Final = ROUNDING_SETTINGS | {
    "recompute",
    "overlap_gradient_reduce",
    "overlap_parameter_gather",
    "checkpoint_interval_steps",
    "checkpoint_interval_epochs",
    "keep_checkpoints",
    "keep_best_checkpoint",
    "asynchronous_checkpoints",
    "verify_shards",
    "stop_gradient_norm_ratio",
    "log_interval_steps",
    "validation_interval_epochs",
    "validation_interval_tokens",
    "wandb_project",
}


def check_same_everywhere(state: TrainingState) -> None:
    """Refuse to train where the processes are not about to train the same.

    Raises SharedError, with what differs: machines that see another recipe, other shards or
    another version of a package. Called by every process.
    """
    states = gathered(state)
    for rank, other in enumerate(states):
        if differences := list(_differences(states[0], other, frozenset())):
            raise_together(
                f"process {rank} would train another run than process 0: {'; '.join(differences)}. "
                "All machines must see one run directory and one recipe, and have the same packages"
            )


def resumed_state(checkpoint: Path, current: TrainingState) -> TrainingState:
    """The state of a run that goes on from its checkpoint; every process calls it.

    Raises SharedError where it is another run. What changes no number but the last bits is said in
    the log.
    """
    stored = from_rank_zero(lambda: _read_own_state(checkpoint, current))
    return replace(
        current,
        step=stored.step,
        consumed_samples=stored.consumed_samples,
        gradient_norms=stored.gradient_norms,
        loss_watch=stored.loss_watch,
        fingerprints=_with_start(current.fingerprints, stored),
    )


def check_same_run(stored: TrainingState, current: TrainingState, checkpoint: Path) -> None:
    """Refuse to resume what is not the same run.

    Raises ValueError naming everything that differs, unless it is one of EXECUTION_SETTINGS, a
    version or a device. What the weights began with is the stored run's affair: it is not read
    again, only its path is compared.
    """
    current = replace(current, fingerprints=_with_start(current.fingerprints, stored))
    differences = list(_differences(stored, current, EXECUTION_SETTINGS))
    if differences:
        raise ValueError(
            f"{checkpoint} cannot be resumed, because this is another run:\n  "
            + "\n  ".join(differences)
            + "\nUndo the change, or use another run directory, or remove its checkpoints."
        )


def rounding_differences(stored: TrainingState, current: TrainingState) -> list[str]:
    """What makes a resumed run go on within rounding, and not bit for bit."""
    then, now = _known_settings(stored.training), _known_settings(current.training)
    pairs = [
        *((name, then.get(name), now.get(name)) for name in sorted(ROUNDING_SETTINGS)),
        *_pairs(stored.versions, current.versions),
        *_pairs(stored.computed_on, current.computed_on),
    ]
    return [f"{name}: {old} -> {new}" for name, old, new in pairs if old != new]


def _read_own_state(checkpoint: Path, current: TrainingState) -> TrainingState:
    stored = read_training_state(checkpoint)
    check_same_run(stored, current, checkpoint)
    if changes := rounding_differences(stored, current):
        logger.warning(
            "%s is resumed, but not bit for bit (rounding, other dropout masks): %s",
            checkpoint,
            "; ".join(changes),
        )
    return stored


def _with_start(fingerprints: Mapping[str, str], stored: TrainingState) -> dict[str, str]:
    start = stored.fingerprints.get("start_from")
    return {**fingerprints, "start_from": start} if start is not None else dict(fingerprints)


def _differences(
    stored: TrainingState, current: TrainingState, left_out: frozenset[str]
) -> Iterator[str]:
    sections = ("model", "training", "fingerprints") + (() if left_out else ("versions",))
    for section in sections:
        then, now = getattr(stored, section), getattr(current, section)
        if section == "training":
            then, now = _known_settings(then), _known_settings(now)
        for name, old, new in _pairs(then, now):
            if old != new and name not in left_out:
                yield f"{section}.{name}: {old} -> {new}"
    for name in ("seed", "vocabulary_size", "total_samples"):
        old, new = getattr(stored, name), getattr(current, name)
        if old != new:
            yield f"{name}: {old} -> {new}"


def _pairs(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted({*then, *now}):
        yield name, then.get(name), now.get(name)


def _known_settings(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Stored settings with the defaults of those that there were none of yet.

    A setting that came later was its default before it could be given. What today's settings do
    not take is left as it is, and differs.
    """
    try:
        return TrainingSettings.model_validate(stored).model_dump(mode="json")
    except ValidationError:
        return stored
