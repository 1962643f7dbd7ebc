"""Ingest, in a build: the tasks that read the raw inputs of every source, and their parts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from corpora.catalogue import load_format, module_of
from corpora.documents import Format, ReadOptions
from corpora.settings import SourceSettings, names_file
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
from pipelines.stages.runner import StageRunner
from pipelines.tasks.cut import CutArgument, cut, piece_path
from pipelines.tasks.ingest import IngestArgument, ingest
from tokenization.manifests import read_manifest

#: Settings of a source that change nothing of what its reader gives.
_NOT_OF_A_READER = ("paths", "epochs", "priority", "share", "deduplicate", "filters")
#: A file of more than so many tasks' bytes is cut: what is a little more costs less as it is.
_TOO_LARGE: Final = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that are read together; a single large file may be cut into pieces first.

    `name` is what its pieces are called, None where it is read as it is.
    """

    inputs: tuple[Input, ...]
    name: str | None = None

    @property
    def num_bytes(self) -> int:
        """The size of the inputs as they lie in the file system."""
        return sum(entry.num_bytes for entry in self.inputs)


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What there is to do for one source, or why there is nothing."""

    source: SourceSettings
    options: ReadOptions
    groups: tuple[Group, ...]
    option_inputs: dict[str, str] = field(default_factory=dict)
    fault: RecipeError | None = None

    @property
    def inputs(self) -> list[Input]:
        """The raw inputs of the source."""
        return [entry for group in self.groups for entry in group.inputs]


def ingest_sources(runner: StageRunner) -> tuple[list[StageResult], list[Part]]:
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
    folder = runner.run.stages / "ingest"
    cuts = [task for plan in plans for task in cut_tasks(runner, plan)]
    cut_result = runner.run_tasks("cut", cuts)
    tasks = [task for plan in plans for task in ingest_tasks(runner, plan)]
    result = runner.run_tasks("ingest", tasks)
    return [cut_result, result], parts_made(tasks, result.manifests, folder)


def plan_sources(runner: StageRunner, cache: FingerprintCache) -> list[SourcePlan]:
    """What to read of every source; nothing is read but names, sizes and what fingerprints need."""
    plans = []
    for source in runner.recipe.sources:
        try:
            plans.append(_plan(runner, source, cache))
        except RecipeError as error:
            plans.append(SourcePlan(source, ReadOptions(), (), fault=error))
        except ValueError as error:  # a reader whose packages are not installed
            fault = RecipeError(f"source {source.name}: {error}")
            plans.append(SourcePlan(source, ReadOptions(), (), fault=fault))
    return plans


def left_out(recipe: Recipe, plan: SourcePlan) -> bool:
    """Whether the recipe leaves out a source because nothing of it is there."""
    return recipe.missing_sources == "leave_out" and isinstance(plan.fault, NothingThereError)


def _plan(runner: StageRunner, source: SourceSettings, cache: FingerprintCache) -> SourcePlan:
    """Raises RecipeError for a source without inputs and for options that its format lacks."""
    recipe = runner.recipe
    reader = load_format(source.format)
    options = ReadOptions(
        seed=recipe.seed,
        latex_markers=recipe.latex_markers,
        source=_source_options(recipe, source, reader, runner.recipe_folder),
    )
    paths = tuple(located(source.paths, recipe.data_folder))
    found = source.model_copy(update={"paths": paths})
    inputs = find_inputs(found, reader, options, runner.recipe_folder, cache)
    if source.sample_documents is not None or source.sample_bytes is not None:
        # A sample is drawn from all records of its source at once.
        groups = [Group(tuple(inputs))]
    else:
        task_bytes = recipe.build.task_bytes
        groups = [Group(group) for group in group_inputs(inputs, task_bytes)]
        groups = [
            Group(group.inputs, f"{source.name}/{number:05d}")
            if group.num_bytes > _TOO_LARGE * task_bytes and not group.inputs[0].is_folder
            else group
            for number, group in enumerate(groups)
        ]
    return SourcePlan(source, options, tuple(groups), option_inputs(options.source, cache))


def cut_tasks(runner: StageRunner, plan: SourcePlan) -> Iterator[Task]:
    """The tasks that cut the large files of a source."""
    for group in plan.groups:
        if group.name is None:
            continue
        path = runner.run.stages / "cut" / group.name
        (entry,) = group.inputs
        yield runner.task(
            "cut",
            path.with_name(f"{path.name}.manifest.json"),
            cut,
            CutArgument(
                format=plan.source.format,
                input=entry,
                options=plan.options,
                piece_bytes=runner.recipe.build.task_bytes,
                folder=path.parent,
                name=path.name,
            ),
            settings={
                "source": _reader_settings(plan.source),
                "seed": plan.options.seed,
                "latex_markers": plan.options.latex_markers,
                "piece_bytes": runner.recipe.build.task_bytes,
            },
            code=(module_of(plan.source.format),),
            inputs={entry.name: entry.fingerprint} | plan.option_inputs,
            weight=max(1, entry.num_bytes),
        )


def ingest_tasks(runner: StageRunner, plan: SourcePlan) -> Iterator[Task]:
    """The tasks that read a source, after its large files were cut."""
    recipe, source = runner.recipe, plan.source
    markers = recipe.marker_table()
    pieces = _pieces(runner, plan)
    for number, (group, piece) in enumerate(pieces):
        part = f"{source.name}/part-{number:05d}"
        inputs = (
            {entry.name: entry.fingerprint for entry in group.inputs}
            if piece is None
            else {f"{group.inputs[0].name} {piece.path.name}": piece.fingerprint}
        )
        yield runner.task(
            "ingest",
            runner.run.stages / "ingest" / f"{part}.manifest.json",
            ingest,
            IngestArgument(
                source=source,
                inputs=group.inputs if piece is None else (),
                piece=piece.path if piece is not None else None,
                options=plan.options,
                seconds_per_record=recipe.build.seconds_per_record,
                markers=markers,
                spelt_markers=markers.only(source.spelt_markers),
                documents=runner.run.stages / "ingest" / f"{part}.parquet",
                quarantine=runner.run.quarantine / f"{part}.jsonl",
            ),
            settings={
                "source": _reader_settings(source),
                "seed": plan.options.seed,
                "latex_markers": plan.options.latex_markers,
                "markers": [[marker.row, marker.spelling] for marker in markers.rows],
                "seconds_per_record": recipe.build.seconds_per_record,
            },
            code=(module_of(source.format),),
            inputs=inputs | plan.option_inputs,
            weight=max(1, group.num_bytes if piece is None else piece.num_bytes),
        )


class _Piece(NamedTuple):
    path: Path
    fingerprint: str
    num_bytes: int


def _pieces(runner: StageRunner, plan: SourcePlan) -> Iterator[tuple[Group, _Piece | None]]:
    """The groups of a source in order, one that was cut as often as it has pieces."""
    for group in plan.groups:
        if group.name is None:
            yield group, None
            continue
        path = runner.run.stages / "cut" / group.name
        manifest = read_manifest(path.with_name(f"{path.name}.manifest.json"))
        for number, num_bytes in enumerate(manifest.facts["pieces"]):
            piece = piece_path(path.parent, path.name, number)
            yield group, _Piece(piece, manifest.outputs[piece.name][1], num_bytes)


def _reader_settings(source: SourceSettings) -> dict[str, Any]:
    """The settings of a source that its reader may depend on, wherever its files lie.

    Of a file that an option names only its own name counts here: its content is among the inputs.
    """
    settings = source.model_dump(mode="json", exclude=set(_NOT_OF_A_READER))
    settings["options"] = {
        name: Path(value).name if names_file(name) and isinstance(value, str) else value
        for name, value in settings["options"].items()
    }
    return settings


def _source_options(
    recipe: Recipe, source: SourceSettings, reader: Format, folder: Path
) -> BaseModel | None:
    try:
        return reader.source_options(source.options, folder)
    except ValueError as error:
        raise RecipeError(f"source {source.name}: {error}") from error
