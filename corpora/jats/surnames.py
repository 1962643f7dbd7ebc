"""Surnames of a reference list printed in capitals, `PHILLIPS`, as the world spells them."""

import re
from collections.abc import Iterable
from typing import Final

from lxml import etree

#: So many, and such a part of all: a list's way of printing, not the short name of a body (`FAO`).
_A_HABIT: Final = 5
_MOST: Final = 0.8
#: Where none of so many is printed so, the list is not.
_ENOUGH: Final = 30
_WORD: Final = re.compile(r"[^\W\d_]+")
_PARTICLES: Final = frozenset(
    ("DA", "DAS", "DE", "DEL", "DELLA", "DER", "DI", "DO", "DOS", "DU", "LA", "TEN", "VAN", "VON")
)


def lower_surnames(references: Iterable[etree._Element]) -> None:
    """Writes the tagged surnames of a list of such `ref`s with one capital each."""
    names: list[etree._Element] = []
    capitals: list[etree._Element] = []
    for reference in references:
        for name in reference.iter("surname"):
            if name.text:
                names.append(name)
                if name.text.isupper():
                    capitals.append(name)
        if len(names) > _ENOUGH and not capitals:
            return
    if len(capitals) >= max(_A_HABIT, _MOST * len(names)):
        for name in capitals:
            name.text = spelt(name.text or "")


def spelt(surname: str) -> str:
    """A surname of capitals as it is spelt.

    >>> spelt("VAN DER BERG-O’NEIL")
    'van der Berg-O’Neil'
    >>> spelt("MCCOY")
    'McCoy'
    """

    def word(match: re.Match[str]) -> str:
        follows = surname[match.end() : match.end() + 1].isspace()
        if follows and match.group() in _PARTICLES:
            return match.group().lower()
        lead = "Mc" if len(match.group()) > 4 and match.group().startswith("MC") else ""
        return lead + match.group()[len(lead) :].capitalize()

    return _WORD.sub(word, surname)
