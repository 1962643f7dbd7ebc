r"""Items of reference lists whose parts commands name: REVTeX, ACM, apacite, VTeX, EPTCS.

\bibinfo{author}{\bibfnamefont{J.}~\bibnamefont{Doe}}, \bibinfo{title}{On rain}   (REVTeX)
\bibinfo{person}{Jane Doe}. \showarticletitle{On rain}. In \bibinfo{booktitle}{\emph{Proc.}}
\APACrefatitle {On Rain} {On rain}                                                (apacite)
\bauthor{\bsnm{Doe}, \binits{J.}}: \batitle{On rain}                              (VTeX, BMC)
"""

import re
from typing import Final, NamedTuple

from corpora.latex.bibliography.databases import Plain, clean_title, surname_of


class Named(NamedTuple):
    """What commands name: the title, the surnames in order, whether there are more, the year."""

    title: str | None = None
    surnames: tuple[str, ...] = ()
    others: bool = False
    year: str | None = None


#: A work's own title before that of the book it stands in.
_TITLES: Final = tuple(
    re.compile(pattern + r"\s*(?=\{)")
    for pattern in (
        r"\\showarticletitle",
        r"\\bibinfo\s*\{\s*title\s*\}",
        r"\\APACref[ab]title\b",
        r"\\(?:batitle|bctitle)\b",
        r"\\(?:bbtitle|btitle)\b",
        r"\\bibtitle\b",
    )
)
_BOOK_TITLE: Final = re.compile(r"\\bibinfo\s*\{\s*booktitle\s*\}\s*(?=\{)")
_EDITION: Final = re.compile(
    r"\s*\(?\s*\\bibinfo\s*\{edition\}\s*\{[^{}]*\}\s*ed(?:ition)?\b\.?\s*\)?\.?"
)
_IN_A_BOOK: Final = re.compile(
    r"\b[iI]n\b[:\s~{}\\]*(?:\\[a-zA-Z@]+\s*(?:\{[^{}]{0,150}\}\s*)?[{\s]*){0,4}$"
)
_YEARS: Final = re.compile(
    r"\\(?:bibinfo\s*\{\s*(?:year|date)\s*\}|byear|APACrefYear|APACrefYearMonthDay)\s*\{"
    r"[^{}\d]{0,20}(\d{4})"
)
_ET_AL: Final = re.compile(r"\bet[\s~\\]*al\b|\\betal\b|\bothers\b")


def named_fields(body: str, plain: Plain) -> Named:
    """The fields that an item names; all empty where it names none."""
    if not re.search(
        r"\\(?:bibinfo|bibnamefont|show\w*title|APAC|b[a-z]*title|surnamestart)", body
    ):
        return Named()
    title = _title(body, plain)
    year = _YEARS.search(body)
    surnames = _surnames(body, plain)
    return Named(title, surnames, bool(_ET_AL.search(body[:4000])), year.group(1) if year else None)


def balanced(source: str, at: int, opening: str = "{", closing: str = "}") -> int:
    """The index after the group that opens at `at`; -1 where it does not close.

    >>> balanced("{a{b}}c", 0)
    6
    """
    depth = 0
    limit = min(len(source), at + 20_000)
    while at < limit:
        character = source[at]
        if character == "\\":
            at += 1
        elif character == opening:
            depth += 1
        elif character == closing:
            depth -= 1
            if depth == 0:
                return at + 1
        elif character == "{" and opening == "[":
            inner = balanced(source, at)
            if inner < 0:
                return -1
            at = inner - 1
        at += 1
    return -1


def _argument(body: str, at: int) -> str:
    end = balanced(body, at)
    return body[at + 1 : end - 1] if end > 0 else ""


def _title(body: str, plain: Plain) -> str | None:
    for pattern in _TITLES:
        match = pattern.search(body)
        if match is not None:
            title = clean_title(plain(_argument(body, match.end())))
            if title is not None:
                return title
    book = _BOOK_TITLE.search(body)
    if book is None or _IN_A_BOOK.search(body[max(0, book.start() - 200) : book.start()]):
        # The book that an untitled work stands in is not the work.
        return None
    return clean_title(plain(_EDITION.sub("", _argument(body, book.end()))))


def _surnames(body: str, plain: Plain) -> tuple[str, ...]:
    """The first three surnames, by the most exact of the commands that name them."""
    for command in (r"\\bibnamefont\s*(?=\{)", r"\\bsnm\s*(?=\{)"):
        found = [_argument(body, match.end()) for match in _first(command, body)]
        if found:
            return tuple(name for name in (plain(source).strip() for source in found) if name)
    starts = [match.group(1) for match in _first(r"\\surnamestart\s*(.{1,200}?)\\surnameend", body)]
    if starts:
        return tuple(name for name in (plain(source).strip() for source in starts) if name)
    found = [
        surname
        for match in _first(r"\\bibinfo\s*\{\s*(?:person|author|editor)\s*\}\s*(?=\{)", body)
        if (surname := surname_of(_argument(body, match.end()), plain)) is not None
    ]
    return tuple(found)


def _first(pattern: str, body: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for match in re.finditer(pattern, body):
        found.append(match)
        if len(found) == 3:
            break
    return found
