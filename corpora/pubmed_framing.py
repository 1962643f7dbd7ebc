"""Cutting PubMed XML into raw records, streamed: a baseline file holds 30,000 in 200 MB.

The cut is by the tags that open and close a record, not by a parser: a record that is broken costs
itself alone, several downloads pasted into one file are read like one, and memory is one record.
What stands between records and is no envelope is given as a record with its fault.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from corpora.compressed_streams import Stream, open_streams, stem_of
from corpora.documents import ReadOptions, Record, RecordUnreadable

SUFFIX: Final = ".xml"
#: The largest records of PubMed are collaborations of thousands of authors, under 4 MB.
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024

_CHUNK_BYTES: Final = 1 << 20
#: Longer than any tag that is looked for: what may be cut in two by the end of a chunk.
_TAG_BYTES: Final = 64
_GAP_BYTES: Final = 1 << 16
_EXCERPT_CHARACTERS: Final = 80

_OPENING: Final = re.compile(
    rb"<(PubmedArticle|PubmedBookArticle|MedlineCitation|DeleteCitation|DeleteDocument)(?=[\s>])"
)
_NEIGHBOURS: Final = rb"PubmedArticle|PubmedBookArticle|DeleteCitation|DeleteDocument"
_CLOSING: Final = {
    # What begins with one character is found ten times as fast as what may begin with two.
    name: re.compile(rb"<(?:(/%s\s*>)|(?:%s)(?=[\s>]))" % (name, neighbours))
    for name, neighbours in (
        (b"PubmedArticle", _NEIGHBOURS),
        (b"PubmedBookArticle", _NEIGHBOURS),
        (b"MedlineCitation", _NEIGHBOURS + b"|MedlineCitation"),
        (b"DeleteCitation", _NEIGHBOURS),
        (b"DeleteDocument", _NEIGHBOURS),
    )
}
_DELETIONS: Final = (b"DeleteCitation", b"DeleteDocument")
_PMID: Final = re.compile(
    rb"<PMID\b(?:\s+Version\s*=\s*[\"'](\d{1,4})[\"'])?[^>]{0,60}>\s*(\d{1,10})\s*</PMID"
)
_ENVELOPE: Final = re.compile(rb"<(?:\w+Set|eFetchResult)\b")
_NO_TEXT: Final = re.compile(
    rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?\s*>|</?\w[^<>]*>|\xef\xbb\xbf",
    re.DOTALL,
)
_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"<\x00?\x00", b"\x00<\x00?")
_NAMESPACE: Final = re.compile(rb"""\s(xmlns:[\w.-]{1,40}\s*=\s*(?:"[^"<]*"|'[^'<]*'))""")


@dataclass(frozen=True, slots=True)
class RawCitation:
    """The bytes of one record, from its opening tag to its closing one.

    `envelope` holds the namespaces that the file declares around it, `encoding` what it says it is
    written in; `fault` is why it cannot be a record, or None; `deleted` says that the record is a
    PMID which the file takes back.
    """

    data: bytes
    encoding: str = "utf-8"
    envelope: str = ""
    fault: tuple[str, str] | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the cut gives: a record by the name of its element, or (no name) what lies between."""

    name: bytes
    data: bytes
    num_bytes: int
    fault: tuple[str, str] | None = None


def citation_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record an article, a book or chapter, and a deleted PMID. The id is PMID and version."""
    taken: set[str] = set()
    for stream in open_streams(path, SUFFIX):
        yield from _records(stream, taken)


def _records(stream: Stream, taken: set[str]) -> Iterator[Record]:
    stem, number = stem_of(stream.name), 0
    encoding, envelope, known = "utf-8", "", False
    first, in_gap = True, False
    for piece in _pieces(stream.file):
        if first:
            first = False
            declared = _DECLARED.match(piece.data.removeprefix(codecs.BOM_UTF8))
            encoding = declared.group(1).decode("ascii") if declared else "utf-8"
        if not piece.name and piece.fault is None:
            known = known or bool(_ENVELOPE.search(piece.data))
            for namespace in _NAMESPACE.findall(piece.data):
                name = namespace.partition(b"=")[0].decode("latin-1")
                if name not in envelope:
                    envelope += " " + namespace.decode("utf-8", "replace")
            stray = _NO_TEXT.sub(b" ", piece.data).strip()
            # A long gap comes in several pieces, and costs one record.
            if not stray or in_gap:
                continue
            in_gap = True
            words = " ".join(stray.decode("utf-8", "replace").split())[:_EXCERPT_CHARACTERS]
            piece = _Piece(b"", b"", len(stray), ("no PubMed record", repr(words)))
        else:
            in_gap = False
        number += 1
        position = f"{stream.name}: record {number}"
        if piece.name in _DELETIONS and piece.fault is None:
            for pmid in _PMID.finditer(piece.data):
                deleted = RawCitation(b"", deleted=True)
                yield Record(f"{_identifier(pmid)}-deleted", position, deleted, len(pmid.group()))
            continue
        found = _PMID.search(piece.data)
        identifier = _identifier(found) if found else f"{stem}#{number}"
        if identifier in taken:
            identifier += f"#{number}"
        taken.add(identifier)
        raw = RawCitation(piece.data, encoding, envelope, piece.fault)
        yield Record(identifier, position, raw, piece.num_bytes)
    if not number and not known:
        fault = ("empty file", "") if first else ("no PubMed record", "the file holds none")
        yield Record(f"{stem}#1", stream.name, RawCitation(b"", fault=fault), 0)


def _identifier(pmid: re.Match[bytes]) -> str:
    return f"{pmid.group(2).decode('ascii')}.{(pmid.group(1) or b'1').decode('ascii')}"


def _pieces(stream: BinaryIO) -> Iterator[_Piece]:
    """Records and what lies between them, in order; a stream that breaks off ends in a fault."""
    buffer = b""
    scanned = dropped = 0
    name = b""
    chunks = _chunks(stream)
    broken: tuple[str, str] | None = None
    while True:
        match = (_CLOSING[name] if name else _OPENING).search(buffer, scanned)
        if match is None:
            # The longest tag may stand half in this chunk.
            scanned = max(len(buffer) - _TAG_BYTES, 1 if name else 0)
            if len(buffer) > (MAX_RECORD_BYTES if name else _GAP_BYTES + _TAG_BYTES):
                if not name:
                    yield _Piece(b"", buffer[:scanned], scanned)
                else:
                    dropped += scanned
                buffer, scanned = buffer[scanned:], 0
            chunk = next(chunks, b"")
            if isinstance(chunk, tuple):
                broken = chunk
                break
            if not chunk:
                break
            buffer += chunk
            continue
        if not name:
            if match.start():
                yield _Piece(b"", buffer[: match.start()], match.start())
            buffer, scanned, name = buffer[match.start() :], 1, match.group(1)
            continue
        end = match.end() if match.group(1) else match.start()
        fault = None if match.group(1) else ("record not closed", f"no </{name.decode()}>")
        if dropped:
            detail = f"{dropped + end} bytes; the limit is {MAX_RECORD_BYTES}"
            fault = ("record too large", detail)
        yield _Piece(name, buffer[:end] if fault is None else buffer[:1000], dropped + end, fault)
        buffer, scanned, name, dropped = buffer[end:], 0, b"", 0
    if name:
        fault = broken or ("record not closed", "the file ends inside it")
        yield _Piece(name, buffer[:1000], dropped + len(buffer), fault)
    elif buffer:
        yield _Piece(b"", buffer, len(buffer))
    if broken and not name:
        yield _Piece(b"", b"", 0, broken)


def _chunks(stream: BinaryIO) -> Iterator[bytes | tuple[str, str]]:
    """A stream's bytes, in UTF-8 where they were UTF-16; last its fault, if any."""
    decoder: codecs.IncrementalDecoder | None = None
    start = True
    while True:
        try:
            chunk = stream.read(_CHUNK_BYTES)
            if start and chunk.startswith(_UTF_16):
                little = chunk.startswith((b"\xff\xfe", b"<\x00"))
                decoder = codecs.getincrementaldecoder("utf-16-le" if little else "utf-16-be")()
            last = not chunk
            if decoder is not None:
                chunk = decoder.decode(chunk, final=last).encode("utf-8")
        except RecordUnreadable as error:
            yield error.reason, error.detail
            return
        except UnicodeError as error:
            yield "wrong encoding", str(error)
            return
        start = False
        if chunk:
            yield chunk
        if last:
            return
