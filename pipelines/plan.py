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
from pipelines.documents_table import VALIDATION
from pipelines.inputs import FingerprintCache, NothingThereError, inputs_under, located
from pipelines.recipe import Recipe
from pipelines.recipe_errors import RecipeError
from pipelines.run_directory import RunDirectory
from pipelines.stages.deduplication import missing_for_near_duplicates
from pipelines.stages.filters import missing_packages
from pipelines.stages.ingest import SourcePlan, cut_tasks, ingest_tasks, left_out, plan_sources
from pipelines.stages.runner import StageRunner
from tokenization.manifests import is_current

#: The stages before the shards in their order, what one task of each takes, and what of a recipe
#: asks for it.
STAGES: Final = (
    ("evaluations", "evaluation", "evaluations"),
    ("cut", "large file", None),
    ("ingest", "part", None),
    ("scores", "part", None),
    ("journals", "part of papers", "journals"),
    ("journal citations", "partition", "journals"),
    ("filter", "part", None),
    ("works", "part", None),
    ("citation index", "partition", None),
    ("spellings", "partition", None),
    ("citations", "part", None),
    ("candidates", "part", None),
    ("cuts", "all", None),
    ("keys", "part", None),
    ("shared keys", "partition", None),
    ("links", "partition", None),
    ("linked documents", "partition", None),
    ("identity", "part", None),
    ("resolved", "part", None),
    ("signatures", "part", "near duplicates"),
    ("near duplicates", "partition", "near duplicates"),
    ("window runs", "part", "deduplication"),
    ("shared runs", "partition", "deduplication"),
    ("windows", "part", "deduplication"),
    ("shared windows", "partition", "deduplication"),
    ("removals", "part with duplicates", "deduplication"),
    ("overlaps", "part", "evaluations"),
    ("common n-grams", "all", "common n-grams"),
    ("contamination", "part", "evaluations"),
    ("evaluation records", "evaluation", "evaluations"),
    ("documents", "part", None),
    ("citation contexts", "hold-out", None),
    ("tokenizer", "all", None),
    ("tokens", "part", None),
)
#: Stages that only run where documents share identifiers.
WHERE_LINKED: Final = frozenset({"links", "linked documents"})
#: In the place of a number that follows from what the stages before write.
BY_SIZE: Final = "*"
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
class EvaluationRow:
    """An evaluation that training documents are compared with: its files, or why there are none."""

    name: str
    files: int
    num_bytes: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do. `faults` are what stands in its way, by line; none: it can begin.

    `held_out` has the name of each split but training, and which documents are for it.
    """

    sources: tuple[SourceRow, ...]
    evaluations: tuple[EvaluationRow, ...]
    held_out: tuple[tuple[str, str], ...]
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
    faults += missing_packages(recipe) + missing_for_near_duplicates(recipe)
    evaluations = tuple(_evaluations(recipe, recipe_folder, cache))
    faults += [row.fault for row in evaluations if row.fault]
    disk = sum(_disk_bytes(plan) for plan in plans)
    free = _free_bytes(run_dir) if run_dir else None
    parts = sum(row.tasks for row in rows)
    cuts = sum(group.name is not None for plan in plans for group in plan.groups)
    built = recipe.without([row.name for row in rows if row.missing])
    held_out = tuple(_held_out(built))
    stages = tuple(_stages(built, cuts, parts))
    return Plan(rows, evaluations, held_out, stages, disk, free, tuple(faults))


def _row(runner: StageRunner, plan: SourcePlan) -> SourceRow:
    num_tasks, num_current = _tasks(runner, plan)
    return SourceRow(
        name=plan.source.name,
        format=plan.source.format,
        files=sum(entry.num_files for entry in plan.inputs),
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


def _evaluations(recipe: Recipe, folder: Path, cache: FingerprintCache) -> Iterator[EvaluationRow]:
    for evaluation in recipe.decontamination.evaluations:
        owner = f"decontamination: evaluation {evaluation.name}"
        try:
            paths = located(evaluation.paths, recipe.data_folder)
            found = inputs_under(
                paths, find_evaluations, owner, "file of records", folder, cache, may_be_remote=True
            )
        except RecipeError as error:
            yield EvaluationRow(evaluation.name, 0, 0, str(error))
        else:
            num_bytes = sum(entry.num_bytes for entry in found)
            num_files = sum(entry.num_files for entry in found)
            yield EvaluationRow(evaluation.name, num_files, num_bytes, None)


def _held_out(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for hold_out in recipe.hold_outs:
        if hold_out.documents is not None:
            what = f"{hold_out.documents:,} documents"
        elif hold_out.fraction is not None:
            what = f"{hold_out.fraction:.4g} of the documents"
        else:
            what = f"documents of the clade {hold_out.clade}"
        contexts = hold_out.citation_contexts
        more = f", and {contexts:,} citation contexts of them" if contexts else ""
        yield hold_out.name, f"{what} of {', '.join(hold_out.sources)}{more}"
    if recipe.split.validation_fraction > 0:
        yield (
            VALIDATION,
            f"{recipe.split.validation_fraction:.4g} of the other documents of each source, one at "
            f"least of {recipe.split.minimum_documents:,}",
        )


def _stages(recipe: Recipe, cuts: int, parts: int) -> Iterator[tuple[str, str]]:
    contexts = [hold_out.citation_contexts for hold_out in recipe.hold_outs]
    evaluations = recipe.decontamination.evaluations
    tasks = {
        "all": 1,
        "evaluation": len(evaluations),
        "hold-out": len(contexts) - contexts.count(None),
        "large file": cuts,
        "part": parts,
    }
    content = recipe.deduplication
    journals = [recipe.filters_of(source).journals for source in recipe.sources]
    asked = {
        None: True,
        "common n-grams": bool(evaluations) and recipe.decontamination.common_documents is not None,
        "deduplication": content.enabled,
        "evaluations": bool(evaluations),
        "journals": any(j.minimum_citations_per_paper is not None for j in journals),
        "near duplicates": content.enabled and content.near_duplicates.enabled,
    }
    for stage, unit, asking in STAGES:
        if asked[asking]:
            yield stage, f"{tasks[unit]:,}" if unit in tasks else BY_SIZE
    for split in recipe.splits():
        yield f"{split} shards", BY_SIZE


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
