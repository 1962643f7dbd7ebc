"""Resolved documents: those that filters and identity kept, with citations in their final form."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.citations import resolve
from corpora.cited_works import Work, canonical
from corpora.documents import Document
from pipelines.documents_table import (
    DocumentRow,
    citations_from,
    metadata_json,
    read_documents,
    write_documents,
)
from pipelines.execution import Outcome
from pipelines.parts import REASON, read_verdict
from pipelines.tasks.citations import read_answers

#: Of the citations that are resolved: those whose title, or its spelling, another document gave.
TITLE_FROM_ELSEWHERE = "title from another document"
SPELT_AS_ELSEWHERE = "spelt as in another document"


@dataclass(frozen=True, slots=True)
class ResolveArgument:
    """One ingested part, what was decided of it, and its citations' answers, to a resolved part.

    `scores` is the verdict of the filters (its column `scores`), `verdict` that of identity
    (`doc_id`, `split`).
    """

    ingested: Path
    scores: Path
    verdict: Path
    answers: Path
    resolved: Path


def resolve_documents(argument: ResolveArgument) -> Outcome:
    """Write the documents that were kept, each with its final id, split, scores and citations."""
    verdict = read_verdict(argument.verdict, "doc_id", "split")
    scores = read_verdict(argument.scores, "scores")["scores"]
    kept = [reason is None for reason in verdict[REASON]]
    works, titles = read_answers(argument.answers)
    counts: Counter[str] = Counter()
    named_elsewhere: Counter[str] = Counter()

    def rows() -> Iterator[DocumentRow]:
        for index, row in enumerate(read_documents(argument.ingested)):
            if kept[index]:
                row = row._replace(doc_id=verdict["doc_id"][index], split=verdict["split"][index])
                yield _resolved(row, scores[index], works, titles, counts, named_elsewhere)

    wrote = write_documents(argument.resolved, rows())
    return Outcome(
        outputs=[argument.resolved],
        read=sum(kept),
        wrote=wrote,
        facts={
            "citations": dict(sorted(counts.items())),
            "citations_named": dict(sorted(named_elsewhere.items())),
        },
    )


def _resolved(
    row: DocumentRow,
    scores: str | None,
    works: Mapping[str, Work],
    titles: Mapping[str, str],
    counts: Counter[str],
    named_elsewhere: Counter[str],
) -> DocumentRow:
    metadata: dict[str, Any] = json.loads(row.metadata)
    citations = citations_from(metadata)
    named = tuple(canonical(citation, works, titles) for citation in citations)
    for before, after in zip(citations, named, strict=True):
        if before.title != after.title:
            named_elsewhere[SPELT_AS_ELSEWHERE if before.title else TITLE_FROM_ELSEWHERE] += 1
    document = Document(record_id=row.doc_id, text=row.text, metadata=metadata, citations=named)
    resolved, resolution = resolve(document)
    counts["resolved"] += resolution["resolved"]
    finished: dict[str, Any] = dict(resolved.metadata)
    finished["citations"] = [citation.to_json() for citation in resolved.citations]
    for reason, count in finished.get("citations_unresolved", {}).items():
        counts[reason] += count
    if scores:
        finished["scores"] = json.loads(scores)
    return row._replace(
        text=resolved.text,
        metadata=metadata_json(finished),
        num_bytes=len(resolved.text.encode("utf-8")),
    )
