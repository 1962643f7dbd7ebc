"""A run directory: where everything lies, what made it, and the lock that keeps builds apart."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipelines.execution import BuildError

_PROJECT = Path(__file__).resolve().parent.parent
#: Packages whose version can change what a stage writes.
_PACKAGES = {
    "corpora": ("bibtexparser", "biopython", "chemicals", "lxml", "pylatexenc", "rdkit", "selfies"),
    "tokenization": ("numpy", "pyarrow", "tokenizers"),
}


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
    def locked(self) -> Iterator[None]:
        """Hold the run directory; BuildError where another process holds it."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            stream = (self.logs / "lock").open("w")
        except OSError as error:
            raise BuildError(f"cannot write to {self.root}: {error.strerror}") from error
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise BuildError(
                    f"{self.root} is in use by another galactica command: wait for it to end, or "
                    "choose another --run-dir"
                ) from error
            yield


@cache
def made_by(*packages: str) -> dict[str, str]:
    """What of ours and of others can change the outputs of a stage that runs these packages.

    The code is identified by a hash of its source files, so that an edited reader makes its
    documents anew.
    """
    made: dict[str, str] = {}
    for package in packages:
        digest = hashlib.blake2b(digest_size=8)
        for path in sorted((_PROJECT / package).rglob("*.py")):
            digest.update(path.relative_to(_PROJECT).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
        made[package] = digest.hexdigest()
        for name in _PACKAGES.get(package, ()):
            try:
                made[name] = version(name)
            except PackageNotFoundError:
                continue
    return made
