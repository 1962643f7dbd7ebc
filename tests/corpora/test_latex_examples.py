"""The bundled example papers: each is read whole, with every citation resolved."""

import re
from pathlib import Path

import pytest

from corpora.citations import resolve
from corpora.documents import ReadOptions
from corpora.latex import FORMAT
from tokenization.markers import reveal

EXAMPLES = Path(__file__).parents[2] / "examples" / "latex"
PAPERS = sorted(FORMAT.find(EXAMPLES))


def test_there_are_at_least_five() -> None:
    assert len(PAPERS) >= 5


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_example(path: Path) -> None:
    (record,) = FORMAT.records(path, ReadOptions())
    assert record.record_id == path.name
    resolved, counts = resolve(FORMAT.read(record, ReadOptions()))
    text = reveal(resolved.text)
    assert counts["resolved"] >= 3
    assert counts["no title"] == 0
    assert re.match(r"Title: .+\n\nAuthors: .+\n\n# Abstract\n\n", text)
    assert 350 < len(text.split()) < 1100
    prose = re.sub(r"```.*?```|\[START_LATEX\].*?\[END_LATEX\]", "", text, flags=re.DOTALL)
    assert not re.search(r"\\[a-zA-Z]+|[{}]|\?\?", prose)
