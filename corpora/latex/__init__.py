"""The reader of LaTeX papers: folders, .tex files and arXiv's e-prints to documents.

eprints, project, main_files     the files of a paper, and the one to begin with
dialects/                        what is no LaTeX (plain TeX, AMS-TeX, harvmac), and slides
tokens, expansion/               one flat list of tokens, the paper's macros carried out
structure, writer, cursor        the walk over that list: each command to its handler
front/, references/, formulas/   handlers of titles and authors, numbers and labels, mathematics
blocks, lists, floats, tables,   handlers of the rest; `command_tables` has them all by name
  inline, citing, ...
bibliography/                    the cited works: databases and printed lists
text                             all of it, from a project to its document
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.latex.dialects.conversion import to_latex
from corpora.latex.eprints import (
    Packed,
    bulk_members,
    files_beside,
    find,
    record_name,
    size_in_bytes,
)
from corpora.latex.main_files import main_file
from corpora.latex.project import NOT_LATEX, Project, load, load_bytes
from corpora.latex.text import read_project

__all__ = ["FORMAT", "open_project"]


def _records(path: Path, options: ReadOptions) -> Iterator[Record]:
    number = 0
    for number, member in enumerate(bulk_members(path), start=1):
        if isinstance(member, RecordUnreadable):
            name = f"{record_name(path)}/damaged-{number}"
            yield Record(name, f"{path.name}: member {number}", member, 0)
        else:
            position = f"{path.name}: {member.name}"
            yield Record(member.name, position, member, len(member.data))
    if not number:
        yield Record(record_name(path), path.name, str(path), size_in_bytes(path))


def open_project(record: Record) -> Project:
    """The files of a record with its main file chosen.

    Raises RecordUnreadable where it is damaged, too large or no LaTeX, RecordDropped where it was
    withdrawn.
    """
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    if isinstance(record.payload, Packed):
        project = load_bytes(record.payload.name, record.payload.data)
    else:
        project = load(Path(record.payload), record.record_id)
    project.main = project.main or main_file(project)
    data = project.files[project.main]
    if data.count(b"\x00") * 1000 > len(data):
        raise RecordUnreadable(NOT_LATEX, f"{project.main} is binary")
    latex = to_latex(project.text(project.main))
    if latex is not None:
        project.files = {**project.files, project.main: latex.encode()}
    return project


def _read(record: Record, options: ReadOptions) -> Document:
    return replace(read_project(open_project(record), options), record_id=record.record_id)


FORMAT = Format(
    name="latex",
    summary="LaTeX papers: a folder, a .tex file, an arXiv e-print in any container",
    find=find,
    records=_records,
    read=_read,
    beside=files_beside,
)
