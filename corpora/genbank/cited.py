"""The works that a record cites: by the number of their REFERENCE, as `/citation=[2]` does."""

import re
from collections.abc import Sequence
from typing import Final

from corpora.citations import group, span
from corpora.documents import Citation
from corpora.genbank.flat_file import Feature, Reference

_YEAR: Final = re.compile(r"\((?:\d{1,2}-)?(?:[A-Z]{3}-)?(\d{4})\)")
_NAME: Final = re.compile(r"[^,]+,\s?[^\s,]+(?: (?:Jr|Sr|[IV]+|\d\w\w)\.?)?")
_INITIALS: Final = re.compile(r"(?: (?:[A-Z]\w?\.-?)+| [A-Z]{1,4})$")
_GENE_RIF: Final = re.compile(r"^GeneRIF: ")
#: The entry itself, as it came to the database.
_SUBMISSION: Final = "Direct Submission"


class References:
    """The works of a record, and the citations of the spans written so far, in order."""

    def __init__(self, references: Sequence[Reference]) -> None:
        self._works = {reference.number: _citation(reference) for reference in references}
        self._references = references
        self.cited: list[Citation] = []

    def of(self, feature: Feature) -> str:
        """The spans of the works that a feature cites, after a blank; empty where it cites none."""
        works = []
        for written in feature.qualifiers.get("citation", ()):
            work = self._works.get(written.strip("[] "))
            if work is not None:
                works.append(work)
        self.cited += works
        return f" {group(works)}" if works else ""

    def findings(self) -> list[str]:
        """What curators of genes say that a work has found, each with the work."""
        lines = []
        for reference in self._references:
            work = self._works[reference.number]
            if _GENE_RIF.match(reference.remark) and work.title:
                finding = _GENE_RIF.sub("", reference.remark)
                finding = re.split(r" (?=Publication Status|Erratum:|Review article)", finding)[0]
                self.cited.append(work)
                lines.append(f"{finding[:1].upper()}{finding[1:].rstrip('.')} {span(work)}.")
        return lines

    def list_lines(self) -> list[str]:
        """One span for each work with a title."""
        works = [self._works[reference.number] for reference in self._references]
        listed = list(dict.fromkeys(work for work in works if work.title))
        self.cited += listed
        return [span(work) for work in listed]


def _citation(reference: Reference) -> Citation:
    surnames = _surnames(reference.authors) or list(filter(None, [reference.consortium]))
    years = _YEAR.findall(reference.journal)
    who = surnames[0] if surnames else "Unknown authors"
    if len(surnames) == 2:
        who += f" and {surnames[1]}"
    elif len(surnames) > 2:
        who += " et al."
    title = reference.title.strip(' "').removesuffix(".")
    if reference.title == _SUBMISSION or reference.journal.startswith("Submitted "):
        title, who = "", f"{who}, direct submission"
    return Citation(
        as_written=f"({' '.join([who, *years[-1:]])})",
        title=title or None,
        surname=surnames[0] if surnames else None,
        year=years[-1] if years else None,
        doi=reference.doi or None,
        pmid=reference.pubmed if reference.pubmed.isdecimal() else None,
    )


def _surnames(authors: str) -> list[str]:
    """Surnames of `Zhou,D., Tong,Z. and Yang,R.` and of `Oxtoby E., Dunn M.A.`."""
    names = _NAME.findall(re.sub(r",? and ", ", ", authors)) if "," in authors else []
    if names and any(re.search(r",\S", name) for name in names):
        return [name.partition(",")[0].strip() for name in names]
    return [_INITIALS.sub("", name.strip()) for name in authors.split(",") if name.strip()]
