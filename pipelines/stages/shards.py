"""Shards: the global shuffle by hash, each output shard one task that reads only its own rows."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pipelines.execution import Outcome
from tokenization.shards import ShardDocument, ShardFile, write_shard_file


@dataclass(frozen=True, slots=True)
class ShardArgument:
    """Every document of `split` whose shuffle key is `index` modulo `count`, to one file."""

    token_files: tuple[Path, ...]
    split: str
    index: int
    count: int
    sources: tuple[str, ...]
    vocabulary_size: int
    shard: Path


def shard_count(num_tokens: int, tokens_per_shard: int) -> int:
    """How many shards of about `tokens_per_shard` hold `num_tokens`, one at least.

    >>> shard_count(0, 100), shard_count(100, 100), shard_count(101, 100)
    (1, 1, 2)
    """
    return max(1, -(-num_tokens // tokens_per_shard))


def write_shard(argument: ShardArgument) -> Outcome:
    """Gather the shard's documents from all token files, in the order of their keys."""
    chosen: list[tuple[int, str, ShardDocument]] = []
    for path in argument.token_files:
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                chosen.extend(_chosen(reader.get_batch(number), argument))
    chosen.sort(key=lambda entry: entry[:2])
    file = write_shard_file(
        argument.shard,
        (document for _, _, document in chosen),
        argument.vocabulary_size,
        argument.sources,
    )
    return Outcome(
        outputs=[argument.shard], read=len(chosen), wrote=file.rows, facts={"shard": asdict(file)}
    )


def shard_file(facts: dict[str, object]) -> ShardFile:
    """The `ShardFile` that a shard task's manifest describes."""
    return ShardFile(**facts["shard"])  # type: ignore[arg-type]  # JSON of asdict(ShardFile)


def _chosen(batch: pa.RecordBatch, argument: ShardArgument) -> list[tuple[int, str, ShardDocument]]:
    keys = batch.column("shuffle_key").to_numpy()
    mine = keys % np.uint64(argument.count) == np.uint64(argument.index)
    splits = np.array(batch.column("split").to_pylist()) == argument.split
    found = []
    for row in np.flatnonzero(mine & splits):
        doc_id = batch.column("doc_id")[row].as_py()
        tokens = batch.column("tokens")[row].values.to_numpy().copy()
        source = batch.column("source")[row].as_py()
        found.append((int(keys[row]), doc_id, ShardDocument(doc_id, source, tokens)))
    return found
