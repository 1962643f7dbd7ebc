"""From a file to raw articles: decompression, decoding, and the cut of an article set.

Nothing is parsed here beyond the tags that open and close an article. What cannot be decoded still
gives one record, its bytes, so that `read` refuses it with its reason.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from corpora.documents import ReadOptions, Record, RecordUnreadable

SUFFIXES: Final = (".xml", ".nxml", ".xml.gz", ".nxml.gz")
#: The most that a compressed file may hold: PMC's articles are under 50 MB.
MAX_DECOMPRESSED_BYTES: Final = 1 << 28

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
    r"utf-?8|us-ascii|ascii|iso-?8859|latin|windows-|cp125|koi8|mac", re.I
)
_OTHER_TEXT: Final = re.compile(r"utf-?16|utf-?32|gb|big5|shift_?jis|sjis|euc|iso-2022", re.I)

# What never ends is taken to end with the text: each character is looked at once.
_ARTICLE_TAGS: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|"
    r"<(/?)(?:[\w.-]{1,40}:)?article(?=[\s>/])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>",
    re.DOTALL,
)
_DOCTYPE: Final = re.compile(r"<!--.*?(?:-->|\Z)|<!DOCTYPE\b", re.DOTALL)
# Quoted strings, comments and processing instructions may hold `]` and `>`.
_DOCTYPE_TOKEN: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\"[^\"]*\"|'[^']*'|[\[\]>]|<!", re.DOTALL
)
_NAMESPACES: Final = re.compile(r"""\sxmlns(:[\w.-]+)?\s*=\s*("[^"]*"|'[^']*')""")


def article_records(path: Path, _: ReadOptions) -> Iterator[Record]:
    """One record an article: the whole file, or each `<article>` of a set.

    The payload is XML text, or the bytes of a file that is no text.
    """
    raw = path.read_bytes()
    name = record_name(path)
    try:
        text = xml_text(raw)
    except RecordUnreadable:
        yield Record(name, path.name, raw, len(raw))
        return
    spans = outermost_spans(text, _ARTICLE_TAGS)
    if len(spans) < 2:
        yield Record(name, path.name, text, len(raw))
        return
    prolog = text[: spans[0][0]]
    bound = dict.fromkeys(_NAMESPACES.findall(prolog))
    declarations = {prefix: f" xmlns{prefix}={uri}" for prefix, uri in reversed(bound)}
    doctype = doctype_of(prolog)
    for number, (start, end) in enumerate(spans, 1):
        # An article leans on the namespaces and entities that its envelope declares.
        article = text[start:end]
        payload = f"{doctype}<envelope{''.join(declarations.values())}>{article}</envelope>"
        line = text.count("\n", 0, start) + 1
        position = f"{path.name}: article {number} (line {line})"
        yield Record(f"{name}#{number}", position, payload, len(article.encode()))


def record_name(path: Path) -> str:
    """The file's name without the suffixes of the format.

    >>> record_name(Path("a/PMC13901.nxml.gz"))
    'PMC13901'
    """
    return re.sub(r"(?:\.n?xml)?(?:\.gz)?$", "", path.name) or path.name


def xml_text(raw: bytes) -> str:
    """The text of an XML file: decompressed if need be, and decoded.

    A byte order mark decides, then valid UTF-8, then the declaration. Raises `RecordUnreadable`
    where none of them can.
    """
    raw = _decompressed(raw)
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


def _decompressed(raw: bytes) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        with gzip.GzipFile(fileobj=BytesIO(raw)) as file:
            content = file.read(MAX_DECOMPRESSED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordUnreadable("broken gzip", str(error)) from None
    if len(content) > MAX_DECOMPRESSED_BYTES:
        raise RecordUnreadable("too large", f"more than {MAX_DECOMPRESSED_BYTES} bytes in the gzip")
    return content


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
