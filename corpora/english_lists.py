"""Several names in a sentence."""

from collections.abc import Sequence


def listed(items: Sequence[str]) -> str:
    """The items with commas between them and "and" before the last; "" for none.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return "".join(items) if len(items) < 2 else f"{', '.join(items[:-1])} and {items[-1]}"
