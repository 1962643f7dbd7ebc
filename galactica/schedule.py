"""The arithmetic of a run: batches, epochs and boundaries, all from the consumed samples."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a run consists of, in samples.

    `pass_end_samples[i]` is the number of samples consumed when pass i ends. Every step takes
    `batch_samples`; the last takes what is left, so that no sample is dropped or seen twice.

    >>> schedule = Schedule(epochs=2.5, pass_end_samples=(100, 200, 250), batch_samples=60)
    >>> schedule.total_steps, schedule.consumed_after(4), schedule.consumed_after(5)
    (5, 240, 250)
    >>> schedule.epoch_at(150), schedule.epoch_at(225), schedule.epoch_at(250)
    (1.5, 2.25, 2.5)
    """

    epochs: float
    pass_end_samples: Sequence[int]
    batch_samples: int

    @property
    def total_samples(self) -> int:
        """Samples of the whole run."""
        return self.pass_end_samples[-1]

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole run."""
        return math.ceil(self.total_samples / self.batch_samples)

    def consumed_after(self, step: int) -> int:
        """Samples consumed when this many steps are done."""
        return min(step * self.batch_samples, self.total_samples)

    def epoch_at(self, consumed_samples: int) -> float:
        """Epochs done, a fraction within a pass; the last pass may be a part of one."""
        number = bisect.bisect_right(self.pass_end_samples, consumed_samples)
        if number == len(self.pass_end_samples):
            return self.epochs
        start = self.pass_end_samples[number - 1] if number else 0
        done = (consumed_samples - start) / (self.pass_end_samples[number] - start)
        return number + done * min(1.0, self.epochs - number)

    def crosses(self, step: int, interval_epochs: float) -> bool:
        """Whether a multiple of `interval_epochs` is reached within this step (1, 2, ...).

        >>> schedule = Schedule(epochs=2.5, pass_end_samples=(100, 200, 250), batch_samples=60)
        >>> [step for step in range(1, 6) if schedule.crosses(step, 0.5)]
        [1, 2, 3, 4, 5]
        >>> [step for step in range(1, 6) if schedule.crosses(step, 1.0)]
        [2, 4]
        """
        before, after = (
            # Rounded so that a boundary is not missed for the last bit of a float.
            math.floor(round(self.epoch_at(self.consumed_after(at)) / interval_epochs, 9))
            for at in (step - 1, step)
        )
        return after > before
