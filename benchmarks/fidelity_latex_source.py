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


def own_prose(record: Record) -> str:
    """The text of the main file and of what it takes in, without commands: what is typeset."""
    project = open_project(record)
    text = _expanded(project, project.main, [])
    body = re.search(r"(?s)\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", text)
    text = body.group(1) if body else text
    text = re.sub(r"\\textless(?![a-zA-Z])|\\lt(?![a-zA-Z])", "<", text)
    text = re.sub(r"\\textgreater(?![a-zA-Z])|\\gt(?![a-zA-Z])", ">", text)
    text = re.sub(r"\\([_%&#])", r"\1", text)
    return re.sub(r"\\[A-Za-z@]+\*?(?:\[[^\]]*\])?|\\.|[{}$~]", "", text)


def _expanded(project: Project, path: str, taken: list[str]) -> str:
    if path in taken or len(taken) > _MOST_INPUTS:
        return ""
    taken.append(path)
    text = _COMMENT.sub(r"\1", project.text(path))

    def content(match: re.Match[str]) -> str:
        found = project.resolve(match.group(1), str(Path(path).parent), ("", ".tex"))
        return _expanded(project, found, taken) if found else ""

    return _INPUT.sub(content, text)


_BIB_ENTRY: Final = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}]+)\s*,")
_BIB_TITLE: Final = re.compile(r"(?i)[\s,{](?:title|booktitle)\s*=")
_BIB_ITEM: Final = re.compile(r"\\bibitem(?:\s*\[(?:[^\[\]{}]|\{[^\[\]]*\})*\])?\s*\{([^{}]+)\}")
_ENTRY: Final = re.compile(r"\\entry\{([^{}]+)\}")
#: What a printed entry has around or before its title.
_ITEM_TITLE: Final = re.compile(
    r"\\newblock|\\bibinfo\s*\{?title|``|\\field\{title\}|\\showarticle"
)


def entries_of(project: Project) -> tuple[set[str], set[str]]:
    """The keys of a project's databases and lists: those whose entry has a title, roughly; all."""
    titled: set[str] = set()
    known: set[str] = set()
    for path in sorted(project.files):
        database = path.lower().endswith(".bib")
        if not database and not path.lower().endswith((".bbl", ".tex")):
            continue
        text = project.text(path)
        heads = [(_BIB_ENTRY, _BIB_TITLE)] if database else [(_BIB_ITEM, _ITEM_TITLE),
                                                             (_ENTRY, _ITEM_TITLE)]  # fmt: skip
        for head, wanted in heads:
            found = list(head.finditer(text))
            ends = [*(each.start() for each in found[1:]), len(text)]
            for entry, end in zip(found, ends, strict=False):
                key = entry.group(1).strip()
                known.add(key)
                if wanted.search(text[entry.end() : end]):
                    titled.add(key)
    return titled, known


def prints_titles(record: Record) -> bool:
    """Whether most entries of a paper's lists have titles: journals of astronomy print none."""
    titled, known = entries_of(open_project(record))
    return 2 * len(titled) > len(known)
