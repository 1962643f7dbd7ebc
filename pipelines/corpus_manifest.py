"""The manifest of the whole corpus: what each source gave and lost, stage by stage."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.documents_table import VALIDATION
from pipelines.execution import BuildError, StageResult
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory, made_by
from tokenization.manifests import (
    MANIFEST_NAME,
    Manifest,
    fingerprint_json,
    write_atomically,
)


def write_corpus_manifest(
    recipe: Recipe, run: RunDirectory, ingested: StageResult, documents: StageResult
) -> None:
    """Write `documents/manifest.json`. Raises BuildError where the records do not add up."""
    sources: dict[str, Any] = {}
    for source in recipe.sources:
        mine = [m for m in ingested.manifests if m.facts["source"] == source.name]
        finished = [
            manifest
            for manifest in documents.manifests
            if next(iter(manifest.inputs)).startswith(f"{source.name}/")
        ]
        splits = _total(manifest.facts["splits"] for manifest in finished)
        dropped = _total(m.dropped for m in [*mine, *finished])
        sources[source.name] = {
            "format": source.format,
            "category": source.category,
            "read": sum(manifest.read for manifest in mine),
            "wrote": sum(manifest.wrote for manifest in finished),
            "dropped": dropped,
            "quarantined": _total(manifest.facts["quarantined"] for manifest in mine),
            "cleaned": _total(manifest.facts["cleaned"] for manifest in mine),
            "splits": splits,
            "citations": _total(manifest.facts["citations"] for manifest in finished),
            "citations_named": _total(m.facts["citations_named"] for m in finished),
            "text_bytes": sum(manifest.facts["text_bytes"] for manifest in finished),
            "too_small_for_validation": not splits.get(VALIDATION)
            and recipe.split.validation_fraction > 0,
        }
    dropped = dict(sorted((ingested.dropped + documents.dropped).items()))
    manifest = Manifest(
        stage="documents",
        fingerprint=fingerprint_json([m.fingerprint for m in documents.manifests]),
        made_by={
            "recipe": recipe.corpus_json()
            | recipe.model_dump(mode="json", include={"model", "training", "build"}),
            "versions": made_by("corpora", "tokenization"),
        },
        # Named by source as well: two sources may hold files of one name.
        inputs={
            f"{manifest.facts['source']}/{name}": fingerprint
            for manifest in ingested.manifests
            for name, fingerprint in manifest.inputs.items()
        },
        read=ingested.read,
        wrote=documents.wrote,
        dropped=dropped,
        facts={"sources": sources},
    )
    if manifest.read != manifest.wrote + sum(dropped.values()):
        raise BuildError(f"documents: records are not conserved: {manifest.to_json()}")
    write_atomically(run.documents / MANIFEST_NAME, manifest.to_json())


def _total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
