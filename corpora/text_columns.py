"""One row of a table as a document: the text of one column, the metadata of others.

For tables that a user has already (JSON lines, Parquet, `datasets`): the text is taken as it is.
Only line ends, blanks at line ends and control characters are tidied, and the reserved characters
of the markers go.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from corpora.documents import (
    JSON,
    Document,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from tokenization.marked_text import clean

CONTROLS_REMOVED: Final = "control characters removed"
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS: Final = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_NAMES_SHOWN: Final = 40
_MAX_DEPTH: Final = 50


class Columns(BaseModel):
    """Which columns of a table make its documents: `text`, and `metadata` kept beside it.

    `id` is a column that tells each row from all others; without one a row is known by its number
    in its file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(min_length=1)] = "text"
    id: Annotated[str, Field(min_length=1)] | None = None
    metadata: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every column that is asked for, once."""
        own = () if self.id is None else (self.id,)
        return tuple(dict.fromkeys((self.text, *own, *self.metadata)))


def missing_column(name: str, setting: str, columns: Iterable[str], place: str) -> RecordUnreadable:
    """The refusal of a table or row without a column: it names those that are there."""
    names = [clean(str(column)) for column in columns]
    more = f", and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    there = ", ".join(names[:_NAMES_SHOWN]) + more if names else "none"
    detail = f"{place}: no column {name!r}; its columns are {there}. Set {setting} in the recipe"
    return RecordUnreadable("missing column", detail)


def require_columns(columns: Columns, names: Iterable[str], place: str) -> None:
    """Raises RecordUnreadable where a table's columns lack one that the source names."""
    there = list(names)
    wanted = [("options.text", columns.text)]
    wanted += [("options.id", columns.id)] if columns.id is not None else []
    wanted += [("options.metadata", name) for name in columns.metadata]
    for setting, name in wanted:
        if name not in there:
            raise missing_column(name, setting, there, place)


def row_document(record: Record, row: Mapping[str, object], columns: Columns) -> Document:
    """The document of one row.

    Raises RecordDropped where the text is null, empty or no string, RecordUnreadable where the
    row has no such column.
    """
    if columns.text not in row:
        raise missing_column(columns.text, "options.text", row, record.position)
    value = row[columns.text]
    if value is None:
        raise RecordDropped("the text is null")
    if not isinstance(value, str):
        raise RecordDropped("the text is not a string")
    cleaned: Counter[str] = Counter()
    text = tidy(value, cleaned)
    if not text:
        raise RecordDropped("the text is empty")
    metadata = {
        clean(name): json_value(row[name], record.position)
        for name in columns.metadata
        if name in row
    }
    return Document(record.record_id, text, metadata, cleaned=cleaned)


def tidy(text: str, cleaned: Counter[str]) -> str:
    r"""Text of others: `\n` line ends, no blanks at line ends, no control characters.

    >>> tidy("one \r\n two\x00\n\n", Counter())
    'one\n two'
    """
    text = _LINE_ENDS.sub("\n", clean(text, cleaned))
    text, removed = _CONTROLS.subn("", text)
    if removed:
        cleaned[CONTROLS_REMOVED] += removed
    if " \n" in text or "\t\n" in text:
        text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return text.rstrip().lstrip("\n")


def row_id(value: object) -> str | None:
    """A row's own id in its column, where it has one: text or a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return " ".join(clean(str(value)).split()) or None


def json_value(value: object, place: str, depth: int = 0) -> JSON:
    """A value of a table as JSON: numbers that JSON lacks, dates and decimals become text.

    Raises RecordUnreadable for what is nested too deeply.
    """
    if depth > _MAX_DEPTH:
        raise RecordUnreadable("too deep", f"{place}: metadata nested deeper than {_MAX_DEPTH}")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {
            clean(str(name)): json_value(inner, place, depth + 1) for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [json_value(inner, place, depth + 1) for inner in value]
    return clean(str(value))
