"""Figures and tables: captions from the parts that a parser made of them, cells in Markdown."""

import itertools
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from lxml import etree

from corpora.jats.spaces import tidy
from corpora.table_grids import MOST_COLUMNS, GridCell, grid_markdown, span_of
from corpora.tei.furniture import is_running_line
from corpora.tei.inline import line, prose
from corpora.tei.state import TeiState
from tokenization.wrappers import image

#: How an element inside is read: as blocks, at a level.
Reading = Callable[[etree._Element, TeiState, int], list[str]]

_SPACED_NUMBER: Final = re.compile(r"^([^\W\d_]+\.? [A-Z]?\d{1,3}[a-z]?) ([:.]) ")
#: `FIG. 2.Wings of bees`
_CLOSE_NUMBER: Final = re.compile(
    r"^((?:fig(?:ure)?|tab(?:le)?)\.? [A-Z]?\d{1,3}[a-z]?[.:])(?=[^\W\d_]{2})", re.IGNORECASE
)
_OWN_NUMBER: Final = re.compile(r"(?:fig(?:ure|s)?|tab(?:le)?|scheme)\.? ?\d", re.IGNORECASE)
_CAPTION_NUMBER: Final = re.compile(r"(?:[^\W\d_]+\.? ?)?[A-Z]?\d{0,3}[a-z]?[\s:.|–—-]*")
_FLOAT_NUMBER: Final = re.compile(
    r"(?:fig(?:ure)?|tab(?:le)?|scheme)\.? ?[A-Z]?\d{1,3}[a-z]?\b", re.IGNORECASE
)
#: `Table 3 '`, `Table 4 (`: what the caption opens with.
_OPENED: Final = re.compile(r"(?<=\d) ?([('\"“‘])$")
#: What a figure holds beside its caption and tables; `trash` is what GROBID 0.3 knew no name for.
_BESIDE: Final = frozenset(("p", "figure", "ab", "formula", "list", "quote", "eg", "trash"))
_FEW_COLUMNS: Final = 3
_COLUMNS: Final = re.compile(r"[1-9][0-9]?")
_BAR: Final = re.compile(r"(?<!\\)\|")
#: A number with its sign, error or unit, or a mark that stands for one.
_VALUE: Final = re.compile(r"[(<>≤≥±~+−–-]?\d[\d.,:/±%()*eE+−–-]*|[✓✗✔×–—-]+|[nN]/?[aA]|NaN")


def figure(element: etree._Element, state: TeiState, level: int, read: Reading) -> list[str]:
    """A figure or table: its image, caption, tables and notes."""
    tables = [t for t in element.iter("table") if next(t.iterancestors("figure"), None) is element]
    caption = _caption(element, state)
    notes = [words for note in element.findall("note") if (words := line(note, state))]
    if notes and caption and _CAPTION_NUMBER.fullmatch(caption):
        # What GROBID takes for the note of a table without a caption is its caption.
        caption = f"{caption}: {notes.pop(0)}"
    caption = _CLOSE_NUMBER.sub(r"\1 ", _SPACED_NUMBER.sub(r"\1\2 ", caption))
    if is_running_line(caption, state.own_line):
        caption = ""
    blocks = [caption] if caption else []
    for each in tables:
        blocks += table(each, state, level, read)
    if element.get("type") != "table" and not tables:
        drawn = next(element.iter("graphic", "media", "formula"), None) is not None
        blocks = [image(), *blocks] if caption or drawn else blocks
    for child in element:
        if child.tag in _BESIDE:
            blocks += read(child, state, level)
    return blocks + notes


def _caption(element: etree._Element, state: TeiState) -> str:
    """Head and description of a figure as one paragraph, what both say once."""
    heads = [words for head in element.findall("head") if (words := line(head, state))]
    described = [words for text in element.findall("figDesc") if (words := line(text, state))]
    head, text = " ".join(heads), " ".join(described)
    label = element.find("label")
    if not head and label is not None and re.fullmatch(r"[A-Z]?\d{1,3}[a-z]?", line(label, state)):
        head = f"{'Table' if element.get('type') == 'table' else 'Figure'} {line(label, state)}"
        if re.match(r"(?:fig|table|scheme|box)", text, re.IGNORECASE):
            head = ""
    opened = _OPENED.search(head)
    if opened and text and _FLOAT_NUMBER.fullmatch(head, 0, opened.start()):
        # The quotation mark or bracket that the caption begins with.
        head, text = head[: opened.start()], opened.group(1) + text
    if _CAPTION_NUMBER.fullmatch(head):
        head = head.rstrip(" :.|–—-")
    own = _FLOAT_NUMBER.match(text)
    if own and _bare(head).endswith(_bare(own.group())):
        # `2 FIG. S9 .` before `FIG. S9. Wings`.
        return text
    if not head or not text or _bare(text).startswith(_bare(head)):
        return text or head
    if _CAPTION_NUMBER.fullmatch(head) and _OWN_NUMBER.match(text):
        return text
    if _CAPTION_NUMBER.fullmatch(head):
        return f"{head} {text}" if text[0] == "(" else f"{head}: {text}"
    if text[0] in "-–":
        # The parser cut a word.
        return head + text
    return f"{head} {text}" if head[-1] in ".:!?" or text[0].islower() else f"{head}. {text}"


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def table(element: etree._Element, state: TeiState, level: int, read: Reading) -> list[str]:
    """A table in Markdown, its head before it."""
    if state.inside_table:
        # A table inside a cell has no form in Markdown: its words are kept.
        return [words] if (words := line(element, state)) else []
    head = element.find("head")
    blocks = [line(head, state)] if head is not None and line(head, state) else []
    state.inside_table = True
    rows = list(element.iter("row"))
    if next(element.iterdescendants("table"), None) is not None:
        rows = [row for row in rows if next(row.iterancestors("table"), None) is element]
    read_rows = [_row(row, state, read, first=row is rows[0]) for row in rows]
    state.inside_table = False
    named = (bool(row) and all(cell.labels for cell in row) for row in read_rows)
    # The first row is the head where none is marked, or all are.
    heads = next((number for number, all_named in enumerate(named) if not all_named), 1) or 1
    head_rows, body_rows = read_rows[:heads], read_rows[heads:]
    written = grid_markdown(head_rows, body_rows, lambda cell: cell.grid, apart=False)
    if written:
        blocks.append(written)
    elif not rows and (words := line(element, state)):
        blocks.append(words)
    return blocks


class _Cell(NamedTuple):
    """A cell as it is read; `labels` says that it names a row or column."""

    grid: GridCell
    labels: bool


def _row(row: etree._Element, state: TeiState, read: Reading, *, first: bool) -> list[_Cell]:
    cells: list[_Cell] = []
    of_labels = row.get("role") == "label"
    for cell in itertools.islice(row.iterchildren("cell"), MOST_COLUMNS):
        if len(cells) > MOST_COLUMNS:
            break
        labels = of_labels or cell.get("role") == "label"
        columns, high = _columns(cell), span_of(cell.get("rows"))
        text = _cell(cell, state, read)
        if labels or (first and columns <= _FEW_COLUMNS):
            # A head over a few columns says what each of them is.
            cells.append(_Cell(GridCell(text, columns, high), labels))
        else:
            cells += [_Cell(GridCell(words, 1, high), labels) for words in _across(text, columns)]
    return cells


def _columns(cell: etree._Element) -> int:
    columns = cell.get("cols")
    return int(columns) if columns and _COLUMNS.fullmatch(columns) else 1


def _across(words: str, columns: int) -> list[str]:
    """The cells that a cell stands for.

    A PDF parser takes neighbours that stand close for one cell of several columns: as many numbers
    as columns are one each, what else there is stands in the first.
    """
    if columns == 1:
        return [words]
    parts = words.split(" ")
    if len(parts) == columns and all(map(_VALUE.fullmatch, parts)):
        return parts
    return [words, *[""] * (columns - 1)]


def _cell(cell: etree._Element, state: TeiState, read: Reading) -> str:
    if len(cell):
        words = tidy(" ".join(read(cell, state, 6)))
    else:
        words = tidy(prose(cell.text or "", state))
    return _BAR.sub(r"\\|", words) if "|" in words else words
