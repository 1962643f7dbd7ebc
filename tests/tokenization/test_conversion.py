"""Conversion of files of the released form, made here with another vocabulary, and refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tokenizers import Tokenizer, normalizers

from tests.tokenization.released_form import (
    CASES,
    DIFFERENCES,
    HOSTILE_TEXTS,
    check,
    names_of,
    released_form,
    released_ids,
    without_split_marker,
)
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.conversion import convert_released, entries_changed_by_lookup
from tokenization.markers import CONTROL_TOKENS
from tokenization.tokenizer_file import vocabulary_and_merges
from tokenization.training import train_tokenizer


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> Path:
    """A file of the released form: truncation, padding, split marker and special markers."""
    trained = train_tokenizer(
        [*texts, *["MKVLLE ATGATG C1=CC= ending " * 9]],
        TokenizerSettings(vocabulary_size=520),
        latex_markers=False,
    )
    folder = tmp_path_factory.mktemp("original")
    trained.save_pretrained(folder)
    file = Tokenizer.from_file(str(folder / "tokenizer.json"))
    path = tmp_path_factory.mktemp("released") / "tokenizer.json"
    released_form(*vocabulary_and_merges(file)).save(str(path))
    return path


@pytest.fixture(scope="module")
def released(original: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(original))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@pytest.fixture(scope="module")
def plain(released: Tokenizer) -> Tokenizer:
    return without_split_marker(released)


@pytest.fixture(scope="module")
def ours(original: Path) -> ScienceTokenizer:
    return convert_released(original)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=HOSTILE_TEXTS)
def test_ids_differ_only_where_it_is_named(
    released: Tokenizer, plain: Tokenizer, ours: ScienceTokenizer, text: str
) -> None:
    check(released, plain, ours, text)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_every_class_of_differences_has_a_text_of_no_other(name: str) -> None:
    assert DIFFERENCES[name].why
    assert [names_of(text) for text in CASES[name]] == [[name]] * len(CASES[name])


def test_the_converted_file_loads_anywhere_and_needs_no_escape_step(
    released: Tokenizer, original: Path, ours: ScienceTokenizer, tmp_path: Path
) -> None:
    text = "The water [START_AMINO]MKVLLE[END_AMINO] of</s>"
    expected = released_ids(released, text)
    assert ours.encode(text) == expected
    assert expected != released.encode(text, add_special_tokens=False).ids
    ours.save_pretrained(tmp_path)
    bare = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert bare.encode(text).ids == expected
    assert (bare.truncation, bare.padding, bare.post_processor) == (None, None, None)
    assert ours.vocabulary_size == released.get_vocab_size()
    assert convert_released(original.parent).fingerprint == ours.fingerprint


def test_markers_of_formulas_take_the_next_ids_and_move_none(
    original: Path, ours: ScienceTokenizer
) -> None:
    extended = convert_released(original, latex_markers=True)
    size = ours.vocabulary_size
    assert extended.encode("[START_LATEX]E[END_LATEX]") == [size, *ours.encode("E"), size + 1]
    assert extended.encode("the water [START_DNA]ATG") == ours.encode("the water [START_DNA]ATG")
    assert size not in ours.encode("[START_LATEX]E[END_LATEX]")


def _set(*keys: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        holder: Any = content
        for key in keys[:-1]:
            holder = holder[int(key) if isinstance(holder, list) else key]
        holder[keys[-1]] = value

    return change


def _swap_ids(content: dict[str, Any]) -> None:
    vocabulary = content["model"]["vocab"]
    vocabulary["[IMAGE]"], vocabulary["<work>"] = vocabulary["<work>"], vocabulary["[IMAGE]"]
    for token in content["added_tokens"]:
        token["id"] = vocabulary[token["content"]]


def _add_token(content: dict[str, Any]) -> None:
    size = len(content["model"]["vocab"])
    content["added_tokens"].append(content["added_tokens"][5] | {"id": size, "content": "[NEW]"})


def _drop_byte(content: dict[str, Any]) -> None:
    vocabulary = content["model"]["vocab"]
    vocabulary["no byte"] = vocabulary.pop("ÿ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_swap_ids, r"its entry \[IMAGE\] has the id 9, not 6"),
        (_add_token, r"added tokens differ from the released ones by \[NEW\]"),
        (_drop_byte, r"1 bytes have no entry, the first 'ÿ'"),
        (_set("normalizer", value={"type": "NFC"}), r'its normalizer is {"type":"NFC"}, not NFKC'),
        (_set("normalizer", value=None), r"its normalizer is none, not NFKC"),
        (_set("pre_tokenizer", value=None), r"its pre-tokenizer is another one"),
        (
            _set("pre_tokenizer", "pretokenizers", "0", "behavior", value="Isolated"),
            r"its pre-tokenizer is another one",
        ),
        (_set("model", "dropout", value=0.1), r"leaves out merges at random"),
        (_set("added_tokens", "6", "lstrip", value=True), r"\[IMAGE\] takes blanks"),
        (_set("model", "type", value="WordPiece"), r"its model is WordPiece, not BPE"),
        (_set("model", value=None), r"JSON, but no tokenizer.json"),
        (_set("model", "merges", value=[["no", "entry"]]), r"cannot be read as a tokenizer.json"),
    ],
)
def test_a_file_of_another_form_is_refused_with_what_differs(
    original: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    content = json.loads(original.read_text())
    change(content)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=reason) as caught:
        convert_released(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"no json", b"\xff\xfe\x00", b"[" * 100_000, b"[1, 2]", b'"text"', b"null", b"{}"],
)
def test_what_is_no_tokenizer_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"not JSON|JSON, but no tokenizer.json"):
        convert_released(path)


def test_a_missing_file_and_a_converted_one_are_told_apart(
    ours: ScienceTokenizer, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError, match="no tokenizer at"):
        convert_released(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="no tokenizer at"):
        convert_released(tmp_path)
    ours.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="self-contained already, so there is nothing to convert"):
        convert_released(tmp_path)


def test_an_entry_that_its_merges_do_not_make_is_refused(original: Path, tmp_path: Path) -> None:
    content = json.loads(original.read_text())
    vocabulary = content["model"]["vocab"]
    vocabulary["Ġwaterzz"] = len(vocabulary)
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"1 of its entries are not .* the first 'Ġwaterzz'"):
        convert_released(path)


def test_entries_changed_by_lookup_looks_at_every_entry_but_markers(original: Path) -> None:
    vocabulary, merges = vocabulary_and_merges(Tokenizer.from_file(str(original)))
    assert entries_changed_by_lookup(vocabulary, merges) == []
    without_last = entries_changed_by_lookup(vocabulary, merges[:-1])
    assert without_last == ["".join(merges[-1])]
    assert not set(CONTROL_TOKENS) & set(entries_changed_by_lookup(vocabulary, []))


def test_released_form_is_what_the_conversion_takes_for_it(released: Tokenizer) -> None:
    """The stand-in really does what makes the released file hard to use."""
    assert isinstance(released.normalizer, normalizers.NFKC)
    assert released.encode("A").tokens == ["<s>", "A", "</s>"]
    assert "[START_AMINO]" in {t.content for t in released.get_added_tokens_decoder().values()}
    assert len(released.encode("[START_AMINO]MKVLLE[END_AMINO]", add_special_tokens=False)) < 8
