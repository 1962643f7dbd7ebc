"""Calculator steps of a worked answer as a Python program, with the output it really prints.

Galactica (section 3.1.2) writes reasoning as steps, then a program, then the program's output. A
step here is one annotation of GSM8K, `48/2=24`: parsed, checked against its stated result with
exact fractions, then written as one variable of the program. The output is computed by
`corpora.worked_problems.arithmetic`, which does Python's own integer and floating-point arithmetic.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from corpora.worked_problems.arithmetic import (
    Expression,
    Name,
    Negated,
    NotArithmetic,
    Number,
    Operation,
    compute,
    exact,
    parse,
    to_python,
)

#: Why an annotation is no step of the program.
NOT_PARSED: Final = "does not parse"
NO_OPERATION: Final = "nothing to calculate"
NOT_COMPUTED: Final = "division by zero or number out of range"
DISAGREES: Final = "stated result disagrees"

_LARGEST: Final = 10**15  # Beyond it a float no longer holds every whole number.
_TOLERANCE: Final = Fraction(1, 10**9)
_COUNT_WORDS: Final = {
    word: number
    for number, words in {
        1: "one single",
        2: "two twice double half",
        3: "three triple third",
        4: "four quarter fourth",
        5: "five fifth",
        6: "six",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten tenth",
        11: "eleven",
        12: "twelve dozen",
    }.items()
    for word in words.split()
}
# Numbers that a unit brings in: an operand of 12 next to the word `month` is no earlier result.
_UNIT_NUMBERS: Final = {
    Fraction(number): re.compile(words, re.IGNORECASE)
    for number, words in {
        7: "day|week",
        12: "month|year|dozen|inch|feet|foot",
        24: "hour|day",
        30: "month|day",
        52: "week|year",
        60: "second|minute|hour",
        100: "%|percent|cent|metre|meter",
        365: "day|year",
        1000: "kilo|milli|gram|lit|met|[km]g|[km]m|ml",
        3600: "second|hour",
    }.items()
}
_DECIMALS: Final = re.compile(r"\.([0-9]*)")
_NUMBER_OR_WORD: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+|[a-z]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One calculation: what is calculated, the result stated, and its decimals as written.

    `decimals` is None where the result is stated as a fraction, which has no rounding. `comment`
    is one line of cleaned text.
    """

    expression: Expression
    stated: Fraction
    decimals: int | None
    comment: str = ""


class NoStep(ValueError):
    """An annotation that stays prose; `reason` is one of the constants of this module."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def step(annotation: str, comment: str = "") -> Step:
    """The step of an annotation such as `48/2=24`; NoStep where it cannot be shown to be right.

    The stated result may be rounded as it is written: 10/3 may state 3.3 or 3, not 3.4.

    >>> step("48/2=24").stated
    Fraction(24, 1)
    >>> step("48/2=25")
    Traceback (most recent call last):
        ...
    corpora.worked_problems.calculator_programs.NoStep: stated result disagrees
    """
    calculation, _, result = annotation.rpartition("=")
    try:
        expression, outcome = parse(calculation), parse(result)
    except NotArithmetic as error:
        raise NoStep(NOT_PARSED) from error
    if isinstance(expression, Number):
        raise NoStep(NO_OPERATION)
    try:
        value, stated = exact(expression), exact(outcome)
        computed = compute(expression, {})
        sound = abs(value) < _LARGEST and _near(computed, value)
    except ArithmeticError as error:
        raise NoStep(NOT_COMPUTED) from error
    if not sound:
        raise NoStep(NOT_COMPUTED)
    plain = outcome.operand if isinstance(outcome, Negated) else outcome
    if not isinstance(plain, Number):
        if value != stated:
            raise NoStep(DISAGREES)
        return Step(expression, stated, None, comment)
    written = _DECIMALS.search(result)
    decimals = len(written[1]) if written else 0
    # `20/50*100 = 40%` multiplies by 100 itself; `20/50 = 40%` does not.
    readings = [(stated, decimals + 2), (stated * 100, decimals)] if "%" in result else []
    for reading, places in readings or [(stated, decimals)]:
        if abs(value - reading) * 2 * 10**places <= 1:
            return Step(expression, reading, places, comment)
    raise NoStep(DISAGREES)


def numbers_of(text: str) -> frozenset[Fraction]:
    """The numbers that a text gives, in digits or in words.

    >>> sorted(map(str, numbers_of("Two boxes of 1,200 nails, half of them 3.5 cm long")))
    ['1200', '2', '7/2']
    """
    found: set[Fraction] = set()
    for token in _NUMBER_OR_WORD.findall(text.lower()):
        if token[0].isalpha():
            if token in _COUNT_WORDS:
                found.add(Fraction(_COUNT_WORDS[token]))
        elif len(token) <= 20:
            found.add(Fraction(token.replace(",", "")))
    return frozenset(found)


def program(steps: Iterable[Step], question: str) -> tuple[str, str]:
    """Python source that calculates the steps in order, and exactly what it prints.

    An operand becomes the variable of an earlier step where it can be nothing else: one earlier
    step alone has that value, it stands once in the expression, and neither the question nor a
    unit (12 months) gives the number.

    >>> source, output = program([step("48/2=24", "clips in May"), step("48+24=72")], "48 clips")
    >>> print(source)
    step_1 = 48 / 2  # clips in May
    step_2 = 48 + step_1
    print(round(step_1))
    print(round(step_2))
    >>> print(output)
    24
    72
    """
    given = numbers_of(question) | {Fraction(0), Fraction(1)} | _unit_numbers_of(question)
    computed: dict[str, int | float] = {}
    holders: dict[Fraction, list[str]] = {}
    assignments: list[str] = []
    prints: list[str] = []
    output: list[str] = []
    for number, item in enumerate(steps, start=1):
        name = f"step_{number}"
        operands = Counter(_numbers_in(item.expression))
        repeated = {value for value, times in operands.items() if times > 1}
        elsewhere = given | _unit_numbers_of(item.comment) | repeated
        earlier = {
            value: holders[value][0]
            for value in operands
            if value not in elsewhere and len(holders.get(value, ())) == 1
        }
        expression = _linked(item.expression, earlier)
        value = exact(item.expression)
        if not _near(compute(expression, computed), value):
            expression = item.expression  # Only `//` can tell a float's last digit from its value.
        computed[name] = compute(expression, computed)
        holders.setdefault(value, []).append(name)
        comment = f"  # {item.comment}" if item.comment else ""
        assignments.append(f"{name} = {to_python(expression)}{comment}")
        shown, printed = _print_form(name, computed[name], item)
        prints.append(f"print({shown})")
        output.append(printed)
    return "\n".join(assignments + prints), "\n".join(output)


def _unit_numbers_of(text: str) -> set[Fraction]:
    return {number for number, words in _UNIT_NUMBERS.items() if words.search(text)}


def _near(computed: int | float, value: Fraction) -> bool:
    return abs(Fraction(computed) - value) <= _TOLERANCE * (1 + abs(value))


def _numbers_in(expression: Expression) -> list[Fraction]:
    match expression:
        case Number(value):
            return [value]
        case Negated(operand):
            return _numbers_in(operand)
        case Operation(_, left, right):
            return _numbers_in(left) + _numbers_in(right)
        case Name():
            return []


def _linked(expression: Expression, earlier: Mapping[Fraction, str]) -> Expression:
    """The expression with its numbers replaced by the variables of earlier steps."""
    match expression:
        case Number(value):
            return Name(earlier[value]) if value in earlier else expression
        case Negated(operand):
            return Negated(_linked(operand, earlier))
        case Operation(operator, left, right):
            return Operation(operator, _linked(left, earlier), _linked(right, earlier))
        case Name():
            return expression


def _print_form(name: str, value: int | float, item: Step) -> tuple[str, str]:
    """What the program prints of a variable, and the text printed: the stated result if it can be.

    A float that is a whole number prints as one (`round`), one with more digits than the record
    states is rounded to those.
    """
    if isinstance(value, int):
        return name, str(value)
    forms = [(f"round({name})", str(round(value)))] if item.stated.denominator == 1 else []
    forms.append((name, str(value)))
    if item.decimals:
        places = item.decimals
        forms.append((f"round({name}, {places})", str(round(value, places))))
    for form, printed in forms:
        if Fraction(printed) == item.stated:
            return form, printed
    return name, str(value)
