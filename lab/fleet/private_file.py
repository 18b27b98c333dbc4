"""Files that prove who somebody is: read and written only where no other user could have read them."""

import os
import stat
from pathlib import Path

from lab import scratch
from lab.errors import InfraError, UsageError
from lab.machine import refused

LARGEST = 64 << 10
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OTHERS = 0o077


def read(path: Path, remedy: str) -> bytes:
    """What a private file holds; UsageError, with what to do instead, for one that others may read, another user's, a link or no plain file."""
    try:
        descriptor = os.open(path, _FILE)
    except OSError as error:
        raise UsageError(f"{path} cannot be opened: {error.strerror}", remedy) from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(f"{path} is no plain file", remedy)
        if facts.st_uid != os.getuid() or facts.st_mode & _OTHERS:
            raise UsageError(f"{path} can be read by others, so it may have been copied", remedy)
        data = os.read(descriptor, LARGEST + 1)  # a plain file gives all that was asked for and is there
    finally:
        os.close(descriptor)
    if len(data) > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST:,} bytes, and nothing that belongs there has", remedy)
    return data


def write(data: bytes, path: Path) -> None:
    """Put bytes into a file that only this user can read, whole or not at all; InfraError where the disk refuses."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with scratch.file_beside(path) as made:
            made.chmod(0o600)
            made.write_bytes(data)
            made.replace(path)
    except OSError as error:
        raise InfraError(f"{path} could not be written: {error.strerror}", refused.ROOM) from error
