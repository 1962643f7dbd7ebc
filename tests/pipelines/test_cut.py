"""Large files are cut into pieces of records that every core can read."""

import json
import os
import pickle
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from corpora.catalogue import READERS, load_format
from corpora.documents import Document, ReadOptions, Record
from pipelines.inputs import Input
from pipelines.reading import Refusal, frame_records, read_record
from pipelines.tasks.cut import CutArgument, cut, read_piece
from tests.corpora.test_any_broken_file import sample, written

OPTIONS = ReadOptions(seed=3)


def _cut(path: Path, folder: Path, format_name: str, piece_bytes: int) -> list[Path]:
    found = Input(path.name, path, path.stat().st_size, "")
    outcome = cut(CutArgument(format_name, found, OPTIONS, piece_bytes, folder, "file"))
    assert outcome.read == outcome.wrote
    assert len(outcome.facts["pieces"]) == len(outcome.outputs)
    return list(outcome.outputs)


def _read(format_name: str, entries: Iterable[Record | Refusal]) -> list[Document | Refusal]:
    reader = load_format(format_name)
    return [
        read_record(reader, entry, OPTIONS, 20) if isinstance(entry, Record) else entry
        for entry in entries
    ]


@pytest.mark.parametrize("format_name", sorted(READERS))
def test_a_piece_gives_the_documents_of_its_file(format_name: str, tmp_path: Path) -> None:
    reader = load_format(format_name)
    folder = written(tmp_path / "raw", sample(format_name))
    inputs = [path for path in reader.find(folder) if path.is_file()]
    for number, path in enumerate(inputs):
        expected = _read(format_name, frame_records(reader, path, path.name, OPTIONS))
        pieces = _cut(path, tmp_path / str(number), format_name, piece_bytes=1)
        found = _read(format_name, [entry for piece in pieces for entry in read_piece(piece)])
        assert found == expected
        assert pieces == sorted(pieces)
        assert len(pieces) == max(1, len(expected))


def test_pieces_are_as_large_as_asked_and_hold_every_record(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"text": f"Text {n}."}) + "\n" for n in range(1000)))
    pieces = _cut(file, tmp_path / "cut", "jsonl", piece_bytes=5_000)
    assert len(pieces) == 5
    records = [entry for piece in pieces for entry in read_piece(piece)]
    assert [record.position for record in records] == [
        f"rows.jsonl: line {n + 1}" for n in range(1000)
    ]


def test_a_broken_file_is_framed_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(b"\x1f\x8bno gzip at all")
    (piece,) = _cut(file, tmp_path / "cut", "jsonl", piece_bytes=5_000)
    reader = load_format("jsonl")
    expected = _read("jsonl", frame_records(reader, file, file.name, OPTIONS))
    assert _read("jsonl", read_piece(piece)) == expected
    assert all(isinstance(entry, Refusal) for entry in expected)
    assert expected


class _Forged:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


@pytest.mark.parametrize("forged", [_Forged(), Path.home, eval, ReadOptions.own])
def test_a_forged_piece_runs_nothing(forged: object, tmp_path: Path) -> None:
    path = tmp_path / "forged.records"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(pickle.dumps([forged]))
    with pytest.raises(ValueError, match="is no piece of records"):
        list(read_piece(path))


def test_a_torn_piece_is_no_piece(tmp_path: Path) -> None:
    path = tmp_path / "torn.records"
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(pickle.dumps([Record("a", "a", b"text" * 100, 4)])[:-20])
    with pytest.raises(ValueError, match="is no piece of records"):
        list(read_piece(path))
