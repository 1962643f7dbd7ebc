"""From the paths of a recipe to the inputs of its readers, and their fingerprints."""

import glob
import importlib.util
import json
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from corpora.documents import Format, option_files
from corpora.settings import SourceSettings
from pipelines.reading import printable
from pipelines.recipe import RecipeError
from tokenization.manifests import fingerprint_json, fingerprint_path, write_atomically

PACKAGE_PREFIX = "package:"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a reader: a file, or a folder that the reader takes as a whole.

    `name` is the same on every machine: the path from where its source begins.
    """

    name: str
    path: Path
    num_bytes: int
    fingerprint: str


def resolve_path(written: str, recipe_folder: Path) -> list[Path]:
    """The files and folders that one entry of `paths` names, sorted; RecipeError for none."""
    if written.startswith(PACKAGE_PREFIX):
        return [_package_folder(written.removeprefix(PACKAGE_PREFIX))]
    pattern = str(recipe_folder / Path(written).expanduser())
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]
    if not found:
        raise RecipeError(f"no file or folder matches {pattern}")
    return found


def _package_folder(name: str) -> Path:
    if name == "python":
        return Path(sysconfig.get_paths()["stdlib"])
    try:
        specification = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        specification = None
    if specification is None or not specification.submodule_search_locations:
        raise RecipeError(
            f"{PACKAGE_PREFIX}{name}: the Python package {name!r} is not installed "
            f"(pip install {name})"
        )
    return Path(specification.submodule_search_locations[0])


class FingerprintCache:
    """Fingerprints of raw files, kept so that an unchanged file is not read again.

    A file counts as unchanged while its size and modification time are; folders are always read.
    The cache lives in `logs/`: it holds machine facts and is no part of a build's result.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[Any]] = {}
        if path.is_file():
            try:
                self._known = dict(json.loads(path.read_text(encoding="utf-8")))
            except ValueError:
                self._known = {}

    def fingerprint(self, path: Path) -> str:
        """Fingerprint of a raw input's content."""
        if path.is_dir():
            return fingerprint_path(path)
        status = path.stat()
        if not path.is_file():
            # Opening a pipe may wait for ever; whoever reads it refuses it.
            return fingerprint_json("no file")
        state = [status.st_size, status.st_mtime_ns]
        known = self._known.get(str(path.resolve()))
        if known is not None and known[:2] == state:
            return str(known[2])
        fingerprint = fingerprint_path(path)
        self._known[str(path.resolve())] = [*state, fingerprint]
        return fingerprint

    def save(self) -> None:
        """Write the cache back."""
        write_atomically(self._path, json.dumps(self._known, sort_keys=True))


def option_inputs(options: BaseModel | None, cache: FingerprintCache) -> dict[str, str]:
    """The files that the options of a source name, with the fingerprints of their contents."""
    return {
        f"options.{name}": cache.fingerprint(path) for name, path in option_files(options).items()
    }


def find_inputs(
    source: SourceSettings, reader: Format, recipe_folder: Path, cache: FingerprintCache
) -> list[Input]:
    """Every input of a source, in an order that depends on names alone."""
    inputs: dict[str, Input] = {}
    for written in source.paths:
        for root in resolve_path(written, recipe_folder):
            try:
                paths = list(reader.find(root))
            except (OSError, ValueError) as error:
                raise RecipeError(f"source {source.name}: {root}: {error}") from error
            for path in paths:
                name = printable((Path(root.name) / path.relative_to(root)).as_posix())
                try:
                    found = Input(name, path, _num_bytes(path), cache.fingerprint(path))
                except OSError as error:
                    raise RecipeError(
                        f"source {source.name}: cannot read {path}: {error.strerror}"
                    ) from error
                key = name if name not in inputs else f"{name}#{found.fingerprint}"
                inputs[key] = found
    if not inputs:
        raise RecipeError(
            f"source {source.name}: no input of format {source.format!r} under "
            f"{', '.join(source.paths)}"
        )
    return [inputs[name] for name in sorted(inputs)]


def _num_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def group_inputs(inputs: Iterable[Input], task_bytes: int) -> list[tuple[Input, ...]]:
    """Neighbouring inputs together, up to about `task_bytes` a group."""
    groups: list[tuple[Input, ...]] = []
    group: list[Input] = []
    size = 0
    for entry in inputs:
        if group and size + entry.num_bytes > task_bytes:
            groups.append(tuple(group))
            group, size = [], 0
        group.append(entry)
        size += entry.num_bytes
    if group:
        groups.append(tuple(group))
    return groups
