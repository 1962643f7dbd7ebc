"""A build after a change, in the run directory of another one, gives the bytes of a fresh build."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.small_builds import build_run
from tests.pipelines.whole_builds import contents, write_recipe

Recipe = dict[str, Any]
#: A change edits the recipe, and the folder of the raw files.
Change = Callable[[Recipe, Path], object]

_WORDS = (
    "alpha enzyme protein field theory quantum measure sample growth model value light star cell "
    "membrane with of the and that is to be in"
).split()
_TEMPLATE = """\
about: Questions
task: question
held_out: {id: id, files: [test_ids.json]}
fields: {question: q, answer: a}
phrasings: ["{question} {answer}", "Q: {question}\\n\\nA: {answer}"]
"""


def _put(path: str, value: object) -> Change:
    """A field of the recipe that gets another value; entries of `sources` go by their names."""

    def change(recipe: Recipe, _: Path) -> None:
        holder: Any = recipe
        *front, last = path.split(".")
        for key in front:
            if isinstance(holder, list):
                holder = next(entry for entry in holder if entry["name"] == key)
            else:
                holder = holder.setdefault(key, {})
        holder[last] = value

    return change


def _rewritten(file: str, old: str, new: str) -> Change:
    def change(_: Recipe, raw: Path) -> None:
        text = (raw / file).read_text(encoding="utf-8")
        assert old in text
        (raw / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def _new_file(file: str, content: str) -> Change:
    return lambda _, raw: (raw / file).write_text(content, encoding="utf-8")


def _without_a_source(name: str) -> Change:
    def change(recipe: Recipe, _: Path) -> None:
        recipe["sources"] = [entry for entry in recipe["sources"] if entry["name"] != name]

    return change


def _folder_moved(recipe: Recipe, raw: Path) -> None:
    (raw / "elsewhere").mkdir()
    (raw / "more").rename(raw / "elsewhere" / "more")
    _put("sources.more.paths", ["elsewhere/more"])(recipe, raw)


CHANGES: dict[str, Change] = {
    "a file added": lambda _, raw: shutil.copy(
        raw / "gsm8k" / "problems.jsonl", raw / "gsm8k" / "again.jsonl"
    ),
    "a file before the others": _new_file(
        "notes/0.jsonl", '{"id": "n", "text": "A light star of the cell membrane is new here."}\n'
    ),
    "a file changed": _rewritten("notes/1.jsonl", "enzyme", "kinase"),
    "a file renamed": lambda _, raw: (raw / "notes" / "1.jsonl").rename(raw / "notes" / "9.jsonl"),
    "a file removed": lambda _, raw: (raw / "notes" / "2.jsonl").unlink(),
    "a file of a paper changed": _rewritten("latex/copied/main.tex", "the end", "the very end"),
    "a folder moved": _folder_moved,
    "an option of a source": _put("sources.notes.options.metadata", ["doi"]),
    "the file of an option": _rewritten("template.yaml", "Q: ", "Question: "),
    "a file that it names": _new_file("prompts/test_ids.json", '["1", "4"]'),
    "an evaluation changed": lambda _, raw: shutil.copy(
        raw / "gsm8k" / "problems.jsonl", raw / "exam.jsonl"
    ),
    "the threshold of a filter": _put("filters.length.minimum_words", 60),
    "a filter of one source": _put("sources.notes.filters", {"length": {"minimum_words": 80}}),
    "shorter windows": _put("deduplication.gap_bytes", 8),
    "no near duplicates": _put("deduplication.near_duplicates.enabled", False),
    "a source not deduplicated": _put("sources.more.deduplicate", False),
    "a source before the others": _put("sources.more.priority", -1),
    "the sources reversed": lambda recipe, _: recipe["sources"].reverse(),
    "more validation": _put("split.validation_fraction", 0.3),
    "a hold-out added": lambda recipe, _: recipe["hold_outs"].append(
        {"name": "more_held_out", "sources": ["more"], "fraction": 0.2}
    ),
    "a hold-out changed": _put("hold_outs.contexts.citation_contexts", 2),
    "no hold-out": _put("hold_outs", []),
    "other n-grams": _put("decontamination.ngram_words", 9),
    "whole documents go": _put("decontamination.remove", "document"),
    "no evaluation": _put("decontamination.evaluations", []),
    "smaller tasks": _put("build.task_bytes", 9_000),
    "less memory": _put("build.memory_bytes", 1_000_000),
    "the seed": _put("seed", 6),
    "no LaTeX markers": _put("latex_markers", False),
    "a smaller tokenizer": _put("tokenizer.vocabulary_size", 450),
    "a larger sample": _put("tokenizer.sample_fraction", 0.9),
    "another normalizer": _put("tokenizer.normalizer", "none"),
    "an own marker": _put("tokenizer.markers", ["SELFIES"]),
    "smaller shards": _put("shards.tokens_per_shard", 3_000),
    "longer sequences": _put("training.sequence_length_tokens", 64),
    "epochs of a source": _put("sources.notes.epochs", 2.5),
    "epochs": _put("training.epochs", 3),
    "a share": _put("sources.notes.share", 0.5),
    "a category": _put("sources.more.category", "other"),
    "a sample of a source": _put("sources.notes.sample_documents", 7),
    "the name": _put("name", "other"),
    "a source removed": _without_a_source("more"),
    "a source renamed": _put("sources.notes.name", "renamed"),
    "journals": _put("filters.journals", {"minimum_citations_per_paper": 0.01}),
    "no training": lambda recipe, _: (recipe.pop("model"), recipe.pop("training")),
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The recipe of the whole builds with notes that share paragraphs, and prompts, added."""
    folder = tmp_path / "raw"
    recipe = yaml.safe_load(write_recipe(folder).read_text(encoding="utf-8"))
    generator = random.Random(1)

    def paragraph() -> str:
        sentences = (generator.choices(_WORDS, k=generator.randint(8, 20)) for _ in range(4))
        return " ".join(f"{' '.join(words).capitalize()}." for words in sentences)

    shared = [paragraph() for _ in range(5)]
    for source in ("notes", "more"):
        (folder / source).mkdir()
        for part in (1, 2):
            rows = [
                {
                    "id": f"{part}-{number}",
                    "text": "\n\n".join([paragraph(), generator.choice(shared), paragraph()]),
                    "doi": f"10.1000/{generator.randrange(16)}",
                    "journal": generator.choice(["Physics", "Biology"]),
                }
                for number in range(8)
            ]
            lines = "\n".join(json.dumps(row) for row in rows)
            (folder / source / f"{part}.jsonl").write_text(f"{lines}\n", encoding="utf-8")
        options = {"id": "id", "metadata": ["doi", "journal"]}
        recipe["sources"].append(
            {"name": source, "format": "jsonl", "category": "papers", "paths": [source]}
            | {"options": options}
        )
    (folder / "prompts").mkdir()
    rows = [{"id": str(n), "q": f"{paragraph()} Why?", "a": paragraph()} for n in range(6)]
    (folder / "prompts" / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "prompts" / "test_ids.json").write_text('["1"]')
    (folder / "template.yaml").write_text(_TEMPLATE)
    recipe["sources"].append(
        {
            "name": "prompts",
            "format": "prompts",
            "category": "prompts",
            "paths": ["prompts/train.jsonl"],
        }
        | {"options": {"template_file": "template.yaml"}}
    )
    _write(recipe, folder)
    return folder


def _write(recipe: Recipe, raw: Path) -> None:
    (raw / "recipe.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")


def _check(raw: Path, run: Path, fresh: Path, label: str) -> tuple[int, int]:
    """Build in `run`, where other builds were, and afresh; the tasks that either ran."""
    again = build_run(raw, run)
    shutil.rmtree(fresh, ignore_errors=True)
    anew = build_run(raw, fresh)
    found, expected = contents(run), contents(fresh)
    differing = [
        name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)
    ]
    assert not differing, f"after {label}: {differing}"
    folders = [
        {path.relative_to(root) for path in root.rglob("*") if path.is_dir()}
        for root in (run, fresh)
    ]
    assert folders[0] == folders[1], f"after {label}"
    return again.num_run, anew.num_run


def _one_after_another(recipe: Recipe, raw: Path) -> Iterator[str]:
    for label, change in CHANGES.items():
        change(recipe, raw)
        _write(recipe, raw)
        yield label


def _each_alone(recipe: Recipe, raw: Path) -> Iterator[str]:
    """From one changed state into another, in no order."""
    kept = Path(shutil.copytree(raw, raw.with_name("kept")))
    labels = list(CHANGES)
    random.Random(2).shuffle(labels)
    for label in labels:
        shutil.rmtree(raw)
        shutil.copytree(kept, raw)
        changed = yaml.safe_load((kept / "recipe.yaml").read_text(encoding="utf-8"))
        CHANGES[label](changed, raw)
        _write(changed, raw)
        yield label


@pytest.mark.slow
@pytest.mark.parametrize("series", [_one_after_another, _each_alone])
def test_whatever_was_built_before_the_bytes_are_those_of_a_fresh_build(
    series: Callable[[Recipe, Path], Iterator[str]], raw: Path, tmp_path: Path
) -> None:
    recipe = yaml.safe_load((raw / "recipe.yaml").read_text(encoding="utf-8"))
    original = Path(shutil.copytree(raw, tmp_path / "original"))
    run, fresh = tmp_path / "run", tmp_path / "fresh"
    build_run(raw, run)
    first = contents(run)
    before, in_all, afresh = first, 0, 0
    for label in series(recipe, raw):
        ran, needed = _check(raw, run, fresh, label)
        now = contents(run)
        assert now != before, f"{label} changes nothing"
        before, in_all, afresh = now, in_all + ran, afresh + needed
    assert in_all < afresh / 2
    shutil.rmtree(raw)
    original.rename(raw)
    build_run(raw, run)
    assert contents(run) == first
