"""Reader of Reactome: a document a pathway, with its place in the hierarchy and its summary.

Input is a release's folder of tables (`corpora.reactome.tables`), one of them, or an archive.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.reactome.article import Known, pathway_document
from corpora.reactome.tables import (
    Release,
    ancestors,
    files_beside,
    find_releases,
    is_archive,
    leading_file,
    load,
)


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a pathway; its id is the stable identifier.

    Raises RecordDropped for a table that is read with another of its release.
    """
    if not is_archive(path) and leading_file(path.parent) not in (path, None):
        raise RecordDropped("a table that is read with its pathways")
    release = load(path)
    if not release.pathways and not release.faults:
        yield Record(path.name, path.name, RecordUnreadable("no pathways", path.name), 0)
    for position, num_bytes, fault in release.faults:
        yield Record(position, position, fault, num_bytes)
    for pathway in release.pathways.values():
        position = pathway.position or f"{path.name}: {pathway.identifier}"
        known = Known(
            pathway,
            tuple(above.name for above in ancestors(pathway, release) if above.name),
            tuple(_names(pathway.parents[1:], release)),
            tuple(_names(pathway.children, release)),
        )
        yield Record(pathway.identifier, position, known, pathway.num_bytes)


def _names(identifiers: list[str], release: Release) -> Iterator[str]:
    for identifier in dict.fromkeys(identifiers):
        known = release.pathways.get(identifier)
        if known is not None and known.name:
            yield known.name


def read(record: Record, options: ReadOptions) -> Document:
    """One pathway. Raises RecordUnreadable for a line that is none, RecordDropped for a pathway
    that no table names."""
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    assert isinstance(payload, Known)
    if not payload.pathway.name:
        raise RecordDropped("a pathway without a name")
    return pathway_document(record.record_id, payload, options, Counter())


FORMAT: Final = Format(
    name="reactome",
    summary="pathways of Reactome with their hierarchy, summaries and participants",
    find=find_releases,
    records=records,
    read=read,
    beside=files_beside,
)
