"""One open file, read by position: a length in the file never decides how much memory is taken."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.errors import UsageError
from lab.formats.damage import DamageError
from lab.text import clean


class ByteSource(Protocol):
    """Bytes read by position; `size` in bytes."""

    @property
    def size(self) -> int:
        """How many there are."""

    def at(self, offset: int, length: int, what: str) -> bytes:
        """Exactly `length` bytes at `offset`; DamageError says inside what they end."""

    def some(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`, fewer at the end."""

    def whole(self, limit: int, what: str) -> bytes:
        """All bytes; DamageError where there are more than a file of this kind can have."""


@dataclass(frozen=True, kw_only=True)
class MemorySource:
    """Bytes that are in memory already, such as a member of an archive."""

    data: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def at(self, offset: int, length: int, what: str) -> bytes:
        """Exactly `length` bytes at `offset`; DamageError says inside what they end."""
        if length < 0 or offset + length > len(self.data):
            raise DamageError(f"truncated: the bytes end inside {what}", len(self.data))
        return self.data[offset : offset + length]

    def some(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`, fewer at the end."""
        return self.data[offset : offset + max(0, length)]

    def whole(self, limit: int, what: str) -> bytes:
        """All bytes; DamageError where there are more than a file of this kind can have."""
        if self.size > limit:
            raise DamageError(f"too large for {what}: {self.size:,} bytes, at most {limit:,} are read")
        return self.data


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """A regular file, open for reading; `size` in bytes."""

    descriptor: int
    size: int

    def at(self, offset: int, length: int, what: str) -> bytes:
        """Exactly `length` bytes at `offset`; DamageError says inside what the file ends."""
        if length < 0 or offset + length > self.size:
            raise DamageError(f"truncated: the file ends inside {what}", self.size)
        data = os.pread(self.descriptor, length, offset)
        if len(data) != length:
            raise DamageError(f"the file became shorter while {what} was read", offset + len(data))
        return data

    def some(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`, fewer at the end of the file."""
        return os.pread(self.descriptor, max(0, min(length, self.size - offset)), offset)

    def whole(self, limit: int, what: str) -> bytes:
        """All bytes; DamageError where there are more than a file of this kind can have."""
        if self.size > limit:
            raise DamageError(f"too large for {what}: {self.size:,} bytes, at most {limit:,} are read")
        return self.at(0, self.size, what)


@contextmanager
def opened(path: Path) -> Iterator[FileSource]:
    """A regular file as a Source; UsageError where it cannot be read or is no regular file."""
    try:
        # Without O_NONBLOCK a named pipe would wait for its writer for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(
            f"{clean(str(path), 400)} cannot be read: {error.strerror}", "check its name and its rights"
        ) from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise UsageError(
                f"{clean(str(path), 400)} is not a regular file", "name a model file, a prefix or a folder"
            )
        yield FileSource(descriptor=descriptor, size=facts.st_size)
    finally:
        os.close(descriptor)
