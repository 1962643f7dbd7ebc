# ruff: noqa: E501  (one case a line reads better than one case in five)
"""MathML to LaTeX, construct by construct, and its braces whatever the input."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from corpora.mathml import mathml_to_latex
from corpora.mathml.pieces import balanced

CASES = {
    "<msup><mn>10</mn><mtext>6&#160;</mtext></msup><mfrac><mrow><mi>x</mi><mtext>&#160;</mtext></mrow>"
    "<mn>2</mn></mfrac>": r"10^{6}\frac{x}{2}",
    "<msup><mn>10</mn><mrow><mn>6</mn><mspace width='0.5em'/></mrow></msup>": "10^{6}",
    "<mi>Δ</mi><mtext mathvariant='italic'>PV</mtext><mtext>= +</mtext><mi>x</mi>": r"\Delta PV=+x",
    "<msub><mi>v</mi><mtext mathvariant='italic'>rms</mtext></msub>": r"v_{\textit{rms}}",
    "<mtext>sin</mtext><mspace width='0.1em'/><mi>x</mi>": r"\sin x",
    "<msup><mtext> cos </mtext><mn>2</mn></msup><mi>θ</mi>": r"\cos^{2}\theta",
    "<mn>5</mn><mspace width='0.2em'/><mtext>min</mtext>": r"5\:\text{min}",
    "<mi>a</mi><mspace width='0.2em'/><mo>×</mo><mspace width='0.2em'/><mi>b</mi>": r"a \times b",
    "<mn>5</mn><mtext>\u2009</mtext><mtext>\u2009</mtext><mi>cm</mi>": r"5\ \mathrm{cm}",
    "<msub><mi>P</mi><mi>α</mi></msub><msub><mrow/><mrow><mi>d</mi><mn>1</mn></mrow></msub><mo>=</mo><mi>x</mi>": r"P_{\alpha d1} = x",
    "<mtable><mtr><mtd><mtable><mtr><mtd/><mtd/></mtr></mtable></mtd><mtd><mi>x</mi></mtd></mtr></mtable>": "x",
    "<mi>x</mi>": "x",
    "<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>": r"\sin x",
    "<mi>len</mi>": r"\mathrm{len}",
    "<mi mathvariant='normal'>d</mi><mi>x</mi>": r"\mathrm{d}x",
    "<mi>α</mi><mi>x</mi>": r"\alpha x",
    "<mi mathvariant='bold'>v</mi>": r"\mathbf{v}",
    "<mi mathvariant='bold'>β</mi>": r"\boldsymbol{\beta}",
    "<mi mathvariant='double-struck'>R</mi>": r"\mathbb{R}",
    "<mi mathvariant='script'>L</mi>": r"\mathcal{L}",
    "<mi mathvariant='fraktur'>g</mi>": r"\mathfrak{g}",
    "<mi>ℝ</mi>": r"\mathbb{R}",
    "<mi>𝐱</mi>": r"\mathbf{x}",
    "<mstyle mathvariant='bold'><mi>x</mi></mstyle>": r"\mathbf{x}",
    "<mi mathvariant='normal'>m</mi><mi mathvariant='normal'>a</mi><mi mathvariant='normal'>x</mi>": r"\max",
    "<mi>a</mi><mo>=</mo><mo>−</mo><mi>b</mi>": "a = -b",
    "<mi>a</mi><mo>≤</mo><mi>b</mi>": r"a \leq b",
    "<mn>2</mn><mo>⁢</mo><mi>x</mi>": "2x",
    "<mfrac><mn>1</mn><mn>2</mn></mfrac>": r"\frac{1}{2}",
    "<mo>(</mo><mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>": r"\binom{n}{k}",
    "<msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt>": r"\sqrt{x + 1}",
    "<mroot><mi>x</mi><mn>3</mn></mroot>": r"\sqrt[3]{x}",
    "<msub><mi>x</mi><mi>i</mi></msub>": "x_{i}",
    "<msup><mi>f</mi><mo>′</mo></msup>": "f'",
    "<msup><msup><mi>x</mi><mn>2</mn></msup><mn>3</mn></msup>": "{x^{2}}^{3}",
    "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>": "x_{i}^{2}",
    "<mn>25</mn><mo>°</mo><mi>C</mi>": r"25^{\circ}C",
    "<msup><mn>25</mn><mo>°</mo></msup>": r"25^{\circ}",
    "<mmultiscripts><mi>C</mi><mprescripts/><mn>6</mn><mn>14</mn></mmultiscripts>": "{}_{6}^{14}C",
    "<mover accent='true'><mi>x</mi><mo>¯</mo></mover>": r"\bar{x}",
    "<mover><mrow><mi>a</mi><mi>b</mi></mrow><mo>¯</mo></mover>": r"\overline{ab}",
    "<mover><mi>x</mi><mo>^</mo></mover>": r"\hat{x}",
    "<mover><mi>v</mi><mo>→</mo></mover>": r"\vec{v}",
    "<mover><mi>x</mi><mo>˙</mo></mover>": r"\dot{x}",
    "<mi>x&#x304;</mi>": r"\bar{x}",
    "<mover><mo>→</mo><mtext>heat</mtext></mover>": r"\xrightarrow{\text{heat}}",
    "<mover><mo>=</mo><mtext>def</mtext></mover>": r"\overset{\text{def}}{=}",
    "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>": r"\sum_{i = 1}^{n}",
    "<munder><mo>lim</mo><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder>": r"\lim_{x \rightarrow 0}",
    "<munder><mi>x</mi><mo>_</mo></munder>": r"\underline{x}",
    "<mover><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>⏞</mo></mover>": r"\overbrace{a + b}",
    "<mfenced open='[' close=')'><mi>a</mi><mi>b</mi></mfenced>": "[a, b)",
    "<mfenced><mfrac><mi>a</mi><mi>b</mi></mfrac></mfenced>": r"\left(\frac{a}{b}\right)",
    "<mo>{</mo><mi>x</mi><mo>}</mo>": r"\{x\}",
    "<mfenced open='[' close=']'><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>"
    "<mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable></mfenced>": r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
    "<mi>f</mi><mo>=</mo><mo>{</mo><mtable><mtr><mtd><mn>0</mn></mtd><mtd><mtext>if </mtext><mi>x</mi></mtd></mtr>"
    "<mtr><mtd><mn>1</mn></mtd><mtd><mtext>else</mtext></mtd></mtr></mtable>": r"f = \begin{cases} 0 & \text{if }x \\ 1 & \text{else} \end{cases}",
    "<mtable columnalign='right left'><mtr><mtd><mi>a</mi></mtd><mtd><mo>=</mo><mi>b</mi></mtd></mtr>"
    "<mtr><mtd/><mtd><mo>=</mo><mi>c</mi></mtd></mtr></mtable>": r"\begin{aligned} a & = b \\ & = c \end{aligned}",
    "<menclose notation='box'><mi>x</mi></menclose>": r"\boxed{x}",
    "<mphantom><mi>x</mi></mphantom>": r"\phantom{x}",
    "<mi>a</mi><mspace width='1em'/><mi>b</mi>": r"a\quad b",
    "<mtext>5% of $x_1$ & {y}</mtext>".replace("&", "&amp;"): r"\text{5\% of \$x\_1\$ \& \{y\}}",
    "<ms>GET</ms>": r'\text{"GET"}',
    "<semantics><mi>wrong</mi><annotation encoding='application/x-tex'>\\alpha^2</annotation></semantics>": r"\alpha^2",
    "<semantics><mi>α</mi><annotation encoding='application/x-tex'>{\\alpha</annotation></semantics>": r"\alpha",
    "<mpadded width='0'><mi>x</mi></mpadded>": "x",
    "<merror><mtext>bad</mtext></merror>": r"\text{bad}",
    "<unknown><mi>x</mi></unknown>": "x",
    "": "",
}  # fmt: skip


def math(content: str, namespace: bool = False) -> etree._Element:
    declared = ' xmlns="http://www.w3.org/1998/Math/MathML"' if namespace else ""
    return etree.fromstring(f"<math{declared}>{content}</math>")


@pytest.mark.parametrize(("mathml", "expected"), CASES.items())
def test_a_construct(mathml: str, expected: str) -> None:
    assert mathml_to_latex(math(mathml)) == expected
    assert mathml_to_latex(math(mathml, namespace=True)) == expected


def test_depth_is_no_recursion() -> None:
    root = etree.Element("math")
    node = root
    for _ in range(5000):
        node = etree.SubElement(node, "mrow")
    etree.SubElement(node, "mi").text = "x"
    assert mathml_to_latex(root) == "x"


NAMES = [
    "mi", "mo", "mn", "mtext", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mtable", "mtr", "mtd", "mlabeledtr", "mfenced", "menclose",
    "mspace", "mmultiscripts", "mprescripts", "semantics", "annotation", "mphantom", "foo",
]  # fmt: skip
LEAVES = st.tuples(
    st.sampled_from(NAMES), st.text(alphabet="ab1{}\\_^%$&#()[]|∑→¯{α′°\u0304 ", max_size=4)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=4)),
    max_leaves=12,
)


def built(tree: tuple[str, object]) -> etree._Element:
    element = etree.Element(tree[0])
    if isinstance(tree[1], str):
        element.text = tree[1]
    else:
        for child in tree[1]:
            element.append(built(child))
    return element


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_braces_balance_whatever_the_tree(tree: tuple[str, object]) -> None:
    """Any elements in any order, with any operators: LaTeX that closes what it opens."""
    latex = mathml_to_latex(built(tree))
    assert balanced(latex)
    assert latex.count(r"\left") - latex.count(r"\leftarrow") - latex.count(
        r"\leftrightarrow"
    ) == latex.count(r"\right") - latex.count(r"\rightarrow")


@pytest.mark.parametrize("blank", ["&#160;", " ", "&#160;</mtext><mtext>&#8195;"])
def test_space_at_the_end_never_escapes_the_closing_delimiter(blank: str) -> None:
    math = etree.fromstring(f"<math><mi>x</mi><mtext>{blank}</mtext></math>")
    assert mathml_to_latex(math) == "x"


M = "http://www.w3.org/1998/Math/MathML"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<math id='a'><mi>x</mi><mo>&lt;</mo><mi>y</mi></math>", "x < y"),
        ("<math alttext='&lt;mi>z&lt;/mi>'><mi>x</mi></math>", "x"),
        ("<math><!-- <mi>z</mi> --><?a </mi>?><mrow/><mi/><mi>x</mi></math>", "x"),
        (f"<m:math xmlns:m='{M}'><m:mi>x</m:mi><mi xmlns='{M}'>y</mi></m:math>", "xy"),
        ("<math><mtext>a &amp; b</mtext></math>", r"\text{a \& b}"),
        ("<math><mi>a<b>b</b>c</mi></math>", r"\mathrm{abc}"),
        ("<math mathvariant='bold'><mi>x</mi></math>", r"\mathbf{x}"),
        ("<math><mi>x</mi></math>", "x"),
    ],
)
def test_what_xml_writes_in_other_ways_is_the_same_formula(written: str, expected: str) -> None:
    """Escapes, comments, prefixes, mixed content; a style of one formula is none of the next."""
    element = etree.fromstring(written)
    assert mathml_to_latex(element) == expected
    assert mathml_to_latex(element) == expected
