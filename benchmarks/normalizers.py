"""What each normalizer costs and changes: three vocabularies from the same text, on held-out text.

    python benchmarks/normalizers.py --data FOLDER...

Texts are cut at blank lines into passages of some 4,000 characters; every fifth one, by its hash,
is held out of the training of all three. Reported by kind of text: tokens per 1,000 bytes of the
text as written, the share of held-out passages that decode back exactly, the characters that each
normalizer changes, what becomes of signs whose form has a meaning, and the speed of
`encode_documents` on one thread. A change of meaning is shown, not counted: that takes a reader.
"""

import argparse
import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from speed_corpora import code_texts, latex_texts

from corpora.catalogue import load_format
from corpora.documents import ReadOptions, Record
from pipelines.reading import Refusal, frame_records, read_record
from tokenization import ScienceTokenizer, TokenizerSettings, reveal
from tokenization.manifests import fingerprint_bytes
from tokenization.pretokenizer import NORMALIZERS
from tokenization.training import train_tokenizer

NAMES: Final = ("nfkc", "nfc", "none")
_PASSAGE_CHARACTERS: Final = 4_000
_HELD_OUT_IN: Final = 5
_REPEATS: Final = 6
_MOST_SHOWN: Final = 12
#: A character beyond ASCII, what stands before it and the marks on it: what may change together.
_CLUSTER: Final = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")

#: Text whose form means something, by what is lost where a normalizer folds it.
MEANINGS: Final = {
    "a power becomes a number": "10²",
    "an index becomes a number": "x₂",
    "the charge of an ion loses its place": "Ca²⁺",
    "a number and a fraction become one number": "3½",
    "a ligature becomes letters (harmless)": "ﬁnite",
    "the ångström sign becomes a letter (the same in every font)": "5 \u212b",
    "the micro sign becomes a Greek letter (the same in every font)": "5 \u00b5m",
    "a space that may not break becomes one that may": "5\u00a0kg",
    "full-width forms become ASCII, and can spell a marker": "\uff3bIMAGE\uff3d",
    "alphabets of mathematics become one letter": "𝐱 𝑥 𝔵 ℝ",
    "an accent in two characters becomes one": "e\u0301",
}  # fmt: skip


def jats_texts(folders: Sequence[Path]) -> Iterator[str]:
    """Papers in JATS through the project's reader."""
    reader, options = load_format("jats"), ReadOptions()
    for path in sorted(p for folder in folders for p in folder.rglob("*.xml")):
        for record in frame_records(reader, path, path.name, options):
            if isinstance(record, Record):
                document = read_record(reader, record, options, 60)
                if not isinstance(document, Refusal):
                    yield document.text


def texts_of(kind: str, folders: Sequence[Path]) -> Iterator[str]:
    """The documents of a kind of text: Python is code, Markdown and reStructuredText are prose."""
    if kind == "LaTeX":
        yield from latex_texts(folders)
    elif kind == "JATS":
        yield from jats_texts(folders)
    else:
        for text in code_texts(folders):
            is_code = bool(re.search(r"^(?:def|class|import|from) ", text, re.MULTILINE))
            if is_code == (kind == "code"):
                yield text


KINDS: Final = ("LaTeX", "JATS", "code", "prose")


def passages(text: str) -> Iterator[str]:
    """A text cut at blank lines, each part of about `_PASSAGE_CHARACTERS` or more."""
    part: list[str] = []
    size = 0
    for paragraph in text.split("\n\n"):
        part.append(paragraph)
        size += len(paragraph) + 2
        if size >= _PASSAGE_CHARACTERS:
            yield "\n\n".join(part)
            part, size = [], 0
    if part:
        yield "\n\n".join(part)


def gathered(
    folders: Sequence[Path], limit_bytes: int
) -> tuple[list[str], dict[str, list[str]], dict[str, list[str]]]:
    """The training passages, and those held out and all of them by kind."""
    train: list[str] = []
    held_out: dict[str, list[str]] = defaultdict(list)
    every: dict[str, list[str]] = defaultdict(list)
    for kind in KINDS:
        size, seen = 0, set[str]()
        for text in texts_of(kind, folders):
            for passage in passages(text):
                digest = fingerprint_bytes(passage.encode())
                if digest in seen or not passage.strip():
                    continue
                seen.add(digest)
                every[kind].append(passage)
                is_held_out = int(digest[:8], 16) % _HELD_OUT_IN == 0
                (held_out[kind] if is_held_out else train).append(passage)
                size += len(passage.encode())
            if size >= limit_bytes:
                break
    return train, dict(held_out), dict(every)


def changes(texts: Iterable[str], name: str) -> Counter[tuple[str, str]]:
    """What a normalizer replaces, and by what, with the number of times."""
    normalizer = NORMALIZERS[name]
    counts: Counter[tuple[str, str]] = Counter()
    if normalizer is None:
        return counts
    clusters = Counter(match.group() for text in texts for match in _CLUSTER.finditer(text))
    for cluster, times in clusters.items():
        for written in _with_their_marks(cluster):
            normalized = normalizer.normalize_str(written)
            if normalized != written:
                counts[written, normalized] += times
    return counts


def _with_their_marks(cluster: str) -> Iterator[str]:
    """Each character with the combining marks that follow it."""
    start = 0
    for place in range(1, len(cluster) + 1):
        if place == len(cluster) or not unicodedata.combining(cluster[place]):
            yield cluster[start:place]
            start = place


def lossless(tokenizer: ScienceTokenizer, texts: Sequence[str]) -> int:
    """How many texts come back from their ids as they were written."""
    ids, offsets = tokenizer.encode_documents(texts, end_of_document=False)
    return sum(
        tokenizer.decode(ids[offsets[k] : offsets[k + 1]]) == reveal(text)
        for k, text in enumerate(texts)
    )


def speed(tokenizer: ScienceTokenizer, texts: Sequence[str]) -> float:
    """MB of text a second of processor time on one thread, the best of some passes."""
    num_bytes = sum(len(text.encode()) for text in texts)
    best = 0.0
    for _ in range(_REPEATS):
        start = time.process_time()
        tokenizer.encode_documents(texts)
        best = max(best, num_bytes / (time.process_time() - start) / 1e6)
    return best


def measured(folders: Sequence[Path], limit_bytes: int, size: int) -> dict[str, Any]:
    """Everything that is printed."""
    train, held_out, every = gathered(folders, limit_bytes)
    report: dict[str, Any] = {
        "bytes": {kind: sum(len(t.encode()) for t in texts) for kind, texts in every.items()},
        "held_out": {kind: len(texts) for kind, texts in held_out.items()},
        "normalizers": {},
    }
    for name in NAMES:
        print(f"training with {name} ...", file=sys.stderr, flush=True)
        settings = TokenizerSettings.model_validate({"vocabulary_size": size, "normalizer": name})
        tokenizer = train_tokenizer(train, settings, latex_markers=True)
        kinds = {}
        for kind, texts in held_out.items():
            num_bytes = sum(len(text.encode()) for text in texts)
            found = changes(every[kind], name)
            kinds[kind] = {
                "tokens_per_kilobyte": 1000 * len(tokenizer.encode_documents(texts)[0]) / num_bytes,
                "lossless": lossless(tokenizer, texts) / len(texts),
                "changed": found.total(),
                "per_million": 1e6 * found.total() / sum(map(len, every[kind])),
                "most": [[*pair, times] for pair, times in found.most_common(_MOST_SHOWN)],
                "megabytes_a_second": speed(tokenizer, every[kind]),
            }
        decoded = {
            what: tokenizer.decode(tokenizer.encode_documents([text], end_of_document=False)[0])
            for what, text in MEANINGS.items()
        }
        report["normalizers"][name] = {
            "entries": tokenizer.vocabulary_size,
            "kinds": kinds,
            "meanings": decoded,
        }
    return report


def show(report: dict[str, Any]) -> None:
    """Print the report as tables."""
    by_name = report["normalizers"]
    for kind, num_bytes in report["bytes"].items():
        print(f"{kind}: {num_bytes / 1e6:.1f} MB, {report['held_out'][kind]:,} passages held out")
    columns = {
        "tokens per 1,000 bytes": ("tokens_per_kilobyte", "{:.2f}"),
        "held-out passages that decode exactly": ("lossless", "{:.1%}"),
        "characters changed in a million": ("per_million", "{:.1f}"),
        "MB a second of one core": ("megabytes_a_second", "{:.0f}"),
    }
    for title, (key, form) in columns.items():
        print(f"\n{title:<40}" + "".join(f"{name:>12}" for name in NAMES))
        for kind in report["bytes"]:
            values = [form.format(by_name[name]["kinds"][kind][key]) for name in NAMES]
            print(f"  {kind:<38}" + "".join(f"{value:>12}" for value in values))
    for kind in report["bytes"]:
        for name in ("nfkc", "nfc"):
            most = by_name[name]["kinds"][kind]["most"]
            said = ", ".join(f"{was!a} {was} -> {now!a} x{n:,}" for was, now, n in most)
            print(f"\n{kind}, changed most by {name}: {said or 'nothing'}")
    print(f"\n{'as written':<14}" + "".join(f"{name:<14}" for name in NAMES))
    for what, text in MEANINGS.items():
        forms = [by_name[name]["meanings"][what] for name in NAMES]
        print(f"{text:<14}" + "".join(f"{form:<14}" for form in forms) + what)
    sizes = ", ".join(f"{name} {by_name[name]['entries']:,}" for name in NAMES)
    print(f"\nvocabularies: {sizes} entries")


def main() -> None:
    """Measure what the arguments say, and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of raw text")
    parser.add_argument("--limit-mb", type=float, default=16.0, help="of each kind of text")
    parser.add_argument("--vocabulary-size", type=int, default=50_000)
    parser.add_argument("--json", type=Path, help="every number")
    arguments = parser.parse_args()
    report = measured(arguments.data, int(arguments.limit_mb * 1e6), arguments.vocabulary_size)
    show(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
