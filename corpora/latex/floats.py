r"""Figures, tables and listings with their captions, subfigures, and code."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.references.reference_names import Target
from corpora.latex.tokens import CODE_BLOCK, words
from corpora.latex.writer import EnvironmentHandler, Float, Handler, Sink, Writer
from tokenization import wrappers


def _picture(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    if writer.floats:
        writer.floats[-1].image = True
    elif sink.breaks:
        sink.block(wrappers.image())


_KINDS: Final = {
    "figure": "figure", "wrapfigure": "figure", "SCfigure": "figure", "sidewaysfigure": "figure",
    "floatingfigure": "figure", "marginfigure": "figure", "teaserfigure": "figure",
    "plate": "figure",
    "table": "table", "wraptable": "table", "sidewaystable": "table", "margintable": "table",
    "algorithm": "algorithm", "algorithm2e": "algorithm",
    "listing": "listing", "lstfloat": "listing", "program": "listing", "scheme": "figure",
    "chart": "figure", "SCtable": "table", "measuredfigure": "figure",
    "procedure": "algorithm", "codelisting": "listing", "ltable": "table",
}  # fmt: skip


def _float(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    kind = _KINDS[name.rstrip("*")]
    cursor.signature("[{[{" if name.startswith("wrap") else "[[" if kind != "algorithm" else "[")
    inside = Float(kind)
    writer.floats.append(inside)
    content = Sink()
    writer.render(cursor.at, cursor.end, content)
    content.paragraph()
    writer.floats.pop()
    blocks = [
        b for b in content.blocks if re.search(r"\w", b) or (len(b) == 1 and b == wrappers.image())
    ]
    if kind == "figure":
        body = [b for b in blocks if b != wrappers.image()]
        picture = inside.image or not any(b.startswith(("```", "|")) for b in body)
        ordered = ([wrappers.image()] if picture else []) + inside.captions + body
        if not inside.captions and not body and not picture:
            ordered = []
    else:
        ordered = (
            inside.captions + ([wrappers.image()] if inside.image and not blocks else []) + blocks
        )
    for block in ordered:
        if sink.breaks:
            sink.block(block)
        else:
            sink.text(f" {block} ")


def _caption(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    kind = writer.floats[-1].kind if writer.floats else "figure"
    _put_caption(writer, sink, cursor.argument(), kind)


def _caption_of(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    kind = writer.source(cursor.argument())
    cursor.optional()
    _put_caption(writer, sink, cursor.argument(), kind if kind in ("figure", "table") else "figure")


def _table_caption(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    _put_caption(writer, sink, cursor.argument(), "table")


def _put_caption(writer: Writer, sink: Sink, where: Range, kind: str) -> None:
    inside = writer.floats[-1] if writer.floats else None
    if inside is not None and inside.kind == "subfigure":
        text = writer.inline(where).strip()
        inside.captions.append(text)
        return
    inside_number = writer.numbering.step(kind, kind)
    text = writer.inline(where).strip()
    target = writer.numbering.current
    writer.numbering.current = Target(kind, inside_number, text) if target.kind == kind else target
    name = kind.capitalize()
    caption = f"{name} {inside_number}: {text}" if text else f"{name} {inside_number}"
    if inside is None or sink.breaks is False:
        sink.block(caption)
    else:
        # Before the captions of its parts, after those of pictures beside it.
        inside.number = inside_number
        inside.captions.insert(inside.whole_captions, caption)
        inside.whole_captions += 1


def _graphics(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.star()
    cursor.optional()
    cursor.optional()
    cursor.argument()
    if writer.floats:
        writer.floats[-1].image = True
    elif sink.breaks:
        sink.block(wrappers.image())


def _plot(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    """AASTeX's `\\plotone`, `\\plottwo`, `\\figurenum`-era commands and epsfig."""
    cursor.argument()
    if token == "\\plottwo":
        cursor.argument()
    if writer.floats:
        writer.floats[-1].image = True
    else:
        sink.block(wrappers.image())


def _subfloat(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    """`\\subfloat[caption]{...}` and `\\subfigure[caption]{...}`."""
    caption = cursor.optional()
    second = cursor.optional()
    caption = second or caption
    where = cursor.argument()
    _subfigure_of(writer, sink, where, writer.inline(caption))


def _subfigure(writer: Writer, sink: Sink, cursor: Cursor, name: str) -> None:
    cursor.signature("[[[{" if name != "subfloat" else "[")
    _subfigure_of(writer, sink, Range(cursor.at, cursor.end), "")


def _subfigure_of(writer: Writer, sink: Sink, where: Range, caption: str) -> None:
    outer = writer.floats[-1] if writer.floats else None
    if outer is None:
        writer.render(where.start, where.end, sink)
        return
    outer.parts += 1
    letter = chr(96 + outer.parts) if outer.parts < 27 else str(outer.parts)
    kind = outer.kind
    number = outer.number or str(writer.numbering.counters.get(kind, 0) + 1)
    if not outer.number and "." in writer.numbering.number(kind):
        number = writer.numbering.number(kind).rsplit(".", 1)[0] + f".{number}"
    saved = writer.numbering.current
    writer.numbering.current = Target(
        "subfigure" if kind == "figure" else kind, f"{number}{letter}"
    )
    inner = Float("subfigure", captions=[caption] if caption else [])
    writer.floats.append(inner)
    content = Sink()
    writer.render(where.start, where.end, content)
    content.paragraph()
    writer.floats.pop()
    writer.numbering.current = saved
    outer.image = outer.image or inner.image
    text = re.sub(r"^\([a-z]\)\s*", "", " ".join(inner.captions).strip())
    for block in content.blocks:
        if re.search(r"\w", block):
            sink.block(block)
    if text:
        outer.captions.append(f"({letter}) {text}")


def _code_block(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    header, _, code = token[1:].partition("\n")
    language, caption, label = (*header.split("\x08"), "", "", "")[:3]
    code = "\n".join(line.rstrip() for line in code.expandtabs(4).split("\n")).strip("\n")
    if caption or label:
        number = writer.numbering.step("listing", "listing")
        writer.numbering.label(label) if label else None
        if caption:
            sink.block(f"Listing {number}: {plain_caption(caption)}")
    if not code.strip():
        return
    fence = "```"
    while fence in code:
        fence += "`"
    if sink.breaks:
        sink.block(f"{fence}{language}\n{code}\n{fence}")
    else:
        sink.text(f"`{' '.join(code.split())}`" if "`" not in code else " ".join(code.split()))


def plain_caption(caption: str) -> str:
    """A listing's caption, which stands inside an option list, without its commands."""
    return " ".join(re.sub(r"\\[a-zA-Z]+\s*|[{}$]", "", caption).split())


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(
        (
            "\\caption",
            "\\bicaption",
        ),
        _caption,
    ),
    "\\captionof": _caption_of,
    **dict.fromkeys(
        ("\\captionof*table", "\\tablecaption", "\\topcaption", "\\tabcaption"), _table_caption
    ),
    **dict.fromkeys(
        words(r"""
    \includegraphics \includesvg \epsfig \psfig \epsfbox \epsffile \includestandalone
    \adjincludegraphics
"""),
        _graphics,
    ),
    **dict.fromkeys(
        (
            "\\plotone",
            "\\plottwo",
        ),
        _plot,
    ),
    **dict.fromkeys(("\\subfloat", "\\subfigure", "\\subcaptionbox", "\\subtable"), _subfloat),
    CODE_BLOCK: _code_block,
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(_KINDS, _float),
    **dict.fromkeys(("subfigure", "subtable", "subfloat"), _subfigure),
    **dict.fromkeys(
        words("""
    tikzpicture picture pspicture pgfpicture forest axis feynmandiagram overpic asy
    psgraph tikzcd circuitikz xy chemfig
"""),
        _picture,
    ),
}
