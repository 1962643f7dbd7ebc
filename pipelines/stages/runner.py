"""What every stage of a build runs with: tasks described alike, folders kept clean."""

import logging
import os
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from pipelines.code_versions import made_by
from pipelines.execution import Executor, Progress, StageResult, Task, run_stage
from pipelines.parts import Files, Part
from pipelines.recipe import Recipe
from pipelines.run_directory import RunDirectory
from tokenization.manifests import MANIFEST_NAME, Manifest, fingerprint_json, is_current

logger = logging.getLogger(__name__)

#: Files that are written for a folder as a whole, by no task.
_OWN_NAMES = frozenset({MANIFEST_NAME, "state.json", "dataset_info.json"})


class StageRunner:
    """Runs stages of one recipe in one run directory."""

    def __init__(
        self,
        recipe: Recipe,
        recipe_folder: Path,
        run: RunDirectory,
        executor: Executor,
        progress: Progress | None,
    ) -> None:
        self.recipe = recipe
        self.recipe_folder = recipe_folder
        self.run = run
        self.executor = executor
        self.progress = progress or Progress()
        #: Sources of which nothing is there, and what was looked for.
        self.left_out: dict[str, str] = {}
        self._made: set[Path] = set()

    def leave_out(self, missing: Mapping[str, str]) -> None:
        """Go on without these sources of the recipe, whose names lead to the reason."""
        for reason in missing.values():
            logger.warning("left out: %s", reason)
        if missing:
            self.left_out = dict(missing)
            self.recipe = self.recipe.without(missing)

    def task(
        self,
        stage: str,
        manifest: Path,
        function: Any,
        argument: Any,
        *,
        settings: dict[str, Any],
        code: tuple[str, ...],
        inputs: dict[str, str],
        weight: int,
    ) -> Task:
        """A task whose fingerprint holds its settings, inputs and the versions of its code.

        `code` names folders whose every file counts; the module of `function` and all that it
        imports count in any case (`pipelines.code_versions`).
        """
        code = (function.__module__, *code)
        versions = made_by(*code)
        if len(inputs) > 1:
            # Manifests sort their inputs, and what is made of several may follow from their order.
            settings = {**settings, "input_order": fingerprint_json(list(inputs))}
        return Task(
            stage=stage,
            name=str(manifest.relative_to(self.run.root)).removesuffix(".manifest.json"),
            manifest=manifest,
            fingerprint=fingerprint_json(
                {"stage": stage, "settings": settings, "versions": versions, "inputs": inputs}
            ),
            function=function,
            argument=argument,
            made_by={"settings": settings, "versions": versions},
            code=code,
            inputs=inputs,
            weight=weight,
        )

    def run_tasks(
        self, stage: str, tasks: Sequence[Task], summary: Path | None = None
    ) -> StageResult:
        """Run a stage, of which everything is made anew that is not current.

        `summary` is the manifest of all its outputs together: it goes before any of them changes.
        """
        if summary is not None and not all(is_current(t.manifest, t.fingerprint) for t in tasks):
            summary.unlink(missing_ok=True)
        result = run_stage(stage, tasks, executor=self.executor, progress=self.progress)
        self._made |= {task.manifest for task in tasks}
        for task, manifest in zip(tasks, result.manifests, strict=True):
            self._made |= {
                Path(os.path.normpath(task.manifest.parent / name)) for name in manifest.outputs
            }
        return result

    def remove_leftovers(self, *folders: Path) -> None:
        """Remove what no task of this recipe made: after all of its stages, or after those that
        write some folders, which others read as they stand."""
        for folder in folders or self.run.corpus_folders:
            _remove_all_but(self._made, folder, _OWN_NAMES)


def _remove_all_but(made: AbstractSet[Path], root: Path, own_names: AbstractSet[str]) -> bool:
    """Remove the other files under a folder, and empty folders; whether any of `made` is there.

    Files of `own_names` describe what else is in their folder: they go where nothing is left.
    """
    if not root.is_dir():
        return False
    own: list[Path] = []
    found = False
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.is_symlink():
            found |= _remove_all_but(made, path, own_names)
        elif path in made:
            found = True
        elif path.name in own_names:
            own.append(path)
        else:
            path.unlink()
    if not found:
        for path in own:
            path.unlink()
        root.rmdir()
    return found


def files_made(parts: Sequence[Part], files: Mapping[str, Path], result: StageResult) -> Files:
    """The one file that each task of a stage made, of each part in this order."""
    return {
        part.name: (files[part.name], output_fingerprint(manifest))
        for part, manifest in zip(parts, result.manifests, strict=True)
    }


def outputs_in(folder: Path, result: StageResult) -> dict[Path, str]:
    """The files that the tasks of a stage made in one folder, in order, with their fingerprints."""
    return {
        folder / name: made
        for manifest in result.manifests
        for name, (_, made) in manifest.outputs.items()
    }


def output_fingerprint(manifest: Manifest) -> str:
    """The fingerprint of a task's one output."""
    ((_, fingerprint),) = manifest.outputs.values()
    return fingerprint
