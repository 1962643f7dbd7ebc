"""The self-contained `tokenizer.json`: how it is put together, checked, and taken apart again.

The file speaks bracket spelling, the language of whoever types a prompt, and is read by plain
`transformers` and `tokenizers`. The corpus path reads marked text instead, with the same vocabulary
and merges (`tokenization.corpus_encoder`).

The file says by itself which markers it has. Openings of spans of characters and symbols stand in
the patterns of its pre-tokenizer, all other markers among its added tokens, symbols in its
vocabulary. From these the whole file is put together once more and compared.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import PreTokenizer

from tokenization.markers import BUILT_IN, CONTROL_TOKENS, RELEASED_MARKERS, Marker, Reading
from tokenization.own_markers import own_rows_of
from tokenization.pretokenizer import (
    CHARACTER_OF_BYTE,
    NORMALIZERS,
    is_symbol,
    pre_tokenizer,
    span_openings,
)
from tokenization.settings import NormalizerName


def self_contained(
    vocabulary: Mapping[str, int],
    merges: Sequence[tuple[str, str]],
    normalizer: NormalizerName = "nfkc",
    own_markers: Sequence[Marker] = (),
) -> Tokenizer:
    """The tokenizer file of a byte-level BPE vocabulary that holds the released entries 0-22.

    `vocabulary` maps each entry (byte-level spelling; markers, symbols and control tokens as they
    read) to its id. It has the built-in markers whose spelling is an entry, and `own_markers`.
    Where one of them opens spans of symbols, its entries like `[C]` are the symbols.

    Control tokens become special added tokens. Markers are added tokens that are not special, so
    that `skip_special_tokens` leaves both of a pair in place, except the openings of spans of
    characters or symbols, which are ordinary entries (`tokenization.pretokenizer` says why).
    """
    markers = (*_built_in(vocabulary), *own_markers)
    file = Tokenizer(BPE(dict(vocabulary), list(merges), ignore_merges=True))
    chosen = NORMALIZERS[normalizer]
    if chosen is not None:
        file.normalizer = chosen
    file.pre_tokenizer = _pipeline(markers, symbols_of(vocabulary, markers))
    file.decoder = ByteLevel()
    added = _added_tokens(markers)
    file.add_special_tokens([token for token in added if token.special])
    file.add_tokens([token for token in added if not token.special])
    return file


def _pipeline(markers: Sequence[Marker], symbols: Sequence[str]) -> PreTokenizer:
    return pre_tokenizer(
        [marker.spelling for marker in markers if marker.reading is Reading.CHARACTERS],
        [marker.spelling for marker in markers if marker.reading is Reading.SYMBOLS],
        symbols,
    )


def _added_tokens(markers: Sequence[Marker]) -> list[AddedToken]:
    control = [AddedToken(token, normalized=False, special=True) for token in CONTROL_TOKENS]
    return control + [
        AddedToken(marker.spelling, normalized=False, special=False)
        for marker in markers
        if marker.reading is Reading.TEXT
    ]


def _built_in(vocabulary: Mapping[str, int]) -> tuple[Marker, ...]:
    return tuple(marker for marker in BUILT_IN.rows if marker.spelling in vocabulary)


def symbols_of(vocabulary: Mapping[str, int], markers: Sequence[Marker]) -> tuple[str, ...]:
    """The bracketed symbols of a file (`[C]`), in order of id; none without a span of symbols."""
    if all(marker.reading is not Reading.SYMBOLS for marker in markers):
        return ()
    spelt = {marker.spelling for marker in markers}
    entries = sorted(vocabulary, key=vocabulary.__getitem__)
    return tuple(entry for entry in entries if is_symbol(entry) and entry not in spelt)


def markers_of(file: Tokenizer, vocabulary: Mapping[str, int]) -> tuple[Marker, ...]:
    """The markers that a file has: rows of the built-in table, then its own, in order of their ids.

    `vocabulary` is `file.get_vocab()`, which takes its time. Raises ValueError for more own markers
    than the reserved characters are enough for.
    """
    openings = span_openings(file.pre_tokenizer)
    added = {token.content for token in _added(file) if not token.special}
    own = {
        spelling: vocabulary[spelling]
        for spelling in added.union(openings)
        if spelling in vocabulary and spelling not in BUILT_IN.by_spelling
    }
    return (*_built_in(vocabulary), *own_rows_of(own, openings))


def vocabulary_and_merges(file: Tokenizer) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The vocabulary (in order of id) and the merges (in order of rank) of a BPE tokenizer."""
    model = json.loads(file.to_str())["model"]
    vocabulary = dict(sorted(model["vocab"].items(), key=lambda entry: entry[1]))
    return vocabulary, [(left, right) for left, right in model["merges"]]


def normalizer_of(file: Tokenizer) -> NormalizerName:
    """The setting that the normalizer of a file corresponds to. ValueError if it is another."""
    names: tuple[NormalizerName, ...] = ("nfkc", "nfc", "none")
    for name in names:
        if _state(file.normalizer) == _state(NORMALIZERS[name]):
            return name
    raise ValueError(f"its normalizer is {_state(file.normalizer)}, not one of {', '.join(names)}")


def _state(part: Any) -> str:
    """The JSON of a normalizer or pre-tokenizer, as this version of `tokenizers` writes it."""
    if part is None:
        return "none"
    state: bytes = part.__getstate__()
    return state.decode()


def _added(file: Tokenizer) -> list[AddedToken]:
    return list(file.get_added_tokens_decoder().values())


def fault(file: Tokenizer, vocabulary: Mapping[str, int]) -> str | None:
    """Why a tokenizer is not one that `self_contained` made, or None when it is.

    `vocabulary` is `file.get_vocab()`.

    Its ids, its pre-tokenizer and what is an added token all matter: a file that differs in one
    would give other ids on the corpus path than to whoever loads it.
    """
    model = file.model
    if not isinstance(model, BPE):
        return f"its model is {type(model).__name__}, not BPE"
    for id_, token in enumerate([*CONTROL_TOKENS, *(m.spelling for m in RELEASED_MARKERS)]):
        if vocabulary.get(token) != id_:
            return f"its entry {token} has the id {vocabulary.get(token)}, not {id_}"
    if missing := [character for character in CHARACTER_OF_BYTE if character not in vocabulary]:
        return f"{len(missing)} bytes have no entry, the first {missing[0]!r}"
    try:
        markers = markers_of(file, vocabulary)
        normalizer_of(file)
    except ValueError as error:
        return str(error)
    for marker in markers:
        other = marker.closes or marker.closed_by
        if other is not None and other not in vocabulary:
            return f"it has only one of {marker.spelling} and {other}"
    return (
        _added_tokens_fault(file, markers)
        or _pieces_fault(file, markers, symbols_of(vocabulary, markers))
        or _whole_file_fault(file, vocabulary)
    )


def _added_tokens_fault(file: Tokenizer, markers: Sequence[Marker]) -> str | None:
    added = {token.content: token for token in _added(file)}
    openings = [marker.spelling for marker in markers if marker.reading is not Reading.TEXT]
    if split_away := [opening for opening in openings if opening in added]:
        return (
            f"{', '.join(split_away)}: added tokens of the file, which keeps sequences from being "
            "read one character a token (the released Galactica tokenizer is like that, and so is "
            "a file saved after passing them as additional_special_tokens)"
        )
    expected = {token.content: token for token in _added_tokens(markers)}
    if added.keys() != expected.keys():
        return (
            "its added tokens differ from the marker table by "
            f"{sorted(added.keys() ^ expected.keys())}"
        )
    for content, token in expected.items():
        if _flags(added[content]) != _flags(token):
            return f"its added token {content} has other flags than {_flags(token)}"
    if beside := [content for content in expected if file.model.token_to_id(content) is None]:
        return f"its added tokens {', '.join(beside)} are no entries of its vocabulary"
    return None


def _flags(token: AddedToken) -> dict[str, bool]:
    names: Final = ("special", "normalized", "single_word", "lstrip", "rstrip")
    return {name: getattr(token, name) for name in names}


def _pieces_fault(file: Tokenizer, markers: Sequence[Marker], symbols: Sequence[str]) -> str | None:
    if _state(file.pre_tokenizer) != _state(_pipeline(markers, symbols)):
        return "its pre-tokenizer is another one"
    return None


def _whole_file_fault(file: Tokenizer, vocabulary: Mapping[str, int]) -> str | None:
    if not file.model.ignore_merges or file.model.dropout:
        return "its model does not look up whole words, or leaves out merges at random"
    if file.model.continuing_subword_prefix or file.model.end_of_word_suffix:
        return "its model marks where words go on or end, which changes the entries that are found"
    if _state(file.decoder) != _state(ByteLevel()):
        return "its decoder is another one"
    if file.num_special_tokens_to_add(False):
        return "it puts control tokens around every text"
    if sorted(vocabulary.values()) != list(range(len(vocabulary))):
        return "its ids are not the numbers from 0 to the size of the vocabulary"
    return None
