"""Citations by author and year, looked up: `Byron et al., 1843b` in a reference list.

An entry is known by the surname of its first author, or its publisher where it has none. What the
citation says beside that (a second name, `et al.`, a letter) must leave one entry: a guess between
two works is none. Letters that the parser dropped from the list are counted from its order, as
BibTeX's styles give them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

CITED: Final = re.compile(
    r"(?P<names>[^\W\d_][^\d()\[\];]{0,200}?),? ?\(?"
    r"(?P<years>(?:1[5-9]|20)\d\d[a-z]?(?:, ?(?:(?:1[5-9]|20)\d\d)?[a-z]?\b)*)"
    r"(?:[,:] ?(?:pp?\. ?)?\d{1,4}(?:[-–]\d{1,4})?)?\)?"
)
_ET_AL: Final = re.compile(r",? et\.? ?al\.?|,? and (?:others|colleagues|co-?workers)")
_BETWEEN: Final = re.compile(r",? (?:and|&) |, ")
_FEW: Final = 2
#: A list has no more works of one first author; each citation looks at all of them.
_MOST_OF_A_NAME: Final = 500


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of a reference list: its id, its surnames in small letters, year and letter."""

    identifier: str
    surnames: tuple[str, ...]
    year: str | None
    letter: str = ""


@dataclass(slots=True)
class AuthorYear:
    """Entries by the name that a citation begins with."""

    by_name: dict[str, list[Named]] = field(default_factory=lambda: defaultdict(list))

    def __bool__(self) -> bool:
        return bool(self.by_name)

    def add(self, entry: Named) -> None:
        """One more entry, in the order of the list."""
        if entry.surnames and entry.surnames[0]:
            self.by_name[entry.surnames[0]].append(entry)

    def found(self, citation: str) -> tuple[str, ...]:
        """The ids of the entries that a citation names; () where one of them is in doubt."""
        match = CITED.fullmatch(citation)
        if match is None:
            return ()
        shared = _ET_AL.sub("", match["names"])
        names = [folded(name) for name in _BETWEEN.split(shared) if name.strip()]
        candidates = self.by_name.get(names[0], []) if names else []
        if not candidates:
            # A name of several words: `IBM Research`, `Ministry of Forests and Lakes`.
            names = [folded(shared)]
            candidates = self.by_name.get(names[0], [])
        if len(candidates) > _MOST_OF_A_NAME:
            return ()
        whole = shared == match["names"]
        identifiers: list[str] = []
        year = ""
        for piece in re.split(r", ?", match["years"]):
            # `2017a,b` is 2017a and 2017b.
            year = piece if len(piece) >= 4 else year[:4] + piece
            if piece:
                entry = _one(candidates, names[1:], year, whole=whole)
                if entry is None:
                    return ()
                identifiers.append(entry.identifier)
        return tuple(dict.fromkeys(identifiers))


def folded(name: str) -> str:
    """A name for comparison: small letters without accents, blanks and marks.

    >>> folded("O’Brien"), folded("de la Vallée")
    ('obrien', 'delavallee')
    """
    if name.isascii() and name.isalpha():
        return name.lower()
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if c.isalpha())


def _one(
    candidates: Sequence[Named], others: Sequence[str], year: str, *, whole: bool
) -> Named | None:
    """The entry of a year and letter, whose further authors are `others`.

    `whole` says that these are all its authors.
    """
    number, letter = year[:4], year[4:]
    dated = [entry for entry in candidates if entry.year == number]
    # An entry whose year the parser lost, where there is no other.
    found = dated or [entry for entry in candidates if entry.year is None]
    if others:
        # A parser may lose all authors but the first.
        alone = [entry for entry in found if len(entry.surnames) == 1]
        found = [entry for entry in found if set(others).issubset(entry.surnames)] or alone
    elif whole:
        found = _preferring(found, (entry for entry in found if len(entry.surnames) == 1))
    else:
        found = _preferring(found, (entry for entry in found if len(entry.surnames) > _FEW))
    if letter and len(found) > 1:
        place = ord(letter) - ord("a")
        lettered = [entry for entry in found if entry.letter == letter]
        in_order = all(
            not entry.letter or ord(entry.letter) - ord("a") == position
            for position, entry in enumerate(found)
        )
        found = lettered or (found[place : place + 1] if dated and in_order else [])
    elif letter and found and letter not in ("a", found[0].letter):
        return None
    return found[0] if len(found) == 1 else None


def _preferring(found: list[Named], better: Iterable[Named]) -> list[Named]:
    return list(better) or found
