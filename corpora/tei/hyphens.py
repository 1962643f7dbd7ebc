"""Hyphens at the line ends of a PDF, undone: `informa- tion`, where it is safe.

What is right in doubt is decided by the document itself: the words it spells elsewhere.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN: Final = re.compile(r"(?<![^\W\d_])(-?)([^\W\d_]{2,})- ([^\W\d_]{2,})(-?)")
_HALVES: Final = re.compile(r"-\s+[^\W\d_]+")
_COMPOUND: Final = re.compile(r"(?<![\w-])[^\W\d_]{3,}-[^\W\d_]{2,}(?![\w-])")
#: The one compound of four words that every other paper breaks.
_STATE_OF_THE_ART: Final = re.compile(r"\b([Ss]tate)-?of-?the-?art\b")
_SOFT: Final = re.compile("\u00ad\\s*")
_LIGATURE_OR_SOFT: Final = re.compile("[\ufb00-\ufb06\u00ad]")
_LIGATURES: Final = {0xFB00 + n: text for n, text in enumerate("ff fi fl ffi ffl st st".split())}
#: `pre- and post-war`: the hyphen stands for the word that follows later.
_SUSPENDED: Final = frozenset(
    "and or to nor than versus vs und oder bis et ou y o e ed en but as through".split()
)
#: Halves of compounds that are written with a hyphen.
_HYPHENATED_FIRST: Final = frozenset(
    "self cross well high low long short large small single double multi non semi quasi one two "
    "three four five six first second third real time end state fine coarse data model user "
    "open closed left right half full top bottom mid co pre post ex all in out on off".split()
)
_HYPHENATED_LAST: Final = frozenset(
    "based like free level specific dependent independent related driven aware oriented wise type "
    "scale order time term art step shot world end art the of in to by off on up out line layer "
    "dimensional trained training tuning tuned art size sized class domain modal lingual "
    "supervised source quality throughput resolution performance".split()
)
_SHORT_PREFIXES: Final = frozenset(("non", "multi", "semi", "pre", "post", "co", "re", "ex", "in",
                                    "on", "out", "off", "mid", "data", "one", "time"))  # fmt: skip


def ligatures_apart(text: str) -> str:
    """Ligatures as the letters they join, soft hyphens gone with the line end after them.

    >>> ligatures_apart("\\ufb01eld con\\u00ad tent")
    'field content'
    """
    if not _LIGATURE_OR_SOFT.search(text):
        return text
    return _SOFT.sub("", text.translate(_LIGATURES))


def words_of(text: str) -> Counter[str]:
    """How often a text has each word, in small letters, compounds whole."""
    # The second half of a broken word is no word.
    return Counter(_WORD.findall(_HALVES.sub(" ", text).casefold()))


def rejoined(text: str, vocabulary: Mapping[str, int]) -> str:
    """Words broken at a line end as one word; `vocabulary` is what `words_of` found.

    >>> words = words_of("graph based")
    >>> rejoined("informa- tion on graph- based pre- and post-war self- made", words)
    'information on graph-based pre- and post-war self-made'
    """

    def whole(match: re.Match[str]) -> str:
        before, first, last, after = match.groups()
        if not last[0].islower() or last in _SUSPENDED:
            return match.group()
        return f"{before}{first}{_glue(before, first, last, after, vocabulary)}{last}{after}"

    def one(match: re.Match[str]) -> str:
        first, last = match.group().split("-")
        # Cut in two once, whole everywhere else: `cita-tions`.
        joined = f"{first}{last}".casefold()
        cut = vocabulary.get(joined, 0) > 1 and vocabulary.get(match.group().casefold(), 0) < 2
        return f"{first}{last}" if cut and first.casefold() not in vocabulary else match.group()

    text = _BROKEN.sub(whole, text) if "- " in text else text
    return (
        _STATE_OF_THE_ART.sub(r"\1-of-the-art", _COMPOUND.sub(one, text)) if "-" in text else text
    )


def _glue(before: str, first: str, last: str, after: str, vocabulary: Mapping[str, int]) -> str:
    """What stood between two halves before the line ended: a hyphen, or nothing."""
    one, other = first.casefold(), last.casefold()
    if f"{one}{other}" in vocabulary:
        return ""
    if before or after or f"{one}-{other}" in vocabulary:
        return "-"
    if other in _HYPHENATED_LAST or (one in _HYPHENATED_FIRST and one not in _SHORT_PREFIXES):
        return "-"
    known = one in vocabulary and other in vocabulary and len(other) > 3
    return "-" if known else ""
