"""The versions that pyproject.toml allows begin with those that `make test-oldest` tests."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
#: What only those who work on this project install, and the benchmarks' peers.
UNTESTED = {"development", "benchmarks"}


def _requirements(lines: list[str]) -> dict[str, Requirement]:
    found = [Requirement(line) for line in lines if not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


def test_each_lowest_version_is_the_one_that_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    for extra, more in project["optional-dependencies"].items():
        lines += [] if extra in UNTESTED else more
    allowed = _requirements(lines)
    tested = _requirements((ROOT / "constraints-oldest.txt").read_text().splitlines())
    assert allowed.keys() == tested.keys()
    for name, requirement in allowed.items():
        lowest = [part.version for part in requirement.specifier if part.operator == ">="]
        (pinned,) = tested[name].specifier
        assert [Version(version) for version in lowest] == [Version(pinned.version)], name


def test_the_versions_of_constraints_are_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    for more in project["optional-dependencies"].values():
        lines += more
    pinned = _requirements((ROOT / "constraints.txt").read_text().splitlines())
    by_name = {name.lower().replace("_", "-"): pin for name, pin in pinned.items()}
    for requirement in map(Requirement, lines):
        (pin,) = by_name[requirement.name.lower().replace("_", "-")].specifier
        assert requirement.specifier.contains(pin.version, prereleases=True), requirement.name
