"""The held-out samples of a run: every split of the shards but the one that is trained on.

Beside the tokens of a sample stands the modality of each label. It follows from the document from
its start, so that a sample which begins inside a span knows of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from galactica.data.batches import CPU, MicroBatch, SampleDataset
from galactica.data.shard_dataset import PACKED, DocumentBorders, validation_datasets
from tokenization.modalities import Modalities
from tokenization.shards import ShardFolder, open_shards
from tokenization.token_bytes import token_byte_lengths
from tokenization.tokenizer import ScienceTokenizer

#: Tokens whose modalities are found together.
_BLOCK_TOKENS: Final = 1 << 20


class HeldOutSource:
    """The first samples of a source of a split, in order, with the modalities of their labels.

    `lines` uint8[samples, sequence] are lines of `Modalities.names`, None where none are known.
    """

    def __init__(
        self, samples: SampleDataset, num_samples: int, lines: npt.NDArray[np.uint8] | None
    ) -> None:
        self._samples = samples
        self._num_samples = num_samples
        self._lines = lines

    def __len__(self) -> int:
        return self._num_samples

    def read(self, numbers: Sequence[int], device: torch.device = CPU) -> MicroBatch:
        """The samples of these numbers on a device, a row each."""
        batch = self._samples.read(numbers, device)
        if self._lines is None:
            return batch
        lines = torch.from_numpy(self._lines[list(numbers)]).to(device)
        return replace(batch, modalities=lines.long())


@dataclass(frozen=True, slots=True)
class HeldOutSplit:
    """The sources of a split, and what their tokenizer says of labels.

    `modalities[i]` is what line i is called; `byte_lengths` int32[vocabulary] the bytes of text
    that an id stands for. Both are empty where the tokenizer is not known.
    """

    sources: Mapping[str, HeldOutSource]
    modalities: Sequence[str]
    byte_lengths: npt.NDArray[np.int32]


def open_held_out(
    shards: Path,
    splits: Sequence[str],
    *,
    sequence_length: int,
    samples_per_source: int | None,
    tokenizer: ScienceTokenizer | None,
    borders: DocumentBorders = PACKED,
    vocabulary_size: int | None = None,
) -> dict[str, HeldOutSplit]:
    """Splits of a folder of shards by name, of each source its first samples; None takes all.

    A split in which nothing can be predicted is left out. Raises ValueError where a folder is cut
    or damaged.
    """
    modalities = Modalities.of_tokenizer(tokenizer) if tokenizer else None
    lengths = token_byte_lengths(tokenizer) if tokenizer else np.zeros(0, np.int32)
    found = {}
    for name in splits:
        folder = open_shards(shards / name)
        sources = {}
        datasets = validation_datasets(
            folder,
            sequence_length=sequence_length,
            borders=borders,
            vocabulary_size=vocabulary_size,
        )
        for source, samples in datasets.items():
            count = min(len(samples), samples_per_source or len(samples))
            lines = None
            if modalities is not None:
                lines = _label_lines(folder, source, count * sequence_length, modalities)
                lines = lines.reshape(count, sequence_length)
            sources[source] = HeldOutSource(samples, count, lines)
        if sources:
            found[name] = HeldOutSplit(sources, modalities.names if modalities else (), lengths)
    return found


def _label_lines(
    folder: ShardFolder, source: str, count: int, modalities: Modalities
) -> npt.NDArray[np.uint8]:
    """The lines of the first labels of a source, uint8[count]; 0 where there are fewer.

    Labels are all tokens but the first. Some documents at a time: a line takes a byte, what is
    needed to find it several.
    """
    lines = np.zeros(count + 1, np.uint8)
    found, size, block = 0, 0, []
    number = folder.source_names.index(source)
    documents = np.flatnonzero(folder.document_sources == number).tolist()
    for document in documents:
        block.append(folder.tokens(document))
        size += len(block[-1])
        if size >= _BLOCK_TOKENS or found + size > count or document == documents[-1]:
            some = modalities.token_lines(np.concatenate(block))[: count + 1 - found]
            lines[found : found + len(some)] = some
            found, size, block = found + size, 0, []
        if found > count:
            break
    return lines[1:]
