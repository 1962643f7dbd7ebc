"""Running text: the mixed content of a paragraph, a title or a cell as marked text.

Emphasis is plain text. Superscripts and subscripts keep their markers, but for ordinals (`1st`) and
signs (`®`), and for superscripts that are citations. A footnote stands in parentheses where it is
first called.
"""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from corpora.jats.cited import raised
from corpora.jats.formulas import formula
from corpora.jats.marks import Mark, placeholder
from corpora.jats.spaces import tidy
from corpora.jats.state import ArticleState
from corpora.xml_elements import text_inside
from tokenization.wrappers import image, subscript, superscript

_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©", "(R)", "TM"))
#: What publishers raise for the sign of degrees.
_DEGREES: Final = frozenset(("∘", "◦", "○", "°"))
_LIKE_DEGREES: Final = frozenset(("o", "0", "º", "O"))
_UNIT: Final = re.compile(r"\s?[CF]\b")
#: More than this around another superscript is none: someone forgot where it ends.
_LONGEST_RAISED: Final = 80
_SEPARATORS: Final = re.compile(r"[\s,;–—−-]+")
_NOTE_CALLS: Final = frozenset(("fn", "footnote", "table-fn", "author-notes"))
#: Notes that call notes: a chain of a thousand would exhaust the stack.
_MOST_NOTES_OPEN: Final = 3
_SILENT: Final = (
    "object-id", "alt-text", "long-desc", "index-term", "index-term-range-end", "permissions",
    "glyph-data", "milestone-start", "milestone-end", "hr", "sec-meta", "def", "ref-list",
)  # fmt: skip


def line(element: etree._Element, state: ArticleState) -> str:
    """All that an element holds, as one line of marked text."""
    return tidy(inline(element, state))


def inline(element: etree._Element, state: ArticleState) -> str:
    """The content of an element, white space as it is in the file."""
    text = element.text or ""
    if len(element):
        for child in element:
            text += phrase(child, state) + (child.tail or "")
    return text


def phrase(element: etree._Element, state: ArticleState) -> str:
    """One element inside running text; of one that is not known, its content."""
    return _PHRASES.get(str(element.tag), inline)(element, state)


def _sup(element: etree._Element, state: ArticleState) -> str:
    content = inline(element, state)
    words = tidy(content)
    if not words or words in _PLAIN_RAISED:
        return words
    if words in _DEGREES or (words in _LIKE_DEGREES and _UNIT.match(element.tail or "")):
        return "°"
    if any(child.tag == "xref" and _note(child, state) is not None for child in element):
        return content
    if len(words) > _LONGEST_RAISED and element.find("sup") is not None:
        return f" {content}"
    if "\x01" in words:
        return raised(words)
    if _SEPARATORS.fullmatch(words) and _between_citations(element):
        return words
    return superscript(words, marked=True)


def _between_citations(element: etree._Element) -> bool:
    """Whether this is the raised comma or dash between two citations."""
    before, after = element.getprevious(), element.getnext()
    return (
        before is not None
        and after is not None
        and not (before.tail or "").strip()
        and not (element.tail or "").strip()
        and all(
            any(node.get("ref-type") == "bibr" for node in side.iter("xref"))
            for side in (before, after)
        )
    )


def _sub(element: etree._Element, state: ArticleState) -> str:
    words = tidy(inline(element, state))
    return subscript(words, marked=True) if words else ""


def _xref(element: etree._Element, state: ArticleState) -> str:
    targets = tuple((element.get("rid") or "").split())
    kind = element.get("ref-type", "")
    by_id = state.bibliography.by_id
    if kind == "bibr" or (targets and any(target in by_id for target in targets)):
        return _citation(element, targets, state)
    note = _note(element, state)
    if note is not None:
        return _note_in_place(note, targets[0], tidy(text_inside(element)), state)
    if kind in _NOTE_CALLS and _calls_next(element):
        return ""
    state.mentioned.extend(targets)
    words = inline(element, state) or _label_of(targets, state)
    if kind in _NOTE_CALLS and element.find("sup") is None and _within(element, "sup") is None:
        return superscript(tidy(words), marked=True) if words.strip() else ""
    return words


def _citation(element: etree._Element, targets: tuple[str, ...], state: ArticleState) -> str:
    # What an xref prints is read as plain text: it is compared, and printed where no title is.
    mark = Mark(targets, tidy(text_inside(element)))
    state.marks.append(mark)
    placed = placeholder(len(state.marks) - 1)
    if len(element) != 1 or element[0].tag != "sup" or (element.text or "").strip():
        return placed
    beside = (element[0].tail or "").strip() or _within(element, "sup") is not None
    return placed if beside else raised(placed)


def _within(element: etree._Element, tag: str) -> etree._Element | None:
    return next(element.iterancestors(tag), None)


def _note(xref: etree._Element, state: ArticleState) -> etree._Element | None:
    if xref.get("ref-type", "fn") not in _NOTE_CALLS or state.notes_open >= _MOST_NOTES_OPEN:
        return None
    targets = (xref.get("rid") or "").split()
    return state.notes.get(targets[0]) if len(targets) == 1 else None


def _calls_next(xref: etree._Element) -> bool:
    """Whether the footnote that is called stands right after its call, to be read there."""
    following = xref.getnext()
    return (
        following is not None
        and following.tag == "fn"
        and following.get("id") == xref.get("rid")
        and not (xref.tail or "").strip()
    )


def _label_of(targets: tuple[str, ...], state: ArticleState) -> str:
    """What a reader sees where a cross-reference is empty: the label of the figure or table."""
    found = [state.labels[target] for target in targets if target in state.labels]
    return ", ".join(tidy(text_inside(label)).rstrip(".:") for label in found)


def _note_in_place(note: etree._Element, identifier: str, called: str, state: ArticleState) -> str:
    if identifier in state.placed:
        return ""
    # Before its words are read: a note may call itself.
    state.placed.add(identifier)
    state.notes_open += 1
    words = _parenthesis(note, state, called)
    state.notes_open -= 1
    return words


def _parenthesis(note: etree._Element, state: ArticleState, called: str = "") -> str:
    """A footnote in parentheses, without its number or sign, by which it is `called`."""
    pieces = [tidy(note.text or "")]
    for child in note:
        if child.tag != "label":
            pieces.append(tidy(phrase(child, state)))
        pieces.append(tidy(child.tail or ""))
    words = " ".join(piece for piece in pieces if piece)
    if called:
        # Some print it in the note's own words, raised or in the line.
        raised_call = superscript(called, marked=True)
        for lead in (raised_call, f"{called} ", f"{called}. "):
            words = words.removeprefix(lead).lstrip()
    return f" ({words.removesuffix('.')})" if words else ""


def _fn(element: etree._Element, state: ArticleState) -> str:
    identifier = element.get("id")
    if identifier in state.placed:
        return ""
    if identifier:
        state.placed.add(identifier)
    return _parenthesis(element, state)


def _inline_formula(element: etree._Element, state: ArticleState) -> str:
    return formula(element, state, lambda child: phrase(child, state), display=False)


def _display_formula(element: etree._Element, state: ArticleState) -> str:
    words = formula(element, state, lambda child: phrase(child, state), display=True)
    return f" {words} " if words else ""


def _picture(_: etree._Element, __: ArticleState) -> str:
    return image()


def _space(_: etree._Element, __: ArticleState) -> str:
    return " "


def _silence(_: etree._Element, __: ArticleState) -> str:
    return ""


def _person(element: etree._Element, _: ArticleState) -> str:
    """A name in running text: `Given Surname`, or its parts as they are printed."""
    parts = [tidy(text_inside(part)) for part in element]
    printed = "".join(piece for part in element for piece in (part.tail or "")) + (
        element.text or ""
    )
    if printed.strip():
        return text_inside(element)
    if element.get("name-style") != "eastern" and len(element) and element[0].tag == "surname":
        parts = [*parts[1:2], parts[0], *parts[2:]]
    return " ".join(filter(None, parts))


def _people(element: etree._Element, state: ArticleState) -> str:
    """A list of authors; commas between them where the file has none."""
    pieces = [element.text or ""]
    for child in element:
        words, after = phrase(child, state), child.tail or ""
        last = child.getnext() is None
        pieces.append(words + (after if after.strip() or last or not words.strip() else ", "))
    return "".join(pieces)


def _spaced(element: etree._Element, state: ArticleState) -> str:
    return f" {inline(element, state)} "


def _code(element: etree._Element, state: ArticleState) -> str:
    words = tidy(inline(element, state))
    return f"`{words}`" if words and "`" not in words else words


def _link(element: etree._Element, state: ArticleState) -> str:
    words = inline(element, state)
    if words.strip():
        return words
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith("href")), "")


def _alternatives(element: etree._Element, state: ArticleState) -> str:
    """One of several forms of the same thing: a formula, then words, then a picture."""
    for tags in (("tex-math", "math"), ("textual-form",)):
        for found in element.iter(*tags):
            words = phrase(found, state)
            if words.strip():
                return words
    return next((phrase(child, state) for child in element), "")


_PHRASES: Final[dict[str, Callable[[etree._Element, ArticleState], str]]] = {
    "sup": _sup, "sub": _sub, "xref": _xref, "fn": _fn, "inline-formula": _inline_formula,
    "math": _inline_formula, "tex-math": _inline_formula, "disp-formula": _display_formula,
    "chem-struct-wrap": _picture, "inline-graphic": _picture, "graphic": _picture,
    "break": _space, "code": _code, "ext-link": _link, "uri": _link, "self-uri": _link,
    "name": _person, "person-group": _people, "alternatives": _alternatives,
    "p": _spaced, "list-item": _spaced, "title": _spaced,
    "def-item": _spaced, "disp-quote": _spaced, "tr": _spaced, "td": _spaced, "th": _spaced,
    **dict.fromkeys(_SILENT, _silence),
}  # fmt: skip
#: Elements of running text, or never shown; `code` may be a block.
RUNNING: Final = frozenset(_PHRASES) - {"code"}
