"""The other programs that read a format, timed on the inputs that ours read.

In CPU seconds, but pandoc as users run it: that is by the clock.
"""

import bz2
import gzip
import importlib.util
import json
import lzma
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from fidelity_sources import raw_parts
from lxml import etree

from corpora.documents import Record

XML_FORMATS: Final = ("jats", "tei", "pubmed", "openstax", "mediawiki", "stackexchange")
JSON_FORMATS: Final = ("s2orc", "jsonl", "gsm8k")
_OPENERS: Final[dict[str, Callable[..., Any]]] = {
    ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open,
}  # fmt: skip
#: Inputs larger than this are not given to the peers: they hold them in memory.
_MOST_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of a peer for so many bytes, or why it was not run."""

    num_bytes: int = 0
    seconds: float = 0.0
    not_run: str | None = None


def peers_of(format_name: str) -> dict[str, Callable[[bytes], object] | str]:
    """The peers of a format by name: what each does with a file, or why it cannot be run."""
    peers: dict[str, Callable[[bytes], object] | str] = {}
    if format_name == "pubmed":
        peers["pubmed_parser"] = _unless_missing("pubmed_parser", _pubmed_parser)
    if format_name == "mediawiki":
        peers["mwparserfromhell"] = _unless_missing("mwparserfromhell", _mwparserfromhell)
    if format_name in XML_FORMATS:
        peers["lxml's parse"] = _lxml
    return peers


def time_peer(peer: Callable[[bytes], object] | str, inputs: Iterable[Path]) -> Timing:
    """The time of a peer over the inputs that it reads, decompressed beforehand."""
    if isinstance(peer, str):
        return Timing(not_run=peer)
    size, seconds, fault = 0, 0.0, "no input for it"
    for path in inputs:
        content = _content(path)
        if content is None:
            continue
        before = time.process_time()
        try:
            peer(content)
        except Exception as error:
            # A peer that fails on a broken file is timed on the others.
            fault = f"{type(error).__name__}: {error}"[:80]
            continue
        seconds += time.process_time() - before
        size += len(content)
    return Timing(size, seconds) if size else Timing(not_run=fault)


def is_well_formed(format_name: str, record: Record | None, path: Path) -> bool:
    """Whether libxml2 or the JSON parser takes a record that a reader refused.

    Of a file that was not cut into records it is the file; formats that are neither have no say.
    """
    parts = [*raw_parts(record.payload)] if record else [_content(path) or b""]
    raw = max(parts, key=len, default=b"")
    try:
        if format_name in XML_FORMATS:
            _lxml(raw if isinstance(raw, bytes) else raw.encode())
        elif format_name in JSON_FORMATS:
            json.loads(raw)
    except (etree.LxmlError, ValueError, RecursionError):
        return False
    return True


def _content(path: Path) -> bytes | None:
    if path.is_dir() or path.stat().st_size > _MOST_BYTES:
        return None
    opener = _OPENERS.get(path.suffix.lower())
    try:
        if opener is None:
            return path.read_bytes()
        with opener(path) as file:
            content: bytes = file.read(_MOST_BYTES)
            return content
    except (OSError, EOFError, lzma.LZMAError):
        return None


def _unless_missing(
    package: str, peer: Callable[[bytes], object]
) -> Callable[[bytes], object] | str:
    return peer if importlib.util.find_spec(package) else f"pip install {package}"


def _lxml(content: bytes) -> None:
    etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))


def _pubmed_parser(content: bytes) -> None:
    from pubmed_parser import parse_medline_xml

    list(parse_medline_xml(BytesIO(gzip.compress(content, 0))))


def _mwparserfromhell(content: bytes) -> None:
    import mwparserfromhell

    for element in etree.fromstring(content).iter("{*}text"):
        mwparserfromhell.parse(element.text or "").strip_code()
