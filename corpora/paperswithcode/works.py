"""Papers that methods, data sets and results cite, as their pages name them."""

import re
from collections.abc import Mapping
from typing import Final

from corpora.documents import JSON, Citation

_ARXIV: Final = re.compile(
    r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE
)
_DOI: Final = re.compile(r"doi\.org/(10\.\d{4,9}/[^\s\"'<>]{1,200})", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")

Fields = Mapping[str, JSON]


def string(value: JSON) -> str:
    """A string as one line, "" for any other value."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def strings(value: JSON, key: str = "") -> list[str]:
    """The strings of a list, or those under a key of its objects; each once."""
    if not isinstance(value, list):
        return []
    found = (string(item.get(key)) if isinstance(item, dict) else string(item) for item in value)
    return list(dict.fromkeys(text for text in found if text))


def mapping(value: JSON) -> Fields:
    """An object, an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def year_of(value: JSON) -> str | None:
    """The year of a date or a number."""
    match = _YEAR.match(str(value)) if isinstance(value, str | int) else None
    return match.group() if match else None


def work(title: JSON, address: JSON, year: JSON = None) -> Citation | None:
    """A cited paper, None where nothing names it."""
    words = string(title)
    if not words:
        return None
    where = string(address)
    arxiv, doi = _ARXIV.search(where), _DOI.search(where)
    return Citation(
        as_written=words,
        title=words,
        year=year_of(year),
        arxiv=arxiv[1] if arxiv else None,
        doi=doi[1] if doi else None,
    )
