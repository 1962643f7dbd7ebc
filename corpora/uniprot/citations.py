"""Citations inside a UniProt entry: `(PubMed:1548230, Ref.3)` becomes the works it names."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from corpora.citations import group, span
from corpora.documents import Citation
from corpora.uniprot.entry import Reference

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

    def __init__(self, references: Sequence[Reference]) -> None:
        self._by_key: dict[str, Citation] = {}
        self._listed: list[Citation] = []
        self.cited: list[Citation] = []
        self.unresolved: Counter[str] = Counter()
        for reference in references:
            work = _citation(reference)
            self._by_key[f"Ref.{reference.number}"] = work
            if work.pmid:
                self._by_key[f"PubMed:{work.pmid}"] = work
            if work.title:
                self._listed.append(work)

    def cite(self, text: str) -> str:
        """Marked text with its mentions of references replaced by citation spans.

        A reference without a title, or a PubMed id that the entry does not list, gives a span too:
        its title may be known to another source. An unlisted number (`Ref.9`) vanishes from
        parentheses and stays as it is elsewhere.
        """
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
        self.cited += self._listed
        return [span(work) for work in self._listed]

    def _together(self, mentions: str) -> str:
        """The spans of works in parentheses of their own."""
        works = [self._find(mention) for mention in _ONE_MENTION.findall(mentions)]
        found = [
            work if work.title else replace(work, as_written=f"({work.as_written})")
            for work in works
            if work is not None
        ]
        self.cited += found
        return group(found)

    def _alone(self, match: re.Match[str]) -> str:
        work = self._find(match[0])
        if work is None:
            return match[0]
        self.cited.append(work)
        return span(work)

    def _find(self, mention: str) -> Citation | None:
        key = "".join(mention.split())
        work = self._by_key.get(key)
        if work is None:
            self.unresolved["no entry"] += 1
            if key.startswith("PubMed:"):
                pmid = key.removeprefix("PubMed:")
                return Citation(as_written=f"PubMed {pmid}", pmid=pmid)
        return work


def _citation(reference: Reference) -> Citation:
    """The citation of a reference of the entry: `as_written` is `Summers et al. 1992`."""
    names = reference.authors.split(", ", 2) if reference.authors else []
    # A group beside persons is none of the authors.
    surname = _surname(names[0]) if names else reference.group
    who = surname or "Unknown authors"
    if len(names) == 2:
        who += f" and {_surname(names[1])}"
    elif len(names) > 2:
        who += " et al."
    return Citation(
        as_written=f"{who} {reference.year}" if reference.year else who,
        title=reference.title or None,
        surname=surname or None,
        year=reference.year,
        doi=reference.doi,
        pmid=reference.pubmed,
    )


def _surname(name: str) -> str:
    """`Van den Wyngaert` of `Van den Wyngaert I.`; a group's name as it is."""
    before, _, last = name.rpartition(" ")
    if before and len(last) == 2 and last[1] == "." and not before.endswith("."):
        return before
    match = _AUTHOR.fullmatch(name)
    return match[1] if match else name
