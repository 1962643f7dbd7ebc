r"""The pre-tokenizer: how text is cut into the pieces that byte-pair merges never cross.

It is the released Galactica tokenizer's (every digit alone, every bracket alone, runs of one
repeated operator, every newline alone, then GPT-2's pattern), with one thing more. After an opening
marker of a sequence modality every character is a piece of its own, up to the next marker or the
end of the text. The released file leaves that to its caller, who must put a split marker between
the characters; here it is written with ordinary `tokenizers` parts, so that the saved file does it
without any code:

1. `Split(openings, merged_with_next)`: each opening starts a new piece and keeps its sequence.
2. `Split(\G(?:\A opening|(?!\A)[\s\S]), isolated)`: in a piece that begins with an opening, `\G`
   (where the last match ended) walks over it one character at a time; in any other piece the first
   match fails at `\A`, `\G` finds no other place to start, and nothing is cut.
3. `Digits`, brackets and operators, newlines, GPT-2's pattern, bytes. Patterns that would cut an
   opening itself name the openings as their first alternative.

Openings must not be added tokens of the file: `tokenizers` cuts the text at added tokens before the
pre-tokenizer runs, which would then never see one. They are ordinary vocabulary entries, found
whole because the model has `ignore_merges` on. Closings may be added tokens, since a span
ends where its piece ends.
"""

import re
from collections.abc import Sequence
from typing import Final

from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer

NUM_BYTES: Final = 256

#: Each bracket alone, and each run of one repeated operator (the released tokenizer's pattern).
_BRACKETS_AND_OPERATORS: Final = r"[\(\)\[\]\{\}]|([!\"\#\$%\&'\*\+,\-\./:;<=>\?\\\^_`\|\~])\1*"
#: GPT-2's pattern (Radford et al. 2019), as `tokenizers.pre_tokenizers.ByteLevel` has it.
_GPT2: Final = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

#: Names this pipeline in fingerprints. Change it whenever any pattern above or step below changes.
PIPELINE: Final = "digits, brackets, operator runs, newlines, gpt-2; spans by character: 1"


def pre_tokenizer(openings: Sequence[str]) -> PreTokenizer:
    """The pipeline, with one token a character after each of `openings`.

    >>> pipeline = pre_tokenizer(["[START_AMINO]"])
    >>> [piece for piece, _ in pipeline.pre_tokenize_str("10 kg of [START_AMINO]MKV")]
    ['1', '0', 'Ġkg', 'Ġof', 'Ġ', '[START_AMINO]', 'M', 'K', 'V']

    `openings` may be empty: the pipeline of text without sequence spans.
    """
    any_opening = "|".join(re.escape(opening) for opening in openings)
    spans = [
        pre_tokenizers.Split(Regex(any_opening), "merged_with_next"),
        pre_tokenizers.Split(Regex(rf"\G(?:\A(?:{any_opening})|(?!\A)[\s\S])"), "isolated"),
    ]
    whole = f"(?:{any_opening})|" if openings else ""
    return pre_tokenizers.Sequence(
        [
            *(spans if openings else []),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Split(Regex(whole + _BRACKETS_AND_OPERATORS), "isolated"),
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.Split(Regex(whole + _GPT2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


#: The normalizers of `TokenizerSettings.normalizer`, by name.
NORMALIZERS: Final[dict[str, Normalizer | None]] = {
    "nfkc": normalizers.NFKC(),
    "nfc": normalizers.NFC(),
    "none": None,
}


def _characters_of_bytes() -> tuple[str, ...]:
    """GPT-2's printable stand-in of every byte: itself where it prints, else from U+0100 on."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1)}
    printable |= set(range(ord("®"), ord("ÿ") + 1))
    others = [byte for byte in range(NUM_BYTES) if byte not in printable]
    return tuple(
        chr(byte if byte in printable else NUM_BYTES + others.index(byte))
        for byte in range(NUM_BYTES)
    )


#: The character that stands for each byte in the vocabulary (`Ġ` for the space), and the reverse.
CHARACTER_OF_BYTE: Final = _characters_of_bytes()
BYTE_OF_CHARACTER: Final = {character: byte for byte, character in enumerate(CHARACTER_OF_BYTE)}


def spell_bytes(text: str) -> str:
    """`text` as the vocabulary spells it: one stand-in character for every byte of its UTF-8.

    >>> spell_bytes(" µ")
    'ĠÂµ'
    """
    return "".join(CHARACTER_OF_BYTE[byte] for byte in text.encode())
