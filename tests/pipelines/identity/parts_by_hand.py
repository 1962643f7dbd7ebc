"""Parts made by hand, and the stages of identity run on them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pipelines.documents_table import DocumentRow, write_documents
from pipelines.parts import Part, read_verdict, write_verdict
from pipelines.process_pool import ProcessPool
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from pipelines.stages.identity import decide_identities
from pipelines.stages.runner import StageRunner
from tests.pipelines.small_builds import TRAINING
from tokenization.manifests import fingerprint_file


class Written(NamedTuple):
    """A document of a test: its id without the source, metadata, text, and whether it is kept."""

    record_id: str
    metadata: Mapping[str, Any] = MappingProxyType({})
    text: str = "A text."
    filtered: str | None = None


class Verdict(NamedTuple):
    """What was decided of one document."""

    reason: str | None
    doc_id: str
    split: str | None
    kept_in: str | None


def decide(
    folder: Path,
    sources: dict[str, tuple[str, Sequence[Sequence[Written]]]],
    **recipe: Any,
) -> dict[str, list[Verdict]]:
    """The verdicts on the documents of each source, given its category and its parts."""
    content: dict[str, Any] = {
        "name": "test",
        "sources": [
            {"name": name, "format": "jsonl", "category": category, "paths": ["x"]}
            for name, (category, _) in sources.items()
        ],
        "model": "tiny",
        "training": TRAINING,
    }
    for name, value in recipe.items():
        if name == "priority":
            for source in content["sources"]:
                source["priority"] = value[source["name"]]
        else:
            content[name] = value
    run = RunDirectory(folder)
    parts: list[Part] = []
    filtered: dict[str, tuple[Path, str]] = {}
    for name, (category, documents) in sources.items():
        for number, written in enumerate(documents):
            part = f"{name}/part-{number:05d}"
            path = run.stages / "ingest" / f"{part}.parquet"
            rows = [
                DocumentRow(
                    f"{name}/{document.record_id}",
                    name,
                    category,
                    "",
                    document.text,
                    json.dumps(dict(document.metadata)),
                    len(document.text.encode()),
                )
                for document in written
            ]
            write_documents(path, rows)
            size = path.stat().st_size
            parts.append(Part(part, path, fingerprint_file(path), len(rows), size))
            verdict = run.stages / "filter" / f"{part}.parquet"
            verdict.parent.mkdir(parents=True, exist_ok=True)
            write_verdict(verdict, [document.filtered for document in written])
            filtered[part] = (verdict, fingerprint_file(verdict))
    runner = StageRunner(Recipe.model_validate(content), folder, run, ProcessPool(1), None)
    _, verdicts = decide_identities(runner, parts, filtered)
    decided: dict[str, list[Verdict]] = {name: [] for name in sources}
    for part_name, (path, _) in verdicts.items():
        columns = read_verdict(path, "doc_id", "split", "kept_in")
        decided[part_name.partition("/")[0]] += map(
            Verdict._make, zip(*columns.values(), strict=True)
        )
    return decided
