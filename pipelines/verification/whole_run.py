"""All files of a run, checked in parallel, and what they say together.

Every output of a manifest is read once, on any worker (`pipelines.verification.files`). What is
kept of a file is its counts and sums, so memory goes with the number of files, not their sizes.
Where `stages/` was deleted, which a run can do without, the documents are still compared with the
shards, and what only the manifests in it say is not looked at.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from pipelines.execution import BuildError, Executor, Progress
from pipelines.run_directory import RunDirectory
from pipelines.verification.accounts import Accounts, is_summary, unknown_inputs
from pipelines.verification.differences import differences
from pipelines.verification.document_sums import DocumentSums
from pipelines.verification.files import FileCheck, check_file, decoder_of
from tokenization.manifests import MANIFEST_NAME, Manifest, is_as_written, read_manifest

#: Folders of a run that hold no artefact of the corpus, or nothing that a manifest describes.
_NOT_THE_CORPUS: Final = ("logs", "checkpoints", "model")
#: Files beside the folders of a run that no manifest describes.
_UNDESCRIBED: Final = ("report.html",)
#: Documents named where what is in the shards differs from what is in `documents/`.
_NAMED: Final = 20


@dataclass(slots=True)
class Verification:
    """What was read, by kind of artefact, and all that is wrong."""

    files: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    num_bytes: Counter[str] = field(default_factory=Counter)
    faulty: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """A line for each kind of artefact."""
        for kind in sorted(self.files):
            records = f"{self.records[kind]:,} records, " if self.records[kind] else ""
            verdict = f"{self.faulty[kind]:,} DAMAGED" if self.faulty[kind] else "right"
            yield (
                f"{kind:<20} {self.files[kind]:,} files, {records}"
                f"{self.num_bytes[kind]:,} bytes: {verdict}"
            )


class DescribedRun:
    """What the manifests of a run say: the checks to make of files, and the accounts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checks: dict[str, FileCheck] = {}
        self.accounts = Accounts()
        self.manifests: list[str] = []
        self.faults: list[str] = []
        self._known: set[str] = set()

    def read(self) -> None:
        """Go through all files: manifests are taken in, what none of them describes is a fault."""
        names = sorted(_files(self.root))
        for name in names:
            if name.endswith(MANIFEST_NAME):
                self._take_in(name)
        has_stages = (self.root / "stages").is_dir()
        if has_stages:
            known = frozenset(self._known)
            for name in self.manifests:
                self.faults.extend(unknown_inputs(name, self._manifest(name), known))
        for name in names:
            top = name.partition("/")[0]
            described = name in self.checks or name.endswith(MANIFEST_NAME)
            if top == "quarantine" and not has_stages:
                continue  # it is the manifests of ingest that describe it
            if not (described or name in _UNDESCRIBED or top in _NOT_THE_CORPUS):
                self.faults.append(f"{name}: no manifest describes this file")
        self.faults.extend(_missing_summaries(names))
        self.faults.extend(self._account_faults())

    def _manifest(self, name: str) -> Manifest:
        return read_manifest(self.root / name)

    def _take_in(self, name: str) -> None:
        try:
            manifest = self._manifest(name)
            if not is_as_written(self.root / name):
                self.faults.append(f"{name}: its bytes are not those that were written")
            self.faults.extend(self.accounts.add(name, manifest))
            self.faults.extend(_name_faults(name, manifest))
            outputs = manifest.outputs.items()
            for output, (num_bytes, fingerprint) in outputs:
                self._expect(name, output, int(num_bytes), str(fingerprint))
        except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            self.faults.append(f"{name}: cannot be read: {error}")
            return
        self.manifests.append(name)
        if manifest.stage == "tokenizer":
            self._known.add(str(manifest.facts.get("tokenizer")))
        if is_summary(name) and name.startswith("shards/"):
            # What a training, and with it an exported model, says that it was made from.
            self._known.add(str(dict(manifest.facts.get("shards", {})).get("fingerprint")))

    def _expect(self, manifest: str, output: str, num_bytes: int, fingerprint: str) -> None:
        name = os.path.normpath(PurePosixPath(manifest).parent / output)
        if name.startswith("..") or Path(name).is_absolute():
            raise ValueError(f"describes {output!r}, outside of the run directory")
        check = FileCheck(self.root, name, manifest, num_bytes, fingerprint)
        before = self.checks.setdefault(name, check)
        if (before.num_bytes, before.fingerprint) != (num_bytes, fingerprint):
            self.faults.append(f"{name}: {before.manifest} and {manifest} describe it differently")
        self._known.add(fingerprint)

    def _account_faults(self) -> Iterator[str]:
        try:
            yield from self.accounts.faults()
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            yield f"the manifests of the corpus have no accounts: {type(error).__name__}: {error}"


def verify_run(run: RunDirectory, executor: Executor, progress: Progress) -> Verification:
    """Read every artefact of a run and compare it with what describes it.

    Raises BuildError where there is no corpus.
    """
    if not run.documents.is_dir():
        raise BuildError(f"{run.root} holds no corpus: run `galactica build` first")
    described = DescribedRun(run.root)
    described.read()
    result = Verification(faults=described.faults)
    for name in (*described.checks, *described.manifests):
        result.files[kind_of(name)] += 1
    checks = sorted(described.checks.values(), key=lambda check: check.num_bytes, reverse=True)
    try:
        decoder_of(run.root)
    except Exception as error:  # what `tokenizers` raises is of no narrower class
        result.faults.append(f"tokenizer: cannot be loaded, so no text was read: {error}")
        checks = [replace(check, has_tokenizer=False) for check in checks]
    sums = {"documents": DocumentSums(), "tokens": DocumentSums(), "shards": DocumentSums()}
    progress.stage_started("verify", sum(check.num_bytes for check in checks))
    for check, report in executor.run(check_file, checks):
        kind = kind_of(check.name)
        result.records[kind] += report.records
        result.num_bytes[kind] += check.num_bytes
        result.faults.extend(f"{check.name}: {fault}" for fault in report.faults)
        result.faulty[kind] += bool(report.faults)
        sums["documents"].merge(report.documents)
        sums["tokens"].merge(report.tokens)
        sums["shards"].merge(report.shards)
        progress.advanced(check.num_bytes, records=report.records)
    if not result.faults:
        result.faults.extend(_document_faults(executor, checks, sums))
    wrong = f"{len(result.faults):,} faults" if result.faults else "nothing is wrong"
    progress.stage_ended("verify", f"read {len(checks):,} files: {wrong}")
    result.faults.sort()
    return result


def _missing_summaries(names: list[str]) -> Iterator[str]:
    """Folders that hold files, and lack the manifest that says what is in them."""
    folders = {PurePosixPath(name).parts[0] for name in names if name.startswith("documents/")}
    for name in names:
        parts = PurePosixPath(name).parts
        if parts[0] == "shards":
            folders.add("shards")
            if len(parts) > 2:
                folders.add("/".join(parts[:2]))
    for folder in sorted(folders):
        if f"{folder}/{MANIFEST_NAME}" not in names:
            yield f"{folder}/{MANIFEST_NAME}: missing; the build ended before it was written?"


def _name_faults(name: str, manifest: Manifest) -> Iterator[str]:
    """A task's manifest that stands under the name of another's: it has that of an output."""
    task = PurePosixPath(name).name.removesuffix(f".{MANIFEST_NAME}")
    outputs = [PurePosixPath(output).name for output in manifest.outputs]
    if task != MANIFEST_NAME and outputs and not any(task in output for output in outputs):
        yield f"{name}: describes {min(outputs)}, and so is another task's"


def _document_faults(
    executor: Executor, checks: list[FileCheck], sums: dict[str, DocumentSums]
) -> Iterator[str]:
    """What the token files and the shards hold, beside the documents."""
    folders = {"documents": "documents/", "tokens": "stages/tokens/", "shards": "shards/"}
    files = {
        kind: [
            check
            for check in checks
            if check.name.startswith(folder) and check.name.endswith((".parquet", ".arrow"))
        ]
        for kind, folder in folders.items()
    }
    for kind, name in (("tokens", "token files"), ("shards", "shards")):
        if files[kind] or kind == "shards":
            both = sums["documents"], sums[kind]
            found = differences(executor, files["documents"], files[kind], both, name)
            yield from islice(found, _NAMED)


def kind_of(name: str) -> str:
    """The kind of artefact that a file of a run is.

    >>> kind_of("stages/tokens/papers/part-00000.arrow"), kind_of("shards/train/state.json")
    ('tokens', 'shards/train')
    """
    folders = PurePosixPath(name).parts[:-1]
    if not folders:
        return "run"
    if folders[0] == "stages" and len(folders) > 1:
        return folders[1]
    return "/".join(folders[:2]) if folders[0] == "shards" else folders[0]


def _files(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        if Path(folder) == root:
            folders[:] = [name for name in folders if name not in ("logs", "checkpoints")]
        for name in names:
            yield Path(folder, name).relative_to(root).as_posix()
