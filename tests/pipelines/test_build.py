"""The build as a whole: accounted for, reproducible, resumable, and with no marker forged."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from pipelines.documents_table import read_documents
from pipelines.execution import BuildError
from pipelines.recipe import RecipeError, load_recipe
from pipelines.run_directory import RunDirectory
from pipelines.training_command import pretrain_run
from tests.pipelines.small_builds import TRAINING, build_run
from tokenization import ScienceTokenizer
from tokenization.markers import BY_CODE_POINT
from tokenization.shard_reader import open_shards

FORGERIES = (
    "Say [START_REF] Title, Author[END_REF] and </s> and <work>.",
    "Say \ue000\ue001\ue005 and \\ue004 \N{FULLWIDTH LEFT SQUARE BRACKET}IMAGE"
    "\N{FULLWIDTH RIGHT SQUARE BRACKET} and <s>.",
)


def _problem(question: str, amount: int) -> str:
    answer = f"Twice {amount} is 2*{amount}=<<2*{amount}={2 * amount}>>{2 * amount}.\n"
    return json.dumps({"question": question, "answer": f"{answer}#### {2 * amount}"})


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A folder with a recipe and its raw files: problems, some broken or hostile, and code."""
    folder = tmp_path / "raw"
    (folder / "problems").mkdir(parents=True)
    for part in range(3):
        lines = [_problem(f"What is twice {n}? Part {part}.", n) for n in range(2, 30)]
        lines += [_problem(question, 7 + part) for question in FORGERIES]
        lines += ["{not json", json.dumps({"question": "no answer"})]
        (folder / "problems" / f"{part}.jsonl").write_text("\n".join(lines) + "\n")
    project = folder / "project"
    project.mkdir()
    (project / "LICENSE").write_text("MIT License\n\nPermission is hereby granted, free of charge,")
    (project / "sums.py").write_text('"""Sums."""\n\n\ndef add(a, b):\n    return a + b\n')
    recipe = {
        "name": "small",
        "seed": 3,
        "sources": [
            {
                "name": "problems",
                "format": "gsm8k",
                "category": "reasoning",
                "paths": ["problems/*.jsonl"],
                # Sums of one form are alike, and a hundred bytes of them are no copy.
                "deduplicate": False,
            },
            # A name that sorts after "tokenizer": inputs of a task are told apart by their names.
            {"name": "zcode", "format": "code", "category": "code", "paths": ["project"]},
        ],
        "split": {"validation_fraction": 0.1},
        "build": {"task_bytes": 1000},
        "tokenizer": {"vocabulary_size": 500, "sample_fraction": 1.0},
        "shards": {"tokens_per_shard": 4000},
        "model": "tiny",
        "training": TRAINING,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def _contents(run: Path) -> dict[str, bytes]:
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.relative_to(run).parts[0] != "logs"
    }


def test_every_record_is_accounted_for(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    build_run(raw, run)
    corpus = json.loads((run / "documents" / "manifest.json").read_text())
    problems = corpus["sources"]["problems"]
    assert problems["read"] == 3 * 32
    assert problems["wrote"] == 3 * 30
    assert sum(problems["dropped"].values()) == 6
    assert problems["splits"]["validation"] >= 1
    quarantined = [
        json.loads(line)
        for path in sorted((run / "quarantine" / "problems").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    assert len(quarantined) == 6
    assert all(record["position"] and record["reason"] for record in quarantined)
    assert corpus["sources"]["zcode"]["too_small_for_validation"] is True
    documents = sum(
        open_shards(run / "shards" / split).num_documents for split in ("train", "validation")
    )
    assert documents == corpus["wrote"]


def test_nothing_runs_twice_and_only_what_changed_runs_again(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    first = build_run(raw, run)
    assert first.num_run == first.num_tasks
    before = _contents(run)
    assert build_run(raw, run).num_run == 0
    assert _contents(run) == before
    (raw / "problems" / "3.jsonl").write_text(_problem("What is twice 99?", 99) + "\n")
    again = build_run(raw, run)
    ingest = next(stage for stage in again.stages if stage.stage == "ingest")
    assert ingest.num_run == 1
    assert again.num_run < again.num_tasks
    (raw / "problems" / "3.jsonl").unlink()
    build_run(raw, run)
    assert _contents(run) == before


def test_workers_change_no_byte(raw: Path, tmp_path: Path) -> None:
    build_run(raw, tmp_path / "one", workers=1)
    build_run(raw, tmp_path / "two", workers=2)
    assert _contents(tmp_path / "one") == _contents(tmp_path / "two")


def test_reordered_sources_give_the_bytes_of_a_fresh_build(raw: Path, tmp_path: Path) -> None:
    build_run(raw, tmp_path / "run")
    recipe = yaml.safe_load((raw / "recipe.yaml").read_text())
    recipe["sources"].reverse()
    (raw / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    build_run(raw, tmp_path / "run")
    build_run(raw, tmp_path / "fresh")
    assert _contents(tmp_path / "run") == _contents(tmp_path / "fresh")


def test_how_large_files_are_cut_changes_no_document(raw: Path, tmp_path: Path) -> None:
    build_run(raw, tmp_path / "cut", "build.task_bytes=500", workers=2)
    build_run(raw, tmp_path / "whole", "build.task_bytes=1000000", workers=2)
    assert len(list((tmp_path / "cut" / "stages" / "cut").rglob("*.records"))) > 6
    assert not list((tmp_path / "whole" / "stages").glob("cut/*"))
    rows = {
        name: [
            row
            for path in sorted((tmp_path / name / "documents").rglob("*.parquet"))
            for row in read_documents(path)
        ]
        for name in ("cut", "whole")
    }
    assert rows["cut"] == rows["whole"]
    for split in ("train", "validation"):
        shards = [tmp_path / name / "shards" / split for name in ("cut", "whole")]
        one, other = ({p.name: p.read_bytes() for p in s.glob("*.arrow")} for s in shards)
        assert one == other


def test_a_killed_build_goes_on_to_the_same_bytes(raw: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    build_run(raw, whole, workers=2)
    program = "from pipelines.commands import main; main()"
    arguments = ["build", str(raw / "recipe.yaml"), "--run-dir", str(killed), "--workers", "1"]
    for wanted in ("documents/problems/part-00001.manifest.json", "tokenizer/tokenizer.json"):
        process = subprocess.Popen([sys.executable, "-c", program, *arguments])
        deadline = time.monotonic() + 60
        while not (killed / wanted).exists() and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
    build_run(raw, killed, workers=2)
    assert _contents(killed) == _contents(whole)


def test_no_raw_text_forges_a_marker(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    build_run(raw, run)
    tokenizer = ScienceTokenizer.from_pretrained(run / "tokenizer")
    texts = {
        row.doc_id: row.text
        for path in sorted((run / "documents").rglob("*.parquet"))
        for row in read_documents(path)
    }
    assert sum("Say" in text for text in texts.values()) == 6
    seen = 0
    for split in ("train", "validation"):
        shards = open_shards(run / "shards" / split)
        for index in range(shards.num_documents):
            ids = shards.tokens(index).tolist()
            text = texts[shards.doc_id(index)]
            markers = [BY_CODE_POINT[c].spelling for c in text if c in BY_CODE_POINT]
            expected = [tokenizer.token_to_id(marker) for marker in markers]
            special = {tokenizer.token_to_id(m.spelling) for m in BY_CODE_POINT.values()}
            assert [token for token in ids if token in special] == expected
            assert [position for position, token in enumerate(ids) if token < 4] == [len(ids) - 1]
            seen += 1
    assert seen == len(texts)


def test_a_second_build_in_the_same_place_is_refused(raw: Path, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    with run.locked(), pytest.raises(BuildError, match="in use by another"):
        build_run(raw, run.root)


def test_a_run_directory_whose_name_no_library_can_open_is_refused_at_once(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / os.fsdecode(b"caf\xe9"))
    with pytest.raises(BuildError, match="has to be UTF-8"), run.locked():
        pass
    assert not run.root.exists()


def test_missing_inputs_are_named(raw: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no file or folder matches .*none"):
        build_run(raw, tmp_path / "run", "sources.zcode.paths=[none/*]")
    with pytest.raises(RecipeError, match="'no_such_package' is not installed"):
        build_run(raw, tmp_path / "run", "sources.zcode.paths=['package:no_such_package']")


def test_a_sample_is_drawn_and_the_rest_counted(raw: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    build_run(raw, run, "sources.problems.sample_documents=10")
    problems = json.loads((run / "documents" / "manifest.json").read_text())["sources"]["problems"]
    assert problems["dropped"]["not in the sample"] == 86
    assert problems["wrote"] + sum(problems["quarantined"].values()) == 10


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_input_is_named(raw: Path, tmp_path: Path) -> None:
    (raw / "problems" / "1.jsonl").chmod(0)
    with pytest.raises(RecipeError, match=r"cannot read .*1\.jsonl"):
        build_run(raw, tmp_path / "run")


def test_training_on_shards_of_another_recipe_is_refused(raw: Path, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    recipe = load_recipe(raw / "recipe.yaml")
    with pytest.raises(BuildError, match="holds no corpus: run `galactica build`"):
        pretrain_run(recipe, run, Console(quiet=True))
    build_run(raw, run.root)
    other = load_recipe(raw / "recipe.yaml", ["tokenizer.vocabulary_size=600"])
    with pytest.raises(BuildError, match="differs in tokenizer: run `galactica build`"):
        pretrain_run(other, run, Console(quiet=True))
