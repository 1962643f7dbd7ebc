"""The stages that decide split and identity (`pipelines.identity`), in a build.

candidates (a part) -> cuts (all) -> keys (a part) -> shared keys (a partition of keys) -> links,
several times (a partition of documents) -> linked documents (a partition) -> identity (a part)
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pipelines.execution import BuildError, StageResult
from pipelines.identity.candidates import CandidatesArgument, find_candidates
from pipelines.identity.places import part_number
from pipelines.identity.shared_keys import (
    KeysArgument,
    SharedKeysArgument,
    gather_keys,
    link_documents,
)
from pipelines.identity.splits import CutsArgument, find_cuts
from pipelines.identity.verdicts import IdentityArgument, decide_identity
from pipelines.identity.works import (
    LinksArgument,
    WorksArgument,
    answer_works,
    join_larger,
    join_smaller,
)
from pipelines.partitions import num_partitions, partition_name
from pipelines.parts import Files, Part
from pipelines.stages.runner import StageRunner, files_made, output_fingerprint, outputs_in
from pipelines.stages.works_told import warn_of_passed_over, warn_of_too_large

#: Memory of a row of a key while its partition is sorted: the row, the order, a copy, its owner.
_BYTES_PER_KEY = 200
#: Categories of documents that have identifiers: their texts tell works too.
_OF_WORKS: Final = ("papers", "knowledge")
#: Turns grow with the logarithm of a chain; a thousand documents take ten.
_MOST_TURNS: Final = 64


def decide_identities(
    runner: StageRunner, parts: Sequence[Part], filtered: Files
) -> tuple[list[StageResult], Files]:
    """The stages' results, and the verdict of each part with its fingerprint, by the part's name.

    `filtered` are the verdicts of the filters. Identifiers that too many documents have are named
    in the log.
    """
    stages = _Identity(runner, parts, filtered)
    found = stages.candidates()
    cuts = stages.cuts()
    keys = stages.keys(found)
    shared = stages.shared_keys(keys)
    links = stages.works(shared)
    decided = stages.identity()
    warn_of_passed_over(decided, runner.recipe.deduplication.documents_per_work)
    return [found, cuts, keys, shared, *links, decided], stages.verdicts


class _Identity:
    """The stages over one list of parts: what each is made of, and where its files lie."""

    def __init__(self, runner: StageRunner, parts: Sequence[Part], filtered: Files) -> None:
        recipe = runner.recipe
        self._runner = runner
        self._recipe = recipe
        self._parts = parts
        self._filtered = filtered
        self._folder = runner.run.stages / "identity"
        self._sources = {source.name: source for source in recipe.sources}
        self._order = [source.name for source in recipe.sources_by_priority()]
        self._numbers = tuple(
            part_number(self._order.index(part.source), part.number) for part in parts
        )
        self._hold_outs = [hold_out.model_dump(mode="json") for hold_out in recipe.hold_outs]
        self._candidates: Files = {}
        self._keys: Files = {}
        self._cuts = ""
        self._partitions = 1
        #: Files of verdicts, with a batch for each part, and their fingerprints.
        self._found: dict[Path, str] = {}
        self.verdicts: Files = {}

    def _files(self, stage: str, suffix: str) -> dict[str, Path]:
        return {part.name: self._folder / stage / f"{part.name}{suffix}" for part in self._parts}

    def candidates(self) -> StageResult:
        """What is to be known of the documents of each part."""
        files = self._files("candidates", ".parquet")
        recipe = self._recipe
        result = self._runner.run_tasks(
            "candidates",
            [
                self._runner.task(
                    "candidates",
                    files[part.name].with_suffix(".manifest.json"),
                    find_candidates,
                    CandidatesArgument(
                        ingested=part.path,
                        verdict=self._filtered[part.name][0],
                        source=part.source,
                        category=self._sources[part.source].category,
                        seed=recipe.seed,
                        hold_outs=recipe.hold_outs,
                        minimum_bytes=recipe.deduplication.minimum_bytes,
                        candidates=files[part.name],
                    ),
                    settings={
                        "seed": recipe.seed,
                        "category": self._sources[part.source].category,
                        "hold_outs": self._hold_outs,
                        "minimum_bytes": recipe.deduplication.minimum_bytes,
                    },
                    code=(),
                    inputs={part.name: part.fingerprint, "verdict": self._filtered[part.name][1]},
                    weight=max(1, part.num_bytes),
                )
                for part in self._parts
            ],
        )
        self._candidates = files_made(self._parts, files, result)
        return result

    def cuts(self) -> StageResult:
        """Which hashes are held out."""
        recipe = self._recipe
        result = self._runner.run_tasks(
            "cuts",
            [
                self._runner.task(
                    "cuts",
                    self._folder / "cuts.manifest.json",
                    find_cuts,
                    CutsArgument(
                        candidates=tuple(
                            (
                                name,
                                tuple(
                                    self._candidates[part.name][0]
                                    for part in self._parts
                                    if part.source == name
                                ),
                            )
                            for name in self._sources
                        ),
                        split=recipe.split,
                        hold_outs=recipe.hold_outs,
                        cuts=self._folder / "cuts.json",
                    ),
                    settings={
                        "split": recipe.split.model_dump(mode="json"),
                        "hold_outs": self._hold_outs,
                    },
                    code=(),
                    inputs={name: made for name, (_, made) in self._candidates.items()},
                    weight=1,
                )
            ],
        )
        self._cuts = output_fingerprint(result.manifests[0])
        return result

    def keys(self, candidates: StageResult) -> StageResult:
        """A row for each key of each document."""
        num_keys = sum(manifest.facts["keys"] for manifest in candidates.manifests)
        memory_bytes = self._recipe.build.memory_bytes
        self._partitions = num_partitions(num_keys * _BYTES_PER_KEY, memory_bytes)
        files = self._files("keys", ".arrow")
        deduplicates = self._recipe.deduplication.enabled
        tasks = []
        for part in self._parts:
            source = self._sources[part.source]
            has_works = deduplicates and source.is_deduplicated and source.category in _OF_WORKS
            order = self._order.index(part.source)
            tasks.append(
                self._runner.task(
                    "keys",
                    files[part.name].with_suffix(".manifest.json"),
                    gather_keys,
                    KeysArgument(
                        candidates=self._candidates[part.name][0],
                        cuts=self._folder / "cuts.json",
                        source=part.source,
                        hold_outs=self._recipe.hold_outs,
                        has_works=has_works,
                        order=order,
                        part=part.number,
                        partitions=self._partitions,
                        keys=files[part.name],
                    ),
                    settings={
                        "hold_outs": self._hold_outs,
                        "has_works": has_works,
                        "order": order,
                        "partitions": self._partitions,
                    },
                    code=(),
                    inputs={part.name: self._candidates[part.name][1], "cuts": self._cuts},
                    weight=max(1, part.rows),
                )
            )
        result = self._runner.run_tasks("keys", tasks)
        self._keys = files_made(self._parts, files, result)
        return result

    def shared_keys(self, keys: StageResult) -> StageResult:
        """The links between documents, and what one key alone decides."""
        folder = self._folder / "shared-keys"
        documents_per_work = self._recipe.deduplication.documents_per_work
        tasks = []
        for number, name in enumerate(self._partition_names()):
            tasks.append(
                self._runner.task(
                    "shared keys",
                    folder / f"{name}.manifest.json",
                    link_documents,
                    SharedKeysArgument(
                        keys=tuple(path for path, _ in self._keys.values()),
                        parts=self._numbers,
                        partition=number,
                        partitions=self._partitions,
                        documents_per_work=documents_per_work,
                        links=folder / f"{name}.links.arrow",
                        verdicts=folder / f"{name}.verdicts.arrow",
                    ),
                    settings={
                        "partition": number,
                        "partitions": self._partitions,
                        "parts": list(self._numbers),
                        "documents_per_work": documents_per_work,
                    },
                    code=(),
                    inputs={name: made for name, (_, made) in self._keys.items()},
                    weight=1,
                )
            )
        result = self._runner.run_tasks("shared keys", tasks)
        for path, made in outputs_in(folder, result).items():
            if path.name.endswith(".verdicts.arrow"):
                self._found[path] = made
        return result

    def works(self, shared: StageResult) -> list[StageResult]:
        """Links brought together turn by turn until each work is a star, and what follows."""
        results: list[StageResult] = []
        folder = self._folder / "works"
        links = {
            path: made
            for path, made in outputs_in(self._folder / "shared-keys", shared).items()
            if path.name.endswith(".links.arrow")
        }
        if not sum(manifest.facts["links"] for manifest in shared.manifests):
            return results
        for turn in range(_MOST_TURNS):
            changed = 0
            for function in (join_larger, join_smaller):
                name = function.__name__.replace("_", "-")
                into = folder / f"turn-{turn:02d}-{name}"
                results.append(self._joined(function, links, into))
                links = outputs_in(into, results[-1])
                changed += sum(manifest.facts["changed"] for manifest in results[-1].manifests)
            if not changed:
                results.append(self._answered(links, folder / "verdicts"))
                self._found |= outputs_in(folder / "verdicts", results[-1])
                warn_of_too_large(results[-1], self._recipe.deduplication.documents_per_work)
                return results
        raise BuildError(f"links: {folder}: documents are still not linked after {turn + 1} turns")

    def _joined(self, function: Any, links: Mapping[Path, str], into: Path) -> StageResult:
        documents_per_work = self._recipe.deduplication.documents_per_work
        tasks = [
            self._runner.task(
                "links",
                into / f"{name}.manifest.json",
                function,
                LinksArgument(
                    links=tuple(links),
                    partition=number,
                    partitions=self._partitions,
                    documents_per_work=documents_per_work,
                    joined=into / f"{name}.arrow",
                ),
                settings={
                    "function": function.__name__,
                    "partition": number,
                    "partitions": self._partitions,
                    "documents_per_work": documents_per_work,
                },
                code=(),
                inputs={path.name: made for path, made in links.items()},
                weight=1,
            )
            for number, name in enumerate(self._partition_names())
        ]
        return self._runner.run_tasks("links", tasks)

    def _answered(self, links: Mapping[Path, str], into: Path) -> StageResult:
        tasks = [
            self._runner.task(
                "linked documents",
                into / f"{name}.manifest.json",
                answer_works,
                WorksArgument(tuple(links), number, self._numbers, into / f"{name}.arrow"),
                settings={"partition": number, "parts": list(self._numbers)},
                code=(),
                inputs={path.name: made for path, made in links.items()},
                weight=1,
            )
            for number, name in enumerate(self._partition_names())
        ]
        return self._runner.run_tasks("linked documents", tasks)

    def identity(self) -> StageResult:
        """The verdict on each part."""
        files = self._files("verdicts", ".parquet")
        tasks = [
            self._runner.task(
                "identity",
                files[part.name].with_suffix(".manifest.json"),
                decide_identity,
                IdentityArgument(
                    ingested=part.path,
                    filtered=self._filtered[part.name][0],
                    candidates=self._candidates[part.name][0],
                    cuts=self._folder / "cuts.json",
                    found=tuple(self._found),
                    hold_outs=self._recipe.hold_outs,
                    sources=tuple(self._order),
                    source=part.source,
                    category=self._sources[part.source].category,
                    part=number,
                    verdict=files[part.name],
                ),
                settings={"hold_outs": self._hold_outs, "sources": self._order, "part": number},
                code=(),
                inputs={
                    part.name: part.fingerprint,
                    "verdict": self._filtered[part.name][1],
                    "candidates": self._candidates[part.name][1],
                    "cuts": self._cuts,
                    **{f"{path.parent.name}/{path.name}": m for path, m in self._found.items()},
                },
                weight=max(1, part.rows),
            )
            for number, part in enumerate(self._parts)
        ]
        result = self._runner.run_tasks("identity", tasks)
        self.verdicts = files_made(self._parts, files, result)
        return result

    def _partition_names(self) -> list[str]:
        return [partition_name(number) for number in range(self._partitions)]
