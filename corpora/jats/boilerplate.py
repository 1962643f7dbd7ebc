"""What stands in an article but is not its text: funding, interests, contributions."""

import re
from itertools import islice
from typing import Final

from lxml import etree

from corpora.jats.inline import tidy

#: Footnotes and sections that say who paid, who did what, and who gains: not the paper's text.
_BOILERPLATE_KINDS: Final = frozenset(
    (
        "con", "conflict", "coi-statement", "financial-disclosure", "supported-by", "corresp",
        "current-aff", "present-address", "deceased", "equal", "edited-by", "reviewed-by",
        "competing-interest", "competing-interests", "author-contribution", "author-contributions",
        "funding-statement", "funding-information", "publishers-note", "participating-researchers",
    )
)  # fmt: skip
#: No paper ends with more of them.
_FEW: Final = 20
_BOILERPLATE_TITLES: Final = re.compile(
    r"(?:(?:competing|conflicts? of|declaration of(?: competing)?|financial|potential competing) "
    r"(?:financial )?interests?|authors?['’]?s? contributions?|contributions?(?: of authors)?|"
    r"funding(?: sources?| information)?|financial (?:support|disclosure)(?: and sponsorship)?|"
    r"(?:author )?disclosures?|credit authorship contribution|additional information|"
    r"publisher['’]?s note)(?: statement| disclosure)?",
    re.IGNORECASE,
)


def is_boilerplate(element: etree._Element) -> bool:
    """Whether an element of the back matter is funding, interests or contributions."""
    kinds = " ".join(
        element.get(name, "") for name in ("fn-type", "content-type", "sec-type", "notes-type")
    ).lower()
    if any(kind in _BOILERPLATE_KINDS for kind in kinds.replace("|", " ").split()):
        return True
    title = element.find("title")
    if title is None and element.tag == "fn":
        title = element.find("p/bold")
    words = tidy("".join(map(str, title.itertext()))).rstrip(".:") if title is not None else ""
    return bool(_BOILERPLATE_TITLES.fullmatch(words))


def ends_the_body(element: etree._Element) -> bool:
    """Whether only boilerplate follows a section: publishers put it at the end of the body too."""
    if next(element.iterancestors("back"), None) is not None:
        return True
    return all(is_boilerplate(section) for section in islice(element.itersiblings("sec"), _FEW))
