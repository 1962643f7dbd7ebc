"""The losses of a training run, from the lines of `logs/metrics.jsonl`."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from pipelines.run_directory import RunDirectory

#: The smoothed curve averages over about this fraction of the run.
SMOOTHED_FRACTION = 1 / 50


@dataclass(frozen=True, slots=True)
class Measurement:
    """A loss in nats per token at a moment of the run; `epoch` counts epochs done, as a float."""

    step: int
    epoch: float
    tokens: int
    loss: float


@dataclass(frozen=True, slots=True)
class TrainingLosses:
    """Training loss by step, validation loss by source; only finite losses, in order.

    `not_finite` counts the steps whose loss was infinite or not a number.
    """

    training: tuple[Measurement, ...]
    validation: Mapping[str, tuple[Measurement, ...]]
    not_finite: int

    @property
    def last(self) -> Measurement:
        """The last measurement of any kind."""
        everything = [*self.training, *(m for curve in self.validation.values() for m in curve)]
        return max(everything, key=lambda measurement: measurement.tokens)


def gather_losses(run: RunDirectory, sources: Sequence[str]) -> TrainingLosses | None:
    """The losses of a run; None where it was not trained. `sources` gives their order.

    A step logged twice, before and after a resume, counts once, as logged last. A last line that
    was cut off by a kill is passed over; any other line that is not a record raises ValueError.
    """
    path = run.logs / "metrics.jsonl"
    if not path.is_file():
        return None
    training: dict[int, Measurement] = {}
    validation: dict[str, dict[int, Measurement]] = {}
    text = path.read_text(encoding="utf-8", errors="replace")
    lines = text.split("\n")[:-1]
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if "validation_loss" in record:
                for source, loss in record["validation_loss"].items():
                    curve = validation.setdefault(source, {})
                    curve[record["step"]] = _measurement(record, loss)
            else:
                training[record["step"]] = _measurement(record, record["loss"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}, line {number}, is no line of metrics: {error!r}") from error
    in_order = [*(s for s in sources if s in validation), *sorted(set(validation) - set(sources))]
    curves = {source: _finite(validation[source]) for source in in_order}
    losses = TrainingLosses(
        training=_finite(training),
        validation={source: curve for source, curve in curves.items() if curve},
        not_finite=sum(not math.isfinite(measured.loss) for measured in training.values()),
    )
    return losses if losses.training or losses.validation else None


def _measurement(record: Mapping[str, Any], loss: Any) -> Measurement:
    return Measurement(
        step=int(record["step"]),
        epoch=float(record["epoch"]),
        tokens=int(record["consumed_tokens"]),
        loss=float(loss),
    )


def _finite(curve: Mapping[int, Measurement]) -> tuple[Measurement, ...]:
    return tuple(curve[step] for step in sorted(curve) if math.isfinite(curve[step].loss))


def smoothed(points: Sequence[Measurement]) -> list[float]:
    """The mean loss a token of each step and its neighbours on both sides, so that it does not lag.

    It spans `smoothing_steps` logged steps, fewer at both ends. A step counts by its tokens: the
    last batch of a run may be a single sample.

    >>> smoothed([Measurement(1, 0.1, 900, 4.0), Measurement(2, 0.2, 1000, 14.0)])
    [5.0, 5.0]
    """
    reach = smoothing_steps(len(points)) // 2
    tokens = [points[0].tokens, *(b.tokens - a.tokens for a, b in pairwise(points))]
    weights = [max(1, number) for number in tokens]
    totals = [0.0, *accumulate(w * p.loss for w, p in zip(weights, points, strict=True))]
    counts = [0, *accumulate(weights)]
    averages = []
    for index in range(len(points)):
        start, stop = max(0, index - reach), min(len(points), index + reach + 1)
        averages.append((totals[stop] - totals[start]) / (counts[stop] - counts[start]))
    return averages


def smoothing_steps(num_steps: int) -> int:
    """Logged steps that a point of the smoothed curve averages: an odd number, 3 at least.

    >>> smoothing_steps(10), smoothing_steps(1000)
    (3, 21)
    """
    return max(3, round(num_steps * SMOOTHED_FRACTION) | 1)


def epoch_boundaries(losses: TrainingLosses) -> list[tuple[int, float]]:
    """Each epoch that was completed, and the consumed tokens at its end.

    Epochs done grow linearly with tokens inside an epoch, so two neighbours give the place.

    >>> points = (Measurement(1, 0.75, 300, 4.0), Measurement(2, 1.25, 500, 3.0))
    >>> epoch_boundaries(TrainingLosses(points, {}, 0))
    [(1, 400.0)]
    """
    everything = [*losses.training, *(m for curve in losses.validation.values() for m in curve)]
    points = sorted({(m.epoch, m.tokens) for m in everything} | {(0.0, 0)})
    boundaries = []
    for (before, start), (after, stop) in pairwise(points):
        for epoch in range(math.floor(before) + 1, math.floor(after) + 1):
            done = (epoch - before) / (after - before)
            boundaries.append((epoch, start + done * (stop - start)))
    return boundaries
