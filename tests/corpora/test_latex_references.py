"""Cross-references, counters and lists: what a reader would see, or nothing that reads badly."""

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
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
        (r"Advice in Part 4 starting on page~\pageref{s}.", "Advice in Part 4."),
        (r"It is known (page~\pageref{s}), see p.~\pageref{s}.", "It is known, see section 1."),
        (r"A list (Page~\pageref{none}) is here.", "A list is here."),
        (r"So it was. Page~\pageref{s}. Next.", "So it was. Next."),
        (
            r"Page~\pageref{s} proves it. Page~\pageref{none} does not.",
            "Section 1 proves it. The page does not.",
        ),
        (
            r"It is so, see p.~\pageref{none}, we say; cf. pages \pageref{none} and "
            r"\pageref{none}.",
            "It is so, we say.",
        ),
        (r"Listed on pages \pageref{s} and \pageref{s}.", "Listed."),
        (r"See page~\pageref{s} for more.", "See section 1 for more."),
        (r"On page~\pageref{s} we go on.", "In section 1 we go on."),
        (r"Truth. On page~\pageref{none} we stop.", "Truth. We stop."),
        (r"As in Fig.~\ref{none}, true.", "As in the figure, true."),
        (
            r"Figure \ref{none} shows it. Table~\ref{none} too.",
            "The figure shows it. The table too.",
        ),
        (
            r"Use eqs. (\ref{none}) and (\ref{nil}), or Equation (\ref{none}).",
            "Use the equations, or the equation.",
        ),
        (r"Known (see Fig.~\ref{none}) and (\ref{none}).", "Known and."),
        (
            r"By \S\ref{none} and Thm.~\ref{none} it holds.",
            "By the section and the theorem it holds.",
        ),
        (r"The \namecref{s}; \crefrange{s}{t}; \cpageref{s}", "The section; sections 1 to 2;"),
    ],
)
def test_what_has_no_number_reads_well(body: str, expected: str) -> None:
    sections = r"\section{A}\label{s}\section{B}\label{t}"
    assert text(sections + body).removeprefix("# A\n\n# B\n\n") == expected


def test_counters_of_a_supplement() -> None:
    body = r"""
\begin{figure}\caption{One}\end{figure}
\setcounter{figure}{0}\renewcommand{\thefigure}{S\arabic{figure}}
\begin{figure}\caption{Two}\label{f}\end{figure}
\section{A}\renewcommand\theequation{\thesection.\arabic{equation}}
\begin{equation}\label{e}x\end{equation} Fig.~\ref{f}, Eq.~\eqref{e}, Section \thesection."""
    got = text(body)
    assert "Figure 1: One" in got
    assert "Figure S1: Two" in got
    assert got.endswith("Fig. S1, Eq. (1.1), Section 1.")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\begin{enumerate}[label=(\alph*)]\item\label{i} a\item b\end{enumerate}\ref{i}",
         "- (a) a\n- (b) b\n\n(a)"),
        (r"\begin{enumerate}[(i)]\item a\item b\end{enumerate}", "- (i) a\n- (ii) b"),
        (r"\begin{enumerate}[label=\textbf{H\arabic*}]\item a\item b\end{enumerate}",
         "- H1 a\n- H2 b"),
        (r"\begin{enumerate}[1.]\item a\end{enumerate}", "1. a"),
        (r"\begin{enumerate}[leftmargin=*]\item a\end{enumerate}", "1. a"),
        (r"\begin{enumerate}\setcounter{enumi}{3}\item a\end{enumerate}", "4. a"),
        (r"\begin{enumerate}\item a\end{enumerate}\begin{enumerate}[resume]\item b\end{enumerate}",
         "1. a\n\n2. b"),
        (r"\renewcommand{\labelenumi}{(\Alph{enumi})}\begin{enumerate}\item a\end{enumerate}",
         "- (A) a"),
        (r"\begin{enumerate}\item a"
         r"\begin{enumerate}\item\label{i} b\end{enumerate}\end{enumerate}\ref{i}",
         "1. a\n   1. b\n\n1a"),
        (r"We \begin{inparaenum}[(1)]\item a, \item b\end{inparaenum}.", "We (1) a, (2) b."),
        (r"We \begin{enumerate*}[label=(\roman*)]\item a,\item b\end{enumerate*} do.",
         "We (i) a, (ii) b do."),
        (r"\begin{list}{\arabic{x}.}{\usecounter{x}}\item a\end{list}", "- a"),
    ],
)  # fmt: skip
def test_lists(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("definitions", "body", "expected"),
    [
        (r"\newacronym{svm}{SVM}{vector machine}", r"\gls{svm}, \gls{svm}, \glspl{svm}",
         "vector machine (SVM), SVM, SVMs"),
        (r"\newacronym[longplural={men of straw}]{m}{MoS}{man of straw}", r"\glspl{m}",
         "men of straw (MoSs)"),
        (r"\newglossaryentry{ox}{name=ox, plural={oxen}, description={a beast, strong}}",
         r"\gls{ox} and \Glspl{ox}", "ox and Oxen"),
        (r"\newglossaryentry{a}{name={\ensuremath{\alpha}},description={an angle}}",
         r"\gls{a} and $\gls{a}+1$", r"\(\alpha\) and \(\alpha+1\)"),
        (r"\DeclareAcronym{cnn}{short=CNN, long={convolutional net}}",
         r"\ac{cnn} \ac{cnn} \acl{cnn}", "convolutional net (CNN) CNN convolutional net"),
        ("", r"\ac{UA} \ac{UA} \acresetall\Ac{UA}"
         r"\begin{acronym}[UAX]\acro{UA}{used acronym}\end{acronym}",
         "used acronym (UA) UA Used acronym (UA)\n\n- UA: used acronym"),
    ],
)  # fmt: skip
def test_acronyms(definitions: str, body: str, expected: str) -> None:
    assert text(body, definitions) == expected


def test_a_reference_to_several_kinds_names_each() -> None:
    body = r"\begin{equation}\label{a}x\end{equation}\begin{equation}\label{b}x\end{equation}"
    body += r"\begin{figure}\caption{C}\label{f}\end{figure}\Cref{a,b,f}"
    assert text(body).endswith("Equations (1) and (2) and figure 1")


_EQUATIONS = "".join(rf"\begin{{equation}}\label{{{key}}}x\end{{equation}}" for key in "abcd")


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        ("", r"\cref{a}, \Cref{b,a}, \cref{c,a,b}", "equation (1), Equations (1) and (2), "
         "equations (1) to (3)"),
        ("", r"\cref{d,a,b}; \crefrange{a}{c}; \crefrange{a}{none}; \cref{b,b}",
         "equations (1), (2) and (4); equations (1) to (3); equation (1); equation (2)"),
        (r"\crefname{equation}{Eq.}{Eqs.}", r"\cref{a} and \cref{b,c}; \Cref{a}",
         "Eq. (1) and Eqs. (2) and (3); Eq. (1)"),
        (r"\crefname{equation}{relation}{relations}", r"\Cref{a,b}", "Relations (1) and (2)"),
        (r"\newtheorem{rem}{Remark}\crefname{rem}{note}{notes}",
         r"\begin{rem}\label{r}A\end{rem}\cref{r}", "Remark 1. A\n\nnote 1"),
        (r"\newtheorem{c}{Corollary}", r"\begin{c}\label{r}A\end{c}\begin{c}\label{s}B\end{c}"
         r"\Cref{r,s}", "Corollary 1. A\n\nCorollary 2. B\n\nCorollaries 1 and 2"),
    ],
)  # fmt: skip
def test_one_and_several_things_of_a_kind(preamble: str, body: str, expected: str) -> None:
    shown = text(_EQUATIONS + body, preamble)
    assert shown.removeprefix("\n\n".join([r"\[x\]"] * 4)).strip() == expected


@pytest.mark.parametrize(
    ("preamble", "expected"),
    [
        ("", "section 1, Figure 1"),
        (r"\renewcommand{\sectionautorefname}{Sec.}", "Sec. 1, Figure 1"),
        (r"\addto\extrasenglish{\def\sectionautorefname{\S}}", "§ 1, Figure 1"),
        (r"\addto\extrasgerman{\def\sectionautorefname{Abschnitt}}", "section 1, Figure 1"),
    ],
)
def test_the_names_of_autoref(preamble: str, expected: str) -> None:
    body = r"\section{A}\label{a}\begin{figure}\caption{C}\label{f}\end{figure}"
    assert text(body + r"\autoref{a}, \autoref{f}", preamble).endswith(expected)
