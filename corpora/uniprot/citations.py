"""Citations inside a UniProt entry: `(PubMed:1548230, Ref.3)` becomes the works it names."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from corpora.citations import GROUP_SEPARATOR, span
from corpora.documents import Citation

_ONE: Final = r"(?:PubMed:\d+|Ref\.\s?\d+)"
_AUTHOR: Final = re.compile(
    r"(.+?) ((?:[^\W\d_]{1,3}\.-?)+)(?: (?:Jr\.|Sr\.|I{1,3}|IV|\d(?:st|nd|rd|th)))?"
)
_ONE_MENTION: Final = re.compile(_ONE)
#: Without a parenthesis before it: what begins with one of two letters is found much faster.
_MENTION: Final = re.compile(
    rf"PubMed:\d+(?:(?:,| and|, and) {_ONE})*|Ref\.\s?\d+(?:(?:,| and|, and) {_ONE})*"
)


class References:
    """The references of an entry, found by number or PubMed id, and what citing them gave.

    `cited` are the citations of the spans written so far, in order; `unresolved` counts mentions
    of works that the entry does not list.
    """

    def __init__(self, references: Sequence[tuple[str, Citation]]) -> None:
        self.cited: list[Citation] = []
        self.unresolved: Counter[str] = Counter()
        #: Each work with its span; the numbers and PubMed ids that lead to it.
        self._works = [(work, span(work)) for _, work in references]
        self._by_key: dict[str, tuple[Citation, str]] = {}
        for (number, _), found in zip(references, self._works, strict=True):
            self._by_key[f"Ref.{number}"] = found
            pmid = found[0].pmid
            if pmid:
                self._by_key[f"PubMed:{pmid}"] = found

    def cite(self, text: str) -> str:
        """Marked text with its mentions of references replaced by citation spans.

        A reference without a title, or a PubMed id that the entry does not list, gives a span too:
        its title may be known to another source. An unlisted number (`Ref.9`) vanishes from
        parentheses and stays as it is elsewhere.
        """
        if "PubMed:" not in text and "Ref." not in text:
            return text
        pieces: list[str] = []
        done = 0
        for match in _MENTION.finditer(text):
            start, end = match.span()
            apart = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
            if apart:
                before = text[done : start - 1]
                spans = self._together(match[0])
                # What is left of nothing but unlisted numbers vanishes with its space.
                pieces += [before.removesuffix(" "), f" {spans}" if spans else ""]
                done = end + 1
            else:
                pieces += [text[done:start], _ONE_MENTION.sub(self._alone, match[0])]
                done = end
        return "".join([*pieces, text[done:]]) if pieces else text

    def list_lines(self) -> list[str]:
        """One span for each reference that has a title."""
        listed = [found for found in self._works if found[0].title]
        self.cited += [work for work, _ in listed]
        return [written for _, written in listed]

    def _together(self, mentions: str) -> str:
        """The spans of works in parentheses of their own."""
        spans = []
        for mention in _ONE_MENTION.findall(mentions):
            found = self._find(mention)
            if found is not None:
                work, written = found
                if not work.title:
                    work = replace(work, as_written=f"({work.as_written})")
                    written = span(work)
                self.cited.append(work)
                spans.append(written)
        return GROUP_SEPARATOR.join(spans)

    def _alone(self, match: re.Match[str]) -> str:
        found = self._find(match[0])
        if found is None:
            return match[0]
        self.cited.append(found[0])
        return found[1]

    def _find(self, mention: str) -> tuple[Citation, str] | None:
        """The work of a mention, and its span."""
        key = "".join(mention.split())
        found = self._by_key.get(key)
        if found is None:
            self.unresolved["no entry"] += 1
            if key.startswith("PubMed:"):
                pmid = key.removeprefix("PubMed:")
                work = Citation(as_written=f"PubMed {pmid}", pmid=pmid)
                return work, span(work)
        return found


def cited_work(
    authors: str,
    group: str,
    title: str,
    year: str | None = None,
    doi: str | None = None,
    pmid: str | None = None,
) -> Citation:
    """The citation of a reference of the entry: `as_written` is `Summers et al. 1992`.

    `authors` are as the flat file has them, `Van den Berg A.B., Jin D.-Y.`; a group stands for
    persons where there are none.
    """
    names = authors.split(", ", 2) if authors else []
    # A group beside persons is none of the authors.
    surname = _surname(names[0]) if names else group
    who = surname or "Unknown authors"
    if len(names) == 2:
        who += f" and {_surname(names[1])}"
    elif len(names) > 2:
        who += " et al."
    as_written = f"{who} {year}" if year else who
    return Citation(as_written, title or None, surname or None, year, doi, pmid)


def _surname(name: str) -> str:
    """`Van den Wyngaert` of `Van den Wyngaert I.`; a group's name as it is."""
    before, _, last = name.rpartition(" ")
    if before and len(last) == 2 and last[1] == "." and not before.endswith("."):
        return before
    match = _AUTHOR.fullmatch(name)
    return match[1] if match else name
