r"""Content MathML to LaTeX (MathML 3, https://www.w3.org/TR/MathML3/chapter4.html).

Content markup says what a formula means, `apply` an operator to its arguments, and not how it
looks. `present_content` rewrites it, wherever it stands in a formula, so that
`corpora.mathml.mathml_to_latex` reads the whole. Old modules of Connexions write all their formulas
so. It recurses over elements inside each other: the caller bounds their depth.

>>> from corpora.mathml import mathml_to_latex
>>> formula = etree.fromstring(
...     "<math><apply><eq/><ci>y</ci><apply><power/><apply><plus/><ci>a</ci><cn>2</cn></apply>"
...     "<cn>3</cn></apply></apply></math>")
>>> present_content(formula)
>>> mathml_to_latex(formula)
'y = (a + 2)^{3}'
"""

from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from corpora.mathml.conversion import mathml_to_latex
from corpora.mathml.nodes import local_name

# How tightly a LaTeX term is bound: an argument bound less than its operator has parentheses.
_LOGIC, _RELATION, _SUM, _PRODUCT, _POWER, _ATOM = range(6)

Term = tuple[str, int]

_CONSTANTS: Final = {
    "pi": r"\pi", "infinity": r"\infty", "exponentiale": "e", "imaginaryi": "i",
    "eulergamma": r"\gamma", "emptyset": r"\emptyset", "integers": r"\mathbb{Z}",
    "reals": r"\mathbb{R}", "rationals": r"\mathbb{Q}", "naturalnumbers": r"\mathbb{N}",
    "complexes": r"\mathbb{C}", "primes": r"\mathbb{P}", "true": r"\mathrm{true}",
    "false": r"\mathrm{false}", "notanumber": r"\mathrm{NaN}",
}  # fmt: skip
#: Operators between their arguments, and how tightly they bind.
_INFIX: Final = {
    "eq": ("=", _RELATION), "neq": (r"\neq", _RELATION), "gt": (">", _RELATION),
    "lt": ("<", _RELATION), "geq": (r"\geq", _RELATION), "leq": (r"\leq", _RELATION),
    "equivalent": (r"\equiv", _RELATION), "approx": (r"\approx", _RELATION),
    "tendsto": (r"\to", _RELATION), "in": (r"\in", _RELATION), "notin": (r"\notin", _RELATION),
    "subset": (r"\subseteq", _RELATION), "prsubset": (r"\subset", _RELATION),
    "notsubset": (r"\nsubseteq", _RELATION), "notprsubset": (r"\not\subset", _RELATION),
    "factorof": (r"\mid", _RELATION), "implies": (r"\Rightarrow", _LOGIC),
    "and": (r"\wedge", _LOGIC), "or": (r"\vee", _LOGIC), "xor": (r"\oplus", _LOGIC),
    "plus": ("+", _SUM), "union": (r"\cup", _SUM), "intersect": (r"\cap", _SUM),
    "setdiff": (r"\setminus", _SUM), "compose": (r"\circ", _PRODUCT),
    "rem": (r"\bmod", _PRODUCT), "cartesianproduct": (r"\times", _PRODUCT),
    "scalarproduct": (r"\cdot", _PRODUCT), "vectorproduct": (r"\times", _PRODUCT),
    "outerproduct": (r"\otimes", _PRODUCT), "convolve": ("*", _PRODUCT),
}  # fmt: skip
_FUNCTIONS: Final = {
    name: rf"\{name}"
    for name in "sin cos tan sec csc cot sinh cosh tanh coth arcsin arccos arctan ln max min gcd"
    " arg log".split()
} | {
    "real": r"\Re", "imaginary": r"\Im", "determinant": r"\det", "grad": r"\nabla",
    "divergence": r"\nabla \cdot", "curl": r"\nabla \times", "laplacian": r"\nabla^{2}",
    **{
        name: rf"\operatorname{{{name}}}"
        for name in "sech csch arcsec arccsc arccot arcsinh arccosh arctanh lcm domain codomain"
        " image ident median mode variance sdev moment card selector".split()
    },
}  # fmt: skip
#: Operators around their one argument: what stands before and behind it.
_AROUND: Final = {
    "abs": (r"\left|", r"\right|"), "floor": (r"\lfloor ", r" \rfloor"),
    "ceiling": (r"\lceil ", r" \rceil"), "conjugate": (r"\overline{", "}"),
    "mean": (r"\overline{", "}"),
}  # fmt: skip
_BEHIND: Final = {"factorial": "!", "transpose": "^{T}", "inverse": "^{-1}", "adjoint": "^{*}"}
_BIG: Final = {"sum": r"\sum", "product": r"\prod", "int": r"\int", "limit": r"\lim"}
_QUALIFIERS: Final = frozenset(
    ("bvar", "lowlimit", "uplimit", "condition", "degree", "logbase", "domainofapplication",
     "momentabout")
)  # fmt: skip
_CONTAINERS: Final = frozenset(
    ("apply", "reln", "ci", "cn", "csymbol", "vector", "matrix", "set", "list", "interval",
     "piecewise", "lambda", "fn", "declare")
)  # fmt: skip
_CONTENT: Final = _CONTAINERS | _CONSTANTS.keys()


def holds_content(element: etree._Element) -> bool:
    """Whether content markup stands anywhere in an element: what is written today holds none."""
    return next(element.iter(*(f"{{*}}{name}" for name in sorted(_CONTENT))), None) is not None


def present_content(math: etree._Element) -> None:
    """Replaces each outermost element of content markup by its LaTeX, as an annotation."""
    pending = [math]
    while pending:
        element = pending.pop()
        for child in list(element):
            if not isinstance(child.tag, str) or local_name(child) == "annotation-xml":
                continue
            if local_name(child) not in _CONTENT:
                pending.append(child)
                continue
            shown = etree.Element("semantics")
            etree.SubElement(shown, "mrow")
            annotation = etree.SubElement(shown, "annotation", encoding="application/x-tex")
            annotation.text = _term(child)[0]
            shown.tail = child.tail
            element.replace(child, shown)


def _children(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _term(element: etree._Element) -> Term:
    """The LaTeX of an element and how tightly it is bound."""
    name = local_name(element)
    if name in _CONSTANTS:
        return _CONSTANTS[name], _ATOM
    if name in ("ci", "csymbol"):
        return _identifier(element), _ATOM
    if name == "cn":
        return _number(element)
    if name in ("apply", "reln"):
        return _application(element)
    handler = _HANDLERS.get(name)
    if handler is not None:
        return handler(element), _ATOM
    if name in _FUNCTIONS or name in _INFIX:
        return _FUNCTIONS.get(name) or _INFIX[name][0], _ATOM
    return mathml_to_latex(element), _ATOM


def _latex(element: etree._Element, at_least: int = _LOGIC) -> str:
    """The LaTeX of an element, in parentheses where it is bound less than `at_least`."""
    latex, bound = _term(element)
    return latex if bound >= at_least else rf"({latex})"


def _identifier(element: etree._Element) -> str:
    if _children(element):
        present_content(element)
        latex = mathml_to_latex(element)
    else:
        words = " ".join((element.text or "").split())
        words = words or (element.get("definitionURL") or "").rpartition("#")[2]
        symbol = etree.Element("mi")
        symbol.text = words
        latex = mathml_to_latex(symbol)
    return rf"\mathbf{{{latex}}}" if element.get("type") in ("vector", "matrix") else latex


def _number(element: etree._Element) -> Term:
    """A number; its parts, divided by `sep`, mean what its type says (MathML 3, 4.2.1)."""
    if any(local_name(child) != "sep" for child in _children(element)):
        return mathml_to_latex(element), _ATOM
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    parts = []
    for piece in pieces:
        digits = etree.Element("mn")
        digits.text = piece.strip()
        parts.append(mathml_to_latex(digits))
    first, second = parts[0], parts[1] if len(parts) > 1 else ""
    match element.get("type") if second else "":
        case "rational":
            return rf"\frac{{{first}}}{{{second}}}", _ATOM
        case "complex-cartesian":
            return f"{first} + {second} i", _SUM
        case "complex-polar":
            return rf"{first} e^{{{second} i}}", _PRODUCT
        case "e-notation":
            return rf"{first} \times 10^{{{second}}}", _PRODUCT
        case _:
            latex = " ".join(filter(None, parts))
            return latex, _SUM if latex.startswith(("-", "−")) else _ATOM


def _application(element: etree._Element) -> Term:
    children = _children(element)
    if not children:
        return "", _ATOM
    operator, rest = children[0], children[1:]
    arguments = [child for child in rest if local_name(child) not in _QUALIFIERS]
    qualifiers = [child for child in rest if local_name(child) in _QUALIFIERS]
    name = local_name(operator)
    if name == "csymbol":
        # Connexions' own operators are named by the end of an address.
        named = (operator.get("definitionURL") or "").rpartition("#")[2]
        name = named if named in _INFIX or named in _BEHIND else name
    if name in _BIG:
        return _big(name, arguments, qualifiers)
    if name in ("diff", "partialdiff"):
        return _derivative(name, arguments, qualifiers)
    if name in ("forall", "exists"):
        return _quantified(name, arguments, qualifiers)
    if name in _INFIX:
        return _infix(name, arguments)
    if arguments:
        made = _of_one(name, arguments, qualifiers)
        if made is not None:
            return made
    function = _FUNCTIONS.get(name) or _latex(operator, _POWER)
    if name == "log" and qualifiers:
        function += f"_{{{_inside(qualifiers[0])}}}"
    if not arguments:
        return function, _ATOM
    return f"{function}({', '.join(_latex(argument) for argument in arguments)})", _ATOM


def _infix(name: str, arguments: Sequence[etree._Element]) -> Term:
    symbol, bound = _INFIX[name]
    latex = f" {symbol} ".join(_latex(argument, bound + (bound != _SUM)) for argument in arguments)
    if len(arguments) == 1:
        return f"{symbol} {latex}", bound
    return latex.replace("+ -", "- ") if name == "plus" else latex, bound


def _of_one(
    name: str, arguments: Sequence[etree._Element], qualifiers: Sequence[etree._Element]
) -> Term | None:
    """Operators with a form of their own; None for the others."""
    first = arguments[0]
    if name in _AROUND:
        before, behind = _AROUND[name]
        return f"{before}{_latex(first)}{behind}", _ATOM
    if name in _BEHIND:
        return _latex(first, _ATOM) + _BEHIND[name], _POWER
    match name, len(arguments):
        case "minus", 1:
            return f"-{_latex(first, _PRODUCT)}", _SUM
        case "minus", _:
            return " - ".join(
                [_latex(first, _SUM), *(_latex(a, _PRODUCT) for a in arguments[1:])]
            ), _SUM
        case "times", _:
            return _product([_latex(argument, _PRODUCT) for argument in arguments]), _PRODUCT
        case (("divide" | "quotient"), 2):
            fraction = rf"\frac{{{_latex(first)}}}{{{_latex(arguments[1])}}}"
            return (fraction if name == "divide" else rf"\lfloor {fraction} \rfloor"), _ATOM
        case "power", 2:
            return f"{_latex(first, _ATOM)}^{{{_latex(arguments[1])}}}", _POWER
        case "exp", 1:
            return f"e^{{{_latex(first)}}}", _POWER
        case "root", 1:
            degree = "".join(_inside(q) for q in qualifiers if local_name(q) == "degree")
            shown = f"[{degree}]" if degree not in ("", "2") else ""
            return rf"\sqrt{shown}{{{_latex(first)}}}", _ATOM
        case "not", 1:
            return rf"\neg {_latex(first, _ATOM)}", _PRODUCT
    return None


def _product(factors: Sequence[str]) -> str:
    """Factors side by side, a dot before one that begins with a digit."""
    latex = ""
    for factor in factors:
        latex += (
            (rf" \cdot {factor}" if factor[:1].isdigit() else f" {factor}") if latex else factor
        )
    return latex


def _inside(qualifier: etree._Element) -> str:
    return " ".join(
        _latex(child) for child in _children(qualifier) if local_name(child) != "degree"
    )


def _of_kind(qualifiers: Sequence[etree._Element], name: str) -> list[str]:
    return [_inside(qualifier) for qualifier in qualifiers if local_name(qualifier) == name]


def _big(
    name: str, arguments: Sequence[etree._Element], qualifiers: Sequence[etree._Element]
) -> Term:
    """Sums, products, integrals and limits."""
    variables = _of_kind(qualifiers, "bvar")
    low, high = _of_kind(qualifiers, "lowlimit"), _of_kind(qualifiers, "uplimit")
    below = _of_kind(qualifiers, "condition") + _of_kind(qualifiers, "domainofapplication")
    bounds = [argument for argument in arguments if local_name(argument) == "interval"]
    if bounds and len(_children(bounds[0])) == 2:
        arguments = [argument for argument in arguments if argument is not bounds[0]]
        low, high = ([_latex(end)] for end in _children(bounds[0]))
    if low and variables and name != "int":
        below = [f"{variables[0]} {'=' if name != 'limit' else chr(92) + 'to'} {low[0]}"]
    elif low:
        below = low
    elif not below and name != "int":
        below = variables
    latex = _BIG[name]
    latex += f"_{{{', '.join(below)}}}" if below else ""
    latex += f"^{{{high[0]}}}" if high else ""
    latex += "".join(f" {_latex(argument, _PRODUCT)}" for argument in arguments)
    if name == "int":
        latex += "".join(rf" \, d{variable}" for variable in variables)
    return latex, _PRODUCT


def _derivative(
    name: str, arguments: Sequence[etree._Element], qualifiers: Sequence[etree._Element]
) -> Term:
    sign = "d" if name == "diff" else r"\partial "
    below, order, unknown = "", 0, ""
    for variable in (q for q in qualifiers if local_name(q) == "bvar"):
        degrees = [_inside(d) for d in _children(variable) if local_name(d) == "degree"]
        degree = degrees[0] if degrees else ""
        below += f"{sign}{_inside(variable)}" + (f"^{{{degree}}}" if degree else "")
        order += int(degree) if degree.isdigit() and len(degree) < 3 else 1
        unknown = degree if degree and not degree.isdigit() else unknown
    of = "".join(_latex(argument, _PRODUCT) for argument in arguments)
    if not below:
        return f"{of}'" if name == "diff" else rf"\partial {of}", _POWER
    power = unknown or (str(order) if order > 1 else "")
    above = sign.strip() + (f"^{{{power}}}" if power else "")
    return rf"\frac{{{above}}}{{{below}}} {of}".rstrip(), _PRODUCT


def _quantified(
    name: str, arguments: Sequence[etree._Element], qualifiers: Sequence[etree._Element]
) -> Term:
    parts = [", ".join(_of_kind(qualifiers, "bvar")), *_of_kind(qualifiers, "condition")]
    parts += [_latex(argument) for argument in arguments]
    return rf"\{name} " + " : ".join(filter(None, parts)), _LOGIC


def _rows(element: etree._Element) -> str:
    rows = []
    for row in _children(element):
        cells = _children(row) if local_name(row) == "matrixrow" else [row]
        rows.append(" & ".join(_latex(cell) for cell in cells))
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


def _set(element: etree._Element) -> str:
    named = [child for child in _children(element) if local_name(child) in _QUALIFIERS]
    inside = ", ".join(_latex(c) for c in _children(element) if local_name(c) not in _QUALIFIERS)
    condition = ", ".join(_of_kind(named, "condition"))
    inside = inside or ", ".join(_of_kind(named, "bvar"))
    if condition:
        inside = rf"{inside} \mid {condition}"
    return rf"\{{{inside}\}}" if local_name(element) == "set" else f"({inside})"


def _interval(element: etree._Element) -> str:
    closure = element.get("closure", "closed")
    opening = "(" if closure in ("open", "open-closed") else "["
    closing = ")" if closure in ("open", "closed-open") else "]"
    return opening + ", ".join(_latex(end) for end in _children(element)) + closing


def _piecewise(element: etree._Element) -> str:
    rows = []
    for piece in _children(element):
        parts = [_latex(child) for child in _children(piece)]
        if local_name(piece) == "otherwise":
            rows.append(rf"{' '.join(parts)} & \text{{otherwise}}")
        elif parts:
            rows.append(" & ".join([parts[0], *(rf"\text{{if }} {part}" for part in parts[1:])]))
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _lambda(element: etree._Element) -> str:
    variables = [c for c in _children(element) if local_name(c) == "bvar"]
    bodies = [c for c in _children(element) if local_name(c) != "bvar"]
    named = ", ".join(_inside(variable) for variable in variables)
    body = " ".join(_latex(body) for body in bodies)
    return rf"{named} \mapsto {body}" if named else body


def _all(element: etree._Element) -> str:
    return " ".join(_latex(child) for child in _children(element))


def _nothing(_: etree._Element) -> str:
    return ""


_HANDLERS: Final[dict[str, Callable[[etree._Element], str]]] = {
    "vector": _rows, "matrix": _rows, "matrixrow": _rows, "set": _set, "list": _set,
    "interval": _interval, "piecewise": _piecewise, "lambda": _lambda, "fn": _all,
    "condition": _all, "declare": _nothing, "sep": _nothing,
}  # fmt: skip
