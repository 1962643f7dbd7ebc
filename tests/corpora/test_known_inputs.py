"""No reader reads a file that its input is not known by: a change of it would change no document.

What a build compares are the inputs that `find` gives and the files that `beside` names; here every
file that is opened while they are read is noted. The files are those of `test_unforgeable`.
"""

import builtins
import io
import os
from pathlib import Path
from typing import Any

import pytest

from corpora.catalogue import load_format
from corpora.documents import ReadOptions
from tests.corpora.test_any_broken_file import outcomes, sample, written
from tests.corpora.test_unforgeable import CASES, Files

OPTIONS = ReadOptions(seed=1)
#: Files by themselves, where a folder of them is one input.
ALONE: dict[str, tuple[str, Files]] = {
    "latex": (
        "p/ms.tex",
        {
            "p/ms.tex": b"\\documentclass{article}\\begin{document}A.\\input{b}\\cite{c}"
            b"\\bibliography{refs}\\end{document}",
            "p/b.tex": b"Text.",
            "p/refs.bib": b"@book{c, title={T}, author={A. B}, year={2000}}",
        },
    ),
    "code": (
        "repository/source/a.py",
        {
            "repository/LICENSE": b"MIT License\n\nPermission is hereby granted, free of charge,",
            "repository/source/a.py": b'"""A sum."""\n\nTOTAL = 1 + 1\n',
        },
    ),
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """The files that are opened while the test runs."""
    files = set[Path]()
    usual = builtins.open

    def noted(file: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(file, str | os.PathLike):
            files.add(Path(os.path.abspath(file)))
        return usual(file, *arguments, **options)

    monkeypatch.setattr(builtins, "open", noted)
    monkeypatch.setattr(io, "open", noted)
    return files


def _unknown(reader: str, root: Path, folder: Path, opened: set[Path]) -> list[str]:
    """The files of a folder that were opened for an input below `root` but are not known of it."""
    found = []
    beside = load_format(reader).beside
    for path in load_format(reader).find(root):
        known = {path, *(beside(path, OPTIONS) if beside else ())}
        opened.clear()
        outcomes(reader, path)
        found += [
            str(file.relative_to(folder))
            for file in opened
            if file.is_relative_to(folder) and known.isdisjoint({file, *file.parents})
        ]
    return found


@pytest.mark.parametrize("reader", sorted(CASES))
def test_what_is_read_is_known(reader: str, tmp_path: Path, opened: set[Path]) -> None:
    written(tmp_path / "raw", sample(reader))
    assert _unknown(reader, tmp_path / "raw", tmp_path, opened) == []


@pytest.mark.parametrize("reader", ALONE)
def test_what_a_file_by_itself_is_read_with_is_known(
    reader: str, tmp_path: Path, opened: set[Path]
) -> None:
    name, files = ALONE[reader]
    written(tmp_path, files)
    assert _unknown(reader, tmp_path / name, tmp_path, opened) == []
    assert {tmp_path / name for name in files} <= opened
