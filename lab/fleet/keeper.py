"""The process that keeps a host: it starts the one that works, puts away what that leaves when it dies, and starts it again."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable

from lab.errors import LabError
from lab.fleet import launch, ticket
from lab.fleet.ticket import Ticket
from lab.machine import process
from lab.machine.process import LeasedProgram

LOOK_S = 0.1
END_S = 8.0
LONG_S = 60.0
WORDS = ("fleet", "host", "--ticket", "-", "--kept")
FOR_GOOD = frozenset({0, 2, 6})
"""Ends that another start would not change: it was told to leave, it was refused, or it has no engine."""


def keep(
    mine: Ticket, words: tuple[str, ...], over: threading.Event, reap: Callable[[], int], say: Callable[[str], None]
) -> int:
    """Keep a host until `over` is set or it ends for good; returns how it ended."""
    waits = launch.waits()
    while True:
        began = time.monotonic()
        code = _once(mine, words, over, say)
        with contextlib.suppress(LabError):
            gone = reap()
            if gone:
                say(f"removed {gone} container(s) that this host's dead process left behind")
        if over.is_set() or code in FOR_GOOD:
            return 0 if over.is_set() else code
        if time.monotonic() - began > LONG_S:
            waits = launch.waits()
        wait = next(waits)
        say(f"this host's process ended ({code}) and is started again in {wait} s")
        if over.wait(wait):
            return 0


def same_lab() -> tuple[str, ...]:
    """How this very lab was started, up to its verb."""
    words = sys.orig_argv
    return tuple(words[: words.index("fleet")]) if "fleet" in words else (sys.executable, "-m", "lab")


def _once(mine: Ticket, words: tuple[str, ...], over: threading.Event, say: Callable[[str], None]) -> int:
    """One life of the process that works; its stdin is its lease, and ends with this process, however that ends."""
    with process.leased([*same_lab(), *WORDS, *words], ticket.written(mine).decode()) as program:
        hearing = threading.Thread(target=_passed_on, args=(program, say), daemon=True)
        hearing.start()
        while hearing.is_alive() and not over.wait(LOOK_S):
            pass
        program.leave()
        hearing.join(END_S)
        if hearing.is_alive():
            program.kill()
        return program.code()


def _passed_on(program: LeasedProgram, say: Callable[[str], None]) -> None:
    for line in program.lines():
        say(line.rstrip())
