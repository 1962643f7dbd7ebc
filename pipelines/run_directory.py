"""A run directory: where everything lies, what made it, and the lock that keeps builds apart."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelines.execution import BuildError
from tokenization.manifests import UNFINISHED_SUFFIX

#: Workers of a build that was killed hold its lock for the moment until they notice.
_SECONDS_FOR_ORPHANS = 2.0


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """The layout of a run."""

    root: Path

    @property
    def stages(self) -> Path:
        """What passes between stages; deleting it costs a rebuild and nothing else."""
        return self.root / "stages"

    @property
    def documents(self) -> Path:
        """Finished documents, Parquet."""
        return self.root / "documents"

    @property
    def quarantine(self) -> Path:
        """Records that could not be read, JSON lines."""
        return self.root / "quarantine"

    @property
    def tokenizer(self) -> Path:
        """The self-contained tokenizer."""
        return self.root / "tokenizer"

    @property
    def shards(self) -> Path:
        """Arrow shards, a folder a split."""
        return self.root / "shards"

    @property
    def checkpoints(self) -> Path:
        """Training checkpoints."""
        return self.root / "checkpoints"

    @property
    def model(self) -> Path:
        """The exported Hugging Face model."""
        return self.root / "model"

    @property
    def logs(self) -> Path:
        """Logs, clock times and caches: outside the byte-for-byte promise."""
        return self.root / "logs"

    @property
    def report(self) -> Path:
        """The report page."""
        return self.root / "report.html"

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the run directory; the descriptor of the lock, for workers to hold as well.

        What a killed build left half-written is removed. Raises BuildError where another process
        holds the directory, or where nothing can be written in it.
        """
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            stream = (self.logs / "lock").open("w")
        except OSError as error:
            raise BuildError(f"cannot write to {self.root}: {error.strerror}") from error
        with stream:
            if not _lock(stream):
                raise BuildError(
                    f"{self.root} is in use by another galactica command: wait for it to end, or "
                    "choose another --run-dir"
                )
            self._remove_unfinished()
            yield stream.fileno()

    def _remove_unfinished(self) -> None:
        corpus = (self.stages, self.documents, self.quarantine, self.tokenizer, self.shards)
        for root in corpus:
            for folder, _, names in os.walk(root):
                for name in names:
                    if name.startswith(".") and name.endswith(UNFINISHED_SUFFIX):
                        Path(folder, name).unlink(missing_ok=True)


def _lock(stream: IO[str]) -> bool:
    """Whether the lock could be had."""
    deadline = time.monotonic() + _SECONDS_FOR_ORPHANS
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True
