"""Ctrl-C in the middle of a command: one line, its own exit status, and nothing half written."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipelines.commands import program
from tests.pipelines.small_builds import build_run

#: What is typed, where in its work the signal comes, and what the message says.
COMMANDS = {
    "tokenizer train text.txt --to made --vocabulary-size 300 --sample-fraction 1": (
        "pipelines.tokenizer_training.train_tokenizer",
        "nothing of it is kept",
    ),
    "tokenizer compare run/tokenizer run/tokenizer text.txt": (
        "pipelines.tokenizer_commands.compare",
        "nothing was compared",
    ),
    "publish --run-dir run --to made": (
        "pipelines.publication.folder.render_card",
        "made is as it was",
    ),
    "read jsonl raw": ("pipelines.commands.resolve", "the rest was not read"),
    "report --run-dir run": ("pipelines.report.render_page", "no new page was written"),
    "verify --run-dir run --workers 1": (
        "pipelines.verification.verify_run",
        "nothing was changed",
    ),
    "export --run-dir run --to made": (
        "galactica.huggingface.export.export_run",
        "made is as it was",
    ),
    "import-hf run/tokenizer --to made": (
        "galactica.huggingface.import_hf.import_opt_folder",
        "made is as it was",
    ),
    "generate model sea": (
        "galactica.generation.text_generator.TextGenerator.open",
        "the rest was not generated",
    ),
    "recipe check raw/recipe.yaml": ("pipelines.recipe_commands.plan_build", "nothing was changed"),
    "demo --run-dir made": (
        "pipelines.demo.build",
        "what is finished is kept: run the same command again to go on",
    ),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of raw files, and of the run that was built of them."""
    folder = tmp_path_factory.mktemp("stopped")
    (folder / "text.txt").write_text("of the sea and the air\n\n" * 50)
    (folder / "raw").mkdir()
    lines = [json.dumps({"text": f"The sea is {number} m deep here."}) for number in range(9)]
    (folder / "raw" / "a.jsonl").write_text("\n".join(lines))
    source = {"name": "a", "format": "jsonl", "category": "other", "paths": ["a.jsonl"]}
    tokenizer = {"vocabulary_size": 300, "sample_fraction": 1}
    recipe = {"name": "r", "sources": [source], "tokenizer": tokenizer}
    (folder / "raw" / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    build_run(folder / "raw", folder / "run")
    return folder


@pytest.fixture
def ctrl_c_raises() -> Iterator[None]:
    """As in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_raises")
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_is_one_line_and_leaves_nothing(
    command: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working, message = COMMANDS[command]
    folder = Path(shutil.copytree(built, tmp_path / "copy"))
    monkeypatch.chdir(folder)

    def interrupted(*_arguments: object, **_options: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(working, interrupted)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    result = CliRunner().invoke(program, command.split())
    assert result.exit_code == 128 + signal.SIGINT
    assert result.stderr.splitlines()[-1] == f"stopped by SIGINT: {message}"
    assert "Traceback" not in result.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
