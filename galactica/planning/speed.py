"""Operations, the pipeline's bubble and time. Symbols as in `galactica.planning.memory`."""

from collections.abc import Sequence

from galactica.planning.communication import TENSOR_PARALLEL, Traffic
from galactica.planning.hardware import Hardware
from galactica.planning.memory import num_micro_batches
from galactica.settings import ModelSettings, TrainingSettings

SECONDS_PER_DAY = 86_400


def model_flops_per_token(model: ModelSettings, sequence_length: int, vocabulary_size: int) -> int:
    """Floating-point operations of forward and backward pass for each token, recomputation apart.

    Korthikanti et al. 2022, appendix A: 72BLsh²(1 + s/6h + v/12hL) for a batch of Bs tokens, so
    6 x (12Lh² + hv) + 12Lhs for one. It is Chowdhery et al. 2022 (PaLM), appendix B, 6N + 12LHQT,
    with N the weights of matrix products. Both count attention as if it were not causal;
    so is it counted here where it ends with documents, which computes less.

    >>> mini = ModelSettings(num_layers=12, hidden_size=768, num_attention_heads=12)
    >>> model_flops_per_token(mini, 2048, 50_000) == 6 * (12 * 12 * 768**2 + 768 * 50_000) + (
    ...     12 * 12 * 768 * 2048)
    True
    """
    h, layers = model.hidden_size, model.num_layers
    weights = 12 * layers * h * h + h * vocabulary_size
    return 6 * weights + 12 * layers * h * sequence_length


def computed_flops_per_token(
    model: ModelSettings, training: TrainingSettings, vocabulary_size: int
) -> int:
    """As above, with the second forward pass through the layers of full recomputation.

    Selective recomputation repeats no matrix product.
    """
    length = training.sequence_length_tokens
    flops = model_flops_per_token(model, length, vocabulary_size)
    if training.recompute == "full":
        flops += model_flops_per_token(model, length, 0) // 3
    return flops


def pipeline_bubble(training: TrainingSettings, replicas: int) -> float:
    """Idle time of a stage for each of its computing: (p - 1)/m for m micro-batches a step.

    Narayanan et al. 2021 (arXiv 2104.04473), section 2.2.1, the schedule without interleaving.
    """
    return (training.pipeline_parallel - 1) / num_micro_batches(training, replicas)


def step_tokens(training: TrainingSettings) -> int:
    """Tokens of a global batch."""
    return training.global_batch_size_samples * training.sequence_length_tokens


def compute_seconds(
    model: ModelSettings,
    training: TrainingSettings,
    vocabulary_size: int,
    gpus: int,
    hardware: Hardware,
) -> float:
    """Time of a step's operations, recomputation included, at the peak of every GPU."""
    flops = computed_flops_per_token(model, training, vocabulary_size) * step_tokens(training)
    return flops / (gpus * hardware.peak_tflops * 1e12)


def utilisation_bound(
    model: ModelSettings,
    training: TrainingSettings,
    vocabulary_size: int,
    gpus: int,
    hardware: Hardware,
    traffic: Sequence[Traffic],
) -> float:
    """The highest model FLOP utilisation of a layout: operations at peak, then bubble and traffic.

    While a stage waits for its pipeline, others compute and reduce within their tensor-parallel
    groups. No kernel reaches the peak, so a real run stays below it unless communication overlaps
    with computation. Layouts are compared by it.
    """
    replicas = gpus // (training.tensor_parallel * training.pipeline_parallel)
    computing = compute_seconds(model, training, vocabulary_size, gpus, hardware)
    within = sum(entry.seconds for entry in traffic if entry.name == TENSOR_PARALLEL)
    between = sum(entry.seconds for entry in traffic if entry.name != TENSOR_PARALLEL)
    step = (computing + within) * (1 + pipeline_bubble(training, replicas)) + between
    length = training.sequence_length_tokens
    useful = model_flops_per_token(model, length, vocabulary_size)
    computed = computed_flops_per_token(model, training, vocabulary_size)
    return computing * useful / computed / step


def training_seconds(
    flops_per_token: int, tokens: int, gpus: int, hardware: Hardware, utilisation: float
) -> float:
    """Time for `tokens` at a model FLOP utilisation (PaLM, appendix B) that is assumed.

    >>> seconds = training_seconds(10**12, 450 * 10**9, 1000, Hardware(peak_tflops=1000), 0.5)
    >>> seconds / SECONDS_PER_DAY
    10.416666666666666
    """
    return flops_per_token * tokens / (gpus * hardware.peak_tflops * 1e12 * utilisation)
