"""Where documents of a part hold n-grams of evaluations, and which n-grams too many documents hold.

Two steps: each part is searched, and what was found in all of them is counted, in the memory of
the evaluations' own n-grams.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.decontamination.evaluation_files import EvaluationFiles, load_search
from pipelines.decontamination.normal_form import normal_form
from pipelines.documents_table import TRAIN
from pipelines.execution import Outcome
from tokenization.manifests import atomic_file
from tokenization.markers import MarkerTable

NO_OVERLAP: Final = "no words of an evaluation"
FEW_DOCUMENTS: Final = "in few documents"

#: Documents searched at a time: no row group is read whole.
_ROWS: Final = 256

_OVERLAPS: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("ngram", pa.uint64()),
        ("begin", pa.int64()),
        ("end", pa.int64()),
        ("is_training", pa.bool_()),
    ]
)
_COMMON: Final = pa.schema([("ngram", pa.uint64()), ("documents", pa.int64())])


@dataclass(frozen=True, slots=True)
class OverlapsArgument:
    """One part of documents to the n-grams of evaluations that stand in it."""

    documents: Path
    evaluations: tuple[EvaluationFiles, ...]
    ngram_words: int
    short_words: int
    markers: MarkerTable
    overlaps: Path


@dataclass(frozen=True, slots=True)
class CommonArgument:
    """What was found in all parts to the n-grams that more than `documents` of them hold."""

    overlaps: tuple[Path, ...]
    documents: int
    common: Path


def find_overlaps(argument: OverlapsArgument) -> Outcome:
    """Write the places of the n-grams in a part: row, hash, and the bytes of the text."""
    form = normal_form(argument.markers)
    search = load_search(argument.evaluations, argument.ngram_words, argument.short_words, form)
    read = wrote = 0
    argument.overlaps.parent.mkdir(parents=True, exist_ok=True)
    with (
        pq.ParquetFile(argument.documents) as file,
        atomic_file(argument.overlaps) as temporary,
        pq.ParquetWriter(temporary, _OVERLAPS, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(batch_size=_ROWS, columns=["text", "split"]):
            found = search.find(batch.column("text"))
            if len(found):
                rows = found[:, 0]
                wrote += len(np.unique(rows))
                is_training = pc.equal(batch.column("split"), TRAIN).to_numpy(zero_copy_only=False)
                columns = [
                    rows + read,
                    search.hashes[found[:, 1]],
                    found[:, 2],
                    found[:, 3],
                    is_training[rows],
                ]
                arrays = [pa.array(np.ascontiguousarray(column)) for column in columns]
                writer.write_batch(pa.record_batch(arrays, schema=_OVERLAPS))
            read += len(batch)
    return Outcome(
        outputs=[argument.overlaps],
        read=read,
        wrote=wrote,
        dropped={NO_OVERLAP: read - wrote} if read > wrote else {},
    )


def find_common(argument: CommonArgument) -> Outcome:
    """Write the n-grams that more training documents hold than a text of an evaluation would be in.

    Parts are added up by halves, so that no n-gram is sorted more often than the logarithm of their
    number; memory is that of the distinct n-grams found.
    """
    sums: list[pa.Table] = []
    for path in argument.overlaps:
        table = pq.read_table(path, columns=["row", "ngram"], filters=pc.field("is_training"))
        held = table.group_by(["row", "ngram"]).aggregate([])
        counts = held.group_by("ngram").aggregate([([], "count_all")])
        sums.append(counts.rename_columns(_COMMON.names).cast(_COMMON))
        while len(sums) > 1 and sums[-2].num_rows <= sums[-1].num_rows:
            sums[-2:] = [_added(sums[-2:])]
    total = _added(sums or [_COMMON.empty_table()])
    common = total.filter(pc.greater(total["documents"], argument.documents)).sort_by("ngram")
    argument.common.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(argument.common) as temporary:
        pq.write_table(common, temporary, compression="zstd")
    few = total.num_rows - common.num_rows
    return Outcome(
        outputs=[argument.common],
        read=total.num_rows,
        wrote=common.num_rows,
        dropped={FEW_DOCUMENTS: few} if few else {},
    )


def _added(tables: list[pa.Table]) -> pa.Table:
    every = pa.concat_tables(tables)
    summed = every.group_by("ngram").aggregate([("documents", "sum")])
    return summed.rename_columns(_COMMON.names).cast(_COMMON)
