"""From documents to a trained and exported model, every part the real one."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from galactica.data.shard_dataset import validation_datasets
from galactica.generation.text_generator import TextGenerator
from galactica.huggingface.export import export_run
from galactica.settings import ModelSettings, TrainingSettings
from galactica.training import pretrain
from tokenization import ScienceTokenizer, TokenizerSettings, amino
from tokenization.manifests import Manifest
from tokenization.shard_reader import open_shards
from tokenization.shards import ShardDocument, finish_shard_folder, shard_name, write_shard_file
from tokenization.training import train_tokenizer

SEQUENCE_LENGTH = 64
TRAINING = TrainingSettings(
    epochs=2.5,
    sequence_length_tokens=SEQUENCE_LENGTH,
    global_batch_size_samples=8,
    micro_batch_size_samples=4,
    learning_rate=3e-3,
)
MODEL = ModelSettings(
    num_layers=2, hidden_size=64, num_attention_heads=4, max_position_embeddings=SEQUENCE_LENGTH
)


def documents(split: str, count: int) -> dict[str, list[str]]:
    """Two sources: sentences of a few words, and proteins that repeat a motif."""
    generator = np.random.default_rng(len(split))
    texts = defaultdict(list)
    for _ in range(count):
        nouns = generator.choice(["water", "light", "stone", "iron"], 40)
        texts["sentences"].append(" ".join(f"The {noun} of the sea is cold." for noun in nouns))
        texts["proteins"].append(
            "A protein: " + amino("MKVLLEGASW" * int(generator.integers(3, 9)))
        )
    return texts


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    splits = {"train": documents("train", 40), "validation": documents("validation", 3)}
    texts = [text for source in splits["train"].values() for text in source]
    tokenizer = train_tokenizer(texts, TokenizerSettings(vocabulary_size=300), latex_markers=False)
    tokenizer.save_pretrained(folder / "tokenizer", model_max_length=SEQUENCE_LENGTH)
    for split, by_source in splits.items():
        shards = folder / "shards" / split
        shards.mkdir(parents=True)
        stored = []
        for source, texts in by_source.items():
            ids, offsets = tokenizer.encode_documents(texts)
            parts = np.split(ids, offsets[1:-1])
            stored += [ShardDocument(f"{source}/{n}", source, part) for n, part in enumerate(parts)]
        file = write_shard_file(
            shards / shard_name(0, 1), stored, tokenizer.vocabulary_size, list(by_source)
        )
        facts = {"shards": finish_shard_folder(shards, [file], split)}
        (shards / "manifest.json").write_text(Manifest("shards", "", facts=facts).to_json())
    return folder


def test_a_trained_model_has_the_same_loss_in_transformers(run_dir: Path) -> None:
    vocabulary_size = ScienceTokenizer.from_pretrained(run_dir / "tokenizer").vocabulary_size
    losses: list[float] = []
    summary = pretrain(
        MODEL,
        TRAINING,
        run_dir=run_dir,
        seed=0,
        vocabulary_size=vocabulary_size,
        progress=lambda state: losses.append(state.loss) if state.loss is not None else None,
    )
    assert losses[-1] < 0.7 * losses[0]

    model = AutoModelForCausalLM.from_pretrained(export_run(run_dir, run_dir / "model")).eval()
    datasets = validation_datasets(
        open_shards(run_dir / "shards" / "validation"), sequence_length=SEQUENCE_LENGTH
    )
    assert list(datasets) == ["sentences", "proteins"]
    for source, dataset in datasets.items():
        samples = [dataset[number] for number in range(len(dataset))]
        tokens, labels, mask = (
            torch.stack([sample[name] for sample in samples])
            for name in ("tokens", "labels", "loss_mask")
        )
        with torch.no_grad():
            logits = model(tokens).logits
        per_token = torch.nn.functional.cross_entropy(
            logits.transpose(1, 2), labels, reduction="none"
        )
        loss = float((per_token * mask).sum() / mask.sum())
        assert loss == pytest.approx(summary.validation_loss[source], abs=1e-4)

    prompt = "[START_AMINO]MKVLLEGASWMKV"
    (written,) = TextGenerator.open(run_dir / "model").generate([prompt], max_new_tokens=4)
    # What it has learnt: after an opening, the residues of the corpus, one a token.
    assert len(written.text) == 4
    assert set(written.text) <= set("MKVLEGASW")
