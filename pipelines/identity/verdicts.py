"""The verdict of identity on a part: what goes, the final ids, the splits."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from pipelines.documents_table import TRAIN as TRAIN_SPLIT
from pipelines.documents_table import VALIDATION as VALIDATION_SPLIT
from pipelines.documents_table import read_column
from pipelines.execution import Outcome
from pipelines.identity import duplicates
from pipelines.identity.settings import HoldOutSettings
from pipelines.identity.splits import Hashes, assign, read_cuts
from pipelines.parts import REASON, read_verdict, write_verdict

#: Why a document goes, by the verdict of `duplicates`.
REASONS: Final = {
    duplicates.REPEATED: "repeated document",
    duplicates.HELD_OUT: "same as a held-out document",
    duplicates.HELD_OUT_SPAN: "holds a held-out sequence",
    duplicates.DUPLICATE: "same as a document of another source",
}


@dataclass(frozen=True, slots=True)
class IdentityArgument:
    """One ingested part to its verdict.

    `sources` are the names of all sources in the order of priority; the part is number `part` of
    the source `sources[order]`.
    """

    ingested: Path
    filtered: Path
    candidates: Path
    cuts: Path
    owners: tuple[Path, ...]
    hold_outs: tuple[HoldOutSettings, ...]
    sources: tuple[str, ...]
    order: int
    part: int
    verdict: Path


def decide_identity(argument: IdentityArgument) -> Outcome:
    """Write the verdict, with the columns `doc_id`, `split` and `kept_in`.

    A row that the filters dropped keeps their reason and is not counted again. `kept_in` is the
    source that holds what a dropped document is the same as.
    """
    reasons: list[str | None] = list(read_verdict(argument.filtered)[REASON])
    ids: list[str] = read_column(argument.ingested, "doc_id")
    splits: list[str | None] = [None] * len(ids)
    kept_in: list[str | None] = [None] * len(ids)
    rows: list[int] = pq.read_table(argument.candidates, columns=["row"]).column(0).to_pylist()
    source = argument.sources[argument.order]
    names = (VALIDATION_SPLIT, *(hold_out.name for hold_out in argument.hold_outs))
    assigned = assign(
        Hashes.of(argument.candidates), source, argument.hold_outs, read_cuts(argument.cuts)
    )
    for row, split in zip(rows, assigned.tolist(), strict=True):
        splits[row] = TRAIN_SPLIT if split < 0 else names[split]
    filtered = Counter(reason for reason in reasons if reason is not None)
    dropped: Counter[str] = Counter()
    given_way: Counter[str] = Counter()
    for row, verdicts in verdicts_on_part(argument).items():
        strongest = verdicts[0]
        reason = REASONS.get(int(strongest["verdict"]))
        if reason is None:
            ids[row] = f"{ids[row]}#{int(strongest['text']):016x}"
            continue
        reasons[row] = reason
        dropped[reason] += 1
        if strongest["owner"] >= 0:
            owner = argument.sources[int(strongest["owner"])]
            kept_in[row] = owner
            given_way[f"{owner} (held out)" if strongest["held"] else owner] += 1
    write_verdict(argument.verdict, reasons, {"doc_id": ids, "split": splits, "kept_in": kept_in})
    facts: dict[str, Any] = {
        "filtered": dict(sorted(filtered.items())),
        "duplicates": [
            {"kept_in": owner, "documents": count} for owner, count in sorted(given_way.items())
        ],
    }
    return Outcome(
        outputs=[argument.verdict],
        read=len(rows),
        wrote=len(rows) - dropped.total(),
        dropped=dropped,
        facts=facts,
    )


def verdicts_on_part(argument: IdentityArgument) -> dict[int, list[Any]]:
    """What all partitions say of the part."""
    return duplicates.verdicts_on(argument.owners, argument.order, argument.part)
