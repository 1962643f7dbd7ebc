r"""Commands inside a paragraph: links, notes, scripts, references, characters, units, acronyms."""

import re
from typing import Final

from corpora.latex.cursor import Cursor
from corpora.latex.formulas import quantities
from corpora.latex.formulas.units import chemical
from corpora.latex.references.cross_references import slot
from corpora.latex.references.reference_names import kind_of_counter
from corpora.latex.tokens import ADDRESS, words
from corpora.latex.writer import Handler, Sink, Writer
from tokenization import wrappers
from tokenization.markers import MARKERS

_MARKER_CHARACTERS: Final = frozenset(marker.code_point for marker in MARKERS)


def _superscript(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    content = writer.inline(cursor.argument()).strip()
    if not content:
        return
    if set(content) & _MARKER_CHARACTERS or "\x06" in content:
        sink.text(content)
        return
    wrap = wrappers.subscript if "sub" in token.lower() else wrappers.superscript
    # A hyphen of a charge or a power is a minus; `1-3` is a range.
    charge = re.fullmatch(r"\d*[-–]|-[\d./]+", content)
    sink.text(wrap(content.replace("-", "−").replace("–", "−") if charge else content))


def _typewriter(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    where = cursor.argument()
    content = writer.inline(where)
    plain = (
        content and not set(content) & _MARKER_CHARACTERS and not re.search("[`\x00-\x1f]", content)
    )
    address = any(writer.tokens[at][0] == ADDRESS for at in range(*where)) or "://" in content
    if not plain or address:
        sink.text(content)
    elif sink.parts and re.fullmatch(r"`[^`]+`", sink.parts[-1]):
        # Two typewriter commands side by side print one word.
        sink.parts[-1] = f"{sink.parts[-1][:-1]}{content}`"
    else:
        sink.text(f"`{content}`")


def _footnote(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.optional()
    where = cursor.argument()
    if token in ("\\footnote", "\\footnotetext"):
        outer = writer.numbering.current
        writer.numbering.step("footnote", "footnote")
        text = writer.inline(where)
        writer.numbering.current = outer
    else:
        text = writer.inline(where)
    if text:
        sink.text(f" ({text})")


def _href(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    address, where = cursor.argument(), cursor.argument()
    text = writer.inline(where)
    sink.text(text or writer.inline(address))


def _url(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    where = cursor.argument()
    sink.text("".join(writer.inline(where).split()))


def _reference(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.star()
    keys = writer.source(cursor.argument())
    command = {
        "vref": "ref", "vpageref": "pageref", "fullref": "autoref", "Autoref": "Cref",
        "thref": "Cref",
        "Vref": "Cref", "subref": "ref", "autopageref": "pageref", "zcref": "cref",
        "Eqref": "eqref",
        "Ref": "ref", "prettyref": "Cref", "secref": "ref", "cpageref": "pageref",
        "Cpageref": "pageref", "lcnamecref": "namecref", "namecrefs": "namecref",
        "nameCrefs": "nameCref", "fref": "cref", "Fref": "Cref", "subcref": "cref",
        "Nameref": "nameref", "titleref": "nameref", "labelcpageref": "pageref", "cref*": "cref",
    }.get(token[1:], token[1:])  # fmt: skip
    sink.text(slot(command, keys))


def _reference_range(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.star()
    first, last = writer.source(cursor.argument()), writer.source(cursor.argument())
    if token[1].lower() == "c" and token[2] == "r":
        sink.text(slot(token[1:], f"{first},{last}"))
    else:
        sink.text(f"{slot(token[1:].replace('range', ''), first)}–{slot('ref', last)}")


def _reference_name(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\crefname{figure}{Fig.}{Figs.}`: what is printed before a number of this kind."""
    kind = kind_of_counter(writer.source(cursor.argument()))
    theorem = writer.definitions.theorems.get(kind)
    one, several = writer.inline(cursor.argument()), writer.inline(cursor.argument())
    if one.strip():
        key = (theorem.title if theorem is not None else kind, token == "\\Crefname")
        writer.numbering.names.clever[key] = (one.strip(), several.strip() or one.strip())


def _box(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.box_size()
    where = cursor.argument()
    writer.render(where.start, where.end, sink)


def _hyperref(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    if cursor.optional() is None:
        for _index in range(3):
            cursor.argument()
    where = cursor.argument()
    writer.render(where.start, where.end, sink)


def _label(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    key = writer.source(cursor.argument())
    if key:
        writer.numbering.label(key)


def _character(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\char"41`, `\char65`, `\symbol{65}`, `\unichar{65}`: cleaned like any outside text."""
    braced = cursor.peek() == "{"
    digits = writer.source(cursor.argument()) if braced else cursor.peek()
    match = re.match(r"\s*(?:[\"]([0-9A-Fa-f]+)|'([0-7]+)|`(.)|(\d+))", digits)
    if match is None:
        if not braced and digits == "`" and cursor.at + 1 < cursor.end:
            cursor.at += 1
            sink.text(cursor.peek()[-1:])
            cursor.at += 1
        return
    if not braced:
        cursor.at += 1
    hexadecimal, octal, literal, decimal = match.groups()
    if literal:
        sink.text(literal)
    else:
        text = (hexadecimal or octal or decimal)[:8]
        sink.text(writer.latin(int(text, 16 if hexadecimal else 8 if octal else 10)))
    if not braced and match.end() < len(digits):
        sink.text(digits[match.end() :])


def _line_break(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    if cursor.peek() == "[":
        cursor.optional()
    sink.paragraph() if sink.breaks else sink.text(" ")


def _paragraph(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.paragraph() if sink.breaks else sink.text(" ")


def _break(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\pagebreak[3]`, `\linebreak`: their number is how much they are wished for."""
    cursor.optional()
    if token == "\\linebreak":
        sink.text(" ")
    elif token == "\\pagebreak":
        _paragraph(writer, sink, cursor, token)


def _blank(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.text(" ")


def _own_line(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\centerline{...}` stands on a line of its own."""
    _paragraph(writer, sink, cursor, token)
    where = cursor.argument()
    writer.render(where.start, where.end, sink)
    _paragraph(writer, sink, cursor, token)


_LENGTH: Final = re.compile(
    r"\s*=?\s*[-+]?\d*[.,]?\d*\s*(?:true)?(?:pt|em|ex|mu|cm|mm|in|pc|bp|sp|fil+)?(?![a-zA-Z])"
)


def _length(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\vskip 2pt plus 1fil`, `\parindent=0pt`: the length goes with the command."""
    cursor.blanks()
    tokens: list[str] = []
    for word in ("", "plus", "minus"):
        if word:
            saved = cursor.at
            cursor.blanks()
            if cursor.peek() != word:
                cursor.at = saved
                continue
            cursor.at += 1
            cursor.blanks()
        text = cursor.peek()
        match = _LENGTH.match(text) if text[0] not in "\\{}[]$&\n" else None
        if match is None or not match.group().strip():
            if text == "=" or (
                text[0] == "\\" and text.endswith(("width", "height", "skip", "indent"))
            ):
                cursor.at += 1
            return
        cursor.at += 1
        if text == "=":
            cursor.blanks()
            text = cursor.peek()
            match = _LENGTH.match(text)
            if match is None or not match.group().strip():
                return
            cursor.at += 1
        if match.end() < len(text):
            tokens.append(text[match.end() :])
            break
        if re.fullmatch(r"\s*=?\s*[-+]?\d*\.?\d*", text):
            following = cursor.peek()
            if following[0] == "\\" and following not in writer.commands:
                cursor.at += 1
    for text in tokens:
        sink.text(text)


def _vskip_like() -> dict[str, Handler]:
    names = (
        "vskip hskip kern penalty parindent parskip baselineskip textwidth textheight topmargin "
        "oddsidemargin evensidemargin headheight headsep footskip tabcolsep arraystretch hsize "
        "vsize "
        "looseness hbadness vbadness hfuzz vfuzz pretolerance doublerulesep "
        "tolerance emergencystretch hangindent hangafter linewidth columnsep leftskip "
        "rightskip widowpenalty clubpenalty interlinepenalty raise lower moveleft moveright "
        "columnwidth "
        "abovedisplayskip belowdisplayskip bibsep itemsep labelsep arrayrulewidth "
        "unitlength "
        "hoffset voffset fboxsep textfloatsep floatsep intextsep abovecaptionskip belowcaptionskip"
    )
    return {"\\" + name: _length for name in names.split()}


def _chemistry(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.text(chemical(writer.source(cursor.argument())))


_REFERENCES: Final = words("""
    ref eqref autoref cref Cref nameref pageref cpageref vref Vref vpageref labelcref
    subref Autoref fullref zcref thref Ref prettyref Cpageref namecref nameCref lcnamecref
    namecrefs nameCrefs fref Fref subcref Nameref titleref labelcpageref autopageref Vref Eqref
""")

COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(
        ("\\textsuperscript", "\\textsubscript", "\\textsuper", "\\textsub"), _superscript
    ),
    **dict.fromkeys(("\\texttt", "\\code", "\\lstinline", "\\mintinline"), _typewriter),
    **dict.fromkeys(
        words(r"\footnote \footnotetext \tablefootnote \sidenote \endnote \endnotetext"), _footnote
    ),
    "\\href": _href,
    **dict.fromkeys(("\\url", "\\nolinkurl", "\\path"), _url),
    **{"\\" + name: _reference for name in _REFERENCES},
    **dict.fromkeys(
        words(r"\crefrange \Crefrange \cpagerefrange \vrefrange \eqrefrange"), _reference_range
    ),
    **dict.fromkeys(("\\crefname", "\\Crefname"), _reference_name),
    "\\hyperref": _hyperref,
    **dict.fromkeys(("\\hbox", "\\vbox", "\\vtop"), _box),
    **dict.fromkeys(("\\label", "\\zlabel"), _label),
    **dict.fromkeys(("\\char", "\\symbol", "\\unichar"), _character),
    **dict.fromkeys(("\\\\", "\\newline", "\\tabularnewline", "\\cr"), _line_break),
    **dict.fromkeys(
        words(r"""
    \par \smallskip \medskip \bigskip \endgraf \smallbreak \medbreak \bigbreak \newpage
    \clearpage \cleardoublepage \eject \supereject \vfill \vfil \vss \filbreak
"""),
        _paragraph,
    ),
    **dict.fromkeys(
        words(r"\hfill \hfil \hss \break \hfilneg \dotfill \hrulefill \qquad \quad"), _blank
    ),
    **dict.fromkeys(words(r"\pagebreak \nopagebreak \linebreak \nolinebreak"), _break),
    **dict.fromkeys(words(r"\centerline \leftline \rightline"), _own_line),
    **_vskip_like(),
    **quantities.COMMANDS,
    **dict.fromkeys(("\\ce", "\\cee", "\\chem", "\\ch"), _chemistry),
}
