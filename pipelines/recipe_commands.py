"""`galactica recipe check`: the plan of a recipe, as a table that a person reads."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pipelines.plan import BY_SIZE, Plan, plan_build
from pipelines.recipe import load_recipe
from pipelines.stopping import stopped_in_order

recipe_program = typer.Typer(
    help="Recipes: what a build of one would do.", no_args_is_help=True, rich_markup_mode=None
)

_WIDTH = 98
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@recipe_program.callback()
def _recipe() -> None:
    """Recipes: what a build of one would do."""


@recipe_program.command(
    "check",
    epilog="Example: galactica recipe check recipes/demo.yaml --run-dir runs/demo",
)
def check_command(
    recipe: Annotated[Path, typer.Argument(help="The recipe, a YAML file.")],
    run_dir: Annotated[
        Path | None, typer.Option("--run-dir", help="What is up to date in this run directory.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a field of the recipe, as in training.epochs=1."),
    ] = None,
) -> None:
    """Validate a recipe and print the plan of its build; nothing is run or written.

    Exit status 1 where it cannot be built as it is.
    """
    loaded = load_recipe(recipe, set_ or ())
    with stopped_in_order("nothing was changed"):
        plan = plan_build(loaded, recipe.resolve().parent, run_dir)
    print(render(plan))
    if not loaded.model or not loaded.training:
        print("\nWithout model and training: a corpus only, no pretraining.")
    if plan.faults:
        raise typer.Exit(1)


def render(plan: Plan) -> str:
    """The plan as text: the sources, their sum, the stages, the disk, and what is missing."""
    rows = [("source", "format", "files", "size", "tasks", "")]
    for row in plan.sources:
        found = row.fault is None
        rows.append(
            (
                row.name,
                row.format,
                f"{row.files:,}" if found else "-",
                size(row.num_bytes) if found else "-",
                f"{row.tasks:,}" if found else "-",
                row.state,
            )
        )
    tasks = sum(row.tasks for row in plan.sources)
    current = sum(row.current for row in plan.sources)
    rows.append(
        (
            f"{len(plan.sources):,} sources",
            "",
            f"{sum(row.files for row in plan.sources):,}",
            size(sum(row.num_bytes for row in plan.sources)),
            f"{tasks:,}",
            f"{tasks - current:,} to run",
        )
    )
    lines = _table(rows)
    lines.insert(len(lines) - 1, "")
    if plan.held_out:
        lines += ["", "Held out of training:", *_named(plan.held_out)]
    if plan.evaluations:
        lines += ["", "Evaluations whose text no training document keeps:"]
        lines += _named(
            (row.name, "not found" if row.fault else f"{row.files:,} files, {size(row.num_bytes)}")
            for row in plan.evaluations
        )
    lines += ["", "Stages, in their order, with the number of their tasks:"]
    lines += _in_lines([f"{stage} {tasks}" for stage, tasks in plan.stages])
    lines += [
        f"  {BY_SIZE} follows from what the stages before it write",
        "",
        f"Disk: at most about {size(plan.disk_bytes)}, three bytes for each of text. Text is taken",
        "to be all that is raw, and four times what is compressed.",
    ]
    if plan.free_bytes is not None:
        short = " - TOO LITTLE" if plan.free_bytes < plan.disk_bytes else ""
        lines.append(f"Free where the run directory is: {size(plan.free_bytes)}{short}")
    missing = [row.name for row in plan.sources if row.missing]
    if missing:
        lines.append("")
        lines += textwrap.wrap(
            f"LEFT OUT, since nothing of them is there: {', '.join(missing)}", _WIDTH
        )
    if plan.faults:
        lines += ["", "It cannot be built as it is:"]
        lines += [f"  {line}" for fault in plan.faults for line in fault.splitlines()]
        if any(row.absent for row in plan.sources):
            lines.append("(--set missing_sources=leave_out builds without what is not there)")
    return "\n".join(lines)


def size(num_bytes: int) -> str:
    """A number of bytes in a unit that people read.

    >>> size(999), size(1_234_000)
    ('999 B', '1.2 MB')
    """
    amount, power = float(num_bytes), 0
    while amount >= 999.5 and power < len(_UNITS) - 1:
        amount, power = amount / 1000, power + 1
    return f"{amount:.1f} {_UNITS[power]}" if power else f"{num_bytes:,} B"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _named(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A line for each entry, wrapped, with what is said of them below each other."""
    listed = list(entries)
    indent = " " * (4 + max(len(name) for name, _ in listed))
    for name, said in listed:
        yield from textwrap.wrap(
            f"  {name}".ljust(len(indent)) + said, _WIDTH, subsequent_indent=indent
        )


def _in_lines(entries: list[str], width: int = _WIDTH) -> list[str]:
    lines = [" "]
    for number, entry in enumerate(entries):
        piece = f" {entry}{',' if number < len(entries) - 1 else ''}"
        if len(lines[-1]) + len(piece) > width:
            lines.append(" ")
        lines[-1] += piece
    return lines
