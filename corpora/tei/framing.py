"""From a file to raw TEI documents: the whole file, each `<TEI>` of a corpus, or of an archive."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.documents import ReadOptions, Record
from corpora.xml_documents import tags_of, xml_documents

SUFFIXES: Final = (".xml", ".tei")

_TAGS: Final = tags_of(r"TEI(?:\.2)?")


def tei_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record a document, as `corpora.xml_documents` cuts them."""
    yield from xml_documents(path, SUFFIXES, _TAGS, record_name, "document")


def record_name(name: str) -> str:
    """The file's name without the suffixes of the format.

    >>> record_name("1706.03762.grobid.tei.xml.gz")
    '1706.03762'
    """
    short = re.sub(r"(?:\.grobid)?(?:\.tei)?(?:\.xml)?(?:\.(?:gz|bz2|xz|zst))?$", "", name)
    return short if short and not short.endswith("/") else name
