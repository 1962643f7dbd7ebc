"""Bodies of HTML as trees: libxml2 mends what is broken, and every text is cleaned."""

import re
from collections import Counter
from typing import Final

from lxml import etree

from corpora.documents import RecordUnreadable
from tokenization.marked_text import clean

#: Elements inside each other at most, what the reader recurses over (three frames an element).
MAX_DEPTH: Final = 100
#: Elements whose text is code.
CODE: Final = frozenset(("code", "pre", "tt", "samp", "kbd"))

CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: The parser drops what follows the end of a page.
_PAGE: Final = re.compile(r"</?(?:html|body)\b[^<>]*>", re.IGNORECASE)


def parsed_body(html: str, cleaned: Counter[str]) -> etree._Element | None:
    """The tree of a body of HTML, its texts cleaned; None where there is none.

    Raises RecordUnreadable where elements are nested deeper than `MAX_DEPTH`.
    """
    source = _PAGE.sub(" ", CONTROLS.sub("", clean(html, cleaned)))
    if not source.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True
    )
    try:
        root = etree.fromstring(source.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        raise RecordUnreadable("not readable HTML", " ".join((error.msg or "").split())) from None
    if root is None:
        return None
    if root.find("/".join(["*"] * (MAX_DEPTH + 1))) is not None:
        raise RecordUnreadable("too deep", f"elements nested deeper than {MAX_DEPTH}")
    for element in root.iter():
        if element.text:
            element.text = CONTROLS.sub("", clean(element.text, cleaned))
        if element.tail:
            element.tail = CONTROLS.sub("", clean(element.tail, cleaned))
    return root


def outside_code(root: etree._Element) -> str:
    """The text that may hold formulas: all but code."""
    pieces: list[str] = []
    pending: list[etree._Element | str] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            pieces.append(node)
            continue
        pending.append(node.tail or "")
        if node.tag not in CODE:
            pending.extend(reversed(node))
            pieces.append(node.text or "")
    return "".join(pieces)
