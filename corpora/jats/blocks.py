"""Blocks: what each element of an article becomes, sections, lists, quotes and notes among them.

`BLOCKS` names the handler of each element; they call each other through `corpora.jats.flow`.
"""

import re
from typing import Final

from lxml import etree

from corpora.fences import fenced
from corpora.jats.boilerplate import ends_the_body, is_boilerplate, unsaid
from corpora.jats.floats import (
    bare_table,
    boxed,
    figure,
    file,
    group,
    labelled_note,
    picture,
    structure,
    table,
)
from corpora.jats.flow import content, flow, heading, titled
from corpora.jats.formulas import formula
from corpora.jats.inline import inline, line, phrase
from corpora.jats.lists import definitions, listed
from corpora.jats.spaces import tidy
from corpora.jats.state import ArticleState, Handler
from corpora.xml_elements import first_child
from tokenization.wrappers import image

#: Sections of files that stand elsewhere, and statements that state nothing.
_SUPPLEMENT: Final = re.compile(r"^(?:electronic )?suppl|supporting|additional file", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z0-9+#.-]{1,20}")
_NOTHING: Final = re.compile(r"(?:not applicable|n/?a|none|nil)\.?", re.IGNORECASE)


def _section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if (
        is_boilerplate(element)
        and next(element.iter("fig", "table-wrap", "disp-formula"), None) is None
    ):
        return [] if ends_the_body(element) else _titled_section(element, state, level)
    return _titled_section(element, state, level)


def _titled_section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    title, label = first_child(element, "title"), first_child(element, "label")
    words = line(title, state) if title is not None else ""
    number = line(label, state) if label is not None else ""
    if number and not words.startswith(number):
        words = f"{number} {words}".strip()
    if not words:
        return content(element, state, level)
    inside = content(element, state, level + 1)
    left_out = not inside and any(child.tag in ("sec", "p", "notes") for child in element)
    if left_out or (_says_nothing(inside) and (_SUPPLEMENT.search(words) or _within_back(element))):
        return []
    return [heading(words, level), *inside]


def _within_back(element: etree._Element) -> bool:
    return next(element.iterancestors("back"), None) is not None


def _says_nothing(blocks: list[str]) -> bool:
    return not blocks or (len(blocks) == 1 and _NOTHING.fullmatch(blocks[0]) is not None)


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
            blocks.extend(state.blocks[str(apart.tag)](apart, state, level))
    state.placing = False
    return blocks


def _display(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    words = formula(element, state, lambda child: phrase(child, state), display=True)
    return [words] if words else []


def _quote(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag == "attrib":
            blocks.append("— " + line(child, state).lstrip("—– "))
        elif child.tag == "verse-line":
            blocks.append(line(child, state))
        elif child.tag in state.blocks:
            blocks.extend(state.blocks[str(child.tag)](child, state, level))
        else:
            blocks.extend([line(child, state)] if line(child, state) else [])
    if element.text and element.text.strip():
        blocks = flow(element, state, level)
    return ["> " + block.replace("\n", "\n> ") for block in blocks if block]


def _verse(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    lines: list[str] = []
    for child in element:
        if child.tag == "verse-group":
            lines.extend(["", *_verse(child, state, level)])
        elif child.tag == "attrib":
            lines.append("— " + line(child, state).lstrip("—– "))
        else:
            lines.append(line(child, state))
    return ["\n".join(lines).strip("\n")] if any(lines) else []


def _preformatted(element: etree._Element, state: ArticleState, _: int) -> list[str]:
    words = inline(element, state).strip("\n").rstrip()
    language = (element.get("language") or "").lower()
    if _LANGUAGE.fullmatch(language) is None:
        language = ""
    lines = "\n".join(piece.rstrip() for piece in words.split("\n"))
    return [fenced(lines, language)] if words.strip() else []


def _notes(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """Footnotes that no text calls; those that it calls stand where they are called."""
    if is_boilerplate(element):
        return []
    blocks: list[str] = []
    for note in element.iter("fn"):
        inside = next(note.iterancestors("fn"), None)
        if inside is None and note.get("id") not in state.placed and not is_boilerplate(note):
            blocks.extend(unsaid(labelled_note(note, state, level), note))
    title = first_child(element, "title")
    return [heading(line(title, state), level), *blocks] if title is not None and blocks else blocks


def _statement(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A theorem, a proof: its label and title lead its first paragraph."""
    label, title = first_child(element, "label"), first_child(element, "title")
    name = " ".join(line(part, state) for part in (label, title) if part is not None)
    blocks = content(element, state, level)
    if not name:
        return blocks
    name = name if name[-1] in ".:" else name + "."
    return [f"{name} {blocks[0]}", *blocks[1:]] if blocks else [name]


def _speech(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    speaker = first_child(element, "speaker")
    blocks = content(element, state, level, without=("speaker",))
    if speaker is None or not blocks:
        return blocks
    return [f"{line(speaker, state).rstrip(':')}: {blocks[0]}", *blocks[1:]]


def _title(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    words = line(element, state)
    return [heading(words, level)] if words else []


def _one_of(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """`alternatives` between blocks: a table or formula rather than its picture."""
    for tag in ("table", "disp-formula", "tex-math", "math", "preformat", "textual-form", "media"):
        found = element.find(tag)
        if found is not None:
            handler = state.blocks.get(tag)
            return handler(found, state, level) if handler else [line(found, state)]
    return [image()] if element.find("graphic") is not None else []


def _glossary(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return titled(element, state, level, "Glossary")


def _acknowledgements(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if first_child(element, "title") is None and element.find("sec/title") is not None:
        return content(element, state, level)
    # Its sections are no thanks but stand beside it: the availability of data, ethics.
    beside = [block for each in element.findall("sec") for block in _section(each, state, level)]
    title = first_child(element, "title")
    own = content(element, state, level + 1, without=("sec",))
    if _says_nothing(own):
        return beside
    words = line(title, state) if title is not None else ""
    return [heading(words or "Acknowledgements", level), *own, *beside]


def _appendix(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    return titled(element, state, level, "Appendix")


def _notes_section(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    if is_boilerplate(element):
        return []
    if first_child(element, "title") is None and element.find("sec") is not None:
        return content(element, state, level)
    return titled(element, state, level, "Notes")


def _treatment(element: etree._Element, state: ArticleState, level: int) -> list[str]:
    """A taxonomic treatment: its parts are sections under its nomenclature."""
    named = first_child(element, "nomenclature") is not None
    return content(element, state, level + named, without=("treatment-meta",))


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


BLOCKS: Final[dict[str, Handler]] = {
    "sec": _section, "p": _paragraph, "disp-formula": _display, "disp-formula-group": content,
    "list": listed, "def-list": definitions, "disp-quote": _quote, "verse-group": _verse,
    "preformat": _preformatted, "fig": figure, "fig-group": group, "table-wrap": table,
    "table-wrap-group": group, "table": bare_table, "array": bare_table, "tgroup": bare_table,
    "supplementary-material": file, "media": file, "fn-group": _notes, "statement": _statement,
    "speech": _speech, "boxed-text": boxed, "title": _title, "graphic": picture,
    "chem-struct-wrap": structure, "alternatives": _one_of, "glossary": _glossary,
    "ack": _acknowledgements, "app": _appendix, "app-group": flow, "notes": _notes_section,
    "ref-list": _left_out, "bio": _left_out, "back": flow, "body": flow,
    "question-wrap": flow, "question": flow, "answer": flow, "explanation": flow,
    "caption": flow, "floats-group": flow, "floats-wrap": flow, "taxon-treatment": _treatment,
    "nomenclature": _nomenclature, "treatment-sec": _section,
}  # fmt: skip
