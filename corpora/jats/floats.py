"""Figures, tables, boxes and files: their captions, and what they hold, as Markdown paragraphs."""

import re
from typing import Final

from lxml import etree

from corpora.jats.flow import content, flow, heading, paragraph_of
from corpora.jats.inline import line
from corpora.jats.spaces import tidy
from corpora.jats.state import ArticleState
from corpora.jats.tables import markdown_table
from corpora.xml_elements import first_child
from tokenization.wrappers import image, superscript

_CAPTIONED: Final = frozenset(
    ("label", "caption", "graphic", "alternatives", "media", "attrib", "permissions")
)
#: Most cells of most tables: a word or a number, which no rule changes.
_ONE_WORD: Final = re.compile(r"(?![Dd])[\w.,:;+*/%<>=-]+", re.ASCII)

#: What a file is and how large, after its caption: `(XLSX 12 kb)`.
_FILE_SIZE: Final = re.compile(r"(?<=[\w.)]) ?\([A-Z][A-Z\d]{1,5},? [\d.,]{1,9} ?[kKMG][bB]\)$")


def caption(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """The label and caption of a figure, table or file: one paragraph, and what follows it."""
    label, inside = first_child(element, "label"), first_child(element, "caption")
    number = line(label, state).rstrip(".:") if label is not None else ""
    title = first_child(inside, "title") if inside is not None else None
    parts = [f"{number}." if number else "", line(title, state) if title is not None else ""]
    blocks = content(inside, state, level) if inside is not None else []
    if parts[1] and blocks and parts[1][-1] not in ".?!:":
        parts[1] += "."
    if blocks and not re.match(r"(?:[#|>]|- |\d+\. |```)", blocks[0]):
        parts.append(blocks.pop(0))
    first = " ".join(part for part in parts if part)
    return [first, *blocks] if first else blocks


def figure(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """The mark of an image, its caption, and what else stands in the figure."""
    blocks = [image(), *caption(element, state, level)]
    for child in element:
        # A figure may hold a table, a formula, a list or figures of its own.
        if child.tag not in _CAPTIONED and child.tag in state.blocks:
            blocks.extend(state.blocks[str(child.tag)](child, state, level))
        elif child.tag == "attrib":
            blocks.extend([line(child, state)] if line(child, state) else [])
    return blocks


def group(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """Figures or tables under a caption of their own."""
    blocks = caption(element, state, level)
    return blocks + content(element, state, level, without=("caption",))


def file(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A supplementary file or a film: its label and caption."""
    blocks = [_FILE_SIZE.sub("", block) for block in caption(element, state, level)]
    for child in element:
        if child.tag in ("media", "fig", "table-wrap", "p", "supplementary-material"):
            blocks.extend(state.blocks[str(child.tag)](child, state, level))
    return blocks


def table(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A table under its caption, its notes below it; as an image where it is only that."""
    if state.inside_table:
        # A table inside a cell has no form in Markdown: its words are kept.
        return [line(element, state)]
    blocks = caption(element, state, level)
    tables = [t for t in element.iter("table", "tgroup") if _is_outermost(t, element)]
    # A CALS table is a `table` around its `tgroup`s.
    tables = [t for t in tables if not (t.tag == "table" and t.find("tgroup") is not None)]
    blocks.extend(filter(None, [_markdown(each, state) for each in tables]))
    if not tables and next(element.iter("graphic"), None) is not None:
        blocks.append(image())
    for child in element:
        if child.tag == "table-wrap-foot":
            blocks.extend(_foot(child, state, level))
        elif child.tag in ("p", "list", "disp-formula", "array", "preformat", "attrib", "def-list"):
            handler = state.blocks.get(str(child.tag), flow)
            blocks.extend(handler(child, state, level))
    return blocks


def _is_outermost(table: etree._Element, holder: etree._Element) -> bool:
    """Whether a table belongs to this holder, and stands in no cell of another table."""
    inside = ("table-wrap", "array", "fig", "td", "th", "entry")
    return next(table.iterancestors(*inside), None) is holder


def bare_table(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    """A table without caption."""
    if state.inside_table:
        return [line(element, state)]
    table = element if element.tag in ("table", "tgroup") else element.find("table")
    inside = table.findall("tgroup") if table is not None else []
    made = [
        _markdown(part, state) for part in (inside or ([table] if table is not None else [element]))
    ]
    return [text for text in made if text]


def _markdown(table: etree._Element, state: ArticleState) -> str:
    state.inside_table = True
    text = markdown_table(table, lambda cell: _cell(cell, state))
    state.inside_table = False
    return text


def _cell(cell: etree._Element, state: ArticleState) -> str:
    if len(cell):
        words = tidy(" ".join(flow(cell, state, 6)).replace("\n", " "))
    else:
        text = cell.text or ""
        if not text or _ONE_WORD.fullmatch(text):
            return text
        words = paragraph_of(text)
    return re.sub(r"(?<!\\)\|", r"\\|", words) if "|" in words else words


def _foot(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag in ("fn", "fn-group"):
            for note in [child] if child.tag == "fn" else child.findall("fn"):
                blocks.extend(labelled_note(note, state, level))
        else:
            handler = state.blocks.get(str(child.tag), flow)
            blocks.extend(handler(child, state, level))
    return blocks


def labelled_note(note: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A footnote of a table: its mark raised, as the cells have it, and its words."""
    label = first_child(note, "label")
    mark = line(label, state) if label is not None else ""
    if mark and label is not None and first_child(label, "sup") is None:
        mark = superscript(mark, marked=True) if len(mark) <= 3 else mark
    blocks = content(note, state, level)
    return [f"{mark} {blocks[0]}".strip(), *blocks[1:]] if blocks else []


def boxed(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """Boxed text under its title."""
    inside, label, title = (
        first_child(element, "caption"),
        first_child(element, "label"),
        first_child(element, "title"),
    )
    if title is None and inside is not None:
        title = first_child(inside, "title")
    words = " ".join(line(part, state) for part in (label, title) if part is not None)
    blocks = content(inside, state, level + 1) if inside is not None else []
    blocks += content(element, state, level + 1 if words else level, without=("caption",))
    return [heading(words, level), *blocks] if words and blocks else blocks


def picture(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """The mark of an image, with a caption if it has one."""
    return [image(), *caption(element, state, level)]


def structure(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A chemical structure: its picture, or what stands for it in words."""
    if next(element.iter("graphic", "inline-graphic"), None) is not None:
        return picture(element, state, level)
    return group(element, state, level)
