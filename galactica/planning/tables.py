"""Plans as text: one in full, and several as rows of one table."""

from collections.abc import Sequence

from galactica.planning.communication import (
    DATA_PARALLEL,
    PIPELINE,
    TENSOR_PARALLEL,
    TIED_EMBEDDING,
)
from galactica.planning.memory import Recomputation, activation_bytes, loss_bytes, optimizer_bytes
from galactica.planning.plans import Plan, layout_text
from galactica.planning.speed import (
    SECONDS_PER_DAY,
    compute_seconds,
    model_flops_per_token,
    step_tokens,
    training_seconds,
)

#: The heading of `plan_row`'s cells.
ROW_HEADING = (
    "preset",
    "TP x PP x DP",
    "micro-batch",
    "recompute",
    "weights GB",
    "gradients",
    "optimizer",
    "activations",
    "loss, buffers",
    "total",
    "TP s",
    "PP s",
    "DP s",
    "bubble",
    "bound",
    "days",
)


def plan_text(name: str, plan: Plan, tokens: int, utilisation: float) -> str:
    """A plan in full: memory and communication of one GPU, and the time for `tokens`."""
    return "\n".join(
        [
            *_summary(name, plan),
            "",
            *_memory(plan),
            "",
            *_communication(plan),
            "",
            *_time(plan, tokens, utilisation),
        ]
    )


def plan_row(name: str, plan: Plan, tokens: int, utilisation: float) -> tuple[str, ...]:
    """A plan as the cells of one row, see `ROW_HEADING`: GB, then seconds of each step."""
    training, memory = plan.training, plan.memory
    sent = {entry.name: entry.seconds for entry in plan.traffic}
    pipeline = sent.get(PIPELINE, 0.0) + sent.get(TIED_EMBEDDING, 0.0)
    return (
        name,
        f"{training.tensor_parallel} x {training.pipeline_parallel} x {plan.replicas}",
        str(training.micro_batch_size_samples),
        "no" if training.recompute == "none" else training.recompute,
        _gigabytes(memory.parameters),
        _gigabytes(memory.gradients),
        _gigabytes(memory.optimizer),
        _gigabytes(memory.activations),
        _gigabytes(memory.loss + memory.buffers),
        _gigabytes(memory.total),
        _seconds(sent.get(TENSOR_PARALLEL, 0.0)),
        _seconds(pipeline),
        _seconds(sent.get(DATA_PARALLEL, 0.0)),
        f"{plan.bubble:.1%}",
        f"{plan.bound:.0%}",
        f"{_days(plan, tokens, utilisation):,.2f}",
    )


def markdown_table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns of one width. A row of fewer cells leaves the rest empty.

    >>> print(markdown_table(("a", "b"), [("1", "23"), ("456",)]))
    | a   | b  |
    |-----|----|
    | 1   | 23 |
    | 456 |    |
    """
    filled = [[*row, *[""] * (len(heading) - len(row))] for row in rows]
    cells = [list(heading), *filled]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heading))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _summary(name: str, plan: Plan) -> list[str]:
    model, training = plan.model, plan.training
    samples, length = training.global_batch_size_samples, training.sequence_length_tokens
    return [
        f"{name}: {model.num_parameters(plan.vocabulary_size):,} parameters, {model.num_layers} "
        f"layers of width {model.hidden_size:,} with {model.num_attention_heads} heads, "
        f"vocabulary {plan.vocabulary_size:,}",
        f"{plan.gpus:,} GPU{'s' if plan.gpus > 1 else ''}: {layout_text(plan)}",
        f"A step is {samples:,} samples of {length:,} tokens = {samples * length:,} tokens; "
        f"{training.precision}",
    ]


def _memory(plan: Plan) -> list[str]:
    training, memory = plan.training, plan.memory

    def activations(recomputation: Recomputation) -> str:
        kept = activation_bytes(plan.model, training, plan.replicas, memory.stage, recomputation)
        return _gigabytes(kept)

    whole = optimizer_bytes(memory.num_parameters, training, 1)
    shared = optimizer_bytes(memory.num_parameters, training, plan.replicas)
    last = loss_bytes(plan.model, training, plan.vocabulary_size)
    verdict = "fits" if plan.fits else "DOES NOT FIT"
    hardware = plan.hardware
    place = ""
    if training.pipeline_parallel > 1:
        place = f", stage {memory.stage + 1} of {training.pipeline_parallel}, the fullest"
    return [
        f"Memory of one GPU in GB{place}: {memory.num_parameters:,} parameters",
        *_aligned(
            [
                ("weights", _gigabytes(memory.parameters), training.precision),
                ("gradients", _gigabytes(memory.gradients), "fp32"),
                (
                    "optimizer",
                    _gigabytes(memory.optimizer),
                    f"{_gigabytes(shared)} with the distributed optimizer, "
                    f"{_gigabytes(whole)} without",
                ),
                (
                    "activations",
                    _gigabytes(memory.activations),
                    f"{activations('none')} without recomputation, {activations('selective')} with "
                    f"selective, {activations('full')} with full",
                ),
                (
                    "logits, loss",
                    _gigabytes(memory.loss),
                    f"{_gigabytes(last)} on the last stage",
                ),
                ("buffers", _gigabytes(memory.buffers), "of communication"),
                (
                    "total",
                    _gigabytes(memory.total),
                    f"{verdict} in {hardware.usable_bytes / 1e9:g}: {hardware.gpu_memory_gb:g} "
                    f"less {hardware.reserved:.0%} for CUDA, NCCL and fragmentation",
                ),
            ]
        ),
    ]


def _communication(plan: Plan) -> list[str]:
    if not plan.traffic:
        return ["No communication: one GPU."]
    links = [f"{entry.link} at {entry.bytes_per_second / 1e9:g} GB/s" for entry in plan.traffic]
    width = max(len(link) for link in links)
    rows = [
        (
            entry.name,
            f"{_gigabytes(entry.num_bytes)} GB",
            f"{_seconds(entry.seconds).rjust(6)} s  {link.ljust(width)}  {entry.operations}",
        )
        for entry, link in zip(plan.traffic, links, strict=True)
    ]
    return ["Sent by one GPU each step, and the time if nothing overlaps:", *_aligned(rows)]


def _time(plan: Plan, tokens: int, utilisation: float) -> list[str]:
    model, training, hardware = plan.model, plan.training, plan.hardware
    flops = model_flops_per_token(model, training.sequence_length_tokens, plan.vocabulary_size)
    computing = compute_seconds(model, training, plan.vocabulary_size, plan.gpus, hardware)
    step = training_seconds(flops, step_tokens(training), plan.gpus, hardware, utilisation)
    lines = [
        "Time:",
        *_aligned(
            [
                ("model FLOPs", _operations(flops), "each token, attention included"),
                (
                    "computing",
                    f"{_seconds(computing)} s",
                    f"each step at {hardware.peak_tflops:g} TFLOP/s a GPU"
                    + (", recomputation included" if training.recompute == "full" else ""),
                ),
                ("bubble", f"{plan.bubble:.1%}", "of computing: (stages - 1) / micro-batches"),
                (
                    "bound",
                    f"{plan.bound:.1%}",
                    "utilisation with perfect kernels, the bubble, and no overlap",
                ),
                ("step", f"{_seconds(step)} s", f"at {utilisation:.0%} utilisation, ASSUMED"),
                (
                    "in all",
                    _long(_days(plan, tokens, utilisation)),
                    f"for {_tokens(tokens)} at {utilisation:.0%}",
                ),
            ]
        ),
    ]
    if utilisation > plan.bound:
        lines.append(
            f"  {utilisation:.0%} is above the bound: only overlapped communication reaches it"
        )
    return lines


def recipe_lines(plan: Plan) -> str:
    """What a recipe says to be laid out so."""
    names = (
        "precision",
        "tensor_parallel",
        "pipeline_parallel",
        "sequence_parallel",
        "micro_batch_size_samples",
        "distributed_optimizer",
        "recompute",
    )
    values = plan.training.model_dump(include=set(names))
    lines = [f"    {name}: {str(values[name]).lower()}" for name in names]
    return "\n".join(["In the recipe:", "  training:", *lines])


def _aligned(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    names, amounts = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [
        f"  {name.ljust(names)}  {amount.rjust(amounts)}  {note}".rstrip()
        for name, amount, note in rows
    ]


def _days(plan: Plan, tokens: int, utilisation: float) -> float:
    length = plan.training.sequence_length_tokens
    flops = model_flops_per_token(plan.model, length, plan.vocabulary_size)
    seconds = training_seconds(flops, tokens, plan.gpus, plan.hardware, utilisation)
    return seconds / SECONDS_PER_DAY


def _gigabytes(num_bytes: int) -> str:
    """Two decimals, or of what is small but there four.

    >>> _gigabytes(42_280_000_000), _gigabytes(787_712), _gigabytes(0)
    ('42.28', '0.0008', '0.00')
    """
    decimals = 4 if 0 < num_bytes < 1e7 else 2
    return f"{num_bytes / 1e9:,.{decimals}f}"


def _operations(flops: int) -> str:
    return f"{flops / 1e9:,.2f} G" if flops >= 1e8 else f"{flops / 1e6:,.2f} M"


def _tokens(tokens: int) -> str:
    return f"{tokens / 1e9:,g} billion tokens" if tokens >= 1e8 else f"{tokens:,} tokens"


def _long(days: float) -> str:
    return f"{days:,.2f} days" if days >= 0.01 else f"{_seconds(days * SECONDS_PER_DAY)} s"


def _seconds(seconds: float) -> str:
    """Three figures that count, and no more than four decimals.

    >>> _seconds(12.345), _seconds(0.012345), _seconds(0)
    ('12.3', '0.0123', '0')
    """
    if seconds < 0.00005:
        return "0"
    return (
        f"{seconds:,.1f}"
        if seconds >= 10
        else f"{seconds:.3g}"
        if seconds >= 0.01
        else (f"{seconds:.4f}")
    )
