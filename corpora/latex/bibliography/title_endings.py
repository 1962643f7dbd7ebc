"""Where a printed title ends: before its edition, its date, its publisher or its journal."""

import re
from typing import Final

from corpora.latex.bibliography.databases import clean_title
from corpora.latex.bibliography.printed_text import strip

#: A month, in words or as a number.
MONTH: Final = (
    r"(?:(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{0,6}\b)\.?|May|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[/–-][A-Z][a-z]+\.?|\d{1,2})"
)
_ENDS_WITH_DATE: Final = re.compile(
    rf"(?:[,;.]\s*|\s*\(|\s+(?=[A-Z][a-z]{{2}}))(?:{MONTH}(?: \d{{1,2}})?,? )?"
    r"((?:18|19|20)\d\d)[a-z]?\)?$"
)
_EDITION: Final = re.compile(
    r"(?:,\s*|\.\s+|\s+\()(?:"
    r"(?:\d+(?:st|nd|rd|th)?|[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|[Rr]evised) "
    r"(?:edn?|edition)\b.*|"
    r"[Vv]ol(?:ume)?s?\b\.?(?:\s*\d.*|\s+[A-Z].*|$)|[Nn]umber \d.*|[Nn]o\. ?\d.*|"
    r"(?:pp?\.|pages?|chapter) ?\w.*|[A-Z][^,]{2,60} series\b.*|edited by .*|"
    r"[Tt]ech(?:nical|\.) [Rr]ep.*)$"
)
#: What follows the title of a report or of what is not printed.
KIND: Final = re.compile(
    r",\s+(?=(?:Ph\.?\s?D\b|Master(?:'s|’s)?|Doctoral|M\.?Sc\b|Diploma|Tech(?:nical|\.)|Report\b|"
    r"arXiv|[Pp]reprint|in:|in [A-Z]|to appear|submitted|unpublished|manuscript|in preparation|"
    r"in press|Astrophysics Source Code|accessed|[Aa]vailable|eds?\.|trans\.|"
    r"\d+(?:st|nd|rd|th) ed|[Vv]ol\.|version \d|Zenodo|Springer|Wiley|Elsevier|Academic Press|"
    r"Birkh|Kluwer|North-Holland|McGraw|Prentice|Addison|Chapman|Dover|World Scientific|"
    r"(?:[A-Za-z]+ ){1,3}(?:Univ\w*\.? )?[Pp]ress\b|doi:|https?:))"
)


#: elsarticle: a title, a journal, its volume and year.
TITLE_JOURNAL: Final = re.compile(
    r"^(.+?), ([^,.]+(?:\. ?[^,.]+){0,6}\.?) \d+[^,]{0,30}\((?:18|19|20)\d{2}\)"
)


def tidy(title: str | None, year: str | None) -> str | None:
    """A title without the year, the edition and the volume that stand behind it in its block."""
    if title is None:
        return None
    words = " ".join(strip(title).split()).rstrip(" ,;")
    for _ in range(3):
        edition = _EDITION.search(words)
        shorter = words[: edition.start()] if edition else words.rstrip(" ,;.")
        date = _ENDS_WITH_DATE.search(shorter)
        if date is not None and date.start() > 0 and (year is None or date.group(1) == year[:4]):
            shorter = shorter[: date.start()]
        if shorter == words.rstrip(" ,;."):
            break
        words = shorter.rstrip(" ,;")
    return clean_title(words)
