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
from corpora.latex.writer import Cursor, EnvironmentHandler, Handler, Range, Sink, Writer
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

#: Display environments: the environment their rows are kept in; None for a single formula.
DISPLAYS: Final[dict[str, str | None]] = {
    "equation": None, "displaymath": None, "math": None, "multline": "gathered",
    "gather": "gathered",
    "align": "aligned", "eqnarray": "aligned", "flalign": "aligned", "alignat": "aligned",
    "xalignat": "aligned", "dmath": None, "dgroup": "gathered", "mathletters": None,
    "IEEEeqnarray": "aligned", "empheq": None, "xxalignat": "aligned", "darray": None,
}  # fmt: skip
_NUMBERED: Final = frozenset(DISPLAYS) - {"displaymath", "math", "xxalignat"}
_ONE_NUMBER: Final = frozenset(["equation", "multline", "dmath", "empheq"])


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


def _plain(source: str) -> str | None:
    """The characters of a script that is plain prose (`^{th}`, `_{2}`), else None."""
    source = re.sub(r"\\(?:rm|mathrm|text|textrm|it|bf|tiny|sf)(?![a-zA-Z])", "", source)
    source = source.replace("{", "").replace("}", "").strip()
    return source if re.fullmatch(r"[\w+\-−,.()*/' ]{1,20}", source) else None


_DEGREE: Final = {
    "^\\circ": "°",
    "^{\\circ}": "°",
    "^\\prime": "′",
    "^{\\prime}": "′",
    "^{\\prime\\prime}": "″",
}


def put_inline(writer: Writer, sink: Sink, where: Range) -> None:
    """Writes an inline formula; a lone superscript or subscript becomes one of the prose."""
    source = formula(writer, where)
    if not source:
        return
    compact = source.replace(" ", "").replace("{}", "", 1) if source[0] in "^_{" else source
    if compact in _DEGREE:
        sink.text(_DEGREE[compact])
        return
    if compact[0] in "^_" and not re.search(r"[\^_]", compact[1:]):
        script = _plain(source.replace("{}", "", 1)[1:])
        if script is not None:
            wrap = wrappers.superscript if compact[0] == "^" else wrappers.subscript
            sink.text(wrap(script.replace("-", "−") if re.fullmatch(r"-\d+", script) else script))
            return
    sink.text(wrappers.latex(source, markers=writer.options.latex_markers, marked=True))


def put_display(writer: Writer, sink: Sink, source: str) -> None:
    """Writes a display formula as a block of its own."""
    if source and re.search(r"[^\s.,;]", source):
        sink.block(
            wrappers.latex(source, display=True, markers=writer.options.latex_markers, marked=True)
        )


def _dollars(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    start = cursor.at
    end = writer.structure.formulas.get(start - 1, -1)
    if end < 0 or end >= cursor.end:
        if token == "\\[" and writer.tokens[start : start + 1] == ["]"]:
            return
        if token == "$" and cursor.peek()[0].isdigit():
            sink.text("$")
        # The rest of the paragraph is read as text: a lost dollar must not make it a formula.
        return
    cursor.at = end + 1
    if token in ("$$", "\\["):
        put_display(writer, sink, _in_display(writer, Range(start, end)))
    else:
        put_inline(writer, sink, Range(start, end))


def _in_display(writer: Writer, where: Range) -> str:
    """A display that an author put an `align` into is kept as one `aligned`."""
    source = formula(writer, where)
    return re.sub(r"(\\(?:begin|end)\{)(?:align|eqnarray|gather)\*?\}", r"\1aligned}", source)


def _rows(writer: Writer, where: Range) -> list[Range]:
    rows: list[Range] = []
    start = where.start
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] in ("\\\\", "\\cr"):
            rows.append(Range(start, at))
            cursor = Cursor(writer.structure, at + 1, where.end)
            cursor.star()
            cursor.optional()
            start = cursor.at
    rows.append(Range(start, where.end))
    return [
        row for row in rows if any(writer.tokens[i] not in (BLANK, WORD_BLANK) for i in range(*row))
    ]


def _display(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    plain = name.rstrip("*")
    starred = name.endswith("*")
    if plain in ("alignat", "xalignat", "IEEEeqnarray", "empheq"):
        cursor.optional()
        cursor.group()
    where = Range(cursor.at, cursor.end)
    numbered = plain in _NUMBERED and not starred
    wrapper = DISPLAYS[plain]
    if wrapper is None or plain in _ONE_NUMBER:
        tokens = writer.tokens[where.start : where.end]
        if numbered and "\\nonumber" not in tokens and "\\notag" not in tokens:
            writer.numbering.step("equation", "equation")
        _tagged(writer, where)
        source = formula(writer, where)
        if wrapper and "\\\\" in source:
            source = f"\\begin{{{wrapper}}} {source} \\end{{{wrapper}}}"
        elif "\\\\" in source and "\\begin" not in source:
            source = f"\\begin{{gathered}} {source} \\end{{gathered}}"
        if plain == "math":
            put_inline(writer, sink, where)
            return
        put_display(writer, sink, _nested(source))
        return
    kept: list[str] = []
    for row in _rows(writer, where):
        tokens = writer.tokens[row.start : row.end]
        if numbered and "\\nonumber" not in tokens and "\\notag" not in tokens:
            writer.numbering.step("equation", "equation")
        _tagged(writer, row)
        source = formula(writer, row)
        if plain in ("eqnarray", "IEEEeqnarray"):
            source = _two_columns(source)
        if source.strip(" &"):
            kept.append(source)
    if len(kept) == 1 and "&" not in re.sub(r"\\&|\\begin.*\\end", "", kept[0], flags=re.DOTALL):
        put_display(writer, sink, _nested(kept[0]))
    elif kept:
        body = " \\\\ ".join(kept)
        put_display(writer, sink, _nested(f"\\begin{{{wrapper}}} {body} \\end{{{wrapper}}}"))


def _nested(source: str) -> str:
    return re.sub(r"(\\(?:begin|end)\{)(?:align|eqnarray)\*?\}", r"\1aligned}", source)


def _two_columns(row: str) -> str:
    """A row of `eqnarray`, `a &=& b`, as a row of `aligned`, `a &= b`."""
    match = re.match(r"^((?:[^&\\]|\\.)*)&((?:[^&\\]|\\.)*)&(.*)$", row, re.DOTALL)
    if match is None:
        return row
    return " ".join(f"{match.group(1)}&{match.group(2).strip()} {match.group(3).strip()}".split())


def _tagged(writer: Writer, where: Range) -> None:
    """A `\\tag` names its equation."""
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] == "\\tag":
            cursor = Cursor(writer.structure, at + 1, where.end)
            cursor.star()
            number = writer.source(cursor.argument()).strip("$() ")
            writer.numbering.current = type(writer.numbering.current)("equation", number)


def _subequations(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    """Equations 3a, 3b, ...: the inner ones count in letters."""
    numbering = writer.numbering
    number = numbering.step("equation", "equation")
    outer = numbering.counters["equation"]
    target = numbering.current
    before = dict(numbering.labels)
    numbering.counters["equation"] = 0
    inner = Sink(breaks=sink.breaks)
    saved = numbering.within.pop("equation", None)
    writer.render(cursor.at, cursor.end, inner)
    for key, label in numbering.labels.items():
        if key not in before and label.kind == "equation" and label is not target:
            letter = (
                chr(96 + int(label.number))
                if label.number.isdigit() and int(label.number) < 27
                else ""
            )
            numbering.labels[key] = type(label)("equation", number + letter)
    if saved is not None:
        numbering.within["equation"] = saved
    numbering.counters["equation"] = outer
    inner.paragraph()
    for block in inner.blocks:
        sink.block(block)


def _ensuremath(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    put_inline(writer, sink, cursor.argument())


COMMANDS: Final[dict[str, Handler]] = {
    "$": _dollars,
    "\\(": _dollars,
    "\\[": _dollars,
    "\\ensuremath": _ensuremath,
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(DISPLAYS, _display),
    "subequations": _subequations,
}
