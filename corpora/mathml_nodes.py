r"""A formula as light nodes: what the handlers of `corpora.mathml` ask, read off the XML once.

A formula of a page is a few hundred elements, and each is asked by several handlers for its name,
its characters and its style. An element of lxml makes new strings at every question; a node has
them ready.
"""

import re
from typing import Final

from lxml import etree

_MATHML: Final = "{http://www.w3.org/1998/Math/MathML}"
_MATHML_LENGTH: Final = len(_MATHML)
_NO_ATTRIBUTES: Final[dict[str, str]] = {}
_LONGEST_VARIANT: Final = 40
_WHITE_SPACE: Final = re.compile(r"[ \t\r\n]+")


class Node:
    """One element of a formula, and what became of it.

    `variant` is its own `mathvariant`, else that of the nearest `mstyle` or `math` around it. The
    fold in `corpora.mathml` fills in `latex`, and `operator`: the characters of an `mo`, also of
    one alone inside rows.
    """

    __slots__ = ("attributes", "children", "element", "latex", "name", "operator", "variant")

    def __init__(
        self, element: etree._Element, name: str, attributes: dict[str, str], variant: str | None
    ) -> None:
        self.element = element
        self.name = name
        self.attributes = attributes
        self.variant = variant
        self.children: list[Node] = []
        self.latex = ""
        self.operator: str | None = None

    @property
    def text(self) -> str:
        """All the characters inside, as they stand."""
        element = self.element
        return "".join(map(str, element.itertext())) if len(element) else element.text or ""

    @property
    def characters(self) -> str:
        """The characters, white space collapsed (MathML 3, section 2.1.7)."""
        text = self.text
        if text.isalnum() or (len(text) == 1 and text > " "):
            return text
        return _WHITE_SPACE.sub(" ", text).strip(" ")

    @property
    def parts(self) -> list[str]:
        """The LaTeX of each child."""
        return [child.latex for child in self.children]


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def nodes_of(element: etree._Element) -> list[Node]:
    """The nodes of an element and of all inside it, each before those that it contains."""
    name = local_name(element)
    inherited = None if name == "math" else _style_around(element)
    given = {str(key): str(value) for key, value in element.items()}
    nodes = [Node(element, name, given, inherited)]
    # The list grows while it is read: no recursion, however deep a formula is.
    for node in nodes:
        attributes, style = node.attributes, node.variant
        if attributes is not _NO_ATTRIBUTES:
            own = attributes.get("mathvariant") or attributes.get("fontstyle")
            if own:
                # No variant is so long: what is remembered under it stays small.
                node.variant = own[:_LONGEST_VARIANT]
                if node.name in ("mstyle", "math"):
                    style = node.variant
        children = node.children
        for child in node.element:
            tag = child.tag
            if isinstance(tag, str):
                if tag[0] == "{":
                    tag = tag[_MATHML_LENGTH:] if tag.startswith(_MATHML) else local_name(child)
                items = child.items()
                inside = {str(key): str(value) for key, value in items} if items else _NO_ATTRIBUTES
                children.append(Node(child, tag, inside, style if tag != "math" else None))
        nodes += children
    return nodes


def _style_around(element: etree._Element) -> str | None:
    """The variant that an element inherits where it is only a part of a formula."""
    for outer in element.iterancestors():
        name = local_name(outer)
        variant = outer.get("mathvariant") or outer.get("fontstyle")
        if name == "math" or (variant and name == "mstyle"):
            return variant or None
    return None
