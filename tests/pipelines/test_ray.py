"""The same build on Ray: the same bytes, whatever dies in between."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.pipelines.whole_builds import contents, run_build, start_build, write_recipe

pytest.importorskip("ray")
pytestmark = [pytest.mark.ray, pytest.mark.timeout(600)]

#: What the clusters of these tests ask for.
_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(16)}
RAY = Path(sys.executable).with_name("ray")
_POISONED = """
import os, signal, sys
from pathlib import Path
from pipelines.execution import BuildError
from pipelines.ray_executor import RayExecutor
from pipelines.run_directory import RunDirectory

folder = Path(sys.argv[1])
def poisoned(name):
    with (folder / "tries").open("a") as file:
        file.write(name + "\\n")
    os.kill(os.getpid(), signal.SIGKILL)

run = RunDirectory(folder)
run.logs.mkdir()
try:
    with RayExecutor(run, workers=1) as executor:
        list(executor.run(poisoned, ["part-7"]))
except BuildError as error:
    print(error)
"""


@pytest.fixture(scope="module", autouse=True)
def _token() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _TOKEN.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recipe(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def local(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of the local executor."""
    run = tmp_path_factory.mktemp("local")
    run_build(recipe, run, "--workers", "2")
    return run


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """A cluster of two workers that is there already: its address and its first process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Sockets of Ray lie in its folder, and their paths may have 107 characters.
    process = subprocess.Popen(
        [
            *(str(RAY), "start", "--head", "--block", "--num-cpus", "2", "--port", str(port)),
            *("--node-ip-address", "127.0.0.1", "--include-dashboard", "false"),
            "--disable-usage-stats",
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started = psutil.Process(process.pid)
    try:
        wait_for(port, process)
        yield f"127.0.0.1:{port}", started
    finally:
        family = started.children(recursive=True)
        process.terminate()
        process.wait(60)
        _, alive = psutil.wait_procs(family, timeout=20)
        for child in alive:
            child.kill()


def wait_for(port: int, cluster: subprocess.Popen[bytes]) -> None:
    """Until the cluster answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and cluster.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"no cluster answers at port {port}; its process: {cluster.poll()}")


def busy_workers(family: psutil.Process) -> list[psutil.Process]:
    """The worker processes that run a task now: Ray names them after its function."""
    found = []
    for process in family.children(recursive=True):
        try:
            command = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if command.startswith("ray::call_on_worker"):
            found.append(process)
    return found


def kill_one(family: psutil.Process, build: subprocess.Popen[str], run: Path) -> psutil.Process:
    """Kill a worker in the middle of a task, once something has been ingested."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and build.poll() is None:
        if any(run.glob("stages/ingest/*/*.manifest.json")):
            for worker in busy_workers(family):
                worker.kill()
                return worker
        time.sleep(0.005)
    raise AssertionError(f"no worker was seen at work: {build.communicate()[0]}")


def test_a_worker_killed_in_mid_build_changes_no_byte(
    recipe: Path, local: Path, cluster: tuple[str, psutil.Process], tmp_path: Path
) -> None:
    address, family = cluster
    run = tmp_path / "run"
    build = start_build(recipe, run, "--executor", "ray", "--ray-address", address)
    killed = [kill_one(family, build, run) for _ in range(3)]
    output, _ = build.communicate(timeout=300)
    assert build.returncode == 0, output
    assert not any(worker.is_running() for worker in killed)
    assert contents(run) == contents(local)
    assert "Nothing to do" in run_build(recipe, run, "--executor", "ray", "--ray-address", address)


def test_a_cluster_started_here_gives_the_same_bytes_and_ends(
    recipe: Path, local: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    build = start_build(recipe, run, "--executor", "ray", "--workers", "2")
    worker = kill_one(psutil.Process(build.pid), build, run)
    family = psutil.Process(build.pid).children(recursive=True)
    output, _ = build.communicate(timeout=300)
    assert build.returncode == 0, output
    assert not worker.is_running()
    assert contents(run) == contents(local)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


def test_a_failing_task_is_one_message(recipe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "stages" / "ingest" / "latex" / "part-00000.parquet" / "in the way").mkdir(parents=True)
    build = start_build(recipe, run, "--executor", "ray", "--workers", "1")
    output, _ = build.communicate(timeout=300)
    assert build.returncode == 1
    assert output.splitlines()[-1].startswith("error: ingest: stages/ingest/latex/part-00000: ")
    assert "Traceback" not in output


def test_a_task_that_ends_every_worker_is_named_and_not_tried_for_ever(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _POISONED, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    tries = len((tmp_path / "tries").read_text().splitlines())
    assert done.returncode == 0, done.stderr
    assert f"part-7: its worker died {tries} times (out of memory?)" in done.stdout


def test_ctrl_c_ends_the_cluster_that_was_started_here(recipe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"

    def with_ctrl_c() -> None:  # the tests themselves may run in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)

    options = ("--executor", "ray", "--workers", "1")
    build = start_build(recipe, run, *options, preexec_fn=with_ctrl_c)
    this = psutil.Process(build.pid)
    for _ in range(1200):
        if list(run.glob("stages/ingest/*/*.parquet")):
            break
        time.sleep(0.1)
    family = this.children(recursive=True)
    build.send_signal(signal.SIGINT)
    output, _ = build.communicate(timeout=300)
    assert build.returncode == 128 + signal.SIGINT, output
    assert "Traceback" not in output
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive


def test_an_address_without_a_cluster_is_named(recipe: Path, tmp_path: Path) -> None:
    build = start_build(
        recipe, tmp_path / "run", "--executor", "ray", "--ray-address", "127.0.0.1:9"
    )
    output, _ = build.communicate(timeout=300)
    assert build.returncode == 1
    assert "error: no Ray cluster at 127.0.0.1:9" in output


def test_a_machine_that_does_not_see_the_run_directory_is_named(tmp_path: Path) -> None:
    from pipelines.execution import BuildError
    from pipelines.ray_executor import Session, call_on_worker

    session = Session(tmp_path, tmp_path / "ray-session", "a token")
    with pytest.raises(BuildError, match="must be on storage that all machines share"):
        call_on_worker(session, str, 1)
    session.mark.write_text("a token")
    assert call_on_worker(session, str, 1) == "1"
