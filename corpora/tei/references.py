"""The reference list of a TEI document: what its text may cite, by id, number, author and year.

One entry is read in `corpora.tei.entries`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from corpora.author_year import AuthorYear, Named, folded
from corpora.jats.references import Bibliography, Reference
from corpora.pdf_words import Vocabulary
from corpora.printed_numbers import between
from corpora.tei.entries import ENTRIES, read_entry
from corpora.tei.plain_words import words
from corpora.xml_records import XML_ID

_NUMBERS: Final = re.compile(r"[0-9]{1,4}(?:\]?(?:\s?[,;–—-]\s?|\s?(?=\[))\[?[0-9]{1,4})*")
#: So many of the numbers that the text prints agree with the places of their entries.
_AGREEING: Final = 0.8


@dataclass(frozen=True, slots=True)
class References:
    """The list, as `Bibliography` for citations by id and number, and by author and year.

    `numeric` says that the text cites by number.
    """

    bibliography: Bibliography
    by_author_year: AuthorYear
    numeric: bool


def read_references(tei: etree._Element, vocabulary: Vocabulary) -> References:
    """Every entry of every list, and how the text counts them.

    `vocabulary` has the words of the document: it decides how titles broken at line ends go on.
    """
    by_id: dict[str, Reference] = {}
    by_position: dict[int, Reference] = {}
    places: dict[str, int] = {}
    labelled: dict[int, Reference] = {}
    authors = AuthorYear()
    for position, element in enumerate(_entries(tei), 1):
        entry = read_entry(element, vocabulary)
        reference = Reference(entry.label, (entry.citation,))
        identifier = element.get(XML_ID) or element.get("id") or f"\x00{position}"
        by_id.setdefault(identifier, reference)
        by_position[position] = reference
        places.setdefault(identifier, position)
        if entry.label:
            labelled.setdefault(int(entry.label), reference)
        names = tuple(folded(name) for name in entry.names)
        authors.add(Named(identifier, names, entry.citation.year, entry.letter))
    numbers = _printed_numbers(tei)
    by_number: dict[int, Reference] = {}
    if numbers.numeric:
        known = {n: places[target] for n, target in numbers.pairs if target in places}
        agreeing = sum(places.get(target) == number for number, target in numbers.pairs)
        if numbers.pairs and agreeing >= _AGREEING * len(numbers.pairs):
            by_number = by_position
        elif not numbers.pairs and numbers.largest <= len(by_position):
            # Nothing is linked: a list that lacks entries would answer with wrong ones.
            by_number = by_position
        else:
            by_number = {number: by_position[place] for number, place in between(known).items()}
        by_number = by_number | labelled
    return References(Bibliography(by_id, by_number), authors, numbers.numeric)


def _entries(tei: etree._Element) -> Iterator[etree._Element]:
    for entries in tei.iter("listBibl"):
        for entry in entries:
            # HAL lists the work itself so, in the header.
            header = next(entries.iterancestors("teiHeader"), None)
            if entry.tag in ENTRIES and header is None:
                yield entry


@dataclass(frozen=True, slots=True)
class _Printed:
    """The numbers that a text prints for entries: those with an id, the largest of all, and whether
    it cites by number."""

    pairs: Sequence[tuple[int, str]]
    largest: int
    numeric: bool


def _printed_numbers(tei: etree._Element) -> _Printed:
    pairs: list[tuple[int, str]] = []
    kinds: Counter[bool] = Counter()
    largest = 0
    for ref in tei.iter("ref"):
        if ref.get("type") not in ("bibr", "bibl", "biblio"):
            continue
        printed = words(ref).strip(" []().,;")
        target = (ref.get("target") or "").removeprefix("#")
        numbers = _NUMBERS.fullmatch(printed) is not None
        if target or numbers:
            kinds[numbers] += 2 if target else 1
        if numbers:
            largest = max(largest, *map(int, re.findall(r"[0-9]+", printed)))
            if target and printed.isascii() and printed.isdigit():
                pairs.append((int(printed), target))
    return _Printed(pairs, largest, kinds[True] > kinds[False])
