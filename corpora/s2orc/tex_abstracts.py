r"""Abstracts and titles from metadata that keep the TeX of their authors, as those of arXiv do.

`$\sim$M8` is a formula and letters, `Barab\'asi` and `R{\o}nning` are names, `21\%` is a number:
what a reader of the printed paper sees.
"""

import re
from typing import Final

from corpora.latex.signatures import ACCENTS, SYMBOLS
from corpora.latex.typesetting import accented
from corpora.mathjax import Formula, split_formulas
from corpora.s2orc.model import Paragraph, Span
from corpora.tex_bodies import tex_body

_TEX: Final = re.compile(r"[$\\~]|``")
_LETTER: Final = r"\\?[A-Za-z]"
_ACCENT: Final = re.compile(
    rf"\{{\\(?P<sign1>['`^\"~=.])\s?\{{?(?P<base1>{_LETTER})\}}?\}}"
    rf"|\\(?P<sign2>['`^\"~=.])\s?(?:\{{(?P<base2>{_LETTER})\}}|(?P<base3>\\[ij](?![A-Za-z])|[A-Za-z]))"
    rf"|\{{?\\(?P<sign4>[uvHckdbr])\{{(?P<base4>{_LETTER})\}}\}}?"
    rf"|\{{?\\(?P<sign5>[uvHckdbr]) (?P<base5>[A-Za-z])\}}?"
)
_GROUPED: Final = re.compile(
    r"\\(?:emph|textit|textbf|textrm|textsc|texttt|textsf|text|mbox)\s?\{([^{}]{0,400})\}"
    r"|\{\\(?:it|bf|em|rm|sc|tt|sl)\s+([^{}$]{0,400})\}"
)
_COMMAND: Final = re.compile(
    r"\{(\\[A-Za-z]+)\}|(\\[A-Za-z]+)(?:\{\}|(?![A-Za-z]) ?)|(\\[%&$#_{}])"
)
_TIE: Final = re.compile(r"(?<=[\w.)])~(?=\w)")
#: Mathematics that its author forgot the dollars around.
_MATHS: Final = re.compile(
    r"\\(?:mathcal|mathbb|mathbf|mathfrak|mathrm|mathscr|sqrt|overline|widetilde|hat|bar|vec|tilde)"
    r"\{[^{}$]{1,40}\}(?:[_^](?:\{[^{}$]{1,20}\}|\w))*"
)
_QUOTED: Final = re.compile(r"``([^`\"]{1,400}?)(?:''|\")")


def tex_paragraph(text: str) -> Paragraph:
    """A paragraph of a text that may hold TeX: its formulas are spans, the rest is words."""
    if not _TEX.search(text):
        return Paragraph(text)
    written: list[str] = []
    spans: list[Span] = []
    length = 0
    for piece in _pieces(text):
        if isinstance(piece, Formula):
            shown = piece.body
            end = length + len(shown)
            spans.append(
                Span(length, end, "formula", latex=shown, display=piece.display, tight=True)
            )
        else:
            shown = _words(piece)
        written.append(shown)
        length += len(shown)
    return Paragraph("".join(written), spans=tuple(spans))


def _pieces(text: str) -> list[str | Formula]:
    pieces: list[str | Formula] = []
    for piece in split_formulas(text):
        if isinstance(piece, Formula):
            pieces.append(piece)
            continue
        at = 0
        for match in _MATHS.finditer(piece):
            body = tex_body(match.group())
            if body:
                pieces += [piece[at : match.start()], Formula(body, display=False)]
                at = match.end()
        pieces.append(piece[at:])
    return pieces


def _words(text: str) -> str:
    text = _ACCENT.sub(_accent, text)
    text = _GROUPED.sub(lambda match: match[1] or match[2] or "", text)
    return _TIE.sub(" ", _QUOTED.sub(r"“\1”", _COMMAND.sub(_command, text)))


def _accent(match: re.Match[str]) -> str:
    found = match.groupdict()
    sign = next(value for name, value in found.items() if name.startswith("sign") and value)
    base = next(value for name, value in found.items() if name.startswith("base") and value)
    return accented(base.lstrip("\\"), ACCENTS[f"\\{sign}"])


def _command(match: re.Match[str]) -> str:
    name = match[1] or match[2] or match[3]
    symbol = SYMBOLS.get(name)
    if symbol is None or "\n" in symbol:
        return match.group()
    # A blank ends a command, and stands where there is more than one word.
    return symbol + (" " if match.group().endswith(" ") and not symbol[-1:].isalpha() else "")
