r"""What one message of a conversation says: text, parts of several kinds, calls of tools.

Dialects: OpenAI's messages (`content` a text or a list of parts; `tool_calls`, `function_call`),
Anthropic's blocks (`text`, `tool_use`, `tool_result`), ChatGPT's export (`parts`), and the values
of ShareGPT. An image is `[IMAGE]`; a call of a tool is a block of JSON with `name` and `arguments`,
as chat templates have it. Whatever else is no text is left out and counted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from corpora.documents import RecordUnreadable
from corpora.fences import fenced
from corpora.text_columns import tidy
from tokenization.wrappers import image

MEDIA_LEFT_OUT: Final = "audio, video and files left out"
REASONING_LEFT_OUT: Final = "hidden reasoning left out"
PARTS_LEFT_OUT: Final = "unknown parts of messages left out"
TEXT_FIELDS: Final = ("content", "value", "text", "full_text", "utterance", "message", "body")
_CALL_FIELDS: Final = ("tool_calls", "function_call", "functions_called")
_CALLERS: Final = frozenset({"function_call", "tool_call", "tool_calls"})
#: Kinds of parts that are not text, by a word in their name.
_KINDS: Final = {
    "image": "image",
    "audio": MEDIA_LEFT_OUT,
    "video": MEDIA_LEFT_OUT,
    "file": MEDIA_LEFT_OUT,
    "document": MEDIA_LEFT_OUT,
    "thinking": REASONING_LEFT_OUT,
    "reasoning": REASONING_LEFT_OUT,
}


@dataclass(slots=True)
class Said:
    """Clean text of one message; `results` are those of tools that stand in it, before the text."""

    text: str = ""
    results: tuple[str, ...] = ()


def said_in(message: Mapping[str, object], where: str, cleaned: Counter[str]) -> Said:
    """What a message says. Raises RecordUnreadable where it has neither text nor calls, or a call
    that does not say what is called."""
    field = next((name for name in TEXT_FIELDS if message.get(name) is not None), None)
    content = message[field] if field else message.get("refusal")
    calls = [call for name in _CALL_FIELDS for call in _calls(message.get(name))]
    if message.get("reasoning_content"):
        cleaned[REASONING_LEFT_OUT] += 1
    if content is None and not calls and not any(name in message for name in _CALL_FIELDS):
        known = ", ".join(map(str, list(message)[:10]))
        raise RecordUnreadable("not a turn", f"{where} has no text; its fields: {known}")
    if not calls and str(message.get("from") or message.get("role")).lower() in _CALLERS:
        # ShareGPT: {"from": "function_call", "value": "{\"name\": ..., \"arguments\": ...}"}
        calls = _calls(content)
    said = Said() if calls and calls == _calls(content) else _of_content(content, where, cleaned)
    written = [written_call(call, where, cleaned) for call in calls]
    said.text = "\n\n".join(filter(None, [said.text, *written]))
    return said


def _calls(value: object) -> list[object]:
    if isinstance(value, str):
        value = parsed(value)
    if isinstance(value, Mapping):
        return [value] if value else []
    return list(value) if isinstance(value, list) else []


def parsed(text: str) -> object:
    """The object or list that a text is in JSON; None for any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _of_content(content: object, where: str, cleaned: Counter[str]) -> Said:
    if content is None:
        return Said()
    if isinstance(content, str):
        return Said(tidy(content.strip(), cleaned))
    if isinstance(content, Mapping):
        parts = content.get("parts")  # ChatGPT's export: {content_type, parts}
        content = parts if isinstance(parts, list) else [content]
    if not isinstance(content, list):
        raise RecordUnreadable("not a turn", f"{where}: its text is {type(content).__name__}")
    texts: list[str] = []
    results: list[str] = []
    for part in content:
        if isinstance(part, Mapping) and part.get("type") in ("tool_result", "tool-result"):
            result = part.get("content", part.get("output"))
            results.append(_of_content(result, where, cleaned).text)
        else:
            texts += _of_part(part, where, cleaned)
    return Said("\n\n".join(filter(None, texts)), tuple(filter(None, results)))


def _of_part(part: object, where: str, cleaned: Counter[str]) -> Iterator[str]:
    if isinstance(part, str):
        yield tidy(part.strip(), cleaned)
        return
    if not isinstance(part, Mapping):
        cleaned[PARTS_LEFT_OUT] += part is not None
        return
    kind = str(part.get("type") or part.get("content_type") or "").lower()
    known = next((what for word, what in _KINDS.items() if word in kind), None)
    text = part.get("text")
    if kind in ("tool_use", "tool-call", "tool_call", "function_call"):
        yield written_call(part, where, cleaned)
    elif known == "image":
        yield image()
    elif known is not None:
        cleaned[known] += 1
    elif isinstance(text, str):
        yield tidy(text.strip(), cleaned)
    elif kind or text is not None:
        cleaned[PARTS_LEFT_OUT] += 1
    else:  # what a tool gave back, as it is
        yield _block(part, where, cleaned)


def written_call(call: object, where: str, cleaned: Counter[str]) -> str:
    """A call of a tool as a block of JSON. Raises RecordUnreadable where nothing is called."""
    function = call.get("function", call) if isinstance(call, Mapping) else None
    if isinstance(function, str) and isinstance(call, Mapping):
        function = {**call, "name": function}
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(name, str) or not name.strip():
        raise RecordUnreadable("a call of a tool cannot be read", where)
    names = ("arguments", "input", "parameters", "args")
    arguments: object = next((function[k] for k in names if function.get(k) is not None), {})
    if isinstance(arguments, str) and (inner := parsed(arguments)) is not None:
        arguments = inner
    return _block({"name": name, "arguments": arguments}, where, cleaned)


def _block(value: object, where: str, cleaned: Counter[str]) -> str:
    try:
        written = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        raise RecordUnreadable("a call of a tool cannot be read", where) from None
    return fenced(tidy(written, cleaned), "json")
