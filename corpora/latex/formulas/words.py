r"""What stands for words in a formula: labels, references, citations, acronyms, characters."""

import re
from collections.abc import Callable
from typing import Final

from corpora.latex import acronyms
from corpora.latex.cursor import Cursor
from corpora.latex.references.cross_references import slot
from corpora.latex.references.numbering import UNCITED
from corpora.latex.tokens import BLANK, words
from corpora.latex.writer import Sink, Writer


def printed(writer: Writer, cursor: Cursor, token: str) -> str:
    """What a command's handler prints in prose."""
    sink = Sink(breaks=False)
    handler = writer.restated.get(token) or writer.commands.get(token)
    if handler is not None:
        handler(writer, sink, cursor, token)
    return sink.joined()


def _label(writer: Writer, cursor: Cursor, _: str) -> list[str]:
    cursor.optional()
    writer.numbering.label(writer.source(cursor.argument()))
    return []


def _number(writer: Writer, cursor: Cursor, _: str) -> list[str]:
    r"""`\eqno(3)`, which ends a formula; harvmac names an equation by what prints its number."""
    for at in range(cursor.at, cursor.end):
        if writer.tokens[at] in ("\\label", "\\eqref"):
            inside = Cursor(writer.structure, at + 1, cursor.end)
            if writer.tokens[at] == "\\eqref":
                writer.numbering.step("equation", "equation")
            writer.numbering.label(writer.source(inside.argument()))
    cursor.at = cursor.end
    return []


def _reference(writer: Writer, cursor: Cursor, token: str) -> list[str]:
    cursor.star()
    return [slot(token[1:], writer.source(cursor.argument()))]


def _cited(writer: Writer, cursor: Cursor, token: str) -> list[str]:
    known = token if token in writer.commands else "\\cite"
    cited = printed(writer, cursor, known).strip(" " + UNCITED)
    return ["\\text", "{", cited, "}"] if cited else []


def _acronym(writer: Writer, cursor: Cursor, token: str) -> list[str]:
    term = printed(writer, cursor, token)
    symbol = re.search(r"\\\((.*)\\\)", term)
    return [symbol.group(1)] if symbol is not None else ["\\text", "{", term, "}"]


def _character(writer: Writer, cursor: Cursor, token: str) -> list[str]:
    return [printed(writer, cursor, token) or BLANK]


_CITES: Final = re.compile(r"\\(?:[cC]ite|parencite|textcite|autocite|onlinecite)")
#: Command -> what it puts into a formula.
_WORDS: Final[dict[str, Callable[[Writer, Cursor, str], list[str]]]] = {
    "\\label": _label,
    **dict.fromkeys(("\\eqno", "\\leqno"), _number),
    **dict.fromkeys(
        words(r"\ref \eqref \autoref \cref \Cref \pageref \nameref \vref \labelcref"), _reference
    ),
    **dict.fromkeys(("\\" + name for name in acronyms.USES), _acronym),
    **dict.fromkeys(("\\char", "\\unichar", "\\symbol"), _character),
}


def words_in_formula(writer: Writer, cursor: Cursor, token: str) -> list[str] | None:
    """What a command puts into a formula; None for one that is mathematics."""
    handler = _WORDS.get(token)
    if handler is None and _CITES.match(token):
        handler = _cited
    if handler is not None:
        return handler(writer, cursor, token)
    # A statement that is printed again, or the variable of a loop.
    return [printed(writer, cursor, token)] if token in writer.restated else None
