"""The texts that `tokenization_speed.py` reads: four corpora of different documents in marked text.

Nothing is replicated, since a repeated document would flatter every encoder that has a cache. A
corpus ends where its files do, and what it is made of is printed with its size and its number of
different words.
"""

import json
import random
import re
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from corpora.catalogue import load_format
from corpora.documents import Document, Format, ReadOptions, Record
from corpora.latex.project import Project
from corpora.latex.text import read_project
from pipelines.documents_table import DocumentRow, read_column, write_documents
from pipelines.reading import Refusal, frame_records, read_record
from tokenization import amino, clean, dna, smiles
from tokenization.manifests import fingerprint_bytes

#: A part of a corpus on disk, as a build would cut it; several, so that two workers share them.
PART_BYTES: Final = 8_000_000
_SPAN_DOCUMENT_CHARACTERS: Final = 4_000
#: One sequence after this many paragraphs of a biology paper.
_PARAGRAPHS_PER_SPAN: Final = 3
#: Residues in the shares that Swiss-Prot states for itself, in tenths of a per cent.
_RESIDUES: Final = {
    "A": 83, "R": 55, "N": 41, "D": 55, "C": 14, "Q": 39, "E": 67, "G": 71, "H": 23, "I": 59,
    "L": 97, "K": 58, "M": 24, "F": 39, "P": 47, "S": 66, "T": 54, "W": 11, "Y": 29, "V": 69,
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")


def latex_texts(folders: Sequence[Path]) -> Iterator[str]:
    """LaTeX files through the project's reader: formulas and citations in their markers."""
    yield from _read(replace(load_format("latex"), read=_read_latex), folders, ".tex")


def biology_texts(folders: Sequence[Path]) -> Iterator[str]:
    """Papers in JATS through the project's reader, a sequence after every third paragraph."""
    spans = _spans(seed=1)
    for text in _read(load_format("jats"), folders, ".xml", ".nxml"):
        paragraphs = text.split("\n\n")
        for place in range(_PARAGRAPHS_PER_SPAN, len(paragraphs), _PARAGRAPHS_PER_SPAN):
            paragraphs[place] += " " + next(spans)
        yield "\n\n".join(paragraphs)


def code_texts(folders: Sequence[Path]) -> Iterator[str]:
    """Python's standard library, and the Markdown found beside it and in the folders."""
    paths = sysconfig.get_paths()
    library, packages = Path(paths["stdlib"]), Path(paths["purelib"])
    python = [p for p in _files([library], ".py") if "site-packages" not in p.parts]
    prose = _files([library, packages, *folders], ".md", ".rst")
    for path in sorted({*python, *prose}, key=_shuffled):
        try:
            yield clean(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            continue


def span_texts(folders: Sequence[Path]) -> Iterator[str]:
    """Proteins, DNA and molecules, a line each and nothing else, without an end."""
    spans = _spans(seed=2)
    while True:
        lines: list[str] = []
        while sum(map(len, lines)) < _SPAN_DOCUMENT_CHARACTERS:
            lines.append(next(spans))
        yield "\n".join(lines)


CORPORA: Final[dict[str, Callable[[Sequence[Path]], Iterator[str]]]] = {
    "latex": latex_texts,
    "biology": biology_texts,
    "code": code_texts,
    "spans": span_texts,
}


def prepare(name: str, folders: Sequence[Path], limit_bytes: int, folder: Path) -> dict[str, int]:
    """Write a corpus of at most about `limit_bytes` as Parquet parts into `folder`, unless kept.

    Returns `bytes`, `documents` and `words` (different ones); no documents where no file is found.
    """
    facts_file = folder / "facts.json"
    made_of = {"limit": limit_bytes, "folders": [str(path.resolve()) for path in folders]}
    if facts_file.exists():
        kept: dict[str, int] = json.loads(facts_file.read_text())
        if kept.pop("made_of") == made_of:
            return kept
    for stale in folder.glob("part-*.parquet"):
        stale.unlink()
    words: set[str] = set()
    rows: list[DocumentRow] = []
    total = documents = parts = size = 0
    for text in CORPORA[name](folders):
        num_bytes = len(text.encode())
        doc_id = f"{name}/{documents:06d}"
        rows.append(DocumentRow(doc_id, name, name, "train", text, "{}", num_bytes))
        words.update(_WORD.findall(text))
        documents += 1
        total += num_bytes
        size += num_bytes
        if size >= PART_BYTES:
            write_documents(folder / f"part-{parts:05d}.parquet", rows)
            rows, parts, size = [], parts + 1, 0
        if total >= limit_bytes:
            break
    if rows:
        write_documents(folder / f"part-{parts:05d}.parquet", rows)
    facts = {"bytes": total, "documents": documents, "words": len(words)}
    folder.mkdir(parents=True, exist_ok=True)
    facts_file.write_text(json.dumps({**facts, "made_of": made_of}))
    return facts


def load(folder: Path) -> list[str]:
    """The documents of a prepared corpus."""
    return [
        text for part in sorted(folder.glob("part-*.parquet")) for text in read_column(part, "text")
    ]


def every_other(texts: Sequence[str], limit_bytes: int) -> list[str]:
    """At most about `limit_bytes` of the documents, taken evenly from all of them."""
    total = sum(len(text.encode()) for text in texts)
    step = max(1, -(-total // limit_bytes))
    return list(texts[::step])


def _read_latex(record: Record, options: ReadOptions) -> Document:
    """A file by itself: to look for its inputs in its folder costs more than reading it."""
    path = Path(record.payload)
    return read_project(Project(path.stem, {path.name: path.read_bytes()}, path.name), options)


def _read(reader: Format, folders: Sequence[Path], *suffixes: str) -> Iterator[str]:
    """The documents of a format, the next always from the project that has given least so far.

    A project is a folder directly inside one of `folders`: one large book is one subject, and
    would make the words of a corpus repeat more than they do.
    """
    options = ReadOptions()
    projects: dict[Path, list[Path]] = {}
    for folder in folders:
        for path in sorted(_files([folder], *suffixes), key=_shuffled, reverse=True):
            projects.setdefault(folder / path.relative_to(folder).parts[0], []).append(path)
    given = dict.fromkeys(projects, 0)
    while projects:
        project = min(projects, key=given.__getitem__)
        path = projects[project].pop()
        if not projects[project]:
            del projects[project]
        for record in frame_records(reader, path, path.name, options):
            if isinstance(record, Record):
                document = read_record(reader, record, options, 60)
                given[project] += record.num_bytes
                if not isinstance(document, Refusal):
                    yield document.text


def _files(folders: Sequence[Path], *suffixes: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in suffixes and path.is_file()
    ]


def _shuffled(path: Path) -> str:
    """A key that mixes the files of all folders, and mixes them alike on every machine."""
    return fingerprint_bytes("/".join(path.parts[-3:]).encode())


def _spans(seed: int) -> Iterator[str]:
    """Spans without an end: random proteins and DNA, and the molecules of the chemicals package.

    Residues of real proteins are nearly independent, so random ones are as hard to guess; no
    encoder here has a use for longer repeats. The molecules are real: 71,347 of PubChem.
    """
    generator = random.Random(seed)
    molecules = _molecules()
    generator.shuffle(molecules)
    letters, shares = list(_RESIDUES), list(_RESIDUES.values())
    number = 0
    while True:
        yield amino("M" + "".join(generator.choices(letters, shares, k=generator.randint(80, 700))))
        yield dna("".join(generator.choices("ACGT", k=generator.randint(100, 1_000))))
        for _ in range(6):
            yield smiles(molecules[number % len(molecules)])
            number += 1


def _molecules() -> list[str]:
    import chemicals  # of the extra `demo`: only the spans need it

    table = (
        Path(chemicals.__file__).parent / "Identifiers" / "chemical identifiers pubchem large.tsv"
    )
    lines = table.read_text("utf-8").splitlines()
    return [columns[4] for line in lines if len(columns := line.split("\t")) > 4 and columns[4]]
