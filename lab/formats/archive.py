"""The pickles inside a zip archive, judged without unpacking it: in memory, piece by piece, and only so much of it."""

import io
import os
import zipfile
import zlib
from dataclasses import dataclass, field

from lab.formats import pickled
from lab.formats.damage import MAX_NAME
from lab.formats.source import FileSource, MemorySource
from lab.text import clean

MAX_DIRECTORY = 1 << 20
"""Bytes of the archive's list of members."""
MAX_MEMBERS = 2000
"""Members looked at."""
MAX_MEMBER = 4 << 20
"""Bytes of one member looked at."""
MAX_TOTAL = 64 << 20
"""Bytes of all members looked at."""
_BROKEN = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)
_FOLLOWED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1


@dataclass(kw_only=True)
class ArchivedPickles:
    """The pickles by the names of their members, and what could not be looked at, in words."""

    pickles: list[tuple[str, pickled.Pickle]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


class _Window(io.RawIOBase):
    """The file for zipfile, which refuses to read more at once than an honest list of members takes."""

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning of the file")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        wanted = self._source.size - self._at if size is None or size < 0 else size
        if wanted > MAX_DIRECTORY:
            raise ValueError(f"its list of members has more than {MAX_DIRECTORY:,} bytes")
        data = self._source.some(self._at, wanted)
        self._at += len(data)
        return data


def read(source: FileSource) -> ArchivedPickles:
    """Judge every member that is a pickle; what is too large, encrypted or compressed in another way is named."""
    found = ArchivedPickles()
    try:
        with zipfile.ZipFile(_Window(source)) as archive:
            _members(archive, found)
    except _BROKEN as error:
        found.unread.append(clean(str(error), MAX_NAME) or type(error).__name__)
    return found


def _members(archive: zipfile.ZipFile, found: ArchivedPickles) -> None:
    total = 0
    members = [one for one in archive.infolist() if not one.is_dir()]
    for one in members[:MAX_MEMBERS]:
        name = clean(one.filename, MAX_NAME)
        if one.flag_bits & _ENCRYPTED or one.compress_type not in _FOLLOWED or total >= MAX_TOTAL:
            found.unread.append(name)
            continue
        with archive.open(one) as stream:
            data = stream.read(MAX_MEMBER + 1)
        total += len(data)
        _judge(name, data, found)
    if len(members) > MAX_MEMBERS:
        found.unread.append(f"{len(members) - MAX_MEMBERS:,} members")


def _judge(name: str, data: bytes, found: ArchivedPickles) -> None:
    """A member that is a pickle is judged; an archive in it, or one that is larger than the limit and may be a pickle, is named."""
    source = MemorySource(data=data[:MAX_MEMBER])
    if len(data) <= MAX_MEMBER and pickled.is_pickle(source):
        found.pickles.append((name, pickled.read(source)))
    elif data[:4] == b"PK\x03\x04" or (len(data) > MAX_MEMBER and pickled.may_go_on(source)):
        found.unread.append(name)
