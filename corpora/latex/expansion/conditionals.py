r"""Which branch of TeX's own conditionals is read: `\ifx ... \else ... \fi`.

What depends on the page (`\ifdim`, `\ifvoid`) is false; what the paper itself sets is known.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from corpora.latex.expansion.definitions import Definitions
from corpora.latex.expansion.stream import TokenStream
from corpora.latex.signatures import LAYOUT, MANDATORY_ARGUMENTS, PROTECTED, SYMBOLS
from corpora.latex.tokens import (
    END_OF_EXPANSION,
    END_OF_FILE,
    PARAGRAPH,
    WORD_BLANK,
    words,
)

_TRUE: Final = frozenset(words(r"\iftrue \ifpdf \ifPDFTeX \ifpdftex \ifhmode \ifeof"))
_NOT_CONDITIONAL: Final = frozenset(
    words(r"""
    \iff \ifthenelse \ifdefempty \ifstrequal \ifblank \ifstrempty \ifthispageodd
    \iftoggle \ifboolexpr \ifbool \ifnumcomp \ifdefstring \ifnotempty \ifstring \ifempty
    \iflanguage \ifdef \ifundef \ifcsdef \ifcsundef \ifdefvoid \ifnumequal \ifnumgreater
    \ifnumless \ifnumodd \ifdefequal \ifnextchar \ifpackageloaded \ifclassloaded \ifstar
""")
)
_NO_OPERAND: Final = frozenset(["\\else", "\\fi", END_OF_FILE, END_OF_EXPANSION])
_NUMBER: Final = re.compile(r"\s*([-+]?\d+|`\\?.)")
_BOXES: Final = frozenset(words(r"\text \mbox \hbox \textrm \textit \textbf \textsf \textnormal"))
_LOOK_BACK: Final = 3000
_MATH: Final = frozenset(
    words("""
    equation align eqnarray gather multline displaymath math flalign alignat IEEEeqnarray
    array cases aligned gathered split dmath
""")
)


def is_conditional(token: str) -> bool:
    r"""Whether a token opens a conditional that ends at `\fi`."""
    return token.startswith("\\if") and token not in _NOT_CONDITIONAL and token[1:].isascii()


def in_mathematics(out: Sequence[str]) -> bool:
    """Whether what follows these expanded tokens stands in a formula."""
    start = len(out)
    lowest = max(0, start - _LOOK_BACK)
    while start > lowest and out[start - 1] != PARAGRAPH:
        start -= 1
    inside, outer, boxed = False, [], False
    for token in out[start:]:
        if token == "$" or token == "$$":
            inside = not inside
        elif token in ("\\(", "\\["):
            inside = True
        elif token in ("\\)", "\\]"):
            inside = False
        elif token == "{":
            outer.append(inside)
            inside = inside and not boxed
        elif token == "}":
            inside = outer.pop() if outer else inside
        elif token.startswith(("\\begin{", "\\end{")):
            name = token[token.index("{") + 1 : -1].rstrip("*")
            if name in _MATH:
                inside = token[1] == "b" or name in ("array", "aligned", "gathered", "cases")
        boxed = token in _BOXES or (boxed and token == WORD_BLANK)
    return inside


def known(definitions: Definitions, token: str) -> bool:
    """Whether TeX would know a command: the paper's own, or one of the tables."""
    if token in definitions.macros:
        return True
    return (
        token in PROTECTED or token in SYMBOLS or token in LAYOUT or token in MANDATORY_ARGUMENTS
    ) and token != "\\undefined"


def _meaning(definitions: Definitions, token: str) -> object:
    macro = definitions.macros.get(token)
    if macro is not None:
        return macro.body[0] if macro.final else (macro.parameters, macro.body)
    if token in ("\\empty", "\\@empty"):
        return ((), ())
    if len(token) > 1 and token[0] == "\\" and token[1].isalpha():
        return token if known(definitions, token) or token == "\\relax" else None
    return token


class Conditions:
    """Reads the operands of conditionals from a stream and says what holds."""

    def __init__(
        self,
        stream: TokenStream,
        definitions: Definitions,
        expanded: Callable[[list[str]], list[str]],
        exists: Callable[[str], bool],
    ) -> None:
        self.stream = stream
        self.definitions = definitions
        self.expanded = expanded
        self.exists = exists

    def case(self, token: str) -> int:
        r"""The branch of a TeX conditional: 0 the first (true), 1 that after `\else`.

        For `\ifcase` the number of its branch.
        """
        if token == "\\ifcase":
            return self._number()
        return 0 if self._holds(token) else 1

    def _holds(self, token: str) -> bool:
        if token in self.definitions.conditionals:
            return self.definitions.conditionals[token]
        stream, definitions = self.stream, self.definitions
        if token == "\\ifx":
            first, second = self._operand(), self._operand()
            return _meaning(definitions, first) == _meaning(definitions, second)
        if token == "\\if":
            return self._character() == self._character()
        if token == "\\ifnum":
            first_number, sign = self._number(), self._operand()
            return compared(first_number, sign, self._number())
        if token == "\\ifodd":
            return self._number() % 2 == 1
        if token == "\\ifmmode":
            stream.count(len(stream.out[-_LOOK_BACK:]) // 8)
            return in_mathematics(stream.out)
        if token == "\\ifdefined":
            return known(definitions, self._operand())
        if token == "\\ifcsname":
            return known(definitions, "\\" + stream.until("\\endcsname"))
        return token in _TRUE

    def _operand(self) -> str:
        """The next token, or character of a run."""
        self.stream.blanks()
        if not self.stream.pending or self.stream.pending[-1] in _NO_OPERAND:
            return ""
        argument = self.stream.pending.pop()
        if len(argument) > 1 and argument[0] > " " and argument[0] not in "\\#":
            self.stream.pending.append(argument[1:])
            return argument[0]
        return argument

    def _character(self) -> str:
        for _ in range(10):
            token = self._operand()
            if token == "\\detokenize":
                self.stream.push(self.stream.argument())
                continue
            macro = self.definitions.macros.get(token)
            if macro is None or macro.parameters or macro.signature or macro.default is not None:
                return token
            self.stream.push(macro.body)
        return ""

    def _number(self) -> int:
        stream = self.stream
        for _ in range(10):
            stream.blanks()
            token = stream.pending[-1] if stream.pending else ""
            if token in ("\\value", "\\numexpr", "\\the"):
                stream.pending.pop()
                if token == "\\value":
                    stream.argument()
                    return 0
                continue
            macro = self.definitions.macros.get(token)
            if macro is not None and not macro.parameters and not macro.signature:
                stream.pending.pop()
                stream.push(macro.body)
                continue
            match = _NUMBER.match(token)
            if match is not None:
                stream.pending.pop()
                if match.end() < len(token):
                    stream.pending.append(token[match.end() :])
                digits = match.group(1)
                return int(digits[:9]) if digits[0] != "`" else ord(digits[-1])
            if token[:1] == "\\" and token not in ("\\else", "\\fi", "\\or"):
                stream.pending.pop()
                return int(token == "\\pdfoutput")
            return 0
        return 0


def compared(first: int, sign: str, second: int) -> bool:
    """Whether two numbers stand in the relation of a sign."""
    return first < second if sign == "<" else first > second if sign == ">" else first == second
