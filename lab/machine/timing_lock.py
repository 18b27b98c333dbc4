"""One timing at a time on this machine: the lab's other work shares a lock, a timing holds it alone."""

import contextlib
import fcntl
from collections.abc import Iterator

from lab.storage.workspace import cache_folder

LOCK, DOOR = "timing.lock", "timing.door"
WAITS = "other work of a lab on this machine is not done yet: the timing waits for it"


def shared() -> contextlib.AbstractContextManager[None]:
    """Hold this while something works that a timing must not have beside it; many may, in any number of labs."""
    return _held(fcntl.LOCK_SH)


def alone() -> contextlib.AbstractContextManager[None]:
    """Hold this while something is timed: no other lab on this machine works or times meanwhile."""
    return _held(fcntl.LOCK_EX)


def busy() -> bool:
    """Whether a timing would have to wait now; asked so that a user hears why nothing happens."""
    folder = cache_folder() / "locks"
    if not (folder / LOCK).exists():
        return False
    with (folder / LOCK).open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def _held(how: int) -> Iterator[None]:
    """Everybody comes in by one door, and who waits keeps it shut: else work without end would let no timing begin."""
    folder = cache_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a", encoding="ascii") as lock:
        with (folder / DOOR).open("a", encoding="ascii") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(lock, how)
        yield
