"""Tables: wikitext rows and cells to Markdown (https://www.mediawiki.org/wiki/Help:Tables).

Attributes are left out; so are tables that are boxes beside the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from corpora.mediawiki.raw_tags import attributes
from corpora.table_grids import MOST_COLUMNS, GridCell, grid_markdown, span_of

_BOX: Final = re.compile(
    r"infobox|navbox|sidebar|metadata|ambox|mbox|noprint|vevent|biota|vcard|"
    r"succession|stub|messagebox|navigation|taxobox",
    re.IGNORECASE,
)
_TABLE_LINE: Final = re.compile(r"^[ \t:*#]*(\{\||\|\}|\|\+|\|-|[|!])")
_ATTRIBUTES: Final = re.compile(
    r"[^|\[\]\x01-\x06]*(?:=|nowrap|^\s*$)[^|\[\]\x01-\x06]*", re.IGNORECASE
)
_LEADING_ATTRIBUTES: Final = re.compile(
    r"\s*(?:(?:colspan|rowspan|bgcolor|style|align|valign|class|width|scope|data-sort-value|nowrap)"
    r"\s*=\s*(?:\"[^\"|]*\"|[\w#%;:.-]+)\s*)+(?=\s|$)",
    re.IGNORECASE,
)
_CELLS: Final = re.compile(r"\|\||(?<=.)!!")
_DATA_CELLS: Final = re.compile(r"\|\|")

CellText = Callable[[str], str]


@dataclass(slots=True)
class Cell:
    """A cell as written, whether it is a header, and how far it spans."""

    lines: list[str]
    header: bool
    wide: int = 1
    high: int = 1


@dataclass(slots=True)
class Table:
    """A table's rows, its caption, and whether it stands beside the text.

    `loose` is text between its brackets that stands in no cell.
    """

    rows: list[list[Cell]]
    caption: list[str]
    loose: list[str]
    box: bool


def read_table(lines: list[str], start: int, spare: int) -> tuple[Table, int, int]:
    """The table that begins at a line, the line after it, and how many lines are given back.

    One that never ends is ended by the next heading, or by the empty line after its last cell
    begins. Tables inside cells keep their lines. `spare` is how many
    lines may be given back to be read again; where more would be, the heading ends the table.
    """
    opening = lines[start].partition("{|")[2]
    given = attributes(opening)
    beside = "toccolours" in given.get("class", "") and "float" in given.get("style", "")
    table = Table([], [], [], beside or bool(_BOX.search(given.get("class", ""))))
    part = table.loose
    depth, at = 0, start + 1
    # Where the first empty line stands after the last cell began, in the lines and in the cell.
    empty: tuple[int, int] | None = None
    while at < len(lines):
        words = lines[at]
        at += 1
        if words.startswith("==") and words.rstrip().endswith("=="):
            at -= 1
            break
        mark = _TABLE_LINE.match(words)
        kind = mark.group(1) if mark else ""
        if kind == "{|":
            depth += 1
        if depth:
            depth -= kind == "|}"
            part.append(words)
            continue
        if not mark:
            if empty is None and not words.strip():
                empty = at, len(part)
            part.append(words)
            continue
        empty = None
        rest = words[mark.end() :]
        if kind == "|}":
            if rest.strip():
                lines[at - 1] = rest
                at -= 1
            return table, at, 0
        if kind == "|+":
            part = table.caption
            part.append(content(rest)[1])
        elif kind == "|-":
            table.rows.append([])
            part = table.loose
        else:
            if not table.rows:
                table.rows.append([])
            for piece in (_CELLS if kind == "!" else _DATA_CELLS).split(rest)[:MOST_COLUMNS]:
                cell = _cell(piece, header=kind == "!")
                table.rows[-1].append(cell)
                part = cell.lines
    if empty is not None and at - empty[0] <= spare:
        # What follows the empty line goes out of the last cell.
        del part[empty[1] :]
        return table, empty[0], at - empty[0]
    return table, at, 0


def content(words: str) -> tuple[str, str]:
    """The attributes and the content of a cell: `style="..." | words`."""
    before, bar, after = words.partition("|")
    if bar and _ATTRIBUTES.fullmatch(before):
        return before, after
    # `colspan=2 {{n/a}}`: the bar came out of the template.
    leading = None if bar else _LEADING_ATTRIBUTES.match(words)
    return (leading.group(), words[leading.end() :]) if leading else ("", words)


def _cell(words: str, *, header: bool) -> Cell:
    written, inside = content(words)
    given = attributes(written) if written else {}
    return Cell([inside], header, span_of(given.get("colspan")), span_of(given.get("rowspan")))


def markdown(table: Table, cell_text: CellText) -> str:
    """The table in Markdown, "" where it has no text; `cell_text` gives the text of a cell."""
    rows = [row for row in table.rows if row]
    count = 0
    while count < len(rows) and all(cell.header for cell in rows[count]):
        count += 1
    count = max(count, 1) if len(rows) > count else min(count, 1)
    return grid_markdown(
        rows[:count],
        rows[count:],
        lambda cell: GridCell(cell_text("\n".join(cell.lines)), cell.wide, cell.high),
        apart=False,
    )
