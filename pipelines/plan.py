"""What a build of a recipe would do, without doing any of it: inputs, tasks, disk, what is missing.

Nothing is written, and of raw files only names, sizes and times are read. What is up to date is
told by the fingerprints that the build itself compares; a raw file that no build has read has none
yet, so its task is still to run.
"""

import math
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from corpora.settings import SourceSettings
from pipelines.decontamination.evaluation_records import find_evaluations
from pipelines.ingest_stage import SourcePlan, cut_tasks, ingest_tasks, left_out, plan_sources
from pipelines.inputs import FingerprintCache, NothingThereError, inputs_under
from pipelines.recipe import Recipe
from pipelines.recipe_errors import RecipeError
from pipelines.run_directory import RunDirectory
from pipelines.stage_runner import StageRunner
from tokenization.manifests import is_current

#: The stages after ingest in their order, and what one task of each takes.
STAGES: Final = (
    ("scores", "part"),
    ("filter", "part"),
    ("works", "part"),
    ("citation index", "partition"),
    ("spellings", "partition"),
    ("citations", "part"),
    ("candidates", "part"),
    ("cuts", "all"),
    ("keys", "part"),
    ("owners", "partition"),
    ("identity", "part"),
    ("resolved", "part"),
    ("window runs", "part"),
    ("shared runs", "partition"),
    ("windows", "part"),
    ("shared windows", "partition"),
    ("removals", "part with duplicates"),
    ("documents", "part"),
    ("citation contexts", "hold-out"),
    ("tokenizer", "all"),
    ("tokens", "part"),
    ("train shards", "shard"),
    ("validation shards", "shard"),
)
#: In the place of a number that follows from what the stages before write.
BY_SIZE: Final = "*"
_OF_DEDUPLICATION: Final = frozenset(
    ("window runs", "shared runs", "windows", "shared windows", "removals")
)
#: Bytes on disk for a byte of text: what the demo's build takes, its vocabulary of 2,048 included.
_DISK_FOR_TEXT: Final = 3
#: Bytes of text in a byte that is compressed, about.
_COMPRESSION: Final = 4
_COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".7z", ".zip", ".tgz", ".meca", ".parquet")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source of a plan: nothing is there of one that is `absent`, and it is `missing` where the
    recipe leaves it out."""

    name: str
    format: str
    files: int
    num_bytes: int
    tasks: int
    current: int
    fault: str | None
    absent: bool
    missing: bool

    @property
    def state(self) -> str:
        """What there is to do, in a few words."""
        if self.fault:
            return "left out" if self.missing else "cannot be built"
        if self.current == self.tasks:
            return "up to date"
        return "to run" if not self.current else f"{self.tasks - self.current:,} to run"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do. `faults` are what stands in its way, by line; none: it can begin."""

    sources: tuple[SourceRow, ...]
    stages: tuple[tuple[str, str], ...]
    disk_bytes: int
    free_bytes: int | None
    faults: tuple[str, ...]


class _NoExecutor:
    """In the place of an executor: a plan runs nothing."""

    def run(self, function: Callable[[Any], Any], arguments: Sequence[Any]) -> Iterator[Any]:
        raise AssertionError("a plan runs nothing")


def plan_build(recipe: Recipe, recipe_folder: Path, run_dir: Path | None = None) -> Plan:
    """The plan of a recipe, against what a run directory holds already.

    Raises nothing for inputs that are not there: they are among the plan's faults, all of them.
    """
    run = RunDirectory(run_dir or recipe_folder / ".no-run-directory")
    runner = StageRunner(recipe, recipe_folder, run, _NoExecutor(), None)
    cache = FingerprintCache(run.logs / "input-fingerprints.json", reads=False)
    plans = plan_sources(runner, cache)
    rows = tuple(_row(runner, plan) for plan in plans)
    faults = [row.fault for row in rows if row.fault and not row.missing]
    if all(row.fault for row in rows) and not faults:
        faults.append("no source of the recipe is there")
    faults += _faults_of_evaluations(recipe, recipe_folder, cache)
    disk = sum(_disk_bytes(plan) for plan in plans)
    free = _free_bytes(run_dir) if run_dir else None
    parts = sum(row.tasks for row in rows)
    cuts = sum(group.name is not None for plan in plans for group in plan.groups)
    return Plan(rows, tuple(_stages(recipe, cuts, parts)), disk, free, tuple(faults))


def _row(runner: StageRunner, plan: SourcePlan) -> SourceRow:
    num_tasks, num_current = _tasks(runner, plan)
    return SourceRow(
        name=plan.source.name,
        format=plan.source.format,
        files=sum(max(1, len(entry.remote)) for entry in plan.inputs),
        num_bytes=sum(entry.num_bytes for entry in plan.inputs),
        tasks=num_tasks,
        current=num_current,
        fault=str(plan.fault) if plan.fault else None,
        absent=isinstance(plan.fault, NothingThereError),
        missing=left_out(runner.recipe, plan),
    )


def _tasks(runner: StageRunner, plan: SourcePlan) -> tuple[int, int]:
    """The ingest tasks of a source, about as many where a large file is still to be cut; and those
    of them that are current."""
    if all(is_current(task.manifest, task.fingerprint) for task in cut_tasks(runner, plan)):
        tasks = list(ingest_tasks(runner, plan))
        return len(tasks), sum(is_current(task.manifest, task.fingerprint) for task in tasks)
    piece_bytes = runner.recipe.build.task_bytes
    return sum(
        1 if group.name is None else math.ceil(group.num_bytes / piece_bytes)
        for group in plan.groups
    ), 0


def _faults_of_evaluations(recipe: Recipe, folder: Path, cache: FingerprintCache) -> list[str]:
    faults = []
    for evaluation in recipe.decontamination.evaluations:
        owner = f"decontamination: evaluation {evaluation.name}"
        try:
            inputs_under(
                evaluation.paths, find_evaluations, owner, "file of records", folder, cache
            )
        except RecipeError as error:
            faults.append(str(error))
    return faults


def _stages(recipe: Recipe, cuts: int, parts: int) -> Iterator[tuple[str, str]]:
    yield "cut", f"{cuts:,}"
    yield "ingest", f"{parts:,}"
    hold_outs = sum(hold_out.citation_contexts is not None for hold_out in recipe.hold_outs)
    tasks = {"part": f"{parts:,}", "all": "1", "hold-out": f"{hold_outs:,}"}
    for stage, unit in STAGES:
        if recipe.deduplication.enabled or stage not in _OF_DEDUPLICATION:
            yield stage, tasks.get(unit, BY_SIZE)


def _disk_bytes(plan: SourcePlan) -> int:
    text = 0
    for entry in plan.inputs:
        packed = entry.name.partition("#")[0].lower().endswith(_COMPRESSED)
        text += entry.num_bytes * (_COMPRESSION if packed else 1)
    return _DISK_FOR_TEXT * _sampled(plan.source, text)


def _sampled(source: SourceSettings, text: int) -> int:
    return text if source.sample_bytes is None else min(text, source.sample_bytes)


def _free_bytes(folder: Path) -> int:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free
