r"""Formulas in text that MathJax typesets on a web page: `$...$`, `$$...$$`, `\begin{align}`...

Which dollars open a formula is not written anywhere: the same text holds prices, shell variables
and mathematics. A pair of dollars is a formula where what stands between them reads as one; what
does not stays as it is written. Delimiters as MathJax 2 and 3 take them (MathJax documentation,
"TeX and LaTeX input"); `\$...\$` is how electronics.stackexchange.com writes inline formulas.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from corpora.mathml.pieces import trimmed
from corpora.tex_bodies import tex_body

#: The longest formula that is looked for; posts of Stack Exchange have 30,000 characters at most.
MAX_FORMULA_CHARACTERS: Final = 10_000

_OPENING: Final = re.compile(
    r"\\begin\s*\{((?:equation|align|alignat|gather|multline|eqnarray|flalign|displaymath|math)\*?)\}"
    r"|\$\$|\\\$|\$|\\\(|\\\[|\\."
)
_WHOLE: Final = re.compile(
    r"(?P<mark>\$\$|\$|\\\(|\\\[)(?P<inside>.+?)(?:\$\$|\$|\\\)|\\\])|\\begin\{.*\}", re.DOTALL
)
_LONE_DOLLAR: Final = re.compile(r"(?<!\\)\$(?![^{}]*\})")
_INSIDE: Final = re.compile(r"\\.|[{}]|\$\$?", re.DOTALL)
_TAG_AND_LABEL: Final = re.compile(r"\\tag\*?\s*\{([^{}]{1,40})\}\s*\\label\s*\{([^{}]{1,80})\}")
_LABEL_AND_TAG: Final = re.compile(r"\\label\s*\{([^{}]{1,80})\}\s*\\tag\*?\s*\{([^{}]{1,40})\}")
_REFERENCE: Final = re.compile(r"( ?)\\(eq)?ref\s*\{([^{}]{1,80})\}")
_PLAINLY_TEX: Final = re.compile(
    r"\$(?=[^$\s])[^$]{0,200}?(?:\\[A-Za-z]{2,}|(?<![A-Za-z])[A-Za-z0-9)][\^_][\w{])[^$]{0,200}\$"
)
_SYMBOL: Final = re.compile(r"[^\W_]|\\[A-Za-z]")
#: Words of three letters or more, but for `\text{}`, at which dollars hold no formula.
_FEWEST_WORDS: Final = 2
_MOST_WORDS: Final = 6
_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*(?=\n)")
_PERCENT: Final = re.compile(r"(?<!\\)%")
_WORDS_OF_TEX: Final = re.compile(
    r"\\(?:text\w*|mbox|hbox|mathrm|operatorname|mathit|mathsf|mathtt|rm|tag|begin|end)\*?"
    r"\s*\{[^{}]*\}"
)
_COMMAND: Final = re.compile(r"\\(?:[A-Za-z]+|[^A-Za-z\s])")
_SIGN: Final = re.compile(r"[\^_={}<>+*/|≤≥≠≈∈∞∑∫√→-]")
_WORD: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])")
_LONG_WORD: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}(?![A-Za-z])")
_PRICE: Final = re.compile(r"\d[\d.,]*\s*(?:[kKmM]\b)?.*?\s\W?[A-Za-z]{2,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula: LaTeX without delimiters, and whether it stands on a line of its own."""

    body: str
    display: bool


def is_mathematical(text: str) -> bool:
    """Whether one pair of dollars in a text is plainly TeX, so that others are hardly money."""
    return _PLAINLY_TEX.search(text) is not None


def whole_formula(text: str) -> Formula | None:
    r"""A text that is known to be one formula in its delimiters; None where it is not just that.

    >>> whole_formula("$$a + b$$"), whole_formula("$a$ or $b$")
    (Formula(body='a + b', display=True), None)
    """
    found = _WHOLE.fullmatch(text.strip())
    if found is None or _LONE_DOLLAR.search(found["inside"] or ""):
        return None
    body = _body(found["inside"] or found.group())
    return Formula(body, found["mark"] not in ("$", r"\(")) if body else None


def _body(source: str) -> str | None:
    """A formula without comments; a sign of percent at its end was meant to be one."""
    body = tex_body(_COMMENT.sub("", source))
    return trimmed(_PERCENT.sub(r"\\%", body)) if body else None


def split_formulas(
    text: str, *, mathematical: bool = False, paired: bool = False
) -> list[str | Formula]:
    r"""The text in pieces: strings as they are written, and the formulas between them.

    `mathematical` says that the text is part of one that `is_mathematical`; `paired`, that it is
    LaTeX: dollars open and close formulas, and `\$` is a dollar.

    >>> split_formulas("Let $x^2$ be sold at $5 or $6.")
    ['Let ', Formula(body='x^2', display=False), ' be sold at $5 or $6.']
    >>> split_formulas(r"He has \$5 and $6$ apples.", paired=True)
    ['He has \\$5 and ', Formula(body='6', display=False), ' apples.']
    """
    pieces: list[str | Formula] = []
    written = 0
    for start, end, formula in _formulas(
        text, mathematical or is_mathematical(text), paired=paired
    ):
        if start > written:
            pieces.append(text[written:start])
        pieces.append(formula)
        written = end
    if written < len(text):
        pieces.append(text[written:])
    return pieces


def numbers_of_labels(text: str) -> dict[str, str]:
    r"""The tag of each labelled equation, as `\eqref` prints it: MathJax numbers none by itself.

    >>> numbers_of_labels(r"$$x = 1 \tag{3}\label{one}$$")
    {'one': '3'}
    """
    if r"\label" not in text:
        return {}
    found = [(match[2], match[1]) for match in _TAG_AND_LABEL.finditer(text)]
    found += [(match[1], match[2]) for match in _LABEL_AND_TAG.finditer(text)]
    return {label: tag.strip("$ ") for label, tag in found}


def with_numbers(text: str, numbers: Mapping[str, str]) -> str:
    r"""References to equations as a reader sees them; one to an equation without a tag vanishes.

    >>> with_numbers(r"By \eqref{one} and \eqref{two}.", {"one": "3"})
    'By (3) and.'
    """

    def number(match: re.Match[str]) -> str:
        found = numbers.get(match[3])
        if found is None:
            return ""
        return match[1] + (f"({found})" if match[2] else found)

    return _REFERENCE.sub(number, text)


def _formulas(text: str, mathematical: bool, *, paired: bool) -> Iterator[tuple[int, int, Formula]]:
    absent: set[str] = set()
    most_words = _MOST_WORDS if mathematical else _FEWEST_WORDS
    # Openings without an end cost a look at what follows: so much of it, and no more.
    budget = 20 * len(text) + 100_000
    position = 0
    while opening := _OPENING.search(text, position):
        position = opening.end()
        mark = opening.group()
        if mark in ("$", "$$"):
            end = _closing_dollars(text, position, mark, paired=paired)
        elif mark == r"\$" and paired:
            continue
        elif mark in (r"\$", r"\(", r"\[") or opening.group(1):
            closing = {r"\$": r"\$", r"\(": r"\)", r"\[": r"\]"}.get(
                mark, rf"\end{{{opening.group(1)}}}"
            )
            end = -1 if closing in absent else text.find(closing, position)
            if end < 0:
                absent.add(closing)
        else:
            continue
        if end < 0 or end - position > MAX_FORMULA_CHARACTERS:
            budget -= MAX_FORMULA_CHARACTERS
            if budget < 0:
                return
            continue
        inside = text[position:end]
        finish = end + len(mark)
        if opening.group(1):
            finish = end + len(rf"\end{{{opening.group(1)}}}")
            inside = text[opening.start() : finish]
        elif not paired and not _reads_as_formula(
            inside, text[finish : finish + 1], mark, most_words
        ):
            budget -= len(inside)
            continue
        body = _body(inside)
        if body is None:
            budget -= len(inside)
            continue
        display = mark in ("$$", r"\[") or bool(opening.group(1))
        yield opening.start(), finish, Formula(body, display)
        position = finish


def _closing_dollars(text: str, start: int, mark: str, *, paired: bool) -> int:
    """Where the dollars that close begin, outside of all braces; -1 where there are none."""
    depth = 0
    for token in _INSIDE.finditer(text, start, start + MAX_FORMULA_CHARACTERS):
        match token.group():
            case "{":
                depth += 1
            case "}":
                depth -= 1
            case "$" | "$$" as found if depth <= 0:
                if found == mark:
                    return token.start()
                if paired and found == "$$":
                    # `$x,$$y$` is two formulas in a line.
                    return token.start()
                if mark == "$$":
                    continue
                return -1
            case _:
                pass
    return -1


def _reads_as_formula(inside: str, after: str, mark: str, most_words: int) -> bool:
    if not inside.strip() or "\x01" in inside:
        return False
    bare = _WORDS_OF_TEX.sub(" ", inside)
    commands = len(re.findall(r"\\[A-Za-z{}]", bare))
    plain = _COMMAND.sub(" ", bare)
    words, long_words = _WORD.findall(plain), _LONG_WORD.findall(plain)
    strong = bool(commands or _SIGN.search(plain) or bare != inside)
    if mark in ("$$", r"\["):
        return strong or len(long_words) < 2
    padded = inside[0].isspace() + inside[-1].isspace()
    if mark in (r"\$", r"\("):
        return (strong and (commands > 0 or len(long_words) < 2)) or not (words or padded)
    if padded and not _SYMBOL.search(inside):
        # ` = ` stands between two formulas.
        return False
    if padded == 1:
        # One blank only, `$5 and $`: two openings of something else, unless it is plainly TeX.
        letter = most_words == _MOST_WORDS and re.search("[A-Za-z]", inside)
        if after.isdigit() and inside[0].isdigit() and not commands:
            # `$5 - $3` is a sum of money.
            return False
        return len(words) < 2 if commands else bool(strong or letter) and not words
    if padded == 2:
        plainly = commands > 1 and len(long_words) < 4
        return plainly or (len(long_words) < 2 if strong else not words and len(inside) < 40)
    if commands:
        return True
    if after.isdigit() or (most_words == _FEWEST_WORDS and _PRICE.match(plain)):
        return False
    return len(long_words) < (4 if re.search(r"[\^_=]", plain) else most_words)
