r"""Macros that an author defines in the formulas of a page: `$\newcommand{\ket}[1]{|#1\rangle}$`.

MathJax knows a definition from where it stands to the end of the page, so that one in a question is
used in its answers (MathJax documentation, "Defining TeX macros"). What comes out needs none.
"""

import re
from dataclasses import dataclass
from typing import Final

_COMMAND: Final = r"\\(?:[A-Za-z]+|[^A-Za-z\s])"
_DEFINITION: Final = re.compile(
    r"\\(?:re|provide)?newcommand\s*\*?\s*(?:\{\s*(?P<braced>" + _COMMAND + r")\s*\}|(?P<bare>"
    + _COMMAND + r"))\s*(?:\[(?P<number>\d)\]\s*)?(?:\[(?P<default>[^\[\]{}]{0,80})\]\s*)?(?=\{)"
    r"|\\[gex]?def\s*(?P<defined>" + _COMMAND + r")\s*(?P<numbers>(?:#\d\s*){0,9})(?=\{)"
    r"|\\DeclareMathOperator\s*(?P<star>\*?)\s*\{\s*(?P<operator>" + _COMMAND + r")\s*\}\s*(?=\{)"
)  # fmt: skip
_DEFINING: Final = ("newcommand", "def", r"\DeclareMath", r"\require")
#: `\require{cancel}` loads an extension and prints nothing.
_REQUIRE: Final = re.compile(r"\\require\s*\{[^{}]*\}\s*")
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
_ARGUMENT: Final = re.compile(r"\s*(" + _COMMAND + r"|[^\s{}])")
_DEFAULTED: Final = re.compile(r"\s*\[([^\[\]]*)\]")
_COMMAND_LAST: Final = re.compile(r"(?<!\\)\\[A-Za-z]{1,40}\Z")
_PARAMETER: Final = re.compile(r"#(\d)")
_MOST_MACROS: Final = 200
_LONGEST: Final = 2_000
#: Macros may use each other; one that uses itself is expanded so often and no more.
_MOST_PASSES: Final = 5
_MOST_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro: the number of its arguments, the first's value where it is not given, its body."""

    arguments: int
    default: str | None
    body: str


def macros_of(text: str) -> dict[str, Macro]:
    r"""The macros that a text defines, by their names with the backslash.

    >>> macros_of(r"$\newcommand{\ket}[1]{|#1\rangle}$")
    {'\\ket': Macro(arguments=1, default=None, body='|#1\\rangle')}
    """
    found: dict[str, Macro] = {}
    for match in _DEFINITION.finditer(text):
        end = _group_end(text, match.end())
        if end < 0 or len(found) >= _MOST_MACROS:
            continue
        body = text[match.end() + 1 : end - 1].strip()
        if match["operator"]:
            macro = Macro(0, None, rf"\operatorname{match['star']}{{{body}}}")
        elif match["defined"]:
            macro = Macro(match["numbers"].count("#"), None, body)
        else:
            macro = Macro(int(match["number"] or 0), match["default"], body)
        found[match["operator"] or match["defined"] or match["braced"] or match["bare"]] = macro
    return found


def expanded(formula: str, macros: dict[str, Macro]) -> str:
    r"""A formula with its macros expanded; "" where it held definitions alone.

    `macros` are those of the page so far; what the formula defines is added to them.

    >>> expanded(r"\newcommand{\up}{\uparrow}\require{cancel} \up x", {})
    '\\uparrow x'
    """
    if any(word in formula for word in _DEFINING):
        if len(macros) < _MOST_MACROS:
            macros.update(macros_of(formula))
        formula = _REQUIRE.sub("", _without_definitions(formula)).strip()
    if not macros or "\\" not in formula:
        return formula
    names = re.compile("|".join(
        re.escape(name) + ("(?![A-Za-z])" if name[-1].isalpha() else "") for name in macros
    ))  # fmt: skip
    for _ in range(_MOST_PASSES):
        grown = _expanded_once(formula, names, macros)
        if grown == formula or len(grown) > _MOST_CHARACTERS:
            break
        formula = grown
    return formula


def _without_definitions(formula: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _DEFINITION.finditer(formula):
        end = _group_end(formula, match.end()) if match.start() >= at else -1
        if end >= 0:
            pieces.append(formula[at : match.start()])
            at = end
    return "".join([*pieces, formula[at:]]) if pieces else formula


def _expanded_once(formula: str, names: re.Pattern[str], macros: dict[str, Macro]) -> str:
    pieces: list[str] = []
    at = size = 0
    while match := names.search(formula, at):
        macro = macros[match.group()]
        given, end = _arguments(formula, match.end(), macro)
        if given is None:
            pieces.append(formula[at : match.end()])
            at = match.end()
            continue
        body = _PARAMETER.sub(lambda number: given.get(number[1], ""), macro.body)  # noqa: B023
        before = formula[at : match.start()]
        last = before or (pieces[-1] if pieces else "")
        if body[:1].isalpha() and _COMMAND_LAST.search(last):
            body = " " + body
        if formula[end : end + 1].isalpha() and _COMMAND_LAST.search(body):
            body += " "
        pieces += [before, body]
        size += len(body)
        if size > _MOST_CHARACTERS:
            return formula
        at = end
    return "".join([*pieces, formula[at:]])


def _arguments(formula: str, at: int, macro: Macro) -> tuple[dict[str, str] | None, int]:
    """The arguments of a macro by their numbers and where they end; None where one is missing."""
    given: dict[str, str] = {}
    number = 1
    if macro.default is not None:
        chosen = _DEFAULTED.match(formula, at)
        given["1"], at = (chosen[1], chosen.end()) if chosen else (macro.default, at)
        number = 2
    for position in range(number, macro.arguments + 1):
        single = _ARGUMENT.match(formula, at)
        if single:
            given[str(position)], at = single[1], single.end()
            continue
        start = at
        while formula[start : start + 1].isspace():
            start += 1
        end = _group_end(formula, start)
        if end < 0:
            return None, at
        given[str(position)], at = formula[start + 1 : end - 1], end
    return given, at


def _group_end(text: str, start: int) -> int:
    """Where the group in braces that begins here has ended; -1 where none does, or a long one."""
    if text[start : start + 1] != "{":
        return -1
    depth = 0
    for match in _BRACE.finditer(text, start, start + _LONGEST):
        depth += (match.group() == "{") - (match.group() == "}")
        if depth == 0:
            return match.end()
    return -1
