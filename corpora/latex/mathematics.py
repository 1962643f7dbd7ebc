r"""Formulas: cleaned of labels, numbering and spacing hacks, balanced, and kept as LaTeX."""

import re
from typing import Final

from corpora.latex.numbering import slot
from corpora.latex.signatures import MANDATORY_ARGUMENTS
from corpora.latex.tokens import (
    ADDRESS,
    BLANK,
    CODE_BLOCK,
    INLINE_CODE,
    PARAGRAPH,
    WORD_BLANK,
    untokenize,
    words,
)
from corpora.latex.units import number, unit
from corpora.latex.writer import Cursor, Range, Sink, Writer
from tokenization import wrappers

_DROPPED: Final = frozenset(
    words(r"""
    \nonumber \notag \displaystyle \textstyle \allowbreak \nobreak \protect \noindent
    \centering \par \! \strut \mathstrut \smallskip \medskip \bigskip \null \relax
    \small \footnotesize \scriptsize \tiny \normalsize \large \ensuremath \xspace \qed
    \qedhere \hfill \hfil \boldmath \newline \linebreak \pagebreak \break \eqno \leqno
    \displaybreak \allowdisplaybreaks \raggedright \columnwidth \linewidth \/ \-
""")
)
#: Command -> signature of what is dropped with it.
_DROPPED_WITH: Final = {
    "\\hspace": "*{", "\\vspace": "*{", "\\phantom": "{", "\\hphantom": "{", "\\vphantom": "{",
    "\\color": "[{", "\\index": "{", "\\rule": "[{{", "\\setlength": "{{", "\\tag": "*{",
    "\\footnote": "[{", "\\vadjust": "{", "\\addtolength": "{{", "\\thinmuskip": "",
    "\\marginpar": "{",
    "\\numberthis": "", "\\raisetag": "{", "\\arraycolsep": "", "\\renewcommand": "*{[{",
    "\\setcounter": "{{", "\\addtocounter": "{{", "\\footnotemark": "[", "\\mspace": "{",
}  # fmt: skip
#: siunitx: what the mandatory arguments are, a number or a unit.
QUANTITIES: Final = {
    "\\SI": "nu", "\\qty": "nu", "\\num": "n", "\\si": "u", "\\unit": "u",
}  # fmt: skip
_LENGTHS: Final = frozenset(
    [
        "\\hskip",
        "\\kern",
        "\\mkern",
        "\\mskip",
        "\\vskip",
    ]
)
_LENGTH: Final = re.compile(r"\s*=?\s*-?\d*\.?\d*\s*(?:pt|em|ex|mu|cm|mm|in|pc|bp|sp)?")
_SPACES: Final = frozenset([BLANK, "\\,", "\\;", "\\:", "\\>", "\\ ", "\\quad", "\\qquad", "~"])
_CITES: Final = re.compile(r"\\(?:[cC]ite|parencite|textcite|autocite|onlinecite)")
_REFERENCES: Final = frozenset(["\\ref", "\\eqref", "\\autoref", "\\cref", "\\Cref", "\\pageref"])


def formula(writer: Writer, where: Range) -> str:
    """The source of a formula as it is kept: no labels, no hacks, balanced; perhaps empty."""
    out: list[str] = []
    cursor = Cursor(writer.structure, where.start, where.end)
    structure = writer.structure
    unwrapped: set[int] = set()
    while cursor.at < cursor.end:
        at = cursor.at
        token = structure.tokens[at]
        cursor.at += 1
        first = token[0]
        if token == "\\ensuremath" and cursor.peek() == "{" and not _takes_argument(out):
            closing = structure.braces[cursor.at]
            unwrapped |= {cursor.at, closing}
        elif token == "{":
            closing = structure.braces[at]
            if 0 <= closing < where.end and at not in unwrapped:
                out.append(token)
        elif token == "}":
            if at not in unwrapped:
                out.append(token)
        elif first in (BLANK, WORD_BLANK, PARAGRAPH) or token == "~":
            if out and out[-1] != BLANK:
                out.append(BLANK)
        elif first == "$":
            if structure.formulas.get(at, -1) >= 0 or _closes(out):
                out.append(token)
        elif first == INLINE_CODE:
            out += ["\\texttt", "{", token[1:].replace("{", "").replace("}", ""), "}"]
        elif first in (CODE_BLOCK, ADDRESS):
            out.append(token[1:] if first == ADDRESS else BLANK)
        elif first == "#":
            out.append("\\#")
        elif first == "\\":
            _command(writer, cursor, token, out)
        else:
            out.append(token)
    return _finished(_balanced(out))


def _takes_argument(out: list[str]) -> bool:
    """Whether what comes next is a script or an argument, so that its braces are needed."""
    last = next((token for token in reversed(out[-3:]) if token != BLANK), "")
    return last in ("^", "_") or last in MANDATORY_ARGUMENTS


def _closes(out: list[str]) -> bool:
    return out.count("$") % 2 == 1


def _command(writer: Writer, cursor: Cursor, token: str, out: list[str]) -> None:
    if token in _DROPPED or (token == "\\hline" and not out):
        return
    if token == "\\label":
        writer.numbering.label(writer.source(cursor.argument()))
    elif token in _DROPPED_WITH:
        cursor.signature(_DROPPED_WITH[token])
    elif token in _LENGTHS:
        length = _LENGTH.match(cursor.peek())
        if length is not None and cursor.peek()[0] not in "\\{}":
            rest = cursor.peek()[length.end() :]
            cursor.at += 1
            if rest:
                out.append(rest)
    elif token == "\\textcolor":
        cursor.optional()
        cursor.argument()
    elif token in _REFERENCES:
        cursor.star()
        out.append(slot(token[1:], writer.source(cursor.argument())))
    elif _CITES.match(token):
        sink = Sink(breaks=False)
        writer.commands.get(token, writer.commands["\\cite"])(writer, sink, cursor, token)
        out += ["\\text", "{", sink.joined(), "}"]
    elif token.startswith(("\\begin{", "\\end{")):
        if token.startswith("\\begin{"):
            closing = writer.structure.environments[cursor.at - 1]
            if 0 <= closing < cursor.end:
                out.append(token)
        else:
            out.append(token)
    elif token == "\\Call":
        name, arguments = writer.source(cursor.argument()), cursor.argument()
        out += ["\\text", "{", name, "}", "(", formula(writer, arguments), ")"]
    elif token in QUANTITIES:
        out.append(_quantity(writer, cursor, token))
    elif token in ("\\intertext", "\\shortintertext"):
        text = writer.source(cursor.argument())
        out += ["\\\\", BLANK, "\\text", "{", text, "}", "\\\\", BLANK]
    elif token == "\\\\":
        cursor.star()
        cursor.optional()
        out.append(token)
    elif token in ("\\(", "\\)", "\\[", "\\]"):
        # Inside `\text{...}`; nested delimiters would end the formula.
        out.append("$")
    elif token.startswith(("\\char", "\\unichar", "\\symbol")) and token in (
        "\\char",
        "\\unichar",
        "\\symbol",
    ):
        sink = Sink(breaks=False)
        writer.commands[token](writer, sink, cursor, token)
        out.append(sink.joined() or BLANK)
    elif token != "\\":
        out.append(token)


def _quantity(writer: Writer, cursor: Cursor, token: str) -> str:
    """A number and its unit in a formula, siunitx's commands as plain LaTeX."""
    cursor.optional()
    parts = [writer.source(cursor.argument()) for sign in QUANTITIES[token]]
    value = number(parts[0]) if QUANTITIES[token][0] == "n" else ""
    printed = unit(parts[-1]) if QUANTITIES[token][-1] == "u" else ""
    for wrap in (wrappers.superscript, wrappers.subscript):
        opening, closing = wrap("x").split("x")
        sign = "^" if wrap is wrappers.superscript else "_"
        value = value.replace(opening, sign + "{").replace(closing, "}")
        printed = printed.replace(opening, sign + "{").replace(closing, "}")
    value = value.replace(" × ", r" \times ").replace(" ± ", r" \pm ").replace("−", "-")
    printed = printed.replace(" ", r"\,").replace("−", "-").replace("%", r"\%")
    unit_source = rf"\mathrm{{{printed}}}" if printed else ""
    return r"\,".join(part for part in (value, unit_source) if part)


def _balanced(tokens: list[str]) -> list[str]:
    """The tokens without closing braces, environments and dollars that have no partner."""
    out: list[str] = []
    opened: list[str] = []
    for token in tokens:
        if token == "{":
            opened.append("}")
        elif token.startswith("\\begin{"):
            opened.append(token.replace("\\begin", "\\end", 1))
        elif token == "}" or token.startswith("\\end{"):
            if token not in opened:
                continue
            while opened[-1] != token:
                out.append(opened.pop())
            opened.pop()
        out.append(token)
    out += reversed(opened)
    if out.count("$") % 2:
        out.reverse()
        out.remove("$")
        out.reverse()
    return out


def _finished(tokens: list[str]) -> str:
    edge = _SPACES | {"\\\\"}
    while tokens and tokens[-1] in edge:
        tokens.pop()
    while tokens and tokens[0] in edge:
        del tokens[0]
    if tokens and tokens[-1] in (".", ",", ";"):
        punctuation = tokens.pop()
        while tokens and tokens[-1] in edge:
            tokens.pop()
        tokens.append(punctuation)
    text = untokenize(tokens)
    text = re.sub(r"\{\s*\}\s*(?=[,.;]?$)", "", text)
    return " ".join(text.split())
