"""A run while it trains: what a rank holds of it, its steps, and what follows a step."""

import math
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from megatron.core.distributed import DistributedDataParallel
from megatron.core.models.gpt import GPTModel
from megatron.core.optimizer import MegatronOptimizer
from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler

from galactica.checkpoints.content import training_content
from galactica.checkpoints.training_state import TrainingState
from galactica.checkpoints.writing import CheckpointWriter
from galactica.data.batches import MicroBatch, micro_batches, num_micro_batches
from galactica.data.prefetching import prefetched
from galactica.data.shard_watch import ShardWatch
from galactica.data.training_data import TrainingData
from galactica.logs.progress import TrainingProgress
from galactica.parallelism.agreement import SharedError, from_rank_zero, gathered, highest
from galactica.parallelism.process_groups import Layout
from galactica.planning.hardware import peak_tflops
from galactica.planning.speed import model_flops_per_token
from galactica.settings import ModelSettings, TrainingSettings
from galactica.trainer.broken_steps import BrokenStep, GradientWatch
from galactica.trainer.forward import run_micro_batches
from galactica.trainer.optimization import (
    build_optimizer,
    build_scheduler,
    learning_rate,
    settle,
    wrap_for_data_parallel,
)
from galactica.trainer.pace import Pace
from galactica.trainer.schedule import Schedule
from galactica.trainer.starting_weights import StartingWeights
from galactica.trainer.stop_requests import StopRequest, signal_name
from galactica.transformer.model import build_model
from galactica.validation.losses import VALIDATION, SplitLosses
from galactica.validation.measure import validate


@dataclass(frozen=True, slots=True)
class Step:
    """What one optimizer step gave: mean loss in nats a token, the gradient's norm, its speed."""

    loss: float
    gradient_norm: float
    tokens_per_second: float


@dataclass(slots=True)
class TrainingRun:
    """What a rank holds while it trains. `state` says how far the run is.

    `model` is this rank's part, `wrapped` the same with its gradient buffers.
    """

    training: TrainingSettings
    data: TrainingData
    schedule: Schedule
    layout: Layout
    model: GPTModel
    wrapped: DistributedDataParallel
    optimizer: MegatronOptimizer
    scheduler: OptimizerParamScheduler
    state: TrainingState
    run_dir: Path
    writer: CheckpointWriter
    gradient_watch: GradientWatch
    shard_watch: ShardWatch
    validation_steps: Sequence[int]
    flops_per_token: int
    pace: Pace
    batches: Iterator[MicroBatch] = field(default_factory=lambda: iter(()))
    stopped_by: str | None = None

    def take_step(self) -> Step:
        """One optimizer step on the next batch, over all processes."""
        started = time.perf_counter()
        start = self.state.consumed_samples
        stop = self.schedule.consumed_after(self.state.step + 1)
        self.scheduler.step(stop - start)
        loss, gradient_norm = self._optimize(start, stop)
        seconds = time.perf_counter() - started
        self.pace.step_done(seconds)
        tokens = (stop - start) * self.training.sequence_length_tokens
        self.state = replace(self.state, step=self.state.step + 1, consumed_samples=stop)
        return Step(loss, gradient_norm, tokens / seconds)

    def _optimize(self, start: int, stop: int) -> tuple[float, float]:
        """The mean loss and the gradient's norm of the samples `start` to `stop`."""
        micro_batch = self.training.micro_batch_size_samples
        self.wrapped.zero_grad_buffer()
        self.optimizer.zero_grad()
        loss, tokens = run_micro_batches(
            self.wrapped,
            self.batches,
            count=num_micro_batches(stop - start, micro_batch, self.layout.data_parallel_size),
            micro_batch=micro_batch,
            sequence_length=self.training.sequence_length_tokens,
            layout=self.layout,
        )
        if not tokens:
            fault = "none of its tokens is predicted (training.attend_across_documents is false)"
            self._stop_at(self.state.step + 1, fault, start, stop)
        if not math.isfinite(loss):
            # Every process has the same sum, and its weights are still those of the step before.
            self._stop_at(self.state.step + 1, f"the loss is {loss}", start, stop)
        _, gradient_norm, _ = self.optimizer.step()
        return loss / tokens, float(gradient_norm)

    def agree(self, stop: StopRequest, step: Step | None = None) -> None:
        """After a step, with all processes: stop where one of them must, publish what is written.

        Raises SharedError, with the batch's documents, where the step's gradient is broken.
        """
        fault = self.gradient_watch.fault(step.gradient_norm) if step else None
        signal, is_writing, is_broken = highest(
            [stop.signal, self.writer.is_writing, fault is not None]
        )
        if is_broken:
            before = self.schedule.consumed_after(self.state.step - 1)
            fault = next(other for other in gathered(fault) if other is not None)
            self._stop_at(self.state.step, fault, before, self.state.consumed_samples)
        if signal and not self.state.finished:
            self.stopped_by = signal_name(signal)
        if not is_writing:
            self.writer.finish()

    def _stop_at(self, step: int, fault: str, start: int, stop: int) -> NoReturn:
        """Raise what every process raises where the training must not go on."""

        def describe() -> BrokenStep:
            documents = [
                document
                for sample in range(start, stop)
                for document in self.data.train.documents_of(sample)
            ]
            broken = BrokenStep(step, fault, (start, stop), list(dict.fromkeys(documents)))
            broken.write(self.run_dir)
            return broken

        raise from_rank_zero(describe).error()

    def validates(self) -> bool:
        """Whether validation is due after the step that was taken last."""
        due = self.validation_steps
        return due[bisect_left(due, self.state.step, hi=len(due) - 1)] == self.state.step

    def validate(self) -> dict[str, SplitLosses]:
        """The losses of every held-out split; the run is over where they say so (`LossWatch`)."""
        started = time.perf_counter()
        held_out = validate(self.wrapped, self.data.held_out, self.training, self.layout)
        self.pace.paused("validation", time.perf_counter() - started)
        if VALIDATION in held_out:
            epoch = self.schedule.epoch_at(self.state.consumed_samples)
            mean = held_out[VALIDATION].all.mean
            watch = self.state.loss_watch.after(self.state.step, epoch, mean, self.training)
            self.state = replace(self.state, loss_watch=watch)
        return held_out

    def saves(self) -> bool:
        """Whether a checkpoint is due after the step that was taken last."""
        steps = self.training.checkpoint_interval_steps
        epochs = self.training.checkpoint_interval_epochs
        return (
            self.state.finished
            or self.stopped_by is not None
            or self.state.loss_watch.best_step == self.state.step
            or bool(steps and self.state.step % steps == 0)
            or bool(epochs and self.schedule.crosses(self.state.step, epochs))
        )

    def save(self) -> None:
        """Save a checkpoint of the step that was taken last, if its data are what they should be.

        Raises SharedError where a shard has changed, or where it cannot be written.
        """
        if fault := self.shard_watch.fault():
            before = self.schedule.consumed_after(self.state.step - 1)
            self._stop_at(self.state.step, fault, before, self.state.consumed_samples)
        started = time.perf_counter()
        state = replace(self.state, gradient_norms=self.gradient_watch.norms)
        settle(self.wrapped, self.training)
        self.writer.save(state, training_content(self.model, self.optimizer, self.layout))
        self.pace.paused("save", time.perf_counter() - started)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within the block the micro-batches to come are prepared in a thread of their own."""
        with prefetched(self._batches_to_come(), self.layout.device) as self.batches:
            yield

    def _batches_to_come(self) -> Iterator[MicroBatch]:
        micro_batch = self.training.micro_batch_size_samples
        for step in range(self.state.step, self.schedule.total_steps):
            start, stop = (self.schedule.consumed_after(number) for number in (step, step + 1))
            yield from micro_batches(self.data.train, start, stop, micro_batch, self.layout)

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Finish what is being written at the end of the block, and where all leave it together."""
        try:
            yield
        except SharedError:
            self.writer.finish()
            raise
        except BaseException:
            # This process is alone here: the others would wait for it, not it for them.
            self.writer.abandon()
            raise
        self.writer.finish()

    def progress(
        self, step: Step | None = None, held_out: Mapping[str, SplitLosses] | None = None
    ) -> TrainingProgress:
        """How far the run is, after a step or before the first."""
        steps = self.schedule.total_steps - self.state.step
        validations = len(self.validation_steps) - bisect_right(
            self.validation_steps, self.state.step
        )
        return TrainingProgress(
            step=self.state.step,
            total_steps=self.schedule.total_steps,
            consumed_samples=self.state.consumed_samples,
            total_samples=self.schedule.total_samples,
            consumed_tokens=self.state.consumed_samples * self.training.sequence_length_tokens,
            epoch=self.schedule.epoch_at(self.state.consumed_samples),
            learning_rate=learning_rate(self.optimizer),
            loss=step.loss if step else None,
            gradient_norm=step.gradient_norm if step else None,
            tokens_per_second=step.tokens_per_second if step else None,
            utilisation=self._utilisation(step.tokens_per_second) if step else None,
            seconds_left=self.pace.seconds_left(steps, validation=validations),
            held_out=held_out,
        )

    def _utilisation(self, tokens_per_second: float) -> float | None:
        """Model FLOP utilisation; None where the peak of the hardware is not known."""
        peak = peak_tflops(self.layout.device, self.training.precision)
        if peak is None:
            return None
        return tokens_per_second * self.flops_per_token / (peak * 1e12 * self.layout.world_size)


def build_run(
    model: ModelSettings,
    data: TrainingData,
    schedule: Schedule,
    layout: Layout,
    state: TrainingState,
    run_dir: Path,
    start: StartingWeights | None,
) -> TrainingRun:
    """Model, optimizer and schedule of a rank, with random weights or those of `start`."""
    training = state.training_settings
    built = build_model(
        model,
        training,
        state.vocabulary_size,
        layout.is_first_stage,
        layout.is_last_stage,
        seed=state.seed,
    )
    if start is not None:
        start.fill(built, state.vocabulary_size)
    wrapped = wrap_for_data_parallel(built, training)
    optimizer = build_optimizer(wrapped, training)
    return TrainingRun(
        training=training,
        data=data,
        schedule=schedule,
        layout=layout,
        model=built,
        wrapped=wrapped,
        optimizer=optimizer,
        scheduler=build_scheduler(optimizer, training, schedule.total_samples),
        state=state,
        run_dir=run_dir,
        writer=CheckpointWriter(
            run_dir, training.keep_checkpoints, asynchronous=training.asynchronous_checkpoints
        ),
        gradient_watch=GradientWatch(training.stop_gradient_norm_ratio, state.gradient_norms),
        shard_watch=ShardWatch(data.shard_files),
        validation_steps=schedule.validation_steps(training),
        flops_per_token=model_flops_per_token(
            model, training.sequence_length_tokens, state.vocabulary_size
        ),
        pace=Pace(),
    )
