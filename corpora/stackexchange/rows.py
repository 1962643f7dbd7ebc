"""From the bytes of `Posts.xml` to its rows: cut without parsing, then parsed one by one.

A row is one element without content, and `<` opens a tag wherever XML is well-formed: a row ends
before the next `<`. So a broken row costs itself and no other, and memory is bounded by one row.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from corpora.documents import RecordUnreadable

#: A post has 30,000 characters of Markdown at most; its HTML, escaped, a few times more.
MAX_ROW_BYTES: Final = 4 << 20
#: Before the root element stand a declaration and perhaps a comment.
_MAX_PROLOG_BYTES: Final = 1 << 20

_NAME: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_.:-]{0,40}")
_SPACES: Final = (b" ", b"\t", b"\r", b"\n", b"/", b">")


@dataclass(frozen=True, slots=True)
class Row:
    """One `<row .../>` as it is in the file; `content` is None where it is too long to be one."""

    offset: int
    length: int
    content: bytes | None


def cut_rows(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The rows of a `Posts.xml`, in order.

    Raises `RecordUnreadable` before the first row where the root element is not `posts`, or is not
    found near the beginning, and after the last where the file ends inside of it. Errors of
    `chunks` pass through.
    """
    root = ""
    complete = in_comment = False
    for offset, length, tag in _tags(chunks):
        if not root and offset > _MAX_PROLOG_BYTES:
            break
        if in_comment or tag.startswith(b"!--"):
            in_comment = b"-->" not in tag
        elif root and tag.startswith(b"row") and tag[3:4] in _SPACES:
            whole = len(tag) + 1 == length <= MAX_ROW_BYTES
            yield Row(offset, length, b"<" + tag if whole else None)
        elif tag.startswith(b"/posts"):
            complete = True
        elif not root and (name := _NAME.match(tag)):
            root = name.group().decode("ascii")
            if root != "posts":
                break
    if root != "posts":
        raise _no_posts(root)
    if not complete:
        raise RecordUnreadable("file ends early", "no </posts>")


def _no_posts(root: str) -> RecordUnreadable:
    found = f"the root element is <{root}>" if root else "no element"
    return RecordUnreadable("not a Posts.xml", found)


def _tags(chunks: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """What stands between one `<` and the next: where the `<` is, how long with it, the bytes.

    Bytes past `MAX_ROW_BYTES` are passed over.
    """
    pending = b""
    # Of the pending tag, whose `<` the bytes lack: where it is, and its bytes passed over.
    offset, passed_over = -1, 0
    for chunk in chunks:
        *done, pending = (pending + chunk).split(b"<")
        for tag in done:
            length = len(tag) + 1 + passed_over
            if offset >= 0:
                yield offset, length, tag
            offset, passed_over = offset + length, 0
        if len(pending) > MAX_ROW_BYTES:
            passed_over += len(pending) - MAX_ROW_BYTES
            pending = pending[:MAX_ROW_BYTES]
    if offset >= 0:
        yield offset, len(pending) + 1 + passed_over, pending


def attributes_of(row: Row | bytes) -> dict[str, str]:
    """The attributes of a row, references resolved. Raises `RecordUnreadable` for what is none.

    >>> attributes_of(b'<row Id="1" Body="&lt;p&gt;a&lt;/p&gt;" />')
    {'Id': '1', 'Body': '<p>a</p>'}
    """
    content = row.content if isinstance(row, Row) else row
    if content is None:
        raise RecordUnreadable("row too long", f"more than {MAX_ROW_BYTES} bytes")
    content = content.strip()
    if content.endswith(b">") and not content.endswith(b"/>"):
        content += b"</row>"
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8"
    )
    try:
        element = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise RecordUnreadable("broken row", " ".join((error.msg or "").split())) from None
    return {str(name): str(value) for name, value in element.attrib.items()}
