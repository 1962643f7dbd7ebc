"""The five stages that find content which a source of higher priority holds, in a build.

    results, removals = deduplicate(runner, resolved_parts)
    for part in resolved_parts:
        path, fingerprint = removals[part.name]    # where its source is not excluded
        rows = read_removals(path)                 # one list of Removal for each row of the part
        text, citations = remove_paragraphs(row_text, [(r.begin, r.end) for r in its_removals])

`citations` are the places in `metadata.citations` of the spans that went; a text that is empty
afterwards was duplicated altogether. `fingerprint` belongs in the fingerprint of the task
that applies them, and `duplicates_between(results[-1])` is what the manifest lists.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pipelines.deduplication.compared_text import Comparison
from pipelines.deduplication.compared_windows import WindowsArgument, write_windows
from pipelines.deduplication.near_duplicates import (
    NearDuplicatesArgument,
    SignaturesArgument,
    answer_near_duplicates,
    write_signatures,
)
from pipelines.deduplication.paragraphs import marker_kinds
from pipelines.deduplication.removals import RemovalsArgument, write_removals
from pipelines.deduplication.shared_rows import SharedArgument, answer_runs, answer_windows
from pipelines.deduplication.window_kernels import base_of, shingle_bytes
from pipelines.deduplication.window_runs import RunsArgument, write_runs
from pipelines.execution import Outcome, StageResult
from pipelines.partitions import num_partitions, partition_name
from pipelines.parts import Files, Part, column_bytes
from pipelines.recipe import Recipe
from pipelines.stages.runner import StageRunner, files_made, outputs_in

#: What a task holds in memory at most for each row of its partition, sorting included (measured).
RUN_BYTES: Final = 120
WINDOW_BYTES: Final = 90


def deduplicate(runner: StageRunner, parts: Sequence[Part]) -> tuple[list[StageResult], Files]:
    """Find what goes of each part (`pipelines.deduplication.removals`), by name; parts of excluded
    sources have no entry, and without deduplication none has.

    `parts` are resolved ones, whose `split` is filled in. Held-out documents rank first, those of
    excluded sources too: what is held out is in no training text that is deduplicated. Training
    documents of an excluded source neither lose anything nor take anything from another.
    """
    if not runner.recipe.deduplication.enabled:
        return [], {}
    stages = _Deduplication(runner, parts)
    near = stages.near_duplicates() if stages.settings.near_duplicates.enabled else []
    runs = stages.window_runs()
    shared_runs = stages.shared("shared runs", answer_runs, runs, stages.run_partitions)
    compared = sum(manifest.facts["compared"] for manifest in shared_runs.manifests)
    stages.window_partitions = stages.partitions(compared * stages.width, WINDOW_BYTES)
    windows = stages.windows(shared_runs)
    shared_windows = stages.shared(
        "shared windows", answer_windows, windows, stages.window_partitions
    )
    removals = stages.removals(shared_runs, shared_windows)
    included = stages.included()
    files = {part.name: stages.file("removals", part) for part in included}
    results = [*near, runs, shared_runs, windows, shared_windows, removals]
    return results, files_made(included, files, removals)


def duplicates_between(removals: StageResult) -> list[dict[str, Any]]:
    """What the sources lose to each other: documents, paragraphs and bytes, in order of names.

    `removals` is the result of the last stage; `kept_in` a source, or `SOURCE (held out)`.
    """
    total: dict[tuple[str, str], dict[str, int]] = {}
    for manifest in removals.manifests:
        for kept_in, counts in manifest.facts["duplicates"].items():
            pair = total.setdefault((kept_in, manifest.facts["source"]), dict.fromkeys(counts, 0))
            for name, count in counts.items():
                pair[name] += count
    return [
        {"kept_in": kept_in, "removed_from": removed_from, **counts}
        for (kept_in, removed_from), counts in sorted(total.items())
    ]


def missing_for_near_duplicates(recipe: Recipe) -> list[str]:
    """What a recipe that asks for near duplicates needs and is not installed, a line a package."""
    settings = recipe.deduplication
    if not (settings.enabled and settings.near_duplicates.enabled) or find_spec("rensa"):
        return []
    return [
        "deduplication.near_duplicates: the package rensa, which makes the signatures, is not "
        "installed: pip install 'galactica[near-duplicates]', or set enabled: false there"
    ]


class _Deduplication:
    """The stages over one list of parts: what each is made of, and where its files lie."""

    def __init__(self, runner: StageRunner, parts: Sequence[Part]) -> None:
        recipe = runner.recipe
        self.runner = runner
        self.settings = recipe.deduplication
        self.memory_bytes = recipe.build.memory_bytes
        self.folder = runner.run.stages / "deduplication"
        self.parts = parts
        self.sources = [source.name for source in recipe.sources_by_priority()]
        self.numbers = {part.name: number for number, part in enumerate(parts)}
        self.positions = tuple(self.sources.index(part.source) for part in parts)
        self.not_excluded = {source.name for source in recipe.sources if source.is_deduplicated}
        self.kinds = marker_kinds(recipe.marker_table())
        self.base = base_of(recipe.seed)
        minimum = self.settings.minimum_bytes
        self.width = minimum - shingle_bytes(minimum) + 1
        # Of w shingles in a row the least is one of (w + 1) / 2, on average.
        num_runs = 2 * column_bytes(parts, "text") // (self.width + 1)
        self.run_partitions = self.partitions(num_runs, RUN_BYTES)
        self.window_partitions = 1
        self.near: dict[Path, str] = {}

    def partitions(self, num_rows: int, row_bytes: int) -> int:
        """How many partitions so many rows are cut into: none outgrows `memory_bytes`."""
        return num_partitions(num_rows * row_bytes, self.memory_bytes)

    def included(self) -> list[Part]:
        """The parts that may lose something."""
        return [part for part in self.parts if part.source in self.not_excluded]

    def file(self, stage: str, part: Part) -> Path:
        """What a stage writes of a part."""
        ending = "parquet" if stage == "removals" else "arrow"
        return self.folder / stage.replace(" ", "-") / f"{part.name}.{ending}"

    def window_runs(self) -> StageResult:
        """The runs of windows of every part."""

        def argument(part: Part, path: Path) -> RunsArgument:
            return RunsArgument(part.path, self.comparison(part), self.run_partitions, path)

        settings = {"partitions": self.run_partitions}
        return self._of_parts("window runs", write_runs, argument, settings, {}, self.parts)

    def windows(self, shared_runs: StageResult) -> StageResult:
        """The windows of every part that are compared one by one."""
        answers = self._answers("shared runs", shared_runs)

        def argument(part: Part, path: Path) -> WindowsArgument:
            return WindowsArgument(
                part.path,
                self.comparison(part),
                tuple(answers),
                self.window_partitions,
                self.memory_bytes,
                path,
            )

        settings = {"partitions": self.window_partitions}
        return self._of_parts("windows", write_windows, argument, settings, answers, self.parts)

    def removals(self, shared_runs: StageResult, shared_windows: StageResult) -> StageResult:
        """What goes of every part that may lose something."""
        of_runs = self._answers("shared runs", shared_runs)
        of_windows = self._answers("shared windows", shared_windows)
        holders = (*(f"{name} (held out)" for name in self.sources), *self.sources)

        def argument(part: Part, path: Path) -> RemovalsArgument:
            return RemovalsArgument(
                documents=part.path,
                comparison=self.comparison(part),
                gap_bytes=self.settings.gap_bytes,
                run_answers=tuple(of_runs),
                window_answers=tuple(of_windows),
                source=part.source,
                holders=holders,
                removals=path,
            )

        settings = {"gap_bytes": self.settings.gap_bytes, "sources": self.sources}
        answers = of_runs | of_windows
        return self._of_parts(
            "removals", write_removals, argument, settings, answers, self.included()
        )

    def near_duplicates(self) -> list[StageResult]:
        """Which documents of every part go as near duplicates, before any text is compared."""
        settings = self.settings.near_duplicates
        num_rows = sum(part.rows for part in self.parts) * settings.bands
        row_bytes = 3 * (13 + settings.bands * settings.rows_per_band)
        partitions = self.partitions(num_rows, row_bytes)

        def signatures(part: Part, path: Path) -> SignaturesArgument:
            seed = self.runner.recipe.seed
            return SignaturesArgument(
                part.path, self.comparison(part), settings, seed, partitions, path
            )

        written = settings.model_dump() | {"partitions": partitions}
        sent = self._of_parts("signatures", write_signatures, signatures, written, {}, self.parts)

        def answers(rows: tuple[Path, ...], number: int, path: Path) -> NearDuplicatesArgument:
            return NearDuplicatesArgument(
                rows, self.positions, len(self.sources), number, settings, path
            )

        near = self._of_partitions(
            "near duplicates",
            answer_near_duplicates,
            answers,
            sent,
            partitions,
            settings.model_dump(),
        )
        self.near = self._answers("near duplicates", near)
        return [sent, near]

    def comparison(self, part: Part) -> Comparison:
        """How the texts of a part are compared with others."""
        return Comparison(
            self.settings.minimum_bytes,
            self.base,
            self.kinds,
            part.source in self.not_excluded,
            self.numbers[part.name],
            tuple(self.near),
        )

    def shared(
        self,
        stage: str,
        function: Callable[[SharedArgument], Outcome],
        sent: StageResult,
        partitions: int,
    ) -> StageResult:
        """The answers of every partition to what all parts sent."""

        def argument(rows: tuple[Path, ...], number: int, path: Path) -> SharedArgument:
            return SharedArgument(rows, self.positions, len(self.sources), number, path)

        return self._of_partitions(stage, function, argument, sent, partitions, {})

    def _of_partitions(
        self,
        stage: str,
        function: Callable[[Any], Outcome],
        argument: Callable[[tuple[Path, ...], int, Path], Any],
        sent: StageResult,
        partitions: int,
        settings: Mapping[str, Any],
    ) -> StageResult:
        files = {part.name: self.file(sent.stage, part) for part in self.parts}
        inputs = {name: made for name, (_, made) in files_made(self.parts, files, sent).items()}
        folder = self.folder / stage.replace(" ", "-")
        paths = [folder / f"{partition_name(number)}.arrow" for number in range(partitions)]
        tasks = [
            self.runner.task(
                stage,
                path.with_suffix(".manifest.json"),
                function,
                argument(tuple(files.values()), number, path),
                settings={
                    "positions": list(self.positions),
                    "sources": len(self.sources),
                    "partition": number,
                    **settings,
                },
                code=(),
                inputs=inputs,
                weight=1,
            )
            for number, path in enumerate(paths)
        ]
        return self.runner.run_tasks(stage, tasks)

    def _of_parts(
        self,
        stage: str,
        function: Callable[[Any], Outcome],
        argument: Callable[[Part, Path], Any],
        settings: Mapping[str, Any],
        answers: Mapping[Path, str],
        parts: Sequence[Part],
    ) -> StageResult:
        tasks = []
        for part in parts:
            path = self.file(stage, part)
            tasks.append(
                self.runner.task(
                    stage,
                    path.with_suffix(".manifest.json"),
                    function,
                    argument(part, path),
                    settings={
                        "minimum_bytes": self.settings.minimum_bytes,
                        "base": self.base,
                        "markers": self.kinds.hex(),
                        "training": part.source in self.not_excluded,
                        "number": self.numbers[part.name],
                        **settings,
                    },
                    code=(),
                    inputs={
                        part.name: part.fingerprint,
                        **{
                            f"{path.parent.name}/{path.name}": mark
                            for path, mark in (self.near | dict(answers)).items()
                        },
                    },
                    weight=part.num_bytes,
                )
            )
        return self.runner.run_tasks(stage, tasks)

    def _answers(self, stage: str, result: StageResult) -> dict[Path, str]:
        """The files of a stage's partitions, in order, with their fingerprints."""
        return outputs_in(self.folder / stage.replace(" ", "-"), result)
