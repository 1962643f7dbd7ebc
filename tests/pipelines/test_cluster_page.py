"""docs/cluster.md shows what `galactica plan` prints; the scripts of examples/cluster are Bash."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from galactica.settings import TrainingSettings
from pipelines.commands import program

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\n\$ galactica (.*?)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SCRIPTS = sorted((ROOT / "examples" / "cluster").iterdir())


def test_the_page_shows_one_plan_in_full_and_all_presets_on_1_8_and_128_nodes() -> None:
    sizes = ("8", "64", "1024")
    expected = ["plan --preset huge --gpus 1024", *(f"plan --gpus {size}" for size in sizes)]
    assert [command for command, _ in SHOWN] == expected


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_the_page_shows_what_the_command_prints(command: str, output: str) -> None:
    assert CliRunner().invoke(program, command.split()).stdout == output


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_bash_that_starts_what_the_page_says(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert f"examples/cluster/{script.name} RECIPE RUN_DIR" in PAGE
    text = script.read_text(encoding="utf-8")
    assert "--no-python" in text
    assert 'galactica pretrain "$recipe" --run-dir "$run_dir" "$@"' in text
    nodes = re.search(r"#SBATCH --nodes=(\d+)", text)
    assert (nodes[1] if nodes else "one") == script.name.split("_")[0]


def test_the_fields_that_the_page_names_are_the_trainers() -> None:
    named = set(re.findall(r"`training\.(\w+)", PAGE))
    assert {"checkpoint_interval_steps", "keep_checkpoints"} <= named
    assert named <= set(TrainingSettings.model_fields)
