"""Being asked to stop: by SIGTERM or SIGUSR1 (a cluster's preemption), by Ctrl-C, or by SIGHUP,
which a terminal sends whose connection is lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP)


class StopRequest:
    """`signal` is the number of the signal that this process was sent, 0 before there is one."""

    def __init__(self) -> None:
        self.signal = 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        """Handle a signal: only note it, since it comes between any two instructions."""
        self.signal = number
        if number == signal.SIGINT:
            # Who presses Ctrl-C twice does not want to wait.
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Note the signals that ask to stop, instead of ending at once, while the block runs.

    One that is ignored (`nohup`, or Ctrl-C for a job in the background) stays so. Signals are
    Python's main thread's alone: in another thread none is noted.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    heeded = [n for n in STOP_SIGNALS if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, request) for number in heeded}
    try:
        yield request
    finally:
        for number, handler in before.items():
            # None is a handler that was not set from Python, and cannot be set again.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def signal_name(number: int) -> str:
    """The name of a signal.

    >>> signal_name(15)
    'SIGTERM'
    """
    return signal.Signals(number).name
