"""Cutting S2ORC into raw records, and joining a paper's metadata to its parse.

The release of 2020 keeps them apart: `metadata/metadata_7.jsonl.gz` has a line for every paper,
`pdf_parses/pdf_parses_7.jsonl.gz` one for each that was parsed, in the same order. A shard of
parses is read beside its metadata; the shard of metadata gives what was never parsed, and drops the
others with that reason. Memory: the lines of metadata that wait for their parse, within a bound.
"""

import itertools
import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from corpora.compressed_streams import COMPRESSED_SUFFIXES, stem_of
from corpora.documents import ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.json_records import Piece, file_key, find, pieces, raw_record
from tokenization.marked_text import clean

__all__ = ["find", "records"]

_METADATA: Final = "metadata"
_PARSES: Final = "pdf_parses"
_MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
_MAX_ID_CHARACTERS: Final = 100
# The identifier comes first in every release.
_IDENTIFIER: Final = re.compile(
    rb'\{\s*"(?:paper_id|corpusid|corpus_id|corpusId|paperId)"\s*:\s*("(?:[^"\\]|\\.){1,400}"|\d{1,20})'
)
_HAS_PARSE: Final = re.compile(rb'(?<!\\)"has_pdf_parse"\s*:\s*true')


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a paper. Its id is the paper's, else the file's stem and key with a number."""
    key = file_key(path)
    metadata = _partner(path, _PARSES, _METADATA)
    parses = _partner(path, _METADATA, _PARSES)
    if metadata is not None:
        yield from _joined(path, metadata, key)
        return
    for piece in pieces(path):
        record = raw_record(_record_id(piece, key), piece)
        if parses is not None and _HAS_PARSE.search(piece.data):
            joined = RecordDropped("metadata of a paper in the shard of parses")
            record = replace(record, record_id=f"{record.record_id}#metadata", payload=joined)
        yield record


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The shard of the other kind, where a shard of parses or of metadata has one."""
    found = (_partner(path, _PARSES, _METADATA), _partner(path, _METADATA, _PARSES))
    return [other for other in found if other is not None]


def _partner(path: Path, own: str, other: str) -> Path | None:
    """The shard of the other kind: `pdf_parses/pdf_parses_7.jsonl.gz` for a shard of metadata."""
    if path.parent.name != own:
        return None
    folder = path.parent.parent / other
    stem = stem_of(path.name).replace(own, other)
    for suffix in ("", *COMPRESSED_SUFFIXES):
        candidate = folder / f"{stem}.jsonl{suffix}"
        if candidate.is_file():
            return candidate
    return None


def _joined(path: Path, metadata: Path, key: str) -> Iterator[Record]:
    """Each parse with its metadata; one whose metadata comes too late is read without.

    Metadata whose parse never comes are records of their own: papers with an abstract.
    """
    waiting: OrderedDict[str, Piece] = OrderedDict()
    size = 0
    #: Parses that were read without metadata: a few of a shard in order, at most all of its ids.
    alone: set[str] = set()
    described = (piece for piece in pieces(metadata) if _HAS_PARSE.search(piece.data))
    for piece in pieces(path):
        identifier = _identifier(piece)
        while identifier and identifier not in waiting and size <= _MAX_WAITING_BYTES:
            following = next(described, None)
            if following is None:
                break
            name = _identifier(following)
            if name is None or name in waiting or name in alone:
                yield _apart(following, name, alone)
                continue
            waiting[name] = following
            size += len(following.data)
        # Where the order is another, the oldest lines make room.
        while size > _MAX_WAITING_BYTES and len(waiting) > 1:
            name, oldest = waiting.popitem(last=False)
            size -= len(oldest.data)
            yield _too_far(oldest, name)
        found = waiting.pop(identifier, None) if identifier else None
        record = raw_record(_record_id(piece, key), piece)
        if found is None:
            alone.add(record.record_id)
            yield record
            continue
        size -= len(found.data)
        payload = piece.fault or (found.data, piece.data)
        yield Record(record.record_id, record.position, payload, record.num_bytes + found.num_bytes)
    for left in itertools.chain(waiting.values(), described):
        yield _apart(left, _identifier(left), alone)


def _apart(piece: Piece, name: str | None, alone: set[str]) -> Record:
    """Metadata without a parse, or of a parse that was read without it."""
    if name is not None and name in alone:
        return _too_far(piece, name)
    return raw_record(name or f"{stem_of(piece.stream)}#{piece.number}", piece)


def _too_far(piece: Piece, name: str) -> Record:
    """Metadata that could not wait for their parse: told, so that none is lost uncounted."""
    detail = f"{piece.position}: not within {_MAX_WAITING_BYTES} bytes of metadata"
    fault = RecordUnreadable("metadata far from their parse", detail)
    return Record(f"{name}#{piece.number}", piece.position, fault, piece.num_bytes)


def _record_id(piece: Piece, key: str) -> str:
    return _identifier(piece) or f"{stem_of(piece.stream)}-{key}:{piece.number}"


def _identifier(piece: Piece) -> str | None:
    """The identifier that a record begins with."""
    match = _IDENTIFIER.match(piece.data)
    if match is None:
        return None
    try:
        value = json.loads(match.group(1))
    except ValueError:
        return None
    return " ".join(clean(str(value)).split())[:_MAX_ID_CHARACTERS] or None
