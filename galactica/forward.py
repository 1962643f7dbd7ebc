"""One pass of Megatron-core's schedule over micro-batches: training and validation share it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from megatron.core.pipeline_parallel import get_forward_backward_func

from galactica.batches import MicroBatch
from galactica.parallel import Layout


def run_micro_batches(
    model: torch.nn.Module,
    batches: Iterator[MicroBatch],
    *,
    count: int,
    micro_batch: int,
    sequence_length: int,
    layout: Layout,
    forward_only: bool,
) -> tuple[float, int]:
    """The summed loss in nats and the number of tokens it is over, over all processes.

    Unless `forward_only`, the gradients are accumulated, reduced over the replicas and divided by
    that number of tokens.
    """
    outputs: list[dict[str, torch.Tensor]] = get_forward_backward_func()(
        forward_step_func=_forward_step,
        data_iterator=batches,
        model=[model],
        num_microbatches=count,
        seq_length=sequence_length,
        micro_batch_size=micro_batch,
        forward_only=forward_only,
    )
    totals = torch.zeros(2, dtype=torch.float64, device=layout.device)
    if layout.reports_loss:
        for output in outputs:
            totals += output["loss_and_tokens"]
    torch.distributed.all_reduce(totals)
    loss, tokens = totals.tolist()
    return loss, round(tokens)


def _forward_step(
    batches: Iterator[MicroBatch], model: Callable[..., torch.Tensor]
) -> tuple[torch.Tensor, Callable[..., Any]]:
    batch = next(batches)
    output = model(batch.tokens, batch.position_ids, None, labels=batch.labels)
    return output, partial(_summed_loss, batch.loss_mask)


def _summed_loss(
    loss_mask: torch.Tensor, losses: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    loss = (losses.float() * loss_mask).sum()
    tokens = loss_mask.sum()
    # Cloned, because the schedules scale the loss they are given in place.
    report = torch.stack([loss.detach().clone(), tokens]).double()
    return loss, tokens.int(), {"loss_and_tokens": report}
