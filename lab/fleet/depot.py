"""Files by their content: what a host or a driver gives to others in pieces, and what it takes from them, hash first."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import scratch
from lab.errors import InfraError
from lab.fleet.wire import INLINE, PIECE, Blob, is_hash
from lab.machine import refused
from lab.storage import copies
from lab.storage.outbox import GuestFile

ROOM = 20 << 30
"""Bytes that a depot keeps; what was used longest ago goes first."""
SEALED = 0o444

Pieces = Callable[[Blob], Iterable[bytes]]
"""Brings the bytes of a file from somebody who has it."""


@dataclass(kw_only=True)
class Offers:
    """Files that others may read by hash while a command works; nothing is copied, and a changed file fails the other's check."""

    _files: dict[str, GuestFile] = field(default_factory=dict)
    _hashes: dict[tuple[GuestFile, int, int], str] = field(default_factory=dict)

    def add(self, file: GuestFile, path: str) -> Blob:
        """Offer a file under a path of its own choice; OSError where it is no plain file. It is read once while it stays as it is."""
        with file.opened() as source:
            mark = (file, source.size, os.fstat(source.descriptor).st_mtime_ns)
            if mark not in self._hashes:
                self._hashes[mark] = source.sha256()
            blob = Blob(path=path, sha256=self._hashes[mark], size=source.size)
        self._files[blob.sha256] = file
        return blob

    def piece(self, sha256: str, offset: int, size: int) -> bytes:
        """Some bytes of an offered file; OSError where there is none, nothing beyond its end."""
        file = self._files.get(sha256)
        if file is None:
            raise FileNotFoundError(f"nothing is offered under {sha256[:12]}")
        return _piece(file, offset, size)


@dataclass(frozen=True, kw_only=True)
class Depot:
    """A folder of files named by their sha256, which nobody writes to again."""

    root: Path
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False)

    def path(self, sha256: str) -> Path:
        """Where a file lies, or would."""
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether it is here."""
        return is_hash(sha256) and self.path(sha256).is_file()

    def keep(self, file: GuestFile, path: str) -> Blob:
        """Take in a plain file of a step, and name it as a manifest does; small ones also carry their content."""
        with file.opened() as source:
            blob = Blob(path=path, sha256=source.sha256(), size=source.size)
        home = self.path(blob.sha256)
        if not home.exists():
            home.parent.mkdir(parents=True, exist_ok=True)
            with scratch.folder_beside(home) as room:
                copies.copy(file, room / "file", SEALED)
                (room / "file").replace(home)
        return (
            blob if blob.size > INLINE else Blob(path=path, sha256=blob.sha256, size=blob.size, data=file.read(INLINE))
        )

    def take(self, blob: Blob, pieces: Iterable[bytes]) -> None:
        """Take in a file as it comes; ValueError, and nothing kept, where it has another size or hash than was said."""
        home, digest, size = self.path(blob.sha256), hashlib.sha256(), 0
        home.parent.mkdir(parents=True, exist_ok=True)
        with scratch.file_beside(home) as fresh:
            with fresh.open("wb") as sink:
                for piece in pieces:
                    size += len(piece)
                    if size > blob.size:
                        raise ValueError(
                            f"{blob.path[:200]!r} has more than the {blob.size:,} bytes it was listed with"
                        )
                    digest.update(piece)
                    sink.write(piece)
            if size != blob.size or digest.hexdigest() != blob.sha256:
                raise ValueError(f"{blob.path[:200]!r} came with another content than its hash")
            fresh.chmod(SEALED)
            fresh.replace(home)

    def lay_out(self, files: Sequence[Blob], folder: Path, pieces: Pieces) -> int:
        """Put checked files below a new folder, readable by whoever a container runs as; returns how many bytes were brought.

        ValueError for content that is not what was listed, OSError of whoever should have given it; `wire.hostile` has been asked.
        """
        brought = 0
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        for blob in files:
            target = folder / blob.path
            for parent in reversed(target.relative_to(folder).parents[:-1]):
                (folder / parent).mkdir(exist_ok=True)
                (folder / parent).chmod(0o755)
            brought += self.ensure(blob, pieces)
            copies.copy(GuestFile(out=self.path(blob.sha256).parent, name=blob.sha256), target, SEALED)
        return brought

    def ensure(self, blob: Blob, pieces: Pieces) -> int:
        """See to it that a file is here; returns how many bytes came for that."""
        home = self.path(blob.sha256)
        if home.is_file():
            os.utime(home)
            return 0
        self.take(blob, [blob.data] if blob.data is not None else pieces(blob))
        return blob.size

    def piece(self, sha256: str, offset: int, size: int) -> bytes:
        """Some bytes of a kept file; OSError where it is not here."""
        if not self.has(sha256):
            raise FileNotFoundError(f"there is no file {sha256[:12]}")
        return _piece(GuestFile(out=self.path(sha256).parent, name=sha256), offset, size)

    def prune(self, room: int = ROOM) -> int:
        """Remove what was used longest ago until the rest has `room` bytes; returns how many files went."""
        with self.lock:
            found = sorted(
                (facts.st_mtime_ns, facts.st_size, path)
                for path in self.root.glob("??/*")
                if is_hash(path.name) and (facts := path.stat())
            )
            over, gone = sum(size for _, size, _ in found) - room, 0
            for _, size, path in found:
                if over <= 0:
                    break
                path.unlink(missing_ok=True)
                over, gone = over - size, gone + 1
            return gone


def _piece(file: GuestFile, offset: int, size: int) -> bytes:
    with file.opened() as source:
        if not 0 <= offset <= source.size or not 0 < size <= PIECE:
            raise ValueError("a piece of a file lies inside it and has at most 8 MiB")
        return os.pread(source.descriptor, size, offset)


def full(error: OSError, where: Path) -> InfraError:
    """A disk that takes nothing any more, as the lab says it."""
    return InfraError(f"{where} could not be written: {error.strerror or error}", refused.ROOM)
