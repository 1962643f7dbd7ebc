"""Validation loss of every source, on the same held-out samples each time."""

from collections.abc import Mapping

import torch

from galactica.batches import SampleDataset, micro_batches, num_micro_batches
from galactica.forward import run_micro_batches
from galactica.parallel import Layout
from galactica.settings import TrainingSettings


def validation_losses(
    model: torch.nn.Module,
    datasets: Mapping[str, SampleDataset],
    training: TrainingSettings,
    layout: Layout,
) -> dict[str, float]:
    """Mean loss in nats a token, by source, without dropout; every process gets all of them.

    The first `validation_samples_per_source` samples of each source are shared among the replicas.
    Random generators are left as they are.
    """
    losses = {}
    model.eval()
    with torch.no_grad():
        for source, dataset in datasets.items():
            num_samples = min(len(dataset), training.validation_samples_per_source)
            # Not more than the source has: small sources are many, and padding costs time.
            micro_batch = min(
                training.micro_batch_size_samples, -(-num_samples // layout.data_parallel_size)
            )
            loss, tokens = run_micro_batches(
                model,
                micro_batches(dataset, 0, num_samples, micro_batch, layout),
                count=num_micro_batches(num_samples, micro_batch, layout.data_parallel_size),
                micro_batch=micro_batch,
                sequence_length=training.sequence_length_tokens,
                layout=layout,
                forward_only=True,
            )
            losses[source] = loss / tokens
    model.train()
    return losses
