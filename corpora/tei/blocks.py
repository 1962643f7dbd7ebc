"""Blocks: divisions, paragraphs, lists, figures, tables, formulas and quotes as paragraphs.

`flow` reads any container: its running text becomes paragraphs, its block elements what their
handler makes of them. An element that is not known is read like the container it is.
"""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from corpora.fences import fenced
from corpora.tei.floats import figure, table
from corpora.tei.headings import cased, closed_up, level_of, split_number
from corpora.tei.inline import FURNITURE_NOTES, SILENT, formula, identifier_of, line, phrase, prose
from corpora.tei.plain_words import all_text
from corpora.tei.state import TeiState
from tokenization.wrappers import image

Handler = Callable[[etree._Element, TeiState, int], list[str]]

#: Divisions that are not the paper's text: who paid, who did what, who gains, what is cited.
_LEFT_OUT: Final = frozenset(
    ("references", "bibliography", "bibliographie", "refs", "funding", "conflict", "contribution",
     "contributions", "author_contributions", "toc", "contents", "index", "titlepage",
     "conflicts", "competing_interests", "translation", "biography")
)  # fmt: skip
_LEFT_OUT_TITLES: Final = re.compile(
    r"(?:(?:competing|conflicts? of|declaration of (?:competing )?|financial) ?(?:financial )?"
    r"interests?(?: statement)?|(?:credit )?author(?:s|['’]s|s['’])? contributions?"
    r"(?: statement)?|credit authorship contribution statement|funding(?: sources?| information| "
    r"statement)?|references|bibliography|works cited|literature cited|publisher['’]?s note)",
    re.IGNORECASE,
)
#: A paragraph so ended goes on in the next one, where a page or column ended.
_GOES_ON: Final = re.compile(
    r"(?:,|(?<=[^\W\d_])-|\b(?:the|an?|of|and|or|in|on|to|with|for|from|by|at|as|that|which|is|are|"
    r"was|were|we|our|their|its|this|these|be|been|has|have|can|not|than|between|into))$"
)
#: `..., and (3) that bees fly`: an enumeration goes on.
_ENUMERATED: Final = re.compile(r"\(?(?:[0-9]{1,2}|[ivx]{1,4}|[a-z])\) ")
#: What a sentence around a displayed formula has after it: `, where v is the speed`.
_POINT: Final = re.compile(r"[,.;:](?: |$)")
_SENTENCES: Final = frozenset(
    ("p", "ab", "item", "cell", "note", "s", "figDesc", "head", "l", "q", "quote", "hi")
)
_ROMAN: Final = re.compile(r"[IVX]+\.?")
#: `III. MODELS A. Hives`, as IEEE numbers sections.
_FIRST_LETTERED: Final = re.compile(r"(?<=[A-Z][A-Z])\s(A\.)\s+(?=[A-Z][a-z])")
#: Blocks that may stand in a sentence.
_EITHER: Final = frozenset(("formula", "note", "quote"))
_CHILDREN: Final = ("head", "label")
_CAPTION: Final = re.compile(
    r"(?:fig(?:ure)?|table|scheme)\.? ?[A-Z]?\d{1,3}[a-z]? ?[.:]?", re.IGNORECASE
)


def flow(
    element: etree._Element, state: TeiState, level: int, without: tuple[str, ...] = ()
) -> list[str]:
    """The paragraphs of an element; `level` is the heading level of a division inside it.

    Children named in `without` are passed over, not what follows them.
    """
    blocks: list[str] = []
    run = element.text or ""
    for child in element:
        tag = child.tag
        handler = _BLOCKS.get(tag)
        if tag in without:
            pass
        elif handler is not None and not (tag in _EITHER and _is_inline(child, element)):
            _end_run(run, blocks, state)
            made = handler(child, state, level)
            if tag == "p" and made and blocks:
                made = _continued(child, blocks, made)
            blocks.extend(made)
            if state.mentioned and not _awaits(child, element, blocks):
                blocks.extend(_mentioned(state, level))
            run = ""
        elif handler is None and len(child) and tag not in SILENT and _holds_blocks(child):
            _end_run(run, blocks, state)
            blocks.extend(flow(child, state, level))
            run = ""
        else:
            run += phrase(child, state, run)
        run += child.tail or ""
    _end_run(run, blocks, state)
    return blocks


def _end_run(run: str, blocks: list[str], state: TeiState) -> None:
    """What stands between two blocks becomes one, if it has words."""
    if run and not run.isspace() and (words := prose(run, state)):
        blocks.append(words)


def _continued(child: etree._Element, blocks: list[str], made: list[str]) -> list[str]:
    """What a paragraph adds to the blocks, after what it adds to the last of them."""
    before = child.getprevious()
    tag = before.tag if before is not None else None
    if tag == "p" and _goes_on(blocks[-1], made[0]):
        blocks[-1] = f"{blocks[-1]} {made[0]}"
        return made[1:]
    if tag == "formula" and _POINT.match(made[0]):
        # The punctuation of the formula before it.
        blocks[-1] += made[0][0]
        return [made[0][2:], *made[1:]] if made[0][2:] else made[1:]
    return made


def _holds_blocks(element: etree._Element) -> bool:
    """Whether an element that is not known is a container."""
    return next(element.iter(*_HOLDING), None) is not None


def _is_inline(element: etree._Element, parent: etree._Element) -> bool:
    """Whether a formula, note or quotation stands in a sentence."""
    if parent.tag not in _SENTENCES:
        return False
    if element.tag == "quote":
        return not _holds_blocks(element)
    rend = " ".join(element.get(name) or "" for name in ("rend", "type", "place")).lower()
    return element.tag == "note" or (
        not re.search("display|block", rend) and element.find("label") is None
    )


def _goes_on(before: str, words: str) -> bool:
    """Whether a paragraph is the rest of the sentence that the one before it began."""
    begins = words[:1].islower() or _ENUMERATED.match(words) is not None
    return begins and _GOES_ON.search(before[-40:]) is not None


def _awaits(child: etree._Element, parent: etree._Element, blocks: list[str]) -> bool:
    """Whether the sentence of a block ends after it only: no figure comes in between.

    A formula or list belongs to the words before it, and `where v is the speed` to the formula.
    """
    if parent.tag in _SENTENCES:
        return True
    after = child.getnext()
    if after is None or after.tag in ("formula", "list"):
        return after is not None
    words = (after.text or "").lstrip()
    if after.tag != "p" or not blocks:
        return False
    if child.tag == "formula":
        return words[:1].islower() or _POINT.match(words) is not None
    return words[:1].islower() and _GOES_ON.search(blocks[-1][-40:]) is not None


def _mentioned(state: TeiState, level: int) -> list[str]:
    """The figures and tables standing apart that the text has just referred to for the first time.

    The caption of one may refer to the next: the list grows while it is read.
    """
    if state.placing:
        return []
    blocks: list[str] = []
    state.placing = True
    for identifier in state.mentioned:
        apart = state.floats.pop(identifier, None)
        if apart is not None:
            state.placed.add(apart)
            blocks.extend(_BLOCKS[apart.tag](apart, state, level))
    state.placing = False
    state.mentioned.clear()
    return blocks


def heading(words: str, level: int) -> str:
    """A Markdown heading of one of its six levels."""
    return f"{'#' * min(max(level, 1), 6)} {words}"


def _division(element: etree._Element, state: TeiState, level: int) -> list[str]:
    kind = (element.get("type") or "").lower()
    head = element.find("head")
    words = closed_up(line(head, state)) if head is not None else ""
    number = (head.get("n") or "") if head is not None else ""
    number = " ".join((number or element.get("n") or "").split())
    if kind in _LEFT_OUT or _LEFT_OUT_TITLES.fullmatch(words.rstrip(" .:")):
        return []
    if not words:
        return flow(element, state, level, _CHILDREN)
    if _CAPTION.fullmatch(words) and element.find("div") is None:
        # A caption that stands among the paragraphs of its page.
        return _captioned(words.rstrip(" .:"), flow(element, state, level, _CHILDREN))
    if not number or not re.search(r"[^\W_]", number):
        number, words = split_number(words, state.appendices)
    elif words.startswith(number):
        words = words[len(number) :].lstrip(" .")
    words = cased(words).rstrip(":")
    inner = None
    if f"{(first := number.rstrip('.'))}.1" in words:
        inner = re.search(rf"\s({re.escape(first)}\.1\.?)\s+(?=[^\W\d_])", words)
    if inner is None and _ROMAN.fullmatch(number):
        inner = _FIRST_LETTERED.search(words)
    own = level_of(number, words, state) if level == 1 else level
    content = flow(element, state, own + 1 if element.find("div") is not None else own, _CHILDREN)
    if not content and next(element.iterancestors("back"), None) is not None:
        return []
    if inner and number and level == 1:
        # A section and its first subsection, whose headings follow each other on the page.
        outer, words = words[: inner.start()], words[inner.end() :]
        number, first = inner.group(1), heading(f"{number} {outer}", own)
        return [first, heading(f"{number} {words}", level_of(number, words, state)), *content]
    return [heading(f"{number} {words}".strip(), own), *content]


def _captioned(name: str, content: list[str]) -> list[str]:
    """A caption whose number was taken for a heading."""
    picture = [] if name.lower().startswith("tab") else [image()]
    return [*picture, f"{name}: {content[0]}", *content[1:]] if content else [*picture, name]


def _formula(element: etree._Element, state: TeiState, _: int) -> list[str]:
    words = formula(element, state, display=True)
    return [words] if words else []


def _list(element: etree._Element, state: TeiState, level: int) -> list[str]:
    ordered = re.search("order|number|enum", f"{element.get('type')} {element.get('rend')}".lower())
    blocks = [words for head in element.findall("head") if (words := line(head, state))]
    items: list[str] = []
    label = ""
    for child in element:
        if child.tag == "label":
            label = line(child, state)
        elif child.tag == "item":
            content = flow(child, state, level)
            bullet = f"{len(items) + 1}. " if ordered else "- "
            first = f"{label}: {content[0]}" if label and content else label or "".join(content[:1])
            if first:
                # What follows the first paragraph of an item stands inside it.
                rest = "".join(
                    "\n\n" + re.sub(r"^(?=.)", " " * len(bullet), block, flags=re.MULTILINE)
                    for block in content[1:]
                )
                items.append(bullet + first + rest)
            label = ""
    return [*blocks, "\n".join(items)] if items else blocks


def _figure(element: etree._Element, state: TeiState, level: int) -> list[str]:
    identifier = identifier_of(element)
    if not state.placing and (state.floats.get(identifier) is element or element in state.placed):
        return []
    return figure(element, state, level, _block)


def _table(element: etree._Element, state: TeiState, level: int) -> list[str]:
    return table(element, state, level, _block)


def _block(element: etree._Element, state: TeiState, level: int) -> list[str]:
    """Any element as blocks."""
    return _BLOCKS.get(element.tag, flow)(element, state, level)


def _note(element: etree._Element, state: TeiState, _: int) -> list[str]:
    """A note among blocks: what is kept for its call, or furniture, is not read here."""
    kept = element in state.kept or element in state.placed
    if kept or (element.get("place") or "") in FURNITURE_NOTES:
        return []
    state.placed.add(element)
    return [words] if (words := line(element, state)) else []


def _quotation(element: etree._Element, state: TeiState, level: int) -> list[str]:
    text = "\n\n".join(flow(element, state, level))
    return [re.sub(r"^(.+)$", r"> \1", text, flags=re.MULTILINE).replace("\n\n", "\n>\n")] * bool(
        text
    )


def _cited_quotation(element: etree._Element, state: TeiState, level: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag in ("quote", "q"):
            blocks += _quotation(child, state, level)
        elif words := line(child, state):
            blocks.append(words)
    return blocks


def _verse(element: etree._Element, state: TeiState, level: int) -> list[str]:
    lines = [line(child, state) for child in element.iter("l")]
    return ["\n".join(words for words in lines if words)] if any(lines) else flow(
        element, state, level
    )  # fmt: skip


def _head(element: etree._Element, state: TeiState, level: int) -> list[str]:
    words = line(element, state)
    return [heading(words, level)] if words else []


def _program(element: etree._Element, _: TeiState, __: int) -> list[str]:
    source = all_text(element).strip("\n")
    return [fenced(source)] if source.strip() else []


def _nothing(_: etree._Element, __: TeiState, ___: int) -> list[str]:
    return []


_BLOCKS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("div", "div1", "div2", "div3", "div4", "div5", "div6", "section"), _division),
    **dict.fromkeys(("listBibl", "teiHeader", "titlePage", "figDesc"), _nothing),
    "p": flow, "ab": flow, "formula": _formula, "list": _list, "figure": _figure,
    "table": _table, "note": _note, "cit": _cited_quotation, "quote": _quotation,
    "lg": _verse, "head": _head, "eg": _program, "floatingText": flow, "argument": flow,
    "epigraph": flow,
}  # fmt: skip
#: An element that holds one of these is a container, whatever its name.
_HOLDING: Final = ("p", "div", "list", "figure", "table", "lg", "listBibl")
