"""Blocks: sections, paragraphs, lists, figures, tables, quotes and notes as Markdown paragraphs.

`flow` reads any container: its running text becomes paragraphs, its block elements what their
handler makes of them. A figure or table inside a paragraph follows it, so that no sentence is cut.
An element that is not known is read like the container it is. The handlers call each other through
`flow`, so they stand in one module, a little over the usual length.
"""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from corpora.jats.boilerplate import ends_the_body, is_boilerplate
from corpora.jats.formulas import formula
from corpora.jats.inline import inline, is_phrase, line, phrase
from corpora.jats.spaces import close_up, tidy
from corpora.jats.state import ArticleState
from corpora.jats.tables import markdown_table
from tokenization.wrappers import image, superscript

Handler = Callable[[etree._Element, ArticleState, int], list[str]]

_WRITTEN_BY_CONTAINER: Final = ("title", "label", "subtitle", "sec-meta")
_FLOATS: Final = frozenset(
    ("fig", "fig-group", "table-wrap", "table-wrap-group", "supplementary-material", "media",
     "boxed-text", "chem-struct-wrap")
)  # fmt: skip
#: A paragraph that is only the address of its object (eLife), or the kind of a file (PLOS).
_ADDRESS_ONLY: Final = re.compile(
    r"(?:DOI|doi):?\s*(?:https?://\S+|10\.\d+/\S+)|"
    r"\((?:PDF|TIFF?|EPS|PNG|JPE?G|DOCX?|XLSX?|PPTX?|TXT|CSV|ZIP|MP4|MOV|AVI|MPG|RTF|HTML?|XML|SWF)\)"
)
_SECTIONS: Final = frozenset(("sec", "abstract", "body", "app", "boxed-text"))
#: What stands in containers only, never in running text.
_IN_BLOCKS: Final = frozenset(("p", "sec", "fig", "table-wrap", "list", "def-list", "title"))
_POINTS: Final = frozenset(".,;:")
_POINT_AFTER: Final = re.compile(r"[.,;:]+(?=\s|$)")


def flow(
    element: etree._Element, state: ArticleState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """The paragraphs of an element; `level` is the heading level of a section inside it.

    Children named in `without` are passed over, not what follows them.
    """
    holder = element.tag
    if not len(element) and holder not in _SECTIONS:
        # Most cells of a table.
        words = _paragraph_of(element.text or "")
        return [words] if words else []
    blocks: list[str] = []
    floats: list[str] = []
    run = [element.text or ""]

    def end_of_run() -> None:
        words = _paragraph_of("".join(run))
        run.clear()
        if words:
            add(words)

    def add(block: str) -> None:
        point = _POINT_AFTER.match(block) if block[:1] in _POINTS else None
        if point and (blocks or floats or holder in _SECTIONS):
            # The full stop or comma that follows a displayed formula belongs to it, in the next
            # paragraph too; that of what is left out, or moved, to nothing.
            if blocks and not blocks[-1].startswith(("#", "|", "```")):
                blocks[-1] += point.group()
            block = block[point.end() :].lstrip()
        if block:
            blocks.append(block)

    for child in element:
        tag = str(child.tag)
        handler = _BLOCKS.get(tag)
        if tag in without:
            pass
        elif handler is None and not _holds_paragraphs(child):
            run.append(phrase(child, state))
        elif handler is None:
            end_of_run()
            for block in flow(child, state, level):
                add(block)
        elif holder == "p" and tag in _FLOATS:
            floats.extend(handler(child, state, level))
        else:
            end_of_run()
            for block in handler(child, state, level):
                add(block)
        run.append(child.tail or "")
    end_of_run()
    return blocks + floats


def _holds_paragraphs(element: etree._Element) -> bool:
    """Whether an element that is not known holds blocks: another DTD's section or container."""
    return len(element) > 0 and not is_phrase(element) and any(c.tag in _IN_BLOCKS for c in element)


def _paragraph_of(run: str) -> str:
    """Running text as a paragraph, "" for one that only says where an object or a file is."""
    words = close_up(tidy(run))
    # By its first character, as nearly every paragraph has another.
    return "" if words[:1] in ("D", "d", "(") and _ADDRESS_ONLY.fullmatch(words) else words


def heading(words: str, level: int) -> str:
    """A Markdown heading of one of its six levels."""
    return f"{'#' * min(max(level, 1), 6)} {words}"


def titled(element: etree._Element, state: ArticleState, level: int, default: str) -> list[str]:
    """A container under its own title, or the default one; nothing where it is empty."""
    title, label = element.find("title"), element.find("label")
    words = line(title, state) if title is not None else default
    number = line(label, state) if label is not None else ""
    if not words.startswith(number):
        words = f"{number} {words}".strip()
    content = _content(element, state, level + 1)
    return [heading(words, level), *content] if content and words else content


def _content(
    element: etree._Element, state: ArticleState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """`flow` without the title and label, which their container has written."""
    return flow(element, state, level, (*_WRITTEN_BY_CONTAINER, *without))


def _section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if (
        is_boilerplate(element)
        and next(element.iter("fig", "table-wrap", "disp-formula"), None) is None
    ):
        return [] if ends_the_body(element) else _titled_section(element, state, level)
    return _titled_section(element, state, level)


def _titled_section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    title, label = element.find("title"), element.find("label")
    words = line(title, state) if title is not None else ""
    number = line(label, state) if label is not None else ""
    if number and not words.startswith(number):
        words = f"{number} {words}".strip()
    if not words:
        return _content(element, state, level)
    content = _content(element, state, level + 1)
    if not content and any(True for _ in element.iterancestors("back")):
        return []
    return [heading(words, level), *content]


def _paragraph(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if not state.floats or state.placing:
        return flow(element, state, level)
    state.mentioned.clear()
    blocks = flow(element, state, level)
    state.placing = True
    # A float that stands apart comes after the first paragraph that refers to it. Its caption may
    # refer to the next: the list grows while it is read.
    for identifier in state.mentioned:
        apart = state.floats.pop(state.inner_floats.get(identifier, identifier), None)
        if apart is not None:
            blocks.extend(_BLOCKS[str(apart.tag)](apart, state, level))
    state.placing = False
    return blocks


def _display(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    words = formula(element, state, lambda child: phrase(child, state), display=True)
    return [words] if words else []


def _list(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    kind = (element.get("list-type") or "").lower()
    ordered = kind in ("order", "ordered", "number", "arabic") or kind.startswith(
        ("alpha", "roman")
    )
    title = element.find("title")
    items: list[str] = []
    for item in element.findall("list-item"):
        label = item.find("label")
        number = len(items) + 1
        printed = line(label, state) if label is not None else ""
        bullet = f"{number}. " if ordered and not printed else "- "
        if printed and not re.fullmatch(r"[•●▪■◦–—*·-]", printed):
            bullet = f"{printed} " if re.fullmatch(r"\d+[.)]", printed) else f"- {printed} "
        blocks = _content(item, state, level)
        if not blocks:
            continue
        indent = "   " if ordered else "  "
        first, *rest = (block.replace("\n", "\n" + indent) for block in blocks)
        items.append(bullet + "\n".join([first, *(indent + block for block in rest)]))
    blocks = ["\n".join(items)] if items else []
    return [line(title, state), *blocks] if title is not None and blocks else blocks


def _definitions(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    title = element.find("title")
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
            blocks.extend(_BLOCKS.get(str(item.tag), flow)(item, state, level))
    end_of_entries()
    return [heading(line(title, state), level), *blocks] if title is not None else blocks


def _quote(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag == "attrib":
            blocks.append("— " + line(child, state).lstrip("—– "))
        elif child.tag == "verse-line":
            blocks.append(line(child, state))
        elif child.tag in _BLOCKS:
            blocks.extend(_BLOCKS[str(child.tag)](child, state, level))
        else:
            blocks.extend([line(child, state)] if line(child, state) else [])
    if element.text and element.text.strip():
        blocks = flow(element, state, level)
    return ["> " + block.replace("\n", "\n> ") for block in blocks if block]


def _verse(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    lines = [line(verse, state) for verse in element.iter("verse-line")]
    return ["\n".join(verse for verse in lines if verse)] if any(lines) else []


def _preformatted(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    words = inline(element, state).strip("\n").rstrip()
    fence = "````" if "```" in words else "```"
    lines = "\n".join(piece.rstrip() for piece in words.split("\n"))
    return [f"{fence}\n{lines}\n{fence}"] if words.strip() else []


def caption(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """The label and caption of a figure, table or file: one paragraph, and what follows it."""
    label, inside = element.find("label"), element.find("caption")
    number = line(label, state).rstrip(".:") if label is not None else ""
    title = inside.find("title") if inside is not None else None
    parts = [f"{number}." if number else "", line(title, state) if title is not None else ""]
    blocks = _content(inside, state, level) if inside is not None else []
    if parts[1] and blocks and parts[1][-1] not in ".?!:":
        parts[1] += "."
    if blocks and not re.match(r"(?:[#|>]|- |\d+\. |```)", blocks[0]):
        parts.append(blocks.pop(0))
    first = " ".join(part for part in parts if part)
    return [first, *blocks] if first else blocks


def _figure(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks = [image(), *caption(element, state, level)]
    for child in element:
        # A figure may hold a table, a formula, a list or figures of its own.
        if child.tag not in _CAPTIONED and child.tag in _BLOCKS:
            blocks.extend(_BLOCKS[str(child.tag)](child, state, level))
        elif child.tag == "attrib":
            blocks.extend([line(child, state)] if line(child, state) else [])
    return blocks


def _group(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks = caption(element, state, level)
    return blocks + _content(element, state, level, without=("caption",))


def _file(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A supplementary file or a film: its label and caption."""
    blocks = caption(element, state, level)
    for child in element:
        if child.tag in ("media", "fig", "table-wrap", "p", "supplementary-material"):
            blocks.extend(_BLOCKS[str(child.tag)](child, state, level))
    return blocks


def _table(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if state.inside_table:
        # A table inside a cell has no form in Markdown: its words are kept.
        return [line(element, state)]
    blocks = caption(element, state, level)
    tables = [t for t in element.iter("table", "tgroup") if _holder(t) is element]
    # A CALS table is a `table` around its `tgroup`s.
    tables = [t for t in tables if not (t.tag == "table" and t.find("tgroup") is not None)]
    for table in tables:
        outer, state.inside_table = state.inside_table, True
        text = markdown_table(table, lambda cell: _cell(cell, state))
        state.inside_table = outer
        blocks.extend([text] if text else [])
    if not tables and next(element.iter("graphic"), None) is not None:
        blocks.append(image())
    for child in element:
        if child.tag == "table-wrap-foot":
            blocks.extend(_foot(child, state, level))
        elif child.tag in ("p", "list", "disp-formula", "array", "preformat", "attrib", "def-list"):
            handler = _BLOCKS.get(str(child.tag), _paragraph)
            blocks.extend(handler(child, state, level))
    return blocks


def _holder(table: etree._Element) -> etree._Element | None:
    return next(table.iterancestors("table-wrap", "array", "fig"), None)


def _bare_table(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    if state.inside_table:
        return [line(element, state)]
    table = element if element.tag in ("table", "tgroup") else element.find("table")
    inside = table.findall("tgroup") if table is not None else []
    made = [
        markdown_table(part, lambda cell: _cell(cell, state))
        for part in (inside or ([table] if table is not None else [element]))
    ]
    return [text for text in made if text]


def _cell(cell: etree._Element, state: ArticleState) -> str:
    words = tidy(" ".join(flow(cell, state, 6)).replace("\n", " "))
    return re.sub(r"(?<!\\)\|", r"\\|", words) if "|" in words else words


def _foot(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag in ("fn", "fn-group"):
            for note in [child] if child.tag == "fn" else child.findall("fn"):
                blocks.extend(_labelled_note(note, state, level))
        else:
            handler = _BLOCKS.get(str(child.tag), _paragraph)
            blocks.extend(handler(child, state, level))
    return blocks


def _labelled_note(note: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A footnote of a table: its mark raised, as the cells have it, and its words."""
    label = note.find("label")
    mark = line(label, state) if label is not None else ""
    if mark and label is not None and label.find("sup") is None:
        mark = superscript(mark, marked=True) if len(mark) <= 3 else mark
    blocks = _content(note, state, level)
    return [f"{mark} {blocks[0]}".strip(), *blocks[1:]] if blocks else []


def _notes(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """Footnotes that no text calls; those that it calls stand where they are called."""
    if is_boilerplate(element):
        return []
    blocks: list[str] = []
    for note in element.iter("fn"):
        inside = next(note.iterancestors("fn"), None)
        if inside is None and note.get("id") not in state.placed and not is_boilerplate(note):
            blocks.extend(_labelled_note(note, state, level))
    title = element.find("title")
    return [heading(line(title, state), level), *blocks] if title is not None and blocks else blocks


def _statement(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A theorem, a proof: its label and title lead its first paragraph."""
    label, title = element.find("label"), element.find("title")
    name = " ".join(line(part, state) for part in (label, title) if part is not None)
    blocks = _content(element, state, level)
    if not name:
        return blocks
    name = name if name[-1] in ".:" else name + "."
    return [f"{name} {blocks[0]}", *blocks[1:]] if blocks else [name]


def _speech(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    speaker = element.find("speaker")
    blocks = _content(element, state, level, without=("speaker",))
    if speaker is None or not blocks:
        return blocks
    return [f"{line(speaker, state).rstrip(':')}: {blocks[0]}", *blocks[1:]]


def _boxed(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    inside, label, title = element.find("caption"), element.find("label"), element.find("title")
    if title is None and inside is not None:
        title = inside.find("title")
    words = " ".join(line(part, state) for part in (label, title) if part is not None)
    blocks = _content(inside, state, level + 1) if inside is not None else []
    blocks += _content(element, state, level + 1 if words else level, without=("caption",))
    return [heading(words, level), *blocks] if words and blocks else blocks


def _title(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    words = line(element, state)
    return [heading(words, level)] if words else []


def _picture(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return [image(), *caption(element, state, level)]


def _one_of(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """`alternatives` between blocks: a table or formula rather than its picture."""
    for tag in ("table", "disp-formula", "tex-math", "math", "preformat", "textual-form", "media"):
        found = element.find(tag)
        if found is not None:
            handler = _BLOCKS.get(tag)
            return handler(found, state, level) if handler else [line(found, state)]
    return [image()] if element.find("graphic") is not None else []


def _glossary(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return titled(element, state, level, "Glossary")


def _acknowledgements(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return titled(element, state, level, "Acknowledgements")


def _appendix(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return titled(element, state, level, "Appendix")


def _notes_section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if is_boilerplate(element):
        return []
    if element.find("title") is None and element.find("sec") is not None:
        return _content(element, state, level)
    return titled(element, state, level, "Notes")


def _treatment(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A taxonomic treatment: its parts are sections under its nomenclature."""
    named = element.find("nomenclature") is not None
    return _content(element, state, level + named, without=("treatment-meta",))


def _nomenclature(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A taxon's name as the heading of its treatment, and its synonyms, one a line."""
    lists = element.findall("nomenclature-citation-list")
    synonyms = [line(cited, state) for listed in lists for cited in listed]
    pieces = [element.text or ""]
    for child in element:
        pieces.append(phrase(child, state) if child not in lists else "")
        pieces.append(child.tail or " ")
    words = re.sub(r" (?=[,;])", "", tidy("".join(pieces)))
    blocks = [heading(words, level - 1)] if words else []
    return [*blocks, *filter(None, synonyms)]


def _left_out(_: etree._Element, __: ArticleState, ___: int) -> list[str]:
    return []


_CAPTIONED: Final = frozenset(
    ("label", "caption", "graphic", "alternatives", "media", "attrib", "permissions")
)
_BLOCKS: Final[dict[str, Handler]] = {
    "sec": _section, "p": _paragraph, "disp-formula": _display, "disp-formula-group": flow,
    "list": _list, "def-list": _definitions, "disp-quote": _quote, "verse-group": _verse,
    "preformat": _preformatted, "fig": _figure, "fig-group": _group, "table-wrap": _table,
    "table-wrap-group": _group, "table": _bare_table, "array": _bare_table, "tgroup": _bare_table,
    "supplementary-material": _file, "media": _file, "fn-group": _notes, "statement": _statement,
    "speech": _speech, "boxed-text": _boxed, "title": _title, "graphic": _picture,
    "chem-struct-wrap": _picture, "alternatives": _one_of, "glossary": _glossary,
    "ack": _acknowledgements, "app": _appendix, "app-group": flow, "notes": _notes_section,
    "ref-list": _left_out, "bio": _left_out, "back": flow, "body": flow,
    "question-wrap": flow, "question": flow, "answer": flow, "explanation": flow,
    "caption": flow, "floats-group": flow, "floats-wrap": flow, "taxon-treatment": _treatment,
    "nomenclature": _nomenclature, "treatment-sec": _section,
}  # fmt: skip
