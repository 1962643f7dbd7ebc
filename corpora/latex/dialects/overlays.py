r"""Overlay specifications of slides, `\only<2>{...}`: on which slide a thing is shown."""

import re
from typing import Final

_SLIDES: Final = re.compile(
    rb"^[^%\n]*\\(?:documentclass\s*(?:\[[^\]]{0,500}\])?\s*\{\s*beamer"
    rb"|usepackage\s*(?:\[[^\]]{0,300}\])?\s*\{\s*beamerarticle)",
    re.MULTILINE,
)
_SIGNS: Final = r"[ \d+.,|()@:*-]"
#: `<2->`, `<+->`, `<1-3,5|handout:0>`, `<alert@2>`, after a command, its star or an argument.
_OVERLAY: Final = re.compile(
    r"(\\(?:begin|end)\s*\{[a-zA-Z*]{1,40}\}(?:\[[^\]\n]{0,200}\])?|\\[a-zA-Z]+[*+]?|(?<!\\)[}\]])"
    rf"(?:[ \t]+(?=<[^<>\n]{{0,80}}[-+|@]))?<(?=[^<>\n]{{1,80}}>){_SIGNS}*(?:"
    r"(?:beamer|handout|article|presentation|trans|second|all|alert|only|uncover|visible|invisible)"
    rf"{_SIGNS}*)*>"
)


def is_slides(source: bytes) -> bool:
    r"""Whether a source is of slides.

    >>> is_slides(rb"\documentclass[t]{beamer}"), is_slides(rb"\documentclass{article}")
    (True, False)
    """
    return b"beamer" in source and _SLIDES.search(source[:200_000]) is not None


def without_overlays(source: str) -> str:
    r"""A source of slides without what says on which slide a thing is shown.

    >>> without_overlays(r"\item<2-> A \only<1>{b} \textbf<3-|handout:0>{c} $x<2$")
    '\\item A \\only{b} \\textbf{c} $x<2$'
    """
    source = _OVERLAY.sub(lambda match: match.group(1).rstrip("+"), source)
    return source.replace(r"\onslide*", r"\onslide")
