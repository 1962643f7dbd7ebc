"""Running text of CNXML: emphasis is plain, formulas and scripts are marked, links readable."""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from corpora.jats.spaces import collapsed
from corpora.mathml import mathml_to_latex
from corpora.mathml.content import present_content
from corpora.openstax.neighbours import link_text
from corpora.openstax.state import ModuleState, shown_name
from tokenization.wrappers import image, latex, subscript, superscript

# XML has no control characters: these stand for a line break, for a link that vanishes, and for one
# into a module that is not at hand.
_BREAK: Final = "\x03"
_GONE: Final = "\x04"
_ELSEWHERE: Final = "\x05"

_SPACES: Final = re.compile(r"[ \t\r\n\u00a0]+")
_BREAKS: Final = re.compile(rf" ?{_BREAK}[ {_BREAK}]*")
_LINK: Final = f"[{_GONE}{_ELSEWHERE}]"
_VERB: Final = (
    r"(?:shown|seen|given|described|illustrated|depicted|discussed|listed|presented|found"
    r"|summarized|introduced|outlined)"
)
_LEAD: Final = (
    rf"(?:(?:as |is |are )?{_VERB}? ?(?:in|by|from|on|under)|see(?: also)?"
    r"|refer to|recall|review|cf\.?|and|or)"
)
#: The part of a figure that a lost link leads to, `\x05(a)`, and a part behind the title of another
#: module, `Figure 2 of “Waves”(a)`.
_PART_OF_LOST: Final = re.compile(rf"({_LINK})\((?:[a-z]|[ivx]{{1,4}})\)")
_PART_BEHIND: Final = re.compile(r"( of “[^“”\n]{1,200}”)(\((?:[a-z]|[ivx]{1,4})\))")
#: A parenthesis with nothing left in it, `(see )`, and the words that lead to nothing, `, as in .`
_EMPTY_PARENTHESIS: Final = re.compile(
    rf" ?[(\[](?:[\s,;{_GONE}{_ELSEWHERE}]|\b(?:see|also|refer to|and|or|in|as|shown|cf)\b\.?)*"
    rf"{_LINK}(?:[\s,;.{_GONE}{_ELSEWHERE}]|\b(?:and|or)\b)*[)\]]",
    re.IGNORECASE,
)
_LEADING_NOWHERE: Final = re.compile(rf",? ?\b{_LEAD} {_GONE}", re.IGNORECASE)
_AS_ELSEWHERE: Final = re.compile(
    rf",? ?(?<!such )(?<!same )\bas (?:(?:was |is |are )?{_VERB} )?(?:in|by|from|on) {_ELSEWHERE}"
    r"(?= ?(?:[.,;:)]|\Z))"
)
_MANY_ELSEWHERE: Final = re.compile(
    rf"{_ELSEWHERE}(?:(?:, and|, or|,| and| or| to| through|[-–—]) ?{_ELSEWHERE})+"
)
_SENTENCE_ELSEWHERE: Final = re.compile(rf"(?:\A|(?<=[.?!] )|(?<={_BREAK})){_ELSEWHERE}")
#: A blank before a comma or full stop, but for the points of `1, 2, ... , 12`.
_GAP: Final = re.compile(r"(?<=[^\s.…]) (?=[,.](?:\s|\Z))")
_POINT_INSIDE: Final = re.compile(r"(?<=\w)[.,;:]\Z")
_PLAIN_RAISED: Final = frozenset(("st", "nd", "rd", "th", "®", "™", "©"))


def tidy(text: str) -> str:
    """Text with its white space collapsed, its line breaks kept, and gaps of lost links closed.

    >>> tidy("the bond (see \\x04) as in \\x04.\\n Then  \\x03 more")
    'the bond. Then\\nmore'
    """
    words = collapsed(text)
    if _GONE in words or _ELSEWHERE in words:
        words = _without_lost_links(words)
    if "”(" in words:
        words = _PART_BEHIND.sub(r"\2\1", words)
    if " ," in words or " ." in words:
        words = _GAP.sub("", words)
    words = words.strip(f" {_BREAK}")
    return _BREAKS.sub("\n", words) if _BREAK in words else words


def _without_lost_links(words: str) -> str:
    """A link to nothing goes with the words that lead to it; one into a module that is not here too
    where the sentence stands without it, and is named where its grammar needs it.

    >>> _without_lost_links("The mower (see \x05) in \x05(a) stops, as shown in \x05.")
    'The mower in another section stops.'
    """
    words = _PART_OF_LOST.sub(r"\1", words)
    words = _EMPTY_PARENTHESIS.sub("", words)
    words = _LEADING_NOWHERE.sub("", words)
    words = re.sub(rf" ?{_GONE}(?=[ .,;:)]|\Z)", "", words).replace(_GONE, "")
    if _ELSEWHERE in words:
        words = _AS_ELSEWHERE.sub("", words)
        words = _MANY_ELSEWHERE.sub("other sections", words)
        words = _SENTENCE_ELSEWHERE.sub("Another section", words)
        words = words.replace(_ELSEWHERE, "another section")
    return collapsed(words)


def line(element: etree._Element, state: ModuleState) -> str:
    """All that an element holds, as one line of marked text."""
    return tidy(inline(element, state)).replace("\n", " ")


def inline(element: etree._Element, state: ModuleState) -> str:
    """The content of an element, white space as it is in the file."""
    pieces = [element.text or ""]
    for child in element:
        pieces.append(phrase(child, state))
        pieces.append(child.tail or "")
    return "".join(pieces)


def phrase(element: etree._Element, state: ModuleState) -> str:
    """One element inside running text."""
    handler = _PHRASES.get(str(element.tag))
    return handler(element, state) if handler else inline(element, state)


def formula(element: etree._Element, state: ModuleState, *, display: bool) -> str:
    """A `math` element wrapped; "" where it is empty."""
    if state.content_markup:
        present_content(element)
    body = mathml_to_latex(element)
    if not body:
        return ""
    display = display and not state.inside_table
    if state.inside_table:
        # A bar would end the cell.
        body = body.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return latex(body, display=display, markers=state.options.latex_markers)


def _math(element: etree._Element, state: ModuleState) -> str:
    return formula(element, state, display=False)


def _script(element: etree._Element, state: ModuleState) -> str:
    content = inline(element, state)
    words = tidy(content).replace("\n", " ")
    if not words or words in _PLAIN_RAISED:
        return words
    wrapper = superscript if element.tag == "sup" else subscript
    point = _POINT_INSIDE.search(words) if element.tag == "sub" else None
    if point:
        # `SF<sub>6.</sub>`: the end of the sentence slipped into the script.
        return wrapper(words[: point.start()], marked=True) + point.group()
    return wrapper(words, marked=True)


def _link(element: etree._Element, state: ModuleState) -> str:
    words = inline(element, state)
    if words.strip():
        return words
    target = element.get("target-id") or element.get("target") or ""
    document = element.get("document") or ""
    if document and document != state.module_id:
        return link_text(state.folder, document, target) or _ELSEWHERE
    if target:
        found = state.targets.get(target)
        return (shown_name(found, state) if found is not None else "") or _GONE
    return element.get("url") or element.get("src") or _GONE


def _footnote(element: etree._Element, state: ModuleState) -> str:
    words = line(element, state).removesuffix(".")
    return f" ({words})" if words else ""


def _code(element: etree._Element, state: ModuleState) -> str:
    words = _SPACES.sub(" ", "".join(map(str, element.itertext()))).strip()
    return f"`{words}`" if words and "`" not in words else words


def _quote(element: etree._Element, state: ModuleState) -> str:
    words = inline(element, state).strip()
    return f"“{words}”" if words and words[0] not in "\"“‘'«" else words


def _newline(_: etree._Element, __: ModuleState) -> str:
    return _BREAK


def _space(_: etree._Element, __: ModuleState) -> str:
    return " "


def _picture(_: etree._Element, __: ModuleState) -> str:
    return image()


def _spaced(element: etree._Element, state: ModuleState) -> str:
    return f" {inline(element, state)} "


def _silent(_: etree._Element, __: ModuleState) -> str:
    return ""


_PHRASES: Final[dict[str, Callable[[etree._Element, ModuleState], str]]] = {
    "math": _math, "sub": _script, "sup": _script, "link": _link, "footnote": _footnote,
    "code": _code, "quote": _quote, "newline": _newline, "space": _space, "media": _picture,
    "image": _picture, "para": _spaced, "item": _spaced, "title": _spaced, "equation": _spaced,
    "row": _spaced, "entry": _spaced, "list": _spaced, "term": inline, "label": _silent,
    "metadata": _silent, "seealso": _silent,
}  # fmt: skip
