"""The reference list of a TEI document: what its text may cite, by id, number, author and year.

GROBID writes `biblStruct`, other producers also `bibl` and `biblFull`. A title is the article's
(`level="a"`), else the book's; a journal is no title.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from corpora.author_year import AuthorYear, Named, folded
from corpora.documents import Citation
from corpora.jats.references import Bibliography, Reference, clean_title
from corpora.pdf_characters import printed_characters
from corpora.pdf_spaces import spaced
from corpora.pdf_words import Vocabulary, rejoined
from corpora.printed_numbers import between
from corpora.xml_records import XML_ID

ENTRIES: Final = ("biblStruct", "bibl", "biblFull")
_DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)")
_ARXIV: Final = re.compile(
    r"(?:ar[xX]iv\s*[:.,]?\s*|\babs/|arxiv\.org/(?:abs|pdf)/)(?:abs/|[a-z.]+/)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
)
_LETTERED_YEAR: Final = re.compile(r"(\d{4})([a-z])\b")
_YEAR: Final = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
#: `A. Byron and C. Gauss. 1843. The title. In Journal.`, `Byron, A. (1843). The title. Journal.`
_PRINTED_TITLE: Final = re.compile(
    r"[^()]{3,600}?[.,]? \(?(?:1[5-9]|20)\d\d[a-z]?\)?[.:,] "
    r"(?P<title>[^.?!]{12,300}[?!]?)(?:\. |[?!] |\.?$)"
)
#: Names and a year that a parser left before a title: `and Ada Byron. 1843. The title`.
_NAMES_BEFORE: Final = re.compile(
    r"^(?=[^.]*(?:,| and )).{0,200}?\. (?:1[5-9]|20)\d\d[a-z]?\. (?=\S{2})"
)
#: `J. Bee Res`, `Proc. Natl Acad. Sci. USA`: abbreviated, as names of journals are.
_ABBREVIATED: Final = re.compile(r"(?:[A-Z][a-z-]{0,9}[.,]? ?(?:of |de |für |and |& )?){2,12}")
_PARTICLE: Final = re.compile(
    r"(?:van|von|der|de|den|del|della|di|da|la|le|dos|du|el|al|bin)\b", re.I
)
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
    for position, entry in enumerate(_entries(tei), 1):
        raw = _raw(entry)
        surnames = _surnames(entry, raw)
        written = _title(entry, raw)
        citation = Citation(
            as_written="",
            title=rejoined(spaced(written), vocabulary) if written else None,
            surname=surnames[0] if surnames else None,
            year=_year(entry, raw),
            doi=_doi(entry, raw),
            pmid=_identifier(entry, "pmid", "pubmed"),
            arxiv=_arxiv(entry, raw),
        )
        number = re.search(r"\d{1,4}", _label(entry, raw))
        reference = Reference(number.group() if number else "", (citation,))
        identifier = entry.get(XML_ID) or entry.get("id") or f"\x00{position}"
        by_id.setdefault(identifier, reference)
        by_position[position] = reference
        places.setdefault(identifier, position)
        if number:
            labelled.setdefault(int(number.group()), reference)
        named = surnames or _holders(entry)
        year = citation.year or ""
        authors.add(
            Named(
                identifier,
                tuple(folded(name) for name in named),
                citation.year,
                _letter_after(year, raw or words(entry)) if year else "",
            )
        )
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


def _letter_after(year: str, printed: str) -> str:
    """The `b` of `1843b`, as an entry prints its year; "" where there is none."""
    for match in _LETTERED_YEAR.finditer(printed):
        if match.group(1) == year:
            return match.group(2)
    return ""


def words(element: etree._Element | None) -> str:
    """The words of an element on one line."""
    if element is None:
        return ""
    return " ".join(printed_characters("".join(map(str, element.itertext()))).split())


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


def _raw(entry: etree._Element) -> str:
    for note in entry.iter("note"):
        if note.get("type") == "raw_reference":
            return words(note)
    return words(entry) if entry.tag == "bibl" else ""


def _label(entry: etree._Element, raw: str) -> str:
    label = entry.get("n") or words(entry.find("label"))
    match = re.match(r"\[(\d{1,4})\]|(\d{1,4})\. ", raw)
    return label or (match.group() if match else "")


def _title(entry: etree._Element, raw: str) -> str | None:
    found = [
        t for t in entry.iter("title") if next(t.iterancestors("note", "series"), None) is None
    ]
    stated = _PRINTED_TITLE.match(raw)
    printed = clean_title(stated.group("title")) if stated else None
    if printed and _has_pages(entry):
        # Lists without titles print the journal where others print the title.
        journals = [name for t in found if t.get("level") == "j" and (name := words(t))]
        if any(printed.startswith(name) or name.startswith(printed) for name in journals):
            printed = None
    for levels in (("a",), ("m", "u"), (None,)):
        chosen = [title for title in found if title.get("level") in levels]
        # The main title before a subtitle or a short one.
        for title in sorted(chosen, key=lambda title: title.get("type", "main") != "main"):
            text = clean_title(_NAMES_BEFORE.sub("", words(title)))
            if levels != ("a",) and _is_journal(words(title), entry):
                # A parser's book that is a journal: what is printed after the year is it too.
                printed = None if printed and text and printed.startswith(text) else printed
            elif text and re.search(r"[^\W\d_]{2}", text):
                # A parser's book may be the journal that is printed after the title.
                after = raw[stated.end("title") :] if stated else ""
                return printed if printed and levels != ("a",) and text in after else text
    return printed


def _is_journal(name: str, entry: etree._Element) -> bool:
    """Whether what a parser took for a book is a journal: abbreviated, with pages, unpublished."""
    return (
        ". " in name
        and _ABBREVIATED.fullmatch(name) is not None
        and next(entry.iter("publisher"), None) is None
        and _has_pages(entry)
    )


def _has_pages(entry: etree._Element) -> bool:
    return any(scope.get("unit") == "page" for scope in entry.iter("biblScope"))


def _surnames(entry: etree._Element, raw: str) -> list[str]:
    surnames: list[str] = []
    holders: list[etree._Element] = []
    for tag in ("author", "editor"):
        for holder in entry.iter(tag):
            surname = next(holder.iter("surname"), None)
            text = words(surname) if surname is not None else _last_name(words(holder))
            holders.append(holder)
            if text.strip(" ,;."):
                surnames.append(text.strip(" ,;."))
        if surnames:
            break
    # A parser that cut the list of names wrongly has the right one too, in another place.
    first = _last_name(re.split(r",| and | & |\(", raw[:200], maxsplit=1)[0])
    if (
        surnames
        and len(first) > 1
        and any(first in " ".join(map(str, holder.itertext())).split() for holder in holders)
    ):
        whole = surnames[0]
        if not (whole.endswith(first) and _PARTICLE.match(whole)) and first != whole:
            surnames = [first, *(name for name in surnames if name != first)]
    return surnames


def _holders(entry: etree._Element) -> list[str]:
    """Who answers for a work without authors: an institution, or its publisher."""
    for tag in ("orgName", "publisher"):
        for holder in entry.iter(tag):
            if words(holder):
                return [words(holder)]
    return []


def _last_name(name: str) -> str:
    """`Byron` of `Byron, Ada`, `A. Byron` and `Byron A`."""
    parts = name.split(",")[0].split()
    full = [part for part in parts if not re.fullmatch(r"(?:[A-Z]\.?-?){1,3}", part)]
    return full[-1] if full else ""


def _year(entry: etree._Element, raw: str) -> str | None:
    for date in entry.iter("date"):
        match = _YEAR.search(date.get("when") or "") or _YEAR.search(words(date))
        if match:
            return match.group()
    if next(entry.iter("date"), None) is not None:
        return None
    years = _YEAR.findall(raw)
    if len(years) == 1:
        return years[0]
    # A parser takes a year that ends an entry for its page, or its number.
    for element in entry.iter("biblScope", "idno"):
        if element.get("type") in (None, "year"):
            match = re.match(r"(1[5-9]\d\d|20\d\d)[a-z]?(?:\.|$)", words(element))
            if match:
                return match.group(1)
    return None


def _identifier(entry: etree._Element, *kinds: str) -> str | None:
    for found in entry.iter("idno"):
        if (found.get("type") or "").lower() in kinds:
            match = re.search(r"\d{1,9}", words(found))
            if match:
                return match.group()
    return None


def _stated(entry: etree._Element, raw: str) -> Iterable[str]:
    """Where an entry may name an identifier, the surest first."""
    for found in entry.iter("idno"):
        yield f"{found.get('type') or ''}:{words(found)}"
    for found in entry.iter("ptr", "ref"):
        yield found.get("target") or ""
    yield raw


def _doi(entry: etree._Element, raw: str) -> str | None:
    for text in _stated(entry, raw):
        match = _DOI.search(text)
        if match:
            doi = match.group(1).rstrip(".,;:")
            while doi.endswith(")") and doi.count(")") > doi.count("("):
                doi = doi[:-1].rstrip(".,;:")
            return doi
    return None


def _arxiv(entry: etree._Element, raw: str) -> str | None:
    for text in _stated(entry, raw):
        match = _ARXIV.search(text)
        if match:
            return match.group(1)
    return None
