"""What a part's documents hold of evaluations: what goes of each, and a line for every record hit.

All that is decided of a document follows from the places of n-grams in it, from the records that
hold these n-grams, and from which of them are common.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.decontamination.evaluation_files import EvaluationFiles
from pipelines.decontamination.ngram_search import Hashes, Places
from pipelines.deduplication.paragraphs import marker_kinds, paragraphs_of
from pipelines.documents_table import TRAIN
from pipelines.execution import Outcome
from pipelines.parts import REASON
from tokenization.manifests import atomic_file
from tokenization.markers import MarkerTable, reveal

CONTAMINATED: Final = "text of an evaluation"
_EXCERPT_CHARACTERS: Final = 200
_ROWS: Final = 256
_REMOVALS: Final = pa.schema(
    [
        (REASON, pa.string()),
        ("begins", pa.list_(pa.int64())),
        ("ends", pa.list_(pa.int64())),
    ]
)


class Decontaminated(NamedTuple):
    """What goes of a document: all of it where there is a `reason`, else ranges of characters."""

    reason: str | None
    ranges: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class ContaminationArgument:
    """One part and what was found in it to what goes of it, and the list of what was hit.

    `common` is the file of the n-grams that are phrases, None where all count.
    """

    documents: Path
    overlaps: Path
    common: Path | None
    evaluations: tuple[EvaluationFiles, ...]
    minimum_overlap: float
    common_overlap: float
    whole_documents: bool
    markers: MarkerTable
    removals: Path
    hits: Path


def read_decontaminated(path: Path) -> Iterator[Decontaminated]:
    """What goes of each row of a part, in order, in bounded memory."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=4096):
            for row in batch.to_pylist():
                ranges = list(zip(row["begins"], row["ends"], strict=True))
                yield Decontaminated(row[REASON], ranges)


def remove_contamination(argument: ContaminationArgument) -> Outcome:
    """Write what goes of each row of a part, and one JSON line for each document and record hit.

    Only training documents lose anything; the others are listed.
    """
    overlaps = _Overlaps(argument)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    read = dropped = 0
    for path in (argument.removals, argument.hits):
        path.parent.mkdir(parents=True, exist_ok=True)
    with (
        pq.ParquetFile(argument.documents) as file,
        atomic_file(argument.hits) as hits_file,
        hits_file.open("w", encoding="utf-8") as hits,
        atomic_file(argument.removals) as temporary,
        pq.ParquetWriter(temporary, _REMOVALS, compression="zstd") as writer,
    ):
        for batch in file.iter_batches(
            batch_size=_ROWS, columns=["doc_id", "source", "split", "text"]
        ):
            decided = [Decontaminated(None, [])] * len(batch)
            for row in overlaps.rows_between(read, read + len(batch)):
                index = row - read
                document = {name: batch.column(name)[index].as_py() for name in batch.schema.names}
                found = overlaps.of_row(row)
                if found is None:
                    continue
                decided[index], lines = _decide(document, found, argument, counts)
                hits.writelines(
                    json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines
                )
            dropped += sum(row.reason is not None for row in decided)
            writer.write_batch(_batch(decided))
            read += len(batch)
        if not read:
            writer.write_batch(_batch([]))
    return Outcome(
        outputs=[argument.removals, argument.hits],
        read=read,
        wrote=read - dropped,
        dropped={CONTAMINATED: dropped} if dropped else {},
        facts={
            "evaluations": {name: dict(sorted(c.items())) for name, c in sorted(counts.items())}
        },
    )


def _batch(rows: Sequence[Decontaminated]) -> pa.RecordBatch:
    columns: list[list[Any]] = [
        [row.reason for row in rows],
        [[begin for begin, _ in row.ranges] for row in rows],
        [[end for _, end in row.ranges] for row in rows],
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, _REMOVALS, strict=True)]
    return pa.record_batch(arrays, schema=_REMOVALS)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A record that a document holds text of: its places in the text, ascending, as bytes."""

    evaluation: str
    record: str
    number: int
    num_ngrams: int
    record_ngrams: int
    begins: Places
    ends: Places


@dataclass(frozen=True, slots=True)
class _Found:
    """What one document holds. `places`, for each evaluation: all places of what counts."""

    hits: list[_Hit]
    places: dict[str, tuple[Places, Places]]


class _Overlaps:
    """What was found in a part, and the records that it belongs to."""

    def __init__(self, argument: ContaminationArgument) -> None:
        table = pq.read_table(argument.overlaps)
        self._rows, ngrams, self._begins, self._ends = (
            table[name].to_numpy() for name in ("row", "ngram", "begin", "end")
        )
        self._argument = argument
        known, self._ngrams = np.unique(ngrams, return_inverse=True)
        self._is_common = _is_common(argument.common, known)
        self._records = [_Records(files, known) for files in argument.evaluations]

    def rows_between(self, first: int, end: int) -> list[int]:
        """The rows of a range that hold anything."""
        begin, stop = np.searchsorted(self._rows, (first, end))
        return np.unique(self._rows[begin:stop]).tolist()

    def of_row(self, row: int) -> _Found | None:
        """What counts of what was found in a document; None where nothing does."""
        begin, stop = np.searchsorted(self._rows, (row, row + 1))
        order = np.lexsort((self._ends[begin:stop], self._begins[begin:stop]))
        begins, ends, ngrams = (
            column[begin:stop][order] for column in (self._begins, self._ends, self._ngrams)
        )
        distinct, first_places, inverse = np.unique(ngrams, return_index=True, return_inverse=True)
        hits: list[_Hit] = []
        places: dict[str, tuple[Places, Places]] = {}
        for records in self._records:
            counting = np.zeros(len(distinct), np.bool_)
            for number, chosen in self._records_hit(records, distinct):
                counting[chosen] = True
                at = np.sort(first_places[chosen])
                hits.append(
                    _Hit(
                        records.name,
                        records.names[number],
                        number,
                        len(chosen),
                        int(records.totals[number]),
                        begins[at],
                        ends[at],
                    )
                )
            if counting.any():
                counts = counting[inverse]
                places[records.name] = begins[counts], ends[counts]
        return _Found(hits, places) if hits else None

    def _records_hit(self, records: "_Records", distinct: Places) -> Iterator[tuple[int, Places]]:
        """The records that a document hits, with those of its distinct n-grams that count."""
        which, numbers = records.holding(distinct)
        order = np.lexsort((which, numbers))
        which, numbers = which[order], numbers[order]
        is_common = self._is_common[distinct]
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        for first, end in pairwise([*firsts.tolist(), len(numbers)]):
            number, held = int(numbers[first]), which[first:end]
            total = records.totals[number]
            # One n-gram, were it all of a short record, is a phrase rather than a copy.
            if len(held) == 1 or len(held) < self._argument.common_overlap * total:
                held = held[~is_common[held]]
            if len(held) and len(held) >= self._argument.minimum_overlap * total:
                yield number, held


class _Records:
    """The records of one evaluation that hold the n-grams found in a part."""

    def __init__(self, files: EvaluationFiles, known: Hashes) -> None:
        self.name = files.name
        self._files = files
        table = pq.read_table(files.ngrams, columns=["ngram", "record"])
        hashes = table["ngram"].to_numpy()
        at = np.searchsorted(known, hashes)
        here = np.flatnonzero(np.isin(hashes, known))
        self._numbers = table["record"].to_numpy()[here].astype(np.int64)
        self._firsts = np.searchsorted(at[here], np.arange(len(known) + 1))

    @cached_property
    def _table(self) -> pa.Table:
        return pq.read_table(self._files.records, columns=["record", "ngrams"])

    @cached_property
    def names(self) -> list[str]:
        """The name of each record."""
        return list(self._table["record"].to_pylist())

    @cached_property
    def totals(self) -> Places:
        """How many n-grams each record has."""
        return np.asarray(self._table["ngrams"].to_numpy())

    def holding(self, ngrams: Places) -> tuple[Places, Places]:
        """The records that hold n-grams: for each pair the n-gram's place in the argument, and the
        number of the record."""
        firsts = self._firsts[ngrams]
        counts = self._firsts[ngrams + 1] - firsts
        which = np.repeat(np.arange(len(ngrams)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self._numbers[np.repeat(firsts, counts) + within]


def _is_common(common: Path | None, known: Hashes) -> npt.NDArray[np.bool_]:
    if common is None:
        return np.zeros(len(known), np.bool_)
    return np.isin(known, pq.read_table(common, columns=["ngram"])["ngram"].to_numpy())


def _decide(
    document: dict[str, str],
    found: _Found,
    argument: ContaminationArgument,
    counts: dict[str, Counter[str]],
) -> tuple[Decontaminated, list[dict[str, Any]]]:
    """What goes of a document, and its lines of the list."""
    data = document["text"].encode()
    paragraphs = _Paragraphs(data, argument.markers)
    is_training = document["split"] == TRAIN
    goes = np.zeros(len(paragraphs.begins), np.bool_)
    for name, places in found.places.items():
        touched = paragraphs.touched(*places)
        goes |= touched
        if not is_training:
            counts[name]["held_out_documents"] += 1
            continue
        if argument.whole_documents:
            touched[:] = True
        counts[name]["documents"] += 1
        counts[name]["paragraphs"] += int(touched.sum())
        counts[name]["bytes"] += int((paragraphs.ends - paragraphs.begins)[touched].sum())
    if not is_training:
        decided = Decontaminated(None, [])
        removed = "nothing: held out"
    elif argument.whole_documents or goes.all():
        decided = Decontaminated(CONTAMINATED, [])
        removed = "the document"
    else:
        decided = Decontaminated(None, paragraphs.ranges(goes))
        removed = f"{int(goes.sum())} of {len(goes)} paragraphs"
    lines = [
        {
            "doc_id": document["doc_id"],
            "source": document["source"],
            "split": document["split"],
            "evaluation": hit.evaluation,
            "record": hit.record,
            "record_number": hit.number,
            "ngrams": hit.num_ngrams,
            "record_ngrams": hit.record_ngrams,
            "words": _excerpt(data, hit, argument.markers),
            "removed": removed,
        }
        for hit in found.hits
    ]
    return decided, lines


class _Paragraphs:
    """The paragraphs of a document, as bytes of its text."""

    def __init__(self, data: bytes, markers: MarkerTable) -> None:
        self._text = np.frombuffer(bytearray(data), np.uint8)
        limits = np.array([0], np.int64), np.array([len(data)], np.int64)
        self.begins, self.ends, _ = paragraphs_of(self._text, *limits, marker_kinds(markers))

    def touched(self, begins: Places, ends: Places) -> npt.NDArray[np.bool_]:
        """Which paragraphs hold any of the places."""
        first = np.searchsorted(self.ends, begins, side="right")
        after = np.searchsorted(self.begins, ends, side="left")
        steps = np.zeros(len(self.begins) + 1, np.int64)
        np.add.at(steps, first, 1)
        np.add.at(steps, after, -1)
        return np.cumsum(steps[:-1]) > 0

    def ranges(self, chosen: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Some paragraphs as ranges of characters."""
        before = np.concatenate(([0], np.cumsum((self._text & 0xC0) != 0x80)))
        begins, ends = before[self.begins[chosen]], before[self.ends[chosen]]
        return list(zip(begins.tolist(), ends.tolist(), strict=True))


def _excerpt(data: bytes, hit: _Hit, markers: MarkerTable) -> str:
    """The longest stretch of a document that stands in a record, cut where it is long."""
    reach = np.maximum.accumulate(hit.ends)
    firsts = np.flatnonzero(np.append(True, hit.begins[1:] >= reach[:-1]))
    lasts = np.append(firsts[1:], len(reach)) - 1
    longest = int(np.argmax(reach[lasts] - hit.begins[firsts]))
    begin, end = int(hit.begins[firsts[longest]]), int(reach[lasts[longest]])
    cut = data[begin : min(end, begin + 8 * _EXCERPT_CHARACTERS)].decode("utf-8", "ignore")
    shown = " ".join(reveal(cut, markers).split())
    if len(shown) <= _EXCERPT_CHARACTERS:
        return shown
    return shown[: _EXCERPT_CHARACTERS - 1] + "…"
