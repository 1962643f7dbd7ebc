"""AdamW and its learning-rate schedule as in Galactica, section 4, with Megatron-core's parts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from megatron.core.distributed import (
    DistributedDataParallel,
    DistributedDataParallelConfig,
    finalize_model_grads,
)
from megatron.core.models.gpt import GPTModel
from megatron.core.optimizer import MegatronOptimizer, OptimizerConfig, get_megatron_optimizer
from megatron.core.optimizer.distrib_optimizer import DistributedOptimizer
from megatron.core.optimizer_param_scheduler import OptimizerParamScheduler
from megatron.core.transformer.module import Float16Module

from galactica.settings import TrainingSettings


def wrap_for_data_parallel(model: GPTModel, training: TrainingSettings) -> DistributedDataParallel:
    """The model with gradient buffers in float32, reduced over the replicas once a step."""
    module = Float16Module(model.config, model) if training.precision == "bf16" else model
    wrapped = DistributedDataParallel(
        config=model.config,
        ddp_config=DistributedDataParallelConfig(
            grad_reduce_in_fp32=True,
            use_distributed_optimizer=training.distributed_optimizer,
        ),
        module=module,
    )
    wrapped.broadcast_params()
    return wrapped


def build_optimizer(
    wrapped: DistributedDataParallel, training: TrainingSettings
) -> MegatronOptimizer:
    """AdamW; weight decay on matrices only, not on the gains of the norms."""
    optimizer = get_megatron_optimizer(
        OptimizerConfig(
            optimizer="adam",
            lr=training.learning_rate,
            min_lr=training.learning_rate * training.minimum_learning_rate_ratio,
            weight_decay=training.weight_decay,
            adam_beta1=training.adam_beta1,
            adam_beta2=training.adam_beta2,
            clip_grad=training.gradient_clip,
            bf16=training.precision == "bf16",
            params_dtype=wrapped.config.params_dtype,
            use_distributed_optimizer=training.distributed_optimizer,
        ),
        [wrapped],
        use_gloo_process_groups=False,
    )
    wrapped.config.grad_scale_func = optimizer.scale_loss
    wrapped.config.finalize_model_grads_func = finalize_model_grads
    return optimizer


def build_scheduler(
    optimizer: MegatronOptimizer, training: TrainingSettings, total_samples: int
) -> OptimizerParamScheduler:
    """Linear warm-up, then linear decay, counted in consumed samples.

    It has no state but that count, so `scheduler.step(consumed_samples)` on a new one restores it.
    """
    return OptimizerParamScheduler(
        optimizer,
        init_lr=0.0,
        max_lr=training.learning_rate,
        min_lr=training.learning_rate * training.minimum_learning_rate_ratio,
        lr_warmup_steps=training.warmup_samples(total_samples),
        lr_decay_steps=total_samples,
        lr_decay_style="linear",
        start_wd=training.weight_decay,
        end_wd=training.weight_decay,
        wd_incr_steps=total_samples,
        wd_incr_style="constant",
    )


def learning_rate(optimizer: MegatronOptimizer) -> float:
    """The rate in force."""
    return float(optimizer.param_groups[0]["lr"])


@contextmanager
def loading_states_of(optimizer: MegatronOptimizer, step: int) -> Iterator[None]:
    """Where optimizer states of this step are loaded: PyTorch's AdamW keeps its step counters.

    Without Apex or Transformer Engine, Megatron-core's distributed optimizer asks for the `step`
    of states that do not exist yet, misses it in those it reads, and lets all parameters share
    one tensor, which then counts up once a parameter. Apex and Transformer Engine count in the
    parameter group, so with them nothing is done.
    """
    parts = [
        part
        for part in optimizer.chained_optimizers
        if isinstance(part.optimizer, torch.optim.AdamW)
    ]
    for part in parts:
        _set_steps(part.optimizer, step)
        if isinstance(part, DistributedOptimizer):
            part._set_main_param_and_optimizer_states = partial(
                _set_states_and_step, part._set_main_param_and_optimizer_states, step
            )
    yield
    for part in parts:
        _set_steps(part.optimizer, step)
        vars(part).pop("_set_main_param_and_optimizer_states", None)


def _set_steps(adam: torch.optim.AdamW, step: int) -> None:
    """Give every parameter a step counter of its own, and moments where it has none."""
    for group in adam.param_groups:
        for parameter in group["params"]:
            state = adam.state[parameter]
            if not state:
                state["exp_avg"] = torch.zeros_like(parameter.data)
                state["exp_avg_sq"] = torch.zeros_like(parameter.data)
            state["step"] = torch.tensor(float(step))


def _set_states_and_step(
    set_states: Callable[..., None],
    step: int,
    parameter: torch.nn.Parameter,
    states: dict[str, torch.Tensor],
) -> None:
    set_states(parameter, {"step": torch.tensor(float(step)), **states})
