"""`galactica export`, `import-hf` and `generate`: models out, in, and at work."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.generate_command import generate_command
from pipelines.stopping import stopped_in_order
from pipelines.tokenizer_commands import MarkersOption, marker_settings
from tokenization.conversion import LICENCE_NOTICE

model_program = typer.Typer(rich_markup_mode=None)


class Precision(StrEnum):
    """In which numbers weights are stored and trained."""

    FP32 = "fp32"
    BF16 = "bf16"


@model_program.command("export", epilog="Example: galactica export --run-dir runs/demo --to model")
def export_command(
    run_dir: Annotated[Path, typer.Option("--run-dir", help="The run directory.")],
    to: Annotated[Path, typer.Option("--to", help="The folder to write.")],
    step: Annotated[
        int | None, typer.Option(min=0, help="The step of its checkpoint; the last by default.")
    ] = None,
) -> None:
    """Export a checkpoint as a Hugging Face OPT model with its tokenizer and card."""
    from galactica.huggingface.export import export_run

    with stopped_in_order(f"{to} is as it was"):
        print(f"Exported {export_run(run_dir, to, step)}")


@model_program.command(
    "import-hf",
    epilog="Example: galactica import-hf galactica-1.3b --to runs/galactica-1.3b",
)
def import_command(
    folder: Annotated[Path, typer.Argument(help="A Hugging Face folder of an OPT model.")],
    to: Annotated[Path, typer.Option("--to", help="The run directory to make.")],
    tokenizer: Annotated[
        Path | None,
        typer.Option(help="Its tokenizer, where the folder holds none.  [default: the folder's]"),
    ] = None,
    latex_markers: Annotated[
        bool, typer.Option("--latex-markers", help="Add [START_LATEX] and [END_LATEX].")
    ] = False,
    markers: MarkersOption = "",
    precision: Annotated[
        Precision | None, typer.Option(help="By default what loses nothing.")
    ] = None,
) -> None:
    """Make a run directory of an OPT model, such as the released Galactica checkpoints.

    Its checkpoint can be exported again, or training can start from it. Biases that are zero are
    dropped; a model of another architecture is refused, with the field or tensor that says so.
    The released tokenizer is made self-contained. Markers that are added take the ids after its
    last one; their embeddings begin as the mean of the others.
    """
    from galactica.huggingface.import_hf import import_opt_folder
    from galactica.huggingface.model_folder import tokenizer_of
    from pipelines.tokenizer_training import make_settings
    from tokenization import ScienceTokenizer
    from tokenization.training import with_markers

    place = tokenizer or folder
    own = tokenizer_of(place, latex_markers=latex_markers)
    if added := marker_settings(markers):
        own = with_markers(own, make_settings(markers=added).markers)
    with stopped_in_order(f"{to} is as it was"):
        state = import_opt_folder(folder, to, own, precision=precision and precision.value)
    try:
        ScienceTokenizer.from_pretrained(place)
    except ValueError:
        print(LICENCE_NOTICE)
    parameters = state.model_settings.num_parameters(state.vocabulary_size)
    print(
        f"Imported {to}: {parameters:,} parameters, {state.vocabulary_size:,} entries, "
        f"{state.training['precision']}"
    )


model_program.command(
    "generate",
    epilog='Examples: galactica generate runs/demo/model "[START_I_SMILES]" --stop closing '
    "--temperature 0.7 --samples 20 --check; "
    'galactica generate runs/demo/model "The double helix was proposed in" --references 5',
)(generate_command)
