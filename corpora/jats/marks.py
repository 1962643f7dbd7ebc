"""Marks: the citations of a text being built, and the numbers that they print.

Each stands in the text as a placeholder of characters that XML forbids (U+0001, U+0002; U+0003 and
U+0004 around what is raised), so nothing in a file can look like one.
"""

import re
from typing import Final, NamedTuple

from corpora.jats.references import Bibliography

#: Around the citations of a superscript.
RAISED: Final = ("\x03", "\x04")
DASH: Final = "[-–—‒−‐‑]"
#: `[3]–[900]` is no range of citations.
LONGEST_RANGE: Final = 200
TOKEN: Final = re.compile(rf"\x01(\d+)\x02|(\d+)|({DASH})")
_NUMBERS: Final = re.compile(rf"\d{{1,4}}(?: ?(?:[,;]|{DASH}) ?\d{{1,4}}){{0,99}}")
_MARK: Final = "\x01{}\x02"


class Mark(NamedTuple):
    """One `xref` to the reference list: the ids it names, and what it prints."""

    targets: tuple[str, ...]
    printed: str


def placeholder(number: int) -> str:
    """What stands in the text for the `number`-th mark."""
    return _MARK.format(number)


def are_known(numbers: list[int], bibliography: Bibliography) -> bool:
    """Whether the reference list has an entry for each of these numbers, and there are any."""
    return bool(numbers) and all(number in bibliography.by_number for number in numbers)


def numbers_in(printed: str) -> list[int]:
    """The reference numbers that a citation prints, ranges filled in: `[3, 5–7]`."""
    core = printed.strip(" []().,")
    if len(core) <= 4 and core.isascii() and core.isdigit():
        return [int(core)]
    if not _NUMBERS.fullmatch(core):
        return []
    numbers: list[int] = []
    dash = False
    for _, number, sign in TOKEN.findall(core):
        if sign:
            dash = True
            continue
        value = int(number)
        if dash and numbers and numbers[-1] < value <= numbers[-1] + LONGEST_RANGE:
            numbers.extend(range(numbers[-1] + 1, value))
        numbers.append(value)
        dash = False
    return numbers
