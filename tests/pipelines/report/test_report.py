"""The report as text: what it says, what it refuses, and that it is the same every time."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipelines.execution import BuildError
from pipelines.report import write_report
from pipelines.report.corpus_gathering import gather_corpus
from pipelines.report.token_facts import gather_tokens
from pipelines.run_directory import RunDirectory
from tests.edited_manifests import manifest_content
from tokenization.manifests import MANIFEST_NAME


class Page(HTMLParser):
    """The text of a page with its white space collapsed, its elements and their attributes."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in {"text", "title"}:  # of a drawing: labels, and what the pointer shows
            self.words.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag in {"dt", "dd", "th", "td"}:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)


def _page(run_dir: Path) -> Page:
    return Page(write_report(run_dir).read_text(encoding="utf-8"))


def test_the_page_says_what_each_source_gave_and_lost(run_dir: Path) -> None:
    text = _page(run_dir).text
    assert "sample-run" in text
    assert "Documents 26" in text
    assert "Vocabulary 8,192" in text
    assert "Validation documents 3" in text
    assert "Seed 2022" in text
    assert "read 19 = wrote 12 + dropped 7" in text
    assert "read 54 = wrote 26 + dropped 28" in text
    drops = "ingest no end of record: 1 quarantined ingest not in the sample: 2 filter too short: 4"
    assert drops in text
    assert "resolved: 5 unresolved, no title: 2" in text
    assert "smaller than 4 documents: pubchem. All of its documents are trained on." in text
    assert "250 steps, 2,048,000 tokens, 2.5 epochs" in text
    assert "end of epoch 1" in text
    assert "end of epoch 2" in text
    assert "not trained yet" not in text


def test_tokens_are_of_both_splits(run_dir: Path) -> None:
    shards = [
        json.loads((run_dir / "shards" / split / MANIFEST_NAME).read_text())["shards"]["sources"]
        for split in ("train", "validation")
    ]
    corpus = gather_corpus(RunDirectory(run_dir))
    for source in corpus.sources:
        expected = sum(split[source.name]["tokens"] for split in shards if source.name in split)
        assert source.tokens == expected
    assert sum(source.share for source in corpus.sources) == pytest.approx(1)
    assert sum(category.share for category in corpus.categories) == pytest.approx(1)
    assert [source.name for source in corpus.sources] == ["latex", "uniprot", "pubchem", "gsm8k"]
    assert not corpus.shards_are_stale


def test_the_corpus_stands_beside_the_paper(run_dir: Path) -> None:
    text = _page(run_dir).text
    corpus = gather_corpus(RunDirectory(run_dir))
    papers = corpus.categories[0]
    assert (papers.name, papers.documents) == ("papers", 12)
    mine = f"Papers 12 {papers.tokens:,} {100 * papers.share:.1f} %"
    assert f"{mine} 48 M 88 B 83.0 %" in text
    assert "Prompts – – – 1.3 M 0.4 B 0.3 %" in text
    assert re.search(r"Reasoning 5 [\d,]+ [\d.]+ % – – –", text)
    assert "83.0 %" in text.split("What each source gave")[1]


def test_the_flow_has_every_stage_and_reason(run_dir: Path) -> None:
    corpus = gather_corpus(RunDirectory(run_dir))
    assert [(p.stage, p.read, p.wrote) for p in corpus.flow] == [
        ("ingest", 54, 42),
        ("filter", 42, 26),
        ("documents", 26, 26),
    ]
    assert corpus.flow[0].dropped == {"not in the sample": 8, "no end of record": 4}
    text = _page(run_dir).text
    for words in ("ingest: 54", "−4 no end of record", "filter: 42", "−16 too short", "23 train"):
        assert words in text
    assert "−8 not in the sample, not drawn" in text


def test_duplicates_and_contamination_are_tables(run_dir: Path) -> None:
    text = _page(run_dir).text
    both = "1 whole document 1,234 paragraphs in 2 documents, 5.7 MB"
    assert f"Kept in gsm8k latex {both}" in text
    assert "gsm8k-test 1,319 1,300 21 17 3 5" in text


def test_a_corpus_without_overlaps_says_so(run_dir: Path) -> None:
    path = run_dir / "documents" / MANIFEST_NAME
    content = manifest_content(path)
    path.write_text(json.dumps(content | {"duplicates": [], "contamination": []}))
    text = _page(run_dir).text
    assert "Nothing of one source was removed" in text
    assert "the recipe names no evaluation files" in text


def test_tokens_by_modality_add_up(run_dir: Path) -> None:
    corpus = gather_corpus(RunDirectory(run_dir))
    tokens = gather_tokens(RunDirectory(run_dir), ["latex", "uniprot"], corpus.markers)
    assert tokens is not None
    by_name = {source.name: source for source in corpus.sources}
    for source in tokens.sources:
        assert source.tokens == by_name[source.name].tokens
        assert source.documents == by_name[source.name].documents
        assert sum(e.num_bytes for e in source.modalities.values()) == (
            by_name[source.name].text_bytes
        )
    residues = tokens.total.modalities["amino acids"]
    assert (residues.tokens, residues.bytes_per_token, residues.is_sequence) == (360, 1.0, True)
    assert tokens.modalities[-1].modality.label == "end of document"
    text = _page(run_dir).text
    assert "amino acids one token a character 360" in text
    assert "median 256 to 511 tokens" in text


def test_hold_outs_are_splits_of_their_own(run_dir: Path) -> None:
    path = run_dir / "documents" / MANIFEST_NAME
    content = manifest_content(path)
    content["made_by"]["recipe"]["hold_outs"] = [{"name": "clade"}]
    content["sources"]["latex"]["splits"] = {"train": 9, "validation": 1, "clade": 2}
    path.write_text(json.dumps(content))
    shards = run_dir / "shards" / "train" / MANIFEST_NAME
    of_train = manifest_content(shards)
    (run_dir / "shards" / "clade").mkdir()
    held_out = manifest_content(shards)
    held_out["shards"]["sources"] = {"latex": {"documents": 2, "tokens": 50}}
    (run_dir / "hold_outs").mkdir()
    (run_dir / "hold_outs" / "clade.jsonl").touch()
    (run_dir / "shards" / "clade" / MANIFEST_NAME).write_text(json.dumps(held_out))
    of_train["shards"]["sources"]["latex"]["documents"] = 9
    shards.write_text(json.dumps(of_train))
    corpus = gather_corpus(RunDirectory(run_dir))
    assert corpus.held_out_documents == 2
    assert list(corpus.splits) == ["train", "validation", "clade"]
    assert not corpus.shards_are_stale
    page = _page(run_dir)
    assert "In hold-outs 2" in page.text
    assert "2 clade" in page.text
    links = [attributes.get("href") for _, attributes in page.elements]
    assert "shards/clade/manifest.json" in links
    assert "hold_outs/clade.jsonl" in links


def test_documents_of_every_source_are_shown(run_dir: Path) -> None:
    page = _page(run_dir)
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert {f"document-{name}" for name in ("latex", "uniprot", "pubchem", "gsm8k")} <= ids
    for spelling in ("[START_REF]", "[END_LATEX]", "[START_I_SMILES]", "[START_AMINO]", "</work>"):
        assert spelling in page.text


def test_the_page_needs_nothing_from_outside(run_dir: Path) -> None:
    page = _page(run_dir)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"img", "iframe", "object", "embed", "base"}
    assert [tag for tag, _ in page.elements].count("script") == 1
    links = []
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "action", "xlink:href"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "a":
            links.append(attributes["href"] or "")
        elif tag == "link":
            assert attributes["href"] == "data:,"
    html = (run_dir / "report.html").read_text()
    assert "url(" not in html
    assert "@import" not in html
    ids = {attributes.get("id") for _, attributes in page.elements}
    for href in links:
        assert ":" not in href
        if href.startswith("#"):
            assert href[1:] in ids
        elif not href.startswith("quarantine/"):
            assert (run_dir / href).exists()
    assert "shards/validation/manifest.json" in links
    assert "shards/manifest.json" in links
    assert "checkpoints/step-0000250/training_state.json" in links


def test_the_same_run_anywhere_gives_the_same_bytes(run_dir: Path, tmp_path: Path) -> None:
    first = write_report(run_dir).read_bytes()
    assert write_report(run_dir).read_bytes() == first
    elsewhere = tmp_path / "another" / "place"
    shutil.copytree(run_dir, elsewhere)
    assert write_report(elsewhere).read_bytes() == first
    assert str(tmp_path).encode() not in first


def test_a_run_that_is_not_trained_says_so(run_dir: Path) -> None:
    (run_dir / "logs" / "metrics.jsonl").unlink()
    page = _page(run_dir)
    assert "This run is not trained yet" in page.text
    assert "polyline" not in {tag for tag, _ in page.elements}


def test_a_run_that_is_not_finished_or_was_stopped_early_says_so(run_dir: Path) -> None:
    assert "not finished" not in _page(run_dir).text
    path = run_dir / "checkpoints" / "step-0000250" / "training_state.json"
    state = json.loads(path.read_text())
    path.write_text(json.dumps(state | {"total_samples": 16_000}))
    assert "The run is not finished: its last checkpoint has 50.0 % of its samples" in (
        _page(run_dir).text
    )
    watch = {"lowest": 2.5, "lowest_step": 200, "validations_since": 3, "stopped": True}
    path.write_text(json.dumps(state | {"total_samples": 16_000, "loss_watch": watch}))
    text = _page(run_dir).text
    assert "stopped early: the mean validation loss has not fallen below 2.5000 of step 200" in text
    assert "not finished" not in text


def test_metrics_cut_in_their_last_line_are_those_before(run_dir: Path) -> None:
    whole = write_report(run_dir).read_bytes()
    path = run_dir / "logs" / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + '{"step": 251, "epoch": 2.51, "split": "é'.encode()[:-1])
    assert write_report(run_dir).read_bytes() == whole


def test_a_run_without_shards_has_shares_of_text(run_dir: Path) -> None:
    shutil.rmtree(run_dir / "shards")
    shutil.rmtree(run_dir / "tokenizer")
    text = _page(run_dir).text
    assert "There are no shards yet" in text
    assert "Tokens are not counted yet" in text
    assert "Tokens –" in text
    assert "Vocabulary –" in text
    corpus = gather_corpus(RunDirectory(run_dir))
    assert sum(source.share for source in corpus.sources) == pytest.approx(1)


def test_shards_of_other_documents_are_called_out(run_dir: Path) -> None:
    path = run_dir / "shards" / "train" / MANIFEST_NAME
    content = manifest_content(path)
    content["shards"]["sources"]["gsm8k"]["documents"] += 1
    path.write_text(json.dumps(content))
    assert "The shards hold other documents" in _page(run_dir).text


def test_tokens_of_other_documents_are_called_out(run_dir: Path) -> None:
    assert "tokens of other documents" not in _page(run_dir).text
    path = run_dir / "shards" / MANIFEST_NAME
    content = manifest_content(path)
    content["sources"]["gsm8k"]["train"]["token_lengths"]["8"] += 1
    path.write_text(json.dumps(content))
    assert "tokens of other documents" in _page(run_dir).text


def test_a_training_on_other_shards_is_called_out(run_dir: Path) -> None:
    assert "trained on other shards" not in _page(run_dir).text
    path = run_dir / "shards" / "train" / MANIFEST_NAME
    content = manifest_content(path)
    content["shards"]["fingerprint"] = "another"
    path.write_text(json.dumps(content))
    assert "trained on other shards" in _page(run_dir).text


def test_an_account_that_does_not_add_up_is_called_out(run_dir: Path) -> None:
    path = run_dir / "documents" / MANIFEST_NAME
    content = manifest_content(path)
    content["sources"]["gsm8k"]["read"] += 1
    path.write_text(json.dumps(content))
    assert "does not add up" in _page(run_dir).text


def test_a_source_that_gave_nothing_is_shown(run_dir: Path) -> None:
    path = run_dir / "documents" / MANIFEST_NAME
    content = manifest_content(path)
    content["sources"]["gsm8k"] |= {"wrote": 0, "splits": {}, "text_bytes": 0}
    path.write_text(json.dumps(content))
    shutil.rmtree(run_dir / "documents" / "gsm8k")
    assert "This source gave no document" in _page(run_dir).text


def test_no_run_and_no_documents_are_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no run directory .*nowhere: make one with .*build"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"holds no finished documents: run .*galactica build"):
        write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_no_page_is_made_of_a_run_that_is_being_built(run_dir: Path) -> None:
    with (
        RunDirectory(run_dir).locked(),
        pytest.raises(BuildError, match="in use by a galactica build"),
    ):
        write_report(run_dir)
    assert not (run_dir / "report.html").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("documents/manifest.json", "{"),
        ("documents/manifest.json", "[]"),
        ("tokenizer/manifest.json", "not JSON"),
        ("shards/manifest.json", '{"sources": 1}'),
        ("documents/latex/part-00000.parquet", "PAR1"),
        ("logs/metrics.jsonl", '{"step": 1}\n'),
        ("logs/metrics.jsonl", "\n"),
        ("checkpoints/step-0000250/training_state.json", "{"),
        ("logs/metrics.jsonl", '{"step": 1, "epoch": 0, "consumed_tokens": 1, "loss": null}\n'),
    ],
)
def test_a_damaged_file_is_named(run_dir: Path, name: str, content: str) -> None:
    (run_dir / name).write_text(content)
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        write_report(run_dir)


def test_a_manifest_of_another_shape_is_a_message(run_dir: Path) -> None:
    path = run_dir / "documents" / MANIFEST_NAME
    content = manifest_content(path)
    del content["sources"]["latex"]["text_bytes"]
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"text_bytes.*Build it again"):
        write_report(run_dir)
