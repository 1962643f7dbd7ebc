r"""Papers in other dialects of TeX as LaTeX; of plain TeX, title, authors and abstract.

Plain TeX names nothing: a title is a centred line, an abstract the paragraph after the word. What
is not recognized stays as it is, and is read as text.
"""

import re
from typing import Final

from corpora.latex.bibliography.printed_names import read_names
from corpora.latex.dialects.ams_tex import ams_tex_to_latex, is_ams_tex
from corpora.latex.dialects.phyzzx import is_phyzzx, phyzzx_to_latex
from corpora.latex.dialects.source_edits import COMMAND, SourceEdits, without_comments

_LATEX: Final = re.compile(r"\\document(?:class|style)\b|\\begin\s*\{")
_PLAIN: Final = re.compile(
    r"\\(?:bye|end|magnification|beginsection|centerline|hsize|proclaim|eqno|nopagenumbers)(?![a-zA-Z])"
)
_ABSTRACT: Final = re.compile(
    r"(?:\\(?:centerline|cl|noindent|ni)\s*)?\{?\s*(?:\\(?:bf|it|sl|sc|rm|centerline\s*\{\s*\\bf)\s*)?"
    r"(?:Abstract|ABSTRACT|Summary)\s*[.:]?\s*(?:\\(?:par|/))?\}{0,2}[.:]?\s*"
)
_NOTE: Final = re.compile(
    r"\\(?:footnote|foot|vfootnote)\s*(?:\{[^{}]*\}\s*(?=\{)|\\\w+\s*(?=\{)|[^\w\\{}]\s*)?\{[^{}]*\}"
)
#: harvmac's `\\appendix{A}{Title}`.
_APPENDIX: Final = re.compile(r"\\appendix\s*\{([^{}]{0,20})\}\s*\{([^{}]{0,300})\}")
_SKIPS: Final = re.compile(
    r"(?:\s|\\(?:vskip|vfil|vfill|noindent|bigskip|medskip)\b(?:\s*[\d.]+\s*\w\w)?)*"
)
_HEAD_LENGTH: Final = 8000
_ADDRESS: Final = re.compile(
    r"Univers|Institut|Departe?ment|Laborato|College|Observatory|Center|Centre|School|Physics|@|\d{4,}|"
    r"\\tt\b|USA|preprint|[Rr]eceived|submitted|Box\b|Street|Road|PACS|[Dd]ated?\b|19\d\d|20\d\d"
)


def to_latex(source: str) -> str | None:
    """A source in another dialect of TeX as LaTeX; None for LaTeX itself and for what is no TeX.

    >>> to_latex(r"\\documentclass{article}\\begin{document}x\\end{document}") is None
    True
    """
    if is_ams_tex(source):
        return ams_tex_to_latex(source)
    if is_phyzzx(source):
        return phyzzx_to_latex(source)
    if _LATEX.search(source) or not _PLAIN.search(source):
        return None
    return _with_front(_APPENDIX.sub(r"\\section*{Appendix \1. \2}", without_comments(source)))


def _with_front(source: str) -> str:
    """The source with its title, authors and abstract marked, where their places tell them."""
    source = _with_abstract(source)
    aliases = re.findall(r"\\def\s*\\([a-zA-Z]+)\s*\{\s*\\centerline\s*\}", source[:_HEAD_LENGTH])
    names = frozenset(["centerline", *aliases])
    edits = SourceEdits(source)
    named = re.search(r"\\[tT]itle\s*\{", source) is not None
    limit = min(
        place
        for place in (source.find("\\begin{abstract}"), source.find("\\section"), _HEAD_LENGTH)
        if place >= 0
    )
    title: list[str] = []
    done = named
    for match in COMMAND.finditer(source[:limit], _after_title(edits)):
        group = edits.group(match.end()) if match.group(1) in names else None
        if group is None:
            continue
        line = source[group[0] : group[1]]
        plain = _words(line)
        if not re.search(r"[^\W\d_]{2}", plain):
            continue
        people = read_names(plain)
        if (title or named) and people.end and people.end >= len(plain.rstrip(" .,")) - 1:
            done = True
            edits.replace(match.start(), group[1] + 1, f"\\author{{{_NOTE.sub('', line)}}}")
        elif _ADDRESS.search(_NOTE.sub("", line)):
            done = done or bool(title)
            edits.replace(match.start(), group[1] + 1, "")
        elif not done:
            title.append(line)
            edits.replace(match.start(), group[1] + 1, "")
    result = edits.result()
    if title and not named:
        words = " ".join(
            re.sub(r"\\\w*(?:bold|big|large|title)\w*\b\s*", "", line) for line in title
        )
        result = f"\\title{{{words}}}\n{result}"
    return re.sub(r"\\bye(?![a-zA-Z])", "", result)


def _after_title(edits: SourceEdits) -> int:
    r"""The place after harvmac's `\\Title{report number}{title}`, whose lines are no authors."""
    found = re.search(r"\\Title(?![a-zA-Z])", edits.source)
    number = edits.group(found.end()) if found is not None else None
    title = edits.group(number[1] + 1) if number is not None else None
    return title[1] if title is not None else 0


def _words(line: str) -> str:
    """The words of a centred line, without fonts, notes and marks."""
    line = re.sub(r"\\(?:dag|ddag|dagger|ast|star)\b\s*", " ", _NOTE.sub(" ", line))
    line = re.sub(r"\$[^$]*\$", "", line).replace("~", " ")
    line = re.sub(r"\\[a-zA-Z]+\s*|[{}*]", "", line)
    return " ".join(line.split())


def _with_abstract(source: str) -> str:
    """The paragraph after the word `Abstract`, or what stands before harvmac's date."""
    if "\\begin{abstract}" in source:
        return source
    found = _ABSTRACT.search(source[:_HEAD_LENGTH])
    if found is None:
        return _with_dated_abstract(source)
    ending = re.compile(
        r"\n[ \t]*\n|\\(?:beginsection|section|bigskip|vfill|eject|bs|vskip|np|newpage|par)\b"
    ).search(source, found.end())
    stop = ending.start() if ending is not None else len(source)
    return (
        f"{source[: found.start()]}\\begin{{abstract}}{source[found.end() : stop]}"
        f"\\end{{abstract}}{source[stop:]}"
    )


def _with_dated_abstract(source: str) -> str:
    r"""harvmac's abstract, between the last centred line and `\Date`."""
    dated = re.search(r"\\Date\s*\{", source[: 2 * _HEAD_LENGTH])
    if dated is None:
        return source
    lines = list(re.finditer(r"\\centerline\s*\{[^\n]*\}", source[: dated.start()]))
    start = lines[-1].end() if lines else 0
    skipped = _SKIPS.match(source, start)
    start = skipped.end() if skipped is not None else start
    inside = source[start : dated.start()]
    if not re.search(r"\w{3}", inside) or not lines:
        return source
    return f"{source[:start]}\\begin{{abstract}}{inside}\\end{{abstract}}{source[dated.start() :]}"
