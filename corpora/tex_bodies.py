r"""One formula of TeX from a file that is not LaTeX: JATS `tex-math`, MathJax, PDF services.

Publishers wrap each formula in a document of its own, with packages, macros and delimiters, and
write for their own software: `\upmu`, `\varvec`, `\lt`, raised boxes for a fraction in a line. What
comes out is the formula alone, in the LaTeX of amsmath.
"""

import re
from typing import Final

from corpora.mathml.pieces import balanced

_DOCUMENT: Final = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)
_PREAMBLE: Final = re.compile(
    r"\\(?:documentclass|usepackage|setlength|pagestyle|oddsidemargin|DeclareMathSizes)"
    r"(?:\[[^\]]*\]|\{[^{}]*\})*"
)
_DELIMITERS: Final = (
    re.compile(r"\$\$(.*)\$\$", re.DOTALL),
    re.compile(r"\$(.*)\$", re.DOTALL),
    re.compile(r"\\\((.*)\\\)", re.DOTALL),
    re.compile(r"\\\[(.*)\\\]", re.DOTALL),
    re.compile(r"\\begin\{(?:equation|displaymath|math)\*?\}(.*)\\end\{\w+\*?\}", re.DOTALL),
)
#: Environments that open display mathematics themselves, and what they are inside `\[ \]`.
_INNER: Final = {"align": "aligned", "eqnarray": "aligned", "gather": "gathered",
                 "multline": "gathered", "flalign": "aligned"}  # fmt: skip
_DELIMITER: Final = re.compile(r"\\[()\[\]](?!\w)")
#: What numbers a formula, or says that nothing does: commands, and those with an argument.
_NUMBERING: Final = re.compile(
    r"(?<!\\)(?P<breaks>(?:\\\\)*)"
    r"\\(?:(?:nonumber|notag)(?![A-Za-z])|(?:tag\s*\*?|label|l?eqno)(?![A-Za-z])\s*"
    r"(?:(?P<group>\{)|\([^(){}]*\)|[^\\{}])?)"
)
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_DOLLAR_OR_BRACE: Final = re.compile(r"\\.|[{}$]", re.DOTALL)
#: A fraction in a line, as Microsoft Word's converter sets it.
_BEVELLED: Final = re.compile(
    r"\\raisebox\{1ex\}\{\$([^${}]*)\$\}\s*\\!\s*\\left\s*/\s*\\!\s*"
    r"\\raisebox\{-1ex\}\{\$([^${}]*)\$\}\s*\\right\s*\."
)
#: Names of fonts (upgreek, Springer's) and of MathJax that amsmath does not know.
_UPRIGHT_GREEK: Final = re.compile(
    r"\\up(alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|"
    r"xi|pi|rho|sigma|tau|upsilon|(?:var)?phi|chi|psi|omega)(?![A-Za-z])"
)
_OTHER_NAMES: Final = {
    "varvec": r"\boldsymbol", "lt": "<", "gt": ">", "lbrace": r"\{", "rbrace": r"\}",
}  # fmt: skip
_OTHER_NAME: Final = re.compile(rf"\\({'|'.join(_OTHER_NAMES)})(?![A-Za-z])\s?")
_MACRO: Final = re.compile(
    r"\\(?:re)?newcommand\s*\*?\s*\{?\s*(\\[A-Za-z]+)\s*\}?\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
)
#: Macros may use each other; one that uses itself is expanded so often and no more.
_MOST_PASSES: Final = 3
_MOST_CHARACTERS: Final = 100_000
_LONGEST_PREAMBLE: Final = 20_000


def tex_body(source: str) -> str | None:
    r"""The formula of a piece of TeX, without document, delimiters, labels or numbering around it.

    None where there is none, or where its braces do not balance.

    >>> tex_body(r"\documentclass{minimal}\begin{document}$$\alpha_1$$\end{document}")
    '\\alpha_1'
    >>> tex_body(r"\newcommand{\bx}{\boldsymbol{x}}\begin{document}\(\bx\lt\upmu\)\end{document}")
    '\\boldsymbol{x}<\\mu'
    """
    inside = _DOCUMENT.search(source)
    body = inside.group(1) if inside else _PREAMBLE.sub("", source)
    if inside and "newcommand" in source:
        body = _expanded(body, dict(_MACRO.findall(source[: inside.start()][:_LONGEST_PREAMBLE])))
    body = without_numbering(body).strip()
    if "raisebox" in body:
        body = _BEVELLED.sub(r"{\1}/{\2}", body)
    stray = _plain_dollars(body)
    if len(stray) == 1:
        body = (body[: stray[0]] + body[stray[0] + 1 :]).strip()
    unwrapped = True
    while unwrapped:
        unwrapped = False
        for pattern in _DELIMITERS:
            match = pattern.fullmatch(body)
            # `$a$ and $b$` is two formulas, not one between dollars; `\text{$a$}` is one.
            if (
                match
                and not _plain_dollars(match[1])
                and not re.search(r"\\[()\[\]](?!\w)", match[1])
            ):
                body, unwrapped = match.group(1).strip(), True
    for outer, inner in _INNER.items():
        if outer == "eqnarray" and r"\begin{eqnarray" in body:
            body = re.sub(r"&\s*((?:[^&\\]|\\(?!\\))*?)\s*&", r"& \1 ", body)
        if outer in body:
            body = re.sub(rf"\\(begin|end)\{{{outer}\*?\}}", rf"\\\1{{{inner}}}", body)
    body = _UPRIGHT_GREEK.sub(r"\\\1", body)
    body = _OTHER_NAME.sub(_standard, body)
    body = " ".join(body.split())
    return body if body and balanced(body) else None


def without_numbering(body: str) -> str:
    r"""A formula without the numbers and names of its lines, which a document does not print.

    >>> without_numbering(r"a \notag \\\tag{$\star_{1}$}\label{e} b\\tag")
    'a \\\\ b\\\\tag'
    """
    pieces: list[str] = []
    written = 0
    while found := _NUMBERING.search(body, written):
        end = _closing_brace(body, found.end()) if found["group"] else found.end()
        if end < 0:
            break
        before = body[written : found.end("breaks")]
        pieces.append(before.rstrip(" ") if body[end : end + 1] == " " else before)
        written = end
    return "".join((*pieces, body[written:])).strip() if pieces else body


def _closing_brace(body: str, start: int) -> int:
    """Where the group ends that is open at `start`; -1 where nothing closes it."""
    depth = 1
    for brace in _BRACE.finditer(body, start):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return brace.end()
    return -1


def _standard(match: re.Match[str]) -> str:
    name = _OTHER_NAMES[match.group(1)]
    # `\lt a` loses its space, `\varvec a` needs it.
    return name + (" " if name[-1].isalpha() and match.group().endswith(" ") else "")


def _plain_dollars(body: str) -> list[int]:
    """Where dollars stand that are in no braces: those of `\\text{$a$}` belong to the text."""
    found: list[int] = []
    depth = 0
    if "$" in body:
        for match in _DOLLAR_OR_BRACE.finditer(body):
            sign = match.group()
            depth += (sign == "{") - (sign == "}")
            if sign == "$" and depth == 0:
                found.append(match.start())
    return found


def _expanded(body: str, macros: dict[str, str]) -> str:
    """A formula with the macros without arguments of its own document."""
    if not macros:
        return body
    names = re.compile("(?:" + "|".join(map(re.escape, macros)) + ")(?![A-Za-z])")
    for _ in range(_MOST_PASSES):
        grown = names.sub(lambda match: macros[match.group()], body)
        if grown == body or len(grown) > _MOST_CHARACTERS:
            break
        body = grown
    return body
