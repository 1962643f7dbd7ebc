"""The stage that measures: from one part of documents to a row of scores for each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.documents_table import read_documents
from pipelines.execution import Outcome
from pipelines.filters.character_mix import character_scores, length_scores
from pipelines.filters.languages import language_scores
from pipelines.filters.personal_data import personal_scores
from pipelines.filters.prose import code_points, prose_of
from pipelines.filters.quality import quality_scores
from pipelines.filters.repetition import line_scores, ngram_scores
from tokenization.manifests import atomic_file

Scores = dict[str, float | str]

#: The groups that are measured only where a threshold or the recipe asks for them: of the prose,
#: and of the whole text.
_OF_PROSE: Final[dict[str, Callable[[str], Scores]]] = {
    "language": language_scores,
    "quality": lambda prose: dict(quality_scores(prose)),
}
_OF_TEXT: Final[dict[str, Callable[[str], Scores]]] = {
    "ngrams": lambda text: dict(ngram_scores(text)),
    "personal": lambda text: dict(personal_scores(text)),
}
_TEXTUAL: Final = ("language",)


@dataclass(frozen=True, slots=True)
class ScoresArgument:
    """One part to its scores. `opaque` are the rows of markers whose spans are no prose."""

    documents: Path
    groups: tuple[str, ...]
    opaque: tuple[tuple[int, int], ...]
    scores: Path


def measure(argument: ScoresArgument) -> Outcome:
    """Write the scores of a part, a row for each document; a score that has no sense is null."""
    columns: dict[str, list[float | str | None]] = {}
    num_rows = 0
    for row in read_documents(argument.documents):
        scores = scores_of(row.text, row.num_bytes, argument.groups, argument.opaque)
        for name in scores.keys() - columns.keys():
            columns[name] = [None] * num_rows
        for name, column in columns.items():
            column.append(scores.get(name))
        num_rows += 1
    table = pa.table(
        {
            name: pa.array(columns[name], pa.string() if name in _TEXTUAL else pa.float64())
            for name in sorted(columns)
        }
    )
    argument.scores.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(argument.scores) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    return Outcome(outputs=[argument.scores], read=num_rows, wrote=num_rows)


def scores_of(
    text: str, num_bytes: int, groups: tuple[str, ...], opaque: tuple[tuple[int, int], ...]
) -> Scores:
    """The scores of one marked text: length, characters and lines always, `groups` besides."""
    points = code_points(text)
    prose = prose_of(points, opaque)
    scores: Scores = {
        **length_scores(points, num_bytes),
        **character_scores(code_points(prose)),
        **line_scores(text),
    }
    for group in groups:
        scores |= _OF_PROSE[group](prose) if group in _OF_PROSE else _OF_TEXT[group](text)
    return scores
