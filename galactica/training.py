"""Pretraining: Megatron-core's model, optimizer and schedules, fed from Arrow shards.

The same code runs on two CPU cores (gloo) and on a cluster of GPUs (NCCL), alone or under
torchrun. `train` reads from top to bottom: plan, build, resume, then step, validate, report and
save until every sample is consumed.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import torch

from galactica.checkpoints.content import load_checkpoint
from galactica.checkpoints.folders import best_checkpoint, latest_checkpoint, remove_unfinished
from galactica.checkpoints.recovery import newest_whole_checkpoint
from galactica.checkpoints.run_identity import check_same_everywhere, resumed_state
from galactica.checkpoints.training_state import TrainingState
from galactica.data.shard_watch import verify_shards
from galactica.data.training_data import TrainingData, open_training_data
from galactica.layout import check_layout
from galactica.logs.progress import TrainingProgress, TrainingSummary
from galactica.logs.run_logs import RunLogs
from galactica.parallelism.agreement import agreed
from galactica.parallelism.process_groups import (
    launched_processes,
    parallel_groups,
    process_group,
)
from galactica.settings import ModelSettings, TrainingSettings
from galactica.trainer.run import TrainingRun, build_run
from galactica.trainer.run_lock import training_in
from galactica.trainer.schedule import Schedule
from galactica.trainer.starting_weights import StartingWeights, open_starting_weights
from galactica.trainer.stop_requests import stop_request
from galactica.transformer.kernels import uses_transformer_engine
from galactica.validation.losses import VALIDATION

__all__ = ["TrainingData", "TrainingProgress", "TrainingSummary", "pretrain", "train"]

logger = logging.getLogger(__name__)


def pretrain(
    model: ModelSettings,
    training: TrainingSettings,
    *,
    run_dir: Path,
    seed: int,
    vocabulary_size: int,
    paths_from: Path = Path(),
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainingSummary:
    """Train on `run_dir/shards`, from the latest checkpoint of `run_dir/checkpoints` if any.

    Leaves checkpoints and the logs of `logs.run_logs`. A run that was killed continues bit for bit
    as if it had not been, on the same machine and layout; one that is finished, or was stopped
    early, returns at once. `progress` is called on rank 0 before the first step and after every
    step. A relative `training.start_from` is looked for in `paths_from`.

    SIGTERM, SIGUSR1, SIGINT or SIGHUP, sent to any of the processes, stops the run after the step
    that is being computed, with a checkpoint: `stopped_by` of what is returned names the signal.

    Raises ValueError, saying what to change, where the settings do not fit the data, the
    processes or the checkpoints, where a checkpoint cannot be written, where the loss or the
    gradient stops being a number, where it diverges, or where a shard changes meanwhile.
    """
    with process_group():
        return train(
            model,
            training,
            agreed(lambda: open_training_data(run_dir, training, seed, vocabulary_size)),
            run_dir=run_dir,
            seed=seed,
            vocabulary_size=vocabulary_size,
            paths_from=paths_from,
            progress=progress,
        )


def train(
    model: ModelSettings,
    training: TrainingSettings,
    data: TrainingData,
    *,
    run_dir: Path,
    seed: int,
    vocabulary_size: int,
    paths_from: Path = Path(),
    progress: Callable[[TrainingProgress], None] | None = None,
) -> TrainingSummary:
    """`pretrain` on data that is open already."""
    schedule = agreed(lambda: _checked_schedule(model, training, data))
    state = _before_the_first_step(model, training, data, schedule, seed, vocabulary_size)
    with (
        stop_request() as stop,
        parallel_groups(training, seed) as layout,
        training_in(run_dir),
    ):
        check_same_everywhere(state)
        checkpoint = newest_whole_checkpoint(run_dir)
        resumed_from_step, start = None, None
        if checkpoint is not None:
            state = resumed_state(checkpoint, state)
            resumed_from_step = state.step
            if state.finished:
                return _already_finished(state, schedule, training, checkpoint)
        elif training.start_from is not None:
            folder = paths_from / Path(training.start_from).expanduser()
            start = open_starting_weights(folder, model, state, run_dir)
            state = replace(
                state, fingerprints={**state.fingerprints, "start_from": start.fingerprint}
            )
        if training.verify_shards:
            verify_shards(data.shard_files)
        run = build_run(model, data, schedule, layout, state, run_dir, start)
        if checkpoint is not None:
            load_checkpoint(checkpoint, state, run.model, run.optimizer, layout)
            run.scheduler.step(state.consumed_samples)
        if layout.rank == 0:
            remove_unfinished(run_dir)
            _announce(run, model, checkpoint, start)
        started = time.perf_counter()
        loss: float | None = None
        validation_loss: Mapping[str, float] | None = None
        run_logs = RunLogs(
            run_dir,
            resumed_from_step,
            writes=layout.rank == 0,
            settings={"model": state.model, "training": state.training, "seed": seed},
            wandb_project=training.wandb_project,
        )
        with run_logs as logs, run.saving(), run.reading():
            if state.step == 0:
                done = run.progress(held_out=run.validate())
                validation_loss = done.validation_loss
                _report(run, done, logs, progress)
            run.agree(stop)
            while not run.state.finished and not run.stopped_by:
                step = run.take_step()
                loss = step.loss
                run.agree(stop, step)
                done = run.progress(step, run.validate() if run.validates() else None)
                validation_loss = done.validation_loss or validation_loss
                _report(run, done, logs, progress)
                if run.saves():
                    logs.sync()
                    run.save()
    seconds = time.perf_counter() - started
    length = training.sequence_length_tokens
    if run.stopped_by and layout.rank == 0:
        _announce_stop(run, latest_checkpoint(run_dir))
    return TrainingSummary(
        steps=run.state.step,
        consumed_samples=run.state.consumed_samples,
        consumed_tokens=run.state.consumed_samples * length,
        epochs=schedule.epoch_at(run.state.consumed_samples),
        checkpoint=latest_checkpoint(run_dir),
        resumed_from_step=resumed_from_step,
        best_checkpoint=best_checkpoint(run_dir, run.state),
        stopped_by=run.stopped_by,
        stopped_early=run.state.loss_watch.reason,
        loss=loss,
        validation_loss=validation_loss,
        seconds=seconds,
        tokens_per_second=(run.state.consumed_samples - state.consumed_samples) * length / seconds,
    )


def _before_the_first_step(
    model: ModelSettings,
    training: TrainingSettings,
    data: TrainingData,
    schedule: Schedule,
    seed: int,
    vocabulary_size: int,
) -> TrainingState:
    return TrainingState(
        step=0,
        consumed_samples=0,
        total_samples=schedule.total_samples,
        seed=seed,
        vocabulary_size=vocabulary_size,
        model=model.model_dump(mode="json"),
        training=training.model_dump(mode="json"),
        fingerprints=data.fingerprints,
        versions={name: version(name) for name in ("torch", "megatron-core", "numpy")},
        computed_on={
            "processes": str(launched_processes()),
            "device": torch.cuda.get_device_name()
            if torch.cuda.is_available()
            # How many threads share a sum decides how it is rounded.
            else f"cpu, threads: {torch.get_num_threads()}",
            "transformer engine": str(uses_transformer_engine(training)),
        },
    )


def _already_finished(
    state: TrainingState, schedule: Schedule, training: TrainingSettings, checkpoint: Path
) -> TrainingSummary:
    reason = state.loss_watch.reason
    logger.info(
        "training has finished already: %s is the end of the run%s",
        checkpoint,
        f", which was stopped early: {reason}" if reason else "",
    )
    return TrainingSummary(
        steps=state.step,
        consumed_samples=state.consumed_samples,
        consumed_tokens=state.consumed_samples * training.sequence_length_tokens,
        epochs=schedule.epoch_at(state.consumed_samples),
        checkpoint=checkpoint,
        resumed_from_step=state.step,
        best_checkpoint=best_checkpoint(checkpoint.parent.parent, state),
        already_finished=True,
        stopped_early=reason,
    )


def _announce(
    run: TrainingRun, model: ModelSettings, checkpoint: Path | None, start: StartingWeights | None
) -> None:
    beginning = "training from the start"
    if checkpoint is not None:
        beginning = f"resuming from {checkpoint}"
    elif start is not None:
        beginning = f"training from the start, with the weights of {start.folder}"
    logger.info(
        "%s: %s parameters, %s samples of %s tokens in %s steps",
        beginning,
        f"{model.num_parameters(run.state.vocabulary_size):,}",
        f"{run.schedule.total_samples:,}",
        f"{run.training.sequence_length_tokens:,}",
        f"{run.schedule.total_steps:,}",
    )


def _announce_stop(run: TrainingRun, checkpoint: Path | None) -> None:
    logger.warning(
        "stopped by %s after step %s of %s; %s",
        run.stopped_by,
        f"{run.state.step:,}",
        f"{run.schedule.total_steps:,}",
        f"the same command goes on from {checkpoint}" if checkpoint else "nothing was to be saved",
    )


def _report(
    run: TrainingRun,
    done: TrainingProgress,
    logs: RunLogs,
    progress: Callable[[TrainingProgress], None] | None,
) -> None:
    """On rank 0: the files of the run, the log line, and whoever asked to be told."""
    if run.layout.rank:
        return
    logs.write(done)
    if done.held_out or done.step % run.training.log_interval_steps == 0:
        logger.info("%s", done)
    for line in done.validation_lines():
        logger.info("%s", line)
    if reason := run.state.loss_watch.reason:
        logger.warning("stopped early: %s", reason)
    if progress is not None:
        progress(done)


def _checked_schedule(
    model: ModelSettings, training: TrainingSettings, data: TrainingData
) -> Schedule:
    """The schedule of a run whose settings fit its data and the processes.

    Refused are an impossible layout, a run that is shorter than a batch or its warm-up, and one
    that watches what it cannot see.
    """
    schedule = Schedule(
        training.epochs, tuple(data.train.pass_end_samples), training.global_batch_size_samples
    )
    check_layout(model, training, launched_processes())
    if training.early_stop_patience is not None and VALIDATION not in data.held_out:
        raise ValueError(
            "training.early_stop_patience watches the loss of the split validation, which holds "
            "nothing to predict: raise split.validation_fraction, or leave it out"
        )
    if schedule.total_samples < training.global_batch_size_samples:
        raise ValueError(
            f"{training.epochs} epochs of the training shards are only {schedule.total_samples} "
            f"samples of {training.sequence_length_tokens} tokens, fewer than one batch of "
            f"{training.global_batch_size_samples}: lower training.global_batch_size_samples or "
            "training.sequence_length_tokens, or add documents"
        )
    training.warmup_samples(schedule.total_samples)
    return schedule
