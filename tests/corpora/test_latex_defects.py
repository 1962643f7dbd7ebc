"""LaTeX that was once read wrongly: printed titles, formulas in words and in titles, ions."""

import pytest

from corpora.citations import resolve
from corpora.documents import Citation, Document, ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def read(body: str, **files: str) -> Document:
    source = f"\\documentclass{{article}}\\begin{{document}}{body}\\end{{document}}"
    contents = {"m.tex": source.encode()}
    contents |= {name.replace("__", "."): text.encode() for name, text in files.items()}
    return read_project(Project("p", contents, main="m.tex"), ReadOptions(latex_markers=True))


def text(body: str) -> str:
    return reveal(resolve(read(body))[0].text)


def cited(item: str) -> Citation:
    """The citation of one printed reference."""
    (entry,) = read(
        r"x \cite{k}\begin{thebibliography}{9}\bibitem{k} " + item + r"\end{thebibliography}"
    ).citations
    return entry


@pytest.mark.parametrize(
    ("item", "title", "words"),
    [
        (r"O. Catoni, \emph{Challenging the mean: a study}, Ann. Inst. Henri Poincar\'e "
         r"\textbf{48} (2012), 1148--1185.",
         "Challenging the mean: a study", "Catoni 2012"),
        (r"P.~J. Huber, {\it Robust estimation}, Ann. Math. Statist. {\bf 35} (1964), "
         r"no.~1, 73, with a note by A.",
         "Robust estimation", "Huber 1964"),
        (r"A. S. Nemirovsky and D. B. Yudin, {\em Problem Complexity}, Wiley, 1983.",
         "Problem Complexity", "Nemirovsky and Yudin 1983"),
        (r"N. Alon, Y. Matias, and M. Szegedy, \textit{Frequency moments in space}, J. "
         r"Comput. \textbf{58} (1999), 137.",
         "Frequency moments in space", "Alon et al. 1999"),
        (r"Hahn, O. \& Strassmann, F. On proof. \textit{Naturwiss.} \textbf{27}, 11 (1939).",
         "On proof", "Hahn and Strassmann 1939"),
        (r"Planck Team, \emph{Results of 2018. VI}, A\&A 641 (2020), "
         r"A6.", "Results of 2018. VI", "Planck Team 2020"),
        (r"A. Author, Plain title, \emph{J. Phys.} \textbf{3} "
         r"(1990)", "Plain title", "Author 1990"),
    ],
)  # fmt: skip
def test_slanted_titles(item: str, title: str, words: str) -> None:
    entry = cited(item)
    assert (entry.title, entry.as_written) == (title, f"({words})")


@pytest.mark.parametrize(
    ("item", "title", "words"),
    [
        (r"Bender, M. L. Exchange as Evidence in Hydrolysis. \textit{J. Am. Chem. Soc.} "
         r"\textbf{1951}, \textit{73}, 1626--1629.",
         "Exchange as Evidence in Hydrolysis", "Bender 1951"),
        (r"Evans, M. G.; Polanyi, M. Some Reactions in Solution. \textit{Trans. Faraday "
         r"Soc.} \textbf{1935}, 31, 1875--1894.",
         "Some Reactions in Solution", "Evans and Polanyi 1935"),
        (r"van der Berg, A.; O'Neil, P. A New Way. \emph{ChemPhysChem} \textbf{2001}, 3, 2.",
         "A New Way", "van der Berg and O'Neil 2001"),
        (r"Smith, J.; Li, H. Kinetics of things. In \textit{Advanced Chemistry}; Doe, "
         r"J., Ed.; Wiley: New York, 1999; pp 3--9.",
         "Kinetics of things", "Smith and Li 1999"),
        (r"Smith, J. \textit{Organic Chemistry}; Wiley: New York, "
         r"1999.", "Organic Chemistry", "Smith 1999"),
    ],
)  # fmt: skip
def test_plain_titles_before_a_slanted_journal(item: str, title: str, words: str) -> None:
    entry = cited(item)
    assert (entry.title, entry.as_written) == (title, f"({words})")


def test_a_rule_stands_for_the_authors_before() -> None:
    first = r"A. Poe and B. Li, \emph{First words}, Ann. Math. \textbf{1} (2011), 1."
    same = r"\bibitem{s} \bysame, \emph{Second words}, Ann. Math. \textbf{2} (2012), 1."
    document = read(
        r"\newcommand{\bysame}{\leavevmode\hbox to3em{\hrulefill}\thinspace}\cite{s}"
        rf"\begin{{thebibliography}}{{9}}\bibitem{{k}} {first} {same}\end{{thebibliography}}"
    )
    (entry,) = document.citations
    assert (entry.title, entry.as_written) == ("Second words", "(Poe and Li 2012)")


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (r"A. Einstein, \emph{Ann. Phys.} 17, 891 (1905)", "Einstein 1905"),
        (r"A. Einstein, \emph{Annalen der Physik} (1905).", "Einstein 1905"),
        (r"Bender, M. L. \textit{J. Am. Chem. Soc.} \textbf{1951}, \textit{73}, "
         r"1626.", "Bender 1951"),
        (r"Bender, M.; Li, A. \textit{Polyhedra} \textbf{1951}, 73, 1626.", "Bender and Li 1951"),
        (r"A. Author, Phys. Rev. Lett. 100, 1 (2008)", "Author 2008"),
        (r"A. Author \emph{et al.}, Phys. Rev. Lett. {\bf 100}, 1 (2008).", "Author et al. 2008"),
        (r"A. Author, Phys. Rev. {\bf 1}, 1 (2008); B. Poe, {\it Ann. Phys.} {\bf 3}, 4 "
         r"(2009).", "Author 2008"),
        (r"A. Author, in \emph{Proceedings of X} (Springer, 1990), p. 3.", "Author 1990"),
        (r"W. Poe, Z. Physik \emph{12}, 33 (1922)", "Poe 1922"),
        (r"A. Author, B. Poe, Phys. Rev. {\it 47}, 1935 (1951), 1935 (E).", "Author and Poe 1951"),
    ],
)  # fmt: skip
def test_no_title_is_invented(item: str, words: str) -> None:
    entry = cited(item)
    assert (entry.title, entry.as_written) == (None, f"({words})")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (r"Planets with {$P_{\rm orb} > 2$} days", "Planets with P_orb > 2 days"),
        (r"The law $\log N = a - bM$ of quakes", "The law log N = a - bM of quakes"),
        (r"Growth as $n \to \infty$ and $\alpha \le 3$", "Growth as n → ∞ and α ≤ 3"),
        (r"PSR~J1547$+$0932 and J0437$-$4715", "PSR J1547+0932 and J0437−4715"),
        (r"Drops of 100 $\mu$g of CO$_3^{2-}$", "Drops of 100 μg of CO₃²⁻"),
    ],
)
def test_formulas_in_cited_titles(title: str, expected: str) -> None:
    bib = f"@article{{k, title={{{title}}}, author={{Poe, E.}}, year=2001}}"
    (entry,) = read(r"x \cite{k}\bibliography{refs}", refs__bib=bib).citations
    assert entry.title == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"PSR~J1547$+$0932, J0437$-$4715", "PSR J1547+0932, J0437−4715"),
        (r"the $10$th of H$2$O", "the 10th of H2O"),
        (r"100~$\mu$g, 5~$\mathrm{\mu}$m, 5$\,\mu$g", "100 μg, 5 μm, 5 μg"),
        (r"$\Delta$\textit{mutS} and $\Delta${\it mutS}", "ΔmutS and ΔmutS"),
        (r"A$\cdot$T$\rightarrow$G$\cdot$C", "A·T→G·C"),
        (r"3$\times$10, 5$\pm$1, $\sim$7, $<$9", "3×10, 5±1, ∼7, <9"),
    ],
)
def test_symbols_within_words_are_text(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize("body", ["a $\\alpha$ b", "the $\\mu$.", "a $+$ b", "a $10$ b", "x$y$z"])
def test_lone_formulas_stay_formulas(body: str) -> None:
    source = body.split("$")[1]
    assert f"[START_LATEX]\\({source}\\)[END_LATEX]" in text(body)


def test_a_lost_dollar_splits_no_display() -> None:
    assert text(r"costs $5 and $$x^2$$ more").endswith("x^2\\][END_LATEX]\n\nmore")


def sup(script: str) -> str:
    return f"[START_SUP]{script}[END_SUP]"


def sub(script: str) -> str:
    return f"[START_SUB]{script}[END_SUB]"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"CO$_3^{2-}$", f"CO{sub('3')}{sup('2−')}"),
        (r"PO$^{3-}_{4}$", f"PO{sup('3−')}{sub('4')}"),
        (r"SO$_4$$^{2-}$", f"SO{sub('4')}{sup('2−')}"),
        (r"H$_2$O, OH$^-$, Na$^{+}$", f"H{sub('2')}O, OH{sup('−')}, Na{sup('+')}"),
        (r"O\textsuperscript{2-}, cm\textsuperscript{-3}", f"O{sup('2−')}, cm{sup('−3')}"),
        (r"s$^{-1/2}$ by Poe$^{1-3}$", f"s{sup('−1/2')} by Poe{sup('1-3')}"),
        (r"A\textsuperscript{1-3}", f"A{sup('1-3')}"),
    ],
)
def test_ions(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("item", "title", "words"),
    [
        (r"James D. Rainwater IV. \newblock Wet roads. \newblock 2003.", "Wet roads",
         "Rainwater 2003"),
        (r"John A. Smith Jr. and Al Poe. Wet roads \&amp; ice. {\em J. Rain}, 3:1, 2004.",
         "Wet roads & ice", "Smith and Poe 2004"),
        (r"Sam Davis III, B. Poe. Dry roads. {\em J. Rain}, 3:1, 2004.", "Dry roads",
         "Davis and Poe 2004"),
    ],
)  # fmt: skip
def test_a_generation_is_no_surname(item: str, title: str, words: str) -> None:
    entry = cited(item)
    assert (entry.title, entry.as_written) == (title, f"({words})")


@pytest.mark.parametrize(
    ("fields", "title", "surname"),
    [
        ("title={Steel &amp; rain &lt; 3 &#8211; caf&eacute;}, author={Jo Smith, Jr.}",
         "Steel & rain < 3 – café", "Smith"),
        (r"title={Steel {\&}amp; rain \&\#38; ice}, author={Al {Poe III}}",
         "Steel & rain & ice", "Poe"),
        ("title={H<sub>2</sub>O in <i>Rana rana</i> & others}, author={Poe, III, Al}",
         "H₂O in Rana rana & others", "Poe"),
        (r"title={A {\textless}i{\textgreater}Rana{\textless}/i{\textgreater} & \&c}, author={O V}",
         "A Rana & &c", "V"),
        (r"title={<A href='http://x.org/1'>Wet <ASTROBJ>HD 1</ASTROBJ></A> of 3M_{\&sun;} at "
         "0.3R<SUB>J</SUB>}, author={Poe, A.}", "Wet HD 1 of 3M_☉ at 0.3R_J", "Poe"),
        (r"title={Rain of 3R$\lt$SUB$\gt$J$\lt$/SUB$\gt$ and x $<$ y, a$<$SUP$>$2$<$/SUP$>$},"
         "author={Poe, A.}", "Rain of 3R_J and x < y, a²", "Poe"),
        (r"title={Rain of {R}{\textless}{SUB}{\textgreater}{J}{\textless}/{SUB}{\textgreater}},"
         "author={Poe, A.}", "Rain of R_J", "Poe"),
        ("title={Elec\u00adtro\u00admagnetic waves}, author={Do\u00ade, J.}",
         "Electromagnetic waves", "Doe"),
    ],
)  # fmt: skip
def test_titles_from_web_pages(fields: str, title: str, surname: str) -> None:
    (entry,) = read(r"a \cite{k}\bibliography{x}", x__bib=f"@article{{k, {fields}}}").citations
    assert (entry.title, entry.surname) == (title, surname)


def test_half_a_conditional_for_the_list_of_contents() -> None:
    body = r"A \addtocontents{toc}{\protect\iffalse} B \typeout{\ifodd} C "
    body += r"\addtocontents{toc}{\protect\fi} D"
    assert text(body) == "A B C D"
