r"""The words and the spaces of a whole formula, as an author would write them.

Converters write one `mtext` a word, one upright `mi` a letter, a thin space around each operator.
"""

import re
from typing import Final

from corpora.mathml.symbols import FUNCTIONS

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


def merge_texts(latex: str) -> str:
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


def without_spacing(latex: str) -> str:
    r"""A formula without thin spaces around its operators, where TeX sets them itself.

    >>> without_spacing(r"3\: \times \:10^{4}\:\text{m}\, = \:x")
    '3 \\times 10^{4}\\:\\text{m} = x'
    """
    if r"\ \ " in latex:
        latex = _WIDE.sub(r"\\ ", latex)
    if not any(space in latex for space in (r"\:", r"\;", r"\,")):
        return latex
    latex = _SPACE_BEFORE.sub(" ", latex)
    return _SPACE_AFTER.sub(r"\1 ", latex)
