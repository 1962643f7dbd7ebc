"""`galactica plan`: what a training needs of a cluster, before one is asked for."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from galactica.planning.hardware import Hardware
from galactica.planning.memory import Recomputation
from galactica.planning.plans import (
    PAPER_TOKENS,
    DoesNotFitError,
    Plan,
    layout_text,
    make_plan,
    propose_plan,
)
from galactica.planning.tables import (
    ROW_HEADING,
    markdown_table,
    plan_row,
    plan_text,
    recipe_lines,
)
from galactica.presets import PRESETS
from galactica.settings import ModelSettings, TrainingSettings
from pipelines.recipe import Recipe, load_recipe
from pipelines.recipe_errors import RecipeError
from pipelines.tasks.take_tokenizer import taken_tokenizer
from tokenization.tokenizer import TOKENIZER_FILE

#: So much higher is the bound of a layout that is shown beside a recipe's own.
BETTER_BOUND: Final = 0.05
_H100: Final = Hardware()


@dataclass(frozen=True, slots=True)
class _Training:
    """What is to be planned, from a preset or a recipe."""

    name: str
    model: ModelSettings
    training: TrainingSettings
    vocabulary_size: int


def _a_number(value: float) -> float:
    """Whatever bounds an option has, some versions of typer let NaN pass them."""
    if math.isnan(value):
        raise typer.BadParameter("nan is no amount")
    return value


def plan_command(
    recipe: Annotated[
        Path | None, typer.Argument(help="A recipe with model and training: its own layout.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="A preset, for which a layout is proposed. With neither: all presets."),
    ] = None,
    gpus: Annotated[int, typer.Option(min=1, help="GPUs in all.")] = 8,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Override a field of the recipe, as in training.precision=bf16."
        ),
    ] = None,
    tensor_parallel: Annotated[int | None, typer.Option(min=1, help="Fix it.")] = None,
    pipeline_parallel: Annotated[int | None, typer.Option(min=1, help="Fix it.")] = None,
    micro_batch: Annotated[int | None, typer.Option(min=1, help="Fix it, in samples.")] = None,
    recompute: Annotated[
        Recomputation | None, typer.Option(help="Fix which activations are recomputed.")
    ] = None,
    vocabulary_size: Annotated[
        int | None,
        typer.Option(min=1, help="Instead of the preset's, the recipe's or its tokenizer's."),
    ] = None,
    tokens: Annotated[
        float, typer.Option(min=1, max=1e18, callback=_a_number, help="Tokens to train on.")
    ] = PAPER_TOKENS,
    utilisation: Annotated[
        float,
        typer.Option(
            min=0.01, max=1.0, callback=_a_number, help="Model FLOP utilisation to assume."
        ),
    ] = 0.4,
    gpu_memory_gb: Annotated[
        float, typer.Option(min=1, max=1e6, callback=_a_number, help="Memory of a GPU, 10^9 bytes.")
    ] = (_H100.gpu_memory_gb),
    peak_tflops: Annotated[
        float,
        typer.Option(
            min=1, max=1e6, callback=_a_number, help="Peak of a GPU, dense bf16. An A100 has 312."
        ),
    ] = _H100.peak_tflops,
    nvlink: Annotated[
        float,
        typer.Option(
            min=0.1, max=1e6, callback=_a_number, help="GB/s of a GPU one way, within a node."
        ),
    ] = _H100.nvlink_gb_per_second,
    infiniband: Annotated[
        float,
        typer.Option(
            min=0.1, max=1e6, callback=_a_number, help="GB/s of a GPU one way, between nodes."
        ),
    ] = _H100.infiniband_gb_per_second,
    gpus_per_node: Annotated[int, typer.Option(min=1, help="GPUs of a node.")] = (
        _H100.gpus_per_node
    ),
) -> None:
    """Print memory per GPU, communication per step and days of training; nothing is started.

    Exit status 1 where no layout fits, or the recipe's own does not.
    """
    hardware = Hardware(
        gpu_memory_gb=gpu_memory_gb,
        peak_tflops=peak_tflops,
        nvlink_gb_per_second=nvlink,
        infiniband_gb_per_second=infiniband,
        gpus_per_node=gpus_per_node,
    )
    given = {
        "tensor_parallel": tensor_parallel,
        "pipeline_parallel": pipeline_parallel,
        "micro_batch_size_samples": micro_batch,
        "recompute": recompute,
    }
    fixed = {name: value for name, value in given.items() if value is not None}
    if recipe is not None:
        if preset is not None:
            raise RecipeError("give a recipe or --preset, not both")
        planned = _from_recipe(recipe, set_ or [], vocabulary_size, fixed)
        plan = make_plan(planned.model, planned.training, planned.vocabulary_size, gpus, hardware)
        print(plan_text(planned.name, plan, round(tokens), utilisation))
        _say_what_is_better(plan)
        if not plan.fits:
            raise typer.Exit(1)
        return
    if set_:
        raise RecipeError("--set is for a recipe, and none was given")
    if preset is not None:
        planned = _from_preset(preset, vocabulary_size, fixed)
        plan = _propose(planned, gpus, hardware, fixed)
        print(plan_text(planned.name, plan, round(tokens), utilisation))
        print(f"\n{recipe_lines(plan)}")
        return
    rows: list[tuple[str, ...]] = []
    for name in PRESETS:
        planned = _from_preset(name, vocabulary_size, fixed)
        try:
            plan = _propose(planned, gpus, hardware, fixed)
        except DoesNotFitError:
            rows.append((name, "does not fit"))
        except ValueError:
            rows.append((name, "cannot be divided"))
        else:
            rows.append(plan_row(name, plan, round(tokens), utilisation))
    print(markdown_table(ROW_HEADING, rows))


def _from_preset(name: str, vocabulary_size: int | None, fixed: dict[str, Any]) -> _Training:
    if name not in PRESETS:
        raise RecipeError(f"--preset: no preset is named {name!r}; there are {', '.join(PRESETS)}")
    preset = PRESETS[name]
    values = preset.training_values(preset.model.max_position_embeddings)
    training = TrainingSettings(
        epochs=1,
        micro_batch_size_samples=1,
        precision="bf16",
        distributed_optimizer=True,
        **values,
    )
    return _Training(
        name,
        preset.model,
        training.model_copy(update=fixed),
        vocabulary_size or preset.vocabulary_size,
    )


def _from_recipe(
    path: Path, overrides: list[str], vocabulary_size: int | None, fixed: dict[str, Any]
) -> _Training:
    recipe = load_recipe(path, overrides)
    model, training = recipe.pretraining()
    changes = dict(fixed)
    if "tensor_parallel" in fixed and fixed["tensor_parallel"] == 1:
        changes["sequence_parallel"] = False
    return _Training(
        recipe.name,
        model,
        training.model_copy(update=changes),
        vocabulary_size or _vocabulary_size(recipe, path.resolve().parent),
    )


def _vocabulary_size(recipe: Recipe, folder: Path) -> int:
    """That of the tokenizer which a recipe trains, or takes as it is.

    Raises RecipeError where the latter is not there.
    """
    settings = recipe.tokenizer
    if settings.start_from is None:
        return settings.vocabulary_size
    place = folder / Path(settings.start_from).expanduser()
    if not (place / TOKENIZER_FILE).is_file():
        raise RecipeError(
            f"tokenizer.start_from: {place} holds no {TOKENIZER_FILE}, and a plan counts its "
            "entries: make that tokenizer first, or give --vocabulary-size"
        )
    return taken_tokenizer(place, settings, recipe.latex_markers).vocabulary_size


def _propose(planned: _Training, gpus: int, hardware: Hardware, fixed: dict[str, Any]) -> Plan:
    return propose_plan(
        planned.model, planned.training, planned.vocabulary_size, gpus, hardware, fixed
    )


def _say_what_is_better(plan: Plan) -> None:
    """Of a layout that was given: another one that fits, or whose bound is clearly higher."""
    try:
        other = propose_plan(
            plan.model, plan.training, plan.vocabulary_size, plan.gpus, plan.hardware
        )
    except ValueError as error:
        print(f"\nIt does not fit: {error}.")
        return
    if not plan.fits or other.bound > plan.bound + BETTER_BOUND:
        print(
            f"\n{'Better' if plan.fits else 'It does not fit. What does'}: {layout_text(other)}: "
            f"{other.memory.total / 1e9:,.1f} GB, bound {other.bound:.1%}"
        )
        print(recipe_lines(other))
