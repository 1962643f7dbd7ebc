"""Running text: the mixed content of a paragraph, a heading or a cell as marked text."""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from corpora.jats.spaces import tidy
from corpora.mathml import mathml_to_latex
from corpora.pdf_characters import printed_characters
from corpora.pdf_spaces import PLAIN, spaced
from corpora.tei.citing import CITATION_TYPES, citation, linked, mended
from corpora.tei.plain_words import all_text
from corpora.tei.state import TeiState
from corpora.tex_bodies import tex_body
from corpora.xml_records import XML_ID
from tokenization.markers import code_point
from tokenization.wrappers import image, latex, subscript, superscript

#: Page furniture, marks of pages and columns, and what an editor struck out.
SILENT: Final = frozenset(
    ("fw", "pb", "cb", "gb", "milestone", "del", "index", "anchor", "gap", "figDesc", "fs",
     "listBibl", "teiHeader", "standOff", "facsimile", "interp", "listAnnotation", "listOrg",
     "listPerson", "listPlace", "spanGrp")
)  # fmt: skip
_NOTE_CALLS: Final = frozenset(("foot", "note", "noteAnchor", "footnote", "endnote"))
#: Notes that are page furniture.
FURNITURE_NOTES: Final = frozenset(("headnote", "head", "header", "footer", "running"))
_RAISED: Final = re.compile(r"\bsup|superscript|exposant")
_LOWERED: Final = re.compile(r"\bsub|subscript|indice")
_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©"))
_NUMBER: Final = re.compile(r"[A-Z]?\d{1,3}")
_FORMULA_NUMBER: Final = re.compile(r"[\[(]?[\w.*′'-]{1,12}?[\])]?\.?")
_MOST_NOTES_OPEN: Final = 3
#: A lone `$` or `\\[` is a character of a font that the parser could not decode.
_TEX: Final = re.compile(
    r"\\[A-Za-z]{2,}|[_^]\{|^\s*\$[^$]+\$\s*$|^\s*\$\$[^$]+\$\$\s*$|^\s*\\[(\[].*\\[)\]]\s*$", re.S
)
#: The line end and indent that a printer of XML put between `KNO` and its raised or lowered 3, and
#: before the point after it; a word of small letters is none that has one.
_SCRIPT_STARTS: Final = code_point("[START_SUB]") + code_point("[START_SUP]")
_SCRIPT_ENDS: Final = code_point("[END_SUB]") + code_point("[END_SUP]")
_SCRIPT: Final = re.compile(f"[{_SCRIPT_STARTS}{_SCRIPT_ENDS}]")
_SCRIPT_ON_ITS_LINE: Final = re.compile(
    rf"(?<![a-z]{{3}})(?<=[^\s(]) *\n\s*(?=[{_SCRIPT_STARTS}])"
    rf"|(?<=[{_SCRIPT_ENDS}]) *\n\s*(?=[,.;:)])"
)
#: What a PDF parser leaves between two tokens of its own.
_SPACE_BEFORE: Final = re.compile(r" (?=:(?:\s|$))(?<=[^\W\d_] )")
_QUOTES: Final = "\"'“”„‘’«»‹›`"
_PREFERRED: Final = ("corr", "reg", "expan", "sic", "orig", "abbr")


def line(element: etree._Element, state: TeiState) -> str:
    """All that an element holds, as one line of marked text."""
    return prose(inline(element, state), state)


def prose(text: str, state: TeiState) -> str:
    """Running text as it was printed: on one line, citations found, brackets and spaces mended."""
    if PLAIN.fullmatch(text):
        return text
    if "\n" in text and _SCRIPT.search(text):
        text = _SCRIPT_ON_ITS_LINE.sub("", text)
    text = tidy(printed_characters(text))
    text = mended(linked(spaced(text), state))
    if " :" in text:
        text = _SPACE_BEFORE.sub("", text)
    return text


def inline(element: etree._Element, state: TeiState) -> str:
    """The content of an element, white space as it is in the file."""
    text = element.text or ""
    for child in element:
        text += phrase(child, state, text) + (child.tail or "")
    return text


def phrase(element: etree._Element, state: TeiState, before: str) -> str:
    """One element inside running text; `before` is what stands before it."""
    if element.tag in SILENT:
        return ""
    handler = _PHRASES.get(element.tag)
    return handler(element, state, before) if handler else inline(element, state)


def _ref(element: etree._Element, state: TeiState, before: str) -> str:
    kind = (element.get("type") or "").lower()
    target = element.get("target") or ""
    identifier = target.removeprefix("#")
    cites = any(t.removeprefix("#") in state.references.bibliography.by_id for t in target.split())
    content = inline(element, state)
    words = tidy(content)
    if kind in CITATION_TYPES or cites:
        note = _called_note(words, target, before, state)
        if note is not None:
            return note
        space = " " if before.endswith(("\x02", ",", ";")) and words[:1] not in ",;)]" else ""
        if not cites and not all_text(element).strip():
            return ""
        return space + citation(element, words, before + space, state)
    if kind in _NOTE_CALLS or identifier in state.notes:
        found = state.notes.get(identifier) if target else state.notes.get(f"#{words}")
        if found is not None:
            return note_in_place(found, state)
        return superscript(words, marked=True) if words else ""
    if target.startswith("#") and _names(words, state.floats.get(identifier)):
        state.mentioned.append(identifier)
    if not words and re.match(r"https?://|doi:|www\.", target):
        return target
    return content


def _names(words: str, float_: etree._Element | None) -> bool:
    """Whether a reference prints the number of the figure it leads to: `S2` is not figure 2."""
    label = float_.find("label") if float_ is not None else None
    printed = _NUMBER.search(words)
    number = (label.text or "").strip() if label is not None else ""
    if printed is None or not re.fullmatch(r"[A-Z]?\d{1,3}", number):
        return True
    return printed.group() == number


def _called_note(words: str, target: str, before: str, state: TeiState) -> str | None:
    """What GROBID took for a citation and is the raised number of a footnote; else None."""
    if target or state.references.numeric or not re.fullmatch(r"\d{1,3}", words):
        return None
    if re.search(r"[\[(,][^\])]{0,40}$", before[-60:]):
        return None
    found = state.notes.get(f"#{words}")
    if found is not None:
        return note_in_place(found, state)
    return superscript(words, marked=True)


def note_in_place(note: etree._Element, state: TeiState) -> str:
    """A footnote in parentheses, once; a note's own calls are followed three deep."""
    if note in state.placed or state.notes_open >= _MOST_NOTES_OPEN:
        return ""
    state.placed.add(note)
    state.notes_open += 1
    words = note_words(note, state)
    state.notes_open -= 1
    return f" ({words.removesuffix('.')})" if words else ""


def note_words(note: etree._Element, state: TeiState) -> str:
    """The words of a note without the number that a PDF prints before them."""
    words = tidy(printed_characters(inline(note, state)))
    number = note.get("n") or ""
    if 0 < len(number) < 5 and words.startswith(number) and not words[len(number) :][:1].isalnum():
        words = words[len(number) :].lstrip(" .)")
    return words


def _note(element: etree._Element, state: TeiState, _: str) -> str:
    if (element.get("place") or "") in FURNITURE_NOTES or element.get("type") == "raw_reference":
        return ""
    # A note kept elsewhere is in the register: one that stands in the text is read here.
    return note_in_place(element, state)


def _hi(element: etree._Element, state: TeiState, before: str) -> str:
    rend = " ".join(element.get(name) or "" for name in ("rend", "rendition", "style")).lower()
    content = inline(element, state)
    words = tidy(content)
    if _RAISED.search(rend) and words and "\x01" not in words:
        return words if words in _PLAIN_RAISED else superscript(words, marked=True)
    if _LOWERED.search(rend) and words and "\x01" not in words:
        return subscript(words, marked=True)
    return content


def formula(element: etree._Element, state: TeiState, *, display: bool) -> str:
    """A formula: LaTeX where it is TeX or MathML, else the words that a PDF has for it.

    Its number is left out; a label that is none is a piece of what the PDF has.
    """
    label = element.find("label")
    rest = tidy(all_text(label)) if label is not None else ""
    numbered = _FORMULA_NUMBER.fullmatch(rest) is not None
    rest = "" if numbered else rest
    display = display and not state.inside_table
    math = next(element.iter("math"), None)
    if math is not None:
        body: str | None = mathml_to_latex(math)
    else:
        source = _formula_source(element)
        is_tex = (element.get("notation") or "").lower() in ("tex", "latex") or _TEX.search(source)
        body = tex_body(source) if is_tex else None
        if body is None:
            words = tidy(printed_characters(source)) or _picture(element)
            # GROBID cuts `(3)` after its parenthesis too.
            return words.removesuffix("(").rstrip() if numbered else f"{words} {rest}".strip()
    if not body:
        return rest
    if state.inside_table:
        # A bar would end the cell.
        body = body.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return latex(body, display=display, markers=state.options.latex_markers, marked=True)


def _formula_source(element: etree._Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child.tag not in ("label", "graphic", "figDesc"):
            pieces.append(all_text(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _picture(element: etree._Element) -> str:
    return image() if next(element.iter("graphic", "media"), None) is not None else ""


def _formula(element: etree._Element, state: TeiState, _: str) -> str:
    rend = " ".join(element.get(name) or "" for name in ("rend", "type", "place")).lower()
    return formula(element, state, display="display" in rend or "block" in rend)


def _math(element: etree._Element, state: TeiState, _: str) -> str:
    body = mathml_to_latex(element)
    return latex(body, markers=state.options.latex_markers) if body else ""


def _choice(element: etree._Element, state: TeiState, before: str) -> str:
    for tag in _PREFERRED:
        found = element.find(tag)
        if found is not None:
            return phrase(found, state, before)
    return inline(element, state)


def _quote(element: etree._Element, state: TeiState, before: str) -> str:
    content = inline(element, state)
    words = content.strip()
    quoted = not words or words[0] in _QUOTES or (before != "" and before[-1] in _QUOTES)
    return content if quoted else f"“{words}”"


def _space(_: etree._Element, __: TeiState, ___: str) -> str:
    return " "


def _sentence(element: etree._Element, state: TeiState, before: str) -> str:
    return inline(element, state) + " "


def _spaced(element: etree._Element, state: TeiState, before: str) -> str:
    return f" {inline(element, state)} "


def _graphic(_: etree._Element, __: TeiState, ___: str) -> str:
    return image()


def _code(element: etree._Element, state: TeiState, _: str) -> str:
    words = tidy(all_text(element))
    return f"`{words}`" if words and "`" not in words else words


def identifier_of(element: etree._Element) -> str:
    """The id that a `ref` may name, "" where there is none."""
    return element.get(XML_ID) or element.get("id") or ""


_PHRASES: Final[dict[str, Callable[[etree._Element, TeiState, str], str]]] = {
    "ref": _ref, "ptr": _ref, "hi": _hi, "note": _note, "formula": _formula, "math": _math,
    "choice": _choice, "q": _quote, "quote": _quote, "lb": _space, "space": _space, "s": _sentence,
    "p": _spaced, "item": _spaced, "row": _spaced, "cell": _spaced, "head": _spaced, "l": _spaced,
    "graphic": _graphic, "media": _graphic, "code": _code,
}  # fmt: skip
