"""Arithmetic as people write it: a small parser, exact values, and the same sum as Python.

For the calculator steps of word problems: `+ - * / //` and parentheses, decimals, thousands
commas, percents (`50%` is 0.5) and currency signs. Text of a record is parsed here and never
evaluated by Python, so nothing from a file can run.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeVar

MAX_LENGTH: Final = 200
MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 15

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"|(?P<sign>//|[-+*/()%$€£×·÷−xX]))",
)
_AS_ASCII: Final = {"×": "*", "·": "*", "x": "*", "X": "*", "÷": "/", "−": "-"}
_CURRENCY: Final = "$€£"


class NotArithmetic(ValueError):
    """A text that is no arithmetic of this small language; the message says why."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of finitely many decimals."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Name:
    """A variable that holds the result of an earlier step."""

    name: str


@dataclass(frozen=True, slots=True)
class Negated:
    """An expression with a minus before it."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Operation:
    """Two expressions joined by one of `+ - * / //`."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression = Number | Name | Negated | Operation


def parse(text: str) -> Expression:
    """The expression that a text states; NotArithmetic where it states none.

    >>> to_python(parse("$1,200*25% - (3 + .5)/7"))
    '1200 * 0.25 - (3 + 0.5) / 7'
    >>> parse("5 apples")
    Traceback (most recent call last):
        ...
    corpora.worked_problems.arithmetic.NotArithmetic: 'apples' is no number or operator
    """
    if len(text) > MAX_LENGTH:
        raise NotArithmetic(f"longer than {MAX_LENGTH} characters")
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotArithmetic(f"{text[position:].strip()[:20]!r} is no number or operator")
        number = match["number"]
        tokens.append(
            number.replace(",", "") if number else _AS_ASCII.get(match["sign"], match["sign"])
        )
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent over tokens; the depth of parentheses and signs is bounded."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def whole(self) -> Expression:
        expression = self.sum()
        if self.peek():
            raise NotArithmetic(f"{self.peek()!r} is out of place")
        return expression

    def sum(self) -> Expression:
        expression = self.product()
        while self.peek() in ("+", "-"):
            expression = Operation(self.take(), expression, self.product())
        return expression

    def product(self) -> Expression:
        expression = self.signed()
        while self.peek() in ("*", "/", "//"):
            expression = Operation(self.take(), expression, self.signed())
        return expression

    def signed(self) -> Expression:
        match self.peek():
            case "-":
                self.take()
                return Negated(self.deeper(self.signed))
            case "+":
                self.take()
                return self.deeper(self.signed)
            case _:
                return self.percent()

    def percent(self) -> Expression:
        expression = self.primary()
        while self.peek() == "%":
            self.take()
            if isinstance(expression, Number):
                expression = Number(expression.value / 100)
            else:
                expression = Operation("/", expression, Number(Fraction(100)))
        return expression

    def primary(self) -> Expression:
        token = self.take()
        if token and token in _CURRENCY:
            token = self.take()
        if token == "(":
            expression = self.deeper(self.sum)
            if self.take() != ")":
                raise NotArithmetic("a parenthesis is not closed")
            return expression
        if not token or not (token[0].isdigit() or token[0] == "."):
            raise NotArithmetic(f"{token!r} is out of place" if token else "it ends too early")
        if len(token) > MAX_DIGITS:
            raise NotArithmetic(f"a number of more than {MAX_DIGITS} digits")
        return Number(Fraction(token.rstrip(".")))

    def deeper(self, rule: Callable[[], Expression]) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotArithmetic(f"nested more than {MAX_DEPTH} deep")
        expression = rule()
        self.depth -= 1
        return expression


def exact(expression: Expression) -> Fraction:
    """The exact value of an expression without variables. Raises ZeroDivisionError.

    >>> exact(parse("0.1 + 0.2"))
    Fraction(3, 10)
    """
    match expression:
        case Number(value):
            return value
        case Name(name):
            raise ValueError(f"{name} has no exact value here")
        case Negated(operand):
            return -exact(operand)
        case Operation(operator, left, right):
            first, second = exact(left), exact(right)
            if operator == "//":
                return Fraction(first // second)
            return _apply(operator, first, second)


def compute(expression: Expression, variables: Mapping[str, int | float]) -> int | float:
    """The value that Python's own `int` and `float` give for `to_python(expression)`.

    Raises ArithmeticError (division by zero, overflow).

    >>> compute(parse("0.1 + 0.2"), {}), compute(parse("48/2"), {}), compute(parse("6*7"), {})
    (0.30000000000000004, 24.0, 42)
    """
    match expression:
        case Number(value):
            return value.numerator if value.denominator == 1 else float(value)
        case Name(name):
            return variables[name]
        case Negated(operand):
            return -compute(operand, variables)
        case Operation(operator, left, right):
            first, second = compute(left, variables), compute(right, variables)
            return first // second if operator == "//" else _apply(operator, first, second)


_Value = TypeVar("_Value", Fraction, int | float)


def _apply(operator: str, first: _Value, second: _Value) -> _Value:
    match operator:
        case "+":
            return first + second
        case "-":
            return first - second
        case "*":
            return first * second
        case _:
            return first / second


_PRECEDENCE: Final = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2}


def to_python(expression: Expression) -> str:
    """The expression as Python source, with the parentheses that it needs and no others.

    >>> to_python(parse("8-(3-(1))"))
    '8 - (3 - 1)'
    """
    match expression:
        case Number(value):
            return decimal(value)
        case Name(name):
            return name
        case Negated(operand):
            inner = to_python(operand)
            return f"-({inner})" if isinstance(operand, Operation | Negated) else f"-{inner}"
        case Operation(operator, left, right):
            own = _PRECEDENCE[operator]
            first, second = to_python(left), to_python(right)
            if isinstance(left, Operation) and _PRECEDENCE[left.operator] < own:
                first = f"({first})"
            if isinstance(right, Negated) or (
                isinstance(right, Operation) and _PRECEDENCE[right.operator] <= own
            ):
                second = f"({second})"
            return f"{first} {operator} {second}"


def decimal(value: Fraction) -> str:
    """A number of finitely many decimals in digits, without an exponent.

    >>> decimal(Fraction(5, 1000)), decimal(Fraction(-7, 2)), decimal(Fraction(30))
    ('0.005', '-3.5', '30')
    """
    places = 0
    scaled = abs(value)
    while scaled.denominator != 1:
        scaled *= 10
        places += 1
        assert places <= MAX_LENGTH, f"{value} has no finite decimal form"
    digits = str(scaled.numerator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
