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

A vocabulary may have spans of symbols too, whose pieces are the bracketed symbols it holds
(`[C]`, `[=Branch1]`), and the characters of all else. Its pipeline is cut further:

1. Openings of both kinds, as above.
2. Brackets of ordinary pieces, each alone: no ordinary piece can be a whole `[C]` from here on.
   They are cut anyway, and a later cut that respects symbols would else respect these.
3. Spans of characters, as above; spans of symbols by
   `\G(?:\A opening|(?!\A)(?:\[(?:C|=Branch1)\]|[\s\S]))`, so that what no entry exists for is
   left as characters and not as a bracketed whole, which merges would then cut anyhow.
4. The rest as above, each pattern with the alternative `\A\[[^\[\]]+\]\z`: what is one bracketed
   whole by now stays so. `Digits` has no such alternative and is written as a pattern.

Openings must not be added tokens of the file: `tokenizers` cuts the text at added tokens before the
pre-tokenizer runs, which would then never see one. They are ordinary vocabulary entries, found
whole because the model has `ignore_merges` on. Closings may be added tokens, since a span
ends where its piece ends.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers.normalizers import Normalizer
from tokenizers.pre_tokenizers import PreTokenizer

from tokenization.markers import Reading

NUM_BYTES: Final = 256

#: Each bracket alone, and each run of one repeated operator (the released tokenizer's pattern).
_BRACKETS_AND_OPERATORS: Final = r"[\(\)\[\]\{\}]|([!\"\#\$%\&'\*\+,\-\./:;<=>\?\\\^_`\|\~])\1*"
#: GPT-2's pattern (Radford et al. 2019), as `tokenizers.pre_tokenizers.ByteLevel` has it.
_GPT2: Final = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
#: What `Digits` cuts out, the characters that are numeric to Rust: its Unicode is newer than that
#: of the patterns, by the digits of Tolong Siki and three signs of Unicode 17.
_NUMERALS: Final = "[\\p{N}\U00011de0-\U00011de9\U00016ff4-\U00016ff6]"
_BRACKETS_ALONE: Final = r"[\(\)\[\]\{\}]|[^\(\)\[\]\{\}]+"
_SYMBOL: Final = re.compile(r"\[[!-Z\\^-~]{1,62}\]")
_BEFORE_OPENINGS: Final = r"\G(?:\A(?:"
_AND_CHARACTERS: Final = r")|(?!\A)[\s\S])"
_AND_SYMBOLS: Final = r")|(?!\A)(?:"
_WHOLE_BRACKETED: Final = r"\A\[[^\[\]]+\]\z"

#: Names this pipeline in fingerprints. Change it whenever any pattern above or step below changes.
PIPELINE: Final = "digits, brackets, operator runs, newlines, gpt-2; spans by character: 1"


def pre_tokenizer(
    openings: Sequence[str], symbol_openings: Sequence[str] = (), symbols: Sequence[str] = ()
) -> PreTokenizer:
    """The pipeline, with one token a character after each of `openings`.

    >>> pipeline = pre_tokenizer(["[START_AMINO]"])
    >>> [piece for piece, _ in pipeline.pre_tokenize_str("10 kg of [START_AMINO]MKV")]
    ['1', '0', 'Ġkg', 'Ġof', 'Ġ', '[START_AMINO]', 'M', 'K', 'V']

    After each of `symbol_openings`, one token for each of `symbols`, and one for each character
    of anything else. Both may be empty: the pipeline of text without spans. An opening is a name in
    square brackets or one reserved character, a symbol what `is_symbol` says.

    >>> pipeline = pre_tokenizer([], ["[START_SELFIES]"], ["[C]", "[Ring1]"])
    >>> [piece for piece, _ in pipeline.pre_tokenize_str("[C][START_SELFIES][C][N][Ring1]")]
    ['[', 'C', ']', '[START_SELFIES]', '[C]', '[', 'N', ']', '[Ring1]']
    """
    every = [*openings, *symbol_openings]
    cuts: list[PreTokenizer] = []
    whole = ""
    if every:
        cuts.append(pre_tokenizers.Split(Regex(_any_of(every)), "merged_with_next"))
        whole = f"(?:{_any_of(every)})|"
    if symbol_openings:
        ordinary = rf"\G(?!\A(?:{_any_of(every)}))(?:{_BRACKETS_ALONE})"
        cuts.append(pre_tokenizers.Split(Regex(ordinary), "isolated"))
        whole = _WHOLE_BRACKETED + "|"
    if openings:
        span = _BEFORE_OPENINGS + _any_of(openings) + _AND_CHARACTERS
        cuts.append(pre_tokenizers.Split(Regex(span), "isolated"))
    if symbol_openings:
        known = rf"\[(?:{_any_of([symbol[1:-1] for symbol in symbols])})\]|" if symbols else ""
        span = _BEFORE_OPENINGS + _any_of(symbol_openings) + _AND_SYMBOLS + known + r"[\s\S]))"
        cuts.append(pre_tokenizers.Split(Regex(span), "isolated"))
    if symbol_openings or any(character.isdecimal() for character in "".join(openings)):
        digits: PreTokenizer = pre_tokenizers.Split(Regex(whole + _NUMERALS), "isolated")
    else:
        digits = pre_tokenizers.Digits(individual_digits=True)
    return pre_tokenizers.Sequence(
        [
            *cuts,
            digits,
            pre_tokenizers.Split(Regex(whole + _BRACKETS_AND_OPERATORS), "isolated"),
            pre_tokenizers.Split("\n", "isolated"),
            pre_tokenizers.Split(Regex(whole + _GPT2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def _any_of(texts: Sequence[str]) -> str:
    return "|".join(re.escape(text) for text in texts)


def span_openings(pipeline: PreTokenizer | None) -> dict[str, Reading]:
    """The openings that a pipeline was made with, and how it reads what follows each.

    Empty for any other pipeline; whoever asks compares it with the one these openings give.

    >>> span_openings(pre_tokenizer(["[START_DNA]"], ["[START_SELFIES]"], ["[C]"]))
    {'[START_DNA]': <Reading.CHARACTERS: 'characters'>, \
'[START_SELFIES]': <Reading.SYMBOLS: 'symbols'>}
    """
    readings: dict[str, Reading] = {}
    state = {} if pipeline is None else json.loads(pipeline.__getstate__())
    for part in state.get("pretokenizers", []):
        pattern = part.get("pattern", {}).get("Regex", "")
        for ending, reading in (
            (_AND_CHARACTERS, Reading.CHARACTERS),
            (_AND_SYMBOLS, Reading.SYMBOLS),
        ):
            alternatives, found, _ = pattern.removeprefix(_BEFORE_OPENINGS).partition(ending)
            if found and pattern.startswith(_BEFORE_OPENINGS):
                for alternative in alternatives.split("|"):
                    readings[re.sub(r"\\(.)", r"\1", alternative)] = reading
    return readings


def is_symbol(entry: str) -> bool:
    """Whether an entry can be a bracketed symbol: printable ASCII in one pair of square brackets.

    It has 64 characters at most: the longest SELFIES symbols have some 20.

    >>> [is_symbol(entry) for entry in ("[=Branch1]", "[C@@H1]", "[]", "[a b]", "[[C]", "C")]
    [True, True, False, False, False, False]
    """
    return _SYMBOL.fullmatch(entry) is not None


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
