"""Markers of a recipe, from YAML to shards: spelt where a source is trusted to, text elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.build import build
from pipelines.documents_table import read_documents
from pipelines.recipe import RecipeError, load_recipe
from pipelines.report import write_report
from pipelines.run_directory import RunDirectory
from tests.pipelines.small_builds import TRAINING
from tokenization import ScienceTokenizer, reveal
from tokenization.shard_reader import open_shards

POLYMER = "[START_POLYMER]-(CH2)n-[END_POLYMER]"
SELFIES = "[START_SELFIES][C][=O][C][Once][END_SELFIES]"


def _problem(question: str) -> str:
    return json.dumps({"question": question, "answer": "It is 2*3=<<2*3=6>>6.\n#### 6"})


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    raw = tmp_path / "raw"
    raw.mkdir()
    trusted = [
        f"Of what is {POLYMER} made, {number} times [START_AMINO]?" for number in range(8)
    ] + [f"And {SELFIES} {number}? [GAP]" for number in range(8)]
    (raw / "trusted.jsonl").write_text(
        "\n".join(map(_problem, [*trusted, "An open [START_POLYMER]-CH2?", "\ue080[GAP]"]))
    )
    (raw / "others.jsonl").write_text(
        "\n".join(_problem(f"Is {POLYMER} or [GAP] {number}?") for number in range(8))
    )
    content = {
        "name": "markers",
        "sources": [
            {
                "name": "trusted",
                "format": "gsm8k",
                "category": "reasoning",
                "paths": ["raw/trusted.jsonl"],
                "spelt_markers": ["POLYMER", "SELFIES", "GAP"],
            },
            {
                "name": "others",
                "format": "gsm8k",
                "category": "reasoning",
                "paths": ["raw/others.jsonl"],
            },
        ],
        "tokenizer": {
            "vocabulary_size": 340,
            "sample_fraction": 1.0,
            "markers": [
                "SELFIES",
                {"name": "POLYMER", "closing": True, "mode": "characters"},
                {"name": "GAP", "closing": False},
            ],
        },
        "split": {"validation_fraction": 0},
        "model": "tiny",
        "training": TRAINING,
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def _build(recipe: Path, run: Path, *overrides: str) -> RunDirectory:
    directory = RunDirectory(run)
    build(load_recipe(recipe, overrides), recipe.parent, directory, workers=2)
    return directory


def _documents(run: RunDirectory, source: str) -> Iterator[tuple[str, str]]:
    for path in sorted((run.documents / source).glob("*.parquet")):
        for row in read_documents(path):
            yield row.doc_id, row.text


def test_a_trusted_source_spells_its_markers_and_no_other_does(
    recipe: Path, tmp_path: Path
) -> None:
    run = _build(recipe, tmp_path / "run")
    tokenizer = ScienceTokenizer.from_pretrained(run.tokenizer)
    size = tokenizer.vocabulary_size
    assert tokenizer.symbols == ("[C]", "[=O]", "[Once]")
    spelt = [tokenizer.id_to_token(id_) for id_ in range(size - 8, size)]
    assert spelt == [
        "[START_SELFIES]", "[END_SELFIES]", "[START_POLYMER]", "[END_POLYMER]", "[GAP]",
        "[C]", "[=O]", "[Once]",
    ]  # fmt: skip
    added = set(range(size - 8, size - 3))
    table = load_recipe(recipe).marker_table()
    shards = open_shards(run.shards / "train")
    ids = {
        shards.doc_id(index): shards.tokens(index).tolist() for index in range(shards.num_documents)
    }
    texts = dict([*_documents(run, "trusted"), *_documents(run, "others")])
    assert len(texts) == len(ids) == 25
    for doc_id, text in texts.items():
        markers = [id_ for id_ in ids[doc_id] if id_ in added]
        if doc_id.startswith("others"):
            assert not markers
            assert POLYMER in text
        elif "times" in text:
            # The sequence marker that is not listed stays text.
            assert "[START_AMINO]" in text
            assert 17 not in ids[doc_id]
            start = ids[doc_id].index(size - 6)
            inside = [tokenizer.id_to_token(id_) for id_ in ids[doc_id][start + 1 : start + 9]]
            assert inside == list("-(CH2)n-")
            assert markers == [size - 6, size - 5]
            assert POLYMER in reveal(text, table)
        elif "And" in text:
            start = ids[doc_id].index(size - 8)
            assert ids[doc_id][start + 1 : start + 6] == [
                size - 3, size - 2, size - 3, size - 1, size - 7
            ]  # fmt: skip
            assert markers[-1] == size - 4
        else:
            assert markers == [size - 4], "of the last, only the spelling is a marker"
    (quarantined,) = (
        json.loads(line)
        for path in (run.quarantine / "trusted").glob("*.jsonl")
        for line in path.read_text().splitlines()
    )
    assert quarantined["reason"] == "markers do not pair"
    assert "[START_POLYMER]" in quarantined["detail"]


def test_the_report_shows_own_markers(recipe: Path, tmp_path: Path) -> None:
    run = _build(recipe, tmp_path / "run")
    page = write_report(run.root).read_text("utf-8")
    assert 'class="m m-own seq"><b>[START_POLYMER]</b>-(CH2)n-' in page or (
        'class="m m-selfies seq"><b>[START_SELFIES]</b>[C][=O]' in page
    )


def test_changed_markers_make_documents_and_tokenizer_anew(recipe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    _build(recipe, run)
    before = ScienceTokenizer.from_pretrained(run / "tokenizer").fingerprint
    directory = RunDirectory(run)
    again = build(load_recipe(recipe), recipe.parent, directory, workers=1)
    assert again.num_run == 0
    changed = load_recipe(recipe, ["sources.trusted.spelt_markers=[SELFIES, GAP]"])
    summary = build(changed, recipe.parent, directory, workers=1)
    assert next(s for s in summary.stages if s.stage == "ingest").num_run == 1
    assert not any("\ue080" in text for _, text in _documents(directory, "trusted"))
    more = load_recipe(
        recipe,
        [
            "sources.trusted.spelt_markers=[GAP]",
            "tokenizer.markers=[RNA, {name: GAP, closing: false}]",
        ],
    )
    build(more, recipe.parent, directory, workers=1)
    assert ScienceTokenizer.from_pretrained(run / "tokenizer").fingerprint != before
    assert any("\ue080" in text for _, text in _documents(directory, "trusted"))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "sources.trusted.spelt_markers=[POLY]",
            "sources.trusted.spelt_markers: no marker of this recipe's tokenizer is named 'POLY'; "
            "choices: IMAGE, <fragments>, <work>",
        ),
        ("sources.others.spelt_markers=[REF]", "sources.others.spelt_markers: no marker of this"),
        ("tokenizer.markers=[]", "is named 'POLYMER'"),
        (
            "tokenizer.markers=[DNA]",
            "tokenizer.markers.0: no built-in marker named 'DNA'; choices: RNA, SELFIES, MATERIAL",
        ),
        (
            "tokenizer.markers=[{name: X, mode: byte}]",
            "tokenizer.markers.X.mode: Input should be 'text', 'characters' or 'symbols' "
            "(given: 'byte')",
        ),
        (
            "tokenizer.markers=[{nam: X}]",
            "tokenizer.markers.0.nam: no such field; choices: name, closing, mode",
        ),
        ("tokenizer.markers=[RNA, RNA]", "tokenizer.markers: there twice: RNA"),
    ],
)
def test_mistakes_name_the_field_and_the_choices(recipe: Path, override: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe, [override])
    assert message in str(caught.value)


def test_markers_of_formulas_are_a_choice_of_their_own(recipe: Path) -> None:
    def names(*overrides: str) -> Any:
        return load_recipe(recipe, overrides).marker_table().names

    assert "LATEX" in names()
    assert "LATEX" not in names("latex_markers=false")
