"""The `galactica` program: every command is a thin layer over a function of the packages."""

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from corpora.catalogue import READERS, load_format
from corpora.citations import resolve
from corpora.documents import Format, ReadOptions, Record
from pipelines.build import build
from pipelines.execution import BuildError
from pipelines.executors import ExecutorName
from pipelines.inputs import resolve_path
from pipelines.model_commands import model_program
from pipelines.process_pool import ProcessPool
from pipelines.progress import ConsoleProgress
from pipelines.reading import Refusal, frame_records, read_record, time_limits
from pipelines.recipe import RecipeError, load_recipe
from pipelines.recipe_commands import recipe_program
from pipelines.recipe_overrides import parse_options
from pipelines.run_directory import RunDirectory
from pipelines.stopping import GO_ON, stopped_in_order
from pipelines.tokenizer_commands import tokenizer_program
from pipelines.training_plan_command import plan_command
from tokenization.markers import reveal

program = typer.Typer(
    help="From raw scientific files to a trained language model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
program.add_typer(model_program)
program.add_typer(recipe_program, name="recipe")
program.add_typer(tokenizer_program, name="tokenizer")

RecipeArgument = Annotated[Path, typer.Argument(help="The recipe, a YAML file.")]
RunOption = Annotated[Path, typer.Option("--run-dir", help="The run directory.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a field of the recipe, as in training.epochs=1."),
]
ExecutorOption = Annotated[
    ExecutorName,
    typer.Option(help="Who runs the tasks: processes of this machine, or a Ray cluster."),
]
RayAddressOption = Annotated[
    str | None,
    typer.Option(
        help="A Ray cluster, as in host:6379 or auto; without it one is started here. All of its "
        "machines must see the run directory and the raw files at the same paths."
    ),
]
SECONDS_PER_RECORD = 120
#: Lines of what `galactica verify` finds wrong.
SHOWN_FAULTS = 50


def _example(text: str) -> str:
    return f"Example: {text}"


@program.command("build", epilog=_example("galactica build recipes/demo.yaml --run-dir runs/demo"))
def build_command(
    recipe: RecipeArgument,
    run_dir: RunOption,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; all cores by default.")
    ] = None,
    executor: ExecutorOption = ExecutorName.LOCAL,
    ray_address: RayAddressOption = None,
    set_: SetOption = None,
) -> None:
    """Build a corpus: raw files to documents, tokenizer and Arrow shards."""
    loaded = load_recipe(recipe, set_ or ())
    console = Console()
    with stopped_in_order(GO_ON), ConsoleProgress(console) as progress:
        summary = build(
            loaded,
            recipe.resolve().parent,
            RunDirectory(run_dir.resolve()),
            workers=workers,
            executor=executor,
            ray_address=ray_address,
            progress=progress,
        )
    if summary.num_run == 0:
        print(f"Nothing to do: all {summary.num_tasks} tasks of {run_dir} are up to date.")
    else:
        print(f"Built {run_dir}: ran {summary.num_run} of {summary.num_tasks} tasks.")


@program.command(
    "pretrain",
    epilog=_example(
        "galactica pretrain recipes/demo.yaml --run-dir runs/demo; on many GPUs: "
        "torchrun --no-python --nproc-per-node 8 galactica pretrain RECIPE --run-dir DIR"
    ),
)
def pretrain_command(recipe: RecipeArgument, run_dir: RunOption, set_: SetOption = None) -> None:
    """Pretrain on a run's shards, or resume where a stopped training left off.

    SIGTERM, SIGUSR1, SIGHUP (a lost terminal) or Ctrl-C saves a checkpoint after the running step
    and ends with status 0.
    """
    from pipelines.training_command import pretrain_together

    pretrain_together(recipe, set_ or (), RunDirectory(run_dir), Console())


program.command("plan", epilog=_example("galactica plan --preset huge --gpus 1024"))(plan_command)


@program.command(
    "read",
    epilog=_example("galactica read uniprot examples/uniprot/proteins.dat"),
)
def read_command(
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(sorted(READERS))}.")
    ],
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders or package:NAME.")
    ],
    latex_markers: Annotated[
        bool, typer.Option(help="Wrap each formula in [START_LATEX] markers.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Seed of a document's random choices.")] = 0,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="An option of the format, as in -o text=body."),
    ] = None,
) -> None:
    """Read raw files: one JSON object a line with doc_id, text in bracket spelling, metadata."""
    reader = load_format(format_name)
    given = parse_options(option or ())
    try:
        own = reader.source_options(given, Path.cwd())
    except ValueError as error:
        raise RecipeError(f"--option: {error}") from error
    options = ReadOptions(seed=seed, latex_markers=latex_markers, source=own)
    read = wrote = 0
    with stopped_in_order("the rest was not read"), time_limits():
        for entry in _entries(reader, paths, options):
            read += 1
            result = (
                entry
                if isinstance(entry, Refusal)
                else read_record(reader, entry, options, SECONDS_PER_RECORD)
            )
            if isinstance(result, Refusal):
                kind = "quarantined" if result.quarantined else "dropped"
                detail = result.detail.removeprefix(f"{result.position}: ")
                why = f"{result.reason}: {detail}" if detail else result.reason
                print(f"{kind}: {result.position}: {why}", file=sys.stderr)
                continue
            document, _ = resolve(result)
            wrote += 1
            metadata = dict(document.metadata)
            metadata["citations"] = [entry.to_json() for entry in document.citations]
            if document.cleaned:
                metadata["cleaned"] = dict(document.cleaned)
            _print_json(
                {
                    "doc_id": f"{format_name}/{document.record_id}",
                    "text": reveal(document.text),
                    "metadata": metadata,
                }
            )
    print(f"read {read:,} = wrote {wrote:,} + dropped {read - wrote:,}", file=sys.stderr)
    if wrote == 0:
        raise BuildError(f"no document of format {format_name!r} in {', '.join(paths)}")


def _entries(
    reader: Format, paths: Sequence[str], options: ReadOptions
) -> Iterator[Record | Refusal]:
    """The records of all inputs in some paths, as they are framed."""
    for written in paths:
        for root in resolve_path(written, Path.cwd()):
            for path in reader.find(root):
                place = Path(root.name, path.relative_to(root)).as_posix()
                yield from frame_records(reader, path, place, options)


def _print_json(content: dict[str, Any]) -> None:
    line = json.dumps(content, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "replace"))


@program.command("verify", epilog=_example("galactica verify --run-dir runs/demo"))
def verify_command(
    run_dir: RunOption,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes; all cores by default.")
    ] = None,
) -> None:
    """Read every artefact of a run again: checksums, accounts, markers, tokens. Changes nothing."""
    from pipelines.verification import verify_run

    run = RunDirectory(run_dir.resolve())
    with (
        stopped_in_order("nothing was changed"),
        run.held_for_reading(),
        ConsoleProgress(Console(stderr=True)) as progress,
        ProcessPool(workers or os.cpu_count() or 1) as executor,
    ):
        found = verify_run(run, executor, progress)
    for line in found.lines():
        print(line)
    if found.faults:
        shown = "\n".join(found.faults[:SHOWN_FAULTS])
        more = len(found.faults) - SHOWN_FAULTS
        ending = f"\nand {more:,} more" if more > 0 else ""
        raise BuildError(f"{run_dir} is not as it was made:\n{shown}{ending}")
    print(f"Nothing is wrong in {run_dir}.")


@program.command("report", epilog=_example("galactica report --run-dir runs/demo"))
def report_command(run_dir: RunOption) -> None:
    """Write the report page of a run, one self-contained HTML file."""
    from pipelines.report import write_report

    with stopped_in_order("no new page was written"):
        print(f"Wrote {write_report(run_dir)}")


@program.command("publish", epilog=_example("galactica publish --run-dir runs/demo --to my-corpus"))
def publish_command(
    run_dir: RunOption,
    to: Annotated[Path, typer.Option("--to", help="The folder to write, new or empty.")],
) -> None:
    """Write a run's documents as a Hugging Face dataset folder, with its card."""
    from pipelines.publication import publish_run

    with stopped_in_order(f"{to} is as it was"):
        print(f"Published {publish_run(run_dir, to).wrote:,} documents in {to}")


@program.command("demo", epilog=_example("galactica demo"))
def demo_command(
    run_dir: Annotated[Path, typer.Option("--run-dir", help="The run directory.")] = Path(
        "runs/demo"
    ),
) -> None:
    """Run recipes/demo.yaml through every stage: corpus, tokenizer, training, export, report."""
    from pipelines.demo import run_demo

    run_demo(run_dir, Console())


_SECONDS_TO_SPEAK = 2.0


def main() -> None:
    """Run the program; a user's mistake is one message on standard error and exit status 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Megatron-core says on every import that Transformer Engine and Apex are not installed, and
    # its checkpoints call functions that torch has announced to replace.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"megatron\.")
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(megatron|torch)\.")
    try:
        program()
    except (RecipeError, BuildError, ValueError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # The reader of our output has gone (`| head`): nothing is left to say.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if os.environ.get("GALACTICA_DEBUG"):
            raise
        _tell(error)
        sys.exit(1)


def _tell(error: Exception) -> None:
    """Print a user's mistake. What all processes found, the first one tells."""
    rank = os.environ.get("RANK", "0")
    if rank == "0":
        print(f"error: {error}", file=sys.stderr)
    elif getattr(error, "raised_by_all", False):
        # torchrun ends the others as soon as one is gone: let the first one speak before.
        time.sleep(_SECONDS_TO_SPEAK)
    else:
        print(f"error of process {rank}: {error}", file=sys.stderr)
