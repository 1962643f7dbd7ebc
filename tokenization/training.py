"""Training: byte-pair merges from the text of documents, markers and sequences kept out of it."""

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Final

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from tokenization.markers import (
    ADDED_MARKERS,
    CHARACTER_MARKERS,
    CONTROL_TOKENS,
    RESERVED_FIRST,
    RESERVED_LAST,
)
from tokenization.pretokenizer import CHARACTER_OF_BYTE, NORMALIZERS, pre_tokenizer
from tokenization.settings import TokenizerSettings
from tokenization.tokenizer import ScienceTokenizer
from tokenization.tokenizer_file import RELEASED_MARKERS, self_contained, vocabulary_and_merges

_LOG: Final = logging.getLogger(__name__)

#: A pair of the sample is merged if it occurs at least this often: what occurs once is no word.
SMALLEST_PAIR_COUNT: Final = 2

_ANY_MARKER: Final = f"[{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]"
_OPENING: Final = "[" + "".join(marker.code_point for marker in CHARACTER_MARKERS) + "]"
_SPAN_OR_MARKER: Final = re.compile(
    f"{_OPENING}[^{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}]*|{_ANY_MARKER}"
)


def in_sample(doc_id: str, fraction: float, seed: int) -> bool:
    """Whether a document is in the seeded sample that the tokenizer is trained on.

    Decided by a hash of the seed and the id alone, so that it holds whatever the order, the number
    of workers or the other documents; a larger fraction keeps every document of a smaller one.

    >>> sum(in_sample(f"paper/{number}", 0.02, seed=0) for number in range(10_000))
    201
    >>> in_sample("paper/1", 1.0, seed=0)
    True
    """
    digest = hashlib.blake2b(f"tokenizer sample\0{seed}\0{doc_id}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "big") < fraction * 2**64


def text_pieces(marked_text: str) -> Iterator[str]:
    """The stretches of ordinary text between markers, whole sequence spans left out.

    A span runs to the next marker or the end of the text, as the tokenizer reads it.

    >>> from tokenization import amino, cite
    >>> list(text_pieces("a " + amino("MKV") + " b " + cite("On growth")))
    ['a ', ' b ', ' On growth']
    """
    return (piece for piece in _SPAN_OR_MARKER.split(marked_text) if piece)


def train_tokenizer(
    marked_texts: Iterable[str],
    settings: TokenizerSettings,
    *,
    latex_markers: bool,
    show_progress: bool = False,
) -> ScienceTokenizer:
    """A tokenizer of at most `settings.vocabulary_size` entries from documents in marked text.

    Ids: control tokens 0-3, released markers 4-22, the 256 bytes, merges in the order they were
    learned, and where `latex_markers` is on the markers the paper does not have, last. The same
    texts in any order give the same tokenizer: merges depend on the counts of words, and of pairs
    with equal counts the one of smaller ids comes first. `settings.sample_fraction` is not used
    here: the caller samples its documents with `in_sample`.

    Memory goes with the number of different words. Where the texts hold too few pairs that occur
    twice the vocabulary is smaller than asked for, and a warning says so. Raises ValueError where
    there is no text at all.
    """
    added = ADDED_MARKERS if latex_markers else ()
    num_pieces = 0

    def pieces() -> Iterator[str]:
        nonlocal num_pieces
        for text in marked_texts:
            for piece in text_pieces(text):
                num_pieces += 1
                yield piece

    learner = Tokenizer(BPE())
    normalizer = NORMALIZERS[settings.normalizer]
    if normalizer is not None:
        learner.normalizer = normalizer
    learner.pre_tokenizer = pre_tokenizer([])
    trainer = BpeTrainer(
        vocab_size=settings.vocabulary_size - len(added),
        min_frequency=SMALLEST_PAIR_COUNT,
        special_tokens=[*CONTROL_TOKENS, *(marker.spelling for marker in RELEASED_MARKERS)],
        initial_alphabet=list(CHARACTER_OF_BYTE),
        show_progress=show_progress,
    )
    learner.train_from_iterator(pieces(), trainer)
    if not num_pieces:
        raise ValueError(
            "no text to train a tokenizer on: the sample holds no document with text "
            f"(tokenizer.sample_fraction is {settings.sample_fraction}; raise it)"
        )
    vocabulary, merges = vocabulary_and_merges(learner)
    for marker in added:
        vocabulary[marker.spelling] = len(vocabulary)
    if len(vocabulary) < settings.vocabulary_size:
        _LOG.warning(
            "the tokenizer has %s entries, fewer than the %s asked for (tokenizer.vocabulary_size):"
            " the sample holds no more pairs that occur twice",
            f"{len(vocabulary):,}",
            f"{settings.vocabulary_size:,}",
        )
    return ScienceTokenizer(self_contained(vocabulary, merges, settings.normalizer))
