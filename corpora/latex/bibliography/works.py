r"""The cited works of a project: its .bib databases, its .bbl and the list in the paper itself."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from corpora.latex.bibliography.databases import Entry, Plain, RawEntry, entry_of, parse_database
from corpora.latex.bibliography.reference_list import parse_reference_list
from corpora.latex.cursor import Cursor
from corpora.latex.project import Project
from corpora.latex.structure import Structure
from corpora.latex.tokens import untokenize

_COMMENT: Final = re.compile(r"(?<!\\)%[^\n]*(?:\n\s*)?")
_OPTIONS: Final = r"(?:\[([^\]]{0,500})\])?\s*"
_BIBTEX_COMMANDS: Final = frozenset(
    ["\\bibliography", "\\addbibresource", "\\nobibliography", "\\bibliographies"]
)


class Works:
    """Entries by key, each cleaned when first asked for.

    Databases the paper names come first, then any other database of the project, then printed
    lists, whose titles are recognized and not marked; the first that knows a title wins.
    """

    def __init__(self, project: Project, structure: Structure, plain: Plain) -> None:
        self._plain = plain
        self.unreadable = 0
        named = _named_databases(project, structure)
        others = [
            path for path in project.files if path.lower().endswith(".bib") and path not in named
        ]
        self._named = self._databases(project, named)
        self._lists = _reference_lists(project, structure, plain)
        self._project = project
        self._other_paths = others
        self._others: tuple[Mapping[str, RawEntry], Mapping[str, RawEntry]] | None = None
        self._known: dict[str, Entry | None] = {}

    def _databases(
        self, project: Project, paths: list[str]
    ) -> tuple[Mapping[str, RawEntry], Mapping[str, RawEntry]]:
        entries: dict[str, RawEntry] = {}
        for path in paths:
            parsed, lost = parse_database(project.text(path))
            self.unreadable += lost
            for key, entry in parsed.items():
                entries.setdefault(key, entry)
        return entries, {key.lower(): entry for key, entry in entries.items()}

    def get(self, key: str) -> Entry | None:
        """The entry of a key, or None."""
        if key not in self._known:
            self._known[key] = self._find(key)
        return self._known[key]

    def _find(self, key: str) -> Entry | None:
        found = self._in_databases(key, self._named)
        listed = self._lists.get(key)
        if found is not None and (found.title or listed is None):
            return replace(found, number=listed.number) if listed else found
        if self._others is None:
            self._others = self._databases(self._project, self._other_paths)
        other = self._in_databases(key, self._others)
        if other is not None and other.title:
            return other
        if listed is not None and listed.title:
            return listed
        return found or listed or other

    def _in_databases(
        self, key: str, databases: tuple[Mapping[str, RawEntry], Mapping[str, RawEntry]]
    ) -> Entry | None:
        raw = databases[0].get(key) or databases[1].get(key.lower())
        return entry_of(raw, self._plain) if raw is not None else None


def _named_databases(project: Project, structure: Structure) -> list[str]:
    paths: list[str] = []
    folder = str(PurePosixPath(project.main).parent)
    for at, token in enumerate(structure.tokens):
        if token in _BIBTEX_COMMANDS:
            cursor = Cursor(structure, at + 1, len(structure.tokens))
            cursor.optional()
            where = cursor.argument()
            for name in untokenize(structure.tokens[where.start : where.end]).split(","):
                path = project.resolve(name, folder, (".bib", ""))
                if path is not None and path.lower().endswith(".bib") and path not in paths:
                    paths.append(path)
    return paths


def _reference_lists(project: Project, structure: Structure, plain: Plain) -> dict[str, Entry]:
    """The entries of the paper's own list, then of its .bbl."""
    entries: dict[str, Entry] = {}
    for at, token in enumerate(structure.tokens):
        if token in ("\\begin{thebibliography}", "\\begin{references}", "\\begin{biblist}"):
            end = structure.environments[at]
            source = untokenize(structure.tokens[at : end if end > at else len(structure.tokens)])
            for key, entry in parse_reference_list(source, plain).items():
                entries.setdefault(key, entry)
    stem = re.sub(r"\.\w+$", "", project.main)
    lists = [path for path in project.files if path.lower().endswith(".bbl")]
    lists.sort(key=lambda path: (path != stem + ".bbl", path))
    for path in lists:
        source = project.text(path)
        if "\\endentry" not in source:
            source = _COMMENT.sub("", source)
        for key, entry in parse_reference_list(source, plain).items():
            entries.setdefault(key, entry)
    return entries


def is_author_year(source: str) -> bool:
    r"""Whether `\cite` prints authors and years in prose, as natbib's author-year mode does.

    >>> is_author_year(r"\documentclass{aastex}"), is_author_year(r"\usepackage[numbers]{natbib}")
    (True, False)
    """
    source = _COMMENT.sub("", source[:200_000])
    style = re.search(r"\\bibliographystyle\s*\{([^{}]{0,500})\}", source)
    numeric = r"(?:plain|unsrt|abbrv|ieeetr|siam|acm|vancouver|nature|naturemag|"
    numeric += r"plos\w*|apsrev\S*|\S*-num\S*|"
    if style and re.fullmatch(
        numeric + r"(?:plain|unsrt|abbrv)?nat_num|IEEEtran\w*|splncs\w*|elsarticle-num)",
        style.group(1),
    ):
        return False
    kind = re.search(r"\\document(?:class|style)\s*" + _OPTIONS + r"\{([^{}]{0,500})\}", source)
    options, name = (kind.group(1) or "", kind.group(2)) if kind else ("", "")
    if "numbers" in options:
        return False
    if name.startswith(("aastex", "emulateapj", "mnras", "mn2e")) or name in ("aa", "bioinfo"):
        return True
    natbib = re.search(r"\\usepackage\s*" + _OPTIONS + r"\{[^{}]{0,300}\bnatbib\b", source)
    if natbib is None:
        return "authoryear" in options
    given = f"{natbib.group(1) or ''},{options},"
    cited = re.search(r"\\setcitestyle\s*\{([^{}]{0,500})\}", source)
    return not re.search(r"\b(?:numbers|super)\b", given + (cited.group(1) if cited else ""))
