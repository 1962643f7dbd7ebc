"""Citations per paper of each journal, over parts and partitions, and the filter that asks."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpora.documents import Citation
from pipelines.documents_table import DocumentRow, write_documents
from pipelines.filters.journal_citations import (
    JournalCountsArgument,
    JournalRowsArgument,
    citations_per_paper,
    count_journal_citations,
    gather_journal_rows,
)
from pipelines.parts import read_verdict
from tests.pipelines.filters.measured_parts import filter_by_hand


def _paper(journal: str | None, doi: str | None, *cited: Citation, **more: Any) -> dict[str, Any]:
    known = {"journal": journal, "doi": doi} | more
    return {name: value for name, value in known.items() if value is not None} | {
        "citations": [citation.to_json() for citation in cited]
    }


def _cites(doi: str | None = None, title: str | None = None) -> Citation:
    return Citation("[1]", doi=doi, title=title)


#: `Bees` has two papers and three citations, `Moths` one of each; nobody cites `Ants`.
PARTS = [
    [
        _paper("Bees", "10.1234/b1", _cites("10.1234/B2"), title="The wings of bees"),
        _paper("Ants", "10.1234/a1", _cites("10.1234/b1"), _cites("10.9999/elsewhere")),
    ],
    [
        _paper("BEES ", "10.1234/b2", _cites(title="The Wings of Bees.")),
        _paper("Moths", None, title="How moths fly at night"),
        _paper(None, "10.1234/none", _cites(title="how moths fly at night"), _cites()),
    ],
]


def _write(path: Path, papers: list[dict[str, Any]]) -> None:
    rows = (
        DocumentRow(f"s/{path.stem}-{n}", "s", "papers", "", "Text.", json.dumps(paper), 5)
        for n, paper in enumerate(papers)
    )
    write_documents(path, rows)


@pytest.mark.parametrize("partitions", [1, 3, 50])
def test_citations_per_paper(tmp_path: Path, partitions: int) -> None:
    rows = []
    for number, papers in enumerate(PARTS):
        path = tmp_path / f"part-{number}.parquet"
        _write(path, papers)
        rows.append(tmp_path / f"part-{number}.arrow")
        gather_journal_rows(JournalRowsArgument(path, partitions, rows[-1]))
    counts = [tmp_path / f"{number}.json" for number in range(partitions)]
    outcomes = [
        count_journal_citations(JournalCountsArgument(tuple(rows), number, path))
        for number, path in enumerate(counts)
    ]
    assert citations_per_paper(counts) == {"bees": 1.5, "ants": 0.0, "moths": 1.0}
    assert sum(each.read for each in outcomes) == 5
    assert sum(each.wrote for each in outcomes) == 4


def test_papers_of_journals_that_nobody_cites_go(tmp_path: Path) -> None:
    documents = {
        f"s/part-{number:05d}": [("A text of a paper.", paper) for paper in papers]
        for number, papers in enumerate(PARTS)
    }
    # What another source cites does not count.
    documents["other/part-00000"] = [("A text.", _paper("Ants", None, _cites("10.1234/a1")))]
    own = {"s": {"journals": {"minimum_citations_per_paper": 1}}}
    results, verdicts = filter_by_hand(tmp_path, documents, {}, own)
    little = "journal: citations per paper"
    assert read_verdict(verdicts["s/part-00000"][0])["reason"] == [None, little]
    assert read_verdict(verdicts["s/part-00001"][0])["reason"] == [None, None, None]
    assert read_verdict(verdicts["other/part-00000"][0])["reason"] == [None]
    assert [result.stage for result in results] == [
        "scores",
        "journals",
        "journal citations",
        "filter",
    ]
    scores = json.loads(read_verdict(verdicts["s/part-00000"][0], "scores")["scores"][0])
    assert scores["citations_per_paper"] == 1.5

    # A higher threshold counts nothing again; without one nothing of it is left.
    own = {"s": {"journals": {"minimum_citations_per_paper": 1.2}}}
    results, _ = filter_by_hand(tmp_path, documents, {}, own)
    assert [result.num_run for result in results] == [0, 0, 0, 2]
    assert results[-1].dropped == {little: 2}
    results, _ = filter_by_hand(tmp_path, documents, {})
    assert [result.stage for result in results] == ["scores", "filter"]
    assert results[-1].dropped == {}
    assert not (tmp_path / "stages" / "journals").exists()


def test_a_new_citation_decides_anew(tmp_path: Path) -> None:
    own = {"s": {"journals": {"minimum_citations_per_paper": 1}}}
    papers = [("A text.", _paper("Ants", "10.1234/a1"))]
    results, _ = filter_by_hand(tmp_path, {"s/part-00000": papers}, {}, own)
    assert results[-1].wrote == 0
    citing = [("A text.", _paper(None, None, _cites("10.1234/a1")))]
    both = {"s/part-00000": papers, "s/part-00001": citing}
    results, _ = filter_by_hand(tmp_path, both, {}, own)
    assert (results[0].num_run, results[-1].wrote) == (1, 2)
