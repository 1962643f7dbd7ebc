"""A tokenizer of one's own: from the documents of a run, or from files of plain text."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from pipelines.documents_table import TRAIN, read_documents
from pipelines.execution import Progress
from pipelines.recipe import MODEL_MAX_LENGTH
from pipelines.run_directory import RunDirectory
from tokenization import ScienceTokenizer, TokenizerSettings
from tokenization.manifests import MANIFEST_NAME, read_manifest
from tokenization.plain_text import find_text_files, is_of_a_run, read_blocks
from tokenization.training import NoTextError, in_sample, train_tokenizer

#: Compression is measured on about this many bytes of the sample.
_MEASURED_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tokenizer is trained with. `model_max_length` is in tokens, where it is known."""

    settings: TokenizerSettings
    latex_markers: bool
    seed: int
    model_max_length: int | None = None


@dataclass(slots=True)
class Account:
    """What was read, and what of it was sampled; `noticed` counts all that was not taken as is."""

    read: int = 0
    read_bytes: int = 0
    sampled: int = 0
    sampled_bytes: int = 0
    noticed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained tokenizer, its account, and bytes and tokens of a part of its sample."""

    tokenizer: ScienceTokenizer
    plan: Plan
    account: Account
    measured_bytes: int
    measured_tokens: int


def make_settings(**values: Any) -> TokenizerSettings:
    """Validated settings. Raises ValueError, one line for the first mistake."""
    try:
        return TokenizerSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{where}: {message}" if where else message) from error


def plan_of_run(run: RunDirectory, changes: Mapping[str, Any]) -> Plan:
    """The plan of a run's own recipe, with those of `changes` that are not None.

    `changes` has the names of `TokenizerSettings`, `latex_markers` and `seed`; its `markers` come
    after the recipe's. Raises FileNotFoundError where nothing was built, ValueError for what the
    documents do not allow.
    """
    path = run.documents / MANIFEST_NAME
    if not path.is_file():
        raise FileNotFoundError(f"no documents in {run.root}: run galactica build first")
    recipe = read_manifest(path).made_by["recipe"]
    given = {key: value for key, value in changes.items() if value is not None}
    latex_markers = bool(given.pop("latex_markers", recipe["latex_markers"]))
    if recipe["latex_markers"] and not latex_markers:
        raise ValueError(
            "--no-latex-markers: the documents of this run have markers around their formulas, "
            "which such a tokenizer cannot read; build them with latex_markers: false"
        )
    seed = int(given.pop("seed", recipe["seed"]))
    given["markers"] = [*recipe["tokenizer"].get("markers", ()), *given.get("markers", ())]
    return Plan(
        make_settings(**(_learned(recipe["tokenizer"]) | given)),
        latex_markers,
        seed,
        recipe["training"]["sequence_length_tokens"] if recipe["training"] else MODEL_MAX_LENGTH,
    )


def _learned(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's settings for a tokenizer that is to be learned, though its own was taken."""
    return {name: value for name, value in settings.items() if name != "start_from"}


def train_on_run(run: RunDirectory, plan: Plan, progress: Progress) -> Trained:
    """Train on the training documents of a run, sampled by their ids as a build samples them."""
    files = sorted(run.documents.rglob("*.parquet"))
    progress.stage_started("sample", sum(file.stat().st_size for file in files))

    def documents(account: Account) -> Iterator[str]:
        for file in files:
            for row in read_documents(file):
                account.read += 1
                account.read_bytes += row.num_bytes
                if row.split != TRAIN:
                    account.noticed["held-out documents left out"] += 1
                elif in_sample(row.doc_id, plan.settings.sample_fraction, plan.seed):
                    yield row.text
            progress.advanced(file.stat().st_size)

    return _train(documents, plan, progress)


def train_on_text(paths: Sequence[str], column: str, plan: Plan, progress: Progress) -> Trained:
    """Train on files of plain text, sampled block by block (`tokenization.plain_text`).

    `column` names the text in Parquet and JSON lines. Raises FileNotFoundError and ValueError for
    paths that name no text.
    """
    files = find_text_files(paths, column)
    for file in files:
        if is_of_a_run(file):
            raise ValueError(
                f"{file}: documents of a run, whose markers would be taken out as outside text is "
                "cleaned: use --run-dir"
            )
    progress.stage_started("sample", sum(file.stat().st_size for file in files))

    def documents(account: Account) -> Iterator[str]:
        for file in files:
            for block in read_blocks(file, column, account.noticed, progress.advanced):
                account.read += 1
                account.read_bytes += len(block.encode())
                if in_sample(block, plan.settings.sample_fraction, plan.seed):
                    yield block

    return _train(documents, plan, progress)


class _Part:
    """About `_MEASURED_BYTES` of texts, those of the lowest hashes: the same in any order."""

    def __init__(self) -> None:
        self.num_bytes = 0
        self._heap: list[tuple[int, str]] = []

    def add(self, text: str) -> None:
        data = text.encode()
        digest = hashlib.blake2b(data, digest_size=8).digest()
        heapq.heappush(self._heap, (-int.from_bytes(digest, "big"), text))
        self.num_bytes += len(data)
        while self.num_bytes > _MEASURED_BYTES and len(self._heap) > 1:
            self.num_bytes -= len(heapq.heappop(self._heap)[1].encode())

    def texts(self) -> list[str]:
        return [text for _, text in self._heap]


def _train(
    documents: Callable[[Account], Iterator[str]], plan: Plan, progress: Progress
) -> Trained:
    account = Account()
    part = _Part()

    def sample() -> Iterator[str]:
        for text in documents(account):
            account.sampled += 1
            account.sampled_bytes += len(text.encode())
            part.add(text)
            yield text
        progress.stage_ended("sample", f"{account.sampled:,} of {account.read:,} documents")
        progress.stage_started("merges", 1)

    try:
        tokenizer = train_tokenizer(sample(), plan.settings, latex_markers=plan.latex_markers)
    except NoTextError as error:
        raise NoTextError(_why_nothing_was_learned(account, plan)) from error
    progress.stage_ended("merges", f"{tokenizer.vocabulary_size:,} entries")
    ids, _ = tokenizer.encode_documents(part.texts(), end_of_document=False)
    return Trained(tokenizer, plan, account, part.num_bytes, len(ids))


def _why_nothing_was_learned(account: Account, plan: Plan) -> str:
    why = f"the {account.sampled:,} documents of the sample hold none"
    if not account.read:
        found = "; ".join(f"{number:,} {what}" for what, number in sorted(account.noticed.items()))
        why = "the files hold none" + (f" ({found}; --column says where it is)" if found else "")
    elif not account.sampled:
        why = (
            f"none of {account.read:,} documents is in the sample: raise --sample-fraction, which "
            f"is {plan.settings.sample_fraction} (1 takes all of them)"
        )
    return f"no text to train a tokenizer on: {why}"
