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

from corpora.compressed_streams import blocks_of, open_streams
from corpora.documents import ReadOptions, Record
from corpora.genbank.flat_file import said_length
from corpora.genbank.regions import Raw, Region, cut_regions, forget
from corpora.terminated_records import NOT_TERMINATED

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
#: Without their blanks, which are frequent, they are found ten times as fast.
_NEXT_RECORD: Final = tuple(b"\n" + beginning.rstrip() for beginning in _BEGINNINGS)
#: The beginning of a line that ends a record may lie in two blocks.
_OVERLAP_BYTES: Final = 1 + max(map(len, _BEGINNINGS))
_MOST_PREAMBLE_BYTES: Final = 4096
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
        for number, (raw, is_terminated) in enumerate(_raw_records(stream.file), 1):
            position = f"{stream.name}: record {number}"
            name = _name(raw) or "record"
            if name in seen or len(seen) == _MOST_NAMES:
                name += f"#{number}"
            else:
                seen.add(name)
            for region in _regions(raw, is_terminated, longest):
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


def _raw_records(file: BinaryIO) -> Iterator[tuple[Raw, bool]]:
    """The text of each record without its terminator line, and whether it has one."""
    # The first line may be a terminator too.
    held, start, scanned, at_end, is_first = b"\n", 0, 0, False, True
    blocks = blocks_of(file, _BLOCK_BYTES)
    while True:
        found = _end(held, start, scanned)
        if found is not None:
            end, after, is_terminated = found
            text = held[start : end + 1]
            start, scanned = after, max(after - 1, 0)
            if text.strip():
                if is_terminated or not (is_first and _is_preamble(text)):
                    yield text, is_terminated
                is_first = False
        elif at_end:
            if held[start:].strip():
                yield held[start:], False
            return
        elif len(held) - start > _IN_MEMORY_BYTES:
            with tempfile.TemporaryFile() as spool:
                held, is_terminated = _spooled(held[start:], blocks, spool)
                start, scanned, at_end, is_first = 0, 0, not held, False
                spool.flush()
                yield mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ), is_terminated
        else:
            held, scanned = held[start:], max(len(held) - start - _OVERLAP_BYTES, 0)
            block, start = _unix(next(blocks, b"")), 0
            at_end = not block
            held += block


def _end(held: bytes, start: int, scanned: int) -> tuple[int, int, bool] | None:
    """Where the record from `start` on ends, where what follows it begins, and whether a terminator
    stands between: one that breaks off ends where another begins (files put together). None where
    nothing from `scanned` on ends it."""
    end = held.find(b"\n//", scanned)
    is_terminated = end >= 0
    for beginning in _NEXT_RECORD:
        at = max(scanned, start) - 1
        while (at := held.find(beginning, at + 1, end if end >= 0 else len(held))) >= 0:
            if held.startswith(_BEGINNINGS, at + 1):
                end, is_terminated = at, False
                break
    if end < 0:
        return None
    if not is_terminated:
        return end, end + 1, False
    newline = held.find(b"\n", end + 3)
    return end, newline + 1 if newline >= 0 else len(held), True


def _is_preamble(text: bytes) -> bool:
    """Whether these are the few lines that NCBI's release files have before their records."""
    text = text.removeprefix(b"\n").removeprefix(b"\xef\xbb\xbf").lstrip()
    is_text = len(text) < _MOST_PREAMBLE_BYTES and b"\0" not in text
    return is_text and not text.startswith(_BEGINNINGS)


def _unix(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _spooled(held: bytes, blocks: Iterator[bytes], spool: IO[bytes]) -> tuple[bytes, bool]:
    """Writes a record to its end into `spool`; gives what was read of the next one, and whether a
    terminator stood before it. Of what does not begin like a record, no more is kept.
    """
    is_record = held.lstrip().startswith(_BEGINNINGS)
    while True:
        found = _end(held, 0, 0)
        if found is not None:
            end, after, is_terminated = found
            spool.write(held[: end + 1])
            return held[after:] or b"\n", is_terminated
        spool.write(held[:-_OVERLAP_BYTES] if is_record else b"?")
        block = _unix(next(blocks, b""))
        if not block:
            spool.write(held[-_OVERLAP_BYTES:])
            return b"", False
        held = held[-_OVERLAP_BYTES:] + block


def _regions(raw: Raw, is_terminated: bool, longest: int) -> Iterator[Region]:
    """The regions of a record; only one where it is not whole."""
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
        fault = _fault(head, len(letters), is_terminated)
        if fault or (len(letters) <= longest and len(raw) <= _IN_MEMORY_BYTES):
            shown = letters[:longest]
            yield Region(head, raw[slice(*features)], shown, tail, fault=fault)
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
        fault = _fault(head, size, is_terminated)
        if size and not fault:
            yield from cut_regions(head, raw, (first + 1, ends + 1), kept, longest)
        else:
            features = (first + 1, min(ends + 1, first + _IN_MEMORY_BYTES))
            letters = kept[:longest]
            yield Region(head, raw[slice(*features)], letters, tail, fault=fault)


def _fault(head: bytes, num_letters: int, is_terminated: bool) -> tuple[str, str] | None:
    """Why a record is not whole: its sequence has not the length that its first line says, or it
    breaks off and nothing says that this is all of it."""
    said, _ = said_length(head.lstrip().partition(b"\n")[0].decode("latin-1"))
    if num_letters and said == num_letters:
        return None
    if not is_terminated:
        return NOT_TERMINATED, "it breaks off before a line //"
    if num_letters and said is not None:
        return "sequence length disagrees", f"{num_letters} letters, the record says {said}"
    return None
