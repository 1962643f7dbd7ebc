r"""Slides of the class beamer: a frame's title is a heading."""

from typing import Final

from corpora.latex.cursor import Cursor
from corpora.latex.typesetting import typographic
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer


def _heading(writer: Writer, sink: Sink, title: str) -> None:
    counters = writer.numbering.counters
    depth = 1 + bool(counters.get("section")) + bool(counters.get("subsection"))
    heading = f"{'#' * depth} {title}"
    # Slides that go on under one title are one passage.
    if title and writer.front_text.get("frame") != heading:
        writer.front_text["frame"] = heading
        sink.block(heading)


def _frame_title(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    _heading(writer, sink, typographic(writer.inline(cursor.argument())))


def _frame_subtitle(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    text = writer.inline(cursor.argument())
    sink.paragraph() if sink.breaks else None
    if text:
        sink.text(text if text[-1] in ".:?!" else f"{text}.")
    sink.paragraph() if sink.breaks else None


def _frame(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    while cursor.optional() is not None:
        pass
    sink.paragraph() if sink.breaks else None
    if cursor.at < cursor.end and cursor.peek() == "{":
        _heading(writer, sink, typographic(writer.inline(cursor.argument())))
        if cursor.peek() == "{":
            _frame_subtitle(writer, sink, cursor, "")
    writer.render(cursor.at, cursor.end, sink)
    sink.paragraph() if sink.breaks else None


def _short_frame(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\frame[plain]{...}`, the frame as an argument."""
    while cursor.optional() is not None:
        pass
    where = cursor.argument()
    sink.paragraph() if sink.breaks else None
    writer.render(where.start, where.end, sink)
    sink.paragraph() if sink.breaks else None


def _block(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    title = writer.inline(cursor.argument()) if cursor.peek() == "{" else ""
    sink.paragraph() if sink.breaks else None
    if title:
        sink.text(f"{title.rstrip('.:')}. ")
    writer.render(cursor.at, cursor.end, sink)
    sink.paragraph() if sink.breaks else None


def _alternative(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\alt<2>{then}{else}`, `\temporal<2>{before}{then}{after}`: what is shown on its slide."""
    arguments = cursor.signature("{{{" if token == "\\temporal" else "{{")
    where = arguments[token == "\\temporal"]
    if where is not None:
        writer.render(where.start, where.end, sink)


def _container(signature: str) -> EnvironmentHandler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.signature(signature)
        sink.paragraph() if sink.breaks else None
        writer.render(cursor.at, cursor.end, sink)
        sink.paragraph() if sink.breaks else None

    return handler


def _dropped(signature: str) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.signature(signature)

    return handler


_DROPPED: Final = {
    "usetheme": "[{", "usecolortheme": "[{", "usefonttheme": "[{", "useoutertheme": "[{",
    "useinnertheme": "[{", "setbeamercolor": "*{{", "setbeamerfont": "*{{", "setbeamersize": "{",
    "setbeamertemplate": "{[{", "addtobeamertemplate": "{{{", "defbeamertemplate": "*{{{",
    "setbeamercovered": "{", "setbeameroption": "{", "logo": "{", "titlegraphic": "{",
    "AtBeginSection": "[{", "AtBeginSubsection": "[{", "AtBeginPart": "{", "transdissolve": "[",
    "transduration": "{", "column": "[{", "pause": "[", "note": "[{", "usebeamercolor": "*[{",
    "usebeamerfont": "*{", "usebeamertemplate": "*{", "beamerdefaultoverlayspecification": "{",
    "resetcounteronoverlays": "{", "movie": "[{{", "framezoom": "[", "insertlogo": "",
}  # fmt: skip

#: Of slides only: a paper has its own `\note`, `\logo` or `\frame`.
COMMANDS: Final[dict[str, Handler]] = {
    **{f"\\{name}": _dropped(signature) for name, signature in _DROPPED.items()},
    "\\frametitle": _frame_title,
    "\\framesubtitle": _frame_subtitle,
    "\\frame": _short_frame,
    **dict.fromkeys(("\\alt", "\\temporal"), _alternative),
}
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    "frame": _frame,
    **dict.fromkeys(("block", "alertblock", "exampleblock"), _block),
    "columns": _container("["),
    "column": _container("[{"),
    "overprint": _container("["),
    "overlayarea": _container("{{"),
    **dict.fromkeys(("onlyenv", "uncoverenv", "visibleenv", "invisibleenv"), _container("")),
    "beamercolorbox": _container("[{"),
}
