"""Content MathML: what each operator looks like, and where parentheses are needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from corpora.mathml import mathml_to_latex
from corpora.mathml.content import present_content
from corpora.mathml.pieces import balanced

X, Y, TWO = "<ci>x</ci>", "<ci>y</ci>", "<cn>2</cn>"


def latex(content: str) -> str:
    math = etree.fromstring(
        f'<m:math xmlns:m="http://www.w3.org/1998/Math/MathML">{content}</m:math>'.replace(
            "<", "<m:"
        )
        .replace("<m:/", "</m:")
        .replace("<m:m:", "<m:")
        .replace("</m:m:", "</m:")
    )
    present_content(math)
    return mathml_to_latex(math)


def apply(operator: str, *arguments: str) -> str:
    return f"<apply><{operator}/>{''.join(arguments)}</apply>"


FORMULAS = {
    apply("eq", Y, apply("plus", X, TWO)): "y = x + 2",
    apply("times", TWO, apply("plus", X, Y)): "2 (x + y)",
    apply("times", X, TWO): r"x \cdot 2",
    apply("minus", X, apply("minus", Y, TWO)): "x - (y - 2)",
    apply("plus", X, apply("minus", Y)): "x - y",
    apply("minus", X): "-x",
    apply("divide", X, apply("plus", Y, TWO)): r"\frac{x}{y + 2}",
    apply("power", apply("plus", X, Y), TWO): "(x + y)^{2}",
    apply("power", X, apply("minus", TWO)): "x^{-2}",
    apply("exp", apply("minus", X)): "e^{-x}",
    apply("root", X): r"\sqrt{x}",
    apply("root", "<degree><cn>3</cn></degree>", X): r"\sqrt[3]{x}",
    apply("sin", X): r"\sin(x)",
    apply("log", "<logbase><cn>10</cn></logbase>", X): r"\log_{10}(x)",
    apply("abs", X): r"\left|x\right|",
    apply("factorial", "<ci>n</ci>"): "n!",
    apply("transpose", "<ci type='matrix'>A</ci>"): r"\mathbf{A}^{T}",
    "<apply><ci>f</ci><ci>x</ci><ci>y</ci></apply>": "f(x, y)",
    apply("sum", "<bvar><ci>i</ci></bvar><lowlimit><cn>0</cn></lowlimit><uplimit><infinity/>"
          "</uplimit>", X): r"\sum_{i = 0}^{\infty} x",
    apply("int", "<bvar><ci>t</ci></bvar><lowlimit><cn>0</cn></lowlimit><uplimit><cn>1</cn>"
          "</uplimit>", "<apply><ci>f</ci><ci>t</ci></apply>"): r"\int_{0}^{1} f(t) \, dt",
    apply("limit", "<bvar><ci>x</ci></bvar><lowlimit><cn>0</cn></lowlimit>", Y):
        r"\lim_{x \to 0} y",
    apply("diff", "<bvar><ci>x</ci><degree><cn>2</cn></degree></bvar>", Y):
        r"\frac{d^{2}}{dx^{2}} y",
    apply("partialdiff", "<bvar><ci>x</ci></bvar><bvar><ci>t</ci></bvar>", Y):
        r"\frac{\partial^{2}}{\partial x\partial t} y",
    apply("forall", "<bvar><ci>x</ci></bvar>", apply("gt", X, TWO)): r"\forall x : x > 2",
    apply("and", apply("lt", X, Y), apply("lt", Y, TWO)): r"x < y \wedge y < 2",
    "<cn type='rational'>1<sep/>2</cn>": r"\frac{1}{2}",
    "<cn type='e-notation'>3<sep/>-8</cn>": r"3 \times 10^{-8}",
    "<vector><ci>x</ci><cn>2</cn></vector>": r"\begin{pmatrix} x \\ 2 \end{pmatrix}",
    "<matrix><matrixrow><cn>1</cn><cn>0</cn></matrixrow></matrix>":
        r"\begin{pmatrix} 1 & 0 \end{pmatrix}",
    "<set><bvar><ci>x</ci></bvar><condition><apply><gt/><ci>x</ci><cn>2</cn></apply></condition>"
    "</set>": r"\{x \mid x > 2\}",
    "<interval closure='closed-open'><cn>0</cn><infinity/></interval>": r"[0, \infty)",
    "<piecewise><piece><cn>1</cn><apply><gt/><ci>x</ci><cn>2</cn></apply></piece><otherwise>"
    "<cn>0</cn></otherwise></piecewise>":
        r"\begin{cases} 1 & \text{if } x > 2 \\ 0 & \text{otherwise} \end{cases}",
    "<ci><msub><mi>x</mi><mn>1</mn></msub></ci>": "x_{1}",
    "<mrow><mi>a</mi><mo>=</mo><apply><plus/><ci>x</ci><cn>2</cn></apply></mrow>": "a = x + 2",
    "<apply><csymbol definitionURL='http://cnx.rice.edu/cd/cnxmath.ocd#convolve'/><ci>x</ci>"
    "<ci>y</ci></apply>": "x * y",
}  # fmt: skip


@pytest.mark.parametrize("content", FORMULAS)
def test_a_formula(content: str) -> None:
    assert latex(content) == FORMULAS[content]


_LEAVES = st.sampled_from(
    [X, Y, TWO, "<pi/>", "<ci/>", "<cn>a<sep/></cn>", "<mi>z</mi>", "<bvar/>"]
)
_OPERATORS = st.sampled_from(
    "plus minus times divide power root sin log int sum diff partialdiff forall limit set interval"
    " vector matrix piecewise piece lambda fn condition degree bvar lowlimit abs factorial not"
    " csymbol unknown eq".split()
)


@given(
    st.recursive(
        _LEAVES,
        lambda inside: st.builds(
            lambda name, parts, applied: (
                apply(name, *parts) if applied else f"<{name}>{''.join(parts)}</{name}>"
            ),
            _OPERATORS,
            st.lists(inside, max_size=3),
            st.booleans(),
        ),
        max_leaves=20,
    )
)
def test_any_content_gives_balanced_latex(content: str) -> None:
    assert balanced(latex(content))
