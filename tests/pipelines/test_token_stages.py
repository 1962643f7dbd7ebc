"""The stages `tokens` and `shards`, column by column: what every document must come to."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines import documents_table
from pipelines.documents_table import DocumentRow, write_documents
from pipelines.execution import BuildError
from pipelines.tasks import shards
from pipelines.tasks.shards import ShardArgument, write_shard
from pipelines.tasks.tokens import TokensArgument, shuffle_keys, tokenize_documents
from tokenization import ScienceTokenizer, TokenizerSettings, amino, latex
from tokenization.training import train_tokenizer

SOURCES = ("papers", "code")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = ["the water of the sea and the light of the sun"] * 3
    settings = TokenizerSettings(vocabulary_size=300)
    train_tokenizer(texts, settings, latex_markers=False).save_pretrained(folder)
    return folder


def some_rows(count: int = 40) -> list[DocumentRow]:
    rows = []
    for number in range(count):
        text = f"the water of sea {number} holds " + amino("MKV" * (1 + number % 7)) + " ü" * number
        split = "validation" if number % 5 == 0 else "train"
        source = SOURCES[number % 3 == 0]
        row = DocumentRow(f"{source}/{number}", source, "c", split, text, "{}", len(text.encode()))
        rows.append(row)
    return rows


def tokenized(rows: list[DocumentRow], tokenizer: Path, folder: Path) -> Path:
    write_documents(folder / "part.parquet", rows)
    outcome = tokenize_documents(
        TokensArgument(folder / "part.parquet", tokenizer, 7, folder / "part.arrow")
    )
    assert outcome.read == outcome.wrote == len(rows)
    return folder / "part.arrow"


def test_every_row_has_its_ids_and_its_key(tokenizer: Path, tmp_path: Path) -> None:
    rows = some_rows()
    path = tokenized(rows, tokenizer, tmp_path)
    table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
    loaded = ScienceTokenizer.from_pretrained(tokenizer)
    for row, written in zip(rows, table.to_pylist(), strict=True):
        ids, _ = loaded.encode_documents([row.text])
        assert written["tokens"] == ids.tolist()
        assert written["tokens"][-1] == 2
        digest = hashlib.blake2b(f"shuffle\0{7}\0{row.doc_id}".encode(), digest_size=8)
        assert written["shuffle_key"] == int.from_bytes(digest.digest(), "big")
        assert (written["doc_id"], written["split"]) == (row.doc_id, row.split)


def test_tokens_are_counted_by_split(tokenizer: Path, tmp_path: Path) -> None:
    rows = some_rows()
    write_documents(tmp_path / "part.parquet", rows)
    argument = TokensArgument(tmp_path / "part.parquet", tokenizer, 7, tmp_path / "part.arrow")
    counts = tokenize_documents(argument).facts["tokens_by_split"]
    loaded = ScienceTokenizer.from_pretrained(tokenizer)
    for split in ("train", "validation"):
        ids, _ = loaded.encode_documents([row.text for row in rows if row.split == split])
        assert counts[split] == len(ids)


def test_a_part_without_documents(tokenizer: Path, tmp_path: Path) -> None:
    path = tokenized([], tokenizer, tmp_path)
    argument = ShardArgument((path,), "train", 0, 1, SOURCES, 300, tmp_path / "shard.arrow")
    assert write_shard(argument).wrote == 0


def test_shards_hold_every_document_once_however_it_was_batched(
    tokenizer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = some_rows()
    names = [row.doc_id for row in rows]
    keys = dict(zip(names, shuffle_keys(7, names).tolist(), strict=True))
    contents = []
    for group_bytes in (1, 300, 1 << 30):
        monkeypatch.setattr(documents_table, "ROW_GROUP_BYTES", group_bytes)
        folder = tmp_path / str(group_bytes)
        files = (
            tokenized(rows[:11], tokenizer, folder / "a"),
            tokenized(rows[11:], tokenizer, folder / "b"),
        )
        if group_bytes == 1:
            assert pa.ipc.open_file(pa.memory_map(str(files[0]))).num_record_batches == 11
        seen: list[str] = []
        for split in ("train", "validation"):
            for index in range(3):
                shard = folder / f"{split}-{index}.arrow"
                write_shard(ShardArgument(files, split, index, 3, SOURCES, 300, shard))
                contents.append(shard.read_bytes())
                table = pa.ipc.open_stream(contents[-1]).read_all()
                doc_ids = table.column("doc_id").to_pylist()
                assert [keys[doc_id] for doc_id in doc_ids] == sorted(
                    keys[doc_id] for doc_id in doc_ids
                )
                assert all(keys[doc_id] % 3 == index for doc_id in doc_ids)
                seen += doc_ids
        assert sorted(seen) == sorted(keys)
    assert contents[:6] == contents[6:12] == contents[12:]


def test_equal_keys_are_ordered_by_id() -> None:
    doc_ids = pa.array(["b", "\U0001f600", "a", "é", "\uffee"], pa.large_string())
    order = shards._order(np.zeros(5, np.uint64), doc_ids)
    assert [doc_ids[int(row)].as_py() for row in order] == sorted(doc_ids.to_pylist())


def test_a_marker_the_tokenizer_lacks_names_the_part(tokenizer: Path, tmp_path: Path) -> None:
    rows = [DocumentRow("papers/1", "papers", "c", "train", latex(r"\(x\)"), "{}", 9)]
    with pytest.raises(BuildError, match=r"part\.parquet: .*U\+E013.*\[START_LATEX\]"):
        tokenized(rows, tokenizer, tmp_path)
    assert not (tmp_path / "part.arrow").exists()


def test_a_source_of_another_recipe_is_refused(tokenizer: Path, tmp_path: Path) -> None:
    path = tokenized(some_rows(), tokenizer, tmp_path)
    argument = ShardArgument((path,), "train", 0, 1, ("papers",), 300, tmp_path / "shard.arrow")
    with pytest.raises(BuildError, match=r"part\.arrow holds documents of a source not in"):
        write_shard(argument)
