"""How fast documents are searched for n-grams of evaluations, by the number of these n-grams.

    python benchmarks/decontamination_speed.py

Documents are invented: words drawn as English has them, few often and many seldom. The records are
drawn alike; each has a short text of ten words too, so that n-grams of two lengths are searched
for. Speeds are megabytes of text for a second of processor time, the best of three.
"""

import time

import numpy as np
import pyarrow as pa

from pipelines.decontamination.ngram_search import NgramSearch, ngrams_of, words_of
from pipelines.decontamination.normal_form import normal_form
from tokenization.markers import BUILT_IN

NGRAM_WORDS, SHORT_WORDS = 13, 8
DOCUMENTS, WORDS_PER_DOCUMENT = 10_000, 1_000
RECORD_WORDS = 100


def main() -> None:
    """Print a row for each size of evaluations."""
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    lengths = random.integers(2, 11, 50_000)
    vocabulary = np.array(["".join(random.choice(letters, length)) for length in lengths])

    def text(words: int) -> str:
        ranks = np.minimum(random.zipf(1.2, words), len(vocabulary)) - 1
        return " ".join(vocabulary[ranks])

    form = normal_form(BUILT_IN)
    documents = pa.array([text(WORDS_PER_DOCUMENT) for _ in range(DOCUMENTS)])
    megabytes = documents.nbytes / 1e6
    print("| n-grams | index, s | MB/s |\n|---|---|---|")
    for num_ngrams in (10_000, 1_000_000, 10_000_000):
        words = words_of(text(num_ngrams * RECORD_WORDS // (RECORD_WORDS + 1)), form).hashes
        anchors = [ngrams_of(words[i : i + 10], SHORT_WORDS)[-1] for i in _starts(words)]
        shorter = [ngrams_of(words[i : i + 10], 10)[0] for i in _starts(words)]
        known = np.unique(np.append(ngrams_of(words, NGRAM_WORDS), np.array(shorter, np.uint64)))
        started = time.process_time()
        search = NgramSearch(
            form,
            known,
            NGRAM_WORDS,
            np.array(anchors, np.uint64),
            SHORT_WORDS,
            np.array([10], np.int64),
        )
        index_seconds = time.process_time() - started
        seconds = min(_seconds(search, documents) for _ in range(3))
        print(f"| {len(known):,} | {index_seconds:.2f} | {megabytes / seconds:.0f} |", flush=True)


def _starts(words: np.ndarray) -> range:
    return range(0, len(words) - NGRAM_WORDS, RECORD_WORDS)


def _seconds(search: NgramSearch, documents: pa.Array) -> float:
    started = time.process_time()
    search.find(documents)
    return time.process_time() - started


if __name__ == "__main__":
    main()
