"""Which split a row belongs to: as its file's name, its folder or a field of its own says.

Prompts and conversations are taken from train splits only (Galactica, section 3.2).
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from pydantic import BaseModel, ConfigDict

from corpora.documents import RecordDropped

HELD_OUT_WORDS: Final = frozenset(
    {"test", "testing", "testset", "dev", "devel", "development", "devset", "val", "valid",
     "validation", "eval", "evaluation", "heldout"}
)  # fmt: skip
_TRAIN_WORDS: Final = frozenset({"train", "training", "trainset", "trn"})
_SPLIT_FIELDS: Final = ("split", "subset", "fold", "partition", "data_split", "datasplit")
_FOLDERS: Final = 2


def split_of_name(position: str) -> str | None:
    """The held-out split that a file's path names, None for a train split or none.

    `position` may go on after the path, as a record's does (`test.json: line 3`). The part nearest
    to the file decides; a folder counts only where it is called so.

    >>> split_of_name("ARC-Easy-Dev.jsonl"), split_of_name("race/test/high/12.txt")
    ('dev', 'test')
    >>> split_of_name("x/test.json: object 1/2")
    'test'
    >>> split_of_name("test/train.json"), split_of_name("latest.json")
    (None, None)
    """
    *folders, file = PurePosixPath(position.partition(": ")[0]).parts or ("",)
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", file.partition(".")[0])]
    held_out = [word for word in words if word in HELD_OUT_WORDS]
    if held_out:
        return held_out[0]
    if _TRAIN_WORDS.intersection(words):
        return None
    for folder in folders[: -_FOLDERS - 1 : -1]:
        if folder.lower() in _TRAIN_WORDS:
            return None
        if folder.lower() in HELD_OUT_WORDS:
            return folder.lower()
    return None


def split_of_row(row: Mapping[str, object]) -> str | None:
    """The held-out split that a field of a row names; None for a train split or none."""
    for field in _SPLIT_FIELDS:
        value = row.get(field)
        if isinstance(value, str) and value.strip().lower() in HELD_OUT_WORDS:
            return value.strip().lower()
    return None


class Splits(BaseModel):
    """Which rows a source takes: those of train splits, or with `every_split` all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_split: bool = False


def check_split(row: Mapping[str, object], position: str, options: Splits) -> None:
    """Raises RecordDropped for a row of a test or validation split, unless all are taken."""
    if options.every_split:
        return
    if split_of_row(row) or split_of_name(position):
        raise RecordDropped("not of a train split")
