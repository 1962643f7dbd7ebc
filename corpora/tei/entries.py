"""One entry of a reference list: its work, who wrote it, how the list labels it.

GROBID writes `biblStruct`, other producers also `bibl` and `biblFull`. A title is the article's
(`level="a"`), else the book's; a journal is no title.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from corpora.documents import Citation
from corpora.jats.references import clean_title
from corpora.pdf_spaces import spaced
from corpora.pdf_words import Vocabulary, rejoined
from corpora.tei.plain_words import texts_of, words

ENTRIES: Final = ("biblStruct", "bibl", "biblFull")
_DOI: Final = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>]+)")
_ARXIV: Final = re.compile(
    r"(?:ar[xX]iv\s*[:.,]?\s*|\babs/|arxiv\.org/(?:abs|pdf)/)(?:abs/|[a-z.]+/)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
)
_LETTER: Final = re.compile(r"[a-z]\b")
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
_NUMBER: Final = re.compile(r"\d{1,4}")
_PRINTED_LABEL: Final = re.compile(r"\[\d{1,4}\]|\d{1,4}\. ")
_TWO_LETTERS: Final = re.compile(r"[^\W\d_]{2}")
_BETWEEN_NAMES: Final = re.compile(r",| and | & |\(")
_INITIALS: Final = re.compile(r"(?:[A-Z]\.?-?){1,3}")
_PMID: Final = re.compile(r"\d{1,9}")

#: The elements of an entry by their names, each name's in the order of the file.
_Parts = dict[str, list[etree._Element]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a citation may find an entry by.

    `label` is the number that the list prints before it, "" where there is none; `names` are its
    surnames, or who answers for a work without authors; `letter` is the `b` of `1843b`.
    """

    citation: Citation
    label: str
    names: tuple[str, ...]
    letter: str


def read_entry(element: etree._Element, vocabulary: Vocabulary) -> Entry:
    """One element of a list.

    `vocabulary` has the words of the document: it decides how titles broken at line ends go on.
    """
    # Walked once: a list of hundreds of entries is asked for a dozen names each.
    parts: _Parts = {}
    for part in element.iter():
        tag = part.tag
        if tag in parts:
            parts[tag].append(part)
        else:
            parts[tag] = [part]
    raw = _raw(element, parts)
    surnames = _surnames(parts, raw)
    title = _title(element, parts, raw)
    year = _year(element, parts, raw)
    citation = Citation(
        as_written="",
        title=rejoined(spaced(title), vocabulary) if title else None,
        surname=surnames[0] if surnames else None,
        year=year,
        doi=_doi(element, parts, raw),
        pmid=_pmid(parts),
        arxiv=_arxiv(element, parts, raw),
    )
    number = _NUMBER.search(_label(element, parts, raw))
    letter = _letter_after(year, raw or words(element)) if year else ""
    names = tuple(surnames or _holders(parts))
    return Entry(citation, number.group() if number else "", names, letter)


def _letter_after(year: str, printed: str) -> str:
    """The `b` of `1843b`, as an entry prints its year; "" where there is none."""
    at = printed.find(year)
    while at >= 0:
        match = _LETTER.match(printed, at + len(year))
        if match:
            return match.group()
        at = printed.find(year, at + 1)
    return ""


def _raw(entry: etree._Element, parts: _Parts) -> str:
    for note in parts.get("note", ()):
        if note.get("type") == "raw_reference":
            return words(note)
    return words(entry) if entry.tag == "bibl" else ""


def _label(entry: etree._Element, parts: _Parts, raw: str) -> str:
    label = entry.get("n") or (words(entry.find("label")) if "label" in parts else "")
    match = None if label else _PRINTED_LABEL.match(raw)
    return match.group() if match else label


def _title(entry: etree._Element, parts: _Parts, raw: str) -> str | None:
    found = parts.get("title", [])
    if _holds_others(entry, parts):
        found = [t for t in found if next(t.iterancestors("note", "series"), None) is None]
    for name in _of_level(found, "a"):
        text = _without_names(name)
        if text and _TWO_LETTERS.search(text):
            return text
    stated = _PRINTED_TITLE.match(raw)
    printed = clean_title(stated.group("title")) if stated else None
    if printed and _has_pages(parts):
        # Lists without titles print the journal where others print the title.
        journals = list(filter(None, _of_level(found, "j")))
        if any(printed.startswith(name) or name.startswith(printed) for name in journals):
            printed = None
    for name in (*_of_level(found, "m", "u"), *_of_level(found, None)):
        text = _without_names(name)
        if _is_journal(name, parts):
            # A parser's book that is a journal: what is printed after the year is it too.
            printed = None if printed and text and printed.startswith(text) else printed
        elif text and _TWO_LETTERS.search(text):
            # A parser's book may be the journal that is printed after the title.
            after = raw[stated.end("title") :] if stated else ""
            return printed if printed and text in after else text
    return printed


def _holds_others(entry: etree._Element, parts: _Parts) -> bool:
    """Whether there may be titles of other works, in notes or of series."""
    return (
        "series" in parts
        or any(len(note) for note in parts.get("note", ()))
        or next(entry.iterancestors("note", "series"), None) is not None
    )


def _of_level(titles: list[etree._Element], *levels: str | None) -> list[str]:
    """The words of the titles of a level, the main title before a subtitle or a short one."""
    chosen = [title for title in titles if title.get("level") in levels]
    if len(chosen) > 1:
        chosen.sort(key=lambda title: title.get("type", "main") != "main")
    return [words(title) for title in chosen]


def _without_names(title: str) -> str | None:
    return clean_title(_NAMES_BEFORE.sub("", title) if _YEAR.search(title) else title)


def _is_journal(name: str, parts: _Parts) -> bool:
    """Whether what a parser took for a book is a journal: abbreviated, with pages, unpublished."""
    return (
        ". " in name
        and _ABBREVIATED.fullmatch(name) is not None
        and "publisher" not in parts
        and _has_pages(parts)
    )


def _has_pages(parts: _Parts) -> bool:
    return any(scope.get("unit") == "page" for scope in parts.get("biblScope", ()))


def _surnames(parts: _Parts, raw: str) -> list[str]:
    surnames: list[str] = []
    holders: list[etree._Element] = []
    for tag in ("author", "editor"):
        for holder in parts.get(tag, ()):
            surname = next(holder.iter("surname"), None)
            text = words(surname) if surname is not None else _last_name(words(holder))
            holders.append(holder)
            if text := text.strip(" ,;."):
                surnames.append(text)
        if surnames:
            break
    # A parser that cut the list of names wrongly has the right one too, in another place.
    if not surnames or not raw:
        return surnames
    whole, first = surnames[0], _last_name(_BETWEEN_NAMES.split(raw[:200], maxsplit=1)[0])
    if len(first) < 2 or first == whole or (whole.endswith(first) and _PARTICLE.match(whole)):
        return surnames
    if any(first in " ".join(texts_of(holder)).split() for holder in holders):
        return [first, *(name for name in surnames if name != first)]
    return surnames


def _holders(parts: _Parts) -> list[str]:
    """Who answers for a work without authors: an institution, or its publisher."""
    for tag in ("orgName", "publisher"):
        for holder in parts.get(tag, ()):
            if words(holder):
                return [words(holder)]
    return []


def _last_name(name: str) -> str:
    """`Byron` of `Byron, Ada`, `A. Byron` and `Byron A`."""
    parts = name.split(",")[0].split()
    full = [part for part in parts if not _INITIALS.fullmatch(part)]
    return full[-1] if full else ""


def _year(entry: etree._Element, parts: _Parts, raw: str) -> str | None:
    for date in parts.get("date", ()):
        match = _YEAR.search(date.get("when") or "") or _YEAR.search(words(date))
        if match:
            return match.group()
    if "date" in parts:
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


def _pmid(parts: _Parts) -> str | None:
    for found in parts.get("idno", ()):
        if (found.get("type") or "").lower() in ("pmid", "pubmed"):
            match = _PMID.search(words(found))
            if match:
                return match.group()
    return None


def _stated(entry: etree._Element, parts: _Parts, raw: str) -> Iterator[str]:
    """Where an entry may name an identifier, the surest first."""
    for found in parts.get("idno", ()):
        yield f"{found.get('type') or ''}:{words(found)}"
    if "ptr" in parts or "ref" in parts:
        for found in entry.iter("ptr", "ref"):
            yield found.get("target") or ""
    yield raw


def _doi(entry: etree._Element, parts: _Parts, raw: str) -> str | None:
    for text in _stated(entry, parts, raw):
        match = _DOI.search(text) if "10." in text else None
        if match:
            doi = match.group(1).rstrip(".,;:")
            while doi.endswith(")") and doi.count(")") > doi.count("("):
                doi = doi[:-1].rstrip(".,;:")
            return doi
    return None


def _arxiv(entry: etree._Element, parts: _Parts, raw: str) -> str | None:
    for text in _stated(entry, parts, raw):
        match = _ARXIV.search(text) if "iv" in text or "abs/" in text else None
        if match:
            return match.group(1)
    return None
