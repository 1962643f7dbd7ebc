"""Cutting the catalogues of exoplanets into planets: rows of tables, and systems in XML.

The archive's table `ps` has a row for each publication; the rows of one planet are one record. A
table that is sorted by planet, as the archive hands it out, is read row by row; whether it is, a
first look through it tells. One that is not is gathered first, in its shortest form.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

from corpora.compressed_streams import (
    ARCHIVE_SUFFIXES,
    Stream,
    find_streamed,
    open_streams,
    stem_of,
)
from corpora.delimited_records import Row, rows_of
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.exoplanet.nasa_table import name_of
from corpora.exoplanet.objects_of_interest import KEPLER_COLUMN, TESS_COLUMNS, name_of_tess
from corpora.exoplanet.open_catalogue import COLUMN_NAMES, OLD_COLUMNS
from corpora.json_records import parse_object, pieces
from corpora.text_lines import MAX_LINE_BYTES
from corpora.xml_documents import tags_of, xml_documents
from tokenization.marked_text import clean

_TABLES: Final = (".csv", ".tsv", ".txt", ".tab")
_XML: Final = re.compile(r"\.xml(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_JSON: Final = re.compile(r"\.json(?:\.(?:gz|bz2|xz|zst))?$", re.IGNORECASE)
_SYSTEM: Final = tags_of("system")
#: `# COLUMN pl_orbper:      Orbital Period [days]`
_COLUMN: Final = re.compile(r"#\s*COLUMN (\w{1,60}):[^\[\]\n]{0,200}\[([^\[\]]{1,40})\]")
_PLANET: Final = re.compile(r"<planet[\s>/]")
#: What is gathered of a table that is not sorted; the whole table `ps` takes a third of it.
MAX_GATHERED_BYTES: Final = 1 << 28
#: No system has as many planets, no planet as many publications, no table as many comments.
MOST_PLANETS: Final = 500
_MOST_ROWS: Final = 1000
_UNKNOWN_TABLE: Final = "not the columns of a catalogue"
#: What tells the Open Catalogue's tables from others with a column `name`.
_OPEN_COLUMNS: Final = frozenset(("name", "mass", "hoststar_mass", "system_distance"))
_MOST_COMMENT_LINES: Final = 2000
#: Columns that repeat others, as HTML or with other signs.
_REPEATING: Final = re.compile(
    r"(?:(?<!pl_rad[ej])_reflink|format|symerr|_solnid|err\d?str|limstr)$"
)

find: Final = find_streamed(*_TABLES, ".xml", ".json")

Cells = dict[str, str]
#: Whose table: the archive's planets, its Kepler or TESS objects, or the Open Catalogue.
Table = Literal["planets", "kepler", "tess", "open"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one planet: in the archive's table of planets, or one row of another."""

    cells: tuple[Cells, ...]
    table: Table
    #: Units of the columns, from the comments before the table.
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InSystem:
    """A planet by its place in the XML of its system."""

    system: Record
    place: int


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a planet; its id is its name, or its place in its file."""
    return _unique(_records(path))


def _records(path: Path) -> Iterator[Record]:
    packed = path.name.lower().endswith(ARCHIVE_SUFFIXES)
    if packed or _XML.search(path.name):
        yield from _of_systems(path)
        if not packed:
            return
    if _JSON.search(path.name):
        rows = _of_json(path)
        yield from _in_runs(rows) if _are_sorted(_of_json(path)) else _gathered(rows)
        return
    are_sorted = {
        stream.name: _are_sorted(_of_table(stream)) for stream in open_streams(path, *_TABLES)
    }
    for stream in open_streams(path, *_TABLES):
        rows = _of_table(stream)
        yield from _in_runs(rows) if are_sorted.get(stream.name, True) else _gathered(rows)


def _unique(found: Iterable[Record]) -> Iterator[Record]:
    seen: dict[str, int] = {}
    for record in found:
        times = seen[record.record_id] = seen.get(record.record_id, 0) + 1
        identifier = record.record_id + (f"#{times}" if times > 1 else "")
        yield Record(identifier, record.position, record.payload, record.num_bytes)


def _of_systems(path: Path) -> Iterator[Record]:
    for system in xml_documents(path, (".xml",), _SYSTEM, stem_of, "system"):
        text = system.payload
        planets = len(_PLANET.findall(text)) if isinstance(text, str) else 1
        for place in range(min(max(planets, 1), MOST_PLANETS)):
            identifier = f"{system.record_id}/{place + 1}"
            yield Record(
                identifier,
                f"{system.position}, planet {place + 1}",
                InSystem(system, place),
                system.num_bytes // max(planets, 1),
            )


@dataclass(slots=True)
class _Numbered:
    """A row with what says where it stands."""

    row: Row
    name: str
    position: str
    table: Table | None
    units: Mapping[str, str]


def _of_table(stream: Stream) -> Iterator[_Numbered]:
    body = _WithoutComments(stream.file)
    for row in rows_of(Stream(stream.name, cast(BinaryIO, body))):
        position = f"{stream.name}: line {row.line + body.num_comments}"
        numbered = _numbered(row, position, body.units)
        yield numbered
        if numbered.row.fault is not None and numbered.row.fault.reason == _UNKNOWN_TABLE:
            # The other rows have the same columns.
            return


def _of_json(path: Path) -> Iterator[_Numbered]:
    """The rows of the archive's answer in JSON, which is a list of objects."""
    for piece in pieces(path):
        cells: Cells = {}
        fault = piece.fault
        try:
            fields = {} if fault else parse_object(piece.data, piece.position)
            cells = {
                name: str(value)
                for name, value in fields.items()
                if isinstance(value, str | int | float) and not isinstance(value, bool)
            }
        except RecordUnreadable as error:
            fault = error
        yield _numbered(Row(piece.number, cells, piece.num_bytes, fault), piece.position, {})


def _numbered(row: Row, position: str, units: Mapping[str, str]) -> _Numbered:
    columns = {COLUMN_NAMES.get(column, column): value for column, value in row.cells.items()}
    table = _table(columns)
    fault = row.fault
    if fault is None and table is None:
        # Another table's `radius` may be in any unit.
        detail = clean(", ".join(columns))[:200]
        fault = RecordUnreadable(_UNKNOWN_TABLE, detail)
    cells = {
        column: value
        for column, value in columns.items()
        if value and not _REPEATING.search(column)
    }
    name = " ".join(clean(_NAMES[table](cells) if table else "").split())
    return _Numbered(Row(row.line, cells, row.num_bytes, fault), name, position, table, units)


def _table(columns: Cells) -> Table | None:
    if "pl_name" in columns or "pl_hostname" in columns:
        return "planets"
    if KEPLER_COLUMN in columns:
        return "kepler"
    if columns.keys() >= TESS_COLUMNS:
        return "tess"
    return "open" if columns.keys() >= _OPEN_COLUMNS else None


_NAMES: Final[Mapping[Table, Callable[[Cells], str]]] = {
    "planets": name_of,
    "kepler": lambda cells: cells.get(KEPLER_COLUMN, ""),
    "tess": name_of_tess,
    "open": lambda cells: cells.get("name", ""),
}


def _are_sorted(rows: Iterable[_Numbered]) -> bool:
    """Whether the rows of each planet stand together, or there is one for each."""
    seen: set[str] = set()
    last = ""
    for numbered in rows:
        if numbered.row.fault is not None:
            continue
        if numbered.table != "planets":
            return True
        if numbered.name != last and numbered.name in seen:
            return False
        last = numbered.name
        seen.add(last)
    return True


def _in_runs(rows: Iterable[_Numbered]) -> Iterator[Record]:
    run: list[_Numbered] = []
    for numbered in rows:
        alone = numbered.row.fault is not None or numbered.table != "planets" or not numbered.name
        if run and (alone or numbered.name != run[0].name):
            yield _record(run)
            run = []
        if alone:
            yield _record([numbered])
        elif len(run) < _MOST_ROWS:
            run.append(numbered)
    if run:
        yield _record(run)


def _gathered(rows: Iterable[_Numbered]) -> Iterator[Record]:
    planets: dict[str, tuple[str, list[bytes]]] = {}
    units: Mapping[str, str] = {}
    size = 0

    def finished() -> Iterator[Record]:
        for name, (position, packed) in planets.items():
            cells = tuple(cast(Cells, json.loads(row)) for row in packed)
            num_bytes = sum(map(len, packed))
            yield Record(name[:100], position, Rows(cells, "planets", units), num_bytes)

    for numbered in rows:
        if numbered.row.fault is not None or not numbered.name:
            yield _record([numbered])
            continue
        units = numbered.units
        packed = json.dumps(numbered.row.cells, ensure_ascii=True).encode("ascii")
        size += len(packed)
        planets.setdefault(numbered.name, (numbered.position, []))[1].append(packed)
        if size > MAX_GATHERED_BYTES:
            yield from finished()
            planets, size = {}, 0
    yield from finished()


def _record(run: list[_Numbered]) -> Record:
    first = run[0]
    payload: Rows | RecordUnreadable
    if first.row.fault is not None:
        payload = first.row.fault
    else:
        assert first.table is not None, "another table is a fault"
        cells = tuple(numbered.row.cells for numbered in run)
        payload = Rows(cells, first.table, first.units)
    identifier = first.name[:100] or first.position
    return Record(identifier, first.position, payload, sum(one.row.num_bytes for one in run))


class _WithoutComments:
    """A table from the row that names its columns on, as `rows_of` reads it.

    Old tables of the Open Catalogue tell their columns in comments only.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._ahead: list[bytes] = []
        self._started = False
        self.num_comments = 0
        self.units: dict[str, str] = {}

    def readline(self, limit: int = -1) -> bytes:
        """The next line, those of comments before the table left out."""
        if not self._started:
            self._started = True
            self._start()
        return self._ahead.pop() if self._ahead else self._file.readline(limit)

    def _start(self) -> None:
        told = 0
        while self.num_comments < _MOST_COMMENT_LINES:
            line = self._file.readline(MAX_LINE_BYTES)
            bare = line.removeprefix(b"\xef\xbb\xbf").lstrip(b'" \t')
            if not line or (bare.strip() and not bare.startswith(b"#")):
                break
            told += bool(re.match(rb"#\s*\d+:", bare))
            column = _COLUMN.match(bare.decode("utf-8", "replace"))
            if column:
                self.units[column[1]] = column[2]
            self.num_comments += 1
        self._ahead.append(line)
        delimiter = b"\t" if b"\t" in line else b","
        if told == len(OLD_COLUMNS) and not line.startswith(b"name" + delimiter):
            names = delimiter.join(column.encode("ascii") for column in OLD_COLUMNS)
            self._ahead.append(names + b"\n")
            self.num_comments -= 1
