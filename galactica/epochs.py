"""Strict epochs: in what order a run visits documents and samples, as plain arrays.

A pass visits every document once, in an order drawn from (seed, pass); its documents form one
stream, and the streams of the passes follow each other without padding. The whole stream is cut
into samples of sequence_length + 1 tokens that overlap by one: sample i begins at token
i * sequence_length. A sample belongs to the pass its first token is in, so the one across a seam
belongs to the earlier pass, and samples are shuffled within their pass only. Nothing is dropped
but the last partial sample of the run.

    stream    | pass 0 ............ | pass 1 ............ | pass 2, a fraction |
    samples   |____|____|____|____|_|__|____|____|____|___|_|____|____|____|

(Megatron-LM's own index shuffles all epochs together: NVIDIA/Megatron-LM issue 697.)

Everything follows from the lengths, the sources and the settings: no state, no clock. Random keys
are the raw words of a Philox generator, whose stream numpy keeps fixed for ever, put in order by
a stable sort: the same on every machine and under every numpy version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer[Any]]

# What a random draw is for: with (seed, pass) it names a stream of its own.
_DOCUMENT_ORDER: Final = 0
_SAMPLE_ORDER: Final = 1
_EXTRA_DOCUMENTS: Final = 2

# Samples found at a time: bounds the memory beyond the index itself.
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class EpochIndex:
    """Which tokens make which sample, and in what order the samples are taken.

    `documents[position]` is the document at a position of the stream; `samples[i]` the (position,
    offset in the document) of the first token of sample i, with one row more for the token after
    the last sample's inputs; `order[k]` the sample taken k-th. `pass_tokens` are the whole lengths
    of the passes, of which `num_tokens` are used in all.
    """

    documents: Integers
    samples: Integers
    order: Integers
    sequence_length: int
    num_tokens: int
    pass_tokens: tuple[int, ...]

    @property
    def num_samples(self) -> int:
        """The number of samples of the run."""
        return len(self.order)

    def samples_through(self, epochs: float) -> int:
        """How many samples have been taken when this many epochs are done.

        They are the samples that begin within the first `epochs` passes; `epochs` beyond the end
        of the run gives all samples.
        """
        return min(_samples_before(self._token(epochs), self.sequence_length), self.num_samples)

    def _token(self, epochs: float) -> int:
        whole, fraction = divmod(_exactly(epochs), 1)
        before = sum(self.pass_tokens[:whole])
        rest = self.pass_tokens[whole] if whole < len(self.pass_tokens) else 0
        return before + floor(fraction * rest)


def epoch_index(
    document_lengths: Integers,
    *,
    sequence_length: int,
    epochs: float,
    seed: int,
    document_sources: Integers | None = None,
    source_epochs: Sequence[float] | None = None,
) -> EpochIndex:
    """The index of a training run of this many epochs over documents of these lengths in tokens.

    2.5 epochs are two passes and the first half of the third pass's tokens, rounded down. With
    `source_epochs`, a document of source s (`document_sources[document]`) comes
    floor(source_epochs[s]) times in every pass, and the fractional part's share of the source's
    documents, to the nearest whole number and drawn from (seed, pass), comes once more.

    Raises ValueError where the settings make no sense or the tokens do not fill one sample.

    >>> index = epoch_index(np.array([3, 2, 4]), sequence_length=4, epochs=2, seed=0)
    >>> index.documents.tolist(), index.samples.tolist()
    ([2, 1, 0, 2, 1, 0], [[0, 0], [1, 0], [2, 2], [3, 3], [5, 1]])
    >>> index.order.tolist(), index.samples_through(1)
    ([2, 1, 0, 3], 3)
    """
    if sequence_length < 1:
        raise ValueError(f"sequence_length is {sequence_length}; it must be at least 1 token")
    if not 0 < epochs < float("inf"):
        raise ValueError(f"epochs is {epochs}; it must be a finite number above 0")
    if seed < 0:
        raise ValueError(f"seed is {seed}; it must not be negative")
    lengths = document_lengths
    whole_passes, fraction = divmod(_exactly(epochs), 1)
    num_passes = whole_passes + (fraction > 0)
    orders = [
        _pass_documents(len(lengths), document_sources, source_epochs, seed, number)
        for number in range(num_passes)
    ]
    pass_tokens = tuple(int(lengths[order].sum(dtype=np.int64)) for order in orders)
    num_tokens = sum(pass_tokens[:whole_passes])
    if fraction:
        num_tokens += floor(fraction * pass_tokens[whole_passes])
    num_samples = (num_tokens - 1) // sequence_length
    if num_samples < 1:
        raise ValueError(
            f"{num_tokens} tokens in {epochs} epochs of {len(lengths)} documents: too few for one "
            f"sample of sequence_length + 1 = {sequence_length + 1} tokens"
        )
    documents = np.concatenate(orders)
    samples = _bounds(lengths, documents, sequence_length * np.arange(num_samples + 1))
    ends = [
        min(_samples_before(sum(pass_tokens[: number + 1]), sequence_length), num_samples)
        for number in range(num_passes)
    ]
    order = np.empty(num_samples, _dtype(num_samples))
    for number, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        order[start:end] = start + _permutation(end - start, seed, number, _SAMPLE_ORDER)
    return EpochIndex(
        documents=documents[: int(samples[-1, 0]) + 1],
        samples=samples,
        order=order,
        sequence_length=sequence_length,
        num_tokens=num_tokens,
        pass_tokens=pass_tokens,
    )


def sequential_index(document_lengths: Integers, *, sequence_length: int) -> EpochIndex:
    """The index of one pass in order, unshuffled and complete, as validation reads documents.

    Every token but the first is predicted exactly once: the last sample may be shorter, and its
    reader pads it. Fewer than two tokens in all give no sample.

    >>> sequential_index(np.array([3, 4]), sequence_length=4).samples.tolist()
    [[0, 0], [1, 1], [1, 3]]
    """
    lengths = document_lengths
    documents = np.arange(len(lengths))
    num_tokens = int(lengths.sum(dtype=np.int64))
    num_samples = -(-max(num_tokens - 1, 0) // sequence_length)
    starts = np.minimum(sequence_length * np.arange(num_samples + 1), max(num_tokens - 1, 0))
    samples = _bounds(lengths, documents, starts) if num_samples else np.zeros((1, 2), np.int64)
    return EpochIndex(
        documents=documents,
        samples=samples,
        order=np.arange(num_samples),
        sequence_length=sequence_length,
        num_tokens=num_tokens,
        pass_tokens=(num_tokens,),
    )


def _pass_documents(
    num_documents: int,
    document_sources: Integers | None,
    source_epochs: Sequence[float] | None,
    seed: int,
    number: int,
) -> Integers:
    """The documents of one pass, in its order."""
    if source_epochs is None:
        order = _permutation(num_documents, seed, number, _DOCUMENT_ORDER)
        return order.astype(_dtype(num_documents))
    assert document_sources is not None
    for source, epochs in enumerate(source_epochs):
        if not 0 <= epochs < float("inf"):
            raise ValueError(f"epochs of source {source} is {epochs}; it must be finite, 0 or more")
    whole = np.array([floor(_exactly(epochs)) for epochs in source_epochs], np.int64)
    chosen = [np.repeat(np.arange(num_documents), whole[document_sources])]
    for source, epochs in enumerate(source_epochs):
        if fraction := _exactly(epochs) % 1:
            candidates = np.flatnonzero(document_sources == source)
            count = floor(fraction * len(candidates) + Fraction(1, 2))
            drawn = _permutation(len(candidates), seed, number, _EXTRA_DOCUMENTS, source)[:count]
            chosen.append(candidates[np.sort(drawn)])
    occurrences = np.concatenate(chosen)
    order = _permutation(len(occurrences), seed, number, _DOCUMENT_ORDER)
    return occurrences[order].astype(_dtype(num_documents))


def _bounds(lengths: Integers, documents: Integers, tokens: Integers) -> Integers:
    """The (position, offset) of tokens of the stream `documents`, as an array of two columns.

    A document without tokens is passed over.
    """
    ends = np.cumsum(lengths[documents], dtype=np.int64)
    bounds = np.empty((len(tokens), 2), _dtype(max(len(documents), int(lengths.max()))))
    for start in range(0, len(tokens), _BLOCK):
        some = tokens[start : start + _BLOCK]
        positions = np.searchsorted(ends, some, side="right")
        bounds[start : start + _BLOCK, 0] = positions
        bounds[start : start + _BLOCK, 1] = some - (ends[positions] - lengths[documents[positions]])
    return bounds


def _permutation(count: int, seed: int, number: int, *purpose: int) -> Integers:
    """A random order of range(count), drawn from the seed, the pass and the purpose."""
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(number, *purpose))
    keys = np.random.Philox(sequence).random_raw(count)
    return np.argsort(keys, kind="stable")


def _samples_before(token: int, sequence_length: int) -> int:
    """The number of samples whose first token comes before this token of the stream."""
    return -(-token // sequence_length)


def _exactly(epochs: float) -> Fraction:
    """The number as it was written: 4.1 has the fraction 1/10, not 0.0999999999999996."""
    return Fraction(repr(float(epochs)))


def _dtype(bound: int) -> type[np.integer[Any]]:
    """int32 where it holds everything below `bound`: half the memory."""
    return np.int32 if bound <= 1 << 31 else np.int64
