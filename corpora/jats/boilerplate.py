"""What stands in an article but is not its text.

Left out, by the kind that the publisher gives or by the title: who paid, who gains, who did what
and who they are, the consent to publication, and the publisher's own notices. Kept, each a section:
acknowledgements, ethics, the availability of data and code, abbreviations, supplements.
"""

import re
from itertools import islice
from typing import Final

from lxml import etree

from corpora.jats.spaces import tidy
from corpora.xml_elements import first_child, text_inside

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
    r"conflicting interests?|authors?['’]?s? information|consent (?:for|to) publication|"
    r"consent to publish|about this supplement|"
    r"publisher['’]?s note)(?: statement| disclosure)?",
    re.IGNORECASE,
)
#: The title of eLife for all statements, ethics among them; Springer's for its own notice.
_OF_ALL_KINDS: Final = "additional information"
_SENTENCES: Final = re.compile(r"(?<=[.?!]) (?=[A-Z])")
#: Footnotes that are the publisher's: "The online version contains supplementary material".
_NOTICES: Final = re.compile(
    r"electronic supplementary material|(?:how to )?cit(?:e|ation)|orcid i[dD]s?", re.IGNORECASE
)


def is_boilerplate(element: etree._Element) -> bool:
    """Whether an element of the back matter is left out, with all that it holds.

    Sections of their own titles are judged each by itself, whatever the kind of what holds them:
    Europe PMC calls all declarations of an article, its ethics among them, a `COI-statement`.
    """
    title = first_child(element, "title")
    if title is None and element.tag == "fn":
        title = element.find("p/bold")
    words = tidy(text_inside(title)).rstrip(".:") if title is not None else ""
    if words.lower() == _OF_ALL_KINDS and any(
        not is_boilerplate(notes) for notes in element.findall("fn-group")
    ):
        return False
    if _BOILERPLATE_TITLES.fullmatch(words) or (element.tag == "fn" and _NOTICES.fullmatch(words)):
        return True
    if element.tag != "sec" and element.find("sec/title") is not None and element.find("p") is None:
        return False
    kinds = " ".join(
        element.get(name, "") for name in ("fn-type", "content-type", "sec-type", "notes-type")
    ).lower()
    return any(kind in _BOILERPLATE_KINDS for kind in kinds.replace("|", " ").split())


def unsaid(blocks: list[str], note: etree._Element) -> list[str]:
    """The blocks of a note, of one about ethics without the sentences that the body says too."""
    group = note.getparent()
    if group is None or "ethics" not in (group.get("content-type") or ""):
        return blocks
    bodies = note.getroottree().getroot().iter("body")
    said = " ".join(tidy(text_inside(body)) for body in bodies)
    left: list[str] = []
    for block in blocks:
        # `Human subjects: All work was approved.`
        lead, colon, words = block.rpartition(": ") if block.count(": ") == 1 else ("", "", block)
        kept = [sentence for sentence in _SENTENCES.split(words) if sentence not in said]
        left += [lead + colon + " ".join(kept)] if kept else []
    return left


def ends_the_body(element: etree._Element) -> bool:
    """Whether only boilerplate follows a section: publishers put it at the end of the body too."""
    if next(element.iterancestors("back"), None) is not None:
        return True
    return all(is_boilerplate(section) for section in islice(element.itersiblings("sec"), _FEW))
