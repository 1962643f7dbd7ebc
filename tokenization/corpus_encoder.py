"""Marked text to ids, document by document: the corpus path of `ScienceTokenizer`.

Sequence spans of ASCII characters, nearly all of a genome or a protein, are looked up byte by byte:
one character is one token there, and normalization leaves ASCII alone. All other text goes
through the marked twin (`tokenization.tokenizer_file`) in batches.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from tokenization.markers import BY_CODE_POINT, RESERVED_FIRST, RESERVED_LAST, Reading
from tokenization.pretokenizer import CHARACTER_OF_BYTE
from tokenization.tokenizer_file import marked_twin, markers_of

#: Documents are encoded in batches of about this many characters, to bound memory: `tokenizers`
#: holds some 300 bytes a character while it works.
_BATCH_CHARACTERS: Final = 1 << 20
_NUM_ASCII: Final = 128
_RESERVED: Final = f"{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}"

Ids = npt.NDArray[np.unsignedinteger]


class CorpusEncoder:
    """Encodes documents in marked text with the vocabulary of a self-contained tokenizer file."""

    def __init__(self, file: Tokenizer, dtype: npt.DTypeLike) -> None:
        """Take a file that `tokenizer_file.fault` finds none in, and the type of the ids."""
        vocabulary = file.get_vocab()
        markers = markers_of(file)
        self._dtype = np.dtype(dtype)
        self._twin = marked_twin(file)
        known = "".join(marker.code_point for marker in markers)
        self._stranger = re.compile(f"(?![{known}])[{_RESERVED}\ud800-\udfff]")
        openings = [marker for marker in markers if marker.reading is Reading.CHARACTERS]
        self._opening_ids = {m.code_point: vocabulary[m.spelling] for m in openings}
        self._ascii_ids = np.array(
            [vocabulary[character] for character in CHARACTER_OF_BYTE[:_NUM_ASCII]], self._dtype
        )
        # The twin cuts the text at the same places, so that its ids of the rest do not change.
        self._ascii_span = re.compile(
            f"([{''.join(self._opening_ids)}])([\\x00-\\x7f]*+)(?=[{_RESERVED}]|\\Z)"
        )

    def encode(self, marked_texts: Iterable[str]) -> Iterator[Ids]:
        """The ids of each document in turn, nothing added.

        Raises ValueError for a reserved character that is no marker of the vocabulary, and for a
        lone surrogate.
        """
        for batch in _batches(self._checked(marked_texts)):
            cut = [self._ascii_span.split(text) for text in batch]
            texts = [text for parts in cut for text in parts[::3]]
            encodings = iter(self._twin.encode_batch_fast(texts, add_special_tokens=False))
            for parts in cut:
                ids: list[Ids] = [np.array(next(encodings).ids, self._dtype)]
                for opening, sequence in zip(parts[1::3], parts[2::3], strict=True):
                    ids.append(np.array([self._opening_ids[opening]], self._dtype))
                    ids.append(self._ascii_ids[np.frombuffer(sequence.encode(), np.uint8)])
                    ids.append(np.array(next(encodings).ids, self._dtype))
                yield np.concatenate(ids)

    def _checked(self, marked_texts: Iterable[str]) -> Iterator[str]:
        for number, text in enumerate(marked_texts):
            if found := self._stranger.search(text):
                character = found.group()
                marker = BY_CODE_POINT.get(character)
                what = (
                    f"the marker {marker.spelling}, which this tokenizer has no entry for"
                    if marker
                    else "no marker of this tokenizer; tokenization.clean takes such characters out"
                )
                raise ValueError(
                    f"document {number} holds U+{ord(character):04X} at character "
                    f"{found.start()}: {what}"
                )
            yield text


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
