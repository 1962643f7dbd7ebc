"""One record at a time through a reader: the single place where a reader's failures are caught."""

import errno
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Final

from corpora.citations import check_spans
from corpora.documents import (
    NOT_A_FILE,
    Document,
    Format,
    ReadOptions,
    Record,
    RecordDropped,
    RecordUnreadable,
)
from tokenization.markers import (
    BUILT_IN,
    RESERVED_FIRST,
    RESERVED_LAST,
    MarkerTable,
    conceal,
    pairing_fault,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that gave no document. `quarantined` is false for one left out on purpose."""

    position: str
    reason: str
    detail: str
    quarantined: bool


class _TookTooLong(Exception):
    pass


#: Whether SIGALRM is handled here: by `time_limits`, for all records of its block.
_is_handled = False


def _expired(_signal: int, _frame: FrameType | None) -> None:
    raise _TookTooLong


@contextmanager
def time_limits() -> Iterator[None]:
    """Lets `read_record` limit the time of each record of the block at little cost.

    The handler of the signal is set once: to set it takes longer than to read a short record. Main
    threads only, as signals are; records of other threads have no limit.
    """
    global _is_handled
    if _is_handled or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGALRM, _expired)
    _is_handled = True
    try:
        yield
    finally:
        _is_handled = False
        signal.signal(signal.SIGALRM, previous)


class _TimeLimit:
    """Raises _TookTooLong in its block after some seconds."""

    def __init__(self, seconds: int) -> None:
        is_main = threading.current_thread() is threading.main_thread()
        self._seconds = seconds if is_main else 0

    def __enter__(self) -> None:
        if self._seconds:
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        if self._seconds:
            signal.setitimer(signal.ITIMER_REAL, 0)


#: Errors of the machine and not of a file's content: what they hide is not lost but not read yet.
_NOT_OF_THE_FILE: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)

#: Why an input gave nothing though its reader has no word on it: an archive of other files, say.
NO_RECORD: Final = "no record of the format"

#: The markers that a source spells unless its recipe says otherwise: none.
NO_MARKERS: Final = MarkerTable(())


def read_record(
    reader: Format,
    record: Record,
    options: ReadOptions,
    seconds: int,
    *,
    markers: MarkerTable = BUILT_IN,
    spelt_markers: MarkerTable = NO_MARKERS,
) -> Document | Refusal:
    """The document of a record, checked, or why there is none: no record can raise here.

    `markers` are those that the document may hold. Spellings of `spelt_markers` become markers;
    the reader has cleaned its text, so that nothing but these spellings and its own wrappers makes
    any. All of them together must pair. Many records are read inside `time_limits`.
    """
    with nullcontext() if _is_handled else time_limits():
        return _read_checked(reader, record, options, seconds, markers, spelt_markers)


def _read_checked(
    reader: Format,
    record: Record,
    options: ReadOptions,
    seconds: int,
    markers: MarkerTable,
    spelt_markers: MarkerTable,
) -> Document | Refusal:
    try:
        with _TimeLimit(seconds):
            document = reader.read(record, options)
            # Checked here, so that a reader's defect costs a record and not the build.
            check_spans(document)
            # What UTF-8 cannot hold UTF-16 cannot either, and it is made five times as fast.
            document.text.encode("utf-16-le")
            if spelt_markers.rows:
                document = replace(document, text=conceal(document.text, spelt_markers))
    except RecordDropped as error:
        return Refusal(record.position, error.reason, "", quarantined=False)
    except RecordUnreadable as error:
        return Refusal(record.position, error.reason, error.detail, quarantined=True)
    except _TookTooLong:
        detail = f"no document after {seconds} s"
        return Refusal(record.position, "took too long", detail, quarantined=True)
    except Exception as error:
        detail = f"{type(error).__name__}: {error}"
        return Refusal(record.position, "reader failed", detail, quarantined=True)
    if not document.text.strip():
        return Refusal(record.position, "empty text", "", quarantined=False)
    fault = pairing_fault(document.text, markers)
    if fault is not None:
        return Refusal(record.position, "markers do not pair", fault, quarantined=True)
    return document


def frame_records(
    reader: Format, path: Path, name: str, options: ReadOptions
) -> Iterator[Record | Refusal]:
    """The raw records of one input; where framing fails, one refusal stands for the rest of it.

    An input in which the reader finds nothing is one refusal too: none is passed over in silence.
    Raises OSError, naming the file, where the machine does not let it be read (no permission, a
    failing disk): it may be right the next time, and nothing of it should be missing then.

    Positions begin with `name`, which says where the file stands in its source; positions and ids
    are `printable`.
    """
    name, stands = printable(name), printable(path.name)
    if path.exists() and not path.is_file() and not path.is_dir():
        yield Refusal(name, NOT_A_FILE, "a pipe or a device", quarantined=True)
        return
    records = reader.records(path, options)
    count = 0
    while True:
        try:
            record = next(records)
        except StopIteration:
            if not count:
                yield Refusal(name, NO_RECORD, f"format {reader.name!r}", quarantined=True)
            return
        except RecordDropped as error:
            yield Refusal(name, error.reason, "", quarantined=False)
            return
        except Exception as error:
            if isinstance(error, OSError) and error.errno in _NOT_OF_THE_FILE:
                raise OSError(error.errno, error.strerror, str(path)) from error
            reason = getattr(error, "reason", "input cannot be read")
            detail = f"after {count} records: {getattr(error, 'detail', None) or error!r}"
            yield Refusal(name, reason, detail, quarantined=True)
            return
        count += 1
        position = printable(record.position)
        if position.startswith(stands):
            position = name + position[len(stands) :]
        yield Record(printable(record.record_id), position, record.payload, record.num_bytes)


#: What a name may not hold as it is: characters of control, ends of lines, those that turn the
#: direction of what follows, and the reserved characters of markers.
_UNPRINTABLE: Final = re.compile(
    f"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069{RESERVED_FIRST:c}-{RESERVED_LAST:c}]"
)


def printable(name: str) -> str:
    r"""A name as one line of text: what is no UTF-8, no character to print or a marker, as escapes.

    >>> printable("caf\udce9\n.xml")
    'caf\\udce9\\x0a.xml'
    """
    if not name.isascii():
        name = name.encode("utf-8", "backslashreplace").decode()
    return name if name.isprintable() else _UNPRINTABLE.sub(_escaped, name)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
