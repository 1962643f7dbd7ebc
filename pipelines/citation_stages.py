"""The three stages that give one work one title (`pipelines.stages.citations`), in a build."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.execution import StageResult
from pipelines.parts import Part
from pipelines.stage_runner import StageRunner, output_fingerprint
from pipelines.stages.citations import (
    AnswersArgument,
    IndexArgument,
    WorksArgument,
    answer_citations,
    choose_works,
    gather_works,
)


def resolve_citations(
    runner: StageRunner, parts: Sequence[Part], filtered: Mapping[str, tuple[Path, str]]
) -> tuple[list[StageResult], dict[str, tuple[Path, str]]]:
    """The works that all documents speak of, what each is called, and each part's answers.

    `filtered` are the verdicts of the filters. Gives the results of the stages, and the answers of
    each part with their fingerprint.
    """
    folder = runner.run.stages / "citations"
    partitions = runner.recipe.build.citation_partitions
    works = runner.run_tasks(
        "works",
        [
            runner.task(
                "works",
                folder / "works" / f"{part.name}.manifest.json",
                gather_works,
                WorksArgument(
                    part.path,
                    filtered[part.name][0],
                    partitions,
                    folder / "works" / f"{part.name}.parquet",
                ),
                settings={"partitions": partitions},
                code=("corpora",),
                inputs={part.name: part.fingerprint, "verdict": filtered[part.name][1]},
                weight=max(1, part.rows),
            )
            for part in parts
        ],
        folder / "works",
    )
    said = {
        part.name: output_fingerprint(manifest)
        for part, manifest in zip(parts, works.manifests, strict=True)
    }
    index_files = tuple(
        folder / "index" / f"partition-{number:05d}.parquet" for number in range(partitions)
    )
    index = runner.run_tasks(
        "citation index",
        [
            runner.task(
                "citation index",
                path.with_suffix(".manifest.json"),
                choose_works,
                IndexArgument(
                    tuple(folder / "works" / f"{name}.parquet" for name in said), number, path
                ),
                settings={"partition": number},
                code=("corpora",),
                inputs=said,
                weight=1,
            )
            for number, path in enumerate(index_files)
        ],
        folder / "index",
    )
    chosen = {
        path.name: output_fingerprint(m)
        for path, m in zip(index_files, index.manifests, strict=True)
    }
    answer_files = {part.name: folder / "answers" / f"{part.name}.json" for part in parts}
    answers = runner.run_tasks(
        "citations",
        [
            runner.task(
                "citations",
                answer_files[part.name].with_suffix(".manifest.json"),
                answer_citations,
                AnswersArgument(
                    part.path, filtered[part.name][0], index_files, answer_files[part.name]
                ),
                settings={},
                code=("corpora",),
                inputs={
                    part.name: part.fingerprint,
                    "verdict": filtered[part.name][1],
                    **chosen,
                },
                weight=max(1, part.rows),
            )
            for part in parts
        ],
        folder / "answers",
    )
    answered = {
        part.name: (answer_files[part.name], output_fingerprint(manifest))
        for part, manifest in zip(parts, answers.manifests, strict=True)
    }
    return [works, index, answers], answered
