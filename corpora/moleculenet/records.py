"""Cutting tables of MoleculeNet into one record a molecule and task, each with its split."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.moleculenet.data_sets import Layout, layout_of
from corpora.moleculenet.splitting import scaffold_key, scaffold_splits
from corpora.moleculenet.targets import file_beside, target_sequences
from corpora.moleculenet.tasks import Task
from corpora.splits import split_of_name, split_of_row
from corpora.table_rows import row_of, row_records
from corpora.terminated_records import RawRecord, cut


class MoleculeNetOptions(BaseModel):
    """What a source of MoleculeNet may set.

    `split` is how its molecules are divided: as MoleculeNet recommends, or all by scaffold or by
    chance; `none` takes every row, for files that hold a train split already. `targets_file` is
    a FASTA file with the sequences of the tasks' proteins; without it, `targets.fasta` beside the
    table.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    split: Literal["recommended", "scaffold", "random", "none"] = "recommended"
    targets_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """The payload of a record: one cell of the table. `smiles` may be a molfile.

    `by_scaffold` is the molecule's split, None where it is to be drawn from the molecule or, with
    `divided` false, not at all. `leads` is true for the first label of a molecule: a structure that
    is refused is quarantined with it alone.
    """

    row_id: str
    data_set: str
    task: Task
    smiles: str
    written: str
    by_scaffold: str | None
    divided: bool
    held_out_file: bool
    leads: bool
    sequence: str
    target: str


@dataclass(slots=True)
class _Table:
    """One file or member of an archive: its layout, or why it has none, and its scaffolds."""

    layout: Layout | RecordUnreadable
    sequences: Mapping[str, str] = field(default_factory=dict)
    structures: Iterator[RawRecord] | None = None
    keys: Iterator[int] | None = None
    splits: Mapping[int, str] = field(default_factory=dict)


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a molecule and task; its id is the row's with the task's name.

    A table that is to be split by scaffold is read twice. Raises RecordUnreadable for a file of
    targets that is none.
    """
    own = options.own(MoleculeNetOptions)
    tables: dict[str, _Table] = {}
    for record in row_records(path):
        name = record.position.rpartition(": ")[0]
        try:
            row = row_of(record)
        except RecordUnreadable as fault:
            yield Record(record.record_id, record.position, fault, record.num_bytes)
            continue
        if name not in tables:
            tables[name] = _table(path, name, list(row), own)
            if isinstance(tables[name].layout, RecordUnreadable):
                refusal = tables[name].layout
                yield Record(record.record_id, record.position, refusal, record.num_bytes)
        table = tables[name]
        if isinstance(table.layout, Layout):
            key = next(table.keys, None) if table.keys is not None else None
            try:
                structure = _structure(row, table, table.layout)
            except RecordUnreadable as fault:
                yield Record(record.record_id, record.position, fault, record.num_bytes)
                continue
            yield from _labels(record, row, table, table.layout, structure, key, own)


def files_beside(path: Path, _: ReadOptions) -> list[Path]:
    """The structures that a table of properties leaves out, and the targets of the data set."""
    found = (path.with_suffix(""), file_beside(path))
    return [file for file in found if file and file != path and file.is_file()]


def _table(path: Path, name: str, columns: list[str], own: MoleculeNetOptions) -> _Table:
    # DeepChem's gdb9.sdf.csv has the properties of the molecules of gdb9.sdf, in their order.
    beside = path.with_suffix("")
    drawn = beside if beside.suffix == ".sdf" and beside.is_file() else None
    try:
        layout = layout_of(columns, name, structures_beside=drawn is not None)
    except RecordUnreadable as fault:
        return _Table(fault)
    targets = own.targets_file or file_beside(path)
    sequences = target_sequences(targets, layout.tasks) if targets else {}
    split = layout.data_set.split if own.split == "recommended" else own.split
    if layout.smiles is None:
        assert drawn is not None
        if split == "scaffold":
            return _Table(RecordUnreadable("no column of structures", "a scaffold split needs one"))
        return _Table(layout, sequences, cut(drawn, b"$$$$"))
    if split != "scaffold":
        return _Table(layout, sequences)
    keys, splits = scaffold_splits(
        scaffold_key(_smiles(row, layout)) for other, row in _rows(path) if other == name
    )
    return _Table(layout, sequences, None, iter(keys), splits)


def _structure(row: Mapping[str, object], table: _Table, layout: Layout) -> str:
    """The SMILES of a row, or its molfile, where the structures lie beside."""
    if table.structures is None:
        return _smiles(row, layout)
    raw = next(table.structures, None)
    if raw is None:
        raise RecordUnreadable("no structure", "the SDF file beside has fewer records than rows")
    molfile = raw.text(Counter())
    title, named = molfile.split("\n", 1)[0].strip(), _text(row.get("mol_id"))
    if named and title != named:
        raise RecordUnreadable("another structure", f"row {named}, record {title[:80]!r}")
    return molfile


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for record in row_records(path):
        try:
            yield record.position.rpartition(": ")[0], row_of(record)
        except RecordUnreadable:
            continue


def _labels(
    record: Record,
    row: Mapping[str, object],
    table: _Table,
    layout: Layout,
    structure: str,
    key: int | None,
    own: MoleculeNetOptions,
) -> Iterator[Record]:
    written = {name: _text(row.get(column)) for name, column in layout.columns.items()}
    given = _text(row.get(layout.sequence)) if layout.sequence else ""
    named = _text(row.get(layout.target)) if layout.target else ""
    leads = next((name for name, text in written.items() if text not in MISSING), None)
    held_out = bool(split_of_row(row) or split_of_name(record.position)) and own.split != "none"
    for task in layout.tasks:
        if task.name not in written:
            continue
        yield Record(
            f"{record.record_id}/{task.name}",
            f"{record.position}: {task.name}",
            Label(
                record.record_id,
                layout.data_set.name,
                task,
                structure,
                written[task.name],
                None if key is None else table.splits.get(key),
                own.split != "none",
                held_out,
                task.name == leads,
                given or table.sequences.get(task.name, ""),
                named,
            ),
            record.num_bytes // len(written),
        )


#: How a table writes that there is no label.
MISSING: Final = frozenset({"", "nan", "NaN", "NA", "N/A", "null", "None", "none", "-"})


def _smiles(row: Mapping[str, object], layout: Layout) -> str:
    if layout.smiles is None:
        return ""
    # A name may stand after the structure, as in files of SMILES.
    return (_text(row.get(layout.smiles)).split() or [""])[0]


def _text(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value).strip()
