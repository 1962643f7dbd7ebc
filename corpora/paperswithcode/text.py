"""Texts of Papers with Code: abstracts with the TeX of their authors, descriptions in Markdown."""

import re
from collections import Counter
from typing import Final
from xml.sax.saxutils import escape

from corpora.documents import ReadOptions
from corpora.html_markdown import html_to_markdown, inline_markdown
from corpora.html_or_plain import blocks_of, is_html
from corpora.html_parsing import CONTROLS
from corpora.s2orc.tex_abstracts import tex_paragraph
from tokenization.marked_text import clean
from tokenization.wrappers import latex

#: An address may have one pair of parentheses.
_ADDRESS: Final = r"[^()\s]{0,1000}(?:\([^()\s]{0,300}\)[^()\s]{0,300})?"
_PICTURE: Final = re.compile(rf"!\[[^\[\]\n]{{0,300}}\]\({_ADDRESS}\)")
_LINK: Final = re.compile(
    rf"\[([^\[\]\n]{{1,500}})\]\(<?(?=https?:|/|#|www\.){_ADDRESS}>?\)", re.IGNORECASE
)
_EMPHASIS: Final = re.compile(
    r"(?<![\w*\\$])(\*\*|\*|__)(?=[^\s*_])([^*\n$]{1,400}?)(?<=\S)\1(?![\w*])"
)
_ESCAPED: Final = re.compile(r"\\([_*#]|\\(?=[{}]))")
_HEADING: Final = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_ITEM: Final = re.compile(r"\s{0,8}(?:[-*+•]|\d{1,2}[.)])\s+\S")
#: Where a picture is from, and where the description is.
_CREDIT: Final = re.compile(
    r"\W{0,4}(?:image|figure|picture)s?\W{0,4}(?:source|credit|from)\b"
    r"|\W{0,4}(?:image|source|credit)s?\W{0,4}:",
    re.IGNORECASE,
)
_LONGEST_CREDIT: Final = 300


def tex_line(text: str, options: ReadOptions, cleaned: Counter[str]) -> str:
    """An abstract or title, raw, as one line of marked text.

    >>> tex_line("An $\\\\alpha$\\nscheme", ReadOptions(latex_markers=False), Counter())
    'An \\\\(\\\\alpha\\\\) scheme'
    """
    paragraph = tex_paragraph(" ".join(CONTROLS.sub(" ", clean(text, cleaned)).split()))
    pieces: list[str] = []
    at = 0
    for span in paragraph.spans:
        pieces.append(paragraph.text[at : span.start])
        # What TeX spells may be put together from parts.
        formula = clean(span.latex or "", cleaned)
        pieces.append(latex(formula, markers=options.latex_markers))
        at = span.end
    return "".join([*pieces, clean(paragraph.text[at:], cleaned)])


def description_blocks(text: str, options: ReadOptions, cleaned: Counter[str]) -> list[str]:
    """A description, raw Markdown, as blocks: links are their words, pictures and credits go.

    >>> description_blocks("A **net** of [X](https://x.org).\\n\\nImage Source: [1](https://y.org)",
    ...                    ReadOptions(), Counter())
    ['A net of X.']
    """
    written = CONTROLS.sub("", clean(text.replace("\r\n", "\n").replace("\r", "\n"), cleaned))
    # Markdown takes a backslash away before MathJax sees a formula.
    written = _ESCAPED.sub(r"\1", written.replace(r"\\\\", r"\\"))
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", written):
        bare = paragraph.strip()
        if not bare or (len(bare) <= _LONGEST_CREDIT and _CREDIT.match(bare)):
            continue
        blocks += _paragraph(bare, options, cleaned)
    return blocks


def _paragraph(text: str, options: ReadOptions, cleaned: Counter[str]) -> list[str]:
    text = _LINK.sub(r"\1", _PICTURE.sub("", text)).strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return []
    if is_html(text):
        return blocks_of(text, options, cleaned)
    if "$$" in text or "\\[" in text or "\\begin{" in text:
        return html_to_markdown(escape(_EMPHASIS.sub(r"\2", text)), options, cleaned)
    heading = _HEADING.fullmatch(lines[0])
    if heading:
        title = [f"### {shown}"] if (shown := _inline(heading[2], options)) else []
        return title + (_paragraph("\n".join(lines[1:]), options, cleaned) if lines[1:] else [])
    first = next((n for n, line in enumerate(lines) if _ITEM.match(line)), len(lines))
    blocks = [_inline(" ".join(lines[:first]), options)] if first else []
    items: list[list[str]] = []
    for line in lines[first:]:
        if _ITEM.match(line):
            mark, _, words = line.partition(" ")
            shown = mark if mark[:1].isdigit() else "-"
            items.append([shown, _inline(words.strip(), options)])
        else:
            items[-1].append(_inline(line, options))
    return [block for block in [*blocks, "\n".join(map(" ".join, items))] if block]


def _inline(line: str, options: ReadOptions) -> str:
    return inline_markdown(_EMPHASIS.sub(r"\2", line), options)
