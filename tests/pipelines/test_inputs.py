"""Inputs: the same names and fingerprints wherever they lie; nothing unexpected is opened."""

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from corpora.catalogue import load_format
from corpora.documents import ReadOptions
from corpora.settings import SourceSettings
from pipelines.inputs import FingerprintCache, Input, NothingThereError, find_inputs, located
from pipelines.recipe import RecipeError


def source(*paths: str, format: str = "gsm8k") -> SourceSettings:
    return SourceSettings(name="sums", format=format, category="reasoning", paths=paths)


def find(settings: SourceSettings, folder: Path, cache: Path | None = None) -> list[Input]:
    kept = FingerprintCache(cache or folder / "none.json")
    return find_inputs(settings, load_format(settings.format), ReadOptions(), folder, kept)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "a").mkdir(parents=True)
    (folder / "b").mkdir()
    (folder / "a" / "x.jsonl").write_text('{"question": "1+1?", "answer": "2"}\n')
    (folder / "b" / "x.jsonl").write_text('{"question": "1+2?", "answer": "3"}\n')
    return folder


def test_names_and_fingerprints_do_not_depend_on_where_a_source_lies(
    raw: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere" / "raw"
    moved.parent.mkdir()
    shutil.copytree(raw, moved)

    def facts(folder: Path) -> list[tuple[str, int, str]]:
        return [(i.name, i.num_bytes, i.fingerprint) for i in find(source("raw"), folder)]

    assert facts(raw.parent) == facts(moved.parent)
    assert [name for name, _, _ in facts(raw.parent)] == ["raw/a/x.jsonl", "raw/b/x.jsonl"]


def test_files_of_one_name_stay_apart_and_a_file_named_twice_is_one(raw: Path) -> None:
    both = find(source("*/x.jsonl"), raw)
    assert [entry.name.partition("#")[0] for entry in both] == ["x.jsonl", "x.jsonl"]
    assert len({entry.name for entry in both}) == 2
    assert both == find(source("b/x.jsonl", "a/x.jsonl", "b/*.jsonl"), raw)
    shutil.copy(raw / "a" / "x.jsonl", raw / "b" / "x.jsonl")
    first, second = find(source("*/x.jsonl"), raw)
    assert second.name == f"{first.name}#2"


def test_signs_of_globs_in_the_names_of_files_and_folders_are_no_globs(tmp_path: Path) -> None:
    folder = tmp_path / "corpus [new]"
    (folder / "raw[1]").mkdir(parents=True)
    for name in ("a.jsonl", "b[2].jsonl", "b2.jsonl"):
        (folder / "raw[1]" / name).write_text(f'{{"question": "{name}", "answer": "2"}}\n')

    def names(*paths: str) -> list[str]:
        return [entry.name for entry in find(source(*located(paths, "raw[1]")), folder)]

    assert names("a.jsonl") == ["a.jsonl"]
    assert names("b[2].jsonl") == ["b[2].jsonl"]
    assert names("b[0-9].jsonl") == ["b2.jsonl"]
    assert names("*.jsonl") == ["a.jsonl", "b2.jsonl", "b[2].jsonl"]
    with pytest.raises(RecipeError, match=r"matches .*/corpus \[new\]/raw\[1\]/c\.jsonl"):
        names("c.jsonl")


def test_what_is_hidden_in_a_folder_is_no_input_unless_it_is_named(raw: Path) -> None:
    hidden = raw / ".ipynb_checkpoints"
    hidden.mkdir()
    for path in (hidden / "x.jsonl", raw / "a" / ".x.jsonl"):
        shutil.copy(raw / "a" / "x.jsonl", path)
    shown = ["raw/a/x.jsonl", "raw/b/x.jsonl"]
    assert [entry.name for entry in find(source("raw"), raw.parent)] == shown
    assert len(find(source("raw/**/*.jsonl"), raw.parent)) == len(shown)
    named = find(source("raw/.ipynb_checkpoints", "raw/a/.x.jsonl"), raw.parent)
    assert [entry.name for entry in named] == [".ipynb_checkpoints/x.jsonl", ".x.jsonl"]


def test_capitals_in_a_suffix_do_not_matter(raw: Path) -> None:
    (raw / "a" / "x.jsonl").rename(raw / "a" / "X.JSONL")
    names = [entry.name for entry in find(source("raw"), raw.parent)]
    assert names == ["raw/a/X.JSONL", "raw/b/x.jsonl"]


def test_all_faults_of_a_source_are_told_at_once(raw: Path) -> None:
    with pytest.raises(RecipeError) as caught:
        find(source("a", "none", "none-*.gz", "github://a/b", "s3://a::gs://b"), raw)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert all(line.startswith("source sums: ") for line in lines)
    assert "no file or folder matches" in lines[0]
    assert "only local paths and s3://, gs://, hf:// are read" in lines[2]
    assert not isinstance(caught.value, NothingThereError)
    with pytest.raises(NothingThereError):
        find(source("none"), raw)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost/x.jsonl", "only local paths and"),
        ("file:///etc/passwd", "only local paths and"),
        ("memory://x", "only local paths and"),
        ("simplecache::s3://a/b", "only local paths and"),
        ("s3://a/zip://b::c", "only local paths and"),
        ("s3://", "the bucket is missing"),
        ("s3://key:secret@bucket/x", "no credentials in a recipe"),
        ("a\0b", "is no path"),
    ],
)
def test_nothing_unexpected_is_opened(raw: Path, url: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        find(source(url), raw)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_unchanged_input_is_not_read_again(raw: Path, tmp_path: Path) -> None:
    file = raw / "a" / "x.jsonl"
    cache = FingerprintCache(tmp_path / "logs" / "cache.json")
    whole, single = cache.fingerprint(raw), cache.fingerprint(file)
    cache.save()
    status = file.stat()
    file.write_text(file.read_text().replace("2", "7"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    again = FingerprintCache(tmp_path / "logs" / "cache.json", reads=False)
    assert (again.fingerprint(raw), again.fingerprint(file)) == (whole, single)
    os.utime(file, ns=(0, 0))
    assert again.fingerprint(raw) == again.fingerprint(file) == FingerprintCache.UNREAD
    fresh = FingerprintCache(tmp_path / "logs" / "cache.json")
    assert fresh.fingerprint(raw) != whole
    assert fresh.fingerprint(file) != single


@pytest.mark.parametrize("content", ["", "[]", '{"x": 1}', "\x00"])
def test_a_damaged_cache_costs_a_reading_only(raw: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "cache.json"
    path.write_text(content.replace("x", str(raw / "a" / "x.jsonl")))
    assert FingerprintCache(path).fingerprint(raw / "a") == FingerprintCache(
        tmp_path / "none"
    ).fingerprint(raw / "a")


def test_a_pipe_is_not_opened(raw: Path) -> None:
    os.mkfifo(raw / "a" / "pipe.jsonl")
    (entry,) = find(source("a/pipe.jsonl"), raw)
    assert entry.num_bytes == 0


def test_paths_lie_below_the_data_folder_unless_they_say_where() -> None:
    paths = ["arxiv", "/raw/pmc", "~/x", "package:chemicals", "s3://other/x"]
    assert located(paths, ".") == paths
    assert located(paths, "../data")[0] == "../data/arxiv"
    assert located(paths, "/data/")[1:] == paths[1:]
    assert located(paths, "s3://bucket/raw")[0] == "s3://bucket/raw/arxiv"


def test_json_of_the_cache_holds_no_content(raw: Path, tmp_path: Path) -> None:
    cache = FingerprintCache(tmp_path / "cache.json")
    cache.fingerprint(raw / "a" / "x.jsonl")
    cache.save()
    kept: dict[str, Any] = json.loads((tmp_path / "cache.json").read_text())
    ((path, state),) = kept.items()
    assert path == str(raw / "a" / "x.jsonl")
    assert len(state) == 3


def test_a_folder_that_cannot_be_listed_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("x/open/a.jsonl", "x/closed/b.jsonl", "x/.closed/c.jsonl", "x/lost+found/d.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    usual = os.scandir

    def listed(path: Any) -> Any:
        if Path(path).name in closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return usual(path)

    monkeypatch.setattr(os, "scandir", listed)
    closed = {".closed", "lost+found"}
    assert [entry.name for entry in find(source("x"), tmp_path)] == [
        "x/closed/b.jsonl",
        "x/open/a.jsonl",
    ]
    closed.add("closed")
    for path in ("x", "x/*"):
        with pytest.raises(RecipeError, match=r"cannot list .*closed: Permission denied") as caught:
            find(source(path), tmp_path)
        assert not isinstance(caught.value, NothingThereError)


FILES_BESIDE = [
    ("oeis", "stripped", "names"),
    ("oeis", "stripped.gz", "keywords.gz"),
    ("reactome", "ReactomePathways.txt", "pathway2summation.txt"),
    ("s2orc", "pdf_parses/pdf_parses_0.jsonl", "metadata/metadata_0.jsonl"),
    ("pubchem", "CID-SMILES", "CID-Title.gz"),
    ("prompts", "ori_pqal.json", "test_ground_truth.json"),
    ("moleculenet", "gdb9.sdf.csv", "gdb9.sdf"),
    ("chemicals", "Identifiers/Anion db.tsv", "Misc/Physical Constants of Organic Compounds.csv"),
]


@pytest.mark.parametrize(("format", "file", "beside"), FILES_BESIDE)
def test_a_change_of_a_file_that_an_input_is_read_with_is_one_of_the_input(
    tmp_path: Path, format: str, file: str, beside: str
) -> None:
    for name in (file, beside):
        (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "x" / name).write_text("one")

    def mark() -> str:
        inputs = {entry.name: entry for entry in find(source("x", format=format), tmp_path)}
        return inputs[f"x/{file}"].fingerprint

    before = mark()
    (tmp_path / "x" / beside).write_text("another")
    assert mark() != before


def test_the_home_of_nobody_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="~nobody-of-this-name/raw: no user of this name"):
        find(source("~nobody-of-this-name/raw"), tmp_path)
