import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
from megatron.core.datasets.utils import Split

from galactica.data.shard_dataset import (
    DocumentBorders,
    StrictEpochDataset,
    training_dataset,
    validation_datasets,
)
from tokenization.shard_reader import open_shards
from tokenization.shards import ShardDocument, finish_shard_folder, shard_name, write_shard_file

SOURCES = ["latex", "gsm8k", "empty", "tiny"]


def write_shards(
    folder: Path, documents: list[ShardDocument], count: int = 3, vocabulary_size: int = 50_000
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    files = [
        write_shard_file(
            folder / shard_name(index, count), documents[index::count], vocabulary_size, SOURCES
        )
        for index in range(count)
    ]
    facts = finish_shard_folder(folder, files, "train")
    (folder / "manifest.json").write_text(json.dumps({"shards": facts}))
    return folder


@pytest.fixture
def documents() -> list[ShardDocument]:
    """60 documents whose token ids are all different, but for the `</s>` that ends each."""
    generator = np.random.default_rng(5)
    made, used = [], 10
    for number in range(60):
        length = int(generator.integers(0, 40))
        tokens = np.append(np.arange(used, used + length), 2)
        used += length
        made.append(ShardDocument(f"d{number}", SOURCES[number % 2], tokens))
    return made


def tokens_of(dataset: StrictEpochDataset) -> Counter[int]:
    """How often each token is predicted."""
    counts: Counter[int] = Counter()
    for number in range(len(dataset)):
        sample = dataset[number]
        counts.update(sample["labels"][sample["loss_mask"] > 0].tolist())
    return counts


def test_a_sample_is_what_megatron_expects(tmp_path: Path, documents: list[ShardDocument]) -> None:
    folder = write_shards(tmp_path, documents)
    dataset = training_dataset(folder, sequence_length=16, epochs=2, seed=0)
    for number in range(len(dataset)):
        sample = dataset[number]
        assert {name: value.dtype for name, value in sample.items()} == {
            "tokens": torch.int64,
            "labels": torch.int64,
            "loss_mask": torch.float32,
            "position_ids": torch.int64,
        }
        assert all(value.shape == (16,) for value in sample.values())
        assert sample["tokens"][1:].tolist() == sample["labels"][:-1].tolist()
        assert sample["position_ids"].tolist() == list(range(16))
        assert sample["loss_mask"].tolist() == [1.0] * 16


def test_every_token_is_trained_on_once_a_pass(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    dataset = training_dataset(
        write_shards(tmp_path, documents), sequence_length=16, epochs=3, seed=4
    )
    counts = tokens_of(dataset)
    total = 3 * sum(len(document.tokens) for document in documents)
    assert 0 < total - counts.total() <= 16  # The first token, and the last partial sample.
    del counts[2]
    assert sum(3 - count for count in counts.values()) <= 16
    assert set(counts.values()) <= {2, 3}
    assert dataset.pass_end_samples == [dataset.samples_through(i) for i in (1, 2, 3)]
    assert dataset.pass_end_samples[-1] == len(dataset)


class Stock(GPTDataset):
    """Megatron-core's own reading of samples, from our shards and our index."""

    def __init__(self, dataset: StrictEpochDataset, end_of_document_id: int = 2) -> None:
        self.index = dataset.index
        config = GPTDatasetConfig(
            random_seed=0,
            sequence_length=dataset.index.sequence_length,
            blend=([dataset.dataset_path], None),
            split="1",
            tokenizer=SimpleNamespace(
                eod=end_of_document_id, vocab_size=None, unique_identifiers={}
            ),
            reset_position_ids=dataset.borders.reset_position_ids,
            reset_attention_mask=not dataset.borders.attend_across_documents,
            eod_mask_loss=not dataset.borders.attend_across_documents,
            create_attention_mask=not dataset.borders.attend_across_documents,
        )
        split = Split.train
        super().__init__(
            dataset.dataset, dataset.dataset_path, np.zeros(0, int), None, split, config
        )
        # With its cache of masks on, GPTDataset zeroes the cached loss mask in place when the
        # first sample it serves is a padded one, and every later sample loses those tokens.
        self.masks_and_position_ids_are_cacheable = False

    def _build_document_sample_shuffle_indices(self) -> tuple[Any, Any, Any]:
        documents, samples, order = [], [], []
        position = sample = end = 0
        for number, pass_end in enumerate(self.index.pass_ends):
            if pass_end > end:
                one = self.index.pass_index(number)
                documents.append(one.documents)
                samples.append(np.add(one.samples, (position, 0)))
                order.append(one.order + sample)
                position += len(one.documents)
                sample += len(one.samples)
            end = pass_end
        return np.concatenate(documents), np.concatenate(samples), np.concatenate(order)


def same_as_stock(dataset: StrictEpochDataset) -> None:
    """Every sample, alone and in micro-batches, is what GPTDataset makes of the same documents."""
    stock = Stock(dataset)
    length = dataset.index.sequence_length
    expected = [stock[number] for number in range(len(dataset))]
    for start in range(0, len(dataset), 3):
        numbers = range(start, min(start + 3, len(dataset)))
        batch = dataset.read(numbers)
        for name in ("tokens", "labels", "loss_mask", "position_ids"):
            rows = torch.stack([expected[number][name] for number in numbers])
            read = getattr(batch, name)
            assert read.dtype == rows.dtype
            assert torch.equal(read, rows), name
            for number in numbers:
                assert torch.equal(dataset[number][name], expected[number][name])
        if batch.document_offsets is None:
            assert dataset.borders.attend_across_documents
            continue
        # Theirs is true where attention must not look.
        *starts, end = batch.document_offsets.tolist()
        assert end == len(numbers) * length
        documents = np.zeros(end, int)
        documents[starts] = 1
        documents = documents.cumsum().reshape(-1, length)
        sees = np.tril(documents[:, :, None] == documents[:, None, :])
        for row, number in enumerate(numbers):
            assert (sees[row] != expected[number]["attention_mask"][0].numpy()).all()


@settings(deadline=None, max_examples=40)
@given(
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=16),
    sequence_length=st.integers(2, 12),
    num_epochs=st.sampled_from([0.5, 1, 2.25]),
    vocabulary_size=st.sampled_from([50_000, 70_000]),
    source_epochs=st.sampled_from([None, {"gsm8k": 1.5, "latex": 2}]),
    attends=st.booleans(),
    resets=st.booleans(),
)
def test_samples_are_those_of_megatrons_own_dataset(
    lengths: list[int],
    sequence_length: int,
    num_epochs: float,
    vocabulary_size: int,
    source_epochs: dict[str, float] | None,
    attends: bool,
    resets: bool,
) -> None:
    generator = np.random.default_rng(len(lengths))
    documents = [
        ShardDocument(
            f"d{number}",
            SOURCES[number % 2],
            np.append(generator.integers(3, vocabulary_size, length - 1), 2),
        )
        for number, length in enumerate(lengths)
    ]
    borders = DocumentBorders(attends, resets)
    with tempfile.TemporaryDirectory() as name:
        folder = write_shards(Path(name), documents, vocabulary_size=vocabulary_size)
        if sum(lengths) > 4 * sequence_length and len(lengths) > 1:
            dataset = training_dataset(
                folder,
                sequence_length=sequence_length,
                epochs=num_epochs,
                seed=1,
                source_epochs=source_epochs,
                borders=borders,
                vocabulary_size=vocabulary_size,
            )
            same_as_stock(dataset)
        for held_out in validation_datasets(
            open_shards(folder), sequence_length=sequence_length, borders=borders
        ).values():
            same_as_stock(held_out)


def test_sources_with_their_own_epochs(tmp_path: Path, documents: list[ShardDocument]) -> None:
    dataset = training_dataset(
        write_shards(tmp_path, documents),
        sequence_length=4,
        epochs=1,
        seed=0,
        source_epochs={"gsm8k": 3, "empty": 0.5},
    )
    counts = tokens_of(dataset)
    expected = Counter(
        {
            token: 3 if document.source == "gsm8k" else 1
            for document in documents
            for token in document.tokens[:-1].tolist()
        }
    )
    del counts[2]
    assert counts <= expected
    assert (expected - counts).total() <= 4


def test_an_unknown_source_and_too_few_tokens_are_named(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    folder = write_shards(tmp_path, documents)
    with pytest.raises(ValueError, match=r"'gsm', .* are latex, gsm8k, empty, tiny"):
        training_dataset(folder, sequence_length=4, epochs=1, seed=0, source_epochs={"gsm": 2})
    with pytest.raises(ValueError, match=r"tokens in 1 epochs of 60 documents: too few"):
        training_dataset(folder, sequence_length=50_000, epochs=1, seed=0)


def test_validation_counts_every_token_of_every_source_once(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    small = ShardDocument("small", "tiny", np.array([49_000, 49_001, 2]))
    folder = write_shards(tmp_path, [*documents, small])
    datasets = validation_datasets(open_shards(folder), sequence_length=16)
    assert list(datasets) == ["latex", "gsm8k", "tiny"]
    assert len(datasets["tiny"]) == 1
    assert tokens_of(datasets["tiny"]) == Counter([49_001, 2])
    for source in ("latex", "gsm8k"):
        stored = [d for start in range(3) for d in documents[start::3] if d.source == source]
        stream = [token for document in stored for token in document.tokens.tolist()]
        assert tokens_of(datasets[source]) == Counter(stream[1:])


def test_a_padded_sample_leaves_the_others_whole(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    dataset = validation_datasets(
        open_shards(write_shards(tmp_path, documents)), sequence_length=16
    )["latex"]
    padded = dataset[len(dataset) - 1]
    num_real = int(padded["loss_mask"].sum())
    assert 0 < num_real < 16
    assert padded["loss_mask"].tolist() == [1.0] * num_real + [0.0] * (16 - num_real)
    assert padded["tokens"].min() >= 0
    assert dataset[0]["loss_mask"].tolist() == [1.0] * 16


def test_the_compiled_helpers_are_not_needed(
    tmp_path: Path, documents: list[ShardDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "megatron.core.datasets.helpers", None)
    monkeypatch.setitem(sys.modules, "megatron.core.datasets.helpers_cpp", None)
    dataset = training_dataset(
        write_shards(tmp_path, documents), sequence_length=8, epochs=1, seed=0
    )
    assert dataset[0]["tokens"].shape == (8,)
    assert [file for file in tmp_path.rglob("*") if file.suffix in (".npy", ".txt")] == []


def test_the_documents_of_a_sample_are_named(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    holders = {
        token: document.doc_id for document in documents for token in document.tokens[:-1].tolist()
    }
    lengths = {document.doc_id: len(document.tokens) for document in documents}
    folder = write_shards(tmp_path, documents)
    for dataset in (
        training_dataset(folder, sequence_length=16, epochs=2.5, seed=3),
        validation_datasets(open_shards(folder), sequence_length=16)["gsm8k"],
    ):
        for number in range(len(dataset)):
            sample = dataset[number]
            tokens = [*sample["tokens"].tolist(), sample["labels"][-1].item()]
            named = dataset.documents_of(number)
            held = list(dict.fromkeys(holders[token] for token in tokens if token > 2))
            # Of a document that is its `</s>` alone, here or in all, no token tells its name.
            assert [name for name in named if name in held] == held
            others = [place for place, name in enumerate(named) if name not in held]
            assert all(lengths[named[place]] == 1 or place == 0 for place in others)


def refusal(dataset: StrictEpochDataset, number: int) -> str | None:
    """What is said where a sample cannot be read."""
    try:
        dataset.read([0, number])
    except ValueError as error:
        return str(error)
    return None


def test_an_id_outside_the_vocabulary_is_named(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    tokens = np.array([11, 12, 49_990, 13, 2])
    stored = [*documents[:10], ShardDocument("culprit", "latex", tokens)]
    folder = write_shards(tmp_path, stored, count=2)
    message = r"00000-of-00002.arrow: document 'culprit' holds the id 49990 at token 2, but the voc"
    for dataset in (
        training_dataset(folder, sequence_length=3, epochs=1, seed=0, vocabulary_size=49_990),
        validation_datasets(open_shards(folder), sequence_length=3, vocabulary_size=49_990)[
            "latex"
        ],
    ):
        refusals = {number: refusal(dataset, number) for number in range(len(dataset))}
        refused = {number: said for number, said in refusals.items() if said}
        assert len(refused) in (1, 2)  # It may be the last of a sample and the first of the next.
        for number, said in refused.items():
            assert "culprit" in dataset.documents_of(number)
            assert re.search(message, said)
    larger = training_dataset(folder, sequence_length=3, epochs=1, seed=0, vocabulary_size=49_991)
    assert [larger.read([number]) for number in range(len(larger))]


def test_shards_that_are_overwritten_are_noticed(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    """Whatever is written over a mapped file, nothing outside the mapping is read."""
    folder = write_shards(tmp_path, documents)
    dataset = training_dataset(folder, sequence_length=16, epochs=1, seed=0)
    assert refusal(dataset, 1) is None
    for file in folder.glob("*.arrow"):
        with file.open("r+b") as opened:
            opened.write(b"\xf3" * file.stat().st_size)
    for number in range(len(dataset)):
        assert "the shards changed while they were read" in (refusal(dataset, number) or "")


def test_a_sample_that_is_not_there(tmp_path: Path, documents: list[ShardDocument]) -> None:
    dataset = training_dataset(
        write_shards(tmp_path, documents), sequence_length=16, epochs=1, seed=0
    )
    for number in (-1, len(dataset)):
        with pytest.raises(IndexError, match=f"no sample {number} of {len(dataset)}"):
            dataset[number]


def test_tokens_are_views_of_the_mapped_files(
    tmp_path: Path, documents: list[ShardDocument]
) -> None:
    dataset = training_dataset(
        write_shards(tmp_path, documents), sequence_length=16, epochs=1, seed=0
    )
    for document in range(len(dataset.dataset)):
        tokens = dataset.dataset.get(document)
        assert not tokens.flags.owndata
        assert not tokens.flags.writeable
    mapped = [line for line in Path("/proc/self/maps").read_text().splitlines() if "data-" in line]
    ranges = [[int(end, 16) for end in line.split()[0].split("-")] for line in mapped]
    for tokens in dataset.dataset.shards.batch_tokens:
        assert any(start <= tokens.ctypes.data < end for start, end in ranges)
