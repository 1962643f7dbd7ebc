"""What one page's parts share while it is read."""

from collections import Counter
from dataclasses import dataclass, field

from corpora.documents import Citation, ReadOptions
from corpora.mediawiki.framing import Site

#: Marked text that no later step may touch stands as U+0001, its number, U+0002.
HELD_START, HELD_END = "\x01", "\x02"
#: A place where works are cited: U+0003, its number, U+0004.
MARK_START, MARK_END = "\x03", "\x04"
#: A figure's caption, moved out of the paragraph that holds it.
FIGURE_START, FIGURE_END = "\x05", "\x06"
#: Where a template stood between words that it printed nothing readable into.
GONE = "\x10"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place where a text cites: works, the name of a `<ref>` defined anywhere, or author-years.

    `note` is the words of a footnote that cites no work.
    """

    works: tuple[Citation, ...] = ()
    name: str = ""
    short: tuple[str, ...] = ()
    note: str = ""


@dataclass(slots=True)
class PageState:
    """What is gathered while a page is read."""

    title: str
    site: Site
    options: ReadOptions
    held: list[str] = field(default_factory=list)
    #: Of those held: the bodies of formulas, the formulas to be displayed, the code in fences.
    formulas: dict[int, str] = field(default_factory=dict)
    displayed: set[int] = field(default_factory=set)
    fences: set[int] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)
    named: dict[str, Mark] = field(default_factory=dict)
    #: By name alone: a use is often given without the group of its definition.
    named_in_any_group: dict[str, Mark] = field(default_factory=dict)
    #: Works by `surnames year`, as {{sfn}} and {{harv}} name them.
    by_author_year: dict[str, Citation] = field(default_factory=dict)
    #: Works by their first author's surname.
    by_surname: dict[str, set[Citation]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    unknown_templates: Counter[str] = field(default_factory=Counter)
    cleaned: Counter[str] = field(default_factory=Counter)
    disambiguation: bool = False
    soft_redirect: bool = False

    def hold(self, words: str) -> str:
        """A placeholder for marked text that is finished."""
        self.held.append(words)
        return f"{HELD_START}{len(self.held) - 1}{HELD_END}"

    def mark(self, mark: Mark) -> str:
        """A placeholder for a place where works are cited."""
        self.marks.append(mark)
        return f"{MARK_START}{len(self.marks) - 1}{MARK_END}"
