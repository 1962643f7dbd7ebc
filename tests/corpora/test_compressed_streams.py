"""Streams out of compressed and packed files: whole, cut short, hostile."""

import bz2
import gzip
import io
import lzma
import random
import re
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.compressed_streams import blocks_of, find_streamed, open_streams, stem_of
from corpora.documents import RecordUnreadable

DATA = b"".join(b'{"text": "line %d"}\n' % number for number in range(5000))


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}


def tar_of(members: dict[str, bytes], mode: str = "w") -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as tar:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def zip_of(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return sink.getvalue()


def streams(path: Path, *suffixes: str) -> dict[str, bytes]:
    return {stream.name: stream.file.read() for stream in open_streams(path, *suffixes)}


def drain(file: BinaryIO) -> None:
    while file.read(1 << 20):
        pass


def until_fault(file: BinaryIO) -> tuple[list[bytes], RecordUnreadable]:
    lines = []
    try:
        for line in file:
            lines.append(line)
    except RecordUnreadable as fault:
        return lines, fault
    raise AssertionError("no fault")


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_file(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    path = written(tmp_path / f"a.jsonl{suffix}", pack(DATA))
    assert streams(path, ".jsonl") == {path.name: DATA}
    # Its name says nothing, and it is in two parts, as parallel packers write.
    path = written(tmp_path / "a.jsonl", pack(DATA) + pack(DATA))
    assert streams(path, ".jsonl") == {"a.jsonl": DATA + DATA}
    twice = written(tmp_path / "twice", gzip.compress(pack(DATA)))
    assert streams(twice, ".jsonl") == {"twice": DATA}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_stream_cut_short_gives_what_it_holds(tmp_path: Path, suffix: str) -> None:
    packed = PACKERS[suffix](DATA)
    path = written(tmp_path / f"a.jsonl{suffix}", packed[:-8])
    opened = open_streams(path, ".jsonl")
    stream = next(opened)
    lines, fault = until_fault(stream.file)
    assert DATA.startswith(b"".join(lines))
    assert fault.reason == "damaged compressed stream"
    assert f"{path.name}: after" in fault.detail
    assert len(lines) > 1000 or suffix in (".bz2", ".zst")  # of one block


def test_lines_are_given_before_the_break_is_told(tmp_path: Path) -> None:
    noise = b"".join(b"%064x\n" % (hash_number**7) for hash_number in range(100_000))
    packed = gzip.compress(noise)
    path = written(tmp_path / "a.gz", packed[: len(packed) // 2])
    opened = open_streams(path, "")
    stream = next(opened)
    lines, fault = until_fault(stream.file)
    assert re.search(r"a\.gz: after [1-9]\d* bytes: Compressed file end", str(fault))
    assert len(lines) > 10_000


MEMBERS = {
    "a/one.jsonl": DATA,
    "two.jsonl.gz": gzip.compress(b"two"),
    "../out.jsonl": b"out",
    "/data/rooted.jsonl": b"rooted",
    "..": b"x",
    "a/._one.jsonl": b"x",
    "notes.txt": b"x",
}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.xz", ".tar.zst"])
def test_an_archive_gives_its_members_of_a_format(tmp_path: Path, suffix: str) -> None:
    data = zip_of(MEMBERS) if suffix == ".zip" else tar_of(MEMBERS)
    pack = PACKERS.get(Path(suffix).suffix if suffix.count(".") == 2 else "", bytes)
    path = written(tmp_path / f"dump{suffix}", pack(data))
    assert streams(path, ".jsonl") == {
        f"{path.name}/a/one.jsonl": DATA,
        f"{path.name}/two.jsonl.gz": b"two",
        f"{path.name}/out.jsonl": b"out",
        f"{path.name}/data/rooted.jsonl": b"rooted",
    }
    assert list(find_streamed(".jsonl")(tmp_path)) == [path]


def test_links_and_devices_of_a_tar_file_are_left_out(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.jsonl")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    assert streams(written(tmp_path / "a.tar", sink.getvalue()), ".jsonl") == {}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_is_stopped_in_bounded_memory(tmp_path: Path, suffix: str) -> None:
    pack = PACKERS[suffix]
    # 200 MB of nothing; of the whole of a real bomb, what comes first.
    path = written(tmp_path / f"bomb.jsonl{suffix}", pack(bytes(200_000_000)))
    assert path.stat().st_size < 300_000
    opened = open_streams(path, ".jsonl")
    stream = next(opened)
    tracemalloc.start()
    try:
        with pytest.raises(RecordUnreadable, match="decompression bomb"):
            drain(stream.file)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_bomb_in_an_archive_costs_itself(tmp_path: Path) -> None:
    members = {"a.jsonl": b"one", "b.jsonl": bytes(200_000_000), "c.jsonl": b"three"}
    path = written(tmp_path / "a.zip", zip_of(members))
    found = []
    for stream in open_streams(path, ".jsonl"):
        try:
            drain(stream.file)
            found.append(stream.name)
        except RecordUnreadable as error:
            found.append(error.reason)
    assert found == ["a.zip/a.jsonl", "decompression bomb", "a.zip/c.jsonl"]


def outcomes(path: Path) -> list[str]:
    """The reason of each member that is refused, or its name; last, the archive's own."""
    found = []
    try:
        for stream in open_streams(path, ".jsonl"):
            try:
                drain(stream.file)
                found.append(stream.name)
            except RecordUnreadable as error:
                found.append(error.reason)
    except RecordUnreadable as error:
        found.append(f"{path.name}: {error.reason}")
    return found


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_an_archive_of_bombs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("corpora.compressed_streams.RATIO_FREE_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(8 << 20))
    # What does not shrink makes the archive large enough for what its bombs give.
    noise = random.Random(1).randbytes(200_000)
    members = {"a.jsonl": noise} | {f"b{number:02}.jsonl.gz": bomb for number in range(20)}
    pack = zip_of if suffix == ".zip" else tar_of
    path = written(tmp_path / f"a{suffix}", pack(members))
    refused = ["decompression bomb"] * 8
    assert outcomes(path) == [f"{path.name}/a.jsonl", *refused, f"{path.name}: {refused[0]}"]
    # Fewer are an archive's broken members, and what stands after them is read.
    few = dict(list(members.items())[:8]) | {"z.jsonl": b"two"}
    names = [f"{path.name}/a.jsonl", *refused[:7], f"{path.name}/z.jsonl"]
    assert outcomes(written(path, pack(few))) == names


def test_an_archive_gives_no_more_than_its_size_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each member stays below what is looked at; together they are a bomb.
    monkeypatch.setattr("corpora.compressed_streams.RATIO_FREE_BYTES", 1 << 20)
    members = {f"b{number:02}.jsonl": bytes(1 << 20) for number in range(20)}
    path = written(tmp_path / "a.zip", zip_of(members))
    allowed = (1 << 20) + 300 * path.stat().st_size
    count = allowed >> 20
    assert 2 < count < 18
    given = [f"a.zip/b{number:02}.jsonl" for number in range(count)]
    assert outcomes(path) == [*given, "decompression bomb", "a.zip: decompression bomb"]


@pytest.mark.parametrize("again", [3, 2000])
def test_members_of_a_zip_file_that_overlap_are_refused(tmp_path: Path, again: int) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in "abc":
            packed.writestr(f"{name}.jsonl", name)
        packed.filelist[2:2] = [packed.filelist[1]] * again
    path = written(tmp_path / "a.zip", sink.getvalue())
    refused = ["decompression bomb"] * min(again, 8)
    last = "a.zip/c.jsonl" if again < 8 else "a.zip: decompression bomb"
    assert outcomes(path) == ["a.zip/a.jsonl", "a.zip/b.jsonl", *refused, last]


def test_a_broken_member_costs_itself(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.jsonl": DATA, "b.jsonl": b"two" * 1000}))
    packed[100:200] = bytes(100)
    found = []
    for stream in open_streams(written(tmp_path / "a.zip", bytes(packed)), ".jsonl"):
        try:
            found.append(len(stream.file.read()))
        except RecordUnreadable as error:
            found.append(error.reason)
    assert found == ["damaged compressed stream", 3000]


def test_a_tar_header_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    # A long name of 8 GB, in an archive that a bomb of zeros fills.
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 8 * 1000**3
    path = written(tmp_path / "a.tar", info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    with pytest.raises(RecordUnreadable, match="damaged compressed stream"):
        streams(path, ".jsonl")


def test_names_without_their_suffixes() -> None:
    assert stem_of("a.tar/b/.hidden") == "a.tar/b/.hidden"
    assert stem_of("noext") == "noext"
    assert stem_of("x.GZ") == "x"


def test_an_empty_file(tmp_path: Path) -> None:
    assert streams(written(tmp_path / "a.jsonl", b""), ".jsonl") == {"a.jsonl": b""}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from([*PACKERS, ".tar", ".tar.gz", ".zip"]),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=5),
    cut=st.booleans(),
)
def test_no_damage_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory,
    kind: str,
    places: list[tuple[float, int]],
    cut: bool,
) -> None:
    members = {f"{name}.jsonl": DATA[:3000] for name in "abc"}
    if kind == ".zip":
        data = bytearray(zip_of(members))
    elif kind.startswith(".tar"):
        data = bytearray(PACKERS.get(kind.removeprefix(".tar"), bytes)(tar_of(members)))
    else:
        data = bytearray(PACKERS[kind](DATA))
    for place, byte in places:
        data[int(place * (len(data) - 1))] = byte
    if cut:
        del data[int(places[0][0] * len(data)) :]
    path = written(tmp_path_factory.mktemp("damaged") / f"a{kind}", bytes(data))
    try:
        for stream in open_streams(path, ".jsonl"):
            try:
                stream.file.read()
            except RecordUnreadable:
                continue
    except RecordUnreadable:
        pass


@pytest.mark.parametrize("size", [300, 5_000])
def test_a_small_damaged_file_gives_what_stands_before_the_damage(
    tmp_path: Path, size: int
) -> None:
    content = bytes(range(200)) * (size // 200)
    packed = gzip.compress(content[:100]) + gzip.compress(content)[:-8] + bytes(8)
    (tmp_path / "a.gz").write_bytes(packed)
    for stream in open_streams(tmp_path / "a.gz"):
        blocks = blocks_of(stream.file, 1 << 20)
        assert next(blocks).startswith(content[:100])
        with pytest.raises(RecordUnreadable, match=r"a\.gz: after \d+ bytes"):
            next(blocks)
