r"""Rows, fractions, roots and what else lays out its children."""

import re
from typing import Final

from corpora.mathml.fences import fenced, matrix
from corpora.mathml.nodes import Node
from corpora.mathml.operators import encloses, infix, pair
from corpora.mathml.pieces import balanced, braced, join, script_base, trimmed
from corpora.mathml.tokens import first_two, text_command

_TEX_ENCODINGS: Final = ("application/x-tex", "tex", "latex", "application/x-latex", "text/latex")
_MANY_SPACES: Final = re.compile(" {2,}")
_LAYOUT: Final = frozenset(
    ["math", "mrow", "mstyle", "mpadded", "mtd", "mtr", "mtable", "msqrt", "menclose", "mphantom"]
)


def row(node: Node) -> str:
    """Children side by side: spaces around infix operators, fences that grow, cases."""
    children = node.children
    if not children:
        text = node.characters
        # An element that is not presentation MathML: its words are kept.
        return text_command(text, None) if text and node.name not in _LAYOUT else ""
    if len(children) == 1:
        latex = children[0].latex
        return _MANY_SPACES.sub(" ", latex) if "  " in latex else latex
    parts = node.parts
    for i in range(1, len(parts)):
        if parts[i].startswith("{}_{") and children[i].name == children[i - 1].name == "msub":
            # `P_{L}{}_{(d)}`, one subscript in two pieces.
            parts[i - 1 : i + 1] = ["", join([parts[i - 1][:-1], parts[i][4:]])]
    operators = [child.operator for child in children]
    first, last = operators[0], operators[-1]
    if len(children) > 2 and pair(first, last) and encloses(operators):
        return fenced(infix(parts[1:-1], operators[1:-1]), first or "", last or "")
    if "{" in operators:
        last_closing = max((i for i, op in enumerate(operators) if op == "}"), default=-1)
        for i in range(len(parts) - 1):
            if operators[i] == "{" and i > last_closing:
                cases = matrix(parts[i + 1].strip(), "{", "")
                if cases:
                    parts[i : i + 2] = ["", cases]
    return infix(parts, operators)


def mfrac(node: Node) -> str:
    """A fraction, a binomial, or two parts and a slash."""
    above, below = first_two(node)
    if re.match(r"0+(\.0*)?($|[a-z%])", node.attributes.get("linethickness", "")):
        return rf"\genfrac{{}}{{}}{{0pt}}{{}}{braced(above)}{braced(below)}"
    if node.attributes.get("bevelled") == "true":
        return f"{script_base(above)}/{script_base(below)}"
    return rf"\frac{braced(above)}{braced(below)}"


def msqrt(node: Node) -> str:
    """A square root."""
    return rf"\sqrt{braced(row(node))}"


def mroot(node: Node) -> str:
    """A root with its index."""
    radicand, index = first_two(node)
    # A bracket inside the index would end it.
    index = "{" + trimmed(index) + "}" if "]" in index else trimmed(index)
    return rf"\sqrt[{index}]{braced(radicand)}"


def menclose(node: Node) -> str:
    """A box, a line or a strike around its content."""
    body = row(node)
    notation = set(node.attributes.get("notation", "longdiv").split())
    if notation & {"box", "roundedbox", "circle"}:
        return rf"\boxed{braced(body)}"
    if "radical" in notation:
        return rf"\sqrt{braced(body)}"
    if notation & {"updiagonalstrike", "downdiagonalstrike"}:
        return rf"\cancel{braced(body)}"
    if "top" in notation or "actuarial" in notation:
        return rf"\overline{braced(body)}"
    return rf"\underline{braced(body)}" if "bottom" in notation else body


def mphantom(node: Node) -> str:
    """The space of what is not shown."""
    body = trimmed(row(node))
    return rf"\phantom{braced(body)}" if body else ""


def semantics(node: Node) -> str:
    """Its annotation in TeX where there is one, else what it annotates."""
    for child in node.children:
        encoding = child.attributes.get("encoding", "").lower()
        if child.name == "annotation" and encoding in _TEX_ENCODINGS:
            tex = child.text.strip()
            if tex and balanced(tex):
                return re.sub(r"^\\displaystyle\s*", "", tex)
    for child in node.children:
        if child.name not in ("annotation", "annotation-xml"):
            return child.latex
    return ""


def maction(node: Node) -> str:
    """What is shown before anybody acts."""
    return node.children[0].latex if node.children else ""


def nothing(_: Node) -> str:
    """What is not written."""
    return ""
