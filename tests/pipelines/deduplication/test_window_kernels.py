"""Hashes, runs and what stands for a sequence, against plain Python."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from pipelines.deduplication.compared_text import (
    ComparedText,
    Comparison,
    with_identities,
)
from pipelines.deduplication.paragraphs import (
    marker_kinds,
    paragraphs_of,
    remove_paragraphs,
)
from pipelines.deduplication.window_kernels import MODULUS, base_of
from pipelines.deduplication.window_runs import Runs, RunTable, runs_of
from tokenization.markers import BUILT_IN, code_point

MINIMUM = 40
KINDS = marker_kinds(BUILT_IN)
COMPARISON = Comparison(MINIMUM, base_of(0), KINDS, training=True)
AMINO, END_AMINO = code_point("[START_AMINO]"), code_point("[END_AMINO]")


def text_of(*documents: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    ends = np.cumsum([len(document) for document in documents])
    return np.frombuffer(bytearray(b"".join(documents)), np.uint8), ends


def runs_in(*documents: bytes) -> tuple[Runs, npt.NDArray[np.uint8]]:
    text, ends = text_of(*documents)
    held_out = np.zeros(len(documents), np.bool_)
    return runs_of(ComparedText(text, ends, text, ends, held_out), COMPARISON), text


def hash_of(window: bytes, base: int) -> int:
    value = 0
    for byte in window:
        value = (value * base + byte + 1) % MODULUS
    return value


_BYTES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from([b"ab", b"abc", b"a" * 60, b"\0", b"\xff\xff"]), max_size=40).map(
        b"".join
    ),
)


@given(st.lists(_BYTES, min_size=1, max_size=4))
def test_runs_hold_every_window_once_and_nothing_else(documents: list[bytes]) -> None:
    runs, text = runs_in(*documents)
    starts, hashes = runs.windows(text, COMPARISON)
    expected, begin = [], 0
    for document in documents:
        expected += range(begin, begin + len(document) - MINIMUM + 1)
        begin += len(document)
    assert starts.tolist() == expected
    whole = b"".join(documents)
    assert hashes.tolist() == [hash_of(whole[s : s + MINIMUM], COMPARISON.base) for s in expected]


@given(_BYTES, _BYTES, _BYTES)
def test_equal_windows_have_one_minimizer_whatever_is_around_them(
    before: bytes, between: bytes, after: bytes
) -> None:
    runs, text = runs_in(before + between, between + after)
    counts = runs.lasts - runs.firsts + 1
    minimizers: dict[bytes, int] = {}
    starts, _ = runs.windows(text, COMPARISON)
    whole = text.tobytes()
    for start, minimizer in zip(starts, np.repeat(runs.shingles, counts), strict=True):
        window = whole[start : start + MINIMUM]
        assert minimizers.setdefault(window, int(minimizer)) == minimizer


def test_text_that_repeats_itself_makes_few_runs() -> None:
    for document in (b"a" * 100_000, b"|---" * 25_000, bytes(100_000)):
        runs, _ = runs_in(document)
        assert len(runs.firsts) < 100_000 / 20


def test_a_phrase_in_many_contexts_is_as_many_runs() -> None:
    phrase = b"a phrase that is in every document, whatever the number is"
    runs, text = runs_in(*(b"%d" % (number * 7919) + phrase for number in range(100_000)))
    whole = text.tobytes()
    contents = {
        whole[first : last + MINIMUM]
        for first, last in zip(runs.firsts.tolist(), runs.lasts.tolist(), strict=True)
    }
    assert np.unique(runs.shingles, return_counts=True)[1].max() > 50_000
    pairs = set(zip(runs.shingles.tolist(), runs.contents.tolist(), strict=True))
    assert len(pairs) == len(contents)
    # Of a million contexts some hundred would be taken for others, had they 32 bits.
    assert 2**40 < runs.contents.max() < 2**48


def test_runs_are_apart_as_expected_of_usual_text() -> None:
    text = np.random.default_rng(0).integers(97, 123, 200_000, np.uint8).tobytes()
    runs, _ = runs_in(text)
    width = MINIMUM - 12 + 1  # shingles of 12 bytes in a window of 40
    assert abs(200_000 / len(runs.firsts) - (width + 1) / 2) < 0.5


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 3)), unique=True, max_size=50))
def test_a_table_finds_its_rows_and_no_others(rows: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in rows], np.uint64)
    contents = np.array([content for _, content in rows], np.uint64)
    table = RunTable(keys, contents)
    assert table.find(keys, contents).tolist() == list(range(len(rows)))
    others = contents + np.uint64(4)
    assert table.find(keys, others).tolist() == [-1] * len(rows)


def test_sequences_are_replaced_by_their_identity() -> None:
    short, long = b"MKV", b"M" * 1000
    opening, closing = AMINO.encode(), END_AMINO.encode()
    wrapped = [b"a" + opening + content + closing + b"b" for content in (short, long, b"", short)]
    text, ends = with_identities(*text_of(*wrapped, b"", b"no sequence"), KINDS)
    pieces = np.split(text, ends)[:-1]
    inside = [bytes(piece)[4:-4] for piece in pieces[:4]]
    assert [len(identity) for identity in inside] == [16, 128, 16, 16]
    assert inside[0] == inside[3] != inside[2]
    assert [bytes(piece) for piece in pieces[4:]] == [b"", b"no sequence"]
    assert all(
        bytes(p)[:4] == b"a" + opening and bytes(p)[-4:] == closing + b"b" for p in pieces[:4]
    )


def test_a_sequence_that_is_never_closed_ends_with_its_document() -> None:
    text, ends = with_identities(*text_of(f"x{AMINO}MKV".encode(), b"MKV", b""), KINDS)
    pieces = [bytes(piece) for piece in np.split(text, ends)[:-1]]
    assert [len(piece) for piece in pieces] == [1 + 3 + 16, 3, 0]


@given(st.lists(st.sampled_from(["a", "\n", "\n\n", "é", AMINO, END_AMINO, "b\n\nc"]), max_size=20))
def test_all_paragraphs_removed_leave_nothing_and_none_leave_all(pieces: list[str]) -> None:
    text = "".join(pieces)
    data, ends = text_of(text.encode())
    begins, stops, _ = paragraphs_of(data, np.array([0]), ends, KINDS)
    ranges = [
        (len(text.encode()[:begin].decode()), len(text.encode()[:stop].decode()))
        for begin, stop in zip(begins.tolist(), stops.tolist(), strict=True)
    ]
    assert remove_paragraphs(text, ranges).text == ("" if ranges else text)
    assert remove_paragraphs(text, []).text == text
    for number in range(len(ranges)):
        left = remove_paragraphs(text, ranges[:number] + ranges[number + 1 :]).text
        begin, stop = ranges[number]
        assert left.strip("\n") == text[begin:stop].strip("\n")
