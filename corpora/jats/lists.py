"""Lists and lists of definitions as Markdown, in the numbers or letters that they print."""

import re
from typing import Final

from lxml import etree

from corpora.jats.flow import content, flow, heading
from corpora.jats.inline import line
from corpora.jats.state import ArticleState
from corpora.xml_elements import first_child

_NUMBERS: Final = frozenset(("order", "ordered", "number", "arabic"))
_BULLETS: Final = re.compile(r"[•●▪■◦○–—*·-]")
_NUMBERED: Final = re.compile(r"\d+[.)]")
_ROMAN: Final = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def listed(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A list, its items indented under their marks; the printed labels, where the file has them."""
    kind = (element.get("list-type") or "").lower()
    title = first_child(element, "title")
    items: list[str] = []
    for item in element.findall("list-item"):
        label = first_child(item, "label")
        printed = line(label, state) if label is not None else ""
        if printed.isdigit() and kind in _NUMBERS:
            printed += "."
        if not printed or _BULLETS.fullmatch(printed):
            mark = "-" if printed else _mark(kind, len(items) + 1)
        else:
            mark = printed if _NUMBERED.fullmatch(printed) else f"- {printed}"
        blocks = content(item, state, level)
        if not blocks:
            continue
        indent = "  " if mark.startswith("-") else "   "
        first, *rest = (block.replace("\n", "\n" + indent) for block in blocks)
        items.append(f"{mark} " + "\n".join([first, *(indent + block for block in rest)]))
    blocks = ["\n".join(items)] if items else []
    return [line(title, state), *blocks] if title is not None and blocks else blocks


def _mark(kind: str, number: int) -> str:
    """What a browser would print before an item: `2.`, `b.`, `ii.` or a bullet."""
    if kind in _NUMBERS:
        return f"{number}."
    if kind.startswith("alpha") and number <= 26:
        letter = chr(ord("a") + number - 1)
        return f"- {letter.upper() if 'upper' in kind else letter}."
    if kind.startswith("roman") and number < 40:
        letters = ""
        for value, sign in _ROMAN:
            letters, number = letters + sign * (number // value), number % value
        return f"- {letters.upper() if 'upper' in kind else letters}."
    return f"{number}." if kind.startswith(("alpha", "roman")) else "-"


def definitions(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A list of terms and their meanings: abbreviations, a glossary."""
    title = first_child(element, "title")
    blocks: list[str] = []
    entries: list[str] = []

    def end_of_entries() -> None:
        blocks.extend(["\n".join(entries)] if entries else [])
        entries.clear()

    # Only its own entries: a list inside a meaning is read with that meaning.
    for item in element:
        if item.tag == "def-item":
            terms = ", ".join(line(term, state) for term in item.findall("term"))
            meaning = ""
            for block in (
                block for found in item.findall("def") for block in flow(found, state, level)
            ):
                listed = block.startswith("- ") or "\n" in block
                gap = "\n  " if listed else " " if meaning else ""
                meaning += gap + block.replace("\n", "\n  ")
            glue = ":" if meaning.startswith("\n") else ": "
            if terms or meaning:
                entries.append(f"- {glue.join(filter(None, (terms, meaning)))}")
        elif item.tag not in ("title", "label", "term-head", "def-head"):
            end_of_entries()
            blocks.extend(state.blocks.get(str(item.tag), flow)(item, state, level))
    end_of_entries()
    return [heading(line(title, state), level), *blocks] if title is not None else blocks
