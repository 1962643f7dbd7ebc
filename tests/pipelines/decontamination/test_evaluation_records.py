"""The files of evaluations as records: every format, and what is wrong with one record of it."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.decontamination.evaluation_records import (
    EvaluationRecord,
    find_evaluations,
    read_evaluation,
)
from pipelines.decontamination.settings import EvaluationSettings
from pipelines.inputs import Input
from tests.pipelines.decontamination.small_corpora import lines_of


def read(folder: Path, name: str, content: bytes | str, **options: Any) -> list[EvaluationRecord]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    evaluation = EvaluationSettings(name="quiz", paths=(name,), **options)
    inputs = tuple(
        Input(found.relative_to(folder).as_posix(), found, 1, "")
        for found in find_evaluations(path)
    )
    return list(read_evaluation(inputs, evaluation, folder / "fetched"))


def parquet(rows: list[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def packed(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return file.getvalue()


ROW = {
    "question": {"stem": "What is it?", "choices": [{"text": "a cat", "label": "A"}]},
    "page": "https://example.org/what/is/it",
    "answer": 7,
    "is_new": True,
    "none": None,
    "id": "q-1",
}


def test_all_text_of_a_row_in_order_without_addresses_and_numbers(tmp_path: Path) -> None:
    (record,) = read(tmp_path, "quiz.jsonl", lines_of(ROW))
    assert record == ("quiz.jsonl: line 1", ("What is it?", "a cat", "A", "q-1"), None)


def test_named_fields_and_ids(tmp_path: Path) -> None:
    options = {"fields": ("question.choices", "answer", "page"), "id": "id"}
    (record,) = read(tmp_path, "quiz.jsonl", lines_of(ROW), **options)
    assert record == ("q-1", ("a cat", "A", "7"), None)
    (record,) = read(tmp_path, "quiz.jsonl", lines_of(ROW), id="id")
    assert record.texts == ("What is it?", "a cat", "A")


_TWO = [{"q": "one", "a": "x"}, {"q": "two", "a": "y"}]
_TWO_TEXTS = [("one", "x"), ("two", "y")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("quiz.jsonl", lines_of(*_TWO)),
        ("quiz.json", '[{"q": "one", "a": "x"},\n {"q": "two", "a": "y"}]'),
        ("quiz.csv", 'q,a\none,x\n"two",y\n'),
        ("quiz.tsv", "q\ta\none\tx\ntwo\ty\n"),
        ("quiz.parquet", parquet(_TWO)),
        ("quiz.jsonl.gz", gzip.compress(lines_of(*_TWO).encode())),
        ("quiz.zip", packed(a__quiz_csv="q,a\none,x\n", b__quiz_jsonl=lines_of(_TWO[1]))),
    ],
)
def test_rows_of_every_format(tmp_path: Path, name: str, content: bytes | str) -> None:
    records = read(tmp_path, name, content)
    assert [record.texts for record in records] == _TWO_TEXTS
    assert len({record.name for record in records}) == 2
    assert all(record.name.startswith(name) for record in records)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [("quiz.txt: line 2", "one\ntwo"), ("quiz.txt: line 5", "three")]),
        (
            {"format": "lines"},
            [
                ("quiz.txt: line 2", "one"),
                ("quiz.txt: line 3", "two"),
                ("quiz.txt: line 5", "three"),
            ],
        ),
    ],
)
def test_text_files(tmp_path: Path, options: dict[str, Any], expected: list[Any]) -> None:
    records = read(tmp_path, "quiz.txt", "\none\ntwo\n \nthree\n", **options)
    assert [(record.name, *record.texts) for record in records] == expected


def test_columns_that_a_file_does_not_name(tmp_path: Path) -> None:
    # The form of MMLU: no row of names.
    content = "Where is it?,here,there,A\nWho is it?,me,you,B\n"
    columns = ("question", "A", "B", "answer")
    records = read(tmp_path, "quiz.csv", content, columns=columns, fields=("question", "A", "B"))
    assert [record.texts for record in records] == [
        ("Where is it?", "here", "there"),
        ("Who is it?", "me", "you"),
    ]


def test_a_first_row_that_is_no_row_of_names_is_not_lost(tmp_path: Path) -> None:
    records = read(tmp_path, "quiz.csv", "Where is it?,here,A\nWho is it?,me,B\n")
    assert [record.texts for record in records] == [
        ("Where is it?", "here", "A"),
        ("Who is it?", "me", "B"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "options", "reasons"),
    [
        ("quiz.jsonl", '{"q": "a"}\n{"q": \n', {}, [None, "not JSON"]),
        ("quiz.jsonl", '[1]\n{"q": "b"}\n', {}, ["not a JSON object", None]),
        ("quiz.jsonl", b'{"q": "\xff"}\n{"q": "b"}\n', {}, ["not UTF-8", None]),
        ("quiz.jsonl", '{"q": "a"}\n{"r": "b"}\n', {"fields": ("q",)}, [None, "no such field"]),
        ("quiz.jsonl", "", {}, ["empty file"]),
        ("quiz.csv", "a,b\n1,2,3\n4,5\n", {}, ["more cells than columns", None]),
        ("quiz.parquet", b"PAR1 and no more", {}, ["not a Parquet file"]),
        ("quiz.txt", b"good\n\n\xff\n\nfine\n", {}, [None, "not UTF-8", None]),
        ("quiz.jsonl", "[" * 100_000 + "\n" + '{"q": "b"}\n', {}, ["too deep", None]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_record_with_its_fault(
    tmp_path: Path, name: str, content: bytes | str, options: Any, reasons: list[str | None]
) -> None:
    records = read(tmp_path, name, content, **options)
    found = [record.fault.reason if record.fault else None for record in records]
    assert sorted(found, key=str) == sorted(reasons, key=str)
    assert all(record.name.startswith(name) for record in records)


def test_an_archive_that_breaks_off_gives_what_stands_before(tmp_path: Path) -> None:
    whole = gzip.compress(
        lines_of(*[{"q": f"question number {n}" * 9} for n in range(9000)]).encode()
    )
    records = read(tmp_path, "quiz.jsonl.gz", whole[: len(whole) // 2])
    assert records[0].texts
    assert records[-1].fault is not None
