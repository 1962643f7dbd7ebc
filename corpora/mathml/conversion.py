"""From an element to LaTeX: its nodes folded from the leaves up, with no recursion."""

from functools import lru_cache
from typing import Final

from lxml import etree

from corpora.mathml.fences import mfenced
from corpora.mathml.layouts import (
    maction,
    menclose,
    mfrac,
    mphantom,
    mroot,
    msqrt,
    nothing,
    row,
    semantics,
)
from corpora.mathml.nodes import Node, local_name, nodes_of, style_around, token_of
from corpora.mathml.phrases import merge_texts, without_spacing
from corpora.mathml.pieces import balance, balanced, trimmed
from corpora.mathml.scripts import mmultiscripts, mover, msub, msubsup, msup, munder, munderover
from corpora.mathml.tables import mlabeledtr, mtable, mtd, mtr
from corpora.mathml.tokens import Handler, mi, mn, mo, ms, mspace, mtext

#: A paper writes the same symbol and the same short formula over and over.
_REMEMBERED_TOKENS: Final = 4096
_LONGEST_TOKEN: Final = 120
_REMEMBERED_FORMULAS: Final = 1024
_LONGEST_FORMULA: Final = 2000


def mathml_to_latex(element: etree._Element) -> str:
    """LaTeX of a `math` element (or any part of one), without delimiters; "" where it is empty."""
    source = etree.tostring(element, encoding="unicode", with_tail=False)
    style = None
    if local_name(element) == "math":
        source = _without_id(source)
    else:
        style = style_around(element)
    return (_remembered if len(source) <= _LONGEST_FORMULA else _converted)(source, style)


def _without_id(source: str) -> str:
    """A formula as it is written, without the `id` in its first tag, which no other has."""
    head = source.find(">")
    start = source.find(' id="', 0, head)
    if start < 0 or source.find("'", 0, head) >= 0:
        return source
    return source[:start] + source[source.index('"', start + 5) + 1 :]


def _converted(source: str, style: str | None) -> str:
    nodes = nodes_of(source, style, _known_tokens, _token)
    for node in nodes:
        _fold(node)
    latex = trimmed(without_spacing(merge_texts(nodes[-1].latex)))
    return latex if balanced(latex) else balance(latex)


_remembered: Final = lru_cache(_REMEMBERED_FORMULAS)(_converted)
_known_tokens: Final[dict[tuple[str, str | None], Node]] = {}


def _token(source: str, style: str | None) -> Node:
    """A new token, and nobody changes it after."""
    node = token_of(source, style)
    _fold(node)
    if len(_known_tokens) >= _REMEMBERED_TOKENS:
        _known_tokens.clear()
    if len(source) <= _LONGEST_TOKEN:
        _known_tokens[source, style] = node
    return node


def _fold(node: Node) -> None:
    """Fills in what becomes of a node, whose children are done."""
    name = node.name
    if name == "mo":
        node.operator = node.characters
    elif name in _ROWS and len(node.children) == 1:
        node.operator = node.children[0].operator
    node.latex = _HANDLERS.get(name, row)(node)


#: Rows that are the operator inside them where they hold nothing else.
_ROWS: Final = frozenset(("mrow", "mstyle", "mpadded"))
_HANDLERS: Final[dict[str, Handler]] = {
    "mi": mi, "mn": mn, "mo": mo, "mtext": mtext, "ms": ms, "mspace": mspace,
    "mfrac": mfrac, "msqrt": msqrt, "mroot": mroot, "msub": msub, "msup": msup,
    "msubsup": msubsup, "munder": munder, "mover": mover, "munderover": munderover,
    "mmultiscripts": mmultiscripts, "mprescripts": nothing, "none": nothing,
    "mtable": mtable, "mtr": mtr, "mlabeledtr": mlabeledtr, "mtd": mtd,
    "mfenced": mfenced, "menclose": menclose, "mphantom": mphantom, "semantics": semantics,
    "maction": maction, "annotation": nothing, "annotation-xml": nothing,
    "maligngroup": nothing, "malignmark": nothing, "mglyph": nothing,
}  # fmt: skip
