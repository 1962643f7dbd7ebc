"""The build: from a recipe to shards, stage after stage, running only what is not current.

evaluations -> cut, ingest -> scores, filter -> works, citation index, spellings, citations ->
candidates, cuts, keys, shared keys, links, linked documents, identity -> resolved -> content
deduplication (five stages) -> decontamination (up to four) -> documents -> citation contexts ->
tokenizer -> tokens -> shards

What each reads and writes: docs/architecture.md.
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.execution import BuildError, Progress, StageResult
from pipelines.executors import ExecutorName, open_executor
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from pipelines.stages.citations import resolve_citations
from pipelines.stages.corpus_manifest import write_corpus_manifest
from pipelines.stages.decontamination import decontaminate, index_evaluations, summary_of
from pipelines.stages.deduplication import (
    deduplicate,
    duplicates_between,
    missing_for_near_duplicates,
)
from pipelines.stages.documents import write_documents, write_resolved
from pipelines.stages.filters import filter_documents, missing_packages
from pipelines.stages.hold_outs import write_citation_contexts
from pipelines.stages.identity import decide_identities
from pipelines.stages.ingest import ingest_sources
from pipelines.stages.runner import StageRunner
from pipelines.stages.tokens import make_tokenizer, tokenize, write_shards
from pipelines.stages.what_is_left import look_at_what_is_left
from pipelines.stages.works_told import duplicate_documents, passed_over


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did: the result of each stage, in order."""

    stages: tuple[StageResult, ...]

    @property
    def num_tasks(self) -> int:
        """Tasks of all stages, run or current."""
        return sum(len(stage.manifests) for stage in self.stages)

    @property
    def num_run(self) -> int:
        """Tasks that had to run; 0 where everything was current."""
        return sum(stage.num_run for stage in self.stages)


def build(
    recipe: Recipe,
    recipe_folder: Path,
    run: RunDirectory,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    executor: ExecutorName = ExecutorName.LOCAL,
    ray_address: str | None = None,
) -> BuildSummary:
    """Build documents, tokenizer and shards of a recipe into a run directory.

    On `workers` processes, all cores by default; with `ray_address` on the cluster that is there.

    Raises RecipeError for inputs that are not there, BuildError where the build cannot go on.
    """
    if missing := missing_packages(recipe) + missing_for_near_duplicates(recipe):
        raise BuildError("\n".join(missing))  # now, and not after hours of ingest
    with (
        run.locked() as lock,
        open_executor(executor, run, lock, workers=workers, ray_address=ray_address) as running,
    ):
        runner = StageRunner(recipe, recipe_folder, run, running, progress)
        evaluations = index_evaluations(runner)
        ingested, parts = ingest_sources(runner)
        filters, filtered = filter_documents(runner, parts)
        citations, answers = resolve_citations(runner, parts, filtered)
        identity, verdicts = decide_identities(runner, parts, filtered)
        resolved, kept = write_resolved(runner, parts, filtered, verdicts, answers)
        removed, removals = deduplicate(runner, kept)
        contaminated, contamination = decontaminate(runner, kept, evaluations)
        documents, finished = write_documents(runner, kept, removals, contamination)
        corpus = write_corpus_manifest(
            runner,
            finished,
            (ingested[-1], filters[-1], identity[-1], resolved, documents),
            duplicates=duplicate_documents(identity[-1], parts)
            + (duplicates_between(removed[-1]) if removed else []),
            contamination=summary_of(contaminated),
            passed_over=passed_over(identity[-1]),
        )
        look_at_what_is_left(runner.recipe, corpus.facts["sources"])
        contexts = write_citation_contexts(runner, finished)
        tokenizer = make_tokenizer(runner, finished)
        tokens = tokenize(runner, finished, tokenizer)
        shards = write_shards(runner, finished, tokens)
        runner.remove_leftovers()
    return BuildSummary(
        (
            *ingested,
            *filters,
            *citations,
            *identity,
            resolved,
            *removed,
            *contaminated,
            documents,
            contexts,
            tokenizer,
            tokens,
            *shards,
        )
    )
