"""A rendered report put in its place: a reader sees the old one or the new one, never half of either."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab import scratch
from lab.errors import InfraError, UsageError
from lab.site import MARK
from lab.storage import handover


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where a report lies, how many files it has, and the size of its first page in bytes."""

    folder: Path
    files: int
    first: int


def put(files: Iterable[tuple[str, bytes]], folder: Path) -> Written:
    """Write all files beside their place and move them in as one; an older report there is replaced.

    UsageError where something else lies there or nobody may write; InfraError where the disk is full. Either way nothing is half-written.
    """
    refuse(folder)
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        with scratch.folder_beside(folder.absolute()) as room:
            written = _fill(files, room / "new", folder)
            _swap(room, folder)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = f"{folder} could not be written: {error.strerror}"
        if not full:
            raise UsageError(what, "name a folder that you may write to: lab report -o DIR") from error
        raise InfraError(what, "free disk space; nothing was lost") from error
    return written


def refuse(folder: Path) -> None:
    """UsageError where a report must not be put: on a file, or in a folder with something else in it."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a folder: lab report -o DIR")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UsageError(f"{folder} holds something that is no report", "name a new or an empty folder")


def _fill(files: Iterable[tuple[str, bytes]], fresh: Path, folder: Path) -> Written:
    count = first = 0
    for name, raw in files:
        data = handover.public(name, raw)
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        count += 1
        first = len(data) if name == "index.html" else first
    return Written(folder=folder, files=count, first=first)


def _swap(room: Path, folder: Path) -> None:
    if folder.exists():
        folder.rename(room / "old")
    (room / "new").rename(folder)
