"""Progress on stderr: one live line with phase and elapsed time on a terminal, plain lines without one."""

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lab.cli import localised, speak
from lab.engine.protocol import Teller
from lab.redaction import door
from lab.text import still

SHOWN_BUILD_LINES = 100
WIDE = 200
NOTEBOOK = 120


class Screen:
    """Where progress goes; results never do."""

    def __init__(self, *, total: int = 0, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._start = time.monotonic()
        self._live = self._console.is_terminal and not quiet and total > 0
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=total)
        self._beside: list[Callable[[], str]] = []

    def __enter__(self) -> Self:
        if self._live:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._bar.stop()

    def step(self, phase: str, label: str) -> None:
        """A step started."""
        if self._live:
            said = speak.localised(f"{phase:<6} {label}", own=True)
            self._bar.update(self._task, description=escape(door.shown(said)))
        else:
            self.tell(f"{phase:<6} {label}")

    def advance(self, text: str) -> None:
        """A trial ended."""
        if self._live:
            self._bar.advance(self._task)
        self.tell(text)
        for line in self._beside:
            self.tell(line())

    def beside(self, line: Callable[[], str]) -> None:
        """Tell one more line whenever a trial ends: how whatever works for this command stands."""
        self._beside.append(line)

    def hint(self, text: str) -> None:
        """A line of a long step: shown while it is the newest, kept only in the log."""
        if self._live:
            self._bar.update(self._task, description=f"build  {escape(door.shown(text)[:SHOWN_BUILD_LINES])}")

    def tell(self, text: str) -> None:
        """A line that stays."""
        if self._quiet:
            return
        stamp = f"[{time.monotonic() - self._start:6.1f}s] "
        self._console.print(
            stamp + door.shown(speak.localised(text, own=True)), markup=False, soft_wrap=True, style="dim"
        )


def teller(screen: Screen) -> Teller:
    """The screen as the engines know it."""
    return Teller(say=screen.tell, passing=screen.hint)


def width() -> int:
    """Columns of a result on stdout: those of the terminal or of COLUMNS; without either, as many as it needs."""
    console = Console(file=sys.stdout)
    asked = os.environ.get("COLUMNS", "")
    return console.width if console.is_terminal or asked.isdecimal() else WIDE


def show(renderable: object) -> None:
    """Print a result to stdout, as wide as the terminal or, without one, as wide as it needs; no word of it is cut."""
    columns = width()
    console = Console(file=sys.stdout, highlight=False, width=columns)
    shown = localised.renderable(renderable)
    with console.capture() as caught:
        console.print(shown, crop=False)
    speak.out(caught.get(), end="")


def html(renderable: object) -> str:
    """A result as a piece of a page, for notebooks: as wide as it is read best, and without this machine's secrets."""
    console = Console(file=io.StringIO(), record=True, highlight=False, width=NOTEBOOK)
    console.print(localised.renderable(renderable), crop=False)
    page = console.export_html(inline_styles=True, code_format='<pre style="line-height: 1.25">{code}</pre>')
    return door.shown(page)


def labelled(text: str, *, own: bool = True) -> None:
    """Print labelled lines to stdout, wrapped at words where one is longer than the terminal is wide."""
    for line in lines(text, width(), own=own):
        speak.out(line)


def lines(text: str, columns: int, *, own: bool = True) -> Iterator[str]:
    """Labelled lines as they are printed, for so many columns.

    Words are changed before they are wrapped: Chinese takes other columns. Where they are not `own`, but Paddle's or
    somebody's, only what is plainly the lab's is changed. What is to be pasted stays as it is.
    """
    from lab.report.prose import paged, parts  # noqa: PLC0415 - only where something is said at length

    for copied, part in parts(text):
        shown = still(part if copied else speak.localised(part, own=own))
        yield from [shown] if copied else paged(shown, columns)


def from_here(path: Path) -> str:
    """A path as it is typed in this folder: short where it lies below it, else whole."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def say(text: str, *, own: bool = True) -> None:
    """Print plain text of the lab's own words to stdout; not `own` is what holds a stranger's too, as in `labelled`."""
    speak.out(still(speak.localised(text, own=own)))


def verbatim(text: str) -> None:
    """Print a document to stdout as it is written: an issue, a Dockerfile, an answer in Markdown."""
    speak.out(still(text))
