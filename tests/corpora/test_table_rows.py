"""Tables of records: JSON lines, lists, objects of objects, CSV and TSV, and their faults."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.documents import RecordUnreadable
from corpora.table_rows import KEY, row_of, row_records

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


def rows(folder: Path, name: str, content: bytes | str) -> list[dict[str, object] | str]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found: list[dict[str, object] | str] = []
    for record in row_records(path):
        try:
            found.append(row_of(record))
        except RecordUnreadable as error:
            found.append(error.reason)
    return found


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", '{"x": "1"}\n\n{"x": "2"}\n'),
        ("a.json", '[{"x": "1"}, {"x": "2"}]'),
        ("a.json", '{"x": "1"}\n{"x": "2"}\n'),
        ("a.csv", '\ufeffx\n1\n\n"2"\n'),
        ("a.tsv", "x\r\n1\r\n2"),
        ("a.CSV.gz", gzip.compress(b"x\n1\n2\n")),
    ],
)
def test_the_dialects_of_a_table(tmp_path: Path, name: str, content: str) -> None:
    assert rows(tmp_path, name, content) == [{"x": "1"}, {"x": "2"}]


@pytest.mark.parametrize("indent", [None, 1])
def test_an_object_of_objects_is_its_objects(tmp_path: Path, indent: int | None) -> None:
    written = {"17": {"q": 'a } \\ " {'}, "é": {"q": {"deep": [{}]}}, "": {}}
    found = rows(tmp_path, "a.json", json.dumps(written, indent=indent))
    assert found == [{KEY: key, **value} for key, value in written.items()]


def test_an_object_of_other_things_is_one_row(tmp_path: Path) -> None:
    written = {"version": "1", "data": [{"a": 1}]}
    assert rows(tmp_path, "a.json", json.dumps(written, indent=1)) == [written]


def test_a_torn_object_of_objects_keeps_the_others(tmp_path: Path) -> None:
    torn = '{"1": {"a": 1}, "2": {"a": }, "3": {"a": 3}, "4": 5, "6": {"b": 2}, "7"'
    assert rows(tmp_path, "a.json", torn) == [
        {KEY: "1", "a": 1},
        "not JSON",
        {KEY: "3", "a": 3},
        "not JSON",
        "not JSON",
        "not JSON",
    ]


def test_a_quote_that_nothing_closes_costs_its_own_line(tmp_path: Path) -> None:
    content = 'name,y\na,"1\n2"\n5" pipe,3\n6" pipe,3\n7" pipe,3\n"b"" c",4\n'
    found = rows(tmp_path, "a.csv", content)
    assert found == [
        {"name": "a", "y": "1\n2"},
        {"name": '5" pipe', "y": "3"},
        {"name": '6" pipe', "y": "3"},
        {"name": '7" pipe', "y": "3"},
        {"name": 'b" c', "y": "4"},
    ]


def test_faults_of_rows(tmp_path: Path) -> None:
    content = b"x,y\n1\n1,2,\n1,2,3\n\xff,2\n5,6\n"
    assert rows(tmp_path, "a.csv", content) == [
        {"x": "1", "y": ""},
        {"x": "1", "y": "2"},
        "more cells than columns",
        "not UTF-8",
        {"x": "5", "y": "6"},
    ]
    assert rows(tmp_path, "b.csv", b"") == ["empty file"]
    assert rows(tmp_path, "c.csv", b"x,y\n") == ["empty file"]
    assert rows(tmp_path, "d.tsv.gz", gzip.compress(b"x\ty\n1\t2\n")[:-6])[-1] != []


def test_parquet_gives_every_column(tmp_path: Path) -> None:
    row = {"question": "Why?", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "n": 3}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    (record,) = row_records(tmp_path / "a.parquet")
    assert row_of(record) == row


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    assert rows(tmp_path, "a.csv", "x,x, y \n1,2,3\n") == [{"x": "1", "x.2": "2", "y": "3"}]


@given(table=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5))
def test_what_csv_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *table])
    found = rows(tmp_path_factory.mktemp("csv"), "a.csv", written.getvalue())
    expected = [{"a": a, "b": b} for a, b in table if a or b]
    assert found == (expected or ["empty file"])
