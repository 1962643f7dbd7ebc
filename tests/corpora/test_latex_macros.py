"""An author's macros of every kind, carried out or passed over without a trace."""

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex.project import Project
from corpora.latex.text import read_project
from tokenization.markers import reveal


def text(body: str, preamble: str = "", **files: str) -> str:
    source = f"\\documentclass{{article}}{preamble}\\begin{{document}}{body}\\end{{document}}"
    contents = {"m.tex": source.encode()}
    contents |= {name.replace("__", "."): content.encode() for name, content in files.items()}
    document = read_project(Project("p", contents, main="m.tex"), ReadOptions())
    return reveal(resolve(document)[0].text)


@pytest.mark.parametrize(
    ("preamble", "body", "expected"),
    [
        (r"\newcommand{\iid}{i.i.d.\@\xspace}", r"\iid draws", "i.i.d. draws"),
        (r"\newcommand{\us}{team@lab.org}", r"Ask \us.", "Ask team@lab.org."),
    ],
)
def test_bodies(preamble: str, body: str, expected: str) -> None:
    assert text(body, preamble) == expected


def test_a_book_of_many_files_may_cost_more_than_its_main_file() -> None:
    macros = r"\newcommand{\two}{ab ab }\newcommand{\ten}{\two\two\two\two\two}"
    chapter = macros + r"\ten " * 20_000
    assert text(r"\input{chapter}", chapter__tex=chapter).count("ab") == 200_000
