"""The choice of an executor: processes of this machine, or a Ray cluster."""

import os
from contextlib import AbstractContextManager
from enum import StrEnum

from pipelines.execution import Executor
from pipelines.process_pool import ProcessPool
from pipelines.run_directory import RunDirectory


class ExecutorName(StrEnum):
    """What `--executor` may say."""

    LOCAL = "local"
    RAY = "ray"


def open_executor(
    name: ExecutorName,
    run: RunDirectory,
    lock: int,
    *,
    workers: int | None = None,
    ray_address: str | None = None,
) -> AbstractContextManager[Executor]:
    """An executor for a build that holds `lock`; it ends with the block.

    `workers` processes, as many as there are cores by default; on a cluster that is there already,
    as many as it has. Raises BuildError where Ray is not installed or does not answer.
    """
    if name == ExecutorName.RAY:
        from pipelines.ray_executor import RayExecutor

        return RayExecutor(run, workers=workers, address=ray_address)
    return ProcessPool(workers or os.cpu_count() or 1, lock)
