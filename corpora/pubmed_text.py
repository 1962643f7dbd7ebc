"""The running text of PubMed's elements: emphasis, scripts and MathML, one line of marked text."""

import re
from typing import Final

from lxml import etree

from corpora.documents import ReadOptions
from corpora.mathml import mathml_to_latex
from corpora.xml_records import unescaped
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST, code_point
from tokenization.wrappers import latex, subscript, superscript

#: Layout, not text: soft hyphen, zero-width space, byte order mark.
_UNSEEN: Final = {0x00AD: None, 0x200B: None, 0xFEFF: None, 0x00A0: " "}
_PLAIN: Final = ReadOptions(latex_markers=False)
_MARKERS: Final = re.compile(f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]")
_UNDERLINED: Final = {"<": "≤", ">": "≥", "+": "±"}
_FORMULA_IN_BRACKETS: Final = re.compile(
    rf"(?<=[(\[]) (?={code_point('[START_LATEX]')}|\\\()"
    rf"|(?:(?<={code_point('[END_LATEX]')})|(?<=\\\))) (?=[)\],;.])"
)
_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©", "(R)", "TM"))


def line(element: etree._Element | None, options: ReadOptions) -> str:
    """All that an element holds, as one line of marked text; "" for no element."""
    if element is None:
        return ""
    if not len(element):
        return _tidy(unescaped(element.text or ""))
    words = _tidy(_inline(element, options))
    # PubMed has a blank on both sides of each formula.
    return _FORMULA_IN_BRACKETS.sub("", words) if "\\(" in words else words


def plain(element: etree._Element | None) -> str:
    """The same without markers, for what is kept beside the text."""
    return without_markers(line(element, _PLAIN))


def without_markers(text: str) -> str:
    """Marked text without its markers."""
    return text if text.isascii() else _MARKERS.sub("", text)


def _tidy(text: str) -> str:
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def _inline(element: etree._Element, options: ReadOptions) -> str:
    pieces = [unescaped(element.text or "")]
    for child in element:
        pieces.append(_phrase(child, options))
        pieces.append(unescaped(child.tail or ""))
    return "".join(pieces)


def _phrase(element: etree._Element, options: ReadOptions) -> str:
    if element.tag == "math":
        body = mathml_to_latex(element)
        display = element.get("display") == "block"
        return latex(body, display=display, markers=options.latex_markers) if body else ""
    if element.tag in ("br", "p", "DispFormula"):
        return f" {_inline(element, options)} "
    content = _inline(element, options)
    if element.tag == "u":
        # What a typewriter has for these signs.
        return _UNDERLINED.get(content.strip(), content)
    if element.tag in ("sup", "sub"):
        words = _tidy(content)
        if not words or (element.tag == "sup" and words in _PLAIN_RAISED):
            return words
        return (superscript if element.tag == "sup" else subscript)(words, marked=True)
    return content
