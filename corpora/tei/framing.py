"""From a file to raw TEI documents: the whole file, each `<TEI>` of a corpus, or of an archive."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.compressed_streams import Stream, open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.jats.framing import outermost_spans, xml_text

SUFFIXES: Final = (".xml", ".tei")
#: The most that one file may hold; a book of a thousand pages has 10 MB.
MAX_FILE_BYTES: Final = 1 << 27

_TAGS: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
    r"<(/?)(?:[\w.-]{1,40}:)?TEI(?:\.2)?(?=[\s>/])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
    re.DOTALL,
)
_NAMESPACES: Final = re.compile(r"""\sxmlns(:[\w.-]+)?\s*=\s*("[^"<]*"|'[^'<]*')""")


def tei_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a document. The payload is XML text, or the bytes of a file that is no text."""
    for stream in open_streams(path, *SUFFIXES):
        yield from _records(stream)


def _records(stream: Stream) -> Iterator[Record]:
    name = record_name(stream.name)
    try:
        raw = stream.file.read(MAX_FILE_BYTES + 1)
        if len(raw) > MAX_FILE_BYTES:
            raise RecordUnreadable("too large", f"more than {MAX_FILE_BYTES} bytes")
    except RecordUnreadable as error:
        yield Record(name, stream.name, error, 0)
        return
    try:
        text = xml_text(raw)
    except RecordUnreadable:
        yield Record(name, stream.name, raw, len(raw))
        return
    spans = outermost_spans(text, _TAGS)
    if len(spans) < 2:
        yield Record(name, stream.name, text, len(raw))
        return
    # A document leans on the namespaces that its corpus declares.
    bound = dict.fromkeys(_NAMESPACES.findall(text[: spans[0][0]]))
    declarations = {prefix: f" xmlns{prefix}={uri}" for prefix, uri in reversed(bound)}
    opening = f"<corpus{''.join(declarations.values())}>"
    for number, (start, end) in enumerate(spans, 1):
        payload = f"{opening}{text[start:end]}</corpus>"
        position = f"{stream.name}: document {number} (line {text.count(chr(10), 0, start) + 1})"
        yield Record(f"{name}#{number}", position, payload, len(payload.encode("utf-8", "replace")))


def record_name(name: str) -> str:
    """The file's name without the suffixes of the format.

    >>> record_name("1706.03762.grobid.tei.xml.gz")
    '1706.03762'
    """
    short = re.sub(r"(?:\.grobid)?(?:\.tei)?(?:\.xml)?(?:\.(?:gz|bz2|xz|zst))?$", "", name)
    return short if short and not short.endswith("/") else name
