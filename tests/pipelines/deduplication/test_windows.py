"""What goes, against the rule as it is said: every window of every document in one set."""

import random
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.deduplication.removals import Removal
from tests.pipelines.deduplication.small_corpora import Text, deduplicated, held_out
from tokenization.markers import code_point

MINIMUM, GAP = 32, 4
REF, END_REF = code_point("[START_REF]"), code_point("[END_REF]")
#: Pieces that overlap, repeat and share beginnings, so that windows are shared in every way.
_PHRASES = [
    "0123456789abcdefghij",
    "abcdefghijklmnopqrst",
    "the same phrase again and again",
    "a",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "éàüöÖ𝄞",
    "1234",
    "12345",
    "\n",
    "\n\n",
    "\n\n",
    "\n\n\n",
    f"{REF} x{END_REF}",
    f"{REF} x\n\ny{END_REF}",
]
_TEXTS = st.lists(st.sampled_from(_PHRASES), max_size=14).map("".join)
_DOCUMENTS = st.one_of(_TEXTS, _TEXTS.map(held_out))
_CORPORA = st.lists(st.lists(_DOCUMENTS, max_size=4), min_size=1, max_size=3)


def paragraphs(text: bytes) -> list[tuple[int, int]]:
    """Where paragraphs begin and end: two newlines part them, but not between REF markers."""
    found: list[tuple[int, int]] = []
    begin = depth = place = 0
    while place < len(text):
        depth += text.startswith(REF.encode(), place) - text.startswith(END_REF.encode(), place)
        if depth == 0 and text.startswith(b"\n\n", place):
            if place > begin:
                found.append((begin, place))
            while place < len(text) and text[place : place + 1] == b"\n":
                place += 1
            begin = place
        else:
            place += 1
    if begin < len(text):
        found.append((begin, len(text)))
    return found


def removed_by_rule(corpus: list[list[Text]]) -> list[list[list[tuple[int, int]]]]:
    """The ranges of characters that go, of each document of each source."""
    ranked: list[tuple[int, bytes]] = []
    for position, texts in enumerate(corpus):
        for text in texts:
            rank = position + 1 if isinstance(text, str) else 0
            ranked.append((rank, (text if isinstance(text, str) else text[1]).encode()))
    lowest: dict[bytes, int] = {}
    for rank, text in ranked:
        for start in range(len(text) - MINIMUM + 1):
            window = text[start : start + MINIMUM]
            lowest[window] = min(lowest.get(window, rank), rank)
    result = []
    rest = iter(ranked)
    for texts in corpus:
        of_source = []
        for _ in texts:
            rank, text = next(rest)
            covered = [False] * len(text)
            for start in range(len(text) - MINIMUM + 1):
                if lowest[text[start : start + MINIMUM]] < rank:
                    covered[start : start + MINIMUM] = [True] * MINIMUM
            inside = [place for place, is_covered in enumerate(covered) if is_covered]
            for before, after in pairwise(inside):
                if after - before - 1 <= GAP:
                    covered[before:after] = [True] * (after - before)
            of_source.append(
                [
                    (len(text[:begin].decode()), len(text[:end].decode()))
                    for begin, end in paragraphs(text)
                    if all(covered[begin:end])
                ]
            )
        result.append(of_source)
    return result


def ranges(removals: list[list[Removal]]) -> list[list[tuple[int, int]]]:
    return [[(removal.begin, removal.end) for removal in its] for its in removals]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_CORPORA, st.integers(0, 5), st.sampled_from((1_000, 1_000_000)))
def test_what_goes_is_what_the_rule_says(
    corpus: list[list[Text]], seed: int, memory_bytes: int
) -> None:
    by_name = {f"source{number}": texts for number, texts in enumerate(corpus)}
    with tempfile.TemporaryDirectory() as folder:
        found = deduplicated(
            Path(folder, "corpus"),
            by_name,
            minimum_bytes=MINIMUM,
            gap_bytes=GAP,
            seed=seed,
            memory_bytes=memory_bytes,
        )
    assert [ranges(found.removals[name]) for name in by_name] == removed_by_rule(corpus)


def _random_corpus(seed: int) -> dict[str, list[Text]]:
    """Documents of random words, with stretches copied at random places from one to another."""
    choice = random.Random(seed)
    words = ["".join(choice.choices("etaoinshrdlu", k=choice.randint(1, 9))) for _ in range(300)]
    written: list[str] = []
    corpus: dict[str, list[Text]] = {name: [] for name in ("a", "b", "c")}
    for _ in range(60):
        texts = []
        for _ in range(choice.randint(1, 8)):
            if written and choice.random() < 0.4:
                other = choice.choice(written)
                start = choice.randrange(len(other))
                texts.append(other[start : start + choice.randint(20, 400)])
            else:
                texts.append(" ".join(choice.choices(words, k=choice.randint(3, 60))))
        text = choice.choice(("", "\n\n")).join(texts)
        written.append(text)
        name = choice.choice(list(corpus))
        corpus[name].append(held_out(text) if choice.random() < 0.1 else text)
    return corpus


def test_longer_texts_go_by_the_rule_too(tmp_path: Path) -> None:
    for seed in range(3):
        corpus = _random_corpus(seed)
        found = deduplicated(tmp_path / "corpus", corpus, minimum_bytes=MINIMUM)
        expected = removed_by_rule(list(corpus.values()))
        assert [ranges(found.removals[name]) for name in corpus] == expected
        assert sum(len(its) for source in expected for its in source) > 20


def test_neither_workers_nor_partitions_nor_parts_change_what_goes(tmp_path: Path) -> None:
    corpus = _random_corpus(7)
    first = deduplicated(tmp_path / "one", corpus, documents_per_part=8)
    assert sum(map(len, first.removals["c"])) > 3
    again = deduplicated(tmp_path / "two", corpus, documents_per_part=8, workers=2)
    assert again.files == first.files
    cut = deduplicated(tmp_path / "cut", corpus, documents_per_part=8, memory_bytes=20_000)
    assert len(cut.results[1].manifests) > 5
    assert len(cut.results[3].manifests) > 1
    assert cut.removals == first.removals
    other_parts = deduplicated(tmp_path / "parts", corpus, documents_per_part=5)
    assert other_parts.removals == first.removals
    seeded = deduplicated(tmp_path / "seed", corpus, documents_per_part=8, seed=1)
    assert seeded.removals == first.removals


def test_a_second_run_runs_nothing(tmp_path: Path) -> None:
    corpus = _random_corpus(3)
    first = deduplicated(tmp_path / "corpus", corpus)
    assert all(result.num_run for result in first.results)
    again = deduplicated(tmp_path / "corpus", corpus, keep=True)
    assert [result.num_run for result in again.results] == [0] * 5
    changed = deduplicated(tmp_path / "corpus", corpus, keep=True, gap_bytes=3)
    assert [bool(result.num_run) for result in changed.results] == [False] * 4 + [True]
