"""The four stages that give one work one title (`pipelines.tasks.citations`), in a build."""

from collections.abc import Sequence

from pipelines.execution import StageResult
from pipelines.partitions import num_partitions, partition_name
from pipelines.parts import Files, Part, column_bytes
from pipelines.stages.runner import StageRunner, files_made, output_fingerprint
from pipelines.tasks.citations import (
    AnswersArgument,
    IndexArgument,
    SpellingsArgument,
    WorksArgument,
    answer_citations,
    choose_works,
    gather_works,
    spell_titles,
)
from tokenization.manifests import Manifest

#: Memory that a partition takes for each byte of metadata whose works fall to it: said of works is
#: most of the metadata of a paper, and the strings and counts of Python are larger than JSON.
_BYTES_PER_BYTE = 4


def resolve_citations(
    runner: StageRunner, parts: Sequence[Part], filtered: Files
) -> tuple[list[StageResult], Files]:
    """The works that all documents speak of, what each is called, and each part's answers.

    `filtered` are the verdicts of the filters. Gives the results of the stages, and the answers of
    each part with their fingerprint.
    """
    folder = runner.run.stages / "citations"
    needed = column_bytes(parts, "metadata") * _BYTES_PER_BYTE
    partitions = num_partitions(needed, runner.recipe.build.memory_bytes)
    work_files = {part.name: folder / "works" / f"{part.name}.arrow" for part in parts}
    works = runner.run_tasks(
        "works",
        [
            runner.task(
                "works",
                work_files[part.name].with_suffix(".manifest.json"),
                gather_works,
                WorksArgument(part.path, filtered[part.name][0], partitions, work_files[part.name]),
                settings={"partitions": partitions},
                code=(),
                inputs={part.name: part.fingerprint, "verdict": filtered[part.name][1]},
                weight=max(1, part.rows),
            )
            for part in parts
        ],
    )
    said = files_made(parts, work_files, works)
    names = [partition_name(number) for number in range(partitions)]
    index_files = {
        kind: tuple(folder / "index" / f"{name}.{kind}.arrow" for name in names)
        for kind in ("found", "asked", "spellings")
    }
    index = runner.run_tasks(
        "citation index",
        [
            runner.task(
                "citation index",
                folder / "index" / f"{name}.manifest.json",
                choose_works,
                IndexArgument(
                    tuple(work_files.values()),
                    number,
                    partitions,
                    found=index_files["found"][number],
                    asked=index_files["asked"][number],
                    spellings=index_files["spellings"][number],
                ),
                settings={"partition": number, "partitions": partitions},
                code=(),
                inputs={name: made for name, (_, made) in said.items()},
                weight=1,
            )
            for number, name in enumerate(names)
        ],
    )
    indexed = [_fingerprints(manifest) for manifest in index.manifests]
    spelling_files = tuple(folder / "spellings" / f"{name}.arrow" for name in names)
    spellings = runner.run_tasks(
        "spellings",
        [
            runner.task(
                "spellings",
                path.with_suffix(".manifest.json"),
                spell_titles,
                SpellingsArgument(
                    index_files["asked"],
                    index_files["spellings"][number],
                    number,
                    len(parts),
                    path,
                ),
                settings={"partition": number, "parts": len(parts)},
                code=(),
                inputs={
                    name: fingerprint
                    for fingerprints in indexed
                    for name, fingerprint in fingerprints.items()
                    if name.endswith(".asked.arrow")
                    or name == index_files["spellings"][number].name
                },
                weight=1,
            )
            for number, path in enumerate(spelling_files)
        ],
    )
    found = {
        name: fingerprint
        for fingerprints in indexed
        for name, fingerprint in fingerprints.items()
        if name.endswith(".found.arrow")
    }
    for path, manifest in zip(spelling_files, spellings.manifests, strict=True):
        found[path.name] = output_fingerprint(manifest)
    answer_files = {part.name: folder / "answers" / f"{part.name}.json" for part in parts}
    answers = runner.run_tasks(
        "citations",
        [
            runner.task(
                "citations",
                answer_files[part.name].with_suffix(".manifest.json"),
                answer_citations,
                AnswersArgument(
                    index_files["found"], spelling_files, number, answer_files[part.name]
                ),
                settings={"part": number},
                code=(),
                inputs=found,
                weight=max(1, part.rows),
            )
            for number, part in enumerate(parts)
        ],
    )
    return [works, index, spellings, answers], files_made(parts, answer_files, answers)


def _fingerprints(manifest: Manifest) -> dict[str, str]:
    return {name: fingerprint for name, (_, fingerprint) in manifest.outputs.items()}
