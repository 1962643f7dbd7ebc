"""Citations by author and year that the publisher did not link: `(Lee and Wu, 2001)`.

Some files link none of their citations, others forget a few. A surname with a year that exactly one
entry of the reference list has is a citation of that entry; anything less is left as it is.
Here they are found in running text; `corpora.author_year` looks up a citation already found, with
all its names.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

_UPPER: Final = "[A-Z\u00c0-\u00de\u0100-\u024f\u0370-\u03ff\u0400-\u042f]"
_NAME: Final = rf"{_UPPER}[\w'’‐-]+"
_PARTICLE: Final = (
    r"(?:[Vv]an der|[Vv]an den|[Vv]an de|[Vv]an|[Vv]on|[Dd]e la|[Dd]el|[Dd]e|[Dd]i|[Ll]e|[Ll]a|"
    r"[Ee]l|[Aa]l)"
)
_CITED: Final = re.compile(
    rf"(?<![\w-])(?:(?P<before>{_PARTICLE}|{_NAME})[ -])?(?P<first>{_NAME})"
    rf"(?: et al\.?| (?:and|&) (?:{_PARTICLE} )?{_NAME}|(?:, {_NAME}){{1,3}},? (?:and|&) {_NAME}"
    r"| and (?:colleagues|co-?workers|others))?"
    r"(?:,? (?P<inside>(?:1[6-9]|20)\d\d)(?P<letter>[a-z]?)(?![\w–-])"
    r"|,? \((?P<outside>(?:1[6-9]|20)\d\d)(?P<other_letter>[a-z]?)\))"
)
_ANY_YEAR: Final = re.compile(r"(?:1[6-9]|20)\d\d")
#: What no citation holds: it begins after the last of these.
_BOUNDS: Final = "\n);:"
#: A year, its letter, and what is after them.
_LONGEST_END: Final = len("2001a)")
_IN_NAME: Final = re.compile(r"[\w'’‐-]")
#: References by the first author's surname, folded, and the year; of several the index says which.
Authors = Mapping[tuple[str, str], list[str]]


def authors_of(
    entries: Iterable[tuple[str, str | None, str | None]],
) -> dict[tuple[str, str], list[str]]:
    """The ids of references, given with surname and year, by both."""
    found: dict[tuple[str, str], list[str]] = {}
    for identifier, surname, year in entries:
        if surname and year:
            found.setdefault((surname.casefold(), year), []).append(identifier)
    return found


def link_author_years(
    text: str, authors: Authors, mark: Callable[[str, str], str], comma: bool | None = None
) -> str:
    """The text with `mark(id, printed)` in the place of each citation by author and year.

    `comma`: whether this paper prints `Wu, 2001` or `Wu 2001`; None where that is not known. What
    it prints the other way is none of its citations: the authority of a taxon, `Aus bus Wu, 2001`,
    which names all its authors.

    >>> link_author_years(
    ...     "So Lee et al. (2001); others (Wu 2002b, 2003) differ.",
    ...     {("lee", "2001"): ["a"], ("wu", "2002"): ["b", "c"]}, lambda i, p: f"<{i}: {p}>")
    'So <a: Lee et al. (2001)>; others (<c: Wu 2002b>, 2003) differ.'
    >>> link_author_years(
    ...     "Aus bus Lee 2001, as Lee et al. 2001 say",
    ...     {("lee", "2001"): ["a"]}, lambda i, p: f"<{i}: {p}>", comma=True)
    'Aus bus Lee 2001, as <a: Lee et al. 2001> say'
    """

    def replaced(match: re.Match[str]) -> str:
        year = match["inside"] or match["outside"]
        printed = text[match.start("inside") - 2] == "," if match["inside"] else comma
        if comma is not None and printed is not comma and " et al" not in match.group():
            return match.group()
        letter = match["letter"] or match["other_letter"]
        before, first = match["before"], match["first"]
        whole = authors.get((f"{before} {first}".casefold(), year), ()) if before else ()
        found = whole or authors.get((first.casefold(), year), ())
        place = ord(letter) - ord("a") if letter and len(found) > 1 else 0
        if place >= len(found) or (len(found) > 1 and not letter):
            return match.group()
        start = match.start() if whole or not before else match.start("first")
        return text[match.start() : start] + mark(found[place], text[start : match.end()])

    pieces: list[str] = []
    done = least = 0
    # From the years back: papers have many names, and few years.
    for year in _ANY_YEAR.finditer(text):
        at = year.start()
        if at < done:
            continue
        start = max(least, *(text.rfind(bound, least, at) + 1 for bound in _BOUNDS))
        match = _CITED.search(text, start, at + _LONGEST_END)
        if match:
            pieces += [text[done : match.start()], replaced(match)]
            done = least = match.end()
        elif at and not _IN_NAME.match(text, at - 1):
            # No citation goes over this year: a name does not begin with a digit.
            least = at
    return "".join([*pieces, text[done:]]) if pieces else text
