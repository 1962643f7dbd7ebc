"""What a run tells about itself: after every step, and at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galactica.trainer.pace import duration
from galactica.validation.losses import VALIDATION, SplitLosses


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """How far a run is. `loss` is in nats a token, of the step's batch.

    Before the first step `loss`, `gradient_norm` and all speeds are None. `tokens_per_second` is of
    the step alone, `utilisation` its model FLOP utilisation where the peak of the hardware is
    known, `seconds_left` the time to the end of the run. `held_out` has the losses of every
    held-out split by name, and is None where validation did not run.
    """

    step: int
    total_steps: int
    consumed_samples: int
    total_samples: int
    consumed_tokens: int
    epoch: float
    learning_rate: float
    loss: float | None = None
    gradient_norm: float | None = None
    tokens_per_second: float | None = None
    utilisation: float | None = None
    seconds_left: float | None = None
    held_out: Mapping[str, SplitLosses] | None = None

    @property
    def validation_loss(self) -> dict[str, float] | None:
        """Nats a token by source of the split `validation`; None where validation did not run."""
        if self.held_out is None:
            return None
        split = self.held_out.get(VALIDATION)
        return {name: part.mean for name, part in split.by_source.items()} if split else {}

    def __str__(self) -> str:
        words = [
            f"step {self.step:,}/{self.total_steps:,}",
            f"{self.consumed_tokens:,} tokens",
            f"epoch {self.epoch:.3f}",
        ]
        if self.loss is not None:
            words += [
                f"loss {self.loss:.4f}",
                f"learning rate {self.learning_rate:.2e}",
                f"gradient norm {self.gradient_norm:.2f}",
                f"{self.tokens_per_second:,.0f} tokens/s",
            ]
        if self.utilisation is not None:
            words.append(f"{100 * self.utilisation:.1f} % utilisation")
        if self.seconds_left is not None and self.step < self.total_steps:
            words.append(f"{duration(self.seconds_left)} left")
        return "  ".join(words)

    def validation_lines(self) -> list[str]:
        """A line a held-out split: its mean loss over all tokens, and the loss of each source."""
        lines = []
        for name, split in (self.held_out or {}).items():
            whole = split.all
            bits = whole.bits_per_byte
            lines.append(
                f"step {self.step:,}  {name} loss {whole.mean:.4f}"
                + ("" if bits is None else f", {bits:.3f} bits/byte")
                + ": "
                + ", ".join(f"{source} {part.mean:.4f}" for source, part in split.by_source.items())
            )
        return lines

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of `logs/metrics.jsonl`: what is the same every time, losses to 6 digits."""
        place = {
            "step": self.step,
            "epoch": round(self.epoch, 6),
            "consumed_samples": self.consumed_samples,
            "consumed_tokens": self.consumed_tokens,
        }
        lines: list[dict[str, Any]] = []
        if self.loss is not None and self.gradient_norm is not None:
            lines.append(
                place
                | {
                    "loss": round(self.loss, 6),
                    "learning_rate": self.learning_rate,
                    "gradient_norm": round(self.gradient_norm, 6),
                }
            )
        for name, split in (self.held_out or {}).items():
            lines.append(place | {"split": name} | split.metrics())
        return lines

    def speed(self) -> dict[str, float]:
        """What a clock measured, where it did."""
        speeds: dict[str, float] = {}
        if self.tokens_per_second is not None:
            speeds["tokens_per_second"] = round(self.tokens_per_second)
        if self.utilisation is not None:
            speeds["utilisation"] = round(self.utilisation, 4)
        return speeds

    def scalars(self) -> dict[str, float]:
        """Every number by a path, as TensorBoard and Weights & Biases group them."""
        scalars = {"progress/tokens": self.consumed_tokens, "progress/epoch": self.epoch}
        if self.loss is not None and self.gradient_norm is not None:
            scalars |= {
                "training/loss": self.loss,
                "training/learning_rate": self.learning_rate,
                "training/gradient_norm": self.gradient_norm,
            }
        scalars |= {f"speed/{name}": value for name, value in self.speed().items()}
        for name, split in (self.held_out or {}).items():
            whole = split.all
            scalars[f"{name}/mean_loss"] = whole.mean
            if whole.bits_per_byte is not None:
                scalars[f"{name}/mean_bits_per_byte"] = whole.bits_per_byte
            for source, part in split.by_source.items():
                scalars[f"{name}/loss/{source}"] = part.mean
                if part.bits_per_byte is not None:
                    scalars[f"{name}/bits_per_byte/{source}"] = part.bits_per_byte
            for modality, part in split.by_modality.items():
                scalars[f"{name}/perplexity/{modality}"] = part.perplexity
        return scalars


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """What a call of `pretrain` did, and the end of the run it reached.

    `loss` is the last step's and `validation_loss` the last one by source; a call that found the
    run finished computed neither. `epochs` are those done; `stopped_early` says why they are fewer
    than were asked for, `stopped_by` names the signal that ended it before its time: then
    `checkpoint` is None where nothing had been done. `best_checkpoint` is that of the lowest mean
    validation loss, where it is kept. `seconds` and `tokens_per_second` are of this call alone.
    """

    steps: int
    consumed_samples: int
    consumed_tokens: int
    epochs: float
    checkpoint: Path | None
    resumed_from_step: int | None
    best_checkpoint: Path | None = None
    already_finished: bool = False
    stopped_by: str | None = None
    stopped_early: str | None = None
    loss: float | None = None
    validation_loss: Mapping[str, float] | None = None
    seconds: float = 0.0
    tokens_per_second: float | None = None
