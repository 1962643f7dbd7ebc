"""Splits: which documents train, which validate, which stand in a named hold-out.

Everything follows from a hash of a document's id and from a few *cuts*, which one task finds by
reading the hashes of all documents: a document whose hash lies under a cut is held out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from pipelines.execution import Outcome
from pipelines.identity.settings import HoldOutSettings, SplitSettings
from tokenization.manifests import write_atomically

TRAIN, VALIDATION = -1, 0
_RANGE = 2**64
_Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class CutsArgument:
    """The candidates of all parts, by source, to the cuts of hold-outs and validation."""

    candidates: tuple[tuple[str, tuple[Path, ...]], ...]
    split: SplitSettings
    hold_outs: tuple[HoldOutSettings, ...]
    cuts: Path


@dataclass(frozen=True, slots=True)
class Hashes:
    """The columns of candidates that decide a split, one entry for each document."""

    split: _Hashes
    hold_out: _Hashes
    clade: npt.NDArray[np.int16]

    @classmethod
    def of(cls, candidates: Path) -> "Hashes":
        """The hashes of a file of candidates."""
        table = pq.read_table(candidates, columns=["split_hash", "hold_out_hash", "clade"])
        return cls(*(table.column(index).to_numpy() for index in range(3)))


def find_cuts(argument: CutsArgument) -> Outcome:
    """Write the cuts: of each random hold-out, and of the validation documents of each source.

    Where the documents that a hold-out asks for are more than its sources have, it takes all.
    """
    cuts: dict[str, dict[str, int]] = {"hold_outs": {}, "validation": {}}
    for index, hold_out in enumerate(argument.hold_outs):
        if hold_out.fraction is not None:
            cuts["hold_outs"][hold_out.name] = int(hold_out.fraction * _RANGE)
        elif hold_out.documents is not None:
            lowest = np.empty(0, np.uint64)
            for source, paths in argument.candidates:
                if source not in hold_out.sources:
                    continue
                for path in paths:
                    hashes = Hashes.of(path)
                    free = assign(hashes, source, argument.hold_outs[:index], cuts) == TRAIN
                    lowest = np.concatenate([lowest, mixed(hashes.hold_out[free], hold_out.name)])
                    lowest = np.sort(lowest)[: hold_out.documents]
            # A hash is under the cut, so the cut is one more than the last that is taken.
            cuts["hold_outs"][hold_out.name] = int(lowest[-1]) + 1 if len(lowest) else 0
    read = 0
    for source, paths in argument.candidates:
        count, least = 0, _RANGE
        for path in paths:
            hashes = Hashes.of(path)
            free = assign(hashes, source, argument.hold_outs, cuts) == TRAIN
            count += int(free.sum())
            least = min(least, int(hashes.split[free].min(initial=_RANGE - 1)))
            read += len(free)
        cut = int(argument.split.validation_fraction * _RANGE)
        if count < argument.split.minimum_documents:
            cut = 0
        elif 0 < cut <= least:
            cut = least + 1
        cuts["validation"][source] = cut
    write_atomically(argument.cuts, json.dumps(cuts, indent=1, sort_keys=True) + "\n")
    return Outcome(outputs=[argument.cuts], read=read, wrote=read)


def read_cuts(path: Path) -> dict[str, dict[str, int]]:
    """The cuts that `find_cuts` wrote."""
    return dict(json.loads(path.read_text("utf-8")))


def assign(
    hashes: Hashes,
    source: str,
    hold_outs: Sequence[HoldOutSettings],
    cuts: Mapping[str, Mapping[str, int]],
) -> npt.NDArray[np.int32]:
    """The split of each document: TRAIN, VALIDATION, or 1 and the index of its hold-out.

    The first hold-out of the recipe that takes a document keeps it.
    """
    splits = np.full(len(hashes.split), TRAIN, np.int32)
    for index, hold_out in enumerate(hold_outs):
        if source not in hold_out.sources:
            continue
        if hold_out.clade is not None:
            taken = hashes.clade == index
        else:
            taken = _under(mixed(hashes.hold_out, hold_out.name), cuts["hold_outs"][hold_out.name])
        splits[taken & (splits == TRAIN)] = 1 + index
    if source in cuts["validation"]:
        taken = _under(hashes.split, cuts["validation"][source])
        splits[taken & (splits == TRAIN)] = VALIDATION
    return splits


def mixed(hashes: _Hashes, name: str) -> _Hashes:
    """Hashes of a hold-out's own, so that two of them choose independently.

    The finalizer of splitmix64 (Steele, Lea and Flood 2014), after adding a hash of the name.
    """
    salt = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    value = hashes + np.uint64(salt)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _under(hashes: _Hashes, cut: int) -> npt.NDArray[Any]:
    return np.ones(len(hashes), bool) if cut >= _RANGE else hashes < np.uint64(cut)
