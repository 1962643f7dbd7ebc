"""Markers beyond the released ones: built in but off by default, or a recipe's own.

Spans of every reading, closed and open, through the plain file, plain transformers and the marked
twin; ids that never move; text that never changes.
"""

import json
import random
from pathlib import Path

import pytest
import transformers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tokenizers import Regex, Tokenizer, pre_tokenizers

from tests.tokenization.marked_twin import marked_twin
from tokenization import ScienceTokenizer, TokenizerSettings, clean, wrappers
from tokenization.markers import (
    BUILT_IN,
    CONTROL_TOKENS,
    MarkerTable,
    Reading,
    conceal,
    pairing_fault,
    reveal,
)
from tokenization.own_markers import MAX_OWN_ROWS, OWN_FIRST_ROW, own_rows, own_rows_of
from tokenization.pretokenizer import pre_tokenizer
from tokenization.settings import SMALLEST_VOCABULARY, MarkerSettings, rows_of
from tokenization.tokenizer_file import (
    fault,
    markers_of,
    symbols_of,
    vocabulary_and_merges,
)
from tokenization.training import (
    MOST_SYMBOLS,
    symbols_in,
    text_pieces,
    train_tokenizer,
    with_markers,
)

MARKERS = (
    "RNA",
    "SELFIES",
    "MATERIAL",
    {"name": "POLYMER", "mode": "characters"},
    {"name": "P2_5", "closing": False, "mode": "characters"},
    {"name": "CRYSTAL", "closing": True, "mode": "symbols"},
    {"name": "<think>"},
    {"name": "GAP", "closing": False},
)
SYMBOLS = ("[C]", "[=O]", "[Branch1]", "[N]")
SYMBOLIC = wrappers.selfies("[C][=O].[C][Branch1][C][=O][Branch1][N][N]")


def own_settings(**changes: object) -> TokenizerSettings:
    return TokenizerSettings.model_validate({"vocabulary_size": 540, "markers": MARKERS} | changes)


TABLE = own_settings().marker_table(True)
NUM_ADDED = len([marker for marker in TABLE.rows if marker.released_id is None])


@pytest.fixture(scope="module", params=["nfkc", "none"])
def rich(request: pytest.FixtureRequest, texts: list[str]) -> ScienceTokenizer:
    return train_tokenizer(
        [*texts, SYMBOLIC], own_settings(normalizer=request.param), latex_markers=True
    )


@pytest.fixture(scope="module")
def plain(rich: ScienceTokenizer, texts: list[str]) -> ScienceTokenizer:
    """The tokenizer of the same merges without any more markers."""
    normalizer = "nfkc" if rich._file.normalizer else "none"
    size = rich.vocabulary_size - NUM_ADDED - len(rich.symbols)
    chosen = TokenizerSettings(vocabulary_size=size, normalizer=normalizer)
    return train_tokenizer(texts, chosen, latex_markers=False)


def tokens(tokenizer: ScienceTokenizer, text: str) -> list[str | None]:
    return [tokenizer.id_to_token(id_) for id_ in tokenizer.encode(text)]


def characters(text: str) -> list[str]:
    return ["Ġ" if c == " " else "Ċ" if c == "\n" else c for c in text]


GOLDEN = {
    "rna": ("[START_RNA]AUGN[END_RNA]", ["[START_RNA]", *"AUGN", "[END_RNA]"]),
    "material": (
        "[START_MATERIAL](Ba0.5Sr0.5)TiO3[END_MATERIAL]",
        ["[START_MATERIAL]", *"(Ba0.5Sr0.5)TiO3", "[END_MATERIAL]"],
    ),
    "selfies": (
        "[START_SELFIES][C][=O].[Branch1][N][END_SELFIES]",
        ["[START_SELFIES]", "[C]", "[=O]", ".", "[Branch1]", "[N]", "[END_SELFIES]"],
    ),
    "an unseen symbol": (
        "[START_SELFIES][C][Branch2][N]",
        ["[START_SELFIES]", "[C]", *"[Branch2]", "[N]"],
    ),
    "no symbols": (
        "[START_SELFIES]C == 10[C\n\n[[C]](the)[]",
        ["[START_SELFIES]", *characters("C == 10[C\n\n["), "[C]", *"](the)[]"],
    ),
    "own characters": (
        "is [START_POLYMER]-(is)n- 10[C][END_POLYMER][C]",
        ["is", "Ġ", "[START_POLYMER]", *characters("-(is)n- 10[C]"), "[END_POLYMER]", *"[C]"],
    ),
    "own characters, never closed": (
        "12[P2_5]is [C]",
        ["1", "2", "[P2_5]", *characters("is [C]")],
    ),
    "own symbols": (
        "[START_CRYSTAL][C]is[END_CRYSTAL]is",
        ["[START_CRYSTAL]", "[C]", *"is", "[END_CRYSTAL]", "is"],
    ),
    "own text": (
        "<think>is [C]==</think> the[GAP]is",
        ["<think>", "is", "Ġ", *"[C]", "==", "</think>", "Ġthe", "[GAP]", "is"],
    ),
    "one span after another": (
        "[C][START_RNA][C][START_SELFIES][C][START_AMINO][C]",
        [*"[C]", "[START_RNA]", *"[C]", "[START_SELFIES]", "[C]", "[START_AMINO]", *"[C]"],
    ),
    "a symbol alone is text": ("[C]", list("[C]")),
    "nothing in a span": (
        "[START_SELFIES][END_SELFIES][START_SELFIES]",
        ["[START_SELFIES]", "[END_SELFIES]", "[START_SELFIES]"],
    ),
}


@pytest.mark.parametrize("case", GOLDEN)
def test_golden_tokens(rich: ScienceTokenizer, case: str) -> None:
    text, expected = GOLDEN[case]
    assert tokens(rich, text) == expected
    assert rich.decode(rich.encode(text)) == text
    marked = conceal(text, TABLE)
    assert marked_twin(rich._file).encode(marked).ids == rich.encode(text)
    assert rich.encode_documents([marked], end_of_document=False)[0].tolist() == rich.encode(text)


def test_golden_ids_of_new_spans(rich: ScienceTokenizer) -> None:
    # Markers take the last ids but for the symbols, bytes the ids from 23.
    first = rich.vocabulary_size - len(SYMBOLS) - 14
    assert rich.encode("[START_RNA]AU[END_RNA]") == [first, 55, 75, first + 1]
    assert rich.encode("[START_SELFIES][C][N]x[END_SELFIES]") == [
        first + 2,
        rich.vocabulary_size - 4,
        rich.vocabulary_size - 1,
        110,
        first + 3,
    ]
    assert rich.encode("[START_MATERIAL]TiO2") == [first + 4, 74, 95, 69, 40]


def test_markers_and_symbols_are_the_last_ids(rich: ScienceTokenizer) -> None:
    assert rich.symbols == SYMBOLS
    assert rich.markers == TABLE.rows
    last = [rich.id_to_token(id_) for id_ in range(rich.vocabulary_size)]
    added = [marker.spelling for marker in TABLE.rows if marker.released_id is None]
    assert last[-len(added) - len(SYMBOLS) :] == [*added, *SYMBOLS]
    assert added[:4] == ["[START_LATEX]", "[END_LATEX]", "[START_RNA]", "[END_RNA]"]
    own = [(m.row, m.spelling, m.reading) for m in rich.markers if m.row >= OWN_FIRST_ROW]
    assert own[:3] == [
        (128, "[START_POLYMER]", Reading.CHARACTERS),
        (129, "[END_POLYMER]", Reading.TEXT),
        (130, "[P2_5]", Reading.CHARACTERS),
    ]
    assert own[-1] == (135, "[GAP]", Reading.TEXT)


@pytest.fixture(scope="module")
def folder(rich: ScienceTokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    rich.save_pretrained(folder)
    return folder


EVERYTHING = "</s>" + " and ".join(text for text, _ in GOLDEN.values())


@pytest.mark.parametrize("text", [EVERYTHING, *(text for text, _ in GOLDEN.values())])
def test_the_folder_needs_no_code_of_ours(
    rich: ScienceTokenizer, folder: Path, tmp_path: Path, text: str
) -> None:
    ids = rich.encode(text)
    loaded = transformers.AutoTokenizer.from_pretrained(folder)
    assert loaded(text)["input_ids"] == ids
    assert loaded.decode(ids) == text
    assert Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids == ids
    spans = loaded(text, return_offsets_mapping=True)["offset_mapping"]
    assert [text[start:end] for start, end in spans] == [loaded.decode([id_]) for id_ in ids]


def test_a_copy_of_transformers_has_the_same_markers_and_fingerprint(
    rich: ScienceTokenizer, folder: Path, tmp_path: Path
) -> None:
    transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path)
    for copy in (folder, tmp_path):
        again = ScienceTokenizer.from_pretrained(copy)
        assert (again.markers, again.symbols) == (rich.markers, rich.symbols)
        assert again.fingerprint == rich.fingerprint


def test_skipping_special_tokens_leaves_own_markers(folder: Path) -> None:
    loaded = transformers.AutoTokenizer.from_pretrained(folder)
    spelt = "".join(f"{marker.spelling}x" for marker in TABLE.rows)
    ids = loaded.encode("<s>" + spelt + "</s>")
    assert loaded.decode(ids, skip_special_tokens=True) == spelt


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("an opening as special", r"\[START_POLYMER\]: added tokens of the file"),
        ("a marker more", r"its added tokens \[MORE\] are no entries"),
        ("a name that cannot be", r"differ from the marker table by \['\[more\]'\]"),
        ("half a pair", r"differ from the marker table by \['\[END_POLYMER\]'\]"),
        ("half a built-in pair", r"only one of \[START_RNA\] and \[END_RNA\]"),
        ("another flag", r"\[GAP\] has other flags"),
        ("a symbol more", "its pre-tokenizer is another one"),
        ("no pre-tokenizer", "its added tokens differ from the marker table"),
    ],
)
def test_a_changed_file_is_refused(folder: Path, tmp_path: Path, change: str, message: str) -> None:
    document = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocabulary, added = document["model"]["vocab"], document["added_tokens"]
    more = {**added[-1], "id": len(vocabulary)}

    def respell(old: str, new: str) -> None:
        vocabulary[new] = vocabulary.pop(old)
        for token in added:
            if token["content"] == old:
                token["content"] = new

    if change == "an opening as special":
        id_ = vocabulary["[START_POLYMER]"]
        added.append({**added[0], "id": id_, "content": "[START_POLYMER]"})
    elif change == "a marker more":
        added.append({**more, "content": "[MORE]"})
    elif change == "a name that cannot be":
        added.append({**more, "content": "[more]"})
    elif change == "half a pair":
        respell("[START_POLYMER]", "Łx")
    elif change == "half a built-in pair":
        respell("[END_RNA]", "[END_RNX]")
    elif change == "another flag":
        next(token for token in added if token["content"] == "[GAP]")["lstrip"] = True
    elif change == "a symbol more":
        vocabulary["[Xx]"] = len(vocabulary)
    else:
        document["pre_tokenizer"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(ValueError, match=message):
        ScienceTokenizer.from_pretrained(tmp_path)


def test_half_a_pair_is_no_marker() -> None:
    assert own_rows_of({"[START_X]": 9, "[END_Y]": 10, "</z>": 11, "[START_RNA]": 12}, {}) == ()


# Text and spans: what a file without more markers does, and what spans are by definition.

_PIECES = [
    *SYMBOLS, "[Branch2]", "[", "]", "[[", "()", "{", "==", "10", "²½", "\U00011de3", "\U00016ff5",
    " the", "the", " ", "\n", "\t", "é", "e\u0301", "［C］", "\u0338", "Ⅷ", "水", "a  b ",
    "MKV", "'s",
]  # fmt: skip
ordinary = st.lists(st.sampled_from(_PIECES) | st.text(max_size=4).map(clean), max_size=8).map(
    "".join
)
marked = st.lists(st.one_of(st.sampled_from(sorted(TABLE.by_code_point)), ordinary), max_size=8)


def spells(tokenizer: ScienceTokenizer, text: str) -> bool:
    normalizer = tokenizer._file.normalizer
    normalized = normalizer.normalize_str(text) if normalizer else text
    spellings = [*TABLE.by_spelling, *CONTROL_TOKENS]
    return any(spelling in form for form in (text, normalized) for spelling in spellings)


@settings(max_examples=400, deadline=None)
@given(ordinary)
@example("[C]")
@example("1[C]2[=O]")
def test_text_outside_spans_has_the_ids_it_always_had(
    rich: ScienceTokenizer, plain: ScienceTokenizer, twin: Tokenizer, text: str
) -> None:
    if not spells(rich, text):
        assert rich.encode(text) == plain.encode(text)
        assert twin.encode(text).ids == plain.encode(text)


@settings(max_examples=400, deadline=None)
@given(marked.map("".join))
def test_the_twin_and_the_file_agree_and_spans_are_what_they_say(
    rich: ScienceTokenizer, twin: Tokenizer, plain_twin: Tokenizer, text: str
) -> None:
    ids = twin.encode(text).ids
    if not any(spells(rich, part) for part in _parts(text)):
        assert ids == rich.encode(reveal(text, TABLE))
    assert ids == _reference(rich, plain_twin, text)


@pytest.fixture(scope="module")
def twin(rich: ScienceTokenizer) -> Tokenizer:
    return marked_twin(rich._file)


@pytest.fixture(scope="module")
def plain_twin(plain: ScienceTokenizer) -> Tokenizer:
    return marked_twin(plain._file)


def _parts(text: str) -> list[str]:
    parts = [""]
    for character in text:
        if character in TABLE.by_code_point:
            parts += [character, ""]
        else:
            parts[-1] += character
    return parts


def _reference(rich: ScienceTokenizer, bare: Tokenizer, text: str) -> list[int]:
    """By definition: pieces between markers, each through a tokenizer that has no more markers."""
    normalizer = rich._file.normalizer
    ids: list[int] = []
    reading = Reading.TEXT
    for part in _parts(text):
        marker = TABLE.by_code_point.get(part)
        if marker is not None:
            reading = marker.reading
            ids.append(rich.encode(marker.spelling)[0])
            continue
        inside = normalizer.normalize_str(part) if normalizer else part
        if reading is Reading.TEXT:
            ids += bare.encode(inside).ids
            continue
        position = 0
        while position < len(inside):
            symbol = next((s for s in SYMBOLS if inside.startswith(s, position)), None)
            if symbol is not None and reading is Reading.SYMBOLS:
                ids.append(rich.vocabulary_size - len(SYMBOLS) + SYMBOLS.index(symbol))
                position += len(symbol)
            else:
                ids += bare.encode(inside[position]).ids
                position += 1
    return ids


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([*TABLE.by_spelling, *CONTROL_TOKENS, "［", "］", " "]) | ordinary))
def test_no_text_makes_a_marker(rich: ScienceTokenizer, twin: Tokenizer, parts: list[str]) -> None:
    ids = set(twin.encode(clean("".join(parts))).ids)
    assert not ids & {rich.encode(marker.spelling)[0] for marker in TABLE.rows}
    assert not ids & {0, 1, 2, 3}
    assert not ids & set(range(rich.vocabulary_size - len(SYMBOLS), rich.vocabulary_size))


def test_digits_as_a_pattern_are_the_digits_of_tokenizers() -> None:
    apart = pre_tokenizers.Digits(individual_digits=True)
    pattern = pre_tokenizer([], ["[START_X]"], [])
    digits = json.loads(pattern.__getstate__())["pretokenizers"][3]
    assert "N" in digits["pattern"]["Regex"]
    alone = pre_tokenizers.Split(Regex(digits["pattern"]["Regex"]), "isolated")
    for first in range(0, 0x110000, 256):
        block = [chr(n) for n in range(first, first + 256) if not 0xD800 <= n <= 0xDFFF]
        text = "a".join(block)
        assert alone.pre_tokenize_str(text) == apart.pre_tokenize_str(text)


# Settings.


def test_settings_take_names_and_own_markers() -> None:
    chosen = own_settings()
    assert [marker.name for marker in chosen.markers] == [
        "RNA", "SELFIES", "MATERIAL", "POLYMER", "P2_5", "CRYSTAL", "<think>", "GAP"
    ]  # fmt: skip
    assert TokenizerSettings.model_validate(chosen.model_dump(mode="json")) == chosen
    assert TokenizerSettings().markers == ()


@pytest.mark.parametrize(
    ("markers", "message"),
    [
        (
            ["DNA"],
            r"markers\.0[\s\S]*no built-in marker named 'DNA'; choices: RNA, SELFIES, MATERI",
        ),
        ([{"name": "polymer"}], r"markers\.0[\s\S]*'polymer' cannot be the name of a marker"),
        ([{"name": "A]B"}], "cannot be the name"),
        ([{"name": ""}], "cannot be the name"),
        ([{"name": "START_X"}], r"no START_ or END_ before it"),
        ([{"name": "END_X", "closing": False}], r"no START_ or END_ before it"),
        ([{"name": "REF", "closing": False}], "REF is a built-in marker"),
        ([{"name": "IMAGE"}], "IMAGE is a built-in marker"),
        ([{"name": "<work>"}], "<work> is a built-in marker"),
        ([{"name": "<s>"}], "<s> is a control token"),
        ([{"name": "<pad>", "closing": False}], "<pad> is a control token"),
        ([{"name": "RNA", "mode": "text"}], "RNA is a built-in marker: write its name alone"),
        ([{"name": "<think>", "mode": "characters"}], "a tag holds text, never characters"),
        ([{"name": "X", "mode": "bytes"}], r"markers\.0\.mode[\s\S]*'text', 'characters' or 'sym"),
        ([{"name": "X", "close": True}], r"markers\.0\.close"),
        (["RNA", "RNA"], "there twice: RNA"),
        ([{"name": "X"}, {"name": "X", "closing": False}], "there twice: X"),
        ([{"name": f"X{i}"} for i in range(65)], "130 own markers.*64 pairs"),
        ("RNA", r"markers"),
    ],
)
def test_settings_refuse_markers_that_cannot_be(markers: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TokenizerSettings.model_validate({"markers": markers})


def test_markers_count_in_the_size_of_the_vocabulary() -> None:
    assert TokenizerSettings.model_validate(
        {"markers": ["RNA"], "vocabulary_size": SMALLEST_VOCABULARY + 2}
    )
    with pytest.raises(ValidationError, match="vocabulary_size: 282 entries do not hold"):
        TokenizerSettings.model_validate(
            {"markers": ["RNA"], "vocabulary_size": SMALLEST_VOCABULARY + 1}
        )
    many = [{"name": f"X{i}", "mode": "characters"} for i in range(MAX_OWN_ROWS // 2)]
    full = TokenizerSettings.model_validate({"markers": many})
    tokenizer = train_tokenizer(["the sea, the sea"], full, latex_markers=False)
    assert tokenizer.markers[-1].code_point == "\ue0ff"
    assert tokens(tokenizer, "1[START_X63]the") == ["1", "[START_X63]", *"the"]


# Training.


def test_symbols_are_learned_in_any_order(texts: list[str]) -> None:
    generator = random.Random(5)
    spans = [
        wrappers.selfies("".join(f"[{generator.choice('CNOFSP')}{n % 7}]" for n in range(20)))
        for _ in range(30)
    ]
    many = [*texts, *spans, wrappers.selfies("[Once]")]
    fingerprints = set()
    for _ in range(3):
        generator.shuffle(many)
        tokenizer = train_tokenizer(many, own_settings(vocabulary_size=700), latex_markers=True)
        fingerprints.add(tokenizer.fingerprint)
    assert len(fingerprints) == 1
    assert len(tokenizer.symbols) == 42
    assert "[Once]" not in tokenizer.symbols


def test_the_merges_are_those_of_a_smaller_vocabulary(
    rich: ScienceTokenizer, plain: ScienceTokenizer
) -> None:
    one, other = vocabulary_and_merges(rich._file), vocabulary_and_merges(plain._file)
    assert one[1] == other[1]
    assert list(one[0])[: -NUM_ADDED - len(SYMBOLS)] == list(other[0])


def test_symbols_are_bounded() -> None:
    span = wrappers.selfies("".join(f"[C{n}]" for n in range(2000)))
    words = " ".join(f"sea{n % 300}" for n in range(2000))
    settings = own_settings(vocabulary_size=50_000)
    tokenizer = train_tokenizer([span * 2, words], settings, latex_markers=True)
    assert len(tokenizer.symbols) == MOST_SYMBOLS
    small = train_tokenizer(
        [span * 2, words], own_settings(vocabulary_size=340), latex_markers=True
    )
    assert small.vocabulary_size <= 340
    assert len(small.symbols) == (340 - 23 - 256 - NUM_ADDED) // 2
    assert len(tokens(small, "[START_SELFIES][C1999]")) == 1 + len("[C1999]")


def test_no_symbol_is_learned_that_spells_a_marker_or_is_none() -> None:
    written = "[GAP][IMAGE][END_LATEX][START_RNA][a b][é][][N][" + "x" * 63 + "]"
    span = wrappers.wrap("SELFIES", written, TABLE)
    tokenizer = train_tokenizer([span * 2, "the sea"], own_settings(), latex_markers=False)
    assert tokenizer.symbols == ("[N]", "[ab]")


def test_spans_are_kept_out_of_the_merges() -> None:
    polymer = wrappers.wrap("POLYMER", "thethethe", TABLE)
    gap = wrappers.wrap("GAP", "", TABLE)
    texts = [polymer, wrappers.rna("AUG" * 30), "x", wrappers.selfies("[C][C]"), gap + "y"]
    tokenizer = train_tokenizer(texts * 9, own_settings(), latex_markers=False)
    assert tokenizer.vocabulary_size == 23 + 256 + 14 + 1
    assert list(text_pieces(polymer + "a" + gap + "b", TABLE)) == ["a", "b"]
    assert list(symbols_in("[N]" + SYMBOLIC + "[N]", TABLE))[:3] == ["[C]", "[=O]", "[C]"]


# Adding to a tokenizer that is there.


def test_adding_moves_no_id(tokenizer: ScienceTokenizer) -> None:
    before = [tokenizer.id_to_token(id_) for id_ in range(tokenizer.vocabulary_size)]
    grown = tokenizer
    for marker in MARKERS:
        chosen = MarkerSettings.model_validate(marker)
        symbols = ["[C]", "[=O]"] if marker == "SELFIES" else []
        grown = with_markers(grown, [chosen], symbols)
        assert [grown.id_to_token(id_) for id_ in range(len(before))] == before
        assert grown.vocabulary_size == len(before) + 2 * chosen.closing + (
            not chosen.closing
        ) + len(symbols)
        before = [grown.id_to_token(id_) for id_ in range(grown.vocabulary_size)]
        assert fault(grown._file, grown._file.get_vocab()) is None
    assert {m.spelling for m in grown.markers} == set(TABLE.by_spelling)
    assert grown.markers[-8:] == TABLE.rows[-8:]
    text = EVERYTHING.replace("[Branch1]", "[C]").replace("[N]", "[=O]")
    assert grown.decode(grown.encode(text)) == text
    assert grown.encode("the sea [C] == 10") == tokenizer.encode("the sea [C] == 10")
    more = with_markers(grown, [], ["[Branch1]"])
    assert more.encode("[START_SELFIES][Branch1]")[1] == grown.vocabulary_size
    at_once = with_markers(
        tokenizer, [MarkerSettings.model_validate(marker) for marker in MARKERS], ["[C]", "[=O]"]
    )
    assert {m.code_point for m in at_once.markers} == {m.code_point for m in grown.markers}


def test_symbols_may_hold_any_printable_character(tokenizer: ScienceTokenizer) -> None:
    printable = [chr(number) for number in range(33, 127) if chr(number) not in "[]"]
    symbols = [f"[{a}{b}]" for a in printable for b in ("", "C", a)]
    symbols = list(dict.fromkeys(symbols))
    more = with_markers(tokenizer, [MarkerSettings.model_validate("SELFIES")], symbols)
    first = tokenizer.vocabulary_size + 2
    assert more.encode("[START_SELFIES]" + "".join(symbols))[1:] == list(
        range(first, first + len(symbols))
    )
    for symbol in symbols:
        assert more.encode(symbol) == tokenizer.encode(symbol)
    assert ScienceTokenizer(Tokenizer.from_str(more._file.to_str())).symbols == tuple(symbols)


@pytest.mark.parametrize(
    ("markers", "symbols", "message"),
    [
        ([{"name": "POLYMER"}], [], "there twice: POLYMER"),
        (["RNA"], [], "there twice: RNA"),
        ([], ["[C]"], r"\[C\] is an entry of the vocabulary already"),
        ([], ["[Xx]", "[Xx]"], r"\[Xx\] is an entry of the vocabulary already"),
        ([], ["C"], "'C' is no symbol"),
        ([], ["[é]"], "is no symbol"),
        ([], ["[" + "x" * 63 + "]"], "is no symbol"),
        ([], ["[IMAGE]"], r"'\[IMAGE\]' is no symbol"),
        ([{"name": "C", "closing": False}], [], r"\[C\] is an entry of the vocabulary already"),
    ],
)
def test_what_cannot_be_added_is_refused(
    rich: ScienceTokenizer, markers: list[object], symbols: list[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        with_markers(rich, [MarkerSettings.model_validate(m) for m in markers], symbols)


def test_symbols_without_a_span_for_them_are_refused(tokenizer: ScienceTokenizer) -> None:
    with pytest.raises(ValueError, match="no marker opens one"):
        with_markers(tokenizer, [], ["[C]"])


# Tables.


def test_a_table_pairs_reveals_and_conceals_its_own() -> None:
    text = wrappers.wrap("POLYMER", "AB n", TABLE) + wrappers.wrap("GAP", "", TABLE)
    assert reveal(text, TABLE) == "[START_POLYMER]ABn[END_POLYMER][GAP]"
    assert conceal(reveal(text, TABLE), TABLE) == text
    assert pairing_fault(text, TABLE) is None
    assert pairing_fault(text) == "U+E080 at character 0 is no marker of this tokenizer"
    few = MarkerTable(BUILT_IN.only(["REF"]).rows)
    assert pairing_fault(wrappers.rna("AU"), few) == (
        "[START_RNA] at character 0 is no marker of this tokenizer"
    )
    inside = conceal("[START_SELFIES][GAP][END_SELFIES]", TABLE)
    assert "stands inside [START_SELFIES]" in str(pairing_fault(inside, TABLE))
    assert pairing_fault(conceal("<think>[P2_5]", TABLE), TABLE)


def test_wrapping_says_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"no marker named 'POLY'; choices: REF, IMAGE, "):
        wrappers.wrap("POLY", "x", TABLE)
    with pytest.raises(ValueError, match="empty POLYMER span"):
        wrappers.wrap("POLYMER", " \n", TABLE)
    assert wrappers.wrap("<think>", "a\ue000b", TABLE)[1:-1] == "ab"


def test_a_table_of_two_rows_alike_is_refused() -> None:
    with pytest.raises(ValueError, match="share a row or a spelling"):
        BUILT_IN.with_rows(BUILT_IN.rows[:1])
    with pytest.raises(ValueError, match="two own markers are named X"):
        own_rows([("[START_X]", "[END_X]", Reading.TEXT), ("[X]", None, Reading.TEXT)])


@given(st.permutations(MARKERS))
def test_rows_follow_the_order_of_own_markers(markers: list[object]) -> None:
    rows = rows_of([MarkerSettings.model_validate(marker) for marker in markers])
    own = [row.row for row in rows if row.row >= OWN_FIRST_ROW]
    assert own == list(range(OWN_FIRST_ROW, OWN_FIRST_ROW + 8))
    assert len(rows) == 14


def test_the_file_says_everything(rich: ScienceTokenizer) -> None:
    file = Tokenizer.from_str(rich._file.to_str())
    assert markers_of(file, file.get_vocab()) == rich.markers
    assert symbols_of(file.get_vocab(), rich.markers) == rich.symbols
