"""Files by their content: what a host or a driver gives to others in pieces, and what it takes from them, hash first."""

import contextlib
import fcntl
import hashlib
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab import scratch
from lab.errors import InfraError
from lab.fleet.file_carrier import UngivenError
from lab.fleet.wire import INLINE, PIECE, Blob, is_hash
from lab.machine import refused
from lab.storage import copies
from lab.storage.outbox import GuestFile, OpenGuestFile

ROOM = 20 << 30
"""Bytes that a depot keeps; what was used longest ago goes first."""
SEALED = 0o444

BEGUN = ".begun"
"""What a file is called of which only the beginning came: whoever has the rest gives that alone."""
_READ = 1 << 20

Giver = Callable[[Blob, int, int], Generator[int, None, None]]
"""Writes a file to a descriptor from an offset on; gives the end of what is there without a gap, as it grows.

`UngivenError`, another OSError, or a generator that ends early: the file did not come, or the disk does not take it.
"""


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

    @contextlib.contextmanager
    def opened(self, sha256: str) -> Iterator[OpenGuestFile]:
        """An offered file; FileNotFoundError where there is none."""
        file = self._files.get(sha256)
        if file is None:
            raise FileNotFoundError(f"nothing is offered under {sha256[:12]}")
        with file.opened() as source:
            yield source


@dataclass(frozen=True, kw_only=True)
class Depot:
    """A folder of files named by their sha256, which nobody writes to again."""

    root: Path
    shares: bool = False
    """Whether large files get a second name where they are laid out: only where nothing that runs there could write to them."""
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

    def take(self, blob: Blob, giver: Giver) -> None:
        """Take in a file as it comes; ValueError, and nothing kept, where it has another size or hash than was said.

        What came before it was cut off is kept, and only the rest is asked for the next time.
        """
        home = self.path(blob.sha256)
        home.parent.mkdir(parents=True, exist_ok=True)
        with scratch.file_beside(home) as fresh, _gone_on(home, fresh, blob.size) as start:
            right = self._filled(blob, fresh, giver, start)
            if not right and start:  # the beginning was somebody else's, and may be what is wrong
                fresh.write_bytes(b"")
                right = self._filled(blob, fresh, giver, 0)
            if not right:
                raise ValueError(f"{blob.path[:200]!r} came with another content than its hash")
            fresh.chmod(SEALED)
            fresh.replace(home)

    def _filled(self, blob: Blob, fresh: Path, giver: Giver, start: int) -> bool:
        """Let a file come, and read its hash from the disk behind it; whether it is the one that was said."""
        digest, read, end = hashlib.sha256(), 0, start
        sink = os.open(fresh, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            with contextlib.closing(giver(blob, sink, start)) as coming:
                read = _hashed(sink, digest, 0, start)
                for end in coming:
                    read = _hashed(sink, digest, read, end)
            return os.fstat(sink).st_size == blob.size == read and digest.hexdigest() == blob.sha256
        except OSError:
            if end >= PIECE:
                os.ftruncate(sink, end)
                fresh.replace(_begun(self.path(blob.sha256)))
            raise
        finally:
            os.close(sink)

    def lay_out(self, files: Sequence[Blob], folder: Path, givers: Sequence[Giver]) -> int:
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
            brought += self.ensure(blob, givers)
            kept = GuestFile(out=self.path(blob.sha256).parent, name=blob.sha256)
            if self.shares:
                copies.again(kept, target)
            else:
                copies.copy(kept, target, SEALED)
        return brought

    def ensure(self, blob: Blob, givers: Sequence[Giver]) -> int:
        """See to it that a file is here, from the first who gives it; returns how many bytes came for that."""
        home = self.path(blob.sha256)
        if home.is_file():
            os.utime(home)
            return 0
        if blob.data is not None:
            self.take(blob, given(blob.data))
            return blob.size
        failed: list[OSError | ValueError] = []
        for giver in givers:
            try:
                self.take(blob, giver)
            except (UngivenError, ValueError) as error:
                failed.append(error)
            else:
                return blob.size
        if len(failed) == 1:
            raise failed[0]
        why = "; ".join(str(one) for one in failed) or "nobody was named"
        raise UngivenError(f"nobody gives {blob.path[:200]!r} ({why})")

    @contextlib.contextmanager
    def opened(self, sha256: str) -> Iterator[OpenGuestFile]:
        """A kept file; FileNotFoundError where it is not here."""
        if not self.has(sha256):
            raise FileNotFoundError(f"there is no file {sha256[:12]}")
        with GuestFile(out=self.path(sha256).parent, name=sha256).opened() as source:
            yield source

    def prune(self, room: int = ROOM) -> int:
        """Remove what was used longest ago until the rest has `room` bytes; returns how many files went."""
        with self.lock:
            found = sorted(
                (facts.st_mtime_ns, facts.st_size, path)
                for path in self.root.glob("??/*")
                if is_hash(path.name.removesuffix(BEGUN)) and (facts := path.stat())
            )
            over, gone = sum(size for _, size, _ in found) - room, 0
            for _, size, path in found:
                if over <= 0:
                    break
                path.unlink(missing_ok=True)
                over, gone = over - size, gone + 1
            return gone


def given(data: bytes) -> Giver:
    """A giver of what is at hand."""

    def write(blob: Blob, sink: int, start: int) -> Generator[int, None, None]:
        del blob
        yield start + os.pwrite(sink, data[start:], start)

    return write


def _begun(home: Path) -> Path:
    return home.with_name(home.name + BEGUN)


@contextlib.contextmanager
def _gone_on(home: Path, fresh: Path, size: int) -> Iterator[int]:
    """Put the beginning that came before into a new file's place, held as that is; gives its bytes, 0 where there is none."""
    begun, here = _begun(home), 0
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):  # there is none, or another pull goes on with it
            descriptor = os.open(begun, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            begun.replace(fresh)
            here = os.fstat(descriptor).st_size
        yield here if here < size else 0


def _hashed(source: int, digest: "hashlib._Hash", start: int, end: int) -> int:
    """Read a part of a file into its hash; returns where that ended."""
    room = memoryview(bytearray(min(_READ, max(end - start, 1))))
    while start < end:
        count = os.preadv(source, [room[: min(len(room), end - start)]], start)
        if not count:
            break
        digest.update(room[:count])
        start += count
    return start


def full(error: OSError, where: Path) -> InfraError:
    """A disk that takes nothing any more, as the lab says it."""
    return InfraError(f"{where} could not be written: {error.strerror or error}", refused.ROOM)
