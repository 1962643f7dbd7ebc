"""The flow of a container: running text and blocks, as Markdown paragraphs in their order.

Running text becomes paragraphs, a block element what its handler (`ArticleState.blocks`) makes of
it. A figure or table inside a paragraph follows it, so that no sentence is cut. An element that is
not known is read like the container, or the phrase, that it is.
"""

import re
from typing import Final

from lxml import etree

from corpora.jats.inline import RUNNING, line, phrase
from corpora.jats.spaces import close_up, tidy
from corpora.jats.state import ArticleState, Handler
from corpora.xml_elements import first_child, text_inside

_WRITTEN_BY_CONTAINER: Final = ("title", "label", "subtitle", "sec-meta")
_FLOATS: Final = frozenset(
    ("fig", "fig-group", "table-wrap", "table-wrap-group", "supplementary-material", "media",
     "boxed-text", "chem-struct-wrap")
)  # fmt: skip
#: A paragraph that only says where its object (eLife) or file is (PMC, Frontiers, Springer, MDPI),
#: or of what kind (PLOS).
_ADDRESS_ONLY: Final = re.compile(
    r"(?:DOI|doi):?\s*(?:https?://\S+|10\.\d+/\S+)|Click here (?:for|to) [^.]{1,60}\.?|"
    r"The [Ss]upplementary [Mm]aterials? for this article can be found online at:? \S+|"
    r"The online version of this article \(\S+\) contains supplementary material[^.]{0,60}\.?|"
    r"Supplementary (?:data|materials?) (?:can be found|(?:is|are) available)(?: online)? at:? \S+|"
    r"\((?:PDF|TIFF?|EPS|PNG|JPE?G|DOCX?|XLSX?|PPTX?|TXT|CSV|ZIP|MP4|MOV|AVI|MPG|RTF|HTML?|XML|SWF)\)"
)
_SECTIONS: Final = frozenset(("sec", "abstract", "body", "app", "boxed-text"))
#: What stands in containers only, never in running text.
_IN_BLOCKS: Final = frozenset(("p", "sec", "fig", "table-wrap", "list", "def-list", "title"))
_POINTS: Final = frozenset(".,;:")
_POINT_AFTER: Final = re.compile(r"[.,;:]+(?=\s|$)")


def flow(
    element: etree._Element, state: ArticleState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """The paragraphs of an element; `level` is the heading level of a section inside it.

    Children named in `without` are passed over, not what follows them.
    """
    holder = element.tag
    run = element.text or ""
    if not len(element) and holder not in _SECTIONS:
        # Most cells of a table.
        words = paragraph_of(run) if run else ""
        return [words] if words else []
    blocks: list[str] = []
    floats: list[str] = []
    for child in element:
        tag = str(child.tag)
        if tag not in without:
            handler = state.blocks.get(tag)
            if handler is None and tag not in RUNNING:
                handler = _unknown(child, tag, holder)
            if handler is None:
                run += phrase(child, state)
            elif holder == "p" and tag in _FLOATS:
                floats.extend(handler(child, state, level))
            else:
                if run and not run.isspace():
                    _add(paragraph_of(run), blocks, holder, floats)
                run = ""
                for block in handler(child, state, level):
                    _add(block, blocks, holder, floats)
        run += child.tail or ""
    if run and not run.isspace():
        _add(paragraph_of(run), blocks, holder, floats)
    return blocks + floats


def _add(block: str, blocks: list[str], holder: str, floats: list[str]) -> None:
    point = _POINT_AFTER.match(block) if block[:1] in _POINTS else None
    if point and (blocks or floats or holder in _SECTIONS):
        # The full stop or comma that follows a displayed formula belongs to it, in the next
        # paragraph too; that of what is left out, or moved, to nothing.
        if blocks and not blocks[-1].startswith(("#", "|", "```")):
            blocks[-1] += point.group()
        block = block[point.end() :].lstrip()
    if block:
        blocks.append(block)


def _unknown(element: etree._Element, tag: str, holder: str) -> Handler | None:
    """How an element is read that no handler knows; None where it is a part of running text."""
    if tag == "code":
        return _listing if _has_lines(element, holder) else None
    return flow if _holds_paragraphs(element) else None


def _listing(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return state.blocks["preformat"](element, state, level)


def _has_lines(code: etree._Element, holder: str) -> bool:
    """Whether a piece of code is a listing; one broken over two lines of a sentence is not."""
    breaks = text_inside(code).strip().count("\n")
    return breaks > 0 and (holder != "p" or breaks > 1)


def _holds_paragraphs(element: etree._Element) -> bool:
    """Whether an element that is not known holds blocks: another DTD's section or container."""
    return len(element) > 0 and any(child.tag in _IN_BLOCKS for child in element)


def paragraph_of(run: str) -> str:
    """Running text as a paragraph, "" for one that only says where an object or a file is."""
    words = close_up(tidy(run))
    # By its first character, as nearly every paragraph has another.
    return "" if words[:1] in "Dd(CTS" and _ADDRESS_ONLY.fullmatch(words) else words


def heading(words: str, level: int) -> str:
    """A Markdown heading of one of its six levels."""
    return f"{'#' * min(max(level, 1), 6)} {words}"


def titled(element: etree._Element, state: ArticleState, level: int, default: str) -> list[str]:
    """A container under its own title, or the default one; nothing where it is empty."""
    title, label = first_child(element, "title"), first_child(element, "label")
    words = line(title, state) if title is not None else default
    number = line(label, state) if label is not None else ""
    if not words.startswith(number):
        words = f"{number} {words}".strip()
    inside = content(element, state, level + 1)
    return [heading(words, level), *inside] if inside and words else inside


def content(
    element: etree._Element, state: ArticleState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """`flow` without the title and label, which their container has written."""
    return flow(element, state, level, (*_WRITTEN_BY_CONTAINER, *without))
