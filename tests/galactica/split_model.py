"""Run by torchrun: saves a checkpoint of a model split over two processes, and its loss."""

import sys
from pathlib import Path

import torch

from galactica.checkpoints.content import training_content
from galactica.checkpoints.training_state import TrainingState
from galactica.checkpoints.writing import CheckpointWriter
from galactica.data.batches import MicroBatch
from galactica.parallelism.process_groups import parallel_groups
from galactica.settings import ModelSettings, TrainingSettings
from galactica.trainer.forward import measure_micro_batches
from galactica.trainer.optimization import build_optimizer, wrap_for_data_parallel
from galactica.transformer.model import build_model
from tokenization import TokenizerSettings
from tokenization.training import train_tokenizer

MODEL = ModelSettings(
    num_layers=2, hidden_size=48, num_attention_heads=4, max_position_embeddings=33
)


def save_split_model(split: str, folder: Path) -> None:
    training = TrainingSettings(
        epochs=1,
        sequence_length_tokens=32,
        global_batch_size_samples=3,
        micro_batch_size_samples=3,
        learning_rate=1e-3,
    ).model_copy(update={split: 2})
    with parallel_groups(training, seed=1) as layout:
        tokenizer = train_tokenizer(
            ["the water of the sea"], TokenizerSettings(vocabulary_size=281), latex_markers=False
        )
        state = TrainingState(
            step=1,
            consumed_samples=3,
            total_samples=3,
            seed=0,
            vocabulary_size=tokenizer.vocabulary_size,
            model=MODEL.model_dump(mode="json"),
            training=training.model_dump(mode="json"),
            fingerprints={},
            versions={},
        )
        model = build_model(
            MODEL, training, state.vocabulary_size, layout.is_first_stage, layout.is_last_stage
        )
        with torch.no_grad():
            for name, weight in model.named_parameters():
                if "word_embeddings" not in name and "output_layer" not in name:
                    weight.mul_(1.5).add_(0.01 * (layout.rank if split != "tensor_parallel" else 1))
        wrapped = wrap_for_data_parallel(model, training)
        optimizer = build_optimizer(wrapped, training)
        writer = CheckpointWriter(folder, 1, asynchronous=False)
        writer.save(state, training_content(model, optimizer, layout))
        generator = torch.Generator().manual_seed(4)
        ids = torch.randint(0, state.vocabulary_size, (3, 33), generator=generator)
        batch = MicroBatch(
            tokens=ids[:, :-1],
            labels=ids[:, 1:],
            loss_mask=torch.ones(3, 32),
            position_ids=torch.arange(32).expand(3, 32),
        )
        wrapped.eval()
        sums = measure_micro_batches(
            wrapped,
            iter([batch]),
            lambda _, losses: losses.double().sum(),
            count=1,
            micro_batch=3,
            sequence_length=32,
        )
        loss = sums[0] if layout.reports_loss else torch.zeros((), dtype=torch.float64)
        torch.distributed.all_reduce(loss)
        if layout.rank == 0:
            tokenizer.save_pretrained(folder / "tokenizer")
            torch.save(ids, folder / "ids.pt")
            torch.save((loss / ids[:, 1:].numel()).float(), folder / "loss.pt")


if __name__ == "__main__":
    save_split_model(sys.argv[1], Path(sys.argv[2]))
