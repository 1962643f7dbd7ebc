r"""Conditionals whose branches are arguments: ifthen, etoolbox, xparse, `\@ifundefined`."""

import re
from collections.abc import Callable
from typing import Final

from corpora.latex.expansion.conditionals import Conditions, compared, known
from corpora.latex.expansion.stream import NO_VALUE
from corpora.latex.tokens import (
    BLANK,
    END_OF_EXPANSION,
    END_OF_FILE,
    WORD_BLANK,
    untokenize,
)

_LONGEST_LOOP: Final = 2000


class Branches(Conditions):
    """Conditions that read their branches from the stream too."""

    def branch(self, command: str) -> list[str] | None:
        r"""The tokens that a command such as `\iftoggle{t}{yes}{no}` stands for."""
        name, only = command[1:], ""
        if name not in _TESTS and name[-1:] in ("T", "F"):
            only = name[-1]
            name += "F" if only == "T" else ""
            name = name if name in _TESTS else name[:-1] + "TF"
        test = _TESTS.get(name)
        if test is None:
            return None
        count, evaluate = test
        self.stream.star()
        arguments = [self.stream.argument() for _ in range(count)]
        holds = evaluate(self, arguments)
        yes = self.stream.argument() if only != "F" else []
        no = self.stream.argument() if only != "T" else []
        return yes if holds else no

    def plain_loop(self) -> None:
        r"""Plain TeX's `\loop ... \ifnum ... \repeat`, whose tests are of registers: it goes."""
        pending, depth = self.stream.pending, 1
        for at in range(len(pending) - 1, max(len(pending) - _LONGEST_LOOP, -1), -1):
            if pending[at] in (END_OF_FILE, END_OF_EXPANSION):
                return
            depth += (pending[at] == "\\loop") - (pending[at] == "\\repeat")
            if depth == 0:
                self.stream.count(len(pending) - at)
                del pending[at:]
                return

    def text(self, tokens: list[str]) -> str:
        """The source of tokens after expansion."""
        if any(token[0] == "\\" for token in tokens):
            tokens = self.expanded(tokens)
        return untokenize(tokens).strip()

    def boolean(self, name: str) -> bool:
        """The value of a switch by its name."""
        return self.definitions.conditionals.get("\\if" + name, name == "true")

    def expression(self, tokens: list[str]) -> bool:
        r"""A test of ifthen: `\equal{a}{b} \AND \NOT \boolean{c}`, left to right."""
        value, negate, joined = True, False, "and"
        at = 0

        def group() -> list[str]:
            nonlocal at
            while at < len(tokens) and tokens[at] in (BLANK, WORD_BLANK):
                at += 1
            if at >= len(tokens) or tokens[at] != "{":
                at += 1
                return tokens[at - 1 : at]
            depth, start = 0, at + 1
            while at < len(tokens):
                depth += (tokens[at] == "{") - (tokens[at] == "}")
                at += 1
                if depth == 0:
                    break
            return tokens[start : at - 1]

        while at < len(tokens):
            token = tokens[at]
            at += 1
            found: bool | None = None
            if token.lower() in ("\\not", "\\and", "\\or"):
                if token.lower() == "\\not":
                    negate = not negate
                else:
                    joined = token[1:].lower()
            elif token == "\\equal":
                found = self.text(group()) == self.text(group())
            elif token in ("\\boolean", "\\bool"):
                found = self.boolean(untokenize(group()).strip())
            elif token == "\\toggle":
                found = self.toggle(group())
            elif token == "\\isundefined":
                found = not known(self.definitions, "".join(group()).strip())
            elif token == "\\isodd":
                found = _integer(self.text(group())) % 2 == 1
            elif token == "\\lengthtest":
                group()
                found = False
            elif token[0].isdigit() or token == "\\value":
                match = re.match(r"\s*(\d+)\s*([<=>])\s*(\d+)", self.text(tokens[at - 1 :]))
                found = bool(match and compared(int(match[1]), match[2], int(match[3])))
                at = len(tokens)
            if found is not None:
                found = found != negate
                value = (value and found) if joined == "and" else (value or found)
                negate = False
        return value and not negate

    def toggle(self, tokens: list[str]) -> bool:
        """The value of a toggle of etoolbox."""
        return self.definitions.conditionals.get("toggle " + untokenize(tokens).strip(), False)


def _integer(text: str) -> int:
    match = re.match(r"\s*-?\d{1,9}", text)
    return int(match.group()) if match else 0


def _cs(arguments: list[list[str]]) -> str:
    tokens = [token for token in arguments[0] if token not in (BLANK, WORD_BLANK)]
    return tokens[0] if tokens else ""


def _empty(branches: Branches, arguments: list[list[str]]) -> bool:
    return not branches.text(arguments[0])


def _is_no_value(branches: Branches, arguments: list[list[str]]) -> bool:
    return arguments[0] == [NO_VALUE]


def _is_true(branches: Branches, arguments: list[list[str]]) -> bool:
    return "\\BooleanTrue" in arguments[0]


def _equal(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.text(arguments[0]) == branches.text(arguments[1])


def _meets(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.expression(arguments[0])


_Test = Callable[["Branches", list[list[str]]], bool]


def _not(test: _Test) -> _Test:
    return lambda branches, arguments: not test(branches, arguments)


def _defined(branches: Branches, arguments: list[list[str]]) -> bool:
    return known(branches.definitions, _cs(arguments))


def _name_defined(branches: Branches, arguments: list[list[str]]) -> bool:
    return known(branches.definitions, "\\" + untokenize(arguments[0]).strip())


def _toggled(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.toggle(arguments[0])


def _switched(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.boolean(untokenize(arguments[0]).strip())


def _relation(sign: str) -> _Test:
    def test(branches: Branches, arguments: list[list[str]]) -> bool:
        first, last = branches.text(arguments[0]), branches.text(arguments[-1])
        return compared(_integer(first), sign or untokenize(arguments[1]).strip(), _integer(last))

    return test


def _contains(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.text(arguments[1]) in branches.text(arguments[0])


def _file_exists(branches: Branches, arguments: list[list[str]]) -> bool:
    return branches.exists(branches.text(arguments[0]))


def _false(branches: Branches, arguments: list[list[str]]) -> bool:
    return False


#: Test -> how many arguments stand before its branches, and what says which branch is read.
_TESTS: Final[dict[str, tuple[int, _Test]]] = {
    "ifthenelse": (1, _meets),
    "ifboolexpr": (1, _meets),
    "iftoggle": (1, _toggled),
    "nottoggle": (1, _not(_toggled)),
    "ifbool": (1, _switched),
    "notbool": (1, _not(_switched)),
    "ifdef": (1, _defined),
    "ifundef": (1, _not(_defined)),
    "ifcsdef": (1, _name_defined),
    "ifcsundef": (1, _not(_name_defined)),
    "@ifundefined": (1, _not(_name_defined)),
    "ifdefempty": (1, _empty),
    "ifdefvoid": (1, _empty),
    "ifblank": (1, _empty),
    "ifempty": (1, _empty),
    "ifstrempty": (1, _empty),
    "notblank": (1, _not(_empty)),
    "ifnotempty": (1, _not(_empty)),
    "ifstrequal": (2, _equal),
    "ifdefstring": (2, _equal),
    "ifdefequal": (2, _equal),
    "IfStrEq": (2, _equal),
    "IfSubStr": (2, _contains),
    "ifnumcomp": (3, _relation("")),
    "ifnumequal": (2, _relation("=")),
    "ifnumgreater": (2, _relation(">")),
    "ifnumless": (2, _relation("<")),
    "IfFileExists": (1, _file_exists),
    "@ifpackageloaded": (1, _false),
    "@ifclassloaded": (1, _false),
    "IfPackageLoadedTF": (1, _false),
    "iflanguage": (1, _false),
    "IfBooleanTF": (1, _is_true),
    "IfNoValueTF": (1, _is_no_value),
    "IfValueTF": (1, _not(_is_no_value)),
    "IfBlankTF": (1, _empty),
    "IfEmptyTF": (1, _empty),
}
#: All commands that `Conditions.branch` reads.
BRANCHING: Final = frozenset(
    {"\\" + name for name in _TESTS}
    | {"\\" + name[:-1] for name in _TESTS if name.endswith("TF")}
    | {"\\" + name[:-2] + "F" for name in _TESTS if name.endswith("TF")}
)
