"""Samples for Megatron-core from Arrow shards, memory-mapped, in the order of strict epochs.

`StrictEpochDataset` is a dataset of Megatron-core's that cuts samples out of documents as its
GPTDataset does, a micro-batch at a time and compiled; `ShardTokens` below it has the interface of
its IndexedDataset, so that any other of its datasets can read the shards too. Nothing is copied but
the tokens of a sample when it is read, and no index is kept on disk: none can be stale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from megatron.core.datasets.blended_megatron_dataset_config import BlendedMegatronDatasetConfig
from megatron.core.datasets.megatron_dataset import MegatronDataset
from megatron.core.datasets.utils import Split

from galactica.data.batches import CPU, MicroBatch
from galactica.data.epochs import EpochIndex, PassIndex, epoch_index, sequential_index
from galactica.data.sample_kernel import (
    NOT_IN_VOCABULARY,
    OUT_OF_PLACE,
    batch_table,
    copy_samples,
    pass_table,
)
from tokenization.shards import ShardFolder, open_shards


class ShardTokens:
    """The documents of a shard folder behind the interface of Megatron-core's IndexedDataset.

    `sequence_lengths` is int32[documents], in tokens; `path_prefix` the folder.
    """

    def __init__(self, shards: ShardFolder) -> None:
        self.shards = shards
        self.sequence_lengths: npt.NDArray[np.int32] = shards.document_lengths
        self.path_prefix = str(shards.folder)

    def __len__(self) -> int:
        return self.shards.num_documents

    def get(
        self, idx: int, offset: int = 0, length: int | None = None
    ) -> npt.NDArray[np.unsignedinteger[Any]]:
        """Token ids of a document from `offset` on, `length` of them or all the rest: a view."""
        return self.shards.tokens(int(idx), offset, length)


@dataclass(frozen=True, slots=True)
class DocumentBorders:
    """What happens where one document ends within a sample and the next begins.

    As in Galactica (section 3.1: documents are packed) nothing does, by default: attention crosses
    the border, positions run through, and the first token of a document is predicted like any
    other. Where attention ends there, that token is not predicted, since nothing it could be
    predicted from is seen; `</s>` is, like any other. With `reset_position_ids` positions begin at
    0 again with each document, and with its rest in the sample that goes on with it. (Of
    Megatron-LM's: reset_attention_mask with eod_mask_loss, and reset_position_ids.)
    """

    attend_across_documents: bool = True
    reset_position_ids: bool = False


class _LaidOutPass(NamedTuple):
    """A pass and where it lies in memory: as long as somebody holds this."""

    number: int
    laid_out: PassIndex
    table: npt.NDArray[np.int64]
    table_address: int


#: Galactica's.
PACKED: Final = DocumentBorders()


class StrictEpochDataset(MegatronDataset):
    """Samples `{tokens, labels, position_ids}` int64[sequence] and `loss_mask` float32[sequence].

    In the order of training: `dataset[k]` is the sample taken k-th, and `read` gives several as a
    micro-batch. Where the last sample is shorter (validation only) zeros follow it, its loss mask
    is 0 from its end on, and they are a document of their own.
    """

    def __init__(
        self,
        documents: ShardTokens,
        index: EpochIndex,
        split: Split,
        config: BlendedMegatronDatasetConfig,
        borders: DocumentBorders,
        vocabulary_size: int | None = None,
    ) -> None:
        # Which documents are read, and how often, is the index's business.
        indices = np.zeros(0, np.int64)
        super().__init__(documents, documents.path_prefix, indices, None, split, config)
        self.index = index
        self.borders = borders
        shards = documents.shards
        self._table = batch_table(shards.first_documents, shards.batch_offsets, shards.batch_tokens)
        self._token_bytes = np.dtype(shards.token_dtype).itemsize
        self._vocabulary_size = vocabulary_size or 1 << 32
        self._table_address = self._table.ctypes.data
        # Where a sample can be padded or a token not be predicted, masks differ.
        is_padded = index.num_samples * index.sequence_length > index.num_tokens - 1
        self._makes_masks = is_padded or not borders.attend_across_documents
        self._made: dict[tuple[int, torch.device], tuple[torch.Tensor, torch.Tensor]] = {}
        self._pass: _LaidOutPass | None = None

    def __len__(self) -> int:
        return self.index.num_samples

    def __getitem__(self, idx: int) -> dict[str, torch.Tensor]:
        """The sample taken `idx`-th. Raises as `read` does."""
        tokens, positions, mask, _ = self._read([idx], CPU)
        row, length = tokens.squeeze(0), self.index.sequence_length
        return {
            "tokens": row.narrow(0, 0, length),
            "labels": row.narrow(0, 1, length),
            "loss_mask": mask.squeeze(0),
            "position_ids": positions.squeeze(0),
        }

    @property
    def pass_end_samples(self) -> list[int]:
        """The number of samples taken at the end of each pass; the last entry is all of them."""
        return list(self.index.pass_ends)

    def samples_through(self, epochs: float) -> int:
        """The number of samples taken when this many epochs, 0.5 or 2.25 say, are done."""
        return self.index.samples_through(epochs)

    def read(self, numbers: Sequence[int], device: torch.device = CPU) -> MicroBatch:
        """The samples taken at these numbers, a row each.

        Raises IndexError for a sample that is not there, and ValueError, naming file and document,
        for an id outside the vocabulary and for shards that changed while they were open.
        """
        tokens, positions, mask, borders = self._read(numbers, device)
        tokens = tokens.to(device, non_blocking=True)
        return MicroBatch(
            tokens=tokens[:, :-1],
            labels=tokens[:, 1:],
            loss_mask=mask.to(device, non_blocking=True),
            position_ids=positions.to(device, non_blocking=True),
            document_offsets=None if borders is None else borders.to(device, non_blocking=True),
        )

    def documents_of(self, number: int) -> list[str]:
        """The ids of the documents that sample `number` holds tokens of, in its order.

        They are the `doc_id` of the shards; the token that is only predicted counts too.
        """
        documents, _ = self._pieces(number)
        return [self.dataset.shards.doc_id(document) for document in documents]

    def _pieces(self, number: int) -> tuple[list[int], int]:
        """The documents of a sample, and the offset of its first token in the first of them."""
        at, place = self.index.pass_of(number)
        index = self.index.pass_index(at)
        sample = int(index.order[place])
        (first, offset), (last, _) = index.samples[sample : sample + 2].tolist()
        return index.documents[first : last + 1].tolist(), offset

    def _read(
        self, numbers: Sequence[int], device: torch.device
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Tokens (samples, sequence + 1), position ids, loss mask and document offsets.

        They are on the host, pinned for a GPU, but for what every sample has alike: on `device`.
        """
        count, length = len(numbers), self.index.sequence_length
        pinned = device.type == "cuda"
        tokens = torch.empty((count, length + 1), dtype=torch.int64, pin_memory=pinned)
        positions, mask = self._alike(count, device)
        borders = None
        if self.borders.reset_position_ids:
            positions = torch.empty((count, length), dtype=torch.int64, pin_memory=pinned)
        if self._makes_masks:
            mask = torch.empty((count, length), pin_memory=pinned)
        if not self.borders.attend_across_documents:
            borders = torch.empty(count * length + 1, dtype=torch.int32, pin_memory=pinned)
        row = found = 0
        while row < count:
            at, _ = self.index.pass_of(numbers[row])
            end = self.index.pass_ends[at]
            start = self.index.pass_ends[at - 1] if at else 0
            stop = row + 1
            while stop < count and start <= numbers[stop] < end:
                stop += 1
            some = np.array(numbers[row:stop], np.int64)
            index = self._laid_out(at)
            result = copy_samples(
                self._table_address,
                len(self._table),
                self._token_bytes,
                self._vocabulary_size,
                index.table_address,
                some.__array_interface__["data"][0],
                stop - row,
                length,
                self.borders.attend_across_documents,
                self.borders.reset_position_ids,
                tokens.data_ptr() + 8 * row * (length + 1),
                positions.data_ptr() + 8 * row * length if self.borders.reset_position_ids else 0,
                mask.data_ptr() + 4 * row * length if self._makes_masks else 0,
                0 if borders is None else borders.data_ptr() + 4 * found,
            )
            if result < 0:
                raise self._damage(result, tokens[row:stop], numbers[row:stop])
            if borders is not None and row:
                borders[found : found + result] += row * length
            found += result
            row = stop
        if borders is not None:
            borders[found] = count * length
            borders = borders[: found + 1]
        return tokens, positions, mask, borders

    def _alike(self, count: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Position ids and loss mask of samples that are all alike, made once."""
        made = self._made.get((count, device))
        if made is None:
            length = self.index.sequence_length
            positions = torch.arange(length, device=device).repeat(count, 1)
            made = positions, torch.ones(count, length, device=device)
            self._made[count, device] = made
        return made

    def _laid_out(self, at: int) -> _LaidOutPass:
        held = self._pass
        if held is None or held.number != at:
            one = self.index.pass_index(at)
            table = pass_table(self.index, at, one)
            self._pass = held = _LaidOutPass(at, one, table, table.ctypes.data)
        return held

    def _damage(self, result: int, tokens: torch.Tensor, numbers: Sequence[int]) -> ValueError:
        """What to tell of an id outside the vocabulary, or of documents that moved."""
        shards = self.dataset.shards
        if result == OUT_OF_PLACE:
            return ValueError(
                f"{shards.folder}: the shards changed while they were read; stop what writes to "
                "them, and check them with `galactica verify`"
            )
        row, place = divmod(NOT_IN_VOCABULARY - result, tokens.shape[1])
        documents, offset = self._pieces(numbers[row])
        found = int(tokens[row, place])
        place += offset
        for document in documents:  # stops at the one that holds the place
            if place < shards.document_lengths[document]:
                break
            place -= int(shards.document_lengths[document])
        return ValueError(
            f"{shards.file_of(document)}: document {shards.doc_id(document)!r} holds the id "
            f"{found} at token {place}, but the vocabulary has "
            f"{self._vocabulary_size} entries: the shards are of another tokenizer, or damaged "
            "(`galactica verify` tells)"
        )


def training_dataset(
    folder: Path,
    *,
    sequence_length: int,
    epochs: float,
    seed: int,
    source_epochs: Mapping[str, float] | None = None,
    borders: DocumentBorders = PACKED,
    vocabulary_size: int | None = None,
) -> StrictEpochDataset:
    """All samples of a training run over a shard folder, in the order they are taken.

    `source_epochs` says how often the documents of a source come in one pass; a source that it
    does not name comes once. Samples are the same on every machine and in every process. With
    `vocabulary_size` a sample that holds a larger id is refused when it is read.

    Raises ValueError where the folder is cut or damaged, a source is unknown, or the tokens do
    not fill one sample.
    """
    shards = open_shards(folder)
    own_epochs = None
    if source_epochs:
        for source in source_epochs:
            if source not in shards.source_names:
                raise ValueError(
                    f"source_epochs names {source!r}, but the sources of {folder} are "
                    f"{', '.join(shards.source_names) or 'none'}"
                )
        own_epochs = [source_epochs.get(source, 1.0) for source in shards.source_names]
    try:
        index = epoch_index(
            shards.document_lengths,
            sequence_length=sequence_length,
            epochs=epochs,
            seed=seed,
            document_sources=shards.document_sources,
            source_epochs=own_epochs,
        )
    except ValueError as error:
        raise ValueError(f"{folder}: {error}") from None
    config = _config(folder, Split.train, sequence_length, seed)
    return StrictEpochDataset(
        ShardTokens(shards), index, Split.train, config, borders, vocabulary_size
    )


def validation_datasets(
    shards: ShardFolder,
    *,
    sequence_length: int,
    borders: DocumentBorders = PACKED,
    vocabulary_size: int | None = None,
) -> dict[str, StrictEpochDataset]:
    """For each source of a shard folder its documents once, in order, complete.

    Every token but a source's first is predicted exactly once (where attention ends at documents,
    every token but their first): the last sample is padded and its padding masked, so that a source
    of one short document has a loss. A source in which nothing is predicted is left out.
    """
    datasets = {}
    for source, name in enumerate(shards.source_names):
        documents = np.flatnonzero(shards.document_sources == source)
        lengths = shards.document_lengths
        index = sequential_index(lengths, documents, sequence_length=sequence_length)
        predicts = borders.attend_across_documents or (lengths[documents] > 1).any()
        if index.num_samples and predicts:
            config = _config(shards.folder, Split.valid, sequence_length, seed=0)
            datasets[name] = StrictEpochDataset(
                ShardTokens(shards), index, Split.valid, config, borders, vocabulary_size
            )
    return datasets


def _config(
    folder: Path, split: Split, sequence_length: int, seed: int
) -> BlendedMegatronDatasetConfig:
    """What Megatron-core asks of every dataset; of a tokenizer only a name is asked."""
    return BlendedMegatronDatasetConfig(
        random_seed=seed,
        sequence_length=sequence_length,
        blend=([str(folder)], None),
        split="1",
        tokenizer=_NoTokenizer(),
    )


@dataclass(frozen=True, slots=True)
class _NoTokenizer:
    """The shards hold ids already. Megatron-core writes its name into the dataset's description."""

    unique_identifiers: Mapping[str, str] = field(default_factory=dict)
