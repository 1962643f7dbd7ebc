r"""phyzzx, a format of high-energy physics before LaTeX, as LaTeX.

It names a reference where it is first made and cites it by that name: `\REF\rain{A. Rain, ...}`,
then `\refmark\rain`; equations likewise, `$$ ... \eqn\action $$`.
"""

import re
from typing import Final

from corpora.latex.dialects.source_edits import COMMAND, SourceEdits, without_comments

_FORMAT: Final = re.compile(
    r"\\input\s*\{?\s*phyzzx(?:\.tex)?(?!\w)\}?|^%&\s*phyzzx.*$", re.MULTILINE
)
#: Commands that name a reference; those of the second group cite it there too.
_NAMING: Final = frozenset(["REF", "REFS", "REFSCON", "refdef"])
_NAMING_AND_CITING: Final = frozenset(["Ref", "Refs", "ref"])
_ABSTRACT_LENGTH: Final = 10_000
_COMMANDS: Final = {
    "foot": r"\footnote", "chapter": r"\section", "section": r"\subsection",
    "subsection": r"\subsubsection", "ack": "\n\n", "andauthor": r"\author",
    "andaddress": r"\address", "refout": "", "figout": "", "titlepage": "", "endpage": "",
    "bye": "",
    "end": "", "PHYSREV": "", "nopubblock": "", "refsend": "", "refend": "",
    "sequentialequations": "",
    "pubnum": r"\thispagestyle", "Pubnum": r"\thispagestyle", "date": r"\thispagestyle",
    "pubtype": r"\thispagestyle",
}  # fmt: skip


def is_phyzzx(source: str) -> bool:
    r"""Whether a source asks for phyzzx.

    >>> is_phyzzx(r"\\input phyzzx"), is_phyzzx(r"\\documentclass{article}")
    (True, False)
    """
    return _FORMAT.search(source) is not None and "\\begin{document}" not in source


def phyzzx_to_latex(source: str) -> str:
    """A phyzzx source as LaTeX, its references as a `thebibliography`."""
    edits = SourceEdits(without_comments(_FORMAT.sub("", source)))
    text = edits.source
    references: dict[str, str] = {}
    for match in re.finditer(r"\\([a-zA-Z]+)\s*\\([a-zA-Z]+)\s*(?=\{)", text):
        command, name = match.group(1), match.group(2)
        group = edits.group(match.end())
        if group is None or command not in _NAMING | _NAMING_AND_CITING:
            continue
        references.setdefault(name, text[group[0] : group[1]])
        cited = f" \\cite{{{name}}}" if command in _NAMING_AND_CITING else ""
        edits.replace(match.start(), group[1] + 1, cited)
    equations = set(re.findall(r"\\(?:eqn|eqname)\s*\\([a-zA-Z]+)", text)) - set(references)
    for match in COMMAND.finditer(text):
        name, start, end = match.group(1), match.start(), match.end()
        if name is None:
            continue
        named = re.compile(r"\s*\{?\s*\\([a-zA-Z]+)\s*\}?").match(text, end)
        if name in ("refmark", "refitem") and named is not None:
            edits.replace(start, named.end(), f" \\cite{{{named.group(1)}}} ")
        elif name in ("eqn", "eqname") and named is not None:
            edits.replace(start, named.end(), f"\\label{{{named.group(1)}}}")
        elif name == "abstract":
            ending = text.find("\\endpage", end, end + _ABSTRACT_LENGTH)
            edits.replace(start, end, "\\begin{abstract}")
            if ending > 0:
                edits.replace(ending, ending + len("\\endpage"), "\\end{abstract}")
        elif name in references:
            edits.replace(start, end, f" \\cite{{{name}}}")
        elif name in equations:
            edits.replace(start, end, f"\\eqref{{{name}}}")
        elif name in _COMMANDS:
            edits.replace(start, end, _COMMANDS[name])
    listed = "\n".join(f"\\bibitem{{{name}}} {item}" for name, item in references.items())
    return (
        f"\\documentclass{{article}}\\begin{{document}}{edits.result()}\n"
        f"\\begin{{thebibliography}}{{9}}\n{listed}\n\\end{{thebibliography}}\n\\end{{document}}"
    )
