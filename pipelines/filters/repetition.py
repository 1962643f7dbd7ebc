"""Repetition as Gopher measures it (Rae et al. 2021, table A1), with the functions of datatrove.

It is measured on the whole text, spans and all: two lines that differ in a formula differ.
"""

import re
from typing import Final

TOP_N_GRAMS: Final = (2, 3, 4)
DUPLICATE_N_GRAMS: Final = (5, 6, 7, 8, 9, 10)
#: N-grams are counted in the first words of a document, so that time and memory are bounded.
WORDS_COUNTED: Final = 200_000

_PARAGRAPHS: Final = re.compile(r"\n{2,}")


def line_scores(text: str) -> dict[str, float]:
    """The part of lines and paragraphs that stood before in the document, and of characters.

    >>> line_scores("ab\\nab\\ncdef\\nghij")["duplicate_lines"]
    0.25
    >>> line_scores("ab\\nab\\ncdef")["duplicate_line_characters"]
    0.25
    """
    scores: dict[str, float] = {}
    paragraphs = _PARAGRAPHS.split(text)
    for name, pieces in (("line", text.split("\n")), ("paragraph", paragraphs)):
        pieces = [stripped for piece in pieces if (stripped := piece.strip())]
        if not pieces:
            continue
        unique = set(pieces)
        characters = sum(map(len, pieces))
        scores[f"duplicate_{name}s"] = 1 - len(unique) / len(pieces)
        scores[f"duplicate_{name}_characters"] = 1 - sum(map(len, unique)) / characters
    return scores


def ngram_scores(text: str) -> dict[str, float]:
    """The part of the characters in the commonest 2- to 4-gram, and in repeated 5- to 10-grams.

    Words are what stands between white space, which counts as one character.
    """
    from datatrove.pipeline.filters.gopher_repetition_filter import (
        find_all_duplicate,
        find_top_duplicate,
        get_n_grams,
    )

    words = text.split(None, WORDS_COUNTED)[:WORDS_COUNTED]
    if not words:
        return {}
    characters = sum(map(len, words)) + len(words) - 1
    scores: dict[str, float] = {}
    for n in TOP_N_GRAMS:
        ngrams = get_n_grams(words, n)
        # One that is there once only is no repetition.
        top = find_top_duplicate(ngrams) if len(set(ngrams)) < len(ngrams) else 0
        # N-grams that overlap (`a a a a`) can have more characters than the text.
        scores[f"top_{n}_grams"] = min(1.0, top / characters)
    for n in DUPLICATE_N_GRAMS:
        scores[f"duplicate_{n}_grams"] = find_all_duplicate(words, n) / characters
    return scores
