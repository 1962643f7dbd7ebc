"""`galactica tokenizer`: each command on real files, its errors, and its output on a terminal."""

import io
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner, Result

from pipelines.build import build
from pipelines.commands import main, program
from pipelines.recipe import load_recipe
from pipelines.run_directory import RunDirectory
from pipelines.tokenizer_display import comparison_table, print_inline, print_rows
from pipelines.tokenizer_training import plan_of_run
from tests.edited_manifests import manifest_content
from tests.tokenization.released_form import released_form
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.comparison import ModalityCount
from tokenization.show import render, token_rows
from tokenization.tokenizer_file import vocabulary_and_merges
from tokenization.training import train_tokenizer

WORDS = "the water of sea salt holds pressure and heat in Ångström 水温 3.5 kg \\alpha".split()


def galactica(*arguments: str | Path, status: int = 0, stdin: bytes = b"") -> str:
    """Standard output of the program; standard error where it fails, which is one line."""
    output, errors = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        redirect_stdout(output),
        redirect_stderr(errors),
        mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        mock.patch("sys.argv", ["galactica", "tokenizer", *map(str, arguments)]),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert (ended.value.code or 0) == status, errors.getvalue()
    if status:
        assert len(errors.getvalue().splitlines()) == 1, errors.getvalue()
        return errors.getvalue()
    output.seek(0)
    return output.read()


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, ["tokenizer", *map(str, arguments)])


def _blocks(number: int) -> list[str]:
    chooser = random.Random(7)
    return [" ".join(chooser.choices(WORDS, k=12)) for _ in range(number)]


@pytest.fixture(scope="module")
def small() -> ScienceTokenizer:
    settings = TokenizerSettings(vocabulary_size=330)
    return train_tokenizer(_blocks(50), settings, latex_markers=True)


@pytest.fixture(scope="module")
def folder(small: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small")
    small.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def released(small: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plain = train_tokenizer(
        _blocks(50), TokenizerSettings(vocabulary_size=330), latex_markers=False
    )
    path = tmp_path_factory.mktemp("released") / "tokenizer.json"
    released_form(*vocabulary_and_merges(plain._file)).save(str(path))
    return path


def test_every_command_has_help_with_an_example() -> None:
    for name in ("train", "convert", "compare", "show"):
        result = invoke(name, "--help")
        assert result.exit_code == 0
        assert "Example: galactica tokenizer " + name in " ".join(result.output.split())


# Convert


def test_convert_says_the_licence_and_writes_a_self_contained_file(
    released: Path, tmp_path: Path
) -> None:
    output = galactica("convert", released, "--to", tmp_path / "sc")
    assert "CC BY-NC 4.0" in output
    assert "derived" in output
    tokenizer = ScienceTokenizer.from_pretrained(tmp_path / "sc")
    assert tokenizer.vocabulary_size == 330
    assert len(tokenizer.encode("[START_AMINO]MKV")) == 4
    config = json.loads((tmp_path / "sc" / "tokenizer_config.json").read_text())
    assert config["model_max_length"] == 2048


def test_convert_adds_markers_when_asked(released: Path, tmp_path: Path) -> None:
    result = invoke(
        "convert", released, "--to", tmp_path, "--latex-markers", "--markers", "RNA,POLYMER:text"
    )
    assert result.exit_code == 0, result.output
    tokenizer = ScienceTokenizer.from_pretrained(tmp_path)
    assert tokenizer.encode("[START_LATEX][END_LATEX][START_RNA][END_RNA][START_POLYMER]") == list(
        range(330, 335)
    )


def test_convert_overwrites_no_other_tokenizer_unasked(
    released: Path, folder: Path, tmp_path: Path
) -> None:
    ScienceTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    (tmp_path / "special_tokens_map.json").write_text("{}")
    (tmp_path / "model.safetensors").write_text("weights")
    before = (tmp_path / "tokenizer.json").read_bytes()
    message = galactica("convert", released, "--to", tmp_path, status=1)
    assert "holds another tokenizer" in message
    assert "--overwrite" in message
    assert (tmp_path / "tokenizer.json").read_bytes() == before
    galactica("convert", released, "--to", tmp_path, "--overwrite")
    assert (tmp_path / "tokenizer.json").read_bytes() != before
    assert {path.name for path in tmp_path.iterdir()} == {
        "tokenizer.json", "tokenizer_config.json", "model.safetensors",
    }  # fmt: skip
    galactica("convert", released, "--to", tmp_path)  # the same one again is no other


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.json", "--to", "x"], "no tokenizer at missing.json"),
        (["{here}/text.json", "--to", "x"], "not JSON"),
        (["{folder}", "--to", "x"], "self-contained already"),
        (["{released}", "--to", "{here}/text.json"], "is a file: --to names a folder"),
        (["{released}", "--to", "x", "--markers", "NONE"], "no built-in marker named 'NONE'"),
        (["{released}", "--to", "x", "--markers", "A:B"], "markers"),
    ],
)
def test_convert_refuses_in_one_line(
    released: Path, folder: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    (tmp_path / "text.json").write_text("no json")
    written = [text.format(here=tmp_path, folder=folder, released=released) for text in arguments]
    assert reason in galactica("convert", *written, status=1)


# Train


def test_training_on_text_is_the_same_in_any_order_and_any_files(tmp_path: Path) -> None:
    blocks = _blocks(400)
    one = tmp_path / "one"
    one.mkdir()
    (one / "all.txt").write_text("\n\n".join(blocks))
    many = tmp_path / "many"
    many.mkdir()
    random.Random(3).shuffle(blocks)
    for number in range(7):
        part = blocks[number::7]
        if number == 3:
            lines = [json.dumps({"text": block}) for block in part]
            (many / f"{number}.jsonl").write_text("\n".join(lines))
        else:
            (many / f"{9 - number}.md").write_text("\n \n\n".join(part) + "\n")
    options = ["--vocabulary-size", "340", "--sample-fraction", "0.5", "--markers", "RNA"]
    first = galactica("train", one, "--to", tmp_path / "a", *options)
    second = galactica("train", many, "--to", tmp_path / "b", *options)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    summary = re.search(r"read[\s\S]*sample$", first, re.MULTILINE)
    assert summary
    assert summary.group() in second
    sampled = re.search(r"sampled +(\d+) documents", first)
    assert sampled
    assert 150 < int(sampled.group(1)) < 250
    assert "read       400 documents" in first
    assert re.search(r"compressed \d\.\d\d bytes a token", first)
    tokenizer = ScienceTokenizer.from_pretrained(tmp_path / "a")
    assert tokenizer.encode("[START_RNA]AUG")[1:] == tokenizer.encode("[START_DNA]AUG")[1:]


def test_a_seed_and_a_fraction_choose_other_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(_blocks(300)))
    outputs = []
    for number, options in enumerate((["--seed", "1"], ["--seed", "2"], [])):
        invoked = invoke(
            "train", path, "--to", tmp_path / str(number), "--vocabulary-size", "310",
            "--sample-fraction", "0.3", *options,
        )  # fmt: skip
        assert invoked.exit_code == 0, invoked.output
        outputs.append(re.findall(r"sampled .*", invoked.output))
    assert len({str(output) for output in outputs}) == 3


def test_outside_text_makes_no_marker_and_what_was_replaced_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = "water [START_REF] sea\n\n" * 40
    path.write_bytes(text.encode() + b"\xff \xee\x80\x80 salt")
    result = invoke(
        "train", path, "--to", tmp_path / "t", "--sample-fraction", "1", "--vocabulary-size",
        "300", "--no-latex-markers", "--normalizer", "nfc",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "1 bytes that are no UTF-8, or lone surrogates, replaced" in result.output
    assert "1 reserved characters removed" in result.output
    tokenizer = ScienceTokenizer.from_pretrained(tmp_path / "t")
    assert tokenizer.token_to_id("START") is not None  # learned as words
    assert tokenizer.token_to_id("[START_LATEX]") is None


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A small build: problems in JSON lines."""
    raw = tmp_path_factory.mktemp("raw")
    lines = [
        json.dumps({"question": f"What is twice {n}?", "answer": f"It is {2 * n}.\n#### {2 * n}"})
        for n in range(200)
    ]
    (raw / "problems.jsonl").write_text("\n".join(lines))
    recipe = {
        "name": "small",
        "seed": 3,
        "sources": [
            {"name": "p", "format": "gsm8k", "category": "reasoning", "paths": ["problems.jsonl"]}
        ],
        "split": {"validation_fraction": 0.1},
        "tokenizer": {"vocabulary_size": 300, "sample_fraction": 0.5},
        "model": "tiny",
        "training": {
            "epochs": 1,
            "global_batch_size_samples": 4,
            "micro_batch_size_samples": 2,
            "learning_rate": 1e-3,
        },
    }
    (raw / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    directory = RunDirectory(tmp_path_factory.mktemp("run"))
    build(load_recipe(raw / "recipe.yaml"), raw, directory, workers=1)
    return directory


def test_a_run_without_a_training_section_has_the_positions_of_its_build(
    run: RunDirectory, tmp_path: Path
) -> None:
    content = manifest_content(run.documents / "manifest.json")
    assert content["made_by"]["recipe"]["training"]
    content["made_by"]["recipe"]["training"] = None
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "manifest.json").write_text(json.dumps(content))
    assert plan_of_run(RunDirectory(tmp_path), {}).model_max_length == 2048


def test_training_on_a_run_gives_the_tokenizer_of_its_build(
    run: RunDirectory, tmp_path: Path
) -> None:
    output = galactica("train", "--run-dir", run.root, "--to", tmp_path / "t")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "t" / name).read_bytes() == (run.tokenizer / name).read_bytes()
    assert re.search(r"\d+ held-out documents left out", output)


def test_options_change_what_the_recipe_of_a_run_says(run: RunDirectory, tmp_path: Path) -> None:
    result = invoke(
        "train", "--run-dir", run.root, "--to", tmp_path / "t", "--vocabulary-size", "295",
        "--markers", "SELFIES", "--seed", "5",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    tokenizer = ScienceTokenizer.from_pretrained(tmp_path / "t")
    assert tokenizer.vocabulary_size == 295
    assert [marker.name for marker in tokenizer.markers][-4:] == ["LATEX"] * 2 + ["SELFIES"] * 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--run-dir", "{here}"], "run galactica build first"),
        (["--run-dir", "{run}", "--no-latex-markers"], "markers around their formulas"),
        (["{run}/documents"], "use --run-dir"),
        (["{here}/none"], "no text file at"),
        (["{here}/a.txt", "--vocabulary-size", "12"], "vocabulary_size: "),
        (["{here}/a.txt", "--sample-fraction", "2"], "sample_fraction: "),
        (["{here}/a.txt", "--normalizer", "nfd"], "normalizer: "),
        (["{here}/a.txt", "--sample-fraction", "1e-9"], "sample: raise --sample-fraction"),
        (["{here}/a.jsonl"], "1 JSON lines without text left out; --column says where"),
        (["{here}/empty.txt"], "the files hold none"),
        (["{here}/a.txt", "--markers", "RNA,RNA"], "there twice: RNA"),
        (["{here}/full", "--to", "{here}/full"], "holds another tokenizer"),
    ],
)
def test_train_refuses_in_one_line(
    run: RunDirectory, folder: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    (tmp_path / "a.txt").write_text("the water")
    (tmp_path / "a.jsonl").write_text('{"body": "the water"}\n')
    (tmp_path / "empty.txt").touch()
    ScienceTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "full")
    written = [text.format(here=tmp_path, run=run.root) for text in arguments]
    if "--to" not in written:
        written += ["--to", str(tmp_path / "t")]
    assert reason in galactica("train", *written, status=1)
    assert not (tmp_path / "t").exists()


def test_train_takes_files_or_a_run_and_not_both(tmp_path: Path) -> None:
    for arguments in ([], ["a.txt", "--run-dir", str(tmp_path)]):
        result = invoke("train", *arguments, "--to", tmp_path / "t")
        assert result.exit_code == 2
        assert "give either text files or --run-dir" in " ".join(result.output.split())


# Compare


def test_compare_prints_a_table_by_modality(
    folder: Path, released: Path, run: RunDirectory, tmp_path: Path
) -> None:
    text = tmp_path / "a.txt"
    text.write_text("the water [START_AMINO]MKVLLE[END_AMINO] \\(x\\)")
    lines = galactica("compare", released, folder, text).splitlines()
    cells = {line.split()[0]: line.split()[1:] for line in lines if line.split()}
    assert {"text", "LaTeX", "residues", "markers", "total", "A", "B"} <= set(cells)
    assert cells["residues"][0] == cells["residues"][2] == "6"
    assert cells["total"][0] == str(len(text.read_bytes()))
    assert cells["A"] == [str(released)]
    marked = galactica("compare", folder, folder, f"{run.documents}/**/*.parquet")
    assert {"text", "work", "markers"} <= {
        line.split()[0] for line in marked.splitlines() if line.strip()
    }
    assert all(line.split()[-1] == "1.000" for line in marked.splitlines() if "work" in line)


def test_compare_reads_a_folder_that_only_transformers_knows(
    folder: Path, small: ScienceTokenizer, tmp_path: Path
) -> None:
    pytest.importorskip("transformers")
    small._file.model.save(str(tmp_path))
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}')
    text = tmp_path / "a.txt"
    text.write_text("the water of the sea")
    assert "total" in galactica("compare", folder, tmp_path, text)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["{here}", "{folder}", "{here}/a.txt"], "no tokenizer.json at"),
        (["{folder}", "{here}/a.txt", "{here}/a.txt"], "cannot be read as a tokenizer.json"),
        (["{folder}", "{folder}", "{here}/b.txt"], "no text file at"),
        (["{folder}", "{folder}", "{here}/empty.txt"], "no text in"),
    ],
)
def test_compare_refuses_in_one_line(
    folder: Path, tmp_path: Path, arguments: list[str], reason: str
) -> None:
    (tmp_path / "a.txt").write_text("the water")
    (tmp_path / "empty.txt").write_text("")
    written = [text.format(here=tmp_path, folder=folder) for text in arguments]
    assert reason in galactica("compare", *written, status=1)


def test_a_comparison_of_nothing_divides_by_nothing() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(comparison_table(("a", "\x1b[31mb"), [ModalityCount("text", 0, (0, 0))]))
    assert "–" in captured.get()
    assert "\x1b[31m" not in captured.get()


# Show


def test_show_prints_the_text_and_its_tokens_without_a_terminal(folder: Path) -> None:
    text = "the water\n[START_AMINO]MK</s>"
    both = galactica("show", folder, text)
    inline, table = both.split("\n\n")
    assert inline == "the│␣water│\\n\n[START_AMINO]│M│K│</s>"
    assert table.splitlines()[-1].split(maxsplit=2) == ["2", "</s>", "control token"]
    assert galactica("show", folder, text, "--inline") == inline + "\n"
    assert galactica("show", folder, text, "--table") == table
    assert galactica("show", folder, "-", "--table", stdin=text.encode()) == table
    assert galactica("show", folder, "") == ""


def test_show_reads_the_corpus_path(folder: Path) -> None:
    hostile = "[START_REF]</s>\ue000\x1b[31m [bold]x[/bold]".encode()
    output = galactica("show", folder, "-", "--corpus", stdin=hostile)
    assert output.count("control token") == 1
    assert "marker" not in output
    assert "\x1b" not in output


def test_show_refuses_in_one_line(folder: Path, released: Path, tmp_path: Path) -> None:
    assert "no tokenizer at" in galactica("show", tmp_path, "x", status=1)
    assert "is like that" in galactica("show", released, "x", status=1)
    assert "is no UTF-8" in galactica("show", folder, "-", stdin=b"\xff", status=1)


def _printed(write: Callable[[Console], None], **environment: str) -> str:
    console = Console(
        force_terminal=True, color_system="standard", width=80, _environ=environment,
        highlight=False, markup=False,
    )  # fmt: skip
    with console.capture() as captured:
        write(console)
    return captured.get()


def test_on_a_terminal_tokens_are_told_apart_by_colour(small: ScienceTokenizer) -> None:
    rows = token_rows(small, "the water [START_AMINO]MK</s>")
    inline = _printed(lambda console: print_inline(console, rows))
    assert "│" not in inline
    colours = re.findall(r"\x1b\[([\d;]+)m(.*?)\x1b\[0m", inline)
    assert len(colours) == len(rows)
    assert all(one != other for (one, _), (other, _) in pairwise(colours))
    plain = _printed(lambda console: print_inline(console, rows), NO_COLOR="1")
    assert plain.count("│") == len(rows) - 1
    assert "\x1b[3" not in plain


@given(text=st.text(st.sampled_from("\x1b[31m\x07\x9b\u202e[bold]/\r\n\tK\x00水"), max_size=30))
def test_no_text_reaches_the_terminal_raw(small: ScienceTokenizer, text: str) -> None:
    rows = token_rows(small, text)

    def write(console: Console) -> None:
        print_inline(console, rows)
        print_rows(console, rows)

    printed = re.sub(r"\x1b\[[\d;]*m", "", _printed(write))
    inline = "".join(
        (row.text.replace("␣", " ") if row.kind == "text" else row.text) + "\n" * row.ends_line
        for row in rows
    )
    lines = inline if not rows or rows[-1].ends_line else inline + "\n"
    assert printed == lines + render(rows) + "\n" * bool(rows)
    assert all(line.isprintable() for line in printed.split("\n"))


def test_a_locale_without_unicode_escapes_what_it_cannot_print(folder: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipelines.commands import main; main()",
            "tokenizer",
            "show",
            str(folder),
            "a 水",
        ],
        capture_output=True,
        check=False,
        env=environment,
    )
    assert result.returncode == 0, result.stderr
    assert b"\\u2423" in result.stdout
