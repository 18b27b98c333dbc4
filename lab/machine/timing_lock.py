"""One timing at a time on this machine: the lab's other work shares a lock, a timing holds it alone.

Labs that find the lock in the same place (`machine/shared_lock.py`) never time beside each other's work, whatever their
workspaces and caches.
"""

import contextlib
import fcntl
from collections.abc import Iterator

from lab.machine import file_lock, interruption, shared_lock
from lab.machine.file_lock import Stopped

LOCK, DOOR = "paddle-repro-lab.timing.lock", "paddle-repro-lab.timing.door"
WAITS = "other work of a lab on this machine is not done yet: the timing waits for it"
WORK_WAITS = "a lab on this machine is timing something: the build waits for it"


def shared(stopped: Stopped = interruption.heard) -> contextlib.AbstractContextManager[None]:
    """Hold this while something works that a timing must not have beside it; many may, in any number of labs.

    Interrupted as soon as `stopped` says so while it is waited for.
    """
    return _held(fcntl.LOCK_SH, stopped)


def alone(stopped: Stopped = interruption.heard) -> contextlib.AbstractContextManager[None]:
    """Hold this while something is timed: no other lab on this machine works or times meanwhile.

    Interrupted as soon as `stopped` says so while it is waited for.
    """
    return _held(fcntl.LOCK_EX, stopped)


def busy() -> bool:
    """Whether a timing would have to wait now; asked so that a user hears why nothing happens."""
    return _taken(fcntl.LOCK_EX)


def timing() -> bool:
    """Whether other work would have to wait now for a timing; asked for the same reason."""
    return _taken(fcntl.LOCK_SH)


def _taken(how: int) -> bool:
    with shared_lock.opened(shared_lock.folder() / LOCK) as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def _held(how: int, stopped: Stopped) -> Iterator[None]:
    """Everybody comes in by one door, and who waits keeps it shut: else work without end would let no timing begin."""
    place = shared_lock.folder()
    with shared_lock.opened(place / LOCK) as lock:
        with shared_lock.opened(place / DOOR) as door:
            file_lock.take(door, fcntl.LOCK_EX, stopped)
            file_lock.take(lock, how, stopped)
        yield
