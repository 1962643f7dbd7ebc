"""From rows of cells that span to a Markdown table, whatever markup they came from.

A cell over several columns is written in each of them where it is short (in a row of its own it is
written once), one over several rows in each row. Header rows become one: `Dose: low`, `Dose: high`.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

#: More columns than any printed table has; a `colspan` of a million writes no million cells.
MOST_COLUMNS: Final = 400
_MOST_CELLS: Final = 200_000
#: A longer cell is not repeated in the columns and rows that it spans.
_REPEATED_CHARACTERS: Final = 200

#: A cell in the words of its markup.
Written = TypeVar("Written")


class GridCell(NamedTuple):
    """The text of a cell, and the columns and rows that it covers."""

    text: str
    wide: int = 1
    high: int = 1


def grid_markdown(
    header: Sequence[Sequence[Written]],
    body: Sequence[Sequence[Written]],
    read: Callable[[Written], GridCell],
    *,
    apart: bool = True,
) -> str:
    """Header rows and rows as a Markdown table, "" where no cell has text.

    `apart`: the markup sets the header apart (`thead`), so that no cell of it reaches into the
    body. `read` is asked for no cell past the bounds of a table.

    >>> print(grid_markdown(
    ...     [["Dose|2"], ["low", "high"]], [["1", "2"], ["none|2"]],
    ...     lambda cell: GridCell(cell[:4], 2) if "|" in cell else GridCell(cell)))
    | Dose: low | Dose: high |
    | --- | --- |
    | 1 | 2 |
    | none |  |
    """
    # Column -> (rows it still covers, text): cells that reach down from rows above.
    reaching: dict[int, tuple[int, str]] = {}
    header_rows = _grid(header, read, reaching, header=True)
    body_rows = _grid(body, read, {} if apart else reaching, header=False)
    width = max((len(row) for row in header_rows + body_rows), default=0)
    rows = [_padded(_merged(header_rows), width)]
    rows += [_padded(row, width) for row in body_rows if any(row)]
    if not any(any(row) for row in rows):
        return ""
    rows.insert(1, ["---"] * width)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def span_of(given: str | None) -> int:
    """What a `colspan` or `rowspan` says, 1 where that is no number.

    >>> span_of(" 3 "), span_of("0"), span_of("all"), span_of(None), span_of("1000000")
    (3, 1, 1, 1, 400)
    """
    if given is None or given == "1":
        return 1
    number = given.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        return 1
    return min(max(int(number), 1), MOST_COLUMNS)


def _grid(
    rows: Sequence[Sequence[Written]],
    read: Callable[[Written], GridCell],
    reaching: dict[int, tuple[int, str]],
    *,
    header: bool,
) -> list[list[str]]:
    """Rows with every spanning cell written where it reaches."""
    grid: list[list[str]] = []
    written = 0
    for row in rows:
        line: list[str] = []
        for cell in row:
            if reaching:
                _fill(line, reaching)
            if len(line) >= MOST_COLUMNS or written > _MOST_CELLS:
                break
            text, wide, high = read(cell)
            if wide == high == 1:
                line.append(text)
                continue
            repeated = text if len(text) <= _REPEATED_CHARACTERS else ""
            alone = len(row) == 1 and not header
            for k in range(min(wide, MOST_COLUMNS - len(line))):
                if k and len(line) in reaching:
                    # Overlapping spans: the file contradicts itself, the cell above was first.
                    _fill(line, reaching)
                    continue
                if high > 1:
                    reaching[len(line)] = (high - 1, "" if alone else repeated)
                line.append(text if k == 0 else "" if alone else repeated)
        while reaching and max(reaching) >= len(line):
            _fill(line, reaching)
            line.extend([""] if reaching and max(reaching) >= len(line) else [])
        written += len(line)
        if written > _MOST_CELLS:
            reaching.clear()
        grid.append(line)
    return grid


def _fill(line: list[str], reaching: dict[int, tuple[int, str]]) -> None:
    """Writes the cells from rows above that stand next in a line."""
    while len(line) in reaching:
        left, text = reaching.pop(len(line))
        if left > 1:
            reaching[len(line)] = (left - 1, text)
        line.append(text)


def _merged(rows: list[list[str]]) -> list[str]:
    """Header rows as one: what stands above goes before, once; a unit in parentheses follows it."""
    merged: list[str] = []
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


def _padded(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))
