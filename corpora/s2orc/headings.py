"""Sections of a paper that was read by a machine: which titles are headings, and at what level."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from corpora.s2orc.model import Paragraph

_DECIMAL: Final = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,5})\.?(?=\s|$|[A-Z])")
_APPENDIX: Final = re.compile(r"([A-Z](?:\.\d{1,2}){1,4})\.?\s")
_ROMAN: Final = re.compile(r"(?:[IVX]{1,6})\.\s")
_LETTER: Final = re.compile(r"[A-Z]\.\s")
_ARABIC: Final = re.compile(r"\d{1,2}\)\s")
#: Titles that stand above others with no text of their own; a parser takes words of figures, too,
#: for titles without text.
_CONTAINERS: Final = re.compile(
    r"(?:materials?|patients?|subjects?|experiment|methods?|methodology|results?|discussion|theor|"
    r"background|introduction|conclusions?|appendix|analysis|model|data|evaluation|related work|"
    r"supplement|supporting|literature|case|statistic|simulation|acknowledg|author contribution)",
    re.IGNORECASE,
)

Heading = tuple[int, str]


def sections(
    paragraphs: Sequence[Paragraph], dropped: list[str]
) -> Iterator[tuple[list[Heading], Paragraph]]:
    """Each paragraph with text, and the headings (level, title) to print before it.

    Titles with no text below them are added to `dropped`, unless they stand above other titles.
    """
    titles = [_title(paragraph) for paragraph in paragraphs]
    roman = any(_ROMAN.match(title) for title in titles)
    current: str | None = None
    waiting: list[Heading] = []
    for paragraph, title in zip(paragraphs, titles, strict=True):
        if title and title != current:
            waiting.append((level_of(title, roman), title))
            current = title
        if not paragraph.text.strip():
            continue
        yield list(_standing(waiting, dropped)), paragraph
        waiting = []
    dropped.extend(title for _, title in waiting)


def _title(paragraph: Paragraph) -> str:
    words = " ".join(paragraph.section.split())
    number = paragraph.number.strip()
    # A title is a line; what is longer is a paragraph that was taken for one.
    if number and words and not words.startswith(number):
        return f"{number.rstrip('.')} {words}"
    return words


def _standing(waiting: list[Heading], dropped: list[str]) -> Iterator[Heading]:
    """Of the titles before a text, its own and those it is inside of."""
    for position, (level, title) in enumerate(waiting):
        last = position == len(waiting) - 1
        below = waiting[-1][0]
        bare = re.sub(r"^[\dIVX.\s)]+", "", title)
        if last or level < below or _CONTAINERS.match(bare):
            yield level, title
        else:
            dropped.append(title)


def level_of(title: str, roman: bool) -> int:
    """The level of a heading by its number; 1 without one. `roman`: the paper is numbered as IEEE
    asks, `II.`, `A.`, `1)`.

    >>> [level_of(title, False) for title in ("3 Results", "3.1.2 Yield", "Methods", "A.1 Proof")]
    [1, 3, 1, 2]
    >>> [level_of(title, True) for title in ("II. MODEL", "B. Noise", "2) Thermal noise")]
    [1, 2, 3]
    """
    if roman:
        for level, pattern in ((1, _ROMAN), (2, _LETTER), (3, _ARABIC)):
            if pattern.match(title):
                return level
    numbered = _DECIMAL.match(title) or _APPENDIX.match(title)
    return numbered.group(1).count(".") + 1 if numbered else 1
