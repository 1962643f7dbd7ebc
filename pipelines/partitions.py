"""Rows by partitions of a hash: cut for all receivers, and gathered from all senders.

The files are those of `pipelines.exchange`; here their columns are arrays of numbers from end to
end, since there is a row for every 35 bytes of a corpus.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.exchange import write_batches

Columns = dict[str, npt.NDArray[Any]]
#: Each takes a file, and each writer a batch for each of them.
_MOST_PARTITIONS: Final = 65_536


def num_partitions(num_bytes: int, memory_bytes: int) -> int:
    """How many partitions keep what is brought together, so many bytes in all, in this memory."""
    return min(max(-(-num_bytes // memory_bytes), 1), _MOST_PARTITIONS)


def partition_name(number: int) -> str:
    """What the files of a partition are named after.

    >>> partition_name(3)
    'partition-00003'
    """
    return f"partition-{number:05d}"


def write_cut(path: Path, schema: pa.Schema, columns: Columns, limits: Sequence[int]) -> None:
    """Write rows for receivers: those of each begin at one of the limits and end at the next."""
    write_batches(
        path,
        schema,
        (
            {name: column[begin:end] for name, column in columns.items()}
            for begin, end in pairwise(limits)
        ),
    )


def gather(paths: Sequence[Path], receiver: int, schema: pa.Schema) -> Columns:
    """What all senders have for one receiver, and in the column `sender` who sent each row."""
    batches: list[pa.RecordBatch] = []
    for path in paths:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            batches.append(reader.get_batch(receiver))
    columns: Columns = {}
    for field in schema:
        nothing = np.empty(0, field.type.to_pandas_dtype())
        arrays = [batch.column(field.name).to_numpy() for batch in batches]
        columns[field.name] = np.concatenate(arrays or [nothing])
    numbers = np.arange(len(batches), dtype=np.uint32)
    columns["sender"] = np.repeat(numbers, [batch.num_rows for batch in batches])
    return columns


def slices(keys: npt.NDArray[np.uint64], largest: int, partitions: int) -> list[int]:
    """Where each of equal ranges of 0 to `largest` begins among ascending keys, and the end."""
    limits = [largest * number // partitions for number in range(1, partitions)]
    inner = np.searchsorted(keys, np.array(limits, np.uint64), side="left")
    return [0, *inner.tolist(), len(keys)]


def order_by(keys: npt.NDArray[np.uint64], second: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The order of rows by a key, then by a second one, then as they stand.

    As `np.lexsort` does, in a third of the time where few keys are equal: NumPy sorts numbers by
    vector instructions only where it need not be stable.
    """
    order = np.argsort(keys)
    ordered = keys[order]
    is_tied = np.zeros(len(keys) + 1, np.bool_)
    is_tied[1:-1] = ordered[1:] == ordered[:-1]
    tied = np.flatnonzero(is_tied[1:] | is_tied[:-1])
    rows = np.sort(order[tied])
    order[tied] = rows[np.lexsort((second[rows], keys[rows]))]
    return order


def changes(*columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where rows differ from the one before, the first included."""
    differ = np.ones(len(columns[0]), np.bool_)
    differ[1:] = False
    for column in columns:
        differ[1:] |= column[1:] != column[:-1]
    return differ
