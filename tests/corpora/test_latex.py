# ruff: noqa: E501  (sources and texts stand whole on their lines)
"""Golden texts of small LaTeX papers: what a reader of the paper would see."""

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import pairing_fault, reveal


def read(source: str, markers: bool = False, **files: str) -> Document:
    contents = {name.replace("__", "."): text.encode() for name, text in files.items()}
    project = Project("paper", {"main.tex": source.encode(), **contents}, main="main.tex")
    document = read_project(project, ReadOptions(latex_markers=markers))
    assert pairing_fault(document.text) is None
    return document


def text(body: str, preamble: str = "", **files: str) -> str:
    source = (
        f"\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    )
    return reveal(resolve(read(source, **files))[0].text)


PAPER = r"""
\documentclass[12pt]{article}
\newcommand{\vect}[1]{\boldsymbol{#1}}
\newcommand{\norm}[2][2]{\lVert #2 \rVert_{#1}}
\title{A \emph{short} title\thanks{Funded by nobody.}}
\author{Ada B. Byron$^{1}$ \and Blaise Pascal\thanks{x@y.org}, and Carl van der Berg \\ Some University}
\begin{document}
\maketitle
\begin{abstract}
We bound $\norm{\vect x}$, see~\cite{k}.% a comment
\end{abstract}
\section{Introduction}\label{s}
One ``quoted'' word---and $10^{5}$ more; H$_2$O and 5$^{th}$.\footnote{A note.} See
Section~\ref{s}, Eq.~\eqref{e} and Fig.~\ref{f}.
\begin{equation}\label{e}
  \norm[1]{\vect x} \le c \,\quad .
\end{equation}
\begin{figure}\centering\includegraphics{a.pdf}\caption{A picture.}\label{f}\end{figure}
\subsection*{Unnumbered}
\begin{itemize}\item one \item two\end{itemize}
\begin{thebibliography}{9}\bibitem{k} D. Knuth. \newblock The {\TeX}book. \newblock 1984.\end{thebibliography}
\end{document}
"""

GOLDEN = r"""Title: A short title

Authors: Ada B. Byron, Blaise Pascal, Carl van der Berg

# Abstract

We bound [START_LATEX]\(\lVert \boldsymbol{x} \rVert_{2}\)[END_LATEX], see [START_REF] The TeXbook, Knuth[END_REF].

# Introduction

One “quoted” word—and [START_LATEX]\(10^{5}\)[END_LATEX] more; H[START_SUB]2[END_SUB]O and 5[START_SUP]th[END_SUP]. (A note.) See Section 1, Eq. (1) and Fig. 1.

[START_LATEX]\[\lVert \boldsymbol{x} \rVert_{1} \le c.\][END_LATEX]

[IMAGE]

Figure 1: A picture.

## Unnumbered

- one
- two"""


def test_a_whole_paper() -> None:
    document = read(PAPER, markers=True)
    assert reveal(resolve(document)[0].text) == GOLDEN
    assert document.metadata["authors"] == ["Ada B. Byron", "Blaise Pascal", "Carl van der Berg"]
    assert [entry.surname for entry in document.citations] == ["Knuth"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"na\"{\i}ve \'etude \v{S}koda \aa ngstr\o m \c{c}a", "naïve étude Škoda ångstrøm ça"),
        (r"a -- b --- c~d \ldots{} 5\,km \& 10\% \_x", "a – b — c d … 5 km & 10% _x"),
        (
            r"\textbf{bold} {\it old} \textcolor{red}{kept}\vspace{2em} \hspace*{1cm}on",
            "bold old kept on",
        ),
        (r"\href{http://a.b/c%20d}{here} \url{http://x.y/a_b~c#d}", "here http://x.y/a_b~c#d"),
        (r"\verb|a_{b}| and \texttt{c\_d}", "`a_{b}` and `c_d`"),
        ("one\n\n% comment\n\ntwo % end\nthree", "one\n\ntwo three"),
        (r"a\iffalse hidden\else shown\fi b", "ashownb"),
        (r"\begin{comment}no\end{comment}yes", "yes"),
        (r"\begin{quote}wise words\end{quote}", "> wise words"),
        (
            r"\begin{enumerate}\item a\begin{itemize}\item b\end{itemize}\end{enumerate}",
            "1. a\n   - b",
        ),
        (r"\begin{description}\item[Gas] light\end{description}", "- Gas: light"),
        ("\\begin{verbatim}\n% x = {1}\n\\end{verbatim}", "```\n% x = {1}\n```"),
        (
            "\\begin{lstlisting}[language=Python]\nif x:\n    y()\n\\end{lstlisting}",
            "```python\nif x:\n    y()\n```",
        ),
        (
            r"\SI{3.5}{\kilo\metre\per\second} \num{1e3}",
            "3.5 km s[START_SUP]−1[END_SUP] 1 × 10[START_SUP]3[END_SUP]",
        ),
        (r"\ce{H2SO4}", "H[START_SUB]2[END_SUB]SO[START_SUB]4[END_SUB]"),
        (r"\unknowncommand{kept} \unknownother next", "kept next"),
        (r"\vskip 1cm plus 2pt Text \kern-1em more", "Text more"),
    ],
)
def test_text_commands(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"$\alpha \label{x} + \beta \nonumber$", r"\(\alpha + \beta\)"),
        (r"\[ x^2 \hspace{1cm} \label{a} \]", r"\[x^2\]"),
        ("$$ a+b $$", r"\[a+b\]"),
        (
            r"\begin{align} a &= b \label{p}\\ c &= d \nonumber \end{align}",
            r"\[\begin{aligned} a &= b \\ c &= d \end{aligned}\]",
        ),
        (
            r"\begin{eqnarray} a &=& b \\ &\le& c \end{eqnarray}",
            r"\[\begin{aligned} a &= b \\ &\le c \end{aligned}\]",
        ),
        (r"\begin{gather*} a \\ b \end{gather*}", r"\[\begin{gathered} a \\ b \end{gathered}\]"),
        (r"\begin{multline} a \end{multline}", r"\[a\]"),
        (r"$\{x\}$ and $a_{b$ end", r"\(\{x\}\) and \(a_b\) end"),
        (r"$\ensuremath{y}^\textcolor{red}{2}$", r"\(y^{2}\)"),
        (r"x is 3\ensuremath{\times}4", r"x is 3×4"),
    ],
)
def test_formulas(body: str, expected: str) -> None:
    assert text(body) == expected


def test_an_unbalanced_formula_swallows_nothing() -> None:
    got = text("First $x + y without an end.\n\nSecond paragraph $z$ is whole.")
    assert got.split("\n\n")[1] == r"Second paragraph \(z\) is whole."
    assert "without an end." in got
    got = text("\\begin{equation} a = b\n\nThe text goes on.")
    assert got == "\\[a = b\\]\n\nThe text goes on."


def test_macros() -> None:
    preamble = r"""
\def\be{\begin{equation}}\def\ee{\end{equation}}
\newcommand{\half}{\frac{1}{2}} \newcommand{\this}{\textsf{emcee}}
\newcommand{\fig}[1]{Figure~\ref{fig:#1}}
\let\eps\varepsilon \renewcommand{\vec}[1]{\mathbf{#1}} \def\pair<#1,#2>{(#1;#2)}
\DeclareMathOperator*{\argmax}{arg\,max}
\newenvironment{claimlike}[1]{\textbf{Claim #1.} }{ End of claim.}
"""
    assert text(r"\be \frac\half x \eps \vec k \ee", preamble) == (
        r"\[\frac{\frac{1}{2}} x \varepsilon \mathbf{k}\]"
    )
    assert text(r"\this\ is \this{}ly; \pair<a,b>", preamble) == "emcee is emceely; (a;b)"
    assert text(r"$\argmax_x f$", preamble) == r"\(\operatorname*{arg\,max}_x f\)"
    assert text(r"\begin{claimlike}{A}x\end{claimlike}", preamble) == "Claim A. x End of claim."


def test_cross_references_are_numbers_or_vanish() -> None:
    preamble = (
        r"\usepackage{cleveref}\newtheorem{thm}{Theorem}[section]\newtheorem{lem}[thm]{Lemma}"
    )
    body = r"""
\section{A}\label{a}
\begin{thm}[Name]\label{t} Words. \end{thm}
\begin{lem}\label{l} More. \end{lem}
\begin{table}\caption{C}\label{tab}\begin{tabular}{ll}a&b\\c&d\end{tabular}\end{table}
\subsection{B}\label{b}
\ref{t}, \cref{t,l}, \autoref{a}, \Cref{b}, Table~\ref{tab} (see Section~\ref{nowhere}) page~\pageref{a}.
\appendix \section{Z}\label{z} App.~\ref{z}.
"""
    got = text(body, preamble)
    assert "Theorem 1.1 (Name). Words." in got
    assert "Lemma 1.2. More." in got
    assert "1.1, Theorem 1.1 and Lemma 1.2, section 1, Section 1.1, Table 1." in got
    assert "App. A." in got
    assert "nowhere" not in got
    assert "??" not in got


def test_tables() -> None:
    body = r"""
\begin{tabular}{l|cc}
\toprule & \multicolumn{2}{c}{Score} \\ \cmidrule(lr){2-3} Name & A & B \\ \midrule
x & $|a|$ & 5 \\ y & 1 & \\ \bottomrule
\multicolumn{3}{l}{A note.}
\end{tabular}"""
    assert text(body) == (
        "| Name | Score A | Score B |\n| --- | --- | --- |\n"
        "| x | \\(\\vert a\\vert\\) | 5 |\n| y | 1 | |\n\nA note."
    )


def test_algorithms() -> None:
    body = r"""
\begin{algorithm}\caption{Euclid}\label{alg}
\begin{algorithmic}\While{$r\neq 0$}\State $a\gets b$\Comment{shift}\EndWhile \State \Return $b$
\end{algorithmic}\end{algorithm}
Algorithm~\ref{alg}."""
    assert text(body) == (
        "Algorithm 1: Euclid\n\n- while \\(r\\neq 0\\) do\n  - \\(a\\gets b\\) // shift\n"
        "- return \\(b\\)\n\nAlgorithm 1."
    )


@pytest.mark.parametrize(
    ("front", "title", "authors"),
    [
        (
            r"\documentclass{revtex4-1}\begin{document}\title{T}\author{Anna Müller}\email{a@b}"
            r"\affiliation{Bonn}\author{J. Ruiz}\affiliation{CERN}\maketitle Text.\end{document}",
            "T",
            ["Anna Müller", "J. Ruiz"],
        ),
        (
            r"\documentclass{elsarticle}\begin{document}\begin{frontmatter}\title{T\tnoteref{t}}"
            r"\author[1]{Jane Doe\corref{c}}\ead{j@d}\cortext[c]{C}\author[2]{Lee Po}\address[1]{U}"
            r"\end{frontmatter}Text.\end{document}",
            "T",
            ["Jane Doe", "Lee Po"],
        ),
        (
            r"\documentclass{IEEEtran}\begin{document}\title{A\\T}\author{\IEEEauthorblockN{A. One, "
            r"B. Two}\IEEEauthorblockA{Univ\\City}\and\IEEEauthorblockN{C. Six}\IEEEauthorblockA{X}}"
            r"\maketitle Text.\end{document}",
            "A T",
            ["A. One", "B. Two", "C. Six"],
        ),
        (
            r"\documentclass{llncs}\begin{document}\title{T}\author{Al Bo\inst{1}\orcidID{0-1} \and Cy Do}"
            r"\institute{P \and Q}\maketitle Text.\end{document}",
            "T",
            ["Al Bo", "Cy Do"],
        ),
        (
            r"\documentclass{bioinfo}\begin{document}\title[S]{Long}\author[A]{Ann Li\,$^{1,*}$, Bo Wu}"
            r"\address{Here}\maketitle Text.\end{document}",
            "Long",
            ["Ann Li", "Bo Wu"],
        ),
        (
            r"\documentstyle{article}\begin{document}\title{T}\author{J. Old$^1$ and M. Older \\ Inst}"
            r"\maketitle Text.\end{document}",
            "T",
            ["J. Old", "M. Older"],
        ),
        (
            r"\documentclass{article}\begin{document}\begin{flushleft}{\Large\textbf\newline{A Title Here}}"
            r"\newline\\ Greg~Wilson\textsuperscript{1,*}, Jo Po\textsuperscript{2}\\ \bigskip"
            r"\textbf{1} Univ\\ * a@b \end{flushleft}Text.\end{document}",
            "A Title Here",
            ["Greg Wilson", "Jo Po"],
        ),
        (
            r"\documentstyle[12pt]{article}\title{\bf A Title\\[1cm] Here}\author{A. Rain$^a$ and"
            r" B. Hail$^{a}$\\ {\it $^a$ Some Street, Somewhere}\\ and\\ {\sc C. Sleet}\\ {\em Nowhere}}"
            r"\begin{document}\maketitle Text.\end{document}",
            "A Title Here",
            ["A. Rain", "B. Hail", "C. Sleet"],
        ),
        (
            r"\documentclass{article}\title{T}\author{A. Rain$^1$\\ and C. Sleet$^2$\\ $^1$ Some"
            r" Street\\ and another street}\begin{document}\maketitle Text.\end{document}",
            "T",
            ["A. Rain", "C. Sleet"],
        ),
    ],
)
def test_front_matter_of_document_classes(front: str, title: str, authors: list[str]) -> None:
    document = read(front)
    assert document.metadata["title"] == title
    assert document.metadata["authors"] == authors
    assert document.text == f"Title: {title}\n\nAuthors: {', '.join(authors)}\n\nText."


def test_an_abstract_in_five_parts() -> None:
    got = read(
        r"\documentclass{aa}\begin{document}\title{T}\author{A. Bee}"
        r"\abstract{Context.}{Aims.}{Methods.}{Results.}{}\maketitle Body.\end{document}"
    ).text
    assert "# Abstract\n\nContext.\n\nAims.\n\nMethods.\n\nResults.\n\nBody." in got


def test_without_latex_markers_formulas_keep_their_delimiters() -> None:
    source = r"\documentclass{article}\begin{document}$x$\end{document}"
    assert read(source, markers=False).text == r"\(x\)"
    assert reveal(read(source, markers=True).text) == r"[START_LATEX]\(x\)[END_LATEX]"


def test_files_of_the_project_only() -> None:
    source = r"\documentclass{article}\begin{document}\input{part}\input{../secret}\input{gone}\end{document}"
    document = read(source, part__tex=r"Part. \input{main}")
    assert document.text == "Part."
    assert document.metadata["inputs_missing"] == ["main", "../secret", "gone"]
