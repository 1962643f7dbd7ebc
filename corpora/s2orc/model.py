"""A paper as every generation of the schema gives it, before it is written as text."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from corpora.author_year import AuthorYear
from corpora.documents import JSON
from corpora.jats.references import Reference

#: What is counted in `metadata["parts_dropped"]`.
MALFORMED = "malformed"
OUT_OF_RANGE = "out of range"
OVERLAPPING = "overlaps another"
OTHER_TEXT = "its text is not there"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a paragraph that is a citation, a reference to a float or a formula.

    `target` is what it points to; `words` replace what is printed there, where they are known;
    `latex` is a formula's, and `tight` says that the blanks around it are those of the text.
    """

    start: int
    end: int
    kind: Literal["citation", "reference", "formula"]
    target: str | None = None
    words: str | None = None
    latex: str | None = None
    display: bool = False
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph and the section that it is in: its title, and its number where it has one.

    `spans` do not overlap and are in order. A paragraph without text tells of a heading.
    """

    text: str
    section: str = ""
    number: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Float:
    """A figure or table: its caption as it is printed, and a table's cells as HTML."""

    is_table: bool
    caption: str
    html: str = ""


@dataclass(slots=True)
class Paper:
    """Everything that a record says of a paper; strings are as they are in the record."""

    title: str = ""
    authors: list[str] = field(default_factory=list)
    abstract: list[Paragraph] = field(default_factory=list)
    body: list[Paragraph] = field(default_factory=list)
    back: list[Paragraph] = field(default_factory=list)
    floats: dict[str, Float] = field(default_factory=dict)
    works: dict[str, Reference] = field(default_factory=dict)
    named: AuthorYear = field(default_factory=AuthorYear)
    metadata: dict[str, JSON] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)


def string(value: JSON) -> str:
    """A value that should be a string; "" where it is none."""
    return value if isinstance(value, str) else ""


def mapping(value: JSON) -> dict[str, JSON]:
    """A value that should be an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def entries(value: JSON) -> list[JSON]:
    """A value that should be a list; an empty one where it is none."""
    return value if isinstance(value, list) else []


def whole(value: JSON) -> int | None:
    """A whole number, in digits too; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return None


def in_order(spans: list[Span], length: int, dropped: Counter[str]) -> tuple[Span, ...]:
    """The spans that lie in a text of this length and in none before them; the others counted."""
    kept: list[Span] = []
    end = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if not 0 <= span.start < span.end <= length:
            dropped[OUT_OF_RANGE] += 1
        elif span.start < end:
            dropped[OVERLAPPING] += 1
        else:
            kept.append(span)
            end = span.end
    return tuple(kept)
