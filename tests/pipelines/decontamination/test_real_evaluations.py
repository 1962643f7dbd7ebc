"""Real benchmarks against real documents: what is theirs is found, and nothing else."""

import os
from pathlib import Path

import pytest

from corpora.catalogue import load_format
from corpora.documents import Document, ReadOptions, Record
from pipelines.reading import frame_records, read_record
from tests.pipelines.decontamination.small_corpora import cleaned

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif("REALDATA" not in os.environ, reason="REALDATA names no folder"),
]


def _texts(name: str, path: Path) -> list[str]:
    reader, options, texts = load_format(name), ReadOptions(), []
    for found in reader.find(path):
        for record in frame_records(reader, found, found.name, options):
            assert isinstance(record, Record)
            document = read_record(reader, record, options, 60)
            if isinstance(document, Document):
                texts.append(document.text)
    return texts


def test_every_problem_is_found_in_its_own_document_and_in_no_other(tmp_path: Path) -> None:
    real = Path(os.environ["REALDATA"])
    problems = real / "prompts" / "gsm8k-train-800.jsonl"
    questions = real / "prompts" / "pubmedqa-150.json"
    texts = _texts("gsm8k", problems)
    others = [text for name in ("jats", "pubmed", "s2orc") for text in _texts(name, real / name)]
    made = cleaned(
        tmp_path,
        {"gsm8k.jsonl": problems.read_bytes(), "pubmedqa.json": questions.read_bytes()},
        [*texts, *others],
        documents_per_part=500,
        options={
            "gsm8k.jsonl": {"fields": ["question"]},
            "pubmedqa.json": {"fields": ["QUESTION"]},
        },
    )
    expected = [(str(n), "gsm8k", f"gsm8k.jsonl: line {n + 1}") for n in range(800)]
    assert made.records() == expected
    assert made.left[800:] == others
    gsm8k, pubmedqa = made.summary
    assert gsm8k["share_found"] == 1.0
    # Eleven questions have fewer than eight words.
    assert (pubmedqa["records_compared"], pubmedqa["records_found"]) == (139, 0)
