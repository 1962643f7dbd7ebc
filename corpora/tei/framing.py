"""From a file to raw TEI documents: the whole file, or each `<TEI>` of a corpus."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.jats.framing import xml_text

SUFFIXES: Final = (".xml", ".tei", ".xml.gz", ".tei.gz")

_TAGS: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
    r"<(/?)(?:[\w.-]{1,40}:)?TEI(?:\.2)?(?=[\s>/])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
    re.DOTALL,
)
_NAMESPACES: Final = re.compile(r"""\sxmlns(:[\w.-]+)?\s*=\s*("[^"<]*"|'[^'<]*')""")


def tei_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a document. The payload is XML text, or the bytes of a file that is no text."""
    raw = path.read_bytes()
    name = record_name(path)
    try:
        text = xml_text(raw)
    except RecordUnreadable:
        yield Record(name, path.name, raw, len(raw))
        return
    spans = _spans(text)
    if len(spans) < 2:
        yield Record(name, path.name, text, len(raw))
        return
    # A document leans on the namespaces that its corpus declares.
    bound = dict.fromkeys(_NAMESPACES.findall(text[: spans[0][0]]))
    declarations = {prefix: f" xmlns{prefix}={uri}" for prefix, uri in reversed(bound)}
    opening = f"<corpus{''.join(declarations.values())}>"
    for number, (start, end) in enumerate(spans, 1):
        payload = f"{opening}{text[start:end]}</corpus>"
        position = f"{path.name}: document {number} (line {text.count(chr(10), 0, start) + 1})"
        yield Record(f"{name}#{number}", position, payload, len(payload.encode("utf-8", "replace")))


def record_name(path: Path) -> str:
    """The file's name without the suffixes of the format.

    >>> record_name(Path("a/1706.03762.grobid.tei.xml.gz"))
    '1706.03762'
    """
    return re.sub(r"(?:\.grobid)?(?:\.tei)?(?:\.xml)?(?:\.gz)?$", "", path.name) or path.name


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each outermost document begins and ends; one left open ends with the text."""
    spans: list[tuple[int, int]] = []
    depth = start = 0
    for tag in _TAGS.finditer(text):
        closing = tag.group(1)
        if closing is None:
            continue
        empty = tag.group().endswith("/>")
        if not closing:
            if depth == 0:
                start = tag.start()
            depth += not empty
        elif depth:
            depth -= 1
        if depth == 0 and (closing or empty):
            spans.append((start, tag.end()))
    if depth:
        spans.append((start, len(text)))
    return spans
