"""Plain text as blocks: where it is cut, what is cleaned and counted, what is refused."""

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenization import plain_text
from tokenization.marked_text import RESERVED_REMOVED
from tokenization.plain_text import (
    INVALID_REPLACED,
    LINES_WITHOUT_TEXT,
    ROWS_WITHOUT_TEXT,
    find_text_files,
    read_blocks,
    read_texts,
)


def _read(path: Path) -> tuple[list[str], Counter[str], int]:
    counts: Counter[str] = Counter()
    sizes: list[int] = []
    found = list(read_blocks(path, "text", counts, sizes.append))
    return found, counts, sum(sizes)


def test_blocks_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeff# One\r\nmore\r\n\r\n \t\n  two\n\n\n\nthree".encode())
    found, counts, num_bytes = _read(path)
    assert found == ["# One\nmore", "  two", "three"]
    assert not counts
    assert num_bytes == path.stat().st_size


def test_outside_text_is_cleaned_and_invalid_bytes_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\xffb \xe2\x82 c [START_REF]\n\n\xee\x80\x80x \xed\xa0\x80y")
    found, counts, _ = _read(path)
    assert found[0] == "a\ufffdb \ufffd\ufffd c [START_REF]"
    assert found[1] == "x \ufffd\ufffd\ufffdy"
    assert counts == {INVALID_REPLACED: 6, RESERVED_REMOVED: 1}


def test_json_lines_and_parquet_give_the_blocks_of_their_texts(tmp_path: Path) -> None:
    texts = ["one\n\ntwo", "three \ud800", "水\r\n\r\nfour"]
    lines = [json.dumps({"text": text, "id": 1}) for text in texts]
    lines += ["{broken", "[]", '{"text": 3}', "", '{"other": "x"}', "[" * 100_000]
    jsonl = tmp_path / "a.jsonl"
    jsonl.write_text("\n".join(lines))
    found, counts, num_bytes = _read(jsonl)
    assert found == ["one", "two", "three \ufffd", "水", "four"]
    assert counts == {INVALID_REPLACED: 1, LINES_WITHOUT_TEXT: 5}
    assert num_bytes == jsonl.stat().st_size
    parquet = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["one\n\ntwo", None, "水"]}), parquet)
    assert _read(parquet)[:2] == (["one", "two", "水"], {ROWS_WITHOUT_TEXT: 1})


@given(parts=st.lists(st.text(st.sampled_from("ab \n\r\t水"), max_size=12), max_size=6))
def test_blocks_lose_nothing_but_blank_lines(
    parts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = "\n".join(parts)
    path = tmp_path_factory.mktemp("blocks") / "a.txt"
    path.write_bytes(text.encode())
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = _read(path)[0]
    assert "\n".join(found).split("\n") == [line for line in lines if line.strip()] or not found
    assert all(block.strip() for block in found)


def test_a_block_without_end_is_cut_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "BLOCK_CHARACTERS", 10)
    path = tmp_path / "a.txt"
    path.write_text("水" * 25 + "\n" + "abc\n" * 5)
    found = _read(path)[0]
    assert found == ["水" * 10, "水" * 10, "水" * 5 + "\nabc", "abc\nabc\nabc", "abc"]


def test_files_are_found_once_in_any_order(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", ".hidden.txt", "c.py", "sub/d.txt", ".git/e.txt", "f[1].txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    named = [str(tmp_path), f"{tmp_path}/*.md", f"{tmp_path}/c.py", f"{tmp_path}/f[1].txt"]
    found = find_text_files(named, "text")
    assert [path.name for path in found] == ["a.txt", "b.md", "c.py", "f[1].txt", "d.txt"]
    assert find_text_files(reversed(named), "text") == found


def test_what_is_no_text_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no text file at"):
        find_text_files([f"{tmp_path}/*.txt"], "text")
    with pytest.raises(FileNotFoundError, match="no text file at"):
        find_text_files([str(tmp_path)], "text")
    (tmp_path / "wide.txt").write_bytes("text".encode("utf-16"))
    with pytest.raises(ValueError, match=r"wide\.txt: holds NUL bytes"):
        find_text_files([str(tmp_path)], "text")
    parquet = tmp_path / "a.parquet"
    pq.write_table(pa.table({"body": ["x"], "number": [1]}), parquet)
    for column in ("text", "number"):
        with pytest.raises(ValueError, match=f"no column of text named '{column}'.*body, number"):
            find_text_files([str(parquet)], column)
    parquet.write_bytes(b"no parquet")
    with pytest.raises(ValueError, match="not a Parquet file"):
        find_text_files([str(parquet)], "body")


def test_texts_to_compare_on_are_whole_and_documents_are_revealed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\n\ntwo \ue000")
    counts: Counter[str] = Counter()
    assert list(read_texts(path, "text", counts, lambda _: None)) == ["one\n\ntwo \ue000"]
    parquet = tmp_path / "part.parquet"
    table = pa.table({"doc_id": ["1"], "split": ["train"], "text": ["see \ue000 On\ue001\n\nx"]})
    pq.write_table(table, parquet)
    texts = list(read_texts(parquet, "text", counts, lambda _: None))
    assert texts == ["see [START_REF] On[END_REF]\n\nx"]
