"""Progress for people: bars on a terminal, plain lines elsewhere, a line of counts at each end."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)

from pipelines.execution import Progress

_NAME_WIDTH = 17
#: Where there is no terminal, a long stage says so often how far it is.
SECONDS_BETWEEN_LINES = 30.0
#: Work that is far from even (a task may be a second or an hour) is averaged over this long.
_SECONDS_OF_SPEED = 600.0


class ConsoleProgress(Progress):
    """Shows the stages of a command on a console. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn(f"{{task.description:<{_NAME_WIDTH}}}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
            speed_estimate_period=_SECONDS_OF_SPEED,
        )
        self._bar: TaskID | None = None
        self._stage = ""
        self._started = self._last_line = 0.0
        self._total = self._done_before = self._done = self._records = 0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def stage_started(self, stage: str, total: int, *, done: int = 0) -> None:
        """Show a bar for the stage, as long as what is done already."""
        self._stage = stage
        self._started = self._last_line = time.monotonic()
        self._total, self._done_before, self._done, self._records = total, done, done, 0
        self._bar = self._bars.add_task(stage, total=max(1, total), completed=done, note="")

    def advanced(self, amount: int, *, records: int = 0) -> None:
        """Move the bar of the current stage."""
        if self._bar is None:
            return
        self._done += amount
        self._records += records
        self._bars.advance(self._bar, amount)
        now = time.monotonic()
        if self._records:
            self.note(f"{self._records / max(now - self._started, 1e-3):,.0f} records/s")
        if not self._console.is_terminal and now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            self._print(self._line(now - self._started))

    def note(self, text: str) -> None:
        """Show a few words beside the bar of the current stage."""
        if self._bar is not None:
            self._bars.update(self._bar, note=text)

    def stage_ended(self, stage: str, account: str) -> None:
        """Replace the bar by the stage's line of counts."""
        if self._bar is not None:
            self._bars.remove_task(self._bar)
            self._bar = None
        seconds = time.monotonic() - self._started
        self._print(f"{stage:<{_NAME_WIDTH}} {account}  [{seconds:.1f} s]")

    def _line(self, seconds: float) -> str:
        """How far the stage is, for a log: `ingest   34%  1,200 records, 40/s, 58 s left`."""
        words = [f"{100 * self._done / max(1, self._total):3.0f}% "]
        if self._records:
            words.append(f"{self._records:,} records, {self._records / seconds:,.0f}/s,")
        done_here = self._done - self._done_before
        if done_here:
            left = seconds * (self._total - self._done) / done_here
            words.append(f"{_duration(left)} left")
        return f"{self._stage:<{_NAME_WIDTH}} {' '.join(words)}"

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> _duration(59.6), _duration(600), _duration(40_000)
    ('60 s', '10 min', '11.1 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
