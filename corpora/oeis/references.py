"""References and links of the OEIS: what has a title is a cited work, the rest stays words.

A link is `Authors, <a href="...">Title</a>, where and when`.
"""

import html
import re
from collections.abc import Sequence
from typing import Final

from corpora.citations import span
from corpora.documents import Citation
from corpora.oeis.inline import plain
from tokenization.marked_text import clean

_LINK: Final = re.compile(
    r"(?P<authors>(?:[^<]|<(?!a\s)){0,2000}?)<a\s[^<>]{0,600}>"
    r"(?P<title>(?:[^<]|<(?!/?a\b)){1,4000})</a>(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_HREF: Final = re.compile(r"""href=["']?([^"'<>\s]{1,500})""", re.IGNORECASE)
#: Links to tables and lists of the encyclopedia itself.
_OWN_PAGE: Final = re.compile(
    r"(?:table of|table showing|graph of|plot of|rows? \w|list of|illustration of|first \d|index|"
    r"complete list|colored|scatterplot|logarithmic|notes? on|comments? on|transforms\b|"
    r"[\d,]+ (?:digits|decimals)|(?:maple|mathematica|pari|sage|python|haskell|c\+\+|java|perl)\b)"
    r"|.*(?:\bn, a\(n\)|\bprograms? (?:for|to)\b|larger image)",
    re.IGNORECASE,
)
_STATE_OF_LINK: Final = re.compile(
    r" ?\[(?:archived page|broken link|dead links?|cached copy[^\]]{0,60})\]", re.IGNORECASE
)
_ARXIV: Final = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5}|[a-z.-]{2,20}/\d{7})", re.I)
_DOI: Final = re.compile(r"doi\.org/(10\.\d{4,9}/[^\s\"'<>]{1,200})", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<![\d.:/])(?:1[6-9]|20)\d\d(?!\d|\.\d)")
_PERSON: Final = re.compile(r"(?:[^\W\d_][\w.’'-]{0,30} ){1,5}[^\W\d_][\w’'-]{1,40}")
_PARTICLES: Final = frozenset(
    ("van", "von", "de", "der", "den", "du", "di", "da", "la", "le", "ten")
)
_NO_PERSON: Final = frozenset(
    ("Wikipedia", "MathOverflow", "YouTube", "Project", "OEIS", "Numberphile", "World")
)


def reference_lines(
    references: Sequence[str], links: Sequence[str]
) -> tuple[list[str], list[Citation]]:
    """The lines of a list of references, and the works cited in them in their order."""
    lines: list[str] = [plain(raw).strip() for raw in references]
    works: list[Citation] = []
    for raw in links:
        match = _LINK.match(raw)
        if match is None:
            lines.append(plain(raw).strip())
            continue
        authors = plain(match["authors"]).strip()
        title = " ".join(clean(html.unescape(match["title"])).split()).removesuffix(".")
        if _OWN_PAGE.match(title) or not authors:
            continue
        if title.startswith('"') and title.endswith('"') and title.count('"') == 2:
            title = title.strip('"')
        rest = _STATE_OF_LINK.sub("", plain(match["rest"]))
        surname = first_surname(authors)
        if surname is None:
            lines.append(f"{authors} {title}{rest}".strip())
            continue
        work = _work(raw, title, surname, rest)
        works.append(work)
        lines.append(f"{authors} {span(work)}{rest}")
    return [line for line in lines if line], works


def first_surname(authors: str) -> str | None:
    """The surname of the first of the authors; None where they are no persons.

    >>> first_surname("M. Bóna and A. Vince,"), first_surname("J. van der Berg, Jr.,")
    ('Bóna', 'van der Berg')
    >>> first_surname("Wikipedia,") is None
    True
    """
    bare = re.sub(r" ?\([^()]{0,60}\)", "", authors).strip(" ,.:;")
    first = re.split(r",| and | & |;| with | et al", bare, maxsplit=1)[0]
    first = re.sub(r" (?:Jr|Sr|II|III)\.?$", "", first.strip())
    if not _PERSON.fullmatch(first) or "'s" in first or "’s " in first:
        return None
    words = first.split()
    if _NO_PERSON.intersection(words):
        return None
    start = len(words) - 1
    while start > 0 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:])


def _work(raw: str, title: str, surname: str, rest: str) -> Citation:
    address = _HREF.search(raw)
    where = clean(html.unescape(address[1])) if address else ""
    arxiv, doi = _ARXIV.search(where), _DOI.search(where)
    years = _YEAR.findall(rest)
    return Citation(
        as_written=" ".join(filter(None, [surname, years[-1] if years else None])),
        title=title,
        surname=surname,
        year=years[-1] if years else None,
        doi=doi[1].rstrip(".,;") if doi else None,
        arxiv=arxiv[1] if arxiv else None,
    )
