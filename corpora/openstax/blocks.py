"""Blocks of CNXML as Markdown paragraphs: sections, lists, examples, exercises, figures, tables.

`flow` reads any container: its running text becomes paragraphs, its block elements what their
handler makes of them. An element that is not known is read like the container it is. Boxes whose
end a heading could not show (examples, notes, exercises) are led in by their name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from corpora.fences import fenced
from corpora.html_markdown import indented
from corpora.jats.tables import markdown_table
from corpora.openstax.class_names import NOTES, SECTIONS
from corpora.openstax.inline import formula, inline, line, phrase, tidy
from corpora.openstax.state import ModuleState
from tokenization.wrappers import image

Handler = Callable[[etree._Element, ModuleState, int], list[str]]

_WRITTEN_BY_CONTAINER: Final = ("title", "label", "metadata")
_POINT_AFTER: Final = re.compile(r"[.,;:]+(?=\s|$)")
_NO_PARAGRAPH: Final = re.compile(
    r"(?:[#>|]|- |(?:[0-9]{1,6}|[A-Za-z]|[ivxlIVXL]{1,7})\. |`{3,}|Description: )"
)
#: Alternative texts that say no more than that there is a picture.
_SHORTEST_DESCRIPTION: Final = 4
_STYLES: Final = {"lower-alpha": "a", "upper-alpha": "A", "lower-roman": "i", "upper-roman": "I"}


def flow(
    element: etree._Element, state: ModuleState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """The paragraphs of an element; `level` is the heading level of a section inside it.

    Children named in `without` are passed over, not what follows them.
    """
    blocks: list[str] = []
    run = [element.text or ""]

    def end_of_run() -> None:
        words = tidy("".join(run))
        run.clear()
        point = _POINT_AFTER.match(words)
        if point and blocks:
            # The full stop or comma that follows a displayed formula belongs to it.
            blocks[-1] += point.group()
            words = words[point.end() :].lstrip()
        if words:
            blocks.append(words)

    for child in element:
        handler = _handler(child)
        if child.tag in without:
            pass
        elif handler is None:
            run.append(phrase(child, state))
        else:
            end_of_run()
            blocks.extend(block for block in handler(child, state, level) if block)
        run.append(child.tail or "")
    end_of_run()
    return blocks


def _handler(element: etree._Element) -> Handler | None:
    """How an element is read as a block; None where it stands in running text."""
    tag = str(element.tag)
    if tag in ("list", "quote", "code"):
        inline_by_default = tag == "code" and element.get("type") != "block"
        display = element.get("display") or ("inline" if inline_by_default else "block")
        return None if display == "inline" and tag != "list" else _BLOCKS[tag]
    if tag == "math":
        return _display_math if element.get("display") == "block" else None
    if tag == "media" and _in_a_sentence(element):
        return None
    return _BLOCKS.get(tag)


def _in_a_sentence(media: etree._Element) -> bool:
    """Whether a picture stands between words of one line."""
    parent, before = media.getparent(), media.getprevious()
    if parent is None or parent.tag not in ("para", "item", "entry", "emphasis", "term", "meaning"):
        return False
    ahead = (before.tail if before is not None else parent.text) or ""
    return bool(ahead.strip() and (media.tail or "").strip()) or parent.tag not in ("para", "item")


def heading(words: str, level: int) -> str:
    """A Markdown heading of one of its six levels."""
    return f"{'#' * min(max(level, 1), 6)} {words}"


def led_in(name: str, blocks: list[str]) -> list[str]:
    """Blocks under a name that is no heading: before the first paragraph, or alone before others.

    >>> led_in("Solution", ["It is 4.", "- a"]), led_in("Solution", ["- a"])
    (['Solution: It is 4.', '- a'], ['Solution:', '- a'])
    """
    if not name or not blocks:
        return blocks
    name = name if name[-1] in ".:?!" else name + ":"
    if _NO_PARAGRAPH.match(blocks[0]) or blocks[0][0] == image():
        return [name, *blocks]
    return [f"{name} {blocks[0]}", *blocks[1:]]


def _title(element: etree._Element, state: ModuleState) -> str:
    title = element.find("title")
    return line(title, state) if title is not None else ""


def _content(element: etree._Element, state: ModuleState, level: int, *without: str) -> list[str]:
    return flow(element, state, level, (*_WRITTEN_BY_CONTAINER, *without))


def _section(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    words = _title(element, state) or _name_of_class(element, SECTIONS)
    if not words:
        return _content(element, state, level)
    content = _content(element, state, level + 1)
    return [heading(words, level), *content] if content else []


def _paragraph(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    words = _title(element, state)
    blocks = _content(element, state, level)
    if words and not blocks:
        # `Solution`, before a list that stands beside the paragraph.
        return [words if words[-1] in ".:?!" else words + ":"]
    return led_in(words, blocks)


def _equation(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    found = element.findall(".//math")
    if len(found) != 1:
        blocks = [formula(math, state, display=True) for math in found]
        return [block for block in blocks if block] or _content(element, state, level)
    around = tidy("".join([element.text or "", found[0].tail or ""]))
    words = formula(found[0], state, display=True)
    if around and _POINT_AFTER.fullmatch(around):
        return [words + around] if words else []
    others = _content(element, state, level, "math") if found[0].getparent() is element else []
    return [words, *others] if words else others


def _display_math(element: etree._Element, state: ModuleState, _: int) -> list[str]:
    words = formula(element, state, display=True)
    return [words] if words else []


def _list(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    kind = (element.get("list-type") or element.get("type") or "bulleted").lower()
    style = _STYLES.get(element.get("number-style") or "", "1")
    start = element.get("start-value") or "1"
    number = int(start) if re.fullmatch("[0-9]{1,6}", start) else 1
    items: list[str] = []
    loose = False
    for item in element.findall("item"):
        label = item.find("label")
        printed = line(label, state) if label is not None else ""
        if printed:
            ended = kind != "labeled-item" or printed[-1] in ".:?!)"
            bullet = f"- {printed} " if ended else f"- {printed}: "
        else:
            bullet = f"{counter(number, style)}. " if kind == "enumerated" else "- "
        number += 1
        blocks = led_in(_title(item, state), _content(item, state, level))
        if not blocks:
            continue
        width = 2 if bullet.startswith("-") else len(bullet)
        loose = loose or len(blocks) > 1
        items.append(
            bullet + ("\n\n" + " " * width).join(indented(block, width) for block in blocks)
        )
    if element.get("display") == "inline":
        words = "; ".join(items)
        return [re.sub(r"(?:^|(?<=; ))- ", "", words)] if words else []
    blocks = [("\n\n" if loose else "\n").join(items)] if items else []
    title = _title(element, state)
    return [title if title[-1] in ".:?!" else title + ":", *blocks] if title and blocks else blocks


def counter(number: int, style: str) -> str:
    """A number in the style of a list: `1`, `a`, `A`, `i` or `I`.

    >>> [counter(28, style) for style in "1aAiI"]
    ['28', 'ab', 'AB', 'xxviii', 'XXVIII']
    """
    if style == "1" or number < 1 or number > 3999:
        return str(number)
    if style in "aA":
        letters = ""
        while number:
            number, letter = divmod(number - 1, 26)
            letters = chr(ord("a") + letter) + letters
        return letters if style == "a" else letters.upper()
    roman = ""
    for value, digits in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    ):
        count, number = divmod(number, value)
        roman += digits * count
    return roman if style == "i" else roman.upper()


def _example(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    name, title = state.labels.get(element, "Example"), _title(element, state)
    first = next((child for child in element if child.tag not in _WRITTEN_BY_CONTAINER), None)
    inside = first.find("title") if first is not None and first.tag == "para" else None
    if first is not None and inside is None:
        # `<exercise><problem><title>`
        inside = first.find("problem/title") if first.tag == "exercise" else None
    if not title and inside is not None:
        # OpenStax names an example in its first paragraph, or in its exercise.
        title, inside.tag = line(inside, state), "label"
    blocks = _content(element, state, level)
    return [f"{name}: {title}" if title else name, *blocks] if blocks else []


def _exercise(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    name = " ".join(
        part for part in (state.labels.get(element, ""), _title(element, state)) if part
    )
    return led_in(name, _content(element, state, level))


def _answer(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    label = element.find("label")
    name = line(label, state) if label is not None else str(element.tag).capitalize()
    blocks = _content(element, state, level)
    if blocks and re.match(rf"{re.escape(name or 'Solution')}\b", blocks[0], re.IGNORECASE):
        return blocks
    return led_in(_title(element, state) or name, blocks)


def _note(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    label, title = element.find("label"), _title(element, state)
    words = line(label, state) if label is not None else ""
    words = words or _name_of_class(element, NOTES)
    if title and words and not title.lower().startswith(words.lower()):
        title = f"{words}: {title}"
    return led_in(title or words, _content(element, state, level))


def _name_of_class(element: etree._Element, names: Mapping[str, str]) -> str:
    """The heading that the publisher's design gives to an element of a class."""
    return next((names[kind] for kind in (element.get("class") or "").split() if kind in names), "")


def _rule(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    name, title = state.labels.get(element, ""), _title(element, state)
    return led_in(f"{name} ({title})" if title else name, _content(element, state, level))


def _definition(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    terms = ", ".join(filter(None, (line(term, state) for term in element.findall("term"))))
    meanings = element.findall("meaning")
    said = [" ".join(flow(meaning, state, level)) for meaning in meanings]
    if len(said) > 1:
        said = [f"({number}) {words}" for number, words in enumerate(said, 1)]
    meaning = " ".join(said).replace("\n", " ")
    others = _content(element, state, level, "term", "meaning", "seealso")
    words = f"- {terms}: {meaning}" if meaning else f"- {terms}"
    return [words, *others] if terms else [meaning, *others]


def _glossary(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    blocks: list[str] = []
    for block in _content(element, state, level + 1):
        if blocks and block.startswith("- ") and blocks[-1].startswith("- "):
            blocks[-1] += "\n" + block
        else:
            blocks.append(block)
    return [heading(_title(element, state) or "Glossary", level), *blocks] if blocks else []


def _figure(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    caption = _caption(element, state, level)
    blocks = _content(element, state, level, "caption", "media")
    pictures = element.findall("media")
    if pictures and not any(block.startswith(image()) for block in blocks):
        blocks.insert(0, image())
    told = [words for picture in pictures for words in _description(picture)]
    at = 1 if blocks and blocks[0] == image() else len(blocks)
    return blocks[:at] + caption + blocks[at:] + told


def _caption(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    """The label, title and caption of a figure or table: one paragraph, and what follows it."""
    inside, title = element.find("caption"), _title(element, state)
    blocks = flow(inside, state, level) if inside is not None else []
    label = state.labels.get(element, "")
    if title and title[-1] not in ".?!:" and blocks:
        title += "."
    parts = [f"{label}." if label else "", title]
    if blocks and not _NO_PARAGRAPH.match(blocks[0]):
        parts.append(blocks.pop(0))
    words = " ".join(part for part in parts if part)
    return [words, *blocks] if words else blocks


def _media(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    if element.find("image") is None and element.find("text") is not None:
        return flow(element, state, level)
    return [image(), *_description(element)]


def _description(media: etree._Element) -> list[str]:
    """The alternative text of a picture, where it describes one."""
    words = " ".join((media.get("alt") or "").split())
    return [f"Description: {words}"] if len(words.split()) >= _SHORTEST_DESCRIPTION else []


def _table(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    if state.inside_table:
        # A table inside a cell has no form in Markdown: its words are kept.
        return [line(element, state)]
    groups = element.findall("tgroup") or [element]
    state.inside_table = True
    banner = _banner(groups[0])
    title = _cell(banner, state) if banner is not None else ""
    state.inside_table = False
    if banner is not None and element.find("title") is None and element.find("caption") is None:
        label = state.labels.get(element, "")
        blocks = [f"{label}. {title}" if label else title]
        _take_out_row(banner)
    else:
        blocks = _caption(element, state, level)
    for group in groups:
        rows = [*group.findall("row"), *(row for part in group for row in part.findall("row"))]
        if all(len(row) == 1 for row in rows):
            # A frame around formulas or words, one column: no table.
            for row in rows:
                blocks += flow(row[0], state, level)
            continue
        state.inside_table = True
        text = markdown_table(group, lambda cell: _cell(cell, state))
        state.inside_table = False
        blocks += [text] if text else []
    return blocks


def _banner(group: etree._Element) -> etree._Element | None:
    """The cell that spans the first of several header rows: a title of the table."""
    rows = group.findall("thead/row")
    if len(rows) < 2 or len(rows[0]) != 1 or len(rows[1]) < 2 or rows[0][0].tag != "entry":
        return None
    return rows[0][0]


def _take_out_row(cell: etree._Element) -> None:
    row = cell.getparent()
    head = row.getparent() if row is not None else None
    if row is not None and head is not None:
        head.remove(row)


def _cell(cell: etree._Element, state: ModuleState) -> str:
    words = tidy(" ".join(flow(cell, state, 6))).replace("\n", " ")
    return re.sub(r"(?<!\\)\|", r"\\|", words)


def _quotation(element: etree._Element, state: ModuleState, level: int) -> list[str]:
    lines = "\n\n".join(led_in(_title(element, state), _content(element, state, level)))
    return ["\n".join(f"> {row}" if row else ">" for row in lines.split("\n"))] if lines else []


def _preformatted(element: etree._Element, state: ModuleState, _: int) -> list[str]:
    content = (
        inline(element, state).replace("\x03", "\n")
        if element.tag == "preformat"
        else ("".join(map(str, element.itertext())))
    )
    lines = "\n".join(row.rstrip() for row in content.split("\n")).strip("\n")
    language = element.get("lang") or ""
    named = language if re.fullmatch(r"[A-Za-z0-9+#-]{1,20}", language) else ""
    return [fenced(lines, named)] if lines.strip() else []


def _left_out(_: etree._Element, __: ModuleState, ___: int) -> list[str]:
    return []


_BLOCKS: Final[dict[str, Handler]] = {
    "section": _section, "para": _paragraph, "equation": _equation, "list": _list,
    "example": _example, "exercise": _exercise, "problem": flow, "solution": _answer,
    "commentary": _answer, "note": _note, "rule": _rule, "statement": flow, "proof": _answer,
    "definition": _definition, "glossary": _glossary, "figure": _figure, "subfigure": _figure,
    "media": _media, "table": _table, "quote": _quotation, "code": _preformatted,
    "preformat": _preformatted, "div": flow, "content": flow, "injected-exercise": flow,
    "title": _paragraph, "featured-links": _left_out, "file": _left_out, "bibtex": _left_out,
}  # fmt: skip
