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
_MENTION: Final = re.compile(
    rf" ?\((?P<group>{_ONE}(?:(?:,| and|, and) {_ONE})*)\)|\b(?P<one>{_ONE})"
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
        return _MENTION.sub(self._spans, text)

    def list_lines(self) -> list[str]:
        """One span for each reference that has a title."""
        self.cited += self._listed
        return [span(work) for work in self._listed]

    def _spans(self, match: re.Match[str]) -> str:
        if match["one"]:
            work = self._find(match["one"])
            if work is None:
                return match[0]
            self.cited.append(work)
            return span(work)
        works = [self._find(mention) for mention in re.findall(_ONE, match["group"])]
        found = [replace(w, as_written=f"({w.as_written})") for w in works if w is not None]
        self.cited += found
        return f" {group(found)}" if found else ""

    def _find(self, mention: str) -> Citation | None:
        key = re.sub(r"\s", "", mention)
        work = self._by_key.get(key)
        if work is None:
            self.unresolved["no entry"] += 1
            if key.startswith("PubMed:"):
                pmid = key.removeprefix("PubMed:")
                return Citation(as_written=f"PubMed {pmid}", pmid=pmid)
        return work


def _citation(reference: Reference) -> Citation:
    """The citation of a reference of the entry: `as_written` is `Summers et al. 1992`."""
    names = [name for name in (part.strip().rstrip(",") for part in reference.authors.split(", "))
             if name]  # fmt: skip
    # A group beside persons is none of the authors.
    surnames = [_surname(name) for name in names[:2]] or ([reference.group] * bool(reference.group))
    who = surnames[0] if surnames else "Unknown authors"
    if len(names) == 2:
        who += f" and {surnames[1]}"
    elif len(names) > 2:
        who += " et al."
    return Citation(
        as_written=f"{who} {reference.year}" if reference.year else who,
        title=reference.title or None,
        surname=surnames[0] if surnames else None,
        year=reference.year,
        doi=reference.doi,
        pmid=reference.pubmed,
    )


def _surname(name: str) -> str:
    """`Van den Wyngaert` of `Van den Wyngaert I.`; a group's name as it is."""
    match = _AUTHOR.fullmatch(name)
    return match[1] if match else name
