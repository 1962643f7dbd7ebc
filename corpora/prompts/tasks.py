"""The kinds of prompts (Galactica, section 3.2 and tables 4 and 30 to 34)."""

from typing import Literal

Task = Literal[
    "multiple-choice",
    "yes-no",
    "extractive",
    "question",
    "summarization",
    "entities",
    "dialogue",
    "citation",
    "property",
    "code",
    "work",
    "entailment",
]
