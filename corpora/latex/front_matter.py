r"""Title, authors and abstract, wherever a document class puts them."""

import re
from typing import Final

from corpora.latex.numbering import CITATION_OPEN, REFERENCE_OPEN, SLOT_CLOSE
from corpora.latex.tokens import words
from corpora.latex.writer import (
    Cursor,
    EnvironmentHandler,
    Handler,
    Range,
    Sink,
    Writer,
    typographic,
)
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST

_NEXT: Final = "\x10"
_AFFILIATION: Final = re.compile(
    r"\b(?:Universit\w*|Institut\w*|Department|Dept|School|Laborator\w*|Cent(?:er|re)|College|Faculty|"
    r"Academy|Observatory|Hospital|Research|Division|Inc|Ltd|Corporation|Street|Road|USA|UK|Germany|"
    r"China|France|Italy|Japan|India|Email|E-mail|Corresponding|equal contribution)\b",
    re.IGNORECASE,
)
_DEGREES: Final = re.compile(
    r"^(?:Ph\.?\s?D\.?|M\.?D\.?|M\.?Sc\.?|B\.?Sc\.?|Dr\.?-?Ing\.?|Member|Senior Member|"
    r"Student Member|Fellow|"
    r"IEEE|(?:Senior |Student |Life )?(?:Member|Fellow),? IEEE)$"
)
# Slots and markers, which no name has: splitting at commas would tear them.
_UNNAMED: Final = re.compile(
    f"{CITATION_OPEN}[^{SLOT_CLOSE}]*{SLOT_CLOSE}|{REFERENCE_OPEN}[^{SLOT_CLOSE}]*{SLOT_CLOSE}"
    f"|[\x00-\x09\x0b-\x1f{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]"
)
_GENERATIONS: Final = re.compile(r"^(?:Jr|Sr|II|III|IV)\.?$")
_SIZES: Final = frozenset(["\\Large", "\\LARGE", "\\huge", "\\Huge", "\\large"])


def _keep(name: str) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
        cursor.star()
        cursor.optional()
        where = cursor.argument()
        if where.start < where.end:
            writer.front.setdefault(name, []).append(where)

    return handler


def _author_of_two(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\Author[1]{First}{Last}` of Copernicus, `\icmlauthor{Name}{affiliations}`."""
    cursor.optional()
    first, second = cursor.argument(), cursor.argument()
    last = second if token == "\\Author" else Range(first.end, first.end)
    writer.front.setdefault("author", []).append(Range(first.start, max(first.end, last.end)))


def _abstract_command(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    where = cursor.group()
    if where is None:
        return
    writer.front.setdefault("abstract", []).append(where)
    if writer.front_text.get("class") == "aa":
        # A&A: context, aims, methods, results, conclusions.
        for _index in range(4):
            more = cursor.group()
            if more is None:
                break
            writer.front["abstract"].append(more)


def _abstract_environment(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    writer.front.setdefault("abstract", []).append(Range(cursor.at, cursor.end))


def _class(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cursor.optional()
    writer.front_text["class"] = writer.source(cursor.argument())
    cursor.optional()


def _skip(signature: str) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        cursor.signature(signature)

    return handler


def _write(text: str) -> Handler:
    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        sink.text(text)

    return handler


def _line(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    sink.text("\n")


def _spaced(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.signature("*{")
    sink.text(", ")


def _no_formula(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    end = writer.structure.formulas.get(cursor.at - 1, -1)
    if 0 <= end < cursor.end:
        cursor.at = end + 1


_AUTHOR_COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("\\and", "\\And", "\\AND", "\\authand", "\\andname",
    "\\newauthor"), _write(_NEXT)),
    **dict.fromkeys(("\\quad", "\\qquad", "\\hfill", "\\enspace"), _write(", ")),
    "\\hspace": _spaced,
    **dict.fromkeys(("\\\\", "\\newline", "\\par", "\\cr"), _line),
    **dict.fromkeys(("$", "\\("), _no_formula),
    **dict.fromkeys(
        words(r"""
    \textsuperscript \textsuper \footnotemark \footnote \url \texttt \thanks \inst
    \email \emailaddress \ead \footnotetext \cortext \fnm@ \tnoteref \IEEEmembership
    \IEEEauthorrefmark \ref \comma \label \samethanks \authormark \orcidA \normalfont@
    \up \sup \IEEEcompsocitemizethanks \affilnum \adr
"""),
        _skip("[{"),
    ),
    "\\samethanks": _skip("["),
    "\\footnotemark": _skip("["),
    "\\comma": _write(","),
    "\\href": _skip("{"),
    "\\includegraphics": _skip("*[["),
    "^": _skip("{"),
}  # fmt: skip


def _with(writer: Writer, commands: dict[str, Handler], where: Range) -> str:
    """A range's text with other handlers for some commands, its line breaks kept."""
    saved, environments = writer.commands, writer.environments
    writer.commands = {**saved, **commands}

    def frame(w: Writer, s: Sink, c: Cursor, _: str) -> None:
        c.signature("[{")
        w.render(c.at, c.end, s)

    writer.environments = {**environments, "tabular": frame, "tabular*": frame, "tabularx": frame}
    try:
        sink = Sink(breaks=False)
        writer.render(where.start, where.end, sink)
        return "".join(sink.parts)
    finally:
        writer.commands, writer.environments = saved, environments


def title(writer: Writer) -> str:
    """The title in one line, without its notes; empty where there is none."""
    found = writer.front.get("title", [])
    if not found:
        return writer.front_text.get("title", "")
    skipped = dict.fromkeys(("\\footnote", "\\thanks", "\\footnotemark", "\\tnoteref"), _skip("[{"))
    skipped["\\footnotemark"] = _skip("[")
    skipped["\\\\"] = _write(" ")
    text = typographic(_with(writer, skipped, found[0]).replace("\n", " "))
    return text or writer.front_text.get("title", "")


def authors(writer: Writer) -> list[str]:
    """The authors' names, without marks, affiliations and addresses, each once."""
    names: list[str] = []
    for where in writer.front.get("author", []):
        for chunk in _with(writer, _AUTHOR_COMMANDS, where).split(_NEXT):
            names += _names(chunk)
    if not names and "authors" in writer.front_text:
        names = _names(writer.front_text["authors"])
    return list(dict.fromkeys(names))


def _names(chunk: str) -> list[str]:
    """The names in the first line of a chunk, and in those that a comma continues."""
    chunk = _UNNAMED.sub("", chunk)
    lines = [" ".join(line.split()) for line in chunk.split("\n")]
    lines = [line for line in lines if re.search(r"[^\W\d_]{2}", line)]
    if not lines:
        return []
    text = lines[0]
    for line in lines[1:]:
        if not re.search(r"(?:,|;|\band|&)\s*$", text):
            break
        text += f" {line}"
    names: list[str] = []
    for piece in re.split(r"\s*[,;•·|]\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*|^and\s+", text):
        name = re.sub(r"[\d*†‡§¶∗⋆#{}()\[\]]+", " ", piece)
        name = (
            " ".join(name.split()).strip(" ,.:;-^")
            if not re.search(r"\b\w\.$", name.strip())
            else name.strip()
        )
        if _GENERATIONS.match(name) and names:
            names[-1] += f", {name}"
            continue
        if not re.search(r"[^\W\d_]{2}", name) or _DEGREES.match(name) or "@" in piece:
            continue
        if (
            len(name.split()) > 7
            or _AFFILIATION.search(name)
            or name.lower() in ("et al", "others")
        ):
            if names or len(name.split()) > 7:
                continue
            if not re.search(r"[Cc]ollaboration|[Cc]onsortium|[Tt]eam|[Gg]roup", name):
                continue
        names.append(" ".join(name.split()))
    return names


def title_block(writer: Writer, where: Range) -> bool:
    """Reads a hand-made title block (PLOS): title, authors, then addresses. False if it is none."""
    tokens = writer.tokens[where.start : where.end]
    if not _SIZES & set(tokens) or "\\includegraphics" in tokens or len(tokens) > 4000:
        return False
    lines = re.split(r"\s*\n\s*", _with(writer, _AUTHOR_COMMANDS | {"\\textbf": _bold}, where))
    lines = [line.strip() for line in lines if re.search(r"\w", line)]
    if not lines or len(lines[0].split()) < 2:
        return False
    writer.front_text["title"] = typographic(lines[0])
    names: list[str] = []
    for line in lines[1:]:
        if re.match(r"^[\d*†‡§¶]", line) or "@" in line:
            break
        found = _names(line)
        if not found:
            break
        names += found
    writer.front_text["authors"] = ", ".join(names)
    return True


def _bold(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    if cursor.peek() == "\\newline":
        cursor.at += 1
        sink.text("\n")
    where = cursor.argument()
    writer.render(where.start, where.end, sink)


def find_title_block(writer: Writer, start: int, end: int) -> int:
    """Where the body goes on after a hand-made title block at its head; else `start`."""
    at = start
    while at < min(end, start + 400):
        token = writer.tokens[at]
        if token in ("\\begin{flushleft}", "\\begin{center}", "\\begin{titlepage}"):
            closing = writer.structure.environments[at]
            if at < closing < end and title_block(writer, Range(at + 1, closing)):
                return closing + 1
            return start
        if token in ("\\section", "\\maketitle", "\\begin{abstract}"):
            return start
        at += 1
    return start


_TITLES: Final = (
    "\\title",
    "\\icmltitle",
    "\\PaperTitle",
    "\\Title",
    "\\fulltitle",
    "\\papertitle",
)
_AUTHORS: Final = (
    "\\author", "\\authors", "\\authorsnames", "\\PaperAuthor", "\\fullauthor", )  # fmt: skip
#: Commands that say a paper declares its authors, so that no title block is looked for.
AUTHOR_COMMANDS: Final = frozenset([*_AUTHORS, "\\icmlauthor", "\\Author"])

COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_TITLES, _keep("title")),
    **dict.fromkeys(_AUTHORS, _keep("author")),
    **dict.fromkeys(("\\icmlauthor", "\\Author"), _author_of_two),
    **dict.fromkeys(("\\abstract", "\\Abstract", "\\abstracttext",
    "\\PaperAbstract"), _abstract_command),
    **dict.fromkeys(("\\documentclass", "\\documentstyle"), _class),
    "\\maketitle": _skip(""),
}  # fmt: skip
ENVIRONMENTS: Final[dict[str, EnvironmentHandler]] = {
    **dict.fromkeys(
        words("""
    abstract onecolabstract sciabstract Abstract abstract* IEEEabstract

"""),
        _abstract_environment,
    ),
}  # fmt: skip
