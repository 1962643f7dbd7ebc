r"""Plain TeX and harvmac: papers without a document class."""

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def read(source: str) -> Document:
    project = Project("p", {"m.tex": source.encode()}, main="m.tex")
    return read_project(project, ReadOptions(latex_markers=False))


def text(source: str) -> str:
    return reveal(resolve(read(source))[0].text)


PLAIN = r"""
\magnification=\magstep1
\baselineskip=14pt plus 1pt \hsize=6.5truein \font\bigbf=cmbx10 scaled \magstep2
\newcount\n \n=0 \advance\n by 1 \newdimen\w \w=3pt \catcode`\@=11
\footline={\hss\tenrm\folio\hss}
\centerline{\bf On things}
\centerline{by A. Poe}
\beginsection 1. Introduction

Let $x$ be real\footnote{$^1$}{A note.}. \setbox0=\hbox{hidden} Then\hfil\break more.

\proclaim Theorem 1. Every thing is a thing.

\noindent{\it Proof.} Clear. \hrule height 1pt \vskip 10pt plus 2pt
\item{(a)} first
\item{(b)} second
$$ a = {b \over c} \eqno (1) $$
\vfill\eject\end
"""

PLAIN_TEXT = r"""On things

by A. Poe

# 1. Introduction

Let \(x\) be real (A note.). Then more.

Theorem 1. Every thing is a thing.

Proof. Clear.

- (a) first

- (b) second

\[a = {b \over c}\]"""

HARVMAC = r"""
\input harvmac
\Title{\vbox{\hbox{XYZ-1}}}{\vbox{\centerline{Strings and}\centerline{Things}}}
\lref\poe{E. Poe, ``On strings,'' Nucl. Phys. {\bf B1} (1995) 85.}
\newsec{Introduction}
The action\refs{\poe} is
\eqn\action{S=\int d^2z ,}
with \action\ as in \ref\li{H. Li, {\it On membranes} (1987).}.
\eqnn\foo
$$x=y\eqno\foo$$ Here \foo\ holds.
\subsec{More}
Also \poe.
\listrefs
\bye
Nothing."""

HARVMAC_TEXT = r"""Title: Strings and Things

# Introduction

The action [START_REF] On strings, Poe[END_REF] is

\[S=\int d^2z,\]

with (1.1) as in [START_REF] On membranes, Li[END_REF].

\[x=y\]

Here (1.2) holds.

## More

Also [START_REF] On strings, Poe[END_REF]."""


def test_plain_tex() -> None:
    assert text(PLAIN) == PLAIN_TEXT


def test_harvmac() -> None:
    assert text(HARVMAC) == HARVMAC_TEXT


def test_breaks() -> None:
    body = r"A\hfill B\linebreak[2]C\pagebreak[3] D"
    source = r"\documentclass{article}\begin{document}" + body + r"\end{document}"
    assert text(source) == "A B C\n\nD"
