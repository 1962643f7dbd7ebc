"""Tables as Markdown: XHTML tables and CALS (`tgroup`) ones.

A cell over several columns is written in each of them where it is short (in a row of its own it is
written once), one over several rows in each row. Header rows become one: `Dose: low`, `Dose: high`.
"""

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

#: More cells than any printed table has; a `colspan` of a million writes no million cells.
_MOST_COLUMNS: Final = 400
_MOST_CELLS: Final = 200_000
#: A longer cell is not repeated in the columns and rows that it spans.
_REPEATED_CHARACTERS: Final = 200

_CELLS: Final = frozenset(("td", "th", "entry"))

Cell = Callable[[etree._Element], str]
Row = list[str]


def markdown_table(table: etree._Element, cell_text: Cell) -> str:
    """A `table` (or `tgroup`) element in Markdown, "" where it has no text.

    `cell_text` gives the marked text of a cell. The first row is the header where none is marked.
    """
    head = [row for row in _rows(table) if _in_head(row)]
    body = [row for row in _rows(table) if not _in_head(row)]
    if not head:
        count = next((i for i, row in enumerate(body) if not _all_th(row)), 1) or 1
        head, body = body[:count], body[count:]
    header_rows = _grid(head, table, cell_text, header=True)
    body_rows = _grid(body, table, cell_text, header=False)
    width = max((len(row) for row in header_rows + body_rows), default=0)
    rows = [_padded(_merged(header_rows), width)]
    rows += [_padded(row, width) for row in body_rows if any(row)]
    if not any(any(row) for row in rows):
        return ""
    rows.insert(1, ["---"] * width)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


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


def _span(given: str) -> int:
    text = given.strip()
    return (
        min(max(int(text), 1), _MOST_COLUMNS)
        if text.isascii() and text.isdigit() and len(text) < 9
        else 1
    )


def _spans(cell: etree._Element, columns: dict[str, int]) -> tuple[int, int]:
    """Columns and rows that a cell covers, XHTML or CALS."""
    if cell.tag != "entry":
        wide, high = cell.get("colspan", "1"), cell.get("rowspan", "1")
        return 1 if wide == "1" else _span(wide), 1 if high == "1" else _span(high)
    first, last = columns.get(cell.get("namest", "")), columns.get(cell.get("nameend", ""))
    wide = last - first + 1 if first is not None and last is not None and last >= first else 1
    more = (cell.get("morerows") or "0").strip()
    rows = int(more) + 1 if more.isascii() and more.isdigit() and len(more) < 5 else 1
    return min(wide, _MOST_COLUMNS), rows


def _grid(
    rows: list[etree._Element], table: etree._Element, cell_text: Cell, *, header: bool
) -> list[Row]:
    """Rows with every spanning cell written where it reaches."""
    columns = {spec.get("colname", ""): i for i, spec in enumerate(table.iter("colspec"))}
    grid: list[Row] = []
    # Column -> (rows it still covers, text): cells that reach down from rows above.
    reaching: dict[int, tuple[int, str]] = {}
    written = 0
    for row in rows:
        line: Row = []

        def fill(line: Row = line) -> None:
            while len(line) in reaching:
                left, text = reaching.pop(len(line))
                if left > 1:
                    reaching[len(line)] = (left - 1, text)
                line.append(text)

        cells = [cell for cell in row if cell.tag in _CELLS]
        for cell in cells:
            if reaching:
                fill()
            if len(line) >= _MOST_COLUMNS or written > _MOST_CELLS:
                break
            text = cell_text(cell)
            wide, high = _spans(cell, columns)
            if wide == high == 1:
                line.append(text)
                continue
            repeated = text if len(text) <= _REPEATED_CHARACTERS else ""
            alone = len(cells) == 1 and not header
            for k in range(min(wide, _MOST_COLUMNS - len(line))):
                if k and len(line) in reaching:
                    # Overlapping spans: the file contradicts itself, the cell above was first.
                    fill()
                    continue
                shown = text if k == 0 else "" if alone else repeated
                if high > 1:
                    reaching[len(line)] = (high - 1, "" if alone else repeated)
                line.append(shown)
        while reaching and max(reaching) >= len(line):
            fill()
            line.extend([""] if reaching and max(reaching) >= len(line) else [])
        written += len(line)
        if written > _MOST_CELLS:
            reaching.clear()
        grid.append(line)
    return grid


def _merged(rows: list[Row]) -> Row:
    """Header rows as one: what stands above goes before, once; a unit in parentheses follows it."""
    merged: Row = []
    for column in range(max((len(row) for row in rows), default=0)):
        parts: list[str] = []
        for row in rows:
            text = row[column] if column < len(row) else ""
            if text and text not in parts:
                parts.append(text)
        words = parts[0] if parts else ""
        for part in parts[1:]:
            unit = part[0] == "(" and part.find(")") == len(part) - 1
            words = f"{words} {part}" if unit else f"{words.rstrip(':')}: {part}"
        merged.append(words)
    return merged


def _padded(row: Row, width: int) -> Row:
    return row + [""] * (width - len(row))
