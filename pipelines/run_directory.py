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
    def hold_outs(self) -> Path:
        """What evaluations need of the hold-outs beside their documents."""
        return self.root / "hold_outs"

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
            str(self.root).encode()
        except UnicodeEncodeError:
            raise BuildError(
                f"{self.root}: the name of a run directory has to be UTF-8, which Parquet and "
                "Arrow files are opened by: choose another --run-dir"
            ) from None
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            stream = (self.logs / "lock").open("w")
        except OSError as error:
            raise BuildError(f"cannot write to {self.root}: {error.strerror}") from error
        with stream:
            if not _lock(stream, fcntl.LOCK_EX):
                raise BuildError(
                    f"{self.root} is in use by another galactica command: wait for it to end, or "
                    "choose another --run-dir"
                )
            self._remove_unfinished()
            yield stream.fileno()

    @contextmanager
    def held_for_reading(self) -> Iterator[None]:
        """Keep builds out while the run is read, with others that read; nothing is written."""
        try:
            stream = (self.logs / "lock").open()
        except FileNotFoundError:
            yield  # no build ever ran here, or only its results were copied
            return
        except OSError as error:
            raise BuildError(f"cannot read {self.root}: {error.strerror}") from error
        with stream:
            if not _lock(stream, fcntl.LOCK_SH):
                raise BuildError(f"{self.root} is in use by a galactica build: wait for its end")
            yield

    @property
    def corpus_folders(self) -> tuple[Path, ...]:
        """The folders that hold nothing but what a build makes."""
        return (
            self.stages,
            self.documents,
            self.quarantine,
            self.hold_outs,
            self.tokenizer,
            self.shards,
        )

    def _remove_unfinished(self) -> None:
        for root in self.corpus_folders:
            for folder, _, names in os.walk(root):
                for name in names:
                    if name.startswith(".") and name.endswith(UNFINISHED_SUFFIX):
                        Path(folder, name).unlink(missing_ok=True)


def _lock(stream: IO[str], kind: int) -> bool:
    """Whether the lock could be had."""
    deadline = time.monotonic() + _SECONDS_FOR_ORPHANS
    while True:
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True
