"""A training on a number of GPUs as a whole: its layout, whether it fits, and one that does."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from galactica.layout import check_layout
from galactica.planning.communication import Traffic, communication
from galactica.planning.hardware import Hardware
from galactica.planning.memory import Memory, Recomputation, fullest_stage
from galactica.planning.speed import pipeline_bubble, utilisation_bound
from galactica.settings import ModelSettings, TrainingSettings

#: Tokens of the paper's training (section 4): about 4.25 epochs of its corpus.
PAPER_TOKENS: Final = 450_000_000_000
#: Bounds of utilisation nearer than this are taken as equal.
_EQUAL_BOUNDS: Final = 0.02
#: From the least to the most that is computed twice.
_RECOMPUTATIONS: Final = get_args(Recomputation)
#: Micro-batches that a proposal tries: with more, matrix products gain nothing.
_MICRO_BATCHES: Final = (32, 16, 8, 4, 2, 1)


class DoesNotFitError(ValueError):
    """Every possible layout needs more memory than a GPU has."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A layout that can be started, and what one of its GPUs needs and sends.

    `memory` is that of the fullest pipeline stage. `bound` is `speed.utilisation_bound`.
    """

    model: ModelSettings
    training: TrainingSettings
    vocabulary_size: int
    gpus: int
    hardware: Hardware
    replicas: int
    memory: Memory
    traffic: Sequence[Traffic]
    bubble: float
    bound: float

    @property
    def fits(self) -> bool:
        """Whether the fullest stage is within the usable memory of a GPU."""
        return self.memory.total <= self.hardware.usable_bytes


def make_plan(
    model: ModelSettings,
    training: TrainingSettings,
    vocabulary_size: int,
    gpus: int,
    hardware: Hardware,
) -> Plan:
    """The plan of one layout. Raises ValueError, by `check_layout`, where it is impossible."""
    replicas = check_layout(model, training, gpus)
    traffic = communication(model, training, vocabulary_size, gpus, hardware)
    return Plan(
        model=model,
        training=training,
        vocabulary_size=vocabulary_size,
        gpus=gpus,
        hardware=hardware,
        replicas=replicas,
        memory=fullest_stage(model, training, vocabulary_size, replicas),
        traffic=traffic,
        bubble=pipeline_bubble(training, replicas),
        bound=utilisation_bound(model, training, vocabulary_size, gpus, hardware, traffic),
    )


def propose_plan(
    model: ModelSettings,
    training: TrainingSettings,
    vocabulary_size: int,
    gpus: int,
    hardware: Hardware,
    fixed: Container[str] = (),
) -> Plan:
    """The layout with the highest bound of utilisation among those that fit.

    Tensor parallelism stays within a node, with sequence parallelism. Of those within two points
    of the best, the one that splits the model least is taken, then the one that recomputes least,
    then the largest micro-batch. Fields
    of `training` named in `fixed` (`tensor_parallel`, `pipeline_parallel`,
    `micro_batch_size_samples`, `recompute`) keep their values.

    Raises ValueError, with the numbers, where there is no layout, and DoesNotFitError where none
    fits.
    """
    plans = []
    fault = ""
    for candidate in _candidates(model, training, gpus, hardware, fixed):
        try:
            plans.append(make_plan(model, candidate, vocabulary_size, gpus, hardware))
        except ValueError as error:
            fault = str(error)
    if not plans:
        raise ValueError(_no_layout(model, training, gpus, hardware, fixed, fault))
    fitting = [plan for plan in plans if plan.fits]
    if not fitting:
        least = min(plans, key=lambda plan: plan.memory.total)
        raise DoesNotFitError(
            f"no layout on {gpus:,} GPUs fits: the least, {layout_text(least)}, needs "
            f"{least.memory.total / 1e9:,.1f} GB of a GPU's {hardware.usable_bytes / 1e9:,.1f} "
            "that can be used: take more GPUs, or larger ones"
        )
    best = max(plan.bound for plan in fitting)
    return min(
        (plan for plan in fitting if plan.bound >= best - _EQUAL_BOUNDS),
        key=lambda plan: (
            plan.gpus // plan.replicas,
            _RECOMPUTATIONS.index(plan.training.recompute),
            -plan.training.micro_batch_size_samples,
            -plan.bound,
        ),
    )


def layout_text(plan: Plan) -> str:
    """The layout in words."""
    training = plan.training
    return (
        f"tensor {training.tensor_parallel} x pipeline {training.pipeline_parallel} x data "
        f"{plan.replicas}, micro-batch {training.micro_batch_size_samples}, "
        f"{'no' if training.recompute == 'none' else training.recompute} recomputation"
    )


def _candidates(
    model: ModelSettings,
    training: TrainingSettings,
    gpus: int,
    hardware: Hardware,
    fixed: Container[str],
) -> Iterator[TrainingSettings]:
    """What is worth looking at: all that divides, and whatever is fixed."""
    for t in _tensor_choices(model, training, hardware, fixed):
        for p in _pipeline_choices(model, training, fixed):
            replicas = gpus // (t * p)
            for micro_batch in _micro_batch_choices(training, fixed):
                if replicas * micro_batch > training.global_batch_size_samples:
                    continue
                for recompute in (training.recompute,) if "recompute" in fixed else _RECOMPUTATIONS:
                    yield training.model_copy(
                        update={
                            "tensor_parallel": t,
                            "pipeline_parallel": p,
                            "micro_batch_size_samples": micro_batch,
                            "sequence_parallel": t > 1 and not training.sequence_length_tokens % t,
                            "recompute": recompute,
                        }
                    )


def _tensor_choices(
    model: ModelSettings, training: TrainingSettings, hardware: Hardware, fixed: Container[str]
) -> list[int]:
    if "tensor_parallel" in fixed:
        return [training.tensor_parallel]
    heads, node = model.num_attention_heads, hardware.gpus_per_node
    return [t for t in range(1, node + 1) if node % t == 0 and heads % t == 0]


def _pipeline_choices(
    model: ModelSettings, training: TrainingSettings, fixed: Container[str]
) -> list[int]:
    if "pipeline_parallel" in fixed:
        return [training.pipeline_parallel]
    return [p for p in range(1, model.num_layers + 1) if model.num_layers % p == 0]


def _micro_batch_choices(training: TrainingSettings, fixed: Container[str]) -> list[int]:
    if "micro_batch_size_samples" in fixed:
        return [training.micro_batch_size_samples]
    return [b for b in _MICRO_BATCHES if training.global_batch_size_samples % b == 0]


def _no_layout(
    model: ModelSettings,
    training: TrainingSettings,
    gpus: int,
    hardware: Hardware,
    fixed: Container[str],
    fault: str,
) -> str:
    """Why there is no layout: the one that was fixed, or all the divisors that were tried."""
    tensor = _tensor_choices(model, training, hardware, fixed)
    pipeline = _pipeline_choices(model, training, fixed)
    if fault and len(tensor) == len(pipeline) == len(_micro_batch_choices(training, fixed)) == 1:
        return fault
    micro_batch = "micro-batch"
    if "micro_batch_size_samples" in fixed:
        micro_batch += f" {training.micro_batch_size_samples}"
    return (
        f"{gpus:,} GPU{'s' if gpus > 1 else ''} cannot be divided: no tensor x pipeline x data "
        f"parallelism makes {gpus:,} with tensor {_any_of(tensor)} "
        f"({model.num_attention_heads} heads, {hardware.gpus_per_node} GPUs of a node), "
        f"pipeline {_any_of(pipeline)} ({model.num_layers} layers) and data x "
        f"{micro_batch} a divisor of the batch, {training.global_batch_size_samples:,} samples"
    )


def _any_of(choices: Sequence[int]) -> str:
    written = [str(choice) for choice in choices]
    return written[0] if len(written) == 1 else f"{', '.join(written[:-1])} or {written[-1]}"
