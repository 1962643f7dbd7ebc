r"""Where formulas stand: inline, lone scripts of prose, display environments and their numbers."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.formulas.mathematics import formula
from corpora.latex.formulas.prose_formulas import prose
from corpora.latex.references.reference_names import Target
from corpora.latex.tokens import BLANK, WORD_BLANK
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer
from tokenization import wrappers

#: Display environments: the environment their rows are kept in; None for a single formula.
DISPLAYS: Final[dict[str, str | None]] = {
    "equation": None, "displaymath": None, "math": None, "multline": "gathered",
    "gather": "gathered",
    "align": "aligned", "eqnarray": "aligned", "flalign": "aligned", "alignat": "aligned",
    "xalignat": "aligned", "dmath": None, "dgroup": "gathered", "mathletters": None,
    "IEEEeqnarray": "aligned", "empheq": None, "xxalignat": "aligned", "darray": None,
}  # fmt: skip
_NUMBERED: Final = frozenset(DISPLAYS) - {"displaymath", "math", "xxalignat"}
_UNNUMBERED: Final = frozenset(["\\nonumber", "\\notag", "\\IEEEnonumber", "\\tag"])
_ONE_NUMBER: Final = frozenset(["equation", "multline", "dmath", "empheq"])


def put_inline(writer: Writer, sink: Sink, where: Range) -> None:
    """Writes an inline formula; a lone script or a symbol in a word becomes one of the prose."""
    source = formula(writer, where)
    if not source:
        return
    text = prose(writer, sink, where, source)
    if text is None:
        text = wrappers.latex(source, markers=writer.options.latex_markers, marked=True)
    sink.text(text)
    _put_notes(writer, sink)


def _put_notes(writer: Writer, sink: Sink) -> None:
    """The footnotes that stood in a formula, after it."""
    notes, writer.formula_notes = writer.formula_notes, []
    for where in notes:
        sink.text(f" ({writer.inline(where)}) ")


def put_display(writer: Writer, sink: Sink, source: str) -> None:
    """Writes a display formula as a block of its own."""
    if source and re.search(r"[^\s.,;]", source):
        sink.block(
            wrappers.latex(source, display=True, markers=writer.options.latex_markers, marked=True)
        )
    _put_notes(writer, sink)


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
    _tagged(writer, where)
    return _nested(_in_rows(formula(writer, where), None))


def _has_number(writer: Writer, where: Range) -> bool:
    """Whether the counter numbers a row: nothing hides its number, no `\\tag` stands for it."""
    return _UNNUMBERED.isdisjoint(writer.tokens[where.start : where.end])


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
    if name.rstrip("*") == "empheq":
        cursor.optional()
        inner = writer.source(cursor.group()).partition("=")[0].strip()
        name = inner if inner.rstrip("*") in DISPLAYS else "equation"
    plain = name.rstrip("*")
    starred = name.endswith("*")
    if plain in ("alignat", "xalignat", "IEEEeqnarray", "xxalignat"):
        cursor.optional()
        cursor.group()
    where = Range(cursor.at, cursor.end)
    numbered = plain in _NUMBERED and not starred
    wrapper = DISPLAYS[plain]
    if wrapper is None or plain in _ONE_NUMBER:
        if numbered and "\\tag" not in writer.tokens[where.start : where.end]:
            writer.numbering.step("equation", "equation")
            if not _has_number(writer, where):
                # amsmath takes the number back, yet a label keeps it.
                writer.numbering.counters["equation"] -= 1
        _tagged(writer, where)
        source = formula(writer, where)
        source = _in_rows(source, wrapper)
        if plain == "math":
            put_inline(writer, sink, where)
            return
        put_display(writer, sink, _nested(source))
        return
    kept: list[str] = []
    rows = _rows(writer, where)
    owners = [numbered and _has_number(writer, row) for row in rows]
    # A label on a row without a number names the next row that has one.
    left, coming = sum(owners), None
    for row, owns in zip(rows, owners, strict=True):
        if left and coming is None:
            writer.numbering.step("equation", "equation")
            coming = writer.numbering.current
        if coming is not None:
            writer.numbering.current = coming
        if owns:
            left, coming = left - 1, None
        _tagged(writer, row)
        source = formula(writer, row)
        if plain in ("eqnarray", "IEEEeqnarray"):
            source = _two_columns(source)
        if source.strip(" &"):
            kept.append(source)
    if len(kept) == 1 and not _signs(kept[0]):
        put_display(writer, sink, _nested(kept[0]))
    elif kept:
        body = " \\\\ ".join(kept)
        put_display(writer, sink, _nested(f"\\begin{{{wrapper}}} {body} \\end{{{wrapper}}}"))


def _nested(source: str) -> str:
    source = re.sub(
        r"(\\(?:begin|end)\{)(?:align|eqnarray|flalign|alignat)\*?\}", r"\1aligned}", source
    )
    return re.sub(r"(\\(?:begin|end)\{)(?:gather|multline)\*?\}", r"\1gathered}", source)


_LEVELS: Final = re.compile(r"\\\\|\\begin\{[^{}]*\}|\\end\{[^{}]*\}|\\.|[{}&]", re.DOTALL)


def _signs(source: str) -> list[tuple[int, str]]:
    """Where the row ends and alignment signs of a formula stand that no group holds."""
    depth, found = 0, []
    for match in _LEVELS.finditer(source):
        sign = match.group()
        if sign == "{" or sign.startswith("\\begin{"):
            depth += 1
        elif sign == "}" or sign.startswith("\\end{"):
            depth -= 1
        elif depth == 0 and sign in ("&", "\\\\"):
            found.append((match.start(), sign))
    return found


def _in_rows(source: str, wrapper: str | None) -> str:
    """A formula of several rows in the environment that they need."""
    signs = {sign for _, sign in _signs(source)}
    if "&" in signs:
        wrapper = "aligned"
    elif "\\\\" not in signs:
        return source
    wrapper = wrapper or "gathered"
    return f"\\begin{{{wrapper}}} {source} \\end{{{wrapper}}}"


def _two_columns(row: str) -> str:
    """A row of `eqnarray`, `a &=& b`, as a row of `aligned`, `a &= b`."""
    places = [place for place, sign in _signs(row) if sign == "&"]
    if len(places) < 2:
        return row
    first, second = places[:2]
    middle, last = row[first + 1 : second].strip(), row[second + 1 :].strip()
    return f"{row[:first].strip()} &{middle} {last}".strip()


def _tagged(writer: Writer, where: Range) -> None:
    """A `\\tag` names its equation."""
    for at in writer.ranges_at_level(where):
        if writer.tokens[at] == "\\tag":
            cursor = Cursor(writer.structure, at + 1, where.end)
            cursor.star()
            number = writer.inline(cursor.argument()).strip()
            number = number[1:-1] if number[:1] == "(" and number[-1:] == ")" else number
            writer.numbering.current = Target("equation", number)


def _subequations(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    """Equations 3a, 3b, ...: the inner ones count in letters."""
    numbering = writer.numbering
    number = numbering.step("equation", "equation")
    outer = numbering.counters["equation"]
    format_outside = numbering.formats.get("equation")
    numbering.counters["equation"] = 0
    numbering.formats["parentequation"] = number
    numbering.formats["equation"] = number + "\\alph{equation}"
    inner = Sink(breaks=sink.breaks)
    writer.render(cursor.at, cursor.end, inner)
    numbering.formats.pop("equation", None)
    if format_outside is not None:
        numbering.formats["equation"] = format_outside
    numbering.counters["equation"] = outer
    inner.paragraph()
    for block in inner.blocks:
        sink.block(block)


def _ensuremath(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    put_inline(writer, sink, cursor.argument())


def _bare_formula(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    put_inline(writer, sink, Range(cursor.at, cursor.end))


COMMANDS: Final[dict[str, Handler]] = {
    "*formula": _bare_formula,
    "$": _dollars,
    "\\(": _dollars,
    "\\[": _dollars,
    "\\ensuremath": _ensuremath,
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(DISPLAYS, _display),
    "subequations": _subequations,
}
