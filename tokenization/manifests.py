"""Fingerprints, atomic commits and manifests: how every artefact says what it is made of.

A manifest is the commit point of what it describes: it is removed before the data changes and
written after the data stands, both by atomic rename, so that whatever has a manifest is whole.
Nothing here holds a clock time, host name, absolute path or worker count.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

MANIFEST_NAME: Final = "manifest.json"
#: How the names of hidden files end that are not yet what they will be.
UNFINISHED_SUFFIX: Final = ".partial"
_BLOCK_BYTES: Final = 1 << 20
#: Folders that belong to a tool, not to the input they lie in.
_FOREIGN_FOLDERS: Final = frozenset({"__pycache__", "site-packages", "dist-packages", ".git"})


def fingerprint_bytes(data: bytes) -> str:
    """128-bit BLAKE2b of `data`, in hexadecimal."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def fingerprint_json(value: Any) -> str:
    """Fingerprint of a JSON value, whatever the order of its keys.

    >>> fingerprint_json({"a": 1, "b": 2}) == fingerprint_json({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return fingerprint_bytes(text.encode())


def fingerprint_file(path: Path) -> str:
    """Fingerprint of a file's content."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def fingerprint_path(path: Path) -> str:
    """Fingerprint of a file, or of a folder: its files' relative paths and contents.

    Links to folders are not followed; caches, installed packages and `.git` are left out.
    """
    if not path.is_dir():
        return fingerprint_file(path)
    return fingerprint_json(
        [[file.relative_to(path).as_posix(), fingerprint_file(file)] for file in folder_files(path)]
    )


def folder_files(path: Path) -> Iterator[Path]:
    """The files of a folder that its fingerprint is made of, in an order of their names alone."""
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _FOREIGN_FOLDERS)
        for name in sorted(files):
            file = Path(folder, name)
            if file.is_file():
                yield file


def write_atomically(path: Path, data: bytes | str) -> None:
    """Write a file that appears whole or not at all."""
    with atomic_file(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it (after fsync) when the block succeeds.

    Its name is like no other's: where a task runs twice, since a cluster lost sight of the first,
    neither writes into the other's file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{UNFINISHED_SUFFIX}")
    try:
        yield temporary
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """A fresh temporary folder beside `path` that takes its place when the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}{UNFINISHED_SUFFIX}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artefact is and what made it.

    `fingerprint` identifies the making: stage, settings, code, versions and inputs; a stage whose
    fingerprint is unchanged is not run again. `outputs` maps file names, relative to the manifest,
    to `[size in bytes, fingerprint]`. `read = wrote + sum(dropped)`. `facts` are further keys of
    the JSON file, each artefact's own.
    """

    stage: str
    fingerprint: str
    made_by: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    read: int = 0
    wrote: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The text of the manifest file: sorted, indented, ending in a newline.

        Its `checksum` is of all the rest, so that a changed fact is noticed.
        """
        content = {
            **self.facts,
            "stage": self.stage,
            "fingerprint": self.fingerprint,
            "made_by": self.made_by,
            "inputs": self.inputs,
            "outputs": {name: list(output) for name, output in self.outputs.items()},
            "read": self.read,
            "wrote": self.wrote,
            "dropped": dict(self.dropped),
        }
        # As it will be read: a number that is a key becomes a string.
        content = json.loads(json.dumps(content))
        return _manifest_text(content | {_CHECKSUM: fingerprint_json(content)})


_CHECKSUM: Final = "checksum"
_OWN_KEYS: Final = (
    "stage",
    "fingerprint",
    "made_by",
    "inputs",
    "outputs",
    "read",
    "wrote",
    "dropped",
)


def read_manifest(path: Path) -> Manifest:
    """The manifest stored at `path`.

    Raises ValueError, naming the file, where it is none, or not as it was written.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        checksum = content.pop(_CHECKSUM, None)  # those of earlier versions have none
        if checksum not in (None, fingerprint_json(content)):
            raise ValueError("changed since it was written")
        own = {key: content.pop(key) for key in _OWN_KEYS}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a manifest: {error!r}") from error
    own["outputs"] = {name: (output[0], output[1]) for name, output in own["outputs"].items()}
    return Manifest(**own, facts=content)


def is_as_written(path: Path) -> bool:
    """Whether the bytes of a manifest are those that its content was written in.

    The checksum is of the content: blanks that an editor leaves are no part of it.
    """
    data = path.read_bytes()
    return data == _manifest_text(json.loads(data)).encode()


def _manifest_text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def is_current(manifest_path: Path, fingerprint: str) -> bool:
    """Whether what this manifest describes was made by this fingerprint and still stands.

    Outputs are compared by size, not content: re-reading everything is what `verify` is for.
    """
    try:
        manifest = read_manifest(manifest_path)
    except (FileNotFoundError, ValueError):
        return False
    return manifest.fingerprint == fingerprint and all(
        (manifest_path.parent / name).is_file()
        and (manifest_path.parent / name).stat().st_size == size
        for name, (size, _) in manifest.outputs.items()
    )
