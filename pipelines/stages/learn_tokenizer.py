"""Tokenizer: byte-level BPE learned from a seeded sample of the training documents."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.documents_table import TRAIN, read_documents
from pipelines.execution import Outcome
from tokenization import TokenizerSettings
from tokenization.manifests import MANIFEST_NAME
from tokenization.training import in_sample, train_tokenizer


@dataclass(frozen=True, slots=True)
class TokenizerArgument:
    """Parts of documents to one tokenizer folder."""

    documents: tuple[Path, ...]
    settings: TokenizerSettings
    latex_markers: bool
    seed: int
    model_max_length: int
    tokenizer: Path


def learn_tokenizer(argument: TokenizerArgument) -> Outcome:
    """Train on the sampled training documents and save a self-contained tokenizer."""
    dropped: Counter[str] = Counter()
    read = 0

    def texts() -> Iterator[str]:
        nonlocal read
        for path in argument.documents:
            for row in read_documents(path):
                read += 1
                if row.split != TRAIN:
                    dropped["held out"] += 1
                elif not in_sample(row.doc_id, argument.settings.sample_fraction, argument.seed):
                    dropped["not in the sample"] += 1
                else:
                    yield row.text

    tokenizer = train_tokenizer(texts(), argument.settings, latex_markers=argument.latex_markers)
    # A build killed while it saved may have left a file half-written.
    shutil.rmtree(argument.tokenizer, ignore_errors=True)
    tokenizer.save_pretrained(argument.tokenizer, model_max_length=argument.model_max_length)
    outputs = sorted(
        path
        for path in argument.tokenizer.iterdir()
        if path.is_file() and path.name != MANIFEST_NAME
    )
    return Outcome(
        outputs=outputs,
        read=read,
        wrote=read - dropped.total(),
        dropped=dropped,
        facts={
            "tokenizer": tokenizer.fingerprint,
            "vocabulary_size": tokenizer.vocabulary_size,
        },
    )
