"""Pretraining: Megatron-core's model, optimizer and schedules, fed from Arrow shards.

The same code runs on two CPU cores (gloo) and on a cluster of GPUs (NCCL), alone or under
torchrun. `train` reads from top to bottom: build, resume, then step, validate and save until
every sample is consumed.
"""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from megatron.core.distributed import DistributedDataParallel
from megatron.core.optimizer import MegatronOptimizer

from galactica.batches import SampleDataset, TrainingDataset, micro_batches, num_micro_batches
from galactica.checkpoints import (
    TrainingState,
    check_same_run,
    latest_checkpoint,
    load_checkpoint,
    read_training_state,
    remove_unfinished,
    save_checkpoint,
)
from galactica.forward import run_micro_batches
from galactica.layout import check_layout
from galactica.logs import RunLogs
from galactica.model import build_model
from galactica.optimization import (
    build_optimizer,
    build_scheduler,
    learning_rate,
    wrap_for_data_parallel,
)
from galactica.parallel import Layout, launched_processes, parallel_groups
from galactica.progress import TrainingProgress, TrainingSummary
from galactica.schedule import Schedule
from galactica.settings import ModelSettings, TrainingSettings
from galactica.shard_dataset import training_dataset, validation_datasets
from galactica.validation import validation_losses
from tokenization.manifests import MANIFEST_NAME, fingerprint_file, read_manifest

__all__ = ["TrainingData", "TrainingProgress", "TrainingSummary", "pretrain", "train"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run learns from and is validated on. `fingerprints` say which data it is."""

    train: TrainingDataset
    validation: Mapping[str, SampleDataset]
    fingerprints: Mapping[str, str]


def pretrain(
    model: ModelSettings,
    training: TrainingSettings,
    *,
    run_dir: Path,
    seed: int,
    vocabulary_size: int,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainingSummary:
    """Train on `run_dir/shards`, from the latest checkpoint of `run_dir/checkpoints` if any.

    Leaves checkpoints, `logs/metrics.jsonl` and `logs/speed.jsonl`. A run that was killed
    continues bit for bit as if it had not been, on the same machine and layout; one that is
    finished returns at once. `progress` is called on rank 0 before the first step and after every
    step.

    Raises ValueError, saying what to change, where the settings do not fit the data, the
    processes or the checkpoints, or where the loss stops being a number.
    """
    return train(
        model,
        training,
        open_training_data(run_dir, training, seed),
        run_dir=run_dir,
        seed=seed,
        vocabulary_size=vocabulary_size,
        progress=progress,
    )


def open_training_data(run_dir: Path, training: TrainingSettings, seed: int) -> TrainingData:
    """The samples of `run_dir/shards/train` and `run_dir/shards/validation`."""
    shards = run_dir / "shards"
    fingerprints = {}
    for split in ("train", "validation"):
        manifest = shards / split / MANIFEST_NAME
        if not manifest.is_file():
            raise ValueError(
                f"{run_dir} has no shards to train on ({manifest} is missing): run "
                "`galactica build` with this run directory first"
            )
        fingerprints[f"shards/{split}"] = read_manifest(manifest).facts["shards"]["fingerprint"]
    tokenizer = run_dir / "tokenizer" / "tokenizer.json"
    if tokenizer.is_file():
        fingerprints["tokenizer"] = fingerprint_file(tokenizer)
    length = training.sequence_length_tokens
    return TrainingData(
        train=training_dataset(
            shards / "train",
            sequence_length=length,
            epochs=training.epochs,
            seed=seed,
            source_epochs=training.source_epochs,
        ),
        validation=validation_datasets(shards / "validation", sequence_length=length),
        fingerprints=fingerprints,
    )


def train(
    model: ModelSettings,
    training: TrainingSettings,
    data: TrainingData,
    *,
    run_dir: Path,
    seed: int,
    vocabulary_size: int,
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainingSummary:
    """`pretrain` on data that is open already."""
    schedule = Schedule(
        training.epochs, tuple(data.train.pass_end_samples), training.global_batch_size_samples
    )
    check_layout(model, training, launched_processes())
    _check_run(training, schedule)
    state = TrainingState(
        step=0,
        consumed_samples=0,
        total_samples=schedule.total_samples,
        seed=seed,
        vocabulary_size=vocabulary_size,
        model=model.model_dump(mode="json"),
        training=training.model_dump(mode="json"),
        fingerprints=data.fingerprints,
        versions={name: version(name) for name in ("torch", "megatron-core", "numpy")},
    )
    checkpoint = latest_checkpoint(run_dir)
    resumed_from_step = None
    if checkpoint is not None:
        stored = read_training_state(checkpoint)
        check_same_run(stored, state, checkpoint)
        state = replace(state, step=stored.step, consumed_samples=stored.consumed_samples)
        resumed_from_step = state.step
    length = training.sequence_length_tokens
    if checkpoint is not None and state.finished:
        logger.info("training has finished already: %s is the end of the run", checkpoint)
        return TrainingSummary(
            steps=state.step,
            consumed_samples=state.consumed_samples,
            consumed_tokens=state.consumed_samples * length,
            epochs=training.epochs,
            checkpoint=checkpoint,
            resumed_from_step=resumed_from_step,
            already_finished=True,
        )

    with parallel_groups(training, seed) as layout:
        built = build_model(
            model, training, vocabulary_size, layout.is_first_stage, layout.is_last_stage
        )
        wrapped = wrap_for_data_parallel(built, training)
        optimizer = build_optimizer(wrapped, training)
        scheduler = build_scheduler(optimizer, training, schedule.total_samples)
        if checkpoint is not None:
            load_checkpoint(checkpoint, state, built, optimizer, layout)
            scheduler.step(state.consumed_samples)
        if layout.rank == 0:
            remove_unfinished(run_dir)
            logger.info(
                "%s: %s parameters, %s samples of %s tokens in %s steps",
                f"resuming from {checkpoint}" if checkpoint else "training from the start",
                f"{model.num_parameters(vocabulary_size):,}",
                f"{schedule.total_samples:,}",
                f"{length:,}",
                f"{schedule.total_steps:,}",
            )
        started, samples_before = time.perf_counter(), state.consumed_samples
        loss: float | None = None
        losses: dict[str, float] | None = None
        with RunLogs(run_dir, resumed_from_step, writes=layout.rank == 0) as logs:
            if state.step == 0:
                losses = validation_losses(wrapped, data.validation, training, layout)
                first = _progress(state, schedule, training, optimizer, validation_loss=losses)
                _report(first, logs, training, layout, progress)
            while not state.finished:
                step_started = time.perf_counter()
                start, stop = state.consumed_samples, schedule.consumed_after(state.step + 1)
                scheduler.step(stop - start)
                loss, gradient_norm = _train_step(
                    wrapped, optimizer, data.train, start, stop, training, layout
                )
                if not math.isfinite(loss):
                    raise ValueError(
                        f"the loss of step {state.step + 1} is {loss}: lower "
                        "training.learning_rate or warm up longer"
                    )
                speed = (stop - start) * length / (time.perf_counter() - step_started)
                state = replace(state, step=state.step + 1, consumed_samples=stop)
                validates = state.finished or schedule.crosses(
                    state.step, training.validation_interval_epochs
                )
                if validates:
                    losses = validation_losses(wrapped, data.validation, training, layout)
                done = _progress(
                    state,
                    schedule,
                    training,
                    optimizer,
                    loss=loss,
                    gradient_norm=gradient_norm,
                    tokens_per_second=speed,
                    validation_loss=losses if validates else None,
                )
                _report(done, logs, training, layout, progress)
                if state.finished or _saves(state.step, training, schedule):
                    logs.sync()
                    checkpoint = save_checkpoint(
                        run_dir, state, built, optimizer, layout, training.keep_checkpoints
                    )
    assert checkpoint is not None
    seconds = time.perf_counter() - started
    return TrainingSummary(
        steps=state.step,
        consumed_samples=state.consumed_samples,
        consumed_tokens=state.consumed_samples * length,
        epochs=training.epochs,
        checkpoint=checkpoint,
        resumed_from_step=resumed_from_step,
        loss=loss,
        validation_loss=losses,
        seconds=seconds,
        tokens_per_second=(state.consumed_samples - samples_before) * length / seconds,
    )


def _train_step(
    wrapped: DistributedDataParallel,
    optimizer: MegatronOptimizer,
    dataset: SampleDataset,
    start: int,
    stop: int,
    training: TrainingSettings,
    layout: Layout,
) -> tuple[float, float]:
    """One optimizer step on the samples `start` to `stop`: mean loss and the gradient's norm."""
    micro_batch = training.micro_batch_size_samples
    wrapped.zero_grad_buffer()
    optimizer.zero_grad()
    loss, tokens = run_micro_batches(
        wrapped,
        micro_batches(dataset, start, stop, micro_batch, layout),
        count=num_micro_batches(stop - start, micro_batch, layout.data_parallel_size),
        micro_batch=micro_batch,
        sequence_length=training.sequence_length_tokens,
        layout=layout,
        forward_only=False,
    )
    _, gradient_norm, _ = optimizer.step()
    return loss / tokens, float(gradient_norm)


def _progress(
    state: TrainingState,
    schedule: Schedule,
    training: TrainingSettings,
    optimizer: MegatronOptimizer,
    loss: float | None = None,
    gradient_norm: float | None = None,
    tokens_per_second: float | None = None,
    validation_loss: Mapping[str, float] | None = None,
) -> TrainingProgress:
    return TrainingProgress(
        step=state.step,
        total_steps=schedule.total_steps,
        consumed_samples=state.consumed_samples,
        total_samples=schedule.total_samples,
        consumed_tokens=state.consumed_samples * training.sequence_length_tokens,
        epoch=schedule.epoch_at(state.consumed_samples),
        learning_rate=learning_rate(optimizer),
        loss=loss,
        gradient_norm=gradient_norm,
        tokens_per_second=tokens_per_second,
        validation_loss=validation_loss,
    )


def _report(
    done: TrainingProgress,
    logs: RunLogs,
    training: TrainingSettings,
    layout: Layout,
    progress: Callable[[TrainingProgress], None] | None,
) -> None:
    """On rank 0: the files of the run, the log line, and whoever asked to be told."""
    if layout.rank:
        return
    logs.write(done)
    if done.validation_loss or done.step % training.log_interval_steps == 0:
        logger.info("%s", done)
    if progress is not None:
        progress(done)


def _saves(step: int, training: TrainingSettings, schedule: Schedule) -> bool:
    """Whether a checkpoint is due after this step."""
    steps, epochs = training.checkpoint_interval_steps, training.checkpoint_interval_epochs
    return bool(steps and step % steps == 0) or bool(epochs and schedule.crosses(step, epochs))


def _check_run(training: TrainingSettings, schedule: Schedule) -> None:
    """Refuse a run that is shorter than a batch, or than its warm-up."""
    if schedule.total_samples < training.global_batch_size_samples:
        raise ValueError(
            f"{training.epochs} epochs of the training shards are only {schedule.total_samples} "
            f"samples of {training.sequence_length_tokens} tokens, fewer than one batch of "
            f"{training.global_batch_size_samples}: lower training.global_batch_size_samples or "
            "training.sequence_length_tokens, or add documents"
        )
    training.warmup_samples(schedule.total_samples)
