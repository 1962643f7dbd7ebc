"""From a dump to raw pages: decompression and the cut at `<page>`, in bounded memory.

MediaWiki escapes `<` in everything that it exports, so that the tags can be found in the bytes and
a broken page costs no other. Of a page with its history only the latest revision is kept.
"""

import codecs
import contextlib
import html
import io
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from corpora.compressed_streams import Stream, find_streamed, open_streams, stem_of
from corpora.documents import ReadOptions, Record, RecordUnreadable
from corpora.seven_zip import is_seven_zip, seven_zip_member

SUFFIX: Final = ".xml"
#: A wiki limits a page to 2 MB unless its owner raised `$wgMaxArticleSize`.
MAX_PAGE_BYTES: Final = 64_000_000
_CHUNK_BYTES: Final = 1 << 20
_LONGEST_TAG: Final = 64

_TAG: Final = re.compile(rb"<(/?)(page|revision)(?=[\s>/])[^<>]{0,40}>")
_NAMESPACE: Final = re.compile(rb'<namespace key="(-?\d{1,9})"[^<>]*?(?:/>|>([^<>]{0,200})<)')
_PART: Final = re.compile(
    r"(?!\.).*\.xml(?:-p\d+p\d+(?:\.(?:gz|bz2|xz|zst|7z))?|\.7z)$", re.IGNORECASE
)
_MEMBER: Final = re.compile(r"\.xml(?:-p\d+p\d+)?$", re.IGNORECASE)
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


def find_dumps(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder every `.xml`, plain or packed, with the range of page numbers
    that a part of a large dump bears (`enwiki-pages-articles1.xml-p1p41242.bz2`) too."""
    if not path.is_dir():
        return [path]
    parts = (file for file in path.rglob("*") if _PART.match(file.name) and file.is_file())
    return sorted({*find_streamed(SUFFIX)(path), *parts})


def page_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a page; the id is the file's name and the page's id in the wiki, with the page's
    number in the file where it is not above those before it.

    A file that breaks off, or holds no page, gives one record for that.
    """
    for stream in _seven_zip(path) if is_seven_zip(path) else open_streams(path, SUFFIX):
        yield from _records_of(stream)


def _seven_zip(path: Path) -> Iterator[Stream]:
    pieces = seven_zip_member(path, _MEMBER, "XML")
    with contextlib.closing(_Pieces(pieces)) as file:
        yield Stream(path.name.removesuffix(".7z"), cast(BinaryIO, file))


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes; raises what the pieces raise."""
        view = memoryview(buffer)
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(view), len(self._rest))
        view[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        """Ends the decompression too."""
        if isinstance(self._pieces, Generator):
            self._pieces.close()
        super().close()


def _records_of(stream: Stream) -> Iterator[Record]:
    name = stem_of(stream.name)
    number = highest = 0
    try:
        for number, (payload, size) in enumerate(_pages(_utf8(stream.file)), start=1):
            found = _PAGE_ID.search(payload.content) if isinstance(payload, RawPage) else None
            page_id = int(found.group(1)) if found else 0
            # Dumps are in the order of their ids, so that no set of all of them is needed.
            identifier = f"{page_id}" if page_id > highest else f"{page_id}#{number}"
            highest = max(highest, page_id)
            yield Record(f"{name}/{identifier}", f"{stream.name}: page {number}", payload, size)
    except (RecordUnreadable, UnicodeError) as error:
        number += 1
        broken = Unframed("file cannot be read to its end", f"{type(error).__name__}: {error}")
        yield Record(f"{name}/end", f"{stream.name}: page {number}", broken, 0)
        return
    if not number:
        yield Record(name, stream.name, Unframed("no page in the file", ""), 0)


def _utf8(file: BinaryIO) -> BinaryIO:
    """A stream that begins with the mark of UTF-16 as UTF-8; any other as it is."""
    buffered = io.BufferedReader(cast(io.RawIOBase, file), _CHUNK_BYTES)
    if buffered.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return cast(BinaryIO, _Recoded(io.TextIOWrapper(buffered, encoding="utf-16", newline="")))
    return cast(BinaryIO, buffered)


class _Recoded:
    """A text as the bytes of UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int) -> bytes:
        """The next `size` characters."""
        return self._text.read(size).encode()


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
