"""The compiled encoder on vocabularies that no training makes: any merges, in any order of ids.

What is loaded from a file need not be what our own training writes: converted tokenizers, others'
merges, entries that no merge makes. The reference is the saved file's marked twin.
"""

import itertools
import random

import pytest
from tokenizers import Tokenizer

from tests.hostile_text import HOSTILE
from tests.tokenization.fuzzed_text import fuzzed_documents
from tests.tokenization.marked_twin import marked_twin
from tokenization import ScienceTokenizer, clean
from tokenization.markers import BUILT_IN, CONTROL_TOKENS, RELEASED_MARKERS, MarkerTable
from tokenization.pretokenizer import CHARACTER_OF_BYTE, spell_bytes
from tokenization.settings import NormalizerName
from tokenization.tokenizer_file import self_contained

_FIRST = (*CONTROL_TOKENS, *(marker.spelling for marker in RELEASED_MARKERS))
_OPTIONAL = tuple(marker.spelling for marker in BUILT_IN.rows if marker.released_id is None)
_LETTERS = "abcdeth s=.\n1"
_NORMALIZERS: tuple[NormalizerName, ...] = ("nfkc", "nfc", "none")


def any_file(chance: random.Random) -> Tokenizer:
    """A file of random merges, some of them twice, some entries made by none, ids in any order."""
    entries = list(CHARACTER_OF_BYTE)
    pool = [spell_bytes(letter) for letter in _LETTERS] + list(spell_bytes("é水"))
    if chance.random() < 0.3:
        pool = list(CHARACTER_OF_BYTE)
    merges: list[tuple[str, str]] = []
    for _ in range(chance.choice([0, 3, 50, 400])):
        pair = chance.choice(pool), chance.choice(pool)
        merges.append(pair)
        if (made := "".join(pair)) not in entries:
            entries.append(made)
            pool.append(made)
    if chance.random() < 0.5:
        chance.shuffle(merges)
    sizes = (2, 3, 9, 15, 16, 17, 40, 600)  # about the borders of a word and a table's entry
    for size in chance.choices(sizes, k=chance.choice([0, 6])):
        made_by_none = spell_bytes("".join(chance.choices("abc eth=é1\n[]水", k=size)))
        if made_by_none not in entries:
            entries.append(made_by_none)
    if chance.random() < 0.5:
        entries += ["[C]", "[=O]", "[Ring1]"]
    if chance.random() < 0.3:
        chance.shuffle(entries)
    in_order = [*_FIRST, *entries, *_OPTIONAL]
    ids = {entry: id_ for id_, entry in enumerate(in_order)}
    return self_contained(ids, merges, chance.choice(_NORMALIZERS))


def check(seed: int) -> None:
    chance = random.Random(seed)
    tokenizer = ScienceTokenizer(any_file(chance))
    texts = [
        *itertools.islice(fuzzed_documents(seed, MarkerTable(tokenizer.markers), spelt=True), 80),
        *("".join(chance.choices(_LETTERS + "é水", k=size)) for size in (5, 30, 300, 3000)),
        *map(clean, HOSTILE.values()),
    ]
    ids, offsets = tokenizer.encode_documents(
        texts, end_of_document=False, threads=chance.choice([1, 3])
    )
    expected = marked_twin(tokenizer._file).encode_batch_fast(texts, add_special_tokens=False)
    for number, encoding in enumerate(expected):
        mine = ids[offsets[number] : offsets[number + 1]].tolist()
        assert mine == encoding.ids, (seed, texts[number])


@pytest.mark.parametrize("seed", range(100))
def test_ids_are_those_of_the_file(seed: int) -> None:
    check(seed)


@pytest.mark.slow
def test_ids_are_those_of_the_file_at_length() -> None:
    for seed in range(1_000, 6_000):
        check(seed)
