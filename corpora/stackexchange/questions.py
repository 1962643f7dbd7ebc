"""One thread as a document: the title, `Question:` and its text, `Answer:` and its text."""

import re
from collections import Counter
from typing import Final

from corpora.documents import JSON, Document, ReadOptions, Record, RecordDropped
from corpora.html_markdown import html_to_markdown, inline_markdown
from corpora.mathjax_macros import Macro
from corpora.stackexchange.rows import attributes_of
from corpora.stackexchange.threads import Refused, Thread
from tokenization.marked_text import clean

#: What the site writes into the body of old questions and titles, and no author did.
_NOTICE: Final = re.compile(r"> Possible Duplicate:", re.IGNORECASE)
_TITLE_SUFFIX: Final = re.compile(r"\s*\[(?:closed|duplicate|on hold|migrated)\]\s*$")
#: A block that is no running text: its label stands before it on a line of its own.
_NO_PARAGRAPH: Final = re.compile(r"(?:[#>|]|- |[0-9]{1,9}\. |`{3,}|---$)")


def read_question(record: Record, options: ReadOptions) -> Document:
    """The document of a question. Raises what framing found, `RecordUnreadable` for a broken row
    or HTML nested too deep, and `RecordDropped` for a question or answers without text."""
    payload: Thread | Refused = record.payload
    if isinstance(payload, Refused):
        raise payload.error
    cleaned: Counter[str] = Counter()
    question = attributes_of(payload.question)
    title = _TITLE_SUFFIX.sub("", " ".join(clean(question.get("Title", ""), cleaned).split()))
    # A definition in the question holds for the whole page.
    macros: dict[str, Macro] = {}
    asked = html_to_markdown(question.get("Body", ""), options, cleaned, level=2, macros=macros)
    if asked and _NOTICE.match(asked[0]):
        del asked[0]
    blocks = [f"# {inline_markdown(title, options)}"] if title else []
    blocks += _labelled("Question:", asked)
    answers = [attributes_of(answer) for answer in payload.answers]
    written = [
        html_to_markdown(answer.get("Body", ""), options, cleaned, level=2, macros=macros)
        for answer in answers
    ]
    if not blocks or not any(written):
        raise RecordDropped("no text")
    for answer in written:
        blocks += _labelled("Answer:", answer)
    return Document(
        record_id=record.record_id,
        text="\n\n".join(blocks),
        metadata=_metadata(record, title, question, answers, payload, cleaned),
        cleaned=cleaned,
    )


def _labelled(label: str, blocks: list[str]) -> list[str]:
    if not blocks or _NO_PARAGRAPH.match(blocks[0]):
        return [label, *blocks] if blocks else []
    return [f"{label} {blocks[0]}", *blocks[1:]]


def _metadata(
    record: Record,
    title: str,
    question: dict[str, str],
    answers: list[dict[str, str]],
    thread: Thread,
    cleaned: Counter[str],
) -> dict[str, JSON]:
    def words(text: str) -> str:
        return clean(text, cleaned)

    tags: list[JSON] = [words(tag) for tag in re.findall(r"[^<>|]+", question.get("Tags", ""))]
    licences = [words(post.get("ContentLicense", "")) for post in (question, *answers)]
    licence = ", ".join(dict.fromkeys(filter(None, licences)))
    found: dict[str, JSON] = {
        "title": title,
        "site": words(record.record_id.rsplit("/", 1)[0]),
        "question_id": words(question["Id"]),
        "answer_ids": [words(answer["Id"]) for answer in answers],
        "accepted": thread.accepted,
        "num_answers": thread.total,
        "score": words(question.get("Score", "")),
        "tags": tags,
        "year": words(question.get("CreationDate", ""))[:4],
        "licence": licence,
    }
    return {name: value for name, value in found.items() if value not in ("", [])}
