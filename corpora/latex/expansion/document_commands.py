r"""Commands with a signature: xparse (`\NewDocumentCommand`), xargs, mathtools' delimiters."""

import re
from typing import Final

from corpora.latex.expansion.definitions import Definer, Definitions, Macro, Parameter, define
from corpora.latex.expansion.stream import NO_VALUE, TokenStream
from corpora.latex.tokens import tokenize, untokenize, words

_SPECIFICATION: Final = re.compile(r"[+!]*([a-zA-Z])\s*")
_SPLIT: Final = re.compile(r"\\Split(?:Argument\s*\{\s*([1-9])\s*\}|List)\s*\{\s*([^\s{}\\])\s*\}")
_MOST_PARAMETERS: Final = 12


def signature(specification: str) -> tuple[Parameter, ...]:
    """The parameters of an xparse specification such as `s O{2} m r()`.

    >>> [(each.kind, each.name) for each in signature("s O{2} m")]
    [('t', '#1'), ('o', '#2'), ('m', '#3')]
    """
    found: list[Parameter] = []
    at, splits, separator = 0, 0, ""
    while at < len(specification) and len(found) < _MOST_PARAMETERS:
        if specification[at] == ">":
            processor, at = _braced(specification, at)
            split = _SPLIT.search(processor)
            if split is not None:
                splits, separator = int(split.group(1) or 0), split.group(2)
            continue
        match = _SPECIFICATION.match(specification, at)
        if match is None:
            at += 1
            continue
        letter, at = match.group(1), match.end()
        name = f"#{len(found) + 1}"
        opening = closing = ""
        default: tuple[str, ...] = (NO_VALUE,)
        if letter in "rRdDt":
            opening = specification[at : at + 1]
            closing = specification[at + 1 : at + 2] if letter != "t" else ""
            at += 1 if letter == "t" else 2
        if letter in "ODRGE":
            braced = _braced(specification, at)
            default, at = tuple(tokenize(braced[0])), braced[1]
        if letter == "s":
            letter, opening = "t", "*"
        kind = letter.lower() if letter.lower() in "omdtrg" else "m"
        found.append(Parameter(kind, name, opening, closing, default, separator, splits))
        splits, separator = 0, ""
    return tuple(found)


def _braced(text: str, at: int) -> tuple[str, int]:
    start = text.find("{", at)
    if start < 0:
        return "", at
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return text[start + 1 : position], position + 1
    return text[start + 1 :], len(text)


def read_arguments(stream: TokenStream, parameters: tuple[Parameter, ...]) -> dict[str, list[str]]:
    """The arguments of a macro with a signature, by their parameters."""
    taken: dict[str, list[str]] = {}
    for parameter in parameters:
        kind = parameter.kind
        given: list[str] | None
        if kind == "m":
            given = stream.argument()
        elif kind == "o":
            given = stream.optional()
        elif kind == "g":
            given = stream.group() if stream.following() == "{" else None
        elif kind == "t":
            given = ["\\BooleanTrue" if stream.sign(parameter.opening) else "\\BooleanFalse"]
        else:
            given = stream.pair(parameter.opening, parameter.closing)
        if given is None:
            given = [
                token
                for each in parameter.default
                for token in (taken.get(each, [each]) if each[0] == "#" else [each])
            ]
        if parameter.separator and given != [NO_VALUE]:
            given = _parts(given, parameter)
        taken[parameter.name] = given
    return taken


def _parts(given: list[str], parameter: Parameter) -> list[str]:
    """An argument as the groups that `\\SplitArgument` and `\\SplitList` make of it."""
    parts: list[list[str]] = [[]]
    depth = 0
    for token in given:
        depth += (token == "{") - (token == "}")
        pieces = [token]
        if depth == 0 and token[0] not in "\\{}":
            left = parameter.splits - len(parts) + 1 if parameter.splits else -1
            pieces = token.split(parameter.separator, left) if left else [token]
        parts[-1] += pieces[:1] if pieces[0] else []
        parts += [[piece] if piece else [] for piece in pieces[1:]]
    missing = parameter.splits + 1 - len(parts) if parameter.splits else 0
    parts += [[NO_VALUE]] * missing
    return [token for part in parts for token in ("{", *part, "}")]


def _document_command(stream: TokenStream, definitions: Definitions, command: str) -> None:
    name = stream.command_name()
    parameters = signature(untokenize(stream.argument()))
    body = stream.argument()
    if command.startswith("\\Provide") and name in definitions.macros:
        return
    define(stream, definitions, name, Macro((), tuple(body), signature=parameters))


def _document_environment(stream: TokenStream, definitions: Definitions, command: str) -> None:
    name = "".join(stream.argument()).strip()
    parameters = signature(untokenize(stream.argument()))
    beginning, ending = stream.argument(), stream.argument()
    definitions.add_environment(
        name, Macro((), tuple(beginning), signature=parameters), tuple(ending)
    )


def _command_x(stream: TokenStream, definitions: Definitions, command: str) -> None:
    r"""xargs: `\newcommandx{\name}[3][1=a, 3=b]{...}`."""
    stream.star()
    name = stream.command_name()
    count = untokenize(stream.optional() or ()).strip()
    options = untokenize(stream.optional() or ())
    defaults = dict(re.findall(r"(\d)\s*=\s*(\{[^{}]*\}|[^,]*)", options))
    parameters = tuple(
        Parameter("o", f"#{n}", default=tuple(tokenize(defaults[str(n)].strip("{} "))))
        if str(n) in defaults
        else Parameter("m", f"#{n}")
        for n in range(1, int(count) + 1 if re.fullmatch("[1-9]", count) else 1)
    )
    define(stream, definitions, name, Macro((), tuple(stream.argument()), signature=parameters))


#: Of a paired delimiter: a star (delimiters that grow) and a size come before its arguments.
_STAR: Final = Parameter("t", "#s", "*")
_SIZE: Final = Parameter("o", "#o", default=(NO_VALUE,))


def _paired_delimiter(stream: TokenStream, definitions: Definitions, command: str) -> None:
    name = stream.command_name()
    count, before, after = 1, [], []
    if command != "\\DeclarePairedDelimiter":
        digits = "".join(stream.optional() or ()).strip()
        count = int(digits) if re.fullmatch("[1-9]", digits) else 1
    if command == "\\DeclarePairedDelimiterXPP":
        before = stream.argument()
    left, right = stream.argument(), stream.argument()
    if command == "\\DeclarePairedDelimiterXPP":
        after = stream.argument()
    inside = ["#1"] if command == "\\DeclarePairedDelimiter" else stream.argument()
    numbers = [Parameter("m", f"#{number}") for number in range(1, count + 1)]
    plain = [token for token in inside if token != "\\delimsize"]
    grown = ["\\middle" if token == "\\delimsize" else token for token in inside]
    left, right = left or ["."], right or ["."]
    body = ["\\IfBooleanTF", "#s", "{", *before, "\\left", *left, *grown, "\\right", *right]
    body += [*after, "}", "{", *before, *_shown(left), *plain, *_shown(right), *after, "}"]
    define(stream, definitions, name, Macro((), tuple(body), signature=(_STAR, _SIZE, *numbers)))


def _shown(delimiter: list[str]) -> list[str]:
    return [] if delimiter == ["."] else delimiter


DOCUMENT_DEFINERS: Final[dict[str, Definer]] = {
    **dict.fromkeys(
        words(r"""
    \NewDocumentCommand \RenewDocumentCommand \ProvideDocumentCommand \DeclareDocumentCommand
    \NewExpandableDocumentCommand \DeclareExpandableDocumentCommand
"""),
        _document_command,
    ),
    **dict.fromkeys(
        words(r"""
    \NewDocumentEnvironment \RenewDocumentEnvironment \ProvideDocumentEnvironment
    \DeclareDocumentEnvironment
"""),
        _document_environment,
    ),
    **dict.fromkeys(words(r"\newcommandx \renewcommandx \providecommandx"), _command_x),
    **dict.fromkeys(
        words(r"""
    \DeclarePairedDelimiter \DeclarePairedDelimiterX \DeclarePairedDelimiterXPP
"""),
        _paired_delimiter,
    ),
}
