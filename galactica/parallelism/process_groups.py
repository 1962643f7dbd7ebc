"""Process groups: the same for one process, for torchrun, on CPU (gloo) and on CUDA (NCCL)."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from megatron.core import parallel_state, tensor_parallel

from galactica.layout import data_parallel_size
from galactica.parallelism.megatron_on_cpu import adapt_megatron
from galactica.settings import TrainingSettings
from galactica.transformer.kernels import repeatable


@dataclass(frozen=True, slots=True)
class Layout:
    """Where this process stands: ranks and sizes, and the device it computes on."""

    rank: int
    world_size: int
    data_parallel_rank: int
    data_parallel_size: int
    tensor_parallel_rank: int
    pipeline_parallel_rank: int
    is_first_stage: bool
    is_last_stage: bool
    device: torch.device

    @property
    def reports_loss(self) -> bool:
        """Whether the losses this process computes count: one process a data-parallel replica."""
        return self.is_last_stage and self.tensor_parallel_rank == 0


def launched_processes() -> int:
    """Processes that torchrun, or who else numbers them, started; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1")) if "RANK" in os.environ else 1


@contextmanager
def process_group() -> Iterator[None]:
    """The group of all processes that were launched, while the block runs; nothing in an inner one.

    Entered before anything is read, it lets all of them hear what one finds wrong (`agreed`).
    Raises ValueError where another process of the run ends while the block waits for it.
    """
    if torch.distributed.is_initialized():
        yield
        return
    on_cuda = torch.cuda.is_available()
    if on_cuda:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    backend = "cpu:gloo,cuda:nccl" if on_cuda else "gloo"
    if "RANK" in os.environ:
        torch.distributed.init_process_group(backend)
    else:
        # In memory: no port that another process could hold, and no file.
        store = torch.distributed.HashStore()  # type: ignore[attr-defined]  # not in its stub
        torch.distributed.init_process_group(backend, store=store, rank=0, world_size=1)
    in_order = False
    try:
        yield
        in_order = True
    except RuntimeError as error:
        if _tells_of_a_lost_process(error):
            raise ValueError(
                "another process of this run ended while this one waited for it: what that one "
                f"says tells why ({str(error).splitlines()[0]})"
            ) from error
        raise
    finally:
        alone = torch.distributed.get_world_size() == 1
        # Processes that leave by an error do not wait for others: NCCL's orderly end could, for
        # those that wait in a collective for this one. Its groups end with the process.
        if in_order or alone or not on_cuda:
            torch.distributed.destroy_process_group()


@contextmanager
def parallel_groups(training: TrainingSettings, seed: int = 0) -> Iterator[Layout]:
    """The process groups of a run, with the random generators seeded; they end with the block.

    Under torchrun the ranks come from its environment variables; without it there is one process.
    Whatever builds or loads a model (training, export) does so inside this block.

    Raises ValueError where the processes cannot be divided as the settings want, and as
    `process_group` does.
    """
    data_parallel_size(training, launched_processes())
    adapt_megatron()
    with process_group():
        try:
            parallel_state.initialize_model_parallel(
                tensor_model_parallel_size=training.tensor_parallel,
                pipeline_model_parallel_size=training.pipeline_parallel,
                create_gloo_process_groups=False,
            )
            layout = _layout()
            seed_generators(seed, layout)
            with repeatable(training):
                yield layout
        finally:
            parallel_state.destroy_model_parallel()


def _tells_of_a_lost_process(error: RuntimeError) -> bool:
    """Whether a connection broke, by the words of gloo and of NCCL: other errors are their own."""
    text = str(error)
    return ("gloo" in text and "by peer" in text) or "ncclRemoteError" in text


def seed_generators(seed: int, layout: Layout, step: int = 0) -> None:
    """Seed the generators that dropout draws from, for what comes after a step.

    Pipeline stages hold other layers and replicas other samples, so their masks differ (Megatron-LM
    gives replicas the same ones); tensor-parallel ranks share a generator, and have one of their
    own for what is split among them. The step is for a run that goes on where its generators
    cannot: the masks of its beginning do not come again.
    """
    drawn_by = f"{seed} {step} {layout.pipeline_parallel_rank} {layout.data_parallel_rank}"
    digest = hashlib.blake2b(drawn_by.encode(), digest_size=6).digest()
    drawn = int.from_bytes(digest, "little")
    torch.manual_seed(drawn)
    tensor_parallel.model_parallel_cuda_manual_seed(drawn, force_reset_rng=True)


def _layout() -> Layout:
    on_cuda = torch.cuda.is_available()
    return Layout(
        rank=torch.distributed.get_rank(),
        world_size=torch.distributed.get_world_size(),
        data_parallel_rank=parallel_state.get_data_parallel_rank(),
        data_parallel_size=parallel_state.get_data_parallel_world_size(),
        tensor_parallel_rank=parallel_state.get_tensor_model_parallel_rank(),
        pipeline_parallel_rank=parallel_state.get_pipeline_model_parallel_rank(),
        is_first_stage=parallel_state.is_pipeline_first_stage(),
        is_last_stage=parallel_state.is_pipeline_last_stage(),
        device=torch.device("cuda", torch.cuda.current_device())
        if on_cuda
        else torch.device("cpu"),
    )
