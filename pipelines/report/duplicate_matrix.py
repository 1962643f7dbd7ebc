"""Duplicates between sources as a matrix: a row for who kept them, a column for who lost them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.report.corpus_facts import Duplicates


class Cell(NamedTuple):
    """What one source kept of another; `heat` is the tint of the cell in per cent."""

    found: Duplicates
    heat: float


class DuplicateMatrix(NamedTuple):
    """Only sources that kept or lost something; None where a pair has nothing in common."""

    columns: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def duplicate_matrix(pairs: Sequence[Duplicates], order: Sequence[str]) -> DuplicateMatrix:
    """The pairs as a matrix whose rows and columns follow the order of the recipe.

    What is held out in a source stands before what the source itself keeps: it is the first in the
    order of priorities.
    """
    by_pair = {(pair.kept_in, pair.removed_from): pair for pair in pairs}
    largest = max((_size(pair) for pair in pairs), default=0)

    def cell(row: str, column: str) -> Cell | None:
        found = by_pair.get((row, column))
        if found is None:
            return None
        # By order of magnitude: one pair may have a million times as much as another.
        scale = math.log1p(_size(found)) / math.log1p(largest) if largest else 0.0
        return Cell(found, 8 + 32 * scale)

    kept = {pair.kept_in for pair in pairs}
    lost = {pair.removed_from for pair in pairs}
    known = [name for source in order for name in (f"{source} (held out)", source)]
    every = [*known, *sorted((kept | lost) - set(known))]
    columns = [name for name in every if name in lost]
    return DuplicateMatrix(
        columns,
        [(name, [cell(name, column) for column in columns]) for name in every if name in kept],
    )


def _size(pair: Duplicates) -> int:
    return pair.same_documents + pair.paragraphs
