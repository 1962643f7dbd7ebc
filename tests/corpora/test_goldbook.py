"""The reader of the IUPAC Gold Book: its exports, definitions with markup, notes and sources."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpora.documents import Document, ReadOptions
from corpora.goldbook import FORMAT, QUESTION_PROBABILITY, question
from corpora.seeded_choices import chance
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

PLAIN, ASKED = (
    ReadOptions(
        seed=next(
            seed
            for seed in range(1000)
            if (chance(seed, "X00001", "goldbook: question") < QUESTION_PROBABILITY) is asked
        )
    )
    for asked in (False, True)
)


def outcomes(path: Path, options: ReadOptions = PLAIN) -> list[Document | Refusal]:
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(folder: Path, export: Any, options: ReadOptions = PLAIN) -> list[str]:
    path = folder / "g.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    return [
        reveal(found.text) if isinstance(found, Document) else found.reason
        for found in outcomes(path, options)
    ]


TERM = {
    "code": "X00001",
    "term": "invertance",
    "definition": "What turns over.",
    "status": "current",
}
TEXT = "# invertance\n\nWhat turns over."
NEW = {"code": "X00001", "title": "invertance"}
SAID = {"text": "What turns over."}
NO_DEFINITION = "a term without a definition"


@pytest.mark.parametrize(
    "export",
    [
        {"title": "Compendium", "entries": {"1": TERM}},
        {"entries": [TERM]},
        [TERM],
        TERM,
        {"terms": {"list": {"X00001": {"title": "invertance", "definition": "What turns over."}}}},
        {"term": NEW | {"definitions": [SAID]}},
        [{"id": "X00001", "title": "invertance", "definitions": ["What turns over."]}],
        {"term": NEW | {"definitions": {"1": SAID}}},
    ],
)  # fmt: skip
def test_exports_of_every_shape(tmp_path: Path, export: Any) -> None:
    assert texts(tmp_path, export) == [TEXT]
    (document,) = outcomes(tmp_path)
    assert isinstance(document, Document)
    assert (document.record_id, document.metadata["name"]) == ("X00001", "invertance")


def test_a_definition_may_be_an_answer(tmp_path: Path) -> None:
    (text,) = texts(tmp_path, TERM, ASKED)
    assert text == ("# invertance\n\nQuestion: What is invertance?\n\nAnswer: What turns over.")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("absorbance", "What is absorbance?"),
        ("aldehydes", "What are aldehydes?"),
        ("chemical kinetics", "What is chemical kinetics?"),
        ("mass", "What is mass?"),
        ("analysis", "What is analysis?"),
        ("gas", "What is gas?"),
        ("isomers", "What are isomers?"),
        ("lens", "What is lens?"),
        ("'A' value", "What is meant by “'A' value” in chemistry?"),
        ("abeo-", "What is meant by “abeo-” in chemistry?"),
    ],
)
def test_questions(name: str, asked: str) -> None:
    assert question(name) == asked


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("p < 0.05 &c", "p < 0.05 &c"),
        ("<i>x</i> &lt; 10<sup>−3</sup>", "x < 10[START_SUP]−3[END_SUP]"),
        (r"The sum \(x + y\).", r"The sum [START_LATEX]\(x + y\)[END_LATEX]."),
        ("See [image: a < b] there", "See [IMAGE] there"),
        ([["One.", "Two."]], "1. One.\n\n2. Two."),
        (["1. One.", "2. Two."], "1. One.\n\n2. Two."),
        ("One.<br><br>Two.", "One.\n\nTwo."),
        ([{"text": "One.", "notes": {"1": "Mark."}}], "One."),
    ],
)
def test_definitions(tmp_path: Path, definition: object, expected: str) -> None:
    assert texts(tmp_path, TERM | {"definition": definition}) == [f"# invertance\n\n{expected}"]


@pytest.mark.parametrize(
    ("source", "line", "title", "doi"),
    [
        ("PAC, 2021, 93, 997. 'Terms (2021)' on page 9 (https://doi.org/10.5555/pac(1)x)",
         "- [START_REF] Terms (2021)[END_REF], PAC, 2021, 93, 997, on page 9",
         "Terms (2021)", "10.5555/pac(1)x"),
        ("PAC, 1994, 66, 1077 (Glossary (IUPAC 1994)) on page 1082",
         "- [START_REF] Glossary (IUPAC 1994)[END_REF], PAC, 1994, 66, 1077, on page 1082",
         "Glossary (IUPAC 1994)", None),
        ("Green Book, 2nd ed., p. 32", "- Green Book, 2nd ed., p. 32", None, None),
    ],
)  # fmt: skip
def test_sources(tmp_path: Path, source: str, line: str, title: str, doi: str) -> None:
    (text,) = texts(tmp_path, TERM | {"sources": [source]})
    assert text == f"{TEXT}\n\n## Sources\n\n{line}"
    (document,) = outcomes(tmp_path)
    assert isinstance(document, Document)
    assert [(work.title, work.doi) for work in document.citations] == ([(title, doi)] * bool(title))


@pytest.mark.parametrize(
    ("export", "reason"),
    [
        ({"terms": {"list": {"X1": {"title": "x", "status": "current"}}}}, NO_DEFINITION),
        ({"entries": {"1": TERM | {"term": None}}}, "no term"),
        ({"entries": {"1": "words"}}, "not a JSON object"),
        ([["words"]], "not a JSON object"),
        ({"entries": {"1": TERM | {"definition": [[[[[[[[[[["deep"]]]]]]]]]]]}}},
         NO_DEFINITION),
    ],
)  # fmt: skip
def test_what_is_no_term(tmp_path: Path, export: Any, reason: str) -> None:
    assert texts(tmp_path, export) == [reason]


def test_what_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "g.json").write_bytes(b"")
    assert [found.reason for found in outcomes(tmp_path) if isinstance(found, Refusal)] == [
        "empty file"
    ]
    (tmp_path / "g.json").write_bytes(b"words")
    assert [found.reason for found in outcomes(tmp_path) if isinstance(found, Refusal)] == [
        "not JSON"
    ]
