"""Decisions that all processes take alike, and errors that all of them raise together.

A process that raises alone leaves the others waiting in their next collective operation, until
they see it gone or torchrun ends them. So what one process finds out by itself (a file that cannot
be read, a signal) is told to all before anybody acts on it. Objects go through the memory of the
machine (gloo), also where the model computes on a GPU.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import torch

Value = TypeVar("Value")

#: Messages of different processes that are told at once.
_MOST_MESSAGES: Final = 5


class SharedError(ValueError):
    """A user's error that every process raises at the same place, so that one need tell it."""

    raised_by_all = True


def from_rank_zero(decide: Callable[[], Value]) -> Value:
    """What `decide` gives on rank 0, on every rank: what depends on a clock, a file or a folder.

    Raises SharedError on every rank where `decide` raises ValueError or OSError.
    """
    outcome: list[tuple[Value | None, str | None]] = [(None, None)]
    cause: Exception | None = None
    if torch.distributed.get_rank() == 0:
        try:
            outcome = [(decide(), None)]
        except (ValueError, OSError) as error:
            outcome, cause = [(None, str(error))], error
    torch.distributed.broadcast_object_list(outcome, src=0, device=torch.device("cpu"))
    value, message = outcome[0]
    if message is not None:
        raise SharedError(message) from cause
    return value  # type: ignore[return-value]  # no message, so it is what rank 0 decided


def agreed(
    prepare: Callable[[], Value], errors: tuple[type[Exception], ...] = (ValueError, OSError)
) -> Value:
    """What `prepare` gives, where it gives something on every process: each calls it by itself.

    For what all of them read before they train together. Raises SharedError on every rank where it
    raises one of `errors` on any; outside a group, or alone in it, what it raises.
    """
    if not torch.distributed.is_initialized() or torch.distributed.get_world_size() == 1:
        return prepare()
    value: list[Value] = []
    error = None
    try:
        value.append(prepare())
    except errors as caught:
        error = caught
    raise_together(error)
    return value[0]


def raise_together(error: Exception | str | None) -> None:
    """Every process brings its error or None; where there is one, all raise SharedError.

    It has every message once, with the first process that brings it, unless all bring the same.
    """
    text = None if error is None else str(error) or type(error).__name__
    texts = gathered(text)
    first: dict[str, int] = {}
    for rank, other in enumerate(texts):
        if other is not None:
            first.setdefault(other, rank)
    if not first:
        return
    cause = error if isinstance(error, Exception) else None
    if texts.count(texts[0]) == len(texts):
        raise SharedError(texts[0]) from cause
    told = [f"{other} (process {rank} of {len(texts)})" for other, rank in first.items()]
    more = len(told) - _MOST_MESSAGES
    raise SharedError(
        "\n".join(told[:_MOST_MESSAGES]) + (f"\nand {more} more" if more > 0 else "")
    ) from cause


def gathered(value: Value) -> list[Value]:
    """The values of all processes, by rank."""
    values: list[Value] = [value] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(values, value)
    return values


def highest(values: Sequence[int]) -> list[int]:
    """The highest that any process brings, place by place: what is asked after every step.

    By NCCL where there is a GPU: of a thousand processes gloo's ring takes a thousand hops.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tensor = torch.tensor(values, dtype=torch.int64, device=device)
    torch.distributed.all_reduce(tensor, op=torch.distributed.ReduceOp.MAX)
    return tensor.tolist()
