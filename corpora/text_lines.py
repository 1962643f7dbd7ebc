"""The lines of a stream, in bounded memory: each with its number, or with the fault that it has.

What `readline` alone would do with a line of ten gigabytes is left undone: of a line past the limit
only its size is kept. A stream that breaks off ends in a line with that fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from corpora.documents import RecordUnreadable

#: Lines of knowledge bases are sentences, or lists of numbers: a megabyte is ten times the longest.
MAX_LINE_BYTES: Final = 1 << 20
_CHUNK_BYTES: Final = 1 << 16
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. `number` counts from 1; `num_bytes` is its size in the file."""

    data: bytes
    number: int
    num_bytes: int
    fault: RecordUnreadable | None = None

    def text(self) -> str:
        """The line as text, not yet cleaned. Raises RecordUnreadable for what is none."""
        if self.fault is not None:
            raise self.fault
        return decoded(self.data)


def decoded(data: bytes) -> str:
    """Bytes as text, not yet cleaned. Raises RecordUnreadable for what is no UTF-8 text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordUnreadable("not UTF-8", f"byte {error.start}") from None
    if "\x00" in text:
        raise RecordUnreadable("not text", "it holds NUL bytes")
    return text


def text_lines(file: BinaryIO, limit: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Every line of a stream, blank ones too; a byte order mark before the first is no part of it.

    >>> import io
    >>> [line.data for line in text_lines(io.BytesIO(b"one\\r\\n\\ntwo"))]
    [b'one', b'', b'two']
    """
    number = 0
    while True:
        number += 1
        try:
            data = file.readline(limit + 1)
            size = len(data)
            fault = None
            if size > limit:
                while not data.endswith(b"\n") and (data := file.readline(_CHUNK_BYTES)):
                    size += len(data)
                data = b" "
                fault = RecordUnreadable("line too long", f"{size} bytes; the limit is {limit}")
        except RecordUnreadable as error:
            yield Line(b" ", number, 0, error)
            return
        if not data:
            return
        if number == 1:
            data = data.removeprefix(_BOM)
        yield Line(data.rstrip(b"\r\n"), number, size, fault)
