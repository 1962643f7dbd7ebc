r"""Presentation MathML to LaTeX (MathML 3, https://www.w3.org/TR/MathML3/chapter3.html).

`mathml_to_latex` takes any lxml element, with or without the MathML namespace, and gives LaTeX
without delimiters, its braces always balanced. A formula that carries its own TeX
(`annotation encoding="application/x-tex"`) gives that. The tree is folded from its leaves up, with
no recursion: depth costs nothing but time. Elements that are not known give their content.

>>> from lxml import etree
>>> mathml_to_latex(etree.fromstring(
...     "<math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>"))
'E = mc^{2}'
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from corpora.mathml_symbols import (
    ACCENTS_OVER,
    ACCENTS_UNDER,
    CLOSING,
    FUNCTIONS,
    LARGE_OPERATORS,
    LIMIT_WORDS,
    OPENING,
    SPACED,
    STRETCHING_ARROWS,
    WORDS,
    alphabet,
    balanced,
    character,
)

Handler = Callable[[etree._Element, Sequence[etree._Element], Sequence[str]], str]

_TEX_ENCODINGS: Final = ("application/x-tex", "tex", "latex", "application/x-latex", "text/latex")
_TALL: Final = re.compile(r"\\(?:frac|dfrac|genfrac|begin|sum|prod|int|sqrt|binom|under|over)")
#: One symbol: a character, a command, or a command with one argument free of braces.
_ATOM: Final = re.compile(r"[^\\{}^_\s]|\\[A-Za-z]+(?:\{[^{}]*\})?|\\[^A-Za-z]")
_TEXT_ESCAPES: Final = {
    ord(c): e
    for c, e in {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "%": r"\%", "&": r"\&",
        "#": r"\#", "_": r"\_", "^": r"\^{}", "~": r"\~{}", "\u00a0": " ",
    }.items()
}  # fmt: skip
_TEXT_COMMANDS: Final = {
    "bold": "textbf", "italic": "textit", "monospace": "texttt", "sans-serif": "textsf",
    "bold-italic": "textbf", "bold-sans-serif": "textbf",
}  # fmt: skip
_RELATIONS: Final = frozenset("=<>≤≥≈≡∼∝→⟶≃≅≔⇒⇔↔⇌")
_SIGNS: Final = frozenset("-−–+±∓")
_MATRICES: Final = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("∥", "∥"): "Vmatrix", ("∣", "∣"): "vmatrix",
}  # fmt: skip


def mathml_to_latex(element: etree._Element) -> str:
    """LaTeX of a `math` element (or any part of one), without delimiters; "" where it is empty."""
    made: dict[etree._Element, str] = {}
    # Document order reversed: every element comes after all that it contains.
    for node in reversed([n for n in element.iter() if isinstance(n.tag, str)]):
        children = [child for child in node if isinstance(child.tag, str)]
        handler = _HANDLERS.get(_name(node), _row)
        made[node] = handler(node, children, [made.pop(child) for child in children])
    latex = _merge_texts(made[element]).strip()
    return latex if balanced(latex) else _balance(latex)


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: etree._Element) -> str:
    """The characters of a token element, white space collapsed (MathML 3, section 2.1.7)."""
    return re.sub(r"[ \t\r\n]+", " ", "".join(map(str, element.itertext()))).strip(" ")


def _balance(latex: str) -> str:
    """Braces added where an author's own TeX annotation lacks them."""
    depth = lowest = 0
    for brace in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        lowest = min(lowest, depth)
    # A lone backslash at the end would escape the brace that closes.
    latex = re.sub(r"(?<!\\)(\\\\)*\\$", r"\1", latex)
    return "{" * -lowest + latex + "}" * (depth - lowest)


def _merge_texts(latex: str) -> str:
    r"""Words of one phrase in one `\text{}`, letters of one word in one `\mathrm{}`.

    Converters write one `mtext` a word and one upright `mi` a letter.
    """
    pieces: list[str] = []
    command, words, gap = "", [""], False
    for piece in re.split(r"(\\(?:text\w*|math(?:rm|bf|it|sf|tt))\{[^{}\\]*\})", latex):
        phrase = re.fullmatch(r"(\\(?:text|math)\w*\{)([^{}\\]*)\}", piece)
        if phrase and phrase.group(1) == command:
            words += [" " * gap, phrase.group(2)]
            gap = False
        elif piece == r"\ " and command.startswith(r"\text") and not gap:
            gap = True
        elif piece:
            pieces += [command, *words, "}" if command else "", r"\ " if gap else ""]
            command, words, gap = (
                (phrase.group(1), [phrase.group(2)], False) if phrase else ("", [piece], False)
            )
    pieces += [command, *words, "}" if command else "", r"\ " if gap else ""]
    return re.sub(
        r"\\mathrm\{(\w+)\}(?![A-Za-z])",
        lambda m: "\\" + m.group(1) if m.group(1) in FUNCTIONS else m.group(),
        "".join(pieces),
    )


def _join(parts: Sequence[str]) -> str:
    r"""Parts one after another, with a space where a command would swallow a letter."""
    out = ""
    for part in parts:
        if part and re.search(r"\\[A-Za-z]+$", out[-40:]) and part[0].isalpha():
            out += " "
        out += part
    return out


def _braced(latex: str) -> str:
    return "{" + latex.strip() + "}"


def _base(latex: str) -> str:
    """What may carry a script: an atom as it is, anything else in braces."""
    latex = latex.strip()
    if _ATOM.fullmatch(latex) or re.fullmatch(r"\d+(?:\.\d+)?", latex):
        return latex
    inner = latex[1:-1]
    if latex.startswith("(") and latex.endswith(")") and not re.search(r"[()\\]", inner):
        return latex
    return _braced(latex)


def _variant(element: etree._Element) -> str | None:
    """The `mathvariant` of a token: its own, else that of the nearest `mstyle` around it."""
    node: etree._Element | None = element
    while node is not None:
        variant = node.get("mathvariant") or node.get("fontstyle")
        if variant and (node is element or _name(node) in ("mstyle", "math")):
            return variant
        if _name(node) == "math":
            return None
        node = node.getparent()
    return None


def _symbols(text: str) -> str:
    """Each character in LaTeX; a letter with a combining mark becomes its accent command."""
    parts: list[str] = []
    for symbol in text:
        if parts and unicodedata.combining(symbol) and symbol in ACCENTS_OVER:
            parts[-1] = rf"\{ACCENTS_OVER[symbol][0]}{_braced(parts[-1])}"
        else:
            parts.append(character(symbol))
    return _join(parts)


def _text_command(text: str, variant: str | None) -> str:
    command = _TEXT_COMMANDS.get(variant or "", "text")
    return rf"\{command}{{{text.translate(_TEXT_ESCAPES)}}}"


def _mi(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    name = unicodedata.normalize("NFC", _text(element))
    variant = _variant(element)
    if name in FUNCTIONS and variant in (None, "normal"):
        return "\\" + name
    letters = sum(not unicodedata.combining(c) for c in name)
    if letters <= 1:
        return alphabet(_symbols(name), variant) if variant else _symbols(name)
    if not any(c.isalpha() for c in name):
        return _symbols(name)
    if " " in name or not name.isalnum():
        return _text_command(name, variant) if " " in name else rf"\mathrm{{{_symbols(name)}}}"
    return alphabet(_symbols(name), variant or "normal")


def _mn(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    number = _symbols(_text(element))
    variant = _variant(element)
    return alphabet(number, variant) if variant and variant != "normal" else number


def _mo(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    operator = _text(element)
    if operator in WORDS:
        return WORDS[operator]
    if operator in FUNCTIONS:
        return "\\" + operator
    if operator.isalpha() and operator.isascii() and len(operator) > 1:
        return rf"\operatorname{{{operator}}}"
    variant = _variant(element)
    symbols = _symbols(operator)
    styled = variant is not None and len(operator) == 1 and operator.isalpha()
    return alphabet(symbols, variant) if styled and variant else symbols


def _mtext(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    raw = re.sub(r"[ \t\r\n\u00a0\u2002-\u200a]+", " ", "".join(map(str, element.itertext())))
    raw = re.sub(r"[\u200b\u2060-\u2064\ufeff\u00ad]", "", raw)
    if not raw.strip():
        return r"\ " if raw else ""
    words = raw.strip()
    if words == r"\degree":
        return r"^{\circ}"
    if len(words) == 1 and not words.isascii():
        return _symbols(words)
    if not any(c.isalpha() or c == " " for c in words):
        return _symbols(words)
    return _text_command(raw, _variant(element))


def _ms(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    return _text_command('"' + _text(element) + '"', None)


def _mspace(element: etree._Element, _: Sequence[etree._Element], __: Sequence[str]) -> str:
    match = re.match(r"\s*([+-]?\d*\.?\d+)\s*\.?(em|pt|ex|px|cm|mm|in)?", element.get("width", ""))
    if not match:
        return ""
    per_em = {"pt": 10, "px": 16, "ex": 2, "cm": 0.35, "mm": 3.5, "in": 0.14}
    width = float(match.group(1)) / per_em.get(match.group(2) or "em", 1)
    if width <= 0:
        return ""
    for limit, command in (
        (0.2, r"\,"),
        (0.25, r"\:"),
        (0.3, r"\;"),
        (0.8, r"\ "),
        (1.5, r"\quad"),
    ):
        if width < limit:
            return command
    return r"\qquad"


def _operator_text(element: etree._Element) -> str | None:
    """The character of an `mo`, also inside rows that hold nothing else."""
    while _name(element) in ("mrow", "mstyle", "mpadded") and len(element) == 1:
        element = element[0]
    return _text(element) if _name(element) == "mo" else None


def _matrix(body: str, opening: str, closing: str) -> str | None:
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
    return {"": ".", "{": r"\{", "}": r"\}"}.get(symbol) or _symbols(symbol)


def _fenced(body: str, opening: str, closing: str) -> str:
    """A body between fences, which grow where the body is tall."""
    body = body.strip()
    matrix = _matrix(body, opening, closing)
    if matrix:
        return matrix
    binomial = re.fullmatch(r"\\genfrac\{\}\{\}\{0pt\}\{\}(\{[^{}]*\}\{[^{}]*\})", body)
    if binomial and (opening, closing) == ("(", ")"):
        return rf"\binom{binomial.group(1)}"
    one = all(len(fence) <= 1 for fence in (opening, closing))
    if one and (_TALL.search(body) or not opening or not closing) and (opening or closing):
        return _join([rf"\left{_delimiter(opening)}", body, rf"\right{_delimiter(closing)}"])
    return _join([_symbols(opening), body, _symbols(closing)])


def _mfenced(
    element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    separators = "".join(element.get("separators", ",").split())
    body = "" if separators else _infix(parts, [_operator_text(child) for child in children])
    for i, part in enumerate(parts if separators else ()):
        if i:
            body += _symbols(separators[min(i - 1, len(separators) - 1)]) + " "
        body = _join([body, part]) if not body.endswith(" ") else body + part
    return _fenced(body, element.get("open", "(").strip(), element.get("close", ")").strip())


def _row(element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    """Children side by side: spaces around infix operators, fences that grow, cases."""
    if not children:
        text = _text(element)
        # An element that is not presentation MathML: its words are kept.
        return _text_command(text, None) if text and _name(element) not in _LAYOUT else ""
    operators = [_operator_text(child) for child in children]
    first, last = operators[0], operators[-1]
    if len(children) > 2 and _pair(first, last) and _encloses(operators):
        return _fenced(_infix(parts[1:-1], operators[1:-1]), first or "", last or "")
    parts = list(parts)
    last_closing = max((i for i, op in enumerate(operators) if op == "}"), default=-1)
    for i in range(len(parts) - 1):
        if operators[i] == "{" and i > last_closing:
            cases = _matrix(parts[i + 1].strip(), "{", "")
            if cases:
                parts[i : i + 2] = ["", cases]
    return _infix(parts, operators)


def _pair(opening: str | None, closing: str | None) -> bool:
    if opening in OPENING:
        return closing in CLOSING
    return opening is not None and opening == closing and opening in ("|", "‖", "∥", "∣")


def _encloses(operators: Sequence[str | None]) -> bool:
    """Whether the first fence of a row is closed by its last, as in `(a)` but not `(a)+(b)`."""
    if operators[0] not in OPENING:
        return operators.count(operators[0]) == 2
    depth = 0
    for i, operator in enumerate(operators):
        depth += (operator in OPENING) - (operator in CLOSING)
        if depth == 0:
            return i == len(operators) - 1
    return False


def _infix(parts: Sequence[str], operators: Sequence[str | None]) -> str:
    spaced: list[str] = []
    for i, (part, operator) in enumerate(zip(parts, operators, strict=True)):
        before = operators[i - 1] if i else None
        infix = 0 < i < len(parts) - 1 and operator in SPACED
        # A sign after another operator or an opening fence is no infix: `= -x`, `(-x)`.
        sign = operator in _SIGNS and before is not None and before not in CLOSING
        if infix and not (sign and (before in SPACED or before in OPENING or before == ",")):
            spaced.append(f" {part} ")
        elif operator in (",", ";") and 0 < i < len(parts) - 1:
            spaced.append(f"{part} ")
        elif operator in SPACED and operator not in _SIGNS and len(parts) > 1:
            # A line of an aligned set begins or ends with its relation.
            spaced.append(f"{part} " if i == 0 else f" {part}" if i == len(parts) - 1 else part)
        else:
            spaced.append(part)
    return re.sub(" {2,}", " ", _join(spaced))


def _mfrac(element: etree._Element, _: Sequence[etree._Element], parts: Sequence[str]) -> str:
    above, below = _two(parts)
    if re.match(r"0+(\.0*)?($|[a-z%])", element.get("linethickness", "")):
        return rf"\genfrac{{}}{{}}{{0pt}}{{}}{_braced(above)}{_braced(below)}"
    if element.get("bevelled") == "true":
        return f"{_base(above)}/{_base(below)}"
    return rf"\frac{_braced(above)}{_braced(below)}"


def _two(parts: Sequence[str]) -> tuple[str, str]:
    padded = [*parts, "", ""]
    return padded[0], padded[1]


def _msqrt(
    element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    return rf"\sqrt{_braced(_row(element, children, parts))}"


def _mroot(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    radicand, index = _two(parts)
    # A bracket inside the index would end it.
    index = "{" + index.strip() + "}" if "]" in index else index.strip()
    return rf"\sqrt[{index}]{_braced(radicand)}"


def _script(mark: str, content: str) -> str:
    content = content.strip()
    if not content:
        return ""
    if mark == "^" and re.fullmatch("'+", content):
        return content
    if mark == "^" and content == r"^{\circ}":
        return content
    # A degree sign is a superscript itself: it needs something to stand on.
    return mark + _braced("{}" + content if content.startswith("^") else content)


def _scripts(base: str, below: str, above: str) -> str:
    scripts = _script("_", below) + _script("^", above)
    if not scripts:
        return base
    # A prime before the subscript would read the same; after it is how it is written.
    return (_base(base) if base.strip() else "{}") + scripts


def _msub(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    base, below = _two(parts)
    return _scripts(base, below, "")


def _msup(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    base, above = _two(parts)
    return _scripts(base, "", above)


def _msubsup(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    base, below, above = [*parts, "", "", ""][:3]
    return _scripts(base, below, above)


def _mmultiscripts(
    _: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    base = parts[0] if parts else ""
    names = [_name(child) for child in children]
    cut = names.index("mprescripts") if "mprescripts" in names else len(parts)
    after, before = list(parts[1:cut]), list(parts[cut + 1 :])
    left = "".join(_scripts("", below, above) for below, above in _pairs(before))
    right = ""
    for k, (below, above) in enumerate(_pairs(after)):
        right += ("{}" if k else "") + _script("_", below) + _script("^", above)
    return left + (_base(base) if base.strip() else "{}") + right


def _pairs(parts: Sequence[str]) -> list[tuple[str, str]]:
    padded = [*parts, ""] if len(parts) % 2 else list(parts)
    return list(zip(padded[::2], padded[1::2], strict=True))


def _takes_limits(child: etree._Element, latex: str) -> bool:
    operator = _operator_text(child)
    word = _text(child).replace("\u2061", "").replace(" ", "") if len(latex) < 60 else ""
    return operator in LARGE_OPERATORS or word in LIMIT_WORDS


def _accent_over(base: str, mark: str) -> str | None:
    if mark not in ACCENTS_OVER:
        return None
    narrow, wide = ACCENTS_OVER[mark]
    command = narrow if _ATOM.fullmatch(base.strip()) else wide
    return rf"\{command}{_braced(base)}"


def _munder(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    return _under_over(children, parts, below=_two(parts)[1], mark_below=1)


def _mover(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    return _under_over(children, parts, above=_two(parts)[1], mark_above=1)


def _munderover(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
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
    arrow = STRETCHING_ARROWS.get(_operator_text(children[0]) or "")
    if arrow:
        lower = f"[{below.strip()}]" if below.strip() and "]" not in below else ""
        return rf"\{arrow}{lower}{_braced(above)}"
    over = _text(children[mark_above]) if 0 < mark_above < len(children) else ""
    under = _text(children[mark_below]) if 0 < mark_below < len(children) else ""
    result = base
    if under:
        command = ACCENTS_UNDER.get(under)
        result = (
            rf"\{command}{_braced(result)}"
            if command
            else rf"\underset{_braced(below)}{_braced(result)}"
        )
    if over:
        accent = _accent_over(result, over)
        result = accent or rf"\overset{_braced(above)}{_braced(result)}"
    return result


def _mtd(element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    return _row(element, children, parts).strip()


def _mtr(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    return " & ".join(part.strip() for part in parts)


def _mlabeledtr(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    cells = " & ".join(part.strip() for part in parts[1:])
    return rf"{cells} \qquad {parts[0].strip()}" if parts and parts[0].strip() else cells


def _mtable(
    element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    r"""`aligned` for a set of equations (right-left columns, or display style), else `matrix`."""
    widths = [len(child) - (_name(child) == "mlabeledtr") for child in children]
    if len(parts) == 1 and widths == [1]:
        return parts[0]
    if not parts:
        return ""
    aligns = " ".join(
        [element.get("columnalign", "")] + [cell.get("columnalign", "") for cell in children[0]]
    ).split()
    relations = [_text(row[1])[:1] for row in children if len(row) > 1 and _name(row) == "mtr"]
    equations = (
        element.get("displaystyle") == "true"
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
        rows = list(parts) if equations else ["& " + row for row in parts]
    else:
        rows, environment = list(parts), "matrix"
    body = r" \\ ".join(row.strip() for row in rows)
    return rf"\begin{{{environment}}} {body} \end{{{environment}}}"


def _eqnarray(row: str) -> str:
    left, _, rest = row.partition(" & ")
    middle, _, right = rest.partition(" & ")
    return f"{left} & {_join([middle + ' ', right])}".replace("  ", " ")


def _menclose(
    element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    body = _row(element, children, parts)
    notation = set(element.get("notation", "longdiv").split())
    if notation & {"box", "roundedbox", "circle"}:
        return rf"\boxed{_braced(body)}"
    if "radical" in notation:
        return rf"\sqrt{_braced(body)}"
    if notation & {"updiagonalstrike", "downdiagonalstrike"}:
        return rf"\cancel{_braced(body)}"
    if "top" in notation or "actuarial" in notation:
        return rf"\overline{_braced(body)}"
    return rf"\underline{_braced(body)}" if "bottom" in notation else body


def _mphantom(
    element: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]
) -> str:
    body = _row(element, children, parts).strip()
    return rf"\phantom{_braced(body)}" if body else ""


def _semantics(_: etree._Element, children: Sequence[etree._Element], parts: Sequence[str]) -> str:
    for child in children:
        if _name(child) == "annotation" and child.get("encoding", "").lower() in _TEX_ENCODINGS:
            tex = "".join(map(str, child.itertext())).strip()
            if tex and balanced(tex):
                return re.sub(r"^\\displaystyle\s*", "", tex)
    for child, part in zip(children, parts, strict=True):
        if _name(child) not in ("annotation", "annotation-xml"):
            return part
    return ""


def _maction(_: etree._Element, __: Sequence[etree._Element], parts: Sequence[str]) -> str:
    return parts[0] if parts else ""


def _nothing(_: etree._Element, __: Sequence[etree._Element], ___: Sequence[str]) -> str:
    return ""


_LAYOUT: Final = frozenset(
    ["math", "mrow", "mstyle", "mpadded", "mtd", "mtr", "mtable", "msqrt", "menclose", "mphantom"]
)
_HANDLERS: Final[dict[str, Handler]] = {
    "mi": _mi, "mn": _mn, "mo": _mo, "mtext": _mtext, "ms": _ms, "mspace": _mspace,
    "mfrac": _mfrac, "msqrt": _msqrt, "mroot": _mroot, "msub": _msub, "msup": _msup,
    "msubsup": _msubsup, "munder": _munder, "mover": _mover, "munderover": _munderover,
    "mmultiscripts": _mmultiscripts, "mprescripts": _nothing, "none": _nothing,
    "mtable": _mtable, "mtr": _mtr, "mlabeledtr": _mlabeledtr, "mtd": _mtd,
    "mfenced": _mfenced, "menclose": _menclose, "mphantom": _mphantom, "semantics": _semantics,
    "maction": _maction, "annotation": _nothing, "annotation-xml": _nothing,
    "maligngroup": _nothing, "malignmark": _nothing, "mglyph": _nothing,
}  # fmt: skip
