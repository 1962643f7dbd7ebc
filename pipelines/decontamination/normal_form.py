r"""The normal form in which words are compared, as a table for the compiled search.

Every character becomes what Unicode's NFKD and case folding make of it, letters and numbers only.
Marks (accents) and invisible format characters (soft hyphens, joiners) vanish without ending a
word; everything else ends it. Because marks vanish, no character depends on its neighbours, as
composition in NFKC would have it, and composed and decomposed text meet. In scripts that are
written without blanks and have signs for words or syllables (Han, kana, Yi) each is a word.

Markers: the span of a sequence (residues, bases, SMILES) is one word, known by identity; the
markers of raised and lowered text vanish (`H₂O`, `H2O` and H[START_SUB]2[END_SUB]O are one word);
all others end a word, and the text in them is text.
"""

import functools
import sys
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tokenization.markers import RESERVED_FIRST, RESERVED_LAST, MarkerTable, Reading

# What the codes of characters mean; any other number is a letter.
ENDS_WORD: Final = 0
VANISHES: Final = 1
OPENS_SEQUENCE: Final = 2
#: A letter that is a word by itself.
IS_WORD: Final = 1 << 31
#: A character of several codes: the other bits say where in `several` their number stands, and
#: after it the codes.
IS_SEVERAL: Final = 1 << 30

#: Versions of Unicode differ in what is a letter.
UNICODE_VERSION: Final = unicodedata.unidata_version
#: Nothing is assigned in the planes between, nor after.
_PLANES: Final = (range(0xD800), range(0xF900, 0x40000), range(0xE0000, 0xE0200))
_WORD_SIGNS: Final = (
    range(0x2E80, 0x3000), range(0x3005, 0x3008), range(0x3021, 0x302A), range(0x3040, 0x3100),
    range(0x31F0, 0x3200), range(0x3400, 0x4DC0), range(0x4E00, 0xA4D0), range(0x1B000, 0x1B170),
    range(0x20000, 0x40000),
)  # fmt: skip
_JOINED_MARKERS: Final = ("SUP", "SUB")

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class NormalForm:
    """`codes`: uint32[0x110000]; `several`: uint32, a number and so many codes, again and again."""

    codes: Codes
    several: Codes


def normal_form(markers: MarkerTable) -> NormalForm:
    """The table for text with these markers."""
    plain = _plain_text()
    codes = plain.codes.copy()
    codes[RESERVED_FIRST : RESERVED_LAST + 1] = ENDS_WORD
    for marker in markers.rows:
        if marker.name in _JOINED_MARKERS:
            codes[ord(marker.code_point)] = VANISHES
        elif marker.closes is None and marker.reading is not Reading.TEXT:
            codes[ord(marker.code_point)] = OPENS_SEQUENCE
    return NormalForm(codes, plain.several)


@functools.cache
def _plain_text() -> NormalForm:
    codes = np.full(sys.maxunicode + 1, ENDS_WORD, np.uint32)
    several: list[int] = []
    for plane in _PLANES:
        for number in plane:
            if number in _IDEOGRAPHS:
                codes[number] = number | IS_WORD
                continue
            character = chr(number)
            made = folded(character)
            if not made:
                codes[number] = VANISHES
            elif len(made) == 1:
                codes[number] = _code(made)
            else:
                codes[number] = len(several) | IS_SEVERAL
                several += [len(made), *map(_code, made)]
    return NormalForm(codes, np.array(several, np.uint32))


_IDEOGRAPHS: Final = range(0x4E00, 0xA000)


def folded(text: str) -> str:
    """Letters and numbers of a text in normal form; what ends a word is a blank.

    >>> folded("Straße, ½ cafe\\u0301!"), folded("soft\\xadly")
    ('strasse  1 2 cafe ', 'softly')
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = []
    for character in decomposed:
        match unicodedata.category(character)[0], unicodedata.category(character):
            case ("L" | "N", _):
                kept.append(character)
            case ("M", _) | (_, "Cf"):
                pass
            case _:
                kept.append(" ")
    return "".join(kept)


def is_word_sign(character: str) -> bool:
    """Whether a letter is a word by itself."""
    return any(ord(character) in signs for signs in _WORD_SIGNS)


def _code(character: str) -> int:
    if character == " ":
        return ENDS_WORD
    return ord(character) | (IS_WORD if is_word_sign(character) else 0)
