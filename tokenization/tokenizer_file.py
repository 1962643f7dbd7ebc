"""The self-contained `tokenizer.json`: how it is put together, checked, and turned to marked text.

Two tokenizers of the `tokenizers` library share one vocabulary. The *file* is what is saved: it
speaks bracket spelling, the language of whoever types a prompt, in plain `transformers` too. Its
*marked twin* is made from it in memory for the corpus path: the same pipeline and merges, but each
marker is its reserved code point, and no bracket spelling or control token is in its vocabulary at
all. So the twin gives the file's ids on marked text, and a text that merely writes `[START_REF]`
or `</s>` gives ordinary ids, not by a check but for want of any entry to give.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel
from tokenizers.models import BPE

from tokenization.markers import ADDED_MARKERS, CONTROL_TOKENS, MARKERS, Marker, Reading
from tokenization.pretokenizer import CHARACTER_OF_BYTE, NORMALIZERS, pre_tokenizer, spell_bytes
from tokenization.settings import NormalizerName

RELEASED_MARKERS: Final = tuple(marker for marker in MARKERS if marker.released_id is not None)


def self_contained(
    vocabulary: Mapping[str, int],
    merges: Sequence[tuple[str, str]],
    normalizer: NormalizerName = "nfkc",
) -> Tokenizer:
    """The tokenizer file of a byte-level BPE vocabulary that holds the released entries 0-22.

    `vocabulary` maps each entry (byte-level spelling; markers and control tokens as they read) to
    its id. Control tokens become special added tokens. Markers are added tokens that are not
    special, so that `skip_special_tokens` leaves both of a pair in place, except the openings of
    sequence spans, which are ordinary entries (`tokenization.pretokenizer` says why).
    """
    markers = markers_of(vocabulary)
    file = _assemble(vocabulary, merges, normalizer, _openings(markers))
    file.decoder = ByteLevel()
    file.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in CONTROL_TOKENS]
    )
    file.add_tokens(
        [
            AddedToken(marker.spelling, normalized=False, special=False)
            for marker in markers
            if marker.reading is not Reading.CHARACTERS
        ]
    )
    return file


def marked_twin(file: Tokenizer) -> Tokenizer:
    """The tokenizer that gives on marked text the ids that `file` gives on its revealed text."""
    vocabulary, merges = vocabulary_and_merges(file)
    markers = markers_of(vocabulary)
    spelt = {marker.spelling for marker in markers}.union(CONTROL_TOKENS)
    twin_vocabulary = {token: id_ for token, id_ in vocabulary.items() if token not in spelt}
    openings = []
    others = []
    for marker in markers:
        if marker.reading is Reading.CHARACTERS:
            # Reaches the model as a piece of three bytes, which no other text can make.
            twin_vocabulary[spell_bytes(marker.code_point)] = vocabulary[marker.spelling]
            openings.append(marker.code_point)
        else:
            twin_vocabulary[marker.code_point] = vocabulary[marker.spelling]
            others.append(AddedToken(marker.code_point, normalized=False, special=False))
    twin = _assemble(twin_vocabulary, merges, normalizer_of(file), openings)
    twin.add_tokens(others)
    return twin


def _assemble(
    vocabulary: Mapping[str, int],
    merges: Sequence[tuple[str, str]],
    normalizer: NormalizerName,
    openings: Sequence[str],
) -> Tokenizer:
    tokenizer = Tokenizer(BPE(dict(vocabulary), list(merges), ignore_merges=True))
    chosen = NORMALIZERS[normalizer]
    if chosen is not None:
        tokenizer.normalizer = chosen
    tokenizer.pre_tokenizer = pre_tokenizer(openings)
    return tokenizer


def _openings(markers: Sequence[Marker]) -> list[str]:
    return [marker.spelling for marker in markers if marker.reading is Reading.CHARACTERS]


def markers_of(vocabulary: Mapping[str, int]) -> tuple[Marker, ...]:
    """The rows of the marker table that a vocabulary has an entry for, in the table's order."""
    return tuple(marker for marker in MARKERS if marker.spelling in vocabulary)


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


def fault(file: Tokenizer) -> str | None:
    """Why a tokenizer is not one that `self_contained` made, or None when it is.

    Its ids, its pre-tokenizer and what is an added token all matter: a file that differs in one
    would give other ids on the corpus path than to whoever loads it.
    """
    model = file.model
    if not isinstance(model, BPE):
        return f"its model is {type(model).__name__}, not BPE"
    vocabulary = file.get_vocab()
    for id_, token in enumerate([*CONTROL_TOKENS, *(m.spelling for m in RELEASED_MARKERS)]):
        if vocabulary.get(token) != id_:
            return f"its entry {token} has the id {vocabulary.get(token)}, not {id_}"
    if missing := [character for character in CHARACTER_OF_BYTE if character not in vocabulary]:
        return f"{len(missing)} bytes have no entry, the first {missing[0]!r}"
    added_ids = [vocabulary.get(marker.spelling) for marker in ADDED_MARKERS]
    if None in added_ids and any(id_ is not None for id_ in added_ids):
        return "it has only some of " + ", ".join(marker.spelling for marker in ADDED_MARKERS)
    markers = markers_of(vocabulary)
    added = {token.content for token in file.get_added_tokens_decoder().values()}
    openings = _openings(markers)
    if split_away := [opening for opening in openings if opening in added]:
        return (
            f"{', '.join(split_away)}: added tokens of the file, which keeps sequences from being "
            "read one character a token (the released Galactica tokenizer is like that, and so is "
            "a file saved after passing them as additional_special_tokens)"
        )
    expected = {marker.spelling for marker in markers}.difference(openings).union(CONTROL_TOKENS)
    if added != expected:
        return f"its added tokens differ from the marker table by {sorted(added ^ expected)}"
    if _state(file.pre_tokenizer) != _state(pre_tokenizer(openings)):
        return "its pre-tokenizer is another one"
    if not model.ignore_merges or model.dropout:
        return "its model does not look up whole words, or leaves out merges at random"
    if file.num_special_tokens_to_add(False):
        return "it puts control tokens around every text"
    if sorted(vocabulary.values()) != list(range(len(vocabulary))):
        return "its ids are not the numbers from 0 to the size of the vocabulary"
    try:
        normalizer_of(file)
    except ValueError as error:
        return str(error)
    return None
