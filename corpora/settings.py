"""The section of a recipe that describes one source."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Category = Literal[
    "papers", "code", "reference", "knowledge", "commoncrawl", "prompts", "reasoning", "other"
]


#: The formats whose text is a column that the source names.
FORMATS_WITH_COLUMNS: Final = ("huggingface", "jsonl", "parquet")


class Columns(BaseModel):
    """Which columns of a table make its documents: `text`, and `metadata` kept beside it.

    `id` is a column that tells each row from all others; without one a row is known by its number
    in its file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(min_length=1)] = "text"
    id: Annotated[str, Field(min_length=1)] | None = None
    metadata: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every column that is asked for, once."""
        own = () if self.id is None else (self.id,)
        return tuple(dict.fromkeys((self.text, *own, *self.metadata)))


class SourceSettings(BaseModel):
    """One source of a recipe: raw files of one format.

    `paths` are files, folders or globs, relative to the recipe's own folder, or `package:NAME` for
    the folder of an installed Python package (`package:python` is the standard library). A sample
    is drawn by a seeded hash of the records' ids: `sample_documents` records at most, or as many
    as fit in `sample_bytes` raw bytes; the rest is counted as dropped. `epochs` is how often the
    source is seen in one epoch of the mixture (Galactica repeats some sources, section 3.2).

    `spelt_markers` are names of markers (`POLYMER`, `RNA`, `<think>`) that the text of this source
    spells and is trusted to: in its documents `[START_POLYMER]` and `[END_POLYMER]` are markers.
    Every spelling that is not listed stays ordinary text.

    `columns` is for the formats that are tables (`jsonl`, `parquet`, `huggingface`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    format: str
    paths: Annotated[tuple[str, ...], Field(min_length=1)]
    category: Category
    epochs: Annotated[float, Field(gt=0)] = 1.0
    sample_documents: Annotated[int, Field(gt=0)] | None = None
    sample_bytes: Annotated[int, Field(gt=0)] | None = None
    spelt_markers: tuple[str, ...] = ()
    columns: Columns | None = None

    @model_validator(mode="after")
    def _columns_belong_to_tables(self) -> Self:
        if self.columns is not None and self.format not in FORMATS_WITH_COLUMNS:
            raise ValueError(
                f"columns: the format {self.format!r} has none; those that have: "
                f"{', '.join(FORMATS_WITH_COLUMNS)}"
            )
        return self
