"""The three stages that give one work one title (`pipelines.stages.citations`), in a build."""

from collections.abc import Mapping

from pipelines.execution import StageResult
from pipelines.stage_runner import StageRunner, output_fingerprint
from pipelines.stages.citations import (
    AnswersArgument,
    IndexArgument,
    WorksArgument,
    answer_citations,
    choose_works,
    gather_works,
)


def resolve_citations(runner: StageRunner, parts: Mapping[str, str]) -> list[StageResult]:
    """The works that all documents speak of, what each is called, and each part's answers.

    `parts` are the ingested parts, `SOURCE/part-NNNNN`, with the fingerprints of their documents.
    """
    folder = runner.run.stages / "citations"
    partitions = runner.recipe.build.citation_partitions
    works = runner.run_tasks(
        "works",
        [
            runner.task(
                "works",
                folder / "works" / f"{name}.manifest.json",
                gather_works,
                WorksArgument(
                    runner.run.stages / "ingest" / f"{name}.parquet",
                    partitions,
                    folder / "works" / f"{name}.parquet",
                ),
                settings={"partitions": partitions},
                code=("corpora",),
                inputs={name: fingerprint},
                weight=1,
            )
            for name, fingerprint in parts.items()
        ],
        folder / "works",
    )
    said = {name: output_fingerprint(m) for name, m in zip(parts, works.manifests, strict=True)}
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
    answers = runner.run_tasks(
        "citations",
        [
            runner.task(
                "citations",
                folder / "answers" / f"{name}.manifest.json",
                answer_citations,
                AnswersArgument(
                    runner.run.stages / "ingest" / f"{name}.parquet",
                    index_files,
                    folder / "answers" / f"{name}.json",
                ),
                settings={},
                code=("corpora",),
                inputs={name: fingerprint, **chosen},
                weight=1,
            )
            for name, fingerprint in parts.items()
        ],
        folder / "answers",
    )
    return [works, index, answers]
