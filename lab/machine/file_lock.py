"""Locks between the processes of this machine, each a file that is held; a wait for one ends where the work was stopped."""

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from lab.errors import Interrupted
from lab.machine import interruption

FIRST_S, LONGEST_S = 0.001, 0.05
Stopped = Callable[[], bool]
"""Whether the work that waits was stopped meanwhile."""


def take(file: IO[str] | int, how: int = fcntl.LOCK_EX, stopped: Stopped = interruption.heard) -> None:
    """Wait until the lock is had (LOCK_EX or LOCK_SH); Interrupted as soon as `stopped` says so, or the lab is told to end.

    It asks again and again: a thread that sleeps in the kernel for a lock hears of nothing until it has it.
    """
    pause = FIRST_S
    while True:
        if stopped() or interruption.heard():
            raise Interrupted("interrupted while it waited for other work of a lab", "")
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_S)
        else:
            return


def held(path: Path) -> bool:
    """Whether somebody holds the lock of this file now; nothing is written to ask."""
    try:
        with path.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
