"""Some documents of each source, chosen by the seed and rendered for the sample browser.

Of a source only some row groups are read, whatever its size, and what the page shows of all
sources together stays under `SAMPLES_BYTES` of HTML.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from pipelines.documents_table import TRAIN, DocumentRow
from pipelines.report.coloured_text import Modality, coloured, kinds, modality
from tokenization.markers import BUILT_IN, Marker, MarkerTable

#: HTML of all samples together, in bytes: the page stays under some 3 MB.
SAMPLES_BYTES: Final = 2_000_000
#: Samples of a source: so many, fewer where there are very many sources.
MOST_SAMPLES: Final = 8
ALL_SAMPLES: Final = 400
#: Characters of a document that are shown at most.
SHOWN_CHARACTERS: Final = 12_000
SHOWN_CITATIONS: Final = 10
#: Bytes of a document that is long enough to say something and short enough to be read.
READABLE_BYTES: Final = (600, 8_000)
#: One row group of each of so many parts is read, and so many of its documents are considered.
PARTS_READ: Final = 3
CANDIDATES: Final = 24


@dataclass(frozen=True, slots=True)
class Sample:
    """A document ready for the page. `hidden_characters` are in `documents/` only."""

    source: str
    category: str
    doc_id: str
    split: str
    opening: str
    num_characters: int
    text: Markup
    hidden_characters: int
    citations: tuple[Markup, ...]
    hidden_citations: int
    modalities: tuple[Modality, ...]


def sample_sources(
    documents: Path, sources: Sequence[str], seed: int, table: MarkerTable = BUILT_IN
) -> dict[str, list[Sample]]:
    """The samples of each source of a run's `documents/`, by its name.

    `table` has the markers of the run's tokenizer. Raises ValueError, naming the file, for a part
    that cannot be read.
    """
    count = max(2, min(MOST_SAMPLES, ALL_SAMPLES // max(1, len(sources))))
    share = SAMPLES_BYTES // max(1, count * len(sources))
    return {
        source: [
            render(row, table, share) for row in choose(documents / source, seed, count, table)
        ]
        for source in sources
    }


def choose(folder: Path, seed: int, count: int, table: MarkerTable = BUILT_IN) -> list[DocumentRow]:
    """`count` documents of a source's folder, fewer where it has fewer.

    Training documents of readable length first; the first has the most kinds of markers of those
    considered, and every further one as many kinds as there are that were not shown yet.
    """
    parts = sorted(folder.glob("part-*.parquet"), key=lambda part: _order(seed, part.name))
    candidates: list[DocumentRow] = []
    parts_read = 0
    for part in parts:
        found = heapq.nsmallest(
            CANDIDATES,
            _some_rows(part, seed),
            key=lambda row: (*_rank(row), _order(seed, row.doc_id)),
        )
        candidates += found
        parts_read += bool(found)
        if parts_read == PARTS_READ:
            break
    candidates.sort(key=lambda row: (*_rank(row), _order(seed, row.doc_id)))
    return _most_varied(candidates, count, table)


def _some_rows(part: Path, seed: int) -> Iterator[DocumentRow]:
    """The rows of one row group of a part, itself chosen by the seed."""
    try:
        with pq.ParquetFile(part) as file:
            groups = [
                number
                for number in range(file.num_row_groups)
                if file.metadata.row_group(number).num_rows
            ]
            if not groups:
                return
            chosen = min(groups, key=lambda number: _order(seed, f"{part.name}/{number}"))
            for batch in file.iter_batches(batch_size=256, row_groups=[chosen]):
                columns = [column.to_pylist() for column in batch.columns]
                yield from map(DocumentRow._make, zip(*columns, strict=True))
    except (pa.ArrowException, OSError, TypeError) as error:
        raise ValueError(f"{part} cannot be read as documents: {error}") from error


def _most_varied(
    candidates: Sequence[DocumentRow], count: int, table: MarkerTable
) -> list[DocumentRow]:
    left = [(row, set(kinds(row.text[:SHOWN_CHARACTERS], table))) for row in candidates]
    chosen: list[DocumentRow] = []
    shown: set[Marker] = set()
    while left and len(chosen) < count:
        # Documents as good as the best that is left, so that a rare marker does not bring in one
        # that is far too long while others can be read.
        best = _rank(left[0][0])
        index = max(
            (number for number, (row, _) in enumerate(left) if _rank(row) == best),
            key=lambda number: (len(left[number][1] - shown), -number),
        )
        row, of_row = left.pop(index)
        chosen.append(row)
        shown |= of_row
    return chosen


def _order(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"report\0{seed}\0{name}".encode(), digest_size=16).digest()


def _rank(row: DocumentRow) -> tuple[bool, int]:
    """Training documents first, then those nearest to a readable length."""
    shortest, longest = READABLE_BYTES
    return row.split != TRAIN, max(shortest - row.num_bytes, row.num_bytes - longest, 0)


def render(
    row: DocumentRow, table: MarkerTable = BUILT_IN, most_bytes: int = SAMPLES_BYTES
) -> Sample:
    """A document's row as HTML of about `most_bytes` at most, cut where it is longer."""
    shown = row.text[:SHOWN_CHARACTERS]
    text = coloured(shown, table)
    while (size := len(text.encode())) > most_bytes and len(shown) > 1:
        # Marked-up text may be many times longer than its characters.
        shown = shown[: max(1, int(len(shown) * most_bytes / size * 0.9))]
        text = coloured(shown, table)
    entries = _citations(row.metadata)
    citations = tuple(_citation(entry, table) for entry in entries[:SHOWN_CITATIONS])
    return Sample(
        source=row.source,
        category=row.category,
        doc_id=row.doc_id[:200],
        split=row.split,
        opening=_opening(row.text, table),
        num_characters=len(row.text),
        text=text,
        hidden_characters=len(row.text) - len(shown),
        citations=citations,
        hidden_citations=len(entries) - len(citations),
        modalities=tuple(dict.fromkeys(modality(kind) for kind in kinds(shown, table))),
    )


def _opening(text: str, table: MarkerTable) -> str:
    """The first words, without markers: what a list of documents shows of each.

    >>> _opening("\\n# The sea\\n\\nIt is \ue007wide\ue008.", BUILT_IN)
    '# The sea · It is wide.'
    >>> _opening("MQIFVKTLTGKTITLEVEPSDTIENVKAKIQ\\n\\n# Ubiquitin of cells", BUILT_IN)
    'MQIFVKTLTGKTITLEVEPSDTIE… · # Ubiquitin of cells'
    """
    beginning = "".join(c for c in text[:2_000] if c not in table.by_code_point)
    lines = (
        " ".join("".join(c if c.isprintable() else " " for c in line).split())
        for line in beginning.split("\n")
    )
    words = ""
    for line in filter(None, lines):
        is_sequence = " " not in line and len(line) > 24
        line = f"{line[:24]}…" if is_sequence else line
        words += f" · {line}" if words else line
        if len(words) >= 24 and not is_sequence:
            break
    return words if len(words) <= 120 else words[:119] + "…"


def _citations(metadata: str) -> Sequence[Mapping[str, Any]]:
    try:
        entries = json.loads(metadata).get("citations", [])
    except (ValueError, AttributeError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)] if entries else []


def _citation(entry: Mapping[str, Any], table: MarkerTable) -> Markup:
    """What is known of a cited work, in the order of a reference list."""
    known = _words(entry, ("title", "surname", "year", "doi", "pmid", "arxiv"))
    text = ", ".join(known) if entry.get("title") else str(entry.get("as_written") or "")
    html = coloured(text[:300], table)
    return html if entry.get("title") else Markup("{} <small>not resolved</small>").format(html)


def _words(entry: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    labels = {"doi": "doi:", "pmid": "PMID ", "arxiv": "arXiv:"}
    return [f"{labels.get(name, '')}{entry[name]}" for name in names if entry.get(name)]
