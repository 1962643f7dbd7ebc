"""CommonCrawl's WET files: the text of web pages, a document each.

A page is a WARC record of type `conversion`. Its text is what CommonCrawl took from the HTML: the
page's title in the first line, then a line for each block (a paragraph, an entry of a list or menu,
a cell of a table) and preformatted text as it stands.
https://commoncrawl.org/get-started, github.com/commoncrawl/ia-web-commons (ExtractingParseObserver)
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corpora.compressed_streams import find_streamed, open_streams, stem_of
from corpora.documents import (
    JSON,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from corpora.text_columns import CONTROLS_REMOVED, tidy
from corpora.warc_records import BROKEN_HEADER, WarcRecord, warc_records

SUFFIX: Final = ".wet"
#: A first line that is longer is no title.
MAX_TITLE_CHARACTERS: Final = 200
#: Lines of menus, tables and preformatted text are shorter: a longer one is a paragraph.
MIN_PARAGRAPH_CHARACTERS: Final = 80
#: Lines and pages with less are no prose (C4: Raffel et al. 2020, section 2.2).
MIN_SENTENCE_WORDS: Final = 5
MIN_PROSE_LINES: Final = 3
#: Of a page in a wrong encoding, or of what is no page, more is illegible.
MAX_ILLEGIBLE_SHARE: Final = 0.1
#: The longest name of a host (RFC 1035, section 2.3.4).
MAX_HOST_CHARACTERS: Final = 253

#: ISO 28500, section 5.5.
_OTHER_TYPES: Final = frozenset(
    ("warcinfo", "response", "resource", "request", "metadata", "revisit", "continuation")
)
_DATE: Final = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?")
_LANGUAGE: Final = re.compile(r"[a-z]{3}")
_HOST: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
#: How a sentence ends, marks of notes after it too: `... of the century.[1]`
_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’»)\]]{0,4}(?:\[\d{1,3}\]){0,9}$|[\"”]$")
#: The same in scripts that have no blanks to count words by.
_FULL_WIDTH_END: Final = re.compile(r"[。！？][」』”）]{0,4}$")
_LONGEST_END: Final = 60
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def _host(written: str) -> str:
    """A host in the form that addresses have. Raises ValueError for what is none."""
    host = written.strip().lower().strip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError("a host is a name such as nature.com, without https:// and path")
    return host


class Pages(BaseModel):
    """Which pages are kept, and what of them: all, unless something is given.

    A host stands for the hosts below it too: `nature.com` for `www.nature.com` (Galactica kept
    200 hand-picked ones). A language is an ISO 639-3 code as the files have them
    (`eng`), and the page's main one is looked at. With `prose` only the lines that end like a
    sentence and have five words are kept, and pages with three of them, as in C4: menus go, and so
    do headings, tables and lists.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{3}$")], ...] = ()
    prose: bool = False


def records(path: Path, options: ReadOptions) -> Iterator[Record]:
    """One record a WARC record, of whatever type; its id is the file's stem and its number."""
    for stream in open_streams(path, SUFFIX):
        stem = stem_of(stream.name)
        for record in warc_records(stream):
            position = f"{stream.name}: record {record.number}"
            yield Record(f"{stem}/{record.number}", position, record, record.num_bytes)


def read(record: Record, options: ReadOptions) -> Document:
    """One page. Metadata: title, url, languages (the main one first), date of the crawl.

    Raises RecordUnreadable for a broken record and for what is no UTF-8 text; RecordDropped for
    records of other types, pages that the source does not keep and pages without text.
    """
    raw = record.payload
    assert isinstance(raw, WarcRecord)
    kind = raw.headers.get("warc-type", "").lower()
    if kind in _OTHER_TYPES:
        # Lost or whole, no page is lost with it.
        raise RecordDropped(f"not a page: {kind}")
    if raw.fault is not None:
        raise raw.fault
    if kind != "conversion":
        raise RecordUnreadable(BROKEN_HEADER, f"WARC-Type: {kind[:40]!r}")
    cleaned: Counter[str] = Counter()
    url = tidy(raw.headers.get("warc-target-uri", "").strip("<> "), cleaned)
    written = raw.headers.get("warc-identified-content-language", "")
    languages = [code.strip() for code in written.split(",") if _LANGUAGE.fullmatch(code.strip())]
    pages = options.own(Pages)
    _check_kept(url, languages, pages)
    content_type = raw.headers.get("content-type", "text/plain").lower()
    if not content_type.startswith("text/plain"):
        raise RecordDropped("not plain text")
    text = _text(raw.block, cleaned)
    title: str | None
    title, _, body = text.partition("\n")
    if len(title) > MAX_TITLE_CHARACTERS:
        title, body = None, text
    elif not body.strip():
        raise RecordDropped("nothing but a title")
    blocks = _prose(body) if pages.prose else _blocks(body)
    if title is not None:
        title = " ".join(title.split())
        blocks = f"# {title}\n\n{blocks}"
    date = _DATE.fullmatch(raw.headers.get("warc-date", ""))
    metadata: dict[str, JSON] = {
        "title": title,
        "url": url or None,
        "languages": [*languages],
        "date": date.group() if date else None,
    }
    return Document(record.record_id, blocks, metadata, cleaned=cleaned)


def _check_kept(url: str, languages: list[str], pages: Pages) -> None:
    if pages.hosts and not _is_under(url, frozenset(pages.hosts)):
        raise RecordDropped("of another host")
    if pages.languages and not languages:
        raise RecordDropped("of unknown language")
    if pages.languages and languages[0] not in pages.languages:
        raise RecordDropped("of another language")


def _is_under(url: str, hosts: frozenset[str]) -> bool:
    """Whether the host of an address is one of these, or below one."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    if len(host) > MAX_HOST_CHARACTERS:
        return False
    labels = host.split(".")
    return any(".".join(labels[first:]) in hosts for first in range(len(labels)))


def _text(block: bytes, cleaned: Counter[str]) -> str:
    changed: Counter[str] = Counter()
    try:
        text = tidy(block.decode("utf-8-sig"), changed)
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"byte {error.start}") from None
    if not text.strip():
        raise RecordDropped("empty text")
    cleaned.update(changed)
    illegible = text.count("\ufffd") + changed[CONTROLS_REMOVED]
    if illegible > MAX_ILLEGIBLE_SHARE * len(text):
        raise RecordUnreadable("not text", f"{illegible} illegible characters of {len(text)}")
    return text


def _blocks(text: str) -> str:
    r"""The lines of a page, blank lines around its paragraphs.

    >>> paragraph = "Ice floats on water because it is lighter, which few other solids are in " \
    ...     "their own melts."
    >>> _blocks(f"Home\nContact\n{paragraph}\nNext") == f"Home\nContact\n\n{paragraph}\n\nNext"
    True
    """
    lines: list[str] = []
    for line in text.split("\n"):
        is_paragraph = len(line) >= MIN_PARAGRAPH_CHARACTERS and not line[0].isspace()
        lines += ["", line, ""] if is_paragraph else [line]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _prose(text: str) -> str:
    """The lines of a page that are prose. Raises RecordDropped for a page with too few."""
    lines = [line.strip() for line in text.split("\n")]
    prose = [line for line in lines if _is_sentence(line)]
    if len(prose) < MIN_PROSE_LINES:
        raise RecordDropped("too little prose")
    return "\n\n".join(prose)


def _is_sentence(line: str) -> bool:
    """Whether a line ends like a sentence and is long enough to be one.

    >>> [_is_sentence(line) for line in ("Ice is lighter than water.[1]", "Read more...", "Home")]
    [True, False, False]
    """
    end = line[-_LONGEST_END:]
    if _FULL_WIDTH_END.search(end):
        return True
    return bool(_SENTENCE_END.search(end)) and len(line.split()) >= MIN_SENTENCE_WORDS


FORMAT: Final = Format(
    name="commoncrawl",
    summary="Web pages of CommonCrawl (WET: the text of each, in WARC)",
    find=find_streamed(SUFFIX),
    records=records,
    read=read,
    options=Pages,
)
