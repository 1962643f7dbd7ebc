"""The level of a section: GROBID's sections stand side by side, their numbers say what is inside.

`2.1` and `III.B` are one level down. In papers that number sections by Roman numerals, letters are
subsections (IEEE).
"""

import re
from collections.abc import Iterable
from typing import Final

from corpora.tei.state import TeiState

_NUMBER: Final = re.compile(
    r"(?P<number>(?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,5}\.?|[IVX]{1,5}(?:[.-][A-Z0-9]){0,3}\.?)\s+(?=[^\W\d_])"
)
_LETTERED: Final = re.compile(r"(?P<letter>[A-Z])(?P<part>\.\d)?[. ]+(?=[A-Z]|$)")
_ROMAN: Final = re.compile(r"(?=[IVXL])(XL|L?X{0,3})(IX|IV|V?I{0,3})")
_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50}
_SPREAD: Final = re.compile(r"(?:[^\W\d_] ){4,60}[^\W\d_]")
#: What is left in one piece is one word, not three.
_LONGEST_WORD: Final = 16
_USUAL: Final = re.compile(
    r"ABSTRACT|INTRODUCTION|BACKGROUND|MATERIALS?|METHODS|EXPERIMENTS?|EXPERIMENTAL|SECTION|RESULTS|"
    r"DISCUSSION|CONCLUSIONS?|SUMMARY|ACKNOWLEDGE?MENTS?|REFERENCES|APPENDIX|PATIENTS|AND|DATA",
    re.IGNORECASE,
)
#: Sections that stand at the top whatever comes before them, numbered or not.
_TOP: Final = re.compile(
    r"(?:acknowledge?ments?|references|conclusions?|abstract|introduction|discussion|results|"
    r"(?:materials and )?methods|appendi(?:x|ces)\b.*|supplementary.*|limitations|ethic.*|"
    r"broader impacts?.*|reproducib.*|use of (?:large language models|llms|ai).*|"
    r"data availability.*|availability.*|code availability.*|background|"
    r"related works?|notes|funding.*|conflicts?.*|author contributions?.*|abbreviations|"
    r"concluding remarks|summary|materials|future work|experiments|nomenclature)",
    re.IGNORECASE,
)


def appendix_letters(heads: Iterable[str]) -> frozenset[str]:
    """The letters of appendices, as far as the headings of a document tell.

    `B Proofs` is one beside `B.1 Lemmas` or `C Data`; `A new world` is a title.

    >>> sorted(appendix_letters(["A new world", "B Proofs", "C Data", "D.1 Cages", "D Bees"]))
    ['B', 'C', 'D']
    """
    alone: set[str] = set()
    divided: set[str] = set()
    for words in heads:
        match = _LETTERED.match(words)
        if match:
            (divided if match["part"] else alone).add(match["letter"])
    in_a_row = {
        letter
        for letter in alone
        if {chr(ord(letter) - 1), chr(ord(letter) + 1)} & (alone | divided)
    }
    return frozenset((alone & divided) | in_a_row)


def split_number(words: str, appendices: frozenset[str] = frozenset()) -> tuple[str, str]:
    """A heading's number and the rest of it; `appendices` are letters that are such numbers.

    >>> split_number("2.1 Node Types"), split_number("A new world")
    (('2.1', 'Node Types'), ('', 'A new world'))
    """
    match = _NUMBER.match(words)
    if match is None:
        return "", words
    number = match["number"]
    if len(number) == 1 and number.isalpha() and number not in appendices:
        return "", words
    return match["number"], words[match.end() :]


def closed_up(words: str) -> str:
    """A heading whose letters stand apart, closed up; its words where they are usual ones.

    >>> closed_up("M E T H O D S"), closed_up("R E S U L T S A N D D I S C U S S I O N")
    ('METHODS', 'RESULTS AND DISCUSSION')
    """
    if not _SPREAD.fullmatch(words):
        return words
    joined = words.replace(" ", "")
    usual = _USUAL.findall(joined)
    if "".join(usual) == joined:
        return " ".join(usual)
    return joined if len(joined) <= _LONGEST_WORD else words


def cased(words: str) -> str:
    """A usual heading with its capital, which PDF text in small capitals loses.

    >>> cased("dIscussIon"), cased("mRNA levels")
    ('Discussion', 'mRNA levels')
    """
    return words.capitalize() if words[:1].islower() and _TOP.fullmatch(words) else words


def level_of(number: str, words: str, state: TeiState) -> int:
    """The level of the next heading of a document, 1 the highest."""
    parts = [part for part in re.split(r"[.\-\s)(]+", number) if part]
    if not parts:
        if _TOP.fullmatch(words.rstrip(" .:")) or not state.numbered:
            return 1
        # What stands unnumbered among numbered sections is inside the last of them.
        return min(state.numbered + 1, 6)
    level = len(parts)
    first = parts[0]
    if first in state.appendices and not state.roman:
        state.numbered = min(level, 6)
        return state.numbered
    roman = _roman(first)
    follows = len(first) == 1 and state.letter != "" and ord(first) == ord(state.letter) + 1
    if roman == state.roman + 1 and not (follows and level == 1):
        state.roman, state.letter = roman, ""
    elif level == 1 and state.roman and len(first) == 1 and first.isalpha() and first.isupper():
        state.letter = first
        level = 2
    elif level == 1 and state.roman and first.isdigit():
        level = 3 if state.letter else 2
    state.numbered = min(level, 6)
    return state.numbered


def _roman(text: str) -> int:
    """The value of a Roman numeral, 0 for what is none."""
    if not text or not _ROMAN.fullmatch(text):
        return 0
    values = [_VALUES[character] for character in text]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))
