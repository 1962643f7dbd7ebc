"""The quality of prose by the rules of Gopher and FineWeb, with the word lists of datatrove.

Each score is what a rule of those filters compares with its threshold (Rae et al. 2021, section
A1.1; Penedo et al. 2024, section 3.6): a test compares every one with datatrove's own verdict.
"""

from collections.abc import Callable, Sequence
from typing import Final

SHORT_LINE_CHARACTERS: Final = 30  # FineWeb's


def quality_scores(prose: str) -> dict[str, float]:
    """What the rules look at, by the name of the threshold; empty where there is no word.

    Words are what stands between white space, as in the paper.
    """
    from datatrove.pipeline.filters.gopher_quality_filter import STOP_WORDS
    from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION

    endings = tuple(TERMINAL_PUNCTUATION)
    words = prose.split()
    if not words:
        return {}
    lines = [line for line in prose.split("\n") if line.strip()]
    plain = [word for word in words if not PUNCTUATION_SET.issuperset(word)]
    scores = {
        "hashes_per_word": prose.count("#") / len(words),
        "ellipses_per_word": (prose.count("...") + prose.count("…")) / len(words),
        "bullet_lines": _part(lines, lambda line: line.lstrip().startswith(("•", "-"))),
        "ellipsis_lines": _part(lines, lambda line: line.rstrip().endswith(("...", "…"))),
        "alphabetic_words": _part(words, lambda word: any(map(str.isalpha, word))),
        "stop_words": float(len(set(STOP_WORDS) & set(words))),
        "punctuated_lines": _part(lines, lambda line: line.endswith(endings)),
        "short_lines": _part(lines, lambda line: len(line) <= SHORT_LINE_CHARACTERS),
        "lines_per_word": prose.count("\n") / len(words),
    }
    if plain:
        scores["mean_word_length"] = sum(map(len, plain)) / len(plain)
    return scores


def _part(pieces: Sequence[str], is_one: Callable[[str], bool]) -> float:
    return sum(map(is_one, pieces)) / len(pieces)
