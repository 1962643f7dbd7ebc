r"""Title pages set by hand: a title, authors and addresses in `center` and `titlepage`.

\begin{titlepage} \begin{flushright} CERN-TH/93 \end{flushright}
\begin{center} {\Large\bf A title}\\ {\large A. Author}\\ {\it Institute} \end{center}
\begin{center} {\bf Abstract} \end{center} We show ...
"""

import re
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.front.front_matter import AFFILIATION, AUTHOR_HANDLERS, names_of, with_commands
from corpora.latex.tokens import BLANK, PARAGRAPH, WORD_BLANK, words
from corpora.latex.typesetting import typographic
from corpora.latex.writer import Sink, Writer

_SIZES: Final = frozenset(["\\Large", "\\LARGE", "\\huge", "\\Huge", "\\large"])
_LARGE: Final = _SIZES - {"\\large"}
_BOLD: Final = frozenset(["\\bf", "\\textbf", "\\bfseries", "\\Large", "\\LARGE"])
_CENTRED: Final = frozenset(["\\begin{center}", "\\begin{flushleft}", "\\begin{centering}"])
#: Layout between the blocks, with the number of its groups.
_LAYOUT: Final = {
    **dict.fromkeys(
        words(r"""
    \bigskip \medskip \smallskip \vfill \vfil \noindent \newpage \clearpage \normalsize \null
    \pagestyle \large \Large \LARGE \small \titlepage \par \hfill \baselineskip \rm \sloppy
    \footnotesize \raggedright \maketitle \today \singlespacing \doublespacing \onecolumn
    \renewcommand \thefootnote \fnsymbol \setcounter \thispagestyle \vspace \vskip \vglue \hspace
    \pagenumbering \addtolength \setlength \linespread \begingroup \endgroup \\
"""),
        0,
    ),
    "\\vspace": 1, "\\hspace": 1, "\\thispagestyle": 1, "\\pagestyle": 1, "\\pagenumbering": 1,
    "\\counter-format": 2, "\\setcounter": 2, "\\setlength": 2, "\\addtolength": 2,
    "\\linespread": 1, "\\renewcommand": 2,
}  # fmt: skip
_LENGTH: Final = re.compile(r"\s*=?-?[\d.]*(?:true)?(?:pt|in|cm|mm|em|ex)?")
_ABSTRACT: Final = re.compile(r"(?:abstract|summary)\s*[.:]?", re.IGNORECASE)
_TOKEN_LIMIT: Final = 4000
_ADDRESS_MARK: Final = re.compile(r"^[\d*†‡§¶]|@")


def find_title_block(writer: Writer, start: int, end: int) -> int:
    """Where the body goes on after a title page at its head; `start` where there is none."""
    at = _skip_layout(writer, start, end)
    if at < end and writer.tokens[at] == "\\begin{titlepage}":
        closing = writer.structure.environments[at]
        first = _first_title(writer, at + 1, min(closing, end))
        at = first if first else _skip_layout(writer, at + 1, end)
    found = False
    for _ in range(12):
        token = writer.tokens[at] if at < end else ""
        closing = writer.structure.environments[at] if token.startswith("\\begin{") else -1
        if not at < closing < end:
            break
        inside = Range(at + 1, closing)
        if token == "\\begin{flushright}" and not found and inside.end - inside.start < 300:
            # Report numbers.
            at = _skip_layout(writer, closing + 1, end)
            continue
        if token not in _CENTRED or not _read(writer, inside, found=found):
            break
        found = True
        at = _skip_layout(writer, closing + 1, end)
        if "abstract" in writer.front_text:
            return _abstract(writer, at, end)
    return at if found else start


def _first_title(writer: Writer, start: int, end: int) -> int:
    """The first block of a title page that is set large, inside or by the group around it.

    What stands before it are the names of institutes, logos and report numbers.
    """
    large = start
    for at in range(start, min(end, start + _TOKEN_LIMIT)):
        token = writer.tokens[at]
        if token in _LARGE:
            large = at
        elif token in _CENTRED:
            closing = writer.structure.environments[at]
            inside = writer.tokens[at + 1 : max(at + 1, closing)]
            named = sum(1 for word in inside if len(word) > 1 and word[0].isalpha())
            beside = start < large and at - large < 6
            if at < closing < end and named > 1 and (beside or not _LARGE.isdisjoint(inside)):
                return at
        elif token.startswith("\\begin{abstract"):
            break
    return 0


def _read(writer: Writer, where: Range, *, found: bool) -> bool:
    """Reads one centred block: the title, or after it authors, addresses, the word `Abstract`."""
    tokens = writer.tokens[where.start : where.end]
    if "\\includegraphics" in tokens or len(tokens) > _TOKEN_LIMIT:
        return False
    lines = re.split(
        r"\s*\n\s*", with_commands(writer, {**AUTHOR_HANDLERS, "\\textbf": _bold}, where)
    )
    lines = [line.strip() for line in lines if re.search(r"\w", line)]
    if not lines:
        return found
    if _ABSTRACT.fullmatch(lines[-1]):
        writer.front_text["abstract"] = ""
        lines.pop()
    if not found:
        if not lines or len(lines[0].split()) < 2:
            return False
        before = set(writer.tokens[max(0, where.start - 6) : where.start])
        title = lines[0]
        names = _listed(lines[1:])
        whole = not _LARGE.isdisjoint(before)
        if whole or (len(lines) == 2 and not names and not _ADDRESS_MARK.search(lines[1])):
            # A block of its own, of several lines.
            title, names = " ".join(lines), []
        if not _SIZES & (set(tokens) | before) and not (_BOLD & set(tokens) and names):
            return False
        writer.front_text["title"] = typographic(title)
    else:
        names = _listed(lines)
        if lines and not names and len(" ".join(lines)) > 600:
            return False
    if names and not writer.front_text.get("authors"):
        writer.front_text["authors"] = ", ".join(names)
    return True


def _listed(lines: list[str]) -> list[str]:
    """The names of the lines before the first address."""
    names: list[str] = []
    for line in lines:
        if _ADDRESS_MARK.search(line) or (AFFILIATION.search(line) and names):
            break
        found = names_of(line)
        if not found:
            break
        names += found
    return names


def _abstract(writer: Writer, at: int, end: int) -> int:
    """Takes what stands after the word `Abstract`: an environment, or a paragraph."""
    if at >= end:
        return at
    closing = writer.structure.environments[at] if writer.tokens[at].startswith("\\begin{") else -1
    if at < closing < end:
        writer.front.setdefault("abstract", []).append(Range(at + 1, closing))
        return closing + 1
    stop = writer.structure.paragraph_end(at)
    stop = min(stop, end)
    writer.front.setdefault("abstract", []).append(Range(at, stop))
    return stop


def _skip_layout(writer: Writer, at: int, end: int) -> int:
    """The place after blanks and commands of layout."""
    tokens = writer.tokens
    while at < end:
        token = tokens[at]
        if token in (BLANK, WORD_BLANK, PARAGRAPH, "{", "}", "*") or not token.strip():
            at += 1
        elif token in _LAYOUT:
            at += 1
            for _ in range(_LAYOUT[token]):
                cursor = Cursor(writer.structure, at, end)
                cursor.star()
                if cursor.group() is None:
                    break
                at = cursor.at
        elif token[0] in "-=.0123456789" and _LENGTH.fullmatch(token):
            at += 1
        else:
            break
    return at


def _bold(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    if cursor.peek() == "\\newline":
        cursor.at += 1
        sink.text("\n")
    where = cursor.argument()
    writer.render(where.start, where.end, sink)
