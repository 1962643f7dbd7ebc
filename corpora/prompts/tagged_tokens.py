"""Tagged tokens in columns, a sentence after another (CoNLL, IOB2), and PubTator's abstracts.

CoNLL: a token a line, its tag in the last column, a blank line after each sentence. PubTator:
`pmid|t|title`, `pmid|a|abstract`, then pmid, start, end, mention, type and identifier by tabs.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

from corpora.documents import RecordUnreadable
from corpora.prompts.entities import add_name

#: A sentence or abstract of more is none.
MAX_BLOCK_BYTES: Final = 1 << 20
_TAG: Final = re.compile(rb"O|[BIESLU](?:[-_]\S+)?")
#: The longest name of a chemical that was cut as one token, with its columns.
_LONGEST_LINE: Final = 2_000
_PUBTATOR: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\d{1,12}\|t\|")
_HEAD: Final = 60


def layout_of(head: bytes) -> Literal["conll", "pubtator"] | None:
    """What the first lines of a file show it to be; None for neither.

    >>> layout_of(b"IL-2\\tB-DNA\\ngene\\tI-DNA\\n"), layout_of(b"a\\tb\\n1\\t2\\n")
    ('conll', None)
    """
    if _PUBTATOR.match(head):
        return "pubtator"
    lines = [line for line in head.split(b"\n")[:-1] if line.strip()][:_HEAD]
    lines = [line for line in lines if not line.startswith((b"-DOCSTART-", b"###", b"# "))]
    tagged = sum(map(_is_tagged, lines))
    return "conll" if lines and tagged >= 0.9 * len(lines) else None


def _is_tagged(line: bytes) -> bool:
    cells = line.rstrip(b"\r").split(b"\t") if b"\t" in line else line.split()
    return len(line) <= _LONGEST_LINE and len(cells) > 1 and bool(_TAG.fullmatch(cells[-1].strip()))


def blocks_of(file: BinaryIO) -> Iterator[tuple[int, bytes, RecordUnreadable | None]]:
    """The lines between blank lines: the number of the first one, and their bytes or a fault."""
    kept: list[bytes] = []
    first, size, number = 1, 0, 0
    while True:
        line = file.readline(MAX_BLOCK_BYTES)
        number += 1
        if line.strip():
            if not kept and not size:
                first = number
            size += len(line)
            if size <= MAX_BLOCK_BYTES:
                kept.append(line)
            continue
        if size:
            fault = RecordUnreadable("block too large", f"{size} bytes without a blank line")
            yield first, b"".join(kept), fault if size > MAX_BLOCK_BYTES else None
        kept, size = [], 0
        if not line:
            return


def sentence_of(block: bytes) -> dict[str, object] | None:
    """The row of a block of tagged tokens: `tokens` and `tags`; None for a mark of documents.

    Raises RecordUnreadable for a line without a tag.
    """
    tokens, tags = [], []
    for line in _text(block).split("\n"):
        if not line.strip() or line.startswith(("-DOCSTART-", "###")):
            continue
        cells = line.rstrip("\r").split("\t") if "\t" in line else line.split()
        if len(cells) < 2 or not cells[0].strip():
            raise RecordUnreadable("token without a tag", f"{line[:80]!r}")
        tokens.append(cells[0])
        tags.append(cells[-1].strip())
    return {"tokens": tokens, "tags": tags} if tokens else None


def abstract_of(block: bytes) -> dict[str, object]:
    """The row of a PubTator block: `pmid`, `title`, `abstract`, and `mentions` by type in order.

    Raises RecordUnreadable for a block without a title, or a mention that is not at its place.
    """
    row: dict[str, object] = {}
    mentions: dict[str, dict[str, str]] = {}
    for line in _text(block).split("\n"):
        head = re.match(r"(\d{1,12})\|([ta])\|(.*)", line)
        if head:
            row["pmid"] = head[1]
            row["title" if head[2] == "t" else "abstract"] = head[3].strip()
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) < 5 or not cells[1].isdecimal():
            continue  # relations: pmid, CID, chemical, disease
        text = f"{row.get('title', '')} {row.get('abstract', '')}"
        if cells[3] not in text:
            raise RecordUnreadable("mention not in its text", f"{cells[3][:80]!r}")
        add_name(mentions.setdefault(cells[4], {}), cells[3])
    if not row.get("title"):
        raise RecordUnreadable("no title", "a block of PubTator begins with pmid|t|")
    row["mentions"] = {type_: list(names.values()) for type_, names in mentions.items()}
    return row


def _text(block: bytes) -> str:
    try:
        return block.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"byte {error.start}") from None
