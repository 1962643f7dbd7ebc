"""Citations that the publisher did not link, in a text that shows how it prints the others."""

import re
from typing import Final

from corpora.documents import Citation
from corpora.jats.marks import RAISED, Mark, are_known, numbers_in, placeholder
from corpora.jats.references import Bibliography
from corpora.jats.unlinked_author_years import authors_of, link_author_years
from tokenization.markers import code_point

_SUP: Final = (code_point("[START_SUP]"), code_point("[END_SUP]"))
_UNCLOSED: Final = re.compile(r"\x01(\d+)\x02([^()\x01-\x06\n]{0,40})\)")
#: Citations printed in one way, so often that it is how this paper prints them.
_A_HABIT: Final = 3
_DATED: Final = re.compile(r"\b(?:1[6-9]|20)\d\d")
_NAME_AND_YEAR: Final = re.compile(r"[^\W\d_]\.?(,?) (?:1[6-9]|20)\d\d")
_IN_BRACKETS: Final = re.compile(r"\[(?<![\w\]]\[)(\d[\d, –-]{0,60})\]")
_UNLINKED_RAISED: Final = re.compile(rf"{_SUP[0]}(?<=[,.;]{_SUP[0]})(\d[\d,–-]{{0,30}}){_SUP[1]}")
_UNLINKED: Final = re.compile(
    r"\[(?:(?<=\bal\. \[)|(?<=\bal \[)|(?<=[^\W\d] \[)(?=\d{1,3}\][.,;)]))(\d[\d, –-]{0,30})\]"
)


def with_unlinked(text: str, marks: list[Mark], bibliography: Bibliography) -> str:
    """Citations that the publisher did not link, in a text that shows how it prints others.

    A raised number after a comma or full stop, where citations are raised; `[12].` or
    `et al. [12]`, where they stand in brackets. Nothing looser: `[1, 2]` may be an interval.
    """
    text = _UNCLOSED.sub(lambda match: _closed(match, marks), text)

    def linked(match: re.Match[str]) -> str:
        printed = match.group(1)
        numbers = numbers_in(printed)
        if not are_known(numbers, bibliography):
            return match.group()
        if not all(bibliography.by_number[number].works for number in numbers):
            return match.group()
        marks.append(Mark((), printed))
        opening, closing = RAISED if match.re is _UNLINKED_RAISED else "[]"
        return f"{opening}\x01{len(marks) - 1}\x02{closing}"

    dated = sum(_DATED.search(mark.printed) is not None for mark in marks)
    if 2 * dated >= len(marks):
        text = _with_author_years(text, marks, bibliography)
    if not marks and _numbered_throughout(text, bibliography):
        return _IN_BRACKETS.sub(linked, text)
    if text.count(RAISED[0]) >= _A_HABIT:
        text = _UNLINKED_RAISED.sub(linked, text)
    if text.count("[\x01") >= _A_HABIT:
        text = _UNLINKED.sub(linked, text)
    return text


def _with_author_years(text: str, marks: list[Mark], bibliography: Bibliography) -> str:
    def mark(identifier: str, printed: str) -> str:
        marks.append(Mark((identifier,), printed))
        return placeholder(len(marks) - 1)

    # An entry and the one work in it may have an id each.
    first_ids: dict[tuple[Citation, ...], str] = {}
    for identifier, reference in bibliography.by_id.items():
        if reference.works:
            first_ids.setdefault(reference.works, identifier)
    if not first_ids:
        return text
    entries = [(each, works[0].surname, works[0].year) for works, each in first_ids.items()]
    return link_author_years(text, authors_of(entries), mark, _comma_before_years(marks))


def _comma_before_years(marks: list[Mark]) -> bool | None:
    """Whether citations print `Wu, 2001` or `Wu 2001`; None where there are few, or of both."""
    found = [match for mark in marks if (match := _NAME_AND_YEAR.search(mark.printed))]
    kinds = {bool(match.group(1)) for match in found}
    return kinds.pop() if len(kinds) == 1 and len(found) >= _A_HABIT else None


def _numbered_throughout(text: str, bibliography: Bibliography) -> bool:
    """Whether bracketed numbers, none of them linked, name most entries of the reference list."""
    named = {number for found in _IN_BRACKETS.findall(text) for number in numbers_in(found)}
    known = named & set(bibliography.by_number)
    return len(known) >= 5 and 2 * len(known) > len(bibliography.by_number)


def _closed(match: re.Match[str], marks: list[Mark]) -> str:
    """`Lee (2001` in one `xref` and `, p. 5)` after it: the parenthesis closes in the `xref`."""
    number, rest = int(match.group(1)), match.group(2).strip(" ,;")
    printed = marks[number].printed
    if printed.count("(") != printed.count(")") + 1:
        return match.group()
    marks[number] = Mark(marks[number].targets, printed + ")")
    return f"\x01{number}\x02" + (f" ({rest})" if rest else "")
