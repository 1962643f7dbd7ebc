r"""Preferences: an answer that was chosen beside one that was rejected, for the later stages.

Dialects: Anthropic's hh-rlhf (`chosen` and `rejected` are whole conversations as strings,
arXiv:2204.05862), UltraFeedback's binarized form and others that TRL reads (`prompt`, and `chosen`
and `rejected` as a text or a list of messages), and SHP (`history`, `human_ref_A`, `human_ref_B`,
and `labels`, 1 where A is preferred). The text is the chosen conversation; the metadata holds
`prompt`, `chosen` and `rejected` as lists of messages: TRL's conversational preference format.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from corpora.conversations import Turn, transcript, turns_of, turns_of_transcript
from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.splits import Splits, check_split
from corpora.table_rows import find, row_of, row_records
from corpora.text_columns import tidy

_PROMPT_FIELDS: Final = ("prompt", "question", "instruction", "history", "input", "query")
_ANSWER_FIELDS: Final = (
    ("chosen", "rejected"),
    ("chosen_response", "rejected_response"),
    ("response_j", "response_k"),
)
_KEPT: Final = ("score_chosen", "score_rejected", "score_A", "score_B", "score_ratio", "domain")


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a pair."""
    return row_records(path)


def read(record: Record, options: ReadOptions) -> Document:
    """The chosen conversation as text; metadata `prompt`, `chosen`, `rejected`, as messages.

    Raises RecordUnreadable for what is no pair of answers; RecordDropped for pairs that are the
    same, empty answers and the rows of test splits.
    """
    row = row_of(record)
    check_split(row, record.position, options.own(Splits))
    cleaned: Counter[str] = Counter()
    if "human_ref_A" in row:
        prompt, chosen, rejected = _shp(row, cleaned)
    else:
        prompt, chosen, rejected = _pair(row, cleaned)
    if not (_is_said(chosen) and _is_said(rejected)):
        raise RecordDropped("an answer is empty")
    if chosen == rejected:
        raise RecordDropped("chosen and rejected are the same")
    return Document(
        record.record_id,
        transcript([*prompt, *chosen]),
        {
            "prompt": [turn.to_json() for turn in prompt],
            "chosen": [turn.to_json() for turn in chosen],
            "rejected": [turn.to_json() for turn in rejected],
            **{
                name: value
                for name in _KEPT
                if isinstance(value := row.get(name), int | float) and value == value
            },
        },
        cleaned=cleaned,
    )


def _is_said(answer: list[Turn]) -> bool:
    return bool(answer) and bool(answer[-1].content)


_Pair = tuple[list[Turn], list[Turn], list[Turn]]


def _shp(row: Mapping[str, object], cleaned: Counter[str]) -> _Pair:
    answers = [row.get("human_ref_A"), row.get("human_ref_B")]
    label = row.get("labels", row.get("label"))
    if str(label) not in ("0", "1"):
        raise RecordUnreadable("no preference", f"labels is {label!r}, not 1 (A) or 0 (B)")
    turns = [_answer(answer, cleaned) for answer in answers]
    chosen, rejected = turns if str(label) == "1" else turns[::-1]
    return _conversation(row.get("history"), cleaned), chosen, rejected


def _pair(row: Mapping[str, object], cleaned: Counter[str]) -> _Pair:
    names = next((pair for pair in _ANSWER_FIELDS if all(row.get(name) for name in pair)), None)
    if names is None:
        there = ", ".join(map(str, list(row)[:20]))
        raise RecordUnreadable(
            "no pair of answers", f"no fields 'chosen' and 'rejected'; there are: {there}"
        )
    given = next((row[name] for name in _PROMPT_FIELDS if row.get(name)), None)
    prompt = [turn for turn in _conversation(given, cleaned) if turn.content]
    system = row.get("system")
    if isinstance(system, str) and (said := tidy(system, cleaned)):
        prompt.insert(0, Turn("system", said))
    chosen, rejected = (_answer(row[name], cleaned) for name in names)
    # Whole conversations share their beginning, the prompt.
    shared = 0
    for one, other in zip(chosen[:-1], rejected[:-1], strict=False):
        if one != other:
            break
        shared += 1
    if shared:
        prompt = [turn for turn in prompt if turn.role == "system" and turn not in chosen[:shared]]
        prompt += chosen[:shared]
    return prompt, chosen[shared:], rejected[shared:]


def _answer(value: object, cleaned: Counter[str]) -> list[Turn]:
    if isinstance(value, str):
        turns = turns_of_transcript(value, cleaned)
        words = tidy(value.strip(), cleaned)
        return turns or ([Turn("assistant", words)] if words else [])
    return _conversation(value, cleaned)


def _conversation(value: object, cleaned: Counter[str]) -> list[Turn]:
    if value is None:
        return []
    if isinstance(value, str):
        turns = turns_of_transcript(value, cleaned)
        words = tidy(value.strip(), cleaned)
        return turns or ([Turn("user", words)] if words else [])
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, Sequence):
        return turns_of(value, cleaned)
    raise RecordUnreadable("not a conversation", f"it is {type(value).__name__}")


FORMAT: Final = Format(
    name="preferences",
    summary="Pairs of a chosen and a rejected answer (hh-rlhf, UltraFeedback, SHP, TRL)",
    find=find,
    records=records,
    read=read,
    options=Splits,
)
