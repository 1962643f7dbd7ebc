"""Two logs of a run: facts that are the same every time, and speeds that are not.

`logs/metrics.jsonl` holds no clock: a run that was killed and resumed leaves the same bytes as one
that was not. `logs/speed.jsonl` holds what a clock measured. Rank 0 writes both.
"""

import json
import os
from pathlib import Path
from typing import IO, Any, Self

from galactica.progress import TrainingProgress
from tokenization.manifests import write_atomically

METRICS_PATH = Path("logs", "metrics.jsonl")
SPEED_PATH = Path("logs", "speed.jsonl")


class RunLogs:
    """The open logs of a run; as a context manager it closes them."""

    def __init__(self, run_dir: Path, resumed_step: int | None, *, writes: bool) -> None:
        """Open the logs; with `resumed_step`, metrics of later steps are dropped first.

        None starts a new run: the logs of an earlier one, if any, go. A process that is not to
        write (every rank but 0) touches nothing.
        """
        self._files: tuple[IO[str], IO[str]] | None = None
        if writes:
            metrics, speed = run_dir / METRICS_PATH, run_dir / SPEED_PATH
            kept = "" if resumed_step is None else _lines_through(metrics, resumed_step)
            write_atomically(metrics, kept)
            if resumed_step is None:
                speed.unlink(missing_ok=True)
            self._files = metrics.open("a", encoding="utf-8"), speed.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files or ():
            file.close()

    def write(self, done: TrainingProgress) -> None:
        """Write the lines of one step."""
        if self._files is None:
            return
        metrics, speed = self._files
        for line in done.metrics():
            _write_line(metrics, line)
        if done.tokens_per_second is not None:
            _write_line(
                speed, {"step": done.step, "tokens_per_second": round(done.tokens_per_second)}
            )

    def sync(self) -> None:
        """Put the metrics on the disk: before a checkpoint, which will vouch for them."""
        if self._files is not None:
            os.fsync(self._files[0].fileno())


def _write_line(file: IO[str], facts: dict[str, Any]) -> None:
    file.write(json.dumps(facts, ensure_ascii=False) + "\n")
    file.flush()


def _lines_through(path: Path, step: int) -> str:
    """The lines of steps up to `step`; a line cut short by a kill is of a later one."""
    kept = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if not line.endswith("\n") or json.loads(line)["step"] > step:
                break
            kept.append(line)
    return "".join(kept)
