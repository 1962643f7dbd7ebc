"""Raw files in object stores: which stores there are, and what they say of their files.

Opened through fsspec, and nothing else is: a path of a recipe names one of `STORES` or the local
disk. Credentials come from the environment alone, as each store's own library finds them; none is
taken from a recipe, and none reaches a manifest.
"""

import importlib
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Final

from pipelines.recipe_errors import RecipeError
from tokenization.manifests import fingerprint_json


@dataclass(frozen=True, slots=True)
class Store:
    """A kind of store: the module of its fsspec class, and where it finds credentials."""

    module: str
    class_name: str
    credentials: str
    options: tuple[tuple[str, Any], ...] = ()


#: By protocol. botocore would wait a minute for each connection that is never answered.
STORES: Final = {
    "s3": Store(
        "s3fs",
        "S3FileSystem",
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE), FSSPEC_S3_ANON=true for a "
        "public bucket, FSSPEC_S3_REQUESTER_PAYS=true where the reader pays, AWS_ENDPOINT_URL for "
        "a store that is not Amazon's",
        (("config_kwargs", {"connect_timeout": 10, "read_timeout": 60}),),
    ),
    "gs": Store(
        "gcsfs",
        "GCSFileSystem",
        "GOOGLE_APPLICATION_CREDENTIALS, or FSSPEC_GS_TOKEN=anon for a public bucket",
    ),
    "hf": Store("huggingface_hub", "HfFileSystem", "HF_TOKEN (a public dataset needs none)"),
}

#: What stores call the checksum of a file's content, the surest first. Only a store that has none
#: of them is asked for the time of the last change.
_CHECKSUMS: Final = ("sha256", "md5Hash", "crc32c", "blob_id", "ETag", "etag")
_TIMES: Final = ("LastModified", "mtime", "updated", "created")

#: A store whose library tried longer than this before it gave up is not asked for the next path of
#: a recipe: eighty sources would take the better part of an hour to say the same.
PATIENCE_SECONDS: Final = 1.0
#: So long; then it is tried again.
_REMEMBERED_SECONDS: Final = 60.0
#: By bucket: when it was given up, and the URL that it was asked for.
_given_up: dict[str, tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store: `relative` is its path below the root that the recipe names.

    `checksum` is what the store says of its content, such as `ETag:9b2cf5...`.
    """

    url: str
    relative: str
    num_bytes: int
    checksum: str

    @property
    def fingerprint(self) -> str:
        """The same on every machine, and another one when the content is."""
        return fingerprint_json([self.num_bytes, self.checksum])


@dataclass(frozen=True, slots=True)
class RemoteRoot:
    """A file or a folder that a path of a recipe names."""

    url: str
    is_folder: bool
    files: tuple[RemoteFile, ...]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.url.partition("://")[2]).name


def is_remote(written: str) -> bool:
    """Whether a path of a recipe is a URL of any kind."""
    return "://" in written or "::" in written


def protocol_of(url: str) -> str:
    """The protocol of a URL. Raises RecipeError for one that is not a store of ours."""
    protocol, _, path = url.partition("://")
    if "::" in url or protocol not in STORES:
        raise RecipeError(
            f"{url}: only local paths and {', '.join(f'{name}://' for name in STORES)} are read"
        )
    bucket = path.partition("/")[0]
    if not bucket:
        raise RecipeError(f"{url}: the bucket is missing")
    if "@" in bucket:
        raise RecipeError(
            f"{protocol}://...: no credentials in a recipe: set {STORES[protocol].credentials}"
        )
    return protocol


@cache
def _opened(protocol: str, _process: int) -> Any:
    store = STORES[protocol]
    try:
        module = importlib.import_module(store.module)
        importlib.import_module("fsspec")
    except ImportError as error:
        raise RecipeError(
            f'{protocol}:// needs the package {error.name!r}: pip install "galactica[remote]"'
        ) from error
    # What a library cannot do it raises, which is told in one line; some log a traceback as well.
    logging.getLogger(store.module).setLevel(logging.CRITICAL)
    return getattr(module, store.class_name)(**dict(store.options))


def open_store(protocol: str) -> Any:
    """The fsspec file system of a protocol; one for each process, which keeps connections."""
    return _opened(protocol, os.getpid())


@contextmanager
def store_faults(url: str) -> Iterator[None]:
    """Turns what a store's library raises into one OSError that names the URL and what to set."""
    try:
        yield
    except RecipeError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(f"{url}: no such file, folder or bucket") from None
    except Exception as error:
        # Each library has errors of its own, down to those of its HTTP client.
        protocol = url.partition("://")[0]
        said = " ".join(str(error).split())[:300]
        raise OSError(
            f"{url}: cannot be read: {type(error).__name__}: {said} (is the store reachable? "
            f"credentials come from the environment: {STORES[protocol].credentials})"
        ) from error


@contextmanager
def _asked_once(url: str) -> Iterator[None]:
    """Raises OSError at once where the bucket of a URL could not be reached a moment ago."""
    bucket = "/".join(url.split("/", 3)[:3])
    begun = time.monotonic()
    at, asked = _given_up.get(bucket, (-_REMEMBERED_SECONDS, ""))
    if begun - at < _REMEMBERED_SECONDS:
        raise OSError(f"{url}: not asked for, as {asked} could not be read")
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError:
        if time.monotonic() - begun > PATIENCE_SECONDS:
            _given_up[bucket] = (time.monotonic(), url)
        raise


def find_roots(url: str) -> list[RemoteRoot]:
    """The files and folders that a URL names, which may be a glob, with all files of folders.

    Raises RecipeError for a URL that is none of ours, OSError where the store cannot be read;
    nothing is there: an empty list.
    """
    protocol = protocol_of(url)
    with _asked_once(url), store_faults(url):
        store = open_store(protocol)
        pattern = store._strip_protocol(url)
        if any(character in pattern for character in "*?["):
            found = store.glob(pattern, detail=True)
        else:
            try:
                found = {pattern: store.info(pattern)}
            except FileNotFoundError:
                return []
        return [_root(store, protocol, path, info) for path, info in sorted(found.items())]


def _root(store: Any, protocol: str, path: str, info: dict[str, Any]) -> RemoteRoot:
    url = f"{protocol}://{path}"
    if info["type"] != "directory":
        return RemoteRoot(url, False, (_file(protocol, path, PurePosixPath(path).name, info),))
    files = []
    for name, inside in sorted(store.find(path, detail=True).items()):
        relative = name[len(path) :].lstrip("/")
        if relative and not name.endswith("/") and inside["type"] == "file":
            files.append(_file(protocol, name, relative, inside))
    return RemoteRoot(url, True, tuple(files))


def _file(protocol: str, path: str, relative: str, info: dict[str, Any]) -> RemoteFile:
    if any(part in ("", ".", "..") for part in relative.split("/")) or "\0" in relative:
        raise OSError(f"{protocol}://{path}: this name cannot be that of a file on disk")
    return RemoteFile(
        f"{protocol}://{path.lstrip('/')}", relative, int(info["size"] or 0), _checksum(info)
    )


def _checksum(info: dict[str, Any]) -> str:
    large = info.get("lfs") or {}
    said = {**info, **(large if isinstance(large, dict) else vars(large))}
    for name in (*_CHECKSUMS, *_TIMES):
        if said.get(name):
            value = said[name]
            if isinstance(value, datetime):  # a store may give it as a number elsewhere
                value = value.timestamp()
            return f"{name}:{str(value).strip(chr(34))}"
    return ""


def same_file(file: RemoteFile) -> bool:
    """Whether the store still holds the file that was found."""
    with store_faults(file.url):
        store = open_store(protocol_of(file.url))
        store.invalidate_cache()
        info = store.info(store._strip_protocol(file.url))
        return (int(info["size"] or 0), _checksum(info)) == (file.num_bytes, file.checksum)
