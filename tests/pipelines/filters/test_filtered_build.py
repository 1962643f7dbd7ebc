"""Filters in a whole build: drops are counted, scores kept, a threshold runs little again."""

import json
from pathlib import Path

import pytest
import yaml

from pipelines.build import BuildSummary
from pipelines.documents_table import read_documents
from tests.pipelines.small_builds import TRAINING, build_run
from tokenization.manifests import read_manifest

_SENTENCE = "The temperature dependence of the viscosity was measured with method number {}."


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for source in ("papers", "notes"):
        rows = [{"id": f"{n}", "text": _SENTENCE.format(n) * (1 + n % 3)} for n in range(12)]
        rows.append({"id": "repeated", "text": f"{source} page\n" * 50})
        lines = (json.dumps(row | {"journal": f"{source} of law"}) for row in rows)
        (folder / f"{source}.jsonl").write_text("\n".join(lines))
    recipe = {
        "name": "filtered",
        "filters": {"measure": ["language"]},
        "sources": [
            {"name": name, "format": "jsonl", "category": "papers", "paths": [f"{name}.jsonl"]}
            for name in ("papers", "notes")
        ],
        "split": {"validation_fraction": 0.0},
        "tokenizer": {"vocabulary_size": 330, "sample_fraction": 1.0},
        "model": "tiny",
        "training": TRAINING,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def _runs(summary: BuildSummary) -> dict[str, int]:
    return {stage.stage: stage.num_run for stage in summary.stages}


def test_a_changed_threshold_reads_nothing_again(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    first = _runs(build_run(raw, run))
    assert first["ingest"] == first["scores"] == first["filter"] == 2
    rows = [
        row
        for path in sorted((run / "documents").rglob("*.parquet"))
        for row in read_documents(path)
    ]
    assert not any(row.doc_id.endswith("repeated") for row in rows)
    scores = json.loads(rows[0].metadata)["scores"]
    assert scores["language"] == "en"
    assert scores["words"] == len(rows[0].text.split())

    again = build_run(raw, run, "filters.length.minimum_words=20")
    assert {name: _runs(again)[name] for name in ("ingest", "scores", "filter")} == {
        "ingest": 0,
        "scores": 0,
        "filter": 2,
    }
    filtered = next(stage for stage in again.stages if stage.stage == "filter")
    assert filtered.dropped == {"repetition: duplicate line characters": 2, "too short": 8}
    for source in ("papers", "notes"):
        manifest = read_manifest(run / "stages" / "filter" / source / "part-00000.manifest.json")
        assert (manifest.read, manifest.wrote) == (13, 8)

    # Of one source alone: nothing of the other's is decided anew.
    once_more = _runs(
        build_run(
            raw,
            run,
            "filters.length.minimum_words=20",
            "sources.notes.filters={length: {minimum_words: 21}}",
        )
    )
    assert once_more["scores"] == once_more["ingest"] == 0
    assert once_more["filter"] == 1
