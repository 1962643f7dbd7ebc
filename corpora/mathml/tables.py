r"""Tables: sets of equations and matrices."""

from typing import Final

from corpora.mathml.layouts import row
from corpora.mathml.nodes import Node
from corpora.mathml.pieces import join, trimmed

_RELATIONS: Final = frozenset("=<>≤≥≈≡∼∝→⟶≃≅≔⇒⇔↔⇌")


def mtd(node: Node) -> str:
    """A cell."""
    return trimmed(row(node))


def mtr(node: Node) -> str:
    """A row, its cells divided."""
    return " & ".join(trimmed(part) for part in node.parts)


def mlabeledtr(node: Node) -> str:
    """A row with a label, which follows it."""
    parts = node.parts
    cells = " & ".join(trimmed(part) for part in parts[1:])
    return rf"{cells} \qquad {parts[0].strip()}" if parts and parts[0].strip() else cells


def mtable(node: Node) -> str:
    r"""`aligned` for a set of equations (right-left columns, or display style), else `matrix`."""
    children, parts = node.children, node.parts
    widths = [len(child.children) - (child.name == "mlabeledtr") for child in children]
    if len(parts) == 1 and widths == [1]:
        return parts[0]
    cells = [cell.latex for row in children for cell in row.children]
    filled = [cell for cell in cells if cell.strip()]
    if not filled or (len(children) == len(filled) == 1 and children[0].name == "mtr"):
        # A table that only holds a place, or moves what stands in it.
        return "".join(filled)
    aligns = " ".join(
        [
            cell.attributes.get("columnalign", "")
            for cell in (node, *(children[0].children if children else ()))
        ]
    ).split()
    relations = [
        row.children[1].characters[:1]
        for row in children
        if len(row.children) > 1 and row.name == "mtr"
    ]
    equations = (
        node.attributes.get("displaystyle") == "true"
        or aligns[:1] == ["right"]
        or (bool(relations) and all(relation in _RELATIONS for relation in relations))
    )
    if equations and max(widths) > 1:
        # Right, centre, left is eqnarray: its relation belongs to the left-aligned part.
        rows = [
            _eqnarray(part) if width == 3 else part
            for part, width in zip(parts, widths, strict=True)
        ]
        environment = "aligned"
    elif max(widths) == 1 and (equations or aligns[:1] == ["left"]):
        environment = "aligned"
        rows = parts if equations else ["& " + row for row in parts]
    else:
        rows, environment = parts, "matrix"
    body = r" \\ ".join(trimmed(row) for row in rows)
    return rf"\begin{{{environment}}} {body} \end{{{environment}}}"


def _eqnarray(row: str) -> str:
    left, _, rest = row.partition(" & ")
    middle, _, right = rest.partition(" & ")
    return f"{left} & {join([middle + ' ', right])}".replace("  ", " ")
