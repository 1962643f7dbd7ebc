"""Tasks: pure, seeded functions from inputs to committed outputs, run by an executor.

A task is current when its manifest carries its fingerprint; only the others run. What a task's
function returns is checked for conservation before the manifest commits it. Who calls the
functions is an `Executor`: `pipelines.process_pool` on one machine, `pipelines.ray_executor` on a
cluster. Neither can change a byte of what is written.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tokenization.manifests import (
    Manifest,
    fingerprint_file,
    is_current,
    read_manifest,
    write_atomically,
)

Argument = TypeVar("Argument")
Result = TypeVar("Result")


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
    """One call of `function(argument)`, committed by the manifest it is described in.

    `code` names the code that `made_by` has the versions of, so that another machine can tell
    whether it runs the same.
    """

    stage: str
    name: str
    manifest: Path
    fingerprint: str
    function: Callable[[Any], Outcome]
    argument: Any
    made_by: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    weight: int = 1

    def __str__(self) -> str:
        return f"{self.stage}: {self.name}"


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

    def stage_started(self, stage: str, total: int, *, done: int = 0) -> None:
        """A stage of `total` units of work begins, `done` of which need not be done again."""

    def advanced(self, amount: int, *, records: int = 0) -> None:
        """`amount` more units are done, in which `records` were read."""

    def stage_ended(self, stage: str, account: str) -> None:
        """The stage is over; `account` is its line of counts."""


class Executor(Protocol):
    """Who runs the tasks of a build, and the checks of `galactica verify`."""

    def run(
        self, function: Callable[[Argument], Result], arguments: Sequence[Argument]
    ) -> Iterator[tuple[Argument, Result]]:
        """Call `function` with each argument, begun in this order; give results as they come.

        `function` stands at the top of a module. Where a call fails no more are begun, those that
        run end, and the first failure is raised. Raises BuildError, naming the arguments, where a
        process died that ran them.
        """
        ...


def run_stage(
    stage: str, tasks: Sequence[Task], *, executor: Executor, progress: Progress
) -> StageResult:
    """Run the tasks whose outputs are not current, the heaviest first; tell nothing of none.

    Raises BuildError where a task fails; what other tasks committed stays, and the next run goes
    on.
    """
    if not tasks:
        return StageResult(stage, (), 0)
    pending = [task for task in tasks if not is_current(task.manifest, task.fingerprint)]
    # A heavy task that begins last would keep all workers but one waiting for it.
    pending.sort(key=lambda task: task.weight, reverse=True)
    total = sum(task.weight for task in tasks)
    progress.stage_started(stage, total, done=total - sum(task.weight for task in pending))
    for task, records in executor.run(run_task, pending):
        progress.advanced(task.weight, records=records)
    result = StageResult(stage, tuple(read_manifest(t.manifest) for t in tasks), len(pending))
    progress.stage_ended(stage, result.account())
    return result


def run_task(task: Task) -> int:
    """Run one task in this process, commit what it made by its manifest, and count what it read.

    Raises BuildError, naming the task, where its records are not conserved, a file cannot be read
    or written, or its function fails in any other way.
    """
    # The manifest goes first: data must never stand beside a manifest that does not describe it.
    try:
        task.manifest.unlink(missing_ok=True)
        return _commit(task, task.function(task.argument))
    except BuildError:
        raise
    except (OSError, MemoryError) as error:
        raise BuildError(f"{task}: {str(error) or 'out of memory'}") from error
    except Exception as error:
        raise BuildError(f"{task}: {type(error).__name__}: {error}") from error


def _commit(task: Task, outcome: Outcome) -> int:
    if outcome.read != outcome.wrote + sum(outcome.dropped.values()):
        raise BuildError(
            f"{task}: records are not conserved: read {outcome.read}, wrote {outcome.wrote}, "
            f"dropped {dict(outcome.dropped)}"
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
    return outcome.read
