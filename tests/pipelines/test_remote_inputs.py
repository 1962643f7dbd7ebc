"""Sources in a store: an S3 server on this machine, and fsspec's own memory."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pyarrow.parquet as pq
import pytest
import yaml

from corpora.catalogue import load_format
from corpora.documents import ReadOptions
from corpora.settings import SourceSettings
from pipelines import remote_stores
from pipelines.execution import BuildError
from pipelines.inputs import FingerprintCache, Input, NothingThereError, find_inputs
from pipelines.recipe import RecipeError
from pipelines.remote_inputs import fetch
from pipelines.remote_stores import STORES, RemoteFile, Store
from tests.pipelines.small_builds import build_run

PROBLEMS = "".join(
    f'{{"question": "What is {n}+1?", "answer": "It is {n + 1}.\\n#### {n + 1}"}}\n'
    for n in range(40)
)
LICENCE = (Path(__file__).parents[2] / "LICENSE").read_text()
#: What lies in the store, by its key.
FILES = {
    "raw/sums/one.jsonl": PROBLEMS,
    "raw/sums/below/two.jsonl": PROBLEMS.replace("+1", "+01"),
    "raw/sums/notes.md": "not read",
    "raw/oeis/stripped": "A000001 ,0,1,1,1,2,1,2,1,5,2,\nA000002 ,1,2,2,1,1,2,1,2,2,1,\n",
    "raw/oeis/names": "A000001 Number of groups of order n.\nA000002 Kolakoski sequence.\n",
    "raw/code/tool/LICENSE": LICENCE,
    "raw/code/tool/tool.py": '"""Counts."""\n\n\ndef count(text):\n    return len(text)\n',
    "raw/code/tool/deep/more.py": "VALUE = 1  # a constant that is long enough\n",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An S3 bucket with `FILES`; its credentials are in the environment, as a user's are."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key-of-the-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    remote_stores._opened.cache_clear()
    store = remote_stores.open_store("s3")
    store.mkdir("texts")
    for key, content in FILES.items():
        store.pipe(f"texts/{key}", content.encode())
    yield "s3://texts"
    store.rm("texts", recursive=True)
    type(store).clear_instance_cache()
    remote_stores._opened.cache_clear()


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """fsspec's store in memory, which a recipe cannot name, in the place of a real one."""
    store = Store("fsspec.implementations.memory", "MemoryFileSystem", "nothing")
    monkeypatch.setitem(STORES, "memory", store)
    remote_stores._opened.cache_clear()
    opened = fsspec.filesystem("memory")
    monkeypatch.setattr(remote_stores, "_given_up", {})
    yield opened
    opened.store.clear()
    opened.pseudo_dirs[:] = [""]
    remote_stores._opened.cache_clear()


def found(format: str, *paths: str) -> list[Input]:
    source = SourceSettings(name="x", format=format, category="other", paths=paths)
    return find_inputs(
        source, load_format(format), ReadOptions(), Path("/"), FingerprintCache(Path("/none"))
    )


def local_copy(folder: Path) -> Path:
    for key, content in FILES.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder / "raw"


def recipe(folder: Path, data_folder: str) -> Path:
    content = {
        "name": "remote",
        "data_folder": data_folder,
        "sources": [
            {"name": "sums", "format": "gsm8k", "category": "reasoning", "paths": ["sums"]},
            {"name": "code", "format": "code", "category": "code", "paths": ["code"]},
            {"name": "oeis", "format": "oeis", "category": "knowledge", "paths": ["oeis"]},
        ],
        "tokenizer": {"vocabulary_size": 300, "sample_fraction": 1.0},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(yaml.safe_dump(content))
    return folder


def outputs(run: Path) -> dict[str, bytes]:
    kept = [path for path in run.rglob("*") if path.is_file()]
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in kept
        if path.suffix in (".parquet", ".arrow", ".jsonl") or path.name == "tokenizer.json"
    }


def test_a_build_from_s3_is_that_from_disk(bucket: str, tmp_path: Path) -> None:
    local_copy(tmp_path)
    build_run(recipe(tmp_path / "a", "../raw"), tmp_path / "local")
    remote = recipe(tmp_path / "b", f"{bucket}/raw")
    run = tmp_path / "remote"
    assert build_run(remote, run, "build.task_bytes=1").num_run > 0
    assert build_run(remote, run, "build.task_bytes=1").num_run == 0
    build_run(remote, run)
    assert outputs(run) == outputs(tmp_path / "local")
    sequences = pq.ParquetFile(run / "documents" / "oeis" / "part-00000.parquet").read()
    assert "Kolakoski" in str(sequences.column("text"))
    assert not list(run.rglob("*.fetched"))
    for path in run.rglob("*"):
        if path.is_file() and path.parent.name != "logs":
            content = path.read_bytes()
            assert b"of-the-test" not in content, path
            assert b"127.0.0.1" not in content, path


@pytest.mark.slow
def test_workers_fetch_for_themselves(bucket: str, tmp_path: Path) -> None:
    remote = recipe(tmp_path / "recipe", f"{bucket}/raw")
    build_run(remote, tmp_path / "one", "build.task_bytes=1")
    build_run(remote, tmp_path / "two", "build.task_bytes=1", workers=2)
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")


def test_a_changed_object_is_read_again_and_no_other(bucket: str, tmp_path: Path) -> None:
    remote = recipe(tmp_path / "recipe", f"{bucket}/raw")
    build_run(remote, tmp_path / "run")
    before = {entry.name: entry.fingerprint for entry in found("gsm8k", f"{bucket}/raw/sums")}
    store = remote_stores.open_store("s3")
    store.pipe("texts/raw/sums/one.jsonl", PROBLEMS.replace("What", "Now").encode())
    store.invalidate_cache()
    after = {entry.name: entry.fingerprint for entry in found("gsm8k", f"{bucket}/raw/sums")}
    assert [name for name in before if before[name] != after[name]] == ["sums/one.jsonl"]
    again = {stage.stage: stage for stage in build_run(remote, tmp_path / "run").stages}
    assert again["ingest"].num_run == 1


def test_a_glob_and_one_object_are_inputs_too(bucket: str) -> None:
    (one,) = found("gsm8k", f"{bucket}/raw/sums/one.jsonl")
    assert one.num_bytes == len(PROBLEMS)
    every = found("gsm8k", f"{bucket}/raw/sums/**/*.jsonl")
    assert [entry.name for entry in every] == ["one.jsonl", "two.jsonl"]
    assert one in every
    (terms,) = found("oeis", f"{bucket}/raw/oeis")
    assert [file.relative for file in terms.remote] == ["stripped", "names"]
    (tool,) = found("code", f"{bucket}/raw/code/tool")
    assert (tool.name, len(tool.remote)) == ("tool", 3)


@pytest.mark.parametrize("path", ["none", "raw/none/*.gz", "raw/sums/three.jsonl"])
def test_what_is_not_in_the_bucket_is_nothing_there(bucket: str, path: str) -> None:
    with pytest.raises(NothingThereError, match="no file or folder matches s3://texts/"):
        found("gsm8k", f"{bucket}/{path}")


def test_a_bucket_that_is_not_there_is_named(bucket: str) -> None:
    with pytest.raises(RecipeError, match=r"s3://no-such-bucket/x"):
        found("gsm8k", "s3://no-such-bucket/x")


def test_a_store_that_cannot_be_reached_says_what_to_set(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    remote_stores._opened.cache_clear()
    type(remote_stores.open_store("s3")).clear_instance_cache()
    remote_stores._opened.cache_clear()
    monkeypatch.setattr(remote_stores, "_given_up", {})
    with pytest.raises(RecipeError) as caught:
        found("gsm8k", f"{bucket}/raw")
    assert str(caught.value).startswith("source x: s3://texts/raw: cannot be read")
    assert "AWS_ACCESS_KEY_ID" in str(caught.value)
    assert "of-the-test" not in str(caught.value)


def test_a_store_that_its_library_waited_for_is_asked_once(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def unanswered(path: str) -> None:
        asked.append(path)
        raise TimeoutError("no answer")

    monkeypatch.setattr(memory, "info", unanswered)
    paths = ["memory://texts/a", "memory://texts/b", "memory://other/c"]
    with pytest.raises(RecipeError) as caught:
        found("jsonl", *paths)  # told so at once, a store may be asked again
    assert len(asked) == 3
    assert "TimeoutError" in str(caught.value)
    asked.clear()
    monkeypatch.setattr(remote_stores, "PATIENCE_SECONDS", -1.0)
    with pytest.raises(RecipeError) as caught:
        found("jsonl", *paths)
    assert len(asked) == 2
    first, second, third = str(caught.value).splitlines()
    assert first.startswith("source x: memory://texts/a: cannot be read: TimeoutError: no answer")
    assert second == (
        "source x: memory://texts/b: not asked for, as memory://texts/a could not be read"
    )
    assert third.startswith("source x: memory://other/c: cannot be read")
    monkeypatch.setattr(remote_stores, "_REMEMBERED_SECONDS", -1.0)
    with pytest.raises(RecipeError):
        found("jsonl", *paths)
    assert len(asked) == 5


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STORES, "gs", Store("no_such_module", "FileSystem", "nothing"))
    remote_stores._opened.cache_clear()
    with pytest.raises(RecipeError, match=r"gs:// needs the package .*galactica\[remote\]"):
        found("gsm8k", "gs://bucket/x")


def remote_file(store: Any, path: str) -> RemoteFile:
    root = remote_stores.find_roots(f"memory://{path}")[0]
    return root.files[0]


def test_a_half_fetched_file_goes_on_where_it_ended(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = bytes(range(256)) * 40
    memory.pipe("/bucket/x.bin", content)
    monkeypatch.setattr("pipelines.remote_inputs._BLOCK_BYTES", 1000)
    file = remote_file(memory, "bucket/x.bin")
    asked: list[int] = []
    plain = memory.cat_file

    def breaks(path: str, start: int, end: int) -> bytes:
        asked.append(start)
        if len(asked) == 4:
            raise ConnectionResetError("gone")
        return bytes(plain(path, start=start, end=end))

    monkeypatch.setattr(memory, "cat_file", breaks)
    with pytest.raises(OSError, match=r"memory://.*ConnectionResetError: gone"):
        fetch(file, tmp_path / "x.bin")
    assert not (tmp_path / "x.bin").exists()
    fetch(file, tmp_path / "x.bin")
    assert asked[3:5] == [3000, 3000]
    assert (tmp_path / "x.bin").read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["x.bin"]


def test_a_file_that_changes_while_it_is_fetched_is_refused(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/bucket/x.bin", b"first")
    file = remote_file(memory, "bucket/x.bin")
    memory.pipe("/bucket/x.bin", b"other")
    with pytest.raises(OSError, match="changed while it was read"):
        fetch(file, tmp_path / "x.bin")
    memory.pipe("/bucket/x.bin", b"shorter")
    with pytest.raises(OSError, match="changed while it was read"):
        fetch(file, tmp_path / "x.bin")
    assert not list(tmp_path.iterdir())


def test_a_lost_store_stops_the_build_and_the_next_goes_on(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, content in FILES.items():
        memory.pipe(f"/texts/{key}", content.encode())
    folder = recipe(tmp_path / "recipe", "memory://texts/raw")
    with monkeypatch.context() as patched:
        patched.setattr(memory, "cat_file", lambda *_, **__: 1 / 0)
        with pytest.raises((BuildError, RecipeError), match=r"memory://.*ZeroDivisionError"):
            build_run(folder, tmp_path / "run")
    build_run(folder, tmp_path / "run")
    local_copy(tmp_path)
    build_run(recipe(tmp_path / "b", "../raw"), tmp_path / "local")
    assert outputs(tmp_path / "run") == outputs(tmp_path / "local")


@pytest.mark.parametrize("name", ["../up", "a/../../b", "a//b", "a/./b"])
def test_a_name_that_leads_out_of_its_folder_is_refused(name: str) -> None:
    with pytest.raises(OSError, match="cannot be that of a file"):
        remote_stores._file("s3", f"bucket/{name}", name, {"size": 1})


def test_the_checksum_is_the_surest_that_a_store_has() -> None:
    info = {"size": 3, "ETag": '"abc"', "LastModified": "now", "blob_id": "tree"}
    assert remote_stores._file("s3", "b/x", "x", info).checksum == "blob_id:tree"
    large = info | {"lfs": {"sha256": "content", "size": 3}}
    assert remote_stores._file("hf", "b/x", "x", large).checksum == "sha256:content"
    assert remote_stores._file("gs", "b/x", "x", {"size": 3}).checksum == ""


@pytest.mark.parametrize("protocol", STORES)
def test_every_store_is_a_class_of_fsspec_for_its_protocol(protocol: str) -> None:
    store = STORES[protocol]
    found = getattr(importlib.import_module(store.module), store.class_name)
    assert issubclass(found, fsspec.AbstractFileSystem)
    assert protocol in ([found.protocol] if isinstance(found.protocol, str) else found.protocol)
    assert found._strip_protocol(f"{protocol}://datasets/a/b.txt") == "datasets/a/b.txt"
