"""What a step left, written down as it was: sizes, times of change and hashes, so that nothing changed is ever believed.

A seal is looked at whenever a step is taken over. Size and time of change come first; where the time is another one, the
bytes decide, because a file may be copied, restored from elsewhere, or touched, and still be the same.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from lab.model import StoredFile
from lab.storage.outbox import GuestFile, files
from lab.text import clean

MODE = 0o444


def seal(out: Path) -> dict[str, StoredFile]:
    """Every file below a step's folder with its size, time of change and hash; from now on nobody may write to them.

    OSError where one cannot be read, or something that is no plain file lies there.
    """
    return {written(file.name): _sealed(file) for file in files(out, strict=True)}


def _sealed(file: GuestFile) -> StoredFile:
    with file.opened() as source:
        facts = os.fstat(source.descriptor)
        if facts.st_uid == os.getuid() or os.getuid() == 0:
            os.fchmod(source.descriptor, MODE)
        return StoredFile(size=source.size, changed=facts.st_mtime_ns, sha256=source.sha256())


def damage(out: Path, sealed: Mapping[str, StoredFile]) -> str:
    """What is not as it was sealed, in words; empty where all is."""
    try:
        found = {written(file.name): file for file in files(out, strict=True)}
    except OSError as error:
        return f"its files cannot be read: {error.strerror or error}"
    for name in sorted(sealed.keys() | found.keys()):
        if name not in found:
            return f"{clean(name, 200)} is gone"
        if name not in sealed:
            return f"{clean(name, 200)} was not there when it was made"
        try:
            if not _same(found[name], sealed[name]):
                return f"{clean(name, 200)} was changed since it was made"
        except OSError as error:
            return f"{clean(name, 200)} cannot be read: {error.strerror or error}"
    return ""


def _same(file: GuestFile, sealed: StoredFile) -> bool:
    with file.opened() as source:
        if source.size != sealed.size:
            return False
        changed = os.fstat(source.descriptor).st_mtime_ns
        return changed == sealed.changed or source.sha256() == sealed.sha256


def written(name: str) -> str:
    """A file's name as JSON can hold it, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
