"""The modules of a book: files in the order of its collection, and members of its archive."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from lxml import etree

from corpora.compressed_streams import find_streamed, open_streams
from corpora.documents import ReadOptions, Record, RecordUnreadable

#: The largest modules of OpenStax have 2 MB.
MAX_MODULE_BYTES: Final = 1 << 26
#: The file of a module, in a folder that is called by the module's id.
MODULE_FILE: Final = "index.cnxml"

_MAX_COLLECTION_BYTES: Final = 1 << 24
_LINKED: Final = re.compile(rb"""\bdocument=["'](?!\.)([A-Za-z0-9_.-]{1,80})["']""")


@dataclass(frozen=True, slots=True)
class RawModule:
    """The bytes of a module, None where they are too many, and the folder of its book's modules.

    A member of an archive has no folder: its neighbours are not looked into.
    """

    content: bytes | None
    folder: Path | None


def find_modules(path: Path) -> Iterable[Path]:
    """A file as it is; of a folder every `.cnxml` and archive, in the order of its collections.

    Raises ValueError for a collection by itself: it only names modules, which lie beside it.
    """
    if not path.is_dir():
        if path.name.endswith("collection.xml"):
            raise ValueError("a collection only names modules: give the folder that holds both")
        return [path]
    order: dict[str, int] = {}
    for collection in sorted(path.rglob("*collection.xml")):
        for module in _modules_of(collection):
            order.setdefault(module, len(order))
    found = list(find_streamed(".cnxml")(path))
    return sorted(found, key=lambda file: (order.get(file.parent.name, len(order)), file))


def _modules_of(collection: Path) -> Iterator[str]:
    """The identifiers of modules in a collection (CollXML), none where it cannot be read."""
    with contextlib.suppress(OSError, etree.XMLSyntaxError):
        if not collection.is_file() or collection.stat().st_size > _MAX_COLLECTION_BYTES:
            return
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        for element in etree.parse(str(collection), parser).iter("{*}module"):
            yield element.get("document", "")


def module_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a module, its bytes. Raises `RecordUnreadable` for a damaged archive."""
    for stream in open_streams(path, ".cnxml"):
        raw = stream.file.read(MAX_MODULE_BYTES + 1)
        alone = stream.name == path.name
        place = PurePosixPath(path.absolute() if alone else stream.name)
        payload = RawModule(
            raw if len(raw) <= MAX_MODULE_BYTES else None,
            path.parent.parent if alone and path.name == MODULE_FILE else None,
        )
        yield Record(_record_id(place), stream.name, payload, len(raw))


def linked_modules(path: Path, _: ReadOptions) -> list[Path]:
    """The modules beside one that it links to, whose titles a link without words shows."""
    if path.name != MODULE_FILE or not path.is_file() or path.stat().st_size > MAX_MODULE_BYTES:
        return []
    names = {name.decode() for name in _LINKED.findall(path.read_bytes())} - {path.parent.name}
    files = (path.parent.parent / name / MODULE_FILE for name in sorted(names))
    return [file for file in files if file.is_file()]


def _record_id(place: PurePosixPath) -> str:
    """The module's own id, which its folder is called by, or its file.

    Nothing of the folders above: where a book lies, and which of them a source begins with, is no
    part of what a module is.

    >>> _record_id(PurePosixPath("books/physics/modules/m42045/index.cnxml"))
    'm42045'
    >>> _record_id(PurePosixPath("m42045.cnxml"))
    'm42045'
    """
    name = place.name.removesuffix(".gz").removesuffix(".cnxml")
    return place.parent.name or name if name == "index" else name


def module_bytes(record: Record) -> bytes:
    """The bytes of a module. Raises `RecordUnreadable` where they are too many."""
    raw: RawModule = record.payload
    if raw.content is None:
        raise RecordUnreadable("too large", f"more than {MAX_MODULE_BYTES} bytes")
    return raw.content
