"""What is kept of evaluations between the stages, and the search for all that they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.decontamination.ngram_search import NgramSearch, distinct
from pipelines.decontamination.normal_form import NormalForm

#: A row for each n-gram of each record; `anchor` is the hash of the last words of a shorter one.
NGRAMS: Final = pa.schema(
    [
        ("ngram", pa.uint64()),
        ("record", pa.uint32()),
        ("words", pa.uint8()),
        ("anchor", pa.uint64()),
    ]
)


@dataclass(frozen=True, slots=True)
class EvaluationFiles:
    """What is kept of an evaluation: its n-grams by their hashes, and what became of its records.

    `ngrams`: rising hashes with the number of the record, the n-gram's words and, for a shorter
    one, the hash of its last words. `records`: a row a record, in order: why it is not compared,
    its name, how many n-grams it has.
    """

    name: str
    ngrams: Path
    records: Path


def load_search(
    evaluations: Sequence[EvaluationFiles], ngram_words: int, short_words: int, form: NormalForm
) -> NgramSearch:
    """The search for the n-grams of all evaluations."""
    hashes, anchors, shorter = [], [], set()
    for evaluation in evaluations:
        table = pq.read_table(evaluation.ngrams, columns=["ngram", "words", "anchor"])
        words = table["words"].to_numpy()
        hashes.append(table["ngram"].to_numpy())
        anchors.append(table["anchor"].to_numpy()[words < ngram_words])
        shorter |= set(np.unique(words[words < ngram_words]).tolist())
    return NgramSearch(
        form,
        distinct(np.concatenate(hashes)),
        ngram_words,
        distinct(np.concatenate(anchors)),
        short_words,
        np.array(sorted(shorter), np.int64),
    )
