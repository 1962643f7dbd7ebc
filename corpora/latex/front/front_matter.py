r"""Title, authors and abstract, wherever a document class puts them."""

import re
from itertools import pairwise
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.references.numbering import CITATION_OPEN, REFERENCE_OPEN, SLOT_CLOSE
from corpora.latex.tokens import words
from corpora.latex.typesetting import typographic
from corpora.latex.writer import EnvironmentHandler, Handler, Sink, Writer
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST

_NEXT: Final = "\x10"
#: Words of addresses.
AFFILIATION: Final = re.compile(
    r"\b(?:Universit\w*|Institut\w*|Department|Dept|School|Laborator\w*|Cent(?:er|re)|College|Faculty|"
    r"Academy|Observatory|Hospital|Research|Division|Inc|Ltd|Corporation|Technology|Sciences|Engineering|Street|Road|USA|UK|Germany|"
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
#: `(name@host)`, `<name@host>`, `{a,b}@host`, `name@host`.
_ELECTRONIC: Final = re.compile(
    r"[(\[<]?\s*(?:[Ee]-?mails?:?\s*)?(?:\{[^{}\n]*\}|[\w.+-]+)\s?@\s?[\w-]+(?:\.[\w-]+)+\s*[)\]>]?"
)
_INITIALS: Final = re.compile(r"(?:[A-ZÀ-Ý][a-z]?\.[ -]?){1,4}")
_LEAD_IN: Final = re.compile(
    r"^\s*(?:(?:(?:[Pp]repared|[Ww]ritten|[Pp]resented) )?[Bb]y:?\s+|[Aa]uthors?:\s*"
    r"|\(?(?:[Ff]or|[Oo]n behalf of)\s+(?:the\s+)?(?=[A-ZÀ-Ý]))"
)
_LINE_ENDS: Final = frozenset(["\\\\", "\\and", "\\And", "\\AND", "\n\n", "\\name", "\\addr"])
#: A line that is the name of one person.
_PERSON: Final = re.compile(r"(?:[A-ZÀ-Ý][\w.'’-]*\s+){1,3}[A-ZÀ-Ý][\w'’-]+[\s|,*]*")
_GENERATIONS: Final = re.compile(r"^(?:Jr|Sr|II|III|IV)\.?$")


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
    if token == "\\authorinfo":
        cursor.argument()
    last = second if token == "\\Author" else Range(first.end, first.end)
    writer.front.setdefault("author", []).append(Range(first.start, max(first.end, last.end)))


def _collaboration(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""REVTeX's `\collaboration{name}`; AASTeX says before how many authors it is listed."""
    cursor.optional()
    where = cursor.argument()
    if re.fullmatch(r"\d{1,4}|all", writer.source(where)):
        where = cursor.argument()
    writer.front.setdefault("author", []).append(where)


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


def _line_of_title(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.star()
    cursor.optional()
    sink.text(" ")


def _spaced(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.signature("*{")
    sink.text(", ")


def _name(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""JMLR's `\name Jane Doe \email j@d.org \\ \addr Street`, and classes' `\name{Jane Doe}`."""
    where = cursor.group()
    if where is not None:
        writer.render(where.start, where.end, sink)


def _all_groups(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\affil{1}{Street}`, in whatever number of groups."""
    cursor.star()
    cursor.optional()
    while cursor.group() is not None:
        pass


def _to_line_end(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.optional()
    if cursor.group() is None:
        while cursor.at < cursor.end and cursor.tokens[cursor.at] not in _LINE_ENDS:
            cursor.at += 1


def _no_formula(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    end = writer.structure.formulas.get(cursor.at - 1, -1)
    if 0 <= end < cursor.end:
        raised = cursor.tokens[cursor.at] == "^"
        cursor.at = end + 1
        if raised:
            _mark(sink, cursor)


def _mark(sink: Sink, cursor: Cursor) -> None:
    """The end of a name at its raised mark, unless it goes on there: `M$^c$Donald`."""
    if cursor.at >= cursor.end or not cursor.tokens[cursor.at][0].isalpha():
        sink.text("|")


def _raised(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.argument()
    _mark(sink, cursor)


#: What stands in an author block and is no part of a name.
AUTHOR_HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("\\and", "\\And", "\\AND", "\\authand", "\\andname",
    "\\newauthor"), _write(_NEXT)),
    **dict.fromkeys(("\\quad", "\\qquad", "\\hfill", "\\enspace"), _write(", ")),
    "\\hspace": _spaced,
    **dict.fromkeys(("\\\\", "\\newline", "\\par", "\\cr"), _line),
    **dict.fromkeys(("$", "\\("), _no_formula),
    **dict.fromkeys(
        words(r"""
    \textsuper \footnotemark \footnote \url \texttt \thanks \inst
    \email \emailaddress \ead \footnotetext \cortext \fnm@ \tnoteref \IEEEmembership
    \IEEEauthorrefmark \ref \comma \label \samethanks \authormark \orcidA \normalfont@
    \IEEEcompsocitemizethanks \affilnum \adr \thanksref \thanksmark \orcid \aff
    \affilmark \altaffilmark \altaffiliation \orcidlink \orcidID \equalcont \corauthref
    \thanksanf \address \affiliation \altaddress \corresp \sep@
"""),
        _skip("[{"),
    ),
    "\\samethanks": _skip("["),
    **dict.fromkeys(("\\textsuperscript", "\\up", "\\sup"), _raised),
    **dict.fromkeys(("\\name", "\\Name"), _name),
    **dict.fromkeys(("\\affil", "\\affiliation", "\\affaddr"), _all_groups),
    **dict.fromkeys(("\\email", "\\Email", "\\addr", "\\emails"), _to_line_end),
    "\\footnotemark": _skip("["),
    "\\comma": _write(","),
    "\\href": _skip("{"),
    "\\includegraphics": _skip("*[["),
    "^": _skip("{"),
}  # fmt: skip


def with_commands(writer: Writer, commands: dict[str, Handler], where: Range) -> str:
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
    skipped["\\\\"] = _line_of_title
    text = typographic(with_commands(writer, skipped, found[0]).replace("\n", " "))
    return text or writer.front_text.get("title", "")


def authors(writer: Writer) -> list[str]:
    """The authors' names, without marks, affiliations and addresses, each once."""
    names: list[str] = []
    for where in writer.front.get("author", []):
        for chunk in with_commands(writer, AUTHOR_HANDLERS, where).split(_NEXT):
            names += names_of(chunk)
    if not names and "authors" in writer.front_text:
        names = names_of(writer.front_text["authors"])
    return list(dict.fromkeys(names))


def names_of(chunk: str) -> list[str]:
    """The names in the first line of a chunk, and in those that a comma or an `and` continues."""
    chunk = _ELECTRONIC.sub(" ", _UNNAMED.sub("", chunk))
    lines = [" ".join(line.split()) for line in chunk.split("\n")]
    lines = [line for line in lines if re.search(r"[^\W\d_]{2}", line)]
    if not lines:
        return []
    text, goes_on = lines[0], True
    for before, line in pairwise(lines):
        if before == "and" and _PERSON.fullmatch(line) and not AFFILIATION.search(line):
            # `A. Author\\ Some Street\\ and\\ B. Author`
            text += "" if goes_on else ","
            goes_on = True
        elif goes_on:
            listed = re.search(r"(?:,|;|\band|&)\s*$", text) or line.startswith("and ")
            goes_on = bool(listed) and not AFFILIATION.search(line)
        if goes_on:
            text += f" {line}"
    names: list[str] = []
    text = _LEAD_IN.sub("", text)
    for piece in re.split(r"\s*[,;•·|]\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*|^and\s+", text):
        name = re.sub(r"[\d*†‡§¶∗⋆#{}()\[\]]+", " ", piece)
        name = (
            " ".join(name.split()).strip(" ,.:;-^")
            if not re.search(r"\b\w\.$", name.strip())
            else name.strip()
        )
        if _INITIALS.fullmatch(name) and names and " " not in names[-1]:
            # `Doe, J.`
            names[-1] = f"{name} {names[-1]}"
            continue
        if _GENERATIONS.match(name) and names:
            names[-1] += f", {name}"
            continue
        if (
            not re.search(r"[^\W\d_]{2}", name)
            or _DEGREES.match(name)
            or re.search(r"[@\\]", piece)
        ):
            continue
        if len(name.split()) > 7 or AFFILIATION.search(name) or name.lower() in ("et al", "others"):
            if names or len(name.split()) > 7:
                continue
            if not re.search(r"[Cc]ollaboration|[Cc]onsortium|[Tt]eam|[Gg]roup", name):
                continue
        names.append(" ".join(name.split()))
    return names


_TITLES: Final = (
    "\\title",
    "\\icmltitle",
    "\\PaperTitle",
    "\\Title",
    "\\fulltitle",
    "\\papertitle",
)
_AUTHORS: Final = (
    "\\author", "\\authors", "\\authorsnames", "\\PaperAuthor", "\\fullauthor",
    "\\coltauthor",
)  # fmt: skip
#: Commands that say a paper declares its authors, so that no title block is looked for.
AUTHOR_COMMANDS: Final = frozenset(
    [*_AUTHORS, "\\icmlauthor", "\\Author", "\\authorinfo", "\\collaboration"]
)

COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(_TITLES, _keep("title")),
    **dict.fromkeys(_AUTHORS, _keep("author")),
    "\\collaboration": _collaboration,
    **dict.fromkeys(("\\icmlauthor", "\\Author", "\\authorinfo"), _author_of_two),
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
