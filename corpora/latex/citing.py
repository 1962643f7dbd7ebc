r"""Citation commands: from keys to slots that the final text fills with citation spans.

`\citet` prints its authors before the span where the title is known, so that the sentence keeps its
subject; a citation without a title is the paper's own words (`Bovy et al. 2012`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from corpora.documents import Citation
from corpora.latex.bibliography.databases import Entry
from corpora.latex.cursor import Cursor, Range
from corpora.latex.references.numbering import CITATION_OPEN, SLOT_CLOSE, UNCITED
from corpora.latex.tokens import BLANK, words
from corpora.latex.writer import Handler, Sink, Writer

_TEXTUAL: Final = frozenset(
    words("""
    citet Citet textcite Textcite citeasnoun citeN citeA shortciteN shortciteA
    newcite textcites Textcites
""")
)
#: `\\citepos{k}` prints `Doe's (2001)`.
_POSSESSIVE: Final = frozenset(
    words("citepos citeposs citetpos possessivecite posscite possesivecite poscite citegen citets")
)
_BARE: Final = frozenset(
    words("""
    citealt citealp Citealt Citealp onlinecite citeNP shortciteNP
    fullcite bibentry citenum citeonline citen citenst citeref rcite refcite Rcite
""")
)
_BRACKETED: Final = frozenset(
    words("""
    citep Citep parencite Parencite autocite Autocite supercite footcite footcitetext
    smartcite Smartcite shortcite footfullcite parencites Parencites autocites Autocites
    footcites supercites cites Cites citeP upcite citesuper
""")
)


#: REVTeX and mciteplus join works under one number: `\cite{a,*b,*[{see also }][{, p. 3}]c}`.
_JOINED: Final = re.compile(r"(?:^|,)\s*\*\s*(?:\[[^\]]*\]\s*){0,2}")


@dataclass(frozen=True, slots=True)
class Cited:
    """One command: the notes around its keys and the keys."""

    before: str
    after: str
    keys: tuple[str, ...]


def reader_words(entry: Entry) -> str:
    """What a reader sees of an entry in prose: `Bovy et al. 2012`, or its number.

    >>> reader_words(Entry(authors="Goodman & Weare", year="2010"))
    'Goodman & Weare 2010'
    """
    words = " ".join(part for part in (entry.authors, entry.year) if part)
    if entry.authors:
        return words
    if entry.number is not None:
        return f"[{entry.number}]"
    return words or entry.title or ""


def _citation(entry: Entry, *, brackets: bool) -> Citation:
    words = reader_words(entry)
    if brackets and not words.startswith("["):
        words = f"({words})"
    return Citation(
        as_written=words,
        title=entry.title,
        surname=entry.surname,
        year=entry.year[:4] if entry.year else None,
        doi=entry.doi,
        pmid=entry.pmid,
        arxiv=entry.arxiv,
    )


def _slot(writer: Writer, citation: Citation) -> str:
    writer.citations.append(citation)
    return f"{CITATION_OPEN}{len(writer.citations) - 1}{SLOT_CLOSE}"


def key_words(key: str) -> str:
    """Readable words of a key that has no entry, or nothing.

    >>> key_words("Dunkley:2005"), key_words("fig7"), key_words("smith2010fast")
    ('Dunkley 2005', '', 'Smith 2010')
    """
    match = re.match(r"^([^\W\d_]{3,})(?:[\W_]|etal|_et_al)*((?:18|19|20)\d{2})(?!\d)", key)
    if match is None:
        return ""
    name = re.sub(r"(?:_?et_?al\.?|EtAl)$", "", match.group(1))
    return f"{name[0].upper()}{name[1:]} {match.group(2)}" if name else ""


def _parenthesized(writer: Writer, cursor: Cursor) -> tuple[str, str]:
    """The notes in round brackets that biblatex's lists of citations take before all keys."""
    if not cursor.peek().startswith("("):
        return "", ""
    start = cursor.at
    end = next(
        (at for at in range(start, min(cursor.end, start + 60)) if cursor.tokens[at] in "{["), start
    )
    notes = re.findall(r"\(([^()]*)\)", writer.inline(Range(start, end)))
    if not notes:
        return "", ""
    cursor.at = end
    return (notes[0], notes[1]) if len(notes) > 1 else ("", notes[0])


def _taken(writer: Writer, cursor: Cursor) -> Cited:
    cursor.star()
    first, second = cursor.optional(), cursor.optional()
    where = cursor.group()
    before, after = (first, second) if second is not None else (None, first)
    keys = _JOINED.sub(",", writer.source(where)) if where is not None else ""
    return Cited(
        writer.inline(before),
        writer.inline(after),
        tuple(key for key in (re.sub(r"\s+", "", k) for k in keys.split(",")) if key),
    )


def _entries(writer: Writer, keys: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """The entries of keys, and the words of the keys that have none."""
    found: list[Entry] = []
    lost: list[str] = []
    for key in keys:
        entry = writer.entry_of(key)
        if entry is not None and (entry.title or reader_words(entry)):
            found.append(entry)
        else:
            writer.missing_citations += 1
            words = key_words(key)
            if words:
                lost.append(words)
    return found, lost


def _cite(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    name = token[1:]
    plural = name.endswith("s") and name[:-1].lower() in (
        "cite", "parencite", "textcite", "autocite", "footcite", "supercite",
    )  # fmt: skip
    lead, trail = _parenthesized(writer, cursor) if plural else ("", "")
    cited = [_taken(writer, cursor)]
    while plural and cursor.peek() in ("{", "["):
        cited.append(_taken(writer, cursor))
    if lead or trail:
        cited[0] = replace(cited[0], before=" ".join(filter(None, (lead, cited[0].before))))
        cited[-1] = replace(cited[-1], after=", ".join(filter(None, (cited[-1].after, trail))))
    textual = name in _TEXTUAL | _POSSESSIVE or (
        name == "cite" and writer.author_year and not cited[0].before and not cited[0].after
    )
    bare = name in _BARE or (name == "cite" and not textual and _in_brackets(sink))
    bracketed = bare and sink.parts and sink.parts[-1].endswith("[") and cursor.peek() == "]"
    if bracketed:
        # `[\\onlinecite{k}]` prints the number's brackets by hand.
        sink.parts[-1] = sink.parts[-1][:-1]
        cursor.at += 1
    for index, one in enumerate(cited):
        if index:
            sink.text(", ")
        if textual:
            ending = "'s" if name in _POSSESSIVE else ""
            _put_textual(writer, sink, one, cursor if name == "cite" else None, ending)
        else:
            _put_group(writer, sink, one, cursor, bare=bare)


def _in_brackets(sink: Sink) -> bool:
    """Whether the text so far of the paragraph has a parenthesis open."""
    text = "".join(sink.parts[-40:])
    return text.rfind("(") > text.rfind(")")


def _put_textual(
    writer: Writer, sink: Sink, cited: Cited, cursor: Cursor | None, ending: str
) -> None:
    """Authors and work in the words of a sentence; `cursor` where it may do without them."""
    entries, lost = _entries(writer, cited.keys)
    parts = []
    for entry in entries:
        citation = _citation(entry, brackets=False)
        if not entry.title and entry.authors and entry.year:
            # As the subject of a sentence: `Doe (2001) shows`.
            citation = replace(citation, as_written=f"{entry.authors}{ending} ({entry.year})")
        lead = f"{entry.authors}{ending} " if entry.title and entry.authors else ""
        parts.append(lead + _slot(writer, citation))
    parts += lost
    if not parts:
        if cited.keys:
            needed = cursor is None or _is_needed(sink, cursor)
            sink.text(_label_words(cited) if needed else UNCITED)
        return
    # Works named one after the other in prose are no group: each has its authors before it.
    sink.text(", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1])
    note = ", ".join(part for part in (cited.before, cited.after) if part)
    if note:
        sink.text(f" ({note})")


#: What a sentence does not end with: `shown in`, `the work of`.
_LEADS_ON: Final = re.compile(
    r"(?:^|[\s~—])(?:in|of|by|from|with|to|see|following|for|like|than|as|via|both|refs?\.?"
    r"|references?|e\.g\.,?|cf\.|(?<!\x10)[\s~](?:and|or))[\s~]*$",
    re.IGNORECASE,
)


def _is_needed(sink: Sink, cursor: Cursor) -> bool:
    """Whether the words around a citation make no sentence without it."""
    before = "".join(sink.parts[-6:])
    if _in_brackets(sink):
        return False
    if _LEADS_ON.search(before):
        return True
    if not re.search(r"(?:^|[.!?]\s)\s*$", before):
        return False
    at = cursor.at
    while at < cursor.end and cursor.tokens[at] == BLANK:
        at += 1
    return at < cursor.end and cursor.tokens[at][0].islower()


def _label_words(cited: Cited) -> str:
    """Keys that have no entry, as labels that a list of references might have printed."""
    keys = [key for key in cited.keys if re.fullmatch(r"\w[\w:.+/-]{0,40}", key)]
    return ", ".join(f"[{key}]" for key in keys) or UNCITED


def _put_group(writer: Writer, sink: Sink, cited: Cited, cursor: Cursor, *, bare: bool) -> None:
    if not cited.keys:
        return
    if sink.parts and re.search(r"[^\s(\[{/—–-]$", sink.parts[-1]):
        # A superscript number stands at the word; a title needs a blank before it.
        sink.text(" ")
    entries, lost = _entries(writer, cited.keys)
    notes = bool(cited.before or cited.after)
    brackets = not bare and not notes
    spans = ", ".join(_slot(writer, _citation(entry, brackets=brackets)) for entry in entries)
    if lost:
        words = "; ".join(lost)
        spans += (", " if spans else "") + (f"({words})" if brackets else words)
    if not spans:
        sink.text(_label_words(cited) if _is_needed(sink, cursor) else UNCITED)
        return
    if notes:
        after = f", {cited.after}" if cited.after else ""
        before = cited.before + (
            "" if cited.before.endswith(("-", "(")) or not cited.before else " "
        )
        spans = f"{before}{spans}{after}" if bare else f"({before}{spans}{after})"
    sink.text(spans)


def _authors(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cited = _taken(writer, cursor)
    entries, lost = _entries(writer, cited.keys)
    words = [entry.authors or entry.title or "" for entry in entries]
    words += [re.sub(r" \d{4}$", "", word) for word in lost]
    sink.text(" and ".join(word for word in words if word) or UNCITED)


def _year(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cited = _taken(writer, cursor)
    brackets = token.endswith("par")
    entries, lost = _entries(writer, cited.keys)
    pieces = []
    for entry in entries:
        citation = _citation(entry, brackets=False)
        year = entry.year or citation.as_written
        words = f"({year})" if brackets else year
        pieces.append(_slot(writer, replace(citation, as_written=words)))
    years = [word[-4:] for word in lost]
    pieces += [f"({year})" if brackets else year for year in years]
    note = f" ({cited.after})" if cited.after else ""
    sink.text((", ".join(pieces) or UNCITED) + note)


def _title(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    entries, lost = _entries(writer, _taken(writer, cursor).keys)
    sink.text(
        ", ".join([*(entry.title or reader_words(entry) for entry in entries), *lost]) or UNCITED
    )


def _define_alias(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    key, words = writer.source(cursor.argument()), writer.inline(cursor.argument())
    writer.citation_aliases[key] = words


def _alias(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    cited = _taken(writer, cursor)
    known = [writer.citation_aliases.get(key) for key in cited.keys]
    words = ", ".join(word for word in known if word)
    if not words:
        # The paper never says what the alias stands for.
        _put_group(writer, sink, cited, cursor, bare=not token.startswith("\\citep"))
        return
    sink.text(f"({words})" if token.startswith("\\citep") and words else words)


def _citetext(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    sink.text(f"({writer.inline(cursor.argument())})")


def _nothing(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    cursor.group()


def _volume(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""biblatex's `\\volcite{2}[34]{key}`."""
    cursor.optional()
    cursor.argument()
    _cite(writer, sink, cursor, "\\parencite")


_UNKNOWN: Final = re.compile(r"\\(?:[a-zA-Z]{0,12}[cC]ite[a-zA-Z]{0,12})")


def commands_of(tokens: Iterable[str], known: Mapping[str, Handler]) -> dict[str, Handler]:
    r"""Handlers for the citation commands of unknown classes, `\\citenote`, that a paper uses."""
    found = {token for token in tokens if token[0] == "\\" and _UNKNOWN.fullmatch(token)}
    return dict.fromkeys(found - set(known), _cite)


#: What may stand around the citation in `$^{\\rm\\cite{k}}$`.
_SCRIPT_LAYOUT: Final = frozenset(
    [
        "^",
        "{",
        "}",
        "\\rm",
        "\\,",
        "\\scriptsize",
        "\\textrm",
        "\\mathrm",
        "\\mbox",
        "\\text",
        BLANK,
    ]
)


def superscripts(formula: Handler) -> Handler:
    r"""The handler of formulas, but for `$^{\\cite{k}}$`, a citation that is raised by hand."""

    def handler(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
        end = writer.structure.formulas.get(cursor.at - 1, -1)
        at = cursor.at
        if cursor.at < end < cursor.end and writer.tokens[at] == "^":
            while at < end and writer.tokens[at] in _SCRIPT_LAYOUT:
                at += 1
            if _UNKNOWN.fullmatch(writer.tokens[at]):
                # What is raised is a number, in whatever style.
                author_year, writer.author_year = writer.author_year, False
                writer.render(at, end, sink)
                writer.author_year = author_year
                cursor.at = end + 1
                return
        formula(writer, sink, cursor, token)

    return handler


COMMANDS: Final[dict[str, Handler]] = {
    **{"\\" + name: _cite for name in _TEXTUAL | _POSSESSIVE | _BARE | _BRACKETED | {"cite"}},
    **dict.fromkeys(("\\volcite", "\\pvolcite", "\\avolcite", "\\svolcite"), _volume),
    **dict.fromkeys(
        ("\\citeauthor", "\\Citeauthor", "\\citeauthorNP", "\\citefullauthor"), _authors
    ),
    **dict.fromkeys(("\\citeyear", "\\citeyearpar", "\\citeyearNP", "\\citedate"), _year),
    **dict.fromkeys(("\\citetitle", "\\Citetitle"), _title),
    "\\defcitealias": _define_alias,
    **dict.fromkeys(("\\citetalias", "\\citepalias"), _alias),
    "\\citetext": _citetext,
    **dict.fromkeys(("\\nocite", "\\citeindextrue"), _nothing),
}
