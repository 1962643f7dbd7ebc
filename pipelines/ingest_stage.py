"""Ingest, in a build: the tasks that read the raw inputs of every source, and their parts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from corpora.catalogue import load_format
from corpora.documents import Format, ReadOptions
from corpora.settings import SourceSettings
from pipelines.execution import StageResult, Task
from pipelines.inputs import (
    FingerprintCache,
    Input,
    NothingThereError,
    find_inputs,
    group_inputs,
    located,
    option_inputs,
)
from pipelines.parts import Part, parts_made
from pipelines.recipe import Recipe, RecipeError
from pipelines.stage_runner import StageRunner
from pipelines.stages.ingest import IngestArgument, ingest

#: Settings of a source that change nothing of what its reader gives.
_NOT_OF_A_READER = ("paths", "epochs", "priority", "share", "deduplicate", "filters")


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What there is to do for one source: its tasks, or why there are none."""

    source: SourceSettings
    tasks: tuple[Task, ...]
    fault: RecipeError | None = None

    @property
    def inputs(self) -> list[Input]:
        """The raw inputs of all tasks."""
        return [entry for task in self.tasks for entry in task.argument.inputs]


def ingest_sources(runner: StageRunner) -> tuple[StageResult, list[Part]]:
    """Read the raw inputs of all sources into parts, in the order of the recipe.

    Sources that are not there are left out where the recipe says so; from then on `runner.recipe`
    is without them. Raises RecipeError with the faults of all sources.
    """
    cache = FingerprintCache(runner.run.logs / "input-fingerprints.json")
    plans = plan_sources(runner, cache)
    cache.save()
    faults = [str(plan.fault) for plan in plans if plan.fault and not left_out(runner.recipe, plan)]
    if faults:
        raise RecipeError("\n".join(faults))
    missing = {plan.source.name: str(plan.fault) for plan in plans if plan.fault}
    if len(missing) == len(plans):
        raise RecipeError("\n".join(["no source of the recipe is there:", *missing.values()]))
    runner.leave_out(missing)
    tasks = [task for plan in plans for task in plan.tasks]
    result = runner.run_tasks("ingest", tasks, runner.run.stages / "ingest", runner.run.quarantine)
    return result, parts_made(tasks, result.manifests, runner.run.stages / "ingest")


def plan_sources(runner: StageRunner, cache: FingerprintCache) -> list[SourcePlan]:
    """The tasks of every source; nothing is read but names, sizes and what fingerprints need."""
    plans = []
    for source in runner.recipe.sources:
        try:
            plans.append(SourcePlan(source, tuple(source_tasks(runner, source, cache))))
        except RecipeError as error:
            plans.append(SourcePlan(source, (), error))
        except ValueError as error:  # a reader whose packages are not installed
            plans.append(SourcePlan(source, (), RecipeError(f"source {source.name}: {error}")))
    return plans


def left_out(recipe: Recipe, plan: SourcePlan) -> bool:
    """Whether the recipe leaves out a source because nothing of it is there."""
    return recipe.missing_sources == "leave_out" and isinstance(plan.fault, NothingThereError)


def source_tasks(
    runner: StageRunner, source: SourceSettings, cache: FingerprintCache
) -> Iterator[Task]:
    """The tasks of one source.

    Raises RecipeError for a source without inputs and for options that its format does not have.
    """
    recipe = runner.recipe
    markers = recipe.marker_table()
    reader = load_format(source.format)
    options = ReadOptions(
        seed=recipe.seed,
        latex_markers=recipe.latex_markers,
        source=_source_options(recipe, source, reader, runner.recipe_folder),
    )
    paths = tuple(located(source.paths, recipe.data_folder))
    found = source.model_copy(update={"paths": paths})
    inputs = find_inputs(found, reader, runner.recipe_folder, cache)
    sampled = source.sample_documents is not None or source.sample_bytes is not None
    groups: Sequence[tuple[Input, ...]] = (
        [tuple(inputs)]  # a sample is drawn from all records of its source at once
        if sampled
        else group_inputs(inputs, recipe.build.task_bytes)
    )
    settings = {
        name: value for name, value in source.portable().items() if name not in _NOT_OF_A_READER
    }
    for number, group in enumerate(groups):
        part = f"{source.name}/part-{number:05d}"
        yield runner.task(
            "ingest",
            runner.run.stages / "ingest" / f"{part}.manifest.json",
            ingest,
            IngestArgument(
                source=source,
                inputs=group,
                options=options,
                seconds_per_record=recipe.build.seconds_per_record,
                markers=markers,
                spelt_markers=markers.only(source.spelt_markers),
                documents=runner.run.stages / "ingest" / f"{part}.parquet",
                quarantine=runner.run.quarantine / f"{part}.jsonl",
            ),
            settings={
                "source": settings,
                "seed": options.seed,
                "latex_markers": options.latex_markers,
                "markers": [[marker.row, marker.spelling] for marker in markers.rows],
                "seconds_per_record": recipe.build.seconds_per_record,
            },
            code=("corpora", "tokenization"),
            inputs={entry.name: entry.fingerprint for entry in group}
            | option_inputs(options.source, cache),
            weight=max(1, sum(entry.num_bytes for entry in group)),
        )


def _source_options(
    recipe: Recipe, source: SourceSettings, reader: Format, folder: Path
) -> BaseModel | None:
    try:
        return reader.source_options(source.options, folder)
    except ValueError as error:
        raise RecipeError(f"source {source.name}: {error}") from error
