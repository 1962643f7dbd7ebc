"""Citations: the spans a reader writes, and their final form once every title is known.

A reader writes one span a cited work with `span` or `group`. `resolve` gives the final text: the
span becomes `Title, Surname` where a title is known, and the readable words of the paper
(`Citation.as_written`) where none is. That is the citation stage of a build; `galactica read`
applies it to one document.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from corpora.documents import Citation, Document
from tokenization.markers import code_point, reserved_characters
from tokenization.wrappers import cite

NO_TITLE: Final = "no title"
GROUP_SEPARATOR: Final = ", "

_START: Final = code_point("[START_REF]")
_END: Final = code_point("[END_REF]")
_SPAN: Final = re.compile(f"{_START}[^{_START}{_END}]*{_END}")
# Two plain parentheses side by side, left where a group's works have no titles. The NUL marks
# them during `resolve` only, so that parentheses of the paper's own are never joined.
_SEAM: Final = "\x00"


def span(citation: Citation) -> str:
    """The span of one cited work, as a reader puts it into a text.

    >>> from tokenization.markers import reveal
    >>> reveal(span(Citation(as_written="[3]", title="On growth", surname="Thompson")))
    '[START_REF] On growth, Thompson[END_REF]'
    """
    if citation.title:
        return cite(citation.title, citation.surname)
    return cite(citation.as_written)


def group(citations: Sequence[Citation]) -> str:
    """The spans of works cited together, `[3-5]` or `\\cite{a,b}`: one a work, joined by commas."""
    return GROUP_SEPARATOR.join(span(citation) for citation in citations)


def check_spans(document: Document) -> None:
    """Raises ValueError where spans and entries do not correspond: a defect of the reader."""
    spans = len(_SPAN.findall(reserved_characters(document.text)))
    if spans != len(document.citations):
        raise ValueError(f"{spans} citation spans but {len(document.citations)} citation entries")


def resolve(document: Document) -> tuple[Document, Counter[str]]:
    """The document with each citation span in its final form, and what became of the citations.

    Counts: `resolved`, and `no title` for each span replaced by its words. The citations of the
    returned document are those that still have a span, in order. Raises ValueError where spans and
    entries do not correspond: a defect of the reader.
    """
    check_spans(document)
    counts: Counter[str] = Counter()
    kept: list[Citation] = []
    pieces: list[str] = []
    done, untitled = 0, ""
    for match, citation in zip(_SPAN.finditer(document.text), document.citations, strict=True):
        between = document.text[done : match.start()]
        done = match.end()
        if citation.title:
            counts["resolved"] += 1
            kept.append(citation)
            pieces += [between, span(citation)]
            untitled = ""
            continue
        counts[NO_TITLE] += 1
        words = citation.as_written
        if words and words == untitled and between == GROUP_SEPARATOR:
            # Several works under one number are printed as that number, once.
            continue
        untitled = words
        apart = words.startswith("(") and words.endswith(")")
        pieces += [between, f"{_SEAM}{words}{_SEAM}" if apart else words]
    text = "".join([*pieces, document.text[done:]])
    text = text.replace(f"){_SEAM}{GROUP_SEPARATOR}{_SEAM}(", "; ").replace(_SEAM, "")
    metadata = dict(document.metadata)
    unresolved: Counter[str] = Counter(_counts_of(metadata.get("citations_unresolved")))
    if counts[NO_TITLE]:
        unresolved[NO_TITLE] += counts[NO_TITLE]
    if unresolved:
        metadata["citations_unresolved"] = dict(sorted(unresolved.items()))
    return replace(document, text=text, metadata=metadata, citations=tuple(kept)), counts


def _counts_of(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return {}
    return {str(reason): int(count) for reason, count in value.items()}
