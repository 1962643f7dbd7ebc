"""Blanks before subscripts and superscripts, which an indented file has and no paper prints."""

import re
from typing import Final

from lxml import etree

#: What a script stands on: `<italic>T</italic> <sub>max</sub>`.
_BASES: Final = frozenset(("italic", "bold", "roman", "sc", "sub", "sup", "styled-content"))
#: A power, a charge, the sign of a note. One before a letter is the number of an isotope.
_AFTER: Final = re.compile(r"\s*(?:[+−–-]?\d{0,3}[+−–-]?|[*†‡§#¶′]|[a-z])\s*")


def close_scripts(article: etree._Element) -> None:
    """Takes out the blank between a script and the element that it stands on."""
    for script in article.iter("sub", "sup"):
        before = script.getprevious()
        if before is None or not before.tail or before.tag not in _BASES or before.tail.strip():
            continue
        if script.tag == "sup" and (
            len(script)
            or (script.tail or "")[:1].isalpha()
            or not _AFTER.fullmatch(script.text or "")
        ):
            continue
        before.tail = None
