"""An author's macros of every kind, carried out or passed over without a trace."""

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def text(body: str, preamble: str = "", **files: str) -> str:
    source = f"\\documentclass{{article}}{preamble}\\begin{{document}}{body}\\end{{document}}"
    contents = {"m.tex": source.encode()}
    contents |= {name.replace("__", "."): content.encode() for name, content in files.items()}
    document = read_project(Project("p", contents, main="m.tex"), ReadOptions(latex_markers=False))
    return reveal(resolve(document)[0].text)


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (r"\newcommand{\iid}{i.i.d.\@\xspace}", r"\iid draws", "i.i.d. draws"),
        (r"\newcommand{\us}{team@lab.org}", r"Ask \us.", "Ask team@lab.org."),
        (
            r"\DeclareRobustCommand\onedot{\futurelet\next\doit}\def\eg{\emph{e.g}\onedot}",
            r"\eg this, and \eg.",
            "e.g. this, and e.g.",
        ),
        (
            r"\def\msun{\ifmmode M_\odot\else$M_\odot$\fi}",
            r"$2\msun$, \msun",
            r"\(2 M_\odot\), \(M_\odot\)",
        ),
        (r"\edef\a{x}\edef\b{\a\a}\def\a{y}", r"\b", "xx"),
        (r"\expandafter\newcommand\csname pair\endcsname[2]{<#1,#2>}", r"\pair{a}{b}", "<a,b>"),
        (r"\makeatletter\@namedef{pair}#1{<#1>}\makeatother", r"\pair{a}", "<a>"),
        (
            r"\makeatletter\newcommand{\f}{\@ifstar{\f@s}{\f@n}}\def\f@s#1{S#1}\def\f@n#1{N#1}",
            r"\f*{x} \f{y}",
            "Sx Ny",
        ),
        (
            r"\makeatletter\def\f{\@ifnextchar[{\f@i}{\f@i[none]}}\def\f@i[#1]#2{(#1:#2)}",
            r"\f[q]{x} \f{y}",
            "(q:x) (none:y)",
        ),
        (r"\newtheorem*{thm*}{Law}", r"\begin{thm*}Words.\end{thm*}", "Law. Words."),
    ],
)
def test_bodies(preamble: str, body: str, expected: str) -> None:
    assert text(body, preamble) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\def\a{x}{\def\a{y}\a}\a", "yx"),
        (r"\def\a{x}{\gdef\a{y}\a}\a", "yy"),
        (r"\def\a{x}\begin{center}\let\a\b\newcommand{\b}{z}\end{center}\a\b", "x"),
        (r"\def\a{x}{{\def\a{y}}\a}} {\def\a{z}", "x"),
        (r"\begingroup\def\a{x}\a\endgroup\a", "x"),
    ],
)
def test_a_definition_holds_to_the_end_of_its_group(body: str, expected: str) -> None:
    assert text(body) == expected


def test_a_definition_at_the_beginning_of_the_document_holds_everywhere() -> None:
    assert text(r"\a", r"\AtBeginDocument{\newcommand{\a}{x}}") == "x"


def test_a_book_of_many_files_may_cost_more_than_its_main_file() -> None:
    macros = r"\newcommand{\two}{ab ab }\newcommand{\ten}{\two\two\two\two\two}"
    chapter = macros + r"\ten " * 20_000
    assert text(r"\input{chapter}", chapter__tex=chapter).count("ab") == 200_000


@pytest.mark.parametrize(
    ("drawn", "relation"),
    [
        (
            r"\def\near{\mathrel{\hbox{\rlap{\hbox{\lower4pt\hbox{$\sim$}}}\hbox{$<$}}}}",
            "\\lesssim",
        ),
        (
            r"\newcommand{\near}{\raisebox{-0.1cm}{~\shortstack{$>$ \\[-0.07cm] $\sim$}}~}",
            "\\gtrsim",
        ),
        (
            r"\def\nearer{$\; \buildrel < \over \sim \;$}\def\near{\lower.5ex\hbox{\nearer}}",
            "\\lesssim",
        ),
    ],
)
def test_relations_put_together_of_boxes(drawn: str, relation: str) -> None:
    assert (
        text(r"$a \near b$ and \near\ 5", drawn) == f"\\(a {relation} b\\) and \\({relation}\\) 5"
    )


@pytest.mark.parametrize(
    ("definition", "body", "expected"),
    [
        (
            r"\NewDocumentCommand{\f}{s O{d} m}{\IfBooleanTF{#1}{S}{N}(#2,#3)}",
            r"\f{a}\f*[x]{a}",
            "N(d,a)S(x,a)",
        ),
        (r"\NewDocumentCommand{\f}{o m}{\IfNoValueTF{#1}{-}{#1}#2}", r"\f{a} \f[x]{a}", "-a xa"),
        (r"\DeclareDocumentCommand\f{ m g d() }{<#1#2#3>}", r"\f{a} \f{a}{b}(c)", "<a> <abc>"),
        (r"\newcommandx{\f}[2][1=a,2=b]{(#1,#2)}", r"\f{} \f[u][v]", "(a,b) (u,v)"),
        (r"\newcommandx*\f[2][1=a, usedefault]{(#1,#2)}", r"\f{q}", "(a,q)"),
        (
            r"\DeclarePairedDelimiter{\f}{\lvert}{\rvert}",
            r"$\f{x}\f*{x}$",
            r"\(\lvert x\rvert\left\lvert x\right\rvert\)",
        ),
        (r"\DeclarePairedDelimiterX{\f}[2]{(}{)}{#1\delimsize\|#2}", r"$\f{p}{q}$", r"\((p\|q)\)"),
        (
            r"\NewDocumentEnvironment{note}{o}{Begin#1: }{ End}",
            r"\begin{note}x\end{note}",
            "Begin: x End",
        ),
    ],
)
def test_signatures(definition: str, body: str, expected: str) -> None:
    assert text(body, definition) == expected


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (r"\newif\ifdraft\draftfalse", r"\ifdraft D\else F\fi\drafttrue\ifdraft D\else F\fi", "FD"),
        (
            r"\def\a{x}\let\b\a",
            r"\ifx\a\b same\else other\fi, \ifx\a\none same\else other\fi",
            "same, other",
        ),
        ("", r"\ifnum1<2 yes\else no\fi, \ifodd4 odd\else even\fi", "yes, even"),
        (
            "",
            r"\ifcase2 zero\or one\or two\else more\fi, \ifcase7 zero\or one\else more\fi",
            "two, more",
        ),
        (r"\def\a{}", r"\ifdefined\a is\else no\fi, \ifdefined\none is\else no\fi", "is, no"),
        (r"\newtoggle{t}", r"\iftoggle{t}{A}{B}\toggletrue{t}\iftoggle{t}{A}{B}", "BA"),
        (r"\newbool{x}\booltrue{x}", r"\ifbool{x}{A}{B}\ifx A\fi\notbool{x}{A}{B}", "AAB"),
        (
            r"\newboolean{z}\setboolean{z}{false}",
            r"\ifthenelse{\boolean{z}\OR\equal{a}{a}}{A}{B}",
            "A",
        ),
        ("", r"\ifthenelse{\NOT\equal{a}{b}\AND 1<2}{A}{B}\ifblank{ }{A}{B}", "AA"),
        ("", r"\ifstrequal{a}{b}{A}{B}\IfFileExists{none}{A}{B}", "BB"),
        (
            r"\excludecomment{gone}\includecomment{kept}",
            r"a\begin{gone}b $ {\end{gone}c \begin{kept}d\end{kept}",
            "ac d",
        ),
    ],
)
def test_conditionals(preamble: str, body: str, expected: str) -> None:
    assert text(body, preamble) == expected


@pytest.mark.parametrize(
    "preamble",
    [
        r"\def\f#1{}\edef\g{\f}",
        r"\edef\g{\iffalse}",
        r"\edef\g{\csname}",
        r"\edef\g{\ifx}",
        r"\NewDocumentCommand\f{u m O}{#1}\f",
        r"\ifthenelse{\equal{\equal}}",
        r"\def\a{\edef\a{\a}}\a",
    ],
)
def test_a_definition_without_its_end_takes_nothing_else(preamble: str) -> None:
    assert text(preamble + "\n\nThe words go on.").endswith("The words go on.")


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (
            r"\makeatletter\def\all#1{\@ifnextchar\bgroup{\all@s{#1}\all}{\all@s{#1}}}"
            r"\def\all@s#1{\prod_{#1}}\makeatother",
            r"$\all{x}{y}z$",
            r"\(\prod_{x}\prod_{y}z\)",
        ),
        (
            r"\newenvironment{two}{\align}{\endalign}",
            r"\begin{two}a&=b\\c&=d\end{two}",
            r"\[\begin{aligned} a&=b \\ c&=d \end{aligned}\]",
        ),
        (r"\def\be{\equation}\def\ee{\endequation}", r"\be a=b \ee", r"\[a=b\]"),
        (
            "",
            r"So \unknown{\mathsf{i}_A : C \to B} holds.",
            r"So \(\mathsf{i}_A : C \to B\) holds.",
        ),
        ("", r"A \unknown{file_name} of \emph{words}.", "A file_name of words."),
    ],
)
def test_macros_that_call_themselves_and_environments_without_begin(
    preamble: str, body: str, expected: str
) -> None:
    assert text(body, preamble) == expected


def test_macros_that_never_end_are_passed_over_where_the_rest_ends() -> None:
    endless = r"\newcommand{\a}[1]{\ifx#1x\else\a{#1}\fi}"
    assert text(r"Words \a{y} go on.", endless) == "Words y go on."


def test_names_of_files_may_be_macros() -> None:
    assert text(r"x \input{\part}", r"\newcommand{\part}{p}\newcommand{\one}{one}") == "x"
    assert text(r"x \input{\one}", r"\newcommand{\one}{one}", one__tex="Part.") == "x Part."


@pytest.mark.parametrize(
    ("signature", "body", "use", "expected"),
    [
        (r"{>{\SplitArgument{1}{,}}m}", r"\span#1", r"\kite{0,n}", "from 0 to n"),
        (r"{ >{\SplitArgument{1}{;}} m }", r"\span#1", r"\kite{0}", "from 0"),
        (r"{ >{\SplitArgument{1}{,}} o }", r"\IfNoValueTF{#1}{none}{\span#1}", r"\kite", "none"),
        (r"{ >{\SplitList{,}} m }", r"\span#1", r"\kite{{a,b},c}", "from a,b to c"),
        (r"{ >{\TrimSpaces} m m }", r"#1 or #2", r"\kite{a}{b}", "a or b"),
    ],
)
def test_argument_processors(signature: str, body: str, use: str, expected: str) -> None:
    defined = (
        r"\NewDocumentCommand{\span}{mm}{from #1\IfNoValueTF{#2}{}{ to #2}}"
        rf"\NewDocumentCommand{{\kite}}{signature}{{{body}}}"
    )
    assert text(defined + "Runs " + use + "; ends.") == f"Runs {expected}; ends."
