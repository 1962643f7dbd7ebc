"""The validated `tokenizer` section of a recipe."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tokenization.markers import CONTROL_TOKENS, MARKERS
from tokenization.pretokenizer import NUM_BYTES

NormalizerName = Literal["nfkc", "nfc", "none"]

#: Control tokens, every marker, and one entry a byte: what a vocabulary holds before any merge.
SMALLEST_VOCABULARY: Final = len(CONTROL_TOKENS) + len(MARKERS) + NUM_BYTES


class TokenizerSettings(BaseModel):
    """How to train a tokenizer.

    `vocabulary_size`: entries, markers included (50,000: Galactica, section 3.1). A sample with
    too few words gives a smaller vocabulary, and training says so.

    `sample_fraction`: the share of the training documents that the merges are learned from
    (2 %: the same section).

    `normalizer`: `nfkc` is what the released tokenizer does. It folds compatibility characters, so
    `10²` becomes `102` and `ﬁ` becomes `fi`: the reason for the SUP and SUB markers. `nfc` only
    composes; `none` keeps every code point as written.

    >>> TokenizerSettings().vocabulary_size
    50000
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabulary_size: Annotated[int, Field(ge=SMALLEST_VOCABULARY)] = 50_000
    sample_fraction: Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)] = 0.02
    normalizer: NormalizerName = "nfkc"
