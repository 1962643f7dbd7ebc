"""What the report says of a run's corpus: gathered from the manifests, never counted anew."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from pipelines.documents_table import TRAIN, VALIDATION
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from tokenization import TokenizerSettings
from tokenization.manifests import MANIFEST_NAME, Manifest, read_manifest
from tokenization.markers import MarkerTable

RESOLVED: Final = "resolved"


@dataclass(frozen=True, slots=True)
class Drop:
    """Records of one source lost for one reason; `quarantined` of them lie in `quarantine/`."""

    reason: str
    count: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source: what was read, what became of it, and its tokens (None before the shards).

    `documents` and `tokens` count both splits; `share` is the fraction of all tokens, of all text
    bytes where there are no tokens yet.
    """

    name: str
    format: str
    category: str
    read: int
    documents: int
    train_documents: int
    validation_documents: int
    text_bytes: int
    tokens: int | None
    share: float
    drops: tuple[Drop, ...]
    cleaned: Mapping[str, int]
    citations_resolved: int
    citations_unresolved: Mapping[str, int]
    too_small_for_validation: bool

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
    """The sources of one category taken together."""

    name: str
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
        """Documents of both splits."""
        return sum(source.documents for source in self.sources)

    @property
    def train_documents(self) -> int:
        """Documents to train on."""
        return sum(source.train_documents for source in self.sources)

    @property
    def validation_documents(self) -> int:
        """Held-out documents."""
        return sum(source.validation_documents for source in self.sources)

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
        """Tokens of both splits, `</s>` included; None before the shards."""
        return sum(source.tokens or 0 for source in self.sources) if self.has_shards else None

    @property
    def too_small(self) -> tuple[str, ...]:
        """Names of the sources without a validation document because they are too small."""
        return tuple(s.name for s in self.sources if s.too_small_for_validation)


def gather_corpus(run: RunDirectory) -> CorpusFacts:
    """The facts of a run's corpus.

    Raises ValueError, saying what to do, where there is no run or no corpus, and naming the file
    where a manifest is damaged.
    """
    if not run.root.is_dir():
        raise ValueError(
            f"there is no run directory {run.root}: make one with "
            f"`galactica build RECIPE --run-dir {run.root}`"
        )
    path = run.documents / MANIFEST_NAME
    if not path.is_file():
        raise ValueError(
            f"{run.root} holds no finished documents: run "
            f"`galactica build RECIPE --run-dir {run.root}` to its end, then the report"
        )
    manifests = {
        name: read_manifest(folder / MANIFEST_NAME)
        for name, folder in _artefact_folders(run).items()
        if (folder / MANIFEST_NAME).is_file()
    }
    try:
        return _corpus(run, manifests)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"a manifest of {run.root} lacks what the report needs ({error!r}): was the run made "
            "by another version? Build it again"
        ) from error


def _artefact_folders(run: RunDirectory) -> dict[str, Path]:
    return {
        "documents": run.documents,
        "tokenizer": run.tokenizer,
        "training shards": run.shards / TRAIN,
        "validation shards": run.shards / VALIDATION,
        "model": run.model,
    }


def _training_state(run: RunDirectory) -> tuple[Path, dict[str, Any]] | None:
    """The state file of the last checkpoint and what it says; None where there is no checkpoint."""
    paths = run.checkpoints.glob("step-*/training_state.json")
    path = max(paths, key=lambda path: (len(path.parent.name), path.parent.name), default=None)
    if path is None:
        return None
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not the state of a training: {error}") from error
    return path, state


def _corpus(run: RunDirectory, manifests: Mapping[str, Manifest]) -> CorpusFacts:
    documents = manifests["documents"]
    recipe: dict[str, Any] = documents.made_by["recipe"]
    counts: dict[str, Any] = documents.facts["sources"]
    shards = [
        manifests[name].facts["shards"]["sources"]
        for name in ("training shards", "validation shards")
        if name in manifests
    ]
    has_shards = len(shards) == 2
    tokens: Counter[str] = Counter()
    if has_shards:
        for sources in shards:
            tokens.update({name: entry["tokens"] for name, entry in sources.items()})
    # A manifest sorts its keys; the recipe has the order its author chose.
    names = [source["name"] for source in recipe["sources"]]
    weights = (
        tokens if has_shards else Counter({name: counts[name]["text_bytes"] for name in names})
    )
    total = weights.total()
    sources = tuple(
        _source(
            name,
            counts[name],
            tokens[name] if has_shards else None,
            weights[name] / total if total else 0.0,
        )
        for name in names
    )
    stale = has_shards and any(
        (source.train_documents, source.validation_documents)
        != tuple(entry.get(source.name, {"documents": 0})["documents"] for entry in shards)
        for source in sources
    )
    artefacts = [
        Artefact(
            name,
            (folder / MANIFEST_NAME).relative_to(run.root).as_posix(),
            manifests[name].fingerprint,
        )
        for name, folder in _artefact_folders(run).items()
        if name in manifests
    ]
    versions = [manifest.made_by.get("versions", {}) for manifest in manifests.values()]
    training = _training_state(run)
    training_is_stale = False
    if training is not None:
        path, state = training
        name = f"checkpoint of step {state['step']:,}"
        artefacts.append(Artefact(name, path.relative_to(run.root).as_posix(), ""))
        versions.append(state["versions"])
        training_is_stale = has_shards and (
            state["fingerprints"]["shards/train"]
            != manifests["training shards"].facts["shards"]["fingerprint"]
        )
    tokenizer = manifests.get("tokenizer")
    ordered = {key: recipe[key] for key in Recipe.model_fields if key in recipe} | recipe
    return CorpusFacts(
        name=recipe["name"],
        seed=recipe["seed"],
        minimum_documents=recipe["split"]["minimum_documents"],
        markers=TokenizerSettings.model_validate(recipe["tokenizer"]).marker_table(
            recipe["latex_markers"]
        ),
        sources=sources,
        categories=_categories(sources),
        vocabulary_size=tokenizer.facts["vocabulary_size"] if tokenizer else None,
        has_shards=has_shards,
        shards_are_stale=stale,
        training_is_stale=training_is_stale,
        recipe_yaml=yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True),
        versions=_versions(versions),
        artefacts=tuple(artefacts),
    )


def _source(name: str, counts: Mapping[str, Any], tokens: int | None, share: float) -> SourceFacts:
    citations = dict(counts["citations"])
    resolved = citations.pop(RESOLVED, 0)
    return SourceFacts(
        name=name,
        format=counts["format"],
        category=counts["category"],
        read=counts["read"],
        documents=counts["wrote"],
        train_documents=counts["splits"].get(TRAIN, 0),
        validation_documents=counts["splits"].get(VALIDATION, 0),
        text_bytes=counts["text_bytes"],
        tokens=tokens,
        share=share,
        drops=tuple(
            Drop(reason, count, counts["quarantined"].get(reason, 0))
            for reason, count in sorted(counts["dropped"].items())
        ),
        cleaned={kind: count for kind, count in sorted(counts["cleaned"].items()) if count},
        citations_resolved=resolved,
        citations_unresolved={cause: count for cause, count in sorted(citations.items()) if count},
        too_small_for_validation=counts["too_small_for_validation"],
    )


def _categories(sources: Sequence[SourceFacts]) -> tuple[CategoryFacts, ...]:
    """The categories in the order of their first source."""
    return tuple(
        CategoryFacts(name, sum(s.share for s in sources if s.category == name))
        for name in dict.fromkeys(source.category for source in sources)
    )


def _versions(every: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Every version that an artefact names; two of one package are both shown."""
    found: dict[str, list[str]] = {}
    for versions in every:
        for name, version in versions.items():
            if str(version) not in found.setdefault(name, []):
                found[name].append(str(version))
    return {name: ", ".join(versions) for name, versions in sorted(found.items())}
