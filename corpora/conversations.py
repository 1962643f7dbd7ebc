"""Conversations of every dialect as turns, and turns as a readable transcript.

Dialects: OpenAI's `{messages: [{role, content}]}`, ShareGPT's `{conversations: [{from, value}]}`,
other lists of turns with a speaker and a text, and rows with an instruction and its answer. A
transcript is for reading; the turns beside it are what is true: a line `Assistant:` inside a turn
is part of that turn.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from corpora.documents import JSON, RecordUnreadable
from corpora.message_contents import parsed, said_in
from corpora.text_columns import tidy
from tokenization.markers import reveal
from tokenization.wrappers import image

#: The roles of a chat template; whoever else speaks keeps a name of his own.
ROLES: Final = {
    "system": "system", "developer": "system",
    "user": "user", "human": "user", "prompter": "user", "instruction": "user",
    "assistant": "assistant", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant",
    "model": "assistant", "bing": "assistant", "bard": "assistant", "claude": "assistant",
    "ai": "assistant", "agent": "assistant", "response": "assistant",
    # Of Wizard of Wikipedia.
    "apprentice": "user", "wizard": "assistant",
    "tool": "tool", "function": "tool", "function_response": "tool", "observation": "tool",
    "ipython": "tool", "tool_response": "tool", "tool_result": "tool", "environment": "tool",
    # Who calls a tool.
    "function_call": "assistant", "tool_call": "assistant", "tool_calls": "assistant",
}  # fmt: skip
_SPEAKER_FIELDS: Final = ("role", "from", "speaker", "author", "user_type", "name", "id")
_TURN_FIELDS: Final = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns",
                       "utterances", "chat", "items")  # fmt: skip
_ASKING_FIELDS: Final = ("instruction", "prompt", "query", "question", "input")
_MORE_FIELDS: Final = ("input", "context")
_ANSWER_FIELDS: Final = ("output", "completion", "response", "answer")
_BLOCK: Final = re.compile(r"```|~~~|\||#{1,6} |[-*+] |\d{1,3}[.)] ")
#: Longer lists are no conversation of people.
MAX_TURNS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says: clean text, with `[IMAGE]` for images. `role` is one of a chat
    template, or the speaker's own."""

    role: str
    content: str

    def to_json(self) -> dict[str, JSON]:
        """As chat templates and TRL take it, markers in bracket spelling."""
        return {"role": self.role, "content": reveal(self.content)}


def turns_of_row(row: Mapping[str, object], cleaned: Counter[str]) -> list[Turn] | None:
    """The turns of a row that holds a list of them under a known name, be it as JSON in a text;
    None where none does. `<image>` is an image where the row has one."""
    for name in _TURN_FIELDS:
        value = row.get(name)
        listed = parsed(value) if isinstance(value, str) else value
        if isinstance(listed, list) and listed:
            turns = turns_of(listed, cleaned)
            system = row.get("system") or row.get("system_prompt")
            if isinstance(system, str) and (said := tidy(system, cleaned)):
                turns = [Turn("system", said), *(t for t in turns if t.role != "system")]
            if any(row.get(name) for name in ("image", "images")):
                turns = [Turn(t.role, t.content.replace("<image>", image())) for t in turns]
            return turns
    return None


def turns_of_pair(row: Mapping[str, object], cleaned: Counter[str]) -> list[Turn] | None:
    """The turns of a row with an instruction and its answer: Alpaca's `instruction`, `input` and
    `output`, with `system` and a `history` of earlier pairs, and the like; None for any other."""
    asked = next((row[name] for name in _ASKING_FIELDS if row.get(name)), None)
    answered = next((row[name] for name in _ANSWER_FIELDS if row.get(name)), None)
    if asked is None or answered is None:
        return None
    turns: list[Turn] = []
    system = row.get("system") or row.get("system_prompt")
    if isinstance(system, str) and (said := tidy(system.strip(), cleaned)):
        turns.append(Turn("system", said))
    history = row.get("history")
    for pair in history if isinstance(history, list) else ():
        turns += turns_of(pair, cleaned) if isinstance(pair, list) else turns_of([pair], cleaned)
    more = next((row[name] for name in _MORE_FIELDS if row.get(name) and row[name] != asked), None)
    for role, value in (("user", asked), ("assistant", answered)):
        if isinstance(value, list):
            turns += turns_of(value, cleaned)
            continue
        if not isinstance(value, str):
            return None
        words = [value, more] if role == "user" and isinstance(more, str) else [value]
        content = "\n\n".join(part for text in words if (part := tidy(text.strip(), cleaned)))
        turns += [Turn(role, content)] if content else []
    return turns


def turns_of(listed: Sequence[object], cleaned: Counter[str]) -> list[Turn]:
    """The turns of a list: objects with a speaker and a text, pairs of them, or plain texts that
    take turns. Turns without a text are left out; calls of tools are text (`message_contents`).

    Raises RecordUnreadable for an item that is none of these.
    """
    if len(listed) > MAX_TURNS:
        raise RecordUnreadable("too many turns", f"{len(listed)}; the limit is {MAX_TURNS}")
    turns: list[Turn] = []
    for number, item in enumerate(listed):
        speaker = ("user", "assistant")[number % 2]
        results: tuple[str, ...] = ()
        if isinstance(item, str):
            content = tidy(item.strip(), cleaned)
        elif isinstance(item, Mapping):
            said = said_in(item, f"turn {number + 1}", cleaned)
            speaker, content, results = _speaker(item) or speaker, said.text, said.results
        elif isinstance(item, list) and len(item) == 2 and all(isinstance(v, str) for v in item):
            speaker, content = item[0], tidy(item[1].strip(), cleaned)
        else:
            raise RecordUnreadable("not a turn", f"turn {number + 1} is {type(item).__name__}")
        turns += [Turn("tool", result) for result in results]
        if content:
            turns.append(Turn(role_of(speaker, cleaned), content))
    return turns


def _speaker(item: Mapping[str, object]) -> str | None:
    for field in _SPEAKER_FIELDS:
        name = item.get(field)
        if isinstance(name, Mapping):  # ChatGPT's export: {role, name}
            name = name.get("role")
        if isinstance(name, str) and name.strip():
            return name
    return None


def role_of(speaker: str, cleaned: Counter[str]) -> str:
    """A speaker's role; a name that is no role is kept, on one line.

    >>> role_of("gpt", Counter()), role_of("0_Wizard", Counter()), role_of("Ada", Counter())
    ('assistant', 'assistant', 'Ada')
    """
    name = re.sub(r"^\d+_", "", " ".join(tidy(speaker, cleaned).split()))
    return ROLES.get(name.lower()) or name or "user"


def transcript(turns: Sequence[Turn]) -> str:
    """The turns as text, `User: ...` and `Assistant: ...`, a blank line between them.

    >>> print(transcript([Turn("user", "Why is the sky blue?"), Turn("assistant", "It scatters.")]))
    User: Why is the sky blue?
    <BLANKLINE>
    Assistant: It scatters.
    """
    said = []
    for turn in turns:
        # A fence, table, list or heading of Markdown is one at the start of a line only.
        gap = "\n" if _BLOCK.match(turn.content) else " "
        said.append(f"{printed(turn.role)}:{gap}{turn.content}")
    return "\n\n".join(said)


def printed(role: str) -> str:
    """A role or name as it stands at the head of a turn."""
    return role.capitalize() if role in ROLES.values() else role
