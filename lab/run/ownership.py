"""Who is at work on a run, told by locks, and what a killed lab left in the folders of its run."""

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lab.errors import UsageError
from lab.storage.store import Store

LOCK = "run.lock"
OPEN = "open"
"""The folder beside the runs with one empty file for each run that a lab is at work on; a killed lab's file stays there."""


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Hold a run's folder: a second lab that wants to work on it is told so, and whoever is killed leaves a mark of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another lab is at work on run {folder.name}", "wait for it, or start a new run"
            ) from error
        with _marked(folder.parent.parent / OPEN / folder.name):
            yield


def clear_killed(kept: Store) -> None:
    """Remove the pipes of runs whose lab was killed: whoever reads such a folder would wait for ever."""
    marks = kept.root / OPEN
    for mark in sorted(marks.iterdir()) if marks.is_dir() else ():
        with contextlib.suppress(OSError), mark.open("a", encoding="ascii") as handle:  # held, or gone meanwhile
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _without_pipes(kept.folder(mark.name))
            mark.unlink()


@contextlib.contextmanager
def _marked(mark: Path) -> Iterator[None]:
    mark.parent.mkdir(exist_ok=True)
    handle = _held(mark)
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)
        handle.close()


def _held(mark: Path) -> IO[str]:
    """The mark, held; made again where the lab that clears up took it away in between."""
    while True:
        handle = mark.open("a", encoding="ascii")
        with contextlib.suppress(
            OSError
        ):  # on a file system without locks nobody holds anything, and nothing is cleared
            fcntl.flock(handle, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), mark.stat()):
                return handle
        handle.close()


def _without_pipes(folder: Path) -> None:
    for place, _folders, files in os.walk(folder):
        for name in files:
            path = Path(place, name)
            if stat.S_ISFIFO(path.lstat().st_mode):
                path.unlink()
