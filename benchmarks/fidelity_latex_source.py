r"""The runs of plain words in a LaTeX source: a reference that no LaTeX program has to understand.

Between two pieces of markup an author writes words, and long runs of them are text whatever the
macros around them do: every one should be in the document. It holds where pandoc gives up too.
"""

import re
from pathlib import Path
from typing import Final

from corpora.documents import Record
from corpora.latex import open_project
from corpora.latex.project import Project

_RUN_WORDS: Final = 8
_MOST_INPUTS: Final = 500
_COMMENT: Final = re.compile(r"(?<!\\)((?:\\\\)*)%.*?(?:\n[ \t]*|\Z)")
_INPUT: Final = re.compile(r"\\(?:input|include|subfile)\s*\{([^{}]+)\}")
#: What is not text of the paper, with all it holds.
_OUT: Final = re.compile(
    r"\\begin\{(thebibliography|comment|equation\*?|align\*?|gather\*?|multline\*?|eqnarray\*?|"
    r"tikzpicture|filecontents\*?|displaymath|math|CCSXML)\}.*?\\end\{\1\}|"
    r"\\iffalse\b.*?\\fi\b|\$\$.*?\$\$|(?<!\\)\$.*?(?<!\\)\$|\\\[.*?\\\]|\\\(.*?\\\)|"
    r"\\[A-Za-z]*[Cc]ite[A-Za-z]*\*?(?:\s*\[[^\]]*\])*\s*\{[^{}]*\}|"
    r"\\(?:[A-Za-z]*ref|label|url|href|input|bibliography)\*?\s*\{[^{}]*\}|\\(?:re)?newcommand\*?\s*\{?\\\w+\}?(?:\[[^\]]*\])*\s*\{.*?\}\s*\n|\\def\\.*?\n",
    re.DOTALL,
)
_MARKUP: Final = re.compile(r"\\[A-Za-z@]+\*?(?:\[[^\]]*\])?|\\.|[{}&$#^_~\\]|\n\s*\n")


def plain_runs(record: Record) -> str:
    """The runs of the main file and of what it takes in, in order, one a line."""
    project = open_project(record)
    text = _expanded(project, project.main, [])
    body = re.search(r"(?s)\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", text)
    text = _OUT.sub("\n\n", body.group(1) if body else text)
    runs = (" ".join(run.split()) for run in _MARKUP.split(text))
    return "\n".join(run for run in runs if len(re.findall(r"[a-z]{2,}", run)) >= _RUN_WORDS)


def _expanded(project: Project, path: str, taken: list[str]) -> str:
    if path in taken or len(taken) > _MOST_INPUTS:
        return ""
    taken.append(path)
    text = _COMMENT.sub(r"\1", project.text(path))

    def content(match: re.Match[str]) -> str:
        found = project.resolve(match.group(1), str(Path(path).parent), ("", ".tex"))
        return _expanded(project, found, taken) if found else ""

    return _INPUT.sub(content, text)
