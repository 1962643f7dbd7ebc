"""The random generators of dropout: their seeds, and what a resume on another layout does."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from megatron.core import tensor_parallel
from torch.distributed.checkpoint.metadata import Metadata

import galactica.training
from galactica.checkpoints import content
from galactica.checkpoints.index import check_index
from galactica.parallelism.process_groups import parallel_groups, seed_generators
from tests.galactica.resumed_runs import ONE_PROCESS
from tests.galactica.short_runs import start


def test_stages_replicas_and_steps_draw_other_masks() -> None:
    with parallel_groups(ONE_PROCESS, seed=3) as layout:
        drawn = [torch.rand(4).tolist()]
        for ranks in ((0, 0), (1, 0), (0, 1)):
            stage, replica = ranks
            other = replace(layout, pipeline_parallel_rank=stage, data_parallel_rank=replica)
            for step in (0, 5):
                seed_generators(3, other, step)
                drawn.append(torch.rand(4).tolist())
                with tensor_parallel.get_cuda_rng_tracker().fork():
                    drawn.append(torch.rand(4).tolist())
    assert drawn[0] == drawn[1]
    different = drawn[1:]
    assert all(one != other for i, one in enumerate(different) for other in different[:i])


def _index_without_generators(checkpoint: Path) -> Metadata:
    """The index as the checkpoint of another layout has it, for the parts of this one."""
    index = check_index(checkpoint)
    kept = {
        name: part
        for name, part in index.state_dict_metadata.items()
        if not name.startswith("random_states/")
    }
    assert len(kept) < len(index.state_dict_metadata)
    return replace(index, state_dict_metadata=kept)


@pytest.mark.parametrize("same_layout", [True, False])
def test_a_resume_repeats_no_mask(
    new_run: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, same_layout: bool
) -> None:
    """The generators of the same layout go on; of another they begin anew, but not as at step 0."""
    run = new_run("run")
    start(run, epochs=2.5, checkpoint_interval_steps=2, keep_checkpoints=9)
    found: list[Sequence[torch.Tensor]] = []
    load = galactica.training.load_checkpoint

    def and_look(*arguments: Any) -> None:
        before = torch.get_rng_state()
        load(*arguments)
        found.append((before, torch.get_rng_state()))
        raise KeyboardInterrupt

    monkeypatch.setattr(galactica.training, "load_checkpoint", and_look)
    if not same_layout:
        monkeypatch.setattr(content, "check_index", _index_without_generators)
    for _ in range(2):
        checkpoints = sorted((run / "checkpoints").glob("step-*"))
        checkpoints[-1].rename(run / f"aside-{len(checkpoints)}")
        with pytest.raises(KeyboardInterrupt):
            start(run, epochs=2.5)
    (first, at_one), (second, at_other) = found
    assert torch.equal(first, second)
    assert not torch.equal(first, at_one)
    assert not torch.equal(at_one, at_other)
