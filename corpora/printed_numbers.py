"""Entries of a reference list by the numbers that a text prints for them, where a parser knows few.

A parser links some of the citations `[12]` to their entries. Between two numbers that stand as far
apart as their entries, the others are known too.
"""

from collections.abc import Mapping
from itertools import pairwise


def between(known: Mapping[int, int]) -> dict[int, int]:
    """Places in the list by printed number: those known, and those between them that must be.

    >>> between({2: 1, 5: 4, 9: 20})
    {2: 1, 3: 2, 4: 3, 5: 4, 9: 20}
    """
    places: dict[int, int] = {}
    numbers = sorted(known)
    for low, high in pairwise(numbers):
        places[low] = known[low]
        if known[high] - known[low] == high - low:
            for step in range(1, high - low):
                places[low + step] = known[low] + step
    if numbers:
        places[numbers[-1]] = known[numbers[-1]]
    return places
