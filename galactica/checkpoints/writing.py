"""Writing checkpoints while the training goes on: all files or none, and never half a folder.

A save copies what is to be written, which is all that the training waits for; a thread of every
process writes its own files into a hidden folder and takes their checksums. When the last process
has finished, rank 0 adds `training_state.json` and gives the folder its name. Megatron-core would
write from forked processes: those can deadlock beside the threads of OpenMP and gloo, and it waits
for ever for one that dies. A thread holds Python's lock for milliseconds at most, since writing
and hashing let go of it.
"""

import json
import logging
import queue
import shutil
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

# Where it is missing, Megatron-core's writer waits for ever. It ships no types.
import psutil  # type: ignore[import-untyped]  # noqa: F401
import torch
from megatron.core import dist_checkpointing
from megatron.core.dist_checkpointing.strategies import filesystem_async
from megatron.core.dist_checkpointing.strategies.async_utils import AsyncRequest
from torch.distributed.checkpoint.api import CheckpointException

from galactica.checkpoints.folders import (
    best_checkpoint,
    checkpoint_folder,
    file_record,
    list_checkpoints,
    remove_checkpoint,
    sync,
    unfinished_folder,
)
from galactica.checkpoints.training_state import STATE_NAME, TrainingState
from galactica.parallelism.agreement import from_rank_zero, gathered, raise_together
from tokenization.manifests import write_atomically

logger = logging.getLogger(__name__)

FileRecords = Mapping[str, tuple[int, str]]

_WRITER: Final = filesystem_async.FileSystemWriterAsync


@dataclass(slots=True)
class _Writing:
    """A checkpoint under way. `files` and `error` are what this process's thread leaves."""

    state: TrainingState
    folder: Path
    request: AsyncRequest
    thread: threading.Thread | None = None
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    error: Exception | None = None

    @property
    def hidden(self) -> Path:
        """Where it lies until it is whole."""
        return unfinished_folder(self.folder)

    def write(self, buckets: Any) -> None:
        """Write this process's files, and read them again for their checksums."""
        if self.request.async_fn is None:  # this process holds nothing that others do not
            return
        try:
            written = {index: self._write_file(index, file) for index, file in enumerate(buckets)}
            self.request.async_fn_args[2].put(written)
        except Exception as error:  # any: it is raised where the training waits for it
            self.error = error

    def _write_file(self, index: int, bucket: Any) -> Any:
        results: queue.Queue[tuple[int, Any]] = queue.Queue()
        pending: queue.Queue[int] = queue.Queue()
        pending.put(index)
        transforms = self.request.async_fn.args[0]
        _WRITER.write_preloaded_data(transforms, index, bucket, results, pending, use_fsync=True)
        written = results.get()[1]
        if isinstance(written, Exception):
            raise written
        path = Path(bucket[0])
        self.files[path.name] = file_record(path)
        return written


class CheckpointWriter:
    """Saves the checkpoints of a run, of which the last `keep` stay and the one that is best.

    Every process makes one and calls the same methods at the same steps. With `asynchronous`,
    `save` returns when the values are copied, and the checkpoint has its name after `finish`.
    """

    def __init__(self, run_dir: Path, keep: int, *, asynchronous: bool) -> None:
        self._run_dir = run_dir
        self._keep = keep
        self._asynchronous = asynchronous
        self._writing: _Writing | None = None

    @property
    def is_writing(self) -> bool:
        """Whether this process's thread is still writing."""
        thread = self._writing.thread if self._writing else None
        return thread is not None and thread.is_alive()

    def save(self, state: TrainingState, content: Mapping[str, Any]) -> None:
        """Begin to save `content`, a sharded state dict, as the checkpoint of a step.

        One that is still being written is waited for. Raises SharedError, as `finish` does.
        """
        self.finish()
        folder = checkpoint_folder(self._run_dir, state.step)
        writing = _Writing(state, folder, _request(content, unfinished_folder(folder)))
        buckets = _copied(writing.request, copy=self._asynchronous)
        self._writing = writing
        if self._asynchronous:
            writing.thread = threading.Thread(
                target=writing.write, args=(buckets,), name="checkpoint", daemon=True
            )
            writing.thread.start()
        else:
            writing.write(buckets)
            self.finish()

    def finish(self) -> None:
        """Wait until all processes have written, and give the checkpoint its name.

        Raises SharedError, with the cause, where a process could not write; what there is of that
        checkpoint is removed, and the one before it is the last.
        """
        writing, self._writing = self._writing, None
        if writing is None:
            return
        if writing.thread is not None:
            writing.thread.join()
        try:
            raise_together(writing.error)
            _finalize(writing.request)
            files: dict[str, tuple[int, str]] = {}
            for part in gathered(writing.files):
                files |= part
            from_rank_zero(lambda: self._publish(writing, files))
        except ValueError as error:
            if torch.distributed.get_rank() == 0:
                shutil.rmtree(writing.hidden, ignore_errors=True)
            raise type(error)(
                f"the checkpoint of step {writing.state.step} could not be written to "
                f"{writing.folder.parent}: {error}"
            ) from error

    def abandon(self) -> None:
        """After an error of this process alone: wait for its thread, and publish nothing."""
        writing, self._writing = self._writing, None
        if writing is not None and writing.thread is not None:
            writing.thread.join()

    def _publish(self, writing: _Writing, files: FileRecords) -> None:
        """On rank 0: say what the folder holds, give it its name, remove the oldest."""
        hidden = writing.hidden
        for name, (size, _) in files.items():
            path = hidden / name
            if not path.is_file() or path.stat().st_size != size:
                raise ValueError(
                    f"{name} was written by another process and is not seen by the first: the run "
                    "directory must lie on storage that all machines share"
                )
        publish(hidden, writing.folder, writing.state, files)
        best = best_checkpoint(self._run_dir, writing.state)
        for old in list_checkpoints(self._run_dir)[: -self._keep]:
            if old == best:
                continue
            try:
                remove_checkpoint(old)
            except OSError as error:  # the new one is whole all the same
                logger.warning("%s could not be removed: %s", old, error)


def publish(hidden: Path, checkpoint: Path, state: TrainingState, files: FileRecords) -> None:
    """Make a written folder a checkpoint; `files` are what the processes have recorded already.

    `training_state.json` is the last file, and the name comes after it: all of it on the disk.
    """
    others = [path for path in hidden.iterdir() if path.name not in files]
    for path in others:
        sync(path)
    records = dict(files) | {path.name: file_record(path) for path in others}
    stored = asdict(replace(state, files=dict(sorted(records.items()))))
    write_atomically(hidden / STATE_NAME, json.dumps(stored, indent=1, sort_keys=True) + "\n")
    sync(hidden)
    hidden.replace(checkpoint)
    sync(checkpoint.parent)


def _request(content: Mapping[str, Any], hidden: Path) -> AsyncRequest:
    """Megatron-core's plan of a save; the part that all processes have in common is written."""
    from_rank_zero(lambda: _make_empty(hidden))
    # One of its own for every save, where Megatron-core would start a process to hold one.
    filesystem_async._results_queue = queue.Queue()
    try:
        request = dist_checkpointing.save(dict(content), str(hidden), async_sharded_save=True)
    except (OSError, RuntimeError) as error:  # torch raises the latter where a disk is full
        raise ValueError(f"the checkpoint {hidden} could not be written: {error}") from error
    assert request is not None
    return request


def _make_empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _copied(request: AsyncRequest, *, copy: bool) -> Any:
    """What this process writes, file by file, in the memory of the machine.

    `copy` where the training goes on meanwhile: Megatron-core brings them there from a GPU, but
    what lies there already it leaves as it is, to be changed under the thread that writes it.
    """
    if request.preload_fn is None:
        return []
    there = {id(tensor) for _, _, (_, tensors) in request.async_fn_args[1] for _, tensor in tensors}
    return [
        (
            path,
            key,
            (
                data,
                [
                    (item, tensor.clone() if copy and id(tensor) in there else tensor)
                    for item, tensor in tensors
                ],
            ),
        )
        for path, key, (data, tensors) in request.preload_fn()
    ]


def _finalize(request: AsyncRequest) -> None:
    """Have Megatron-core gather what was written where, and say so in its own files."""
    try:
        for finalize in request.finalize_fns:
            finalize()
    except (Exception, CheckpointException) as error:  # torch's derives from BaseException
        raise ValueError(f"its index could not be written: {error}") from error
