"""One record at a time through a reader: the single place where a reader's failures are caught."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
from tokenization.markers import BUILT_IN, MarkerTable, conceal, pairing_fault


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that gave no document. `quarantined` is false for one left out on purpose."""

    position: str
    reason: str
    detail: str
    quarantined: bool


class _TookTooLong(Exception):
    pass


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """Raise _TookTooLong in the block after `seconds`; main threads only, as signals are."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expired(_signal: int, _frame: FrameType | None) -> None:
        raise _TookTooLong

    previous = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


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
    any. All of them together must pair.
    """
    try:
        with _time_limit(seconds):
            document = reader.read(record, options)
            # Checked here, so that a reader's defect costs a record and not the build.
            check_spans(document)
            document.text.encode("utf-8")
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

    Positions begin with `name`, which says where the file stands in its source; characters of names
    that are not UTF-8 are escaped in positions and ids.
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
            return
        except RecordDropped as error:
            yield Refusal(name, error.reason, "", quarantined=False)
            return
        except Exception as error:
            reason = getattr(error, "reason", "input cannot be read")
            detail = f"after {count} records: {getattr(error, 'detail', None) or error!r}"
            yield Refusal(name, reason, detail, quarantined=True)
            return
        count += 1
        position = printable(record.position)
        if position.startswith(stands):
            position = name + position[len(stands) :]
        yield replace(record, record_id=printable(record.record_id), position=position)


def printable(name: str) -> str:
    r"""A file's name with its bytes that are no UTF-8 as escapes.

    >>> printable("caf\udce9.xml")
    'caf\\udce9.xml'
    """
    return name.encode("utf-8", "backslashreplace").decode() if not name.isascii() else name
