"""What this host's disk or rights did not allow, as the lab's own failure: one sentence, and what to do."""

import errno
import os
from pathlib import Path

from lab.errors import InfraError
from lab.text import clean

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
ROOM = "free disk space or inodes (df -h, df -i)"
NO_ROOM = ("no space left on device", "disk quota exceeded")
"""How programs say that a disk is full."""
LEAST_FREE = 1 << 20


def by_host(error: OSError) -> InfraError:
    """The failure that an error of the system is, with its place."""
    place = error.filename2 or error.filename  # of two files it is the second that is written
    where = f"{clean(str(place))}: " if place else ""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "mend its rights, or work in a folder of your own: lab init FOLDER, then --workspace FOLDER"
    else:
        mend = ROOM if error.errno in FULL else "mend that path"
        remedy = f"{mend}, then the same command again: nothing that is finished is lost"
    return InfraError(f"this host's disk or files: {where}{error.strerror or error}", remedy)


def says_full(text: str) -> bool:
    """Whether a program's words say that a disk is full."""
    return any(one in text.lower() for one in NO_ROOM)


def has_room(folder: Path) -> bool:
    """Whether the disk of a folder still takes something of users who are not root, as a container's is not."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >= LEAST_FREE and (found.f_favail > 0 or not found.f_files)
