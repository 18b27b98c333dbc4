"""What travels between the driver of a run and a host: parcels and answers by content; no class of anybody is ever unpickled."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from lab.engine.protocol import Recipe
from lab.errors import InfraError
from lab.model import Place, Scenario, Step
from lab.run.order import Timing
from lab.storage.outbox import DEEPEST, MOST_FILES

PROTOCOL = 2
PIECE = 8 << 20
"""Bytes of a file that are asked for at once."""
INLINE = 64 << 10
"""Bytes of a file that may travel inside an answer; the rest is pulled by its hash."""
LARGEST = 64 << 20
"""Bytes of a whole parcel or answer."""
LONGEST_PATH = 1024
ROOMS = ("in", "out")
"""The folders of a step that an answer may have files in."""
RUN, STEP, SAVED = "<run>", "step", "saved"
"""What an outcome's text has in the place of the run's own folder, and what a host calls the two folders of a step in it."""
_HEX = frozenset("0123456789abcdef")
Message = TypeVar("Message")


@dataclass(frozen=True, kw_only=True)
class Blob:
    """One plain file by its path below a folder, its hash and size (bytes); `data` is its content where that is small."""

    path: str
    sha256: str
    size: int
    data: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One step for any host of a class: what to run, in which environment, and who has the files it needs.

    `identity` is what makes it one piece of work: whoever asks for the same gets the same answer. `recipe` is whole, so that
    a host builds what it lacks from `wheels`, by hash and without network. `beside` are the files beside the scenario, by
    their names; `saved` those of a saver's out/, None where nothing was saved. `holders` are the doors of who gives files. `base` is the file of what
    the image is built on: None before a host has asked for it, empty where the driver has none either.
    `unreached` are doors that the driver cannot go to: an answer whose files are there is none for it.
    """

    protocol: int
    guest: str
    identity: str
    key: str
    engine: str
    host_class: str
    mode: str
    label: str
    scenario: Scenario
    text: bytes
    beside: tuple[Blob, ...]
    place: Place
    route: str
    recipe: Recipe
    wheels: tuple[Blob, ...]
    saved: tuple[Blob, ...] | None
    holders: tuple[str, ...]
    timing: Timing | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    base: tuple[Blob, ...] | None = None
    unreached: tuple[str, ...] = ()


class HostRefusal(StrEnum):
    """Why a host gives no step."""

    NONE = ""
    UNLIKE = "unlike"
    """It is not the host for this parcel: another guest, class or engine."""
    UNABLE = "unable"
    """Its disk or its engine fails: it takes no work until that is mended."""
    UNBUILT = "unbuilt"
    """The environment could not be made, as it could not be here."""
    BASELESS = "baseless"
    """It lacks what the image is built on, and the driver has not said yet whether it sends it."""
    UNFED = "unfed"
    """Files that it needs did not come."""
    STOPPED = "stopped"
    """Nobody wanted the step any more."""


@dataclass(frozen=True, kw_only=True)
class HostAnswer:
    """What became of a parcel on one host: a step with its files, or why there is none.

    `address` is the host's as the fleet has it, `door` where the files that are not in it are pulled from.
    """

    host: str
    address: str
    door: str
    facts: Mapping[str, str]
    step: Step | None = None
    files: tuple[Blob, ...] = ()
    refusal: HostRefusal = HostRefusal.NONE
    why: str = ""


def inline(path: str, data: bytes) -> Blob:
    """A file that travels with its content."""
    return Blob(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data), data=data)


def packed(message: object) -> bytes:
    """A parcel or an answer as bytes."""
    return msgspec.msgpack.encode(message)


def unpacked(data: bytes, kind: type[Message], sender: str) -> Message:
    """What somebody sent; InfraError names the sender of what is none, too large, or nested too deep."""
    if len(data) > LARGEST:
        raise InfraError(f"{sender} sent {len(data):,} bytes, and at most {LARGEST:,} are read", "lab fleet doctor")
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InfraError(f"{sender} sent what is no {kind.__name__.lower()}: {error}", "lab fleet doctor") from error


def hostile(files: Sequence[Blob], most: int, rooms: Sequence[str] = ROOMS) -> str:
    """Why a list of files is refused, in words that follow its sender's name; empty where it may be laid out.

    `most` bytes may all of them have together; every path must lie in one of `rooms`, or anywhere where there are none.
    """
    if len(files) > MOST_FILES:
        return f"lists {len(files):,} files, and at most {MOST_FILES:,} are taken"
    seen: set[str] = set()
    folders: set[str] = set()
    for one in files:
        if why := _wrong(one, rooms):
            return why
        if one.path in seen:
            return f"lists {one.path[:200]!r} twice"
        seen.add(one.path)
        folders.update(str(parent) for parent in PurePosixPath(one.path).parents)
    if clash := sorted(seen & folders):
        return f"lists {clash[0][:200]!r} as a file and as a folder"
    total = sum(one.size for one in files)
    return f"lists {total:,} bytes, and at most {most:,} are taken" if total > most else ""


def _wrong(one: Blob, rooms: Sequence[str]) -> str:
    """What is wrong with one file of a list."""
    shown = repr(one.path[:200])
    parts = one.path.split("/")
    if not one.path or any(part in {"", ".", ".."} for part in parts) or "\0" in one.path:
        return f"lists the path {shown}, which leaves its folder"
    if len(one.path.encode("utf-8", "replace")) > LONGEST_PATH or len(parts) > DEEPEST:
        return f"lists the path {shown}, which is too long or too deep"
    if rooms and (parts[0] not in rooms or len(parts) == 1):
        return f"lists {shown}, which is in no folder of a step"
    if not is_hash(one.sha256):
        return f"lists {shown} with no hash of a file"
    if one.size < 0 or (one.data is not None and len(one.data) != one.size):
        return f"lists {shown} with a size that it has not"
    return ""


def is_hash(text: str) -> bool:
    """Whether a text is a sha256 as it is written here: it names a file in a depot."""
    return len(text) == 64 and set(text) <= _HEX  # noqa: PLR2004 - hexadecimal digits of a sha256
