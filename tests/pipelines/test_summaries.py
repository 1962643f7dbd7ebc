"""The manifests of all documents and of all shards: neither is beside what it does not describe."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from pipelines.execution import BuildError
from pipelines.recipe import load_recipe
from pipelines.run_directory import RunDirectory
from pipelines.training_command import pretrain_run
from tests.pipelines.small_builds import TRAINING, build_run
from tests.pipelines.whole_builds import contents

_SENTENCE = "Document {} of this source says how the sea was measured and what was found in it."


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    lines = [json.dumps({"text": f"{_SENTENCE.format(n)} {'And more.' * n}"}) for n in range(20)]
    (folder / "a.jsonl").write_text("\n".join(lines))
    recipe = {
        "name": "small",
        "sources": [{"name": "a", "format": "jsonl", "category": "other", "paths": ["a.jsonl"]}],
        "tokenizer": {"vocabulary_size": 300, "sample_fraction": 1.0},
        "model": "tiny",
        "training": TRAINING,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def has_shards(run: Path) -> bool:
    return any((run / "shards").rglob("manifest.json"))


@pytest.mark.parametrize(
    ("override", "fails_in"),
    [
        ("split.validation_fraction=0.4", "pipelines.build.write_corpus_manifest"),
        ("split.validation_fraction=0.4", "pipelines.build.make_tokenizer"),
        ("tokenizer.vocabulary_size=290", "pipelines.build.make_tokenizer"),
    ],
)
def test_a_build_that_ends_early_leaves_no_shards_of_another_corpus(
    raw: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    override: str,
    fails_in: str,
) -> None:
    run = tmp_path / "run"
    build_run(raw, run)
    assert has_shards(run)

    def fail(*_: Any, **__: Any) -> None:
        raise BuildError("stopped here")

    with monkeypatch.context() as patched:
        patched.setattr(fails_in, fail)
        with pytest.raises(BuildError, match="stopped here"):
            build_run(raw, run, override)
    assert not (run / "documents" / "manifest.json").is_file() or not has_shards(run)
    recipe = load_recipe(raw / "recipe.yaml", [override])
    with pytest.raises((BuildError, ValueError, OSError), match=r"galactica build|manifest"):
        pretrain_run(recipe, RunDirectory(run), Console(quiet=True))
    build_run(raw, run, override)
    build_run(raw, tmp_path / "fresh", override)
    assert contents(run) == contents(tmp_path / "fresh")


def test_identifiers_that_are_passed_over_are_in_the_manifest(raw: Path, tmp_path: Path) -> None:
    rows = [{"doi": "10.1000/xyz" if n < 8 else f"10.1000/{n}"} for n in range(10)]
    lines = [json.dumps(row | {"text": _SENTENCE.format(n)}) for n, row in enumerate(rows)]
    (raw / "a.jsonl").write_text("\n".join(lines))
    overrides = ("sources.a.category=papers", "sources.a.options={metadata: [doi]}")
    for most, named in ((100, []), (4, [{"documents": 8, "identifier": "doi:10.1000/xyz"}])):
        run = tmp_path / "run"
        build_run(raw, run, *overrides, f"deduplication.documents_per_work={most}")
        manifest = json.loads((run / "documents" / "manifest.json").read_text("utf-8"))
        assert manifest["passed_over"] == named
