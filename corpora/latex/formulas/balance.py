r"""A formula's tokens made whole: braces, environments, `\left \right`, and owed arguments."""

import re
from typing import Final

from corpora.latex.signatures import ACCENTS, MANDATORY_ARGUMENTS
from corpora.latex.tokens import BLANK, WORD_BLANK, untokenize

_SPACES: Final = frozenset([BLANK, "\\,", "\\;", "\\:", "\\>", "\\ ", "\\quad", "\\qquad", "~"])
_ONE_ARGUMENT: Final = frozenset(
    name for name in MANDATORY_ARGUMENTS if name[1:].isalpha() and name not in ACCENTS
) | frozenset("^_")


def fenced(tokens: list[str]) -> list[str]:
    r"""The tokens without `\left` and `\right` where some of them have no partner."""
    depth = 0
    levels: list[int] = []
    sound = True
    for token in tokens:
        if token == "\\left":
            depth += 1
        elif token == "\\right":
            depth -= 1
            sound = sound and depth >= 0
        elif token == "{" or token.startswith("\\begin{"):
            levels.append(depth)
            depth = 0
        elif token == "}" or token.startswith("\\end{"):
            sound = sound and depth == 0
            depth = levels.pop() if levels else 0
    if sound and depth == 0:
        return tokens
    out: list[str] = []
    after = False
    for token in tokens:
        if after and token[0] == ".":
            token = token[1:]
        after = token in ("\\left", "\\right", "\\middle") or (after and token == BLANK)
        if token and token not in ("\\left", "\\right", "\\middle"):
            out.append(token)
    return out


def with_arguments(tokens: list[str]) -> list[str]:
    """The tokens with an empty group for each argument that a group or cell ends before."""
    out: list[str] = []
    wanting = ""
    for token in [*tokens, "}"]:
        if token in ("}", "&", "\\\\") or token.startswith("\\end{"):
            if wanting:
                out.append("{}")
            wanting = ""
        elif token not in (BLANK, WORD_BLANK):
            wanting = token if token in _ONE_ARGUMENT else ""
        out.append(token)
    out.pop()
    return out


def balanced(tokens: list[str]) -> list[str]:
    """The tokens without closing braces, environments and dollars that have no partner."""
    out: list[str] = []
    opened: list[str] = []
    for token in tokens:
        if token == "{":
            opened.append("}")
        elif token.startswith("\\begin{"):
            opened.append(token.replace("\\begin", "\\end", 1))
        elif token == "}" or token.startswith("\\end{"):
            if token not in opened:
                continue
            while opened[-1] != token:
                out.append(opened.pop())
            opened.pop()
        out.append(token)
    out += reversed(opened)
    return out


def finished(tokens: list[str]) -> str:
    """The source of a formula without blanks, row ends and empty groups at its edges."""
    edge = _SPACES | {"\\\\"}
    while tokens and tokens[-1] in edge:
        tokens.pop()
    while tokens and tokens[0] in edge:
        del tokens[0]
    if tokens and tokens[-1] in (".", ",", ";"):
        punctuation = tokens.pop()
        while tokens and tokens[-1] in edge:
            tokens.pop()
        tokens.append(punctuation)
    text = untokenize(tokens)
    text = re.sub(r"(?<![\]\w^_}])\{\s*\}\s*(?=[,.;]?$)", "", text)
    return " ".join(text.split())
