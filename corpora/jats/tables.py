"""Tables as Markdown: XHTML tables and CALS (`tgroup`) ones."""

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from corpora.table_grids import MOST_COLUMNS, GridCell, grid_markdown, span_of

_MOST_HEAD_ROWS: Final = 5
_CELLS: Final = frozenset(("td", "th", "entry"))

Cell = Callable[[etree._Element], str]


def markdown_table(table: etree._Element, cell_text: Cell) -> str:
    """A `table` (or `tgroup`) element in Markdown, "" where it has no text.

    `cell_text` gives the marked text of a cell. The first row is the header where none is marked,
    with those that its cells reach down to where it is a row of groups.
    """
    head = [row for row in _rows(table) if _in_head(row)]
    body = [row for row in _rows(table) if not _in_head(row)]
    columns = {spec.get("colname", ""): i for i, spec in enumerate(table.iter("colspec"))}
    apart = bool(head)
    if not head:
        count = next((i for i, row in enumerate(body) if not _all_th(row)), 1)
        count = count or _height_of_groups(body, columns)
        head, body = body[:count], body[count:]
    return grid_markdown(
        [_cells(row) for row in head],
        [_cells(row) for row in body],
        lambda cell: GridCell(cell_text(cell), *_spans(cell, columns)),
        apart=apart,
    )


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if cell.tag in _CELLS]


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of this table, not of one inside its cells; the foot after the body."""
    late: list[etree._Element] = []
    for part in table:
        if part.tag in ("tr", "row"):
            yield part
        elif part.tag in ("thead", "tbody"):
            yield from (row for row in part if row.tag in ("tr", "row"))
        elif part.tag == "tfoot":
            late.extend(row for row in part if row.tag in ("tr", "row"))
    yield from late


def _in_head(row: etree._Element) -> bool:
    parent = row.getparent()
    return parent is not None and parent.tag == "thead"


def _all_th(row: etree._Element) -> bool:
    return len(row) > 0 and all(cell.tag == "th" for cell in row)


def _height_of_groups(rows: list[etree._Element], columns: dict[str, int]) -> int:
    """How many rows the head has: those beside its tall cells, where they divide its others."""
    spans = [_spans(cell, columns) for cell in _cells(rows[0])] if rows else []
    high = max((tall for _, tall in spans), default=1)
    if not 1 < high < min(len(rows), _MOST_HEAD_ROWS):
        return 1
    groups = sum(tall < high for _, tall in spans)
    divided = any(len(_cells(row)) > groups for row in rows[1:high])
    return high if divided and any(wide > 1 and tall < high for wide, tall in spans) else 1


def _spans(cell: etree._Element, columns: dict[str, int]) -> tuple[int, int]:
    """Columns and rows that a cell covers, XHTML or CALS."""
    if cell.tag != "entry":
        return span_of(cell.get("colspan")), span_of(cell.get("rowspan"))
    first, last = columns.get(cell.get("namest", "")), columns.get(cell.get("nameend", ""))
    wide = last - first + 1 if first is not None and last is not None and last >= first else 1
    more = (cell.get("morerows") or "0").strip()
    rows = int(more) + 1 if more.isascii() and more.isdigit() and len(more) < 5 else 1
    return min(wide, MOST_COLUMNS), rows
