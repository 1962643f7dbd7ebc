"""The validated settings of a model and of a training run: two sections of a recipe.

Field names are the field's own words with their units. Unknown keys are errors, so that a
misspelt setting is never silently ignored.
"""

import math
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
PositiveFloat = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
PositiveInt = Annotated[int, Field(ge=1)]

#: More is a mistake, which would cost memory and hours before the first step.
MOST_EPOCHS: Final = 10_000
SourceEpochs = Annotated[float, Field(ge=0.0, le=MOST_EPOCHS, allow_inf_nan=False)]

#: Matrix products are fastest where the vocabulary is a multiple of this (Megatron-LM's default).
VOCABULARY_MULTIPLE: Final = 128


def padded_vocabulary_size(vocabulary_size: int, tensor_parallel: int) -> int:
    """Rows of the embedding: the vocabulary, rounded up for speed and to divide among ranks.

    The rows beyond the vocabulary take no part in the loss.

    >>> padded_vocabulary_size(50_000, 1), padded_vocabulary_size(50_000, 4)
    (50048, 50176)
    """
    multiple = VOCABULARY_MULTIPLE * tensor_parallel
    return math.ceil(vocabulary_size / multiple) * multiple


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Settings):
    """The shape of a decoder-only transformer as in Galactica, section 4.

    What the paper fixes is not a setting: GeLU, learned positions, pre-layer norm, no biases in
    dense kernels or norms, input and output embeddings tied, no dropout after the embedding.
    """

    num_layers: PositiveInt
    hidden_size: PositiveInt
    num_attention_heads: PositiveInt
    max_position_embeddings: PositiveInt = 2048
    dropout: Fraction = 0.1
    attention_dropout: Fraction = 0.1

    @model_validator(mode="after")
    def _heads_divide_width(self) -> Self:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} is not a multiple of num_attention_heads "
                f"{self.num_attention_heads}"
            )
        return self

    @property
    def ffn_hidden_size(self) -> int:
        """Width of the feed-forward layers: four times the model's."""
        return 4 * self.hidden_size

    def num_parameters(self, vocabulary_size: int) -> int:
        """Parameters of the model, its tied embedding counted once and no padding.

        >>> mini = ModelSettings(num_layers=12, hidden_size=768, num_attention_heads=12)
        >>> round(mini.num_parameters(50_000) / 1e6)
        125
        """
        layer = 12 * self.hidden_size**2 + 2 * self.hidden_size
        embeddings = (vocabulary_size + self.max_position_embeddings) * self.hidden_size
        return self.num_layers * layer + embeddings + self.hidden_size


class TrainingSettings(_Settings):
    """How a model is trained. Galactica's values (section 4) are the defaults where it has any.

    `epochs` are strict: every document is seen once a pass (see `galactica.data.epochs`);
    `source_epochs` gives single sources their own number. A batch is `global_batch_size_samples`
    samples of `sequence_length_tokens` over all processes, in steps of `micro_batch_size_samples`
    a process; the last batch of a run holds what is left. The learning rate rises linearly over
    `warmup_tokens` (or `warmup_fraction` of the run; 0.01 where neither is given) and falls
    linearly to `minimum_learning_rate_ratio` of its peak at the end.

    Documents are packed into samples. With `attend_across_documents` false, attention ends where
    they do, and no document's first token is predicted from the one before it;
    `reset_position_ids` counts positions from the beginning of each document in a sample.

    Validation runs before the first step, at every interval that is given, and always where an
    epoch or the run ends, on the first `validation_samples_per_source` samples of every source of
    every held-out split; None takes all. With `early_stop_patience` the run ends when the mean
    validation loss, over all tokens, has not fallen below its lowest for so many validations in a
    row, of those that come after `early_stop_after_epochs`.

    A new run begins with random weights, or with those of `start_from`: a run of ours, one of its
    checkpoints, or an OPT model in Hugging Face's form. A checkpoint is saved at every interval
    that is given, where the run is asked to stop, and always at the end; the last
    `keep_checkpoints` are kept. With `keep_best_checkpoint` (`auto`: where the run may stop early)
    one is also saved wherever the mean validation loss is the lowest so far, and kept until a lower
    one. With `asynchronous_checkpoints` the training goes on while one is written.

    The run stops where the loss or the gradient is no number, and where the gradient's norm stays
    above `stop_gradient_norm_ratio` times what it was (see `trainer.broken_steps`; None never
    looks). `verify_shards` reads all shards before the first step and compares their content.

    `recompute` says what is computed again in the backward pass: `selective` the outputs of norms
    and GeLU, `full` whole layers. `transformer_engine` and `compile` say which kernels are used
    (`auto`: on CUDA, where they work), `deterministic` that a GPU repeats bit for bit. The two
    overlaps hide communication among replicas behind computation.

    With `wandb_project` the run is shown on Weights & Biases too, where that package is installed.
    """

    epochs: Annotated[float, Field(gt=0.0, le=MOST_EPOCHS, allow_inf_nan=False)]
    source_epochs: dict[str, SourceEpochs] | None = None
    start_from: Annotated[str, Field(min_length=1)] | None = None
    sequence_length_tokens: Annotated[int, Field(ge=2)] = 2048
    attend_across_documents: bool = True
    reset_position_ids: bool = False
    global_batch_size_samples: PositiveInt
    micro_batch_size_samples: PositiveInt

    learning_rate: PositiveFloat
    minimum_learning_rate_ratio: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    warmup_tokens: Annotated[int, Field(ge=0)] | None = None
    warmup_fraction: Fraction | None = None
    weight_decay: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.1
    adam_beta1: Fraction = 0.9
    adam_beta2: Fraction = 0.95
    gradient_clip: PositiveFloat = 1.0

    validation_interval_epochs: PositiveFloat | None = 0.5
    validation_interval_tokens: PositiveInt | None = None
    validation_samples_per_source: PositiveInt | None = 64
    early_stop_patience: PositiveInt | None = None
    early_stop_after_epochs: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.0
    checkpoint_interval_steps: PositiveInt | None = None
    checkpoint_interval_epochs: PositiveFloat | None = None
    keep_checkpoints: PositiveInt = 2
    keep_best_checkpoint: bool | Literal["auto"] = "auto"
    asynchronous_checkpoints: bool = True
    stop_gradient_norm_ratio: Annotated[float, Field(gt=1.0, allow_inf_nan=False)] | None = 100.0
    verify_shards: bool = False
    log_interval_steps: PositiveInt = 1
    wandb_project: Annotated[str, Field(min_length=1)] | None = None

    precision: Literal["fp32", "bf16"] = "fp32"
    tensor_parallel: PositiveInt = 1
    pipeline_parallel: PositiveInt = 1
    sequence_parallel: bool = False
    distributed_optimizer: bool = False
    recompute: Literal["none", "selective", "full"] = "none"
    transformer_engine: bool | Literal["auto"] = "auto"
    compile: bool | Literal["auto"] = "auto"
    deterministic: bool = True
    overlap_gradient_reduce: bool = False
    overlap_parameter_gather: bool = False

    @field_validator("recompute", mode="before")
    @classmethod
    def _recompute_in_words(cls, value: object) -> object:
        """Runs of earlier versions have true for full and false for none in their checkpoints."""
        return {True: "full", False: "none"}[value] if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.global_batch_size_samples % self.micro_batch_size_samples:
            raise ValueError(
                f"global_batch_size_samples {self.global_batch_size_samples} is not a multiple of "
                f"micro_batch_size_samples {self.micro_batch_size_samples}"
            )
        if self.warmup_tokens is not None and self.warmup_fraction is not None:
            raise ValueError("give warmup_tokens or warmup_fraction, not both")
        if self.sequence_parallel and self.tensor_parallel == 1:
            raise ValueError("sequence_parallel needs tensor_parallel of 2 or more")
        if self.overlap_parameter_gather and not (
            self.distributed_optimizer and self.overlap_gradient_reduce
        ):
            raise ValueError(
                "overlap_parameter_gather needs distributed_optimizer and overlap_gradient_reduce"
            )
        if self.sequence_parallel and self.sequence_length_tokens % self.tensor_parallel:
            raise ValueError(
                f"with sequence_parallel, sequence_length_tokens {self.sequence_length_tokens} "
                f"must be a multiple of tensor_parallel {self.tensor_parallel}"
            )
        return self

    @property
    def keeps_best_checkpoint(self) -> bool:
        """Whether the checkpoint of the lowest mean validation loss is saved and kept."""
        if self.keep_best_checkpoint == "auto":
            return self.early_stop_patience is not None
        return self.keep_best_checkpoint

    def warmup_samples(self, total_samples: int) -> int:
        """Samples over which the learning rate rises: fewer than `total_samples`.

        Raises ValueError where `warmup_tokens` is the whole run or more.
        """
        if self.warmup_tokens is None:
            fraction = 0.01 if self.warmup_fraction is None else self.warmup_fraction
            return math.floor(fraction * total_samples)
        samples = self.warmup_tokens // self.sequence_length_tokens
        if samples >= total_samples:
            raise ValueError(
                f"training.warmup_tokens is {self.warmup_tokens:,}, but the run has only "
                f"{total_samples * self.sequence_length_tokens:,} tokens: give fewer, or a "
                "training.warmup_fraction"
            )
        return samples
