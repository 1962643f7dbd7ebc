r"""Preferences: an answer that was chosen beside one that was rejected, for the later stages.

Dialects: Anthropic's hh-rlhf (`chosen` and `rejected` are whole conversations as strings,
arXiv:2204.05862), UltraFeedback's binarized form and others that TRL reads (`prompt`, and `chosen`
and `rejected` as a text or a list of messages), and pairs with the number of the better one: SHP
(`history`, `human_ref_A`, `human_ref_B`, `labels`), PKU-SafeRLHF (`response_0`, `response_1`,
`better_response_id`), WebGPT (`answer_0`, `answer_1`, scores) and Chatbot Arena (`conversation_a`,
`conversation_b`, `winner`); and several answers that are ranked, of which one that is worse than
the best is drawn by seed: UltraFeedback (`completions`) and Nectar (`answers`). The text is the
chosen conversation; the metadata holds `prompt`, `chosen` and `rejected` as lists of messages:
TRL's conversational preference format.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from corpora.conversations import Turn, transcript, turns_of
from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.marked_transcripts import turns_of_transcript
from corpora.seeded_choices import choice
from corpora.splits import Splits, check_split
from corpora.table_rows import choice_key, find, row_of, row_records
from corpora.text_columns import tidy

_PROMPT_FIELDS: Final = ("prompt", "question", "instruction", "history", "input", "query")
_ANSWER_FIELDS: Final = (
    ("chosen", "rejected"),
    ("chosen_response", "rejected_response"),
    ("response_j", "response_k"),
)
#: Two answers, and the fields that may say which is better.
_NUMBERED: Final = (
    (("human_ref_A", "human_ref_B"), ("labels", "label")),
    (("response_0", "response_1"), ("better_response_id",)),
    (("answer_0", "answer_1"), ("preference", "label")),
    (("conversation_a", "conversation_b"), ("winner",)),
)
#: Answers that are ranked: their list, their text, and what ranks them, 1 where more is better.
_RANKED: Final = (
    ("completions", "response", {"overall_score": 1, "fine-grained_score": 1}),
    ("answers", "answer", {"rank": -1}),
)
#: Whether the first is meant; SHP's 1 is its first, and is turned round.
_SIDES: Final = {"0": True, "1": False, "model_a": True, "model_b": False}
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
    row = _of_ranked(_told_apart(row), options.seed, choice_key(record.record_id))
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


def _told_apart(row: dict[str, object]) -> dict[str, object]:
    """A row whose answers are numbered as one with `chosen` and `rejected`; any other as it is.

    Raises RecordDropped for a tie, RecordUnreadable for what says neither.
    """
    for (first, second), names in _NUMBERED:
        if first not in row or second not in row:
            continue
        said = next((row[name] for name in names if row.get(name) is not None), None)
        one, other = row.get("score_0"), row.get("score_1")
        if said is None and isinstance(one, int | float) and isinstance(other, int | float):
            said = "tie" if one == other else str(int(other > one))
        written = str(said).lower().removesuffix(".0")
        if "tie" in written:
            raise RecordDropped("neither answer is preferred")
        if written not in _SIDES:
            raise RecordUnreadable("no preference", f"{' or '.join(names)} is {written[:40]!r}")
        is_first = _SIDES[written] == (first != "human_ref_A")
        chosen, rejected = (first, second) if is_first else (second, first)
        return {**row, "chosen": row[chosen], "rejected": row[rejected]}
    return row


def _of_ranked(row: dict[str, object], seed: int, key: str) -> dict[str, object]:
    """A row with ranked answers as one with `chosen`, the best, and `rejected`, a worse one.

    Raises RecordDropped where none is better than another.
    """
    for field, text, ranks in _RANKED:
        listed = row.get(field)
        if "chosen" in row or not isinstance(listed, list):
            continue
        ranked = []
        for item in listed:
            if not isinstance(item, Mapping) or not isinstance(item.get(text), str):
                continue
            for name, sign in ranks.items():
                rank = item.get(name)
                if isinstance(rank, int | float) and math.isfinite(rank):
                    ranked.append((sign * rank, item[text]))
                    break
        best = max((rank for rank, _ in ranked), default=0)
        worse = [answer for rank, answer in ranked if rank < best]
        if not worse:
            raise RecordDropped("neither answer is preferred")
        chosen = next(answer for rank, answer in ranked if rank == best)
        rejected = choice(worse, seed, key, "preferences: rejected")
        return {**row, "chosen": chosen, "rejected": rejected}
    return row


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
        value = [{"role": "user", **value}]
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
