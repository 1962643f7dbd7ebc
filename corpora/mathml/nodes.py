r"""A formula as light nodes: what the handlers of a formula ask, read off its XML once.

A formula of a page is a few hundred elements, each asked by several handlers for its name, its
characters and its style. An element of lxml is an object made for every look at it; one pattern
over the formula as libxml2 writes it finds all the tags of a formula in the time of a few.
"""

import html
import re
from collections.abc import Callable
from typing import Final

from lxml import etree

_NO_ATTRIBUTES: Final[dict[str, str]] = {}
_LONGEST_VARIANT: Final = 40
_WHITE_SPACE: Final = re.compile(r"[ \t\r\n]+")
#: What libxml2 writes in a tag: values are in quotes, and those of namespaces hold what they like.
_INSIDE_A_TAG: Final = r"""[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+"""
_HIDDEN: Final = r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"
#: Comments and instructions; a token with its text as one; any tag.
_MARKUP: Final = re.compile(
    rf"{_HIDDEN}|"
    rf"(<(?:[^\s<>/:]+:)?(?:m[inos]|mtext)(?=[\s>]){_INSIDE_A_TAG}(?<!/)>[^<]*</[^<>]+>)|"
    rf"<(/?)(?:[^\s<>/:]+:)?([^\s<>/]+)({_INSIDE_A_TAG})>",
    re.DOTALL,
)
_OPENING: Final = re.compile(rf"<(?:[^\s<>/:]+:)?([^\s<>/]+)({_INSIDE_A_TAG})>")
_TAG: Final = re.compile(rf"{_HIDDEN}|<{_INSIDE_A_TAG}>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"""([^\s=]+)=(?:"([^"]*)"|'([^']*)')""")

#: Elements whose variant those inside inherit.
_PASS_ON_STYLE: Final = ("mstyle", "math")

#: From a token as it is written, and the style around it, to its node.
MakeToken = Callable[[str, str | None], "Node"]


class Node:
    """One element of a formula, and what became of it.

    `variant` is its own `mathvariant`, else that of the nearest `mstyle` or `math` around it. The
    fold in `corpora.mathml.conversion` fills in `latex`, and `operator`: the characters of an `mo`,
    also of one alone inside rows. What stands between its tags is `source[start:end]`.
    """

    __slots__ = (
        "attributes", "children", "end", "latex", "name", "operator", "source", "start", "variant",
    )  # fmt: skip

    def __init__(
        self, name: str, attributes: dict[str, str], style: str | None, source: str, start: int
    ) -> None:
        self.name = name
        self.attributes = attributes
        own = attributes.get("mathvariant") or attributes.get("fontstyle") if attributes else None
        # No variant is so long: what is remembered under it stays small.
        self.variant = own[:_LONGEST_VARIANT] if own else style
        self.source = source
        self.start = start
        self.end = start
        self.children: list[Node] = []
        self.latex = ""
        self.operator: str | None = None

    @property
    def text(self) -> str:
        """All the characters inside, as they stand."""
        inside = self.source[self.start : self.end]
        if "<" in inside:
            inside = _TAG.sub("", inside)
        return html.unescape(inside) if "&" in inside else inside

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


def nodes_of(source: str, style: str | None, token: MakeToken) -> list[Node]:
    """The nodes of an element as libxml2 writes it, each after all that it contains, itself last.

    `style` is the variant that it inherits. Tokens (`mi`, `mn`, `mo`, `mtext` around nothing but
    text) come from `token`, whole: they are among the children, and not in the list.
    """
    node = Node("", _NO_ATTRIBUTES, style, source, 0)
    around: list[tuple[Node, str | None]] = []
    closed: list[Node] = []
    for match in _MARKUP.finditer(source):
        written, slash, name, inside = match.groups()
        if written:
            node.children.append(token(written, style))
        elif slash:
            node.end = match.start()
            closed.append(node)
            node, style = around.pop()
        elif name:
            inherited = style if name != "math" else None
            child = Node(name, attributes_of(inside), inherited, source, match.end())
            node.children.append(child)
            if inside[-1:] == "/":
                closed.append(child)
            else:
                around.append((node, style))
                node, style = child, child.variant if name in _PASS_ON_STYLE else inherited
    return closed or node.children


def token_of(source: str, style: str | None) -> Node:
    """The node of a token, as it is written: its tags with text between them."""
    opening = _OPENING.match(source)
    assert opening is not None
    node = Node(opening[1], attributes_of(opening[2]), style, source, opening.end())
    node.end = source.rindex("<")
    return node


def attributes_of(inside: str) -> dict[str, str]:
    """The attributes of a tag, from what stands in it behind its name."""
    if "=" not in inside:
        return _NO_ATTRIBUTES
    found = _ATTRIBUTE.findall(inside)
    return {name: html.unescape(double or single) for name, double, single in found}


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def style_around(element: etree._Element) -> str | None:
    """The variant that an element inherits where it is only a part of a formula."""
    for outer in element.iterancestors():
        name = local_name(outer)
        variant = outer.get("mathvariant") or outer.get("fontstyle")
        if name == "math" or (variant and name == "mstyle"):
            return variant or None
    return None
