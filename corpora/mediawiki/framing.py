"""From a dump to raw pages: decompression and the cut at `<page>`, in bounded memory.

MediaWiki escapes `<` in everything that it exports, so that the tags can be found in the bytes and
a broken page costs no other. Of a page with its history only the latest revision is kept.
"""

import bz2
import codecs
import gzip
import html
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from corpora.documents import ReadOptions, Record

SUFFIXES: Final = tuple(f".xml{packed}" for packed in ("", ".bz2", ".gz", ".xz"))
#: A wiki limits a page to 2 MB unless its owner raised `$wgMaxArticleSize`.
MAX_PAGE_BYTES: Final = 64_000_000
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_TAG: Final = 64

_TAG: Final = re.compile(rb"<(/?)(page|revision)(?=[\s>/])[^<>]{0,40}>")
_NAMESPACE: Final = re.compile(rb'<namespace key="(-?\d{1,9})"[^<>]*?(?:/>|>([^<>]{0,200})<)')
_HEADER_FIELD: Final = r"<{}>([^<>]{{0,500}})</"
_TIMESTAMP: Final = re.compile(rb"<timestamp>\s*([^<>\s]{1,40})")
_PAGE_ID: Final = re.compile(rb"<id>\s*(\d{1,18})\s*</id>")


@dataclass(frozen=True, slots=True)
class Site:
    """What the head of a dump says of its wiki: its name, language, and names of namespaces."""

    name: str = ""
    language: str = ""
    base: str = ""
    namespaces: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawPage:
    """The bytes of one `<page>` element with its latest revision."""

    site: Site
    content: bytes


@dataclass(frozen=True, slots=True)
class Unframed:
    """What stands in a record for bytes that could not be cut into a page."""

    reason: str
    detail: str


def page_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a page; the id is the file's name and the page's id in the wiki, with the page's
    number in the file where it is not above those before it.

    A file that breaks off, or holds no page, gives one record for that.
    """
    name = re.sub(r"\.xml(?:\.bz2|\.gz|\.xz)?$", "", path.name) or path.name
    number = highest = 0
    try:
        with _opened(path) as stream:
            for number, (payload, size) in enumerate(_pages(stream), start=1):
                found = _PAGE_ID.search(payload.content) if isinstance(payload, RawPage) else None
                page_id = int(found.group(1)) if found else 0
                # Dumps are in the order of their ids, so that no set of all of them is needed.
                identifier = f"{page_id}" if page_id > highest else f"{page_id}#{number}"
                highest = max(highest, page_id)
                position = f"{path.name}: page {number}"
                yield Record(f"{name}/{identifier}", position, payload, size)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeError) as error:
        number += 1
        broken = Unframed("file cannot be read to its end", f"{type(error).__name__}: {error}")
        yield Record(f"{name}/end", f"{path.name}: page {number}", broken, 0)
        return
    if not number:
        empty = Unframed("no page in the file", "")
        yield Record(name, path.name, empty, path.stat().st_size)


def _opened(path: Path) -> BinaryIO:
    """The bytes of a file, decompressed by what it is rather than by what it is called."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"BZh"):
        return cast(BinaryIO, bz2.open(path))
    if start.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.open(path))
    if start.startswith(b"\xfd7zXZ\x00"):
        return cast(BinaryIO, lzma.open(path))
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return cast(BinaryIO, _Recoded(path))
    return path.open("rb")


class _Recoded(io.RawIOBase):
    """A UTF-16 file as UTF-8."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="utf-16", newline="")

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size).encode()

    def close(self) -> None:
        self._file.close()
        super().close()


def _pages(stream: BinaryIO) -> Iterator[tuple[RawPage | Unframed, int]]:
    """Each page and its size in the dump."""
    site: Site | None = None
    head = bytearray()  # before the first page
    page: _Page | None = None
    rest = b""
    while True:
        chunk = stream.read(_CHUNK_BYTES)
        data = rest + chunk
        # A tag may be cut by the end of the chunk: what could begin one waits for the next.
        cut = data.rfind(b"<", max(0, len(data) - _LONGEST_TAG)) if chunk else len(data)
        cut = len(data) if cut < 0 else cut
        at = 0
        for tag in _TAG.finditer(data, 0, cut):
            closing, name = tag.group(1) == b"/", tag.group(2)
            if page is None:
                if name == b"page" and not closing:
                    if site is None:
                        site = _site(bytes(head) + data[at : tag.start()])
                    page = _Page()
                    at = tag.start()
                continue
            if name == b"page" and not closing:
                # The page before was never closed.
                page.add(data[at : tag.start()])
                yield page.broken("page without an end"), page.size
                page, at = _Page(), tag.start()
            elif name == b"page":
                page.add(data[at : tag.end()])
                yield page.payload(site or Site()), page.size
                page, at = None, tag.end()
            else:
                page.add(data[at : tag.start() if not closing else tag.end()])
                page.turn(closing)
                at = tag.start() if not closing else tag.end()
        if page is not None:
            page.add(data[at:cut])
        elif site is None and len(head) < _CHUNK_BYTES:
            head += data[at:cut]
        rest = data[cut:]
        if not chunk:
            break
    if page is not None:
        yield page.broken("page without an end"), page.size


class _Page:
    """A page while it is gathered: what stands outside revisions, and the latest of these."""

    def __init__(self) -> None:
        self.size = 0
        self._outside = bytearray()
        self._revision = bytearray()
        self._latest = b""
        self._timestamp = b""
        self._inside = False
        self._too_large = False

    def add(self, data: bytes) -> None:
        self.size += len(data)
        part = self._revision if self._inside else self._outside
        if len(part) + len(data) > MAX_PAGE_BYTES:
            self._too_large = True
        else:
            part += data

    def turn(self, closing: bool) -> None:
        """A revision begins or ends here."""
        if closing and self._inside:
            found = _TIMESTAMP.search(self._revision)
            timestamp = found.group(1) if found else b""
            # Timestamps are ISO 8601 in UTC: their order is that of their bytes.
            if timestamp >= self._timestamp:
                self._latest, self._timestamp = bytes(self._revision), timestamp
        self._revision.clear()
        self._inside = not closing

    def payload(self, site: Site) -> RawPage | Unframed:
        if self._too_large:
            return self.broken("page too large")
        outside = bytes(self._outside)
        end = outside.rfind(b"</page")
        return RawPage(site, outside[:end] + self._latest + outside[end:])

    def broken(self, reason: str) -> Unframed:
        return Unframed(reason, f"{self.size} bytes: {bytes(self._outside[:200])!r}")


def _site(head: bytes) -> Site:
    def field_of(name: str) -> str:
        found = re.search(_HEADER_FIELD.format(name).encode(), head)
        return _words(found.group(1)) if found else ""

    language = re.search(rb'\sxml:lang="([A-Za-z-]{1,40})"', head)
    return Site(
        name=field_of("sitename"),
        language=language.group(1).decode() if language else "",
        base=field_of("base"),
        namespaces={
            _words(label).lower(): int(key) for key, label in _NAMESPACE.findall(head) if label
        },
    )


def _words(raw: bytes) -> str:
    return " ".join(html.unescape(raw.decode("utf-8", "replace")).split())
