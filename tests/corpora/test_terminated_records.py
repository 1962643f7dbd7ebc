"""Cutting files at terminator lines: every byte belongs to one record, in bounded memory."""

import gzip
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.documents import RecordUnreadable
from corpora.terminated_records import MAX_LINE_BYTES, MAX_RECORD_BYTES, RawRecord, cut, cut_lines


def cut_bytes(raw: bytes, folder: Path) -> list[RawRecord]:
    path = folder / "file"
    path.write_bytes(raw)
    return list(cut(path, b"$$$$"))


@settings(deadline=None)
@given(parts=st.lists(st.binary(max_size=40), max_size=6), end=st.sampled_from([b"\n", b"\r\n"]))
def test_every_byte_belongs_to_one_record(
    parts: list[bytes], end: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = b"".join(part + b"\n$$$$" + end for part in parts)
    records = cut_bytes(b"x" + raw, tmp_path_factory.mktemp("cut"))
    assert sum(record.num_bytes for record in records) == len(raw) + 1 or not parts
    if parts:
        assert [r.number for r in records] == list(range(1, len(records) + 1))
        assert all(r.fault is None for r in records)


def test_a_terminator_counts_only_as_a_whole_line(tmp_path: Path) -> None:
    records = cut_bytes(b"a $$$$\n$$$$ b\n$$$$  \nc\n$$$$\n\n", tmp_path)
    assert [r.data for r in records] == [b"a $$$$\n$$$$ b\n", b"c\n"]


def test_the_rest_after_the_last_terminator_is_a_record_with_a_fault(tmp_path: Path) -> None:
    first, rest = cut_bytes(b"a\n$$$$\nb\n$$$", tmp_path)
    assert first.fault is None
    assert rest.fault is not None
    assert rest.fault[0] == "record not terminated"


def test_memory_is_bounded_by_one_record(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as stream:
        stream.write(b"good\n$$$$\n")
        for _ in range(4 * MAX_RECORD_BYTES // (1 << 20)):
            stream.write(b"x" * (1 << 20))
        stream.write(b"\n$$$$\nlast\n$$$$\n")
    tracemalloc.start()
    records = [(r.number, r.num_bytes, r.fault) for r in cut(path, b"$$$$")]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * MAX_RECORD_BYTES
    assert [fault and fault[0] for _, _, fault in records] == [None, "record too large", None]
    assert sum(size for _, size, _ in records) == path.stat().st_size


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_gzip_stream_keeps_what_came_before(damage: str, tmp_path: Path) -> None:
    whole = b"".join(f"{n} {n * 7919 % 1000003}\n$$$$\n".encode() for n in range(200_000))
    packed = bytearray(gzip.compress(whole))
    middle = len(packed) // 2
    if damage == "cut":
        del packed[middle:]
    else:
        packed[middle : middle + 40] = b"\xff" * 40
    records = cut_bytes(bytes(packed), tmp_path)
    assert len(records) > 100
    assert all(r.fault is None for r in records[:-1])
    assert records[-1].fault is not None
    assert records[-1].fault[0] == "damaged compressed stream"


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a\x00b"])
def test_bytes_that_are_no_text_are_refused(raw: bytes) -> None:
    with pytest.raises(RecordUnreadable, match="not text"):
        RawRecord(raw, 1, len(raw)).text(Counter())


def test_names_in_windows_1252_are_text() -> None:
    raw = "Name: Kekul\u00e9 and others of his time\r\n".encode("cp1252")
    assert RawRecord(raw, 1, len(raw)).text(Counter()) == (
        "Name: Kekul\u00e9 and others of his time\n"
    )


def test_members_of_an_archive_are_cut_each(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.sdf", "1\n$$$$\n2\n$$$$")
        archive.writestr("b.sdf.gz", gzip.compress(b"3\n$$$$\n"))
        archive.writestr("c.txt", "4\n$$$$\n")
    found = [(r.stream, r.number, r.data) for r in cut(tmp_path / "all.zip", b"$$$$", ".sdf")]
    assert found == [
        ("all.zip/a.sdf", 1, b"1\n"),
        ("all.zip/a.sdf", 2, b"2\n"),
        ("all.zip/b.sdf.gz", 1, b"3\n"),
    ]


def test_records_past_the_limit_cost_themselves(tmp_path: Path) -> None:
    big = b"y\n" * (MAX_RECORD_BYTES // 2 + 10)
    line = b"x" * (MAX_RECORD_BYTES + 5) + b"$$$$"
    records = cut_bytes(big + b"$$$$\n" + line + b"\n$$$$\nlast\n$$$$\n" + big, tmp_path)
    assert [r.fault and r.fault[0] for r in records] == [
        "record too large", "record too large", None, "record too large",
    ]  # fmt: skip
    assert [r.num_bytes for r in records] == [len(big) + 5, len(line) + 6, 10, len(big)]


def test_lines_are_records_and_a_line_past_the_limit_has_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_bytes(b"a\tb\r\n\n" + b"x" * 10_000_000 + b"\nlast")
    lines = list(cut_lines(path))
    assert [(r.number, r.fault is None) for r in lines] == [(1, True), (3, False), (4, True)]
    assert [lines[0].data, lines[2].data] == [b"a\tb", b"last"]
    assert lines[1].num_bytes == 10_000_001
    assert len(lines[1].data) <= MAX_LINE_BYTES + 1
