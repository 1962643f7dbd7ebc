"""What `tokenizers` thinks of every Unicode code point, as arrays for the compiled encoder.

Two questions decide how a text is cut: which characters are letters, white space or numbers, and
which ones a normalizer changes. The answers are those of the Unicode tables inside the installed
`tokenizers` (three different ones: Rust's for digits, Oniguruma's for the patterns, a crate's for
normalization), so they are asked of `tokenizers` itself. Asking about 1.1 million code points takes
some seconds; the answers are kept in a cache folder, under the version of `tokenizers`.
"""

import functools
import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers
from tokenizers.normalizers import Normalizer

from tokenization.cache_folder import CACHE_VARIABLE, cache_folder
from tokenization.manifests import atomic_file
from tokenization.markers import RESERVED_FIRST, RESERVED_LAST
from tokenization.settings import NormalizerName

_LOG: Final = logging.getLogger(__name__)

NUM_CODE_POINTS: Final = 0x110000
_SURROGATES: Final = range(0xD800, 0xE000)

# How the pre-tokenizer treats a character (`CharacterTables.kinds`).
OTHER: Final = 0  #: what GPT-2's pattern groups as neither letters, numbers nor white space
LETTER: Final = 1  #: `\p{L}`
SPACE: Final = 2  #: white space but the newline
ALONE: Final = 3  #: digits, brackets, newlines: each a piece of its own
OPERATOR: Final = 4  #: a run of one and the same is a piece
RESERVED: Final = 5  #: U+E000-U+E0FF: markers

# What a normalizer does to a character (`Normalization.effects`).
STABLE: Final = 0  #: itself, whatever stands around it
REPLACED: Final = 1  #: the same replacement, whatever stands around it
INTERACTS: Final = 2  #: may compose or change places with what stands before it

_BRACKETS: Final = "()[]{}"
_OPERATORS: Final = "!\"#$%&'*+,-./:;<=>?\\^_`|~"

#: Named in the cache file; changed whenever the arrays below mean something else.
_FORMAT: Final = "1"
_DIGEST_BYTES: Final = 32

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Normalization:
    """What one normalizer does to each code point.

    `effects`: uint8[0x110000]. The replacement of the k-th `replaced` code point (uint32, rising)
    is `replacements[starts[k]:starts[k + 1]]`, UTF-8.
    """

    effects: Bytes
    replaced: Words
    starts: Words
    replacements: Bytes


@dataclass(frozen=True, slots=True)
class CharacterTables:
    """`kinds`, uint8[0x110000], and the normalizers by name (`none` changes nothing)."""

    kinds: Bytes
    nfkc: Normalization
    nfc: Normalization

    def normalization(self, name: NormalizerName) -> Normalization | None:
        """The table of a normalizer, None for `none`."""
        return {"nfkc": self.nfkc, "nfc": self.nfc, "none": None}[name]


@functools.cache
def character_tables() -> CharacterTables:
    """The tables of the installed `tokenizers`, from the cache folder or made now.

    Where the cache folder (`tokenization.cache_folder`) cannot be written the tables are made at
    every start of a process, and a warning says what that costs. A damaged file is made anew.
    """
    path = _cache_file()
    if path is not None and (arrays := _load(path)) is not None:
        return _from_arrays(arrays)
    started = time.perf_counter()
    tables = probe()
    seconds = time.perf_counter() - started
    try:
        if path is None:
            raise OSError("there is no home folder")
        _save(path, _arrays(tables))
    except OSError as error:
        _LOG.warning(
            "the tables of Unicode characters took %.1f s to make and could not be kept (%s): every"
            " process that encodes documents will make them again; name a writable folder in %s",
            seconds,
            error,
            CACHE_VARIABLE,
        )
    return tables


def probe() -> CharacterTables:
    """Ask `tokenizers` about every code point (some seconds)."""
    numbers = [n for n in range(NUM_CODE_POINTS) if n not in _SURROGATES]
    every = "".join(map(chr, numbers))
    code_points = np.array(numbers)
    kinds = np.full(NUM_CODE_POINTS, OTHER, np.uint8)
    kinds[code_points[_matches(every, r"\p{L}+")]] = LETTER
    kinds[code_points[_matches(every, r"\s+")]] = SPACE
    numbers_of_the_pattern = code_points[_matches(every, r"\p{N}+")]
    kinds[code_points[_digits(every)]] = ALONE
    # GPT-2's pattern has an alternative for numbers. It can never match if every number is cut
    # off before by Digits, which takes in all that Rust calls numeric: some more.
    if (kinds[numbers_of_the_pattern] != ALONE).any():
        raise NotImplementedError(
            f"tokenizers {tokenizers.__version__} knows a number that Digits does not cut off: "
            "the compiled encoder has no rule for it"
        )
    kinds[[ord(character) for character in _BRACKETS + "\n"]] = ALONE
    kinds[[ord(character) for character in _OPERATORS]] = OPERATOR
    kinds[RESERVED_FIRST : RESERVED_LAST + 1] = RESERVED
    return CharacterTables(
        kinds,
        nfkc=_probe_normalizer(normalizers.NFKC(), numbers),
        nfc=_probe_normalizer(normalizers.NFC(), numbers),
    )


def _matches(text: str, pattern: str) -> npt.NDArray[np.bool_]:
    """Which characters of `text` a pattern matches."""
    found = np.ones(len(text), np.bool_)
    splitter = pre_tokenizers.Split(Regex(pattern), "removed")
    for _, (start, end) in splitter.pre_tokenize_str(text):
        found[start:end] = False
    return found


def _digits(text: str) -> npt.NDArray[np.bool_]:
    """Which characters of `text` are cut off by `Digits(individual_digits=True)`."""
    cutter = pre_tokenizers.Digits(individual_digits=True)
    found = np.zeros(len(text), np.bool_)
    for _, (start, end) in cutter.pre_tokenize_str(text):
        found[start] = end - start == 1
    # A lone character between two digits is a piece of its own too, but not between letters.
    (candidates,) = np.nonzero(found)
    between_letters = "a" + "a".join(text[place] for place in candidates) + "a"
    alone = {
        start
        for _, (start, end) in cutter.pre_tokenize_str(between_letters)
        if end - start == 1 and start % 2 == 1
    }
    found[candidates] = [2 * rank + 1 in alone for rank in range(len(candidates))]
    return found


def _probe_normalizer(normalizer: Normalizer, numbers: list[int]) -> Normalization:
    def normalized(parts: list[str], by: Normalizer = normalizer) -> list[str]:
        # A newline neither changes nor lets anything pass, so one call does for all.
        return by.normalize_str("\n".join(parts)).split("\n")

    characters = [chr(number) if chr(number) != "\n" else " " for number in numbers]
    forms = normalized(characters)
    decomposed = normalized(characters, normalizers.NFD())
    # Changing places with a neighbour of another combining class: U+0334 has class 1, U+0315 232.
    after_overlay = normalized([c + "\u0334" for c in characters], normalizers.NFD())
    before_comma = normalized(["\u0315" + c for c in characters], normalizers.NFD())
    interacting = {character for form in decomposed for character in form[1:]}
    for character, whole, first, second in zip(
        characters, decomposed, after_overlay, before_comma, strict=True
    ):
        if whole == character and (first != character + "\u0334" or second != "\u0315" + character):
            interacting.add(character)
    effects = np.zeros(NUM_CODE_POINTS, np.uint8)
    replaced: list[int] = []
    replacements: list[bytes] = []
    for number, character, form in zip(numbers, characters, forms, strict=True):
        if character in interacting or form[:1] in interacting:
            effects[number] = INTERACTS
        elif form != character:
            effects[number] = REPLACED
            replaced.append(number)
            replacements.append(form.encode())
    starts = np.cumsum([0, *map(len, replacements)])
    return Normalization(
        effects,
        np.array(replaced, np.uint32),
        starts.astype(np.uint32),
        np.frombuffer(b"".join(replacements), np.uint8),
    )


def _cache_file() -> Path | None:
    folder = cache_folder()
    name = f"characters-{_FORMAT}-tokenizers-{tokenizers.__version__}.bin"
    return folder / name if folder else None


def _arrays(tables: CharacterTables) -> list[npt.NDArray[np.generic]]:
    arrays: list[npt.NDArray[np.generic]] = [tables.kinds]
    for table in (tables.nfkc, tables.nfc):
        arrays += [table.effects, table.replaced, table.starts, table.replacements]
    return arrays


def _from_arrays(arrays: list[Bytes]) -> CharacterTables:
    def normalization(effects: Bytes, replaced: Bytes, starts: Bytes, text: Bytes) -> Normalization:
        return Normalization(effects, replaced.view(np.uint32), starts.view(np.uint32), text)

    return CharacterTables(arrays[0], normalization(*arrays[1:5]), normalization(*arrays[5:9]))


def _save(path: Path, arrays: list[npt.NDArray[np.generic]]) -> None:
    sizes = np.array([array.nbytes for array in arrays], np.int64)
    content = sizes.tobytes() + b"".join(array.tobytes() for array in arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        temporary.write_bytes(
            hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest() + content
        )


def _load(path: Path) -> list[Bytes] | None:
    """The arrays of a cache file as bytes, None where there is no whole one."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest() != digest:
        _LOG.warning("%s is damaged: its tables are made anew", path)
        return None
    sizes = np.frombuffer(content, np.int64, count=9)
    ends = sizes.nbytes + np.cumsum(sizes)
    return [
        np.frombuffer(content, np.uint8, count=size, offset=end - size)
        for size, end in zip(sizes.tolist(), ends.tolist(), strict=True)
    ]
