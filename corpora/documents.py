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
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel, ValidationError

Options = TypeVar("Options", bound=BaseModel)
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
    paper's form, formulas in their delimiters only. `source` holds the source's own options, an
    object of the format's `Format.options`.
    """

    seed: int = 0
    latex_markers: bool = True
    source: BaseModel | None = None

    def own(self, model: type[Options]) -> Options:
        """The source's own options; the defaults of `model` where it gives none."""
        return self.source if isinstance(self.source, model) else model()


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
    """One raw format: an entry of the catalogue.

    `options` is the model of what a source of this format may set for itself (`options:` in a
    recipe); None where there is nothing to set. What is of the type Path has a name that ends in
    `_file` (`corpora.settings.names_file`). `beside` gives the files that an input of this
    format is read with (names beside terms), under the options of its source: a change of one is a
    change of the input.
    """

    name: str
    summary: str
    find: Callable[[Path], Iterable[Path]]
    records: Callable[[Path, ReadOptions], Iterator[Record]]
    read: Callable[[Record, ReadOptions], Document]
    options: type[BaseModel] | None = None
    beside: Callable[[Path, ReadOptions], Iterable[Path]] | None = None

    def source_options(self, given: Mapping[str, JSON], folder: Path) -> BaseModel | None:
        """The options of a source, checked. A file that one names is looked for from `folder`.

        Raises ValueError with the option, the value given and the options possible.
        """
        if self.options is None:
            if given:
                raise ValueError(
                    f"the format {self.name!r} has no options; given: {', '.join(given)}"
                )
            return None
        try:
            options = self.options.model_validate(dict(given))
        except ValidationError as error:
            faults = [_fault(dict(fault)) for fault in error.errors()]
            known = ", ".join(self.options.model_fields)
            raise ValueError(
                f"options of the format {self.name!r}: {'; '.join(faults)} (its options: {known})"
            ) from None
        files = {name: folder / path for name, path in option_files(options).items()}
        for name, path in files.items():
            if not path.is_file():
                raise ValueError(f"options of the format {self.name!r}: {name}: no file {path}")
        return options.model_copy(update=files)


def option_files(options: BaseModel | None) -> dict[str, Path]:
    """The options that name files, which are fields of the type Path."""
    return {name: value for name, value in options or () if isinstance(value, Path)}


def _fault(fault: Mapping[str, Any]) -> str:
    field_name = ".".join(map(str, fault["loc"])) or "options"
    given = "" if fault["type"] == "missing" else f", given {fault['input']!r:.100}"
    return f"{field_name}: {fault['msg']}{given}"


def find_files(*suffixes: str) -> Callable[[Path], Iterable[Path]]:
    """A `Format.find` that takes a file as it is and a folder as its files of these suffixes.

    As in archives (`compressed_streams`), capitals in a suffix do not matter, and what is hidden
    is no data: `.a.xml`, and all below `.git` or `.ipynb_checkpoints`.
    """

    def find(path: Path) -> Iterable[Path]:
        if path.is_dir():
            return sorted(
                file
                for file in path.rglob("*")
                if file.name.lower().endswith(suffixes)
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
                and file.is_file()
            )
        return [path]

    return find
