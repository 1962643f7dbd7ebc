r"""Pieces of LaTeX: side by side, in braces, under scripts, and closed where they are left open."""

import re
from collections.abc import Sequence
from typing import Final

#: Braces, and what a backslash takes with it.
_BRACES: Final = re.compile(r"[{}]|\\[{}\\]")
#: One symbol: a character, a command, or a command with one argument free of braces.
ATOM: Final = re.compile(r"[^\\{}^_\s]|\\[A-Za-z]+(?:\{[^{}]*\})?|\\[^A-Za-z]")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_COMMAND_AT_END: Final = re.compile(r"\\[A-Za-z]+$")


def balanced(latex: str) -> bool:
    r"""Whether the braces of a formula close in order; `\{` and `\}` are no braces.

    >>> balanced(r"\frac{a}{\{b}"), balanced("}{")
    (True, False)
    """
    depth = 0
    for brace in _BRACES.findall(latex) if "{" in latex or "}" in latex else ():
        if brace == "{":
            depth += 1
        elif brace == "}":
            depth -= 1
            if depth < 0:
                return False
    return depth == 0


def balance(latex: str) -> str:
    """Braces added where an author's own TeX annotation lacks them."""
    depth = lowest = 0
    for brace in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        lowest = min(lowest, depth)
    # A lone backslash at the end would escape the brace that closes.
    latex = re.sub(r"(?<!\\)(\\\\)*\\$", r"\1", latex)
    return "{" * -lowest + latex + "}" * (depth - lowest)


def join(parts: Sequence[str]) -> str:
    r"""Parts one after another, with a space where a command would swallow a letter."""
    out = ""
    for part in parts:
        # The cheap questions first: few parts follow a command with a letter.
        if part and part[0].isalpha() and out[-1:].isalpha() and _COMMAND_AT_END.search(out[-40:]):
            out += " "
        out += part
    return out


def trimmed(latex: str) -> str:
    r"""Without blanks around it; a control space at its end goes with its backslash.

    >>> trimmed(r" 6\ "), trimmed(r"a \\ ")
    ('6', 'a \\\\')
    """
    latex = latex.strip()
    while (len(latex) - len(latex.rstrip("\\"))) % 2:
        latex = latex[:-1].rstrip()
    return latex


def braced(latex: str) -> str:
    """In braces."""
    return "{" + trimmed(latex) + "}"


def script_base(latex: str) -> str:
    """What may carry a script: an atom as it is, anything else in braces."""
    latex = latex.strip()
    if latex.isalnum() and len(latex) == 1:
        return latex
    if ATOM.fullmatch(latex) or _NUMBER.fullmatch(latex):
        return latex
    inner = latex[1:-1]
    if latex.startswith("(") and latex.endswith(")") and not re.search(r"[()\\]", inner):
        return latex
    return braced(latex)
