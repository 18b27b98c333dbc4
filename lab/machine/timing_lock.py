"""One timing at a time on this machine: the lab's other work shares a lock, a timing holds it alone.

What is promised. Labs that find the lock in the same place never time beside each other's work, whatever their
workspaces and caches. The place is the first of these that can be used:

1. `$XDG_RUNTIME_DIR`, where it is this user's own folder: all labs of one user who is logged in.
2. `/run/lock`, where it may be written: all labs of the machine that have no runtime folder, whoever's they are.
   Its files are readable by everybody, and reading is all that a lock needs; only their owner may delete them. Any
   user can therefore hold up the timings of the others, who may set XDG_RUNTIME_DIR to be left alone.
3. A folder that is this user's alone, in the folder for temporary files: all labs of that user.

Labs in different places do not see each other: two users who are both logged in do not, nor does a container see its host.
"""

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab import scratch
from lab.errors import InfraError
from lab.machine import file_lock, interruption
from lab.machine.file_lock import Stopped
from lab.storage import copies

LOCK, DOOR = "paddle-repro-lab.timing.lock", "paddle-repro-lab.timing.door"
MACHINE = Path("/run/lock")
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
    with _opened(folder() / LOCK) as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def _held(how: int, stopped: Stopped) -> Iterator[None]:
    """Everybody comes in by one door, and who waits keeps it shut: else work without end would let no timing begin."""
    place = folder()
    with _opened(place / LOCK) as lock:
        with _opened(place / DOOR) as door:
            file_lock.take(door, fcntl.LOCK_EX, stopped)
            file_lock.take(lock, how, stopped)
        yield


def folder() -> Path:
    """Where the lock lies for this process; InfraError where a stranger keeps even the last place."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute() and runtime.is_dir() and runtime.stat().st_uid == os.getuid() and _writable(runtime):
        return runtime
    return MACHINE if MACHINE.is_dir() and _writable(MACHINE) else _private()


def _writable(place: Path) -> bool:
    return os.access(place, os.W_OK | os.X_OK)


def _private() -> Path:
    """A folder nobody else can write to; one that was laid there by another user, or by a link, is refused."""
    place = Path(tempfile.gettempdir()) / f"paddle-repro-lab-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise InfraError(
            f"{place}, for the lock of timings, is not this user's own folder alone",
            "remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        )
    return place


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A lock's file, made where it is missing; never through a link, and never a pipe that would be waited for."""
    try:
        if not os.path.lexists(path):
            _make(path)
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    try:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise _unusable(path, "it is no plain file")
        yield number
    finally:
        os.close(number)


def _make(path: Path) -> None:
    """Put it there whole, readable by everybody: another user must not meet it half made, nor shut by this one's umask."""
    with scratch.file_beside(path) as fresh, contextlib.suppress(FileExistsError):
        fresh.chmod(0o644)
        if not copies.named_again(fresh, path):
            _make_in_place(path)


def _make_in_place(path: Path) -> None:
    """Where files have one name only, which no folder is that several users share: there is nobody to meet it half made."""
    number = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        os.fchmod(number, 0o644)
    finally:
        os.close(number)


def _unusable(path: Path, why: str) -> InfraError:
    return InfraError(
        f"the lock of timings {path} cannot be used: {why}", "remove it, or set XDG_RUNTIME_DIR to a folder of your own"
    )
