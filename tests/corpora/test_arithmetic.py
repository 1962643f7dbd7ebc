"""The arithmetic parser: what it accepts, exact values, and agreement with Python itself."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.worked_problems.arithmetic import NotArithmetic, compute, exact, parse, to_python


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,250.50 + $3", "1253.5"),
        ("50%*80", "40"),
        ("2*(3+4)%", "0.14"),
        ("8 - -3", "11"),
        ("+.5×4÷2", "1"),
        ("7//2", "3"),
        ("12−2x3", "6"),
        ("100/3/2*6", "100"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert exact(parse(text)) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5 apples",
        "2(3)",
        "1,00,0",
        "1+",
        "(1+2",
        "1+2)",
        "2**3",
        "__import__('os')",
        "1 2",
        "٣+1",
        "1e400",
        "1" * 40,
        "(" * 150 + "1" + ")" * 30,
        "-" * 100 + "1",
        "1+" * 5000 + "1",
        "5$",
        "%",
    ],
)
def test_what_is_no_arithmetic_is_refused(text: str) -> None:
    with pytest.raises(NotArithmetic):
        parse(text)


_numbers = st.decimals(min_value=0, max_value=9999, places=2).map(str) | st.integers(0, 999).map(
    str
)
_expressions = st.recursive(
    _numbers,
    lambda inner: st.builds(
        lambda a, op, b, form: form.format(a=a, op=op, b=b),
        inner,
        st.sampled_from(["+", "-", "*", "/", "//"]),
        inner,
        st.sampled_from(["{a}{op}{b}", "({a} {op} {b})", "{a}{op}({b})", "-{a}{op}{b}"]),
    ),
    max_leaves=8,
).filter(lambda text: len(text) <= 200)


@given(_expressions)
def test_computes_what_python_computes_and_writes_what_it_parsed(text: str) -> None:
    try:
        expression = parse(text)
    except NotArithmetic:
        return  # Nested too deep.
    source = to_python(expression)
    try:
        expected = eval(source, {"__builtins__": {}})  # Our own source: digits and operators.
    except ZeroDivisionError:
        with pytest.raises(ZeroDivisionError):
            compute(expression, {})
        return
    computed = compute(expression, {})
    assert (type(computed), computed) == (type(expected), expected)
    assert parse(source) == expression or "-" in text  # Minus signs may gain parentheses.
    assert to_python(parse(source)) == source
