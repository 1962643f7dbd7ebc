"""The tokenizer and its file: golden tokens of every modality, loading without our code, errors."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tokenization import (
    ScienceTokenizer,
    TokenizerSettings,
    amino,
    cite,
    dna,
    image,
    isomeric_smiles,
    latex,
    reveal,
    smiles,
    subscript,
    superscript,
    work,
)
from tokenization.markers import MARKERS, Reading
from tokenization.training import train_tokenizer

GOLDEN = {
    "prose": (
        "The water, at 35 m",
        ["The", "Ġwater", ",", "Ġat", "Ġ", "3", "5", "Ġm"],
    ),
    "citation": (
        "see " + cite("On the salt", "Dittmar") + ".",
        ["s", "e", "e", "Ġ", "[START_REF]", "ĠOn", "Ġthe", "Ġsalt", ",", "ĠDittmar", "[END_REF]",
         "."],
    ),
    "smiles": (
        "is " + smiles("C[Na+]=O"),
        ["is", "Ġ", "[START_SMILES]", "C", "[", "N", "a", "+", "]", "=", "O", "[END_SMILES]"],
    ),
    "isomeric smiles": (
        isomeric_smiles("N[C@@H]10"),
        ["[START_I_SMILES]", *"N[C@@H]10", "[END_I_SMILES]"],
    ),
    "protein": (amino("MKV LLE"), ["[START_AMINO]", *"MKVLLE", "[END_AMINO]"]),
    "nucleotides": (dna("ATGC-N"), ["[START_DNA]", *"ATGC-N", "[END_DNA]"]),
    "formula": (
        latex(r"\frac{\kappa_2}{T^2} == 0"),
        ["[START_LATEX]", "\\", "(", "\\", "frac", "{", "\\", "kappa", "_", "2", "}", "{", "T", "^",
         "2", "}", "Ġ", "==", "Ġ", "0", "\\", ")", "[END_LATEX]"],
    ),
    "formula without markers": (latex("T^2", markers=False), list("\\(T^2\\)")),
    "reasoning": (
        work("\n7 * 6 = 42\n") + " 42",
        ["<work>", "Ċ", "7", "Ġ", "*", "Ġ", "6", "Ġ", "=", "Ġ", "4", "2", "Ċ", "</work>", "Ġ", "4",
         "2"],
    ),
    "scripts": (
        "x" + superscript("25") + "y" + subscript("i"),
        ["x", "[START_SUP]", "2", "5", "[END_SUP]", "y", "[START_SUB]", "i", "[END_SUB]"],
    ),
    "figure": (image() + "\n\nThe sea", ["[IMAGE]", "Ċ", "Ċ", "The", "Ġsea"]),
    "code": (
        "def f(x):\n  return x == 0.5",
        ["def", "Ġf", "(", "x", ")", ":", "Ċ", "Ġ", "Ġre", "tu", "rn", "Ġ", "x", "Ġ", "==", "Ġ",
         "0", ".", "5"],
    ),
    "other languages": (
        "水 Ångström",
        ["æ°´", "ĠÃħ", "ngst", "rÃ", "¶m"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("modality", GOLDEN)
def test_golden_tokens(tokenizer: ScienceTokenizer, modality: str) -> None:
    marked, tokens = GOLDEN[modality]
    text = reveal(marked)
    ids = tokenizer.encode(text)
    assert [tokenizer.id_to_token(id_) for id_ in ids] == tokens
    assert [tokenizer.token_to_id(token) for token in tokens] == ids
    assert tokenizer.decode(ids) == text
    corpus_ids, offsets = tokenizer.encode_documents([marked])
    assert corpus_ids.tolist() == [*ids, 2]
    assert offsets.tolist() == [0, len(ids) + 1]


def test_golden_ids_of_spans_depend_on_no_training(tokenizer: ScienceTokenizer) -> None:
    # Markers have the released ids, and a byte is 23 and its place in the order of the alphabet.
    assert tokenizer.encode("[START_AMINO]MKV[END_AMINO]") == [17, 67, 65, 76, 18]
    assert tokenizer.encode("[START_SMILES]C[N+]#N") == [19, 57, 81, 68, 33, 83, 25, 68]
    assert tokenizer.encode("</s>[START_DNA]AT\n") == [2, 15, 55, 74, 221]


@pytest.fixture(scope="module")
def folder(tokenizer: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "tokenizer"
    tokenizer.save_pretrained(folder, model_max_length=2048)
    return folder


@pytest.fixture(scope="module", params=["alone", "beside an OPT model"])
def loaded(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> transformers.PreTrainedTokenizerFast:
    """What plain transformers makes of the folder, also where it holds a model's config."""
    copy = tmp_path_factory.mktemp("copy")
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    if request.param != "alone":
        (copy / "config.json").write_text(
            json.dumps({"model_type": "opt", "architectures": ["OPTForCausalLM"]})
        )
    return transformers.AutoTokenizer.from_pretrained(copy)


EVERYTHING = "</s>" + " and ".join(reveal(marked) for marked, _ in GOLDEN.values())
OPEN = "The protein [START_AMINO]MKV 10 LL\nE"


@pytest.mark.parametrize("text", [EVERYTHING, OPEN, "", " ", "[START_AMINO]", "a\x00b", "\n\n"])
def test_transformers_and_tokenizers_load_the_folder_without_our_code(
    tokenizer: ScienceTokenizer,
    folder: Path,
    loaded: transformers.PreTrainedTokenizerFast,
    text: str,
) -> None:
    ids = tokenizer.encode(text)
    assert loaded(text)["input_ids"] == ids
    assert loaded.encode(text) == ids
    assert Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids == ids
    assert ScienceTokenizer.from_pretrained(folder).encode(text) == ids
    assert loaded.decode(ids) == tokenizer.decode(ids) == text


def test_transformers_knows_the_control_tokens(
    loaded: transformers.PreTrainedTokenizerFast,
) -> None:
    assert (loaded.bos_token_id, loaded.pad_token_id) == (0, 1)
    assert (loaded.eos_token_id, loaded.unk_token_id) == (2, 3)
    assert loaded.model_max_length == 2048
    batch = loaded(["sea", "the water of the sea"], padding=True)
    assert set(batch) == {"input_ids", "attention_mask"}
    assert batch["input_ids"][0][0] == 1
    assert batch["attention_mask"][0][0] == 0


def test_skipping_special_tokens_leaves_both_markers_of_every_pair(
    loaded: transformers.PreTrainedTokenizerFast,
) -> None:
    spelt = "".join(f"{marker.spelling}X" for marker in MARKERS)
    ids = loaded.encode("<s><pad>" + spelt + "</s>")
    assert loaded.decode(ids, skip_special_tokens=True) == spelt


def test_offsets_give_the_text_of_every_token(
    loaded: transformers.PreTrainedTokenizerFast,
) -> None:
    encoded = loaded(EVERYTHING, return_offsets_mapping=True)
    covered_to = 0
    for id_, (start, end) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True):
        decoded = loaded.decode([id_])
        whole = "\ufffd" not in decoded  # else bytes of a character, whose place tokens share
        assert start == covered_to if whole else start in (covered_to, covered_to - 1)
        assert EVERYTHING[start:end] == decoded or not whole
        covered_to = end
    assert covered_to == len(EVERYTHING)
    # A character that normalization or bytes make several tokens of is the text of each of them.
    text = "½[START_AMINO]MK"
    encoded = loaded(text, return_offsets_mapping=True)
    covered = [text[start:end] for start, end in encoded["offset_mapping"]]
    assert loaded.decode(encoded["input_ids"]) == "1⁄2[START_AMINO]MK"
    assert covered == ["½"] * (len(covered) - 3) + ["[START_AMINO]", "M", "K"]


def test_a_folder_saved_by_transformers_is_the_same_tokenizer(
    tokenizer: ScienceTokenizer, loaded: transformers.PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    loaded(["sea", "the sea"], padding=True, truncation=True, max_length=2)
    loaded.save_pretrained(tmp_path)
    again = ScienceTokenizer.from_pretrained(tmp_path)
    assert again.fingerprint == tokenizer.fingerprint
    assert again.encode(EVERYTHING) == tokenizer.encode(EVERYTHING)


def test_openings_passed_as_special_tokens_undo_the_splitting(folder: Path, tmp_path: Path) -> None:
    # The documented trap: transformers makes added tokens of them. Our own loader refuses the file.
    undone = transformers.AutoTokenizer.from_pretrained(
        folder, additional_special_tokens=["[START_AMINO]"]
    )
    plain = transformers.AutoTokenizer.from_pretrained(folder)
    text = "[START_AMINO]water of the sea"
    assert len(undone(text)["input_ids"]) < len(plain(text)["input_ids"]) == 17
    undone.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"\[START_AMINO\]: added tokens of the file"):
        ScienceTokenizer.from_pretrained(tmp_path)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([marker.spelling for marker in MARKERS] + ["</s>", "10 ", "C#N", "\n", "é"])
        | st.text(max_size=8)
    )
)
def test_decoding_is_lossless_and_one_character_a_token_in_spans(
    tokenizer: ScienceTokenizer, parts: list[str]
) -> None:
    text = "".join(parts).encode("utf-8", "ignore").decode()
    normalizer = tokenizer._file.normalizer
    ids = tokenizer.encode(text)
    if normalizer.normalize_str(text) == text:
        assert tokenizer.decode(ids) == text
    span = False
    for id_ in ids:
        token = tokenizer.id_to_token(id_)
        marker = next((m for m in MARKERS if m.spelling == token), None)
        if marker is not None or id_ < 4:
            span = marker is not None and marker.reading is Reading.CHARACTERS
        elif span:
            decoded = tokenizer.decode([id_])
            assert len(decoded) == 1 or "\ufffd" in decoded


def test_saving_twice_gives_the_same_bytes_and_fingerprint(
    tokenizer: ScienceTokenizer, folder: Path, tmp_path: Path
) -> None:
    again = ScienceTokenizer.from_pretrained(folder)
    again.save_pretrained(tmp_path, model_max_length=2048)
    assert {file.name for file in tmp_path.iterdir()} == {"tokenizer.json", "tokenizer_config.json"}
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (folder / file.name).read_bytes()
    assert again.fingerprint == tokenizer.fingerprint
    assert ScienceTokenizer.from_pretrained(folder / "tokenizer.json").encode("sea")


def test_the_fingerprint_tells_tokenizers_apart(
    tokenizer: ScienceTokenizer, texts: list[str]
) -> None:
    def trained(**changes: object) -> str:
        chosen = TokenizerSettings.model_validate(
            {"vocabulary_size": 480, "normalizer": "nfkc", **changes}
        )
        return train_tokenizer(texts, chosen, latex_markers=True).fingerprint

    assert trained() == tokenizer.fingerprint
    assert trained(normalizer="nfc") != tokenizer.fingerprint
    assert trained(vocabulary_size=479) != tokenizer.fingerprint


def test_a_tokenizer_travels_to_other_processes(tokenizer: ScienceTokenizer) -> None:
    copy = pickle.loads(pickle.dumps(tokenizer))
    assert copy.encode(EVERYTHING) == tokenizer.encode(EVERYTHING)
    assert copy.encode_documents(["sea"])[0].tolist() == [*tokenizer.encode("sea"), 2]


def test_a_missing_folder_says_what_is_expected(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(FileNotFoundError, match=r"expected a folder holding tokenizer\.json"):
            ScienceTokenizer.from_pretrained(folder)


def _mistaken(document: dict, kind: str) -> dict | str:
    if kind == "broken JSON":
        return json.dumps(document)[:-5]
    if kind == "another model":
        document["model"] = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    elif kind == "another pre-tokenizer":
        document["pre_tokenizer"] = {"type": "Whitespace"}
    elif kind == "another normalizer":
        document["normalizer"] = {"type": "Lowercase"}
    elif kind == "added to":
        document["added_tokens"].append(
            {**document["added_tokens"][0], "id": 480, "content": "[MORE]"}
        )
    elif kind == "an id moved":
        vocabulary = document["model"]["vocab"]
        vocabulary["[START_DNA]"], vocabulary["!"] = vocabulary["!"], vocabulary["[START_DNA]"]
    elif kind == "a byte missing":
        document["model"]["vocab"]["Łx"] = document["model"]["vocab"].pop("Ł")
    elif kind == "puts control tokens around":
        document["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                     {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}},
        }  # fmt: skip
    elif kind == "merges only":
        document["model"]["ignore_merges"] = False
    return document


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("broken JSON", "cannot be read as a tokenizer.json"),
        ("another model", "its model is WordLevel, not BPE"),
        ("another pre-tokenizer", "its pre-tokenizer is another one"),
        ("another normalizer", "its normalizer is .*Lowercase.*not one of nfkc, nfc, none"),
        ("added to", r"differ from the marker table by \['\[MORE\]'\]"),
        ("an id moved", r"its entry \[START_DNA\] has the id 23, not 15"),
        ("a byte missing", "1 bytes have no entry, the first 'Ł'"),
        ("puts control tokens around", "puts control tokens around every text"),
        ("merges only", "does not look up whole words"),
    ],
)
def test_a_file_that_is_not_ours_says_why(
    folder: Path, tmp_path: Path, kind: str, message: str
) -> None:
    document = _mistaken(json.loads((folder / "tokenizer.json").read_text("utf-8")), kind)
    text = document if isinstance(document, str) else json.dumps(document)
    (tmp_path / "tokenizer.json").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        ScienceTokenizer.from_pretrained(tmp_path)
    assert str(tmp_path / "tokenizer.json") in str(caught.value)


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="cannot be read"):
        ScienceTokenizer.from_pretrained(tmp_path)


def test_ids_and_tokens_outside_the_vocabulary(tokenizer: ScienceTokenizer) -> None:
    assert tokenizer.vocabulary_size == 480
    assert tokenizer.decode([]) == ""
    for stranger in (-1, 480, 2**40):
        with pytest.raises(ValueError, match=f"id {stranger} is outside the vocabulary of 480"):
            tokenizer.decode([30, stranger])
        assert tokenizer.id_to_token(stranger) is None
    assert tokenizer.token_to_id("no such entry") is None
    with pytest.raises(ValueError, match=r"lone surrogate U\+D800 at character 1"):
        tokenizer.encode("a\ud800")


def test_importing_the_library_loads_no_heavy_package() -> None:
    program = (
        "import sys, tokenization, tokenization.training, tokenization.show\n"
        "heavy = {'torch', 'rdkit', 'Bio', 'megatron', 'ray', 'typer', 'transformers'}\n"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr
