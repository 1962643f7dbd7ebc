"""docs/cluster.md shows what `galactica plan` prints; the scripts of examples/cluster start it."""

import os
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


def run_by_slurm(script: str, folder: Path, nodes: int, **stand_ins: str) -> list[str]:
    """The lines that a batch script writes where other commands stand in for Slurm's."""
    # In two pieces, as a long list may come: whoever reads the first one waits for the rest.
    stand_ins["scontrol"] = "echo node-1; sleep 0.1; echo node-2"
    for name, line in stand_ins.items():
        (folder / name).write_text(f"#!/bin/bash\n{line}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    slurm = {"JOB_NODELIST": "node-[1-2]", "JOB_NUM_NODES": str(nodes), "JOB_ID": "7"}
    slurm |= {"CPUS_PER_TASK": "64", "NTASKS": "16", "PROCID": "9", "LOCALID": "1"}
    done = subprocess.run(
        ["bash", "-c", script, "script", "a recipe.yaml", "a run", "--set", "training.epochs=2"],
        env={f"SLURM_{name}": value for name, value in slurm.items()}
        | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def batch_script(nodes: int) -> str:
    return (ROOT / "examples" / "cluster" / f"{nodes}_nodes.sbatch").read_text(encoding="utf-8")


@pytest.mark.parametrize("nodes", [8, 128])
def test_a_batch_script_starts_one_torchrun_a_node_on_all_its_cores(
    nodes: int, tmp_path: Path
) -> None:
    assert run_by_slurm(batch_script(nodes), tmp_path, nodes, srun='printf "%s\\n" "$@"') == [
        *("--kill-on-bad-exit=1", "--ntasks-per-node=1", "--cpus-per-task=64"),
        *("torchrun", "--nnodes", str(nodes), "--nproc-per-node", "8"),
        *("--rdzv-id", "7", "--rdzv-backend", "c10d", "--rdzv-endpoint", "node-1:29500"),
        *("--no-python", "galactica", "pretrain", "a recipe.yaml", "--run-dir", "a run"),
        *("--set", "training.epochs=2"),
    ]


def test_the_pages_lines_start_one_process_a_gpu_in_place_of_torchrun(tmp_path: Path) -> None:
    (lines,) = re.findall(r"^  ```\n(  #SBATCH.*?)^  ```$", PAGE, re.DOTALL | re.MULTILINE)
    script = batch_script(8)
    assert run_by_slurm(
        script[: script.index("srun --kill")] + lines,
        tmp_path,
        8,
        srun='shift 2; exec "$@"',
        galactica='echo $RANK $LOCAL_RANK $WORLD_SIZE $MASTER_ADDR; printf "%s\\n" "$@"',
    ) == [
        "9 1 16 node-1",
        *("pretrain", "a recipe.yaml", "--run-dir", "a run", "--set", "training.epochs=2"),
    ]


def test_the_fields_that_the_page_names_are_the_trainers() -> None:
    named = set(re.findall(r"`training\.(\w+)", PAGE))
    assert {"checkpoint_interval_steps", "keep_checkpoints"} <= named
    assert named <= set(TrainingSettings.model_fields)
