r"""Loops whose text is printed: pgffor's `\foreach`, `\multido`, `\whiledo`, `\forloop`.

A body is rendered once a value, its variable standing for the value. What a paper's loops may
print together is bounded; a loop that would print more, or that cannot be followed, prints nothing.
"""

import re
from decimal import Decimal
from typing import Final

from corpora.latex.cursor import Cursor, Range
from corpora.latex.expansion.conditionals import compared
from corpora.latex.tokens import PARAGRAPH, words
from corpora.latex.typesetting import typeset
from corpora.latex.writer import Handler, Sink, Writer

_MOST_ROUNDS: Final = 200
#: Tokens that all loops of a paper may render.
_MOST_TOKENS: Final = 50_000
_NUMBER: Final = re.compile(r"[-+]?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})")
_TEST: Final = re.compile(
    r"\s*(\\value\s*\{?\w+\}?|-?\d{1,9})\s*([<=>])\s*(\\value\s*\{?\w+\}?|-?\d{1,9})\s*"
)


def _rounds(writer: Writer, body: Range, count: int) -> int:
    """How many rounds of a loop are still allowed: all, or none."""
    work = count * (body.end - body.start + 1)
    if count > _MOST_ROUNDS or writer.looped_tokens + work > _MOST_TOKENS:
        return 0
    writer.looped_tokens += work
    return count


def _render(writer: Writer, sink: Sink, body: Range, values: dict[str, str]) -> None:
    outer = writer.restated
    writer.restated = {**outer, **{name: _printing(value) for name, value in values.items()}}
    writer.render(body.start, body.end, sink)
    writer.restated = outer


def _printing(value: str) -> Handler:
    """The handler of a loop's variable, which stands for a value now."""

    def handler(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
        sink.text(typeset(value))

    return handler


def _variables(writer: Writer, cursor: Cursor) -> list[str]:
    r"""The commands before `in`: `\x`, `\x/\y`, with options in brackets."""
    found: list[str] = []
    for _ in range(40):
        token = cursor.peek()
        if token == "[":
            if cursor.optional() is None:
                return []
            continue
        if token in (PARAGRAPH, "{") or (token[0] not in "\\/ " and token != "in"):
            return []
        cursor.at += 1
        if token == "in":
            return found
        if token[0] == "\\":
            found.append(token)
    return []


def values_of(source: str) -> list[str]:
    """The values of a list of pgffor, its dots filled in; empty where they cannot be.

    >>> values_of("1,3,...,9"), values_of("a, b/c,{d,e}"), values_of("x_1,...,x_3")
    (['1', '3', '5', '7', '9'], ['a', 'b/c', 'd,e'], [])
    """
    parts = [
        re.sub(r"^\{([^{}]*)\}$", r"\1", part.strip())
        for part in re.findall(r"(?:[^,{}]|\{[^{}]*\})+", source[:5000])
    ]
    found: list[str] = []
    for place, part in enumerate(parts):
        if part not in ("...", r"\dots", r"\ldots"):
            found.append(part)
            continue
        last = parts.pop(place + 1) if place + 1 < len(parts) else ""
        onward = _onward(found[-2:], last)
        if onward is None:
            return []
        found += onward
    return found


def _onward(before: list[str], last: str) -> list[str] | None:
    """The values that three dots stand for, up to the last, which a step may pass over."""
    if before and re.fullmatch("[A-Z]{2}|[a-z]{2}", before[-1] + last):
        return [chr(code) for code in range(ord(before[-1]) + 1, ord(last) + 1)]
    if not before or not all(_NUMBER.fullmatch(value) for value in (*before, last)):
        return None
    numbers, end = [Decimal(value) for value in before], Decimal(last)
    start = numbers[-1]
    step = start - numbers[0] if len(numbers) > 1 else Decimal(1 if end > start else -1)
    if not step or not 0 <= (end - start) / step <= _MOST_ROUNDS:
        return None
    count = int((end - start) / step)
    return [str(start + step * place) for place in range(1, count + 1)]


def _foreach(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\foreach \x/\y in {1/a, 2/b} {...}`."""
    start = cursor.at
    names = _variables(writer, cursor)
    if not names:
        cursor.at = start
        return
    listed = cursor.argument()
    # Several in a row: `\foreach \x in {..} \foreach \y in {..} {..}`.
    cursor.blanks()
    begin = cursor.at
    while cursor.group() is None:
        cursor.blanks()
        if cursor.peek() != token:
            return
        cursor.at += 1
        if not _variables(writer, cursor) or cursor.group() is None:
            return
    body = Range(begin, cursor.at)
    source = writer.source(listed)
    # A list that a macro of no known body holds.
    values = values_of(source) if not re.fullmatch(r"\\[a-zA-Z]+", source) else []
    for value in values[: _rounds(writer, body, len(values))]:
        parts = value.split("/")
        parts = [re.sub(r"^\{([^{}]*)\}$", r"\1", part.strip()) for part in parts]
        parts += [parts[-1]] * (len(names) - len(parts))
        _render(writer, sink, body, dict(zip(names, parts, strict=False)))


_STEPPED: Final = re.compile(rf"(\\[a-zA-Z]+)\s*=\s*({_NUMBER.pattern})\s*\+\s*({_NUMBER.pattern})")


def _multido(writer: Writer, sink: Sink, cursor: Cursor, _: str) -> None:
    r"""`\multido{\i=1+1}{10}{...}`."""
    stepped = _STEPPED.findall(writer.source(cursor.argument()))
    count, body = writer.source(cursor.argument()), cursor.argument()
    rounds = int(count) if re.fullmatch(r"\d{1,4}", count) else 0
    for done in range(_rounds(writer, body, rounds)):
        values = {name: str(Decimal(start) + Decimal(step) * done) for name, start, step in stepped}
        _render(writer, sink, body, values)


def _holds(writer: Writer, test: str) -> bool:
    match = _TEST.fullmatch(test)
    if match is None:
        return False

    def number(operand: str) -> int:
        if operand[0] != "\\":
            return int(operand)
        counter = re.sub(r"\\value|[\s{}]", "", operand)
        return writer.numbering.counters.get(counter, 0)

    return compared(number(match[1]), match[2], number(match[3]))


def _whiledo(writer: Writer, sink: Sink, cursor: Cursor, token: str) -> None:
    r"""`\whiledo{\value{n} < 5}{...}`, `\forloop[2]{n}{1}{\value{n} < 5}{...}`."""
    step, counter = 0, ""
    counters = writer.numbering.counters
    if token == "\\forloop":
        by = writer.source(cursor.optional()) or "1"
        counter, start = writer.source(cursor.argument()), writer.source(cursor.argument())
        step = int(by) if re.fullmatch(r"-?\d{1,4}", by) else 1
        counters[counter] = int(start) if re.fullmatch(r"-?\d{1,9}", start) else 0
    test, body = writer.source(cursor.argument()), cursor.argument()
    for _ in range(_MOST_ROUNDS):
        if not _holds(writer, test) or not _rounds(writer, body, 1):
            break
        writer.render(body.start, body.end, sink)
        if counter:
            counters[counter] = counters.get(counter, 0) + step


COMMANDS: Final[dict[str, Handler]] = {
    **dict.fromkeys(("\\foreach", "\\breakforeach"), _foreach),
    "\\multido": _multido,
    **dict.fromkeys(words(r"\whiledo \forloop"), _whiledo),
}
