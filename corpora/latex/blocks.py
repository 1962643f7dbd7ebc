r"""Blocks: headings, quotations, plain containers."""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.tokens import words
from corpora.latex.typesetting import typographic
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer

_LEVELS: Final = {
    "\\part": 0, "\\chapter": 1, "\\section": 1, "\\subsection": 2, "\\subsubsection": 3,
    "\\paragraph": 4, "\\subparagraph": 5,
}  # fmt: skip
_BIBLIOGRAPHY_TITLES: Final = re.compile(
    r"(?:references?|bibliography|literature cited|works cited|references and notes)\s*:?$",
    re.IGNORECASE,
)
_RUN_IN_BOILERPLATE: Final = re.compile(r"(?:contact|key\s?words?|correspondence)\b", re.IGNORECASE)


def _section(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    starred = cursor.star()
    cursor.optional()
    where = cursor.argument()
    labels_before = len(writer.numbering.labels)
    title = typographic(writer.inline(where))
    if writer.in_abstract:
        # OUP and others: `\section{Motivation:}` runs on into its text.
        sink.paragraph()
        if _RUN_IN_BOILERPLATE.match(title):
            while cursor.at < cursor.end and cursor.peek() not in _LEVELS:
                cursor.at += 1
        elif title:
            sink.text(title if title[-1] in ".:" else f"{title}:")
            sink.text(" ")
        return
    level = token[1:]
    depth = _LEVELS[token]
    if writer.numbering.has_chapters and token not in ("\\part", "\\chapter"):
        depth += 1
    if token != "\\subparagraph":
        unnumbered = starred or token in ("\\paragraph",)
        writer.numbering.section(level, title, numbered=not unnumbered)
        if "\\label" in writer.tokens[where.start : where.end]:
            writer.numbering.point_new(labels_before)
    sink.paragraph()
    title = title.rstrip(":") if depth else title
    if title and not _BIBLIOGRAPHY_TITLES.match(title):
        if sink.breaks:
            sink.block("#" * max(min(depth, 6), 1) + " " + title)
        else:
            sink.text(f"{title}. ")


def _heading(title: str) -> Handler:
    """A command that stands for a heading of its own (`\\acknowledgments`)."""

    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.star()
        writer.numbering.section("section", title, numbered=False)
        sink.block(f"# {title}")
        if cursor.peek() == "{":
            where = cursor.argument()
            writer.render(where.start, where.end, sink)

    return handler


def _heading_environment(title: str) -> EnvironmentHandler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        sink.block(f"# {title}")
        writer.render(cursor.at, cursor.end, sink)
        sink.paragraph()

    return handler


def _appendix(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.paragraph()
    writer.numbering.start_appendix()


def _appendices(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    writer.numbering.start_appendix()
    writer.render(cursor.at, cursor.end, sink)


# Quotations, plain containers.


def _quote(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    blocks = writer.blocks(Range(cursor.at, cursor.end))
    if not sink.breaks:
        sink.text(" " + " ".join(blocks) + " ")
        return
    quoted = "\n>\n".join(re.sub(r"^", "> ", block, flags=re.MULTILINE) for block in blocks)
    sink.block(re.sub(r"^> $", ">", quoted, flags=re.MULTILINE))


def _container(signature: str = "") -> EnvironmentHandler:
    """An environment that is layout only: its arguments go, its content stays."""

    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.signature(signature)
        sink.paragraph() if sink.breaks else None
        writer.render(cursor.at, cursor.end, sink)
        sink.paragraph() if sink.breaks else None

    return handler


def _titled_box(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\begin{tcolorbox}[title=...]`: the title is printed over the box."""
    said = re.search(
        r"(?:frame)?title\s*=\s*(\{(?:[^{}]|\{[^{}]*\})*\}|[^,{}]*)",
        writer.source(cursor.optional()),
    )
    sink.paragraph() if sink.breaks else None
    title = re.sub(r"\\[a-zA-Z]+\s*|[{}$]", "", said.group(1)) if said is not None else ""
    if title.strip():
        sink.text(f"{title.strip()}. ")
    writer.render(cursor.at, cursor.end, sink)
    sink.paragraph() if sink.breaks else None


def _tabbing(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    """Lines with tab stops, whose commands mean accents elsewhere."""
    for at in range(cursor.at, cursor.end):
        if writer.tokens[at] in _TABS:
            writer.tokens[at] = " "
    writer.render(cursor.at, cursor.end, sink)
    sink.paragraph() if sink.breaks else None


_TABS: Final = frozenset(("\\=", "\\>", "\\<", "\\+", "\\-", "\\kill", "\\pushtabs", "\\poptabs"))


def _nothing(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    """An environment that prints nothing of the paper's text."""


_CONTAINERS: Final = {
    "center": "", "flushleft": "", "flushright": "", "minipage": "[[[{", "multicols": "{[",
    "adjustwidth": "{{", "spacing": "{", "small": "", "footnotesize": "", "landscape": "",
    "otherlanguage": "[{", "framed": "", "shaded": "", "boxedminipage": "[{",
    "threeparttable": "[", "adjustbox": "{", "sloppypar": "", "methods": "", "widetext": "",
    "frontmatter": "", "mainmatter": "", "document": "", "singlespace": "", "doublespace": "",
    "CJK": "[{{",
    "resizebox": "{{", "addmargin": "[{", "changemargin": "{{", "alltt": "", "onecolumn": "",
    "strip": "[",
    "fmffile": "{", "turnpage": "", "rotate": "{", "rotatetable": "", "scriptsize": "", "tiny": "",
    "large": "", "raggedright": "", "keypoints": "", "significancestatement": "",
    "backmatter": "", "ruledtabular": "", "samepage": "", "refsection": "", }  # fmt: skip

COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_LEVELS, _section),
    **dict.fromkeys(("\\acknowledgments", "\\acknowledgements", "\\acknowledgement", "\\ack"),
                    _heading("Acknowledgements")),
    "\\appendix": _appendix,
    "\\appendixpage": _appendix,
}  # fmt: skip
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **{name: _container(signature) for name, signature in _CONTAINERS.items()},
    **dict.fromkeys(("quote", "quotation", "displayquote", "verse", "epigraphs"), _quote),
    "tabbing": _tabbing,
    **dict.fromkeys(("tcolorbox", "mdframed"), _titled_box),
    **dict.fromkeys(("acknowledgments", "acknowledgements", "acknowledgement", "acks", "ack"),
                    _heading_environment("Acknowledgements")),
    **dict.fromkeys(("appendices", "appendix"), _appendices),
    **dict.fromkeys(words("""
    thebibliography filecontents CCSXML keywords keyword IEEEkeywords key
    references comment biblist bibdiv IEEEbiography IEEEbiographynophoto
    biography biographynophoto hide highlights graphicalabstract AMS MSCcodes PACS

"""), _nothing),
}  # fmt: skip
