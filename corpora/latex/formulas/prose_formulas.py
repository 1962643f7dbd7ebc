r"""Formulas that are prose: a lone script (`H$_2$O`), a lone symbol in a word (`$\mu$g`).

Only what would be plain text in any other format is taken out of mathematics; a variable that
stands by itself stays a formula.
"""

import re
import unicodedata
from typing import Final

from corpora.latex.cursor import Range
from corpora.latex.signatures import SYMBOLS
from corpora.latex.tokens import WORD_BLANK
from corpora.latex.writer import Sink, Writer
from tokenization import wrappers

_FONTS: Final = re.compile(r"\\(?:rm|mathrm|text|textrm|it|bf|tiny|sf|mathsf)(?![a-zA-Z])")
_DEGREE: Final = {
    "^\\circ": "°",
    "^{\\circ}": "°",
    "^\\prime": "′",
    "^{\\prime}": "′",
    "^{\\prime\\prime}": "″",
}
_SIGNS: Final = {
    "+": "+", "-": "−", "=": "=", "<": "<", ">": ">", "/": "/", ":": ":", "*": "*", "|": "|",
    "'": "′", "''": "″",
}  # fmt: skip
_SCRIPT_END: Final = wrappers.superscript("x")[-1] + wrappers.subscript("x")[-1]
_TEXT_FONTS: Final = re.compile(
    r"\{|\\(?:text(?:it|rm|bf|sf|sl|sc|tt|up|normal)|emph|mbox|rm|it|bf|sf|sl|em|"
    r"(?:it|up|sl)shape|(?:rm|sf|bf)series)"
)


def prose(writer: Writer, sink: Sink, where: Range, source: str) -> str | None:
    """The text of an inline formula that is prose, given its cleaned source; None for others."""
    compact = source.replace(" ", "").replace("{}", "", 1) if source[0] in "^_{" else source
    if compact in _DEGREE:
        return _DEGREE[compact]
    if compact[0] in "^_":
        return _scripts(source, compact)
    return _in_word(writer, sink, where, source)


def minus(script: str) -> str:
    """A script with its hyphens that are minus signs as U+2212: a charge or a negative power.

    >>> minus("2-"), minus("-1/2"), minus("1-3"), minus("non-dim")
    ('2−', '−1/2', '1-3', 'non-dim')
    """
    script = re.sub(r"^-+|-+$", lambda match: "−" * len(match.group()), script)
    return re.sub(r"^([a-zA-Z])-(?=\d+$)", "\\1−", script)


def _scripts(source: str, compact: str) -> str | None:
    if not re.search(r"[\^_]", compact[1:]):
        script = _plain(source.replace("{}", "", 1)[1:])
        return None if script is None else _wrapped(compact[0], script)
    both = re.fullmatch(
        r"(?:\{\})?\s*([\^_])\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^\\{}\s])"
        r"\s*(?:\{\})?\s*([\^_])\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^\\{}\s])",
        source[:200],
    )
    if both is None or both.group(1) == both.group(3):
        return None
    first, second = _plain(both.group(2)), _plain(both.group(4))
    if first is None or second is None:
        return None
    return _wrapped(both.group(1), first) + _wrapped(both.group(3), second)


def _plain(source: str) -> str | None:
    """The characters of a script that is plain prose (`^{th}`, `_{2}`), else None."""
    source = _FONTS.sub("", source)
    source = source.replace("{", "").replace("}", "").strip()
    return source if re.fullmatch(r"[\w+\-−,.()*/' ]{1,20}", source) else None


def _wrapped(sign: str, script: str) -> str:
    wrap = wrappers.superscript if sign == "^" else wrappers.subscript
    return wrap(minus(script))


def _in_word(writer: Writer, sink: Sink, where: Range, source: str) -> str | None:
    """A lone symbol, sign or number that touches a word."""
    lone = _FONTS.sub("", source).strip("{} ")
    text = _SIGNS.get(lone) or SYMBOLS.get(lone, "") if lone != "\\circ" else ""
    if re.fullmatch(r"\d+(?:[.,]\d+)*", lone):
        text = lone
    greek = len(text) == 1 and unicodedata.name(text, "").startswith("GREEK ")
    sign = text in _SIGNS.values() or (
        len(text) == 1 and unicodedata.category(text) in ("Sm", "So", "Po", "Pd")
    )
    if not (greek or sign or lone == text):
        return None
    last = next((part[-1] for part in reversed(sink.parts[-3:]) if part), " ")
    following = _next_character(writer, where.end)
    touches = last.isalnum() or following.isalnum() or last in _SCRIPT_END
    if sign and (last in "()[]" or following in "()[]"):
        touches = True
    if not touches:
        return None
    # `5$\,\mu$g`: the blank before a unit stands in the formula.
    blank = writer.tokens[where.start] in ("\\,", "\\;", "\\:", "\\ ", "~")
    return f" {text}" if blank and not last.isspace() else text


def _next_character(writer: Writer, end: int) -> str:
    """The character printed after the formula that ends at a token, fonts passed over."""
    for at in range(end + 1, min(end + 6, len(writer.tokens))):
        token = writer.tokens[at]
        if token == WORD_BLANK or _TEXT_FONTS.fullmatch(token):
            continue
        return token[0]
    return " "
