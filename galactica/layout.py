"""How processes are divided among tensor, pipeline and data parallelism, and what cannot be.

Nothing here imports torch: a layout is checked before anything starts, and planned on any machine.
"""

from galactica.settings import ModelSettings, TrainingSettings


def data_parallel_size(training: TrainingSettings, world_size: int) -> int:
    """Replicas of the model that `world_size` processes hold.

    Raises ValueError where tensor x pipeline parallelism does not divide the processes.
    """
    model_parallel = training.tensor_parallel * training.pipeline_parallel
    if world_size % model_parallel:
        raise ValueError(
            f"tensor_parallel {training.tensor_parallel} x pipeline_parallel "
            f"{training.pipeline_parallel} needs a multiple of {model_parallel} processes, but "
            f"there {'is' if world_size == 1 else 'are'} {world_size}: take as many (torchrun "
            "--no-python --nnodes NODES --nproc-per-node GPUS), or lower them"
        )
    return world_size // model_parallel


def check_layout(model: ModelSettings, training: TrainingSettings, world_size: int) -> int:
    """Refuse what cannot be laid out on `world_size` processes, with the numbers that do not fit.

    Returns the data-parallel size. Raises ValueError with one line for every fault: the sequence
    by the model's positions, heads by tensor parallelism, layers by pipeline parallelism,
    processes by both, and the batch by replicas x micro-batch.

    >>> model = ModelSettings(num_layers=96, hidden_size=10240, num_attention_heads=80)
    >>> training = TrainingSettings(
    ...     epochs=1, global_batch_size_samples=1024, micro_batch_size_samples=1,
    ...     learning_rate=1e-5, tensor_parallel=8, pipeline_parallel=8,
    ... )
    >>> check_layout(model, training, 1024)
    16
    """
    faults = []
    if training.sequence_length_tokens > model.max_position_embeddings:
        faults.append(
            f"training.sequence_length_tokens {training.sequence_length_tokens} is longer than "
            f"model.max_position_embeddings {model.max_position_embeddings}: the model has no "
            "positions beyond it"
        )
    if model.num_attention_heads % training.tensor_parallel:
        faults.append(
            f"model.num_attention_heads {model.num_attention_heads} is not a multiple of "
            f"training.tensor_parallel {training.tensor_parallel}"
        )
    if model.num_layers % training.pipeline_parallel:
        faults.append(
            f"model.num_layers {model.num_layers} is not a multiple of "
            f"training.pipeline_parallel {training.pipeline_parallel}"
        )
    replicas = 0
    try:
        replicas = data_parallel_size(training, world_size)
    except ValueError as error:
        faults.append(str(error))
    else:
        multiple = training.micro_batch_size_samples * replicas
        if training.global_batch_size_samples % multiple:
            faults.append(
                f"training.global_batch_size_samples {training.global_batch_size_samples} is not "
                f"a multiple of micro_batch_size_samples {training.micro_batch_size_samples} x "
                f"{replicas} data-parallel processes = {multiple}"
            )
    if faults:
        raise ValueError("\n".join(faults))
    return replicas
