r"""Counters that a paper sets and styles: `\setcounter{figure}{0}`, `\thefigure`."""

import re
from typing import Final

from corpora.latex.cursor import Cursor
from corpora.latex.references.numbering import styled
from corpora.latex.references.reference_names import Target
from corpora.latex.tokens import words
from corpora.latex.writer import Handler, Sink, Writer

#: Put out by the expander where `\thefigure` is redefined; no file can spell it.
COUNTER_FORMAT: Final = "\\counter-format"
_LARGEST: Final = 10_000


def _number(writer: Writer, source: str) -> int:
    match = re.fullmatch(r"\s*(-?\d{1,6})\s*", source)
    if match is not None:
        return int(match.group(1))
    value = re.search(r"\\value\s*\{?([a-zA-Z]+)", source)
    return writer.numbering.counters.get(value.group(1), 0) if value is not None else 0


def _set(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    counter = writer.source(cursor.argument())
    counters = writer.numbering.counters
    if token in ("\\stepcounter", "\\refstepcounter"):
        counters[counter] = counters.get(counter, 0) + 1
        for below in [name for name, top in writer.numbering.within.items() if top == counter]:
            counters[below] = 0
        if token == "\\refstepcounter":
            writer.numbering.current = Target(counter, writer.numbering.number(counter))
        return
    number = _number(writer, writer.source(cursor.argument()))
    if token == "\\addtocounter":
        number += counters.get(counter, 0)
    counters[counter] = max(-1, min(number, _LARGEST))


def _new(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\newcounter{step}[section]`, which `\thestep` prints as a plain number."""
    name = writer.source(cursor.argument())
    holder = writer.source(cursor.optional())
    numbering = writer.numbering
    numbering.counters.setdefault(name, 0)
    numbering.formats.setdefault(name, rf"\arabic{{{name}}}")
    if holder:
        numbering.within[name] = holder
    writer.restated[f"\\the{name}"] = _print_own


def _print_own(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    sink.text(writer.numbering.number(token.removeprefix("\\the")))


def _format(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    counter = writer.source(cursor.argument())
    body = writer.source(cursor.argument())
    if len(body) < 200:
        writer.numbering.formats[counter] = body


def _print(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    counter = writer.source(cursor.argument())
    number = writer.numbering.counters.get(counter, 0)
    sink.text(styled(token[1:], number) if counter not in ("page", "") else "")


def _print_whole(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    sink.text(writer.numbering.formatted(token))


def _within(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    counter, holder = writer.source(cursor.argument()), writer.source(cursor.argument())
    writer.numbering.within[counter] = holder
    writer.numbering.formats.pop(counter, None)


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(words(r"\setcounter \addtocounter \stepcounter \refstepcounter"), _set),
    "\\newcounter": _new,
    COUNTER_FORMAT: _format,
    **dict.fromkeys(words(r"\arabic \alph \Alph \roman \Roman \fnsymbol"), _print),
    **dict.fromkeys(
        words(r"""
    \thesection \thesubsection \thesubsubsection \thechapter \theequation \thefigure
    \thetable \thealgorithm
"""),
        _print_whole,
    ),
    **dict.fromkeys(words(r"\numberwithin \counterwithin"), _within),
}
