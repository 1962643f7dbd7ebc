r"""Reference lists that hold a database: biblatex's `\entry` (1.x to 4.x) and amsrefs' `\bib`."""

import re
from typing import Final

from corpora.latex.bibliography.databases import (
    Entry,
    Plain,
    RawEntry,
    clean_title,
    entry_of,
    find_arxiv,
    find_doi,
    people,
)
from corpora.latex.bibliography.named_fields import balanced

_FIELD: Final = re.compile(r"\\(?:field|strng)(?:\[[^\]]*\]){0,2}\{(\w+)\}\s*(?=\{)", re.IGNORECASE)
_VERBATIM: Final = re.compile(r"\\verb(?:\[[^\]]*\])?\{(\w+)\}\s*\\verb[ \t]+([^\n]*)")
_ALIAS: Final = re.compile(r"\\keyalias\{([^{}]+)\}\{([^{}]+)\}")
_ENTRY_LIMIT: Final = 200_000


def is_biblatex(source: str) -> bool:
    r"""Whether a .bbl is biblatex's.

    >>> is_biblatex(r"\entry{k}{article}{} \endentry"), is_biblatex(r"\bibitem{k} A.")
    (True, False)
    """
    return "\\entry{" in source and "\\endentry" in source


def parse_biblatex(source: str, plain: Plain) -> dict[str, Entry]:
    """The entries of biblatex's .bbl by key, aliases with them."""
    entries: dict[str, Entry] = {}
    for chunk in re.split(r"\\entry(?=\{)", source)[1:]:
        end = balanced(chunk, 0)
        if end < 0:
            continue
        key = chunk[1 : end - 1].strip()
        if key not in entries:
            body = chunk[: chunk.find("\\endentry")][:_ENTRY_LIMIT]
            entries[key] = _entry(body, len(entries) + 1, plain)
    for alias, key in _ALIAS.findall(source):
        if key in entries:
            entries.setdefault(alias, entries[key])
    return entries


def _entry(body: str, number: int, plain: Plain) -> Entry:
    fields: dict[str, str] = {}
    position = 0
    while (match := _FIELD.search(body, position)) is not None:
        close = balanced(body, match.end())
        if close < 0:
            break
        fields.setdefault(match.group(1), body[match.end() + 1 : close - 1])
        position = close
    for match in _VERBATIM.finditer(body):
        fields.setdefault(match.group(1), match.group(2).strip())
    names = _names(body, "author") or _names(body, "editor")
    more = "\\true{moreauthor}" in body
    if names and more:
        names.append("others")
    authors, surname = people(" and ".join(names), plain) if names else (None, None)
    if surname is None and fields.get("label"):
        authors = surname = plain(fields["label"]).strip() or None
    title = fields.get("title", "")
    if title and fields.get("subtitle"):
        title = f"{title}: {fields['subtitle']}"
    year = fields.get("year") or fields.get("labelyear") or fields.get("date", "")
    eprint = fields.get("eprint", "")
    arxiv = (
        eprint
        if re.fullmatch(r"\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}", eprint)
        else find_arxiv(fields.get("url", ""))
    )
    return Entry(
        title=clean_title(plain(title)),
        surname=surname,
        authors=authors,
        year=year.lstrip("-")[:4] or None,
        doi=find_doi(fields.get("doi", "")),
        arxiv=arxiv,
        number=number,
    )


def _names(body: str, role: str) -> list[str]:
    r"""The names of a `\name` list as BibTeX writes them, `von Last, First`."""
    start = re.search(
        rf"\\name(?:\[[^\]]*\]){{0,2}}\{{{role}\}}\{{\d+\}}\{{[^{{}}]*\}}\s*(?=\{{)", body
    )
    if start is None:
        return []
    end = balanced(body, start.end())
    block = body[start.end() : end if end > 0 else len(body)]
    return _current_names(block) or _old_names(block)


def _current_names(block: str) -> list[str]:
    """biblatex 3: `{{hash=..}{family={Doe}, given={Jane}, prefix={von}}}`."""
    names: list[str] = []
    starts = list(re.finditer(r"(?<![a-z])family=(?=\{)", block))
    for index, family in enumerate(starts):
        close = balanced(block, family.end())
        if close < 0:
            break
        last = block[family.end() + 1 : close - 1]
        following = starts[index + 1].start() if index + 1 < len(starts) else len(block)
        rest = block[close : min(close + 1500, following)]
        prefix = re.search(r"(?<![a-z])prefix=\{([^{}]*)\}", rest)
        given = re.search(r"(?<![a-z])given=\{", rest)
        names.append(_bibtex_name(last, prefix.group(1) if prefix else "", bool(given)))
    return names


_ARGUMENT: Final = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}[\s%]*"
#: biblatex 1 and 2: `{{hash=..}{Doe}{D.}{Jane}{J.}{von}{v.}{}{}}`.
_OLD: Final = re.compile(r"\{[\s%]*\{[^{}]*\}[\s%]*" + _ARGUMENT * 5)


def _old_names(block: str) -> list[str]:
    return [
        _bibtex_name(match.group(1), match.group(5), bool(match.group(3)))
        for match in _OLD.finditer(block)
        if match.group(1)
    ]


def _bibtex_name(last: str, prefix: str, given: bool) -> str:
    name = f"{prefix} {last}" if prefix else last
    return f"{{{name}}}, X" if given else f"{{{name}}}"


_BIB: Final = re.compile(r"\\bib\*?\s*\{([^{}]+)\}\s*\{(\w+)\}\s*(?=\{)")
_AMS_FIELD: Final = re.compile(r"([A-Za-z][\w-]*)\s*=\s*(?=\{)")


def parse_amsrefs(source: str, plain: Plain) -> dict[str, Entry]:
    r"""The entries of a `biblist` by key: `\bib{key}{article}{author={..}, title={..}}`."""
    entries: dict[str, Entry] = {}
    for match in _BIB.finditer(source):
        end = balanced(source, match.end())
        key = match.group(1).strip()
        if end < 0 or key in entries:
            continue
        fields: dict[str, list[str]] = {}
        position = match.end() + 1
        while (field := _AMS_FIELD.search(source, position, end)) is not None:
            close = balanced(source, field.end())
            if close < 0:
                break
            name = field.group(1).lower()
            fields.setdefault(name, []).append(source[field.end() + 1 : close - 1])
            position = close
        values = {
            name: (" and " if name in ("author", "editor") else " ").join(found)
            for name, found in fields.items()
        }
        entry = entry_of(RawEntry(match.group(2).lower(), values), plain)
        entries[key] = Entry(
            entry.title,
            entry.surname,
            entry.authors,
            entry.year,
            entry.doi,
            entry.pmid,
            entry.arxiv,
            len(entries) + 1,
        )
    return entries
