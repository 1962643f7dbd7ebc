"""Formulas: plain TeX's, other packages', and those with text, notes and hacks in them."""

import contextlib
import time

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions, RecordUnreadable
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def text(body: str, preamble: str = "") -> str:
    source = f"\\documentclass{{article}}{preamble}\\begin{{document}}{body}\\end{{document}}"
    project = Project("p", {"m.tex": source.encode()}, main="m.tex")
    return reveal(resolve(read_project(project, ReadOptions(latex_markers=False)))[0].text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"$$\eqalign{a&=b\cr c&=d\cr}$$", r"\[\begin{aligned}a&=b\\ c&=d\end{aligned}\]"),
        (
            r"$$\eqalignno{a&=b&(1)\cr c&=d&(2)\cr}$$",
            r"\[\begin{aligned}a&=b\\ c&=d\end{aligned}\]",
        ),
        (r"$\pmatrix{a&b\cr c&d\cr}$", r"\(\begin{pmatrix}a&b\\ c&d\end{pmatrix}\)"),
        (
            r"$f=\cases{0&$x<0$\cr 1&else\cr}$",
            r"\(f=\begin{cases}0&x<0\\ 1& \text{else}\end{cases}\)",
        ),
        (
            r"$\cases{0 & if $x<0$, \cr a & x>0 \cr}$",
            r"\(\begin{cases}0 & \text{if $x<0$,}\\ a & x>0\end{cases}\)",
        ),
        (
            r"$\cases{0 & \hbox{if $x$}\cr$y$\cr}$",
            r"\(\begin{cases}0 & \hbox{if $x$}\\y\end{cases}\)",
        ),
        (r"\[ x \mbox{ and } y \eqno(3) \]", r"\[x \mbox{ and } y\]"),
        (r"$$z \leqno{(4)}$$", r"\[z\]"),
        (r"$a \over b$", r"\(a \over b\)"),
        (r"$\mbox{\boldmath$x$}$", r"\(\boldsymbol{x}\)"),
        (r"$a\raisebox{-1ex}{$x$}b\lower 2pt\hbox{c}$", r"\(a{x}b\hbox{c}\)"),
        (r"$\hbox to 3cm{if $x$}$", r"\(\hbox{if $x$}\)"),
        (r"$\mathchoice{a}{b}{c}{d}x$", r"\({a}x\)"),
    ],
)
def test_plain_tex(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"$\text{if $x>0$ then}$", r"\(\text{if $x>0$ then}\)"),
        (r"$\text{open $x then}$ on", r"\(\text{open $x then$}\) on"),
        (r"$\text{so \ensuremath{x}}$", r"\(\text{so $x$}\)"),
        (
            r"\newcommand{\n}{\ensuremath{\hbox{n}}}\newcommand{\a}{\ensuremath{(\n)}}$\hbox{\a}$",
            r"\(\hbox{$(\hbox{n})$}\)",
        ),
        (r"$a\footnote{A note on $b$.}$ on", r"\(a\) (A note on \(b\).) on"),
        (
            r"\begin{IEEEeqnarray}{rCl}a&=&b\IEEEyesnumber\\c&=&d\IEEEeqnarraynumspace\end{IEEEeqnarray}",
            r"\[\begin{aligned} a &= b \\ c &= d \end{aligned}\]",
        ),
        (
            r"\begin{empheq}[left=\empheqlbrace]{align}a&=b\\c&=d\end{empheq}",
            r"\[\begin{aligned} a&=b \\ c&=d \end{aligned}\]",
        ),
        (
            r"\begin{dgroup}\begin{dmath}a=b\end{dmath}\begin{dmath}c=d\end{dmath}\end{dgroup}",
            r"\[\begin{gathered} a=b\\ c=d \end{gathered}\]",
        ),
        (
            r"\begin{eqnarray}x&=&\left(\begin{array}{cc}a&b\end{array}\right)\end{eqnarray}",
            r"\[\begin{aligned} x &= \left(\begin{array}{cc}a&b\end{array}\right) \end{aligned}\]",
        ),
        (
            r"\begin{eqnarray}x=\begin{array}{cc}a&b&c\end{array}\end{eqnarray}",
            r"\[x=\begin{array}{cc}a&b&c\end{array}\]",
        ),
        (
            r"\begin{equation}a&=b\\c&=d\end{equation}",
            r"\[\begin{aligned} a&=b\\c&=d \end{aligned}\]",
        ),
        (r"\[\left( a \]", r"\[( a\]"),
        (
            r"\begin{align}\left(a\right.\\\left.b\right)\end{align}",
            r"\[\begin{aligned} \left(a\right. \\ \left.b\right) \end{aligned}\]",
        ),
        (r"$\sqrt[n]{}$ $\widehat{}$ $x^{}_{}$", r"\(\sqrt[n]{}\) \(\widehat{}\) \(x^{}_{}\)"),
        (r"$\numrange{1}{2}$ $\SIrange{1}{2}{\m}$", r"\(1\text{--}2\) \(1\text{--}2\,\mathrm{m}\)"),
    ],
)
def test_what_stands_in_formulas(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("package", "body", "expected"),
    [
        ("physics", r"\dv{f}{x}", r"\frac{\mathrm{d} f}{\mathrm{d} x}"),
        ("physics", r"\pdv[2]{f}{t}", r"\frac{\partial^{2} f}{\partial t^{2}}"),
        ("physics", r"\pdv{f}{x}{y}", r"\frac{\partial^{2} f}{\partial x\,\partial y}"),
        ("physics", r"\qty(a(b)+c)\qty[d]", r"\left(a(b)+c\right)\left[d\right]"),
        ("physics", r"\braket{a}{b}\ket{c}\abs{x}", r"\langle a|b\rangle|c\rangle\left|x\right|"),
        ("physics", r"\mqty(a&b\\c&d)", r"\begin{pmatrix}a&b\\c&d\end{pmatrix}"),
        ("braket", r"\braket{a|b}\ket{c}", r"\langle a|b\rangle|c\rangle"),
    ],
)
def test_packages_of_abbreviations(package: str, body: str, expected: str) -> None:
    assert text(f"${body}$", f"\\usepackage{{{package}}}") == f"\\({expected}\\)"


@pytest.mark.parametrize(
    "opening",
    [
        r"\mathchoice{",
        r"\raisebox{1pt}{",
        r"\hbox{$",
        r"\matrix{",
        r"\text{\ensuremath{",
        r"\eqno{",
    ],
)
def test_deep_nesting_costs_little(opening: str) -> None:
    start = time.monotonic()
    # Some nest too deeply to be read, the others lose nothing of what follows.
    with contextlib.suppress(RecordUnreadable):
        assert text("$" + opening * 20_000 + "\n\nThe words go on.").endswith("The words go on.")
    assert time.monotonic() - start < 20


def test_ties_are_kept() -> None:
    # TeX drops blanks of a formula, not ties.
    assert text(r"$x = 10~\mathrm{N}$") == r"\(x = 10~\mathrm{N}\)"
    assert text(r"$x \text{ in~N}$") == r"\(x \text{ in N}\)"
