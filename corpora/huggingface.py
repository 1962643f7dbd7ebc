"""A folder of `datasets.save_to_disk`: each row a document, one of its columns the text.

Such a folder holds `state.json`, `dataset_info.json` and Arrow files in the *stream* format, which
`state.json` lists in order; a `DatasetDict` holds one such folder a split, and
`dataset_dict.json` names them. Read with pyarrow alone, memory-mapped, a batch at a time.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from corpora.arrow_rows import GivenText, batch_records
from corpora.documents import Document, Format, ReadOptions, Record, RecordUnreadable
from corpora.json_records import file_key
from corpora.text_columns import Columns, require_columns, row_document

_STATE: Final = "state.json"
#: How a stream ends (Arrow columnar format, "IPC Streaming Format"): without it rows may lack.
_END_OF_STREAM: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_FAULTS: Final = (pa.ArrowException, OSError, ValueError, KeyError)


def find(path: Path) -> Iterable[Path]:
    """The Arrow files of every saved dataset in a folder, in their order; a file as it is.

    Raises FileNotFoundError for a folder that holds no saved dataset, ValueError for one whose
    files do not hold its rows.
    """
    if not path.is_dir():
        return [path]
    states = sorted(state for state in path.rglob(_STATE) if state.is_file())
    if not states:
        raise FileNotFoundError(
            f"no {_STATE} in it: not a folder of datasets.save_to_disk (for downloads of the Hub "
            "use the format parquet or jsonl)"
        )
    return [file for state in states for file in _files_of(state)]


def _files_of(state: Path) -> Iterator[Path]:
    try:
        content: Any = json.loads(state.read_text(encoding="utf-8"))
        names = [str(entry["filename"]) for entry in content["_data_files"]]
        rearranged = bool(content.get("_indices_data_files"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"{state}: no state of a saved dataset: {error!r}") from None
    if rearranged:
        raise ValueError(
            f"{state}: saved by an old version of datasets, its rows selected by indices; call "
            "flatten_indices() and save it again"
        )
    for name in names:
        if Path(name).name != name:
            raise ValueError(f"{state}: {name!r} is no file beside it")
        yield state.parent / name


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a row. Its id is the row's own, where the source names a column for it, else the
    file's stem and key with the row's number.

    Raises RecordUnreadable for a file that is no Arrow stream, is cut short or lacks a column.
    """
    row = 0
    columns = options.own(Columns)
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            require_columns(columns, stream.schema.names, path.name)
            prefix = f"{path.stem}-{file_key(path)}"
            given = GivenText(path)
            for batch in stream:
                asked = batch.select(list(columns.names()))
                try:
                    # Arrow trusts the offsets of a file: wrong ones would end the process.
                    asked.validate(full=True)
                except pa.ArrowInvalid as error:
                    fault = RecordUnreadable("damaged batch", f"{batch.num_rows} rows: {error}")
                    position = f"{path.name}: from row {row + 1}"
                    yield Record(f"{prefix}:batch-{row + 1}", position, fault, 0)
                else:
                    yield from batch_records(asked, columns, prefix, path.name, row, given)
                row += batch.num_rows
            if not _is_ended(path):
                raise RecordUnreadable("stream cut short", f"{path.name}: no end after row {row}")
    except _FAULTS as error:
        raise RecordUnreadable(
            "damaged Arrow stream", f"{path.name}: row {row + 1}: {error}"
        ) from None


def _is_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-min(len(_END_OF_STREAM), path.stat().st_size), 2)
        return file.read() == _END_OF_STREAM


def read(record: Record, options: ReadOptions) -> Document:
    """One row. Raises RecordDropped where its text is null, empty or no string."""
    if isinstance(record.payload, RecordUnreadable):
        raise record.payload
    return row_document(record, record.payload, options.own(Columns))


FORMAT: Final = Format(
    name="huggingface",
    summary="A datasets.save_to_disk folder: one column, `text` unless options.text names it",
    find=find,
    records=records,
    read=read,
    options=Columns,
)
