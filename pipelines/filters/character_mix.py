"""How much text a document has, and of what characters, by their Unicode categories."""

import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from pipelines.filters.prose import CodePoints, is_marker

_SYMBOL, _LETTER, _DIGIT, _WHITE, _UNREADABLE = range(5)
#: By the first letter of the category. Marks are parts of letters; format characters are not seen.
_CLASSES: Final = {"L": _LETTER, "M": _LETTER, "N": _DIGIT, "Z": _WHITE, "P": _SYMBOL, "S": _SYMBOL}
_REPLACEMENT_CHARACTER: Final = 0xFFFD
_ASCII: Final = 128


@cache
def _classes() -> npt.NDArray[np.uint8]:
    def class_of(code_point: int) -> int:
        character = chr(code_point)
        category = unicodedata.category(character)
        if character.isspace() or category == "Cf":
            return _WHITE
        # Controls, private use, surrogates and what Unicode has not assigned.
        return _CLASSES.get(category[0], _UNREADABLE)

    table = np.fromiter(map(class_of, range(0x110000)), dtype=np.uint8, count=0x110000)
    table[_REPLACEMENT_CHARACTER] = _UNREADABLE
    return table


def length_scores(points: CodePoints, num_bytes: int) -> dict[str, float]:
    """Bytes, characters and words of the whole document, spans and all; markers count as blanks.

    `characters` are those that are no white space. `unreadable` is the part of them that stands
    for no character at all: U+FFFD, controls, private use, unassigned.
    """
    kinds = np.where(is_marker(points), np.uint8(_WHITE), _classes()[points])
    seen = kinds != _WHITE
    characters = int(np.count_nonzero(seen))
    starts = int(np.count_nonzero(seen[1:] & ~seen[:-1])) + int(len(seen) > 0 and seen[0])
    unreadable = int(np.count_nonzero(kinds == _UNREADABLE))
    scores: dict[str, float] = {"bytes": num_bytes, "characters": characters, "words": starts}
    if characters:
        scores["unreadable"] = unreadable / characters
    return scores


def character_scores(prose: CodePoints) -> dict[str, float]:
    """The mix of the prose: `white_space` of all its characters, the others of those seen.

    Empty where there is no prose: then there is nothing to judge.
    """
    kinds = _classes()[prose]
    counts = np.bincount(kinds, minlength=5)
    seen = int(counts.sum() - counts[_WHITE])
    if not seen:
        return {}
    non_ascii = np.count_nonzero((prose >= _ASCII) & (kinds != _WHITE))
    return {
        "letters": float(counts[_LETTER] / seen),
        "digits": float(counts[_DIGIT] / seen),
        "symbols": float(counts[_SYMBOL] / seen),
        "non_ascii": float(non_ascii / seen),
        "white_space": float(counts[_WHITE] / counts.sum()),
    }
