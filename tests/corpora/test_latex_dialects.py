r"""TeX that is not LaTeX (AMS-TeX, phyzzx, harvmac, plain TeX), LaTeX 2.09, title pages by hand."""

import contextlib
import time
from pathlib import Path

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions, RecordUnreadable
from corpora.latex import FORMAT
from tokenization.markers import pairing_fault, reveal


def read(tmp_path: Path, source: str) -> Document:
    path = tmp_path / "paper.tex"
    path.write_text(source)
    (record,) = FORMAT.records(path, ReadOptions())
    document, _ = resolve(FORMAT.read(record, ReadOptions()))
    assert pairing_fault(document.text) is None
    return document


AMS = r"""\input amstex
\documentstyle{amsppt}
\define\R{\Bbb R}
\topmatter
\title Sleet groups and their hail\endtitle
\author Ada Rain and Bo Hale\endauthor
\affil Wet University\endaffil
\address Department of Hail\endaddress
\email rain\@wet.edu\endemail
\abstract We prove that groups over $\R$ are wet.\endabstract
\endtopmatter
\document
\head 1. Introduction\endhead
Studied in \cite{R} and \cite{1, p. 5}.
\proclaim{Theorem 1.2} Every group is wet.\endproclaim
\demo{Proof} By \thetag{1.1} we have
$$ \align a &= b \tag 1.1\\ c &= d \endalign $$
and hence the claim.\qed\enddemo
\Refs
\ref\key R \by A. Rain \paper On sleet \jour Wet J. \vol 12 \yr 1990 \pages 1--2\endref
\ref\no 1 \bysame\book Hail for all \publ Press \yr 1985\endref
\endRefs
\enddocument
"""


def test_ams_tex(tmp_path: Path) -> None:
    document = read(tmp_path, AMS)
    assert document.metadata["authors"] == ["Ada Rain", "Bo Hale"]
    assert (
        reveal(document.text)
        == r"""Title: Sleet groups and their hail

Authors: Ada Rain, Bo Hale

# Abstract

We prove that groups over [START_LATEX]\(\mathbb R\)[END_LATEX] are wet.

# 1. Introduction

Studied in [START_REF] On sleet, Rain[END_REF] and ([START_REF] Hail for all, Rain[END_REF], p. 5).

Theorem 1.2. Every group is wet.

Proof. By (1.1) we have

[START_LATEX]\[\begin{aligned} a &= b \\ c &= d \end{aligned}\][END_LATEX]

and hence the claim."""
    )


PHYZZX = r"""\input phyzzx
\REF\rain{A. Rain, ``Wet strings,'' Nucl. Phys. {\bf B12} (1988) 4.}
\titlepage
\title{Wet Strings at High Winds}
\author{A. Rain\foot{rain@wet.edu}}
\address{Department of Physics}
\andauthor{B. Hale}
\abstract
We study strings in the rain.
\endpage
\chapter{Introduction}
Strings\refmark\rain are wet.\Ref\hale{B. Hale, ``Dry strings,'' Wet Lett. {\bf 1} (1987) 3.}
$$ x = y \eqn\one $$
By \one\ we are done.
\refout
\end
"""


def test_phyzzx(tmp_path: Path) -> None:
    assert (
        reveal(read(tmp_path, PHYZZX).text)
        == r"""Title: Wet Strings at High Winds

Authors: A. Rain, B. Hale

# Abstract

We study strings in the rain.

# Introduction

Strings [START_REF] Wet strings, Rain[END_REF] are wet. [START_REF] Dry strings, Hale[END_REF]

[START_LATEX]\[x = y\][END_LATEX]

By (1) we are done."""
    )


def test_the_front_of_harvmac(tmp_path: Path) -> None:
    source = r"""\input harvmac
\Title{\vbox{\hbox{WET-93/1}}}{\vbox{\centerline{Sleet and the}\vskip2pt\centerline{Wet Storm}}}
\centerline{A. Rain\footnote{$^\dagger$}{rain@wet.edu} and B. Hale}
\bigskip\centerline{Department of Wet Physics}
\vskip .3in
We show that sleet is a storm.
\Date{1/93}
\newsec{Introduction}
Words.
\appendix{A}{Conventions}
More words.
\bye
"""
    assert (
        read(tmp_path, source).text
        == """Title: Sleet and the Wet Storm

Authors: A. Rain, B. Hale

# Abstract

We show that sleet is a storm.

# Introduction

Words.

# Appendix A. Conventions

More words."""
    )


def test_the_front_of_plain_tex(tmp_path: Path) -> None:
    source = r"""%Paper: gr-qc/9301001
\magnification=\magstep1
\font\big=cmbx10 scaled 1200
\def\bs{\bigskip}\def\cl{\centerline}\def\head#1{\cl{\big #1}}
\cl{\big Wet change at layers}
\bs\cl{\bf Ada B. Rain}
\medskip\cl{Department of Physics, Wet University}
\cl{\tt rain@wet.edu}
\bs\noindent
{\bf Abstract.} For a storm which changes sleet, the tensor is wet.
\bs\noindent
Recently there has been interest in sleet [1].
\bye
"""
    assert (
        read(tmp_path, source).text
        == """Title: Wet change at layers

Authors: Ada B. Rain

# Abstract

For a storm which changes sleet, the tensor is wet.

Recently there has been interest in sleet [1]."""
    )


def test_a_title_page_by_hand(tmp_path: Path) -> None:
    source = r"""\documentstyle[12pt]{article}
\begin{document}
\begin{titlepage}
\begin{flushright} WET-93-1 \\ hep-ph/9301001 \end{flushright}
\vspace{1cm}
\begin{center}
{\Large\bf Wet Corrections to Sleet}\\[1cm]
{\large A. Rain$^{a}$\footnote{E-mail: rain@wet.edu} and B.~Hale$^{b,}$\footnote{By clouds.}}\\
{\it $^a$ Wet Institute, Hail, Germany}\\
\vspace{1cm}
{\bf Abstract}
\end{center}
\begin{quotation}
We compute corrections.
\end{quotation}
\end{titlepage}
\section{Introduction}
Words.
\end{document}
"""
    assert (
        read(tmp_path, source).text
        == """Title: Wet Corrections to Sleet

Authors: A. Rain, B. Hale

# Abstract

We compute corrections.

# Introduction

Words."""
    )


def test_the_title_page_of_a_collaboration(tmp_path: Path) -> None:
    source = r"""\documentclass{article}\begin{document}
\renewcommand{\thefootnote}{\fnsymbol{footnote}}\setcounter{footnote}{1}
\begin{titlepage}\pagenumbering{roman}
\vspace*{-1.5cm}\centerline{\large INSTITUTE FOR SLEET (IFS)}
\begin{tabular*}{\linewidth}{lr} & IFS-93-1 \\ & 16 February \\ \end{tabular*}
{\bf\boldmath\huge
\begin{center}
 Sleet and\newline Its Measures
\end{center}
}
\begin{center}
A.~Rain$^1$
B.~Hale$^2$
\bigskip\\
{\it\footnotesize $ ^1$Laboratory of Rain $ ^2$CERN}
\end{center}
\begin{abstract} We measure. \end{abstract}
\end{titlepage}
\section{Introduction} Words.
\end{document}"""
    assert (
        read(tmp_path, source).text
        == """Title: Sleet and Its Measures

Authors: A. Rain, B. Hale

# Abstract

We measure.

# Introduction

Words."""
    )


@pytest.mark.parametrize(
    ("block", "names"),
    [
        (r"\author{Ada Rain \orcidlink{0000-0001} \and Bo Hale\thanks{bo@hale.org}}",
         ["Ada Rain", "Bo Hale"]),
        (r"\author{\name Ada Rain \email a@wet.edu \\ \addr Wet St \AND \name Bo Hale \\ \addr X}",
         ["Ada Rain", "Bo Hale"]),
        (r"\author{Ada Rain (rain@wet.edu)\\Wet Dept}\author{Bo Hale, bo@hale.org}",
         ["Ada Rain", "Bo Hale"]),
        (r"\author{\fnms{Ada} \snm{Rain}\thanksref{a, t1}\ead[label=e1]{a@wet.edu}}", ["Ada Rain"]),
        (r"\author{Ada Rain\affil{1}{Wet University, Hail}\and Bo Hale\affil{2}{CNSI Building}}",
         ["Ada Rain", "Bo Hale"]),
        (r"\author{Rain, A.}", ["A. Rain"]),
        (r"\author{Prepared by Ada Rain}", ["Ada Rain"]),
        (r"\author{Ada Rain,\\ a@wet.edu b@wet.edu\\ University of Sleet and Technology}",
         ["Ada Rain"]),
        (r"\author{Ada Rain$^{1,*}$, Bo Hale$^{2}$ \\ {\tt \{rain,hale\}@wet.edu}}",
         ["Ada Rain", "Bo Hale"]),
    ],
)  # fmt: skip
def test_author_blocks(tmp_path: Path, block: str, names: list[str]) -> None:
    source = (
        rf"\documentclass{{wet}}\title{{T}}{block}\begin{{document}}\maketitle x\end{{document}}"
    )
    assert read(tmp_path, source).metadata["authors"] == names


@pytest.mark.parametrize(
    "piece",
    [r"\ref\key ", r"\proclaim{", r"\endtitle ", r"\centerline{", r"\Refs ", r"\tag ", r"\affil "],
)
def test_time_grows_with_the_source(tmp_path: Path, piece: str) -> None:
    start = time.monotonic()
    for head in (r"\input amstex \topmatter ", r"\input phyzzx ", r"\magnification=1 "):
        with contextlib.suppress(RecordUnreadable):  # groups in groups without end
            read(tmp_path, head + "Words. " + piece * 20_000 + r"\bye")
    assert time.monotonic() - start < 20
