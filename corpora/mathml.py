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
from collections.abc import Sequence
from typing import Final

from lxml import etree

from corpora.mathml_nodes import Node, nodes_of
from corpora.mathml_scripts import mmultiscripts, mover, msub, msubsup, msup, munder, munderover
from corpora.mathml_symbols import CLOSING, FUNCTIONS, OPENING, SPACED, balanced
from corpora.mathml_tokens import (
    Handler,
    braced,
    first_two,
    join,
    mi,
    mn,
    mo,
    ms,
    mspace,
    mtext,
    script_base,
    symbols_of,
    text_command,
    trimmed,
)

_TEX_ENCODINGS: Final = ("application/x-tex", "tex", "latex", "application/x-latex", "text/latex")
_MANY_SPACES: Final = re.compile(" {2,}")
_TALL: Final = re.compile(r"\\(?:frac|dfrac|genfrac|begin|sum|prod|int|sqrt|binom|under|over)")
_RELATIONS: Final = frozenset("=<>≤≥≈≡∼∝→⟶≃≅≔⇒⇔↔⇌")
_SIGNS: Final = frozenset("-−–+±∓")
_OPERATOR: Final = (
    r"(?:[=<>+]|\\(?:times|cdot|approx|leq?|geq?|neq|pm|mp|to|rightarrow|longrightarrow|Rightarrow|"
    r"rightleftharpoons|leftrightarrow|div|equiv|sim|simeq|propto|ll|gg)(?![A-Za-z]))"
)
#: Two blanks and more, with which some set off a unit; after `\\\\` a line begins.
_WIDE: Final = re.compile(r"(?<!\\)(?:\\ ){2,}")
_SPACE_BEFORE: Final = re.compile(rf" ?(?<!\\)(?:\\[:;,] ?){{1,6}}(?={_OPERATOR})")
_SPACE_AFTER: Final = re.compile(rf"({_OPERATOR}) ?(?:\\[:;,] ?){{1,6}}")
#: A product of variables as a word, `PV`; it may follow a command.
_LETTERS_AS_TEXT: Final = re.compile(
    r"(\\[A-Za-z]+)?\\textit\{ ?(?!(?:if|of|or|is|in|to|at|by|as|on|so|an|be|we|it)\})"
    r"([A-Za-z]{1,2}|(?=[a-z]{0,2}[A-Z])[A-Za-z]{3}) ?\}(?![A-Za-z])"
)
#: Names of functions as words; `sec` and `min` may be units.
_FUNCTION_AS_TEXT: Final = re.compile(
    r"\\text\{ ?((?:arc)?(?:sin|cos|tan)|(?:sin|cos|tan)h|cot|csc|ln|log|lim|exp) ?\}"
    r" ?(?:\\[:;,] ?)?(?=([A-Za-z]?))"
)
_MATRICES: Final = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("∥", "∥"): "Vmatrix", ("∣", "∣"): "vmatrix",
}  # fmt: skip


def mathml_to_latex(element: etree._Element) -> str:
    """LaTeX of a `math` element (or any part of one), without delimiters; "" where it is empty."""
    nodes = nodes_of(element)
    for node in reversed(nodes):
        # Every node after all that it contains.
        name = node.name
        if name == "mo":
            node.operator = node.characters
        elif name in _ROWS and len(node.children) == 1:
            node.operator = node.children[0].operator
        node.latex = _HANDLERS.get(name, _row)(node)
    latex = trimmed(_without_spacing(_merge_texts(nodes[0].latex)))
    return latex if balanced(latex) else _balance(latex)


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
    if r"\text" not in latex and r"\math" not in latex:
        return latex
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
    merged = re.sub(
        r"\\mathrm\{(\w+)\}(?![A-Za-z])",
        lambda m: "\\" + m.group(1) if m.group(1) in FUNCTIONS else m.group(),
        "".join(pieces),
    )
    merged = _LETTERS_AS_TEXT.sub(
        lambda m: f"{m.group(1)} " * bool(m.group(1)) + m.group(2), merged
    )
    return _FUNCTION_AS_TEXT.sub(lambda m: f"\\{m.group(1)}{' ' if m.group(2) else ''}", merged)


def _without_spacing(latex: str) -> str:
    r"""A formula without thin spaces around its operators, where TeX sets them itself.

    >>> _without_spacing(r"3\: \times \:10^{4}\:\text{m}\, = \:x")
    '3 \\times 10^{4}\\:\\text{m} = x'
    """
    if r"\ \ " in latex:
        latex = _WIDE.sub(r"\\ ", latex)
    if not any(space in latex for space in (r"\:", r"\;", r"\,")):
        return latex
    latex = _SPACE_BEFORE.sub(" ", latex)
    return _SPACE_AFTER.sub(r"\1 ", latex)


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
    return {"": ".", "{": r"\{", "}": r"\}"}.get(symbol) or symbols_of(symbol)


def _fenced(body: str, opening: str, closing: str) -> str:
    """A body between fences, which grow where the body is tall."""
    body = trimmed(body)
    matrix = _matrix(body, opening, closing)
    if matrix:
        return matrix
    binomial = re.fullmatch(r"\\genfrac\{\}\{\}\{0pt\}\{\}(\{[^{}]*\}\{[^{}]*\})", body)
    if binomial and (opening, closing) == ("(", ")"):
        return rf"\binom{binomial.group(1)}"
    one = all(len(fence) <= 1 for fence in (opening, closing))
    if one and (_TALL.search(body) or not opening or not closing) and (opening or closing):
        return join([rf"\left{_delimiter(opening)}", body, rf"\right{_delimiter(closing)}"])
    return join([symbols_of(opening), body, symbols_of(closing)])


def _mfenced(node: Node) -> str:
    separators = "".join(node.attributes.get("separators", ",").split())
    if separators:
        parts = node.parts
        pieces = parts[:1]
        for i, part in enumerate(parts[1:]):
            pieces += [symbols_of(separators[min(i, len(separators) - 1)]) + " ", part]
        body = join(pieces)
    else:
        body = _infix(node.parts, [child.operator for child in node.children])
    return _fenced(
        body, node.attributes.get("open", "(").strip(), node.attributes.get("close", ")").strip()
    )


def _row(node: Node) -> str:
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
    if len(children) > 2 and _pair(first, last) and _encloses(operators):
        return _fenced(_infix(parts[1:-1], operators[1:-1]), first or "", last or "")
    if "{" in operators:
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
    last = len(parts) - 1
    before: str | None = None
    for i, (part, operator) in enumerate(zip(parts, operators, strict=True)):
        if operator is None:
            before = None
            spaced.append(part)
            continue
        # A sign after another operator or an opening fence is no infix: `= -x`, `(-x)`.
        sign = operator in _SIGNS and before is not None and before not in CLOSING
        signs = sign and (before in SPACED or before in OPENING or before == ",")
        before = operator
        if 0 < i < last and operator in SPACED and not signs:
            spaced.append(f" {part} ")
        elif operator in (",", ";") and 0 < i < last:
            spaced.append(f"{part} ")
        elif operator in SPACED and operator not in _SIGNS and last > 0:
            # A line of an aligned set begins or ends with its relation.
            spaced.append(f"{part} " if i == 0 else f" {part}" if i == last else part)
        else:
            spaced.append(part)
    joined = join(spaced)
    return _MANY_SPACES.sub(" ", joined) if "  " in joined else joined


def _mfrac(node: Node) -> str:
    above, below = first_two(node)
    if re.match(r"0+(\.0*)?($|[a-z%])", node.attributes.get("linethickness", "")):
        return rf"\genfrac{{}}{{}}{{0pt}}{{}}{braced(above)}{braced(below)}"
    if node.attributes.get("bevelled") == "true":
        return f"{script_base(above)}/{script_base(below)}"
    return rf"\frac{braced(above)}{braced(below)}"


def _msqrt(node: Node) -> str:
    return rf"\sqrt{braced(_row(node))}"


def _mroot(node: Node) -> str:
    radicand, index = first_two(node)
    # A bracket inside the index would end it.
    index = "{" + trimmed(index) + "}" if "]" in index else trimmed(index)
    return rf"\sqrt[{index}]{braced(radicand)}"


def _mtd(node: Node) -> str:
    return trimmed(_row(node))


def _mtr(node: Node) -> str:
    return " & ".join(trimmed(part) for part in node.parts)


def _mlabeledtr(node: Node) -> str:
    parts = node.parts
    cells = " & ".join(trimmed(part) for part in parts[1:])
    return rf"{cells} \qquad {parts[0].strip()}" if parts and parts[0].strip() else cells


def _mtable(node: Node) -> str:
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


def _menclose(node: Node) -> str:
    body = _row(node)
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


def _mphantom(node: Node) -> str:
    body = trimmed(_row(node))
    return rf"\phantom{braced(body)}" if body else ""


def _semantics(node: Node) -> str:
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


def _maction(node: Node) -> str:
    return node.children[0].latex if node.children else ""


def _nothing(_: Node) -> str:
    return ""


#: Rows that are the operator inside them where they hold nothing else.
_ROWS: Final = frozenset(("mrow", "mstyle", "mpadded"))
_LAYOUT: Final = frozenset(
    ["math", "mrow", "mstyle", "mpadded", "mtd", "mtr", "mtable", "msqrt", "menclose", "mphantom"]
)
_HANDLERS: Final[dict[str, Handler]] = {
    "mi": mi, "mn": mn, "mo": mo, "mtext": mtext, "ms": ms, "mspace": mspace,
    "mfrac": _mfrac, "msqrt": _msqrt, "mroot": _mroot, "msub": msub, "msup": msup,
    "msubsup": msubsup, "munder": munder, "mover": mover, "munderover": munderover,
    "mmultiscripts": mmultiscripts, "mprescripts": _nothing, "none": _nothing,
    "mtable": _mtable, "mtr": _mtr, "mlabeledtr": _mlabeledtr, "mtd": _mtd,
    "mfenced": _mfenced, "menclose": _menclose, "mphantom": _mphantom, "semantics": _semantics,
    "maction": _maction, "annotation": _nothing, "annotation-xml": _nothing,
    "maligngroup": _nothing, "malignmark": _nothing, "mglyph": _nothing,
}  # fmt: skip
