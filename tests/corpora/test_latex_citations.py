# ruff: noqa: E501  (sources and texts stand whole on their lines)
"""Citations of LaTeX papers: commands, databases, printed lists, and what stays unresolved."""

import re

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex.bibliography.databases import entry_of, parse_database
from corpora.latex.bibliography.reference_list import parse_reference_list
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal

BIB = r"""
@string{j = "Journal"}
@article{vaswani2017, title={Attention is All you Need}, author={Vaswani, Ashish and Shazeer, Noam and Parmar, N.},
  journal = j # " of X", year=2017, eprint={1706.03762}, archivePrefix={arXiv}}
@article{broken title={x
@article{two, title = "{BERT}: {$\alpha$} in H$_2$O \& {\'E}tude.", author={Jan van der Berg and M{\"u}ller, K.}, year={2019}, doi={https://doi.org/10.1000/foo}}
@misc{corporate, title={File Formats}, author={University of Illinois Library}, year={2010}}
@book{twice, title={First}, title={Second}, author={{The Sage Developers}}, year=2016}
@misc{untitled, author={Poe, E. and Lee, A.}, year={1845}}
"""


def text(body: str, options: str = "", **files: str) -> tuple[str, object]:
    source = (
        f"\\documentclass{{article}}\\usepackage[{options}]{{natbib}}\\begin{{document}}{body}"
        "\\bibliography{refs}\\end{document}"
    )
    contents = {"main.tex": source.encode(), "refs.bib": BIB.encode()}
    contents |= {name.replace("__", "."): value.encode() for name, value in files.items()}
    document = read_project(Project("p", contents, main="main.tex"), ReadOptions())
    resolved, _ = resolve(document)
    return reveal(resolved.text), resolved.metadata.get("citations_unresolved")


VASWANI = "[START_REF] Attention is All you Need, Vaswani[END_REF]"
BERT = "[START_REF] BERT: α in H₂O & Étude, van der Berg[END_REF]"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"x~\citep{vaswani2017,two}.", f"x {VASWANI}, {BERT}."),
        (r"\citet{vaswani2017} show", f"Vaswani et al. {VASWANI} show"),
        (r"\citet*{two} show", f"van der Berg and Müller {BERT} show"),
        (r"x \citep[see][p.~3]{two}", f"x (see {BERT}, p. 3)"),
        (r"(x; \citealp{two})", f"(x; {BERT})"),
        (r"\citeauthor{two} (\citeyear{two})", f"van der Berg and Müller ({BERT})"),
        (r"\citep{twice} \citep{corporate}",
         "[START_REF] First, The Sage Developers[END_REF] "
         "[START_REF] File Formats, University of Illinois Library[END_REF]"),
        (r"x \citep{untitled}", "x (Poe and Lee 1845)"),
        (r"\citet{untitled} wrote", "Poe and Lee (1845) wrote"),
        (r"x \citep{untitled,vaswani2017}", f"x (Poe and Lee 1845), {VASWANI}"),
        (r"\nocite{*}x", "x"),
        (r"word\cite{two}.", f"wordvan der Berg and Müller {BERT}."),
        (r"\citepos{two} work", f"van der Berg and Müller's {BERT} work"),
        (r"x \cites(see)(end){two}{vaswani2017}", f"x (see {BERT}), ({VASWANI}, end)"),
        (r"Ref. [\onlinecite{two}] x", f"Ref. {BERT} x"),
        (r"x \citep{vaswani2017, *two}", f"x {VASWANI}, {BERT}"),
        (r"x \citep{*[{See also }][{, p. 3, for more}]two,vaswani2017}", f"x {BERT}, {VASWANI}"),
        (r"x \volcite{2}[34]{two}", f"x ({BERT}, 34)"),
        (r"x \citen{two} \notecite{two}", f"x {BERT} {BERT}"),
        (r"x$^{\rm\cite{two,vaswani2017}}$ y", f"x {BERT}, {VASWANI} y"),
        (r"x \citetalias{two}", f"x {BERT}"),
    ],
)  # fmt: skip
def test_commands(body: str, expected: str) -> None:
    assert text(body)[0] == expected


def test_numeric_styles_print_no_authors() -> None:
    assert text(r"word.\cite{two}", "numbers")[0] == f"word. {BERT}"


def test_unresolved_citations_are_counted_and_readable() -> None:
    got, unresolved = text(r"as (\cite{Gone2010}) and~\citep{fig7}, \citep{untitled}.", "numbers")
    assert got == "as (Gone 2010) and, (Poe and Lee 1845)."
    assert unresolved == {"no entry": 2, "no title": 1}


def test_a_bad_entry_costs_no_other() -> None:
    entries, lost = parse_database(BIB)
    assert sorted(entries) == ["corporate", "twice", "two", "untitled", "vaswani2017"]
    assert lost == 1
    entry = entry_of(entries["vaswani2017"], str)
    assert (entry.arxiv, entry.year, entry.authors) == ("1706.03762", "2017", "Vaswani et al.")
    assert entry_of(entries["two"], str).doi == "10.1000/foo"


@pytest.mark.parametrize(
    ("item", "title", "surname", "year"),
    [
        (r"\bibitem[Bovy et al.(2012)]{k} Bovy, J., et al.\ 2012, ApJ, 753, 148", None, "Bovy", "2012"),
        (r"\bibitem[{{Hogg}, {Bovy} \& {Lang}(2010)}]{k} X. \newblock Data. \newblock 2010", "Data", "Hogg", "2010"),
        (r"\bibitem{k} D. Knuth and A. Lee. \newblock The book. \newblock Press, 1984.", "The book", "Knuth", "1984"),
        (r"\bibitem{k} J. Smith, ``A title, indeed,'' \emph{J. Foo}, 2001.", "A title, indeed", "Smith", "2001"),
        (r"\bibitem{k} Smith, J., Jones, K.: Springer title here. In: Proc. 3 (2003)", "Springer title here", "Smith", "2003"),
        (r"\bibitem{k} Wilson G, Brown CT. \newblock Best practices. \newblock PLoS. 2014;12.", "Best practices", "Wilson", "2014"),
        (r"\bibitem[Abou and Ohl, 2005]{k} A. \newblock Chaining. \newblock X.", "Chaining", "Abou", "2005"),
        (r"\bibitem [{\citenamefont {Bell}(1964)}]{k} \bibinfo {author} {\bibnamefont {Bell}}, \bibinfo {title} {On {E}} (\bibinfo {year} {1964})", "On E", "Bell", "1964"),
        (r"\bibitem{k} A. Einstein, B. Podolsky and N. Rosen, Phys. Rev. {\bf 47}, 777 (1935).", None, "Einstein", "1935"),
    ],
)  # fmt: skip
def test_printed_lists(item: str, title: str | None, surname: str, year: str) -> None:
    source = rf"\documentclass{{article}}\begin{{document}}x \cite{{k}}\begin{{thebibliography}}{{9}}{item}\end{{thebibliography}}\end{{document}}"
    document = read_project(Project("p", {"m.tex": source.encode()}, main="m.tex"), ReadOptions())
    (entry,) = document.citations
    assert (entry.title, entry.surname, entry.year) == (title, surname, year)


def test_biblatex_list() -> None:
    source = r"""
\entry{k}{article}{}
  \name{author}{2}{}{%
    {{un=0,hash=ab}{%
       family={Berg},
       familyi={B\bibinitperiod},
       given={Anna\bibnamedelima L.},
       prefix={van der},
       prefixi={v\bibinitperiod}}}%
    {{hash=cd}{%
       family={Li},
       given={H.}}}%
  }
  \field{title}{Guns \& roses}
  \field{year}{2020}
  \verb{doi}
  \verb 10.1377/hlthaff.2019
  \endverb
\endentry
"""
    entry = parse_reference_list(source, lambda latex: re.sub(r"[{}\\]", "", latex))["k"]
    assert entry.title == "Guns & roses"
    assert (entry.surname, entry.authors) == ("van der Berg", "van der Berg and Li")
    assert (entry.year, entry.doi) == ("2020", "10.1377/hlthaff.2019")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A citation without an entry is left out where the sentence stands without it ...
        (r"We ran the {\tt kite} algorithm \citep{k} that flies.",
         "We ran the kite algorithm that flies."),
        (r"Birds fly \cite{k}. It is known (see \cite{k}).", "Birds fly. It is known."),
        (r"So did Roe et al.\cite{k}.", "So did Roe et al."),
        (r"Birds fly.\cite{k} Fish swim. \cite{k} Dogs run.", "Birds fly. Fish swim. Dogs run."),
        (r"A kite \cite{k}, \cite{l}, and \cite{m} flew.", "A kite flew."),
        # ... and is its key, as a list of references may print it, where it does not.
        (r"\cite{asas} find birds.", "[asas] find birds."),
        (r"Birds fly as shown in \cite{asas,kw:fly}, twice.",
         "Birds fly as shown in [asas], [kw:fly], twice."),
        (r"Birds of \citet{asas} fly, e.g.\ \citep{wise}.", "Birds of [asas] fly, e.g. [wise]."),
        (r"Birds \citet{roe2001} fly.", "Birds Roe 2001 fly."),
    ],
)  # fmt: skip
def test_citations_without_an_entry(body: str, expected: str) -> None:
    assert text(body)[0] == expected


def test_tex_that_a_reference_manager_escaped() -> None:
    title = r"\${\textbackslash}texttt\{drift\}\$: {A} Tool for \${\textbackslash}alpha\_2\$ Waves"
    found, _ = text(r"\cite{k}", refs__bib=f"@misc{{k, title = {{{title}}}, author={{Poe, A.}}}}")
    assert "[START_REF] drift: A Tool for α₂ Waves, Poe[END_REF]" in found
