"""Fields of a record by dotted paths, as text: `question.choices.text`, `answers.0`.

A segment is a key or, in a list, a position; on a list of objects a key gives the list of their
values. A key that has dots itself is tried first. Nothing is evaluated.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from corpora.text_columns import tidy

#: What data sets write where a value is not known.
_MISSING_TEXTS: Final = frozenset({"", "null", "none", "nan", "n/a", "-1"})
_MAX_DEPTH: Final = 20
_NOWHERE: Final = object()


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


#: One path, or several of which the first that is there counts.
Paths = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Field(BaseModel):
    """One field of a template: where it stands in a record, and how it becomes text.

    `after` and `before` keep the part of a text after the last, or before the first, such mark;
    `without` takes out what stands between two marks (`["<<", ">>"]`); `values` gives words for
    values. The items of a list are joined by `joined_by`, each after its label, where `labels` is
    the path of a list of those (`Methods: ...`), or with `one_of` one of them is drawn by seed.
    `verbatim` keeps the indentation of the first line; with `turns` it is a conversation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Paths
    after: str = ""
    before: str = ""
    without: tuple[str, str] | None = None
    values: dict[str, str] = {}
    labels: Paths = ()
    joined_by: str = "\n"
    one_of: bool = False
    verbatim: bool = False
    turns: bool = False


def _as_field(value: Any) -> Any:
    return value if isinstance(value, dict | Field) else {"path": value}


#: A field, or only its path.
FieldOrPath = Annotated[Field, BeforeValidator(_as_field)]


def found(row: Mapping[str, object], paths: Sequence[str]) -> object:
    """The value at the first path that leads to one; None where none does."""
    for path in paths:
        value = _at(row, path, 0)
        if value is not _NOWHERE and value is not None and value != [] and value != "":
            return value
    return None


def stands(row: Mapping[str, object], paths: Sequence[str]) -> bool:
    """Whether one of the paths leads to a value, be it null or empty."""
    return any(_at(row, path, 0) is not _NOWHERE for path in paths)


def _at(value: object, path: str, depth: int) -> object:
    if not path:
        return value
    if depth > _MAX_DEPTH:
        return _NOWHERE
    if isinstance(value, Mapping):
        if path in value:
            return value[path]
        key, _, rest = path.partition(".")
        return _at(value[key], rest, depth + 1) if rest and key in value else _NOWHERE
    if isinstance(value, list | tuple):
        key, _, rest = path.partition(".")
        if key.isdecimal():
            position = int(key[:9])
            return _at(value[position], rest, depth + 1) if position < len(value) else _NOWHERE
        values = [_at(item, path, depth + 1) for item in value if isinstance(item, Mapping)]
        return [
            inner for inner in values if inner is not _NOWHERE and inner is not None
        ] or _NOWHERE
    return _NOWHERE


def as_text(value: object, cleaned: Counter[str], *, verbatim: bool = False) -> str | None:
    """A value that is text, a number or a truth value as clean text; None for any other.

    >>> as_text(True, Counter()), as_text(2.0, Counter()), as_text({}, Counter())
    ('true', '2.0', None)
    """
    if isinstance(value, str):
        return tidy(value if verbatim else value.strip(), cleaned)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else None
    if isinstance(value, float):
        return repr(value) if value == value else None
    return None


def as_texts(value: object, cleaned: Counter[str], *, verbatim: bool = False) -> list[str]:
    """The texts of a value: itself, or the items of a list, those that are no text left out."""
    items = value if isinstance(value, list | tuple) else [value]
    texts = (as_text(item, cleaned, verbatim=verbatim) for item in items)
    return [text for text in texts if text]


def is_missing(text: str) -> bool:
    """Whether a text says that there is no value."""
    return text.strip().lower() in _MISSING_TEXTS


def field_texts(row: Mapping[str, object], field: Field, cleaned: Counter[str]) -> list[str]:
    """The texts that a field has in a record: none, one, or those of a list."""
    texts = as_texts(found(row, field.path), cleaned, verbatim=field.verbatim)
    if field.after or field.before:
        texts = [part for text in texts if (part := _part(text, field))]
    if field.without:
        texts = [_without(text, *field.without) for text in texts]
    labels = as_texts(found(row, field.labels), cleaned) if field.labels else []
    if labels and len(labels) == len(texts):
        texts = [
            f"{label.capitalize() if label.isupper() else label}: {text}"
            for label, text in zip(labels, texts, strict=True)
        ]
    if field.values:
        words = {key.lower(): word for key, word in field.values.items()}
        texts = [words.get(text.lower(), text) for text in texts]
    return texts


def _without(text: str, start: str, end: str) -> str:
    pieces = text.split(start)
    kept = pieces[:1]
    for piece in pieces[1:]:
        _, mark, after = piece.partition(end)
        kept.append(after if mark else start + piece)
    return "".join(kept)


def _part(text: str, field: Field) -> str:
    if field.after:
        _, mark, text = text.rpartition(field.after)
        if not mark:
            return ""
    if field.before:
        text, _, _ = text.partition(field.before)
    return text.strip()
