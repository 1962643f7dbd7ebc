from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galactica.epochs import EpochIndex, epoch_index, sequential_index

lengths_of = st.lists(st.integers(0, 12), min_size=1, max_size=20).filter(lambda a: sum(a) > 1)
epochs_of = st.sampled_from([0.5, 1, 1.5, 2, 2.5, 3, 4.1, 4.25])


def index_or_none(lengths: list[int], **settings: object) -> EpochIndex | None:
    try:
        return epoch_index(np.array(lengths, np.int32), **settings)  # type: ignore[arg-type]
    except ValueError as error:
        if "too few for one sample" not in str(error):
            raise
        return None


def stream_of(index: EpochIndex, lengths: list[int]) -> list[tuple[int, int]]:
    """Every token of the stream as (document, offset)."""
    return [(int(d), offset) for d in index.documents for offset in range(lengths[d])]


def sample_tokens(index: EpochIndex, lengths: list[int], sample: int) -> list[tuple[int, int]]:
    """The tokens of a sample, read from its bounds one by one, as the dataset does."""
    (position, offset), (last_position, last_offset) = index.samples[sample : sample + 2].tolist()
    tokens = []
    while (position, offset) <= (last_position, last_offset):
        document = int(index.documents[position])
        if offset < lengths[document]:
            tokens.append((document, offset))
            offset += 1
        else:
            position, offset = position + 1, 0
    return tokens


@given(
    lengths=lengths_of,
    epochs=epochs_of,
    seed=st.integers(0, 2**40),
    sequence_length=st.integers(1, 9),
)
def test_strict_epochs(lengths: list[int], epochs: float, seed: int, sequence_length: int) -> None:
    index = index_or_none(lengths, epochs=epochs, seed=seed, sequence_length=sequence_length)
    total = sum(lengths)
    whole, fraction = divmod(Fraction(str(epochs)), 1)
    num_tokens = whole * total + floor(fraction * total)
    num_samples = (num_tokens - 1) // sequence_length
    if index is None:
        assert num_samples < 1
        return
    assert index.num_samples == num_samples
    assert index.num_tokens == num_tokens

    # Each whole pass visits every document exactly once; the last one a part of them.
    passes = [
        index.documents[start : start + len(lengths)].tolist()
        for start in range(0, len(index.documents), len(lengths))
    ]
    for number, documents in enumerate(passes):
        if len(documents) == len(lengths):
            assert sorted(documents) == list(range(len(lengths)))
        else:
            assert number == len(passes) - 1
            assert len(set(documents)) == len(documents)

    # Samples are sequence_length + 1 tokens of the stream and overlap by one.
    stream = stream_of(index, lengths)
    for sample in range(num_samples):
        start = sample * sequence_length
        expected = stream[start : start + sequence_length + 1]
        assert sample_tokens(index, lengths, sample) == expected
        assert len(expected) == sequence_length + 1
    # Only the last partial sample is dropped.
    assert num_tokens - 1 - num_samples * sequence_length < sequence_length

    # Every sample is taken once; within the pass that its first token is in.
    assert sorted(index.order.tolist()) == list(range(num_samples))
    pass_of_taken = [int(sample) * sequence_length // total for sample in index.order]
    assert pass_of_taken == sorted(pass_of_taken)
    for number in range(len(index.pass_tokens)):
        assert index.samples_through(number + 1) == sum(p <= number for p in pass_of_taken)
    assert index.samples_through(0) == 0
    assert index.samples_through(epochs) == index.samples_through(1000.5) == num_samples
    halves = [index.samples_through(half / 2) for half in range(2 * len(index.pass_tokens) + 1)]
    assert all(one <= other for one, other in pairwise(halves))


def test_the_sample_across_the_seam_belongs_to_the_earlier_pass() -> None:
    # Two passes of 10 tokens, samples that begin at 0, 4, 8 (across the seam at 10), 12.
    index = epoch_index(np.array([10]), epochs=2, seed=3, sequence_length=4)
    assert index.samples.tolist() == [[0, 0], [0, 4], [0, 8], [1, 2], [1, 6]]
    assert index.samples_through(1) == 3
    assert sorted(index.order[:3].tolist()) == [0, 1, 2]
    assert index.order[3] == 3
    assert sample_tokens(index, [10], 2) == [(0, 8), (0, 9), (0, 0), (0, 1), (0, 2)]
    # Half a pass is 5 tokens: the samples that begin at 0 and 4.
    assert index.samples_through(0.5) == 2


def test_passes_and_seeds_differ_and_a_longer_run_begins_alike() -> None:
    lengths = np.full(500, 7)
    index = epoch_index(lengths, epochs=3, seed=1, sequence_length=16)
    first, second, third = index.documents.reshape(3, 500)
    assert (first != second).any()
    assert (second != third).any()
    other = epoch_index(lengths, epochs=3, seed=2, sequence_length=16)
    assert (other.documents[:500] != first).any()
    longer = epoch_index(lengths, epochs=4.25, seed=1, sequence_length=16)
    assert (longer.documents[:1500] == index.documents).all()
    taken = index.samples_through(2)
    assert (longer.order[:taken] == index.order[:taken]).all()
    # Samples too are shuffled: neighbours in the stream are not taken one after the other.
    assert (np.diff(index.order[:taken]) == 1).mean() < 0.05


def test_the_index_is_the_same_on_every_machine() -> None:
    index = epoch_index(np.arange(1, 9), epochs=1.5, seed=20, sequence_length=5)
    assert index.documents.tolist() == [2, 7, 4, 1, 5, 3, 0, 6, 2, 0, 6, 3]
    assert index.order.tolist() == [7, 6, 4, 1, 0, 5, 2, 3, 9, 8]


@given(
    per_source=st.lists(st.integers(1, 12), min_size=2, max_size=4),
    data=st.data(),
    seed=st.integers(0, 99),
)
def test_a_source_with_its_own_epochs(
    per_source: list[int], data: st.DataObject, seed: int
) -> None:
    choices = [0.0, 0.25, 0.5, 1.0, 1.1, 2.0, 2.75]
    source_epochs = [data.draw(st.sampled_from(choices)) for _ in per_source]
    sources = np.repeat(np.arange(len(per_source)), per_source)
    lengths = np.full(len(sources), 5)
    try:
        index = epoch_index(
            lengths,
            epochs=2,
            seed=seed,
            sequence_length=2,
            document_sources=sources,
            source_epochs=source_epochs,
        )
    except ValueError as error:
        if "too few" not in str(error):
            raise
        return
    sizes = [tokens // 5 for tokens in index.pass_tokens]
    assert sum(sizes) == len(index.documents)
    for documents in np.split(index.documents, [sizes[0]]):
        visits = Counter(documents.tolist())
        for source, epochs in enumerate(source_epochs):
            members = np.flatnonzero(sources == source)
            whole, fraction = divmod(Fraction(str(epochs)), 1)
            more = [visits[int(member)] - whole for member in members]
            assert set(more) <= {0, 1}
            assert sum(more) == floor(fraction * len(members) + Fraction(1, 2))


def test_the_fraction_of_a_source_is_drawn_anew_in_every_pass() -> None:
    index = epoch_index(
        np.full(400, 3),
        epochs=2,
        seed=0,
        sequence_length=1,
        document_sources=np.zeros(400, np.int32),
        source_epochs=[0.5],
    )
    first, second = (set(half.tolist()) for half in np.split(index.documents, 2))
    assert len(first) == len(second) == 200
    assert 50 < len(first & second) < 150


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sequence_length": 0}, "sequence_length is 0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": float("nan")}, "epochs is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"sequence_length": 30}, r"30 tokens in 1 epochs of 3 documents: too few .* = 31 tokens"),
        ({"source_epochs": [-1.0]}, "epochs of source 0 is -1"),
    ],
)
def test_settings_that_make_no_sense(change: dict[str, object], message: str) -> None:
    settings = {"sequence_length": 4, "epochs": 1, "seed": 0, **change}
    with pytest.raises(ValueError, match=message):
        epoch_index(
            np.array([10, 10, 10]),
            document_sources=np.zeros(3, int),
            **settings,  # type: ignore[arg-type]
        )


@given(lengths=st.lists(st.integers(0, 9), max_size=9), sequence_length=st.integers(1, 9))
def test_validation_predicts_every_token_but_the_first_once(
    lengths: list[int], sequence_length: int
) -> None:
    index = sequential_index(np.array(lengths, np.int32), sequence_length=sequence_length)
    stream = stream_of(index, lengths)
    predicted = [
        token
        for sample in range(index.num_samples)
        for token in sample_tokens(index, lengths, sample)[1:]
    ]
    assert predicted == stream[1:]
    assert index.order.tolist() == list(range(index.num_samples))
