r"""Formulas: TeX where the publisher gives it, else MathML, else the mark of an image."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lxml import etree

from corpora.jats.state import ArticleState
from corpora.mathml import mathml_to_latex
from corpora.tex_bodies import tex_body
from corpora.xml_elements import text_inside
from tokenization.wrappers import image, latex

_NO_WORDS: Final = frozenset(
    ("label", "tex-math", "math", "graphic", "inline-graphic", "alt-text", "long-desc", "object-id")
)


def formula(
    element: etree._Element,
    state: ArticleState,
    words: Callable[[etree._Element], str],
    *,
    display: bool,
) -> str:
    """A formula element in marked text; "" where it holds nothing.

    `element` is `inline-formula`, `disp-formula`, `math` or `tex-math`; `words` reads what is no
    formula in it. A formula that is only a picture is `[IMAGE]`, and counted. Its label, `(3)`,
    numbers it and is left out.
    """
    display = display and not state.inside_table
    if _is_mathml_alone(element):
        body = mathml_to_latex(element if element.tag == "math" else element[0])
        return " ".join(_latex(body, state, display).split())
    sources: dict[etree._Element, str | None] = {}
    for node in element.iter("tex-math", "math"):
        # MathML where there is no TeX that can be read.
        sources[node] = tex_body(text_inside(node)) if node.tag == "tex-math" else None
    bodies = {node: body for node, body in sources.items() if body}
    bodies = bodies or {node: mathml_to_latex(node) for node in sources if node.tag == "math"}
    if not bodies:
        return _without_markup(element, state, words)
    made = {node: _latex(body, state, display) for node, body in bodies.items()}
    return " ".join("".join(_pieces(element, made, words)).split())


def _is_mathml_alone(element: etree._Element) -> bool:
    """Whether an element is MathML, or around one such and nothing else, as most formulas are."""
    if element.tag == "math":
        return True
    if len(element) != 1 or element[0].tag != "math":
        return False
    text, tail = element.text, element[0].tail
    return not (text and text.strip()) and not (tail and tail.strip())


def _pieces(
    element: etree._Element,
    made: Mapping[etree._Element, str],
    words: Callable[[etree._Element], str],
) -> Iterator[str]:
    """The formulas of an element and the words between them, in order."""
    if element in made:
        yield made[element]
        return
    alternatives = element.tag == "alternatives"
    yield "" if alternatives else element.text or ""
    for child in element:
        if child in made or (len(child) and any(node in made for node in child.iterdescendants())):
            yield from _pieces(child, made, words)
        elif not alternatives and child.tag not in _NO_WORDS:
            yield words(child)
        yield "" if alternatives else child.tail or ""


def _latex(body: str, state: ArticleState, display: bool) -> str:
    if not body:
        return ""
    if state.inside_table:
        # A bar would end the cell.
        body = body.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return latex(body, display=display, markers=state.options.latex_markers)


def _without_markup(
    element: etree._Element,
    state: ArticleState,
    words: Callable[[etree._Element], str],
) -> str:
    """A formula set in plain text, or one that is only a picture."""
    pictures = any(True for _ in element.iter("graphic", "inline-graphic"))
    text = " ".join("".join(_pieces(element, {}, words)).split())
    if not text and pictures:
        state.formula_images += 1
        text = image()
    return text
