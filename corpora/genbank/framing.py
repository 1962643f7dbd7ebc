"""Cutting flat files into records, and these into what comes before, in and after the features.

A record is held in memory up to `_IN_MEMORY_BYTES`, a longer one in a temporary file, and its
sequence in another: a chromosome of 250 million bases takes the memory of its list of places.
`regions` cuts it further.
"""

import mmap
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, BinaryIO, Final

from pydantic import BaseModel, ConfigDict, Field

from corpora.compressed_streams import open_streams
from corpora.documents import ReadOptions, Record
from corpora.genbank.regions import Raw, Region, cut_regions, forget

SUFFIXES: Final = (
    ".gb", ".gbk", ".gbff", ".gbs", ".gbwithparts", ".genbank", ".gp", ".gpff", ".gpt", ".seq",
    ".embl", ".imgt", ".dat",
)  # fmt: skip

_BLOCK_BYTES: Final = 1 << 20
#: A longer record is kept in a temporary file while it is cut.
_IN_MEMORY_BYTES: Final = 1 << 25
#: Records whose names are remembered, to tell two of one name apart.
_MOST_NAMES: Final = 1_000_000
#: Text before and after the features.
_MOST_HEAD_BYTES: Final = 1 << 22
_BEGINNINGS: Final = (b"LOCUS ", b"ID   ")
_NO_LETTERS: Final = b" \t\r\n\v\f0123456789/"
_SECTION: Final = re.compile(rb"\n(?!FT|FH)[A-Z]")
_NAME: Final = re.compile(rb"^(?:VERSION +|ID   )([\w.-]+)(?:; SV (\d+))?", re.MULTILINE)
_LOCUS: Final = re.compile(rb"^(?:LOCUS|ACCESSION|AC  ) +([\w.-]+)", re.MULTILINE)


class GenBankOptions(BaseModel):
    """`protein_coding_only`: the coding regions with their bases and proteins, and nothing else.
    `region_bases`: the most bases of one document, but for a gene longer than that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    protein_coding_only: bool = False
    region_bases: Annotated[int, Field(ge=1_000)] = 100_000


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
        features = (first + 1, ends + 1)
        if len(letters) <= longest and len(raw) <= _IN_MEMORY_BYTES:
            yield Region(head, raw[slice(*features)], letters, tail)
        else:
            yield from cut_regions(head, raw, features, letters, longest)
        return
    with tempfile.TemporaryFile() as spool:
        for at in range(line_end, len(raw), _BLOCK_BYTES) if line_end >= 0 else ():
            spool.write(raw[at : at + _BLOCK_BYTES].translate(None, _NO_LETTERS))
            forget(raw)
        spool.flush()
        size = spool.tell()
        kept = mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        if size:
            yield from cut_regions(head, raw, (first + 1, ends + 1), kept, longest)
        else:
            yield Region(head, raw[first + 1 : min(ends + 1, first + _IN_MEMORY_BYTES)], b"", tail)
