r"""Tables: `tabular` and its kin, and AASTeX's `deluxetable`, as Markdown tables."""

import re
from dataclasses import dataclass
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.tokens import words
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer

_RULES: Final = frozenset(
    words(r"""
    \hline \midrule \toprule \bottomrule \cmidrule \cline \hhline \specialrule
    \thickhline \tableline \colrule \botrule \Xhline \hdashline \Hline \otoprule
    \endhead \endfirsthead \sphline \topline \midline \bottomline \noalign
""")
)
_PARTIAL: Final = frozenset(["\\cmidrule", "\\cline", "\\noalign"])
_RULE_SIGNATURES: Final = {
    "\\cmidrule": "{", "\\cline": "{", "\\hhline": "{", "\\specialrule": "{{{", "\\noalign": "{",
    "\\Xhline": "{", "\\thickcline": "{",
}  # fmt: skip
_SIGNATURES: Final = {
    "tabular": "[{", "tabular*": "{[{", "tabularx": "{[{", "tabulary": "{{", "longtable": "[{",
    "array": "[{", "supertabular": "{", "tabu": "{", "longtabu": "{", "xltabular": "[{{",
    "tblr": "[{",
    "mpsupertabular": "{", "xtabular": "{", "longtblr": "[{", "longtable*": "[{",
    "NiceTabular": "[{[", "supertabular*": "{{", "mpxtabular": "{",
    "NiceTabular*": "{[{[", "NiceTabularX": "{[{[",
}  # fmt: skip
#: Ends of rows; `\\FL`, `\\ML`, `\\NN` and `\\LL` are ctable's.
_ROW_ENDS: Final = frozenset(words(r"\\ \tabularnewline \cr \tcr \nl \FL \ML \NN \LL \crcr"))
_HEADER_LIMIT: Final = 3
#: Where filling up the rows would make of each written cell more than 16, beyond a small table's
#: 2,000, they stay as they are: one wide row and many short ones would grow as a square.
_FREE_CELLS: Final = 2_000
_CELLS_OF_ONE: Final = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and how many columns it spans."""

    text: str
    span: int = 1


def markdown(rows: list[list[Cell]], header_rows: int) -> str:
    """Rows as a Markdown table; several header rows become one, spanning heads repeated.

    Each row is made as wide as the widest, save where most of the table would be such filling.

    >>> print(markdown([[Cell("a", 2)], [Cell("b"), Cell("c")], [Cell("1"), Cell("2")]], 2))
    | a b | a c |
    | --- | --- |
    | 1 | 2 |
    """
    width = max((sum(cell.span for cell in row) for row in rows), default=0)
    written = sum(cell.span for row in rows for cell in row)
    padded = width * len(rows) <= _FREE_CELLS + _CELLS_OF_ONE * written
    header_rows = header_rows if padded else min(header_rows, 1)
    heads: list[list[str]] = []
    for row in rows[:header_rows]:
        flat = [cell.text for cell in row for _ in range(cell.span)]
        heads.append(flat + [""] * (width - len(flat)))
    header = [" ".join(dict.fromkeys(h[c] for h in heads if h[c])) for c in range(width)]
    body = []
    for row in rows[header_rows:]:
        flat = [text for cell in row for text in (cell.text, *[""] * (cell.span - 1))]
        body.append(flat + [""] * (width - len(flat)) if padded else flat)
    lines = [_line(header), _line(["---"] * width), *(_line(row) for row in body)]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return re.sub(r" +", " ", "| " + " | ".join(cells) + " |")


def _escaped(text: str) -> str:
    r"""A cell's text: a bar inside a formula is `\vert`, elsewhere escaped."""
    if "|" not in text:
        return text
    pieces = re.split(r"(\\\([\s\S]{0,5000}?\\\))", text)
    for index, piece in enumerate(pieces):
        if index % 2:
            piece = re.sub(r"(?<!\\)\\\|", r"\\Vert ", piece)
            pieces[index] = re.sub(r"\|(?=[a-zA-Z])", r"\\vert ", piece).replace("|", "\\vert")
        else:
            pieces[index] = piece.replace("|", "\\|")
    return "".join(pieces)


def _rows(writer: Writer, where: Range) -> tuple[list[list[Cell]], int, list[str]]:
    """The rows of a table's body, how many of them are its head, and full-width notes."""
    rows: list[list[Cell]] = []
    notes: list[str] = []
    header = 0
    cells: list[Cell] = []
    start = where.start
    cursor = Cursor(writer.structure, where.start, where.end)

    def end_cell(end: int) -> None:
        cells.append(_cell(writer, Range(start, end)))

    def end_row(end: int) -> None:
        nonlocal cells
        if start < end or cells:
            end_cell(end)
        if any(cell.text for cell in cells):
            rows.append(cells)
        cells = []

    for at in writer.ranges_at_level(where):
        if at < cursor.at:
            continue
        token = writer.tokens[at]
        if token == "&":
            end_cell(at)
            start = at + 1
        elif token in _ROW_ENDS:
            if token in ("\\ML", "\\FL") and not header and len(rows) < _HEADER_LIMIT:
                end_row(at)
                header = len(rows)
            else:
                end_row(at)
            cursor.at = at + 1
            cursor.star()
            cursor.optional()
            start = cursor.at
        elif token in ("\\cutinhead", "\\sidehead"):
            # AASTeX: a row of words across the table.
            end_row(at)
            here = Cursor(writer.structure, at + 1, where.end)
            rows.append([Cell(_escaped(writer.inline(here.argument())))])
            cursor.at = start = here.at
        elif token in _RULES:
            blank = all(writer.tokens[i] in (" ", "\n", "\x0b") for i in range(start, at))
            cursor.at = at + 1
            if token == "\\cmidrule":
                if cursor.peek().startswith("("):
                    cursor.at += 1
                cursor.optional()
                if cursor.peek().startswith("("):
                    cursor.at += 1
            elif token not in _RULE_SIGNATURES:
                cursor.optional() if token != "\\hline" else None
            cursor.signature(_RULE_SIGNATURES.get(token, ""))
            if blank and not cells:
                start = cursor.at
                if not header and 0 < len(rows) <= _HEADER_LIMIT and token not in _PARTIAL:
                    header = len(rows)
        elif token in ("\\endfoot", "\\endlastfoot", "\\endfirsthead", "\\endhead"):
            # The heads and feet that longtable repeats on every page.
            if token != "\\endfirsthead" and header:
                del rows[header:]
            elif rows:
                header = len(rows)
            cells, start = [], at + 1
    end_row(where.end)
    while rows and len(rows) > 1 and len(rows[-1]) == 1 and rows[-1][0].span > 1:
        notes.insert(0, rows.pop()[0].text)
    return rows, min(header, len(rows)) or 1, notes


def _cell(writer: Writer, where: Range) -> Cell:
    cursor = Cursor(writer.structure, where.start, where.end)
    while cursor.peek() in (" ", "\n") and cursor.at < where.end:
        cursor.at += 1
    span = 1
    if cursor.peek() == "\\multicolumn":
        cursor.at += 1
        digits = writer.source(cursor.argument())
        span = min(int(digits), 50) if digits.isdigit() and len(digits) < 4 else 1
        cursor.argument()
        content = cursor.argument()
        text = writer.inline(content) + writer.inline(Range(cursor.at, where.end))
    else:
        text = writer.inline(where)
    return Cell(_escaped(" ".join(text.split())), max(span, 1))


def _tabular(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    if name in ("tabu", "longtabu"):
        # `\\begin{tabu} to \\textwidth {lc}`
        while cursor.at < cursor.end and cursor.peek() != "{":
            cursor.at += 1
    cursor.signature(_SIGNATURES.get(name, _SIGNATURES.get(name.rstrip("*"), "[{")))
    where = Range(cursor.at, cursor.end)
    captions = (
        _long_caption(writer, where) if name.startswith(("longtable", "xltab", "longtab")) else []
    )
    rows, header, notes = _rows(writer, where)
    if captions:
        sink.block(captions[0])
    _put(sink, rows, header, notes)


def _put(sink: Sink, rows: list[list[Cell]], header: int, notes: list[str]) -> None:
    width = max((sum(cell.span for cell in row) for row in rows), default=0)
    if not rows:
        return
    if not sink.breaks:
        sink.text(" ".join(cell.text for row in rows for cell in row if cell.text) + " ")
    elif width < 2:
        # One column is a frame around text, not a table.
        for row in rows:
            sink.block(row[0].text)
    else:
        sink.block(markdown(rows, header))
    for note in notes:
        sink.block(note)


def _long_caption(writer: Writer, where: Range) -> list[str]:
    """Takes the caption out of a longtable's body."""
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] == "\\caption":
            inner = Sink()
            cursor = Cursor(writer.structure, at + 1, where.end)
            from_kind = writer.floats[-1].captions if writer.floats else []
            writer.commands["\\captionof*table"](writer, inner, cursor, "\\caption")
            inner.paragraph()
            for index in range(at, cursor.at):
                writer.tokens[index] = " "
            return from_kind or inner.blocks
    return []


def _deluxe(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    """AASTeX: the head in `\\tablehead`, the rows between `\\startdata` and `\\enddata`."""
    cursor.optional()
    cursor.argument()
    cursor.optional()
    head: list[list[Cell]] = []
    body: Range | None = None
    notes: list[str] = []
    for at in writer.ranges_at_level(Range(cursor.at, cursor.end)):
        token = writer.tokens[at]
        here = Cursor(writer.structure, at + 1, cursor.end)
        if token == "\\tablecaption":
            writer.commands["\\captionof*table"](writer, sink, here, token)
        elif token == "\\tablehead":
            head = _rows(writer, here.argument())[0]
        elif token == "\\startdata":
            end = at + 1
            while end < cursor.end and writer.tokens[end] != "\\enddata":
                end += 1
            body = Range(at + 1, end)
        elif token in ("\\tablecomments", "\\tablerefs", "\\tablenotetext", "\\tablenotemark"):
            if token == "\\tablenotetext":
                mark = writer.inline(here.argument())
                notes.append(f"{mark} {writer.inline(here.argument())}")
            elif token != "\\tablenotemark":
                notes.append(writer.inline(here.argument()))
        elif token == "\\label":
            writer.numbering.label(writer.source(here.argument()))
    rows = _rows(writer, body)[0] if body else []
    _put(sink, [*head, *rows], max(len(head), 1), notes)


def _process_table(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""OUP: `\processtable{caption}{table}{notes}`."""
    writer.commands["\\captionof*table"](writer, sink, cursor, "\\caption")
    table, notes = cursor.argument(), cursor.argument()
    writer.render(table.start, table.end, sink)
    sink.paragraph()
    writer.render(notes.start, notes.end, sink)


def _ctable(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""ctable: `\\ctable[caption=..., label=...]{columns}{notes}{rows}`, a float of its own."""
    options = cursor.optional()
    cursor.argument()
    notes, body = cursor.argument(), cursor.argument()
    number = writer.numbering.step("table", "table")
    said = writer.source(options)
    label = re.search(r"label\s*=\s*\{?([^,{}\]]+)", said)
    if label is not None:
        writer.numbering.label(label.group(1))
    caption = ""
    if options is not None:
        for at in range(*options):
            before = "".join(writer.tokens[max(options.start, at - 2) : at])
            if writer.tokens[at] == "{" and re.search(r"\bcaption\s*=\s*$", before):
                here = Cursor(writer.structure, at, options.end)
                caption = writer.inline(here.argument())
                break
    sink.block(f"Table {number}: {caption}" if caption else f"Table {number}")
    rows, header, below = _rows(writer, body)
    _put(sink, rows, header, below)
    if note := writer.inline(notes):
        sink.block(note)


def _halign(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""Plain TeX's `\\halign{preamble\\cr rows\\cr}`."""
    cursor.box_size()
    rows = _rows(writer, cursor.argument())[0][1:]
    _put(sink, rows, 1, [])


COMMANDS: Final[dict[str, Handler]] = {
    "\\processtable": _process_table,
    "\\tbl": _process_table,
    "\\ctable": _ctable,
    "\\halign": _halign,
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(_SIGNATURES, _tabular),
    **dict.fromkeys(("deluxetable", "deluxetable*"), _deluxe),
}
