"""The windows of a part that have to be compared one by one: at the ends of what is copied."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.deduplication.compared_text import Comparison, read_compared
from pipelines.deduplication.partitions import changes, gather, order_by, slices, write_cut
from pipelines.deduplication.shared_rows import COMPARE, RUN_ANSWERS, WINDOWS
from pipelines.deduplication.window_kernels import MODULUS
from pipelines.deduplication.window_runs import Runs, RunTable, runs_of
from pipelines.execution import Outcome

REPEATED_WINDOW = "repeated in its part"


@dataclass(frozen=True, slots=True)
class WindowsArgument:
    """One part and the answers on its runs to the windows to compare, by partitions."""

    documents: Path
    comparison: Comparison
    run_answers: tuple[Path, ...]
    partitions: int
    windows: Path


def write_windows(argument: WindowsArgument) -> Outcome:
    """Write the windows of the runs that are to be compared, each once."""
    answers = gather(argument.run_answers, argument.comparison.number, RUN_ANSWERS)
    asked = answers["holder"] == COMPARE
    tables: dict[bool, RunTable] = {}
    for held_out in (False, True):
        chosen = asked & (answers["held_out"] == held_out)
        if chosen.any():
            tables[held_out] = RunTable(answers["shingle"][chosen], answers["content"][chosen])
    read = 0
    # A window is 61 bits; whether it is held out is one more, so that numbers alone are sorted.
    found = np.empty(0, np.uint64)
    if tables:
        for compared in read_compared(argument.documents, argument.comparison):
            runs = runs_of(compared, argument.comparison)
            is_held_out = compared.held_out[runs.documents]
            for held_out, table in tables.items():
                of_these = runs.where(is_held_out == held_out)
                asked_for = of_these.where(table.find(of_these.shingles, of_these.contents) >= 0)
                hashes = _once(asked_for).windows(compared.text, argument.comparison)[1]
                read += len(hashes)
                found = np.concatenate((found, hashes << np.uint64(1) | np.uint64(held_out)))
            found.sort()
            found = found[changes(found)]
    windows = found >> np.uint64(1)
    write_cut(
        argument.windows,
        WINDOWS,
        {"window": windows, "held_out": (found & np.uint64(1)).astype(np.uint8)},
        slices(windows, MODULUS, argument.partitions),
    )
    dropped = {REPEATED_WINDOW: read - len(windows)} if read > len(windows) else {}
    return Outcome(outputs=[argument.windows], read=read, wrote=len(windows), dropped=dropped)


def _once(runs: Runs) -> Runs:
    """Of runs that are equal the first: a phrase that each document has is hashed once."""
    order = order_by(runs.shingles, runs.contents)
    first = changes(runs.shingles[order], runs.contents[order])
    chosen = np.zeros(len(order), np.bool_)
    chosen[order[first]] = True
    return runs.where(chosen)
