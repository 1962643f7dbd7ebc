"""The facts of a run's corpus, gathered from its manifests: nothing is counted anew."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

import yaml

from pipelines.documents_table import TRAIN, VALIDATION
from pipelines.recipe import Recipe
from pipelines.report.corpus_facts import (
    Artefact,
    CategoryFacts,
    Contamination,
    CorpusFacts,
    Drop,
    Duplicates,
    Passage,
    SourceFacts,
)
from pipelines.run_directory import RunDirectory
from tokenization import TokenizerSettings
from tokenization.manifests import MANIFEST_NAME, Manifest, read_manifest

RESOLVED: Final = "resolved"


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
    documents = read_manifest(path)
    try:
        recipe = documents.made_by["recipe"]
        splits = [TRAIN, VALIDATION, *(entry["name"] for entry in recipe["hold_outs"])]
        folders = _artefact_folders(run, splits)
        manifests = {
            name: read_manifest(folder / MANIFEST_NAME)
            for name, folder in folders.items()
            if (folder / MANIFEST_NAME).is_file()
        }
        return _corpus(run, manifests, folders, splits)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"a manifest of {run.root} lacks what the report needs ({error!r}): was the run made "
            "by another version? Build it again"
        ) from error


def _artefact_folders(run: RunDirectory, splits: Sequence[str]) -> dict[str, Path]:
    return {
        "documents": run.documents,
        "tokenizer": run.tokenizer,
        "tokens": run.shards,
        **{f"{split} shards": run.shards / split for split in splits},
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


def _corpus(
    run: RunDirectory,
    manifests: Mapping[str, Manifest],
    folders: Mapping[str, Path],
    splits: Sequence[str],
) -> CorpusFacts:
    documents = manifests["documents"]
    recipe: dict[str, Any] = documents.made_by["recipe"]
    counts: dict[str, Any] = documents.facts["sources"]
    shards = {
        split: manifests[f"{split} shards"].facts["shards"]["sources"]
        for split in splits
        if f"{split} shards" in manifests
    }
    has_shards = len(shards) == len(splits)
    tokens: Counter[str] = Counter()
    if has_shards:
        for entries in shards.values():
            tokens.update({name: entry["tokens"] for name, entry in entries.items()})
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
        entries.get(name, {"documents": 0})["documents"] != counts[name]["splits"].get(split, 0)
        for split, entries in shards.items()
        for name in names
    )
    artefacts = [
        Artefact(
            name,
            (folder / MANIFEST_NAME).relative_to(run.root).as_posix(),
            manifests[name].fingerprint,
        )
        for name, folder in folders.items()
        if name in manifests
    ]
    artefacts += [
        Artefact(f"citations of {path.stem}", path.relative_to(run.root).as_posix(), "")
        for path in sorted(run.hold_outs.glob("*.jsonl"))
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
            != manifests[f"{TRAIN} shards"].facts["shards"]["fingerprint"]
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
        duplicates=_duplicates(documents.facts["duplicates"]),
        contamination=tuple(
            Contamination(**{field.name: hit[field.name] for field in fields(Contamination)})
            for hit in documents.facts["contamination"]
        ),
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
    flow = tuple(
        Passage(entry["stage"], entry["read"], entry["wrote"], dict(entry["dropped"]))
        for entry in counts["flow"]
    )
    return SourceFacts(
        name=name,
        format=counts["format"],
        category=counts["category"],
        read=counts["read"],
        documents=counts["wrote"],
        splits=dict(counts["splits"]),
        text_bytes=counts["text_bytes"],
        tokens=tokens,
        share=share,
        recipe_share=counts["share"],
        flow=flow,
        drops=tuple(
            Drop(
                passage.stage,
                reason,
                count,
                # Only what cannot be read is quarantined, in the first stage.
                counts["quarantined"].get(reason, 0) if passage is flow[0] else 0,
            )
            for passage in flow
            for reason, count in sorted(passage.dropped.items())
        ),
        cleaned={kind: count for kind, count in sorted(counts["cleaned"].items()) if count},
        citations_resolved=resolved,
        citations_unresolved={cause: count for cause, count in sorted(citations.items()) if count},
        too_small_for_validation=counts["too_small_for_validation"],
    )


def _duplicates(entries: Sequence[Mapping[str, Any]]) -> tuple[Duplicates, ...]:
    """One entry for each pair: what went by identity, and what went by its content."""
    pairs: dict[tuple[str, str], Duplicates] = {}
    for entry in entries:
        kept_in, removed_from = key = entry["kept_in"], entry["removed_from"]
        found = pairs.get(key) or Duplicates(kept_in, removed_from, 0, 0, 0, 0)
        if entry.get("by") == "identity":
            same = found.same_documents + entry["documents"]
            pairs[key] = replace(found, same_documents=same)
        else:
            pairs[key] = replace(
                found,
                documents=found.documents + entry["documents"],
                paragraphs=found.paragraphs + entry["paragraphs"],
                num_bytes=found.num_bytes + entry["bytes"],
            )
    return tuple(pairs.values())


def _categories(sources: Sequence[SourceFacts]) -> tuple[CategoryFacts, ...]:
    """The categories in the order of their first source."""
    categories = []
    for name in dict.fromkeys(source.category for source in sources):
        mine = [source for source in sources if source.category == name]
        tokens = [source.tokens for source in mine if source.tokens is not None]
        categories.append(
            CategoryFacts(
                name,
                sum(source.documents for source in mine),
                sum(tokens) if tokens else None,
                sum(source.share for source in mine),
            )
        )
    return tuple(categories)


def _versions(every: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Every version that an artefact names; two of one package are both shown."""
    found: dict[str, list[str]] = {}
    for versions in every:
        for name, version in versions.items():
            if str(version) not in found.setdefault(name, []):
                found[name].append(str(version))
    return {name: ", ".join(versions) for name, versions in sorted(found.items())}
