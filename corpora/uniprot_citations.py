"""Citations inside a UniProt entry: `(PubMed:1548230, Ref.3)` becomes the works it names."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from corpora.citations import group, span
from corpora.documents import Citation
from corpora.uniprot_names import citation

_ONE: Final = r"(?:PubMed:\d+|Ref\.\s?\d+)"
_MENTION: Final = re.compile(
    rf" ?\((?P<group>{_ONE}(?:(?:,| and|, and) {_ONE})*)\)|\b(?P<one>{_ONE})"
)


class References:
    """The references of an entry, found by number or PubMed id, and what citing them gave.

    `cited` are the citations of the spans written so far, in order; `unresolved` counts mentions
    of works that the entry does not list.
    """

    def __init__(self, references: Sequence[Any]) -> None:
        self._by_key: dict[str, Citation] = {}
        self._listed: list[Citation] = []
        self.cited: list[Citation] = []
        self.unresolved: Counter[str] = Counter()
        for reference in references:
            work = citation(reference)
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
