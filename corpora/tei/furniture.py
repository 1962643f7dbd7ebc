"""What a PDF parser takes for footnotes and is the page's: running heads, copyright lines, dates.

Only notes that nothing calls are judged.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

_COPYRIGHT: Final = re.compile(r"\W{0,3}(?:©|ª ?(?=[12])|\(c\)|copyright\b)", re.IGNORECASE)
#: `Acta Bot. (2011). F67, 344-348`, `HIVES (2003) vol. 39, no. 6`.
_JOURNAL_LINE: Final = re.compile(
    r"[^.]{2,60}\.? ?[(,]? ?(?:1[89]|20)\d\d\)?[.,;:]? ?(?:[A-Z]?\d{1,4}|vol\.?|volume|tomas|no\.?|"
    r"nr\.?)\b[\w ,.;:()–-]{0,40}\d",
    re.IGNORECASE,
)
_PAGE_OF: Final = re.compile(r"(?:\b\d{1,4} ?/ ?\d{1,4}|\bpage \d{1,4}(?: of \d{1,4})?)$", re.I)
_PLAIN_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_LONGEST: Final = 400
_LONGEST_LINE: Final = 120
_FEW_WORDS: Final = 3


def running_line(volume: str, first: str, last: str) -> re.Pattern[str] | None:
    """The line of an article's own volume and pages, that stands on each of its pages.

    >>> running_line("67", "463", "470").search("Acta Bot. (2011). F67, 463-470 Byron et al.")[0]
    '67, 463-470'
    """
    if not (volume and first and last):
        return None
    pages = rf"{re.escape(first)} ?[-–−] ?{re.escape(last)}"
    return re.compile(rf"(?<!\d){re.escape(volume)}\W{{0,3}}(?:\(\d+\)\W{{0,3}})?{pages}(?!\d)")


def without_furniture(
    notes: Iterable[tuple[str, str]], own: re.Pattern[str] | None = None
) -> list[tuple[str, str]]:
    """Of notes (number, words), those that are the author's.

    What stands there more than once but for its numbers is a running head, and so is what holds
    the article's `own` line.

    >>> without_furniture([("1", "We thank the bees."), ("", "© The Hive 2019"), ("", "4 5 1")])
    [('1', 'We thank the bees.')]
    """
    listed = list(notes)
    times = Counter(_bare(words) for _, words in listed)
    return [
        (number, words)
        for number, words in listed
        if times[_bare(words)] == 1
        and not _is_furniture(number, words)
        and not is_running_line(words, own)
    ]


def is_running_line(words: str, own: re.Pattern[str] | None) -> bool:
    """Whether a short line holds the article's own volume and pages."""
    return own is not None and len(words) <= _LONGEST_LINE and own.search(words) is not None


def _bare(words: str) -> str:
    return re.sub(r"[\W\d_]+", "", words).casefold()


def _is_furniture(number: str, words: str) -> bool:
    if len(words) > _LONGEST and not _is_spread(words):
        return False
    plain = len(_PLAIN_WORD.findall(words))
    if _COPYRIGHT.match(words) or _is_spread(words) or not plain:
        return True
    if len(words) <= _LONGEST_LINE and (_JOURNAL_LINE.fullmatch(words) or _PAGE_OF.search(words)):
        return True
    return not number and plain < _FEW_WORDS and "://" not in words


def _is_spread(words: str) -> bool:
    """Whether letters stand apart: `J O U R N A L`."""
    parts = words.split()
    return len(parts) > 2 * _FEW_WORDS and sum(len(p) == 1 for p in parts) * 2 > len(parts)
