r"""A formula as light nodes: what the handlers of a formula ask, read off its XML once.

A formula of a page is a few hundred elements, each asked by several handlers for its name, its
characters and its style. An element of lxml is an object made for every look at it; one pattern
over the formula as libxml2 writes it finds all the tags of a formula in the time of a few.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from lxml import etree

_NO_ATTRIBUTES: Final[dict[str, str]] = {}
_LONGEST_VARIANT: Final = 40
_WHITE_SPACE: Final = re.compile(r"[ \t\r\n]+")
#: What libxml2 writes in a tag: values are in quotes, and those of namespaces hold what they like.
_INSIDE_A_TAG: Final = r"""[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+"""
#: A token with its text; any tag.
_MARKUP: Final = re.compile(
    rf"(<(?:m[inos]|mtext)(?=[\s>]){_INSIDE_A_TAG}(?<!/)>[^<]*</[^<>]+>|<{_INSIDE_A_TAG}>)"
)
_HIDDEN: Final = re.compile(r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_PREFIX: Final = re.compile(r"<([^\s<>/:]+:)")
_OPENING: Final = re.compile(rf"<(?:[^\s<>/:]+:)?([^\s<>/]+)({_INSIDE_A_TAG})>")
_ATTRIBUTE: Final = re.compile(r"""([^\s=]+)=(?:"([^"]*)"|'([^']*)')""")
#: Elements whose variant those inside inherit.
_PASS_ON_STYLE: Final = ("mstyle", "math")
#: A paper opens the same few elements over and over.
_REMEMBERED: Final = 1024
_LONGEST_TAG: Final = 120

#: From a token as it is written, and the style around it, to its node.
MakeToken = Callable[[str, str | None], "Node"]


class Node:
    """One element of a formula, and what became of it.

    `variant` is its own `mathvariant`, else that of the nearest `mstyle` or `math` around it. The
    fold in `corpora.mathml.conversion` fills in `latex`, and `operator`: the characters of an `mo`,
    also of one alone inside rows. What stands between its tags is `pieces[start:end]`, text and
    markup in turn.
    """

    __slots__ = (
        "attributes", "children", "end", "latex", "name", "operator", "pieces", "start", "variant",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        attributes: dict[str, str],
        style: str | None,
        pieces: Sequence[str],
        start: int,
        end: int,
    ) -> None:
        self.name = name
        self.attributes = attributes
        own = attributes.get("mathvariant") or attributes.get("fontstyle") if attributes else None
        # No variant is so long: what is remembered under it stays small.
        self.variant = own[:_LONGEST_VARIANT] if own else style
        self.pieces = pieces
        self.start = start
        self.end = end
        self.children: list[Node] = []
        self.latex = ""
        self.operator: str | None = None

    @property
    def text(self) -> str:
        """All the characters inside, as they stand."""
        inside = "".join(
            piece if piece[:1] != "<" else _text_in(piece)
            for piece in self.pieces[self.start : self.end]
        )
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


def nodes_of(
    source: str, style: str | None, known: Mapping[tuple[str, str | None], Node], token: MakeToken
) -> list[Node]:
    """The nodes of an element as libxml2 writes it, each after all that it contains, itself last.

    `style` is the variant that it inherits. Tokens (`mi`, `mn`, `mo`, `mtext` around nothing but
    text) are those `known` by what is written and their style, else come from `token`, whole: they
    are among the children, and not in the list.
    """
    if "<!" in source or "<?" in source:
        source = _HIDDEN.sub("", source)
    prefix = _PREFIX.match(source)
    if prefix:
        # In most files all elements of a formula have one, which says nothing.
        source = source.replace(f"<{prefix[1]}", "<").replace(f"</{prefix[1]}", "</")
    pieces = _MARKUP.split(source)
    node = Node("", _NO_ATTRIBUTES, style, pieces, 0, 0)
    around: list[tuple[Node, str | None]] = []
    closed: list[Node] = []
    for i in range(1, len(pieces), 2):
        markup = pieces[i]
        if markup[1] == "/":
            node.end = i
            closed.append(node)
            node, style = around.pop()
        elif "</" in markup:
            node.children.append(known.get((markup, style)) or token(markup, style))
        else:
            name, attributes = (_tag if len(markup) <= _LONGEST_TAG else _parsed)(markup)
            inherited = style if name != "math" else None
            child = Node(name, attributes, inherited, pieces, i + 1, i + 1)
            node.children.append(child)
            if markup[-2] == "/":
                closed.append(child)
            else:
                around.append((node, style))
                node, style = child, child.variant if name in _PASS_ON_STYLE else inherited
    return closed or node.children


def token_of(source: str, style: str | None) -> Node:
    """The node of a token, as it is written: its tags with text between them."""
    name, attributes = _parsed(source)
    return Node(name, attributes, style, (_text_in(source),), 0, 1)


def _parsed(tag: str) -> tuple[str, dict[str, str]]:
    """The name and the attributes of the tag that a piece of markup begins with."""
    opening = _OPENING.match(tag)
    assert opening is not None
    name, inside = opening.groups()
    if "=" not in inside:
        return name, _NO_ATTRIBUTES
    found = _ATTRIBUTE.findall(inside)
    return name, {key: html.unescape(double or single) for key, double, single in found}


_tag: Final = lru_cache(_REMEMBERED)(_parsed)


def _text_in(markup: str) -> str:
    """The text of a token, as it is written; "" of a tag."""
    opening = _OPENING.match(markup)
    return markup[opening.end() : markup.rindex("<")] if opening and "</" in markup[1:] else ""


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
