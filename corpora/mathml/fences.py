r"""Fences: parentheses that grow, matrices and cases, `mfenced`."""

import re
from typing import Final

from corpora.mathml.nodes import Node
from corpora.mathml.operators import infix
from corpora.mathml.pieces import join, trimmed
from corpora.mathml.tokens import symbols_of

_TALL: Final = re.compile(r"\\(?:frac|dfrac|genfrac|begin|sum|prod|int|sqrt|binom|under|over)")
_MATRICES: Final = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("∥", "∥"): "Vmatrix", ("∣", "∣"): "vmatrix",
}  # fmt: skip


def matrix(body: str, opening: str, closing: str) -> str | None:
    """A table between fences as the matrix environment of those fences, or as cases."""
    match = re.fullmatch(r"\\begin\{(matrix|aligned)\}(.*)\\end\{\1\}", body, re.DOTALL)
    if not match or r"\begin{" + match.group(1) in match.group(2):
        return None
    if opening == "{" and closing == "":
        environment = "cases"
    elif (opening, closing) in _MATRICES:
        environment = _MATRICES[opening, closing]
    else:
        return None
    rows = match.group(2)
    if " & " not in rows.replace(r"\\ & ", "").removeprefix(" & "):
        rows = rows.replace(r"\\ & ", r"\\ ").replace(" & ", " ", rows.startswith(" & "))
    return rf"\begin{{{environment}}}{rows}\end{{{environment}}}"


def _delimiter(symbol: str) -> str:
    return {"": ".", "{": r"\{", "}": r"\}"}.get(symbol) or symbols_of(symbol)


def fenced(body: str, opening: str, closing: str) -> str:
    """A body between fences, which grow where the body is tall."""
    body = trimmed(body)
    environment = matrix(body, opening, closing)
    if environment:
        return environment
    binomial = re.fullmatch(r"\\genfrac\{\}\{\}\{0pt\}\{\}(\{[^{}]*\}\{[^{}]*\})", body)
    if binomial and (opening, closing) == ("(", ")"):
        return rf"\binom{binomial.group(1)}"
    one = all(len(fence) <= 1 for fence in (opening, closing))
    if one and (_TALL.search(body) or not opening or not closing) and (opening or closing):
        return join([rf"\left{_delimiter(opening)}", body, rf"\right{_delimiter(closing)}"])
    return join([symbols_of(opening), body, symbols_of(closing)])


def mfenced(node: Node) -> str:
    """Parts between fences, with separators between them."""
    separators = "".join(node.attributes.get("separators", ",").split())
    if separators:
        parts = node.parts
        pieces = parts[:1]
        for i, part in enumerate(parts[1:]):
            pieces += [symbols_of(separators[min(i, len(separators) - 1)]) + " ", part]
        body = join(pieces)
    else:
        body = infix(node.parts, [child.operator for child in node.children])
    return fenced(
        body, node.attributes.get("open", "(").strip(), node.attributes.get("close", ")").strip()
    )
