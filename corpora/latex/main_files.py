r"""Which of a project's files is the paper: the main one among sections, letters and templates."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from corpora.documents import RecordDropped, RecordUnreadable
from corpora.latex.project import NOT_LATEX, TEX_SUFFIXES, Project
from corpora.latex.tokens import words

_INPUTS: Final = re.compile(
    rb"\\(?:input|include|subfile|import\s*\{[^{}]{0,300}\}|subimport\s*\{[^{}]{0,300}\})\s*\{?([^{}\s\\%]+)"
)
_CLASS: Final = re.compile(
    rb"\\document(?:class|style)\s*(?:\[[^\]]{0,2000}\])?\s*\{([^{}]{0,200})\}"
)
_SIDE_WORDS: Final = frozenset(
    words("""
    supp suppl supplement supplements supplementary supplemental suppmat supmat sup si esi cover
    coverletter letter rebuttal response responses reply referee referees reviewer reviewers
    template sample example examples appendix diff latexdiff poster slides talk presentation old
    backup bak copy highlights highlight changes tracked notes todo outline abstract checklist
    guidelines howto readme figures figure
""")
)
#: Classes of what is no paper.
_SIDE_CLASSES: Final = frozenset(
    words(
        "letter newlfm beamer powerdot standalone subfiles a0poster tikzposter beamerposter prosper"
    )
)
_MAIN_NAMES: Final = ("main", "ms", "paper", "article", "manuscript")
#: What plain TeX, AMS-TeX, harvmac and phyzzx papers have in place of a document class.
_PLAIN_TEX: Final = re.compile(
    rb"\\(?:bye|magnification|beginsection|headline|footline|hsize|topmatter|document)\b|"
    rb"\\end\s*$|\\input\s*\{?(?:amstex|amsppt|harvmac|lanlmac|phyzzx|jnl|mtexsis|texsis|psfig|epsf|"
    rb"vanilla|jytex|eplain|plain)\b"
)
_WITHDRAWN: Final = re.compile(rb"\bwithdrawn\b|\bwithdrew\b", re.IGNORECASE)


def main_file(project: Project) -> str:
    """The main source of a project.

    arXiv's own directives (`00README`) decide; else, among the files with a document class and a
    document, one that no other includes, not a supplement, a letter or a template, nearest to the
    top, named as papers are or as the folder is, or else the largest. Raises RecordUnreadable where
    no file looks like TeX, RecordDropped for a paper that was withdrawn.
    """
    named = _directed(project.files)
    if named is not None:
        return named
    tex = {
        path: re.sub(rb"(?<!\\)%[^\n]*", b"", data)
        for path, data in project.files.items()
        if path.lower().endswith(TEX_SUFFIXES) or path in project.unnamed
    } or {
        path: re.sub(rb"(?<!\\)%[^\n]*", b"", data)
        for path, data in project.files.items()
        if path.lower().endswith(".txt") and b"\\begin{document}" in data
    }
    if not tex:
        raise RecordUnreadable(NOT_LATEX, project.refusal or "no .tex file")
    whole = [p for p, d in tex.items() if _CLASS.search(d)]
    plain = [] if whole else [p for p, d in tex.items() if _PLAIN_TEX.search(d)]
    candidates = [p for p in whole if b"\\begin{document}" in tex[p]] or whole or plain or list(tex)
    ignored = [p for p in candidates if project.files[p].startswith(b"%auto-ignore")]
    if len(ignored) == len(tex) and all(_WITHDRAWN.search(tex[p]) for p in ignored):
        raise RecordDropped("withdrawn")
    candidates = [p for p in candidates if p not in ignored] or candidates
    included = {
        re.sub(r"\.(tex|ltx)$", "", match.decode("utf-8", "replace").rsplit("/", 1)[-1])
        for path, data in tex.items()
        for match in _INPUTS.findall(data)
        if path in candidates or not whole
    }

    def badness(path: str) -> tuple[int, int, int, int, int, str]:
        stem = PurePosixPath(path).stem
        lowered = stem.lower()
        own = project.name.lower().rsplit("/", 1)[-1]
        named = lowered in _MAIN_NAMES or lowered == own
        prefixed = any(lowered.startswith(main) for main in _MAIN_NAMES)
        size = sum(len(tex[p]) for p in _closure(path, tex))
        return (
            int(stem in included),
            int(_is_side(stem, tex[path]) and not named),
            path.count("/"),
            0 if named else 1 if prefixed else 2,
            -size,
            path,
        )

    return min(candidates, key=badness)


def _is_side(stem: str, data: bytes) -> bool:
    """Whether a file's name or class is that of a letter, a talk, a supplement or a template."""
    parts = re.findall(r"[a-z]+|[A-Z][a-z]*", stem)
    if not _SIDE_WORDS.isdisjoint(part.lower() for part in [*parts, re.sub(r"\W|_|\d", "", stem)]):
        return True
    found = _CLASS.search(data)
    return found is not None and found.group(1).decode("ascii", "replace").strip() in _SIDE_CLASSES


def _directed(files: Mapping[str, bytes]) -> str | None:
    """The top-level file that a `00README` of arXiv names, in any of its formats."""
    for path, data in files.items():
        name = PurePosixPath(path).name.lower()
        if not name.startswith("00readme"):
            continue
        folder = path.rpartition("/")[0]
        for source in _toplevel(name, data.decode("utf-8", "replace")[:100_000]):
            target = f"{folder}/{source}".lstrip("/")
            if target in files and target.lower().endswith(TEX_SUFFIXES):
                return target
    return None


def _toplevel(name: str, text: str) -> list[str]:
    if name.endswith(".json"):
        try:
            sources = json.loads(text).get("sources", [])
            return [
                str(source.get("filename", ""))
                for source in sources
                if str(source.get("usage", "")).startswith("toplevel")
            ]
        except (ValueError, AttributeError, TypeError, RecursionError):
            return []
    if name.endswith((".yaml", ".yml")):
        found = re.findall(r"filename:\s*[\"']?([^\s\"']+)[\"']?\s+usage:\s*toplevel", text)
        other = re.findall(r"usage:\s*toplevel\w*\s+filename:\s*[\"']?([^\s\"']+)", text)
        return [*found, *other]
    return re.findall(r"^\s*(\S+)\s+toplevelfile\b", text, re.MULTILINE)


def _closure(path: str, tex: Mapping[str, bytes]) -> set[str]:
    """A file and the files it includes, to measure how much of a paper hangs on it."""
    by_stem = {PurePosixPath(p).stem: p for p in tex}
    seen, queue = {path}, [path]
    while queue:
        for match in _INPUTS.findall(tex[queue.pop()]):
            name = re.sub(r"\.(tex|ltx)$", "", match.decode("utf-8", "replace").rsplit("/", 1)[-1])
            target = by_stem.get(name)
            if target is not None and target not in seen:
                seen.add(target)
                queue.append(target)
    return seen
