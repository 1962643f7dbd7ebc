"""The dataset folder: Parquet files of every source and split, the card, and what made them."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pipelines.documents_table import TRAIN, VALIDATION, DocumentRow, read_documents
from pipelines.execution import BuildError
from pipelines.publication.card import PublishedSource, PublishedSplit, render_card
from pipelines.publication.licences import LicenceCounts, licence_of
from pipelines.publication.parquet_files import PublishedRow, SplitFiles
from pipelines.publication.spelling import PublishedSpelling
from pipelines.run_directory import RunDirectory
from tokenization import TokenizerSettings
from tokenization.manifests import (
    MANIFEST_NAME,
    Manifest,
    atomic_folder,
    fingerprint_file,
    fingerprint_json,
    read_manifest,
)
from tokenization.markers import MarkerTable

#: A published file is ended when it has come to this size, which the hub shows and resumes well.
FILE_BYTES: Final = 500_000_000
PROVENANCE: Final = "provenance/documents.json"


def publish_run(run_dir: Path, to: Path, *, file_bytes: int = FILE_BYTES) -> Manifest:
    """Write the documents of a run as a dataset folder that `datasets.load_dataset` opens.

    `to` appears whole or not at all, and the same documents give the same bytes. Only
    `documents/` of the run is read, a row group at a time. Returns the manifest of the folder.

    Raises ValueError where there are no documents or `to` holds anything, BuildError where a build
    is at work or the documents are not those of their manifest.
    """
    run = RunDirectory(run_dir)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ValueError(f"{to} is not an empty folder: --to names a new or empty one")
    with run.held_for_reading():
        manifest = _finished_documents(run)
        try:
            with atomic_folder(to) as folder:
                return _write_folder(run, manifest, folder, file_bytes)
        except KeyError as error:
            raise ValueError(
                f"{run.documents / MANIFEST_NAME} lacks {error}: was the run made by another "
                "version? Build it again"
            ) from error


def _finished_documents(run: RunDirectory) -> Manifest:
    path = run.documents / MANIFEST_NAME
    if not path.is_file():
        raise ValueError(
            f"{run.root} holds no finished documents: run `galactica build RECIPE --run-dir "
            f"{run.root}` to its end, then publish"
        )
    manifest = read_manifest(path)
    if not manifest.wrote:
        raise ValueError(f"{run.root} has no document to publish: every record was dropped")
    return manifest


def _write_folder(run: RunDirectory, manifest: Manifest, folder: Path, file_bytes: int) -> Manifest:
    recipe: Mapping[str, Any] = manifest.made_by["recipe"]
    corpus: Mapping[str, Any] = manifest.facts
    table = TokenizerSettings.model_validate(recipe["tokenizer"]).marker_table(
        recipe["latex_markers"]
    )
    counts = corpus["sources"]
    sources = [
        _publish_source(run, settings, counts[settings["name"]], table, folder, file_bytes)
        for settings in recipe["sources"]
    ]
    (folder / "provenance").mkdir()
    shutil.copyfile(run.documents / MANIFEST_NAME, folder / PROVENANCE)
    card = render_card(recipe, corpus, sources, _split_order(sources), table)
    (folder / "README.md").write_text(card, encoding="utf-8")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    published = Manifest(
        stage="publication",
        fingerprint=fingerprint_json([manifest.fingerprint, file_bytes]),
        inputs={"documents": manifest.fingerprint},
        outputs={
            file.relative_to(folder).as_posix(): (file.stat().st_size, fingerprint_file(file))
            for file in files
        },
        read=manifest.wrote,
        wrote=manifest.wrote,
    )
    (folder / MANIFEST_NAME).write_text(published.to_json(), encoding="utf-8")
    return published


def _split_order(sources: Sequence[PublishedSource]) -> list[str]:
    found = {split.name for source in sources for split in source.splits}
    first = [split for split in (TRAIN, VALIDATION) if split in found]
    return [*first, *sorted(found - {TRAIN, VALIDATION})]


def _publish_source(
    run: RunDirectory,
    settings: Mapping[str, Any],
    counts: Mapping[str, Any],
    table: MarkerTable,
    folder: Path,
    file_bytes: int,
) -> PublishedSource:
    """Write the files of one source; each split is in the order of the documents."""
    name = settings["name"]
    licences = LicenceCounts()
    splits: dict[str, SplitFiles] = {}
    spelling = PublishedSpelling(table)
    with ExitStack() as stack:
        for row in _documents(run, name):
            licence = licence_of(row.metadata)
            licences.add(licence)
            if row.split not in splits:
                files = SplitFiles(folder / "data" / name, row.split, file_bytes)
                splits[row.split] = stack.enter_context(files)
            splits[row.split].add(
                PublishedRow(
                    row.doc_id,
                    row.source,
                    row.category,
                    spelling.publish(row.text),
                    # No spelling holds a character that JSON escapes: it stays JSON.
                    spelling.publish(row.metadata),
                    licence,
                )
            )
    written = {split: files.rows for split, files in splits.items()}
    if written != {split: count for split, count in counts["splits"].items() if count}:
        raise BuildError(
            f"{run.documents / name} holds other documents than {run.documents / MANIFEST_NAME} "
            "says: was a build stopped? Run `galactica build` to its end"
        )
    return PublishedSource(
        settings=settings,
        splits=tuple(
            PublishedSplit(
                name=split,
                documents=files.rows,
                text_and_metadata_bytes=files.num_bytes,
                file_bytes=sum(path.stat().st_size for path in files.paths),
            )
            for split, files in sorted(splits.items())
        ),
        licences=licences,
    )


def _documents(run: RunDirectory, source: str) -> Iterator[DocumentRow]:
    for part in sorted((run.documents / source).glob("part-*.parquet")):
        try:
            yield from read_documents(part)
        except (pa.ArrowException, OSError, TypeError) as error:
            raise BuildError(f"{part} cannot be read as documents: {error}") from error
