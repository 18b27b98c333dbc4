"""What a container wrote, and the only door to it: no link is followed, no pipe waited for, nothing read without a bound.

A folder that a container may write to is the lab's own; every name below it is a stranger's, until the last process of the
container is gone and for ever after. `tests/unit/test_doors.py` holds that nothing else in the lab opens such files.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PIECE = 1 << 20
DEEPEST = 64
MOST_FILES = 100_000
CUT = b"\n[...]\n"


@dataclass(frozen=True, kw_only=True)
class OpenGuestFile:
    """A plain file of a container, open for reading by position; `size` in bytes, as it was when it was opened."""

    descriptor: int
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, one megabyte at a time, never more than it had when it was opened."""
        for start in range(0, self.size, _PIECE):
            yield os.pread(self.descriptor, min(_PIECE, self.size - start), start)

    def sha256(self) -> str:
        """The hash of its bytes."""
        made = hashlib.sha256()
        for piece in self.pieces():
            made.update(piece)
        return made.hexdigest()


@dataclass(frozen=True, kw_only=True)
class GuestFile:
    """One file that a container may have left: `out` is the lab's folder, every part of `name` is the container's.

    Every reading raises OSError, with the reason as its `strerror`, where something else than a plain file lies there.
    """

    out: Path
    name: str

    @property
    def label(self) -> str:
        """Its own name, for people."""
        return self.name.rpartition("/")[2]

    def beside(self, ending: str) -> "GuestFile":
        """The file of the same name with another ending, such as ".json"."""
        return GuestFile(out=self.out, name=self.name.rpartition(".")[0] + ending)

    @property
    def plain(self) -> bool:
        """Whether a plain file lies there."""
        try:
            with self.opened():
                return True
        except OSError:
            return False

    @contextmanager
    def opened(self, most: int | None = None) -> Iterator[OpenGuestFile]:
        """The file, opened part by part from the lab's folder; `most` is the largest size (bytes) that is taken."""
        descriptor = _opened(self.out, self.name)
        try:
            facts = os.fstat(descriptor)
            _acceptable(facts)
            if most is not None and facts.st_size > most:
                raise OSError(errno.EFBIG, f"it has {facts.st_size:,} bytes, and at most {most:,} are read")
            yield OpenGuestFile(descriptor=descriptor, size=facts.st_size)
        finally:
            os.close(descriptor)

    def read(self, most: int) -> bytes:
        """All of it; OSError where it has more than `most` bytes."""
        with self.opened(most) as file:
            return b"".join(file.pieces())

    def ends(self, most: int) -> bytes:
        """All of it, or its beginning and its end where it has more than `most` bytes."""
        with self.opened() as file:
            if file.size <= most:
                return b"".join(file.pieces())
            half = most // 2
            return os.pread(file.descriptor, half, 0) + CUT + os.pread(file.descriptor, half, file.size - half)


def _opened(out: Path, name: str) -> int:
    """A descriptor of the file, which is not looked at yet, but for what would do something when it is opened."""
    *folders, last = name.split("/")
    if any(part in ("", ".", "..") for part in (*folders, last)):
        raise OSError(errno.EINVAL, "its name leaves its folder")
    here = os.open(out, FOLDER)
    try:
        for part in folders:
            below = os.open(part, FOLDER, dir_fd=here)
            os.close(here)
            here = below
        _acceptable(os.stat(last, dir_fd=here, follow_symlinks=False))
        return os.open(last, _FILE, dir_fd=here)
    finally:
        os.close(here)


def _acceptable(facts: os.stat_result) -> None:
    why = unacceptable(facts)
    if why:
        raise OSError(errno.ELOOP, f"it is {why}")


def unacceptable(facts: os.stat_result) -> str:
    """What a thing is, in words, where it is no plain file of its own; empty where it is.

    A second name is accepted of a file that nobody may write: so the lab keeps large files twice without their space.
    """
    kinds = (
        (stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
    )  # fmt: skip
    for is_kind, words in kinds:
        if is_kind(facts.st_mode):
            return words
    sealed = not facts.st_mode & 0o222
    return f"a file of {facts.st_nlink} names" if facts.st_nlink > 1 and not sealed else ""


def log(folder: Path, stream: str = "stderr") -> GuestFile:
    """What a step printed, by the folder of the step."""
    return GuestFile(out=folder / "out", name=f"{stream}.log")


def outputs(out: Path) -> GuestFile:
    """The arrays a step answered with; their names lie beside them."""
    return GuestFile(out=out, name="outputs.npz")


def files(out: Path, below: str = "", *, strict: bool = False) -> tuple[GuestFile, ...]:
    """Every plain file below a folder that a container wrote to, sorted by name; what is none is passed over.

    OSError where there are more than MOST_FILES of them, or one lies more than DEEPEST folders deep; where `strict`, also
    where something that is none lies among them.
    """
    found: list[GuestFile] = []
    waiting = [below]
    while waiting:
        folder = waiting.pop()
        if folder.count("/") > DEEPEST:
            raise OSError(errno.EFBIG, f"it has folders more than {DEEPEST} deep")
        for name, facts in _listed(out, folder):
            if stat.S_ISDIR(facts.st_mode):
                waiting.append(name)
            elif not (why := unacceptable(facts)):
                found.append(GuestFile(out=out, name=name))
            elif strict:
                raise OSError(errno.ELOOP, f"{name} is {why}")
            if len(found) + len(waiting) > MOST_FILES:
                raise OSError(errno.EFBIG, f"it has more than {MOST_FILES:,} files")
    return tuple(sorted(found, key=lambda one: one.name))


def _listed(out: Path, folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """What lies in one folder, with its facts; nothing where the folder is none."""
    here = os.open(out, FOLDER)
    try:
        for part in folder.split("/") if folder else ():
            below = os.open(part, FOLDER, dir_fd=here)
            os.close(here)
            here = below
        with os.scandir(here) as entries:
            for entry in entries:
                yield (f"{folder}/{entry.name}" if folder else entry.name), entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return
    finally:
        os.close(here)
