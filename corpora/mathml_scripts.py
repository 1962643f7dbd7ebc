r"""Scripts of MathML in LaTeX: beside (`x_{i}^{2}`), all round (`{}_{6}^{14}C`), above, below."""

import re
from collections.abc import Sequence

from lxml import etree

from corpora.mathml_symbols import (
    ACCENTS_OVER,
    ACCENTS_UNDER,
    LARGE_OPERATORS,
    LIMIT_WORDS,
    STRETCHING_ARROWS,
)
from corpora.mathml_tokens import (
    ATOM,
    braced,
    characters_of,
    first_two,
    local_name,
    operator_of,
    script_base,
)


def _script(mark: str, content: str) -> str:
    content = content.strip()
    if not content:
        return ""
    if mark == "^" and re.fullmatch("'+", content):
        return content
    if mark == "^" and content == r"^{\circ}":
        return content
    # A degree sign is a superscript itself: it needs something to stand on.
    return mark + braced("{}" + content if content.startswith("^") else content)


def _scripts(base: str, below: str, above: str) -> str:
    scripts = _script("_", below) + _script("^", above)
    if not scripts:
        return base
    # A prime before the subscript would read the same; after it is how it is written.
    return (script_base(base) if base.strip() else "{}") + scripts


def msub(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """A subscript."""
    base, below = first_two(parts)
    return _scripts(base, below, "")


def msup(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """A superscript; a prime is written as one."""
    base, above = first_two(parts)
    return _scripts(base, "", above)


def msubsup(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """Both scripts on one base."""
    base, below, above = [*parts, "", "", ""][:3]
    return _scripts(base, below, above)


def mmultiscripts(
    _: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    """Scripts after and, as prescripts, before a base."""
    base = parts[0] if parts else ""
    names = [local_name(child) for child in children]
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


def _takes_limits(child: etree._Element, latex: str) -> bool:
    operator = operator_of(child)
    word = characters_of(child).replace("\u2061", "").replace(" ", "") if len(latex) < 60 else ""
    return operator in LARGE_OPERATORS or word in LIMIT_WORDS


def _accent_over(base: str, mark: str) -> str | None:
    if mark not in ACCENTS_OVER:
        return None
    narrow, wide = ACCENTS_OVER[mark]
    command = narrow if ATOM.fullmatch(base.strip()) else wide
    return rf"\{command}{braced(base)}"


def munder(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """Something below a base."""
    return _under_over(children, parts, below=first_two(parts)[1], mark_below=1)


def mover(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """Something above a base."""
    return _under_over(children, parts, above=first_two(parts)[1], mark_above=1)


def munderover(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """Something below and above a base."""
    _base_part, below, above = [*parts, "", "", ""][:3]
    return _under_over(children, parts, below, above, 1, 2)


def _under_over(
    children: Sequence[etree._Element],
    parts: Sequence[str],
    below: str = "",
    above: str = "",
    mark_below: int = 0,
    mark_above: int = 0,
) -> str:
    r"""Something above or below: limits, an accent, an arrow that stretches, or `\overset`."""
    if not children:
        return ""
    base = parts[0].strip()
    brace = re.match(r"\\(?:over|under)brace\{", base)
    if _takes_limits(children[0], base) or brace:
        return (base or "{}") + _script("_", below) + _script("^", above)
    arrow = STRETCHING_ARROWS.get(operator_of(children[0]) or "")
    if arrow:
        lower = f"[{below.strip()}]" if below.strip() and "]" not in below else ""
        return rf"\{arrow}{lower}{braced(above)}"
    over = characters_of(children[mark_above]) if 0 < mark_above < len(children) else ""
    under = characters_of(children[mark_below]) if 0 < mark_below < len(children) else ""
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
