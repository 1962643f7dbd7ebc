"""The windows of a part that have to be compared one by one: at the ends of what is copied."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.deduplication.compared_text import read_compared
from pipelines.deduplication.partitions import gather, slices, write_cut
from pipelines.deduplication.shared_rows import COMPARE, RUN_ANSWERS, WINDOWS
from pipelines.deduplication.window_kernels import MODULUS, Hashes
from pipelines.deduplication.window_runs import Comparison, Runs, RunTable, runs_of
from pipelines.execution import Outcome

REPEATED_WINDOW = "repeated in its part"


@dataclass(frozen=True, slots=True)
class WindowsArgument:
    """One part and the answers on its runs to the windows to compare, by partitions.

    `number` is the part's place among those that sent runs.
    """

    documents: Path
    comparison: Comparison
    run_answers: tuple[Path, ...]
    number: int
    partitions: int
    windows: Path


def write_windows(argument: WindowsArgument) -> Outcome:
    """Write the windows of the runs that are to be compared, each once."""
    answers = gather(argument.run_answers, argument.number, RUN_ANSWERS)
    asked = answers["holder"] == COMPARE
    tables: dict[bool, RunTable] = {}
    for held_out in (False, True):
        chosen = asked & (answers["held_out"] == held_out)
        if chosen.any():
            tables[held_out] = RunTable(answers["shingle"][chosen], answers["content"][chosen])
    read = 0
    hashes: dict[bool, Hashes] = {held_out: np.empty(0, np.uint64) for held_out in (False, True)}
    if tables:
        for compared in read_compared(argument.documents, argument.comparison.kinds):
            runs = runs_of(compared, argument.comparison)
            is_held_out = compared.held_out[runs.documents]
            for held_out, table in tables.items():
                of_these = runs.where(is_held_out == held_out)
                found = of_these.where(table.find(of_these.shingles, of_these.contents) >= 0)
                new = _once(found).windows(compared.text, argument.comparison)[1]
                read += len(new)
                hashes[held_out] = np.unique(np.concatenate((hashes[held_out], new)))
    windows = np.concatenate((hashes[False], hashes[True]))
    flags = np.repeat(np.array((0, 1), np.uint8), (len(hashes[False]), len(hashes[True])))
    order = np.argsort(windows, kind="stable")
    windows, flags = windows[order], flags[order]
    write_cut(
        argument.windows,
        WINDOWS,
        {"window": windows, "held_out": flags},
        slices(windows, MODULUS, argument.partitions),
    )
    dropped = {REPEATED_WINDOW: read - len(windows)} if read > len(windows) else {}
    return Outcome(outputs=[argument.windows], read=read, wrote=len(windows), dropped=dropped)


def _once(runs: Runs) -> Runs:
    """Of runs that are equal the first: a phrase that each document has is hashed once."""
    order: npt.NDArray[np.int64] = np.lexsort((runs.contents, runs.shingles))
    first = np.ones(len(order), np.bool_)
    shingles, contents = runs.shingles[order], runs.contents[order]
    first[1:] = (shingles[1:] != shingles[:-1]) | (contents[1:] != contents[:-1])
    chosen = np.zeros(len(order), np.bool_)
    chosen[order[first]] = True
    return runs.where(chosen)
