"""One record at a time: its time is limited, and what it gives is checked."""

import signal
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import Document, Format, ReadOptions, Record
from pipelines.reading import NO_RECORD, Refusal, frame_records, read_record, time_limits
from tokenization.markers import reserved_characters


def _records(path: Path, options: ReadOptions) -> Iterator[Record]:
    yield from ()


def _read(record: Record, options: ReadOptions) -> Document:
    if record.payload == "slow":
        until = time.monotonic() + 20
        while time.monotonic() < until:
            pass
    return Document(record.record_id, record.payload)


FORMAT = Format("stub", "texts as they are", lambda path: [path], _records, _read)


def read(payload: str, seconds: int = 1) -> Document | Refusal:
    return read_record(FORMAT, Record("a", "a.txt", payload, 1), ReadOptions(), seconds)


@pytest.mark.parametrize("block", [nullcontext, time_limits])
def test_a_slow_record_is_refused_and_the_next_is_read(block) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with block():
        slow, after = read("slow"), read("fast")
        time.sleep(1.1)
    assert isinstance(slow, Refusal)
    assert (slow.reason, slow.quarantined) == ("took too long", True)
    assert isinstance(after, Document)
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\ud800b", "reader failed"),
        ("a" * 2000 + "\ud800", "reader failed"),
        ("a span \ue000 of nothing\ue001", "reader failed"),
        ("never closed \ue00c" + "A" * 2000, "markers do not pair"),
        (" \n", "empty text"),
    ],
)
def test_what_a_reader_may_not_give_is_refused(text: str, reason: str) -> None:
    refusal = read(text)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason


def test_an_input_without_any_record_has_its_reason(tmp_path: Path) -> None:
    (refusal,) = frame_records(FORMAT, tmp_path / "a.zip", "papers/a.zip", ReadOptions())
    assert isinstance(refusal, Refusal)
    assert (refusal.position, refusal.reason) == ("papers/a.zip", NO_RECORD)
    assert refusal.quarantined


@given(st.text(st.sampled_from("aé\ud800\udfff\udfff\ue000\ue001\ue0ff\ue100\U0001f600")))
def test_reserved_characters_are_those_of_short_and_long_texts(text: str) -> None:
    for whole in (text, text + "b" * 1000):
        found = [c for c in whole if "\ue000" <= c <= "\ue0ff"]
        assert reserved_characters(whole) == "".join(found)
