"""What the report says of a run's corpus: plain data, and the sums of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.documents_table import TRAIN, VALIDATION
from tokenization.markers import MarkerTable


@dataclass(frozen=True, slots=True)
class Drop:
    """Records that one source lost in one stage for one reason.

    `quarantined` of them lie in `quarantine/`.
    """

    stage: str
    reason: str
    count: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What a stage read of the documents, wrote, and dropped by reason."""

    stage: str
    read: int
    wrote: int
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What two sources held, and stayed in `kept_in` (a source, or `SOURCE (held out)`).

    `same_documents` went as wholes, having the identity of another; of `documents` went
    `paragraphs` with `num_bytes`.
    """

    kept_in: str
    removed_from: str
    same_documents: int
    documents: int
    paragraphs: int
    num_bytes: int


@dataclass(frozen=True, slots=True)
class Contamination:
    """What overlapped with one evaluation set and was taken out.

    Of its `records`, `records_compared` have words enough, and `records_found` of these stand in
    the corpus; `documents` lost `paragraphs`, and `held_out_documents` were found and kept.
    """

    evaluation: str
    records: int
    records_compared: int
    records_found: int
    documents: int
    paragraphs: int
    held_out_documents: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source: what was read, what became of it, and its tokens (None before the shards).

    `documents` and `tokens` count all splits; `share` is the fraction of all tokens, of all text
    bytes where there are no tokens yet, and `recipe_share` the fraction that the recipe names.
    `flow` has the stages from the raw record to the document, in order.
    """

    name: str
    format: str
    category: str
    read: int
    documents: int
    splits: Mapping[str, int]
    text_bytes: int
    tokens: int | None
    share: float
    recipe_share: float | None
    flow: tuple[Passage, ...]
    drops: tuple[Drop, ...]
    cleaned: Mapping[str, int]
    citations_resolved: int
    citations_unresolved: Mapping[str, int]
    too_small_for_validation: bool

    @property
    def train_documents(self) -> int:
        """Documents to train on."""
        return self.splits.get(TRAIN, 0)

    @property
    def validation_documents(self) -> int:
        """Documents held out for the validation loss."""
        return self.splits.get(VALIDATION, 0)

    @property
    def held_out_documents(self) -> int:
        """Documents of the recipe's named hold-outs."""
        return sum(self.splits.values()) - self.train_documents - self.validation_documents

    @property
    def dropped(self) -> int:
        """Records dropped, for whatever reason."""
        return sum(drop.count for drop in self.drops)

    @property
    def is_conserved(self) -> bool:
        """Whether every record read was written or has a reason."""
        return self.read == self.documents + self.dropped


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """The sources of one category taken together; `tokens` is None before the shards."""

    name: str
    documents: int
    tokens: int | None
    share: float


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something the run made, and the file that describes it, relative to the run directory."""

    name: str
    href: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class CorpusFacts:
    """The corpus of a run, and what made it.

    `shards_are_stale`: they hold other documents than `documents/`; `training_is_stale`: the
    checkpoint learned from other shards than `shards/`.
    """

    name: str
    seed: int
    minimum_documents: int
    markers: MarkerTable
    sources: tuple[SourceFacts, ...]
    categories: tuple[CategoryFacts, ...]
    duplicates: tuple[Duplicates, ...]
    contamination: tuple[Contamination, ...]
    vocabulary_size: int | None
    has_shards: bool
    shards_are_stale: bool
    training_is_stale: bool
    recipe_yaml: str
    versions: Mapping[str, str]
    artefacts: tuple[Artefact, ...]

    @property
    def read(self) -> int:
        """Records read from all sources."""
        return sum(source.read for source in self.sources)

    @property
    def documents(self) -> int:
        """Documents of all splits."""
        return sum(source.documents for source in self.sources)

    @property
    def train_documents(self) -> int:
        """Documents to train on."""
        return sum(source.train_documents for source in self.sources)

    @property
    def validation_documents(self) -> int:
        """Documents held out for the validation loss."""
        return sum(source.validation_documents for source in self.sources)

    @property
    def held_out_documents(self) -> int:
        """Documents of the recipe's named hold-outs."""
        return sum(source.held_out_documents for source in self.sources)

    @property
    def splits(self) -> dict[str, int]:
        """Documents by split: training, validation, then the hold-outs by name."""
        total = sum((Counter(source.splits) for source in self.sources), Counter())
        first = [split for split in (TRAIN, VALIDATION) if split in total]
        return {split: total[split] for split in [*first, *sorted(total.keys() - set(first))]}

    @property
    def flow(self) -> tuple[Passage, ...]:
        """The stages that a document passes, of all sources together."""
        total: dict[str, Passage] = {}
        for passage in (passage for source in self.sources for passage in source.flow):
            before = total.get(passage.stage) or Passage(passage.stage, 0, 0, {})
            total[passage.stage] = Passage(
                passage.stage,
                before.read + passage.read,
                before.wrote + passage.wrote,
                dict(Counter(before.dropped) + Counter(passage.dropped)),
            )
        return tuple(total.values())

    @property
    def dropped(self) -> int:
        """Records dropped from all sources."""
        return sum(source.dropped for source in self.sources)

    @property
    def text_bytes(self) -> int:
        """UTF-8 bytes of text of all documents."""
        return sum(source.text_bytes for source in self.sources)

    @property
    def tokens(self) -> int | None:
        """Tokens of all splits, `</s>` included; None before the shards."""
        return sum(source.tokens or 0 for source in self.sources) if self.has_shards else None

    @property
    def too_small(self) -> tuple[str, ...]:
        """Names of the sources without a validation document because they are too small."""
        return tuple(s.name for s in self.sources if s.too_small_for_validation)
