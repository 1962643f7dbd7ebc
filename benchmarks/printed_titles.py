"""Whether the titles in printed reference lists are found, measured against BibTeX databases.

    python benchmarks/printed_titles.py FOLDER...

Of a paper that has both its `.bbl` and the database the list was made from, a text that cites each
entry once is read with the list alone. Where the title that the database gives a key stands word
for word in the key's printed entry, the list can tell it, and the reader must find that title. Of
the entries in which it does not stand (many styles print none), titles found are counted too.
"""

import argparse
import re
import unicodedata
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import Final

from corpora.citations import resolve
from corpora.documents import ReadOptions, RecordUnreadable
from corpora.latex.bibliography.databases import parse_database
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal

_ITEM: Final = re.compile(
    r"\\bibitem\s*(?:\[(?:[^\[\]{}]|\{(?:[^{}]|\{[^{}]*\})*\}|\[[^\[\]]*\])*\])?\s*\{([^{}]+)\}"
    r"(.*?)(?=\\bibitem|\\end\{thebibliography\}|\Z)",
    re.DOTALL,
)
_COMMAND: Final = re.compile(r"\\[A-Za-z@]+\*?|\\.|[{}~$]")
_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*\n?")
_SPAN: Final = re.compile(r"\[START_REF\] (.*?)\[END_REF\]", re.DOTALL)
#: A title of one short word may stand in any entry.
_LEAST_LETTERS: Final = 12
_MOST_BYTES: Final = 8 << 20
#: Letters that two spellings of one title have in common.
_ALIKE: Final = 0.9


def folded(text: str) -> str:
    r"""Letters and digits alone, in small letters without accents and commands.

    >>> folded(r"On {\em Growth} \& F\"orm")
    'ongrowthform'
    """
    bare = unicodedata.normalize("NFKD", _COMMAND.sub("", text)).casefold()
    return "".join(c for c in bare if c.isalnum())


def _alike(found: str, title: str) -> bool:
    """Whether what was found begins with a title; a formula in it may be written otherwise."""
    beginning = found[: len(title)]
    return found.startswith(title) or (
        len(found) >= _ALIKE * len(title)
        and SequenceMatcher(None, beginning, title, autojunk=False).ratio() >= _ALIKE
    )


def found_in_list(printed: bytes, keys: list[str]) -> list[str]:
    """For each key the content of its citation, read with the list alone; "" where untitled."""
    cited = "\n\n".join(rf"Witness \cite{{{key}}}." for key in keys)
    main = rf"\documentclass{{article}}\begin{{document}}{cited}\end{{document}}"
    project = Project("p", {"m.tex": main.encode(), "m.bbl": printed}, main="m.tex")
    document, _ = resolve(read_project(project, ReadOptions(latex_markers=False)))
    paragraphs = reveal(document.text).split("\n\n")
    if len(paragraphs) != len(keys):
        raise RecordUnreadable("not one paragraph a key")
    spans = [_SPAN.search(paragraph) for paragraph in paragraphs]
    return [span.group(1) if span else "" for span in spans]


def measure(paper: Path, counts: Counter[str], wrong: list[str]) -> None:
    """Every list of a folder against the databases in it."""
    titles: dict[str, str] = {}
    for path in sorted(paper.rglob("*.bib")):
        if path.stat().st_size < _MOST_BYTES:
            entries, _ = parse_database(path.read_text("utf-8", "replace"))
            for key, entry in entries.items():
                titles.setdefault(key, folded(entry.fields.get("title", "")))
    for path in sorted(paper.rglob("*.bbl")) if titles else ():
        printed = path.read_bytes()
        source = _COMMENT.sub("", printed.decode("utf-8", "replace"))
        items = {key.strip(): folded(body) for key, body in _ITEM.findall(source)}
        keys = [key for key in items if len(titles.get(key, "")) >= _LEAST_LETTERS]
        try:
            spans = found_in_list(printed, keys) if keys else []
        except RecordUnreadable as error:
            counts[f"lists left out: {error.reason}"] += 1
            continue
        counts["lists"] += bool(keys)
        for key, span in zip(keys, spans, strict=True):
            found, title = folded(span), titles[key]
            if title not in items[key]:
                counts["title not printed" + (", another found" if found else "")] += 1
                continue
            kind = "right" if _alike(found, title) else "wrong" if found else "missed"
            counts[kind] += 1
            if kind != "right":
                wrong.append(f"{kind}  {path.parent.name}  {key}: {span[:100]!r}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--worst", type=int, default=10, metavar="N")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for folder in arguments.folders:
        for paper in sorted(path for path in folder.iterdir() if path.is_dir()):
            measure(paper, counts, wrong)
    printed = counts["right"] + counts["wrong"] + counts["missed"]
    for name, count in sorted(counts.items()):
        print(f"{name:40} {count:8,}")
    print(f"{'right, of those printed':40} {counts['right'] / max(1, printed):8.2%}")
    for line in wrong[: arguments.worst]:
        print(line)


if __name__ == "__main__":
    main()
