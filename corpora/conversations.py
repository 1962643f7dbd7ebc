r"""Conversations of every dialect as turns, and turns as a readable transcript.

Dialects: OpenAI's `{messages: [{role, content}]}`, ShareGPT's `{conversations: [{from, value}]}`,
the strings `\n\nHuman: ...\n\nAssistant: ...` of hh-rlhf (Bai et al. 2022, arXiv:2204.05862), and
other lists of turns with a speaker and a text. A transcript is for reading; the turns beside it are
what is true: a line `Assistant:` inside a turn is part of that turn.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from corpora.documents import JSON, RecordUnreadable
from corpora.text_columns import tidy

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
    "ipython": "tool",
}  # fmt: skip
_SPEAKER_FIELDS: Final = ("role", "from", "speaker", "author", "user_type", "name", "id")
_TEXT_FIELDS: Final = ("content", "value", "text", "full_text", "utterance", "message", "body")
_TURN_FIELDS: Final = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns",
                       "utterances", "chat", "items")  # fmt: skip
_HH_MARK: Final = re.compile(r"(?:\A|\n\n)(Human|Assistant): ?")
_BLOCK: Final = re.compile(r"```|~~~|\||#{1,6} |[-*+] |\d{1,3}[.)] ")
#: Longer lists are no conversation of people.
MAX_TURNS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says: clean text. `role` is one of a chat template, or the speaker's own."""

    role: str
    content: str

    def to_json(self) -> dict[str, JSON]:
        """As chat templates and TRL take it."""
        return {"role": self.role, "content": self.content}


def turns_of_row(row: Mapping[str, object], cleaned: Counter[str]) -> list[Turn] | None:
    """The turns of a row that holds a list of them under a known name; None where none does."""
    for name in _TURN_FIELDS:
        value = row.get(name)
        if isinstance(value, list) and value:
            turns = turns_of(value, cleaned)
            system = row.get("system") or row.get("system_prompt")
            if isinstance(system, str) and (said := tidy(system, cleaned)):
                turns = [Turn("system", said), *(t for t in turns if t.role != "system")]
            return turns
    return None


def turns_of(listed: Sequence[object], cleaned: Counter[str]) -> list[Turn]:
    """The turns of a list: objects with a speaker and a text, pairs of them, or plain texts that
    take turns. Turns without a text are left out.

    Raises RecordUnreadable for an item that is none of these.
    """
    if len(listed) > MAX_TURNS:
        raise RecordUnreadable("too many turns", f"{len(listed)}; the limit is {MAX_TURNS}")
    turns: list[Turn] = []
    for number, item in enumerate(listed):
        if isinstance(item, str):
            speaker, said = ("user", "assistant")[number % 2], item
        elif isinstance(item, Mapping):
            speaker, said = _spoken(item, number)
        elif isinstance(item, list) and len(item) == 2 and all(isinstance(v, str) for v in item):
            speaker, said = item
        else:
            raise RecordUnreadable("not a turn", f"turn {number + 1} is {type(item).__name__}")
        content = tidy(said.strip(), cleaned)
        if content:
            turns.append(Turn(role_of(speaker, cleaned), content))
    return turns


def _spoken(item: Mapping[str, object], number: int) -> tuple[str, str]:
    said = next((item[name] for name in _TEXT_FIELDS if item.get(name) is not None), None)
    names = [item.get(field) for field in _SPEAKER_FIELDS]
    speaker = next((name for name in names if isinstance(name, str) and name.strip()), None)
    if isinstance(said, Mapping):  # ChatGPT's export: {content_type, parts}
        said = said.get("parts")
    if isinstance(said, list):  # parts: texts, or {type: text, text}; images are left out
        parts = [part.get("text") if isinstance(part, Mapping) else part for part in said]
        said = "\n\n".join(part for part in parts if isinstance(part, str) and part)
    if said is None and isinstance(item.get("tool_calls"), list):
        said = ""  # a call of a tool, no words
    if not isinstance(said, str):
        known = ", ".join(map(str, list(item)[:10]))
        raise RecordUnreadable("not a turn", f"turn {number + 1} has no text; its fields: {known}")
    return ("user", "assistant")[number % 2] if speaker is None else speaker, said


def role_of(speaker: str, cleaned: Counter[str]) -> str:
    """A speaker's role; a name that is no role is kept, on one line.

    >>> role_of("gpt", Counter()), role_of("0_Wizard", Counter()), role_of("Ada", Counter())
    ('assistant', 'assistant', 'Ada')
    """
    name = re.sub(r"^\d+_", "", " ".join(tidy(speaker, cleaned).split()))
    return ROLES.get(name.lower()) or name or "user"


def turns_of_transcript(text: str, cleaned: Counter[str]) -> list[Turn]:
    r"""The turns of an hh-rlhf string; of those without a text only the last one stays.

    A text without such marks is one turn of nobody known: none are given.

    >>> [turn.role for turn in turns_of_transcript("\n\nHuman: Why?\n\nAssistant: So.", Counter())]
    ['user', 'assistant']
    """
    said = _HH_MARK.split(text.replace("\r\n", "\n"))
    if said[0].strip():
        return []
    turns = []
    for speaker, content in zip(said[1::2], said[2::2], strict=True):
        words = tidy(content.strip(), cleaned)
        turns.append(Turn(role_of(speaker, cleaned), words))
    return [turn for turn in turns[:-1] if turn.content] + turns[-1:]


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
