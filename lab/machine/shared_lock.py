"""The locks that all labs of this machine share: where their files lie, and how they are opened.

The place is the first of these that can be used:

1. `$XDG_RUNTIME_DIR`, where it is this user's own folder: all labs of one user who is logged in.
2. `/run/lock`, where it may be written: all labs of the machine that have no runtime folder, whoever's they are.
   Its files are readable by everybody, and reading is all that a lock needs; only their owner may delete them. Any
   user can therefore hold up the labs of the others, who may set XDG_RUNTIME_DIR to be left alone.
3. A folder that is this user's alone, in the folder for temporary files: all labs of that user.

Labs in different places do not see each other: two users who are both logged in do not, nor does a container see its host.
"""

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lab import scratch
from lab.errors import InfraError
from lab.storage import copies

MACHINE = Path("/run/lock")


def folder() -> Path:
    """Where the locks lie for this process; InfraError where a stranger keeps even the last place."""
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
            f"{place}, for the locks that labs share, is not this user's own folder alone",
            "remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        )
    return place


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
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
        f"the lock {path}, which labs share, cannot be used: {why}",
        "remove it, or set XDG_RUNTIME_DIR to a folder of your own",
    )
