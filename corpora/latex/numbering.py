r"""Numbers of sections, equations, floats and theorems, and what `\ref` prints.

Text is rendered in one pass, before every label is known: a reference is left as a slot, a
C0-delimited string no file can spell, and `fill` puts the number in at the end.
"""

import re
from dataclasses import dataclass, field
from typing import Final

#: Delimiters of slots in half-made text; `decode` removes these characters from every file.
REFERENCE_OPEN: Final = "\x05"
CITATION_OPEN: Final = "\x06"
SLOT_CLOSE: Final = "\x07"
#: Stands where something vanished, until the blanks and brackets around it are tidied.
VANISHED: Final = "\x0e"

_LEVELS: Final = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph")
_NAMES: Final = {
    "figure": ("figure", "Figure"), "table": ("table", "Table"), "equation": ("equation",
    "Equation"),
    "section": ("section", "Section"), "subsection": ("section", "Section"),
    "subsubsection": ("section", "Section"), "chapter": ("chapter", "Chapter"),
    "part": ("part", "Part"), "appendix": ("appendix", "Appendix"), "item": ("item", "Item"),
    "algorithm": ("algorithm", "Algorithm"), "footnote": ("footnote", "Footnote"),
    "listing": ("listing", "Listing"), "subfigure": ("figure", "Figure"), "line": ("line", "Line"),
    "paragraph": ("paragraph", "Paragraph"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """What a label points at: its kind, its number as printed, and its title for `\\nameref`."""

    kind: str
    number: str
    title: str = ""


@dataclass
class Numbering:
    """The counters of one document and the labels set so far."""

    counters: dict[str, int] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Target] = field(default_factory=dict)
    current: Target = field(default_factory=lambda: Target("", ""))
    appendix: bool = False
    has_chapters: bool = False

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
        if level == "part":
            return _roman(self.counters["part"])
        top = "chapter" if self.has_chapters else "section"
        first, last = _LEVELS.index(top), _LEVELS.index(level)
        parts = [str(self.counters.get(name, 0)) for name in _LEVELS[first : last + 1]]
        if self.appendix and parts:
            parts[0] = _letter(self.counters.get(top, 0)).upper()
        return ".".join(parts)

    def step(self, counter: str, kind: str, title: str = "") -> str:
        """Steps a counter, makes it the current target, and returns its printed number."""
        self.counters[counter] = self.counters.get(counter, 0) + 1
        number = self.number(counter)
        self.current = Target(kind, number, title)
        return number

    def number(self, counter: str) -> str:
        """The printed number of a counter, with its section's where it restarts there."""
        value = str(self.counters.get(counter, 0))
        holder = self.within.get(counter)
        if holder is None and self.has_chapters and counter in ("figure", "table", "equation"):
            holder = "chapter"
        if holder in _LEVELS and holder != "part":
            return f"{self._section_number(holder)}.{value}"
        return value

    def label(self, key: str, target: Target | None = None) -> None:
        """Sets a label to a target, by default the current one. The first of two wins."""
        self.labels.setdefault(key.strip(), target or self.current)

    def start_appendix(self) -> None:
        """From here on sections have letters."""
        self.appendix = True
        self.counters["chapter" if self.has_chapters else "section"] = 0


def slot(command: str, keys: str) -> str:
    r"""The slot of a reference: `command` is `ref`, `eqref`, `autoref`, `cref`, ...

    >>> numbering = Numbering()
    >>> _ = numbering.step("figure", "figure"); numbering.label("fig:a")
    >>> fill("see Fig. " + slot("ref", "fig:a") + ", " + slot("Cref", "fig:a"), numbering.labels)
    'see Fig. 1, Figure 1'
    """
    return f"{REFERENCE_OPEN}{command}\x08{keys}{SLOT_CLOSE}"


_SLOT: Final = re.compile(
    f"{REFERENCE_OPEN}([^{SLOT_CLOSE}\x08]*)\x08([^{SLOT_CLOSE}]*){SLOT_CLOSE}"
)


def fill(text: str, labels: dict[str, Target]) -> str:
    """The text with every reference slot filled, and what vanished tidied away."""
    text = _SLOT.sub(lambda match: _words(match.group(1), match.group(2), labels), text)
    return tidy_vanished(text) if VANISHED in text else text


def tidy_vanished(text: str) -> str:
    """Removes the places where nothing could be printed, with the words that led up to them.

    >>> tidy_vanished("as shown (Section " + VANISHED + ") on page " + VANISHED + ".")
    'as shown.'
    """
    gone = VANISHED
    text = re.sub(rf"{gone}\s*(?:--|[-–—,]|and|to)\s*{gone}", gone, text)
    words = r"(?:[Ss]ections?|[Ss]ec\.|[Ff]igures?|[Ff]igs?\.|[Tt]ables?|[Ee]quations?|[Ee]qs?\.|§)"
    text = re.sub(rf"(?<!\s)\s*(?:,\s*)?\b(?:on )?(?:pages?|pp?\.)\s*{gone}", "", text)
    text = re.sub(rf"(?<!\s)\s*[(\[](?:see )?{words}?\s*(?:\()?{gone}\)?\s*[)\]]", "", text)
    text = re.sub(rf"(?<!\s)\s*[(\[]\s*{gone}\s*[)\]]", "", text)
    text = re.sub(rf"(?<!\s)\s*{gone}(?=\s*[.,;:)\]])", "", text)
    return re.sub(rf"(?<!\s)\s*{gone}[ \t]*(\n?)", lambda match: match.group(1) or " ", text)


def _words(command: str, keys: str, labels: dict[str, Target]) -> str:
    targets = [labels.get(key.strip()) for key in keys.split(",") if key.strip()]
    known = [target for target in targets if target is not None]
    if command == "nameref":
        return known[0].title if known and known[0].title else VANISHED
    known = [target for target in known if target.number]
    if not known or command == "pageref":
        return VANISHED
    if command == "ref":
        return _joined([target.number for target in known])
    if command == "eqref":
        return _joined([f"({target.number})" for target in known])
    kind = known[0].kind
    lower, upper = _NAMES.get(kind, (kind, kind))
    if command == "autoref":
        name = lower if "section" in kind or kind == "paragraph" else upper
        return f"{name} {known[0].number}"
    numbers = [f"({t.number})" if t.kind == "equation" else t.number for t in known]
    name = upper if command == "Cref" else lower if kind in _NAMES else kind
    if len(numbers) > 1:
        name = "appendices" if name == "appendix" else f"{name}s"
    if command == "labelcref":
        return _joined(numbers)
    return f"{name} {_joined(numbers)}"


def _joined(numbers: list[str]) -> str:
    if len(numbers) < 3:
        return " and ".join(numbers)
    return ", ".join(numbers[:-1]) + f" and {numbers[-1]}"


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) if number > 0 else "a"


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while number >= value:
            out, number = out + sign, number - value
    return out
