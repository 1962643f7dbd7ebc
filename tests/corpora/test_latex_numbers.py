"""Numbers that LaTeX prints: which equation a label names, what a paper makes of a counter."""

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def text(body: str) -> str:
    source = f"\\documentclass{{article}}\\begin{{document}}{body}\\end{{document}}"
    document = read_project(Project("p", {"m.tex": source.encode()}, main="m.tex"), ReadOptions())
    return reveal(resolve(document)[0].text)


FIRST = r"\begin{equation}x\label{first}\end{equation}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A label before the row that is numbered names that row, in `align` and in `eqnarray`.
        (r"\begin{align}\label{k} u &= v \nonumber\\ &= w\end{align} so \eqref{k}", "so (2)"),
        (r"\begin{eqnarray}u &=& v \label{k} \nonumber\\ &=& w\end{eqnarray} so \eqref{k}",
         "so (2)"),
        # After the last numbered row nothing comes: the number stays the one before.
        (r"\begin{align}u &= v\\ &= w \nonumber\label{k}\end{align} so \eqref{k}", "so (2)"),
        # A tag is no step of the counter.
        (r"\begin{equation}u\tag{A}\end{equation}\begin{equation}v\label{k}\end{equation} "
         r"so \eqref{k}", "so (2)"),
        (r"\begin{align}u\tag{A}\label{a}\\v\label{k}\end{align} so \eqref{a}, \eqref{k}",
         "so (A), (2)"),
        (r"\begin{align}u\label{k}\nonumber\\v\tag{B}\label{b}\\w\end{align} so \eqref{b}, "
         r"\eqref{k}", "so (B), (2)"),
        (r"\[u\tag{7}\label{k}\] so \eqref{k}, \eqref{first}", "so (7), (1)"),
        (r"\begin{subequations}\label{s}\begin{align}u\label{a}\\v\tag{C}\label{c}\\w\label{b}"
         r"\end{align}\end{subequations}\begin{equation}x\label{k}\end{equation} "
         r"so \eqref{s}, \eqref{a}, \eqref{b}, \eqref{c}, \eqref{k}",
         "so (2), (2a), (2b), (C), (3)"),
        # amsmath takes back the number that `equation` has stepped to; a label keeps it.
        (r"\begin{equation}u\nonumber\label{a}\end{equation}\begin{equation}v\label{b}"
         r"\end{equation} so \eqref{a}, \eqref{b}", "so (2), (2)"),
        # A label after an environment names what is around the environment.
        (r"\section{One}\begin{equation}u\end{equation}\label{k} so \ref{k}", "so 1"),
        (r"\begin{subequations}\begin{align}u\\v\end{align}\label{k}\end{subequations} "
         r"so \eqref{k}", "so (2)"),
        # A label in a title names the section.
        (r"\section{One\label{a}}\subsection{Two\label{b}} so \ref{a}, \ref{b}", "so 1, 1.1"),
    ],
)  # fmt: skip
def test_labels_of_rows(body: str, expected: str) -> None:
    assert text(FIRST + body).split("\n\n")[-1] == expected


@pytest.mark.parametrize(
    "made",
    [r"\mbox{S\arabic{figure}}", r"S\,\arabic{figure}", r"\textbf{S}\arabic{figure}",
     r"\textcolor{red}{S\arabic{figure}}"],
)  # fmt: skip
def test_a_counter_leaks_no_command(made: str) -> None:
    figure = r"\begin{figure}\includegraphics{a}\caption{Kites.}\label{k}\end{figure} In \ref{k}."
    made = rf"\renewcommand{{\thefigure}}{{{made}}}"
    assert text(made + figure) == "[IMAGE]\n\nFigure S1: Kites.\n\nIn S1."


@pytest.mark.parametrize("source", ["a ‘‘kite'' flies", "a ‘‘kite’’ flies"])
def test_two_single_marks_are_one(source: str) -> None:
    assert text(source) == "a “kite” flies"


RESTATED = r"""\newtheorem{claim}{Claim}\begin{restatable}[Kites]{claim}{kites}\label{k}Kites fly.
\end{restatable}"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"By \ref{k}.", "By 1."),
        (r"\kites*", "Claim 1 (Kites). Kites fly."),
        (r"\kites* \begin{claim}Fish swim.\end{claim}",
         "Claim 1 (Kites). Kites fly.\n\nClaim 2. Fish swim."),
    ],
)  # fmt: skip
def test_restatable(body: str, expected: str) -> None:
    assert text(RESTATED + body) == "Claim 1 (Kites). Kites fly.\n\n" + expected


def test_a_statement_that_names_itself_ends() -> None:
    body = r"\begin{restatable}{claim}{kites}\kites* Kites fly.\end{restatable}"
    made = text(body + r"\kites*" * 50)
    assert 1 < made.count("Kites fly.") < 10
