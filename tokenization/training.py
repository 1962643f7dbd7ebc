"""Training: byte-pair merges from the text of documents, markers and sequences kept out of it."""

import hashlib
import heapq
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from tokenization.markers import (
    BUILT_IN,
    CONTROL_TOKENS,
    RELEASED_MARKERS,
    RESERVED_FIRST,
    RESERVED_LAST,
    MarkerTable,
    Reading,
)
from tokenization.own_markers import OWN_FIRST_ROW
from tokenization.pretokenizer import (
    CHARACTER_OF_BYTE,
    NORMALIZERS,
    NUM_BYTES,
    is_symbol,
    pre_tokenizer,
)
from tokenization.settings import MarkerSettings, TokenizerSettings, rows_of
from tokenization.tokenizer import ScienceTokenizer
from tokenization.tokenizer_file import normalizer_of, self_contained, vocabulary_and_merges

_LOG: Final = logging.getLogger(__name__)

#: A pair of the sample is merged if it occurs at least this often: what occurs once is no word.
SMALLEST_PAIR_COUNT: Final = 2

#: Words longer than this are cut into pieces of as many bytes before their pairs are counted: each
#: merge moves what follows it in its word, so that an unbroken run of characters (a sequence in
#: plain text, a damaged file) would take time by the square of its length. No word of a language,
#: and no entry of a vocabulary worth having, is as long.
LONGEST_WORD_BYTES: Final = 1024

#: A symbol of the sample gets an entry if it occurs at least this often, and
SMALLEST_SYMBOL_COUNT: Final = 2
#: at most this many do, the most frequent. SELFIES has some 70 for drug-like molecules; charges and
#: isotopes make it hundreds.
MOST_SYMBOLS: Final = 512


class NoTextError(ValueError):
    """There is no text to learn from."""


_ANY_MARKER: Final = re.compile(f"([{chr(RESERVED_FIRST)}-{chr(RESERVED_LAST)}])")
_BRACKETED: Final = re.compile(r"\[[^\[\]]{1,62}\]")


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


def text_pieces(marked_text: str, table: MarkerTable = BUILT_IN) -> Iterator[str]:
    """The stretches of ordinary text between markers, spans of characters and symbols left out.

    A span runs to the next marker or the end of the text, as the tokenizer reads it.

    >>> from tokenization import amino, cite
    >>> list(text_pieces("a " + amino("MKV") + " b " + cite("On growth")))
    ['a ', ' b ', ' On growth']
    """
    return (piece for piece, reading in _stretches(marked_text, table) if reading is Reading.TEXT)


def symbols_in(marked_text: str, table: MarkerTable = BUILT_IN) -> Iterator[str]:
    """Every bracketed symbol of the spans of symbols that an entry can be made for.

    >>> from tokenization import selfies
    >>> list(symbols_in("[N]" + selfies("[C][=O].[C]")))
    ['[C]', '[=O]', '[C]']
    """
    for piece, reading in _stretches(marked_text, table):
        if reading is Reading.SYMBOLS:
            yield from filter(is_symbol, (match.group() for match in _BRACKETED.finditer(piece)))


def _stretches(marked_text: str, table: MarkerTable) -> Iterator[tuple[str, Reading]]:
    """What stands between markers, none of it empty, and how the marker before it has it read."""
    reading = Reading.TEXT
    for part in _ANY_MARKER.split(marked_text):
        if _ANY_MARKER.fullmatch(part):
            marker = table.by_code_point.get(part)
            reading = marker.reading if marker else Reading.TEXT
        elif part:
            yield part, reading


def train_tokenizer(
    marked_texts: Iterable[str],
    settings: TokenizerSettings,
    *,
    latex_markers: bool,
    show_progress: bool = False,
) -> ScienceTokenizer:
    """A tokenizer of at most `settings.vocabulary_size` entries from documents in marked text.

    Ids: control tokens 0-3, released markers 4-22, the 256 bytes, merges in the order they were
    learned; then the markers the paper does not have, those of formulas where `latex_markers` is on
    and `settings.markers` in their order; last, where one of these opens spans of symbols, the
    symbols of the texts, most frequent first: at most `MOST_SYMBOLS`, and no more than half of
    what markers and bytes leave. The same texts in any order give the same tokenizer: merges
    depend on the counts of words, and of pairs with equal counts the one of smaller ids comes
    first. `settings.sample_fraction` is not used here: the caller samples its documents with
    `in_sample`.

    Memory goes with the number of different words and symbols, time with the text: words of more
    than `LONGEST_WORD_BYTES` are cut. Where the texts hold too few pairs
    that occur twice the vocabulary is smaller than asked for, and a warning says so. Raises
    NoTextError where there is no text at all.
    """
    table = settings.marker_table(latex_markers)
    added = [marker for marker in table.rows if marker.released_id is None]
    symbol_counts: Counter[str] = Counter()
    reads_symbols = any(marker.reading is Reading.SYMBOLS for marker in added)
    num_pieces = 0

    def pieces() -> Iterator[str]:
        nonlocal num_pieces
        for text in marked_texts:
            if reads_symbols:
                symbol_counts.update(symbols_in(text, table))
            for piece in text_pieces(text, table):
                num_pieces += 1
                yield piece

    learner = Tokenizer(BPE())
    normalizer = NORMALIZERS[settings.normalizer]
    if normalizer is not None:
        learner.normalizer = normalizer
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizer([]), pre_tokenizers.FixedLength(LONGEST_WORD_BYTES)]
    )
    before_merges = [*CONTROL_TOKENS, *(marker.spelling for marker in RELEASED_MARKERS)]
    trainer = BpeTrainer(
        vocab_size=settings.vocabulary_size - len(added),
        min_frequency=SMALLEST_PAIR_COUNT,
        special_tokens=before_merges,
        initial_alphabet=list(CHARACTER_OF_BYTE),
        show_progress=show_progress,
    )
    learner.train_from_iterator(pieces(), trainer)
    if not num_pieces:
        raise NoTextError(
            "no text to train a tokenizer on: the sample holds no document with text "
            f"(tokenizer.sample_fraction is {settings.sample_fraction}; raise it)"
        )
    vocabulary, merges = vocabulary_and_merges(learner)
    room = settings.vocabulary_size - len(added) - len(before_merges) - NUM_BYTES
    symbols = _frequent_symbols(symbol_counts, table, min(MOST_SYMBOLS, room // 2))
    # How many symbols there are is known only now. Merges are learned one by one, so that those
    # of a smaller vocabulary are the first of a larger one.
    vocabulary, merges = _first_entries(
        vocabulary, merges, settings.vocabulary_size - len(added) - len(symbols)
    )
    for entry in [*(marker.spelling for marker in added), *symbols]:
        vocabulary[entry] = len(vocabulary)
    if len(vocabulary) < settings.vocabulary_size:
        _LOG.warning(
            "the tokenizer has %s entries, fewer than the %s asked for (tokenizer.vocabulary_size):"
            " the sample holds no more pairs that occur twice. More text, or more of it "
            "(tokenizer.sample_fraction), gives more",
            f"{len(vocabulary):,}",
            f"{settings.vocabulary_size:,}",
        )
    own = [marker for marker in added if marker.row >= OWN_FIRST_ROW]
    return ScienceTokenizer(self_contained(vocabulary, merges, settings.normalizer, own))


def _frequent_symbols(counts: Counter[str], table: MarkerTable, most: int) -> list[str]:
    """The most frequent symbols, equals in the order of their text; none that spells a marker."""
    candidates = [
        (-count, symbol)
        for symbol, count in counts.items()
        if count >= SMALLEST_SYMBOL_COUNT
        and symbol not in table.by_spelling
        and symbol not in BUILT_IN.by_spelling
    ]
    return [symbol for _, symbol in heapq.nsmallest(most, candidates)]


def _first_entries(
    vocabulary: dict[str, int], merges: list[tuple[str, str]], size: int
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The vocabulary and merges that training to `size` entries, or to fewer, would have given."""
    if len(vocabulary) <= size:
        return vocabulary, merges
    kept = {token: id_ for token, id_ in vocabulary.items() if id_ < size}
    # Merges that only make what there is already may follow the one of the last entry.
    last = next((i for i, pair in enumerate(merges) if vocabulary["".join(pair)] == size - 1), -1)
    return kept, merges[: last + 1]


def with_markers(
    tokenizer: ScienceTokenizer, markers: Iterable[MarkerSettings], symbols: Iterable[str] = ()
) -> ScienceTokenizer:
    """The same tokenizer with more markers, and with more symbols for its spans of symbols.

    They take the ids after its last one, in the order given, markers first; no id moves. A model
    of the tokenizer needs as many more rows in its embeddings. Raises ValueError for a marker
    that it has already, an entry that is no symbol or is there, and for symbols without a marker
    that opens spans of symbols.

    >>> settings = TokenizerSettings(vocabulary_size=281)
    >>> plain = train_tokenizer(["the sea"], settings, latex_markers=False)
    >>> more = with_markers(plain, [MarkerSettings.model_validate("SELFIES")], ["[C]", "[Ring1]"])
    >>> [more.id_to_token(id_) for id_ in more.encode("[C][START_SELFIES][C][N][Ring1]")]
    ['[', 'C', ']', '[START_SELFIES]', '[C]', '[', 'N', ']', '[Ring1]']
    """
    rows = rows_of(markers, tokenizer.markers)
    table = MarkerTable(tokenizer.markers).with_rows(rows)
    vocabulary, merges = vocabulary_and_merges(tokenizer._file)
    new_symbols = tuple(symbols)
    if new_symbols and all(marker.reading is not Reading.SYMBOLS for marker in table.rows):
        raise ValueError("symbols are read in spans of symbols, and no marker opens one")
    for symbol in new_symbols:
        if not is_symbol(symbol) or symbol in BUILT_IN.by_spelling:
            raise ValueError(
                f"{symbol!r} is no symbol: expected printable ASCII in one pair of square "
                "brackets, and no marker"
            )
    for entry in [*(marker.spelling for marker in rows), *new_symbols]:
        if entry in vocabulary:
            raise ValueError(f"{entry} is an entry of the vocabulary already")
        vocabulary[entry] = len(vocabulary)
    own = [marker for marker in table.rows if marker.row >= OWN_FIRST_ROW]
    file = self_contained(vocabulary, merges, normalizer_of(tokenizer._file), own)
    return ScienceTokenizer(file)
