"""Files of one step given to another: blocks are shared where the file system can do that, else copied; no link is followed.

A copy is its receiver's own: nothing that happens to it reaches the run it came from. Only where a file is large, nobody may
write to it, and the file system cannot share blocks, both runs have one file under two names.
"""

import fcntl
import os
import shutil
from pathlib import Path

from lab import scratch
from lab.storage.outbox import GuestFile, OpenGuestFile, files

FICLONE = 0x40049409
LARGE = 64 << 20
_PIECE = 64 << 20
SEALED = 0o444


def copy(file: GuestFile, target: Path, mode: int = 0o644) -> None:
    """A new file with the bytes and the time of change of another; OSError where that is no plain file."""
    with file.opened() as source:
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if not shared(source.descriptor, made):
                _copied(source, made)
            changed = os.fstat(source.descriptor).st_mtime_ns
            os.utime(made, ns=(changed, changed))
            os.fchmod(made, mode)
        finally:
            os.close(made)


def shared(source: int, target: int) -> bool:
    """Whether the file system let the new file share the old one's blocks, which costs neither time nor space."""
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError:
        return False
    return True


def _copied(source: OpenGuestFile, target: int) -> None:
    done = 0
    while done < source.size:
        moved = os.sendfile(target, source.descriptor, done, min(_PIECE, source.size - done))
        if not moved:
            raise OSError("it became shorter while it was copied")
        done += moved


def tree(source: Path, target: Path) -> None:
    """A step's whole folder again, complete or not at all; OSError where something in it is neither file nor folder."""
    with scratch.folder_beside(target) as room:
        fresh = room / "whole"
        fresh.mkdir()
        for file in files(source, strict=True):
            at = fresh / file.name
            if not at.parent.is_dir():
                at.parent.mkdir(parents=True)
                _readable(at.parent, fresh)
            again(file, at)
        fresh.chmod(0o755)
        fresh.rename(target)


def _readable(folder: Path, root: Path) -> None:
    """Folders that whoever a container runs as can enter, whatever this user's umask is."""
    while folder != root:
        folder.chmod(0o755)
        folder = folder.parent


def again(file: GuestFile, target: Path) -> None:
    """The file once more: under a second name only where a copy would cost and nobody can write to either."""
    with file.opened() as source:
        facts = os.fstat(source.descriptor)
        if facts.st_size > LARGE and not facts.st_mode & 0o222 and _linked(source.descriptor, target):
            return
    copy(file, target, SEALED)


def _linked(source: int, target: Path) -> bool:
    """Whether the file got a second name; not where its blocks can be shared, and not where the file system has no links."""
    made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        can_share = shared(source, made)
    finally:
        os.close(made)
        target.unlink()
    return not can_share and named_again(f"/proc/self/fd/{source}", target)


def named_again(source: Path | str, target: Path | str) -> bool:
    """Give a file a second name; False where the file system gives none, for whatever reason. A taken name is FileExistsError.

    Whoever makes a copy then hears what else is wrong: FAT, shares and other disks say it in many ways.
    """
    here = os.open("/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Only with a folder to begin at does Python ask the kernel to follow /proc's names of open files.
        os.link(source, target, src_dir_fd=None if not Path(source).is_absolute() else here, follow_symlinks=True)
    except FileExistsError:
        raise
    except OSError:
        return False
    finally:
        os.close(here)
    return True


def link(source: Path | str, target: Path | str) -> None:
    """A second name for a file that nobody changes, or a copy of it where the file system gives none."""
    if not named_again(source, target):
        shutil.copy2(source, target)
