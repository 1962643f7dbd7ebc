"""A record and its template as one prompt with its answer."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from corpora.conversations import transcript, turns_of
from corpora.documents import (
    JSON,
    Document,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.prompts.choices import chosen
from corpora.prompts.entities import entity_values
from corpora.prompts.fields import Field, as_text, field_texts, found, is_missing
from corpora.prompts.phrasings import Phrasing, render
from corpora.prompts.records import PromptOptions, PromptRecord
from corpora.seeded_choices import choice
from corpora.splits import check_split
from corpora.table_rows import KEY, choice_key

#: The names that data sets give to a record's own name.
_IDS: Final = (
    KEY,
    "id",
    "pubid",
    "qid",
    "question_id",
    "example_id",
    "task_id",
    "paper_id",
    "pmid",
)
#: Fields that hold what is to be learnt: a record without it is left out, not at fault.
_ANSWERS: Final = frozenset({"answer", "summary", "value", "solution", "title"})


def read(record: Record, options: ReadOptions) -> Document:
    """One prompt. Metadata: `template`, `phrasing` (from 0), and the `answer` and the record's own
    `id`, where there is one.

    Raises RecordUnreadable for a record that lacks a field or whose answer is no choice;
    RecordDropped for one without an answer or of a test split.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    item: PromptRecord = record.payload
    if item.held_out:
        raise RecordDropped("not of a train split")
    check_split(item.row, record.position, options.own(PromptOptions))
    cleaned: Counter[str] = Counter()
    key = choice_key(item.row_id)
    values = _values(item, options.seed, key, cleaned)
    fitting = [
        (number, phrasing)
        for number, phrasing in enumerate(item.template.parsed_phrasings())
        if _missing(phrasing, values) is None
    ]
    if not fitting:
        name = _missing(item.template.parsed_phrasings()[0], values) or ""
        if name in _ANSWERS:
            raise RecordDropped("no answer")
        raise RecordUnreadable("field missing", _where(item, name))
    number, phrasing = choice(fitting, options.seed, key, "prompts: phrasing")
    text, citations = render(phrasing, values, options.latex_markers)
    metadata: dict[str, JSON] = {"template": item.name, "phrasing": number}
    if values.get("answer"):
        metadata["answer"] = values["answer"]
    own = as_text(found(item.row, _IDS), cleaned)
    if own:
        metadata["id"] = own
    return Document(record.record_id, text, metadata, citations, cleaned)


def _values(item: PromptRecord, seed: int, key: str, cleaned: Counter[str]) -> dict[str, str]:
    template = item.template
    values = dict(template.constants)
    for name, field in template.fields.items():
        values[name] = _value(item.row, name, field, seed, key, cleaned)
    if template.choices is not None and template.answer is not None:
        picked = chosen(item.row, template.choices, template.answer, item.first, seed, key, cleaned)
        values |= picked.values()
    if template.entities is not None:
        values |= entity_values(item.row, template.entities, cleaned)
    return values


def _value(
    row: Mapping[str, object], name: str, field: Field, seed: int, key: str, cleaned: Counter[str]
) -> str:
    if field.turns:
        value = found(row, field.path)
        return transcript(turns_of(value, cleaned)) if isinstance(value, list) else ""
    texts = field_texts(row, field, cleaned)
    if field.one_of and texts:
        return choice(texts, seed, key, f"prompts: {name}")
    text = field.joined_by.join(texts)
    return "" if name in _ANSWERS and is_missing(text) else text


def _missing(phrasing: Phrasing, values: Mapping[str, str]) -> str | None:
    """The first field that a phrasing needs and a record lacks: what is asked before the answer."""
    lacking = [
        place.field
        for place in phrasing.places()
        if not place.optional and not values.get(place.field)
    ]
    return lacking[0] if lacking else None


def _where(item: PromptRecord, name: str) -> str:
    paths = item.template.fields[name].path if name in item.template.fields else ()
    there = ", ".join(map(str, list(item.row)[:20]))
    return (
        f"template {item.name} wants {name} from {' or '.join(paths) or name}; "
        f"the record has: {there}"
    )
