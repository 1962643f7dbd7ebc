"""Cutting UniProt files into entries, whichever of the two formats they are in.

The first character says which: XML begins with `<`. Memory: one entry.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import Stream, blocks_of, open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.terminated_records import MAX_RECORD_BYTES, NOT_TERMINATED, RawRecord, cut_stream
from corpora.uniprot.entry import Entry
from corpora.uniprot.flat_file import parse_flat
from corpora.uniprot.xml_file import parse_xml

SUFFIXES: Final = (".dat", ".txt", ".xml")

_BLOCK_BYTES: Final = 1 << 20
_ACCESSION: Final = re.compile(rb"(?:^AC   |<accession>\s*)([A-Za-z0-9_.-]{1,40})", re.MULTILINE)
_ENTRY: Final = re.compile(rb"<entry[\s>]")
_ENTRY_END: Final = b"</entry>"
_XML: Final = re.compile(rb"\s*<")
# Blank lines and a byte order mark.
_BEFORE_AN_ENTRY: Final = b"\r\n\xef\xbb\xbf"


def entry_records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record an entry; its id is the primary accession."""
    for stream in open_streams(path, *SUFFIXES):
        for raw in _raw_entries(stream):
            accession = _ACCESSION.search(raw.data)
            name = stream.name.rpartition("/")[2]
            identifier = accession[1].decode("ascii") if accession else f"{name}#{raw.number}"
            yield Record(identifier, f"{stream.name}: entry {raw.number}", raw, raw.num_bytes)


def _raw_entries(stream: Stream) -> Iterator[RawRecord]:
    try:
        beginning = stream.file.peek(64)[:64]  # type: ignore[attr-defined]  # always buffered
    except RecordUnreadable:
        beginning = b""
    if _XML.match(beginning.removeprefix(b"\xef\xbb\xbf")):
        return _xml_entries(stream)
    return cut_stream(stream, b"//")


def _xml_entries(stream: Stream) -> Iterator[RawRecord]:
    """The `entry` elements of an XML file; where it has none, its beginning with the fault."""
    held, searched, number = b"", 0, 0
    blocks = blocks_of(stream.file, _BLOCK_BYTES)
    fault: tuple[str, str] | None = None
    while True:
        try:
            block = next(blocks, b"")
        except RecordUnreadable as error:
            block, fault = b"", (error.reason, error.detail)
        held += block
        start = 0
        while (end := held.find(_ENTRY_END, searched)) >= 0:
            end += len(_ENTRY_END)
            opening = _ENTRY.search(held, start, end)
            number += 1
            data = held[opening.start() if opening else start : end]
            yield RawRecord(data, number, len(data), None, stream.name)
            start = searched = end
        held = held[start:]
        searched = max(0, len(held) - len(_ENTRY_END))
        if not block:
            break
        if len(held) > MAX_RECORD_BYTES:
            fault = ("record too large", f"more than {MAX_RECORD_BYTES} bytes")
            break
    unfinished = _ENTRY.search(held)
    if fault is None and unfinished:
        fault = (NOT_TERMINATED, "the file ends inside an entry")
    if fault is None and number == 0:
        fault = ("not UniProt XML", "it has no element <entry>")
    if fault is not None:
        rest = held[unfinished.start() :] if unfinished else held
        yield RawRecord(rest, number + 1, len(rest), fault, stream.name)


def parse_entry(raw: RawRecord, cleaned: Counter[str]) -> Entry:
    """The entry of a raw record. Raises RecordUnreadable for what is none."""
    data = raw.data.lstrip(_BEFORE_AN_ENTRY)
    if data.startswith(b"<") and (raw.fault is not None or _ENTRY.match(data)):
        return parse_xml(raw, cleaned)
    if not data.startswith(b"ID   "):
        start = " ".join(raw.data[:200].decode("utf-8", "replace").split())[:60]
        raise RecordUnreadable("not a UniProt entry", f"it starts {start!r}")
    return parse_flat(raw, cleaned)
