r"""Conversations of several turns as readable transcripts, for prompts and for later stages.

Dialects: OpenAI's `{messages: [{role, content}]}`, ShareGPT's `{conversations: [{from, value}]}`,
Wizard of Wikipedia (`{chosen_topic, persona, dialog: [{speaker, text, ...}]}`, arXiv:1811.01241),
OpenAssistant's trees of messages (`{prompt: {text, role, replies: [...]}}`, arXiv:2304.07327) and
the same as a row a message (`message_id`, `parent_id`, those of a tree one after another), rows of
an instruction and its answer (Alpaca's `instruction`, `input`, `output`, and the like), and strings
with marks (`marked_transcripts`). The metadata holds the turns as `messages`, and the `tools` that
could be called.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from corpora.conversations import (
    MAX_TURNS,
    Turn,
    transcript,
    turns_of,
    turns_of_pair,
    turns_of_row,
)
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.json_records import MAX_RECORD_BYTES
from corpora.marked_transcripts import turns_of_marked_text
from corpora.splits import Splits, check_split
from corpora.table_rows import find, row_of, row_records
from corpora.text_columns import json_value, tidy

_STRING_FIELDS: Final = (
    "text", "chat", "conversation", "dialog", "dialogue", "chosen", "prompt"
)  # fmt: skip
_TOPIC_FIELDS: Final = ("chosen_topic", "topic", "title")


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a conversation, or a tree of them; of a table of messages one a tree."""
    waiting: list[tuple[Record, dict[str, object]]] = []
    held = 0
    for record in row_records(path):
        row = _message(record)
        if waiting and (row is None or row["message_tree_id"] != waiting[0][1]["message_tree_id"]):
            yield _tree(waiting)
            waiting, held = [], 0
        # More is no tree; its messages are refused one by one.
        if row is None or len(waiting) == MAX_TURNS or held > MAX_RECORD_BYTES:
            yield record
        else:
            waiting.append((record, row))
            held += record.num_bytes
    if waiting:
        yield _tree(waiting)


def _message(record: Record) -> dict[str, object] | None:
    """The row of a record that is one message of a tree; None for any other record."""
    data = record.payload
    if isinstance(data, bytes) and b'"message_tree_id"' not in data:
        return None
    try:
        row = row_of(record)
    except RecordUnreadable:
        return None
    return row if {"message_tree_id", "message_id", "parent_id", "text"} <= row.keys() else None


def _tree(messages: Sequence[tuple[Record, dict[str, object]]]) -> Record:
    """One record of the messages of a tree, each among the replies of its parent."""
    first = messages[0][0]
    nodes = {str(row["message_id"]): {**row, "replies": []} for _, row in messages}
    root: dict[str, object] | None = None
    for node in nodes.values():
        parent = nodes.get(str(node["parent_id"]))
        if parent is not None and parent is not node:
            cast(list[object], parent["replies"]).append(node)
        elif root is None:
            root = node
    size = sum(record.num_bytes for record, _ in messages)
    payload = {"prompt": root} if root else RecordUnreadable("no conversation", "no first message")
    return Record(first.record_id, first.position, payload, size)


def read(record: Record, options: ReadOptions) -> Document:
    """The transcript of a conversation; of a tree its best-ranked one. Metadata: `messages`.

    Raises RecordUnreadable for a row that holds no conversation; RecordDropped for one with fewer
    than two turns and for the rows of test splits.
    """
    row = row_of(record)
    check_split(row, record.position, options.own(Splits))
    cleaned: Counter[str] = Counter()
    turns = [turn for turn in _turns(row, cleaned) if turn.content]
    if len(turns) < 2:
        raise RecordDropped("fewer than two turns")
    metadata: dict[str, JSON] = {"messages": [turn.to_json() for turn in turns]}
    tools = next((row[name] for name in ("tools", "functions") if row.get(name)), None)
    if tools is not None:
        # What could be called: not said by anybody, but a chat template takes it.
        metadata["tools"] = json_value(tools, record.position)
    heading = ""
    topic = next((row[name] for name in _TOPIC_FIELDS if isinstance(row.get(name), str)), None)
    if isinstance(topic, str) and (title := " ".join(tidy(topic, cleaned).split())):
        metadata["topic"] = title
        heading = f"# {title}\n\n"
    return Document(record.record_id, heading + transcript(turns), metadata, cleaned=cleaned)


def _turns(row: Mapping[str, object], cleaned: Counter[str]) -> list[Turn]:
    tree = row.get("prompt")
    if isinstance(tree, Mapping):
        return turns_of(best_path(tree), cleaned)
    turns = turns_of_row(row, cleaned)
    if turns is None:
        turns = turns_of_pair(row, cleaned)
    if turns is not None:
        return turns
    for name in _STRING_FIELDS:
        value = row.get(name)
        if isinstance(value, str) and (turns := turns_of_marked_text(value, cleaned)):
            system = row.get("system")
            said = tidy(system.strip(), cleaned) if isinstance(system, str) else ""
            return [Turn("system", said.removeprefix("SYSTEM: ")), *turns] if said else turns
    there = ", ".join(map(str, list(row)[:20]))
    raise RecordUnreadable(
        "no conversation",
        f"the fields are: {there}; texts that tell no speakers are for the format jsonl or parquet",
    )


def best_path(root: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The messages of a tree from its root, each time the reply that was ranked best.

    `rank` 0 is the best; replies without one come after, in their order. Deleted messages and
    those that failed their review are passed over. It ends with an answer of the assistant.
    """
    path = [root]
    while len(path) < MAX_TURNS:
        replies = path[-1].get("replies")
        sound = [
            reply
            for reply in (replies if isinstance(replies, list) else ())
            if isinstance(reply, Mapping)
            and not reply.get("deleted")
            and reply.get("review_result") is not False
        ]
        if not sound:
            break
        path.append(min(sound, key=_rank))
    while len(path) > 1 and path[-1].get("role") == "prompter":
        path.pop()
    return path


def _rank(reply: Mapping[str, object]) -> float:
    rank = reply.get("rank")
    return rank if isinstance(rank, int | float) and rank == rank else float("inf")


FORMAT: Final = Format(
    name="dialogue",
    summary="Conversations (OpenAI, ShareGPT, Alpaca, OpenAssistant trees, Wizard of Wikipedia)",
    find=find,
    records=records,
    read=read,
    options=Splits,
)
