"""From a file or archive to raw articles: the whole file, or each `<article>` of a set."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from corpora.documents import ReadOptions, Record
from corpora.xml_documents import tags_of, xml_documents

SUFFIXES: Final = (".xml", ".nxml")
#: A zip file: the manuscript packages (NISO RP-30, MECA) that bioRxiv and medRxiv hand out.
PACKAGE_SUFFIX: Final = ".meca"

_TAGS: Final = tags_of("article")


def article_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record an article, as `corpora.xml_documents` cuts them."""
    yield from xml_documents(path, SUFFIXES, _TAGS, record_name, "article")


def record_name(name: str) -> str:
    """The file's name without the suffixes of the format.

    >>> record_name("PMC13901.nxml.gz"), record_name("oa.tar.gz/PMC1/PMC13901.xml")
    ('PMC13901', 'oa.tar.gz/PMC1/PMC13901')
    """
    short = re.sub(r"(?:\.n?xml)?(?:\.(?:gz|bz2|xz|zst))?$", "", name)
    return short if short and not short.endswith("/") else name
