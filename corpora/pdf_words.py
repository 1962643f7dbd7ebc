"""Words that a program took out of a PDF, whole again.

What is right in doubt is decided by the document itself: the words it spells elsewhere. For GROBID
(`tei`) and what is made from it (`s2orc`), which share their faults: a word broken at a line's end
(`informa- tion`), its hyphen lost with the line (`retrievalaugmented`), a ligature that cuts a word
(`signifi cant`). Characters are in `corpora.pdf_characters`, blanks and dashes in
`corpora.pdf_spaces`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from corpora.pdf_characters import printed_characters

_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN: Final = re.compile(r"(?<![^\W\d_])(-?)([^\W\d_]{2,}+)- ([^\W\d_]{2,}+)(-?)")
_HALVES: Final = re.compile(r"-\s+[^\W\d_]+")
_COMPOUND: Final = re.compile(r"(?<![\w-])[^\W\d_]{3,}+-[^\W\d_]{2,}+(?![\w-])")
#: Where the two stand.
_LINE_END: Final = re.compile(r"- (?=[^\W\d_]{2})(?<=[^\W\d_]{2}- )")
_HYPHEN: Final = re.compile(r"-(?=[^\W\d_]{2})(?<=[^\W\d_]{3}-)")
_LETTER: Final = re.compile(r"[^\W\d_]")
#: The one compound of four words that every other paper breaks.
_STATE_OF_THE_ART: Final = re.compile(r"tate(?<=\b[Ss]tate)-?of-?the-?art\b")
#: `pre- and post-war`: the hyphen stands for the word that follows later.
_SUSPENDED: Final = frozenset(
    "and or to nor but than versus vs und oder bis et ou y o e ed en as through".split()
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
#: Last halves that make a compound of any noun: `biofilmmediated` lost its hyphen.
_LAST_HALVES: Final = (
    "based", "mediated", "dependent", "specific", "related", "induced", "driven", "oriented",
    "tuned", "supervised", "associated", "derived", "containing", "resistant", "guided",
)  # fmt: skip
_WELL: Final = re.compile(r"well(?:known|[a-z]{3,}ed)")
_RARE: Final = 2
_SHORTEST_NOUN: Final = 4
#: A noun with one of them; a `_WELL` is as long.
_SHORTEST_JOINED: Final = _SHORTEST_NOUN + min(map(len, _LAST_HALVES))
_PREFIXES: Final = frozenset("inter super over under anti counter ultra hyper pseudo".split())
#: A compound is so many times as frequent as the same letters without its hyphen.
_MORE_FREQUENT: Final = 3
_SHORTEST_HALF: Final = 3
_WELL_KNOWN: Final = 4
#: More words are looked up one by one, not looked for.
_MOST_LISTED: Final = 200
_ANY_WORD: Final = re.compile(r"\b[^\W\d_]{6,}+\b")
_LONGEST_WORD: Final = 60
#: By byte: small letters, hyphens and what is not ASCII as they are, a blank for all else.
_LETTERS_ONLY: Final = bytes(
    byte if byte >= 0x80 else ord(chr(byte).lower() if chr(byte).isalpha() or byte == 0x2D else " ")
    for byte in range(256)
)

#: A document with so many words that are surely cut after a ligature has all of them cut there.
_MANY_CUT: Final = 3
_SURELY_CUT: Final = re.compile(r"f(?:fi (?=[a-z]{2})|[il] (?=[a-z]{2})(?<![\w-]f. ))")
#: Where a word may be cut.
_LIGATURE_END: Final = re.compile(r"f(?:f[il]?|[il]) (?=[a-z])")
_CUT: Final = re.compile(r"(?<![^\W\d_])([^\W\d_]*(?:ffi|ffl|fi|fl|ff)) ([a-z]+)\b")
_WHOLE: Final = frozenset(
    "wifi hifi scifi DeFi off staff stuff cutoff tradeoff payoff takeoff cliff tariff plaintiff "
    "sheriff buff puff iff runoff layoff spinoff handoff kickoff falloff".split()
)
_SPLIT_LIGATURE: Final = re.compile(
    r"(?<![\w-])([^\W\d_]*(?:ffi|ffl)|fi|fl|ff|[^\W\d_]*(?:fi|fl|ff)) ([a-z]{2,})\b"
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How often a document has each word, in small letters, compounds whole.

    `compounds` are by the words that have lost their hyphen. `cut_at_ligatures` says that ligatures
    cut words throughout.
    """

    counts: Mapping[str, int]
    compounds: Mapping[str, str] = field(default_factory=dict)
    cut_at_ligatures: bool = False


def vocabulary_of(text: str) -> Vocabulary:
    """The words of a text from a PDF."""
    # The second half of a broken word is no word.
    counts = _counted(_HALVES.sub(" ", printed_characters(text)))
    compounds: dict[str, str] = {}
    for word in [word for word in counts if not word.isalpha() and "-" in word]:
        count = counts[word]
        first, _, last = word.partition("-")
        if "-" not in last:
            joined = first + last
            lost = 0 < counts.get(joined, 0) * _MORE_FREQUENT <= count
            if lost and min(len(first), len(last)) >= _SHORTEST_HALF:
                compounds[joined] = word
        elif count > 1 and last.count("-") == 1:
            # `out-ofequilibrium`, `outof-equilibrium`.
            for variant in (first + last, f"{first}-{last.replace('-', '')}"):
                if 0 < counts.get(variant, 0) < count:
                    compounds[variant] = word
    long = [word for word in counts if len(word) >= _SHORTEST_JOINED]
    for word in [word for word in long if word.endswith(_LAST_HALVES) or word[:4] == "well"]:
        if counts[word] > _RARE or "-" in word:
            continue
        last = next((half for half in _LAST_HALVES if word.endswith(half)), "")
        first = word.removesuffix(last)
        if last and len(first) >= _SHORTEST_NOUN and first in counts and first not in _PREFIXES:
            compounds.setdefault(word, f"{first}-{last}")
        elif not last and _WELL.fullmatch(word):
            compounds.setdefault(word, f"well-{word[4:]}")
    cut = "fi " in text and len(_SURELY_CUT.findall(text)) >= _MANY_CUT
    return Vocabulary(counts, compounds, cut)


def _counted(text: str) -> Counter[str]:
    """How often each `_WORD` stands in a text, in small letters."""
    # A table of bytes takes a tenth of the time that a pattern takes, and most words are ASCII.
    blanked = text.encode("utf-8", "surrogatepass").translate(_LETTERS_ONLY)
    counts = Counter(blanked.decode("utf-8", "surrogatepass").split())
    for chunk in [chunk for chunk in counts if not (chunk.isascii() and chunk.isalpha())]:
        found = _WORD.findall(chunk.casefold())
        if found != [chunk]:
            times = counts.pop(chunk)
            for word in found:
                counts[word] += times
    return counts


def rejoined(text: str, vocabulary: Vocabulary) -> str:
    """Words broken at a line's end as one word, and hyphens that the break lost.

    >>> words = vocabulary_of("graph based")
    >>> rejoined("informa- tion on graph- based pre- and post-war self- made", words)
    'information on graph-based pre- and post-war self-made'
    """
    if "- " in text:
        text = _around(_LINE_END, _BROKEN, partial(_whole, counts=vocabulary.counts), text)
    if "-" in text and _may_be_cut(text, vocabulary.counts):
        text = _around(_HYPHEN, _COMPOUND, partial(_uncut, counts=vocabulary.counts), text)
    if "tate-" in text or "tateof" in text:
        text = _STATE_OF_THE_ART.sub("tate-of-the-art", text)
    if vocabulary.compounds:
        text = _hyphenated(text, vocabulary.compounds)
    if "fi " in text or "ff " in text or "fl " in text:
        pattern = _CUT if vocabulary.cut_at_ligatures else _SPLIT_LIGATURE
        text = _around(_LIGATURE_END, pattern, partial(_of_ligature, vocabulary=vocabulary), text)
    return text


def _may_be_cut(text: str, counts: Mapping[str, int]) -> bool:
    """Whether the text has a word for `_uncut`; what stands between blanks is judged once."""
    judged: set[str] = set()
    for hyphen in _HYPHEN.finditer(text):
        at = hyphen.start()
        start = text.rfind(" ", max(0, at - _LONGEST_WORD), at) + 1
        end = text.find(" ", at, at + _LONGEST_WORD)
        if (start == 0 and at > _LONGEST_WORD) or (end < 0 and len(text) > at + _LONGEST_WORD):
            return True
        word = text[start:end] if end > 0 else text[start:]
        if word not in judged:
            judged.add(word)
            if any(_uncut(each, counts) != each[0] for each in _COMPOUND.finditer(word)):
                return True
    return False


def _hyphenated(text: str, compounds: Mapping[str, str]) -> str:
    """A text with the hyphens that its compounds have lost."""
    folded = text.lower()
    if len(compounds) > _MOST_LISTED or len(folded) != len(text):
        return _ANY_WORD.sub(lambda match: _compound(match.group(), compounds), text)
    pieces: list[str] = []
    done = 0
    for start, end in sorted(_places(folded, compounds), key=lambda place: (place[0], -place[1])):
        if start >= done and _stands_alone(text, start, end):
            pieces += [text[done:start], _compound(text[start:end], compounds)]
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _places(text: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in words:
        start = text.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = text.find(word, start + len(word))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or underscore is next to a word."""
    around = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isalnum() or character == "_" for character in around)


def _around(
    hyphen: re.Pattern[str],
    whole: re.Pattern[str],
    replacement: Callable[[re.Match[str]], str],
    text: str,
) -> str:
    """`whole.sub(replacement, text)` for a pattern of a word with a hyphen, found by its hyphen.

    There are hundreds of words for a hyphen, and a pattern that begins with a word tries them all.
    """
    pieces: list[str] = []
    done = 0
    for found in hyphen.finditer(text):
        start = found.start()
        if start < done:
            continue
        while start > done and (text[start - 1].isalpha() or _LETTER.match(text, start - 1)):
            start -= 1
        # A hyphen before the word belongs to it.
        match = start > done and text[start - 1] == "-" and whole.match(text, start - 1)
        match = match or whole.match(text, start)
        if match:
            pieces += [text[done : match.start()], replacement(match)]
            done = match.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _whole(match: re.Match[str], counts: Mapping[str, int]) -> str:
    before, first, last, after = match.groups()
    if not last[0].islower() or last in _SUSPENDED:
        return match.group()
    return f"{before}{first}{_glue(before, first, last, after, counts)}{last}{after}"


def _glue(before: str, first: str, last: str, after: str, counts: Mapping[str, int]) -> str:
    """What stood between two halves before the line ended: a hyphen, or nothing."""
    one, other = first.casefold(), last.casefold()
    if f"{one}{other}" in counts:
        return ""
    if before or after or f"{one}-{other}" in counts:
        return "-"
    if other in _HYPHENATED_LAST or (one in _HYPHENATED_FIRST and one not in _SHORT_PREFIXES):
        return "-"
    known = one in counts and other in counts and len(other) > _SHORTEST_HALF
    return "-" if known else ""


def _uncut(match: re.Match[str], counts: Mapping[str, int]) -> str:
    """A word that was cut in two once, whole everywhere else: `cita-tions`."""
    first, last = match.group().split("-")
    joined = f"{first}{last}".casefold()
    cut = counts.get(joined, 0) > 1 and counts.get(match.group().casefold(), 0) < 2
    # `in-ference`: the first half is a word, the second none.
    known = first.casefold() in counts and (
        last.casefold() in counts or counts.get(joined, 0) < _WELL_KNOWN
    )
    return f"{first}{last}" if cut and not known else match.group()


def _compound(word: str, compounds: Mapping[str, str]) -> str:
    """A word with the hyphen of its compound."""
    compound = compounds.get(word.casefold())
    if compound is None:
        return word
    written: list[str] = []
    at = 0
    for mark in compound:
        if mark == "-" and word[at : at + 1] != "-":
            written.append("-")
        else:
            written.append(word[at : at + 1])
            at += 1
    return "".join(written) + word[at:]


def _of_ligature(match: re.Match[str], vocabulary: Vocabulary) -> str:
    """`signifi cant` whole, where the first part is no word or the document has the whole."""
    first, last = match.groups()
    joined, counts = f"{first}{last}", vocabulary.counts
    if vocabulary.cut_at_ligatures and not {first, first.casefold()} & _WHOLE:
        return joined
    alone = first in ("fi", "fl", "ff") or first.endswith(("ffi", "ffl"))
    frequent = counts.get(joined.casefold(), 0) > counts.get(first.casefold(), 0)
    return joined if alone or frequent else match.group()
