"""Tokens and comparisons in colour: what `galactica tokenizer show` and `compare` print."""

import io
import sys
from collections.abc import Sequence
from itertools import cycle
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokenization.comparison import ModalityCount
from tokenization.show import CONTROL, PIECE, TokenRow, printable, render

#: Neighbouring tokens have these by turns: colours that every terminal has, and tells apart.
_TEXT_STYLES: Final = ("bright_white on blue", "bright_white on bright_black")
_SPAN_STYLES: Final = ("black on cyan", "black on bright_cyan")
#: Where there is no colour to tell neighbouring tokens apart.
_SEPARATOR: Final = "│"
#: A table that no terminal holds is not cut to the 80 columns of none.
_WIDTH_OF_NO_TERMINAL: Final = 240


def output_console() -> Console:
    """Standard output: colour on a terminal, unless NO_COLOR is set; wide and plain elsewhere."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where the locale is not UTF-8
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_NO_TERMINAL
    return console


def print_rows(console: Console, rows: Sequence[TokenRow]) -> None:
    """One line a token: id, text, kind."""
    for row, line in zip(rows, render(rows).splitlines(), strict=True):
        console.print(Text(line, style=_style(row)), soft_wrap=True)


def print_inline(console: Console, rows: Sequence[TokenRow]) -> None:
    """The text itself with its tokens told apart: by backgrounds, or by bars without colour."""
    if not rows:
        return
    coloured = console.is_terminal and not console.no_color
    text = Text()
    text_styles, span_styles = cycle(_TEXT_STYLES), cycle(_SPAN_STYLES)
    for number, row in enumerate(rows):
        if not coloured:
            text.append(_SEPARATOR if number and not rows[number - 1].ends_line else "")
            text.append(row.text)
        elif row.kind == PIECE:
            text.append(row.text.replace("␣", " "), style=next(text_styles))
        elif " of " in row.kind:
            text.append(row.text, style=next(span_styles))
        else:
            text.append(row.text, style=_style(row))
        if row.ends_line:
            text.append("\n")
    console.print(text, soft_wrap=True, end="" if rows[-1].ends_line else "\n")


def _style(row: TokenRow) -> str:
    if row.kind == CONTROL:
        return "bold red"
    if "marker" in row.kind:
        return "bold magenta"
    return "cyan" if " of " in row.kind else ""


def comparison_table(names: tuple[str, str], counts: Sequence[ModalityCount]) -> Table:
    """Bytes, tokens and tokens a byte of every modality, side by side, and their ratio B/A."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=True)
    total = ModalityCount(
        "total",
        sum(count.num_bytes for count in counts),
        (sum(c.num_tokens[0] for c in counts), sum(c.num_tokens[1] for c in counts)),
    )
    table.caption = Text(f"A {printable(names[0])}\nB {printable(names[1])}", style="dim")
    table.caption_justify = "left"
    headings = ("bytes", "tokens A", "tokens B", "A tok/byte", "B tok/byte", "A bytes/tok",
                "B bytes/tok", "B/A")  # fmt: skip
    table.add_column("", footer=total.modality)
    for heading, footer in zip(headings, _cells(total), strict=True):
        table.add_column(heading, footer=footer, justify="right", no_wrap=True)
    for count in counts:
        table.add_row(count.modality, *_cells(count))
    return table


def _cells(count: ModalityCount) -> tuple[str, ...]:
    first, second = count.num_tokens
    return (
        f"{count.num_bytes:,}",
        f"{first:,}",
        f"{second:,}",
        _ratio(first, count.num_bytes),
        _ratio(second, count.num_bytes),
        _ratio(count.num_bytes, first),
        _ratio(count.num_bytes, second),
        _ratio(second, first),
    )


def _ratio(dividend: int, divisor: int) -> str:
    return f"{dividend / divisor:.3f}" if divisor else "–"
