"""Text that a program took out of a PDF, as it was printed: words whole, blanks and dashes back.

What is right in doubt is decided by the document itself: the words it spells elsewhere. For GROBID
(`tei`) and what is made from it (`s2orc`), which share their faults: a word broken at a line's end
(`informa- tion`), its hyphen lost with the line (`retrievalaugmented`), a dash that swallowed the
blank after it (`tools -search`), a blank lost after a sentence or around a number (`Table3shows`).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN: Final = re.compile(r"(?<![^\W\d_])(-?)([^\W\d_]{2,}+)- ([^\W\d_]{2,}+)(-?)")
_HALVES: Final = re.compile(r"-\s+[^\W\d_]+")
_COMPOUND: Final = re.compile(r"(?<![\w-])[^\W\d_]{3,}+-[^\W\d_]{2,}+(?![\w-])")
#: Where the two stand.
_LINE_END: Final = re.compile(r"- (?=[^\W\d_]{2})(?<=[^\W\d_]{2}- )")
_HYPHEN: Final = re.compile(r"-(?=[^\W\d_]{2})(?<=[^\W\d_]{3}-)")
_LETTER: Final = re.compile(r"[^\W\d_]")
#: The one compound of four words that every other paper breaks.
_STATE_OF_THE_ART: Final = re.compile(r"\b([Ss]tate)-?of-?the-?art\b")
_SOFT: Final = re.compile("\u00ad\\s*")
_LIGATURE_OR_SOFT: Final = re.compile("[\ufb00-\ufb06\u00ad]")
_LIGATURES: Final = {0xFB00 + n: text for n, text in enumerate("ff fi fl ffi ffl st st".split())}
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
#: A compound is so many times as frequent as the same letters without its hyphen.
_MORE_FREQUENT: Final = 3
_SHORTEST_HALF: Final = 3

#: A citation that stands in the text ends in U+0002 (`corpora.jats.cited`).
_END: Final = r"[\w)\]%”’\"\x02]"
_LOOSE_POINT: Final = re.compile(rf"(?<={_END}) (?=[.,;](?:\s(?!\.)|$))")
_LOOSE_END: Final = re.compile(r"(?<=[a-z\d)]) \.(?=[A-Z][a-z]*\s)")
_SENTENCE_STARTS: Final = (
    "The|This|These|Those|That|There|They|Then|Thus|Therefore|We|Our|In|It|Its|If|Is|A|An|And|As|"
    "At|All|Although|After|Also|Additionally|Among|Before|Besides|Both|But|By|Compared|"
    "Consequently|Despite|During|Each|Finally|First|Following|For|Four|Furthermore|From|Given|"
    "Here|Hence|How|However|Indeed|Interestingly|Moreover|Most|No|Note|Notably|Nevertheless|"
    "Of|On|One|Overall|Other|Second|Several|Similarly|Since|So|Some|Specifically|Such|"
    "Their|Three|To|Two|Under|Unlike|Until|Use|Using|Values|What|When|Where|Whereas|Whether|"
    "Which|While|Who|With|Within|Without|You"
)
#: What is rare is asked for first, here and below: papers have many words and few full stops.
_LOST_BLANK: Final = re.compile(
    rf"[.!?](?=[A-Z])(?:(?=(?:{_SENTENCE_STARTS}) )(?:(?<=[^\W\d_]{{3}}[.!?])|(?<=[)\]\x02]\.))"
    r"|(?<=[)\]\x02]\.)(?=[A-Z][a-z]+ [a-z]))"
)
#: `Table3shows`, `Figure9Throughput`; the panel of `Figure 3a` stays.
_NUMBERED: Final = (
    r"(?:Tables?|Figures?|Sections?|Equations?|Algorithms?|Appendix|Appendices|Theorem|Lemma)"
)
_ATTACHED_NUMBER: Final = re.compile(rf"\b({_NUMBERED})(\d{{1,3}})(?![\d-])")
_ATTACHED_WORD: Final = re.compile(
    rf"\b({_NUMBERED} \d{{1,3}})(?=[A-Z][A-Za-z]|[a-z]{{3}}|(?:on|is|in|we|as|to|of|by|at|it)\b)"
)
#: `intra-and inter-observer`, `bi-or monopolar`.
_SUSPENDED_TOGETHER: Final = re.compile(
    r"\b([^\W\d_]+-)(and|or|to|und|oder) (?=[^\W\d_]+-[^\W\d_])"
    r"|\b((?:bi|mono|pre|post|intra|inter|intro|multi|uni|sub|super|micro|macro|meso|nano|over|"
    r"under|up|down|anti|pro|hyper|hypo|endo|exo|extra|homo|hetero|cis|one|two|three|four|left|"
    r"short|medium|long|low|high|small|mid|mean|pro|para|ortho|meta)-)(and|or|to) (?=[a-z])"
)
#: `the tools -search, answer`; not an option (`with -verbose`), not a suffix.
_DASH: Final = re.compile(
    r"(?<=[^\W\d_][^\W\d_]|.[)\]\x02”\"]) -"
    r"(?=[^\W\d_]{2,}+(?![\w(]* (?:flag|option|suffix|switch)))"
)
_NO_DASH_AFTER: Final = re.compile(
    r"\b(?:the|an?|with|of|by|using|use|options?|flags?|suffix|suffixes|prefix|ending|endings|"
    r"original|and|or|as|to|in|add|run|passing|command)$"
)
#: `compromised-and their`: a dash without blanks became a hyphen.
_DASHED_CLAUSE: Final = re.compile(
    r"(?<=[^\W\d_]{3})-(?=(?:and|but|or) (?:the|it|its|their|they|some|thus|we|this|that|these|is|"
    r"are|not|if|then|so|therefore|even|hence|can|often|gradually|perhaps|in|for) )"
)
_NUMBER: Final = r"\d{1,6}(?:\.\d{1,4})?"
#: `1998 -1999`, `(38.9 -94.7)`, `range 1 -50`: elsewhere a minus sign is as likely.
_RANGE: Final = re.compile(
    rf"(?P<before>[(\[]|\b(?:range|ranges|ranging|from|between|of|about|pp?\.) )?"
    rf"(?<![\d.])(?P<low>{_NUMBER}) -(?P<high>{_NUMBER})(?P<after>[)\]])?"
)
#: Without one of these, none of the patterns above finds anything.
_NAME_NUMBERED: Final = re.compile(r"\d(?:(?<=[aemnsx]\d)|(?<=[aemnsx] \d))")
_HYPHEN_AND: Final = re.compile("-(?:and|or|to|und|oder|but) ")
_YEARS: Final = range(1500, 2100)
#: The minus sign of a font that keeps it where others have the parenthesis.
_MINUS: Final = re.compile(r"(?<=[=<>] )\)(?=\d)")
_SPLIT_LIGATURE: Final = re.compile(
    r"(?<![\w-])([^\W\d_]*(?:ffi|ffl)|fi|fl|ff|[^\W\d_]*(?:fi|fl|ff)) ([a-z]{2,})\b"
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How often a document has each word, in small letters, compounds whole.

    `without_hyphen` finds words that are a compound of the document's less its hyphen; None where
    there are none.
    """

    counts: Mapping[str, int]
    without_hyphen: re.Pattern[str] | None = None
    compounds: Mapping[str, str] | None = None


def vocabulary_of(text: str) -> Vocabulary:
    """The words of a text from a PDF."""
    # The second half of a broken word is no word.
    counts = Counter(_WORD.findall(_HALVES.sub(" ", ligatures_apart(text)).casefold()))
    compounds: dict[str, str] = {}
    for compound, count in counts.items():
        first, hyphen, last = compound.partition("-")
        if not hyphen or "-" in last or min(len(first), len(last)) < _SHORTEST_HALF:
            continue
        joined = first + last
        if 0 < counts.get(joined, 0) * _MORE_FREQUENT <= count:
            compounds[joined] = compound
    if not compounds:
        return Vocabulary(counts)
    longest_first = sorted(compounds, key=len, reverse=True)
    found = re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE)
    return Vocabulary(counts, found, compounds)


def ligatures_apart(text: str) -> str:
    """Ligatures as the letters they join, soft hyphens gone with the line end after them.

    >>> ligatures_apart("\\ufb01eld con\\u00ad tent")
    'field content'
    """
    if text.isascii() or not _LIGATURE_OR_SOFT.search(text):
        return text
    return _SOFT.sub("", text.translate(_LIGATURES))


def rejoined(text: str, vocabulary: Vocabulary) -> str:
    """Words broken at a line's end as one word, and hyphens that the break lost.

    >>> words = vocabulary_of("graph based")
    >>> rejoined("informa- tion on graph- based pre- and post-war self- made", words)
    'information on graph-based pre- and post-war self-made'
    """
    if "- " in text:
        text = _around(_LINE_END, _BROKEN, partial(_whole, counts=vocabulary.counts), text)
    if "-" in text:
        text = _around(_HYPHEN, _COMPOUND, partial(_uncut, counts=vocabulary.counts), text)
        if "tate-" in text or "tateof" in text:
            text = _STATE_OF_THE_ART.sub(r"\1-of-the-art", text)
    if vocabulary.without_hyphen is not None and vocabulary.compounds is not None:
        text = vocabulary.without_hyphen.sub(
            partial(_hyphenated, compounds=vocabulary.compounds), text
        )
    if "fi " in text or "ff " in text or "fl " in text:
        text = _SPLIT_LIGATURE.sub(partial(_of_ligature, counts=vocabulary.counts), text)
    return text


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
        while start > done and _LETTER.match(text, start - 1):
            start -= 1
        # A hyphen before the word belongs to it.
        match = start > done and text[start - 1] == "-" and whole.match(text, start - 1)
        match = match or whole.match(text, start)
        if match:
            pieces += [text[done : match.start()], replacement(match)]
            done = match.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def spaced(text: str) -> str:
    """Blanks and dashes of running text where they were printed.

    >>> spaced("We use tools -search, answer .They work (Table3shows); see intra-and inter-class.")
    'We use tools – search, answer. They work (Table 3 shows); see intra- and inter-class.'
    >>> spaced("in 1998 -1999 (range 1 -50), 10 -3 M, x -y, option -verbose")
    'in 1998–1999 (range 1–50), 10 -3 M, x -y, option -verbose'
    """
    if " ." in text or " ," in text or " ;" in text:
        text = _LOOSE_POINT.sub("", _LOOSE_END.sub(". ", text))
    text = _LOST_BLANK.sub(r"\g<0> ", text)
    if _NAME_NUMBERED.search(text):
        text = _ATTACHED_WORD.sub(r"\1 ", _ATTACHED_NUMBER.sub(r"\1 \2", text))
    if "-" in text:
        if _HYPHEN_AND.search(text):
            text = _SUSPENDED_TOGETHER.sub(_apart, text)
            text = _DASHED_CLAUSE.sub("—", text)
        if " -" in text:
            text = _RANGE.sub(_range, _DASH.sub(_dash, text))
    return _MINUS.sub("−", text) if " )" in text else text


def _apart(match: re.Match[str]) -> str:
    first, word = match.group(1) or match.group(3), match.group(2) or match.group(4)
    return f"{first} {word} "


def _dash(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 12) : match.start()]
    return match.group() if _NO_DASH_AFTER.search(before) else " – "


def _range(match: re.Match[str]) -> str:
    low, high = match["low"], match["high"]
    written = match.group()
    if float(high) <= float(low):
        return written
    years = low.isdigit() and high.isdigit() and int(low) in _YEARS and int(high) in _YEARS
    enclosed = match["before"] is not None and (match["before"] not in "([" or match["after"])
    if not years and not enclosed:
        return written
    return f"{match['before'] or ''}{low}–{high}{match['after'] or ''}"


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
    return f"{first}{last}" if cut and first.casefold() not in counts else match.group()


def _hyphenated(match: re.Match[str], compounds: Mapping[str, str]) -> str:
    word = match.group()
    cut = compounds[word.casefold()].index("-")
    last = word[cut:] if not word.isupper() else word[cut:].upper()
    return f"{word[:cut]}-{last}"


def _of_ligature(match: re.Match[str], counts: Mapping[str, int]) -> str:
    """`signifi cant` whole, where the first part is no word or the document has the whole."""
    first, last = match.groups()
    joined = f"{first}{last}"
    alone = first in ("fi", "fl", "ff") or first.endswith(("ffi", "ffl"))
    frequent = counts.get(joined.casefold(), 0) > counts.get(first.casefold(), 0)
    return joined if alone or frequent else match.group()
