"""Which dollars are mathematics, and which are money."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.mathjax import Formula, split_formulas
from corpora.mathjax_macros import expanded, macros_of

FORMULAS = {
    "some $50%$ of": r"50\%",
    "a blank $x^2\\ $ here": "x^2",
    "so $x$ is": "x",
    "the $n$-th of $": "n",
    "if $2n+1$ is odd": "2n+1",
    "an open $[0, 1)$": "[0, 1)",
    "spaced $ x + 1 $ out": "x + 1",
    r"steps $ step1 \otimes step2 = \left[ 0 \right] $": r"step1 \otimes step2 = \left[ 0 \right]",
    r"half $ \frac{1}{2}$ spaced": r"\frac{1}{2}",
    r"braces $\text{if $x$}$ nest": r"\text{if $x$}",
    r"words $P(\text{it rains today and tomorrow})$": r"P(\text{it rains today and tomorrow})",
    "$f: X \\to Y$": r"f: X \to Y",
    r"electronics \$V = IR\$ write": "V = IR",
    r"parentheses \(a_1\) here": "a_1",
    "$a %all\n+ b$": "a + b",
    r"$5\$ + x$": r"5\$ + x",
}
PROSE = [
    "the stock is $100-$120, or $1.5M",
    "$the left hand side$ = $the right hand side$",
    "echo $x; perl $_ = $x{y}",
    "It costs $5 or $10.",
    "US$5 and AU$7 a month",
    "from $5-$10, $20/$30",
    "$5 and 6$ are prices",
    r"\$5 or \$6; more",
    "set $HOME and $PATH first",
    "$foo->bar is not $baz",
    "I paid $$ for it and it cost $$$",
    "one $ alone",
    "$ 5 and $ 6 of them",
    "$x + {unbalanced$ and more",
    r"\begin{align} a",
    "$$ never closed",
    "an empty $$ pair",
]


def test_beside_plain_tex_other_dollars_are_formulas_too() -> None:
    text = r"over $5 km$ the $Var of the sum$ is $\sigma$ or $2"
    found = [piece.body for piece in split_formulas(text) if isinstance(piece, Formula)]
    assert found == ["5 km", "Var of the sum", r"\sigma"]


def test_blanks_inside_the_dollars_of_a_mathematical_text() -> None:
    text = r"qubit $n $ of $ k$ in $ [n,k]$, $ H = \begin{pmatrix}1 & 0\end{pmatrix} $, $5 and $6"
    found = [
        each.body for each in split_formulas(text, mathematical=True) if isinstance(each, Formula)
    ]
    assert found == ["n", "k", "[n,k]", r"H = \begin{pmatrix}1 & 0\end{pmatrix}"]
    assert split_formulas("for $n $ or $ k$") == ["for $n $ or $ k$"]


DISPLAYED = {
    "$$x = 1$$": "x = 1",
    r"\[x = 1\]": "x = 1",
    r"$$\{XXI, IXX, ZIZ\}.$$": r"\{XXI, IXX, ZIZ\}.",
    r"\begin{align} a &= b \label{e}\\ c &= d \end{align}": (
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}"
    ),
    r"\begin{equation}x\end{equation}": "x",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_found(text: str) -> None:
    formulas = [piece for piece in split_formulas(text) if isinstance(piece, Formula)]
    assert formulas == [Formula(FORMULAS[text], display=False)]


@pytest.mark.parametrize("text", PROSE)
def test_prose_with_dollars_stays_as_it_is(text: str) -> None:
    assert "".join(str(piece) for piece in split_formulas(text)) == text


@pytest.mark.parametrize("text", DISPLAYED)
def test_a_displayed_formula(text: str) -> None:
    assert split_formulas(f"a {text} b") == ["a ", Formula(DISPLAYED[text], display=True), " b"]


@given(st.text(alphabet="$\\{}()[]x1 _\nb", max_size=200))
def test_nothing_between_formulas_is_lost(text: str) -> None:
    position = 0
    for piece in split_formulas(text):
        if isinstance(piece, str):
            position = text.index(piece, position) + len(piece)


@pytest.mark.parametrize(
    "unit", ["${", "$$ {", "$ ", "$x", "\\$", "\\begin{align}", "\\(", "$}", "$a b c ", "\\[{"]
)
def test_hostile_text_costs_little_time(unit: str) -> None:
    start = time.monotonic()
    split_formulas(unit * (60_000 // len(unit)))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("definitions", "formula", "expected"),
    [
        (r"\newcommand{\ket}[1]{|#1\rangle}", r"\ket{x}+\ket0 \ket\psi", r"|x\rangle+|0\rangle "
         r"|\psi\rangle"),
        (r"\def\pair#1#2{(#1,#2)}", r"\pair a {b\pair{c}d}", "(a,b(c,d))"),
        (r"\renewcommand\norm[2][p]{\|#2\|_{#1}}", r"\norm{x} \norm[q]y", r"\|x\|_{p} \|y\|_{q}"),
        (r"\DeclareMathOperator*{\argmax}{arg\,max}", r"\argmax_x",
         r"\operatorname*{arg\,max}_x"),
        (r"\newcommand{\up}{\uparrow}", r"\require{cancel}\newcommand{\up}{\uparrow} \up x\upx",
         r"\uparrow x\upx"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{\beta}", r"\a_1", r"\beta_1"),
        (r"\newcommand{\a}[1]{x#1}", r"\a", r"\a"),
        (r"\newcommand{\a}{\alpha}\newcommand{\b}{b}", r"\a\b", r"\alpha b"),
        (r"\newcommand{\a}[1]{x#1}", r"\quad\a{y}\quad\a z", r"\quad xy\quad xz"),
        (r"\newcommand{\open}{x", r"\newcommand{\open}{x", r"\newcommand{\open}{x"),
    ],
)  # fmt: skip
def test_macros_of_a_page(definitions: str, formula: str, expected: str) -> None:
    assert expanded(formula, macros_of(definitions)) == expected


def test_macros_that_grow_without_end() -> None:
    started = time.perf_counter()
    macros = macros_of(r"\def\a{\a\a\a\a\a\a\a\a}\def\b#1{#1#1\b{#1#1}}" + r"\def\c" * 3000)
    assert len(expanded(r"\a" * 5000 + r"\b{xyz}" * 1000, macros)) < 100_000
    assert time.perf_counter() - started < 5
