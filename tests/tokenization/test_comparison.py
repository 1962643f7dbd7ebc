"""Two tokenizers on one text: every byte and every token in one modality, whoever made them."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from tokenization import (
    ScienceTokenizer,
    TokenizerSettings,
    amino,
    cite,
    dna,
    image,
    latex,
    reveal,
    smiles,
    subscript,
    work,
)
from tokenization.comparison import (
    MODALITIES,
    Subject,
    compare,
    load_subject,
    spans_of,
    subject,
    table_of,
)
from tokenization.markers import BUILT_IN
from tokenization.training import train_tokenizer, with_markers


@pytest.fixture(scope="module")
def ours(tokenizer: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    folder = tmp_path_factory.mktemp("ours")
    tokenizer.save_pretrained(folder)
    return load_subject(folder)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Subject:
    """A tokenizer of words that knows no markers, cuts texts short and puts tokens around them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([reveal(text) for text in texts], trainer)
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(length=5)
    path = tmp_path_factory.mktemp("foreign") / "tokenizer.json"
    tokenizer.save(str(path))
    return load_subject(path)


DOCUMENT = reveal(
    f"The salt {smiles('CC(=O)[O-]')} of water{subscript('2')} ({cite('On salts', 'Ölander')}) "
    f"{latex('E = mc^2')} has {dna('ATGC')} and {amino('MKV')}.\n\n"
    f"{image()} {work('2 * 3 = 6')} is \\(x\\) in \\[y\\] and \\\\[2pt] in 水"
)


def test_every_span_has_its_modality() -> None:
    pieces = [(DOCUMENT[s.start : s.end], s.modality) for s in spans_of(DOCUMENT)]
    assert pieces[:4] == [
        ("The salt ", "text"),
        ("[START_SMILES]", "markers"),
        ("CC(=O)[O-]", "SMILES"),
        ("[END_SMILES]", "markers"),
    ]
    by_modality = {
        name: [text for text, modality in pieces if modality == name] for name in MODALITIES
    }
    assert by_modality["citation"] == [" On salts, Ölander"]
    assert by_modality["LaTeX"] == ["\\(E = mc^2\\)", "\\(x\\)", "\\[y\\]"]
    assert by_modality["residues"] == ["ATGC", "MKV"]
    assert by_modality["work"] == ["2 * 3 = 6"]
    assert by_modality["other"] == ["2"]
    assert " and \\\\[2pt] in 水" in by_modality["text"]
    assert "[IMAGE]" in by_modality["markers"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[START_REF] never closed", ["markers", "text"]),
        ("a[END_REF]b", ["text", "markers", "text"]),
        ("[START_AMINO]MKV", ["markers", "residues"]),
        ("[START_AMINO]MK</s>V[END_AMINO]b",
         ["markers", "residues", "markers", "text", "markers", "text"]),
        ("<work>a[START_REF]b[END_REF]c</work>d",
         ["markers", "work", "markers", "citation", "markers", "work", "markers", "text"]),
        ("[START_REF]a<work>b[END_REF]c</work>d",
         ["markers", "citation", "markers", "citation", "markers", "text", "markers", "text"]),
        ("\\(a\n\nb\\)", ["text"]),
        ("", []),
    ],
)  # fmt: skip
def test_broken_spans_have_a_defined_reading(text: str, expected: list[str]) -> None:
    assert [span.modality for span in spans_of(text)] == expected


_SPELT = st.lists(
    st.sampled_from([*BUILT_IN.by_spelling, "</s>", "\\(", "\\)", "\n\n", " water", "MKV", "水"]),
    max_size=30,
).map("".join)


@given(text=_SPELT)
def test_spans_cover_a_text_end_to_end(text: str) -> None:
    spans = spans_of(text)
    assert "".join(text[span.start : span.end] for span in spans) == text
    assert all(span.start < span.end and span.modality in MODALITIES for span in spans)


@settings(max_examples=150)
@given(texts=st.lists(_SPELT, max_size=4))
def test_bytes_and_tokens_are_conserved(ours: Subject, foreign: Subject, texts: list[str]) -> None:
    counts = compare(ours, foreign, texts, BUILT_IN)
    assert sum(count.num_bytes for count in counts) == sum(len(text.encode()) for text in texts)
    for place, one in enumerate((ours, foreign)):
        expected = sum(len(one.file.encode(text, add_special_tokens=False).ids) for text in texts)
        assert sum(count.num_tokens[place] for count in counts) == expected


def test_counts_of_a_document(ours: Subject, foreign: Subject) -> None:
    counts = {c.modality: c for c in compare(ours, foreign, [DOCUMENT], BUILT_IN)}
    assert counts["residues"].num_bytes == 7
    assert counts["residues"].num_tokens[0] == 7
    assert counts["SMILES"].num_tokens[0] == counts["SMILES"].num_bytes == 10
    # One token a marker where they are known; several where they are spelt.
    num_markers = sum(span.modality == "markers" for span in spans_of(DOCUMENT))
    assert counts["markers"].num_tokens[0] == num_markers
    assert counts["markers"].num_tokens[1] > 2 * num_markers
    assert list(counts) == [name for name in MODALITIES if name in counts]


def test_a_long_text_is_cut_at_blank_lines_without_changing_a_count(
    ours: Subject, foreign: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "\n\n".join([DOCUMENT, "<work>a\n\nb</work>", "the water\n\n\n of the sea"] * 20)
    whole = compare(ours, foreign, [text], BUILT_IN)
    monkeypatch.setattr("tokenization.comparison._PART_CHARACTERS", 50)
    assert compare(ours, foreign, [text], BUILT_IN) == whole


@pytest.mark.parametrize("piece", ["[START_REF]", "\\(", "[START_AMINO]", "\\\\", "</work>"])
def test_time_is_linear_in_hostile_text(piece: str) -> None:
    text = piece * 20_000 + "</work>" * 20_000
    started = time.perf_counter()
    assert spans_of(text)
    assert time.perf_counter() - started < 10


def test_own_markers_are_read_as_theirs(ours: Subject) -> None:
    settings = TokenizerSettings.model_validate(
        {"vocabulary_size": 300, "markers": ["RNA", {"name": "POLYMER", "mode": "characters"}]}
    )
    own = train_tokenizer(["the sea"], settings, latex_markers=False)
    mine = subject("mine", own._file)
    table = table_of([ours, mine])
    text = "[START_POLYMER]CCN[END_POLYMER] [START_RNA]AUG[END_RNA]"
    counts = {c.modality: c for c in compare(ours, mine, [text], table)}
    assert counts["other"].num_tokens[1] == counts["other"].num_bytes == 3
    assert counts["residues"].num_tokens[1] == 3
    assert counts["markers"].num_tokens[1] == 4
    assert table_of([ours]) is BUILT_IN


def test_selfies_count_by_symbol(tokenizer: ScienceTokenizer, ours: Subject) -> None:
    markers = TokenizerSettings.model_validate({"markers": ["SELFIES"]}).markers
    mine = subject("mine", with_markers(tokenizer, markers, ["[C]", "[=O]"])._file)
    counts = compare(ours, mine, ["[START_SELFIES][C][=O][END_SELFIES]"], BUILT_IN)
    assert [(c.modality, c.num_tokens[1]) for c in counts] == [("SELFIES", 2), ("markers", 2)]


def test_what_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no tokenizer\.json at"):
        load_subject(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match=r"cannot be read as a tokenizer\.json"):
        load_subject(tmp_path)
