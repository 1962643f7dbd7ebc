"""JSON lines, Parquet and saved datasets: the text as it is, and every row accounted for."""

import bz2
import gzip
import json
import lzma
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.catalogue import load_format
from corpora.documents import (
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.json_records import MAX_RECORD_BYTES
from corpora.text_columns import Columns

JSONL, PARQUET, HUGGINGFACE = map(load_format, ("jsonl", "parquet", "huggingface"))
OPTIONS = ReadOptions()


def outcome(reader: Format, record: Record, options: ReadOptions = OPTIONS) -> str:
    """The text of a record, or the kind and reason of its refusal."""
    try:
        return reader.read(record, options).text
    except RecordDropped as error:
        return f"dropped: {error.reason}"
    except RecordUnreadable as error:
        return f"quarantined: {error.reason}"


def outcomes(reader: Format, path: Path, options: ReadOptions = OPTIONS) -> list[str]:
    return [
        outcome(reader, record, options)
        for file in reader.find(path)
        for record in reader.records(file, options)
    ]


def written(path: Path, *lines: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join((x if isinstance(x, bytes) else x.encode()) + b"\n" for x in lines))
    return path


def save_to_disk(folder: Path, *files: Sequence[dict[str, Any]]) -> Path:
    """As `datasets.save_to_disk` writes a dataset."""
    folder.mkdir(parents=True)
    names = [f"data-{n:05d}-of-{len(files):05d}.arrow" for n in range(len(files))]
    for name, rows in zip(names, files, strict=True):
        table = pa.Table.from_pylist(list(rows))
        with (
            pa.OSFile(str(folder / name), "wb") as sink,
            pa.ipc.new_stream(sink, table.schema) as writer,
        ):
            writer.write_table(table, max_chunksize=2)
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "0"}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def test_each_line_is_a_document_and_each_refusal_has_its_reason(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        '{"text": "One \\r\\n[START_REF] two\\ue000\\n\\n", "n": 1}',
        "",
        '{"text": null}',
        '{"text": "  \\n"}',
        '{"text": ["a"]}',
        '{"words": "x", "n": 2}',
        '{"text": "cut of',
        b'{"text": "\xff"}',
        "[1]",
        "[" * 100_000,
        '{"text": "last"}',
    )
    assert outcomes(JSONL, path) == [
        "One\n[START_REF] two",
        "dropped: the text is null",
        "dropped: the text is empty",
        "dropped: the text is not a string",
        "quarantined: missing column",
        "quarantined: not JSON",
        "quarantined: not UTF-8",
        "quarantined: not a JSON object",
        "quarantined: too deep",
        "last",
    ]
    records = list(JSONL.records(path, OPTIONS))
    assert [record.position for record in records][:2] == ["a.jsonl: line 1", "a.jsonl: line 3"]
    assert len({record.record_id for record in records}) == len(records)


def test_a_missing_column_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    options = ReadOptions(source=Columns(text="body"))
    (record,) = JSONL.records(written(tmp_path / "a.jsonl", '{"words": 1, "id": 2}'), options)
    with pytest.raises(RecordUnreadable, match=r"no column 'body'; its columns are words, id\."):
        JSONL.read(record, options)
    pq.write_table(pa.table({"words": ["a"], "id": [1]}), tmp_path / "a.parquet")
    with pytest.raises(RecordUnreadable, match=r"'body'; its columns are words, id\. Set options"):
        next(PARQUET.records(tmp_path / "a.parquet", options))
    saved = save_to_disk(tmp_path / "saved", [{"words": "a"}])
    (file,) = HUGGINGFACE.find(saved)
    with pytest.raises(RecordUnreadable, match="its columns are words"):
        next(HUGGINGFACE.records(file, options))


ROWS = [
    {"body": "One.", "doi": "10.1/a", "year": 2001, "extra": {"a": [1, float("nan")]}},
    {"body": "Two.", "doi": None, "year": None, "extra": None},
]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "huggingface"])
def test_the_columns_of_a_source(tmp_path: Path, kind: str) -> None:
    reader = load_format(kind)
    options = ReadOptions(source=Columns(text="body", id="doi", metadata=("year", "extra")))
    if kind == "jsonl":
        path = written(tmp_path / "a.jsonl", *map(json.dumps, ROWS))
    elif kind == "parquet":
        path = tmp_path / "a.parquet"
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    else:
        path = save_to_disk(tmp_path / "saved", ROWS)
    read: list[Document] = [
        reader.read(record, options)
        for file in reader.find(path)
        for record in reader.records(file, options)
    ]
    assert [document.text for document in read] == ["One.", "Two."]
    assert read[0].record_id == "10.1/a"
    assert read[1].record_id.endswith(":2")
    assert read[0].metadata == {"year": 2001, "extra": {"a": [1, "nan"]}}
    json.dumps([document.metadata for document in read], allow_nan=False)


def test_options_of_a_source_are_checked(tmp_path: Path) -> None:
    given = {"text": "body"}
    assert JSONL.source_options(given, tmp_path) == Columns(text="body")
    with pytest.raises(ValueError, match="the format 'jats' has no options; given: text"):
        load_format("jats").source_options(given, tmp_path)
    with pytest.raises(
        ValueError, match=r"body: Extra inputs .* \(its options: text, id, metadata\)"
    ):
        JSONL.source_options({"body": "text"}, tmp_path)
    with pytest.raises(ValueError, match=r"'jsonl': text: .* given 7"):
        JSONL.source_options({"text": 7}, tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        '[{"text": "a"}, {"text": "b]}\\""},\n {"text": "c"}]',
        '{\n "text": "a"\n}\n{\n "text": "b]}\\""\n}\n\n{"text": "c"}',
        '{"text": "a"}\n{"text": "b]}\\""}\n{"text": "c"}\n',
        '\ufeff[{"text": "a"},{"text": "b]}\\""},{"text": "c"}]',
    ],
    ids=["list", "printed", "lines", "byte order mark"],
)
def test_every_way_to_write_objects(tmp_path: Path, content: str) -> None:
    path = written(tmp_path / "a.json", content)
    assert outcomes(JSONL, path) == ["a", 'b]}"', "c"]


def test_an_object_broken_in_a_list_costs_itself(tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", '[{"text": "a"}, {"text": b}, nonsense, {"text": "c"}')
    assert outcomes(JSONL, path) == [
        "a", "quarantined: not JSON", "quarantined: not JSON", "c",
    ]  # fmt: skip


def test_two_files_of_one_name_have_different_ids(tmp_path: Path) -> None:
    for folder in ("train", "test"):
        written(tmp_path / "lines" / folder / "0000.jsonl", json.dumps({"text": folder}))
        (tmp_path / "parquet" / folder).mkdir(parents=True)
        pq.write_table(pa.table({"text": [folder]}), tmp_path / "parquet" / folder / "0000.parquet")
        save_to_disk(tmp_path / "saved" / folder, [{"text": folder}])
    for reader, kind in ((JSONL, "lines"), (PARQUET, "parquet"), (HUGGINGFACE, "saved")):
        ids = [
            record.record_id
            for file in reader.find(tmp_path / kind)
            for record in reader.records(file, OPTIONS)
        ]
        assert len(ids) == len(set(ids)) == 2


def test_a_line_past_the_limit_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpora.json_records.MAX_RECORD_BYTES", 1000)
    long = json.dumps({"text": "x" * 5000})
    path = written(tmp_path / "a.jsonl", '{"text": "a"}', long, '{"text": "b"}')
    assert outcomes(JSONL, path) == ["a", "quarantined: record too large", "b"]
    path = written(tmp_path / "a.json", f'[{{"text": "a"}},{long},{{"text": "b"}}]')
    assert outcomes(JSONL, path) == ["a", "quarantined: record too large", "b"]
    assert MAX_RECORD_BYTES > 1000


def test_compressed_lines(tmp_path: Path) -> None:
    line = b'{"text": "a"}\n'
    zstd = pa.compress(line, codec="zstd", asbytes=True)
    for name, data in {
        "a.jsonl.gz": gzip.compress(line),
        "b.jsonl.bz2": bz2.compress(line),
        "c.jsonl.xz": lzma.compress(line),
        "d.jsonl.zst": zstd,
        "e.jsonl": line,
    }.items():
        (tmp_path / name).write_bytes(data)
    assert outcomes(JSONL, tmp_path) == ["a"] * 5


def test_lines_before_the_break_of_a_stream_are_kept(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"{n} " * 50}) + "\n" for n in range(50_000)).encode()
    packed = gzip.compress(lines, 1)
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    found = outcomes(JSONL, tmp_path)
    assert 20_000 < len(found) < 30_000
    assert found[-1] == "quarantined: damaged compressed stream"
    assert not any(text.startswith("quarantined") for text in found[:-1])


def test_a_damaged_row_group_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"text": [f"{n} " * 20 for n in range(300)]})
    pq.write_table(table, path, row_group_size=100, compression="zstd", use_dictionary=False)
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 200] = bytes(200)
    path.write_bytes(data)
    found = outcomes(PARQUET, path)
    assert len(found) == 201
    assert found[100] == "quarantined: damaged row group"
    assert found[101].startswith("200 200")


def test_a_saved_dataset_cut_at_a_batch_is_noticed(tmp_path: Path) -> None:
    folder = save_to_disk(tmp_path / "saved", [{"text": str(n)} for n in range(6)])
    (file,) = HUGGINGFACE.find(folder)
    file.write_bytes(file.read_bytes()[:-8])
    rows = HUGGINGFACE.records(file, OPTIONS)
    assert [next(rows).payload["text"] for _ in range(6)] == list("012345")
    with pytest.raises(RecordUnreadable, match="stream cut short"):
        next(rows)


def test_a_damaged_batch_costs_itself(tmp_path: Path) -> None:
    folder = save_to_disk(tmp_path / "saved", [{"text": f"text {n}"} for n in range(6)])
    (file,) = HUGGINGFACE.find(folder)
    data = file.read_bytes()
    # The offsets of the second of its batches of two rows; Arrow would follow them anywhere.
    ends = struct.pack("<2i", 6, 12)
    offsets = data.index(ends, data.index(ends) + 1)
    file.write_bytes(data[:offsets] + b"\xff\xff\xff\x7f" + data[offsets + 4 :])
    assert outcomes(HUGGINGFACE, folder) == [
        "text 0", "text 1", "quarantined: damaged batch", "text 4", "text 5",
    ]  # fmt: skip


def test_what_is_no_saved_dataset_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"not a folder of datasets\.save_to_disk"):
        list(HUGGINGFACE.find(tmp_path))
    (tmp_path / "state.json").write_text('{"_data_files": [{"filename": "../x"}]}')
    with pytest.raises(ValueError, match="no file beside it"):
        list(HUGGINGFACE.find(tmp_path))
    (tmp_path / "state.json").write_text("[1]")
    with pytest.raises(ValueError, match="no state of a saved dataset"):
        list(HUGGINGFACE.find(tmp_path))


def mutated(data: bytes, cuts: list[tuple[int, int]], byte: int) -> bytes:
    changed = bytearray(data)
    for at, kind in cuts:
        at %= max(1, len(changed))
        if kind == 0:
            del changed[at:]
        elif kind == 1:
            changed[at : at + 1] = bytes([byte])
        else:
            changed[at:at] = changed[at // 2 : at]
    return bytes(changed)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cuts=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 2)), min_size=1, max_size=4),
    byte=st.integers(0, 255),
    kind=st.sampled_from(["a.jsonl", "a.json", "a.jsonl.gz", "a.parquet", "data.arrow"]),
)
def test_no_broken_file_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[tuple[int, int]], byte: int, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    path = folder / kind
    rows = [{"text": f"text {n}", "id": n} for n in range(30)]
    if kind == "a.parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=10)
        reader = PARQUET
    elif kind == "data.arrow":
        path = save_to_disk(folder / "saved", rows) / "data-00000-of-00001.arrow"
        reader = HUGGINGFACE
    else:
        data = ("\n".join(map(json.dumps, rows)) if "l" in kind[2:] else json.dumps(rows)).encode()
        path.write_bytes(gzip.compress(data) if kind.endswith("gz") else data)
        reader = JSONL
    path.write_bytes(mutated(path.read_bytes(), cuts, byte))
    try:
        for record in reader.records(path, OPTIONS):
            outcome(reader, record)
    except RecordUnreadable:
        pass


def test_a_value_that_stands_in_every_row_is_a_bomb(tmp_path: Path) -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x y " * (2 << 20)])
    bomb = pa.table({"text": long})
    parquet = tmp_path / "a.parquet"
    pq.write_table(bomb, parquet, compression="zstd", store_schema=False)
    arrow = tmp_path / "a.arrow"
    with pa.OSFile(str(arrow), "wb") as sink, pa.ipc.new_stream(sink, bomb.schema) as writer:
        writer.write_table(bomb)
    # The second file truly holds its 8 MB, so that 300 times as much may come of it.
    bounds = {parquet: 12, arrow: 400}
    for reader, path in ((PARQUET, parquet), (HUGGINGFACE, arrow)):
        before = pa.total_allocated_bytes()
        given: list[int] = []
        with pytest.raises(RecordUnreadable, match="decompression bomb"):
            given.extend(pa.total_allocated_bytes() - before for _ in reader.records(path, OPTIONS))
        assert 0 < len(given) < bounds[path]
        assert max(given) < 1 << 30


def test_the_columns_beside_the_text_are_counted_too(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 9_000, pa.int32()), ["x" * (1 << 20)])
    table = pa.table({"text": ["a"] * 9_000, "note": long})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    options = ReadOptions(source=Columns(metadata=("note",)))
    with pytest.raises(RecordUnreadable, match="decompression bomb"):
        list(PARQUET.records(path, options))
    assert len(list(PARQUET.records(path, OPTIONS))) == 9_000


def test_a_list_of_one_value_many_times_is_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    value = pa.DictionaryArray.from_arrays(pa.array([0] * 50_000, pa.int32()), ["x" * (1 << 20)])
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 50_000], pa.int32()), value)
    table = pa.table({"text": ["a", "b"], "tags": lists})
    pq.write_table(table, path, compression="zstd", store_schema=False)
    options = ReadOptions(source=Columns(metadata=("tags",)))
    records, before = PARQUET.records(path, options), pa.total_allocated_bytes()
    assert len(next(iter(records)).payload["tags"][0]) == 1 << 20
    assert pa.total_allocated_bytes() - before < 1 << 27
    with pytest.raises(RecordUnreadable, match="decompression bomb"):
        next(iter(records))


def test_lists_and_structures_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    beside = [{"by": ["Ann", "Bo"], "at": {"page": 3, "line": "x"}}, None]
    pq.write_table(pa.table({"text": ["a", "b"], "beside": beside}), path)
    options = ReadOptions(source=Columns(metadata=("beside",)))
    assert [r.payload["beside"] for r in PARQUET.records(path, options)] == beside
