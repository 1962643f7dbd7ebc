"""The reader of LaTeX papers: folders, .tex files, arXiv tarballs and gzips to documents."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.latex.project import find, load, main_file, record_name, size_in_bytes
from corpora.latex.text import read_project

__all__ = ["FORMAT"]


def _records(path: Path, options: ReadOptions) -> Iterator[Record]:
    yield Record(record_name(path), path.name, str(path), size_in_bytes(path))


def _read(record: Record, options: ReadOptions) -> Document:
    project = load(Path(record.payload))
    project.main = project.main or main_file(project)
    data = project.files[project.main]
    if data.count(b"\x00") * 1000 > len(data) and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise RecordUnreadable("not LaTeX", f"{project.main} is binary")
    return replace(read_project(project, options), record_id=record.record_id)


FORMAT = Format(
    name="latex",
    summary="LaTeX papers: a folder, a .tex file, an arXiv tarball or a gzip",
    find=find,
    records=_records,
    read=_read,
)
