"""Citation contexts of a hold-out."""

import json
from pathlib import Path

from pipelines.documents_table import DocumentRow, write_documents
from pipelines.identity.citation_contexts import (
    CONTEXT_CHARACTERS,
    ContextsArgument,
    choose_contexts,
)
from tokenization.markers import BUILT_IN
from tokenization.wrappers import cite


def _row(number: int, text: str, titles: list[str], split: str = "held") -> DocumentRow:
    citations = [{"as_written": "x", "title": title, "doi": None} for title in titles]
    return DocumentRow(
        f"s/{number}", "s", "papers", split, text, json.dumps({"citations": citations}), 1
    )


def _choose(folder: Path, rows: list[DocumentRow], count: int) -> list[dict[str, object]]:
    documents = folder / "documents.parquet"
    write_documents(documents, rows)
    contexts = folder / "contexts.jsonl"
    argument = ContextsArgument((documents,), "held", count, 1, BUILT_IN, contexts)
    outcome = choose_contexts(argument)
    assert outcome.read == outcome.wrote + sum(outcome.dropped.values())
    return [json.loads(line) for line in contexts.read_text("utf-8").splitlines()]


def test_a_context_ends_where_the_citation_begins(tmp_path: Path) -> None:
    one, two = cite("On A", "Name"), cite("On B", "Other")
    text = f"It is known {one} that [START_REF] is a marker, {two}, and again {one}."
    rows = [
        _row(1, text, ["On A", "On B", "On A"]),
        _row(2, text, ["On A", "On B", "On A"], "train"),
    ]
    found = sorted(_choose(tmp_path, rows, 10), key=lambda line: len(str(line["context"])))
    assert [line["context"] for line in found] == [
        "It is known [START_REF]",
        "It is known [START_REF] On A, Name[END_REF] that [\u200bSTART_REF] is a marker, "
        "[START_REF]",
    ]
    assert [line["citation"] for line in found] == [
        {"title": "On A", "doi": None},
        {"title": "On B", "doi": None},
    ]
    assert {line["doc_id"] for line in found} == {"s/1"}


def test_as_many_as_asked_for_and_the_same_whatever_stands_beside(tmp_path: Path) -> None:
    rows = [_row(n, f"Paper {n} cites {cite(f'On {n}', 'N')}.", [f"On {n}"]) for n in range(50)]
    few = _choose(tmp_path, rows, 7)
    assert len(few) == 7
    assert _choose(tmp_path, rows[::-1], 7) == few
    assert _choose(tmp_path, rows, 50)[:7] == few


def test_a_long_context_begins_at_a_paragraph_or_a_word(tmp_path: Path) -> None:
    words = "word " * 1000
    texts = [f"{words}{cite('On A', 'N')}", f"{words}\n\nNear {cite('On A', 'N')}"]
    rows = [_row(n, text, ["On A"]) for n, text in enumerate(texts)]
    found = {line["doc_id"]: str(line["context"]) for line in _choose(tmp_path, rows, 2)}
    assert found["s/0"].startswith("word word")
    assert len(found["s/0"]) <= CONTEXT_CHARACTERS + len("[START_REF]")
    assert found["s/1"] == "Near [START_REF]"
