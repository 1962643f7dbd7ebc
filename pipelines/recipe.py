"""A recipe: one validated YAML file that describes a corpus, its tokenizer and its training."""

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from corpora.catalogue import READERS
from corpora.settings import SourceSettings
from corpora.strict_yaml import parse_yaml
from galactica.presets import model_from_preset, training_from_preset
from galactica.settings import ModelSettings, TrainingSettings
from pipelines.decontamination.settings import DecontaminationSettings
from pipelines.deduplication.settings import DeduplicationSettings
from pipelines.filters.settings import FilterSettings
from pipelines.identity.settings import HoldOutSettings, SplitSettings
from pipelines.recipe_errors import RecipeError as RecipeError
from pipelines.recipe_errors import explain
from pipelines.recipe_overrides import apply_override
from tokenization.markers import MarkerTable
from tokenization.settings import TokenizerSettings

#: Positions of a tokenizer whose recipe trains no model: those of Galactica (section 4).
MODEL_MAX_LENGTH: Final = 2048


class ShardSettings(BaseModel):
    """The Arrow shards: about `tokens_per_shard` tokens a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens_per_shard: Annotated[int, Field(gt=0)] = 100_000_000


class BuildSettings(BaseModel):
    """How the build is cut into tasks, which changes no byte of documents, tokenizer or shards.

    `task_bytes` is the raw input of one task, about. What is brought together from all documents
    (cited works, identities, duplicated content) is cut into as many partitions as keep the memory
    of one in about `memory_bytes`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    task_bytes: Annotated[int, Field(gt=0)] = 64_000_000
    seconds_per_record: Annotated[int, Field(gt=0, le=86_400)] = 120
    memory_bytes: Annotated[int, Field(ge=1_000)] = 500_000_000


class Recipe(BaseModel):
    """The whole recipe. Every section is owned by the package that reads it.

    `name` and `sources` are all that a corpus needs; `model` and `training` are needed to pretrain.

    The paths of sources are relative to `data_folder`, which is relative to the recipe's own folder
    and may be remote (`s3://bucket/folder`). A source of which no file is there is a mistake, or
    left out with `missing_sources: leave_out`: the build says so, and so does its manifest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    seed: Annotated[int, Field(ge=0)] = 0
    latex_markers: bool = True
    data_folder: Annotated[str, Field(min_length=1)] = "."
    missing_sources: Literal["refuse", "leave_out"] = "refuse"
    sources: Annotated[tuple[SourceSettings, ...], Field(min_length=1)]
    filters: FilterSettings = FilterSettings()
    split: SplitSettings = SplitSettings()
    deduplication: DeduplicationSettings = DeduplicationSettings()
    decontamination: DecontaminationSettings = DecontaminationSettings()
    hold_outs: tuple[HoldOutSettings, ...] = ()
    build: BuildSettings = BuildSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    shards: ShardSettings = ShardSettings()
    model: ModelSettings | None = None
    training: TrainingSettings | None = None

    @property
    def model_max_length(self) -> int:
        """The longest input of the model that the tokenizer is for, in tokens."""
        return self.training.sequence_length_tokens if self.training else MODEL_MAX_LENGTH

    def pretraining(self) -> tuple[ModelSettings, TrainingSettings]:
        """Model and training, with every source's own epochs in the latter.

        Raises RecipeError where the recipe has not both.
        """
        if self.model is None or self.training is None:
            missing = [name for name in ("model", "training") if getattr(self, name) is None]
            raise RecipeError(
                f"recipe {self.name}: to pretrain it needs {' and '.join(missing)}, as in "
                "recipes/demo.yaml (model: tiny; training: {epochs: 1, ...}); without them it only "
                "builds a corpus"
            )
        epochs = {source.name: source.epochs for source in self.sources if source.epochs != 1.0}
        if not epochs:
            return self.model, self.training
        return self.model, self.training.model_copy(
            update={"source_epochs": epochs | (self.training.source_epochs or {})}
        )

    def corpus_json(self) -> dict[str, Any]:
        """What the shards are made of: all but model, training and how the build is cut.

        Of absolute paths only the last part is kept: a manifest names no machine's folders.
        """
        other = {"model", "training", "build", "sources", "data_folder", "missing_sources"}
        content = self.model_dump(mode="json", exclude=other)
        content["sources"] = [source.portable() for source in self.sources]
        content["tokenizer"] = self.tokenizer.portable()
        content["decontamination"] = self.decontamination.portable()
        return content

    def sources_by_priority(self) -> list[SourceSettings]:
        """The sources in the order in which they keep what two of them hold (section A.2)."""
        return sorted(self.sources, key=lambda source: source.priority)

    def without(self, names: Container[str]) -> Self:
        """The recipe less some of its sources, and less hold-outs of nothing else."""
        hold_outs = [
            hold_out.model_copy(
                update={"sources": tuple(n for n in hold_out.sources if n not in names)}
            )
            for hold_out in self.hold_outs
        ]
        return self.model_copy(
            update={
                "sources": tuple(s for s in self.sources if s.name not in names),
                "hold_outs": tuple(hold_out for hold_out in hold_outs if hold_out.sources),
            }
        )

    def splits(self) -> tuple[str, ...]:
        """The names of all splits: training, validation, then the hold-outs."""
        return ("train", "validation", *(hold_out.name for hold_out in self.hold_outs))

    def marker_table(self) -> MarkerTable:
        """The markers of the recipe's tokenizer."""
        return self.tokenizer.marker_table(self.latex_markers)

    def filters_of(self, source: SourceSettings) -> FilterSettings:
        """The filters of one source: the recipe's, with those that the source changes."""
        return self.filters.changed(source.filters)

    @field_validator("model", mode="before")
    @classmethod
    def _model_by_name(cls, value: Any) -> Any:
        """`model: tiny`, or `model: {preset: tiny, num_layers: 4}`, beside the plain fields."""
        if isinstance(value, str):
            return model_from_preset(value)
        if isinstance(value, dict) and "preset" in value:
            changes = {str(key): field for key, field in value.items() if key != "preset"}
            return model_from_preset(str(value["preset"]), **changes)
        return value

    @field_validator("training", mode="before")
    @classmethod
    def _training_by_name(cls, value: Any) -> Any:
        """`training: {preset: mini, epochs: 4.25, ...}`, beside the plain fields."""
        if isinstance(value, dict) and "preset" in value:
            changes = {str(key): field for key, field in value.items() if key != "preset"}
            return training_from_preset(str(value["preset"]), **changes)
        return value

    @model_validator(mode="after")
    def _sources_are_known_and_distinct(self) -> Self:
        names = [source.name for source in self.sources]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"source names must differ; repeated: {', '.join(repeated)}")
        for source in self.sources:
            if source.format not in READERS:
                raise ValueError(
                    f"sources.{source.name}.format: no reader named {source.format!r}; "
                    f"choices: {', '.join(sorted(READERS))}"
                )
        return self

    @model_validator(mode="after")
    def _hold_outs_are_of_known_sources(self) -> Self:
        names = [source.name for source in self.sources]
        taken = [hold_out.name for hold_out in self.hold_outs]
        for hold_out in self.hold_outs:
            if taken.count(hold_out.name) > 1:
                raise ValueError(f"hold_outs: the name {hold_out.name!r} stands twice")
            for source in hold_out.sources:
                if source not in names:
                    raise ValueError(
                        f"hold_outs.{hold_out.name}.sources: no source named {source!r}; choices: "
                        f"{', '.join(names)}"
                    )
        return self

    @model_validator(mode="after")
    def _filters_of_sources_are_valid(self) -> Self:
        for source in self.sources:
            try:
                self.filters_of(source)
            except ValidationError as error:
                lines = explain(error, FilterSettings)
                where = f"sources.{source.name}.filters."
                raise ValueError("; ".join(where + line for line in lines)) from None
        return self

    @model_validator(mode="after")
    def _spelt_markers_are_known(self) -> Self:
        # Citations are the reader's alone: their texts are found by counting the spans.
        choices = [name for name in self.marker_table().names if name != "REF"]
        for source in self.sources:
            for name in source.spelt_markers:
                if name not in choices:
                    raise ValueError(
                        f"sources.{source.name}.spelt_markers: no marker of this recipe's "
                        f"tokenizer is named {name!r}; choices: {', '.join(choices)} "
                        "(tokenizer.markers adds more)"
                    )
        return self


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The validated recipe of a YAML file, with `key.path=value` overrides applied.

    Raises RecipeError, one line a mistake.
    """
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot read the recipe: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RecipeError(
            f"{path}: line {line}: the byte {error.object[error.start]:#04x} is not UTF-8: save "
            "the recipe as UTF-8"
        ) from error
    except ValueError as error:
        raise RecipeError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: a recipe is a mapping with the keys {_recipe_keys()}")
    for override in overrides:
        apply_override(content, override)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        lines = explain(error, Recipe, content)
        raise RecipeError("\n".join(f"{path}: {line}" for line in lines)) from error


def _recipe_keys() -> str:
    return ", ".join(Recipe.model_fields)
