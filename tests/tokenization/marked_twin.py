"""What the compiled encoder is compared with: the saved file, turned to marked text.

The twin shares the file's vocabulary, merges, normalizer and pre-tokenizer, but each marker is its
reserved code point, and no bracket spelling or control token is in its vocabulary at all. So it
gives the file's ids on marked text, and a text that merely writes `[START_REF]` or `</s>` gives
ordinary ids, not by a check but for want of any entry to give.
"""

from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE

from tokenization.markers import CONTROL_TOKENS, Reading
from tokenization.pretokenizer import NORMALIZERS, pre_tokenizer, spell_bytes
from tokenization.tokenizer_file import (
    markers_of,
    normalizer_of,
    symbols_of,
    vocabulary_and_merges,
)


def marked_twin(file: Tokenizer) -> Tokenizer:
    """The tokenizer that gives on marked text the ids that `file` gives on its revealed text."""
    vocabulary, merges = vocabulary_and_merges(file)
    markers = markers_of(file, vocabulary)
    spelt = {marker.spelling for marker in markers}.union(CONTROL_TOKENS)
    entries = {token: id_ for token, id_ in vocabulary.items() if token not in spelt}
    for marker in markers:
        # An opening of a span reaches the model as a piece of three bytes, which no other text
        # can make; the others are added tokens.
        is_text = marker.reading is Reading.TEXT
        entry = marker.code_point if is_text else spell_bytes(marker.code_point)
        entries[entry] = vocabulary[marker.spelling]
    twin = Tokenizer(BPE(entries, merges, ignore_merges=True))
    normalizer = NORMALIZERS[normalizer_of(file)]
    if normalizer is not None:
        twin.normalizer = normalizer
    twin.pre_tokenizer = pre_tokenizer(
        [marker.code_point for marker in markers if marker.reading is Reading.CHARACTERS],
        [marker.code_point for marker in markers if marker.reading is Reading.SYMBOLS],
        symbols_of(vocabulary, markers),
    )
    twin.add_tokens(
        [
            AddedToken(marker.code_point, normalized=False, special=False)
            for marker in markers
            if marker.reading is Reading.TEXT
        ]
    )
    return twin
