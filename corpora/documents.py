"""What a reader takes and gives: records, documents, citations, and the two ways to refuse.

A raw format is a `Format`: `find` expands a path into inputs, `records` cuts an input into raw
records (cheaply: no parsing beyond what framing needs), `read` turns one record into a `Document`.
Framing apart from parsing is what lets the build sample, count and quarantine record by record:
an error in `read` costs one record, never the rest of the file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from corpora.settings import Columns

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


#: Why a pipe or a device is refused: opening one may wait for ever.
NOT_A_FILE: Final = "not a file"


class RecordUnreadable(Exception):
    """A record that cannot be read: it goes to quarantine with this reason and detail.

    `reason` is a short phrase from a small set (it is counted); `detail` says what exactly.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        """Keeps reason and detail apart when the error crosses a process."""
        return type(self), (self.reason, self.detail)


class RecordDropped(Exception):
    """A record left out on purpose (a redirect, no licence, an empty text): counted by reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What every reader may depend on besides its input.

    `seed` with the record's id decides every random choice; `latex_markers` false gives the
    paper's form, formulas in their delimiters only. `columns` is the source's, for the formats that
    are tables.
    """

    seed: int = 0
    latex_markers: bool = True
    columns: Columns = field(default_factory=Columns)


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record. `record_id` is unique and stable inside its source; `position` is for people
    (`sample.sdf: record 12`); `num_bytes` is its raw size; `payload` is the format's own."""

    record_id: str
    position: str
    payload: Any
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Citation:
    """What is known of a cited work, and the words to print where no title is ever found.

    `as_written` is readable prose: `Bovy et al. 2012`, or `(Bovy et al. 2012)` where the paper
    prints it in parentheses, or `[12]`.
    """

    as_written: str
    title: str | None = None
    surname: str | None = None
    year: str | None = None
    doi: str | None = None
    pmid: str | None = None
    arxiv: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The entry of `metadata.citations` for this citation."""
        return dict(asdict(self))


@dataclass(frozen=True, slots=True)
class Document:
    """A document in marked text, as a reader gives it.

    The k-th `[START_REF]` span of `text` belongs to the k-th of `citations`. Neighbouring spans of
    one group are joined by exactly `", "`. `metadata` is JSON; `cleaned` counts what
    `tokenization.marked_text.clean` changed.
    """

    record_id: str
    text: str
    metadata: Mapping[str, JSON] = field(default_factory=dict)
    citations: tuple[Citation, ...] = ()
    cleaned: Mapping[str, int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Format:
    """One raw format: the entry of the catalogue `corpora.catalogue.FORMATS`."""

    name: str
    summary: str
    find: Callable[[Path], Iterable[Path]]
    records: Callable[[Path, ReadOptions], Iterator[Record]]
    read: Callable[[Record, ReadOptions], Document]


def find_files(*suffixes: str) -> Callable[[Path], Iterable[Path]]:
    """A `Format.find` that takes a file as it is and a folder as its files of these suffixes."""

    def find(path: Path) -> Iterable[Path]:
        if path.is_dir():
            return sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and file.name.endswith(suffixes) and not file.name.startswith(".")
            )
        return [path]

    return find
