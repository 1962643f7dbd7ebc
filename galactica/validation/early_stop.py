"""Overfitting watched: where the mean validation loss is lowest, and when it has ceased to fall.

The paper saw its largest model's loss rise in the fifth epoch (sections 4.2 and 5.1). The watch
has no memory but what stands here, which every checkpoint holds: a resumed run stops where an
unbroken one does.
"""

import math
from dataclasses import dataclass, replace

from galactica.settings import TrainingSettings


@dataclass(frozen=True, slots=True)
class LossWatch:
    """The lowest mean validation loss so far, in nats a token, and how long ago it was.

    `validations_since` counts those that did not fall below it. `stopped` is never taken back.
    `best_step` had the lowest of all losses after a step, `best`: its checkpoint is to be kept.
    Both are None where none is.
    """

    lowest: float | None = None
    lowest_step: int | None = None
    validations_since: int = 0
    stopped: bool = False
    best: float | None = None
    best_step: int | None = None

    def after(
        self, step: int, epoch: float, mean_loss: float, training: TrainingSettings
    ) -> "LossWatch":
        """The watch after one more validation.

        One before `early_stop_after_epochs` is not looked at, but for `best_step`; a loss that is
        infinite or not a number has not fallen.

        >>> training = TrainingSettings(
        ...     epochs=2, global_batch_size_samples=1, micro_batch_size_samples=1,
        ...     learning_rate=1, early_stop_patience=2,
        ... )
        >>> watch = LossWatch()
        >>> for step, loss in enumerate([3.0, 2.0, 2.1, 2.0]):
        ...     watch = watch.after(step, 1.0, loss, training)
        >>> watch.stopped, watch.lowest, watch.best_step
        (True, 2.0, 1)
        """
        watch = self._with_best(step, mean_loss, training)
        if training.early_stop_patience is None or epoch < training.early_stop_after_epochs:
            return watch
        if _is_lower(mean_loss, self.lowest):
            return replace(watch, lowest=mean_loss, lowest_step=step, validations_since=0)
        since = self.validations_since + 1
        stopped = since >= training.early_stop_patience
        return replace(watch, validations_since=since, stopped=stopped)

    def _with_best(self, step: int, mean_loss: float, training: TrainingSettings) -> "LossWatch":
        if not training.keeps_best_checkpoint:
            return replace(self, best=None, best_step=None)
        # What a run begins with is no checkpoint of its own.
        if step and _is_lower(mean_loss, self.best):
            return replace(self, best=mean_loss, best_step=step)
        return self

    @property
    def reason(self) -> str | None:
        """Why the run was stopped, for people; None where it was not."""
        if not self.stopped:
            return None
        of = "" if self.lowest is None else f" below {self.lowest:.4f} of step {self.lowest_step}"
        return (
            f"the mean validation loss has not fallen{of} in "
            f"{self.validations_since} validations (training.early_stop_patience)"
        )


def _is_lower(loss: float, than: float | None) -> bool:
    return loss < (math.inf if than is None else than)
