r"""Theorems and proofs: heads with their numbers, and statements that thm-restate prints again."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.tokens import PARAGRAPH, words
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer

#: How often one statement is printed again: in the text and in an appendix.
_TIMES_RESTATED: Final = 3


def _theorem(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    note = writer.inline(cursor.optional())
    _put(writer, sink, cursor, _head(writer, name, note))


def _head(writer: Writer, name: str, note: str) -> str:
    """The head of a theorem, whose counter steps: `Theorem 2 (Pythagoras)`."""
    theorems = writer.definitions.theorems
    theorem = theorems.get(name) or theorems.get(name.rstrip("*"))
    title, number = (theorem.title if theorem else name.rstrip("*").capitalize()), ""
    title = re.sub(r"[{}]|\\[a-zA-Z]+\s*", "", title)
    if theorem is None or theorem.numbered:
        counter = theorem.counter if theorem else name
        if not name.endswith("*") or name in theorems:
            if theorem and theorem.within:
                writer.numbering.within.setdefault(counter, theorem.within)
            number = " " + writer.numbering.step(counter, title)
    return f"{title}{number}{f' ({note})' if note else ''}"


def _put(writer: Writer, sink: Sink, cursor: Cursor, head: str) -> None:
    sink.paragraph()
    sink.text(f"{head}. ".lstrip(". "))
    while cursor.at < cursor.end and cursor.peek() in (" ", PARAGRAPH):
        cursor.at += 1
    writer.render(cursor.at, cursor.end, sink)
    sink.paragraph()


def _proof(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    head = writer.inline(cursor.optional()) or "Proof"
    _put(writer, sink, cursor, head.rstrip(".:"))


def _restatable(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\begin{restatable}[Pythagoras]{theorem}{pythagoras}`, printed again by `\pythagoras*`."""
    note = writer.inline(cursor.optional())
    kind, name = writer.source(cursor.argument()), writer.source(cursor.argument())
    head = _head(writer, kind, note)
    writer.restated["\\" + name] = _restating(head, Range(cursor.at, cursor.end))
    _put(writer, sink, cursor, head)


def _restating(head: str, body: Range) -> Handler:
    """The handler of a command that prints a statement again."""
    left = _TIMES_RESTATED

    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        nonlocal left
        cursor.star()
        # None in itself: a statement may name its own command.
        times, left = left, 0
        if times:
            # What is numbered in the statement keeps the numbers that it had.
            counters = dict(writer.numbering.counters)
            _put(writer, sink, Cursor(writer.structure, body.start, body.end), head)
            writer.numbering.counters.update(counters)
        left = max(times - 1, 0)

    return handler


ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    "*theorem": _theorem,
    **dict.fromkeys(
        words("""
    theorem lemma proposition corollary definition remark example conjecture claim
    assumption axiom hypothesis problem
"""),
        _theorem,
    ),
    **dict.fromkeys(("restatable", "restatable*"), _restatable),
    "proof": _proof,
}
