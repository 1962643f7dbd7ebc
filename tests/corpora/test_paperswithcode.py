"""The reader of Papers with Code: each of its dumps, their Markdown and TeX, their citations."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.paperswithcode import FORMAT
from corpora.paperswithcode.pages import QUESTION_PROBABILITY
from corpora.paperswithcode.text import description_blocks, tex_line
from corpora.seeded_choices import chance
from pipelines.reading import Refusal, frame_records, read_record
from tokenization.markers import reveal

PURPOSE = "paperswithcode: question"


def seed_where(asked: bool) -> int:
    return next(
        seed
        for seed in range(1000)
        if (chance(seed, "method/net", PURPOSE) < QUESTION_PROBABILITY) is asked
    )


PLAIN, ASKED = ReadOptions(seed=seed_where(False)), ReadOptions(seed=seed_where(True))
METHOD = {
    "url": "https://paperswithcode.com/method/net",
    "name": "Net",
    "full_name": "Net",
    "description": "A **Net** holds fish.",
    "collections": [],
}


def outcomes(path: Path, options: ReadOptions = PLAIN) -> list[Document | Refusal]:
    return [
        read_record(FORMAT, record, options, 60) if not isinstance(record, Refusal) else record
        for file in FORMAT.find(path)
        for record in frame_records(FORMAT, file, file.name, options)
    ]


def texts(folder: Path, dump: Any, options: ReadOptions = PLAIN) -> list[str]:
    path = folder / "dump.json"
    path.write_text(json.dumps(dump, indent=1), encoding="utf-8")
    return [
        reveal(resolve(found)[0].text) if isinstance(found, Document) else found.reason
        for found in outcomes(path, options)
    ]


def test_a_method_and_its_question(tmp_path: Path) -> None:
    assert texts(tmp_path, [METHOD]) == ["# Net\n\nA Net holds fish."]
    (asked,) = texts(tmp_path, [METHOD], ASKED)
    assert asked == "# Net\n\nQuestion: What is Net?\n\nAnswer: A Net holds fish."
    listed = METHOD | {"description": "- one\n- two"}
    assert texts(tmp_path, [listed], ASKED)[0].endswith("Answer:\n\n- one\n- two")


def test_collections_of_every_form(tmp_path: Path) -> None:
    forms: list[dict[str, Any]] = [
        {"collections": [{"collection": "Nets", "area": "Fishing"}]},
        {"collections": None, "main_collection": {"name": "Nets", "area": "Fishing"}},
        {"collections": None, "main_collection": "Nets"},
    ]
    for form in forms:
        (text,) = texts(tmp_path, [METHOD | form])
        assert re.search(r"lists it under Nets(?: \(Fishing\))?\.$", text)


def test_a_paper_is_cited_where_it_is_named(tmp_path: Path) -> None:
    source = {
        "introduced_year": 2017,
        "source_title": "On nets",
        "source_url": "arxiv.org/abs/1701.00001v2",
    }
    (text,) = texts(tmp_path, [METHOD | source])
    assert text.endswith("It was introduced in 2017 by [START_REF] On nets[END_REF].")
    (document,) = outcomes(tmp_path)
    assert isinstance(document, Document)
    (cited,) = document.citations
    assert (cited.title, cited.year, cited.arxiv) == ("On nets", "2017", "1701.00001")


def test_a_paper_knows_its_own_title_and_eprint(tmp_path: Path) -> None:
    paper = {"paper_url": "x", "title": "On $x$", "arxiv_id": "1701.00001",
             "abstract": "We\nfish.", "authors": ["Ada Byron"], "tasks": []}  # fmt: skip
    (text,) = texts(tmp_path, [paper])
    assert text == (
        "Title: On [START_LATEX]\\(x\\)[END_LATEX]\n\nAuthors: Ada Byron\n\n# Abstract\n\nWe fish."
    )
    (document,) = outcomes(tmp_path)
    assert isinstance(document, Document)
    assert (document.metadata["title"], document.metadata["arxiv"]) == ("On $x$", "1701.00001")


def test_links_of_one_paper_are_one_document(tmp_path: Path) -> None:
    rows = [
        {"paper_url": f"https://paperswithcode.com/paper/p{n // 3}", "paper_title": f"On {n // 3}",
         "repo_url": f"https://example.org/{n}", "is_official": n == 0, "framework": "none"}
        for n in range(6)
    ]  # fmt: skip
    first, second = texts(tmp_path, rows)
    assert first == (
        "# Code for On 0\n\nThese repositories implement [START_REF] On 0[END_REF]:\n\n"
        "- https://example.org/0 (official)\n- https://example.org/1\n- https://example.org/2"
    )
    assert "On 1" in second
    assert [d.record_id for d in outcomes(tmp_path) if isinstance(d, Document)] == [
        "code/paper/p0", "code/paper/p1",
    ]  # fmt: skip


def test_subtasks_of_any_depth_are_documents(tmp_path: Path) -> None:
    task: dict[str, Any] = {"task": "T0", "description": "D0", "subtasks": [], "datasets": []}
    outermost = task
    for depth in range(1, 30):
        inner = {"task": f"T{depth}", "description": f"D{depth}", "subtasks": [], "datasets": []}
        task["subtasks"] = [inner]
        task = inner
    found = texts(tmp_path, [outermost])
    assert found[0] == "# T0\n\nD0\n\nIts subtask is T1." or "Answer: D0" in found[0]
    assert 10 < len(found) <= 30


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "A [net](https://x.org/a_(b)) of *knots* and 2 * 3 * 4.",
            ["A net of knots and 2 * 3 * 4."],
        ),
        ("x\r\ny", ["x y"]),
        ("One:\n1. a\n2. b\nmore", ["One:", "1. a\n2. b more"]),
        ("## Head\nwords", ["### Head", "words"]),
        ("$a_i * b_j$ and __strong__", [r"\(a_i * b_j\) and strong"]),
        ("![x](https://x.org/y.png)\n\nwords", ["words"]),
        ("Image source: [here](https://x.org)", []),
        ("Natural images. Source: words", ["Natural images. Source: words"]),
        ("a < b & c", ["a < b & c"]),
        (r"$\hat{m}\_{t} \in \\{0\\}$ is a\_b", [r"\(\hat{m}_{t} \in \{0\}\) is a_b"]),
        (r"$a \\\\ b$", [r"\(a \\ b\)"]),
        ("one<br/>two &amp; <b>three</b>", ["one\ntwo & three"]),
    ],
)
def test_markdown(written: str, expected: list[str]) -> None:
    assert description_blocks(written, ReadOptions(latex_markers=False), Counter()) == expected


def test_tex_of_abstracts() -> None:
    options = ReadOptions(latex_markers=False)
    assert tex_line(r"Erd\H{o}s--R\'enyi, $x_1$ \emph{is} 5\%", options, Counter()).endswith(
        r"nyi, \(x_1\) is 5%"
    )


@pytest.mark.parametrize(
    ("dump", "reason"),
    [
        ([METHOD | {"description": "N/A"}], "a name and nothing else"),
        ([METHOD | {"name": "", "full_name": None}], "no name"),
        ([{"paper_url": "x", "title": "T", "abstract": ""}], "no abstract"),
        ([{"paper_url": "x", "title": None, "abstract": "A"}], "no title"),
        ([{"repo_url": "https://x.org", "paper_title": None}], "no title"),
        ([{"repo_url": None, "paper_title": "T"}], "no repository"),
        ([{"words": 1}], "no page of Papers with Code"),
        ([["words"]], "not a JSON object"),
    ],
)
def test_what_is_no_page(tmp_path: Path, dump: Any, reason: str) -> None:
    assert texts(tmp_path, dump) == [reason]


@pytest.mark.parametrize("name", ["papers-with-abstracts", "methods", "datasets",
                                  "links-between-papers-and-code"])  # fmt: skip
def test_the_archive_in_parquet_is_the_same(tmp_path: Path, name: str) -> None:
    dump = Path(__file__).parent / "golden" / "paperswithcode" / f"{name}.json"
    pq.write_table(pa.Table.from_pylist(json.loads(dump.read_text())), tmp_path / f"{name}.parquet")
    plain = outcomes(dump)
    packed = outcomes(tmp_path)
    assert [d.text for d in packed if isinstance(d, Document)] == [
        d.text for d in plain if isinstance(d, Document)
    ]
    assert len(packed) == len(plain)


def test_damaged_dumps(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps([METHOD] * 200).encode())
    (tmp_path / "methods.json.gz").write_bytes(packed)
    found = outcomes(tmp_path)
    assert len({d.record_id for d in found if isinstance(d, Document)}) == 200
    (tmp_path / "methods.json.gz").write_bytes(packed[:-30])
    assert isinstance(outcomes(tmp_path)[-1], Refusal)
    (tmp_path / "methods.json.gz").write_bytes(b"")
    (refusal,) = outcomes(tmp_path)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "empty file"
