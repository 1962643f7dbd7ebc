"""A recipe: one validated YAML file that describes a corpus, its tokenizer and its training."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
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
from galactica.presets import model_from_preset
from galactica.settings import ModelSettings, TrainingSettings
from pipelines.decontamination.settings import DecontaminationSettings, EvaluationSettings
from pipelines.deduplication.settings import DeduplicationSettings
from pipelines.identity.settings import HoldOutSettings, SplitSettings
from tokenization.markers import MarkerTable
from tokenization.settings import MarkerSettings, TokenizerSettings


class RecipeError(ValueError):
    """A mistake in a recipe or a `--set`: the message names file, field, value and choices."""


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
    memory_bytes: Annotated[int, Field(ge=1_000_000)] = 1_000_000_000


class Recipe(BaseModel):
    """The whole recipe. Every section is owned by the package that reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    seed: Annotated[int, Field(ge=0)] = 0
    latex_markers: bool = True
    sources: Annotated[tuple[SourceSettings, ...], Field(min_length=1)]
    split: SplitSettings = SplitSettings()
    deduplication: DeduplicationSettings = DeduplicationSettings()
    decontamination: DecontaminationSettings = DecontaminationSettings()
    hold_outs: tuple[HoldOutSettings, ...] = ()
    build: BuildSettings = BuildSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    shards: ShardSettings = ShardSettings()
    model: ModelSettings
    training: TrainingSettings

    def training_settings(self) -> TrainingSettings:
        """The training section with every source's own epochs in it."""
        epochs = {source.name: source.epochs for source in self.sources if source.epochs != 1.0}
        if not epochs:
            return self.training
        return self.training.model_copy(
            update={"source_epochs": epochs | (self.training.source_epochs or {})}
        )

    def corpus_json(self) -> dict[str, Any]:
        """What the shards are made of: all but model, training and how the build is cut.

        Of absolute paths only the last part is kept: a manifest names no machine's folders.
        """
        content = self.model_dump(mode="json", exclude={"model", "training", "build", "sources"})
        content["sources"] = [source.portable() for source in self.sources]
        content["decontamination"] = self.decontamination.portable()
        return content

    def sources_by_priority(self) -> list[SourceSettings]:
        """The sources in the order in which they keep what two of them hold (section A.2)."""
        return sorted(self.sources, key=lambda source: source.priority)

    def splits(self) -> tuple[str, ...]:
        """The names of all splits: training, validation, then the hold-outs."""
        return ("train", "validation", *(hold_out.name for hold_out in self.hold_outs))

    def marker_table(self) -> MarkerTable:
        """The markers of the recipe's tokenizer."""
        return self.tokenizer.marker_table(self.latex_markers)

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

    @model_validator(mode="after")
    def _sources_are_known_and_distinct(self) -> Self:
        names = [source.name for source in self.sources]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"source names must differ; repeated: {', '.join(repeated)}")
        for index, source in enumerate(self.sources):
            if source.format not in READERS:
                raise ValueError(
                    f"sources.{index}.format: no reader named {source.format!r}; "
                    f"choices: {', '.join(sorted(READERS))}"
                )
        return self

    @model_validator(mode="after")
    def _hold_outs_are_of_known_sources(self) -> Self:
        names = [source.name for source in self.sources]
        taken = [hold_out.name for hold_out in self.hold_outs]
        for index, hold_out in enumerate(self.hold_outs):
            if taken.count(hold_out.name) > 1:
                raise ValueError(f"hold_outs.{index}.name: {hold_out.name!r} stands twice")
            for source in hold_out.sources:
                if source not in names:
                    raise ValueError(
                        f"hold_outs.{index}.sources: no source named {source!r}; choices: "
                        f"{', '.join(names)}"
                    )
        return self

    @model_validator(mode="after")
    def _spelt_markers_are_known(self) -> Self:
        # Citations are the reader's alone: their texts are found by counting the spans.
        choices = [name for name in self.marker_table().names if name != "REF"]
        for index, source in enumerate(self.sources):
            for name in source.spelt_markers:
                if name not in choices:
                    raise ValueError(
                        f"sources.{index}.spelt_markers: no marker of this recipe's tokenizer is "
                        f"named {name!r}; choices: {', '.join(choices)} (tokenizer.markers adds "
                        "more)"
                    )
        return self


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The validated recipe of a YAML file, with `key.path=value` overrides applied.

    Raises RecipeError, one line a mistake.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot read the recipe: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RecipeError(f"{path}: not valid YAML: {error}") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: a recipe is a mapping with the keys {_recipe_keys()}")
    for override in overrides:
        _apply(content, override)
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise RecipeError("\n".join(f"{path}: {line}" for line in _explain(error))) from error


def _recipe_keys() -> str:
    return ", ".join(Recipe.model_fields)


def parse_options(written: Sequence[str]) -> dict[str, Any]:
    """Options of a format as a command line gives them, `name=value` with the value in YAML."""
    return dict(_parse("--option", option, "name=value, as in text=body") for option in written)


def _parse(flag: str, written: str, expected: str) -> tuple[str, Any]:
    key, equals, value = written.partition("=")
    if not equals or not key:
        raise RecipeError(f"{flag} {written}: expected {expected}")
    try:
        return key, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise RecipeError(f"{flag} {written}: the value is not valid YAML: {error}") from error


def _apply(content: dict[str, Any], override: str) -> None:
    key, value = _parse("--set", override, "key.path=value, as in training.epochs=1")
    holder: Any = content
    *parents, last = key.split(".")
    if parents[:1] == ["model"] and isinstance(content.get("model"), str):
        content["model"] = {"preset": content["model"]}
    for parent in parents:
        holder = _step(holder, parent, override)
    if isinstance(holder, list):
        _step(holder, last, override)
        holder[_list_index(holder, last)] = value
    elif isinstance(holder, dict):
        holder[last] = value
    else:
        raise RecipeError(f"--set {override}: {'.'.join(parents)} holds no fields")


def _step(holder: Any, key: str, override: str) -> Any:
    if isinstance(holder, list):
        index = _list_index(holder, key)
        if index is None:
            named = [item.get("name") for item in holder if isinstance(item, dict)]
            raise RecipeError(f"--set {override}: no entry {key!r}; choices: {named}")
        return holder[index]
    if isinstance(holder, dict):
        return holder.setdefault(key, {})
    raise RecipeError(f"--set {override}: {key!r} lies inside a value that holds no fields")


def _list_index(holder: list[Any], key: str) -> Any:
    """Where an entry of a list stands, by its number or by its `name`."""
    for index, item in enumerate(holder):
        if key == str(index) or (isinstance(item, dict) and item.get("name") == key):
            return index
    return None


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for detail in error.errors():
        where = ".".join(str(part) for part in detail["loc"])
        message = detail["msg"].removeprefix("Value error, ")
        given = detail["input"]
        if detail["type"] == "extra_forbidden":
            message = f"no such field; choices: {', '.join(_fields_beside(detail['loc']))}"
        plain = where and not isinstance(given, dict | list | Recipe)
        shown = f" (given: {given!r})" if plain else ""
        lines.append(f"{where + ': ' if where else ''}{message}{shown}")
    return lines


def _fields_beside(location: tuple[int | str, ...]) -> list[str]:
    """The fields of the section that a misspelt one stands in."""
    sections: dict[int | str, type[BaseModel]] = {
        "sources": SourceSettings,
        "split": SplitSettings,
        "deduplication": DeduplicationSettings,
        "hold_outs": HoldOutSettings,
        "decontamination": DecontaminationSettings,
        "build": BuildSettings,
        "tokenizer": TokenizerSettings,
        "shards": ShardSettings,
        "model": ModelSettings,
        "training": TrainingSettings,
    }
    section = sections.get(location[0], Recipe) if len(location) > 1 else Recipe
    if location[:2] == ("tokenizer", "markers"):
        section = MarkerSettings
    if location[:2] == ("decontamination", "evaluations"):
        section = EvaluationSettings
    return list(section.model_fields)
