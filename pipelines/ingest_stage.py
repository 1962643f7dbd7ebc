"""Ingest, in a build: the tasks that read the raw inputs of every source, and their parts."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from corpora.catalogue import load_format
from corpora.documents import Format, ReadOptions
from corpora.settings import SourceSettings
from pipelines.execution import StageResult, Task
from pipelines.inputs import FingerprintCache, Input, find_inputs, group_inputs, option_inputs
from pipelines.parts import Part, parts_made
from pipelines.recipe import Recipe, RecipeError
from pipelines.stage_runner import StageRunner
from pipelines.stages.ingest import IngestArgument, ingest

#: Settings of a source that change nothing of what its reader gives.
_NOT_OF_A_READER = ("paths", "epochs", "priority", "share", "deduplicate", "filters")


def ingest_sources(runner: StageRunner) -> tuple[StageResult, list[Part]]:
    """Read the raw inputs of all sources into parts, in the order of the recipe."""
    cache = FingerprintCache(runner.run.logs / "input-fingerprints.json")
    tasks = list(ingest_tasks(runner, cache))
    cache.save()
    result = runner.run_tasks("ingest", tasks, runner.run.stages / "ingest", runner.run.quarantine)
    return result, parts_made(tasks, result.manifests, runner.run.stages / "ingest")


def ingest_tasks(runner: StageRunner, cache: FingerprintCache) -> Iterator[Task]:
    """The tasks of all sources; nothing is read but names, sizes and what fingerprints need.

    Raises RecipeError for a source without inputs and for options that its format does not have.
    """
    for source in runner.recipe.sources:
        yield from source_tasks(runner, source, cache)


def source_tasks(
    runner: StageRunner, source: SourceSettings, cache: FingerprintCache
) -> Iterator[Task]:
    """The tasks of one source."""
    recipe = runner.recipe
    markers = recipe.marker_table()
    reader = load_format(source.format)
    options = ReadOptions(
        seed=recipe.seed,
        latex_markers=recipe.latex_markers,
        source=_source_options(recipe, source, reader, runner.recipe_folder),
    )
    inputs = find_inputs(source, reader, runner.recipe_folder, cache)
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
