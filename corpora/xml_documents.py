"""From files to XML documents: compressed, packed, in any encoding, one a file or many.

Nothing is parsed here beyond the tags that open and close a document. What is no text still gives
one record, its bytes or the fault, so that `read` refuses it with its reason.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from corpora.compressed_streams import Stream, open_streams
from corpora.documents import Record, RecordUnreadable

#: The most that one file may hold, decompressed: articles are under 50 MB, and sets of them that
#: are handed out in one XML file hold some thousands.
MAX_FILE_BYTES: Final = 1 << 28
#: The most that one document may hold. A tree of it takes some thirty times its bytes.
MAX_DOCUMENT_BYTES: Final = 1 << 26

#: Names of files that tell nothing, where each document has a folder of its own.
_GENERIC_NAMES: Final = frozenset(
    ("fulltext", "full", "article", "main", "index", "paper", "document", "content", "source",
     "manuscript", "jats", "nlm", "tei", "grobid", "output")
)  # fmt: skip

_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
#: Encodings that hold ASCII as it is: valid UTF-8 that is not ASCII is then UTF-8, whatever the
#: declaration says.
_ASCII_KIN: Final = re.compile(
    r"utf-?8|us-ascii|ascii|iso-?646|iso-?8859|latin|windows-|cp125|koi8|mac", re.I
)
_OTHER_TEXT: Final = re.compile(r"utf-?16|utf-?32|gb|big5|shift_?jis|sjis|euc|iso-2022", re.I)
_DOCTYPE: Final = re.compile(r"<!--.*?(?:-->|\Z)|<!DOCTYPE\b", re.DOTALL)
# Quoted strings, comments and processing instructions may hold `]` and `>`.
_DOCTYPE_TOKEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\"[^\"]*\"|'[^']*'|[\[\]>]|<!", re.DOTALL
)
#: Characters of `<mml:`, at most.
_LONGEST_PREFIX: Final = 42
_NAMESPACES: Final = re.compile(r"""\sxmlns(:[\w.-]+)?\s*=\s*("[^"<]*"|'[^'<]*')""")


class Tags(NamedTuple):
    """The tags of an element, with what may hide one, and its name as a tag has it."""

    tag: re.Pattern[str]
    name: re.Pattern[str]


def tags_of(element: str) -> Tags:
    """What `outermost_spans` looks for: the tags of an element, with any prefix.

    `element` is a regular expression of local names. What never ends is taken to end with the text:
    each character is looked at once.
    """
    tag = re.compile(
        r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
        rf"<(/?)(?:[\w.-]{{1,40}}:)?(?:{element})(?=[\s>/])"
        r"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
        re.DOTALL,
    )
    return Tags(tag, re.compile(rf"(?:{element})(?=[\s>/])"))


def xml_documents(
    path: Path,
    suffixes: tuple[str, ...],
    tags: Tags,
    name_of: Callable[[str], str],
    kind: str,
) -> Iterator[Record]:
    """One record a document: the whole file, or each outermost element of a set or corpus.

    `suffixes` are those of an archive's members, `tags` from `tags_of`; `name_of` makes a stream's
    name the record's (its folder's, where it is `fulltext` or the like), `kind` is the word for a
    document in positions. The payload is XML text; the
    bytes of a file that is no text; or the `RecordUnreadable` of one that cannot be read.
    """
    for stream in open_streams(path, *suffixes):
        name = name_of(stream.name)
        if name.lower() in _GENERIC_NAMES:
            # `PMC13901/fulltext.xml`: the folder says which.
            name = path.resolve().parent.name or name
        yield from _records_of(stream, tags, name, kind)


def _records_of(stream: Stream, tags: Tags, name: str, kind: str) -> Iterator[Record]:
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
    spans = outermost_spans(text, tags.tag) if _opens_twice(text, tags.name) else []
    if len(spans) < 2:
        yield Record(name, stream.name, text, len(raw))
        return
    # A document leans on the namespaces and entities that its envelope declares.
    prolog = text[: spans[0][0]]
    bound = dict.fromkeys(_NAMESPACES.findall(prolog))
    declarations = {prefix: f" xmlns{prefix}={uri}" for prefix, uri in reversed(bound)}
    opening = f"{doctype_of(prolog)}<envelope{''.join(declarations.values())}>"
    line, counted = 1, 0
    for number, (start, end) in enumerate(spans, 1):
        line, counted = line + text.count("\n", counted, start), start
        payload = f"{opening}{text[start:end]}</envelope>"
        position = f"{stream.name}: {kind} {number} (line {line})"
        num_bytes = len(text[start:end].encode("utf-8", "surrogatepass"))
        yield Record(f"{name}#{number}", position, payload, num_bytes)


def text_of(record: Record) -> str:
    """The XML text of a record of `xml_documents`. Raises `RecordUnreadable` where it has none."""
    payload = record.payload
    if isinstance(payload, RecordUnreadable):
        raise payload
    if len(payload) > MAX_DOCUMENT_BYTES:
        raise RecordUnreadable("too large", f"more than {MAX_DOCUMENT_BYTES} bytes")
    return payload if isinstance(payload, str) else xml_text(payload)


def xml_text(raw: bytes) -> str:
    """The text of an XML file.

    A byte order mark decides, then valid UTF-8, then the declaration. Raises `RecordUnreadable`
    where none of them can.
    """
    if not raw.strip():
        raise RecordUnreadable("empty file")
    mark = next((name for mark, name in _BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    declared = _DECLARED.match(raw)
    encoding = mark or (declared.group(1).decode("ascii") if declared else "utf-8")
    if mark is None and _ASCII_KIN.match(encoding):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            if re.match(r"utf|us-ascii|ascii", encoding, re.I):
                raise _wrong_encoding("utf-8", error) from None
    elif mark is None and not _OTHER_TEXT.match(encoding):
        raise RecordUnreadable("unknown encoding", f"the XML declaration says {encoding!r}")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise _wrong_encoding(encoding, error) from None
    except LookupError:
        raise RecordUnreadable(
            "unknown encoding", f"the XML declaration says {encoding!r}"
        ) from None


def _wrong_encoding(encoding: str, error: UnicodeDecodeError) -> RecordUnreadable:
    byte = error.object[error.start]
    return RecordUnreadable(
        "wrong encoding", f"byte 0x{byte:02x} at offset {error.start} is not {encoding}"
    )


def doctype_of(prolog: str) -> str:
    """The `<!DOCTYPE ...>` of a prolog, "" where there is none or it never ends."""
    match = _DOCTYPE.search(prolog)
    while match and match.group().startswith("<!--"):
        match = _DOCTYPE.search(prolog, match.end())
    if not match:
        return ""
    depth = 0
    for token in _DOCTYPE_TOKEN.finditer(prolog, match.end()):
        if token.group() == "[":
            depth += 1
        elif token.group() == "]":
            depth -= 1
        elif token.group() == ">" and depth <= 0:
            return prolog[match.start() : token.end()]
    return ""


def _opens_twice(text: str, name: re.Pattern[str]) -> bool:
    """Whether an element may be opened twice: most files are one document, as this soon tells."""
    openings = 0
    for match in name.finditer(text):
        start = match.start()
        if start and text[start - 1] in "<:":
            before = text[max(0, start - _LONGEST_PREFIX) : start]
            openings += before.endswith("<") or "<" in before
        if openings > 1:
            return True
    return False


def outermost_spans(text: str, tags: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where each outermost element begins and ends; one left open ends with the text.

    `tags` matches the element's tags, `/` of a closing one as group 1, and what may hide a tag
    (comments, CDATA), without a group 1.
    """
    spans: list[tuple[int, int]] = []
    depth = start = 0
    for tag in tags.finditer(text):
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
