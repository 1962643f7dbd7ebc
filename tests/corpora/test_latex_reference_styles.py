# ruff: noqa: E501  (references stand whole on their lines)
"""Printed references of every common style: title, first surname and year of each."""

import time

import pytest

from corpora.documents import ReadOptions
from corpora.latex.bibliography.databases import Entry
from corpora.latex.bibliography.reference_list import parse_reference_list
from corpora.latex.expansion.definitions import Definitions
from corpora.latex.plain_text import PlainText
from corpora.latex.project import Project

PLAIN = PlainText(Project("p", {}, main="m.tex"), Definitions(), ReadOptions())


def entry(item: str) -> Entry:
    source = rf"\begin{{thebibliography}}{{9}}{item}\end{{thebibliography}}"
    (found,) = parse_reference_list(source, PLAIN).values()
    return found


@pytest.mark.parametrize(
    ("item", "title", "surname", "year"),
    [
        # plain, siam, ieeetr, alpha
        (r"\bibitem{k} Ada~M. Rain and Bo~Hale. \newblock On sleet. \newblock {\em J. Wet Sci.}, 12(3):45--67, 1999.", "On sleet", "Rain", "1999"),
        (r"\bibitem{k} Ada Rain. \newblock {\em Sleet and its Measures, Third Edition}, volume~3 of {\em Water}. \newblock Press, 1999.", "Sleet and its Measures, Third Edition", "Rain", "1999"),
        (r"\bibitem{k} Ada Rain. \newblock In-cloud growth of hail. \newblock {\em J. Wet Sci.}, 12:4--6, 1999.", "In-cloud growth of hail", "Rain", "1999"),
        (r"\bibitem{k} Ada Rain. \newblock A census of hail, Nov 2010.", "A census of hail", "Rain", "2010"),
        (r"\bibitem{k} {\sc A.~Rain and B.~Hale}, {\em Sleet: a method}, vol.~2, SIAM, 2001.", "Sleet: a method", "Rain", "2001"),
        (r"\bibitem{k} A.~Rain, {\em Applied sleet: theory}. \newblock Wet Press, 1975.", "Applied sleet: theory", "Rain", "1975"),
        (r"\bibitem{k} {Open Hail}. \newblock \url{https://example.org/hail}, Jan 2020.", "Open Hail", None, "2020"),
        (r"\bibitem{k} {Hail Corporation}. \newblock {Manual of hail}. \newblock 2016.", "Manual of hail", "Hail Corporation", "2016"),
        # AMS
        (r"\bibitem{k} Dora~N. Sleet, \emph{Groups of hail}, Water Math., Press, Berlin, 1995. \MR{1334091}", "Groups of hail", "Sleet", "1995"),
        (r"\bibitem{k} Ada Rain and B~J Hale, \emph{Hail over {$G/P$}}, \url{https://example.org}, 2023.", "Hail over G/P", "Rain", "2023"),
        (r"\bibitem{k} Ada Rain, Li-Wei Chen, R.~B. Hale, and P.~A. Sun, \emph{Algebra {II}. {C}hapters 4--7}, french ed., Press, Paris, 2003, Translated from the 1968 original.", "Algebra II. Chapters 4–7", "Rain", "2003"),
        # Springer
        (r"\bibitem{k} Rain, A., Hale, B.K., et~al.: Sleet in clouds. \newblock J. Wet Sci. \textbf{A499}, 624--632 (2003)", "Sleet in clouds", "Rain", "2003"),
        (r"\bibitem{k} Rain, A.: Sleet in the wild: tools for {WET}. In: Sun, C. (ed.) Clouds 2014, LNCS, vol. 8, p. 4. Press (2014)", "Sleet in the wild: tools for WET", "Rain", "2014"),
        (r"\bibitem[{Rain et~al.(2014)Rain, Hale}]{k} Rain A, e~Sol FB, Hale~Jr EJ (2014) Measure this! 145 questions on hail in practice. In: Proc. Wet, pp 1--9", "Measure this! 145 questions on hail in practice", "Rain", "2014"),
        # elsarticle
        (r"\bibitem{k} A.~M. Rain, B.~Hale, Restoration of sleet in wet flow, Shock Clouds 4~(1) (1994) 25--34.", "Restoration of sleet in wet flow", "Rain", "1994"),
        (r"\bibitem{k} A.~Rain, Riming of hail: a practical introduction, Springer Science \& Business Media, 2013.", "Riming of hail: a practical introduction", "Rain", "2013"),
        (r"\bibitem{k} A.~Rain, Calculation of wet flow, Tech. rep., Hail Laboratory (1963).", "Calculation of wet flow", "Rain", "1963"),
        # REVTeX, elsarticle-harv, ACM, apacite, VTeX, EPTCS: fields named by commands
        (r"\bibitem [{\citenamefont {Rain}(2001)}]{k}\BibitemOpen \bibfield {author} {\bibinfo {author} {\bibfnamefont {A.}~\bibnamefont {Rain}}, }\bibfield {title} {\bibinfo {title} {On sleet}, }\href {https://doi.org/10.1/x} {\bibfield {journal} {\bibinfo {journal} {J. Wet}} \textbf {\bibinfo {volume} {1}}, \bibinfo {pages} {2} (\bibinfo {year} {2001})}", "On sleet", "Rain", "2001"),
        (r"\bibitem [{\citenamefont {Rain}(2001)}]{k} \bibinfo {author} {\bibnamefont {Rain}}, in\ \href {\doibase 10.1} {\emph {\bibinfo {booktitle} {Clouds V}}} (\bibinfo {year} {2001})", None, "Rain", "2001"),
        (r"\bibitem[Rain et~al\mbox{.}(2017)]{k} \bibfield{author}{\bibinfo{person}{Ada Rain} {and} \bibinfo{person}{Bo Hale}.} \bibinfo{year}{2017}\natexlab{}. \newblock \showarticletitle{The Next Sleet}. In \bibinfo{booktitle}{\emph{Proc. WET}}. \bibinfo{pages}{1--9}.", "The Next Sleet", "Rain", "2017"),
        (r"\bibitem[Rain(1998)]{k} \bibfield{author}{\bibinfo{person}{Ada Rain}.} \bibinfo{year}{1998}\natexlab{}. \newblock \bibinfo{booktitle}{\emph{{Sleet for All}} (\bibinfo{edition}{2nd} ed.)}. \newblock \bibinfo{publisher}{Press}.", "Sleet for All", "Rain", "1998"),
        (r"\bibitem [\protect \citeauthoryear {Rain\ \BBA {} Hale}{Rain\ \BBA {} Hale}{{\protect \APACyear {2011}}}]{k} \APACinsertmetastar {k}\begin{APACrefauthors}Rain, A.\BCBT {}\ \BBA {} Hale, B.\end{APACrefauthors}\unskip\ \newblock \APACrefYearMonthDay{2011}{}{}. \newblock {\BBOQ}\APACrefatitle {On Sleet} {On sleet}.{\BBCQ} \newblock \APACjournalVolNumPages{Wet}{1}{}{2}.", "On Sleet", "Rain", "2011"),
        (r"\bibitem{k} \begin{barticle} \bauthor{\bsnm{Rain}, \binits{A.}}: \batitle{On sleet}. \bjtitle{J. Wet} \bvolume{2} (\byear{1996}) \end{barticle} \endbibitem", "On sleet", "Rain", "1996"),
        (r"\bibitemdeclare{article}{k}\bibitem{k} \bibinfo{author}{Ada \surnamestart Rain\surnameend} (\bibinfo{year}{2013}): \emph{\bibinfo{title}{On sleet}}. {\slshape \bibinfo{journal}{Wet}}.", "On sleet", "Rain", "2013"),
        # IEEEtran, quotation marks
        (r"\bibitem{k} \BIBentryALTinterwordspacing A.~Rain, ``\BIBforeignlanguage{en}{{Sleet} Export},'' 2004. [Online]. Available: \url{https://example.org} \BIBentrySTDinterwordspacing", "Sleet Export", "Rain", "2004"),
        (r"\bibitem{k} A.~Rain, ``Sleet in dry clouds'', hep-ph/0401001.", "Sleet in dry clouds", "Rain", None),
        (r"\bibitem{k} A.~Rain, ``Sleet in dry clouds'', math.DG/0401001 (2004).", "Sleet in dry clouds", "Rain", "2004"),
        (r"\bibitem{k} A.~Rain, ``Sleet in dry clouds'', submitted to Wet (2004).", "Sleet in dry clouds", "Rain", "2004"),
        (r"\bibitem[{Rain et~al.(2004)Rain}]{k} Rain, A. \newblock Sleet in ``dry'' clouds and rain. \newblock \emph{Wet} \textbf{1}, 2.", "Sleet in “dry” clouds and rain", "Rain", "2004"),
        (r'\bibitem{k} Rain, A.: "{S}leet in clouds!" or, the weather of hail. WS-WET 2012 p.~43', '"Sleet in clouds!" or, the weather of hail', "Rain", "2012"),
        # meteorology, astronomy
        (r"\bibitem[{Rain(2012)}]{k} Rain, A.~H., and Coauthors, 2012: Effects of sleet on wet storms (2010). \textit{Mon. Wet Rev.}, \textbf{140}, 1125--1143.", "Effects of sleet on wet storms (2010)", "Rain", "2012"),
        (r"\bibitem[{{Rain} \& {Hale}(1979)}]{k} {Rain}, G.~B., \& {Hale}, A.~P. 1979, {Wet processes in clouds}, ed. {Rain, G.~B.}", "Wet processes in clouds", "Rain", "1979"),
        (r"\bibitem[Rain \& Hale(2009)]{k} Rain D.~H., Hale A.~R., 2009, The primordial sleet: Origin and structure. Wet University Press", "The primordial sleet: Origin and structure", "Rain", "2009"),
        (r"\bibitem[{Rain(2001)}]{k} Rain, A., {Hale}, B., {et~al.} 2001, Boletin de la Asociacion de la Lluvia y del Granizo de Mar del Sur, 6, 41", None, "Rain", "2001"),
        (r"\bibitem[\protect\citeauthoryear{{WET Collaboration} et~al.,}{{WET Collaboration} et~al.}{2016a}]{k} {WET Collaboration} et~al., 2016a, arXiv preprint arXiv:1611.00036", None, "WET Collaboration", "2016a"),
        (r"\bibitem[{Rain(2011)}]{k} {Rain}, J. 2011, WetJ, In preparation", None, "Rain", "2011"),
        (r"\bibitem[\protect\citeauthoryear{Rain et~al.,}{Rain et~al.}{2016}]{k} Rain T.,  et~al., 2016, Monthly Notices of the Royal Wet Society, p. stw27", None, "Rain", "2016"),
        (r"\bibitem[{WET(2009)}]{k} {WET Collaborations} and {WET Project} 2009, Wet Book, Version 2.0", None, "WET", "2009"),
        (r"\bibitem[{Rain et~al.(2008)Rain, van}]{k} Rain B, Spoel Dvd, Sun E (2008) {SLEET} 4: {Algorithms} for hail. J Wet 4:435--447", "SLEET 4: Algorithms for hail", "Rain", "2008"),
        # JHEP
        (r"\bibitem{k} {\scshape WET} collaboration, A.~Rain et~al., \textit{{Direct sleet at next order}}, \href{https://arxiv.org/abs/1612.04333}{{\ttfamily 1612.04333}}.", "Direct sleet at next order", "Rain", None),
        # Vancouver, NAR, ACS, APS
        (r"\bibitem{k} Rain JH, Hale MM. \newblock The causes of sleet. vol.~2. \newblock Wet. 2018;285(1881):20181012. \newblock doi:{10.1098/x.1934}.", "The causes of sleet", "Rain", "2018"),
        (r"\bibitem{k} Rain CJ. The sleet algorithm; 2003.", "The sleet algorithm", "Rain", "2003"),
        (r"\bibitem{k} Rain, G. and Hale, B. (September, 2019) {Review of sleet: barriers.}. {\em {Wet},} {\bf 9}(4), 357--9.", "Review of sleet: barriers", "Rain", "2019"),
        (r"\bibitem{k} M.~L. Rain, B. Hale, {\it et~al.}, {\em Sleet and drops in the air}, Rev. Mod. Wet. {\bf 95}, 1 (2023).", "Sleet and drops in the air", "Rain", "2023"),
        (r"\bibitem{k} A. Rain, C. Hale, Phys. Rev. {\bf 47}, 777 (1935).", None, "Rain", "1935"),
        (r"\bibitem{k} See Supplemental Material at \url{https://example.org} for sleet.", None, None, None),
    ],
)  # fmt: skip
def test_styles(item: str, title: str | None, surname: str | None, year: str | None) -> None:
    found = entry(item)
    assert (found.title, found.surname, found.year) == (title, surname, year)


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        (r"Maria van~der Berg and B.~Hale", "van der Berg"),
        (r"Antonio~Miguel Vieira~Monteiro and B.~Hale", "Vieira Monteiro"),
        (r"Paul {La Plante} and B.~Hale", "La Plante"),
        (r"Florent Le~N{\'e}chet and B.~Hale", "Le Néchet"),
        (r"G.~De~Leeuw and B.~Hale", "De Leeuw"),
        (r"A.~Rain, Jr.", "Rain"),
        (r"Rain, Ada, and Bo Hale", "Rain"),
    ],
)
def test_surnames_are_whole(name: str, surname: str) -> None:
    item = rf"\bibitem{{k}} {name}. \newblock On sleet in clouds. \newblock {{\em Wet}}, 1:2, 1999."
    assert entry(item).surname == surname


def test_the_authors_of_the_entry_before() -> None:
    source = r"""\bibitem{a} A. Rain and B. Hale, \emph{On wet sleet}, Wet \textbf{1} (1999), 2--3.
\bibitem{b} \leavevmode\vrule height 2pt depth -1.6pt width 23pt, {\em On dry sleet}, Wet J., 3 (2001), pp. 4--5."""
    found = parse_reference_list(source, PLAIN)
    assert (found["b"].title, found["b"].authors) == ("On dry sleet", "Rain and Hale")


def test_biblatex_of_all_ages() -> None:
    old = r"""\entry{old}{article}{}
  \name{author}{2}{}{%
    {{}%
     {Rain}{R.}%
     {Ada}{A.}%
     {von}{v.}%
     {}{}}%
    {{hash=x}{Hale}{H.}{Bo}{B.}{}{}{}{}}%
  }
  \field{labelyear}{1999}
  \field{title}{On sleet}
\endentry"""
    new = r"""\entry{new}{book}{}
  \true{moreauthor}
  \name[default][en-us]{author}{1}{ul=1}{%
    {{hash=y}{%
       family={Rain},
       given={Ada}}}%
  }
  \field[default][en-us]{title}{On hail}
  \field{subtitle}{A tale}
  \field{date}{2021-03}
  \keyalias{other}{new}
\endentry"""
    found = parse_reference_list(old + new, PLAIN)
    assert (found["old"].title, found["old"].authors) == ("On sleet", "von Rain and Hale")
    assert (found["old"].surname, found["old"].year) == ("von Rain", "1999")
    assert (found["new"].title, found["new"].authors) == ("On hail: A tale", "Rain et al.")
    assert found["other"] == found["new"]


def test_amsrefs() -> None:
    source = r"""\begin{biblist}
\bib{k}{article}{
  author={Rain, Ada}, author={Hale, Bo},
  title={On sleet {$G$}},
  date={2002-01}, journal={Wet},
}\end{biblist}"""
    (found,) = parse_reference_list(source, PLAIN).values()
    assert (found.title, found.authors, found.year) == ("On sleet G", "Rain and Hale", "2002")


@pytest.mark.parametrize(
    "piece", ["A. ", "Ab, ", "Ab A, ", "“", "{\\em ", "x, Y. 1 (", "in Ab ", "~"]
)
def test_time_grows_with_the_item(piece: str) -> None:
    start = time.monotonic()
    parse_reference_list(r"\bibitem{k} Rain, A., 2010, " + piece * 3000, PLAIN)
    assert time.monotonic() - start < 3
