r"""Scripts of MathML in LaTeX: beside (`x_{i}^{2}`), all round (`{}_{6}^{14}C`), above, below."""

import re
from collections.abc import Sequence

from corpora.mathml.nodes import Node
from corpora.mathml.pieces import ATOM, braced, script_base, trimmed
from corpora.mathml.symbols import (
    ACCENTS_OVER,
    ACCENTS_UNDER,
    LARGE_OPERATORS,
    LIMIT_WORDS,
    STRETCHING_ARROWS,
)
from corpora.mathml.tokens import first_two


def _script(mark: str, content: str) -> str:
    content = trimmed(content)
    if not content:
        return ""
    if mark == "^" and (content == r"^{\circ}" or not content.strip("'")):
        return content
    # A degree sign is a superscript itself: it needs something to stand on.
    return mark + braced("{}" + content if content.startswith("^") else content)


def _scripts(base: str, below: str, above: str) -> str:
    scripts = _script("_", below) + _script("^", above)
    if not scripts:
        return base
    # A prime before the subscript would read the same; after it is how it is written.
    return (script_base(base) if base.strip() else "{}") + scripts


def msub(node: Node) -> str:
    """A subscript."""
    base, below = first_two(node)
    return _scripts(base, below, "")


def msup(node: Node) -> str:
    """A superscript; a prime is written as one."""
    base, above = first_two(node)
    return _scripts(base, "", above)


def msubsup(node: Node) -> str:
    """Both scripts on one base."""
    base, below, above = [*node.parts, "", "", ""][:3]
    return _scripts(base, below, above)


def mmultiscripts(node: Node) -> str:
    """Scripts after and, as prescripts, before a base."""
    parts = node.parts
    base = parts[0] if parts else ""
    names = [child.name for child in node.children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(parts)
    after, before = list(parts[1:cut]), list(parts[cut + 1 :])
    left = "".join(_scripts("", below, above) for below, above in _pairs(before))
    right = ""
    for k, (below, above) in enumerate(_pairs(after)):
        right += ("{}" if k else "") + _script("_", below) + _script("^", above)
    return left + (script_base(base) if base.strip() else "{}") + right


def _pairs(parts: Sequence[str]) -> list[tuple[str, str]]:
    padded = [*parts, ""] if len(parts) % 2 else list(parts)
    return list(zip(padded[::2], padded[1::2], strict=True))


def _takes_limits(child: Node, latex: str) -> bool:
    if child.operator in LARGE_OPERATORS:
        return True
    word = child.characters.replace("\u2061", "").replace(" ", "") if len(latex) < 60 else ""
    return word in LIMIT_WORDS


def _accent_over(base: str, mark: str) -> str | None:
    if mark not in ACCENTS_OVER:
        return None
    narrow, wide = ACCENTS_OVER[mark]
    command = narrow if ATOM.fullmatch(base.strip()) else wide
    return rf"\{command}{braced(base)}"


def munder(node: Node) -> str:
    """Something below a base."""
    return _under_over(node, below=first_two(node)[1], mark_below=1)


def mover(node: Node) -> str:
    """Something above a base."""
    return _under_over(node, above=first_two(node)[1], mark_above=1)


def munderover(node: Node) -> str:
    """Something below and above a base."""
    _base_part, below, above = [*node.parts, "", "", ""][:3]
    return _under_over(node, below, above, 1, 2)


def _under_over(
    node: Node, below: str = "", above: str = "", mark_below: int = 0, mark_above: int = 0
) -> str:
    r"""Something above or below: limits, an accent, an arrow that stretches, or `\overset`."""
    children = node.children
    if not children:
        return ""
    base = children[0].latex.strip()
    brace = re.match(r"\\(?:over|under)brace\{", base)
    if _takes_limits(children[0], base) or brace:
        return (base or "{}") + _script("_", below) + _script("^", above)
    arrow = STRETCHING_ARROWS.get(children[0].operator or "")
    if arrow:
        lower = f"[{trimmed(below)}]" if below.strip() and "]" not in below else ""
        return rf"\{arrow}{lower}{braced(above)}"
    over = children[mark_above].characters if 0 < mark_above < len(children) else ""
    under = children[mark_below].characters if 0 < mark_below < len(children) else ""
    result = base
    if under:
        command = ACCENTS_UNDER.get(under)
        result = (
            rf"\{command}{braced(result)}"
            if command
            else rf"\underset{braced(below)}{braced(result)}"
        )
    if over:
        accent = _accent_over(result, over)
        result = accent or rf"\overset{braced(above)}{braced(result)}"
    return result
