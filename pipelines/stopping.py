"""How a command ends that is told to: in order where Python runs, and soon where it does not.

A handler of a signal runs between two steps of Python. Native code in the main thread (learning a
vocabulary takes an hour of it) would hold it up until it is done, so a thread waits beside it that
is woken by the signal itself and ends the process where nothing else does. That is as safe as
SIGKILL: files appear by renaming, and what is unfinished is removed by the next build.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

#: How long the main thread may take to notice a signal.
SECONDS_TO_NOTICE: Final = 1.0
#: How long it may then take to end its workers and remove what is half written.
SECONDS_TO_END: Final = 30.0
#: What to do after a build was stopped.
GO_ON: Final = "what is finished is kept: run the same command again to go on"
_SHOW_CURSOR: Final = b"\x1b[?25h\n"  # progress bars hide it


class _Stopped(SystemExit):
    """Raised in the main thread by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


@contextmanager
def stopped_in_order(advice: str) -> Iterator[None]:
    """Lets SIGINT, SIGTERM and SIGHUP end the block as an exception does, with exit status 128 + N.

    One line on standard error says what happened, with `advice` on how to go on. A signal that is
    ignored (`nohup`) stays so. For the main thread only.
    """
    expected: dict[signal.Signals, Callable[..., object] | signal.Handlers] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGHUP: signal.SIG_DFL,
    }
    chosen = [number for number, usual in expected.items() if signal.getsignal(number) is usual]
    noticed, ended = threading.Event(), threading.Event()

    def notice(number: int, _frame: FrameType | None) -> None:
        noticed.set()
        raise _Stopped(number)

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    for number in chosen:
        signal.signal(number, notice)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watch = threading.Thread(
        target=_watch, args=(reading, frozenset(chosen), noticed, ended, advice), daemon=True
    )
    watch.start()
    try:
        yield
    except _Stopped as stopped:
        print(_message(stopped.number, advice), file=sys.stderr)
        raise
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        for number in chosen:
            signal.signal(number, expected[number])
        os.close(writing)  # the end of what the thread reads
        watch.join()
        os.close(reading)


def _watch(
    reading: int,
    numbers: frozenset[int],
    noticed: threading.Event,
    ended: threading.Event,
    advice: str,
) -> None:
    """End the process where the main thread does not, after one of some signals has come."""
    while caught := os.read(reading, 1):
        number = caught[0]
        if number in numbers and not (
            noticed.wait(SECONDS_TO_NOTICE) and ended.wait(SECONDS_TO_END)
        ):
            for child in multiprocessing.active_children():
                child.kill()
            if sys.stdout.isatty():
                os.write(sys.stdout.fileno(), _SHOW_CURSOR)
            os.write(2, f"{_message(number, advice)}\n".encode())
            os._exit(128 + number)


def _message(number: int, advice: str) -> str:
    return f"stopped by {signal.Signals(number).name}: {advice}"
