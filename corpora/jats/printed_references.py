"""A reference as the printed line to search for a title, its tagged parts set off."""

import re
from typing import Final

from lxml import etree

from corpora.jats.prose_titles import STOP
from corpora.mathml import mathml_to_latex

_AUTHORS: Final = frozenset(
    ("person-group", "name", "string-name", "collab", "name-alternatives", "etal", "institution")
)
_NO_TITLE: Final = frozenset(
    ("source", "volume", "issue", "fpage", "lpage", "page-range", "elocation-id", "publisher-name",
     "publisher-loc", "ext-link", "uri", "pub-id", "object-id", "conf-name", "conf-loc", "edition",
     "date-in-citation", "isbn", "series", "patent", "access-date", "size")
)  # fmt: skip
#: What stands between authors.
_ONLY_GLUE: Final = re.compile(
    r"[\s\[(]*(?:\d{1,3}(?!\d))?(?:[\s,;.:&()\[\]*]|\b(?:and|y|et|und|in|eds?|al)\b)*",
    re.IGNORECASE,
)
#: `Phys. Rev.` is in italics, its `B` is not.
_SERIES: Final = re.compile(r"[\s.,]*(?:[A-Z][\s.,]*)?(?:\b[Vv]ol\.?\s*)?")
_VOLUME: Final = re.compile(r"[A-Z]?\d{1,4}\b")
_VOLUME_AND_PAGES: Final = re.compile(
    r"[\s.,]*(?:(?:1[5-9]|20)\d\d\s*;\s*)?\d{1,4}\s*(?:\(\d[\d–-]*\)\s*)?[,:]\s*[A-Za-z]?\d"
)
_SKIPPED: Final = frozenset(("fn", "tex-math", "graphic", "inline-graphic", "alt-text", "label"))


def printed_reference(element: etree._Element) -> tuple[str, bool]:
    """A citation element as the line to search, and whether its authors were tagged.

    Tagged authors at the front are taken off, and `STOP` stands before every tagged part that is no
    title, and before an italic name of a book (`in <italic>Handbook of ...</italic>`) or of a
    journal (`<italic>Pond Sci.</italic> <bold>3</bold>`).
    """
    pieces: list[str] = [element.text or ""]
    authored, in_front = False, True
    for child in element:
        if child.tag in _AUTHORS:
            in_front = in_front and _ONLY_GLUE.fullmatch("".join(pieces)) is not None
            if in_front:
                pieces, authored = [], True
            else:
                # Beside names that no one tagged `et al.` is.
                pieces.append("et al" if child.tag == "etal" else STOP)
        elif child.tag in _NO_TITLE:
            pieces.extend((STOP, _words(child)))
        else:
            if child.tag == "italic" and (_is_book(child, pieces) or _is_journal(child)):
                pieces.append(STOP)
            pieces.append(_words(child))
        pieces.append(child.tail or "")
    return " ".join("".join(pieces).split()), authored


def _is_book(italic: etree._Element, pieces: list[str]) -> bool:
    """Whether what is printed in italics is named after an `in`."""
    return len(_words(italic).split()) >= 3 and bool(
        re.search(r"\b[Ii]n:? $", "".join(pieces[-2:]))
    )


def _is_journal(italic: etree._Element) -> bool:
    """Whether a volume in bold, or a volume and its pages, stand after what is in italics."""
    between, following = italic.tail or "", italic.getnext()
    if _VOLUME_AND_PAGES.match(between):
        return True
    if following is None or following.tag != "bold" or not _SERIES.fullmatch(between):
        return False
    return _VOLUME.match(_words(following).strip()) is not None


def _words(element: etree._Element) -> str:
    if element.tag in _SKIPPED:
        return ""
    if element.tag == "math":
        return rf"\({mathml_to_latex(element)}\)"
    pieces = [element.text or ""]
    for child in element:
        pieces.append(_words(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
