"""A mistake in the settings of a training on several processes is told once, whoever finds it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from pipelines.commands import main
recipes = sys.argv[1:3]
sys.argv[1:] = ["pretrain", recipes[int(os.environ["RANK"])], "--run-dir", "run"]
main()
"""
RECIPE = Path(__file__).parents[2] / "recipes" / "four_epochs.yaml"
NO_CORPUS = "error: run holds no corpus: run `galactica build` with this recipe"
NO_RECIPE = "error: none.yaml: cannot read the recipe: No such file or directory"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipes", "told"),
    [
        ((RECIPE, RECIPE), f"{NO_CORPUS} and run directory first"),
        (("none.yaml", "none.yaml"), NO_RECIPE),
        ((RECIPE, "none.yaml"), f"{NO_RECIPE} (process 1 of 2)"),
    ],
)
def test_it_is_told_once(tmp_path: Path, recipes: tuple[str | Path, ...], told: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*launcher, "2", "program.py", *map(str, recipes)],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line for line in lines if line.startswith("error")] == [told]
