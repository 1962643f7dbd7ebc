"""From rows to threads: every question with its best answers, wherever in the file these are.

One pass over the file notes where each post is (40 bytes a post in memory); then the questions are
gone through in the order of the file, and their answers fetched. A plain file is read again at
these places. A compressed one cannot be: its posts are kept in a temporary file without a name,
compressed row by row, about as large as the input.
"""

import tempfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import numpy as np

from corpora.documents import ReadOptions, Record, RecordDropped, RecordUnreadable
from corpora.seven_zip import BROKEN_7Z
from corpora.stackexchange.dump_files import is_plain, open_dumps
from corpora.stackexchange.rows import Row, attributes_of, cut_rows

#: Answers of a question at most, besides the accepted one.
MOST_ANSWERS: Final = 3

_LARGEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Thread:
    """The payload of a record: the rows of a question and of its answers, the best first.

    `accepted` says that the first is the accepted one; `total` counts all answers in the file.
    """

    question: bytes
    answers: tuple[bytes, ...]
    accepted: bool
    total: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The payload of a row that gives no document: what `read` raises for it."""

    error: RecordUnreadable | RecordDropped


class _Posts:
    """Where the rows of posts are, and their bytes once more."""

    def __init__(self, path: Path) -> None:
        self._plain = is_plain(path)
        # Closed by `close`, or by the collector with the iterator that uses it.
        self._file: IO[bytes] = path.open("rb") if self._plain else tempfile.TemporaryFile()  # noqa: SIM115
        self._end = 0

    def add(self, row: Row) -> tuple[int, int]:
        """Place and length of a row, for `get`."""
        assert row.content is not None
        if self._plain:
            return row.offset, row.length
        packed = zlib.compress(row.content, 1)
        self._file.write(packed)
        self._end += len(packed)
        return self._end - len(packed), len(packed)

    def get(self, offset: int, length: int) -> bytes:
        """The bytes of a row."""
        self._file.seek(offset)
        content = self._file.read(length)
        return content if self._plain else zlib.decompress(content)

    def close(self) -> None:
        """The temporary file vanishes with this."""
        self._file.close()


def _column() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class _Index:
    """Columns of numbers, one entry a post."""

    ids: "array[int]" = field(default_factory=_column)
    #: Of a question its accepted answer, or 0; of an answer its question.
    others: "array[int]" = field(default_factory=_column)
    #: Of a question the number of its row; of an answer its score.
    values: "array[int]" = field(default_factory=_column)
    offsets: "array[int]" = field(default_factory=_column)
    lengths: "array[int]" = field(default_factory=_column)

    def add(self, id_: int, other: int, value: int, place: tuple[int, int]) -> None:
        """One post more."""
        self.ids.append(id_)
        self.others.append(other)
        self.values.append(value)
        self.offsets.append(place[0])
        self.lengths.append(place[1])


@dataclass(frozen=True, slots=True)
class _Source:
    """Names of a dump: what its records are called."""

    site: str
    file_name: str

    def refused(self, number: int, length: int, error: RecordUnreadable | RecordDropped) -> Record:
        """The record of a row that gives no document."""
        position = f"{self.file_name}: row {number}"
        return Record(f"{self.site}/row-{number}", position, Refused(error), length)


def question_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a question; one for each row that gives no document, with its reason.

    Raises `RecordUnreadable`, after what could be read, where the file cannot be read to its end.
    """
    if path.stat().st_size == 0:
        raise RecordUnreadable("empty file")
    for site, chunks in open_dumps(path):
        source = _Source(site, path.name)
        with closing(_Posts(path)) as posts:
            yield from _records_of_dump(source, chunks, posts)


def _records_of_dump(source: _Source, chunks: Iterator[bytes], posts: _Posts) -> Iterator[Record]:
    questions, answers = _Index(), _Index()
    failure: RecordUnreadable | None = None
    try:
        for number, row in enumerate(cut_rows(chunks), start=1):
            try:
                _note(row, number, posts, questions, answers)
            except (RecordUnreadable, RecordDropped) as error:
                yield source.refused(number, row.length, error)
    except RecordUnreadable as error:
        if error.reason == BROKEN_7Z:
            # What came before the damage showed may be garbage already.
            raise
        failure = error
    yield from _joined(source, posts, questions, answers)
    if failure is not None:
        raise failure


def _note(row: Row, number: int, posts: _Posts, questions: _Index, answers: _Index) -> None:
    """Adds a post to its index. Raises for a row that gives no document of its own."""
    fields = attributes_of(row)
    kind = _number(fields, "PostTypeId")
    id_ = _number(fields, "Id")
    if kind == 1:
        if fields.get("ClosedDate"):
            raise RecordDropped("closed question")
        if _number(fields, "Score", 0) < 0:
            raise RecordDropped("question of negative score")
        questions.add(id_, _number(fields, "AcceptedAnswerId", 0), number, posts.add(row))
    elif kind == 2:
        score = _number(fields, "Score", 0)
        parent = _number(fields, "ParentId")
        answers.add(id_, parent, score, posts.add(row) if score >= 0 else (0, 0))
    else:
        raise RecordDropped("neither question nor answer")


def _number(fields: dict[str, str], name: str, default: int | None = None) -> int:
    text = fields.get(name, "").strip()
    if not text and default is not None:
        return default
    try:
        number = int(text) if len(text) < 20 else _LARGEST
    except ValueError:
        number = _LARGEST
    if abs(number) >= _LARGEST:
        raise RecordUnreadable("broken row", f"{name} is {text[:40]!r}, not a number")
    return number


def _joined(source: _Source, posts: _Posts, questions: _Index, answers: _Index) -> Iterator[Record]:
    """The records of the questions that can be read, in the order of the file."""
    ids, accepted = np.array(questions.ids, np.int64), np.array(questions.others, np.int64)
    parents, scores = np.array(answers.others, np.int64), np.array(answers.values, np.int64)
    answer_ids = np.array(answers.ids, np.int64)
    by_id = np.argsort(ids, kind="stable")
    # For each answer whether its question has accepted it.
    found = np.searchsorted(ids[by_id], parents)
    inside = found < len(ids)
    chosen = np.zeros(len(parents), bool)
    if len(ids):
        asked = by_id[np.minimum(found, len(ids) - 1)]
        chosen = inside & (ids[asked] == parents) & (accepted[asked] == answer_ids) & (scores >= 0)
    order = np.lexsort((answer_ids, -scores, ~chosen, parents))
    parents = parents[order]
    seen: set[int] = set()
    for question in range(len(ids)):
        id_, number = int(ids[question]), questions.values[question]
        place = questions.offsets[question], questions.lengths[question]
        if id_ in seen:
            twice = RecordUnreadable("broken row", f"a second question with the Id {id_}")
            yield source.refused(number, place[1], twice)
            continue
        seen.add(id_)
        first, end = np.searchsorted(parents, id_), np.searchsorted(parents, id_, "right")
        best, has_accepted = _best(order[first:end], chosen, scores)
        if not best:
            why = "no answer of positive score" if end > first else "question without an answer"
            yield source.refused(number, place[1], RecordDropped(why))
            continue
        thread = Thread(
            question=posts.get(*place),
            answers=tuple(posts.get(answers.offsets[k], answers.lengths[k]) for k in best),
            accepted=has_accepted,
            total=int(end - first),
        )
        size = len(thread.question) + sum(len(answer) for answer in thread.answers)
        position = f"{source.file_name}: row {number} (Id {id_})"
        yield Record(f"{source.site}/{id_}", position, thread, size)


def _best(
    candidates: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    scores: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> tuple[list[int], bool]:
    """The answers to print, of all in their order, and whether the first is the accepted one."""
    best = [int(answer) for answer in candidates[: MOST_ANSWERS + 1]]
    has_accepted = bool(best) and bool(chosen[best[0]])
    kept = [answer for answer in best if chosen[answer] or scores[answer] > 0]
    return kept[: MOST_ANSWERS + has_accepted], has_accepted
