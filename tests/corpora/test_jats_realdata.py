"""Real articles of PLOS and eLife: citations resolved, formulas whole, no word lost or doubled."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from corpora.citations import resolve
from corpora.documents import Document, ReadOptions
from corpora.jats import FORMAT
from corpora.mathml.pieces import balanced
from tokenization.markers import pairing_fault, reveal

pytestmark = pytest.mark.realdata

_ROOT = os.environ.get("REALDATA")
FILES = sorted(Path(_ROOT, "jats").rglob("*.xml")) if _ROOT else []
if not FILES:
    pytest.skip("REALDATA does not name a folder with jats/*.xml", allow_module_level=True)

#: Elements whose words the text holds in another form (formulas, tables, citations) or leaves out.
_ELSEWHERE = {
    "math", "tex-math", "tr", "label", "object-id", "ref-list", "fn-group", "alt-text",
}  # fmt: skip
_BREAKS = {"p", "title", "fig", "table-wrap", "list", "disp-formula", "supplementary-material"}
_FURNITURE = re.compile(r"\s*(?:DOI: ?http|\((?:TIFF?|PDF|EPS|DOC|ZIP|XLS)\)\s*$)")


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def article(request: pytest.FixtureRequest) -> tuple[Path, Document]:
    path: Path = request.param
    (record,) = FORMAT.records(path, ReadOptions())
    return path, FORMAT.read(record, ReadOptions())


def source_words(element: etree._Element) -> Iterator[str]:
    name = etree.QName(element).localname if isinstance(element.tag, str) else "comment"
    if (
        name in _ELSEWHERE
        or name == "comment"
        or element.get("ref-type") == "bibr"
        or (name == "p" and _FURNITURE.match("".join(element.itertext())))
    ):
        yield "|"
        return
    yield "|" if name in _BREAKS else ""
    yield element.text or ""
    for child in element:
        yield from source_words(child)
        yield child.tail or ""
    yield "|" if name in _BREAKS else ""


def runs(text: str, length: int) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for piece in text.split("|"):
        words = re.findall(r"\w+", piece)
        found.update(zip(*(words[k:] for k in range(length)), strict=False))
    return found


def test_every_titled_citation_is_a_title(article: tuple[Path, Document]) -> None:
    _, document = article
    assert pairing_fault(document.text) is None
    resolved, counts = resolve(document)
    assert counts["resolved"] >= 0.9 * len(document.citations) > 0
    titled = [citation for citation in document.citations if citation.title]
    spans = re.findall("\ue000 ([^\ue001]*)\ue001", resolved.text)
    assert len(spans) == len(titled)
    for span, citation in zip(spans, titled, strict=True):
        assert span == ", ".join(filter(None, (citation.title, citation.surname)))
    assert "no entry" not in document.metadata.get("citations_unresolved", {})


def test_no_word_is_lost_or_doubled(article: tuple[Path, Document]) -> None:
    path, document = article
    # Citations and formulas part the text where their elements part the source.
    text = re.sub(
        "\ue000[^\ue001]*\ue001|\ue013[^\ue014]*\ue014", "|", document.text.replace("|", " ")
    )
    text = re.sub("[\ue000-\ue0ff]", "", text)
    root = etree.parse(path).getroot()
    parts = [
        part
        for part in (
            *root.iterfind("front//abstract"),
            *root.iterfind("body"),
            *root.iterfind("back"),
        )
        if part.get("abstract-type") not in ("toc", "teaser")
    ]
    source = "|".join("".join(source_words(part)) for part in parts)
    wanted = runs(source, 4)
    missing = wanted - runs(text, 4)
    assert missing.total() <= 0.02 * wanted.total(), list(missing)[:20]
    # A caption's title and text are one paragraph here, two elements there.
    doubled = runs(text, 12) - (runs(source, 12) | runs(source.replace("|", " "), 12))
    once = {run for run, count in runs(source, 12).items() if count == 1}
    assert not [run for run in doubled if run in once]


def test_nothing_leaks_and_formulas_are_whole(article: tuple[Path, Document]) -> None:
    _, document = article
    text = reveal(document.text)
    assert not re.search(r"&(?:#\d+|#x[0-9A-Fa-f]+|[a-z]{2,8});", text)
    assert not re.search(r"</?(?:xref|italic|bold|p|mml|sup|sub|td|sec)\b", text)
    assert not re.search("[\x00-\x08]", text)
    assert not re.search(r"[^\S\n]\n|\n{3,}|[ \t]$", text)
    formulas = re.findall(r"\[START_LATEX\](.*?)\[END_LATEX\]", text, re.DOTALL)
    for formula in formulas:
        assert formula.startswith((r"\(", r"\["))
        assert balanced(formula[2:-2]), formula
        assert formula.count(r"\begin{") == formula.count(r"\end{")
