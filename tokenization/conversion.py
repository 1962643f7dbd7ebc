"""The released Galactica tokenizer made self-contained: the same ids, with no escape step.

The released file reads a molecule or a sequence one character a token only after its caller has
put a split marker between the characters, in closed spans alone; plain `AutoTokenizer` merges
them. The converted file needs no caller: `tokenization.pretokenizer` says how. It also leaves out
what the released file does beside ids: truncation, padding to 4,096 and the `<s>` and `</s>` put
around every text (a training document has only `</s>`, at its end: Galactica, section 3).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tokenizers import Regex, Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import PreTokenizer

from tokenization.markers import CONTROL_TOKENS, LATEX_MARKERS, RELEASED_MARKERS
from tokenization.pretokenizer import CHARACTER_OF_BYTE
from tokenization.tokenizer import TOKENIZER_FILE, ScienceTokenizer
from tokenization.tokenizer_file import (
    fault,
    normalizer_of,
    self_contained,
    vocabulary_and_merges,
)

#: What the released code puts before every character of a span, and the released file deletes.
SPLIT_MARKER: Final = "SPL1T-TH1S-Pl3A5E"
#: Context of the released models in tokens (Galactica, section 4.1).
RELEASED_CONTEXT_TOKENS: Final = 2048

LICENCE_NOTICE: Final = (
    "The released Galactica models and their tokenizer are licensed CC BY-NC 4.0. The converted "
    "file is derived from them: the same licence applies (no commercial use, with attribution)."
)

#: As the released file writes it; `tokenization.pretokenizer` has the same pattern.
_BRACKETS_AND_OPERATORS: Final = r"""[\(\)\[\]\{\}]|([!"\#\$%\&'\*\+,\-\./:;<=>\?\\\^_`\|\~])\1*"""
_RELEASED_ENTRIES: Final = (*CONTROL_TOKENS, *(marker.spelling for marker in RELEASED_MARKERS))


def convert_released(path: Path, *, latex_markers: bool = False) -> ScienceTokenizer:
    """The self-contained tokenizer with the ids of a released Galactica `tokenizer.json`.

    `path` is the file or a folder that holds it. Every vocabulary of the released form is taken,
    whatever its size. The released one has no markers of formulas: `latex_markers` adds them with
    the next ids, for which a published checkpoint has no embeddings. Raises FileNotFoundError where
    there is no file, and ValueError, with what differs, for a file of any other form, or where
    looking up whole words (`ignore_merges`) would change the ids of an entry.
    """
    file = _read(path)
    reason = released_fault(file)
    if reason is not None:
        raise ValueError(f"{path}: not the released Galactica tokenizer: {reason}")
    vocabulary, merges = vocabulary_and_merges(file)
    if changed := entries_changed_by_lookup(vocabulary, merges):
        raise ValueError(
            f"{path}: {len(changed):,} of its entries are not what its merges make of them, the "
            f"first {changed[0]!r}: looking up whole words, which reading sequences character by "
            "character needs, would change ids"
        )
    for marker in LATEX_MARKERS if latex_markers else ():
        vocabulary[marker.spelling] = len(vocabulary)
    return ScienceTokenizer(self_contained(vocabulary, merges, normalizer_of(file)))


def _read(path: Path) -> Tokenizer:
    file = path / TOKENIZER_FILE if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"no tokenizer at {path}: expected the released {TOKENIZER_FILE}")
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: not JSON: {error}") from error
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or "vocab" not in model:
        raise ValueError(f"{file}: JSON, but no {TOKENIZER_FILE} of the tokenizers library")
    if model.get("type", "BPE") != "BPE":
        raise ValueError(
            f"{file}: not the released Galactica tokenizer: its model is {model['type']}, not BPE"
        )
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # `tokenizers` raises plain Exception for a broken file
        raise ValueError(f"{file}: cannot be read as a {TOKENIZER_FILE}: {error}") from error


def released_fault(file: Tokenizer) -> str | None:
    """Why a tokenizer is not of the released form, or None when it is.

    The form is all that decides ids: the 23 special entries and their ids, an entry a byte,
    the normalizer, the pre-tokenizer and the model's options.
    """
    model = file.model
    if not isinstance(model, BPE):
        return f"its model is {type(model).__name__}, not BPE"
    vocabulary = file.get_vocab()
    if fault(file, vocabulary) is None:
        return "it is self-contained already, so there is nothing to convert"
    for id_, token in enumerate(_RELEASED_ENTRIES):
        if vocabulary.get(token) != id_:
            return f"its entry {token} has the id {vocabulary.get(token)}, not {id_}"
    if missing := [character for character in CHARACTER_OF_BYTE if character not in vocabulary]:
        return f"{len(missing)} bytes have no entry, the first {missing[0]!r}"
    if sorted(vocabulary.values()) != list(range(len(vocabulary))):
        return "its ids are not the numbers from 0 to the size of the vocabulary"
    added = {token.content: token for token in file.get_added_tokens_decoder().values()}
    if different := sorted(added.keys() ^ set(_RELEASED_ENTRIES)):
        return f"its added tokens differ from the released ones by {', '.join(different)}"
    for name, entry in added.items():
        flags: list[bool] = [
            getattr(entry, flag) for flag in ("lstrip", "rstrip", "single_word", "normalized")
        ]
        if any(flags):
            return f"its added token {name} takes blanks or normalized text with it"
    if _state(file.normalizer) != '{"type":"NFKC"}':
        return f"its normalizer is {_state(file.normalizer)}, not NFKC"
    if _state(file.pre_tokenizer) != _state(released_pre_tokenizer()):
        return "its pre-tokenizer is another one"
    if model.dropout or model.continuing_subword_prefix or model.end_of_word_suffix:
        return "its model leaves out merges at random, or adds a prefix or suffix to words"
    return None


def _state(part: object) -> str:
    """The JSON of a normalizer or pre-tokenizer, as this version of `tokenizers` writes it."""
    if part is None:
        return "none"
    state: bytes = part.__getstate__()  # type: ignore[assignment]  # bytes, not object's own
    return state.decode()


def released_pre_tokenizer() -> PreTokenizer:
    """The released pipeline: ours without spans, after the split markers are deleted.

    >>> pieces = released_pre_tokenizer().pre_tokenize_str(f"{SPLIT_MARKER}M{SPLIT_MARKER}K is 10")
    >>> [piece for piece, _ in pieces]
    ['M', 'K', 'Ġis', 'Ġ', '1', '0']
    """
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(SPLIT_MARKER, "removed"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Split(Regex(_BRACKETS_AND_OPERATORS), "isolated"),
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )


def entries_changed_by_lookup(
    vocabulary: Mapping[str, int], merges: Sequence[tuple[str, str]]
) -> list[str]:
    """The entries that their own merges do not make, in order of id.

    A self-contained file looks a whole word up before it merges, since its markers have no merges;
    an entry given here would then get its own id where merging gives several others.

    >>> entries_changed_by_lookup({"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, [("a", "b")])
    ['abc']
    """
    model = BPE(dict(vocabulary), list(merges))
    return [
        token
        for token, id_ in sorted(vocabulary.items(), key=lambda entry: entry[1])
        if token not in _RELEASED_ENTRIES and [made.id for made in model.tokenize(token)] != [id_]
    ]
