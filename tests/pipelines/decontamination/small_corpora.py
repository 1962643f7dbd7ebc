"""Small corpora and evaluations, taken through the stages of a build, and what they gave."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.decontamination.contamination import Decontaminated, read_decontaminated
from pipelines.deduplication.paragraphs import remove_paragraphs
from pipelines.documents_table import TRAIN, DocumentRow, write_documents
from pipelines.execution import StageResult
from pipelines.parts import Part
from pipelines.process_pool import ProcessPool
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from pipelines.stages.decontamination import decontaminate, index_evaluations, summary_of
from pipelines.stages.runner import StageRunner
from tests.pipelines.small_builds import TRAINING
from tokenization.manifests import fingerprint_file


@dataclass(frozen=True)
class Cleaned:
    """What the stages made: `left` are texts in the order of documents, None for one that went."""

    left: list[str | None]
    decided: list[Decontaminated]
    hits: list[dict[str, Any]]
    summary: list[dict[str, Any]]
    results: list[StageResult]
    files: dict[str, bytes]

    def records(self) -> list[tuple[str, str, str]]:
        """Document, evaluation and record of each hit."""
        return [(hit["doc_id"], hit["evaluation"], hit["record"]) for hit in self.hits]


def lines_of(*records: Any) -> str:
    """JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def recipe_of(evaluations: Sequence[Mapping[str, Any]], **settings: Any) -> Recipe:
    """A recipe with these evaluations; the settings are those of `decontamination`."""
    return Recipe.model_validate(
        {
            "name": "small",
            "sources": [{"name": "web", "format": "jsonl", "category": "other", "paths": ["web"]}],
            "decontamination": {"evaluations": evaluations, **settings},
            "model": "tiny",
            "training": TRAINING,
        }
    )


def write_parts(
    folder: Path, texts: Sequence[str], splits: Sequence[str], documents_per_part: int
) -> list[Part]:
    """Documents as parts of the source `web`; their ids are their numbers."""
    parts = []
    for number, start in enumerate(range(0, len(texts), documents_per_part)):
        rows = [
            DocumentRow(str(index), "web", "other", splits[index], text, "{}", len(text.encode()))
            for index, text in enumerate(texts)
        ][start : start + documents_per_part]
        name = f"web/part-{number:05d}"
        path = folder / f"{name}.parquet"
        write_documents(path, rows)
        parts.append(Part(name, path, fingerprint_file(path), len(rows), path.stat().st_size))
    return parts


def cleaned(
    folder: Path,
    evaluations: Mapping[str, str | bytes],
    texts: Sequence[str],
    *,
    splits: Sequence[str] | None = None,
    workers: int = 1,
    documents_per_part: int = 2,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Cleaned:
    """Run all stages over documents; an evaluation is a file by its name (`quiz.jsonl`).

    `options` are settings of an evaluation by the name of its file.
    """
    shutil.rmtree(folder, ignore_errors=True)
    named = []
    for name, content in evaluations.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        own = dict((options or {}).get(name, {}))
        named.append({"name": name.split(".")[0], "paths": [name], **own})
    recipe = recipe_of(named, **settings)
    parts = write_parts(
        folder / "resolved", texts, splits or [TRAIN] * len(texts), documents_per_part
    )
    return run_stages(recipe, folder, parts, texts, workers)


def run_stages(
    recipe: Recipe, folder: Path, parts: Sequence[Part], texts: Sequence[str], workers: int = 1
) -> Cleaned:
    """The stages over parts, into `folder/run`."""
    run = RunDirectory(folder / "run")
    with ProcessPool(workers) as pool:
        runner = StageRunner(recipe, folder, run, pool, None)
        results, removals = decontaminate(runner, parts, index_evaluations(runner))
    decided = [row for part in parts for row in read_decontaminated(removals[part.name][0])]
    stages = run.stages / "contamination"
    hits = [
        json.loads(line)
        for part in parts
        for line in (stages / "hits" / f"{part.name}.jsonl").read_text("utf-8").splitlines()
    ]
    return Cleaned(
        left=[
            None if row.reason else remove_paragraphs(text, row.ranges).text
            for text, row in zip(texts, decided, strict=True)
        ],
        decided=decided,
        hits=hits,
        summary=summary_of(results),
        results=results,
        files={
            path.relative_to(run.stages).as_posix(): path.read_bytes()
            for path in sorted(run.stages.rglob("*"))
            if path.is_file()
        },
    )
