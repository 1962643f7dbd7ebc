"""The manifest of the whole corpus: what each source gave and lost, stage by stage."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from corpora.catalogue import module_of
from pipelines.code_versions import made_by
from pipelines.documents_table import VALIDATION
from pipelines.execution import BuildError, StageResult
from pipelines.parts import Part
from pipelines.stages.runner import StageRunner
from tokenization.manifests import (
    MANIFEST_NAME,
    Manifest,
    fingerprint_json,
    write_atomically,
)


def write_corpus_manifest(
    runner: StageRunner,
    parts: Sequence[Part],
    stages: Sequence[StageResult],
    duplicates: Sequence[Mapping[str, Any]] = (),
    contamination: Sequence[Mapping[str, Any]] = (),
    passed_over: Sequence[Mapping[str, Any]] = (),
) -> Manifest:
    """Write `documents/manifest.json`, and return it.

    `stages` are those that a document passes from its raw record on, each with a manifest for
    every one of `parts`, in their order: first ingest, last the documents themselves.
    `duplicates`, `contamination` and `passed_over` are the entries of the manifest of these names.

    Raises BuildError where the records do not add up.
    """
    recipe = runner.recipe
    ingested, documents = stages[0], stages[-1]
    sources: dict[str, Any] = {}
    for source in recipe.sources:
        chosen = [index for index, part in enumerate(parts) if part.source == source.name]
        flow = [_passage(stage, chosen) for stage in stages]
        for before, after in pairwise(flow):
            if before["wrote"] != after["read"]:
                raise BuildError(
                    f"source {source.name}: stage {after['stage']} read {after['read']} records "
                    f"of the {before['wrote']} that stage {before['stage']} wrote"
                )
        raw = [ingested.manifests[index] for index in chosen]
        final = [documents.manifests[index] for index in chosen]
        splits = _total(manifest.facts["splits"] for manifest in final)
        sources[source.name] = {
            "format": source.format,
            "category": source.category,
            "share": source.share,
            "read": flow[0]["read"],
            "wrote": flow[-1]["wrote"],
            "dropped": _total(passage["dropped"] for passage in flow),
            "flow": flow,
            "quarantined": _total(manifest.facts["quarantined"] for manifest in raw),
            "cleaned": _total(manifest.facts["cleaned"] for manifest in raw),
            "splits": splits,
            "citations": _total(_facts(stages, chosen, "citations")),
            "citations_named": _total(_facts(stages, chosen, "citations_named")),
            "text_bytes": sum(manifest.facts["text_bytes"] for manifest in final),
            "too_small_for_validation": not splits.get(VALIDATION)
            and recipe.split.validation_fraction > 0,
        }
    manifest = Manifest(
        stage="documents",
        fingerprint=fingerprint_json([m.fingerprint for m in documents.manifests]),
        made_by={
            "recipe": recipe.corpus_json()
            | recipe.model_dump(mode="json", include={"model", "training", "build"}),
            "versions": made_by(*sorted({module_of(source.format) for source in recipe.sources})),
        },
        # Named by source as well: two sources may hold files of one name.
        inputs={
            f"{manifest.facts['source']}/{name}": fingerprint
            for manifest in ingested.manifests
            for name, fingerprint in manifest.inputs.items()
        },
        read=ingested.read,
        wrote=documents.wrote,
        dropped=_total(stage.dropped for stage in stages),
        facts={
            "sources": sources,
            "left_out": sorted(runner.left_out),
            "duplicates": list(duplicates),
            "contamination": list(contamination),
            "passed_over": list(passed_over),
        },
    )
    if manifest.read != manifest.wrote + sum(manifest.dropped.values()):
        raise BuildError(f"documents: records are not conserved: {manifest.to_json()}")
    path, content = runner.run.documents / MANIFEST_NAME, manifest.to_json()
    if not path.is_file() or path.read_text(encoding="utf-8") != content:
        # Whoever trains compares a recipe with this file: shards of another corpus must not stand
        # beside it where the build ends before they are made anew.
        for summary in runner.run.shards.rglob(MANIFEST_NAME):
            summary.unlink()
        write_atomically(path, content)
    return manifest


def _passage(stage: StageResult, chosen: Sequence[int]) -> dict[str, Any]:
    manifests = [stage.manifests[index] for index in chosen]
    return {
        "stage": stage.stage,
        "read": sum(manifest.read for manifest in manifests),
        "wrote": sum(manifest.wrote for manifest in manifests),
        "dropped": _total(manifest.dropped for manifest in manifests),
    }


def _facts(
    stages: Sequence[StageResult], chosen: Sequence[int], name: str
) -> Iterable[Mapping[str, int]]:
    for stage in stages:
        for index in chosen:
            yield stage.manifests[index].facts.get(name, {})


def _total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(sorted(total.items()))
