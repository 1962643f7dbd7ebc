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
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from tokenization.corpus_encoder import CorpusEncoder
from tokenization.manifests import fingerprint_json, write_atomically
from tokenization.markers import CONTROL_TOKENS, END_OF_DOCUMENT_ID, Marker
from tokenization.pretokenizer import PIPELINE
from tokenization.shards import token_dtype
from tokenization.tokenizer_file import (
    fault,
    markers_of,
    normalizer_of,
    symbols_of,
    vocabulary_and_merges,
)

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
        reason = fault(file)
        if reason is not None:
            raise ValueError(f"not a tokenizer of this project: {reason}")
        # transformers leaves these in a file it saves; none of them changes an id.
        file.no_truncation()
        file.no_padding()
        file.post_processor = None
        self._file = file
        self.vocabulary_size: int = file.get_vocab_size()
        #: The markers of the tokenizer, its own included, in the order of their rows.
        self.markers: tuple[Marker, ...] = markers_of(file)
        #: Its bracketed symbols (`[C]`), in the order of their ids.
        self.symbols: tuple[str, ...] = symbols_of(file)

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
        except Exception as error:  # `tokenizers` raises plain Exception for a broken file
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
        self, marked_texts: Iterable[str], *, end_of_document: bool = True
    ) -> tuple[npt.NDArray[np.unsignedinteger], npt.NDArray[np.int64]]:
        """The ids of many documents in marked text, end to end, and where each begins.

        Returns `ids`, one dimension, uint16 (uint32 for more than 65,536 entries), and `offsets`,
        int64, one more than there are documents: document k is `ids[offsets[k]:offsets[k + 1]]`,
        its last id that of `</s>` unless `end_of_document` is off.

        Only a reserved code point makes a marker's id. A text that spells `[START_REF]` or `</s>`,
        before or after normalization, gives ordinary ids. For a text that spells none the ids are
        those of `encode(reveal(text))`. Several cores are used, unless the environment variable
        TOKENIZERS_PARALLELISM is `false`.

        Raises ValueError for a reserved character that is no marker of this tokenizer, and for a
        lone surrogate: neither is left by `tokenization.clean`.
        """
        dtype = np.dtype(token_dtype(self.vocabulary_size))
        end = np.full(int(end_of_document), END_OF_DOCUMENT_ID, dtype)
        parts: list[npt.NDArray[np.unsignedinteger]] = []
        lengths = [0]
        for document in self._corpus_encoder.encode(marked_texts):
            parts += [document, end]
            lengths.append(len(document) + len(end))
        ids = np.concatenate(parts) if parts else np.empty(0, dtype)
        return ids, np.cumsum(lengths, dtype=np.int64)

    @cached_property
    def _corpus_encoder(self) -> CorpusEncoder:
        return CorpusEncoder(self._file, token_dtype(self.vocabulary_size))

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
