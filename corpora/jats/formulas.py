r"""Formulas: TeX where the publisher gives it, else MathML, else the mark of an image."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lxml import etree

from corpora.jats.state import ArticleState
from corpora.mathml import mathml_to_latex
from corpora.mathml_symbols import balanced
from tokenization.wrappers import image, latex

_DOCUMENT: Final = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)
_PREAMBLE: Final = re.compile(
    r"\\(?:documentclass|usepackage|setlength|pagestyle|oddsidemargin|DeclareMathSizes)"
    r"(?:\[[^\]]*\]|\{[^{}]*\})*"
)
_DELIMITERS: Final = (
    re.compile(r"\$\$(.*)\$\$", re.DOTALL),
    re.compile(r"\$(.*)\$", re.DOTALL),
    re.compile(r"\\\((.*)\\\)", re.DOTALL),
    re.compile(r"\\\[(.*)\\\]", re.DOTALL),
    re.compile(r"\\begin\{(?:equation|displaymath|math)\*?\}(.*)\\end\{\w+\*?\}", re.DOTALL),
)
_NO_WORDS: Final = frozenset(
    ("label", "tex-math", "math", "graphic", "inline-graphic", "alt-text", "long-desc", "object-id")
)
#: Environments that open display mathematics themselves, and what they are inside `\[ \]`.
_INNER: Final = {"align": "aligned", "eqnarray": "aligned", "gather": "gathered",
                 "multline": "gathered", "flalign": "aligned"}  # fmt: skip


def tex_body(source: str) -> str | None:
    r"""The formula of a `tex-math` element, without document, delimiters or labels around it.

    None where there is none, or where its braces do not balance.

    >>> tex_body(r"\documentclass{minimal}\begin{document}$$\alpha_1$$\end{document}")
    '\\alpha_1'
    """
    inside = _DOCUMENT.search(source)
    body = (inside.group(1) if inside else _PREAMBLE.sub("", source)).strip()
    body = re.sub(r"\\label\s*\{[^{}]*\}", "", body).strip()
    unwrapped = True
    while unwrapped:
        unwrapped = False
        for pattern in _DELIMITERS:
            match = pattern.fullmatch(body)
            # `$a$ and $b$` is two formulas, not one between dollars.
            if match and not re.search(r"(?<!\\)\$|\\[()\[\]](?!\w)", match.group(1)):
                body, unwrapped = match.group(1).strip(), True
    for outer, inner in _INNER.items():
        if outer == "eqnarray" and r"\begin{eqnarray" in body:
            body = re.sub(r"&\s*((?:[^&\\]|\\(?!\\))*?)\s*&", r"& \1 ", body)
        body = re.sub(rf"\\(begin|end)\{{{outer}\*?\}}", rf"\\\1{{{inner}}}", body)
    body = " ".join(body.split())
    return body if body and balanced(body) else None


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
    becomes the tag of a displayed formula.
    """
    label = element.find("label")
    number = " ".join("".join(map(str, label.itertext())).split()) if label is not None else ""
    chosen = [t for t in element.iter("tex-math") if tex_body("".join(map(str, t.itertext())))]
    chosen = chosen or list(element.iter("math"))
    if not chosen:
        return _without_markup(element, state, words, number)
    display = display and not state.inside_table
    made = {
        node: _latex(node, state, display, number if len(chosen) == 1 else "") for node in chosen
    }
    text = " ".join("".join(_pieces(element, made, words)).split())
    numbered = display and len(chosen) == 1 and made[chosen[0]]
    return text if numbered or not number else f"{text} {number}"


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
        if child in made or any(node in made for node in child.iterdescendants()):
            yield from _pieces(child, made, words)
        elif not alternatives and child.tag not in _NO_WORDS:
            yield words(child)
        yield "" if alternatives else child.tail or ""


def _tag(number: str) -> str | None:
    r"""What `\tag{}` may hold of a printed label: `3a` of `(3a)`."""
    match = re.fullmatch(r"[\[(]?([\w.*′'-]{1,12}?)[\])]?\.?", number)
    return match.group(1).replace("_", "-") if match else None


def _latex(node: etree._Element, state: ArticleState, display: bool, number: str) -> str:
    if node.tag == "math":
        body: str | None = mathml_to_latex(node)
    else:
        body = tex_body("".join(map(str, node.itertext())))
    if not body:
        return ""
    tag = _tag(number) if display and number else None
    if tag and r"\tag" not in body:
        body += rf" \tag{{{tag}}}"
    elif number and display and r"\tag" not in body:
        body += rf" \qquad \text{{{number}}}"
    if state.inside_table:
        # A bar would end the cell.
        body = body.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return latex(body, display=display, markers=state.options.latex_markers)


def _without_markup(
    element: etree._Element,
    state: ArticleState,
    words: Callable[[etree._Element], str],
    number: str,
) -> str:
    """A formula set in plain text, or one that is only a picture."""
    pictures = any(True for _ in element.iter("graphic", "inline-graphic"))
    text = " ".join("".join(_pieces(element, {}, words)).split())
    if not text and pictures:
        state.formula_images += 1
        text = image()
    return f"{text} {number}".strip() if text else ""
