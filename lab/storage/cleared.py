"""Right after a container ended: whatever in its folder is no plain file and no folder goes, and is named."""

import contextlib
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab import scratch
from lab.storage.outbox import DEEPEST, MOST_FILES, unacceptable
from lab.text import clean

NAMED = 5
LONGEST = 3_000
"""Bytes of a path: a longer one is near what the system takes at all."""


@dataclass(kw_only=True)
class Removed:
    """What was taken away: the first few by name, all of them counted; what could not be removed is named as that."""

    named: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    names_of: set[tuple[int, int]] = field(default_factory=set)

    def add(self, name: str, what: str) -> None:
        """Count one thing."""
        self.kinds[what] += 1
        if len(self.named) < NAMED:
            self.named.append(f"{clean(os.fsencode(name).decode('utf-8', 'replace'), 100)} ({what})")

    def what(self, facts: os.stat_result) -> str:
        """Why a thing must go; also the last name of a file that had several, which looks like any other file."""
        why, inode = unacceptable(facts), (facts.st_dev, facts.st_ino)
        if why and facts.st_nlink > 1:
            self.names_of.add(inode)
        return why or ("a file of several names" if inode in self.names_of else "")

    @property
    def sentence(self) -> str:
        """What was removed, in one sentence; empty where nothing was."""
        total = self.kinds.total()
        more = f" and {total - len(self.named)} more" if total > len(self.named) else ""
        return f"removed from what the container wrote: {', '.join(self.named)}{more}" if total else ""


def clear(out: Path) -> str:
    """Remove everything that is neither plain file nor folder, and what lies deeper than any model does.

    Gives one sentence that names it, empty where nothing was removed. Links are removed and never followed; no process of
    the container lives any more. Bounded: from MOST_FILES entries on, the rest goes without being looked at.
    """
    gone, seen = Removed(), 0
    waiting = [(out, 0)]
    while waiting:
        folder, depth = waiting.pop()
        for entry in _entries(folder, gone):
            seen += 1
            path, name = Path(entry.path), os.path.relpath(entry.path, out)
            beyond = "beyond the most files" if seen > MOST_FILES else ""
            try:
                if not entry.is_dir(follow_symlinks=False):
                    why = beyond or gone.what(entry.stat(follow_symlinks=False))
                    if why:
                        path.unlink()
                        gone.add(name, why)
                    elif not os.access(path, os.R_OK):
                        path.chmod(0o644)
                elif beyond or depth >= DEEPEST or len(os.fsencode(path)) > LONGEST:
                    uproot(path, out)
                    gone.add(name, beyond or f"a folder more than {DEEPEST} deep")
                else:
                    waiting.append((path, depth + 1))
            except OSError as error:
                gone.add(name, f"could not be removed: {error.strerror}")
    return gone.sentence


def _entries(folder: Path, gone: Removed) -> list["os.DirEntry[str]"]:
    """What lies in a folder, as it stands; one that cannot be read is named."""
    try:
        return list(_opened(folder))
    except OSError as error:
        gone.add(folder.name, f"could not be looked at: {error.strerror}")
        return []


def _opened(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """The entries of a folder that is no link; one that its maker shut is opened again, where the lab may."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        folder.chmod(0o777)  # its maker is gone, so that it still is the folder that was listed
    with os.scandir(folder) as entries:
        yield from entries


def uproot(folder: Path, out: Path) -> None:
    """Remove a folder however deep it is, by way of a room in `out`: a lab that is killed meanwhile leaves no half of it."""
    with scratch.folder_beside(out / "uprooted") as room:
        scratch.uproot(folder.rename(room / "folder"))


def remove(folder: Path) -> None:
    """Remove what an earlier try left in a folder, if anything, however deep; what cannot go stays, as it always may."""
    with contextlib.suppress(OSError):
        if folder.is_symlink():
            folder.unlink()
        elif folder.is_dir():
            uproot(folder, folder.parent)
