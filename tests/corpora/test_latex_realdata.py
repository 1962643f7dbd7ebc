"""Real papers, from the folder named by REALDATA."""

import os
import re
from pathlib import Path

import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.latex import FORMAT
from tokenization.markers import pairing_fault, reveal

pytestmark = pytest.mark.realdata
ROOT = os.environ.get("REALDATA")


def read(name: str) -> tuple[Document, Document, str]:
    if not ROOT:
        pytest.skip("REALDATA names no folder of real files")
    (path,) = FORMAT.find(Path(ROOT) / "latex" / name)
    (record,) = FORMAT.records(path, ReadOptions())
    document = FORMAT.read(record, ReadOptions())
    assert pairing_fault(document.text) is None
    resolved, _ = resolve(document)
    text = reveal(resolved.text)
    prose = re.sub(
        r"```.*?```|`[^`\n]*`|\[START_LATEX\].*?\[END_LATEX\]", "", text, flags=re.DOTALL
    )
    assert not re.search(r"\\[a-zA-Z]+|\{\}|\?\?", prose)
    assert text.count("\\begin{") == text.count("\\end{")
    return document, resolved, text


@pytest.mark.parametrize(("name", "spans"), [("minimap2_bioinf", 54), ("good_enough_plos", 28)])
def test_every_citation_becomes_a_title(name: str, spans: int) -> None:
    document, resolved, text = read(name)
    assert len(document.citations) == len(resolved.citations) == spans
    assert "citations_unresolved" not in resolved.metadata
    assert all(entry.title and entry.surname for entry in document.citations)
    assert text.startswith("Title: ")


def test_a_bibliography_that_titles_books_only_stays_readable() -> None:
    document, resolved, text = read("emcee_pasp")
    assert {entry.surname for entry in resolved.citations} == {
        "Gregory",
        "Christen",
        "MacKay",
        "Press",
    }
    assert resolved.metadata["citations_unresolved"] == {"no title": 34}
    assert "Bovy et al. 2012; Lang & Hogg 2012; " in text
    assert "Appendix A or visit the online documentation" in text
    assert "Roškar et al. 2012" in text
    assert document.metadata["authors"] == [
        "Daniel Foreman-Mackey",
        "David W. Hogg",
        "Dustin Lang",
        "Jonathan Goodman",
    ]


def test_a_paper_of_many_files() -> None:
    document, _, text = read("sympy_peerj")
    assert document.metadata["main_file"] == "paper.tex"
    assert "# Conclusion and Future Work" in text
    assert "Supplement section S1 discusses the Gruntz" in text
    assert ">>> from sympy import *" in text


def test_a_biblatex_paper() -> None:
    _, resolved, text = read("ccr_yao")
    assert "citations_unresolved" not in resolved.metadata
    assert "| Woman | -0.256 | -0.330 | -0.098 |" in text
    assert "\nFigure 1: Pew Research Center" in text
