"""Remote inputs of a reader: found by their names, fetched by the task that reads them.

A reader finds its inputs in folders of the local disk. For a remote folder it is shown one with the
same names and empty files, of which only those are fetched that its `find` looks into. The task
that reads an input fetches it, with all that belongs to it, and removes it afterwards; so a build
has on disk what its tasks read at the same time, and no more.
"""

import fnmatch
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from pipelines.remote_stores import (
    RemoteFile,
    RemoteRoot,
    open_store,
    protocol_of,
    same_file,
    store_faults,
)
from tokenization.manifests import fingerprint_json

_BLOCK_BYTES: Final = 16 << 20
#: Files that a reader's `find` looks into, by their names; larger ones are what a reader reads.
_LOOKED_INTO: Final = ("state.json", "*collection.xml", "*licen[cs]e*", "copying*", "unlicense*")
_MAX_LOOKED_INTO_BYTES: Final = 1 << 20


def remote_inputs(
    root: RemoteRoot,
    find: Callable[[Path], Iterable[Path]],
    beside: Callable[[Path], Iterable[Path]] | None = None,
) -> Iterator[tuple[str, tuple[RemoteFile, ...]]]:
    """The inputs that a reader finds under a root: the path of each from the root on, its files.

    The first file is the input where it is one file; what follows is read with it. Raises what
    `find` raises for a folder that it refuses, and OSError where the store cannot be read.
    """
    if not root.is_folder:
        yield root.name, root.files
        return
    with tempfile.TemporaryDirectory(prefix="galactica-names-") as temporary:
        shown = Path(temporary, root.name)
        shown.mkdir()
        by_path = {}
        folders = {shown}
        for file in root.files:
            path = shown / file.relative
            if path.parent not in folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                folders.add(path.parent)
            if _is_looked_into(file):
                fetch(file, path)
            else:
                path.touch()
            by_path[path] = file
        for path in find(shown):
            name = path.relative_to(shown.parent).as_posix()
            if path in by_path:
                # A reader may look elsewhere on this machine, which has nothing of a store.
                others = [o for o in sorted(beside(path)) if o in by_path] if beside else []
                yield name, (by_path[path], *(by_path[other] for other in others))
            else:
                inside = f"{path}{os.sep}"
                files = [file for place, file in by_path.items() if str(place).startswith(inside)]
                yield name, tuple(files)


def _is_looked_into(file: RemoteFile) -> bool:
    name = file.relative.rpartition("/")[2].lower()
    return file.num_bytes <= _MAX_LOOKED_INTO_BYTES and any(
        fnmatch.fnmatch(name, pattern) for pattern in _LOOKED_INTO
    )


@contextmanager
def fetched(name: str, files: tuple[RemoteFile, ...], scratch: Path) -> Iterator[Path]:
    """The path of an input that lies in `scratch` while the block runs.

    `name` is its path from the root on; all files lie below the root as they do in the store, and
    the root in a folder named as there. Where the block or the build ends too early the files stay,
    and the next task of the same scratch folder goes on with those that are still the same.
    """
    first = files[0]
    above = PurePosixPath(first.url.removesuffix(f"/{first.relative}"))
    if name != first.relative:  # below a folder that is the root
        above = above.parent
    place = scratch / fingerprint_json([file.fingerprint for file in files]) / above.name
    for file in files:
        fetch(file, place / (name if name == file.relative else f"{_root(name)}/{file.relative}"))
    yield place / name
    shutil.rmtree(scratch, ignore_errors=True)


def _root(name: str) -> str:
    return name.partition("/")[0]


def fetch(file: RemoteFile, path: Path) -> None:
    """Fetch a file, whole or not at all; one that was half fetched before goes on where it ended.

    Raises OSError where the store cannot be read, or where the file there is no longer the one
    that was found.
    """
    if path.is_file() and path.stat().st_size == file.num_bytes:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{file.fingerprint}.partial")
    with partial.open("ab") as stream:
        start = stream.tell()
        if start > file.num_bytes:
            stream.truncate(0)
            start = 0
        while start < file.num_bytes:
            end = min(start + _BLOCK_BYTES, file.num_bytes)
            with store_faults(file.url):
                store = open_store(protocol_of(file.url))
                block = store.cat_file(store._strip_protocol(file.url), start=start, end=end)
            if not block:
                break
            stream.write(block)
            start += len(block)
        stream.flush()
        os.fsync(stream.fileno())
    if start != file.num_bytes or not same_file(file):
        partial.unlink()
        raise OSError(
            f"{file.url}: changed while it was read ({file.num_bytes:,} bytes when it was found, "
            f"{start:,} read): run the build again"
        )
    partial.replace(path)
