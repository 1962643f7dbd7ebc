"""Tasks and the local process pool: pure, seeded functions from inputs to committed outputs.

A task is current when its manifest carries its fingerprint; only the others run. What a task's
function returns is checked for conservation before the manifest commits it.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tokenization.manifests import (
    Manifest,
    fingerprint_file,
    is_current,
    read_manifest,
    write_atomically,
)


class BuildError(RuntimeError):
    """A build that cannot go on: the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a task's function made: `outputs` by their paths, and the account of its records."""

    outputs: Sequence[Path]
    read: int
    wrote: int
    dropped: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One call of `function(argument)`, committed by the manifest it is described in."""

    stage: str
    name: str
    manifest: Path
    fingerprint: str
    function: Callable[[Any], Outcome]
    argument: Any
    made_by: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    weight: int = 1


@dataclass(frozen=True, slots=True)
class StageResult:
    """The manifests of a stage in task order, and how many of its tasks had to run."""

    stage: str
    manifests: tuple[Manifest, ...]
    num_run: int

    @property
    def read(self) -> int:
        """Records that the stage read."""
        return sum(manifest.read for manifest in self.manifests)

    @property
    def wrote(self) -> int:
        """Records that the stage wrote."""
        return sum(manifest.wrote for manifest in self.manifests)

    @property
    def dropped(self) -> Counter[str]:
        """Records that the stage dropped, by reason."""
        total: Counter[str] = Counter()
        for manifest in self.manifests:
            total.update(manifest.dropped)
        return total

    def account(self) -> str:
        """The line a stage ends with: `read N = wrote M + dropped K (reason: count, ...)`.

        >>> StageResult("ingest", (Manifest("ingest", "", read=3, wrote=2,
        ...     dropped={"no licence": 1}),), 1).account()
        'read 3 = wrote 2 + dropped 1 (no licence: 1)'
        """
        line = f"read {self.read:,} = wrote {self.wrote:,} + dropped {self.dropped.total():,}"
        if self.dropped:
            reasons = (f"{reason}: {count:,}" for reason, count in sorted(self.dropped.items()))
            line += f" ({', '.join(reasons)})"
        return line


class Progress:
    """What a stage tells while it runs; this one is silent, `pipelines.progress` has the bars."""

    def stage_started(self, stage: str, total: int) -> None:
        """A stage of `total` units of work begins."""

    def advanced(self, amount: int) -> None:
        """`amount` more units are done."""

    def stage_ended(self, stage: str, account: str) -> None:
        """The stage is over; `account` is its line of counts."""


def run_stage(
    stage: str,
    tasks: Sequence[Task],
    *,
    workers: int,
    progress: Progress,
    stale: Iterable[Path] = (),
) -> StageResult:
    """Run the tasks whose outputs are not current, on `workers` processes.

    `stale` are files of earlier builds that no task of this one makes: they are removed. Raises
    BuildError where a task fails; what other tasks committed stays, and the next run goes on.
    """
    for path in stale:
        path.unlink(missing_ok=True)
    pending = [task for task in tasks if not is_current(task.manifest, task.fingerprint)]
    progress.stage_started(stage, sum(task.weight for task in tasks))
    progress.advanced(sum(task.weight for task in tasks) - sum(task.weight for task in pending))
    if workers == 1 or len(pending) == 1:
        for task in pending:
            run_task(task)
            progress.advanced(task.weight)
    elif pending:
        _run_in_pool(pending, min(workers, len(pending)), progress)
    result = StageResult(stage, tuple(read_manifest(t.manifest) for t in tasks), len(pending))
    progress.stage_ended(stage, result.account())
    return result


def _run_in_pool(tasks: Sequence[Task], workers: int, progress: Progress) -> None:
    # Spawned, not forked: progress bars and Arrow keep threads, and a fork would copy their locks.
    context = get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_end_with_parent, initargs=(os.getpid(),)
    ) as pool:
        waiting: dict[Future[None], Task] = {pool.submit(run_task, task): task for task in tasks}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    task = waiting.pop(future)
                    future.result()
                    progress.advanced(task.weight)
        except BrokenProcessPool as error:
            raise BuildError(
                f"a worker process died while running stage {tasks[0].stage} (out of memory?); "
                "what was finished is kept: run the same command again, with fewer --workers"
            ) from error
        finally:
            for future in waiting:
                future.cancel()


def _end_with_parent(parent: int) -> None:
    """Make this worker exit when the build that started it was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_task(task: Task) -> None:
    """Run one task in this process and commit what it made by its manifest.

    Raises BuildError where its records are not conserved or a file cannot be read or written.
    """
    # The manifest goes first: data must never stand beside a manifest that does not describe it.
    task.manifest.unlink(missing_ok=True)
    try:
        outcome = task.function(task.argument)
    except OSError as error:
        raise BuildError(f"{task.stage}: {task.name}: {error}") from error
    if outcome.read != outcome.wrote + sum(outcome.dropped.values()):
        raise BuildError(
            f"{task.stage}: {task.name}: records are not conserved: read {outcome.read}, wrote "
            f"{outcome.wrote}, dropped {dict(outcome.dropped)}"
        )
    folder = task.manifest.parent
    outputs = {
        os.path.relpath(path, folder): (path.stat().st_size, fingerprint_file(path))
        for path in outcome.outputs
    }
    manifest = Manifest(
        stage=task.stage,
        fingerprint=task.fingerprint,
        made_by=task.made_by,
        inputs=task.inputs,
        outputs=outputs,
        read=outcome.read,
        wrote=outcome.wrote,
        dropped=dict(sorted(outcome.dropped.items())),
        facts=outcome.facts,
    )
    write_atomically(task.manifest, manifest.to_json())
