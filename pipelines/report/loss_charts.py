"""The loss curves of a run as charts, and the validation losses as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipelines.report.charts import Chart, Point, Series, draw, quantity, swatch
from pipelines.report.training_log import (
    Measurement,
    TrainingLosses,
    epoch_boundaries,
    smoothed,
)

X_LABEL = "tokens consumed"
Y_LABEL = "loss, nats per token"


@dataclass(frozen=True, slots=True)
class ValidationRow:
    """Validation losses of one source, None where it was not measured; `key` is its swatch."""

    source: str
    key: Markup
    losses: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class ValidationTable:
    """Validation losses: a row a source, a column a moment, given in epochs done."""

    epochs: Sequence[str]
    rows: Sequence[ValidationRow]


def training_chart(losses: TrainingLosses) -> Markup | None:
    """Training loss by step, raw and smoothed; None where there are no steps."""
    points = losses.training
    if not points:
        return None
    averages = smoothed(points)
    first, last = averages[0], averages[-1]
    smooth = [
        Point(p.tokens, average, f"{_moment(p)}: {average:.3f} smoothed, {p.loss:.3f} raw")
        for p, average in zip(points, averages, strict=True)
    ]
    raw = Series("raw", [Point(p.tokens, p.loss) for p in points], faint=True)
    return draw(
        Chart(
            title="Training loss by tokens consumed",
            description=f"From {first:.2f} to {last:.2f} nats per token, smoothed.",
            x_label=X_LABEL,
            y_label=Y_LABEL,
            series=[raw, Series("smoothed", smooth)],
            boundaries=_boundaries(losses),
        )
    )


def validation_chart(losses: TrainingLosses, styles: Mapping[str, int]) -> Markup | None:
    """Validation loss of every source, drawn in its style; None where none was measured."""
    if not losses.validation:
        return None
    series = [
        Series(
            source,
            [Point(p.tokens, p.loss, f"{source}, {_moment(p)}: {p.loss:.3f}") for p in curve],
            style=styles.get(source, len(styles)),
            dots=True,
        )
        for source, curve in losses.validation.items()
    ]
    ends = ", ".join(f"{s.name} {s.points[-1].y:.2f}" for s in series)
    return draw(
        Chart(
            title="Validation loss of every source by tokens consumed",
            description=f"At the end: {ends} nats per token.",
            x_label=X_LABEL,
            y_label=Y_LABEL,
            series=series,
            boundaries=_boundaries(losses),
            end_labels=True,
        )
    )


def validation_table(losses: TrainingLosses, styles: Mapping[str, int]) -> ValidationTable | None:
    """The validation losses as numbers; None where none was measured."""
    if not losses.validation:
        return None
    moments = {p.step: p.epoch for curve in losses.validation.values() for p in curve}
    rows = []
    for source, curve in losses.validation.items():
        by_step = {point.step: point.loss for point in curve}
        values = [by_step.get(step) for step in sorted(moments)]
        rows.append(ValidationRow(source, swatch(styles.get(source, len(styles))), values))
    return ValidationTable([f"{moments[step]:.2f}" for step in sorted(moments)], rows)


def _moment(point: Measurement) -> str:
    return f"step {point.step:,}, epoch {point.epoch:.2f}, {quantity(point.tokens)} tokens"


def _boundaries(losses: TrainingLosses) -> list[tuple[float, str, str]]:
    return [
        (tokens, f"end of epoch {epoch}", f"epoch {epoch}")
        for epoch, tokens in epoch_boundaries(losses)
    ]
