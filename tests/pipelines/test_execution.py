"""Tasks: run once, again only when their fingerprint changes, and never with records missing."""

import os
from pathlib import Path

import pytest

from pipelines.execution import BuildError, Outcome, Progress, Task, run_stage
from pipelines.process_pool import ProcessPool
from tokenization.manifests import atomic_file, atomic_folder, read_manifest, write_atomically


def double(argument: tuple[Path, int]) -> Outcome:
    path, value = argument
    write_atomically(path, str(2 * value))
    return Outcome([path], read=2, wrote=1, dropped={"odd": 1})


def lose_a_record(argument: tuple[Path, int]) -> Outcome:
    return Outcome([], read=2, wrote=1)


def die(argument: tuple[Path, int]) -> Outcome:
    os._exit(9)


def fail_to_write(argument: tuple[Path, int]) -> Outcome:
    raise PermissionError(13, "Permission denied", str(argument[0]))


def _task(folder: Path, value: int, function: object = double, fingerprint: str = "1") -> Task:
    return Task(
        stage="double",
        name=str(value),
        manifest=folder / f"{value}.manifest.json",
        fingerprint=fingerprint,
        function=function,  # type: ignore[arg-type]  # parametrized above
        argument=(folder / f"{value}.txt", value),
    )


def _run(tasks: list[Task], workers: int = 1) -> tuple[int, str]:
    with ProcessPool(workers) as executor:
        result = run_stage("double", tasks, executor=executor, progress=Progress())
    return result.num_run, result.account()


def test_only_what_is_not_current_runs(tmp_path: Path) -> None:
    tasks = [_task(tmp_path, value) for value in range(3)]
    account = "read 6 = wrote 3 + dropped 3 (odd: 3)"
    assert _run(tasks) == (3, account)
    assert _run(tasks) == (0, account)
    (tmp_path / "1.txt").unlink()
    assert _run(tasks) == (1, account)
    assert _run([_task(tmp_path, 2, fingerprint="2")])[0] == 1
    assert (tmp_path / "1.txt").read_text() == "2"


def test_a_pool_writes_what_one_process_writes(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, workers in zip(folders, (1, 2), strict=True):
        assert _run([_task(folder, value) for value in range(4)], workers)[0] == 4
    one, two = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in folders)
    assert one == two


def test_lost_records_fail_the_stage_and_commit_nothing(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="not conserved: read 2, wrote 1"):
        _run([_task(tmp_path, 1, lose_a_record)])
    assert not (tmp_path / "1.manifest.json").exists()


def test_a_dead_worker_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="worker process died"):
        _run([_task(tmp_path, 1, die), _task(tmp_path, 2, die)], workers=2)


def test_a_failed_write_names_the_task(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"double: 1: .*Permission denied"):
        _run([_task(tmp_path, 1, fail_to_write)])


def test_the_manifest_says_what_was_made(tmp_path: Path) -> None:
    _run([_task(tmp_path, 4)])
    manifest = read_manifest(tmp_path / "4.manifest.json")
    assert manifest.outputs["4.txt"][0] == 1
    assert (manifest.read, manifest.wrote, manifest.dropped) == (2, 1, {"odd": 1})


def test_half_written_files_are_never_seen(tmp_path: Path) -> None:
    def half_a_file() -> None:
        with atomic_file(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise RuntimeError

    def half_a_folder() -> None:
        with atomic_folder(tmp_path / "b") as temporary:
            (temporary / "c").write_text("half")
            raise RuntimeError

    for interrupted in (half_a_file, half_a_folder):
        with pytest.raises(RuntimeError):
            interrupted()
    assert list(tmp_path.iterdir()) == []
