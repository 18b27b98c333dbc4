"""The one door for unfinished work: folders and files that are gone at the end, also where their process was killed.

Each is held by a lock on itself while its process lives, whatever namespace that is in; whoever makes the next one in the
same place removes those that nobody holds any more.
"""

import contextlib
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

_OWNER = "paddle-repro-lab-"
_END = ".part"
_LONGEST = 100
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextlib.contextmanager
def folder(kind: str, within: Path | None = None) -> Iterator[Path]:
    """A new private folder, among this machine's temporary files or `within` a folder of the lab's; gone with the block."""
    parent = Path(tempfile.gettempdir()) if within is None else within
    sweep(parent)
    with _held_folder(parent, f"{_OWNER}{kind}-", 0o700) as made:
        yield made


@contextlib.contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A new folder beside a place, for what is moved there when it is whole; gone with the block, and all that is in it."""
    begin = _beside(target)
    sweep(target.parent, begin)
    with _held_folder(target.parent, begin, 0o777) as made:
        yield made


@contextlib.contextmanager
def file_beside(target: Path) -> Iterator[Path]:
    """A new file beside the place it is moved to when it is whole; gone with the block where it was not moved."""
    begin = _beside(target)
    sweep(target.parent, begin)
    with _held_file(target.parent, begin) as made:
        yield made


def sweep(parent: Path, begin: str = _OWNER) -> None:
    """Remove from a folder what this user's killed processes left unfinished under such names; what is held stays."""
    try:
        with os.scandir(parent) as entries:
            left = [one for one in entries if one.name.startswith(begin) and one.name.endswith(_END)]
    except OSError:  # whoever makes something there next will say why that cannot be
        return
    for entry in left:
        with contextlib.suppress(OSError):  # held, or gone meanwhile
            _remove_unheld(entry)


def reap(*places: Path) -> None:
    """Remove what killed labs left among the temporary files of this machine, and in places of the lab's own."""
    for place in (Path(tempfile.gettempdir()), *places):
        sweep(place)


def uproot(folder: Path) -> None:
    """Remove a folder however deep it is: what lies deep is first moved up, so no path grows long and nothing recurses."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        for entry in _entries(here):
            path = Path(entry.path)
            if not entry.is_dir(follow_symlinks=False):
                path.unlink()
            elif here == folder:
                waiting.append(path)
            else:
                waiting.append(path.rename(folder / secrets.token_hex(8)))
        if here != folder:
            here.rmdir()
    folder.rmdir()


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    """The entries of a folder; one that its maker shut is opened again, where this user may."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        folder.chmod(0o777)
    with os.scandir(folder) as entries:
        return list(entries)


def _beside(target: Path) -> str:
    return f".{os.fsdecode(os.fsencode(target.name)[:_LONGEST])}."


def _unused(parent: Path, begin: str) -> Path:
    return parent / f"{begin}{secrets.token_hex(8)}{_END}"


@contextlib.contextmanager
def _held_folder(parent: Path, begin: str, mode: int) -> Iterator[Path]:
    while True:
        path = _unused(parent, begin)
        path.mkdir(mode=mode)
        try:
            descriptor = os.open(path, _FOLDER)
        except FileNotFoundError:  # another process took it for left behind
            continue
        if _take(descriptor, path):
            break
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):  # what cannot go stays, as it always may
            uproot(path)
        os.close(descriptor)


@contextlib.contextmanager
def _held_file(parent: Path, begin: str) -> Iterator[Path]:
    while True:
        path = _unused(parent, begin)
        descriptor = os.open(path, _FILE | os.O_CREAT | os.O_EXCL, 0o666)
        if _take(descriptor, path):
            break
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> bool:
    """Hold what was just made; false where another process took it for left behind in between, and removed it."""
    with contextlib.suppress(OSError):  # on a file system without locks nobody holds anything, and nobody sweeps
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(descriptor), path.lstat()):
            return True
    os.close(descriptor)
    return False


def _remove_unheld(entry: "os.DirEntry[str]") -> None:
    facts = entry.stat(follow_symlinks=False)
    if facts.st_uid != os.getuid() or entry.is_symlink():
        return
    of_folder = entry.is_dir(follow_symlinks=False)
    descriptor = os.open(entry.path, _FOLDER if of_folder else _FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        uproot(Path(entry.path)) if of_folder else Path(entry.path).unlink()
    finally:
        os.close(descriptor)
