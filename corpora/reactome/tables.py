"""The tables of a Reactome release that tell of its pathways, joined by their stable identifiers.

Files of https://reactome.org/download-data, columns separated by tabs: `ReactomePathways.txt`
(identifier, name, species), `ReactomePathwaysRelation.txt` (parent, child), `pathway2summation.txt`
(identifier, name, summary), `UniProt2Reactome*.txt` and `ChEBI2Reactome*.txt` (participant,
[physical entity, its name,] pathway, address, name, evidence, species), and
`ReactomePathways.gmt.zip` (name, pathway, symbols of genes).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from corpora.compressed_streams import ARCHIVE_SUFFIXES, COMPRESSED_SUFFIXES, Stream, open_streams
from corpora.documents import ReadOptions, RecordUnreadable
from corpora.text_lines import Line, text_lines

#: `R-HSA-109582`, with a version in some files; `REACT_604` before 2014.
IDENTIFIER: Final = re.compile(r"(?:R-[A-Z]{3}-\d{1,12}|REACT_\d{1,9})(?:\.\d{1,3})?")
_VERSION: Final = re.compile(r"\.\d+$")
#: What a file's name begins with -> the kind of table that it is, the first that fits.
_KINDS: Final = (
    ("reactomepathwaysrelation", "relation"),
    ("reactomepathways", "pathways"),
    ("pathway2summation", "summations"),
    ("uniprot2reactome", "UniProt"),
    ("chebi2reactome", "ChEBI"),
)
_SUFFIXES: Final = (".txt", ".tsv", ".gmt")
#: Tables in the order in which they are read, and in which one of them leads the others.
_ORDER: Final = ("pathways", "summations", "UniProt", "ChEBI", "genes", "relation")
#: All species together have 23,000 pathways and some million participants.
_MOST_ROWS: Final = 20_000_000
#: Hierarchies of Reactome are some ten pathways high.
_MOST_ANCESTORS: Final = 30
#: Participants that a document names; of the rest only the number is kept.
MOST_PARTICIPANTS: Final = 40


@dataclass(slots=True)
class Participants:
    """What takes part in a pathway: the first of them by name, and how many there are."""

    named: dict[str, str] = field(default_factory=dict)
    total: int = 0


@dataclass(slots=True)
class Pathway:
    """One pathway with what stands of it in all tables. Its strings are raw."""

    identifier: str
    name: str = ""
    species: str = ""
    summaries: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    proteins: Participants = field(default_factory=Participants)
    chemicals: Participants = field(default_factory=Participants)
    genes: Participants = field(default_factory=Participants)
    position: str = ""
    num_bytes: int = 0


@dataclass(slots=True)
class Release:
    """Every pathway by its identifier, in the order of the files, and lines that are none."""

    pathways: dict[str, Pathway] = field(default_factory=dict)
    faults: list[tuple[str, int, RecordUnreadable]] = field(default_factory=list)

    def pathway(self, identifier: str) -> Pathway:
        """The pathway of an identifier, new where it was not known."""
        bare = _VERSION.sub("", identifier)
        return self.pathways.setdefault(bare, Pathway(bare))


def kind_of(name: str) -> str | None:
    """The kind of table that a file is by its name, None for others.

    >>> kind_of("UniProt2Reactome_PE_Pathway.txt.gz"), kind_of("ReactomePathways.gmt.zip")
    ('UniProt', 'genes')
    >>> kind_of("homo_sapiens.3.1.sbml.tgz") is None
    True
    """
    bare = name.rpartition("/")[2].lower().removesuffix(".zip")
    for layer in COMPRESSED_SUFFIXES:
        bare = bare.removesuffix(layer)
    if not bare.endswith(_SUFFIXES):
        return None
    if bare.endswith(".gmt"):
        return "genes" if bare.startswith("reactome") else None
    return next((kind for start, kind in _KINDS if bare.startswith(start)), None)


def find_releases(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder one file for each release in it, and archives of releases."""
    if not path.is_dir():
        return [path]
    found = []
    for folder in sorted({file.parent for file in path.rglob("*") if file.is_file()}):
        leading = leading_file(folder)
        found += [leading] if leading else []
        found += [
            file
            for file in sorted(folder.iterdir())
            if file.is_file()
            and file.name.lower().endswith(ARCHIVE_SUFFIXES)
            and not kind_of(file.name)
        ]
    return found


def leading_file(folder: Path) -> Path | None:
    """The file of a folder that stands for its release: that of the names, else of the summaries,
    else of the participants."""
    by_kind: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        kind = kind_of(file.name) if file.is_file() else None
        if kind:
            by_kind.setdefault(kind, file)
    for kind in _ORDER:
        if kind in by_kind:
            return by_kind[kind]
    return None


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The other tables of the release that a file stands for."""
    if is_archive(path):
        return []
    others = sorted(path.parent.iterdir())
    return [file for file in others if file != path and file.is_file() and kind_of(file.name)]


def is_archive(path: Path) -> bool:
    """Whether a file holds the tables of a release, and is none of them."""
    return path.name.lower().endswith(ARCHIVE_SUFFIXES) and kind_of(path.name) is None


def load(path: Path) -> Release:
    """The release that a file belongs to, or that an archive holds."""
    release = Release()
    if is_archive(path):
        for stream in open_streams(path, *_SUFFIXES):
            kind = kind_of(stream.name)
            if kind:
                _read(stream, kind, release)
        return release
    files = [path]
    files += [
        file
        for file in sorted(path.parent.iterdir())
        if file != path and file.is_file() and kind_of(file.name)
    ]
    kinds: dict[str, Path] = {}
    for file in files:
        kind = kind_of(file.name) or ("pathways" if file == path else None)
        if kind is None:
            continue
        # Participants with names (`_PE_`) tell more; those of all levels repeat the lower ones.
        known = kinds.get(kind)
        if known is None or ("_PE_" in file.name and "_PE_" not in known.name):
            kinds[kind] = file
    for kind in _ORDER:
        if kind in kinds:
            for stream in open_streams(kinds[kind], *_SUFFIXES):
                _read(stream, kind, release)
    return release


def _read(stream: Stream, kind: str, release: Release) -> None:
    for line in text_lines(stream.file):
        if line.number > _MOST_ROWS:
            return
        if line.fault is None and (not line.data.strip() or line.data.startswith(b"#")):
            continue
        position = f"{stream.name}: line {line.number}"
        try:
            columns = _columns(line)
            if line.number == 1 and not any(map(IDENTIFIER.fullmatch, columns)):
                # The names of the columns, in copies of the tables.
                continue
            _row(columns, kind, release, position, line.num_bytes)
        except RecordUnreadable as fault:
            release.faults.append((position, line.num_bytes, fault))


def _columns(line: Line) -> list[str]:
    return [column.strip() for column in line.text().split("\t")]


def _row(columns: list[str], kind: str, release: Release, position: str, num_bytes: int) -> None:
    places = [n for n, column in enumerate(columns) if IDENTIFIER.fullmatch(column)]
    if kind == "relation":
        if len(places) != 2:
            raise RecordUnreadable("no pair of pathways", position)
        parent, child = (_VERSION.sub("", columns[place]) for place in places)
        release.pathway(parent).children.append(child)
        release.pathway(child).parents.append(parent)
        return
    if not places or len(columns) < 2:
        raise RecordUnreadable("no pathway", position)
    if kind == "pathways" and len(columns) not in (2, 3):
        # Another table under this name: its third column is no species.
        raise RecordUnreadable("not three columns", position)
    # Physical entities have identifiers too: the pathway's is the last.
    place = places[-1] if kind in ("UniProt", "ChEBI") else places[0]
    pathway = release.pathway(columns[place])
    if not pathway.position:
        pathway.position, pathway.num_bytes = position, num_bytes
    rest = columns[place + 1 :]
    if kind == "genes":
        # Files of earlier releases have a column of these words before the genes.
        for symbol in rest[rest[:1] == ["Reactome Pathway"] :]:
            _take_part(pathway.genes, symbol, "")
        rest = columns[:1]
    elif kind in ("UniProt", "ChEBI"):
        name = columns[2] if len(places) > 1 and place > 2 else ""
        participants = pathway.proteins if kind == "UniProt" else pathway.chemicals
        _take_part(participants, columns[0], name)
        # Address, name, evidence, species.
        rest = rest[1:2] + rest[3:4]
    elif kind == "summations":
        if len(rest) > 1 and rest[1]:
            pathway.summaries.append(" ".join(rest[1:]))
        rest = rest[:1]
    pathway.name = pathway.name or (rest[0] if rest else "")
    pathway.species = pathway.species or (rest[1] if len(rest) > 1 else "")


def _take_part(participants: Participants, accession: str, name: str) -> None:
    if not accession or accession in participants.named:
        return
    participants.total += 1
    if len(participants.named) < MOST_PARTICIPANTS:
        participants.named[accession] = name


def ancestors(pathway: Pathway, release: Release) -> Iterator[Pathway]:
    """The pathways that a pathway is a part of, from the next to a topmost one; each once."""
    seen = {pathway.identifier}
    while pathway.parents and len(seen) <= _MOST_ANCESTORS:
        above = release.pathways.get(pathway.parents[0])
        if above is None or above.identifier in seen:
            return
        seen.add(above.identifier)
        yield above
        pathway = above
