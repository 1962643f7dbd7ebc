"""The corpus path: the file's ids where nothing is spelled, and no marker from any spelling.

Two independent references: the file itself on revealed text, and the pieces between real markers
through a tokenizer that has no marker at all.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE

from tokenization import ScienceTokenizer, TokenizerSettings, clean, reveal
from tokenization.markers import (
    BY_CODE_POINT,
    CONTROL_TOKENS,
    LATEX_MARKERS,
    RELEASED_MARKERS,
    Reading,
    code_point,
)
from tokenization.pretokenizer import pre_tokenizer
from tokenization.tokenizer_file import self_contained, vocabulary_and_merges
from tokenization.training import train_tokenizer

MARKERS = (*RELEASED_MARKERS, *LATEX_MARKERS)
SPELLINGS = [*CONTROL_TOKENS, *(marker.spelling for marker in MARKERS)]
MARKER_IDS_AND_CONTROL = 23

# Characters that normalization, the patterns or the bytes treat apart: combining marks, letters
# that decompose, ligatures, digits of other scripts, numbers that are no digits, spaces, Hangul
# pieces, emoji, private use, full-width forms.
_BORDERS = (
    "\u0301\u0338\u20d2\u0327é\u212bﬁ½²₂٣Ⅷ一〇\u00a0\u2003\u3000\u2028\u200b\u200d\x85\x00\r\t\n  "
    "\u1100\u1161\u11a8각𝟘😀\uf8ff\U000f0000\ufeff＜＞／１Ａ～"
)
_FORGERS = "[]<>/_［］＜＞／＿﹤﹥﹝﹞〔〕⁅⁆|"
_FRAGMENTS = [
    *SPELLINGS,
    *(spelling[:-1] for spelling in SPELLINGS),
    *(spelling[1:] for spelling in SPELLINGS),
    *("".join(chr(ord(c) + 0xFEE0) for c in spelling) for spelling in SPELLINGS),
    *(spelling.translate({ord("["): "［", ord("]"): "］", ord("<"): "＜", ord(">"): "＞"})
      for spelling in SPELLINGS),
    *(spelling.replace("S", "ſ") for spelling in SPELLINGS),
]  # fmt: skip

code_points = st.sampled_from([marker.code_point for marker in MARKERS])
ordinary = st.one_of(
    st.sampled_from([" the water", "salt", "1024", "==", "->", "((", "\n\n", "C(=O)[O-]", "MKV",
                     "don't", "a  b ", "  ", "水の", "Wärme", "#", "\\frac{x}{y}", " "]),
    st.text(alphabet=_BORDERS, min_size=1, max_size=4),
    st.text(max_size=5),
).map(clean)  # fmt: skip
forged = st.one_of(st.sampled_from(_FRAGMENTS), st.text(alphabet=_FORGERS, min_size=1, max_size=3))


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*parts), max_size=14).map("".join)


def spells(tokenizer: ScienceTokenizer, marked: str) -> bool:
    """Whether a text spells a marker or control token, as written or once normalized."""
    normalizer = tokenizer._file.normalizer
    pieces = re.split("[\ue000-\ue0ff]", marked)
    normalized = [normalizer.normalize_str(p) for p in pieces] if normalizer else pieces
    return any(spelling in piece for piece in [*pieces, *normalized] for spelling in SPELLINGS)


def ids_of(tokenizer: ScienceTokenizer, marked: str) -> list[int]:
    ids, offsets = tokenizer.encode_documents([marked], end_of_document=False)
    assert offsets.tolist() == [0, len(ids)]
    return ids.tolist()


class Pieces:
    """The second reference: pieces between real markers, without any marker in the vocabulary."""

    def __init__(self, tokenizer: ScienceTokenizer) -> None:
        file = tokenizer._file
        vocabulary, merges = vocabulary_and_merges(file)
        self.marker_ids = {m.code_point: vocabulary[m.spelling] for m in tokenizer.markers}
        bare = {token: id_ for token, id_ in vocabulary.items() if token not in SPELLINGS}
        self.plain = Tokenizer(BPE(bare, merges, ignore_merges=True))
        self.plain.pre_tokenizer = pre_tokenizer([])
        self.normalizer = file.normalizer

    def ids(self, marked: str) -> list[int]:
        ids: list[int] = []
        in_span = False
        for part in re.split("([\ue000-\ue0ff])", marked):
            if part in self.marker_ids:
                ids.append(self.marker_ids[part])
                in_span = BY_CODE_POINT[part].reading is Reading.CHARACTERS
                continue
            text = self.normalizer.normalize_str(part) if self.normalizer else part
            for piece in text if in_span else [text]:
                ids.extend(self.plain.encode(piece).ids)
        return ids


@pytest.fixture(scope="module")
def pieces(any_tokenizer: ScienceTokenizer) -> Pieces:
    return Pieces(any_tokenizer)


def check_equality(tokenizer: ScienceTokenizer, pieces: Pieces, marked: str) -> None:
    ids = ids_of(tokenizer, marked)
    assert ids == pieces.ids(marked)
    if not spells(tokenizer, marked):
        assert ids == tokenizer.encode(reveal(marked))


def check_unforgeable(tokenizer: ScienceTokenizer, pieces: Pieces, marked: str) -> None:
    ids = ids_of(tokenizer, marked)
    assert ids == pieces.ids(marked)
    markers = {*range(MARKER_IDS_AND_CONTROL), *pieces.marker_ids.values()}
    found = [id_ for id_ in ids if id_ in markers]
    assert found == [pieces.marker_ids[c] for c in marked if c in pieces.marker_ids]


@settings(max_examples=500, deadline=None)
@given(joined(code_points, ordinary))
@example(code_point("[START_AMINO]") + "\u0301MKV" + code_point("[END_AMINO]") + "\u0301")
@example("e" + code_point("<work>") + "\u0338=" + code_point("[START_DNA]") + "\n \n1")
@example(" " + code_point("[START_SMILES]") + code_point("[START_DNA]") + " A  " + "x  ")
def test_ids_are_those_of_the_file_on_the_revealed_text(
    any_tokenizer: ScienceTokenizer, pieces: Pieces, marked: str
) -> None:
    check_equality(any_tokenizer, pieces, marked)


@settings(max_examples=500, deadline=None)
@given(joined(code_points, ordinary, forged, forged))
@example("[START_REF] a[END_REF]</s><pad>")
@example(code_point("[START_AMINO]") + "M[END_AMINO]" + "</s>" + code_point("[END_AMINO]"))
@example("［START_SMILES］CCO［END_SMILES］＜/s＞")
def test_no_text_makes_a_marker_or_ends_a_document(
    any_tokenizer: ScienceTokenizer, pieces: Pieces, marked: str
) -> None:
    check_unforgeable(any_tokenizer, pieces, marked)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(joined(code_points, ordinary))
def test_ids_are_those_of_the_file_at_length(
    any_tokenizer: ScienceTokenizer, pieces: Pieces, marked: str
) -> None:
    check_equality(any_tokenizer, pieces, marked)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(joined(code_points, ordinary, forged, forged))
def test_no_text_makes_a_marker_at_length(
    any_tokenizer: ScienceTokenizer, pieces: Pieces, marked: str
) -> None:
    check_unforgeable(any_tokenizer, pieces, marked)


def test_every_code_point_is_the_same_in_text_and_in_a_span(
    any_tokenizer: ScienceTokenizer, pieces: Pieces
) -> None:
    """Every code point that marked text may hold, in blocks, after a letter and in a span."""
    allowed = [
        chr(number)
        for number in range(0x110000)
        if not (0xD800 <= number <= 0xDFFF or 0xE000 <= number <= 0xE0FF)
        and (number < 0x20000 or number % 0x10000 < 0x400)
    ]
    blocks = ["a".join(allowed[start : start + 256]) for start in range(0, len(allowed), 256)]
    marked = [block + code_point("[START_SMILES]") + block for block in blocks]
    ids, offsets = any_tokenizer.encode_documents(marked, end_of_document=False)
    for number, text in enumerate(marked):
        mine = ids[offsets[number] : offsets[number + 1]].tolist()
        assert mine == any_tokenizer.encode(reveal(text))
        assert mine == pieces.ids(text)


def test_a_spelling_in_normalized_text_is_a_marker_for_the_file_alone(
    tokenizer: ScienceTokenizer,
) -> None:
    # What the corpus path is safe from: in the file, NFKC makes an opening of full-width brackets.
    text = "［START_AMINO］MKV"
    assert unicodedata.normalize("NFKC", text) == "[START_AMINO]MKV"
    assert 17 in tokenizer.encode(text)
    assert 17 not in ids_of(tokenizer, text)


def test_many_documents_end_to_end(tokenizer: ScienceTokenizer) -> None:
    texts = ["", "salt", "the water " * 300_000, "", code_point("[START_DNA]") + "ATGC", "x\x00y"]
    ids, offsets = tokenizer.encode_documents(iter(texts))
    assert (ids.dtype, offsets.dtype) == (np.uint16, np.int64)
    assert offsets.tolist()[:2] == [0, 1]
    assert len(offsets) == len(texts) + 1
    for number, text in enumerate(texts):
        mine = ids[offsets[number] : offsets[number + 1]].tolist()
        assert mine == [*tokenizer.encode(reveal(text)), 2]
    without, _ = tokenizer.encode_documents(texts, end_of_document=False)
    assert len(without) == len(ids) - len(texts)


def test_no_documents(tokenizer: ScienceTokenizer) -> None:
    ids, offsets = tokenizer.encode_documents([])
    assert (ids.tolist(), offsets.tolist()) == ([], [0])
    assert ids.dtype == np.uint16


def test_a_large_vocabulary_gives_wider_ids(texts: list[str]) -> None:
    small = train_tokenizer(texts, TokenizerSettings(vocabulary_size=300), latex_markers=False)
    vocabulary, merges = vocabulary_and_merges(small._file)
    # Entries that no merge makes: only their number matters.
    for number in range(len(vocabulary), 65_537):
        vocabulary[f"Ġ{number}"] = number
    assert len(vocabulary) == 65_537
    large = ScienceTokenizer(self_contained(vocabulary, merges))
    ids, _ = large.encode_documents(["salt"])
    assert ids.dtype == np.uint32


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ab\ue050", r"document 1 holds U\+E050 at character 2: no marker of this tokenizer"),
        ("a\ud800b", r"document 1 holds U\+D800 at character 1: a lone surrogate"),
        ("\ue013x\ue014", r"U\+E013 at character 0: the marker \[START_LATEX\], which this"),
    ],
)
def test_what_cleaning_would_take_out_is_refused(texts: list[str], text: str, message: str) -> None:
    tokenizer = train_tokenizer(texts, TokenizerSettings(vocabulary_size=300), latex_markers=False)
    with pytest.raises(ValueError, match=message):
        tokenizer.encode_documents(["fine", text])


def test_threads_share_a_tokenizer(tokenizer: ScienceTokenizer, texts: list[str]) -> None:
    expected = tokenizer.encode_documents(texts)[0].tolist()
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda _: tokenizer.encode_documents(texts)[0].tolist(), range(16))
        assert all(result == expected for result in results)


@pytest.mark.parametrize("parallelism", ["true", "false"])
def test_ids_do_not_depend_on_parallelism(
    tokenizer: ScienceTokenizer, texts: list[str], tmp_path: Path, parallelism: str
) -> None:
    tokenizer.save_pretrained(tmp_path)
    program = (
        "import json, sys\n"
        "from tokenization import ScienceTokenizer\n"
        "tokenizer = ScienceTokenizer.from_pretrained(sys.argv[1])\n"
        "print(tokenizer.encode_documents(json.load(sys.stdin))[0].tolist())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        input=json.dumps(texts),
        env={**os.environ, "TOKENIZERS_PARALLELISM": parallelism},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout) == tokenizer.encode_documents(texts)[0].tolist()
