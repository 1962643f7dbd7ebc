"""Cutting flat files into records, and long records into regions that cut no gene.

A record that is not long is one region. Of a long one, the features are told apart by their lines
and the sequence by its letters, in memory up to `_IN_MEMORY_BYTES`, else in temporary files: a
chromosome of 250 million bases takes the memory of its list of places. Regions end where no gene
is, if such a place is in their second half; a feature belongs to the region that it begins in, and
brings along the bases of its segments beyond.
"""

import itertools
import mmap
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, BinaryIO, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from corpora.compressed_streams import open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.genbank.locations import Segment, parse_location

SUFFIXES: Final = (
    ".gb", ".gbk", ".gbff", ".gbs", ".gbwithparts", ".genbank", ".gp", ".gpff", ".gpt", ".seq",
    ".embl", ".imgt", ".dat",
)  # fmt: skip

_BLOCK_BYTES: Final = 1 << 20
#: A longer record is kept in a temporary file while it is cut.
_IN_MEMORY_BYTES: Final = 1 << 25
#: Records whose names are remembered, to tell two of one name apart.
_MOST_NAMES: Final = 1_000_000
_MOST_FEATURES: Final = 4_000_000
#: Text before and after the features, and text of the features that begin in one region.
_MOST_HEAD_BYTES: Final = 1 << 22
_MOST_FEATURE_BYTES: Final = 1 << 25
#: Bases of segments beyond its region that a feature may bring along. Titin's are 110,000.
_MOST_BASES_BEYOND: Final = 1_000_000
_BEGINNINGS: Final = (b"LOCUS ", b"ID   ")
_NO_LETTERS: Final = b" \t\r\n\v\f0123456789/"
_SECTION: Final = re.compile(rb"\n(?!FT|FH)[A-Z]")
_FEATURE: Final = re.compile(rb"^(?:  |FT)   (?=\S)", re.MULTILINE)
_PLACE: Final = re.compile(rb"(?:  |FT)   \S+\s([^/\"]*)")
_REMOTE: Final = re.compile(rb"[A-Za-z][\w.|-]*:[<>\d.^]+")
_NUMBER: Final = re.compile(rb"\d{1,12}")
_NAME: Final = re.compile(rb"^(?:VERSION +|ID   )([\w.-]+)(?:; SV (\d+))?", re.MULTILINE)
_LOCUS: Final = re.compile(rb"^(?:LOCUS|ACCESSION|AC  ) +([\w.-]+)", re.MULTILINE)

#: A record's text, in memory or in a file.
Raw = bytes | mmap.mmap


class GenBankOptions(BaseModel):
    """`protein_coding_only`: the coding regions with their bases and proteins, and nothing else.
    `region_bases`: the most bases of one document, but for a gene longer than that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    protein_coding_only: bool = False
    region_bases: Annotated[int, Field(ge=1_000)] = 100_000


@dataclass(frozen=True, slots=True)
class Region:
    """A record, or bases `first` to `last` of one.

    `head` are the lines before the features, `features` those of the features that begin here,
    after the source's; `letters` the sequence in the file's case without blanks, `tail` what stands
    for it in a record without one. `beyond` are bases of features that reach beyond, by their
    places. `is_part` says that the record has other regions; `features_left_out` counts what was
    too much text for one.
    """

    head: bytes
    features: bytes
    letters: bytes
    tail: bytes = b""
    first: int = 1
    is_part: bool = False
    beyond: dict[tuple[int, int], bytes] = field(default_factory=dict)
    features_left_out: int = 0

    def bases_of(self, letters: bytes) -> Callable[[Segment], bytes | None]:
        """What gives the bases of a segment, if the region has them; `letters` in upper case."""
        last = self.first + len(letters) - 1

        def found(segment: Segment) -> bytes | None:
            if self.first <= segment.start and segment.end <= last:
                return letters[segment.start - self.first : segment.end - self.first + 1]
            beyond = self.beyond.get((segment.start, segment.end))
            if beyond is None or len(beyond) != segment.end - segment.start + 1:
                return None
            return beyond.upper()

        return found


def region_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a region; its id is the accession with its version, and the region's place."""
    longest = options.own(GenBankOptions).region_bases
    for stream in open_streams(path, *SUFFIXES):
        seen: set[str] = set()
        for number, raw in enumerate(_raw_records(stream.file), start=1):
            position = f"{stream.name}: record {number}"
            name = _name(raw) or "record"
            if name in seen or len(seen) == _MOST_NAMES:
                name += f"#{number}"
            else:
                seen.add(name)
            for region in _regions(raw, longest):
                if not region.is_part:
                    yield Record(name, position, region, len(raw))
                    continue
                place = f"{region.first}-{region.first + len(region.letters) - 1}"
                num_bytes = len(region.letters) + len(region.features)
                where = f"{position}, bases {place}"
                yield Record(f"{name}:{place}", where, region, num_bytes)


def _name(raw: Raw) -> str:
    head = raw[:20_000]
    match = _NAME.search(head)
    if match:
        name = match[1].decode("ascii", "replace")
        return f"{name}.{match[2].decode()}"[:60] if match[2] else name[:60]
    match = _LOCUS.search(head)
    return match[1].decode("ascii", "replace")[:60] if match else ""


def _raw_records(file: BinaryIO) -> Iterator[Raw]:
    """The text of each record, without its terminator line."""
    # The first line may be a terminator too.
    held, start, scanned, at_end = b"\n", 0, 0, False
    while True:
        end = held.find(b"\n//", scanned)
        newline = held.find(b"\n", end + 3) if end >= 0 else -1
        if end >= 0 and (newline >= 0 or at_end):
            if held[start:end].strip():
                yield held[start : end + 1]
            start = newline + 1 if newline >= 0 else len(held)
            scanned = max(start - 1, 0)
        elif at_end:
            if held[start:].strip():
                yield held[start:]
            return
        elif len(held) - start > _IN_MEMORY_BYTES:
            with tempfile.TemporaryFile() as spool:
                held = _spooled(held[start:], file, spool)
                start, scanned, at_end = 0, 0, not held
                spool.flush()
                yield mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ)
        else:
            held, scanned = held[start:], max((end if end >= 0 else len(held) - 2) - start, 0)
            block, start = _unix(file.read(_BLOCK_BYTES)), 0
            at_end = not block
            held += block


def _unix(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _spooled(held: bytes, file: BinaryIO, spool: IO[bytes]) -> bytes:
    """Writes a record to its end into `spool`; gives what was read of the next one.

    Of what does not begin like a record, no more is kept.
    """
    is_record = held.lstrip().startswith(_BEGINNINGS)
    while True:
        end = held.find(b"\n//")
        if end >= 0:
            spool.write(held[: end + 1])
            return held[end + 1 :].partition(b"\n")[2] or b"\n"
        spool.write(held[:-2] if is_record else b"?")
        block = _unix(file.read(_BLOCK_BYTES))
        if not block:
            spool.write(held[-2:])
            return b""
        held = held[-2:] + block


def _regions(raw: Raw, longest: int) -> Iterator[Region]:
    """The regions of a record."""
    # What is not there is looked for in the whole record: each format has its own words.
    is_embl = raw[:100].lstrip().startswith(b"ID ")
    table, sequence_line = (b"\nFH   ", b"\nSQ   ") if is_embl else (b"\nFEATURES", b"\nORIGIN")
    begins = raw.find(table)
    if begins < 0 and is_embl and (line := raw.find(b"\nFT   ")) >= 0:
        # Databases of patents leave the header of the table out.
        begins = raw.rfind(b"\n", 0, line)
    if begins < 0:
        # Without a table of features: the head ends at the sequence.
        begins = raw.find(sequence_line)
        begins = raw.find(b"\nCONTIG") if begins < 0 else begins
        first = ends = begins if begins >= 0 else len(raw)
    else:
        first = raw.find(b"\n", begins + 1)
        first = first if first >= 0 else len(raw)
        section = _SECTION.search(raw, first)
        ends = section.start() if section else len(raw)
    head = raw[: min(begins + 1 if begins >= 0 else len(raw), _MOST_HEAD_BYTES)]
    sequence = raw.find(sequence_line, ends)
    tail = raw[ends : min(sequence if sequence >= 0 else len(raw), ends + _MOST_HEAD_BYTES)]
    line_end = raw.find(b"\n", sequence + 1) if sequence >= 0 else -1
    if isinstance(raw, bytes):
        letters = raw[line_end:].translate(None, _NO_LETTERS) if line_end >= 0 else b""
        yield from _cut(head, raw, first + 1, ends + 1, letters, tail, longest)
        return
    with tempfile.TemporaryFile() as spool:
        for at in range(line_end, len(raw), _BLOCK_BYTES) if line_end >= 0 else ():
            spool.write(raw[at : at + _BLOCK_BYTES].translate(None, _NO_LETTERS))
            _forget(raw)
        spool.flush()
        size = spool.tell()
        kept = mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        yield from _cut(head, raw, first + 1, ends + 1, kept, tail, longest)


def _cut(
    head: bytes, raw: Raw, begins: int, ends: int, letters: Raw, tail: bytes, longest: int
) -> Iterator[Region]:
    if len(letters) <= longest and len(raw) <= _IN_MEMORY_BYTES:
        yield Region(head, raw[begins:ends], letters[:], tail)
        return
    places = _places(raw, begins, ends)
    about = raw[places[0].begins : places[0].ends] if places and places[0].is_source else b""
    features = sorted(places[1:] if about else places, key=lambda place: place.start)
    position = 0
    for first, last in _spans(features, max(len(letters), 1), longest):
        chosen = []
        while position < len(features) and features[position].start <= last:
            chosen.append(features[position])
            position += 1
        beyond: dict[tuple[int, int], bytes] = {}
        left = _MOST_BASES_BEYOND
        for place in chosen:
            if place.end > last and place.is_coding and left > 0:
                left -= _bring(raw[place.begins : place.ends], first, last, letters, beyond)
        sizes = itertools.accumulate(place.ends - place.begins for place in chosen)
        fitting = [size <= _MOST_FEATURE_BYTES for size in sizes]
        told = itertools.compress(chosen, fitting)
        lines = b"".join(raw[place.begins : place.ends] for place in told)
        piece = letters[first - 1 : last]
        _forget(raw)
        _forget(letters)
        left_out = len(chosen) - sum(fitting)
        yield Region(head, about + lines, piece, b"", first, True, beyond, left_out)


def _forget(mapped: Raw) -> None:
    """Lets the pages of a file go that were looked at: they count as memory until then."""
    if isinstance(mapped, mmap.mmap) and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


class _Place(NamedTuple):
    """Where a feature lies in the sequence and in the text."""

    start: int
    end: int
    begins: int
    ends: int
    is_source: bool
    is_coding: bool


def _places(raw: Raw, begins: int, ends: int) -> list[_Place]:
    starts = [match.start() for match in _FEATURE.finditer(raw, begins, ends)]
    if len(starts) > _MOST_FEATURES:
        raise RecordUnreadable("too many features", f"more than {_MOST_FEATURES}")
    found = []
    for start, end in zip(starts, [*starts[1:], ends], strict=True):
        match = _PLACE.match(raw, start, min(end, start + 100_000))
        written = match[1] if match else b""
        if b"\n" in written:
            written = unbroken(written)
        if b":" in written:
            written = _REMOTE.sub(b"", written)
        numbers = [int(number) for number in _NUMBER.findall(written)] or [1]
        key = raw[start + 5 : start + 12]
        found.append(
            _Place(min(numbers), max(numbers), start, end,
                   key.startswith(b"source "), key.startswith(b"CDS "))
        )  # fmt: skip
    return found


def _spans(features: Sequence[_Place], length: int, longest: int) -> Iterator[tuple[int, int]]:
    """The first and last base of each region: where no feature is cut, if there is such a place.

    Features longer than a region (assembled pieces, the longest genes) do not count.
    """
    first, reached, clear, position = 1, 0, 0, 0
    while first <= length:
        limit = first + longest - 1
        if limit >= length:
            yield first, length
            return
        clear = 0
        while position < len(features) and features[position].start <= limit + 1:
            place = features[position]
            if place.start > max(reached, first):
                clear = place.start - 1
            if place.end - place.start < longest:
                reached = max(reached, place.end)
            position += 1
        if reached <= limit and (position == len(features) or not clear):
            clear = limit
        last = clear if clear >= first + longest // 2 else limit
        # A feature that begins after the end is looked at again.
        while position > 0 and features[position - 1].start > last:
            position -= 1
        yield first, last
        first = last + 1


def _bring(
    feature: bytes, first: int, last: int, letters: Raw, beyond: dict[tuple[int, int], bytes]
) -> int:
    """Adds the bases of a feature's segments outside the region to `beyond`; how many they are."""
    match = _PLACE.match(feature)
    location = parse_location(unbroken(match[1] if match else b"").decode("latin-1"))
    brought = 0
    for segment in location.segments if location else ():
        inside = first <= segment.start and segment.end <= last
        length = segment.end - segment.start + 1
        if not inside and not segment.source and brought + length <= _MOST_BASES_BEYOND:
            brought += length
            beyond[segment.start, segment.end] = letters[segment.start - 1 : segment.end]
    return brought


def unbroken(written: bytes) -> bytes:
    """A location without its line breaks, which some programs make inside a number."""
    return b"".join(written.replace(b"\nFT", b"\n").split())
