"""What the parts of the reader share while one module is read, and the numbers it gives."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from lxml import etree

from corpora.documents import ReadOptions

#: Elements with a number, and the word that stands before it.
_NUMBERED: Final = {
    "figure": "Figure", "table": "Table", "example": "Example", "equation": "Equation",
    "exercise": "Exercise",
}  # fmt: skip
_WITH_ID: Final = etree.XPath("descendant-or-self::*[string(@id)]")
#: Inside these an element of the same name, or an exercise, has no number of its own.
_INSIDE: Final = {"figure": ("figure",), "exercise": ("example", "note", "exercise")}


@dataclass(slots=True)
class ModuleState:
    """One module being read.

    `labels` are the names of numbered elements, `Figure 2`; `targets` all elements by their id, and
    `mentioned` the ids that links of the module refer to.
    """

    options: ReadOptions
    labels: dict[etree._Element, str] = field(default_factory=dict)
    targets: dict[str, etree._Element] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    module_id: str = ""
    #: Where the other modules of the book lie, if they do.
    folder: Path | None = None
    inside_table: bool = False
    #: Whether any formula says what it means, and not how it looks.
    content_markup: bool = True


def number_elements(document: etree._Element, state: ModuleState) -> None:
    """Gives every figure, table, example, equation, exercise and rule its label in the module."""
    # Most elements of a module are those of its formulas: libxml2 passes over them.
    for element in cast("list[etree._Element]", _WITH_ID(document)):
        state.targets.setdefault(element.get("id") or "", element)
    for link in document.iter("link"):
        state.mentioned.add(link.get("target-id") or link.get("target") or "")
    counts: Counter[str] = Counter()
    for element in document.iter(*_NUMBERED, "rule"):
        tag = str(element.tag)
        kind = _kind(element)
        if not kind or "unnumbered" in (element.get("class") or "").split():
            continue
        if next(element.iterancestors(*_INSIDE.get(tag, ())), None) is not None and tag in _INSIDE:
            continue
        label = element.find("label")
        word = kind if label is None else " ".join("".join(map(str, label.itertext())).split())
        if not word and tag != "exercise":
            if element.get("id") not in state.mentioned:
                # An empty label is how an author asks for no number.
                continue
            word = kind
        counts[kind] += 1
        state.labels[element] = f"{word} {counts[kind]}".strip()


def _kind(element: etree._Element) -> str:
    """The word for a kind of numbered element; "" where it has no number."""
    if element.tag == "rule":
        return (element.get("type") or "rule").replace("-", " ").capitalize()
    return _NUMBERED.get(str(element.tag), "")


def plain_title(element: etree._Element) -> str:
    """The title of an element, or the term of a definition, in plain words."""
    # Plain text: a title may hold links of its own.
    title = element.find("term") if element.tag == "definition" else element.find("title")
    return "" if title is None else " ".join("".join(map(str, title.itertext())).split())


def shown_name(element: etree._Element, state: ModuleState) -> str:
    """What a link to an element shows: its number, its title, or the number of what holds it."""
    if element not in state.labels and element.tag != "para" and (title := plain_title(element)):
        return title
    around = (holder for holder in (element, *element.iterancestors()) if holder in state.labels)
    return next((state.labels[holder] for holder in around), "")
