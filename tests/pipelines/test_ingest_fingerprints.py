"""What tasks of a source are known by: all that can change their documents, and nothing else."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from corpora.prompts.templates import read_template
from pipelines.inputs import FingerprintCache
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from pipelines.stages.ingest import ingest_tasks, plan_sources
from pipelines.stages.runner import StageRunner

_TEMPLATE = """\
about: Questions
task: question
fields: {question: q, answer: a}
phrasings: ["{question} {answer}"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Records, and templates in two folders."""
    raw = tmp_path / "raw"
    for name in ("one", "two"):
        (raw / name).mkdir(parents=True)
        (raw / name / "t.yaml").write_text(_TEMPLATE)
    (raw / "a.jsonl").write_text(json.dumps({"q": "Why?", "a": "So."}) + "\n")
    return raw


def fingerprint(folder: Path, format_name: str, options: dict[str, Any], path: str = "*") -> str:
    """That of the one task of a source over the records."""
    source = {"name": "s", "format": format_name, "category": "prompts", "options": options}
    recipe = Recipe.model_validate(
        {"name": "r", "sources": [source | {"paths": [path.replace("*", "a.jsonl")]}]}
    )
    run = RunDirectory(folder / "run")
    runner = StageRunner(recipe, folder, run, None, None)  # type: ignore[arg-type]  # nothing runs
    (plan,) = plan_sources(runner, FingerprintCache(folder / "cache.json"))
    assert plan.fault is None
    (task,) = ingest_tasks(runner, plan)
    return task.fingerprint


def test_a_file_that_an_option_names_counts_by_its_content_wherever_it_lies(
    folder: Path, tmp_path: Path
) -> None:
    def found(place: Path, template: str, path: str = "*") -> str:
        return fingerprint(place, "prompts", {"template_file": template}, path)

    first = found(folder, "one/t.yaml")
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    assert found(folder, "two/t.yaml") == first
    assert found(folder, str(folder / "one" / "t.yaml"), f"{folder}/*") == first
    assert found(moved, "one/t.yaml") == first
    assert found(moved, str(folder / "one" / "t.yaml")) == first
    (moved / "one" / "t.yaml").write_text(_TEMPLATE + "constants: {}\n")
    assert found(moved, "one/t.yaml") != first
    # A template is called by the name of its file.
    (folder / "one" / "t.yaml").rename(folder / "one" / "another.yaml")
    assert found(folder, "one/another.yaml") != first


def test_options_that_only_look_like_paths_are_told_apart(folder: Path) -> None:
    options = [{"text": text} for text in ("/a/text", "/b/text", "text")]
    options += [{"metadata": [name]} for name in ("/a/text", "/b/text", "text")]
    assert len({fingerprint(folder, "jsonl", each) for each in options}) == 6


def test_the_files_that_a_template_names_beside_the_records_count(folder: Path) -> None:
    own = {"template_file": "one/t.yaml"}
    held_out = "held_out: {id: q, files: [test_ids.json]}\n"
    (folder / "test_ids.json").write_text('["Why?"]')
    without = fingerprint(folder, "prompts", own)
    (folder / "test_ids.json").write_text('["Who?"]')
    assert fingerprint(folder, "prompts", own) == without  # no template names it
    (folder / "one" / "t.yaml").write_text(_TEMPLATE + held_out)
    first = fingerprint(folder, "prompts", own)
    (folder / "test_ids.json").write_text('["Why?"]')
    changed = fingerprint(folder, "prompts", own)
    (folder / "test_ids.json").unlink()
    assert len({without, first, changed, fingerprint(folder, "prompts", own)}) == 4
    # Not of a source that names another template.
    (folder / "test_set.json").write_text("[]")
    by_content = fingerprint(folder, "prompts", {})
    (folder / "test_set.json").write_text("[1]")
    assert fingerprint(folder, "prompts", {}) != by_content
    of_another = fingerprint(folder, "prompts", {"template": "gsm8k"})
    (folder / "test_set.json").write_text("[2]")
    assert fingerprint(folder, "prompts", {"template": "gsm8k"}) == of_another


@pytest.mark.parametrize("name", ["../ids.json", "/etc/passwd", "a/b.json", "..", ""])
def test_a_template_names_no_files_but_those_beside_the_records(folder: Path, name: str) -> None:
    template = folder / "one" / "t.yaml"
    template.write_text(_TEMPLATE + f"held_out: {{id: q, files: ['{name}']}}\n")
    with pytest.raises(ValueError, match="is not the name of a file that lies beside the records"):
        read_template(template)
