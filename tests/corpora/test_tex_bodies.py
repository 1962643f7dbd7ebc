"""Formulas of TeX out of the documents and delimiters that publishers put around them."""

import pytest

from corpora.tex_bodies import tex_body

DOCUMENT = r"\documentclass[12pt]{minimal}\usepackage{amsmath}%s\begin{document}%s\end{document}"
BODIES = {
    r"$$x$$": "x",
    r"\begin{equation}\label{e}x\nonumber\end{equation}": "x",
    r"\begin{align}a\notag\\\tag*{by \text{$b$}}\label{k}c\\tag\end{align}": (
        r"\begin{aligned}a\\c\\tag\end{aligned}"
    ),
    r"a=b \eqno(1a)": "a=b",
    r"\tagged \tag{1": None,
    r"$a$ and $b$": "$a$ and $b$",
    r"$$ \text{for $n$ of } N $$": r"\text{for $n$ of } N",
    DOCUMENT % ("", r"\(${{L}_{1}}\le b \)"): r"{{L}_{1}}\le b",
    DOCUMENT
    % ("", r"$$\raisebox{1ex}{$1$}\!\left/ \!\raisebox{-1ex}{$2$}\right. p$$"): "{1}/{2} p",
    DOCUMENT % (r"\newcommand{\bx}{\boldsymbol{x}}\newcommand\by{2\bx}", r"$\by+\byte$"): (
        r"2\boldsymbol{x}+\byte"
    ),
    DOCUMENT % (r"\newcommand{\a}{\a\a}", r"$\a$"): r"\a" * 8,
    r"a \lt b \gt \upmu\upmux \varvec v \varvec{w} \left\lbrace c\right\rbrace": (
        r"a <b >\mu\upmux \boldsymbol v \boldsymbol{w} \left\{c\right\}"
    ),
    r"\begin{align*}a&=b\end{align*}": r"\begin{aligned}a&=b\end{aligned}",
}


@pytest.mark.parametrize(("source", "expected"), BODIES.items())
def test_a_formula_alone(source: str, expected: str | None) -> None:
    assert tex_body(source) == expected


@pytest.mark.parametrize("source", ["", "$$ $$", r"\frac{a}{b", r"\documentclass{minimal}", "}{"])
def test_no_formula(source: str) -> None:
    assert tex_body(source) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "source",
    [
        "$" * 50_000,
        r"\(" * 50_000,
        r"\newcommand{\a}{" * 20_000 + r"\begin{document}\a\end{document}",
        r"\newcommand{\a}{" + r"\a" * 5_000 + r"}\begin{document}\a\end{document}",
        r"\raisebox{1ex}{$" * 20_000,
        r"\tag{" * 20_000,
        "\\" * 50_000 + "tag",
        r"\begin{eqnarray}" + "&" * 20_000,
    ],
)
def test_bounded_time(source: str) -> None:
    tex_body(source)
