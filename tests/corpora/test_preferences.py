"""Pairs of answers: prompt, chosen and rejected of every dialect."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from corpora.documents import Document, ReadOptions, RecordDropped, RecordUnreadable
from corpora.preferences import FORMAT

QUESTION, GOOD, BAD = "Is glass a liquid?", "No, an amorphous solid.", "Yes."


def said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def read(folder: Path, row: Any) -> Document:
    path = folder / "pairs.jsonl"
    path.write_text(json.dumps(row))
    (record,) = FORMAT.records(path, ReadOptions())
    return FORMAT.read(record, ReadOptions())


ASKED = [said("user", QUESTION)]


@pytest.mark.parametrize(
    "row",
    [
        {"chosen": f"\n\nHuman: {QUESTION}\n\nAssistant: {GOOD}",
         "rejected": f"\n\nHuman: {QUESTION}\n\nAssistant: {BAD}"},
        {"prompt": QUESTION, "chosen": [*ASKED, said("assistant", GOOD)],
         "rejected": [*ASKED, said("assistant", BAD)], "score_chosen": 8.0},
        {"prompt": ASKED, "chosen": [said("assistant", GOOD)],
         "rejected": [said("assistant", BAD)]},
        {"prompt": QUESTION, "chosen": GOOD, "rejected": BAD},
        {"prompt": f"\n\nHuman: {QUESTION}\n\nAssistant:", "chosen": f" {GOOD}",
         "rejected": f" {BAD}"},
        {"question": QUESTION, "response_j": GOOD, "response_k": BAD},
        {"history": QUESTION, "human_ref_A": BAD, "human_ref_B": GOOD, "labels": 0},
        {"history": QUESTION, "human_ref_A": GOOD, "human_ref_B": BAD, "labels": 1},
        {"prompt": QUESTION, "response_0": BAD, "response_1": GOOD, "better_response_id": 1,
         "safer_response_id": 0},
        {"question": {"dataset": "eli5", "id": "x", "full_text": QUESTION}, "answer_0": GOOD,
         "answer_1": BAD, "score_0": 0.5, "score_1": -0.5},
        {"question_id": "x", "model_a": "m", "winner": "model_b",
         "conversation_a": [*ASKED, said("assistant", BAD)],
         "conversation_b": [*ASKED, said("assistant", GOOD)]},
        {"instruction": QUESTION, "models": ["m", "n"], "completions": [
            {"response": BAD, "overall_score": 3.0, "fine-grained_score": 5},
            {"response": GOOD, "overall_score": 8.5}]},
        {"prompt": f"\n\nHuman: {QUESTION}\n\nAssistant: ", "answers": [
            {"answer": BAD, "rank": 3.0}, {"answer": GOOD, "rank": 1.0}]},
    ],
)  # fmt: skip
def test_each_dialect_is_the_same_pair(tmp_path: Path, row: dict[str, Any]) -> None:
    document = read(tmp_path, row)
    assert document.text == f"User: {QUESTION}\n\nAssistant: {GOOD}"
    assert document.metadata["prompt"] == ASKED
    assert document.metadata["chosen"] == [said("assistant", GOOD)]
    assert document.metadata["rejected"] == [said("assistant", BAD)]


def test_conversations_that_part_early_keep_all_turns_after_it(tmp_path: Path) -> None:
    row = {
        "chosen": "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d",
        "rejected": "\n\nHuman: a\n\nAssistant: x\n\nHuman: y\n\nAssistant: z",
    }
    document = read(tmp_path, row)
    assert document.metadata["prompt"] == [said("user", "a")]
    assert [turn["content"] for turn in document.metadata["rejected"]] == ["x", "y", "z"]  # type: ignore[index, union-attr, call-overload]  # JSON


def test_a_system_message_is_of_the_prompt(tmp_path: Path) -> None:
    document = read(tmp_path, {"system": "Be terse.", "question": QUESTION, "chosen": GOOD,
                               "rejected": BAD})  # fmt: skip
    assert document.metadata["prompt"] == [said("system", "Be terse."), *ASKED]
    assert document.text.startswith("System: Be terse.\n\nUser: ")


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"chosen": GOOD}, RecordUnreadable("no pair of answers")),
        ({"prompt": QUESTION, "chosen": GOOD, "rejected": f"{GOOD} "},
         RecordDropped("chosen and rejected are the same")),
        ({"chosen": f"\n\nHuman: {QUESTION}\n\nAssistant: {GOOD}",
          "rejected": f"\n\nHuman: {QUESTION}\n\nAssistant:"}, RecordDropped("an answer is empty")),
        ({"history": QUESTION, "human_ref_A": GOOD, "human_ref_B": BAD, "labels": None},
         RecordUnreadable("no preference")),
        ({"question": QUESTION, "answer_0": GOOD, "answer_1": BAD, "score_0": 0, "score_1": 0},
         RecordDropped("neither answer is preferred")),
        ({"instruction": QUESTION, "completions": [{"response": GOOD, "overall_score": 1}]},
         RecordDropped("neither answer is preferred")),
        ({"conversation_a": GOOD, "conversation_b": BAD, "winner": "tie (bothbad)"},
         RecordDropped("neither answer is preferred")),
        ({"prompt": QUESTION, "chosen": 3, "rejected": BAD},
         RecordUnreadable("not a conversation")),
        ({"prompt": QUESTION, "chosen": GOOD, "rejected": BAD, "split": "test"},
         RecordDropped("not of a train split")),
    ],
)  # fmt: skip
def test_refusals(
    tmp_path: Path, row: dict[str, Any], error: RecordUnreadable | RecordDropped
) -> None:
    with pytest.raises(type(error)) as caught:
        read(tmp_path, row)
    assert caught.value.reason == error.reason


@pytest.mark.realdata
def test_real_pairs() -> None:
    folder = os.environ.get("REALDATA")
    if not folder:
        pytest.skip("REALDATA names no folder of real files")
    (path,) = FORMAT.find(Path(folder) / "dialogue")
    read, dropped = 0, 0
    for record in FORMAT.records(path, ReadOptions()):
        try:
            document = FORMAT.read(record, ReadOptions())
        except RecordDropped:
            dropped += 1
            continue
        raw = json.loads(record.payload)
        read += 1
        last = document.metadata["chosen"][-1]["content"]  # type: ignore[index, call-overload]  # JSON
        assert str(last).split() == raw["chosen"].split()[-len(str(last).split()) :]
    assert (read, dropped) == (199, 1)
