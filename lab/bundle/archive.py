"""Bundles on disk: written so that the same files give the same bytes, read as the hostile data they may be."""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab.bundle import manifest
from lab.errors import BundleError

LARGEST = 24 * 1024**2
"""Bytes of a bundle: the tracker of Paddle takes attachments up to 25 MB."""

STAMP = 315_532_800  # 1980-01-01: some programs warn of files from 1970
BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
SMALL, HARD = 1 << 20, 9
"""Up to so many bytes it costs nothing to squeeze as hard as can be."""
ALIKE = (
    "closeness.py", "repro.py", "routes.py", "scenario.py", "ISSUE.md", "saved/model/net.json", "results.json", "PROOF.json",
    "env/", "logs/", "README.md", "run.sh", "Dockerfile.", "requirements.", manifest.NAME,
)  # fmt: skip
"""Files, or how their paths begin, each behind one that says much the same, so that it is squeezed once; all others come after."""
SQUEEZE = 3  # weights hardly get smaller by more, and it takes half as long again
EXECUTABLE = (".sh",)


@dataclass(frozen=True, kw_only=True)
class Caps:
    """How much a foreign archive may unpack to: bytes of the file, members, bytes in all, and bytes per byte read."""

    archive: int = 32 * 1024**2
    members: int = 1_000
    total: int = 512 * 1024**2
    ratio: int = 200
    free: int = 16 * 1024**2


PRIVATE = Caps(archive=1 << 50, total=1 << 50)
"""For a bundle of any size, handed over by somebody who is known: what it unpacks to is bounded by what it weighs."""


def pack(name: str, files: Mapping[str, bytes]) -> bytes:
    """The archive of `files` (path -> content) below one folder `name`, with their manifest: no times, no owners."""
    whole = {**files, manifest.NAME: manifest.text(files).encode()}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as sink:
        for path in sorted(whole, key=lambda path: (_place(path), path)):
            sink.addfile(_member(f"{name}/{path}", len(whole[path])), io.BytesIO(whole[path]))
    squeezed = io.BytesIO()
    level = HARD if plain.tell() <= SMALL else SQUEEZE
    with gzip.GzipFile(filename="", mode="wb", fileobj=squeezed, mtime=0, compresslevel=level) as sink_gz:
        sink_gz.write(plain.getbuffer())
    return squeezed.getvalue()


def _place(path: str) -> int:
    """Where a file lies among those that say much the same."""
    return next((place for place, begin in enumerate(ALIKE) if path.startswith(begin)), len(ALIKE))


def _member(path: str, size: int) -> tarfile.TarInfo:
    found = tarfile.TarInfo(path)
    found.size, found.mtime = size, STAMP
    found.mode = 0o755 if path.endswith(EXECUTABLE) else 0o644
    return found


GZIP = b"\x1f\x8b"
"""How every archive of this kind begins."""


def unpack(archive: Path, target: Path, caps: Caps | None = None) -> tuple[str, ...]:
    """Unpack a bundle into the new folder `target` and check every byte against its manifest; gives the paths in it.

    Only plain files below one folder are taken: any other kind of member, a path that leads elsewhere, a name given
    twice, or more than `caps` allows is a BundleError, and nothing outside `target` is ever written.
    """
    caps = caps or Caps()
    target.mkdir(mode=0o755)
    seen: dict[str, str] = {}
    try:
        size = archive.stat().st_size
        if size > caps.archive:
            raise BundleError.refused(f"it has {size} bytes, and {caps.archive} is the most a bundle may have")
        with archive.open("rb") as raw:
            if raw.read(len(GZIP)) != GZIP:
                raise BundleError.refused("it is no archive that lab bundle wrote")
        with archive.open("rb") as raw, gzip.GzipFile(fileobj=raw) as stream:
            bounded = _Bounded(stream, min(caps.total, caps.free + caps.ratio * size))
            for path, length in _members(bounded, caps.members):
                _claim(path, seen)
                seen[path] = _write(bounded, target / path, length)
            _ended(bounded)
    except (OSError, EOFError, zlib.error, tarfile.HeaderError, UnicodeDecodeError) as error:
        raise BundleError.refused(f"it is damaged or cut off: {error}") from error
    manifest.check(target, seen)
    return tuple(sorted(seen))


class _Bounded:
    """A stream that gives no more bytes than it may, however much they were squeezed."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, most: int) -> None:
        self._stream, self._left, self._most = stream, most, most

    def take(self, length: int) -> bytes:
        """Exactly `length` bytes, or fewer at the end."""
        if length > self._left:
            raise BundleError.refused(f"it unpacks to more than {self._most} bytes")
        return self.most(length)

    def most(self, length: int) -> bytes:
        """At most `length` bytes."""
        data = self._stream.read(min(length, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise BundleError.refused(f"it unpacks to more than {self._most} bytes")
        return data


def _members(stream: _Bounded, most: int) -> Iterator[tuple[str, int]]:
    """Path and size of each file; the caller reads its content before it asks for the next."""
    top = ""
    for count in range(most + 1):
        header = stream.take(BLOCK)
        if header.strip(b"\0") == b"":
            return
        if count == most:
            break
        member = tarfile.TarInfo.frombuf(header, "utf-8", "strict") if len(header) == BLOCK else None
        if member is None:
            raise BundleError.refused("it is cut off in a header")
        if member.size < 0:  # a reader takes "fewer than none" for all there is
            raise BundleError.refused(f"{_shown(member.name)} has {member.size} bytes")
        if member.type == tarfile.DIRTYPE and member.size == 0:
            _parts(member.name)
            continue
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BundleError.refused(
                f"{_shown(member.name)} is not a plain file (type {member.type!r}): links and devices are refused"
            )
        parts = _parts(member.name)
        top = top or parts[0]
        if len(parts) < 2 or parts[0] != top:  # noqa: PLR2004 - the folder and at least a name
            raise BundleError.refused(f"{_shown(member.name)} does not lie below the one folder of the bundle")
        yield "/".join(parts[1:]), member.size
    raise BundleError.refused(f"it has more than {most} members")


def _ended(stream: _Bounded) -> None:
    """Read what follows the end mark, so that the checksum at the end of the file is looked at too."""
    while rest := stream.most(CHUNK):
        if rest.strip(b"\0"):
            raise BundleError.refused("something stands behind its end")


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a member's path; BundleError for one that could lead out of the target or hide what it is."""
    parts = tuple(name.rstrip("/").split("/"))
    odd = any(part in ("", ".", "..") or len(part) > 200 for part in parts)  # noqa: PLR2004 - file systems end at 255
    if odd or "\\" in name or ":" in name or not name.isprintable():
        raise BundleError.refused(f"the path {_shown(name)} leads elsewhere or has characters that no bundle needs")
    return parts


def _claim(path: str, seen: Mapping[str, str]) -> None:
    """Refuse a path that comes twice, also where only upper and lower case differ."""
    if path.casefold() in {one.casefold() for one in seen}:
        raise BundleError.refused(f"{_shown(path)} is in it twice")


def _write(stream: _Bounded, path: Path, length: int) -> str:
    """Write one member's bytes to a file that did not exist, and give their sha256."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    left = length
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "wb") as sink:
        while left:
            data = stream.take(min(left, CHUNK))
            if not data:
                raise BundleError.refused(f"it is cut off inside {_shown(path.name)}")
            sink.write(data)
            digest.update(data)
            left -= len(data)
    stream.take(-length % BLOCK)
    return digest.hexdigest()


def _shown(text: str) -> str:
    return ascii(text[:120])
