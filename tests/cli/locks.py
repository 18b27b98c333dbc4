"""What tests of locks and interruptions share: waiting for a moment, and seeing that a step waits for a timing."""

import fcntl
import time
from collections.abc import Callable

from lab.machine import shared_lock, timing_lock


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def somebody_waits() -> bool:
    """Whether a step stands in the door to the lock of timings."""
    door = shared_lock.folder() / timing_lock.DOOR
    if not door.exists():
        return False
    with door.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
