"""What a checkpoint holds, by Megatron-core's dist_checkpointing: enough to go on bit for bit.

`galactica.checkpoints.writing` puts it on the disk, `galactica.checkpoints.folders` knows where.
Beside Megatron-core's files a folder holds `training_state.json`: what was being trained, how far,
on what.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from megatron.core import dist_checkpointing, parallel_state, tensor_parallel
from megatron.core.dist_checkpointing.dict_utils import nested_values
from megatron.core.dist_checkpointing.mapping import ShardedObject, ShardedTensor
from megatron.core.models.gpt import GPTModel
from megatron.core.optimizer import MegatronOptimizer
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.metadata import Metadata

from galactica.checkpoints.index import check_index, check_object, check_tensor
from galactica.checkpoints.training_state import STATE_NAME, TrainingState
from galactica.parallelism.process_groups import Layout, seed_generators
from galactica.trainer.optimization import loading_states_of

# The optimizer's layout in the file depends neither on the replicas nor on the pipeline.
_METADATA: Final = {"distrib_optim_sharding_type": "fully_reshardable"}


def training_content(
    model: GPTModel, optimizer: MegatronOptimizer, layout: Layout
) -> dict[str, Any]:
    """Everything that a bit-for-bit resume needs, as a sharded state dict to be written."""
    weights = model.sharded_state_dict(metadata=dict(_METADATA))
    return {
        "model": weights,
        "optimizer": optimizer.sharded_state_dict(weights, metadata=dict(_METADATA)),
        "random_states": _random_states(layout),
    }


def load_checkpoint(
    checkpoint: Path,
    state: TrainingState,
    model: GPTModel,
    optimizer: MegatronOptimizer,
    layout: Layout,
) -> None:
    """Restore weights, optimizer and, where the layout is the saved one, random generators.

    On another layout they are seeded by the step, so that no mask of dropout comes again.
    """
    index = check_index(checkpoint)
    weights = model.sharded_state_dict(metadata=dict(_METADATA))
    random_states = _random_states(layout)
    same_layout = random_states.unique_key in index.state_dict_metadata
    content: dict[str, Any] = {"model": weights}
    if same_layout:
        content["random_states"] = random_states
    with loading_states_of(optimizer, state.step):
        content["optimizer"] = optimizer.sharded_state_dict(
            weights, is_loading=True, metadata=dict(_METADATA)
        )
        loaded = _load(content, checkpoint, index)
        model.load_state_dict(loaded["model"])
        optimizer.load_state_dict(loaded["optimizer"])
    if same_layout:
        _restore_random_states(loaded["random_states"])
    else:
        seed_generators(state.seed, layout, state.step)


def load_model_weights(checkpoint: Path, model: GPTModel) -> None:
    """Read the weights of a checkpoint into a model, inside `parallel_groups`.

    The model may be split otherwise than the one that was saved. The checkpoint may come from
    elsewhere: nothing in it is run.
    """
    content = {"model": model.sharded_state_dict(metadata=dict(_METADATA))}
    model.load_state_dict(_load(content, checkpoint, check_index(checkpoint))["model"])


def _load(content: Mapping[str, Any], checkpoint: Path, index: Metadata) -> Any:
    """The stored values of `content`. Raises ValueError where the files are damaged.

    Megatron-core and torch raise a different error for every kind of damage.
    """
    for part in nested_values(dict(content)):
        if isinstance(part, ShardedObject):
            check_object(checkpoint, index, part.unique_key)
        elif isinstance(part, ShardedTensor):
            check_tensor(checkpoint, index, part.key)
    try:
        return dist_checkpointing.load(content, str(checkpoint))
    except (Exception, CheckpointException) as error:  # torch's derives from BaseException
        cause = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            f"{checkpoint} cannot be read ({cause[-1]}), though its files are as they were "
            "written: by other versions of torch or megatron-core? (its "
            f"{STATE_NAME} names them); if its folder is moved away, the one before it is used"
        ) from error


def _random_states(layout: Layout) -> ShardedObject:
    """This process's generators, as an object of the layout that drew from them."""
    states: dict[str, Any] = {
        "cpu": torch.get_rng_state(),
        "tracked": dict(tensor_parallel.get_cuda_rng_tracker().get_states()),
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return ShardedObject(
        "random_states",
        states,
        (
            parallel_state.get_pipeline_model_parallel_world_size(),
            parallel_state.get_tensor_model_parallel_world_size(),
            layout.data_parallel_size,
        ),
        (layout.pipeline_parallel_rank, layout.tensor_parallel_rank, layout.data_parallel_rank),
        replica_id=0,
    )


def _restore_random_states(states: Mapping[str, Any]) -> None:
    torch.set_rng_state(states["cpu"])
    tensor_parallel.get_cuda_rng_tracker().set_states(dict(states["tracked"]))
    if torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
