"""Slides: what is shown on which slide leaves no trace, frames have headings."""

import time

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex.dialects.overlays import without_overlays
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def text(body: str, kind: str = "beamer", **files: str) -> str:
    source = f"\\documentclass[t]{{{kind}}}\\begin{{document}}{body}\\end{{document}}"
    contents = {"m.tex": source.encode()}
    contents |= {name.replace("__", "."): written.encode() for name, written in files.items()}
    project = Project("p", contents, main="m.tex")
    return reveal(resolve(read_project(project, ReadOptions(latex_markers=False)))[0].text)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\only<1>{One} \only<2->{two}, \uncover<2,4>{three}.", "One two, three."),
        (r"\begin{itemize}[<+->]\item<2-> A\item<1-|alert@2> B\item[x]<3> C\item D\end{itemize}",
         "- A\n- B\n- x: C\n- D"),
        (r"\onslide<3>{X}, \onslide+<2-> Y \onslide* Z \visible<1|handout:0>{v}\pause[2] w",
         "X, Y Z v w"),
        (r"\alt<2>{on two}{not on two} \temporal<2>{before}{at}{after}", "on two at"),
        (r"\textbf<2>{bold} \alert<.->{al} \only{all}<2-> \structure{s}", "bold al all s"),
        (r"\begin{block}<2>{Claim} It is.\end{block}\begin{alertblock}{But}<3> no.\end{alertblock}",
         "Claim. It is.\n\nBut. no."),
        (r"$a<b>c$, $x_{1}<2$ and $\mu<3>1$", r"\(a<b>c\), \(x_1<2\) and \(\mu1\)"),
    ],
)  # fmt: skip
def test_overlays_leave_no_trace(body: str, expected: str) -> None:
    shown = text(body)
    assert shown.replace("x_{1}", "x_1") == expected


def test_frames() -> None:
    body = r"""\section{S}
\begin{frame}[fragile]<1-2>\frametitle<2>{Hello}
\begin{columns}[T]\begin{column}{0.5\textwidth} left \end{column}
\column{.5\textwidth} right \end{columns}
\end{frame}
\begin{frame}[t]{Rain}{In the hills} wet \note{say it} \end{frame}
\begin{frame}{Rain} wetter \end{frame}
\subsection{T}\frame<1>{\frametitle{Snow} white}"""
    assert text(body) == (
        "# S\n\n## Hello\n\nleft\n\nright\n\n## Rain\n\nIn the hills.\n\nwet\n\nwetter\n\n"
        "## T\n\n### Snow\n\nwhite"
    )


def test_included_files_are_slides_too_and_papers_are_none() -> None:
    assert text(r"\input{part}", part__tex=r"\only<2>{shown}") == "shown"
    assert text(r"Take \textbf{x}<2> and \emph{y}.", kind="article") == "Take x<2> and y."


def test_many_signs_cost_linear_time() -> None:
    before = time.process_time()
    for hostile in (r"\item<" * 20_000, "}<1" * 30_000, r"\a <" + "-" * 50_000):
        without_overlays(hostile)
    assert time.process_time() - before < 2
