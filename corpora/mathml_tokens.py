r"""The token elements of MathML in LaTeX: identifiers, numbers, operators, text and space.

And the small steps that every layout shares: `join`, `braced`, `script_base`. A handler takes an
element, its child elements, and the LaTeX of each child.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from corpora.mathml_symbols import ACCENTS_OVER, FUNCTIONS, WORDS, alphabet, character

Handler = Callable[[etree._Element, Sequence[etree._Element], Sequence[str]], str]

#: One symbol: a character, a command, or a command with one argument free of braces.
ATOM: Final = re.compile(r"[^\\{}^_\s]|\\[A-Za-z]+(?:\{[^{}]*\})?|\\[^A-Za-z]")
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


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def characters_of(element: etree._Element) -> str:
    """The characters of a token element, white space collapsed (MathML 3, section 2.1.7)."""
    return re.sub(r"[ \t\r\n]+", " ", "".join(map(str, element.itertext()))).strip(" ")


def join(parts: Sequence[str]) -> str:
    r"""Parts one after another, with a space where a command would swallow a letter."""
    out = ""
    for part in parts:
        if part and re.search(r"\\[A-Za-z]+$", out[-40:]) and part[0].isalpha():
            out += " "
        out += part
    return out


def braced(latex: str) -> str:
    """In braces."""
    return "{" + latex.strip() + "}"


def script_base(latex: str) -> str:
    """What may carry a script: an atom as it is, anything else in braces."""
    latex = latex.strip()
    if ATOM.fullmatch(latex) or re.fullmatch(r"\d+(?:\.\d+)?", latex):
        return latex
    inner = latex[1:-1]
    if latex.startswith("(") and latex.endswith(")") and not re.search(r"[()\\]", inner):
        return latex
    return braced(latex)


def _variant(element: etree._Element) -> str | None:
    """The `mathvariant` of a token: its own, else that of the nearest `mstyle` around it."""
    node: etree._Element | None = element
    while node is not None:
        variant = node.get("mathvariant") or node.get("fontstyle")
        if variant and (node is element or local_name(node) in ("mstyle", "math")):
            return variant
        if local_name(node) == "math":
            return None
        node = node.getparent()
    return None


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


def mi(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """An identifier: one letter, a function, or a name of several letters."""
    name = unicodedata.normalize("NFC", characters_of(element))
    variant = _variant(element)
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


def mn(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """A number."""
    number = symbols_of(characters_of(element))
    variant = _variant(element)
    return alphabet(number, variant) if variant and variant != "normal" else number


def mo(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """An operator, alone; the row around it puts the spaces."""
    operator = characters_of(element)
    if operator in WORDS:
        return WORDS[operator]
    if operator in FUNCTIONS:
        return "\\" + operator
    if operator.isalpha() and operator.isascii() and len(operator) > 1:
        return rf"\operatorname{{{operator}}}"
    variant = _variant(element)
    symbols = symbols_of(operator)
    styled = variant is not None and len(operator) == 1 and operator.isalpha()
    return alphabet(symbols, variant) if styled and variant else symbols


def mtext(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """Words inside a formula."""
    raw = re.sub(r"[ \t\r\n\u00a0\u2002-\u200a]+", " ", "".join(map(str, element.itertext())))
    raw = re.sub(r"[\u200b\u2060-\u2064\ufeff\u00ad]", "", raw)
    if not raw.strip():
        return r"\ " if raw else ""
    words = raw.strip()
    if words == r"\degree":
        return r"^{\circ}"
    if len(words) == 1 and not words.isascii():
        return symbols_of(words)
    if not any(c.isalpha() or c == " " for c in words):
        return symbols_of(words)
    return text_command(raw, _variant(element))


def ms(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """A string literal, in its quotes."""
    return text_command('"' + characters_of(element) + '"', None)


def mspace(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    """A space of about the width that is asked for."""
    match = re.match(r"\s*([+-]?\d*\.?\d+)\s*\.?(em|pt|ex|px|cm|mm|in)?", element.get("width", ""))
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


def operator_of(element: etree._Element) -> str | None:
    """The character of an `mo`, also inside rows that hold nothing else."""
    while local_name(element) in ("mrow", "mstyle", "mpadded") and len(element) == 1:
        element = element[0]
    return characters_of(element) if local_name(element) == "mo" else None


def first_two(parts: Sequence[str]) -> tuple[str, str]:
    """The first two parts, empty where there are fewer."""
    padded = [*parts, "", ""]
    return padded[0], padded[1]
