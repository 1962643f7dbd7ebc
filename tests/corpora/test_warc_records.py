"""WARC framing: dialects are read, and whatever is wrong with a record costs that record only."""

import gzip
import io
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import warc_records as framing
from corpora.compressed_streams import Stream, open_streams
from corpora.documents import RecordUnreadable
from corpora.warc_records import BROKEN_HEADER, WRONG_LENGTH, WarcRecord, warc_records


def record(block: bytes, length: object = None, *more: str, end: bytes = b"\r\n\r\n") -> bytes:
    lines = ["WARC/1.0", "WARC-Type: conversion", *more]
    lines += [f"Content-Length: {len(block) if length is None else length}", "", ""]
    return "\r\n".join(lines).encode() + block + end


def cut(content: bytes) -> list[WarcRecord]:
    return list(warc_records(Stream("a.wet", io.BytesIO(content))))


def outcomes(content: bytes) -> list[bytes | str]:
    """The block of each record, or the reason of its fault."""
    return [found.fault.reason if found.fault else found.block for found in cut(content)]


ICE, SNOW = record(b"Ice."), record("Schnee fällt.\n\nLeise.".encode())
SNOW_BLOCK = "Schnee fällt.\n\nLeise.".encode()


def test_headers_and_sizes() -> None:
    found = cut(ICE + record(b"Snow.", None, "WARC-Target-URI: http://a.org/b:c"))
    assert [(r.number, r.stream, r.num_bytes) for r in found] == [
        (1, "a.wet", len(ICE) - 4),
        (2, "a.wet", len(ICE) - 4 + len("WARC-Target-URI: http://a.org/b:c\r\n") + 1),
    ]
    assert found[1].headers == {
        "warc-type": "conversion",
        "warc-target-uri": "http://a.org/b:c",
        "content-length": "5",
    }


@pytest.mark.parametrize(
    "content",
    [
        ICE + SNOW,
        (ICE + SNOW).replace(b"\r\n", b"\n"),
        (ICE + SNOW).replace(b"WARC/1.0", b"WARC/1.1"),
        b"\r\n\n" + ICE + b"\r\n\r\n" + SNOW + b"\n\n\n",
        ICE + SNOW.removesuffix(b"\r\n\r\n"),
        ICE.replace(b"Content-Length", b"content-length ") + SNOW,
        ICE.replace(b": conversion", b": conver\r\n\tsion") + SNOW,
        record(b"Ice.\r\n\r\n", 8, end=b"") + SNOW,  # a length that counts the line ends
    ],
)
def test_dialects(content: bytes) -> None:
    assert [block.strip() for block in outcomes(content) if isinstance(block, bytes)] == [
        b"Ice.",
        SNOW_BLOCK,
    ]


def test_text_about_warc_is_text() -> None:
    shown = b"A record:\n" + ICE + b"and so on"
    assert outcomes(record(shown) + SNOW) == [shown, SNOW_BLOCK]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (record(b"Ice is cold.", 5), WRONG_LENGTH),
        (record("Eis schmilzt bei 0 °C, Öl früher.".encode(), 33), WRONG_LENGTH),
        (record(b"Ice.", 50), WRONG_LENGTH),
        (record(b"Ice.", 16 << 20), WRONG_LENGTH),
        (record(b"Ice.", 1 << 40), "record too large"),
        (record(b"Ice.", "9" * 30), BROKEN_HEADER),
        (record(b"Ice.", "-4"), BROKEN_HEADER),
        (record(b"Ice.", "٤"), BROKEN_HEADER),
        (ICE.replace(b"Content-Length: 4\r\n", b""), BROKEN_HEADER),
        (ICE.replace(b"WARC-Type:", b"WARC-Type"), BROKEN_HEADER),
        (ICE.replace(b"\r\n\r\n", b"\r\n"), BROKEN_HEADER),
        (ICE.replace(b"WARC/1.0", b"WORC/1.0"), "not a WARC record"),
        (b"A line of something else.\n", "not a WARC record"),
    ],
)
def test_a_broken_record_costs_itself(broken: bytes, reason: str) -> None:
    assert outcomes(SNOW + broken + ICE + SNOW) == [SNOW_BLOCK, reason, b"Ice.", SNOW_BLOCK]


def test_the_end_of_a_file() -> None:
    assert outcomes(b"") == outcomes(b"\r\n" * 9000) == ["empty file"]
    assert outcomes(ICE + SNOW[:-12]) == [b"Ice.", "record not terminated"]
    assert outcomes(ICE + SNOW[:30]) == [b"Ice.", BROKEN_HEADER]
    assert outcomes(bytes(100_000)) == ["not a WARC record"]


@pytest.mark.parametrize("where", ["header", "data", "checksum", "cut"])
def test_a_damaged_gzip_member_costs_itself(where: str, tmp_path: Path) -> None:
    rng = random.Random(1)
    blocks = [rng.randbytes(3_000).hex().encode() for _ in range(60)]
    pages = [b"WARC/1.0\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (len(b), b) for b in blocks]
    members = [gzip.compress(page) for page in pages]
    damaged = bytearray(members[30])
    match where:
        case "header":
            damaged[1] ^= 1
        case "data":
            damaged[1_000:1_016] = bytes(16)
        case "checksum":
            damaged[-6] ^= 1
        case _:
            del damaged[-700:]
    members[30] = bytes(damaged)
    path = tmp_path / "a.wet.gz"
    path.write_bytes(b"".join(members))
    found = [each for stream in open_streams(path) for each in warc_records(stream)]
    assert [each.block for each in found if not each.fault] == blocks[:30] + blocks[31:]
    reasons = [each.fault.reason for each in found if each.fault]
    assert reasons.count("damaged compressed stream") == 1
    assert set(reasons) <= {"damaged compressed stream", "wrong Content-Length"}


def test_a_stream_that_breaks_off() -> None:
    class Damaged(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self.data = io.BytesIO(data)

        def read1(self, size: int) -> bytes:
            chunk = self.data.read(min(size, 100))
            if not chunk:
                raise RecordUnreadable("damaged compressed stream", "here")
            return chunk

    def reasons(data: bytes) -> list[bytes | str]:
        found = warc_records(Stream("a.wet.gz", Damaged(data)))  # type: ignore[arg-type]  # read1 is all that is asked for
        return [each.fault.reason if each.fault else each.block for each in found]

    assert reasons(ICE + SNOW) == [b"Ice.", SNOW_BLOCK, "damaged compressed stream"]
    assert reasons(ICE + SNOW[:-9]) == [
        b"Ice.", "record not terminated", "damaged compressed stream",
    ]  # fmt: skip
    assert reasons(b"") == ["damaged compressed stream"]


@given(
    st.lists(st.binary(max_size=300), max_size=8),
    st.sampled_from([1, 2, 7, 64, 1 << 18]),
)
def test_any_blocks_come_back(blocks: list[bytes], chunk: int) -> None:
    """Whatever the blocks are, and wherever the stream's chunks end."""

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return self.read(chunk)

    content = b"".join(record(block) for block in blocks)
    found = list(warc_records(Stream("a.wet", Slow(content))))
    assert [each.block for each in found] == (blocks or [b""])
    assert [each.fault is None for each in found] == ([True] * len(blocks) or [False])


@given(st.lists(st.sampled_from([ICE, SNOW, b"WARC/1.0\r\n", b"a: b\r\n", b"\r\n", b"WARC/", b"x",
                                 b"Content-Length: 7\r\n", b"\nWARC/1.0\nA:"])))  # fmt: skip
def test_every_byte_is_accounted_for(parts: list[bytes]) -> None:
    content = b"".join(parts)
    found = cut(content)
    assert sum(each.num_bytes for each in found) <= len(content)
    assert sum(each.num_bytes for each in found) >= len(content.translate(None, b"\r\n"))
    assert [each.number for each in found] == [*range(1, len(found) + 1)]


@pytest.mark.parametrize(
    "unit",
    [b"WARC/1.0\r\nA:\r\n", b"WARC/1.0\r\nContent-Length: 16777000\r\n\r\n", b"WARC/1.0\r\n",
     b"\nWARC/", b"A:\n", b"WARC/1.0\nContent-Length: 9\n\n"],
)  # fmt: skip
def test_hostile_repetition_takes_linear_time(unit: bytes) -> None:
    content = unit * (800_000 // len(unit))
    started = time.process_time()
    assert all(each.fault is not None for each in cut(content))
    assert time.process_time() - started < 4


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_BLOCK_BYTES", 1 << 20)
    page = record(b"Ice is cold. " * 1000)
    content = gzip.compress(page * 3000 + record(b"x" * 40, 1 << 20) + b"y" * (20 << 20), 1)
    tracemalloc.start()
    with gzip.open(io.BytesIO(content)) as file:
        found = sum(each.fault is None for each in warc_records(Stream("a.wet", file)))  # type: ignore[arg-type]  # a GzipFile is a BinaryIO
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 3000
    assert peak < 8 << 20
