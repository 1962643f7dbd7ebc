"""Training speed: our loop beside a plain PyTorch loop over the same model in transformers.

    python benchmarks/training_speed.py --preset tiny --vocabulary-size 2048 --sequence-length 256

Both train a model of one shape on the same random shards, in the same precision (fp32) and batch,
in turns of one run. Prints tokens per second of each and their ratio; the median step counts, the
first steps are left out. It runs from a checkout with PYTHONPATH alone, on the CPU or one GPU.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from transformers import OPTForCausalLM

from galactica.opt import opt_config
from galactica.presets import model_from_preset
from galactica.settings import ModelSettings, TrainingSettings
from galactica.shard_dataset import training_dataset
from galactica.training import pretrain
from tokenization.manifests import Manifest
from tokenization.shards import ShardDocument, finish_shard_folder, shard_name, write_shard_file

WARM_UP_STEPS = 3


def write_random_shards(run_dir: Path, num_tokens: int, vocabulary_size: int) -> None:
    generator = np.random.default_rng(0)
    for split, tokens in (("train", num_tokens), ("validation", 5_000)):
        folder = run_dir / "shards" / split
        folder.mkdir(parents=True)
        documents = [
            ShardDocument(f"{split}/{n}", "random", generator.integers(23, vocabulary_size, 1_000))
            for n in range(-(-tokens // 1_000))
        ]
        file = write_shard_file(folder / shard_name(0, 1), documents, vocabulary_size, ["random"])
        facts = {"shards": finish_shard_folder(folder, [file], split)}
        (folder / "manifest.json").write_text(Manifest("shards", "", facts=facts).to_json())


def ours(
    model: ModelSettings, training: TrainingSettings, run_dir: Path, vocabulary_size: int
) -> float:
    """Tokens per second of the median step of `galactica.training.pretrain`."""
    pretrain(model, training, run_dir=run_dir, seed=0, vocabulary_size=vocabulary_size)
    lines = (run_dir / "logs" / "speed.jsonl").read_text().splitlines()
    speeds = [json.loads(line)["tokens_per_second"] for line in lines]
    return statistics.median(speed for speed in speeds[WARM_UP_STEPS:] if speed)


def plain(
    model: ModelSettings, training: TrainingSettings, run_dir: Path, vocabulary_size: int
) -> float:
    """The same of a plain loop: OPTForCausalLM, AdamW, gradient clipping."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dataset = training_dataset(
        run_dir / "shards" / "train",
        sequence_length=training.sequence_length_tokens,
        epochs=training.epochs,
        seed=0,
    )
    network = OPTForCausalLM(opt_config(model, vocabulary_size, torch.float32)).to(device)
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=training.learning_rate)
    batch, micro = training.global_batch_size_samples, training.micro_batch_size_samples
    speeds = []
    for start in range(0, len(dataset) - batch + 1, batch):
        before = time.perf_counter()
        optimizer.zero_grad()
        for first in range(start, start + batch, micro):
            samples = [dataset[number] for number in range(first, first + micro)]
            tokens = torch.stack([torch.as_tensor(s["tokens"]) for s in samples]).to(device)
            labels = torch.stack([torch.as_tensor(s["labels"]) for s in samples]).to(device)
            logits = network(input_ids=tokens).logits
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
            (loss * micro / batch).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), training.gradient_clip)
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()
        speeds.append(batch * training.sequence_length_tokens / (time.perf_counter() - before))
    return statistics.median(speeds[WARM_UP_STEPS:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="tiny")
    parser.add_argument("--vocabulary-size", type=int, default=2048)
    parser.add_argument("--sequence-length", type=int, default=256)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--micro-batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    model = model_from_preset(options.preset)
    training = TrainingSettings(
        epochs=1,
        sequence_length_tokens=options.sequence_length,
        global_batch_size_samples=options.batch,
        micro_batch_size_samples=options.micro_batch,
        learning_rate=1e-3,
    )
    num_tokens = options.steps * options.batch * options.sequence_length + 1
    ratios = []
    print(f"{options.preset}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("round   ours tok/s   plain tok/s   ratio")
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            run_dir = Path(folder)
            write_random_shards(run_dir, num_tokens, options.vocabulary_size)
            speeds = [
                measure(model, training, run_dir, options.vocabulary_size)
                for measure in (ours, plain)
            ]
        ratios.append(speeds[0] / speeds[1])
        print(f"{number:>5} {speeds[0]:>12,.0f} {speeds[1]:>13,.0f} {ratios[-1]:>7.2f}")
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
