"""`ScienceTokenizer`: text to token ids and back, and whole corpora to arrays of ids.

Two ways in, for two kinds of text. `encode` and `decode` speak bracket spelling, for a text that
a person types: `[START_SMILES]` is the marker. `encode_documents` takes the marked text of
documents, where only a reserved code point is a marker and a spelling is ordinary text.

The saved folder needs none of this: `AutoTokenizer.from_pretrained(folder)` of transformers and
`tokenizers.Tokenizer.from_file(folder / "tokenizer.json")` give the ids that `encode` gives. Do not
pass the sequence openings (`[START_AMINO]` and the like) to transformers as
`additional_special_tokens` or `extra_special_tokens`: that makes added tokens of them, and
sequences are then no longer read one character a token.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from tokenizers import Tokenizer

from tokenization.manifests import fingerprint_json, write_atomically
from tokenization.markers import CONTROL_TOKENS, Marker
from tokenization.pretokenizer import PIPELINE
from tokenization.shards import token_dtype
from tokenization.tokenizer_file import (
    fault,
    markers_of,
    normalizer_of,
    symbols_of,
    vocabulary_and_merges,
)

if TYPE_CHECKING:
    from tokenization.corpus_encoder import CorpusEncoder

TOKENIZER_FILE: Final = "tokenizer.json"
CONFIG_FILE: Final = "tokenizer_config.json"

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class ScienceTokenizer:
    """A byte-level BPE tokenizer that reads molecules and sequences one character a token.

    >>> from tokenization.training import train_tokenizer
    >>> from tokenization.settings import TokenizerSettings
    >>> settings = TokenizerSettings(vocabulary_size=281)
    >>> tokenizer = train_tokenizer(["the water of the sea"], settings, latex_markers=False)
    >>> [tokenizer.id_to_token(i) for i in tokenizer.encode("the [START_SMILES]CCO[END_SMILES]")]
    ['the', 'Ġ', '[START_SMILES]', 'C', 'C', 'O', '[END_SMILES]']
    """

    def __init__(self, file: Tokenizer) -> None:
        """Take a tokenizer that `tokenization.tokenizer_file.self_contained` made.

        Raises ValueError, with what differs, for any other.
        """
        vocabulary = file.get_vocab()
        reason = fault(file, vocabulary)
        if reason is not None:
            raise ValueError(f"not a tokenizer of this project: {reason}")
        # transformers leaves these in a file it saves; none of them changes an id.
        file.no_truncation()
        file.no_padding()
        file.post_processor = None
        self._file = file
        self.vocabulary_size: int = len(vocabulary)
        #: The markers of the tokenizer, its own included, in the order of their rows.
        self.markers: tuple[Marker, ...] = markers_of(file, vocabulary)
        #: Its bracketed symbols (`[C]`), in the order of their ids.
        self.symbols: tuple[str, ...] = symbols_of(vocabulary, self.markers)

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        # The compiled encoder works on addresses, which a copy must not share.
        return type(self)._from_json, (self._file.to_str(),)

    @classmethod
    def _from_json(cls, file: str) -> Self:
        return cls(Tokenizer.from_str(file))

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Self:
        """Load the folder that `save_pretrained` wrote, or its `tokenizer.json`.

        Raises FileNotFoundError where there is none, and ValueError where the file is broken or
        is not self-contained (the released Galactica tokenizer is not).
        """
        path = Path(folder)
        path = path / TOKENIZER_FILE if path.is_dir() or not path.exists() else path
        if not path.is_file():
            raise FileNotFoundError(
                f"no tokenizer at {folder}: expected a folder holding {TOKENIZER_FILE}, as "
                "ScienceTokenizer.save_pretrained writes it"
            )
        try:
            file = Tokenizer.from_str(path.read_text("utf-8"))
        except OSError:
            raise
        except BaseException as error:
            # `tokenizers` raises plain Exception for a broken file; its Rust code panics at some
            # (a prefix of subwords longer than an entry), which is no Exception at all.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise ValueError(f"{path}: cannot be read as a tokenizer.json: {error}") from error
        try:
            return cls(file)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save_pretrained(self, folder: str | Path, *, model_max_length: int | None = None) -> None:
        """Write `tokenizer.json` and `tokenizer_config.json` into `folder`, made if missing.

        `model_max_length`: the sequence length of the model in tokens, which transformers warns
        about and truncates to when it is asked to truncate.
        """
        config: dict[str, object] = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "pad_token": "<pad>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "add_bos_token": False,
            "add_eos_token": False,
            # Would delete spaces before punctuation, so that decoding is not lossless.
            "clean_up_tokenization_spaces": False,
            # OPT models take no token types; a decoder continues its prompt, so pads go before it.
            "model_input_names": ["input_ids", "attention_mask"],
            "padding_side": "left",
        }
        if model_max_length is not None:
            config["model_max_length"] = model_max_length
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        write_atomically(target / TOKENIZER_FILE, self._file.to_str(pretty=True) + "\n")
        write_atomically(target / CONFIG_FILE, json.dumps(config, indent=2) + "\n")

    def encode(self, text: str) -> list[int]:
        """The ids of a text in bracket spelling, exactly as the saved file gives them.

        Nothing is put before or after. Spelt markers and control tokens count: `</s>` ends a
        document here. Raises ValueError for a lone surrogate, which no UTF-8 file can hold.
        """
        if surrogate := _SURROGATE.search(text):
            raise ValueError(
                f"the text holds a lone surrogate U+{ord(surrogate.group()):04X} at character "
                f"{surrogate.start()}: tokenization.clean replaces them"
            )
        return list(self._file.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Iterable[int]) -> str:
        """The text of some ids, markers and control tokens in their spelling.

        The reverse of `encode` for a text that the normalizer leaves as it is. Bytes that are no
        UTF-8 (a character cut in two) become U+FFFD. Raises ValueError for an id outside the
        vocabulary.
        """
        numbers = [int(id_) for id_ in ids]
        if numbers and not 0 <= min(numbers) <= max(numbers) < self.vocabulary_size:
            stranger = next(id_ for id_ in numbers if not 0 <= id_ < self.vocabulary_size)
            raise ValueError(
                f"id {stranger} is outside the vocabulary of {self.vocabulary_size} entries"
            )
        return str(self._file.decode(numbers, skip_special_tokens=False))

    def encode_documents(
        self, marked_texts: Iterable[str], *, end_of_document: bool = True, threads: int = 1
    ) -> tuple[npt.NDArray[np.unsignedinteger], npt.NDArray[np.int64]]:
        """The ids of many documents in marked text, end to end, and where each begins.

        Returns `ids`, one dimension, uint16 (uint32 for more than 65,536 entries), and `offsets`,
        int64, one more than there are documents: document k is `ids[offsets[k]:offsets[k + 1]]`,
        its last id that of `</s>` unless `end_of_document` is off.

        Only a reserved code point makes a marker's id. A text that spells `[START_REF]` or `</s>`,
        before or after normalization, gives ordinary ids. For a text that spells none the ids are
        those of `encode(reveal(text))`.

        The texts are read as they are needed, and memory goes with the ids (and the longest
        document); `encode_batches` gives them out as they are made. `threads` encode at once,
        without the interpreter's lock; any number gives the same ids. Several threads may call
        this on one tokenizer. The first call in a process takes some tenths of a second, or some
        seconds where nothing is in the cache folder yet (`tokenization.cache_folder`).

        Raises TypeError for what is no string, and ValueError, with the number of the document,
        for a reserved character that is no marker of this tokenizer, a lone surrogate (neither is
        left by `tokenization.clean`), and a run of more than 16 MiB without a cut.
        """
        parts: list[npt.NDArray[np.unsignedinteger]] = []
        ends: list[npt.NDArray[np.int64]] = []
        for ids, offsets in self.encode_batches(
            marked_texts, end_of_document=end_of_document, threads=threads
        ):
            num_before = ends[-1][-1] if ends else 0
            parts.append(ids)
            ends.append(offsets[1:] + num_before)
        if not parts:
            return np.empty(0, self._dtype), np.zeros(1, np.int64)
        ids = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return ids, np.concatenate([np.zeros(1, np.int64), *ends])

    def encode_batches(
        self, marked_texts: Iterable[str], *, end_of_document: bool = True, threads: int = 1
    ) -> Iterator[tuple[npt.NDArray[np.unsignedinteger], npt.NDArray[np.int64]]]:
        """As `encode_documents`, a batch of some 500,000 characters at a time, in order.

        For a stream of any length: memory goes with the longest document and the threads.
        """
        if isinstance(marked_texts, str):
            raise TypeError("the texts are one str, whose characters are no documents: give a list")
        encoder = self._corpus_encoder
        for batch in encoder.encode_strings(
            marked_texts, end_of_document=end_of_document, threads=_positive(threads)
        ):
            yield batch.ids, np.concatenate([np.zeros(1, np.int64), batch.ends])

    def encode_arrow(
        self,
        marked_texts: pa.Array | pa.ChunkedArray,
        *,
        end_of_document: bool = True,
        threads: int = 1,
    ) -> pa.Array | pa.ChunkedArray:
        """As `encode_documents`, from an Arrow array of strings to one of lists of ids.

        A `string` array gives `list<uint16>` (or `list<uint32>`), a `large_string` array
        `large_list<...>`, a chunked array one chunk a chunk. No Python strings are made of it.

        Raises TypeError for another type, and ValueError for a null, for text that is not valid
        UTF-8, for more than 2^31 - 1 ids in a `string` array (cast it to `large_string`), and for
        what `encode_documents` refuses.
        """
        if not isinstance(marked_texts, pa.ChunkedArray):
            return self._encode_array(marked_texts, 0, end_of_document, _positive(threads))
        kind = pa.large_list if pa.types.is_large_string(marked_texts.type) else pa.list_
        chunks = []
        num_before = 0
        for chunk in marked_texts.chunks:
            chunks.append(
                self._encode_array(chunk, num_before, end_of_document, _positive(threads))
            )
            num_before += len(chunk)
        return pa.chunked_array(chunks, kind(pa.from_numpy_dtype(self._dtype)))

    def _encode_array(
        self, texts: pa.Array, num_before: int, end_of_document: bool, threads: int
    ) -> pa.Array:
        """One array; `num_before` documents came in chunks before it."""
        if not isinstance(texts, pa.Array):
            raise TypeError(f"{type(texts).__name__}, not an array of Arrow")
        is_large = pa.types.is_large_string(texts.type)
        if not (is_large or pa.types.is_string(texts.type)):
            raise TypeError(f"an array of {texts.type}, not of string or large_string")
        if texts.null_count:
            first = texts.is_null().index(True).as_py()
            raise ValueError(f"document {num_before + first} is null")
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid as error:
            raise ValueError(
                f"the texts from document {num_before} on are not valid UTF-8: {error}"
            ) from None
        parts: list[npt.NDArray[np.unsignedinteger]] = [np.empty(0, self._dtype)]
        ends: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
        for batch in self._corpus_encoder.encode_arrow(
            texts, end_of_document=end_of_document, threads=threads, first_document=num_before
        ):
            parts.append(batch.ids)
            ends.append(batch.ends + ends[-1][-1])
        offsets = np.concatenate(ends)
        values = pa.array(np.concatenate(parts))
        if is_large:
            return pa.LargeListArray.from_arrays(pa.array(offsets), values)
        if offsets[-1] > np.iinfo(np.int32).max:
            raise ValueError(
                f"{offsets[-1]:,} ids are more than a list array holds: cast the texts to "
                "large_string, or give them in smaller chunks"
            )
        return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)

    @cached_property
    def _corpus_encoder(self) -> "CorpusEncoder":
        # Numba takes as long to import as all the rest, and only the corpus path needs it.
        from tokenization.corpus_encoder import CorpusEncoder

        return CorpusEncoder(self._file, self.markers, self.symbols, self._dtype)

    @property
    def _dtype(self) -> np.dtype[np.unsignedinteger]:
        return np.dtype(token_dtype(self.vocabulary_size))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all that decides the ids: vocabulary, merges, normalizer, pre-tokenizer.

        It depends neither on how the file is laid out nor on the version of `tokenizers`.
        """
        vocabulary, merges = vocabulary_and_merges(self._file)
        return fingerprint_json(
            {
                "pipeline": PIPELINE,
                "normalizer": normalizer_of(self._file),
                "control_tokens": CONTROL_TOKENS,
                "markers": [[m.spelling, m.reading, m.row] for m in self.markers],
                "vocabulary": list(vocabulary),
                "merges": merges,
            }
        )

    def token_to_id(self, token: str) -> int | None:
        """The id of a vocabulary entry (`Ġthe`, `[END_REF]`), None if there is no such entry."""
        id_: int | None = self._file.token_to_id(token)
        return id_

    def id_to_token(self, id_: int) -> str | None:
        """The vocabulary entry of an id, None outside the vocabulary."""
        if not 0 <= id_ < self.vocabulary_size:
            return None
        token: str | None = self._file.id_to_token(id_)
        return token


def _positive(threads: int) -> int:
    if not isinstance(threads, int):
        raise TypeError(f"threads is {threads!r}, not a whole number")
    if threads < 1:
        raise ValueError(f"threads is {threads}: at least one must encode")
    return threads
