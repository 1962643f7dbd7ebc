"""Commands of classes and packages: their text is kept, their settings leave no trace."""

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


def sup(script: str) -> str:
    return f"[START_SUP]{script}[END_SUP]"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\ion{H}{ii} and \ion{Fe}{2}", "H II and Fe II"),
        (r"3\farcs5, 2\fdg1, 7\farcm", "3.″5, 2.°1, 7′"),
        (r"\element[][13]{C}\element{O}", f"{sup('13')}CO"),
        (r"\nicefrac{1}{2}, \unit[5]{m}, \unitfrac[5]{m}{s}", "1/2, 5 m, 5 m/s"),
        (r"\numlist{1;2;3} and \SIlist{1;2}{\metre}", "1, 2 and 3 and 1 and 2 m"),
        (r"\num{\sim1e22}, \SI{\sim10}{\metre}", f"∼1 × 10{sup('22')}, ∼10 m"),
        (
            r"\num{1.2+-0.3}, \num{1.2\pm0.1e3}, \num{-5}",
            f"1.2 ± 0.3, (1.2 ± 0.1) × 10{sup('3')}, −5",
        ),
        (r"\begin{equation}\tag{P'}\label{b}x\end{equation}\eqref{b}", "\\[x\\]\n\n(P')"),
        (
            r"\begin{equation}\tag{$\star$}\label{b}x\end{equation}\ref{b}",
            "\\[x\\]\n\n\\(\\star\\)",
        ),
        (r"\enquote{a \enquote{b} c} \textquote[Poe]{d}", "“a ‘b’ c” “d” (Poe)"),
        (r"So\textcolor{white}{i}it \textcolor{white}{stays so}", "So it stays so"),
        (r"a \tikz \draw (0,0) -- (1,1); b \tikz{\node{x};}c", "a b c"),
        (r"\begin{tabbing}a \= b\\c \> d\end{tabbing}", "a b\n\nc d"),
        (r"\begin{tcolorbox}[title=Law,colback=red]x\end{tcolorbox}", "Law. x"),
        ('A ``word" and ``two words", "plain" here.', 'A “word” and “two words”, "plain" here.'),
        (r"\verb|\`{o}| and \verb|\'{o}|", r"`` \`{o} `` and `\'{o}`"),
        (r"\hbox to 3cm{a}\vbox{b}", "ab"),
    ],
)
def test_text(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    "command",
    [
        r"\newgeometry{left=3cm}", r"\addvspace{4mm}", r"\microtypesetup{protrusion=false}",
        r"\newfloat{program}{thp}{lop}", r"\floatname{program}{Program}", r"\typeout{hello}",
        r"\captionsetup[figure]{font=small}", r"\definecolor[named]{c}{rgb}{1,0,0}",
        r"\setkeys{Gin}{width=1cm}", r"\SetKwFor{For}{for}{do}{end}", r"\lstinputlisting{a.py}",
        r"\write18{echo x}", r"\immediate\write-1 {x}", r"\newwrite\log\openout\log=a.dat ",
        r"\immediate\write\log{x\string\y}", r"\immediate\closeout\log", r"\openin5=a.dat ",
        r"\read5 to\line", r"\special{psfile=a.ps}", r"\newaliascnt{a}{b}",
        r"\nomenclature[A]{x}{a length}", r"\tcbset{colback=red}",
    ],
)  # fmt: skip
def test_settings_leave_no_trace(command: str) -> None:
    assert text(f"Before {command} after.") == "Before after."


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (r"\newcounter{step}", r"\stepcounter{step}Step \thestep, \setcounter{step}{6}\thestep.",
         "Step 1, 6."),
        (r"\newcounter{claim}\newcommand\claim[1]{\refstepcounter{claim}\label{#1}(C\theclaim)}",
         r"\claim{a} is, \claim{b} is not; (C\ref{b}).", "(C1) is, (C2) is not; (C2)."),
        (r"\newcounter{a}\newcounter{b}[a]\renewcommand{\theb}{\thea.\alph{b}}",
         r"\stepcounter{a}\stepcounter{b}\theb, \stepcounter{a}\stepcounter{b}\theb", "1.a, 2.a"),
        (r"\catcode`\@=11 \def\my@x#1{(#1)}\catcode`\@=12", r"\catcode`\@=11 So \my@x{x}.",
         "So (x)."),
    ],
)  # fmt: skip
def test_counters_and_commands_of_its_own(preamble: str, body: str, expected: str) -> None:
    assert text(body, preamble) == expected


@pytest.mark.parametrize(
    ("collaboration", "expected"),
    [
        (r"\collaboration{ODD Collaboration}\noaffiliation", "A. Rain, ODD Collaboration, B. Hale"),
        (r"\collaboration{20}{(EVEN team)}", "A. Rain, EVEN team, B. Hale"),
        (r"\collaboration[c]{on behalf of the ODD collaboration}",
         "A. Rain, ODD collaboration, B. Hale"),
    ],
)  # fmt: skip
def test_collaborations_are_authors(collaboration: str, expected: str) -> None:
    head = rf"\title{{T}}\author{{A. Rain}}\affiliation{{X}}{collaboration}\author{{B. Hale}}"
    assert text(rf"{head}\maketitle Text.") == f"Title: T\n\nAuthors: {expected}\n\nText."


def test_shorthands_of_german() -> None:
    body = 'Stra"se "`K"uhe"\' Auf"|lage'
    assert text(body, r"\usepackage[ngerman]{babel}") == "Straße „Kühe“ Auflage"
    assert text('a "quoted" word') == 'a "quoted" word'


def test_tables_of_packages() -> None:
    body = r"\ctable[caption={Cap},label=t]{lc}{\tnote[a]{Foot.}}{\FL a&b\ML c&d\NN e&f\LL} \ref{t}"
    assert text(body) == (
        f"Table 1: Cap\n\n| a | b |\n| --- | --- |\n| c | d |\n| e | f |\n\n{sup('a')} Foot.\n\n1"
    )
    assert text(r"\halign{#\hfil&#\cr a&b\cr c&d\cr}") == "| a | b |\n| --- | --- |\n| c | d |"
    assert text(r"\begin{tabu} to \textwidth {XX}a&b\\c&d\end{tabu}") == (
        "| a | b |\n| --- | --- |\n| c | d |"
    )
    body = r"\begin{deluxetable}{lc}\tablehead{\colhead{A\tablenotemark{a}}&\colhead{B}}\startdata "
    body += r"x&\nodata\\ \cutinhead{Part}y&1\enddata\end{deluxetable}"
    assert text(body) == f"| A{sup('a')} | B |\n| --- | --- |\n| x | … |\n| Part | |\n| y | 1 |"


def test_captions_of_pictures_side_by_side_keep_their_order() -> None:
    picture = r"\begin{minipage}{5cm}\includegraphics{a}\caption{%s}\end{minipage}"
    body = r"\begin{figure}" + picture % "A" + picture % "B" + r"\end{figure}"
    assert text(body) == "[IMAGE]\n\nFigure 1: A\n\nFigure 2: B"


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (
            r"\renewcommand{\algorithmicrequire}{\textbf{Input:}}",
            r"\begin{algorithmic}\Require x\Ensure y\State z\end{algorithmic}",
            "- Input: x\n- Ensure: y\n- z",
        ),
        (
            r"\newcommand{\INPUT}{\item[\textbf{Input:}]}",
            r"\begin{algorithmic}\INPUT a b\STATE d\end{algorithmic}",
            "- Input: a b\n- d",
        ),
        (
            r"\SetKwInOut{Params}{Parameters}\SetKwData{Left}{left}\SetKwFunction{Sort}{Sort}",
            r"\begin{algorithm}\Params{p}\Left is \Sort{a}\;\While{x}{\Return{q}\;}\end{algorithm}",
            "- Parameters: p\n- left is Sort(a)\n- while x do\n  - return q",
        ),
    ],
)
def test_words_of_algorithms(preamble: str, body: str, expected: str) -> None:
    assert text(body, preamble) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"A \foreach \x in {1,...,4} {\x, }B.", "A 1, 2, 3, 4, B."),
        (r"\foreach \x/\y [count=\n] in {a/1,{b}/2} {\x\ is \y; }", "a is 1; b is 2;"),
        (r"\foreach \x in {a,...,c} \foreach \y in {1,3,...,7} {\x\y\ }",
         "a1 a3 a5 a7 b1 b3 b5 b7 c1 c3 c5 c7"),
        (r"\foreach \x in {2,...,0.5} {\x, }End.", "2, 1, End."),
        (r"\foreach \x in {1,2} {$a_{\x}$ }", r"$a_{1}$ $a_{2}$"),
        (r"\foreach \x in {1,...,100000} {\x }End.", "End."),
        (r"\foreach \x in \mylist {\x }End.", "End."),
        (r"\multido{\i=1+2}{3}{\i, }End.", "1, 3, 5, End."),
        (r"\multido{\i=1+1,\n=0.5+0.25}{2}{\i: \n; }", "1: 0.50; 2: 0.75;"),
        (r"\setcounter{n}{1}\whiledo{\value{n}<4}{\arabic{n} \stepcounter{n}}End.", "1 2 3 End."),
        (r"\whiledo{\value{n}<4}{}End.", "End."),
        (r"\forloop{c}{1}{\value{c} < 4}{\arabic{c} }End.", "1 2 3 End."),
        (r"A \loop \advance\n by 1 \number\n, \ifnum\n<5 \repeat B \iftrue C\fi", "A B C"),
    ],
)  # fmt: skip
def test_loops(body: str, expected: str) -> None:
    assert text(body).replace("\\(", "$").replace("\\)", "$") == expected


def test_nested_loops_print_a_bounded_text() -> None:
    body = "x"
    for name in "abcdefgh":
        body = rf"\foreach \{name} in {{1,...,100}} {{{body}}}"
    assert len(text(f"{body} End.")) < 100_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"\titlepgskip=-15pt Text", "Text"),
        (r"\titlepgskip = 3pt plus 2pt minus 1pt Text", "Text"),
        (r"A \rate=3 B", "A =3 B"),
    ],
)
def test_what_is_given_to_a_register(body: str, expected: str) -> None:
    assert text(body) == expected


def test_accents_that_papers_copy() -> None:
    copied = r"""\makeatletter
\newcommand*\widebar[1]{\@ifnextchar^{{\wide@bar{#1}{0}}}{\wide@bar{#1}{1}}}
\newcommand*\wide@bar[2]{\setbox0\hbox{#1}}
\newcommand*\wideaccent[2]{\wide@accent{#1}{#2}{0}}\makeatother"""
    assert text(copied + r"$\widebar{ab}+\wideaccent{\hat}{cd}$") == (r"\(\overline{ab}+\hat{cd}\)")
