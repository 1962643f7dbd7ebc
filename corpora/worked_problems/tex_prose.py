r"""Prose with formulas as problem sets write it, between LaTeX and Markdown, as marked text.

The sets of competition problems are LaTeX: each dollar opens or closes a formula, `\$` is a dollar,
figures are Asymptote programs (`[asy]...[/asy]`). Copies of them, and what was written in their
form, mix in Markdown and prices: where the dollars of a text do not pair as LaTeX, each pair is
judged by what stands in it (`corpora.mathjax`).
"""

import re
from collections.abc import Callable
from typing import Final

from corpora.documents import ReadOptions
from corpora.latex.tables import Cell, markdown
from corpora.mathjax import Formula, split_formulas
from tokenization.wrappers import image, latex

_FIGURE: Final = re.compile(
    r"\[asy\].*?(?:\[/asy\]|\Z)|<asy>.*?(?:</asy>|\Z)|\\begin\{(asy|tikzpicture)\}.*?(?:\\end\{\1\}|\Z)"
    r"|\\includegraphics\s*(?:\[[^\]\n]{0,200}\])?\{[^{}\n]{0,300}\}|!\[[^\]\n]{0,300}\]\([^()\n]{0,500}\)",
    re.DOTALL | re.IGNORECASE,
)
_TABLE: Final = re.compile(
    r"\\begin\{tabular\}\s{0,9}(?:\[\w\])?\{(?:[^{}]|\{[^{}]*\}){0,300}\}"
    r"((?:(?!\\begin\{tabular\}).)*?)\\end\{tabular\}",
    re.DOTALL,
)
_RULE: Final = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule)(?![A-Za-z])|\\cline\{[^{}]*\}"
    r"|\\vspace\*?\{[^{}]*\}|^\s*\[[\d.]+\s*(?:pt|ex|em|mm|cm|in)\]"
)
_ROW_END: Final = re.compile(r"\\\\|\\tabularnewline(?![A-Za-z])")
_CELL_END: Final = re.compile(r"(?<!\\)&")
_SPAN: Final = re.compile(r"\\multicolumn\s*\{(\d{1,2})\}\s*\{[^{}]*\}\s*\{(.*)\}", re.DOTALL)
#: What one pair of dollars may hold beside mathematics before the dollars are thought to be money.
_WORDS: Final = re.compile(r"(?<![A-Za-z\\])[A-Za-z]?[a-z]+,? [a-z]{2,}(?![A-Za-z])")
_TEXT_IN_FORMULA: Final = re.compile(
    r"\\(?:text\w*|mbox|hbox|mathrm|operatorname|begin|end|math\w{2,3})\*?\s*\{[^{}]*\}|\$[^$]*\$"
)
_DOLLAR: Final = re.compile(r"\\.|\$\$?", re.DOTALL)
_DASHES: Final = re.compile(r"(?<![-|: ])-{2,3}(?![-|:])|(?<=[^|\s-] )-{2,3}(?= [^|\s-])")
_SPACE_BEFORE_POINT: Final = re.compile(r"\x02 {1,9}(?=[.,;:?!](?:\s|\Z))")
_BAR: Final = re.compile(r"(?<!\\)\|")
_MOST_COLUMNS: Final = 40
_PLACE: Final = re.compile("\x01([0-9]+)\x02")

#: A boxed answer outside of all formulas.
_BOX: Final = re.compile(r"\\boxed\{(?:[^{}\x01]|\{[^{}\x01]{0,200}\}){1,300}\}")
_FONT: Final = re.compile(
    r"\\(?:emph|text(?:bf|it|rm|tt|sc|sf|sl|up|normal)?|underline|mbox|uline)\s*\{([^{}]*)\}"
)
_DOUBLE_QUOTED: Final = re.compile(r"``([^`\n]{1,500}?)(?:''|\")")
_QUOTED: Final = re.compile(r"(?<![\w`])`([^`'\n]{1,80})'(?!\w)")
_LIST: Final = re.compile(r"\s*\\(?:begin|end)\{(?:itemize|enumerate|center|flushleft)\}\s*")
_ITEM: Final = re.compile(r"\s*\\item(?:\[([^\]\n]{0,40})\])?\s*")
_LAYOUT: Final = re.compile(
    r"\\(?:noindent|newline|par|smallskip|medskip|bigskip|centering|newpage|qquad|quad)(?![A-Za-z])"
    r"|\\[vh]space\*?\{[^{}]*\}"
)
_SIGNS: Final = {
    r"\ldots": "…", r"\dots": "…", r"\textbackslash": "\\", r"\degree": "°", r"\pounds": "£",
    r"\S": "§", r"\pm": "±", r"\times": "×", r"\cdot": "·", r"\leq": "≤", r"\geq": "≥",
}  # fmt: skip
_SIGN: Final = re.compile("(?:" + "|".join(map(re.escape, _SIGNS)) + r")(?![A-Za-z])(?:\{\})?")
_ESCAPED: Final = re.compile(r"\\([$%&#_{} ])")
_POINT: Final = re.compile(r"\s*([.,;:!?]+)(?=\s|\Z)")
#: A widget of Khan Academy's exercises, which a text cannot show: `[[☃ radio 1]]`.
_WIDGET: Final = re.compile(r"\[\[\s*\u2603[^\[\]\n]{0,80}\]\]")


def marked_prose(text: str, options: ReadOptions) -> str:
    r"""Cleaned text as marked text: formulas, figures and tables in the form of all documents.

    >>> marked_prose("He pays \\$5 for $x$ ``big'' pens.", ReadOptions(latex_markers=False))
    'He pays $5 for \\(x\\) “big” pens.'
    """
    finished: list[str] = []

    def keep(words: str) -> str:
        finished.append(words)
        return f"\x01{len(finished) - 1}\x02"

    if r"\begin{tabular}" in text:
        text = _TABLE.sub(lambda match: f"\n\n{keep(_table(match[1], options))}\n\n", text)
    text = _FIGURE.sub(lambda _: keep(image()), text)
    pieces: list[str] = []
    for piece in split_formulas(text, paired=_is_paired(text)):
        if isinstance(piece, str):
            piece = _BOX.sub(lambda match: keep(_latex(match.group(), options)), piece)
            point = _POINT.match(piece) if pieces and pieces[-1].endswith("\n\n") else None
            if point:
                # The full stop or comma after a displayed formula belongs to it.
                pieces[-1] = pieces[-1].rstrip("\n") + point[1] + "\n\n"
                piece = piece[point.end() :]
            pieces.append(piece)
        else:
            pieces.append(_formula(piece, options, keep))
    joined = _prose("".join(pieces))
    joined = _PLACE.sub(lambda match: finished[int(match[1])], joined)
    lines = (re.sub(r"[ \t]{2,}", " ", line).strip() for line in joined.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_paired(text: str) -> bool:
    """Whether the dollars of a text open and close formulas, as LaTeX has them."""
    opened, start = "", 0
    for found in _DOLLAR.finditer(text):
        sign = found.group()
        if sign[0] == "\\":
            continue
        if not opened:
            opened, start = sign, found.end()
        elif opened == "$$" != sign:
            # `$$a$ b`: an empty formula, or a price; `$$a \text{if $b$}$$` is no pair either.
            inside = _TEXT_IN_FORMULA.sub(" ", text[start : found.end()])
            if "$" in inside:
                return False
        else:
            inside = text[start : found.start()]
            display = opened == "$$"
            if "\n\n" in inside.strip() or (
                not display and _WORDS.search(_TEXT_IN_FORMULA.sub(" ", inside))
            ):
                return False
            if opened == sign:
                opened = ""
            else:
                start = found.end()
    return not opened


def _latex(body: str, options: ReadOptions, *, display: bool = False) -> str:
    return latex(body, display=display, markers=options.latex_markers)


def _formula(formula: Formula, options: ReadOptions, keep: Callable[[str], str]) -> str:
    if formula.body in (r"\$", r"\%"):
        return formula.body
    if _PLACE.search(formula.body):
        # A table between the delimiters of a formula stands by itself.
        return f"\n\n{formula.body}\n\n"
    place = keep(_latex(formula.body, options, display=formula.display))
    return f"\n\n{place}\n\n" if formula.display else place


def _prose(text: str) -> str:
    """The words between formulas: commands, quotation marks and ties of LaTeX as they print."""
    text = _SPACE_BEFORE_POINT.sub("\x02", _WIDGET.sub("", text))
    text = _DOUBLE_QUOTED.sub("“\\1”", text)
    text = _QUOTED.sub("‘\\1’", text)
    text = re.sub("(?<![~\\\\])~(?!~)", " ", text)
    if "--" in text:
        text = _DASHES.sub(lambda match: "—" if len(match.group()) == 3 else "–", text)
    if "\\" not in text:
        return text
    text = _LIST.sub("\n\n", text)
    text = _ITEM.sub(lambda match: f"\n- {match[1]} " if match[1] else "\n- ", text)
    for _ in range(3):
        text = _FONT.sub(r"\1", text)
    text = _LAYOUT.sub(" ", text)
    text = _SIGN.sub(lambda match: _SIGNS[match.group().removesuffix("{}")], text)
    text = _ROW_END.sub("\n", text)
    return _ESCAPED.sub(r"\1", text)


def _table(body: str, options: ReadOptions) -> str:
    """The rows of a `tabular` as a Markdown table, its first row the head."""
    rows: list[list[Cell]] = []
    for row in _ROW_END.split(_RULE.sub(" ", body)):
        cells = []
        for cell in _CELL_END.split(_RULE.sub(" ", row)):
            spanning = _SPAN.fullmatch(cell.strip())
            words = " ".join(marked_prose(spanning[2] if spanning else cell, options).split())
            span = min(max(int(spanning[1]), 1), _MOST_COLUMNS) if spanning else 1
            cells.append(Cell(_BAR.sub(r"\\|", words), span))
        if any(cell.text for cell in cells):
            rows.append(cells)
    if len(rows) > 1 and len(rows[0]) == 1 and rows[0][0].span > 1:
        # A title over all columns.
        return f"{rows[0][0].text}\n\n{markdown(rows[1:], 1)}"
    return markdown(rows, 1) if rows else ""
