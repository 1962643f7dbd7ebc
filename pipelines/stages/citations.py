"""Citations across the corpus: what every document says of works, gathered, chosen, given back.

Three stages of map tasks over parts and partitions. *Works*: a part gives a row for each key (an
identifier or a title in normal form) and each spelling, cut into partitions by a hash of the key.
*Index*: a partition gathers the rows of all parts and chooses what each key stands for.
*Citations*: a part looks up what its own citations need and keeps the answers, so that its
documents are written anew only where an answer has changed. Memory goes with one partition, or with
one part.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpora.cited_works import Work, best_title, best_work, identifier_keys, title_key, works_of
from corpora.documents import Citation
from pipelines.documents_table import citations_from, read_column
from pipelines.execution import Outcome
from pipelines.parts import REASON, read_verdict
from tokenization.manifests import atomic_file

SAME_WORK = "said of one work"
NOT_FOUND = "in no other document"

_SAID = pa.schema(
    [
        ("key", pa.string()),
        ("title", pa.string()),
        ("surname", pa.string()),
        ("is_own", pa.bool_()),
        ("count", pa.int64()),
    ]
)
_CHOSEN = pa.schema([("key", pa.string()), ("title", pa.string()), ("surname", pa.string())])
_TITLE = "title:"


@dataclass(frozen=True, slots=True)
class WorksArgument:
    """One ingested part to its rows, a row group for each partition.

    Documents that the verdict of the filters drops are passed over.
    """

    ingested: Path
    verdict: Path
    partitions: int
    works: Path


@dataclass(frozen=True, slots=True)
class IndexArgument:
    """A partition of the rows of all parts to what its keys stand for."""

    works: tuple[Path, ...]
    partition: int
    index: Path


@dataclass(frozen=True, slots=True)
class AnswersArgument:
    """One ingested part to what its citations' keys stand for."""

    ingested: Path
    verdict: Path
    index: tuple[Path, ...]
    answers: Path


def partition_of(key: str, partitions: int) -> int:
    """The partition of a key, by a hash that no run or machine changes."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % partitions


def gather_works(argument: WorksArgument) -> Outcome:
    """Write what a part's documents say of works."""
    said: Counter[tuple[str, Work]] = Counter()
    for metadata, citations in _metadata(argument.ingested, argument.verdict):
        said.update(works_of(metadata, citations))
    rows: list[list[tuple[str, str, str | None, bool, int]]] = [
        [] for _ in range(argument.partitions)
    ]
    for (key, work), count in said.items():
        row = (key, work.title, work.surname, work.is_own, count)
        rows[partition_of(key, argument.partitions)].append(row)
    argument.works.parent.mkdir(parents=True, exist_ok=True)
    with (
        atomic_file(argument.works) as temporary,
        pq.ParquetWriter(temporary, _SAID, compression="zstd") as writer,
    ):
        for partition in rows:
            ordered = sorted(partition, key=lambda row: (row[0], row[1], row[2] or "", row[3]))
            writer.write_table(_table(ordered, _SAID))
    total = said.total()
    return Outcome(
        outputs=[argument.works],
        read=total,
        wrote=len(said),
        dropped={SAME_WORK: total - len(said)} if total > len(said) else {},
    )


def choose_works(argument: IndexArgument) -> Outcome:
    """Write what each key of a partition stands for, in the order of the keys."""
    said: dict[str, Counter[Work]] = {}
    read = 0
    for path in argument.works:
        with pq.ParquetFile(path) as file:
            for row in file.read_row_group(argument.partition).to_pylist():
                read += 1
                work = Work(row["title"], row["surname"], row["is_own"])
                said.setdefault(row["key"], Counter())[work] += row["count"]
    chosen: list[tuple[str, str, str | None]] = []
    for key in sorted(said):
        if key.startswith(_TITLE):
            chosen.append((key, best_title(said[key]), None))
        else:
            work = best_work(said[key])
            chosen.append((key, work.title, work.surname))
    argument.index.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(argument.index) as temporary:
        pq.write_table(_table(chosen, _CHOSEN), temporary, compression="zstd")
    dropped = {SAME_WORK: read - len(chosen)} if read > len(chosen) else {}
    return Outcome(outputs=[argument.index], read=read, wrote=len(chosen), dropped=dropped)


def answer_citations(argument: AnswersArgument) -> Outcome:
    """Write what the keys of a part's citations stand for, as JSON: identifiers, then titles."""
    identifiers: set[str] = set()
    titles: set[str] = set()
    for _, citations in _metadata(argument.ingested, argument.verdict):
        for citation in citations:
            identifiers.update(identifier_keys(citation.doi, citation.pmid, citation.arxiv))
            if citation.title and (key := title_key(citation.title)):
                titles.add(key)
    works = _look_up(identifiers, argument.index)
    # An identifier may stand for a title that no citation of the part has.
    titles.update(key for work in works.values() if (key := title_key(work.title)))
    spellings = {key: work.title for key, work in _look_up(titles, argument.index).items()}
    answers = {
        "works": {key: [works[key].title, works[key].surname] for key in sorted(works)},
        "titles": dict(sorted(spellings.items())),
    }
    argument.answers.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(argument.answers) as temporary:
        temporary.write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    asked, answered = len(identifiers) + len(titles), len(works) + len(spellings)
    dropped = {NOT_FOUND: asked - answered} if asked > answered else {}
    return Outcome(outputs=[argument.answers], read=asked, wrote=answered, dropped=dropped)


def read_answers(path: Path) -> tuple[dict[str, Work], dict[str, str]]:
    """What identifiers stand for, and the spelling of titles, as `corpora.cited_works` takes it."""
    answers = json.loads(path.read_text("utf-8"))
    works = {key: Work(title, surname) for key, (title, surname) in answers["works"].items()}
    return works, answers["titles"]


def _look_up(keys: Iterable[str], index: Sequence[Path]) -> dict[str, Work]:
    wanted: dict[int, list[str]] = {}
    for key in keys:
        wanted.setdefault(partition_of(key, len(index)), []).append(key)
    found: dict[str, Work] = {}
    for partition in sorted(wanted):
        table = pq.read_table(index[partition], filters=[("key", "in", wanted[partition])])
        for row in table.to_pylist():
            found[row["key"]] = Work(row["title"], row["surname"])
    return found


def _metadata(
    path: Path, verdict: Path
) -> Iterator[tuple[dict[str, object], tuple[Citation, ...]]]:
    reasons = read_verdict(verdict)[REASON]
    for reason, text in zip(reasons, read_column(path, "metadata"), strict=True):
        if reason is None:
            metadata = json.loads(text)
            yield metadata, citations_from(metadata)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = [[row[index] for row in rows] for index in range(len(schema))]
    return pa.table(
        [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)],
        schema=schema,
    )
