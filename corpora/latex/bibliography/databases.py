r"""BibTeX databases: cited works as `Entry`, their LaTeX cleaned to plain Unicode when asked for.

A database in the wild is broken somewhere: bibtexparser splits it into blocks, and a block it
refuses (a duplicate field, a missing brace) is salvaged field by field, so that one bad entry never
costs another.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import bibtexparser
from bibtexparser.middlewares.names import (
    parse_single_name_into_parts,
    split_multiple_persons_names,
)
from bibtexparser.model import DuplicateFieldKeyBlock, ParsingFailedBlock

_FIELD_LIMIT: Final = 20_000
_CORPORATE: Final = re.compile(
    r"\b(?:Universit\w+|Institut\w*|Library|Collaboration|Consortium|Team|Group|Organi[sz]ation|"
    r"Foundation|Committee|Society|Agency|Network|Project|Association|Laborator\w+|Department|"
    r"Cent(?:er|re)|Council|Commission|Ministry|Inc|Ltd|Corporation|Initiative|Alliance|Bureau|"
    r"Survey|Program(?:me)?|Developers|Contributors|Workshop|Academy|Administration)\b"
)
#: The generation at the end of a name: `Jane Doe III`, `Jane Doe, Jr.`, never the whole name.
_SUFFIX: Final = re.compile(r"(?<=[\w}.])(?:,\s*|\s+)\{?(?:Jr|Sr|II|III|IV)\.?\}?$")

#: LaTeX source to plain Unicode text, with the paper's own macros.
Plain = Callable[[str], str]


_LONGEST_TITLE: Final = 2000
_ESCAPED_COMMAND: Final = re.compile(r"\{\\textbackslash *\}([A-Za-z])")
_ESCAPED_TEX: Final = re.compile(r"\\\$.*\{\\textbackslash *\}[A-Za-z].*\\\$")


@dataclass(frozen=True, slots=True)
class Entry:
    """A cited work. `authors` are the words a citation prints (`Bovy et al.`)."""

    title: str | None = None
    surname: str | None = None
    authors: str | None = None
    year: str | None = None
    doi: str | None = None
    pmid: str | None = None
    arxiv: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry of a database before its LaTeX is cleaned: field names in lower case."""

    kind: str
    fields: Mapping[str, str]


def parse_database(source: str) -> tuple[dict[str, RawEntry], int]:
    """The entries of a .bib file by key, the first of two winning, and how many were unreadable.

    >>> entries, lost = parse_database("@article{a, title={T}, year=2001} @book{b, title={U")
    >>> entries["a"].fields["year"], lost
    ('2001', 1)
    """
    logger = logging.getLogger("bibtexparser")
    level = logger.level
    # Its warnings, one a bad block, are the count returned here.
    logger.setLevel(logging.CRITICAL)
    try:
        library = bibtexparser.parse_string(source, parse_stack=[])
    finally:
        logger.setLevel(level)
    strings = {string.key.lower(): _value(string.value, {}) for string in library.strings}
    entries: dict[str, RawEntry] = {}
    lost = 0
    for entry in library.entries:
        fields = {f.key.lower(): _value(str(f.value), strings) for f in reversed(entry.fields)}
        entries.setdefault(entry.key.strip(), RawEntry(entry.entry_type.lower(), fields))
    for block in library.failed_blocks:
        if not isinstance(block, DuplicateFieldKeyBlock | ParsingFailedBlock):
            continue
        salvaged = _salvage(str(block.raw or "")[:_FIELD_LIMIT], strings)
        if salvaged is None:
            lost += 1
        else:
            entries.setdefault(salvaged[0], salvaged[1])
    _inherit(entries)
    return entries, lost


def _inherit(entries: dict[str, RawEntry]) -> None:
    lowered = {key.lower(): entry for key, entry in entries.items()}
    for key, entry in entries.items():
        parent = lowered.get(entry.fields.get("crossref", "").strip().lower())
        if parent is not None and parent is not entry:
            extra = {
                name: parent.fields[name]
                for name in ("year", "date", "editor")
                if name in parent.fields
            }
            entries[key] = RawEntry(entry.kind, {**extra, **entry.fields})


_STARTS: Final = re.compile(r"@\s*(\w+)\s*[{(]\s*([^\s,={}()]+)\s*,")
_FIELDS: Final = re.compile(r"([A-Za-z][\w-]*)\s*=\s*(?=[{\"\w])")


def _salvage(raw: str, strings: Mapping[str, str]) -> tuple[str, RawEntry] | None:
    """Key and fields of a block the parser refused; None where not even those are there."""
    start = _STARTS.match(raw.lstrip())
    if start is None or start.group(1).lower() in {"comment", "string", "preamble"}:
        return None
    raw = raw.lstrip()
    fields: dict[str, str] = {}
    position = start.end()
    while True:
        match = _FIELDS.search(raw, position)
        if match is None:
            break
        end = _value_end(raw, match.end())
        if end < 0:
            break
        fields.setdefault(match.group(1).lower(), _value(raw[match.end() : end], strings))
        position = end
    return (start.group(2), RawEntry(start.group(1).lower(), fields)) if fields else None


def _value_end(raw: str, at: int) -> int:
    if raw[at] not in '{"':
        match = re.compile(r"[^\s,{}]+").match(raw, at)
        return match.end() if match else -1
    quoted, depth = raw[at] == '"', 0
    for position in range(at, len(raw)):
        character = raw[position]
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0 and not quoted:
                return position + 1
        elif character == '"' and quoted and depth == 0 and position > at:
            return position + 1
    return -1


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's value: its braces or quotes taken off, `#` pieces joined, strings looked up."""
    pieces: list[str] = []
    for piece in _pieces(raw.strip()[:_FIELD_LIMIT]):
        if len(piece) > 1 and piece[0] + piece[-1] in ("{}", '""'):
            pieces.append(piece[1:-1])
        else:
            pieces.append(strings.get(piece.lower(), piece))
    return "".join(pieces).strip()


def _pieces(raw: str) -> Iterator[str]:
    if "#" not in raw:
        yield raw
        return
    depth, quoted, start = 0, False, 0
    for at, character in enumerate(raw):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif character == "#" and depth == 0 and not quoted:
            yield raw[start:at].strip()
            start = at + 1
    yield raw[start:].strip()


def entry_of(raw: RawEntry, plain: Plain) -> Entry:
    """The cleaned entry of a database record."""
    fields = raw.fields
    names = fields.get("author") or fields.get("editor") or ""
    authors, surname = people(names, plain)
    if surname is None:
        for field in ("organization", "institution", "collaboration", "publisher", "key"):
            if fields.get(field):
                surname = authors = plain(fields[field])
                break
    year = re.search(r"(?<!\d)(\d{4})(?!\d)", fields.get("year", "") or fields.get("date", ""))
    title = fields.get("title") or (fields.get("booktitle") if "author" in fields else "") or ""
    subtitle = fields.get("subtitle", "")
    if title and subtitle:
        title = f"{title}: {subtitle}"
    return Entry(
        title=clean_title(plain(tex_unescaped(title))),
        surname=surname,
        authors=authors,
        year=year.group(1) if year else None,
        doi=find_doi(fields.get("doi", "") or fields.get("url", "")),
        pmid=_digits(fields.get("pmid", "")),
        arxiv=_arxiv(fields),
    )


def tex_unescaped(title: str) -> str:
    r"""A title whose TeX a reference manager took for text and escaped, as TeX again.

    >>> tex_unescaped(r"\${\textbackslash}alpha\$ and {B}")
    '$\\alpha$ and {B}'
    """
    if len(title) > _LONGEST_TITLE or not _ESCAPED_TEX.search(title):
        return title
    title = _ESCAPED_COMMAND.sub(r"\\\1", title)
    return re.sub(r"\\([${}_])", r"\1", title.replace(r"\^{}", "^"))


def clean_title(title: str) -> str | None:
    """A title without the style's final period or the quotes around it; None if nothing is left.

    >>> clean_title(" “On growth  and form.” ")
    'On growth and form'
    """
    title = " ".join(title.split()).strip(" ,;")
    if title.startswith("“") and title.endswith("”") and title.count("“") == 1:
        title = title[1:-1].strip(" ,;")
    if title.endswith(".") and not title.endswith(("...", "etc.", "Inc.")):
        title = title[:-1].rstrip()
    return title if re.search(r"\w", title) else None


def people(names: str, plain: Plain) -> tuple[str | None, str | None]:
    r"""The words of a list of authors and the first author's surname.

    >>> people(r"van der Berg, Anna and Poe, E. and Li, H.", str)
    ('van der Berg et al.', 'van der Berg')
    """
    names = " ".join(names[:_FIELD_LIMIT].split())
    if not names:
        return None, None
    listed = [name.strip() for name in split_multiple_persons_names(names) if name.strip()]
    others = bool(listed) and listed[-1].lower().strip("{}. ") in ("others", "et al", "and others")
    if others:
        listed.pop()
    surnames = [surname for surname in (surname_of(name, plain) for name in listed[:3]) if surname]
    if not surnames:
        return None, None
    if others or len(listed) > 2:
        return f"{surnames[0]} et al.", surnames[0]
    return " and ".join(surnames), surnames[0]


def surname_of(name: str, plain: Plain) -> str | None:
    """The surname of one BibTeX name with its particles; a corporate name whole."""
    name = name.strip().rstrip(",")
    inner = name[1:-1]
    if name.startswith("{") and name.endswith("}") and _balanced(inner):
        words = plain(inner).strip()
        # `{Smith, J.}` braced whole is a person all the same.
        if re.fullmatch(r"[\w' -]+, (?:\w\.[ -]?)+", words):
            return words.split(",")[0]
        return words or None
    if "," not in name and _CORPORATE.search(name):
        return plain(name).strip() or None
    name = _SUFFIX.sub("", name)
    try:
        parts = parse_single_name_into_parts(name, strict=False)
    except Exception:
        # The library's name parser raises many kinds on garbage; the last word stands in.
        return plain(name.split(",")[0].split()[-1] if name.split(",")[0].split() else "") or None
    words = plain(" ".join([*parts.von, *parts.last])).strip()
    return _SUFFIX.sub("", words).strip(" ,") or plain(name).strip() or None


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


def find_doi(text: str) -> str | None:
    r"""The DOI in a field or an address.

    >>> find_doi("doi:10.1371/journal.pcbi.1005097")
    '10.1371/journal.pcbi.1005097'
    """
    match = re.search(r"\b10\.\d{4,9}/[^\s{}\"<>]+", text.replace("\\_", "_").replace("\\", ""))
    return match.group().rstrip(".,;)") if match else None


def find_arxiv(text: str) -> str | None:
    """The arXiv identifier in a text that says it is one."""
    match = re.search(
        r"arxiv(?:\.org/(?:abs|pdf)/|[:\s}]+(?:preprint\s+)?(?:arxiv:)?)\s*"
        r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})",
        text,
        re.IGNORECASE,
    )
    return match.group(1) if match else None


def _arxiv(fields: Mapping[str, str]) -> str | None:
    eprint = fields.get("eprint", "").strip()
    kind = (fields.get("archiveprefix", "") + fields.get("eprinttype", "")).lower()
    if re.fullmatch(
        r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", eprint
    ) and kind in (
        "",
        "arxiv",
    ):
        return re.sub(r"v\d+$", "", eprint)
    text = " ".join(fields.get(name, "") for name in ("eprint", "url", "journal", "note", "doi"))
    return find_arxiv(text)


def _digits(text: str) -> str | None:
    return text.strip() if re.fullmatch(r"\d{1,9}", text.strip()) else None
