"""The bibliography of a paper: each entry as the work it names."""

import re
from collections.abc import Iterable
from typing import Final

from corpora.author_year import Named, folded
from corpora.documents import JSON, Citation
from corpora.jats.references import Reference
from corpora.s2orc.model import entries, mapping, string
from tokenization.marked_text import clean

_YEAR: Final = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s\"<>{}]+")
_ARXIV: Final = re.compile(
    r"(?:ar[xX]iv[\s:./]*(?:preprint)?[\s:/]*(?:ar[xX]iv[\s:]*)?(?:abs/|pdf/)?|^)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
)
_PMID: Final = re.compile(r"\d{1,9}")
#: What a title is in the entry of a parser that went astray: a word of furniture.
_NO_TITLE: Final = re.compile(
    r"(?:available(?: online)?|online|accessed|ibid|in press|submitted|unpublished|personal "
    r"communication|preprint|\[online\]|https?:\S*|www\.\S*|[\W\d_]*|\w)\.?",
    re.IGNORECASE,
)


def entry_work(entry: dict[str, JSON]) -> Citation:
    """The work of an entry of `bib_entries` (2019, 2020, doc2json)."""
    raw = string(entry.get("raw_text"))
    identifiers = _identifiers(entry.get("other_ids"))
    names = surnames_of(entry)
    year = entry.get("year")
    return work(
        title=string(entry.get("title")),
        surname=next((name for name in names if name), ""),
        year=str(year) if isinstance(year, int | str) else "",
        raw=raw,
        doi=identifiers.get("doi", ""),
        pmid=identifiers.get("pmid") or identifiers.get("pubmed", ""),
        arxiv=identifiers.get("arxiv") or identifiers.get("arxivid", ""),
    )


def named(identifier: str, surnames: Iterable[str], cited: Citation, raw: str) -> Named:
    """What a citation by author and year finds an entry by."""
    letter = re.search(rf"{cited.year}([a-z])\b", raw) if cited.year else None
    return Named(
        identifier,
        tuple(folded(clean(name)) for name in surnames if name.strip()),
        cited.year,
        letter.group(1) if letter else "",
    )


def surnames_of(entry: dict[str, JSON]) -> list[str]:
    """The family names of an entry's authors."""
    return [_surname(author) for author in entries(entry.get("authors"))]


def work(
    title: str, surname: str, year: str, raw: str, doi: str = "", pmid: str = "", arxiv: str = ""
) -> Citation:
    """A work from strings as they are found, "" where they are not; `raw` is the printed entry."""
    found_year = _YEAR.search(year) or _last(_YEAR, raw)
    found_doi = _DOI.search(doi) or _DOI.search(raw)
    found_arxiv = _ARXIV.search(arxiv.strip()) or _ARXIV.search(raw)
    found_pmid = _PMID.fullmatch(pmid.strip())
    return Citation(
        as_written="",
        title=title_of(title),
        surname=" ".join(clean(surname).split()).strip(" ,;.") or None,
        year=found_year.group() if found_year else None,
        doi=clean(found_doi.group()).rstrip(".,;)") if found_doi else None,
        pmid=found_pmid.group() if found_pmid else None,
        arxiv=found_arxiv.group(1) if found_arxiv else None,
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match: an entry's year stands after its pages, as a rule."""
    matches = list(pattern.finditer(text[:2000]))
    return matches[-1] if matches else None


def title_of(words: str) -> str | None:
    """A title without the marks around it; None for what is none.

    >>> title_of(" On growth and form. "), title_of("Available"), title_of("12-15")
    ('On growth and form', None, None)
    """
    title = " ".join(clean(words).split()).strip(" .,;:")
    title = re.sub(r"^[-–—)\]]+\s*", "", title)
    return None if not title or _NO_TITLE.fullmatch(title) else title


def reference(citation: Citation) -> Reference:
    """An entry of the bibliography with its one work."""
    return Reference("", (citation,))


def _surname(author: JSON) -> str:
    """An author's family name: `last`, or the last word of `name`."""
    if isinstance(author, str):
        return author.split(",")[0].split()[-1] if author.strip(" ,") else ""
    fields = mapping(author)
    last = string(fields.get("last"))
    if last.strip():
        return last
    name = string(fields.get("name")).split()
    return name[-1] if name else ""


def _identifiers(value: JSON) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, identifier in mapping(value).items():
        first = entries(identifier)[:1] or [identifier]
        if isinstance(first[0], str | int):
            found.setdefault(kind.lower(), str(first[0]))
    return found
