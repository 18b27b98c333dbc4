"""One timing at a time on this machine: the lab's other work shares a lock, a timing holds it alone."""

import contextlib
import fcntl
from collections.abc import Iterator

from lab.workspace import cache_folder

NAME = "timing.lock"


def shared() -> contextlib.AbstractContextManager[None]:
    """Hold this while something works that a timing must not have beside it; many may, in any number of labs."""
    return _held(fcntl.LOCK_SH)


def alone() -> contextlib.AbstractContextManager[None]:
    """Hold this while something is timed: no other lab on this machine works or times meanwhile."""
    return _held(fcntl.LOCK_EX)


@contextlib.contextmanager
def _held(how: int) -> Iterator[None]:
    path = cache_folder() / "locks" / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as handle:
        fcntl.flock(handle, how)
        yield
