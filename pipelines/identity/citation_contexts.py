"""Citation contexts of a hold-out: the text that stands before a citation, and the work cited.

What citation prediction is measured on (section 5.4): the model is given a context that ends where
a citation begins, and says which work is cited.
"""

import heapq
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from pipelines.execution import Outcome
from pipelines.identity.candidates import seeded_hash
from pipelines.publication.spelling import publish_text
from tokenization.manifests import atomic_file
from tokenization.markers import BUILT_IN, MarkerTable

#: As much as a paragraph or two; it begins at a paragraph where one begins in reach.
CONTEXT_CHARACTERS: Final = 2000
NOT_CHOSEN: Final = "not among the contexts chosen"
_OPENING, _CLOSING = (marker.code_point if marker else "" for marker in BUILT_IN.named("REF"))
_CITATION: Final = re.compile(f"{_OPENING}[^{_CLOSING}]*{_CLOSING}")


@dataclass(frozen=True, slots=True)
class ContextsArgument:
    """The parts of a hold-out's sources to `count` contexts, one JSON object a line."""

    documents: tuple[Path, ...]
    hold_out: str
    count: int
    seed: int
    markers: MarkerTable
    contexts: Path


def choose_contexts(argument: ContextsArgument) -> Outcome:
    """Write the contexts with the lowest seeded hashes, in the order of these.

    Of the citations of one work in a document only the first counts. A line has `doc_id`,
    `context` in bracket spelling up to and with `[START_REF]`, and the `citation`: title, surname,
    year and identifiers.
    """
    read = 0
    # A heap of the largest of those chosen: negated, so that it is the first to go.
    chosen: list[tuple[int, str, int, dict[str, Any]]] = []
    for doc_id, text, metadata in _held_out(argument):
        for number, (begin, citation) in enumerate(_first_citations(text, metadata)):
            read += 1
            order = -seeded_hash("citation context", argument.seed, f"{doc_id}\0{number}")
            if len(chosen) == argument.count and order < chosen[0][0]:
                continue
            line = {
                "doc_id": doc_id,
                "context": publish_text(_before(text, begin), argument.markers),
                "citation": citation,
            }
            heapq.heappush(chosen, (order, doc_id, number, line))
            if len(chosen) > argument.count:
                heapq.heappop(chosen)
    chosen.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
    with atomic_file(argument.contexts) as temporary, temporary.open("w", encoding="utf-8") as out:
        out.writelines(
            json.dumps(entry[3], ensure_ascii=False, sort_keys=True) + "\n" for entry in chosen
        )
    dropped = {NOT_CHOSEN: read - len(chosen)} if read > len(chosen) else {}
    return Outcome(outputs=[argument.contexts], read=read, wrote=len(chosen), dropped=dropped)


def _held_out(argument: ContextsArgument) -> Iterator[tuple[str, str, dict[str, Any]]]:
    columns = ["split", "doc_id", "text", "metadata"]
    for path in argument.documents:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=256, columns=columns):
                splits = batch.column("split").to_pylist()
                for row, split in enumerate(splits):
                    if split == argument.hold_out:
                        values = (batch.column(name)[row].as_py() for name in columns[1:])
                        doc_id, text, metadata = values
                        yield doc_id, text, json.loads(metadata)


def _first_citations(text: str, metadata: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Where the first citation of each work begins, and what is known of the work."""
    seen: set[str] = set()
    citations = metadata.get("citations", [])
    for match, citation in zip(_CITATION.finditer(text), citations, strict=True):
        if match.group() not in seen:
            seen.add(match.group())
            known = {name: value for name, value in citation.items() if name != "as_written"}
            yield match.start(), known


def _before(text: str, begin: int) -> str:
    first = max(0, begin - CONTEXT_CHARACTERS)
    if first:
        paragraph = text.find("\n\n", first, begin)
        word = text.find(" ", first, begin)
        first = paragraph + 2 if paragraph >= 0 else max(word + 1, first)
    return text[first : begin + 1]
