"""Numbers of sections, equations, floats and theorems, and the labels set at them."""

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from corpora.latex.references.reference_names import OwnNames, Target

#: Delimiters of slots in half-made text; `decode` removes these characters from every file.
REFERENCE_OPEN: Final = "\x05"
CITATION_OPEN: Final = "\x06"
SLOT_CLOSE: Final = "\x07"
#: Stands where something vanished, until the blanks and brackets around it are tidied.
VANISHED: Final = "\x0e"
#: The same for a citation: the words before it name no place.
UNCITED: Final = "\x10"

_LEVELS: Final = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph")
_COUNTER: Final = re.compile(
    r"\\(arabic|alph|Alph|roman|Roman|fnsymbol|value)\s*\*?\{?([a-zA-Z*@]*)\}?|\\the([a-zA-Z]+)"
)


def styled(style: str, number: int) -> str:
    r"""A number as `\arabic`, `\\alph`, `\\Roman`, ... print it.

    >>> styled("alph", 3), styled("Roman", 4), styled("arabic", 5)
    ('c', 'IV', '5')
    """
    if style in ("alph", "Alph"):
        return letter(number) if style == "alph" else letter(number).upper()
    if style in ("roman", "Roman"):
        return roman(number) if style == "Roman" else roman(number).lower()
    return str(number)


@dataclass
class Numbering:
    """The counters of one document and the labels set so far."""

    counters: dict[str, int] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Target] = field(default_factory=dict)
    current: Target = field(default_factory=lambda: Target("", ""))
    appendix: bool = False
    has_chapters: bool = False
    #: Counter -> what the paper makes of it: `S\\arabic{figure}`.
    formats: dict[str, str] = field(default_factory=dict)
    #: What the paper calls what it numbers.
    names: OwnNames = field(default_factory=OwnNames)

    def section(self, level: str, title: str, *, numbered: bool) -> None:
        """Steps a section counter and makes the section the current target."""
        if not numbered:
            self.current = Target("appendix" if self.appendix else level, "", title)
            return
        self.counters[level] = self.counters.get(level, 0) + 1
        below = _LEVELS[_LEVELS.index(level) + 1 :] if level != "part" else ()
        for name in below:
            self.counters[name] = 0
        for counter, holder in self.within.items():
            if holder == level:
                self.counters[counter] = 0
        kind = "appendix" if self.appendix and level in ("section", "chapter") else level
        self.current = Target(kind, self._section_number(level), title)

    def _section_number(self, level: str) -> str:
        if level in self.formats:
            return self.formatted(self.formats[level])
        if level == "part":
            return roman(self.counters["part"])
        top = "chapter" if self.has_chapters else "section"
        first, last = _LEVELS.index(top), _LEVELS.index(level)
        parts = [str(self.counters.get(name, 0)) for name in _LEVELS[first : last + 1]]
        if self.appendix and parts:
            parts[0] = letter(self.counters.get(top, 0)).upper()
        return ".".join(parts)

    def step(self, counter: str, kind: str, title: str = "") -> str:
        """Steps a counter, makes it the current target, and returns its printed number."""
        self.counters[counter] = self.counters.get(counter, 0) + 1
        number = self.number(counter)
        self.current = Target(kind, number, title)
        return number

    def number(self, counter: str) -> str:
        """The printed number of a counter, with its section's where it restarts there."""
        if counter in self.formats:
            return self.formatted(self.formats[counter])
        value = str(self.counters.get(counter, 0))
        holder = self.within.get(counter)
        if holder is None and self.has_chapters and counter in ("figure", "table", "equation"):
            holder = "chapter"
        if holder in _LEVELS and holder != "part":
            return f"{self._section_number(holder)}.{value}"
        return value

    def formatted(self, source: str, depth: int = 0) -> str:
        r"""What the body of `\\thefigure` prints now.

        >>> numbering = Numbering(counters={"figure": 2, "section": 3})
        >>> numbering.formatted(r"\mbox{\Alph{section}.S\,\arabic{figure}}")
        'C.S2'
        """

        def value(match: re.Match[str]) -> str:
            style, counter, the = match.groups()
            if the:
                if depth > 3:
                    return ""
                if the in self.formats:
                    return self.formatted(self.formats[the], depth + 1)
                return self._section_number(the) if the in _LEVELS else self.number(the)
            return styled(style, self.counters.get(counter, 0))

        source = _COUNTER.sub(value, source)
        source = re.sub(r"\\(?:(?:text)?color|[hv]space\*?)\s*\{[^{}]*\}", "", source)
        source = re.sub(r"\\[a-zA-Z@]+\s*|\\[,;:!/]|[{}$]", "", source)
        return re.sub(r"\\(.)|~", lambda match: match.group(1) or " ", source).strip()

    def label(self, key: str, target: Target | None = None) -> None:
        """Sets a label to a target, by default the current one. The first of two wins."""
        self.labels.setdefault(key.strip(), target or self.current)

    def point_new(self, known: int) -> None:
        """Points the labels beyond the first `known` ones at the current target."""
        for key in [*islice(self.labels, known, None)]:
            self.labels[key] = self.current

    def start_appendix(self) -> None:
        """From here on sections have letters."""
        self.appendix = True
        self.formats.pop("chapter" if self.has_chapters else "section", None)
        self.counters["chapter" if self.has_chapters else "section"] = 0


def letter(number: int) -> str:
    """The letter of a number: a, b, ..., z, a, ..."""
    return chr(ord("a") + (number - 1) % 26) if number > 0 else "a"


def roman(number: int) -> str:
    """A number from 1 to 200 in Roman digits."""
    out, number = "", min(number, 400)
    for value, sign in (
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        while number >= value:
            out, number = out + sign, number - value
    return out
