"""`galactica read`: documents to standard output, one handler of the time limit for all records."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines import commands


def test_the_time_limit_is_made_ready_once_for_all_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f'{{"text": "Ice {number} floats."}}\n' for number in range(50)) + "not JSON\n"
    (tmp_path / "a.jsonl").write_text(rows)
    made: list[object] = []
    own_signal = signal.signal

    def counting(number: signal.Signals, handler: Any) -> Any:
        if number == signal.SIGALRM:
            made.append(handler)
        return own_signal(number, handler)

    monkeypatch.setattr(signal, "signal", counting)
    found = CliRunner().invoke(commands.program, ["read", "jsonl", str(tmp_path / "a.jsonl")])
    documents = [json.loads(line) for line in found.stdout.splitlines() if line.startswith("{")]
    assert [document["text"] for document in documents] == [
        f"Ice {number} floats." for number in range(50)
    ]
    assert "read 51 = wrote 50 + dropped 1" in found.output
    # Where it stands is said once.
    assert "quarantined: a.jsonl: line 51: not JSON: Expecting value" in found.output
    assert len(made) == 2, "set once, and put back"
