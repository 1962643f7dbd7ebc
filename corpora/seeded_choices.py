"""Random choices of a reader: they follow from the recipe's seed and the record's id alone."""

import hashlib
from collections.abc import Iterable
from typing import TypeVar

_Item = TypeVar("_Item")


def chance(seed: int, record_id: str, purpose: str) -> float:
    """A number in [0, 1) that depends on nothing but its arguments.

    `purpose` keeps the choices of one record apart: `oeis: question`.

    >>> chance(1, "A000045", "x") == chance(1, "A000045", "x")
    True
    """
    digest = hashlib.blake2b(f"{purpose}\0{seed}\0{record_id}".encode(), digest_size=8).digest()
    # 53 bits: more would round up to 1.0.
    return (int.from_bytes(digest, "big") >> 11) / 2**53


def choice(items: list[_Item], seed: int, record_id: str, purpose: str) -> _Item:
    """One of some items, each as likely as the others."""
    return items[int(chance(seed, record_id, purpose) * len(items))]


def shuffled(items: Iterable[_Item], seed: int, record_id: str, purpose: str) -> list[_Item]:
    """The items in an order of their own for each record.

    >>> sorted(shuffled("abcd", 1, "r", "order"))
    ['a', 'b', 'c', 'd']
    """
    keyed = [
        (chance(seed, record_id, f"{purpose} {place}"), item) for place, item in enumerate(items)
    ]
    return [item for _, item in sorted(keyed, key=lambda pair: pair[0])]
