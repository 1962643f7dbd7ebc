"""The demo: the whole line on real input, from raw files to a trained and exported model."""

from pathlib import Path

from rich.console import Console

from galactica.generation import Sampling, TextGenerator
from galactica.huggingface.export import export_run
from pipelines.build import build
from pipelines.progress import ConsoleProgress
from pipelines.recipe import RecipeError, load_recipe
from pipelines.report import write_report
from pipelines.run_directory import RunDirectory
from pipelines.stopping import GO_ON, stopped_in_order
from pipelines.training_command import pretrain_run

#: One prompt a modality that the demo's corpus holds.
PROMPTS = (
    "[START_I_SMILES]",
    "[START_AMINO]",
    "The structure of the double helix was proposed in [START_REF]",
)


def demo_recipe() -> Path:
    """The demo's recipe: in the checkout, or under the current folder."""
    for folder in (Path(__file__).resolve().parent.parent, Path.cwd()):
        path = folder / "recipes" / "demo.yaml"
        if path.is_file():
            return path
    raise RecipeError("recipes/demo.yaml is not here: run the demo from a checkout of the project")


def run_demo(run_dir: Path, console: Console) -> None:
    """Build, pretrain, export, generate and report into `run_dir`.

    A training that is told to stop ends it; started again, it goes on.
    """
    recipe_path = demo_recipe()
    recipe = load_recipe(recipe_path)
    run = RunDirectory(run_dir)
    with stopped_in_order(GO_ON), ConsoleProgress(console) as progress:
        build(recipe, recipe_path.parent, run, progress=progress)
    if pretrain_run(recipe, run, console).stopped_by:
        return
    with stopped_in_order(GO_ON), ConsoleProgress(console) as progress:
        progress.stage_started("export", 1)
        export_run(run.root, run.model)
        progress.stage_ended("export", f"{run.model}, a Hugging Face OPT model")
        progress.stage_started("generate", len(PROMPTS))
        generated = TextGenerator.open(run.model).generate(
            PROMPTS, max_new_tokens=48, sampling=Sampling(temperature=0.7)
        )
        progress.advanced(len(generated))
        progress.stage_ended("generate", f"{len(generated)} continuations")
        progress.stage_started("report", 1)
        report = write_report(run.root)
        progress.stage_ended("report", str(report))
    for one in generated:
        console.print(f"\n{one.prompt}{one.text}", markup=False, highlight=False)
    console.print(f"\nOpen {report} in a browser.", markup=False, highlight=False)
