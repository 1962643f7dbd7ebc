r"""The token elements of MathML in LaTeX: identifiers, numbers, operators, text and space.

A handler takes a node, whose children have their LaTeX already.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from corpora.mathml.nodes import Node
from corpora.mathml.pieces import braced, join
from corpora.mathml.symbols import ACCENTS_OVER, FUNCTIONS, WORDS, alphabet, character

Handler = Callable[[Node], str]

#: What a symbol becomes is remembered for so many: a paper writes the same few thousands of times.
_REMEMBERED: Final = 4096
#: Signs that stand between words of a formula.
_OPERATORS: Final = frozenset("=+-−–±×·<>≈≤≥/ ")
_SHORT: Final = 40

_TEXT_ESCAPES: Final = {
    ord(c): e
    for c, e in {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&",
        "#": r"\#", "_": r"\_", "^": r"\^{}", "~": r"\~{}", "\u00a0": " ",
    }.items()
}  # fmt: skip
_TEXT_COMMANDS: Final = {
    "bold": "textbf", "italic": "textit", "monospace": "texttt", "sans-serif": "textsf",
    "bold-italic": "textbf", "bold-sans-serif": "textbf",
}  # fmt: skip


def symbols_of(text: str) -> str:
    """Each character in LaTeX; a letter with a combining mark becomes its accent command."""
    parts: list[str] = []
    for symbol in text:
        if parts and unicodedata.combining(symbol) and symbol in ACCENTS_OVER:
            parts[-1] = rf"\{ACCENTS_OVER[symbol][0]}{braced(parts[-1])}"
        else:
            parts.append(character(symbol))
    return join(parts)


def text_command(text: str, variant: str | None) -> str:
    r"""Words in `\text{}`, or in the command of their variant, special characters escaped."""
    command = _TEXT_COMMANDS.get(variant or "", "text")
    return rf"\{command}{{{text.translate(_TEXT_ESCAPES)}}}"


def mi(node: Node) -> str:
    """An identifier: one letter, a function, or a name of several letters."""
    name = node.characters
    make = _identifier if len(name) <= _SHORT else _identifier.__wrapped__
    return make(name, node.variant)


@lru_cache(_REMEMBERED)
def _identifier(name: str, variant: str | None) -> str:
    name = unicodedata.normalize("NFC", name)
    if name in FUNCTIONS and variant in (None, "normal"):
        return "\\" + name
    letters = sum(not unicodedata.combining(c) for c in name)
    if letters <= 1:
        return alphabet(symbols_of(name), variant) if variant else symbols_of(name)
    if not any(c.isalpha() for c in name):
        return symbols_of(name)
    if " " in name or not name.isalnum():
        return text_command(name, variant) if " " in name else rf"\mathrm{{{symbols_of(name)}}}"
    return alphabet(symbols_of(name), variant or "normal")


def mn(node: Node) -> str:
    """A number."""
    number = node.characters
    if not (number.isascii() and number.replace(".", "").isdigit()):
        number = symbols_of(number)
    variant = node.variant
    return alphabet(number, variant) if variant and variant != "normal" else number


def mo(node: Node) -> str:
    """An operator, alone; the row around it puts the spaces."""
    operator = node.characters if node.operator is None else node.operator
    make = _operator if len(operator) <= _SHORT else _operator.__wrapped__
    return make(operator, node.variant)


@lru_cache(_REMEMBERED)
def _operator(operator: str, variant: str | None) -> str:
    if operator in WORDS:
        return WORDS[operator]
    if operator in FUNCTIONS:
        return "\\" + operator
    if operator.isalpha() and operator.isascii() and len(operator) > 1:
        return rf"\operatorname{{{operator}}}"
    symbols = symbols_of(operator)
    styled = variant is not None and len(operator) == 1 and operator.isalpha()
    return alphabet(symbols, variant) if styled and variant else symbols


def mtext(node: Node) -> str:
    """Words inside a formula."""
    text = node.text
    make = _words if len(text) <= _SHORT else _words.__wrapped__
    return make(text, node.variant)


@lru_cache(_REMEMBERED)
def _words(text: str, variant: str | None) -> str:
    raw = re.sub(r"[ \t\r\n\u00a0\u2002-\u200a]+", " ", text)
    raw = re.sub(r"[\u200b\u2060-\u2064\ufeff\u00ad]", "", raw)
    if not raw.strip():
        return r"\ " if raw else ""
    words = raw.strip()
    if words == r"\degree":
        return r"^{\circ}"
    if len(words) == 1 and not words.isascii():
        return symbols_of(words)
    if not any(c.isalpha() or c == " " for c in words) or set(words) <= _OPERATORS:
        return symbols_of(words.replace(" ", ""))
    return text_command(raw, variant)


def ms(node: Node) -> str:
    """A string literal, in its quotes."""
    return text_command('"' + node.characters + '"', None)


def mspace(node: Node) -> str:
    """A space of about the width that is asked for."""
    width_given = node.attributes.get("width", "")
    match = re.match(r"\s*([+-]?\d*\.?\d+)\s*\.?(em|pt|ex|px|cm|mm|in)?", width_given)
    if not match:
        return ""
    per_em = {"pt": 10, "px": 16, "ex": 2, "cm": 0.35, "mm": 3.5, "in": 0.14}
    width = float(match.group(1)) / per_em.get(match.group(2) or "em", 1)
    if width <= 0:
        return ""
    for limit, command in (
        (0.2, r"\,"),
        (0.25, r"\:"),
        (0.3, r"\;"),
        (0.8, r"\ "),
        (1.5, r"\quad"),
    ):
        if width < limit:
            return command
    return r"\qquad"


def first_two(node: Node) -> tuple[str, str]:
    """The LaTeX of the first two children, empty where there are fewer."""
    children = node.children
    if len(children) > 1:
        return children[0].latex, children[1].latex
    return (children[0].latex if children else ""), ""
