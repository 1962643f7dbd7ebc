"""The stages that decide split and identity (`pipelines.identity`), in a build.

candidates (a part) -> cuts (all) -> keys (a part) -> owners (a partition) -> identity (a part)
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.execution import StageResult
from pipelines.identity.candidates import CandidatesArgument, find_candidates
from pipelines.identity.duplicates import (
    KeysArgument,
    OwnersArgument,
    find_owners,
    gather_keys,
)
from pipelines.identity.splits import CutsArgument, find_cuts
from pipelines.identity.verdicts import IdentityArgument, decide_identity
from pipelines.parts import Part
from pipelines.stages.runner import StageRunner, output_fingerprint

#: Memory of a row of a key while its partition is sorted: the row, the order, a copy, its owner.
_BYTES_PER_KEY = 200


def decide_identities(
    runner: StageRunner, parts: Sequence[Part], filtered: Mapping[str, tuple[Path, str]]
) -> tuple[list[StageResult], dict[str, tuple[Path, str]]]:
    """The stages' results, and the verdict of each part with its fingerprint, by the part's name.

    `filtered` are the verdicts of the filters.
    """
    recipe, folder = runner.recipe, runner.run.stages / "identity"
    sources = {source.name: source for source in recipe.sources}
    order = [source.name for source in recipe.sources_by_priority()]
    hold_outs = recipe.hold_outs
    chosen = [hold_out.model_dump(mode="json") for hold_out in hold_outs]
    candidates = {part.name: folder / "candidates" / f"{part.name}.parquet" for part in parts}
    found = runner.run_tasks(
        "candidates",
        [
            runner.task(
                "candidates",
                candidates[part.name].with_suffix(".manifest.json"),
                find_candidates,
                CandidatesArgument(
                    ingested=part.path,
                    verdict=filtered[part.name][0],
                    source=part.source,
                    category=sources[part.source].category,
                    seed=recipe.seed,
                    hold_outs=hold_outs,
                    candidates=candidates[part.name],
                ),
                settings={
                    "seed": recipe.seed,
                    "category": sources[part.source].category,
                    "hold_outs": chosen,
                },
                code=(),
                inputs={part.name: part.fingerprint, "verdict": filtered[part.name][1]},
                weight=max(1, part.num_bytes),
            )
            for part in parts
        ],
        folder / "candidates",
    )
    known = {
        part.name: output_fingerprint(manifest)
        for part, manifest in zip(parts, found.manifests, strict=True)
    }
    cuts = runner.run_tasks(
        "cuts",
        [
            runner.task(
                "cuts",
                folder / "cuts.manifest.json",
                find_cuts,
                CutsArgument(
                    candidates=tuple(
                        (name, tuple(candidates[p.name] for p in parts if p.source == name))
                        for name in sources
                    ),
                    split=recipe.split,
                    hold_outs=hold_outs,
                    cuts=folder / "cuts.json",
                ),
                settings={"split": recipe.split.model_dump(mode="json"), "hold_outs": chosen},
                code=(),
                inputs=known,
                weight=max(1, found.wrote),
            )
        ],
    )
    cut_fingerprint = output_fingerprint(cuts.manifests[0])
    keys = {part.name: folder / "keys" / f"{part.name}.npy" for part in parts}
    gathered = runner.run_tasks(
        "keys",
        [
            runner.task(
                "keys",
                keys[part.name].with_suffix(".manifest.json"),
                gather_keys,
                KeysArgument(
                    candidates=candidates[part.name],
                    cuts=folder / "cuts.json",
                    source=part.source,
                    hold_outs=hold_outs,
                    order=order.index(part.source),
                    part=part.number,
                    keys=keys[part.name],
                ),
                settings={"hold_outs": chosen, "order": order.index(part.source)},
                code=(),
                inputs={part.name: known[part.name], "cuts": cut_fingerprint},
                weight=max(1, part.rows),
            )
            for part in parts
        ],
        folder / "keys",
    )
    num_keys = sum(int(manifest.facts["keys"]) for manifest in gathered.manifests)
    partitions = -(-num_keys * _BYTES_PER_KEY // recipe.build.memory_bytes) or 1
    owners = tuple(folder / "owners" / f"partition-{n:05d}.npy" for n in range(partitions))
    owned = runner.run_tasks(
        "owners",
        [
            runner.task(
                "owners",
                path.with_suffix(".manifest.json"),
                find_owners,
                OwnersArgument(tuple(keys.values()), number, partitions, path),
                settings={"partition": number, "partitions": partitions},
                code=(),
                inputs={
                    part.name: output_fingerprint(manifest)
                    for part, manifest in zip(parts, gathered.manifests, strict=True)
                },
                weight=1,
            )
            for number, path in enumerate(owners)
        ],
        folder / "owners",
    )
    owner_fingerprints = {
        path.name: output_fingerprint(manifest)
        for path, manifest in zip(owners, owned.manifests, strict=True)
    }
    verdicts = {part.name: folder / "verdicts" / f"{part.name}.parquet" for part in parts}
    decided = runner.run_tasks(
        "identity",
        [
            runner.task(
                "identity",
                verdicts[part.name].with_suffix(".manifest.json"),
                decide_identity,
                IdentityArgument(
                    ingested=part.path,
                    filtered=filtered[part.name][0],
                    candidates=candidates[part.name],
                    cuts=folder / "cuts.json",
                    owners=owners,
                    hold_outs=hold_outs,
                    sources=tuple(order),
                    order=order.index(part.source),
                    part=part.number,
                    verdict=verdicts[part.name],
                ),
                settings={"hold_outs": chosen, "sources": order},
                code=(),
                inputs={
                    part.name: part.fingerprint,
                    "verdict": filtered[part.name][1],
                    "candidates": known[part.name],
                    "cuts": cut_fingerprint,
                    **owner_fingerprints,
                },
                weight=max(1, part.rows),
            )
            for part in parts
        ],
        folder / "verdicts",
    )
    results = {
        part.name: (verdicts[part.name], output_fingerprint(manifest))
        for part, manifest in zip(parts, decided.manifests, strict=True)
    }
    return [found, cuts, gathered, owned, decided], results


def duplicate_documents(identity: StageResult, parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The documents that sources lose to each other, as `documents/manifest.json` lists them.

    `kept_in` is a source, or `SOURCE (held out)`.
    """
    total: Counter[tuple[str, str]] = Counter()
    for part, manifest in zip(parts, identity.manifests, strict=True):
        for entry in manifest.facts["duplicates"]:
            total[entry["kept_in"], part.source] += entry["documents"]
    return [
        {"by": "identity", "kept_in": kept_in, "removed_from": source, "documents": count}
        for (kept_in, source), count in sorted(total.items())
    ]
