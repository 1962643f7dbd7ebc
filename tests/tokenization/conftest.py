"""Small tokenizers, trained once, for every test of the tokenizer."""

import pytest

from tokenization import ScienceTokenizer, TokenizerSettings, clean
from tokenization.training import train_tokenizer
from tokenization.wrappers import amino, cite, dna, latex, smiles

_PROSE = """\
# Abstract

The water of the sea holds 35 grams of salt per kilogram, and the pressure at 4,000 m is 400 bar.
We measure the conductivity of sea water at several depths, and we compare it with the theory.
Naïve models, such as the Ångström formula, over-estimate it by 12.5 % (p < 0.001).

```python
def salinity(conductivity: float) -> float:
    # a comment ---- with a line
    return 0.008 + 25.3851 * conductivity ** 0.5 == 35.0
```

Die Wärmeleitfähigkeit von Wasser; la température de l'eau; 水の温度 and 海水的温度.
"""


def training_texts() -> list[str]:
    """Documents in marked text: prose in several languages, code, formulas, spans, citations."""
    prose = [clean(paragraph) for paragraph in _PROSE.split("\n\n")]
    return [
        *(
            paragraph + " " + latex(rf"\frac{{\kappa_{i}}}{{T^{i}}} = 0")
            for i, paragraph in enumerate(prose * 3)
        ),
        *(cite(f"On the salt of the sea, part {i}", "Dittmar") for i in range(5)),
        *(
            "The protein is " + amino("MKVLLE" * i) + " and its gene " + dna("ATGC" * i)
            for i in range(1, 9)
        ),
        *("Sodium acetate, " + smiles("CC(=O)[O-].[Na+]") + ", is a salt." for _ in range(9)),
    ]


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return training_texts()


@pytest.fixture(scope="session")
def tokenizer(texts: list[str]) -> ScienceTokenizer:
    settings = TokenizerSettings(vocabulary_size=480, normalizer="nfkc")
    return train_tokenizer(texts, settings, latex_markers=True)


@pytest.fixture(scope="session", params=["nfkc", "nfc", "none"])
def any_tokenizer(request: pytest.FixtureRequest, texts: list[str]) -> ScienceTokenizer:
    settings = TokenizerSettings(vocabulary_size=500, normalizer=request.param)
    return train_tokenizer(texts, settings, latex_markers=True)
