"""Decontamination as part of a build: from raw files to documents and their manifest."""

from pathlib import Path

import pytest
import yaml

from pipelines.build import BuildSummary
from pipelines.documents_table import read_documents
from pipelines.recipe_errors import RecipeError
from tests.pipelines.decontamination.small_corpora import lines_of
from tests.pipelines.small_builds import TRAINING, build_run
from tokenization.manifests import read_manifest

QUESTION = "Which of these planets of our solar system has the largest number of moons"
FILLER = "The weather of the coast was mild, and the harbour stayed open for all who came by sea."


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    texts = [f"{FILLER} Day {n}.\n\n{QUESTION}? ({n})\n\n{FILLER[::-1]} {n}." for n in range(3)]
    texts += [QUESTION, f"{FILLER} Nothing else."]
    (folder / "web.jsonl").write_text(lines_of(*({"text": text} for text in texts)))
    (folder / "quiz.jsonl").write_text(lines_of({"question": QUESTION, "answer": "Saturn"}))
    recipe = {
        "name": "small",
        "sources": [
            {"name": "web", "format": "jsonl", "category": "other", "paths": ["web.jsonl"]}
        ],
        "decontamination": {"evaluations": [{"name": "quiz", "paths": ["quiz.jsonl"]}]},
        "split": {"validation_fraction": 0.0},
        "tokenizer": {"vocabulary_size": 330, "sample_fraction": 1.0},
        "model": "tiny",
        "training": TRAINING,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def _texts(run: Path) -> list[str]:
    return [row.text for row in read_documents(run / "documents" / "web" / "part-00000.parquet")]


def _stage(summary: BuildSummary, name: str) -> int:
    return next(stage for stage in summary.stages if stage.stage == name).num_run


def test_no_document_of_training_holds_the_question(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    build_run(raw, run)
    texts = _texts(run)
    assert len(texts) == 4
    assert not any("solar system" in text for text in texts)
    manifest = read_manifest(run / "documents" / "manifest.json")
    assert manifest.facts["contamination"] == [
        {
            "evaluation": "quiz",
            "records": 1,
            "records_compared": 1,
            "records_not_compared": {},
            "records_found": 1,
            "share_found": 1.0,
            "documents": 4,
            "paragraphs": 4,
            "bytes": len(QUESTION) * 4 + 5 * 3,
            "held_out_documents": 0,
        }
    ]
    assert build_run(raw, run).num_run == 0
    (raw / "quiz.jsonl").write_text(lines_of({"question": QUESTION[::-1], "answer": "Saturn"}))
    summary = build_run(raw, run)
    assert (_stage(summary, "ingest"), _stage(summary, "evaluations")) == (0, 1)
    assert sum("solar system" in text for text in _texts(run)) == 4


def test_without_evaluations_nothing_of_an_earlier_build_is_left(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    build_run(raw, run)
    build_run(raw, run, "decontamination.evaluations=[]")
    assert not (run / "stages" / "contamination").exists()
    assert sum("solar system" in text for text in _texts(run)) == 4


def test_missing_evaluations_are_told_before_anything_is_read(raw: Path, tmp_path: Path) -> None:
    missing = "decontamination.evaluations=[{name: a, paths: [x.csv]}, {name: b, paths: [y.csv]}]"
    with pytest.raises(RecipeError) as error:
        build_run(raw, tmp_path / "run", missing)
    first, second = str(error.value).splitlines()
    assert first.startswith("decontamination: evaluation a: no file or folder matches ")
    assert second.startswith("decontamination: evaluation b: no file or folder matches ")
    assert not (tmp_path / "run" / "stages" / "ingest").exists()
    with pytest.raises(RecipeError, match="no such field; choices: name, paths, format, fields"):
        build_run(raw, tmp_path / "run", "decontamination.evaluations.0.path=quiz.jsonl")
