"""Identity duplicates: of two documents about one thing, the source of higher priority keeps it.

Three kinds of key meet here. *Identity*: of two sources (never inside one), the later loses its
document, and every source loses what is held out. *Span*: a training document that holds a
sequence of a named hold-out goes. *Id*: of the documents of one source and one id, the same text
again is a repeat, and another text gets an id of its own.

Rows go to partitions by their key and back to parts by a sort, so that a task reads its own rows
and no others: memory goes with one partition or part, time with the corpus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from pipelines.execution import Outcome
from pipelines.identity.settings import HoldOutSettings
from pipelines.identity.splits import TRAIN, VALIDATION, Hashes, assign, read_cuts
from tokenization.manifests import atomic_file

_IDENTITY, _SPAN, _ID = range(3)
_NO_OWNER: Final = -1
#: Where a document is: `order` of its source in priority, `part` in the source, `row` in the part.
_PLACE = [("order", "<i4"), ("part", "<i4"), ("row", "<i4")]
_KEY_ROWS: Final = np.dtype(
    [("key", "<u8"), ("key_2", "<u8"), *_PLACE, ("held", "?"), ("kind", "u1"), ("text", "<u8")]
)
_VERDICT_ROWS: Final = np.dtype(
    [*_PLACE, ("verdict", "u1"), ("owner", "<i4"), ("held", "?"), ("text", "<u8")]
)
#: Verdicts on a document, the strongest first.
REPEATED, HELD_OUT, HELD_OUT_SPAN, DUPLICATE, RENAMED = range(5)
_Rows = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class KeysArgument:
    """The candidates of one part to the rows of their keys, sorted by key."""

    candidates: Path
    cuts: Path
    source: str
    hold_outs: tuple[HoldOutSettings, ...]
    order: int
    part: int
    keys: Path


@dataclass(frozen=True, slots=True)
class OwnersArgument:
    """Partition `partition` of `partitions` of the keys of all parts to verdicts, by place."""

    keys: tuple[Path, ...]
    partition: int
    partitions: int
    verdicts: Path


def gather_keys(argument: KeysArgument) -> Outcome:
    """Write a row for each key of each document."""
    table = pq.read_table(argument.candidates, columns=["row", "id", "text_hash", "keys", "spans"])
    splits = assign(
        Hashes.of(argument.candidates),
        argument.source,
        argument.hold_outs,
        read_cuts(argument.cuts),
    )
    row = table.column("row").to_numpy()
    blocks = [_key_rows(_ID, _digests(table.column("id")), row, splits)]
    blocks[0]["text"] = table.column("text_hash").to_numpy()
    for kind, name in ((_IDENTITY, "keys"), (_SPAN, "spans")):
        lists = table.column(name).combine_chunks()
        # A validation document's sequences are its source's; a named hold-out's are nobody else's.
        of = np.repeat(np.arange(len(row)), np.asarray(lists.value_lengths()))
        rows = _key_rows(kind, _digests(lists.flatten()), row[of], splits[of])
        blocks.append(rows if kind == _IDENTITY else rows[splits[of] != VALIDATION])
    rows = np.concatenate(blocks)
    rows["order"], rows["part"] = argument.order, argument.part
    rows.sort(order=["key", "key_2", "kind", "row"])
    _save(argument.keys, rows)
    return Outcome(
        outputs=[argument.keys], read=len(row), wrote=len(row), facts={"keys": len(rows)}
    )


def find_owners(argument: OwnersArgument) -> Outcome:
    """Write a verdict for each document that another one, or a hold-out, makes give way."""
    rows = np.concatenate(
        [_partition(path, argument.partition, argument.partitions) for path in argument.keys]
    )
    # Held-out rows of a key first, then by priority of the source, then by place.
    order = np.lexsort(
        [rows[name] for name in ("row", "part", "order")]
        + [~rows["held"], rows["key_2"], rows["key"]]
    )
    rows = rows[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (rows["key"][1:] != rows["key"][:-1]) | (rows["key_2"][1:] != rows["key_2"][:-1])
    starts = np.flatnonzero(is_first)
    owner = rows[np.repeat(starts, np.diff(np.append(starts, len(rows))))]
    train = ~rows["held"]
    by_held_out = train & owner["held"]
    by_other = train & ~owner["held"] & (owner["order"] != rows["order"])
    verdicts = [
        _verdict_rows(HELD_OUT, rows, owner, by_held_out & (rows["kind"] == _IDENTITY)),
        _verdict_rows(HELD_OUT_SPAN, rows, owner, by_held_out & (rows["kind"] == _SPAN)),
        _verdict_rows(DUPLICATE, rows, owner, by_other & (rows["kind"] == _IDENTITY)),
        _same_ids(rows[rows["kind"] == _ID]),
    ]
    result = np.concatenate(verdicts)
    result.sort(order=["order", "part", "row", "verdict", "held", "owner"])
    _save(argument.verdicts, result)
    return Outcome(
        outputs=[argument.verdicts],
        read=len(rows),
        wrote=len(rows),
        facts={"verdicts": len(result)},
    )


def verdicts_on(paths: Sequence[Path], order: int, part: int) -> dict[int, list[Any]]:
    """What the partitions say of the rows of one part: row to its verdicts, the strongest first.

    Each has the fields `verdict`, `owner` (the place of the owner's source in priority), `held`
    (whether the owner is held out) and `text` (what a new id is made from).
    """
    found: dict[int, list[Any]] = {}
    for path in paths:
        rows = np.load(path, mmap_mode="r")
        place = rows["order"].astype(np.int64) << 32 | rows["part"]
        first, end = np.searchsorted(place, [order << 32 | part, (order << 32 | part) + 1])
        for row in rows[first:end]:
            found.setdefault(int(row["row"]), []).append(row)
    for verdicts in found.values():
        # A document may be the same as several: the first of the sources is named.
        verdicts.sort(key=lambda row: (row["verdict"], not row["held"], row["owner"]))
    return found


def _same_ids(rows: _Rows) -> _Rows:
    """Repeats and new ids among the documents of one source that have one id, in their order."""
    order = np.lexsort([rows[name] for name in ("row", "part", "key_2", "key")])
    rows = rows[order]
    same = (rows["key"][1:] == rows["key"][:-1]) & (rows["key_2"][1:] == rows["key_2"][:-1])
    result = np.zeros(int(same.sum()), _VERDICT_ROWS)
    texts: set[int] = set()
    for index, position in enumerate(np.flatnonzero(same)):
        if position == 0 or not same[position - 1]:
            texts = {int(rows["text"][position])}
        row = rows[position + 1]
        for name in ("order", "part", "row", "text"):
            result[name][index] = row[name]
        result["verdict"][index] = REPEATED if int(row["text"]) in texts else RENAMED
        texts.add(int(row["text"]))
    result["owner"] = _NO_OWNER
    return result


def _verdict_rows(verdict: int, rows: _Rows, owner: _Rows, chosen: npt.NDArray[np.bool_]) -> _Rows:
    result = np.zeros(int(chosen.sum()), _VERDICT_ROWS)
    for name in ("order", "part", "row"):
        result[name] = rows[name][chosen]
    result["verdict"] = verdict
    result["owner"], result["held"] = owner["order"][chosen], owner["held"][chosen]
    return result


def _key_rows(
    kind: int, digests: npt.NDArray[np.uint64], row: _Rows, splits: npt.NDArray[np.int32]
) -> _Rows:
    rows = np.zeros(len(digests), _KEY_ROWS)
    rows["key"], rows["key_2"] = digests[:, 0], digests[:, 1]
    rows["row"], rows["kind"], rows["held"] = row, kind, splits != TRAIN
    return rows


def _digests(column: Any) -> npt.NDArray[np.uint64]:
    """A column of 16-byte digests as pairs of integers, [n, 2]."""
    values = b"".join(column.to_pylist())
    return np.frombuffer(values, "<u8").reshape(-1, 2)


def _partition(path: Path, partition: int, partitions: int) -> _Rows:
    """The rows of a file whose keys lie in a partition: a contiguous range, as they are sorted."""
    rows = np.load(path, mmap_mode="r")
    bounds = [partition * 2**64 // partitions, (partition + 1) * 2**64 // partitions]
    first = int(np.searchsorted(rows["key"], np.uint64(bounds[0])))
    end = (
        len(rows) if bounds[1] == 2**64 else int(np.searchsorted(rows["key"], np.uint64(bounds[1])))
    )
    return np.array(rows[first:end])


def _save(path: Path, rows: _Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, rows)
