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
