"""The executor of a cluster: the same tasks on Ray, which schedules and retries them.

What Ray gives is used as it is: a task that is lost with its worker or its machine is run again
there or elsewhere, and nothing else is. Tasks pass no data through Ray, only paths, so the run
directory and the raw files must lie on storage that every machine of the cluster sees at the same
paths, and every machine must have this version of the package. Both are looked at by each worker
before its first task.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from pipelines.code_versions import made_by
from pipelines.execution import Argument, BuildError, Result, Task
from pipelines.run_directory import RunDirectory
from tokenization.manifests import write_atomically

try:
    # Read when Ray is imported: a build tells nobody of itself.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray
except ImportError as error:
    raise BuildError(
        "--executor ray needs Ray, which is not installed: pip install 'galactica[ray]'"
    ) from error

#: How often Ray runs a task again whose worker died.
RETRIES: Final = 5
SECONDS_TO_ANSWER: Final = 20.0
#: Tasks that Ray knows of at once: enough for any cluster, few enough for a build of a million.
_KNOWN_TO_RAY: Final = 4096


class Session(NamedTuple):
    """What a worker compares with what it sees itself."""

    root: Path
    mark: Path
    token: str


class RayExecutor:
    """Runs functions on a Ray cluster: that of `address`, or one of `workers` started here.

    A context manager. Raises BuildError where no cluster answers at the address.
    """

    def __init__(
        self, run: RunDirectory, *, workers: int | None = None, address: str | None = None
    ) -> None:
        # Paths are sent to other processes, whose current folder is another one.
        assert run.root.is_absolute()
        self._session = Session(run.root, run.logs / "ray-session", secrets.token_hex(16))
        write_atomically(self._session.mark, self._session.token)
        local: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
        try:
            if address:
                _knock(address)
            ray.init(
                **({"address": address} if address else {"address": "local", **local}),
                namespace="galactica",
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
            )
        except (OSError, ValueError, RuntimeError) as error:
            place = f"at {address}" if address else "started here"
            raise BuildError(
                f"no Ray cluster {place}: {error} (to one with token authentication belong "
                "RAY_AUTH_MODE=token and RAY_AUTH_TOKEN in the environment)"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Ends the workers of this build, whatever they do; a cluster of others goes on.
        ray.shutdown()
        self._session.mark.unlink(missing_ok=True)

    def run(
        self, function: Callable[[Argument], Result], arguments: Sequence[Argument]
    ) -> Iterator[tuple[Argument, Result]]:
        """Call `function` with each argument; `pipelines.execution.Executor` says the rest."""
        remote = ray.remote(num_cpus=1, max_retries=RETRIES)(call_on_worker)
        waiting = iter(arguments)
        running: dict[Any, Argument] = {}
        failure: Exception | None = None
        while True:
            if failure is None:
                for argument in islice(waiting, _KNOWN_TO_RAY - len(running)):
                    running[remote.remote(self._session, function, argument)] = argument
            if not running:
                break
            (done,), _ = ray.wait(list(running), num_returns=1)
            argument = running.pop(done)
            try:
                result = ray.get(done)
            except ray.exceptions.RayTaskError as error:
                if failure is None:
                    failure = error.cause if isinstance(error.cause, BuildError) else error
                    for reference in running:
                        ray.cancel(reference)  # those that run already are not interrupted
            except ray.exceptions.TaskCancelledError:
                continue
            except ray.exceptions.RayError as error:
                raise BuildError(
                    f"{argument}: its worker died {RETRIES + 1} times (out of memory?), or Ray "
                    f"ended: {error}; what was finished is kept: run the same command again"
                ) from error
            else:
                yield argument, result
        if failure is not None:
            raise failure


def _knock(address: str) -> None:
    """Raise OSError where nobody answers at an address: Ray itself goes on trying for minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host, int(port)), SECONDS_TO_ANSWER).close()


def call_on_worker(
    session: Session, function: Callable[[Argument], Result], argument: Argument
) -> Result:
    """On a worker: what was asked for, where this machine can do it."""
    node = ray.util.get_node_ip_address()
    try:
        seen = session.mark.read_text()
    except OSError:
        seen = ""
    if seen != session.token:
        raise BuildError(
            f"machine {node} of the Ray cluster does not see the run directory {session.root}: it "
            "must be on storage that all machines share, at the same path"
        )
    if isinstance(argument, Task) and argument.code:
        ours, theirs = made_by(*argument.code), argument.made_by["versions"]
        differing = sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
        if differing:
            raise BuildError(
                f"machine {node} of the Ray cluster has other versions of {', '.join(differing)} "
                "than the one that builds: install the same on all machines"
            )
    return function(argument)
