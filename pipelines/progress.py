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
        )
        self._bar: TaskID | None = None
        self._started = 0.0

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

    def stage_started(self, stage: str, total: int) -> None:
        """Show an empty bar for the stage."""
        self._started = time.monotonic()
        self._bar = self._bars.add_task(stage, total=max(1, total), note="")

    def advanced(self, amount: int) -> None:
        """Move the bar of the current stage."""
        if self._bar is not None:
            self._bars.advance(self._bar, amount)

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
        self._console.print(
            f"{stage:<{_NAME_WIDTH}} {account}  [{seconds:.1f} s]",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
