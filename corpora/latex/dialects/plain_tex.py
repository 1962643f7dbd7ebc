r"""Plain TeX in the text: registers and fonts that are set, `\item{1.}`, `\beginsection`."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.tokens import BLANK, PARAGRAPH, WORD_BLANK, words
from corpora.latex.typesetting import typographic
from corpora.latex.writer import Handler, Sink, Writer

_NEW: Final = words(
    r"""
    \newcount \newdimen \newskip \newmuskip \newtoks \newbox \newwrite \newread \newfam
    \newinsert \newhelp
"""
)
_NUMBER: Final = re.compile(
    r"\s*=?\s*[-+]?(?:\"[0-9A-Fa-f]+|'[0-7]+|\d*[.,]?\d*)\s*(?:true)?"
    r"(?:pt|em|ex|mu|cm|mm|in|pc|bp|sp|fil+)?(?![a-zA-Z])"
)
#: The number of a stream, and a file's name after it where no blank parts them.
_STREAM: Final = re.compile(r"-?\d{1,3}(?:=.*)?")
_KEYWORDS: Final = frozenset(words("by plus minus scaled at to height width depth true"))
_SIZES: Final = frozenset(words(r"\magstep \magstephalf \magstep0 \magstep1 \magstep2 \jot"))


def _value(writer: Writer, sink: Sink, cursor: Cursor) -> None:
    """Takes `=12pt plus 1fil`, `= \\other`, `="7123`; what follows in the run is text."""
    for _ in range(12):
        cursor.blanks()
        token = cursor.peek()
        if token in _SIZES or token in ("\\baselineskip", "\\hsize", "\\vsize", "\\parindent"):
            cursor.at += 1
            continue
        match = _NUMBER.match(token) if token[0] not in "\\{}[]$&\n" else None
        if match is not None and match.group().strip():
            cursor.at += 1
            rest = token[match.end() :]
            if rest:
                sink.text(rest)
                return
            continue
        if token in _KEYWORDS:
            cursor.at += 1
            continue
        return


def _assignment(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    _value(writer, sink, cursor)


def _advance(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.argument()
    _value(writer, sink, cursor)


def _new_register(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    where = cursor.argument()
    for at in range(*where):
        if writer.tokens[at][0] == "\\":
            writer.registers.add(writer.tokens[at])


def _font(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\font\big=cmbx10 scaled \magstep2`."""
    cursor.argument()
    cursor.blanks()
    if cursor.peek().startswith("="):
        alone = cursor.peek() == "="
        cursor.at += 1
        if alone:
            cursor.blanks()
            cursor.at += cursor.peek()[0].isalnum()
    _value(writer, sink, cursor)


def _catcode(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""``\catcode`\@=11``: what stands up to the number."""
    for at in range(cursor.at, min(cursor.end, cursor.at + 5)):
        match = re.search(r"=\s*(\d{1,3}|$)", writer.tokens[at])
        if match is not None:
            cursor.at = at + 1
            rest = writer.tokens[at][match.end() :]
            if not match.group(1):
                _value(writer, sink, cursor)
            sink.text(rest)
            return
        if writer.tokens[at] == PARAGRAPH:
            return


def _headline(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\footline={...}`, `\everypar={...}`, `\output={...}`."""
    cursor.blanks()
    if cursor.peek() == "=":
        cursor.at += 1
    cursor.group()


def _set_box(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\setbox0=\hbox{...}`, which prints nothing yet."""
    cursor.argument()
    for at in range(cursor.at, min(cursor.end, cursor.at + 8)):
        if writer.tokens[at] == "{":
            cursor.at = at
            cursor.group()
            return


def _file_stream(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\write18{...}`, `\openout\out=name`, `\read5 to\line`: nothing of a file is printed."""
    cursor.blanks()
    if cursor.peek()[0] == "\\" or _STREAM.fullmatch(cursor.peek()):
        cursor.at += 1
    if token == "\\write":
        cursor.group()
    elif token == "\\read":
        cursor.blanks()
        if cursor.peek() == "to":
            cursor.at += 1
            cursor.argument()
    elif token.startswith("\\open"):
        cursor.blanks()
        if cursor.peek()[0] == "=":
            cursor.at += 1
            if writer.tokens[cursor.at - 1] == "=":
                cursor.argument()


def _item(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\item{(a)} text`: a paragraph with a label; LaTeX's items never come here."""
    if not sink.breaks:
        sink.text(" ")
    else:
        sink.paragraph()
    where = cursor.group() or cursor.optional()
    label = writer.inline(where).strip()
    sink.text(f"- {label} " if sink.breaks and (label or where is None) else f"{label} ")


def _to_paragraph_end(writer: Writer, cursor: Cursor) -> Range:
    start = cursor.at
    while cursor.at < cursor.end and writer.tokens[cursor.at] not in (PARAGRAPH, "\\par"):
        cursor.at += 1
    return Range(start, cursor.at)


def _begin_section(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\beginsection Title` up to the end of its paragraph."""
    while cursor.at < cursor.end and writer.tokens[cursor.at] in (BLANK, WORD_BLANK):
        cursor.at += 1
    title = typographic(writer.inline(_to_paragraph_end(writer, cursor)))
    writer.numbering.section("section", title, numbered=False)
    sink.block(f"# {title}")


def _proclaim(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\proclaim Theorem 1. Words.` is a paragraph of its own."""
    where = _to_paragraph_end(writer, cursor)
    sink.paragraph()
    writer.render(where.start, where.end, sink)
    sink.paragraph()


def _footnote_of_plain(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\footnote{$^1$}{text}`, `\vfootnote`, harvmac's `\foot{text}`."""
    if token != "\\foot":
        cursor.argument()
    text = writer.inline(cursor.argument())
    if text:
        sink.text(f" ({text})")


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_NEW, _new_register),
    **dict.fromkeys(
        words(r"""
    \magnification \mag \hangindent \hangafter \pretolerance \hbadness \vbadness \hfuzz \vfuzz
    \overfullrule \maxdepth \topskip \parfillskip \spaceskip \xspaceskip \pageno \lineskip
    \lineskiplimit \normalbaselineskip \medskipamount \bigskipamount \smallskipamount
    \displaywidth \displayindent \jot \secno \hrule \vrule \endlinechar \escapechar \count
    \dimen \skip \toks \box \copy \unhbox \unvbox \wd \ht \dp \interdisplaylinepenalty
    \predisplaypenalty \postdisplaypenalty \brokenpenalty \exhyphenpenalty \hyphenpenalty
    \lefthyphenmin \righthyphenmin \language \mathsurround \thickmuskip \medmuskip \thinmuskip
    \scriptspace \nulldelimiterspace \delimitershortfall \fam \binoppenalty \relpenalty
    \floatingpenalty \finalhyphendemerits \doublehyphendemerits \vglue \hglue \openup
"""),
        _assignment,
    ),
    **dict.fromkeys(words(r"\advance \multiply \divide \chardef \mathchardef \countdef"), _advance),
    "\\font": _font,
    **dict.fromkeys(words(r"\catcode \mathcode \lccode \uccode \sfcode \delcode"), _catcode),
    **dict.fromkeys(
        words(r"\headline \footline \everypar \everydisplay \everyhbox \output \everycr"), _headline
    ),
    "\\setbox": _set_box,
    **dict.fromkeys(words(r"\write \read \openout \openin \closeout \closein"), _file_stream),
    **dict.fromkeys(words(r"\item \itemitem"), _item),
    "\\beginsection": _begin_section,
    "\\proclaim": _proclaim,
    **dict.fromkeys(words(r"\vfootnote \foot"), _footnote_of_plain),
}


def footnote_of_plain(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""Plain TeX's `\footnote`, whose first argument is its mark."""
    _footnote_of_plain(writer, sink, cursor, "\\footnote")
