"""From the paths of a recipe to the inputs of its readers, and their fingerprints."""

import glob
import importlib.util
import json
import os
import re
import stat
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from corpora.documents import Format, ReadOptions, option_files
from corpora.settings import SourceSettings
from pipelines.reading import printable
from pipelines.recipe_errors import RecipeError
from pipelines.remote_inputs import fetched, remote_inputs
from pipelines.remote_stores import RemoteFile, find_roots, is_remote
from tokenization.manifests import (
    fingerprint_json,
    fingerprint_path,
    folder_files,
    write_atomically,
)

Find = Callable[[Path], Iterable[Path]]
Beside = Find | None
PACKAGE_PREFIX = "package:"
#: A sign as `glob.escape` writes it.
_ESCAPED: Final = re.compile(r"\[([*?[])\]")


class NothingThereError(RecipeError):
    """No path of a source leads to any input of it."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a reader: a file, or a folder that the reader takes as a whole.

    `name` is the same on every machine: the path from where its source begins. An input in a store
    has its files in `remote`, and its `path` begins where its source does.
    """

    name: str
    path: Path
    num_bytes: int
    fingerprint: str
    remote: tuple[RemoteFile, ...] = ()
    num_files: int = 1

    @property
    def place(self) -> str:
        """Where it lies: no two inputs lie in one place."""
        if not self.remote:
            return os.path.abspath(self.path)
        return f"{self.remote[0].url.removesuffix(self.remote[0].relative)} {self.path}"

    @property
    def is_folder(self) -> bool:
        """Whether the reader takes several files as one input."""
        return len(self.remote) > 1 if self.remote else self.path.is_dir()

    @contextmanager
    def local(self, scratch: Path) -> Iterator[Path]:
        """Where it lies on the local disk while the block runs: fetched into `scratch` if need be.

        Raises OSError where it cannot be fetched.
        """
        if not self.remote:
            yield self.path
            return
        with fetched(self.path.as_posix(), self.remote, scratch) as path:
            yield path


def located(paths: Sequence[str], data_folder: str) -> list[str]:
    """The paths of a source, seen from the recipe's own folder: those that are relative lie below
    its `data_folder`, which may be a URL.

    >>> located(["arxiv", "/raw/pmc", "package:chemicals"], "s3://bucket/raw/")
    ['s3://bucket/raw/arxiv', '/raw/pmc', 'package:chemicals']
    >>> located(["a.xml", "*.xml"], "raw [new]")  # brackets of a folder's name are no glob's
    ['raw [new]/a.xml', 'raw [[]new]/*.xml']
    """

    def below(path: str) -> str:
        folder = data_folder.rstrip("/")
        if any(sign in path for sign in "*?[") and not is_remote(folder):
            folder = glob.escape(folder)
        return f"{folder}/{path}"

    return [
        path
        if is_remote(path) or path.startswith((PACKAGE_PREFIX, "/", "~")) or data_folder == "."
        else below(path)
        for path in paths
    ]


def resolve_path(written: str, recipe_folder: Path) -> list[Path]:
    """The local files and folders that an entry of `paths` names, sorted; RecipeError for none.

    A path that is there as it is written is no glob, whatever signs its name has.
    """
    if is_remote(written):
        raise RecipeError(f"{written}: only sources of a recipe may lie in a store")
    if "\0" in written:
        raise RecipeError(f"{written!r} is no path")
    if written.startswith(PACKAGE_PREFIX):
        return [_package_folder(written.removeprefix(PACKAGE_PREFIX))]
    try:
        path = recipe_folder / Path(_ESCAPED.sub(r"\1", written)).expanduser()
    except RuntimeError:  # ~somebody
        raise RecipeError(f"{written}: no user of this name has a home folder here") from None
    if os.path.lexists(path):
        return [path]
    pattern = os.path.join(glob.escape(str(recipe_folder)), Path(written).expanduser())
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]
    if not found:
        raise NothingThereError(f"no file or folder matches {os.path.normpath(path)}")
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
    """Fingerprints of raw inputs, kept so that an unchanged one is not read again.

    A file counts as unchanged while its size and modification time are, a folder while those of all
    its files are. The cache lives in `logs/`: it holds machine facts and is no part of a build's
    result. With `reads` off nothing is read, and what is not known has the fingerprint `UNREAD`.
    """

    UNREAD = "not read yet"

    def __init__(self, path: Path, *, reads: bool = True) -> None:
        self._path = path
        self._reads = reads
        self._known: dict[str, list[Any]] = {}
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(known, dict):
            self._known = known

    def fingerprint(self, path: Path) -> str:
        """Fingerprint of a raw input's content."""
        return self.measure(path)[2]

    def measure(self, path: Path) -> tuple[int, int, str]:
        """The files and the bytes of a raw input, and the fingerprint of its content."""
        status = path.stat()
        state: list[Any] = [status.st_size, status.st_mtime_ns]
        num_files, num_bytes = 1, status.st_size
        if stat.S_ISDIR(status.st_mode):
            num_files, num_bytes, listing = _folder_state(path)
            state = ["folder", listing]
        elif not stat.S_ISREG(status.st_mode):
            # Opening a pipe may wait for ever; whoever reads it refuses it.
            return 1, 0, fingerprint_json("no file")
        key = os.path.abspath(path)
        known = self._known.get(key)
        if isinstance(known, list) and len(known) == 3 and known[:2] == state:
            return num_files, num_bytes, str(known[2])
        if not self._reads:
            return num_files, num_bytes, self.UNREAD
        fingerprint = fingerprint_path(path)
        self._known[key] = [*state, fingerprint]
        return num_files, num_bytes, fingerprint

    def save(self) -> None:
        """Write the cache back."""
        write_atomically(self._path, json.dumps(self._known, sort_keys=True))


def option_inputs(options: BaseModel | None, cache: FingerprintCache) -> dict[str, str]:
    """The files that the options of a source name, with the fingerprints of their contents."""
    return {
        f"options.{name}": cache.fingerprint(path) for name, path in option_files(options).items()
    }


def find_inputs(
    source: SourceSettings,
    reader: Format,
    options: ReadOptions,
    recipe_folder: Path,
    cache: FingerprintCache,
) -> list[Input]:
    """Every input of a source, read under `options`, in an order that depends on names alone.

    Raises RecipeError, one line for each path that is at fault; NothingThereError where no path
    leads to anything.
    """
    owner, kind = f"source {source.name}", f"input of format {source.format!r}"
    read_with = reader.beside
    return inputs_under(
        source.paths,
        reader.find,
        owner,
        kind,
        recipe_folder,
        cache,
        may_be_remote=True,
        beside=None if read_with is None else lambda path: read_with(path, options),
    )


def inputs_under(
    paths: Sequence[str],
    find: Find,
    owner: str,
    kind: str,
    recipe_folder: Path,
    cache: FingerprintCache,
    *,
    may_be_remote: bool = False,
    beside: Beside = None,
) -> list[Input]:
    """The inputs that `find` sees under the paths of a recipe, sorted by name.

    Raises RecipeError, which names their `owner` and the `kind` of what was looked for, with a line
    for each path that is at fault.
    """
    found: dict[str, Input] = {}  # by where it lies: paths may name a file twice
    faults: list[RecipeError] = []
    for written in paths:
        try:
            if may_be_remote and is_remote(written):
                entries = _remote(written, find, beside)
            else:
                entries = _local(written, find, beside, recipe_folder, cache)
            found.update((entry.place, entry) for entry in entries)
        except RecipeError as error:
            faults.append(error)
    if not found and not faults:
        faults.append(NothingThereError(f"no {kind} under {', '.join(paths)}"))
    if faults:
        nothing = not found and all(isinstance(fault, NothingThereError) for fault in faults)
        raise (NothingThereError if nothing else RecipeError)(
            "\n".join(f"{owner}: {fault}" for fault in faults)
        )
    return _named_apart(found.values())


def _named_apart(inputs: Iterable[Input]) -> list[Input]:
    """The inputs sorted by name, those of one name told apart by their content."""
    ordered = sorted(inputs, key=lambda entry: (entry.name, entry.fingerprint))
    copies = Counter(entry.name for entry in ordered)
    taken: Counter[str] = Counter()
    named = []
    for entry in ordered:
        name = entry.name
        if copies[name] > 1:
            name = f"{name}#{entry.fingerprint}"
            taken[name] += 1
            if taken[name] > 1:
                name = f"{name}#{taken[name]}"
        named.append(replace(entry, name=name))
    return named


def _local(
    written: str, find: Find, beside: Beside, folder: Path, cache: FingerprintCache
) -> Iterator[Input]:
    for root in resolve_path(written, folder):
        if root.is_dir():
            _check_listed(root)
        try:
            paths = list(find(root))
        except FileNotFoundError as error:
            raise NothingThereError(_placed(root, error)) from error
        except (OSError, ValueError) as error:
            raise RecipeError(_placed(root, error)) from error
        beginning = len(root.parts) - 1
        for path in paths:
            name = printable("/".join(path.parts[beginning:]))
            try:
                num_files, num_bytes, fingerprint = cache.measure(path)
                if not num_files:
                    continue  # an empty folder among those that a reader takes as a whole
                others = sorted(beside(path)) if beside else []
                if others:
                    # What is read with it: a change of one is a change of the input.
                    read = [[other.name, cache.fingerprint(other)] for other in others]
                    unread = cache.UNREAD in (fingerprint, *(mark for _, mark in read))
                    fingerprint = cache.UNREAD if unread else fingerprint_json([fingerprint, read])
            except OSError as error:
                raise RecipeError(f"cannot read {path}: {error.strerror}") from error
            yield Input(name, path, num_bytes, fingerprint, num_files=num_files)


def _check_listed(root: Path) -> None:
    """Raise RecipeError for a folder below a root that cannot be listed.

    Path.rglob, by which readers find their inputs, passes over it without a word.
    """

    def refuse(error: OSError) -> None:
        raise RecipeError(
            f"cannot list {error.filename}: {error.strerror}: make it readable, or name the paths "
            "that are to be read"
        )

    for _, folders, _ in os.walk(root, onerror=refuse):
        # What is hidden is no data, and every file system has a folder of the checks of its disk.
        folders[:] = [name for name in folders if name[0] != "." and name != "lost+found"]


def _remote(written: str, find: Find, beside: Beside) -> Iterator[Input]:
    try:
        roots = find_roots(written)
        if not roots:
            raise NothingThereError(f"no file or folder matches {written}")
        for root in roots:
            for name, files in remote_inputs(root, find, beside):
                num_bytes = sum(file.num_bytes for file in files)
                fingerprint = fingerprint_json([[f.relative, f.fingerprint] for f in files])
                place = Path(name)
                yield Input(printable(name), place, num_bytes, fingerprint, files, len(files))
    except (OSError, ValueError) as error:
        if isinstance(error, RecipeError):
            raise
        raise RecipeError(_placed(written, error)) from error


def _placed(where: object, error: Exception) -> str:
    """What an error says, with the path that it is about, once."""
    said = str(error)
    return said if said.startswith(str(where)) else f"{where}: {said}"


def _folder_state(path: Path) -> tuple[int, int, str]:
    """The files of a folder and their bytes, and a digest of their names, sizes and times."""
    states = [(os.fsdecode(file), file.stat()) for file in folder_files(path)]
    num_bytes = sum(status.st_size for _, status in states)
    listing = [[name, status.st_size, status.st_mtime_ns] for name, status in states]
    return len(states), num_bytes, fingerprint_json(listing)


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
