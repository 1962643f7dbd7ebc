"""Texts of databases that are HTML in some records and plain in others.

Where no tag and no character reference of HTML stands in a text, `p < 0.05` is one: it is read as
plain, its formulas all the same.
"""

import re
from collections import Counter
from typing import Final
from xml.sax.saxutils import escape

from corpora.documents import ReadOptions
from corpora.html_markdown import html_to_markdown, inline_markdown
from corpora.html_parsing import CONTROLS
from tokenization.marked_text import clean

_TAG: Final = re.compile(
    r"</?(?:p|br|i|b|u|em|strong|sub|sup|ul|ol|li|a|span|div|font|table|tr|td|img|h[1-6]|small|dl)"
    r"(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_PARAGRAPHS: Final = re.compile(r"(?:<br\s{0,9}/?>\s{0,99}){2}", re.IGNORECASE)
#: `[image: addition of HX]`, what stands for a picture in plain texts.
_PICTURE: Final = re.compile(r"\[image: ?[^\[\]]{0,300}\]")


def blocks_of(
    text: str, options: ReadOptions, cleaned: Counter[str], *, level: int = 3
) -> list[str]:
    """The blocks of a text, raw; `level` is that of an `h1`.

    >>> blocks_of("x<sub>1</sub> &lt; 2", ReadOptions(latex_markers=False), Counter())[0][0]
    'x'
    >>> blocks_of("p < 0.05\\n\\nand q", ReadOptions(), Counter())
    ['p < 0.05', 'and q']
    """
    if is_html(text):
        html = _PICTURE.sub("<img>", _PARAGRAPHS.sub("<p>", text))
        return html_to_markdown(html, options, cleaned, level=level)
    if _PICTURE.search(text):
        return html_to_markdown(_PICTURE.sub("<img>", escape(text)), options, cleaned)
    paragraphs = re.split(r"\n\s*\n", CONTROLS.sub("", clean(text, cleaned)))
    lines = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return [shown for line in lines if line and (shown := inline_markdown(line, options))]


def is_html(text: str) -> bool:
    """Whether a text has tags or character references of HTML."""
    return bool(_TAG.search(text) or _REFERENCE.search(text))


def line_of(text: str, options: ReadOptions, cleaned: Counter[str]) -> str:
    """A text as one line: a name, a title."""
    return " ".join(" ".join(blocks_of(text, options, cleaned)).split())
