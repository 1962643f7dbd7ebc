"""Ingest: raw inputs of one source to documents, every record accounted for."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.catalogue import load_format
from corpora.documents import Document, Format, ReadOptions, Record
from corpora.settings import SourceSettings
from pipelines.documents_table import (
    DocumentRow,
    metadata_json,
    write_documents,
    write_quarantine,
)
from pipelines.execution import Outcome
from pipelines.inputs import Input
from pipelines.reading import Refusal, frame_records, read_record, time_limits
from pipelines.tasks.cut import read_piece
from tokenization.markers import MarkerTable

NOT_SAMPLED = "not in the sample"


@dataclass(frozen=True, slots=True)
class IngestArgument:
    """Inputs of one source, or a piece of one, to a Parquet part and a file of quarantined records.

    `markers` are those of the recipe's tokenizer, `spelt_markers` those of them that the source
    spells.
    """

    source: SourceSettings
    inputs: tuple[Input, ...]
    piece: Path | None
    options: ReadOptions
    seconds_per_record: int
    markers: MarkerTable
    spelt_markers: MarkerTable
    documents: Path
    quarantine: Path


def ingest(argument: IngestArgument) -> Outcome:
    """Read every record of the inputs. Counts: each record is a document or has its reason."""
    reader = load_format(argument.source.format)
    sample = _sample(argument, reader)
    dropped: Counter[str] = Counter()
    quarantined: Counter[str] = Counter()
    cleaned: Counter[str] = Counter()
    refusals: list[Refusal] = []
    read = 0

    def rows() -> Iterator[DocumentRow]:
        nonlocal read
        for entry in _entries(argument, reader):
            read += 1
            if isinstance(entry, Record) and sample is not None and entry.record_id not in sample:
                dropped[NOT_SAMPLED] += 1
                continue
            result = (
                read_record(
                    reader,
                    entry,
                    argument.options,
                    argument.seconds_per_record,
                    markers=argument.markers,
                    spelt_markers=argument.spelt_markers,
                )
                if isinstance(entry, Record)
                else entry
            )
            if isinstance(result, Refusal):
                dropped[result.reason] += 1
                if result.quarantined:
                    quarantined[result.reason] += 1
                    refusals.append(result)
                continue
            cleaned.update(result.cleaned)
            yield _row(argument.source, result)

    with time_limits():
        wrote = write_documents(argument.documents, rows())
    write_quarantine(
        argument.quarantine,
        (
            {
                "source": argument.source.name,
                "position": refusal.position,
                "reason": refusal.reason,
                "detail": refusal.detail[:2000],
            }
            for refusal in refusals
        ),
    )
    return Outcome(
        outputs=[argument.documents, argument.quarantine],
        read=read,
        wrote=wrote,
        dropped=dropped,
        facts={
            "source": argument.source.name,
            "quarantined": dict(sorted(quarantined.items())),
            "cleaned": dict(sorted(cleaned.items())),
        },
    )


def _entries(argument: IngestArgument, reader: Format) -> Iterator[Record | Refusal]:
    if argument.piece is not None:
        yield from read_piece(argument.piece)
    for entry in argument.inputs:
        # One at a time: a store's files are on disk while they are read, and no longer.
        with entry.local(argument.documents.with_suffix(".fetched")) as path:
            yield from frame_records(reader, path, entry.name, argument.options)


def _sample(argument: IngestArgument, reader: Format) -> frozenset[str] | None:
    """The ids of the sampled records, lowest seeded hashes first; None where all are taken."""
    source = argument.source
    if source.sample_documents is None and source.sample_bytes is None:
        return None
    entries = (
        (_order(argument.options.seed, entry.record_id), entry.num_bytes, entry.record_id)
        for entry in _entries(argument, reader)
        if isinstance(entry, Record)
    )
    candidates = (
        sorted(entries)
        if source.sample_bytes is not None or source.sample_documents is None
        # No more are remembered than are wanted: a sample of a hundred million fits in memory.
        else heapq.nsmallest(source.sample_documents, entries)
    )
    chosen: set[str] = set()
    size = 0
    for _, num_bytes, record_id in candidates:
        if source.sample_documents is not None and len(chosen) == source.sample_documents:
            break
        if source.sample_bytes is not None and size + num_bytes > source.sample_bytes:
            continue
        chosen.add(record_id)
        size += num_bytes
    return frozenset(chosen)


def _order(seed: int, record_id: str) -> bytes:
    return hashlib.blake2b(f"sample\0{seed}\0{record_id}".encode(), digest_size=16).digest()


def _row(source: SourceSettings, document: Document) -> DocumentRow:
    metadata: dict[str, Any] = dict(document.metadata)
    metadata["citations"] = [citation.to_json() for citation in document.citations]
    if document.cleaned:
        metadata["cleaned"] = dict(sorted(document.cleaned.items()))
    return DocumentRow(
        doc_id=f"{source.name}/{document.record_id}",
        source=source.name,
        category=source.category,
        split="",
        text=document.text,
        metadata=metadata_json(metadata),
        num_bytes=len(document.text.encode("utf-8")),
    )
