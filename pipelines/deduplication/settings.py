"""The section of a recipe on duplicated content."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class NearDuplicateSettings(BaseModel):
    """Documents that are nearly another one, by MinHash over shingles of words.

    A document goes where its estimated Jaccard similarity to one of higher rank is at least
    `threshold`. `shingle_words` words in a row are one shingle; a signature has `bands` bands of
    `rows_per_band` hashes, and documents are compared when a band of theirs is equal.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = False
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    shingle_words: Annotated[int, Field(ge=1, le=50)] = 5
    bands: Annotated[int, Field(ge=1, le=256)] = 14
    rows_per_band: Annotated[int, Field(ge=1, le=64)] = 8


class DeduplicationSettings(BaseModel):
    """Duplicated content (Galactica, section A.2).

    Content of at least `minimum_bytes` that a source of higher priority holds is removed, in whole
    paragraphs; duplicated spans at most `gap_bytes` apart count as one. What documents are held out
    hold comes before every source. `memory_bytes` is what a task that compares parts may take: it
    decides how many such tasks there are, and no result.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    minimum_bytes: Annotated[int, Field(ge=32, le=4096)] = 100
    gap_bytes: Annotated[int, Field(ge=0, le=64)] = 4
    memory_bytes: Annotated[int, Field(ge=1_000)] = 500_000_000
    near_duplicates: NearDuplicateSettings = NearDuplicateSettings()
