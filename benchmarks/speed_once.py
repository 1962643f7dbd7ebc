"""One measurement of `tokenization_speed.py`, in a process of its own, printed as JSON.

    python benchmarks/speed_once.py CONTENDER CORPUS_FOLDER TOKENIZER_FOLDER LIMIT_BYTES

A process of its own because a fresh object is not a cold start: gigatoken's first pass over the
same 16 MB gave 168, 284 and 375 MB/s with three fresh tokenizers in one process. Loading the
tokenizer, and whatever it compiles or builds for an empty document, is not in the time.
"""

import gc
import inspect
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
from speed_corpora import every_other, load
from tokenizers import Tokenizer

from tokenization import ScienceTokenizer, reveal
from tokenization.markers import CONTROL_TOKENS

GPT2_FILE = "gpt2-scheme.json"
#: `tokenizers` takes some 300 bytes a character while it encodes a batch.
_BATCH_CHARACTERS = 1 << 20
_MISMATCH_CONTEXT_IDS = 8


def ours(folder: Path, threads: int) -> Callable[[list[str]], int]:
    tokenizer = ScienceTokenizer.from_pretrained(folder)
    options = {}
    if threads > 1:
        if "threads" not in inspect.signature(tokenizer.encode_documents).parameters:
            raise NotImplementedError("encode_documents takes no number of threads")
        options = {"threads": threads}
    tokenizer.encode_documents([""], **options)

    def encode(texts: list[str]) -> int:
        ids, _ = tokenizer.encode_documents(texts, **options)
        return len(ids)

    return encode


def gigatoken(folder: Path) -> Callable[[list[str]], int]:
    import gigatoken as package

    tokenizer = package.Tokenizer(folder / GPT2_FILE)
    tokenizer.encode_batch([""], parallel=False)

    def encode(texts: list[str]) -> int:
        rows = tokenizer.encode_batch(texts, parallel=False)
        return int(rows.layout.offsets.data[-1])

    return encode


def reference(folder: Path) -> Callable[[list[str]], int]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def encode(texts: list[str]) -> int:
        # Its encodings are counted, not copied to arrays: in its favour.
        encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return sum(len(encoding) for encoding in encodings)

    return encode


def measure(contender: str, texts: list[str], folder: Path) -> dict[str, float]:
    """Seconds of the first pass (by the clock and of CPU), and of a second one with warm caches."""
    if contender == "tokenizers":
        encode = reference(folder)
        texts = [reveal(text) for text in texts]
    elif contender == "gigatoken":
        encode = gigatoken(folder)
    else:
        encode = ours(folder, 2 if contender == "ours, 2 threads" else 1)
    seconds = []
    cpu_seconds = []
    num_tokens = 0
    gc.collect()
    gc.disable()
    for _ in range(1 if contender == "tokenizers" else 2):
        before, cpu_before = time.perf_counter(), time.process_time()
        for batch in _batches(texts) if contender == "tokenizers" else [texts]:
            num_tokens += encode(batch)
        seconds.append(time.perf_counter() - before)
        cpu_seconds.append(time.process_time() - cpu_before)
    return {
        "first": seconds[0],
        "first_cpu": cpu_seconds[0],
        "repeat": seconds[-1],
        "tokens": num_tokens // len(seconds),
    }


def profile(texts: list[str], folder: Path) -> dict[str, float]:
    """Where the time of our first pass goes: seconds of each part, and pieces seen first."""
    import tokenization.corpus_encoder as encoder
    from tokenization.encoder_state import State

    seconds: dict[str, float] = {}

    def timed(name: str) -> None:
        part = getattr(encoder, name)

        def measured(*arguments: object) -> object:
            before = time.perf_counter()
            result = part(*arguments)
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - before
            return result

        setattr(encoder, name, measured)

    tokenizer = ScienceTokenizer.from_pretrained(folder)
    tokenizer.encode_documents([""])
    for name in ("from_strings", "normalize", "encode"):
        timed(name)
    before = time.perf_counter()
    tokenizer.encode_documents(texts)
    first = time.perf_counter() - before
    (memory,) = tokenizer._corpus_encoder._idle
    vocabulary = tokenizer._corpus_encoder._vocabulary
    new_pieces = (
        vocabulary.words.free
        - memory.state[State.WORDS_FREE]
        + vocabulary.phrases.free
        - memory.state[State.PHRASES_FREE]
    )
    first_parts = dict(seconds)
    seconds.clear()
    tokenizer.encode_documents(texts)
    return {
        "as UTF-8": first_parts["from_strings"],
        "normalized": first_parts.get("normalize", 0.0),
        "pieces known": seconds["encode"],
        "pieces new": first_parts["encode"] - seconds["encode"],
        "joined": first - sum(first_parts.values()),
        "new_pieces": float(new_pieces),
    }


def compare(texts: list[str], folder: Path) -> dict[str, object]:
    """Our ids beside the file's on the revealed text, document by document."""
    file = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer = ScienceTokenizer.from_pretrained(folder)
    ids, offsets = tokenizer.encode_documents(texts, end_of_document=False)
    compared = differing = spelling = number = 0
    first = None
    for batch in _batches(texts):
        encodings = file.encode_batch_fast([reveal(t) for t in batch], add_special_tokens=False)
        for text, encoding in zip(batch, encodings, strict=True):
            mine = ids[offsets[number] : offsets[number + 1]]
            theirs = np.array(encoding.ids, ids.dtype)
            number += 1
            if _spells_a_marker(text, tokenizer):
                spelling += 1
                continue
            compared += len(theirs)
            if not np.array_equal(mine, theirs):
                differing += 1
                first = first or _difference(text, number - 1, mine, theirs, tokenizer)
    return {
        "compared": compared,
        "differing_documents": differing,
        "spelling_documents": spelling,
        "first_difference": first,
    }


def _spells_a_marker(text: str, tokenizer: ScienceTokenizer) -> bool:
    """Whether the text writes a marker or control token: there the file rightly gives other ids."""
    normalizer = tokenizer._file.normalizer
    normalized = normalizer.normalize_str(text) if normalizer else text
    spellings = [*(marker.spelling for marker in tokenizer.markers), *CONTROL_TOKENS]
    return any(spelling in text or spelling in normalized for spelling in spellings)


def _difference(
    text: str,
    number: int,
    mine: np.ndarray,
    theirs: np.ndarray,
    tokenizer: ScienceTokenizer,
) -> str:
    shorter = min(len(mine), len(theirs))
    unequal = np.flatnonzero(mine[:shorter] != theirs[:shorter])
    place = int(unequal[0]) if len(unequal) else shorter
    shown = slice(max(0, place - 2), place + _MISMATCH_CONTEXT_IDS)
    return (
        f"document {number} (begins {text[:30]!r}), id {place}: ours "
        f"{[tokenizer.id_to_token(int(i)) for i in mine[shown]]}, the file's "
        f"{[tokenizer.id_to_token(int(i)) for i in theirs[shown]]}"
    )


def _batches(texts: list[str]) -> list[list[str]]:
    batches: list[list[str]] = [[]]
    characters = 0
    for text in texts:
        if characters >= _BATCH_CHARACTERS:
            batches.append([])
            characters = 0
        batches[-1].append(text)
        characters += len(text)
    return batches


def main() -> None:
    contender, corpus, tokenizer, limit = sys.argv[1:]
    texts = every_other(load(Path(corpus)), int(limit))
    num_bytes = sum(len(text.encode()) for text in texts)
    if contender == "compare":
        result: dict[str, object] = compare(texts, Path(tokenizer))
    elif contender == "profile":
        result = dict(profile(texts, Path(tokenizer)))
    else:
        try:
            result = dict(measure(contender, texts, Path(tokenizer)))
        except (ImportError, NotImplementedError) as error:
            result = {"not_run": str(error)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**result, "bytes": num_bytes, "peak_megabytes": peak / 1024}))


if __name__ == "__main__":
    main()
