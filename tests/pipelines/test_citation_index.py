"""One work has one title across a corpus, whoever cites it and in whatever part."""

from pathlib import Path

import pytest
import yaml

from pipelines.documents_table import DocumentRow, read_documents
from pipelines.stages import citations
from tests.pipelines.small_builds import TRAINING, build_run
from tokenization.manifests import read_manifest
from tokenization.markers import reveal

_ARTICLE = """<article><front><article-meta>
<article-id pub-id-type="doi">{doi}</article-id>
<title-group><article-title>{title}</article-title></title-group>
<abstract><p>We measured shells.</p></abstract></article-meta></front>
<body><sec><title>Results</title><p>Shells grow <xref ref-type="bibr" rid="r1">[1]</xref>.</p></sec>
</body><back><ref-list><ref id="r1"><element-citation>
<person-group><name><surname>Ammon</surname><given-names>A</given-names></name></person-group>
{cited}<year>1999</year></element-citation></ref></ref-list></back></article>"""


def _article(doi: str, title: str, cited_title: str | None, cited_doi: str | None) -> str:
    cited = f"<article-title>{cited_title}</article-title>" if cited_title else ""
    if cited_doi:
        cited += f'<pub-id pub-id-type="doi">{cited_doi}</pub-id>'
    return _ARTICLE.format(doi=doi, title=title, cited=cited)


ARTICLES = {
    # The work itself, and what four others say of it.
    "own/a": _article("10.5555/shells", "Shells that grow in spirals", "The sea floor", None),
    "capitals/b": _article("10.5555/b", "A study of b", "SHELLS THAT GROW IN SPIRALS", None),
    "no-title/c": _article("10.5555/c", "A study of c", None, "10.5555/SHELLS"),
    "another-spelling/d": _article(
        "10.5555/d",
        "A study of d",
        "Shells That Grow in Spirals.",
        "https://doi.org/10.5555/shells",
    ),
    "wrong-doi/e": _article("10.5555/e", "A study of e", "Tides of the north", "10.5555/shells"),
    "unknown/f": _article("10.5555/f", "A study of f", None, "10.5555/nobody-knows"),
}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    for name, article in ARTICLES.items():
        path = folder / f"{name}.xml"
        path.parent.mkdir(parents=True)
        path.write_text(article, encoding="utf-8")
    sources = sorted({name.split("/")[0] for name in ARTICLES})
    recipe = {
        "name": "cited",
        "sources": [
            {"name": source, "format": "jats", "category": "papers", "paths": [source]}
            for source in sources
        ],
        "split": {"validation_fraction": 0.0},
        "deduplication": {"enabled": False},
        "tokenizer": {"vocabulary_size": 330, "sample_fraction": 1.0},
        "model": "tiny",
        "training": TRAINING,
    }
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


def _documents(run: Path) -> dict[str, DocumentRow]:
    paths = sorted((run / "documents").glob("*/*.parquet"))
    return {path.parent.name: row for path in paths for row in read_documents(path)}


def test_a_work_has_one_title_wherever_it_is_cited(raw: Path, tmp_path: Path) -> None:
    build_run(raw, tmp_path / "run")
    texts = {source: reveal(row.text) for source, row in _documents(tmp_path / "run").items()}
    title = "[START_REF] Shells that grow in spirals, Ammon[END_REF]"
    assert title in texts["capitals"]
    assert title in texts["no-title"]
    assert title in texts["another-spelling"]
    assert "[START_REF] Tides of the north, Ammon[END_REF]" in texts["wrong-doi"]
    assert "[START_REF] The sea floor, Ammon[END_REF]" in texts["own"]
    assert "[START_REF]" not in texts["unknown"]
    sources = read_manifest(tmp_path / "run" / "documents" / "manifest.json").facts["sources"]
    assert sources["no-title"]["citations_named"] == {"title from another document": 1}
    assert sources["no-title"]["citations"]["resolved"] == 1
    assert sources["capitals"]["citations_named"] == {"spelt as in another document": 1}
    assert sources["unknown"]["citations"] == {"no title": 1, "resolved": 0}


def test_neither_partitions_nor_workers_change_a_document(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_run(raw, tmp_path / "one", "build.memory_bytes=1000000000")
    # 2 KB of metadata are two partitions of a megabyte where each byte is said to take a kilobyte.
    monkeypatch.setattr(citations, "_BYTES_PER_BYTE", 5000)
    build_run(raw, tmp_path / "many", "build.memory_bytes=1000000", workers=2)
    index = tmp_path / "many" / "stages" / "citations" / "index"
    assert len(list(index.glob("*.found.arrow"))) > 3
    assert _documents(tmp_path / "one") == _documents(tmp_path / "many")


def test_a_new_document_rewrites_only_those_that_cite_its_work(raw: Path, tmp_path: Path) -> None:
    build_run(raw, tmp_path / "run")
    assert build_run(raw, tmp_path / "run").num_run == 0
    known = _article("10.5555/nobody-knows", "Snails of the south", "The sea floor", None)
    (raw / "own" / "g.xml").write_text(known, encoding="utf-8")
    summary = build_run(raw, tmp_path / "run")
    assert "[START_REF] Snails of the south, Ammon[END_REF]" in reveal(
        _documents(tmp_path / "run")["unknown"].text
    )
    documents = next(stage for stage in summary.stages if stage.stage == "documents")
    assert documents.num_run == 2
