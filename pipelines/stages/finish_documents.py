"""Documents: citations in final form, repeated ones dropped, training and validation split."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from corpora.citations import resolve
from corpora.cited_works import Work, canonical
from corpora.documents import Document
from pipelines.documents_table import (
    TRAIN,
    VALIDATION,
    DocumentRow,
    citations_from,
    metadata_json,
    read_column,
    read_documents,
    write_documents,
)
from pipelines.execution import Outcome
from pipelines.recipe import SplitSettings
from pipelines.stages.citations import read_answers

REPEATED = "repeated document"
#: Of the citations that are resolved: those whose title, or its spelling, another document gave.
TITLE_FROM_ELSEWHERE = "title from another document"
SPELT_AS_ELSEWHERE = "spelt as in another document"


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What the split decided for one part.

    The held-out ids, the rows that repeat a document, and the new ids of rows whose id another
    document of the source has: two files of one name.
    """

    held_out: frozenset[str]
    repeated_rows: frozenset[int]
    renamed: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FinishArgument:
    """One ingested part to one finished part."""

    ingested: Path
    answers: Path
    plan: PartPlan
    documents: Path


def plan_split(parts: Sequence[Path], settings: SplitSettings, seed: int) -> list[PartPlan]:
    """Decide for all parts of one source which documents are held out, and what repeats an id.

    Reads the ids, and the texts of parts in which one repeats: a row with the id and the text of
    another is that document again; one with another text is a document of its own, and its id gets
    a hash of its text. A document is held out when its seeded hash, as a fraction of the largest
    one, is under `validation_fraction`; failing all, the document with the lowest hash is.
    """
    ids = [read_column(part, "doc_id") for part in parts]
    repeats = {doc_id for doc_id, count in Counter(chain(*ids)).items() if count > 1}
    seen: set[str] = set()
    texts: set[tuple[str, str]] = set()
    repeated: list[frozenset[int]] = []
    renamed: list[dict[int, str]] = []
    for part, part_ids in zip(parts, ids, strict=True):
        rows: set[int] = set()
        names: dict[int, str] = {}
        if not repeats.isdisjoint(part_ids):
            for row, text in enumerate(read_column(part, "text")):
                doc_id = part_ids[row]
                if doc_id not in repeats:
                    continue
                digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
                if (doc_id, digest) in texts:
                    rows.add(row)
                elif doc_id in seen:
                    names[row] = f"{doc_id}#{digest}"
                texts.add((doc_id, digest))
                seen.add(names.get(row, doc_id))
        seen.update(part_ids)
        repeated.append(frozenset(rows))
        renamed.append(names)
    held_out: set[str] = set()
    if settings.validation_fraction > 0 and len(seen) >= settings.minimum_documents:
        ordered = sorted((_fraction(seed, doc_id), doc_id) for doc_id in seen)
        held_out = {doc_id for value, doc_id in ordered if value < settings.validation_fraction}
        if not held_out:
            held_out = {ordered[0][1]}
    return [
        PartPlan(
            frozenset(held_out.intersection(chain(part_ids, names.values()))),
            rows,
            tuple(sorted(names.items())),
        )
        for part_ids, rows, names in zip(ids, repeated, renamed, strict=True)
    ]


def _fraction(seed: int, doc_id: str) -> float:
    digest = hashlib.blake2b(f"split\0{seed}\0{doc_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def finish_documents(argument: FinishArgument) -> Outcome:
    """Write the part's documents in their final form."""
    dropped: Counter[str] = Counter()
    splits: Counter[str] = Counter()
    citations: Counter[str] = Counter()
    named: Counter[str] = Counter()
    num_bytes = 0
    read = 0
    works, titles = read_answers(argument.answers)

    renamed = dict(argument.plan.renamed)

    def rows() -> Iterator[DocumentRow]:
        nonlocal read, num_bytes
        for index, row in enumerate(read_documents(argument.ingested)):
            read += 1
            if index in argument.plan.repeated_rows:
                dropped[REPEATED] += 1
                continue
            row = row._replace(doc_id=renamed.get(index, row.doc_id))
            finished = _finish(row, argument.plan, works, titles, citations, named)
            splits[finished.split] += 1
            num_bytes += finished.num_bytes
            yield finished

    wrote = write_documents(argument.documents, rows())
    return Outcome(
        outputs=[argument.documents],
        read=read,
        wrote=wrote,
        dropped=dropped,
        facts={
            "splits": dict(sorted(splits.items())),
            "citations": dict(sorted(citations.items())),
            "citations_named": dict(sorted(named.items())),
            "text_bytes": num_bytes,
        },
    )


def _finish(
    row: DocumentRow,
    plan: PartPlan,
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
    document = Document(
        record_id=row.doc_id,
        text=row.text,
        metadata=metadata,
        citations=named,
    )
    resolved, resolution = resolve(document)
    counts["resolved"] += resolution["resolved"]
    finished: dict[str, Any] = dict(resolved.metadata)
    finished["citations"] = [citation.to_json() for citation in resolved.citations]
    for reason, count in finished.get("citations_unresolved", {}).items():
        counts[reason] += count
    return row._replace(
        split=VALIDATION if row.doc_id in plan.held_out else TRAIN,
        text=resolved.text,
        metadata=metadata_json(finished),
        num_bytes=len(resolved.text.encode("utf-8")),
    )
