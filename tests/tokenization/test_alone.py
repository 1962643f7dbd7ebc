"""The tokenizer without the rest: the README's own code, with the packages that it names."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECTION = "Use the tokenizer alone"
#: First line of a block that needs more than the library.
WITH_TRANSFORMERS = "# with transformers installed"

#: What the library must not need; the test that imports it all allows only `NEEDED` besides.
REFUSED = (
    *("torch", "megatron", "transformers", "datasets", "psutil"),
    *("rdkit", "Bio", "lxml", "pylatexenc", "bibtexparser", "selfies", "jinja2", "chemicals"),
    *("ray", "typer", "rich", "click", "yaml", "gigatoken", "corpora", "pipelines", "galactica"),
)

#: Refuses them as if they were not installed, then runs the code that it is given.
REFUSING = f"""
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {REFUSED!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
        return None

sys.meta_path.insert(0, Refusing())
exec(compile(sys.stdin.read(), "README.md", "exec"), {{"__name__": "__main__"}})
"""


def blocks(language: str) -> list[str]:
    """The code of the README's section."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.partition(f"\n## {SECTION}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)


def needed() -> list[str]:
    """The packages that the section says are enough."""
    readme = (ROOT / "README.md").read_text("utf-8")
    said = re.search(r"`PYTHONPATH` and five packages: `([a-z ]+)`", readme)
    assert said is not None
    packages = said[1].split()
    assert len(packages) == 5
    return packages


def run(arguments: list[str], code: str, folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        arguments, input=code, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def alone() -> str:
    """The blocks of the section that need the library only, in order."""
    code = [block for block in blocks("python") if not block.startswith(WITH_TRANSFORMERS)]
    assert len(code) == 5
    return "\n".join(code)


def test_the_readme_runs_without_any_heavy_package(alone: str, tmp_path: Path) -> None:
    run([sys.executable, "-c", REFUSING], alone, tmp_path)
    assert (tmp_path / "my-tokenizer" / "tokenizer.json").is_file()


def test_the_refusal_refuses(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="No module named 'lxml"):
        run([sys.executable, "-c", REFUSING], "import lxml.etree", tmp_path)


def test_the_readme_runs_with_transformers(tmp_path: Path) -> None:
    run([sys.executable, "-"], "\n".join(blocks("python")), tmp_path)


def test_every_module_imports_with_the_base_dependencies_alone(tmp_path: Path) -> None:
    modules = sorted(path.stem for path in (ROOT / "tokenization").glob("*.py"))
    code = "import importlib\n" + "".join(
        f"importlib.import_module('tokenization.{name}')\n" for name in modules
    )
    run([sys.executable, "-c", REFUSING], code, tmp_path)


def test_the_packages_named_are_base_dependencies() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    base = {re.match(r"[A-Za-z0-9-]+", line)[0] for line in project["dependencies"]}  # type: ignore[index]
    assert set(needed()) <= base


def test_the_commands_of_the_readme_exist(tmp_path: Path) -> None:
    (commands,) = [block for block in blocks("") if "galactica" in block]
    program = [sys.executable, "-c", "from pipelines.commands import main; main()"]
    for line in commands.splitlines():
        _, *command = line.split()[:3]
        run([*program, *command, "--help"], "", tmp_path)


@pytest.mark.slow
def test_the_readme_runs_in_an_environment_of_five_packages(alone: str, tmp_path: Path) -> None:
    """A real one, from pip's index; what the library needs beyond it would fail here."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    constraints = ["-c", str(ROOT / "constraints.txt")]
    done = subprocess.run([*install, *constraints, *needed()], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"pip's index cannot be reached: {done.stderr.strip()[-200:]}")
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    assert not {"torch", "transformers", "rdkit", "ray"} & {
        line.partition("==")[0].lower() for line in listed.stdout.splitlines()
    }
    run([python, "-"], alone, tmp_path)
