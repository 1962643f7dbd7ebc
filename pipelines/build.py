"""The build: from a recipe to shards, stage after stage, running only what is not current.

ingest -> works -> citation index -> citations -> documents -> tokenizer -> tokens -> shards
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from corpora.catalogue import load_format
from corpora.documents import Format, ReadOptions
from corpora.settings import SourceSettings
from pipelines.citation_stages import resolve_citations
from pipelines.corpus_manifest import write_corpus_manifest
from pipelines.documents_table import TRAIN, VALIDATION
from pipelines.execution import Progress, StageResult, Task, run_stage
from pipelines.inputs import FingerprintCache, Input, find_inputs, group_inputs, option_inputs
from pipelines.recipe import Recipe, RecipeError
from pipelines.run_directory import RunDirectory, made_by
from pipelines.stage_runner import StageRunner, output_fingerprint
from pipelines.stages.finish_documents import (
    FinishArgument,
    PartPlan,
    finish_documents,
    plan_split,
)
from pipelines.stages.ingest import IngestArgument, ingest
from pipelines.stages.learn_tokenizer import TokenizerArgument, learn_tokenizer
from pipelines.stages.shards import ShardArgument, shard_count, shard_file, write_shard
from pipelines.stages.tokens import TokensArgument, tokenize_documents
from tokenization import ScienceTokenizer
from tokenization.manifests import (
    MANIFEST_NAME,
    Manifest,
    fingerprint_json,
    is_current,
    write_atomically,
)
from tokenization.shards import finish_shard_folder, shard_name

#: Settings of a source that change nothing of what its reader gives.
_NOT_OF_A_READER = ("paths", "epochs", "priority", "share", "deduplicate")


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
) -> BuildSummary:
    """Build documents, tokenizer and shards of a recipe into a run directory.

    Raises RecipeError for inputs that are not there, BuildError where the build cannot go on.
    """
    builder = _Builder(recipe, recipe_folder, run, workers or os.cpu_count() or 1, progress)
    with run.locked():
        ingested = builder.ingest()
        citations = resolve_citations(builder, builder.ingested_parts(ingested))
        documents = builder.finish_documents(ingested, citations[-1])
        tokenizer = builder.learn_tokenizer(documents)
        tokens = builder.tokenize(documents, tokenizer)
        shards = builder.write_shards(tokens)
    return BuildSummary((ingested, *citations, documents, tokenizer, tokens, *shards))


class _Builder(StageRunner):
    """The stages of one build over one recipe and run directory."""

    def ingest(self) -> StageResult:
        cache = FingerprintCache(self.run.logs / "input-fingerprints.json")
        markers = self.recipe.marker_table()
        tasks: list[Task] = []
        for source in self.recipe.sources:
            reader = load_format(source.format)
            options = ReadOptions(
                seed=self.recipe.seed,
                latex_markers=self.recipe.latex_markers,
                source=self._source_options(source, reader),
            )
            inputs = find_inputs(source, reader, self.recipe_folder, cache)
            sampled = source.sample_documents is not None or source.sample_bytes is not None
            groups: Sequence[tuple[Input, ...]] = (
                [tuple(inputs)]  # a sample is drawn from all records of its source at once
                if sampled
                else group_inputs(inputs, self.recipe.build.task_bytes)
            )
            for number, group in enumerate(groups):
                part = f"{source.name}/part-{number:05d}"
                settings = {
                    name: value
                    for name, value in source.portable().items()
                    if name not in _NOT_OF_A_READER
                }
                tasks.append(
                    self.task(
                        "ingest",
                        self.run.stages / "ingest" / f"{part}.manifest.json",
                        ingest,
                        IngestArgument(
                            source=source,
                            inputs=group,
                            options=options,
                            seconds_per_record=self.recipe.build.seconds_per_record,
                            markers=markers,
                            spelt_markers=markers.only(source.spelt_markers),
                            documents=self.run.stages / "ingest" / f"{part}.parquet",
                            quarantine=self.run.quarantine / f"{part}.jsonl",
                        ),
                        settings={
                            "source": settings,
                            "seed": options.seed,
                            "latex_markers": options.latex_markers,
                            "markers": [[marker.row, marker.spelling] for marker in markers.rows],
                            "seconds_per_record": self.recipe.build.seconds_per_record,
                        },
                        code=("corpora", "tokenization"),
                        inputs={entry.name: entry.fingerprint for entry in group}
                        | option_inputs(options.source, cache),
                        weight=max(1, sum(entry.num_bytes for entry in group)),
                    )
                )
        cache.save()
        return self.run_tasks("ingest", tasks, self.run.stages / "ingest", self.run.quarantine)

    def _source_options(self, source: SourceSettings, reader: Format) -> BaseModel | None:
        try:
            return reader.source_options(source.options, self.recipe_folder)
        except ValueError as error:
            raise RecipeError(f"source {source.name}: {error}") from error

    def ingested_parts(self, ingested: StageResult) -> dict[str, str]:
        """The ingested parts, `SOURCE/part-NNNNN`, with the fingerprints of their documents."""
        parts: dict[str, str] = {}
        for source in self.recipe.sources:
            manifests = [m for m in ingested.manifests if m.facts["source"] == source.name]
            for number, manifest in enumerate(manifests):
                name = f"part-{number:05d}"
                parts[f"{source.name}/{name}"] = manifest.outputs[f"{name}.parquet"][1]
        return parts

    def finish_documents(self, ingested: StageResult, citations: StageResult) -> StageResult:
        tasks: list[Task] = []
        answers = {
            name: output_fingerprint(manifest)
            for name, manifest in zip(
                self.ingested_parts(ingested), citations.manifests, strict=True
            )
        }
        for source in self.recipe.sources:
            folder = self.run.stages / "ingest" / source.name
            manifests = [m for m in ingested.manifests if m.facts["source"] == source.name]
            parts = [folder / f"part-{number:05d}.parquet" for number in range(len(manifests))]
            plans = plan_split(parts, self.recipe.split, self.recipe.seed)
            for number, (part, plan, manifest) in enumerate(
                zip(parts, plans, manifests, strict=True)
            ):
                target = self.run.documents / source.name / f"part-{number:05d}.parquet"
                name = f"{source.name}/part-{number:05d}"
                tasks.append(
                    self.task(
                        "documents",
                        target.with_suffix(".manifest.json"),
                        finish_documents,
                        FinishArgument(
                            part,
                            self.run.stages / "citations" / "answers" / f"{name}.json",
                            plan,
                            target,
                        ),
                        settings=_plan_json(plan),
                        code=("corpora", "tokenization"),
                        inputs={
                            f"{source.name}/{part.name}": manifest.outputs[part.name][1],
                            f"{source.name}/{part.name} citations": answers[name],
                        },
                        weight=max(1, manifest.wrote),
                    )
                )
        result = self.run_tasks("documents", tasks, self.run.documents)
        write_corpus_manifest(self.recipe, self.run, ingested, result)
        return result

    def learn_tokenizer(self, documents: StageResult) -> StageResult:
        parts = self._parts(documents)
        task = self.task(
            "tokenizer",
            self.run.tokenizer / MANIFEST_NAME,
            learn_tokenizer,
            TokenizerArgument(
                documents=tuple(self.run.documents / name for name in parts),
                settings=self.recipe.tokenizer,
                latex_markers=self.recipe.latex_markers,
                seed=self.recipe.seed,
                model_max_length=self.recipe.training.sequence_length_tokens,
                tokenizer=self.run.tokenizer,
            ),
            settings={
                "tokenizer": self.recipe.tokenizer.model_dump(mode="json"),
                "latex_markers": self.recipe.latex_markers,
                "seed": self.recipe.seed,
                "model_max_length": self.recipe.training.sequence_length_tokens,
            },
            code=("tokenization",),
            inputs=parts,
            weight=documents.wrote,
        )
        return run_stage("tokenizer", [task], workers=self.workers, progress=self.progress)

    def tokenize(self, documents: StageResult, tokenizer: StageResult) -> StageResult:
        (tokenizer_manifest,) = tokenizer.manifests
        tasks = []
        for (name, fingerprint), manifest in zip(
            self._parts(documents).items(), documents.manifests, strict=True
        ):
            target = (self.run.stages / "tokens" / name).with_suffix(".arrow")
            tasks.append(
                self.task(
                    "tokens",
                    target.with_suffix(".manifest.json"),
                    tokenize_documents,
                    TokensArgument(
                        documents=self.run.documents / name,
                        tokenizer=self.run.tokenizer,
                        seed=self.recipe.seed,
                        tokens=target,
                    ),
                    settings={"seed": self.recipe.seed},
                    code=("tokenization",),
                    inputs={
                        name: fingerprint,
                        "tokenizer": str(tokenizer_manifest.facts["tokenizer"]),
                    },
                    weight=max(1, int(manifest.facts["text_bytes"])),
                )
            )
        return self.run_tasks("tokens", tasks, self.run.stages / "tokens")

    def write_shards(self, tokens: StageResult) -> list[StageResult]:
        tokenizer = ScienceTokenizer.from_pretrained(self.run.tokenizer)
        # A task's inputs are its part and the tokenizer, in the order of their names.
        inputs = {
            next(name for name in manifest.inputs if name != "tokenizer"): fingerprint
            for manifest in tokens.manifests
            for _, fingerprint in manifest.outputs.values()
        }
        token_files = tuple(
            (self.run.stages / "tokens" / name).with_suffix(".arrow") for name in inputs
        )
        results = []
        for split in (TRAIN, VALIDATION):
            folder = self.run.shards / split
            num_tokens = sum(m.facts["tokens_by_split"].get(split, 0) for m in tokens.manifests)
            count = shard_count(num_tokens, self.recipe.shards.tokens_per_shard)
            tasks = [
                self.task(
                    f"{split} shards",
                    self.run.stages / "shards" / split / f"{number:05d}.manifest.json",
                    write_shard,
                    ShardArgument(
                        token_files=token_files,
                        split=split,
                        index=number,
                        count=count,
                        sources=tuple(source.name for source in self.recipe.sources),
                        vocabulary_size=tokenizer.vocabulary_size,
                        shard=folder / shard_name(number, count),
                    ),
                    settings={"split": split, "index": number, "count": count},
                    code=("tokenization",),
                    inputs=inputs,
                    weight=max(1, num_tokens // count),
                )
                for number in range(count)
            ]
            fingerprint = fingerprint_json([task.fingerprint for task in tasks])
            if not is_current(folder / MANIFEST_NAME, fingerprint):
                folder.mkdir(parents=True, exist_ok=True)
                for name in (MANIFEST_NAME, "state.json"):
                    (folder / name).unlink(missing_ok=True)
            result = self.run_tasks(
                f"{split} shards", tasks, self.run.stages / "shards" / split, folder
            )
            self._finish_shards(folder, split, result, fingerprint, tokenizer)
            results.append(result)
        return results

    def _finish_shards(
        self,
        folder: Path,
        split: str,
        result: StageResult,
        fingerprint: str,
        tokenizer: ScienceTokenizer,
    ) -> None:
        if is_current(folder / MANIFEST_NAME, fingerprint):
            return
        files = [shard_file(dict(manifest.facts)) for manifest in result.manifests]
        facts = finish_shard_folder(folder, files, split)
        manifest = Manifest(
            stage="shards",
            fingerprint=fingerprint,
            made_by={
                "versions": made_by("tokenization"),
                "seed": self.recipe.seed,
                "tokenizer": tokenizer.fingerprint,
                "vocabulary_size": tokenizer.vocabulary_size,
            },
            inputs=result.manifests[0].inputs,
            outputs={file.name: (file.num_bytes, file.fingerprint) for file in files},
            read=result.read,
            wrote=result.wrote,
            facts={"shards": facts},
        )
        write_atomically(folder / MANIFEST_NAME, manifest.to_json())

    def _parts(self, documents: StageResult) -> dict[str, str]:
        """The finished parts, by their path under `documents/`, with their fingerprints.

        The first input of a finished part, in the order of names, is the ingested part.
        """
        return {
            next(iter(manifest.inputs)): next(iter(manifest.outputs.values()))[1]
            for manifest in documents.manifests
        }


def _plan_json(plan: PartPlan) -> dict[str, Any]:
    return {"held_out": sorted(plan.held_out), "repeated_rows": sorted(plan.repeated_rows)}
